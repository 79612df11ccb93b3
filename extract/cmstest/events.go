package cmstest

import (
	"fmt"
	"strings"
	"time"
)

// event is something that befalls one code from one quarter to the next.
type event struct {
	// weight is the event's share among the ordinary ones, or where rate is set
	// nothing: then the rate is its share of all.
	weight float64
	rate   func(Rates) float64
	// subject tells which codes it can befall; nil for a code never listed.
	subject func(*Generator, *entry) bool
	// happen does it, and names what an honest CMS would declare; false when it
	// cannot.
	happen func(*edit) bool
}

// events are all that can befall a code. The ordinary ones are about as
// frequent as in the quarterly files since 2020.
var events = []event{
	addition:        {weight: 40, happen: (*edit).add},
	discontinuation: {weight: 20, subject: isLive, happen: (*edit).discontinue},

	{weight: 14, subject: isLive, happen: ordinary("C", (*edit).reword)},
	{weight: 3, subject: isLive, happen: ordinary("S", (*edit).rewordShort)},
	{weight: 10, subject: isPriced, happen: ordinary("P", (*edit).changePayment)},
	{weight: 4, subject: isLive, happen: ordinary("F", (*edit).changeCoverage)},
	{weight: 2, subject: isLive, happen: ordinary("B", (*edit).reword, (*edit).changeCoverage)},
	{weight: 2, subject: isPriced, happen: ordinary("T", (*edit).changeType)},

	{rate: func(r Rates) float64 { return r.Reuse / 2 }, subject: isListed, happen: (*edit).reuse},
	{rate: func(r Rates) float64 { return r.Reuse / 2 }, subject: isAbsent, happen: (*edit).reuse},
	{rate: func(r Rates) float64 { return r.Vanish }, subject: isLive, happen: (*edit).vanish},
	{rate: func(r Rates) float64 { return r.Return }, subject: isAbsent, happen: (*edit).comeBack},
	{rate: func(r Rates) float64 { return r.Reactivation }, subject: isEnded, happen: (*edit).reactivate},
	{rate: func(r Rates) float64 { return r.WithdrawnTermination }, subject: isTerminated, happen: (*edit).withdrawTermination},
	{rate: func(r Rates) float64 { return r.MovedTermination }, subject: isTerminated, happen: (*edit).moveTermination},
	{rate: func(r Rates) float64 { return r.MovedAddedDate }, subject: isLive, happen: (*edit).moveAddedDate},
	{rate: func(r Rates) float64 { return r.AddedDead }, happen: (*edit).addDead},
	{rate: func(r Rates) float64 { return r.ChangedDead }, subject: isEnded, happen: ordinary("F", (*edit).changeDead)},
	{rate: func(r Rates) float64 { return r.NewMeaning }, subject: isLive, happen: ordinary("C", (*edit).giveNewMeaning)},
	{rate: func(r Rates) float64 { return r.UnknownValue }, subject: isPriced, happen: ordinary("F", (*edit).setUnknownValue)},
	{rate: func(r Rates) float64 { return r.DateOnly }, subject: isListed, happen: (*edit).moveDateOnly},
	{rate: func(r Rates) float64 { return r.DeclaredOnly }, subject: isListed, happen: (*edit).declareOnly},
}

// The places of two of them.
const (
	addition = iota
	discontinuation
)

// eventWeights gives each event's share; they add up to 1.
func eventWeights(rates Rates) []float64 {
	shares := make([]float64, len(events))
	var special, ordinary float64
	for i, event := range events {
		if event.rate != nil {
			shares[i] = event.rate(rates)
			special += shares[i]
		} else {
			ordinary += event.weight
		}
	}
	for i, event := range events {
		if event.rate != nil {
			shares[i] /= max(special, 1)
		} else {
			shares[i] = event.weight / ordinary * max(0, 1-special)
		}
	}
	return shares
}

func (g *Generator) drawEvent() int {
	left := g.words.random.Float64()
	for i, share := range g.weights {
		if left -= share; left < 0 {
			return i
		}
	}
	return 0
}

// Which codes an event can befall.

func isListed(_ *Generator, e *entry) bool     { return e.listed }
func isAbsent(_ *Generator, e *entry) bool     { return !e.listed }
func isLive(_ *Generator, e *entry) bool       { return e.listed && e.record.TerminationDate == "" }
func isTerminated(_ *Generator, e *entry) bool { return e.listed && e.record.TerminationDate != "" }
func isPriced(g *Generator, e *entry) bool     { return isLive(g, e) && !e.record.IsModifier() }

// isEnded holds for codes whose last valid day lies before the quarter.
func isEnded(g *Generator, e *entry) bool {
	return isTerminated(g, e) && e.record.TerminationDate < g.firstDay.Format(time.DateOnly)
}

// ordinary makes an event of changes to the content.
func ordinary(letter string, changes ...func(*edit)) func(*edit) bool {
	return func(e *edit) bool {
		e.kind, e.letter, e.effective = Changed, letter, e.generator.effectiveDate()
		for _, change := range changes {
			change(e)
		}
		return true
	}
}

func (e *edit) add() bool {
	e.kind, e.whole, e.letter = Added, true, "A"
	e.effective = e.generator.effectiveDate()
	e.record.CodeAddedDate = e.effective
	if e.record.ASCPaymentGroup != "" {
		e.record.ASCPaymentGroupDate = e.effective
	}
	return true
}

func (e *edit) addDead() bool {
	random := e.generator.words.random
	e.kind, e.whole, e.letter = Added, true, "N"
	e.record.CodeAddedDate = date(e.generator.firstDay, -1200-random.IntN(2000))
	e.record.TerminationDate = date(e.generator.firstDay, -1-random.IntN(900))
	e.effective = shifted(e.record.TerminationDate, 1)
	return true
}

// discontinue sets the last valid day, the day before the action's date, and
// mostly says what takes the code's place.
func (e *edit) discontinue() bool {
	e.kind, e.letter, e.effective = Discontinued, "D", e.generator.effectiveDate()
	e.set("termination_date", shifted(e.effective, -1))
	if e.generator.words.chance(0.5) {
		e.set("cross_references", e.replacements())
	}
	e.set("asc_payment_group", "")
	e.set("asc_payment_group_date", "")
	return true
}

// replacements draws cross-references: mostly codes of the file, sometimes a
// five-digit code or the word CPT, one to four of them.
func (e *edit) replacements() string {
	random := e.generator.words.random
	var targets []string
	for range 1 + random.IntN(2)*random.IntN(4) {
		target := pick(random, e.generator.entries).record.Code
		switch {
		case e.generator.words.chance(0.05):
			target = "CPT"
		case e.generator.words.chance(0.1) || len(target) != 5:
			target = fmt.Sprintf("9%04d", random.IntN(10_000))
		}
		if target != e.record.Code {
			targets = append(targets, target)
		}
	}
	return strings.Join(targets, ";")
}

func (e *edit) reword() {
	w := e.generator.words
	e.set("long_description", w.reworded(e.record.LongDescription, e.entry.family))
	if w.chance(0.8) { // nearly every C also changes the short description (domain.md 2)
		e.rewordShort()
	}
}

func (e *edit) rewordShort() {
	e.set("short_description", e.generator.words.short(e.record.LongDescription))
}

func (e *edit) giveNewMeaning() {
	e.set("long_description", e.generator.words.another(e.record.LongDescription, e.entry.family))
	e.rewordShort()
}

func (e *edit) changePayment() {
	w := e.generator.words
	if e.record.IsModifier() {
		return
	}
	switch w.random.IntN(4) {
	case 0:
		if e.record.ASCPaymentGroup == "" {
			e.set("asc_payment_group", "YY")
			e.set("asc_payment_group_date", e.generator.firstDay.Format(time.DateOnly))
		} else {
			e.set("asc_payment_group", "")
			e.set("asc_payment_group_date", "")
		}
	case 1:
		e.set("anesthesia_base_units", pick(w.random, []string{"", "3", "5", "12"}))
	case 2:
		e.set("mog_payment_group", pick(w.random, []string{"", "102", "231", "400"}))
		if e.record.MOGPaymentGroup == "" {
			e.set("mog_payment_policy", "")
			e.set("mog_effective_date", "")
		} else {
			e.set("mog_payment_policy", pick(w.random, []string{"1", "2"}))
			e.set("mog_effective_date", e.generator.firstDay.Format(time.DateOnly))
		}
	default:
		price := pick(w.random, e.entry.family.prices)
		if w.chance(0.2) {
			price += ";" + pick(w.random, []string{"13", "51", "57"})
		}
		e.set("pricing_indicators", price)
		e.set("multiple_pricing_indicator", multiplePricing(price))
	}
}

func multiplePricing(prices string) string {
	if strings.HasPrefix(prices, "00") || strings.HasPrefix(prices, "99") {
		return "9"
	}
	return "A"
}

func (e *edit) changeCoverage() {
	w := e.generator.words
	switch w.random.IntN(6) {
	case 0:
		e.set("coverage_issues_manual_refs", pick(w.random, []string{"", "70-3", "70-3;65-91", "50-77"}))
	case 1:
		e.set("medicare_carriers_manual_refs", pick(w.random, []string{"", "2055", "2055;2113.4", "3001.7;2055;4180"}))
	case 2:
		e.set("statute", pick(w.random, []string{"", "1833(t)", "1861S2J", "1862A7"}))
	case 3:
		e.set("lab_certifications", pick(w.random, []string{"", "220", "310;320", "400"}))
	case 4:
		e.set("processing_note", pick(w.random, []string{"", "0007", "0041", "0000"}))
	default:
		e.set("coverage_code", pick(w.random, []string{"C", "D", "I", "M", "S"}))
	}
}

func (e *edit) changeType() {
	w := e.generator.words
	if w.chance(0.5) {
		e.set("betos", pick(w.random, []string{"D1A", "D1E", "O1E", "P6C", "Y2", "M5D"}))
		return
	}
	e.set("types_of_service", pick(w.random, []string{"1", "9", "P;R", "1;P", "A;P;R", "S"}))
}

// reuse gives the code a new meaning and a new added date, past the end of
// what it meant before, or in its midst.
func (e *edit) reuse() bool {
	g := e.generator
	e.letter, e.effective = "A", g.effectiveDate()
	if e.effective <= e.record.CodeAddedDate || e.effective <= e.record.TerminationDate {
		return false
	}
	e.kind, e.whole = Reused, !e.entry.listed
	family := e.entry.family
	if !e.record.IsModifier() {
		family = pick(g.words.random, familyPointers)
	}
	fresh := g.newRecord(e.record.Code, family, e.record.LongDescription)
	fresh.CodeAddedDate = e.effective
	for _, field := range fields {
		e.set(field.name, field.get(&fresh))
	}
	e.entry.family, e.entry.listed = family, true
	return true
}

func (e *edit) vanish() bool {
	e.leave(Vanished)
	return true
}

func (e *edit) comeBack() bool {
	e.kind, e.whole, e.effective = Reappeared, true, e.generator.effectiveDate()
	e.entry.listed = true
	e.letter, e.undated = "N", true
	if e.generator.words.chance(0.5) {
		e.letter, e.undated = "A", false
	}
	if e.generator.words.chance(0.4) {
		e.reword()
	}
	return true
}

func (e *edit) reactivate() bool {
	e.kind, e.letter, e.effective = Reactivated, "R", e.generator.effectiveDate()
	e.set("termination_date", "")
	if e.generator.words.chance(0.5) {
		e.set("cross_references", "")
	}
	return true
}

func (e *edit) withdrawTermination() bool {
	e.kind, e.letter, e.undated = Reactivated, "N", true
	if e.generator.words.chance(0.3) {
		e.letter, e.undated, e.effective = "F", false, e.generator.effectiveDate()
	}
	e.set("termination_date", "")
	return true
}

func (e *edit) moveTermination() bool {
	days := 1 + e.generator.words.random.IntN(180)
	if e.generator.words.chance(0.5) {
		days = -days
	}
	e.kind, e.letter = Changed, "D"
	e.set("termination_date", shifted(e.record.TerminationDate, days))
	e.effective = shifted(e.record.TerminationDate, 1)
	return true
}

// moveAddedDate moves the added date back, or a little ahead, the code staying
// what it is.
func (e *edit) moveAddedDate() bool {
	days := -20 - e.generator.words.random.IntN(200)
	if e.generator.words.chance(0.3) {
		days = 1 + e.generator.words.random.IntN(60)
	}
	e.kind, e.letter, e.undated = Changed, "N", true
	if e.generator.words.chance(0.3) {
		e.letter, e.undated, e.effective = "F", false, e.generator.effectiveDate()
	}
	e.set("code_added_date", shifted(e.record.CodeAddedDate, days))
	return true
}

func (e *edit) changeDead() {
	e.set("cross_references", e.replacements())
	e.set("asc_payment_group", "")
	e.set("asc_payment_group_date", "")
}

// unknownValues are values that none of CMS's code lists has.
var unknownValues = [][2]string{
	{"coverage_code", "X"}, {"pricing_indicators", "41"}, {"betos", "Q7Z"}, {"types_of_service", "1;7;H;#"},
	{"multiple_pricing_indicator", "Z"}, {"lab_certifications", "777"}, {"mog_payment_policy", "8"}, {"asc_payment_group", "ZZ"},
}

func (e *edit) setUnknownValue() {
	unknown := pick(e.generator.words.random, unknownValues)
	e.set(unknown[0], unknown[1])
}

// moveDateOnly moves the action effective date without a word, or blanks it.
func (e *edit) moveDateOnly() bool {
	old, moved := e.record.ActionEffectiveDate, e.generator.firstDay.Format(time.DateOnly)
	if old != "" && e.generator.words.chance(0.5) {
		moved = ""
	}
	e.kind, e.record.ActionEffectiveDate = DateOnly, moved
	e.changes = []Change{{Code: e.record.Code, Field: ActionEffectiveDate, Old: old, New: moved}}
	return moved != old
}

// declareOnly declares an action that nothing bears out.
func (e *edit) declareOnly() bool {
	e.kind, e.whole = DeclaredOnly, true
	e.record.ActionCode = pick(e.generator.words.random, []string{"C", "F", "P", "T", "S"})
	if e.generator.words.chance(0.6) {
		e.record.ActionEffectiveDate = e.generator.effectiveDate()
	}
	return true
}
