package transform

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The companions of a release are the files that stand beside its main file
// (domain.md, "A release"): the transaction report, the corrections, the codes
// for what is not otherwise classified, and the processing notes. Each has its
// parser in a file of its own; this one holds what they share.

// companionColumn is a column of a companion workbook, by the headers that it
// has had over the years.
type companionColumn struct {
	headers  []string // compared as headerKey does, the first one stands for all in errors
	optional bool
}

// companionHeadersOfCode are the headers of the column of codes, in all
// companions.
var companionHeadersOfCode = []string{"HCPCS/Modifier Code", "HCPCS/MOD", "HCPC/MOD", "HCPCS", "HCPC", "CODE", "HCPCS CODE"}

// companionRow is a row below the header row of a companion workbook.
type companionRow struct {
	file    string
	sheet   string
	number  int
	headers []string
	cells   []string
	columns []int // the column of each companionColumn, -1 where there is none
}

// readCompanion calls row for each row with text below the header row of each
// sheet that has one. An error means that the workbook cannot be opened, or
// that no sheet has the columns that are not optional; what says in it what was
// looked for.
func readCompanion(name, what string, data []byte, limits WorkbookLimits, columns []companionColumn, row func(companionRow)) error {
	book, err := openWorkbook(data, limits)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	found := false
	for _, sheet := range book.sheets {
		has, err := readCompanionSheet(name, book, sheet, columns, row)
		if err != nil {
			return fmt.Errorf("reading %s, sheet %q: %w", name, sheet.name, err)
		}
		found = found || has
	}
	if !found {
		return fmt.Errorf("reading %s: it holds no %s: no sheet has a header row with the columns %s in its first %d rows",
			name, what, requiredHeaders(columns), headerRows)
	}
	return nil
}

// readCompanionSheet tells whether the sheet has the header row. It stands in
// row 1, 4, 5, 10 or 11 of the files known so far.
func readCompanionSheet(name string, book *workbook, sheet workbookSheet, columns []companionColumn, row func(companionRow)) (bool, error) {
	at := companionRow{file: name, sheet: sheet.name}
	err := book.rows(sheet, func(number int, cells []string) (more bool, err error) {
		switch {
		case at.columns != nil:
			if !blankRow(cells) {
				at.number, at.cells = number, cells
				row(at)
			}
		case number > headerRows:
			return false, nil
		default:
			at.header(cells, columns)
		}
		return true, nil
	})
	return at.columns != nil, err
}

// header takes the header row; any other row is passed over, and so is that of
// a main file, which has headers in common with a transaction report.
func (r *companionRow) header(cells []string, columns []companionColumn) {
	keys := make([]string, len(cells))
	for i, cell := range cells {
		keys[i] = headerKey(cell)
	}
	if slices.Contains(keys, headerKey(headerSequenceNumber)) || slices.Contains(keys, headerKey(headerRecordType)) {
		return
	}
	found := make([]int, len(columns))
	for i, column := range columns {
		found[i] = slices.IndexFunc(keys, func(key string) bool {
			return slices.ContainsFunc(column.headers, func(header string) bool { return headerKey(header) == key })
		})
		if found[i] < 0 && !column.optional {
			return
		}
	}
	r.columns = found
	r.headers = make([]string, len(cells))
	for i, cell := range cells {
		r.headers[i] = squeeze(cell)
	}
}

// requiredHeaders names the columns without which there is no header row.
func requiredHeaders(columns []companionColumn) string {
	var headers []string
	for _, column := range columns {
		if !column.optional {
			headers = append(headers, column.headers[0])
		}
	}
	last := len(headers) - 1
	return strings.Join(headers[:last], ", ") + " and " + headers[last]
}

// raw gives the cell of the n-th column as it stands, "" where the sheet has no
// such column.
func (r *companionRow) raw(column int) string {
	if r.columns[column] < 0 {
		return ""
	}
	return cellAt(r.cells, r.columns[column])
}

// text gives the cell of the n-th column, its white space squeezed: modifiers
// stand with blanks before them in some years.
func (r *companionRow) text(column int) string { return squeeze(r.raw(column)) }

// finding says of the row what is wrong with it, or with raw in it. Findings
// have no room for the sheet.
func (r *companionRow) finding(code, field string, rule Rule, raw string) Finding {
	return Finding{File: r.file, Line: r.number, Code: code, Field: field, Rule: rule, RawText: bounded(raw)}
}

// bounded gives the first maxRawText characters of a text.
func bounded(text string) string {
	count := 0
	for i := range text {
		if count == maxRawText {
			return text[:i]
		}
		count++
	}
	return text
}

// unreadable is the finding about a row without a code, or without what it says
// of it.
func (r *companionRow) unreadable() Finding {
	return r.finding("", "", RuleUnreadableLine, strings.Join(r.cells, "\t"))
}

// companionDate reads a date as companions have them: the day number of a
// spreadsheet (42736), 20170101, 01/01/2017 or 2017-01-01. It gives "" and true
// for a blank one, "" and false for what is no date.
func companionDate(raw string) (string, bool) {
	text := wholeNumber(squeeze(raw))
	if date, ok := canonicalDate(text); ok {
		return date, true
	}
	if date, ok := spreadsheetDate(text); ok {
		return date, true
	}
	if day, err := time.Parse("1/2/2006", text); err == nil {
		return day.Format(isoDate), true
	}
	return "", false
}
