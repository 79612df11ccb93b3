package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// factLines gives the values with their meanings, one each line where they have any.
func factLines(f *report.Fact) lines {
	if len(f.Values) == 0 {
		return lines{"none"}
	}
	if !f.Sentences && !slices.ContainsFunc(f.Meanings, func(meaning string) bool { return meaning != "" }) {
		return lines{strings.Join(f.Values, ", ")}
	}
	text := make(lines, len(f.Values))
	for i, value := range f.Values {
		text[i] = value
		if f.Meanings[i] != "" {
			text[i] += " — " + f.Meanings[i]
		}
	}
	return text
}

// showSheet prints the sheet in the format asked for.
func (a *app) showSheet(v *report.CodeSheet, page bool) error {
	if page {
		text, err := report.SheetHTML(v)
		if err != nil {
			return err
		}
		_, err = a.out.Write(text)
		return err
	}
	switch a.config.Format {
	case "markdown":
		return report.SheetMarkdown(a.out, v, report.SheetLinks{})
	case "json":
		return writeObject(a.out, sheetObject(v))
	case "csv":
		return keysAndValues(v).writeCSV(a.out)
	}
	return a.print(sheetDocument(v))
}

// keysAndValues has a row for each thing said of the code now.
func keysAndValues(v *report.CodeSheet) *table {
	t := factsTable(v.Facts)
	var steps []string
	for _, step := range v.Replacements {
		steps = append(steps, step.Target)
	}
	t.rows = append(t.rows, []any{"replacements", listOrNil(steps), nil}, []any{"replaces", listOrNil(v.Replaces), nil})
	return t
}

func factsTable(facts []report.Fact) *table {
	t := &table{columns: columnsNamed("key", "value", "meaning")}
	for _, f := range facts {
		if f.Sentences {
			t.rows = append(t.rows, []any{f.Name, nullable(f.Word), strings.Join(f.Values, "; ")})
			continue
		}
		var meanings []string
		if slices.ContainsFunc(f.Meanings, func(meaning string) bool { return meaning != "" }) {
			meanings = f.Meanings
		}
		t.rows = append(t.rows, []any{f.Name, listOrNil(f.Values), listOrNil(meanings)})
	}
	return t
}

func sheetDocument(v *report.CodeSheet) *document {
	d := &document{}
	d.heading(headingOf(v.Sheet))
	d.pairs(factPairs(v.Facts))
	describeReplacements(v, d)
	d.heading("Changes, release by release")
	if len(v.Comparisons) == 0 {
		d.paragraphf("None: every release from %s on has it unchanged.", v.First)
	} else {
		d.table(changesOfCode(v.Comparisons))
	}
	d.heading("Life")
	d.paragraph("What was true on which dates, and according to which releases; “to” is the first day, or the first release, that no longer says so.")
	d.table(lifeTable(v.History))
	d.heading("What the fields mean")
	d.pairs(definitionPairs(v.Facts))
	return d
}

func headingOf(sheet *load.Sheet) string {
	description := sheet.Record.Content[transform.ShortDescription]
	return strings.TrimSpace(sheet.Record.Code + "  " + cmp.Or(description, shorten(sheet.Record.Content[transform.LongDescription], 40)))
}

func factPairs(facts []report.Fact) []pair {
	pairs := make([]pair, len(facts))
	for i := range facts {
		pairs[i] = pair{facts[i].Title, factLines(&facts[i])}
	}
	return pairs
}

func definitionPairs(facts []report.Fact) []pair {
	var pairs []pair
	for _, f := range facts {
		if definition, ok := transform.DefinitionOf(f.Name); ok {
			pairs = append(pairs, pair{definition.Title, lines{definition.Definition}})
		}
	}
	return pairs
}

// describeReplacements says what replaced the code, step by step, and what it
// replaces.
func describeReplacements(v *report.CodeSheet, d *document) {
	if len(v.Replacements) > 0 {
		d.heading("Replaced by")
		t := &table{columns: []column{{title: "Step", right: true}, {title: "From"}, {title: "To"}, {title: "Which is"}}}
		for _, step := range v.Replacements {
			t.rows = append(t.rows, []any{step.Step, step.Via, step.Target, report.TargetWords(step.TargetStatus)})
		}
		d.table(t)
	}
	if len(v.Replaces) > 0 {
		d.heading("Replaces")
		d.paragraph(list(v.Replaces, "and"))
	}
}
