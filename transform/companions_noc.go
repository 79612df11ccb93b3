package transform

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NOCCode is a code for what has none of its own: "not otherwise classified",
// "not otherwise specified", "unlisted", "miscellaneous".
type NOCCode struct {
	Code        string
	Description string
	// AddedDate and TerminationDate are as 2020-04-01, "" where they are blank.
	AddedDate, TerminationDate string
	// Sheet and Row say where it stands; rows count from 1.
	Sheet string
	Row   int
}

const (
	nocCode = iota
	nocDescription
	nocAddedDate
	nocTerminationDate
)

var nocColumns = []companionColumn{
	nocCode:            {headers: append([]string{"HCPCS"}, companionHeadersOfCode...)},
	nocDescription:     {headers: []string{"LONG DESCRIPTION", "DESCRIPTION"}},
	nocAddedDate:       {headers: []string{"ADD DATE", "ADD DT"}},
	nocTerminationDate: {headers: []string{"TERM DATE", "TERM DT"}, optional: true},
}

// ParseNOCCodes reads the .xlsx list of NOC codes of a release, in its order.
// name is used in findings and errors only.
//
// The list is kept by hand. Some descriptions go on in a second row under the
// same code (J1566 in 2018, L8608 and L8698 in 2019): it has no dates and does
// not begin with a capital, and is joined. Any other second row of a code is
// left out (S9445 in 2018, whose row is that of another code), as is a row
// without a code; a date that is none is left blank. All of these are findings.
// An error means that the workbook cannot be opened or holds no such list.
func ParseNOCCodes(name string, data []byte, limits WorkbookLimits) ([]NOCCode, []Finding, error) {
	var codes []NOCCode
	var findings []Finding
	var descriptions [][]string // the rows of each
	seen := map[string]bool{}
	err := readCompanion(name, "list of NOC codes", data, limits, nocColumns, func(row companionRow) {
		listed := NOCCode{
			Code: row.text(nocCode), Description: row.text(nocDescription),
			Sheet: row.sheet, Row: row.number,
		}
		if !IsCode(listed.Code) || listed.Description == "" {
			findings = append(findings, row.unreadable())
			return
		}
		date := func(column int, field string) string {
			date, ok := companionDate(row.raw(column))
			if !ok {
				findings = append(findings, row.finding(listed.Code, field, RuleUnparseableDate, row.raw(column)))
			}
			return date
		}
		listed.AddedDate = date(nocAddedDate, CodeAddedDate.String())
		listed.TerminationDate = date(nocTerminationDate, TerminationDate.String())
		last := len(codes) - 1
		switch {
		case last >= 0 && listed.continues(&codes[last]):
			descriptions[last] = append(descriptions[last], listed.Description)
		case seen[listed.Code]:
			findings = append(findings, row.finding(listed.Code, "", RuleDuplicateCode, listed.Description))
		default:
			seen[listed.Code] = true
			codes = append(codes, listed)
			descriptions = append(descriptions, []string{listed.Description})
		}
	})
	if err != nil {
		return nil, nil, err
	}
	if len(codes) == 0 {
		return nil, nil, fmt.Errorf("reading %s: no row below the header row has a code and a description", name)
	}
	for i := range codes {
		codes[i].Description = strings.Join(descriptions[i], " ")
	}
	return codes, findings, nil
}

// continues tells whether a row is the rest of the description above it.
func (c *NOCCode) continues(above *NOCCode) bool {
	first, _ := utf8.DecodeRuneInString(c.Description)
	return c.Code == above.Code && c.Sheet == above.Sheet &&
		c.AddedDate == "" && c.TerminationDate == "" && !unicode.IsUpper(first)
}
