package transform

import (
	"fmt"
	"regexp"
	"strings"
)

// Correction is one row of a corrections file: what CMS wants done to a record
// that it had published.
type Correction struct {
	Code string
	// Action is what CMS writes, white space squeezed.
	Action string
	// EffectiveDate is as 2020-04-01, "" where it is blank or no date.
	EffectiveDate string
	// Details are the other cells that hold text, in the order of their columns.
	Details []CorrectionDetail
	// Sheet and Row say where it stands; rows count from 1.
	Sheet string
	Row   int
}

// CorrectionDetail is a value under a column of a corrections file, white space
// squeezed. Header is "" where the column has none. Under a header that speaks
// of a date, a date is given as 2020-04-01.
type CorrectionDetail struct{ Header, Value string }

const (
	correctionCode = iota
	correctionAction
	correctionEffectiveDate
)

var correctionColumns = []companionColumn{
	correctionCode:          {headers: append([]string{"CODE"}, companionHeadersOfCode...)},
	correctionAction:        {headers: []string{"ACTION"}},
	correctionEffectiveDate: {headers: []string{"EFF DATE", "EFFECTIVE DATE"}, optional: true},
}

// dateHeader finds the headers of dates beside the effective one: ASC DATE.
var dateHeader = regexp.MustCompile(`(?i)\b(DATE|DT)\b`)

// ParseCorrections reads an .xlsx corrections file of a release. It is prose,
// and a later file can retract what an earlier one says (domain.md, 15): the
// rows are given in their order, as CMS writes them, and nothing is made of
// them. name is used in findings and errors only.
//
// A row without a code, or with nothing but a code, is left out; an effective
// date that is none is left blank; both are findings. An error means that the
// workbook cannot be opened or holds no corrections.
func ParseCorrections(name string, data []byte, limits WorkbookLimits) ([]Correction, []Finding, error) {
	var corrections []Correction
	var findings []Finding
	err := readCompanion(name, "corrections", data, limits, correctionColumns, func(row companionRow) {
		correction := Correction{
			Code: row.text(correctionCode), Action: row.text(correctionAction),
			Details: row.correctionDetails(), Sheet: row.sheet, Row: row.number,
		}
		if !IsCode(correction.Code) || (correction.Action == "" && correction.Details == nil) {
			findings = append(findings, row.unreadable())
			return
		}
		raw := row.raw(correctionEffectiveDate)
		date, ok := companionDate(raw)
		if !ok {
			findings = append(findings, row.finding(correction.Code, "effective_date", RuleUnparseableDate, raw))
		}
		correction.EffectiveDate = date
		corrections = append(corrections, correction)
	})
	if err != nil {
		return nil, nil, err
	}
	if len(corrections) == 0 {
		return nil, nil, fmt.Errorf("reading %s: no row below the header row has a code and an action", name)
	}
	return corrections, findings, nil
}

func (r *companionRow) correctionDetails() []CorrectionDetail {
	var details []CorrectionDetail
	for at, cell := range r.cells {
		value := squeeze(cell)
		if value == "" || at == r.columns[correctionCode] || at == r.columns[correctionAction] || at == r.columns[correctionEffectiveDate] {
			continue
		}
		header := cellAt(r.headers, at)
		if dateHeader.MatchString(strings.ReplaceAll(header, "_", " ")) {
			if date, ok := companionDate(value); ok && date != "" {
				value = date
			}
		}
		details = append(details, CorrectionDetail{Header: header, Value: value})
	}
	return details
}
