package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// sheetView is a code's sheet, ready to be printed in any format.
type sheetView struct {
	sheet *load.Sheet
	// facts in the order of a printed code sheet: what stands there always, then
	// the other fields that are not empty.
	facts []fact
	// lastChanged is the release in which the record last changed, the zero ID
	// where it never did.
	lastChanged release.ID
}

// fact is one line of a sheet.
type fact struct {
	name   string // column name
	title  string
	values []string
	// meanings are those of the values, one each; "" where there is none.
	meanings []string
	// sentences tells that the values are sentences for people, each on a line of
	// its own; word is what programs get.
	sentences bool
	word      string
}

func newSheetView(sheet *load.Sheet) *sheetView {
	v := &sheetView{sheet: sheet, lastChanged: lastChanged(sheet)}
	record := &sheet.Record
	changed := fact{name: "last_changed", title: "Last changed", values: []string{"not since " + sheet.First.String()}, meanings: []string{""}}
	if v.lastChanged != (release.ID{}) {
		changed.values[0] = v.lastChanged.String()
	}
	v.facts = append(v.facts,
		codeFact(record.Code),
		plainFact("kind", string(record.Kind)),
		fieldFact(&record.Content, transform.LongDescription),
		fieldFact(&record.Content, transform.ShortDescription),
		statusFact(sheet.Status, statusWords(sheet)),
		fieldFact(&record.Content, transform.CoverageCode),
		fieldFact(&record.Content, transform.CodeAddedDate),
		plainFact("action_effective_date", record.ActionEffectiveDate),
		decodedFact("action_code", record.ActionCode, "action_codes"),
		fieldFact(&record.Content, transform.TerminationDate),
		plainFact("last_update", fmt.Sprintf("%d, release %s", sheet.Last.Quarter.Year, sheet.Last)),
		changed,
		plainFact("first_release", sheet.First.String()),
		plainFact("life", decimal(sheet.Life)),
	)
	v.facts = append(v.facts, otherFields(&record.Content)...)
	if sheet.ProcessingNoteText != "" {
		v.facts = append(v.facts, plainFact("processing_note_text", sheet.ProcessingNoteText))
	}
	if sheet.NOCList != "" {
		v.facts = append(v.facts, plainFact("noc_list", sheet.NOCList))
	}
	return v
}

// alwaysShown are the fields that stand on a sheet even when they are empty.
var alwaysShown = map[transform.Field]bool{
	transform.LongDescription: true, transform.ShortDescription: true, transform.CoverageCode: true,
	transform.CodeAddedDate: true, transform.TerminationDate: true,
}

// otherFields gives the fields that are not always shown and not empty.
func otherFields(content *transform.Content) []fact {
	var facts []fact
	for i := range transform.Layout {
		field := transform.Layout[i].Field
		if !alwaysShown[field] && content[field] != "" {
			facts = append(facts, fieldFact(content, field))
		}
	}
	return facts
}

func plainFact(name, value string) fact {
	f := fact{name: name, title: fieldTitle(name)}
	if value != "" {
		f.values, f.meanings = []string{value}, []string{""}
	}
	return f
}

// statusFact says a status in words, and in one word for programs.
func statusFact(word string, sentences ...string) fact {
	return fact{
		name: "status", title: fieldTitle("status"), values: sentences, meanings: make([]string, len(sentences)), sentences: true, word: word,
	}
}

// codeFact gives the code, and the family it belongs to.
func codeFact(code string) fact {
	family := code[:1]
	if transform.KindOf(code) == transform.Modifier {
		family = string(transform.Modifier)
	}
	f := plainFact("code", code)
	if meaning, ok := transform.Decode("code_families", family); ok {
		f.meanings[0] = meaning.Meaning
	}
	return f
}

func decodedFact(name, value, codes string) fact {
	f := plainFact(name, value)
	if meaning, ok := transform.Decode(codes, value); ok && value != "" {
		f.meanings[0] = meaningWords(&meaning)
	}
	return f
}

// fieldFact gives a field of a record, each of its values with its meaning.
func fieldFact(content *transform.Content, field transform.Field) fact {
	f := fact{name: field.String(), title: transform.Layout[field].Title, values: content.Values(field)}
	codes, decoded := transform.ListOf(field)
	for _, value := range f.values {
		text := ""
		if decoded {
			text = "not in CMS's code list"
			if meaning, ok := codes.Lookup(value); ok {
				text = meaningWords(&meaning)
			}
		}
		f.meanings = append(f.meanings, text)
	}
	return f
}

func meaningWords(value *transform.CodeValue) string {
	words := value.Meaning
	if value.Group != "" {
		words = value.Group + ": " + words
	}
	if value.Note != "" {
		words += ". " + strings.TrimSuffix(value.Note, ".")
	}
	return words
}

// lines gives the values with their meanings, one each line where they have any.
func (f *fact) lines() lines {
	if len(f.values) == 0 {
		return lines{"none"}
	}
	if !f.sentences && !slices.ContainsFunc(f.meanings, func(meaning string) bool { return meaning != "" }) {
		return lines{strings.Join(f.values, ", ")}
	}
	text := make(lines, len(f.values))
	for i, value := range f.values {
		text[i] = value
		if f.meanings[i] != "" {
			text[i] += " — " + f.meanings[i]
		}
	}
	return text
}

// lastChanged is the release in which the record last changed: coming and going
// do not count, nor does an action that changed nothing.
func lastChanged(sheet *load.Sheet) release.ID {
	for _, comparison := range slices.Backward(sheet.Comparisons) {
		switch change := comparison.Changes[0]; change.What {
		case transform.DeclaredOnly, transform.DateOnly, transform.Vanished, transform.AgedOff:
		case transform.Reappeared:
			if change.Observed != "" {
				return comparison.Release.ID
			}
		default:
			return comparison.Release.ID
		}
	}
	return release.ID{}
}

// statusWords says where the code stands: on the first day of the latest
// release's quarter, as known now.
func statusWords(sheet *load.Sheet) string {
	terminated := sheet.Record.Content.Date(transform.TerminationDate)
	ended := ""
	if terminated != transform.NoDate {
		ended = fmt.Sprintf("Terminated since %s; its last valid day was %s", terminated+1, terminated)
	}
	absent := ""
	if sheet.Last != sheet.Latest {
		absent = fmt.Sprintf("CMS's file leaves it out since %s", absentSince(sheet.Comparisons))
	}
	switch sheet.Status {
	case "active":
		if terminated != transform.NoDate {
			return fmt.Sprintf("Actual until %s, its last valid day", terminated)
		}
		return "Actual"
	case "future":
		return fmt.Sprintf("Future: valid from %s", sheet.Record.Content[transform.CodeAddedDate])
	case "terminated":
		if absent != "" {
			return ended + "; " + absent
		}
		return ended
	case "unlisted":
		return "Unlisted: " + absent + ", and no release ended it"
	}
	return sheet.Status
}

// absentSince is the quarter of the release that left the code out.
func absentSince(comparisons []load.Comparison) string {
	for _, comparison := range slices.Backward(comparisons) {
		if what := comparison.Changes[0].What; what == transform.Vanished || what == transform.AgedOff {
			return comparison.Release.ID.Quarter.String()
		}
	}
	return "some release"
}

// showSheet prints the sheet in the format asked for.
func (a *app) showSheet(v *sheetView) error {
	switch a.config.Format {
	case "json":
		return writeObject(a.out, v.object())
	case "csv":
		return v.keysAndValues().writeCSV(a.out)
	}
	return a.print(v.document())
}

// keysAndValues has a row for each thing said of the code now.
func (v *sheetView) keysAndValues() *table {
	t := factsTable(v.facts)
	var steps []string
	for _, step := range v.sheet.Replacements {
		steps = append(steps, step.Target)
	}
	t.rows = append(t.rows, []any{"replacements", listOrNil(steps), nil}, []any{"replaces", listOrNil(v.sheet.Replaces), nil})
	return t
}

func factsTable(facts []fact) *table {
	t := &table{columns: columnsNamed("key", "value", "meaning")}
	for _, f := range facts {
		if f.sentences {
			t.rows = append(t.rows, []any{f.name, nullable(f.word), strings.Join(f.values, "; ")})
			continue
		}
		var meanings []string
		if slices.ContainsFunc(f.meanings, func(meaning string) bool { return meaning != "" }) {
			meanings = f.meanings
		}
		t.rows = append(t.rows, []any{f.name, listOrNil(f.values), listOrNil(meanings)})
	}
	return t
}

func (v *sheetView) document() *document {
	d := &document{}
	d.heading(headingOf(v.sheet))
	d.pairs(factPairs(v.facts))
	v.describeReplacements(d)
	d.heading("Changes, release by release")
	if len(v.sheet.Comparisons) == 0 {
		d.paragraphf("None: every release from %s on has it unchanged.", v.sheet.First)
	} else {
		d.table(changesOfCode(v.sheet.Comparisons))
	}
	d.heading("Life")
	d.paragraph("What was true on which dates, and according to which releases; “to” is the first day, or the first release, that no longer says so.")
	d.table(lifeTable(v.sheet.History))
	d.heading("What the fields mean")
	d.pairs(definitionPairs(v.facts))
	return d
}

func headingOf(sheet *load.Sheet) string {
	description := sheet.Record.Content[transform.ShortDescription]
	return strings.TrimSpace(sheet.Record.Code + "  " + cmp.Or(description, shorten(sheet.Record.Content[transform.LongDescription], 40)))
}

func factPairs(facts []fact) []pair {
	pairs := make([]pair, len(facts))
	for i := range facts {
		pairs[i] = pair{facts[i].title, facts[i].lines()}
	}
	return pairs
}

func definitionPairs(facts []fact) []pair {
	var pairs []pair
	for _, f := range facts {
		if definition, ok := transform.DefinitionOf(f.name); ok {
			pairs = append(pairs, pair{definition.Title, lines{definition.Definition}})
		}
	}
	return pairs
}

// describeReplacements says what replaced the code, step by step, and what it
// replaces.
func (v *sheetView) describeReplacements(d *document) {
	if len(v.sheet.Replacements) > 0 {
		d.heading("Replaced by")
		t := &table{columns: []column{{title: "Step", right: true}, {title: "From"}, {title: "To"}, {title: "Which is"}}}
		for _, step := range v.sheet.Replacements {
			t.rows = append(t.rows, []any{step.Step, step.Via, step.Target, targetWords(step.TargetStatus)})
		}
		d.table(t)
	}
	if len(v.sheet.Replaces) > 0 {
		d.heading("Replaces")
		d.paragraph(list(v.sheet.Replaces, "and"))
	}
}

// targetWords says where the target of a cross-reference stands (view crosswalk).
func targetWords(status string) string {
	switch status {
	case "cpt":
		return "a CPT code, which is not in these files"
	case "literal":
		return "CPT in general: CMS names no code"
	case "cycle":
		return "on the way already: the references go round"
	case "unknown":
		return "in no release in hand"
	}
	return status
}
