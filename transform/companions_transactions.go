package transform

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// TransactionLine is what a transaction report says of one code.
type TransactionLine struct {
	Code string
	// Label is what was done to the code, in CMS's words, white space squeezed.
	Label string
	// ActionCode is the letter that the label stands for, "" for a label that
	// TransactionLabels does not have.
	ActionCode string
	// Sheet and Row say where the line first stands; rows count from 1.
	Sheet string
	Row   int
}

// TransactionLabels says for which action code each label of a transaction
// report stands. They are those of the sheets and of the "Action Code Key" in
// the reports of 2016 to 2020Q3, and the letters themselves; letter case, "&"
// for "and", and "Desc" for "Description" make no difference (domain.md, 14).
var TransactionLabels = []struct{ ActionCode, Label string }{
	{"A", "Add"},
	{"B", "Coverage and Long Description Change"},
	{"B", "Change in both Coverage and Long Description"},
	{"C", "Long Description Change"},
	{"C", "Change in Long Description"},
	{"C", "Long/Short Description Change"}, // a C changes the short one too (domain.md, "How the data misbehaves", 2)
	{"D", "Discontinued"},
	{"F", "Coverage Change"},
	{"F", "Change in Coverage"},
	{"N", "No Change"},
	{"P", "Payment Change"},
	{"P", "Change in Payment"},
	{"R", "Re-activated"},
	{"S", "Short Description Change"},
	{"S", "Change in Short Description"},
	{"T", "Miscellaneous Change (BETOS or Type of Service)"},
	{"T", "Misc Change (TOS, BETOS)"},
	{"A", "A"}, {"B", "B"}, {"C", "C"}, {"D", "D"}, {"F", "F"},
	{"N", "N"}, {"P", "P"}, {"R", "R"}, {"S", "S"}, {"T", "T"},
}

var actionOfLabel = func() map[string]string {
	actions := make(map[string]string, len(TransactionLabels))
	for _, label := range TransactionLabels {
		actions[labelKey(label.Label)] = label.ActionCode
	}
	return actions
}()

// labelKey makes labels comparable: "Coverage & Long Desc Change" and "Coverage
// and Long Description Change" are one. The parenthesis that 2016 leaves open
// counts for nothing.
func labelKey(label string) string {
	words := strings.FieldsFunc(strings.ReplaceAll(strings.ToLower(label), "&", " and "), func(r rune) bool {
		return r == ' ' || r == '(' || r == ')' || r == ','
	})
	for i, word := range words {
		if word == "desc" {
			words[i] = "description"
		}
	}
	return strings.Join(words, " ")
}

const (
	transactionCode = iota
	transactionLabel
)

var transactionColumns = []companionColumn{
	transactionCode:  {headers: companionHeadersOfCode},
	transactionLabel: {headers: []string{"Type of Change", headerActionCode, "ACTION CODE"}},
}

// ParseTransactionReport reads the .xlsx transaction report of a release, which
// lists every code with what was done to it, once by action code and once by
// code (domain.md, 14). The sheets are merged: one line for each code, as it
// first stands. A code of which the report says two things has a line for each.
// Lines are sorted by code. name is used in findings and errors only.
//
// A row without a code or a label is left out, a label that no table knows is
// kept; both are findings. An error means that the workbook cannot be opened or
// holds no such list.
func ParseTransactionReport(name string, data []byte, limits WorkbookLimits) ([]TransactionLine, []Finding, error) {
	return parseTransactionReport(name, data, limits, true)
}

// ParseTransactionChanges is ParseTransactionReport without the lines that say that
// nothing was done, which are 98 of 100.
func ParseTransactionChanges(name string, data []byte, limits WorkbookLimits) ([]TransactionLine, []Finding, error) {
	return parseTransactionReport(name, data, limits, false)
}

func parseTransactionReport(name string, data []byte, limits WorkbookLimits, all bool) ([]TransactionLine, []Finding, error) {
	type meaning struct{ code, action string }
	// There are a dozen labels, in thousands of lines. What is kept is copied: a
	// cell can hold on to all texts of its workbook.
	type labelled struct{ label, action, means string }
	labels := map[string]*labelled{}
	last := &labelled{} // most lines have the label of the line before
	var lines []TransactionLine
	var findings []Finding
	rows := 0
	seen := map[meaning]bool{}
	err := readCompanion(name, "transaction report", data, limits, transactionColumns, func(row companionRow) {
		code, label := row.text(transactionCode), row.text(transactionLabel)
		if !IsCode(code) || label == "" {
			findings = append(findings, row.unreadable())
			return
		}
		rows++
		if label != last.label {
			if last = labels[label]; last == nil {
				key := labelKey(label)
				action := actionOfLabel[key]
				last = &labelled{strings.Clone(label), action, cmp.Or(action, key)}
				labels[last.label] = last
			}
		}
		if !all && last.action == NoMaintenance || seen[meaning{code, last.means}] {
			return
		}
		code = strings.Clone(code)
		seen[meaning{code, last.means}] = true
		if last.action == "" {
			findings = append(findings, row.finding(code, "type_of_change", RuleUnknownValue, last.label))
		}
		lines = append(lines, TransactionLine{Code: code, Label: last.label, ActionCode: last.action, Sheet: row.sheet, Row: row.number})
	})
	if err != nil {
		return nil, nil, err
	}
	if rows == 0 {
		return nil, nil, fmt.Errorf("reading %s: no row below the header row has a code and a type of change", name)
	}
	slices.SortStableFunc(lines, func(a, b TransactionLine) int { return cmp.Compare(a.Code, b.Code) })
	return lines, findings, nil
}
