package cmstest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// Generate invents a history and holds all of it. For a hundred quarters of
// thousands of codes use a Generator, which holds one release at a time.
func Generate(options Options) History {
	var history History
	generator := NewGenerator(options)
	for next, changes, ok := generator.Next(); ok; next, changes, ok = generator.Next() {
		history.Releases = append(history.Releases, next)
		history.Changes = append(history.Changes, changes...)
	}
	return history
}

// Generator invents one release after the other.
type Generator struct {
	options Options
	words   words
	entries []*entry        // all codes ever listed, in CMS's order
	taken   map[string]bool // the names of codes that are used up

	id       release.ID // of the last release; zero before the first
	previous release.ID // of the one before it
	quarters int        // spanned so far
	changes  []Change   // made for the release at hand
	// firstDay is the first day of the quarter at hand.
	firstDay time.Time
	weights  []float64
}

// entry is what is known of one code: its record as last listed.
type entry struct {
	column  string // columns 1-5, by which CMS sorts
	record  Code
	family  *family
	listed  bool
	touched bool // in the release at hand
}

// NewGenerator prepares a history; nothing is drawn yet.
func NewGenerator(options Options) *Generator {
	options = options.withDefaults()
	g := &Generator{
		options: options,
		words:   words{rand.New(rand.NewPCG(options.Seed, 0x48435043))},
		taken:   map[string]bool{},
		weights: eventWeights(options.Rates),
	}
	for _, code := range options.Without {
		g.taken[code] = true
	}
	return g
}

// Next gives the next release and what was changed in it against the one
// before; false when the history is at its end. The release is the caller's.
func (g *Generator) Next() (Release, []Change, bool) {
	g.changes = nil
	g.previous = g.id
	for _, entry := range g.entries {
		entry.touched = false
	}
	switch {
	case g.quarters == 0:
		g.enter(g.options.First)
		g.baseline()
	case g.id.Revision < 4 && g.words.chance(g.options.Rates.Republish):
		g.id.Revision++
		g.revise()
	case g.quarters >= g.options.Quarters:
		return Release{}, nil, false
	default:
		quarter := g.id.Quarter.NextExpected()
		for g.quarters+1 < g.options.Quarters && g.words.chance(g.options.Rates.Gap) {
			quarter = quarter.NextExpected()
			g.quarters++
		}
		g.enter(quarter)
		g.advance()
	}
	return g.release(), g.changes, true
}

func (g *Generator) enter(quarter release.Quarter) {
	g.id = release.ID{Quarter: quarter, Revision: 1}
	g.firstDay = quarter.FirstDay()
	g.quarters++
}

// release takes a copy of what is listed. Lists of values are shared with
// other releases; nothing ever alters one in place.
func (g *Generator) release() Release {
	next := Release{ID: g.id, PublishedAt: publishedAt(g.id), Codes: make([]Code, 0, len(g.entries))}
	for _, entry := range g.entries {
		if entry.listed {
			next.Codes = append(next.Codes, entry.record)
		}
	}
	return next
}

// publishedAt puts a release three weeks ahead of its quarter, and each
// revision nine days after the one before.
func publishedAt(id release.ID) time.Time {
	return id.Quarter.FirstDay().AddDate(0, 0, -21+9*(id.Revision-1)).Add(14*time.Hour + 30*time.Minute)
}

// advance makes the changes of one quarter.
func (g *Generator) advance() {
	for _, entry := range g.entries {
		entry.record.ActionCode = "N" // what was declared a release ago is declared no more
	}
	g.ageOff()
	crowded := g.options.Steady && g.listed() > g.options.Codes
	for range g.options.ChangesPerQuarter {
		for range 8 { // an event without a fit code gives way to another
			drawn := g.drawEvent()
			if crowded && drawn == addition && g.words.chance(0.5) {
				drawn = discontinuation
			}
			if g.happen(events[drawn]) {
				break
			}
		}
	}
	g.sort()
}

// listed counts the codes that are listed.
func (g *Generator) listed() int {
	count := 0
	for _, entry := range g.entries {
		if entry.listed {
			count++
		}
	}
	return count
}

// happen lets one event befall a code that is fit for it; false when there is
// none.
func (g *Generator) happen(event event) bool {
	var subject *entry
	if event.subject == nil {
		subject = g.newEntry()
	} else if subject = g.find(event.subject); subject == nil {
		return false
	}
	edit := &edit{generator: g, entry: subject, record: subject.record}
	if !event.happen(edit) || !edit.whole && len(edit.changes) == 0 {
		return false
	}
	edit.declare()
	if event.subject == nil {
		g.entries = append(g.entries, subject)
	}
	edit.commit()
	return true
}

// find draws an untouched code that is fit; nil when there is none.
func (g *Generator) find(fit func(*Generator, *entry) bool) *entry {
	if len(g.entries) == 0 {
		return nil
	}
	for range 30 {
		if entry := pick(g.words.random, g.entries); !entry.touched && fit(g, entry) {
			return entry
		}
	}
	start := g.words.random.IntN(len(g.entries))
	for i := range g.entries {
		if entry := g.entries[(start+i)%len(g.entries)]; !entry.touched && fit(g, entry) {
			return entry
		}
	}
	return nil
}

// ageOff drops codes terminated four years ago or before.
func (g *Generator) ageOff() {
	limit := g.firstDay.AddDate(-4, 0, 0).Format(time.DateOnly)
	for _, entry := range g.entries {
		ended := entry.record.TerminationDate
		if entry.listed && ended != "" && ended < limit && g.words.chance(g.options.Rates.AgedOff) {
			edit := &edit{generator: g, entry: entry, record: entry.record}
			edit.leave(AgedOff)
			edit.commit()
		}
	}
}

// revise makes the changes of a new revision: content of one to three codes,
// and no action code or date.
func (g *Generator) revise() {
	for range 1 + g.words.random.IntN(3) {
		subject := g.find(isLive)
		if subject == nil {
			return
		}
		edit := &edit{generator: g, entry: subject, record: subject.record, kind: Changed}
		if g.words.chance(0.7) {
			edit.reword()
		} else {
			edit.changeCoverage()
		}
		edit.commit()
	}
}

// edit is what is done to one code in one release. Every value set through it
// is written down as a change, which is what the list of changes consists of.
type edit struct {
	generator *Generator
	entry     *entry
	record    Code
	kind      string
	// whole marks a record that came, went or was kept, as one change without
	// fields.
	whole   bool
	changes []Change

	// letter and effective are what an honest CMS would declare.
	letter, effective string
	// undated keeps the record's own action effective date.
	undated bool
}

// set gives a field a new value, repeated values joined with ";".
func (e *edit) set(name, value string) {
	field := fieldNamed(name)
	old := field.get(&e.record)
	if old == value {
		return
	}
	field.set(&e.record, value)
	for i := range e.changes {
		if e.changes[i].Field == name { // set twice: what counts is the release before
			e.changes[i].New = value
			if e.changes[i].Old == value {
				e.changes = slices.Delete(e.changes, i, i+1)
			}
			return
		}
	}
	e.changes = append(e.changes, Change{Code: e.record.Code, Field: name, Old: old, New: value})
}

// leave takes the code out of the release.
func (e *edit) leave(kind string) {
	e.kind, e.whole = kind, true
	e.entry.listed = false
}

// commit makes the edit part of the release at hand.
func (e *edit) commit() {
	if e.whole {
		e.changes = []Change{{Code: e.record.Code}}
	}
	if len(e.changes) == 0 {
		return
	}
	slices.SortFunc(e.changes, func(a, b Change) int { return layoutOrder[a.Field] - layoutOrder[b.Field] })
	e.entry.record = e.record
	e.entry.touched = true
	for _, change := range e.changes {
		change.Release, change.PreviousRelease, change.Kind = e.generator.id, e.generator.previous, e.kind
		e.generator.changes = append(e.generator.changes, change)
	}
}

// declare sets the action code and its date as CMS would, or as it would not.
func (e *edit) declare() {
	if e.kind == Vanished || e.kind == DateOnly || e.kind == DeclaredOnly {
		return
	}
	w, rates := e.generator.words, e.generator.options.Rates
	came := e.kind == Added || e.kind == Reused || e.kind == Reappeared
	if w.chance(rates.Understated) && e.kind == Changed {
		if e.letter == "P" {
			e.changeCoverage()
		} else {
			e.changePayment()
		}
	}
	if w.chance(rates.SilentN) && !came {
		e.letter, e.undated = "N", true
	} else if w.chance(rates.Contradicted) && e.kind == Changed {
		e.letter = pick(w.random, []string{"C", "S", "P", "F", "T"})
	}
	e.record.ActionCode = e.letter
	if !e.undated && (came || !w.chance(rates.StaleDate)) {
		e.record.ActionEffectiveDate = e.effective
	}
	if w.chance(rates.BlankDate) {
		e.record.ActionEffectiveDate = ""
	}
}

func (g *Generator) sort() {
	slices.SortFunc(g.entries, func(a, b *entry) int { return strings.Compare(a.column, b.column) })
}

// date gives the date some days after one given, or before where negative.
func date(from time.Time, days int) string { return from.AddDate(0, 0, days).Format(time.DateOnly) }

// shifted gives the date some days after a date given as text.
func shifted(from string, days int) string {
	day, err := time.Parse(time.DateOnly, from)
	must(err)
	return date(day, days)
}

// effectiveDate draws the date from which a change holds: the quarter's first
// day, unless it is to be retroactive or still to come.
func (g *Generator) effectiveDate() string {
	switch {
	case g.words.chance(g.options.Rates.Retroactive):
		return date(g.firstDay, -1-g.words.random.IntN(150))
	case g.words.chance(g.options.Rates.Future):
		quarter := g.id.Quarter.Next()
		if g.words.chance(0.3) {
			quarter = quarter.Next()
		}
		return quarter.FirstDay().Format(time.DateOnly)
	}
	return g.firstDay.Format(time.DateOnly)
}

// newEntry makes up a code that was never listed, with a record added on the
// quarter's first day.
func (g *Generator) newEntry() *entry {
	code, family := g.newCode(g.words.chance(0.05))
	fresh := &entry{family: family, listed: true}
	fresh.record = g.newRecord(code, family, "")
	fresh.column = fresh.record.column()
	return fresh
}

// newCode makes up the name of a code that is not taken.
func (g *Generator) newCode(modifier bool) (string, *family) {
	const letters, either = "ABCDEFGHJKLMNPQRSTUVWXYZ", "ABCDEFGHJKLMNPQRSTUVWXYZ123456789"
	for try := 0; ; try++ {
		code, of := "", &modifierFamily
		if modifier && try < 200 {
			code = string(letters[g.words.random.IntN(len(letters))]) + string(either[g.words.random.IntN(len(either))])
		} else {
			of = &families[g.words.random.IntN(len(families))]
			code = fmt.Sprintf("%c%04d", of.letter, g.words.random.IntN(10_000))
		}
		if !g.taken[code] {
			g.taken[code] = true
			return code, of
		}
	}
}
