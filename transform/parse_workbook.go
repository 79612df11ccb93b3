package transform

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// headerRows is how far down a sheet its header row is looked for; it stands in
// row 1, 8 or 11 of the files known so far (domain.md, "The record").
const headerRows = 40

// WorkbookLimits bound what a spreadsheet may unpack to, in bytes.
type WorkbookLimits struct {
	Unpacked int64 // the whole workbook
	Part     int64 // one of its XML parts, in memory
}

// ParseWorkbook reads the .xlsx main file of a release: one row for each code,
// found by the headers of its columns. name is used in findings only. An error
// means that the workbook cannot be opened, holds no sheet of HCPCS records, or
// lacks a column.
func ParseWorkbook(name string, data []byte, limits WorkbookLimits) (*File, error) {
	book, err := openWorkbook(data, limits)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	for _, hidden := range [...]bool{false, true} { // an older state may stand before the file, out of sight
		for _, sheet := range book.sheets {
			if sheet.hidden != hidden {
				continue
			}
			file, err := parseSheet(name, book, sheet)
			if err != nil {
				return nil, fmt.Errorf("reading %s, sheet %q: %w", name, sheet.name, err)
			}
			if file != nil {
				return file, nil
			}
		}
	}
	return nil, fmt.Errorf("reading %s: no sheet has a header row with the columns %s, %s and %s in its first %d rows",
		name, headerCode, headerSequenceNumber, headerRecordType, headerRows)
}

// parseSheet gives nil where the sheet is not one of HCPCS records.
func parseSheet(name string, book *workbook, sheet workbookSheet) (*File, error) {
	p := workbookParser{textParser: textParser{file: &File{Name: name}, index: map[string]int{}}}
	err := book.rows(sheet, func(number int, cells []string) (more bool, err error) {
		switch {
		case p.columns != nil:
			p.row(number, cells)
		case number > headerRows:
			return false, nil
		default:
			if err := p.header(cells); err != nil {
				return false, fmt.Errorf("row %d: %w", number, err)
			}
		}
		return true, nil
	})
	switch {
	case err != nil:
		return nil, err
	case p.columns == nil:
		return nil, nil
	case len(p.file.Records) == 0:
		return nil, fmt.Errorf("there is no record below the header row")
	}
	p.finish()
	return p.file, nil
}

type workbookParser struct {
	textParser
	columns map[string]int // normalised header → column, from 0; nil before the header row
	fields  [FieldCount][]int

	code, sequenceNumber, recordType, actionDate, actionCode int // columns
}

// header takes the header row; any other row is passed over.
func (p *workbookParser) header(cells []string) error {
	columns := make(map[string]int, len(cells))
	for i, cell := range cells {
		if key := headerKey(cell); key != "" {
			if _, twice := columns[key]; !twice {
				columns[key] = i
			}
		}
	}
	if at, plural := columns[headerKey("HCPCS")]; plural {
		columns[headerKey(headerCode)] = at
	}
	for _, header := range [...]string{headerCode, headerSequenceNumber, headerRecordType} {
		if _, found := columns[headerKey(header)]; !found {
			return nil
		}
	}
	var missing []string
	for _, header := range [...]string{headerActionEffectiveDate, headerActionCode} {
		if _, found := columns[headerKey(header)]; !found {
			missing = append(missing, header)
		}
	}
	for i := range Layout {
		for _, header := range Layout[i].Headers {
			at, found := columns[headerKey(header)]
			if !found {
				missing = append(missing, header)
			}
			p.fields[i] = append(p.fields[i], at)
		}
	}
	if missing != nil {
		return fmt.Errorf("the header row lacks the columns %s", strings.Join(missing, ", "))
	}
	p.columns = columns
	p.code, p.sequenceNumber, p.recordType = columns[headerKey(headerCode)], columns[headerKey(headerSequenceNumber)], columns[headerKey(headerRecordType)]
	p.actionDate, p.actionCode = columns[headerKey(headerActionEffectiveDate)], columns[headerKey(headerActionCode)]
	return nil
}

var headerSeparators = strings.NewReplacer(" ", "", "_", "", "-", "")

// headerKey makes headers comparable: ADD DT, Add_Dt, ADD-DT and "ADD  DT" are one.
func headerKey(header string) string {
	return strings.ToUpper(headerSeparators.Replace(squeeze(header)))
}

func (p *workbookParser) row(number int, cells []string) {
	code := squeeze(cellAt(cells, p.code))
	if code == "" && blankRow(cells) {
		return // the used range of a sheet reaches far beyond its data
	}
	p.file.LinesRead++
	recordType := wholeNumber(squeeze(cellAt(cells, p.recordType)))
	if !IsCode(code) {
		code, recordType = "", ""
	}
	switch recordType {
	case string(procedureRecord), string(procedureContinuation):
		p.ofKind(number, code, Procedure, cells)
	case string(modifierRecord), string(modifierContinuation):
		p.ofKind(number, code, Modifier, cells)
	}
	switch recordType {
	case string(procedureRecord), string(modifierRecord):
		p.record(number, code, cells)
	case string(procedureContinuation), string(modifierContinuation):
		p.more(number, code, cells)
	default:
		p.file.LinesUnreadable++
		p.findText(number, code, "", RuleUnreadableLine, strings.Join(cells, "\t"))
	}
}

// ofKind looks whether a code is of the kind that its record type says.
func (p *workbookParser) ofKind(number int, code string, kind Kind, cells []string) {
	if KindOf(code) != kind {
		p.findText(number, code, recordTypeColumn, RuleWrongRecordType, strings.Join(cells, "\t"))
	}
}

func (p *workbookParser) record(number int, code string, cells []string) {
	if _, seen := p.index[code]; seen {
		p.findText(number, code, "", RuleDuplicateCode, strings.Join(cells, "\t"))
		p.repeat(code)
		return
	}
	record := Record{
		Entry: &Entry{
			Code:       code,
			Kind:       KindOf(code),
			ActionCode: squeeze(cellAt(cells, p.actionCode)),
			Content:    &Content{},
		},
		SequenceNumber: squeeze(cellAt(cells, p.sequenceNumber)),
		SourceLine:     number,
	}
	for i := range Layout {
		info := &Layout[i]
		for _, at := range p.fields[i] {
			value := p.cellValue(number, code, info, cellAt(cells, at))
			switch {
			case value == "":
			case record.Content[i] == "":
				record.Content[i] = value
			default:
				record.Content[i] += valueSeparator + value
			}
		}
	}
	record.ActionEffectiveDate = p.cellDate(number, code, "action_effective_date", cellAt(cells, p.actionDate))
	p.put(record, sequenceOf(wholeNumber(record.SequenceNumber)))
}

// more joins a continuation row: G0503 stands twice in 2019 to 2023, its second
// row of type 4 (domain.md, 12).
func (p *workbookParser) more(number int, code string, cells []string) {
	at, seen := p.index[code]
	if !seen {
		p.file.LinesUnreadable++
		p.findText(number, code, "", RuleOrphanContinuation, strings.Join(cells, "\t"))
		return
	}
	follows := p.follows(at, wholeNumber(squeeze(cellAt(cells, p.sequenceNumber))), sequenceStep, sequenceStep/10)
	if p.ofRepeated(code, follows) {
		p.findText(number, code, LongDescription.String(), RuleDuplicateCode, strings.Join(cells, "\t"))
		return
	}
	if !follows {
		p.findText(number, code, sequenceColumn, RuleSequenceBreak, strings.Join(cells, "\t"))
	}
	p.continueDescription(at, squeeze(cellAt(cells, p.fields[LongDescription][0])))
}

func (p *workbookParser) cellValue(number int, code string, info *FieldInfo, raw string) string {
	switch info.Kind {
	case DateField:
		return p.cellDate(number, code, info.Name, raw)
	case IntegerField:
		text := wholeNumber(squeeze(raw))
		switch {
		case text == "" || isZeros(text):
			return ""
		case !isDigits(text) || len(text) > info.End-info.Begin+1:
			p.findText(number, code, info.Name, RuleUnparseableNumber, raw)
			return ""
		}
		return strings.TrimLeft(text, "0")
	}
	text := squeeze(raw)
	if info.Padded {
		text = wholeNumber(text)
		if width := info.End - info.Begin + 1; isDigits(text) && len(text) < width {
			text = strings.Repeat("0", width-len(text)) + text
		}
	}
	return text
}

func (p *workbookParser) cellDate(number int, code, field, raw string) string {
	text := wholeNumber(squeeze(raw))
	date, ok := canonicalDate(text)
	if !ok {
		date, ok = spreadsheetDate(text)
	}
	if !ok {
		p.findText(number, code, field, RuleUnparseableDate, raw)
		return ""
	}
	if date != "" && !plausible(ParseDate(date)) {
		p.findText(number, code, field, RuleImplausibleDate, raw)
	}
	return date
}

// findText records a finding about text that is UTF-8 already.
func (p *workbookParser) findText(line int, code, field string, rule Rule, raw string) {
	p.file.add(Finding{File: p.file.Name, Line: line, Code: code, Field: field, Rule: rule, RawText: bounded(raw)})
}

// spreadsheetEpoch is day 0 of a spreadsheet's day numbers, as they count since
// March 1900.
var spreadsheetEpoch = ParseDate("1899-12-30")

// spreadsheetDate reads a date that a spreadsheet program made of the text: a
// day number (43831), or 2020-01-01.
func spreadsheetDate(text string) (string, bool) {
	if len(text) == 5 && isDigits(text) {
		return (spreadsheetEpoch + Date(number(text))).String(), true
	}
	if len(text) >= len(isoDate) {
		if day, err := time.Parse(isoDate, text[:len(isoDate)]); err == nil {
			return day.Format(isoDate), true
		}
	}
	return "", false
}

// wholeNumber writes a number as spreadsheets store it (20200101.0, 2.02E7)
// with its digits alone; any other text stays as it is.
func wholeNumber(text string) string {
	if isDigits(text) || text == "" || !strings.ContainsAny(text, ".eE") || text[0] < '0' || text[0] > '9' {
		return text
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || value != math.Trunc(value) || math.Abs(value) > 1e12 {
		return text
	}
	return strconv.FormatFloat(value, 'f', 0, 64)
}

func cellAt(cells []string, at int) string {
	if at < len(cells) {
		return cells[at]
	}
	return ""
}

func blankRow(cells []string) bool {
	for _, cell := range cells {
		if squeeze(cell) != "" {
			return false
		}
	}
	return true
}
