package report

import (
	"slices"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// The columns that several tables have.
var (
	releaseColumn  = Column{Title: "Release"}
	codeColumn     = Column{Title: "Code", Kind: CodeCell}
	describeColumn = Column{Title: "Description", SubTitle: "Short description"}
	shortColumn    = Column{Title: "Short description"}
	fromColumn     = Column{Title: "From", SubTitle: "Timing", Kind: DateCell}
)

// table makes a table of entries, a row each. In a report on several releases
// it says of which one each row is.
func (m *material) table(title, sheet string, entries []*entry, columns []Column, cells func(*entry) []Cell) Table {
	t := Table{Title: title, Sheet: sheet, Columns: columns}
	if m.several() {
		t.Columns = slices.Insert(slices.Clone(columns), 0, releaseColumn)
	}
	for _, e := range entries {
		row := Row{Code: e.Code, Cells: cells(e), release: e.release.ID}
		if m.several() {
			row.Cells = slices.Concat([]Cell{textCell(e.release.ID.String())}, row.Cells)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// codeCell gives the cell with the code of an entry.
func (e *entry) codeCell() Cell { return codeCell(e.Code) }

// description gives the long description over the short one.
func (e *entry) description() Cell { return textOver(e.long(), e.short()) }

// effective gives the effective date over how far it reaches back or lies ahead.
func (e *entry) effective() Cell { return dateCell(e.Effective, e.timing()) }

// instead gives what to bill in place of a code that ended, by the last word of the
// report: a later release can name another code, or end the one that was named.
// Where by that the code has no end, or another life, it is as the change says.
func (m *material) instead(e *entry) Cell {
	if e.lastDay() == transform.NoDate {
		return inlineCell(nil)
	}
	last := m.lastWord(e)
	if last.Life != e.Life || last.lastDay() == transform.NoDate {
		last = e
	}
	return m.insteadOf(last.after, m.latest().ID)
}

// insteadOf gives what to bill in place of the code of a record, as known at a
// release.
func (m *material) insteadOf(record *transform.Record, id release.ID) Cell {
	named := m.replacement(record.Code, record.Content.Values(transform.CrossReferences), id)
	if named == nil {
		named = []Inline{{Text: "none named"}}
	}
	return inlineCell(named)
}

// summaryOf sums up a table's rows by family and, where the report is about
// several, by release; rows that are about dates and no codes, by year.
func (m *material) summaryOf(t *Table) *Table {
	if t.Columns[0].Kind == DateCell && t.Rows[0].Code == "" {
		return summaryByYear(t)
	}
	summary := &Table{Compact: true}
	if m.several() && t.Columns[0].Title == releaseColumn.Title {
		counts := map[string]int{}
		for i := range t.Rows {
			counts[t.Rows[i].Cells[0].Text]++
		}
		summary.Columns = []Column{releaseColumn, {Title: "Rows", Kind: NumberCell}}
		for _, r := range slices.Backward(m.releases) {
			if name := r.ID.String(); counts[name] > 0 {
				summary.Rows = append(summary.Rows, Row{Cells: []Cell{textCell(name), numberCell(counts[name])}})
			}
		}
		summary.Shown = len(summary.Rows)
		return summary
	}
	counts := map[string]int{}
	for i := range t.Rows {
		counts[familyOf(t.Rows[i].Code)]++
	}
	summary.Columns = []Column{{Title: "Codes"}, {Title: "Rows", Kind: NumberCell}}
	for _, family := range families(counts) {
		summary.Rows = append(summary.Rows, Row{Cells: []Cell{textOver(familyTitle(family), familyMeaning(family)), numberCell(counts[family])}})
	}
	summary.Columns[0].SubTitle = "What they are for"
	summary.Shown = len(summary.Rows)
	return summary
}

// summaryByYear adds up the numbers of rows that begin with a date, in the order
// in which the years come.
func summaryByYear(t *Table) *Table {
	summary := &Table{Compact: true, Columns: []Column{{Title: "Year"}}}
	var numbers []int // columns
	for i, column := range t.Columns {
		if column.Kind == NumberCell {
			numbers = append(numbers, i)
			summary.Columns = append(summary.Columns, column)
		}
	}
	rows := map[string]*Row{}
	var years []string
	for i := range t.Rows {
		cells := t.Rows[i].Cells
		year := "no date"
		if date := cells[0].Date; date != transform.NoDate {
			year = date.String()[:len("2006")]
		}
		row := rows[year]
		if row == nil {
			row = &Row{Cells: make([]Cell, 1+len(numbers))}
			row.Cells[0] = textCell(year)
			for j := range numbers {
				row.Cells[1+j] = numberCell(0)
			}
			rows[year] = row
			years = append(years, year)
		}
		for j, column := range numbers {
			row.Cells[1+j].Number += cells[column].Number
		}
	}
	for _, year := range years {
		summary.Rows = append(summary.Rows, *rows[year])
	}
	summary.Shown = len(summary.Rows)
	return summary
}

// families sorts the families that have a number: letters, then modifiers.
func families[V any](of map[string]V) []string {
	names := make([]string, 0, len(of))
	for family := range of {
		names = append(names, family)
	}
	slices.Sort(names) // letters are capitals, and sort before the word
	return names
}

func familyTitle(family string) string {
	if family == modifiers {
		return "Modifiers"
	}
	return family + " codes"
}

// ownFirst puts the reader's own codes first, and keeps the order otherwise.
func ownFirst(entries []*entry) []*entry {
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b *entry) int {
		switch {
		case a.own == b.own:
			return 0
		case a.own:
			return -1
		}
		return 1
	})
	return sorted
}
