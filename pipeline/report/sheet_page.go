package report

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// sheetTemplates make the page of a code's sheet, with the cells and the style of
// the report. Values are escaped by html/template; only the style sheets, files
// of ours, are taken as they stand.
var sheetTemplates = template.Must(template.Must(pageTemplates.Clone()).Funcs(template.FuncMap{
	"sheetStyle": func() template.CSS { return template.CSS(readTemplate("sheet.css")) },
	"bare":       func(value any) withReport { return withReport{&Report{}, value} },
	"bareCell":   func(c Cell) template.HTML { return cellHTML(&Report{}, &c) },
	"meaning":    func(f Fact, i int) string { return clean(f.Meanings[i]) },
	"clean":      clean,
}).ParseFS(templateFiles, "templates/sheet.gohtml"))

// sheetPage is what the page of a sheet shows. Its text is free of control and
// direction characters.
type sheetPage struct {
	Code, Kicker, Title string
	// Lead is the long description; Status says where the code stands.
	Lead, Status string
	Facts        []sheetFact
	// Empty names the fields that have no value.
	Empty string
	// Replacements are the steps to what replaced it; Replaces names what it
	// replaced, each a code.
	Replacements Table
	Replaces     []Inline
	Life         lifePictures
	Stretches    Table
	Changes      []sheetChange
	First        string
}

// sheetFact is a field with its definition.
type sheetFact struct {
	Fact
	Definition, Source string
}

// sheetChange is what one release said of the code.
type sheetChange struct {
	Release, Title string
	// Notes say when, as CMS declares it, and whether that agrees.
	Notes  []string
	Fields []changedField
	// Baseline tells of the first release in hand.
	Baseline bool
}

// changedField is a field before and after: word by word for running text.
type changedField struct {
	Title       string
	Typographic bool
	Cell        Cell
}

// SheetHTML writes the sheet as one page that needs nothing else.
func SheetHTML(s *CodeSheet) ([]byte, error) {
	var page bytes.Buffer
	if err := sheetTemplates.ExecuteTemplate(&page, "sheet.gohtml", newSheetPage(s)); err != nil {
		return nil, fmt.Errorf("writing the page of %s: %w", s.Record.Code, err)
	}
	return page.Bytes(), nil
}

func newSheetPage(s *CodeSheet) *sheetPage {
	record := &s.Record
	p := &sheetPage{
		Code:   clean(record.Code),
		Kicker: fmt.Sprintf("HCPCS Level II %s, as known at %s", record.Kind, releaseTitle(s.Latest)),
		Title:  clean(cmp.Or(record.Content[transform.ShortDescription], "without a short description")),
		Lead:   clean(record.Content[transform.LongDescription]), Status: sentence(clean(StatusWords(s.Sheet))),
		First: releaseTitle(s.First),
	}
	shown := map[string]bool{}
	for _, fact := range s.Facts {
		shown[fact.Name] = true
		f := sheetFact{Fact: fact}
		if definition, ok := transform.DefinitionOf(fact.Name); ok {
			f.Definition, f.Source = definition.Definition, definition.Source
		}
		p.Facts = append(p.Facts, f)
	}
	var empty []string
	for i := range transform.Layout {
		if info := &transform.Layout[i]; !shown[info.Name] {
			empty = append(empty, lowerFirst(info.Title))
		}
	}
	p.Empty = listing(empty)
	p.Replacements = Table{Title: "What replaced the code, step by step", Columns: []Column{{Title: "Code", Kind: CodeCell}, {Title: "Step", Kind: NumberCell}, {Title: "Replaces", Kind: CodeCell}, {Title: "Which is"}}}
	for _, step := range s.Replacements {
		p.Replacements.Rows = append(p.Replacements.Rows, Row{Cells: []Cell{codeCell(step.Target), numberCell(step.Step), codeCell(step.Via), textCell(TargetWords(step.TargetStatus))}})
	}
	p.Replacements.Shown = len(p.Replacements.Rows)
	for i, code := range s.Replaces {
		if i > 0 {
			p.Replaces = append(p.Replaces, Inline{Text: ", "})
		}
		p.Replaces = append(p.Replaces, Inline{Code: clean(code)})
	}
	p.Life, p.Stretches = newLife(s)
	for i := range s.Comparisons {
		p.Changes = append(p.Changes, s.change(&s.Comparisons[i]))
	}
	return p
}

func (s *CodeSheet) change(comparison *load.Comparison) sheetChange {
	change := comparison.Changes[0]
	c := sheetChange{Release: releaseTitle(comparison.Release.ID), Title: changeWords[change.What], Baseline: comparison.Previous == release.ID{}}
	if change.Effective != transform.NoDate {
		c.Notes = append(c.Notes, strings.TrimSpace("Effective "+change.Effective.String()+" "+inBrackets(timingWords(change.Timing, change.TimingDays))))
	}
	if change.ActionCode != "" {
		c.Notes = append(c.Notes, "CMS says: "+clean(actionWords(change.ActionCode)))
	}
	if meaning := transform.MeaningOf("agreement", change.Agreement); meaning != "" && !c.Baseline {
		c.Notes = append(c.Notes, meaning)
	}
	fields := change.Fields
	if change.What == transform.Reused && len(fields) == 0 {
		fields = s.againstLifeBefore(comparison.Release.ID, change.Life)
	}
	for i := range fields {
		c.Fields = append(c.Fields, newChangedField(&fields[i]))
	}
	if change.What == transform.Reused {
		c.Notes = append(c.Notes, fmt.Sprintf("A new meaning: the code's life %d", change.Life))
	}
	return c
}

// againstLifeBefore compares the record with which a life begins, in a release,
// with the last one of the life before: the release before did not have it.
func (s *CodeSheet) againstLifeBefore(id release.ID, life int) []transform.FieldChange {
	var before, after *transform.Content
	for i := range s.History {
		switch r := &s.History[i]; {
		case r.Life == life-1 && r.KnownFrom.Compare(id) < 0:
			before = r.Content
		case r.Life == life && r.KnownFrom == id && after == nil:
			after = r.Content
		}
	}
	if before == nil || after == nil {
		return nil
	}
	return transform.Compare(before, after).Fields
}

func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return "(" + text + ")"
}

func newChangedField(f *transform.FieldChange) changedField {
	c := changedField{Title: transform.TitleOf(f.Field), Typographic: f.Typographic}
	field, known := transform.FieldNamed(f.Field)
	if known && !f.Typographic && (field == transform.LongDescription || field == transform.ShortDescription) {
		c.Cell = diffCell(newDiff(f.Old, f.New))
		return c
	}
	line := FieldLine{Old: clean(f.Old), New: clean(f.New)}
	if known {
		line.OldMeaning, line.NewMeaning = clean(meaningOf(field, f.Old)), clean(meaningOf(field, f.New))
	}
	c.Cell = fieldsCell([]FieldLine{line})
	return c
}
