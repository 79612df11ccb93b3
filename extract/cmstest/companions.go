package cmstest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// TransactionReportStyle is how a year's transaction report is labelled
// (domain.md 14).
type TransactionReportStyle int

const (
	// Report2020 has "HCPC/MOD | ACTION CD" and both descriptions, under a
	// disclaimer.
	Report2020 TransactionReportStyle = iota
	// Report2019 has "HCPCS/MOD | TYPE OF CHANGE" and both descriptions.
	Report2019
	// Report2017 has two columns, and the sheet by code comes first.
	Report2017
	// Report2016 has two columns; modifiers stand without their blanks, between
	// the procedures.
	Report2016
)

// reportStyle is what differs from year to year.
type reportStyle struct {
	headers      []string
	byCode       string // name of the sheet in the order of codes
	byCodeFirst  bool
	bare         bool // modifiers without leading blanks
	labels, keys map[string]string
}

var reportLabels2017 = map[string]string{
	"A": "ADD", "B": "Coverage & Long Desc Change", "C": "Long Description Change", "D": "Discontinued",
	"F": "Coverage Change", "N": "No Change", "P": "Payment Change", "R": "Re-activated",
	"S": "Short Description Change", "T": "Misc Change (TOS, BETOS)",
}

var reportLabels2016 = map[string]string{
	"A": "Add", "B": "Change in both Coverage & Long Description", "C": "Change in Long Description", "D": "Discontinued",
	"F": "Change in Coverage", "N": "No change", "P": "Change in Payment", "R": "Re-activated",
	"S": "Change in Short Description", "T": "Miscellaneous Change (BETOS or Type of Service",
}

var reportLabels2019 = map[string]string{
	"A": "ADD", "B": "Coverage and Long Desc Change", "C": "Long Description Change", "D": "Discontinued",
	"F": "Coverage Change", "N": "No Change", "P": "Payment Change", "R": "Re-activated",
	"S": "Short Description Change", "T": "Misc Change (TOS, BETOS)",
}

var reportStyles = map[TransactionReportStyle]reportStyle{
	Report2016: {
		headers: []string{"HCPCS/Modifier Code", "Type of Change"}, byCode: "Changes by HCPCS Code",
		bare: true, labels: reportLabels2016, keys: reportLabels2016,
	},
	Report2017: {
		headers: []string{"HCPCS/Modifier Code", "Type of Change"}, byCode: "Changes by HCPCS Code",
		byCodeFirst: true, labels: reportLabels2017, keys: reportLabels2016,
	},
	Report2019: {
		headers: []string{"HCPCS/MOD", "TYPE OF CHANGE", "SHORT DESCRIPTION", "LONG DESCRIPTION"},
		byCode:  "Changes by HCPCS Code", labels: reportLabels2019, keys: reportLabels2019,
	},
	Report2020: {
		headers: []string{"HCPC/MOD", "ACTION CD", "SHORT DESCRIPTION", "LONG DESCRIPTION"},
		byCode:  "Changes by HCPC code", labels: reportLabels2019, keys: reportLabels2019,
	},
}

// TransactionReportOptions say how a transaction report looks.
type TransactionReportOptions struct {
	Style TransactionReportStyle
	// Disclaimer is written above the header of both lists, which then stands
	// in row 11 of the first and row 10 of the second; without one in row 1.
	Disclaimer []string
	// Labels replaces the label of single codes, as CMS does where it has no
	// letter for it ("Long/Short Description Change") or errs.
	Labels map[string]string
}

// TransactionReport writes the workbook that lists every code of the release
// with what was declared for it: by action, by code, and a key of the action
// codes.
func (r *Release) TransactionReport(options TransactionReportOptions) []byte {
	style := reportStyles[options.Style]
	type line struct {
		label string
		cells []string
	}
	lines := make([]line, 0, len(r.Codes))
	for i := range r.Codes {
		code := &r.Codes[i]
		label, ok := options.Labels[code.Code]
		if !ok {
			label = style.labels[code.ActionCode]
		}
		name := code.column()
		if style.bare {
			name = code.Code
		}
		cells := []string{name, label, code.ShortDescription, code.LongDescription}
		lines = append(lines, line{label, cells[:len(style.headers)]})
	}
	list := func(name string, headerRow int) sheet {
		list := sheet{name: name, columns: len(style.headers)}
		if len(options.Disclaimer) == 0 {
			headerRow = 1
		}
		for i, text := range options.Disclaimer {
			list.rows = append(list.rows, sheetRow{i + 1, texts(text)})
		}
		headerRow = max(headerRow, len(options.Disclaimer)+1)
		list.rows = append(list.rows, sheetRow{headerRow, texts(style.headers...)})
		for i, line := range lines {
			list.rows = append(list.rows, sheetRow{headerRow + 1 + i, texts(line.cells...)})
		}
		return list
	}
	slices.SortStableFunc(lines, func(a, b line) int { return strings.Compare(a.cells[0], b.cells[0]) })
	byCode := list(style.byCode, 10)
	slices.SortStableFunc(lines, func(a, b line) int { return strings.Compare(strings.ToLower(a.label), strings.ToLower(b.label)) })
	byAction := list("Changes by Action Code", 11)

	key := sheet{name: "Action Code Key", columns: 2, rows: []sheetRow{{1, texts("Action Codes")}}}
	for i, letter := range "ABCDFNPRST" {
		key.rows = append(key.rows, sheetRow{i + 2, texts(string(letter), style.keys[string(letter)])})
	}
	if style.byCodeFirst {
		return workbook(r.PublishedAt, byCode, byAction, key)
	}
	return workbook(r.PublishedAt, byAction, byCode, key)
}

// ProcessingNote is one note of the list that processing_note points to.
type ProcessingNote struct {
	Number string // "0041"
	Text   string
}

// ProcessingNotes writes the list of processing notes: numbered blocks of
// capitals, wrapped, a "*" at the right edge of each line.
func ProcessingNotes(notes []ProcessingNote) []byte {
	const width, edge = 70, 91
	var out strings.Builder
	line := func(text string) { fmt.Fprintf(&out, "%-*s*\r\n", edge, text) }
	fmt.Fprintf(&out, "%40sPROCESSING NOTES\r\n %s\r\n\r\n", "", strings.Repeat("_", 132))
	for _, note := range notes {
		indent := fmt.Sprintf("%10s%s--", "", note.Number)
		for _, text := range wrapped(strings.ToUpper(note.Text), width) {
			line(indent + text)
			indent = strings.Repeat(" ", 16)
		}
		line("")
	}
	return []byte(out.String())
}

func wrapped(text string, width int) []string {
	var lines []string
	for _, word := range strings.Fields(text) {
		last := len(lines) - 1
		if last >= 0 && len(lines[last])+1+len(word) <= width {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}

// Correction is one row of a list of corrections: what is wrong, in prose, and
// the new values where there are any.
type Correction struct {
	Code          string
	Action        string // "Revise Long Desc", "Do not terminate", …
	EffectiveDate string // "2020-04-01" or ""

	ShortDescription, LongDescription, TypesOfService, Betos, CoverageCode, Price string
}

// Corrections writes a workbook of corrections to a year's files, its effective
// dates being Excel's day numbers (domain.md 15).
func Corrections(at time.Time, year int, corrections []Correction) []byte {
	list := sheet{name: "Sheet1", columns: 9}
	list.rows = append(list.rows,
		sheetRow{1, []cell{{column: 1, value: fmt.Sprintf("%d HCPCS CORRECTIONS", year)}}},
		sheetRow{4, texts("CODE", "ACTION", "EFF DATE", "SHORT DESC", "LONG DESC", "TOS ", "BETOS", "COV", "PRICE")})
	for i, correction := range corrections {
		cells := texts(correction.Code, correction.Action, excelDay(correction.EffectiveDate),
			correction.ShortDescription, correction.LongDescription, correction.TypesOfService,
			correction.Betos, correction.CoverageCode, correction.Price)
		for j := range cells {
			cells[j].number = cells[j].column == 2
		}
		list.rows = append(list.rows, sheetRow{5 + i, cells})
	}
	return workbook(at, list, sheet{name: "Sheet2"}, sheet{name: "Sheet3"})
}

// excelDay gives Excel's number of a day, counted from 1899-12-30.
func excelDay(date string) string {
	if date == "" {
		return ""
	}
	day, err := time.Parse(time.DateOnly, date)
	must(err)
	return fmt.Sprint(int(day.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24))
}

// notClassified are the words that mark a code for whatever has none.
var notClassified = []string{"not otherwise classified", "not otherwise specified", "miscellaneous", "unlisted"}

// NOCCodes writes the workbook that lists the release's codes for what is not
// otherwise classified. Its dates are numbers, and a control character stands
// in the last row.
func (r *Release) NOCCodes() []byte {
	name := fmt.Sprintf("NOC_Codes_%d", r.ID.Quarter.Year)
	list := sheet{name: name, columns: 4, rows: []sheetRow{
		{1, []cell{{column: 1, value: fmt.Sprintf("NOC CODES - HCPCS %d", r.ID.Quarter.Year)}}},
		{4, texts("HCPCS", "LONG DESCRIPTION", "ADD DATE", "TERM DATE")},
	}}
	number := 6
	for i := range r.Codes {
		code := &r.Codes[i]
		description := strings.ToLower(code.LongDescription)
		if !slices.ContainsFunc(notClassified, func(words string) bool { return strings.Contains(description, words) }) {
			continue
		}
		cells := texts(code.Code, code.LongDescription, dateDigits(code.CodeAddedDate), dateDigits(code.TerminationDate))
		for j := range cells {
			cells[j].number = cells[j].column >= 2
		}
		list.rows = append(list.rows, sheetRow{number, cells})
		number++
	}
	list.rows = append(list.rows, sheetRow{number, texts("_x001A_")})
	return workbook(r.PublishedAt, list)
}

// disclaimers are what stands above the first record of some files.
var disclaimers = []string{
	"*** Please note ***",
	"",
	"* This list was put together for trying out software.\u00a0 Nobody may bill, pay or audit by it.",
	"",
	"* Names of articles and companies in it are made up.\u00a0 Where one sounds like a real one, this is",
	"\u00a0\u00a0 a coincidence and no praise of it.",
	"",
	"* Blank indicators say only that none was made up for the code.",
	"",
	"",
	"",
}

// Disclaimer gives the first lines of an invented disclaimer, 11 at most, as it
// stands above the records of a text file: with non-breaking blanks, and padded
// with TABs as a sheet saved as text is (domain.md 10, 11).
func Disclaimer(lines int) []string {
	padded := slices.Clone(disclaimers[:lines])
	for i := range padded {
		if i < 6 {
			padded[i] += strings.Repeat("\t", 45)
		}
	}
	return padded
}

// SheetDisclaimer gives the same lines as they stand above a sheet's header.
func SheetDisclaimer(lines int) []string { return slices.Clone(disclaimers[:lines]) }
