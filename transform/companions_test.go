package transform

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// companionSheet is a sheet of a workbook that a test makes up. rows follow
// each other from row 1 on, nil is an empty row.
type companionSheet struct {
	name string
	rows [][]any
}

var companionLimits = WorkbookLimits{Unpacked: 1 << 24, Part: 1 << 24}

func companionBook(t *testing.T, sheets ...companionSheet) []byte {
	t.Helper()
	book := excelize.NewFile()
	for i, sheet := range sheets {
		if i == 0 {
			require.NoError(t, book.SetSheetName("Sheet1", sheet.name))
		} else {
			_, err := book.NewSheet(sheet.name)
			require.NoError(t, err)
		}
		for j, row := range sheet.rows {
			cell, err := excelize.CoordinatesToCellName(1, j+1)
			require.NoError(t, err)
			require.NoError(t, book.SetSheetRow(sheet.name, cell, &row))
		}
	}
	buffer, err := book.WriteToBuffer()
	require.NoError(t, err)
	require.NoError(t, book.Close())
	return buffer.Bytes()
}

// below puts a disclaimer in the rows above the header row, so that it stands
// in the row given.
func below(headerRow int, rows ...[]any) [][]any {
	above := make([][]any, headerRow-1)
	if headerRow > 3 {
		above[0], above[2] = []any{"A note about coverage"}, []any{"It says that codes may have none."}
	}
	return append(above, rows...)
}

var companionKey = companionSheet{"Action Code Key", [][]any{
	{"Action Codes"}, {"A", "Add"}, {"N", "No Change"},
}}

func TestTransactionReportsOfAllYears(t *testing.T) {
	const byAction, byCode = "Changes by Action Code", "Changes by HCPCS Code"
	variants := map[string]struct {
		sheets []companionSheet
		lines  []TransactionLine
	}{
		"2016: header in row 1, modifiers bare": {
			[]companionSheet{
				{byAction, [][]any{
					{"HCPCS/Modifier Code", "Type of Change"},
					{"ZQ", "Add"}, {"A1001", "Change in Long Description"}, {"A1002", "Change in Payment"},
					{"A1003", "Miscellaneous Change (BETOS or Type of Service"}, {"A1004", "Change in Coverage"},
					{"A1005", "Change in both Coverage & Long Description"}, {"A1006", "Change in Short Description"}, {"A1000", "No change"},
				}},
				{byCode, [][]any{{"HCPCS/Modifier Code", "Type of Change"}, {"A1000", "No change"}, {"ZQ", "Add"}}},
				companionKey,
			},
			[]TransactionLine{
				{"A1000", "No change", "N", byAction, 9},
				{"A1001", "Change in Long Description", "C", byAction, 3},
				{"A1002", "Change in Payment", "P", byAction, 4},
				{"A1003", "Miscellaneous Change (BETOS or Type of Service", "T", byAction, 5},
				{"A1004", "Change in Coverage", "F", byAction, 6},
				{"A1005", "Change in both Coverage & Long Description", "B", byAction, 7},
				{"A1006", "Change in Short Description", "S", byAction, 8},
				{"ZQ", "Add", "A", byAction, 2},
			},
		},
		"2017: the sheet by code first, modifiers with blanks": {
			[]companionSheet{
				{byCode, [][]any{
					{"HCPCS/Modifier Code", "Type of Change"},
					{"   ZQ", "No Change"}, {"A1001", "Coverage & Long Desc Change"}, {"A1002", "Misc Change (TOS, BETOS)"}, {"A1003", "Re-activated"},
				}},
				{byAction, [][]any{
					{"HCPCS/Modifier Code", "Type of Change"},
					{"A1001", "Coverage & Long Desc Change"}, {"A1002", "Misc Change (TOS, BETOS)"}, {"A1003", "Re-activated"}, {"   ZQ", "No Change"},
				}},
			},
			[]TransactionLine{
				{"A1001", "Coverage & Long Desc Change", "B", byCode, 3},
				{"A1002", "Misc Change (TOS, BETOS)", "T", byCode, 4},
				{"A1003", "Re-activated", "R", byCode, 5},
				{"ZQ", "No Change", "N", byCode, 2},
			},
		},
		"2018: an empty row below the header, letter case varies": {
			[]companionSheet{
				{byAction, [][]any{{"HCPCS/Modifier Code", "Type of Change"}, nil, {"ZQ", "ADD"}, {"A1001", "No Change"}}},
				{byCode, [][]any{{"HCPCS/Modifier Code", "Type of Change"}, nil, {"A1001", "No change"}, {"ZQ", "Add"}}},
			},
			[]TransactionLine{{"A1001", "No Change", "N", byAction, 4}, {"ZQ", "ADD", "A", byAction, 3}},
		},
		"2019: descriptions beside the label": {
			[]companionSheet{{byAction, [][]any{
				{"HCPCS/MOD", "TYPE OF CHANGE", "SHORT DESCRIPTION", "LONG DESCRIPTION"},
				{"   ZQ", "ADD", "Invented", "An invented modifier"}, {"A1001", "Coverage and Long Desc Change", "Invented", "An invented supply"},
			}}},
			[]TransactionLine{{"A1001", "Coverage and Long Desc Change", "B", byAction, 3}, {"ZQ", "ADD", "A", byAction, 2}},
		},
		"2020: under a disclaimer, in row 11 and row 10": {
			[]companionSheet{
				{byAction, below(11,
					[]any{"HCPC/MOD", "ACTION CD", "SHORT DESCRIPTION", "LONG DESCRIPTION"},
					[]any{"   ZQ", "Discontinued", "Invented", "An invented modifier"})},
				{"Changes by HCPC code", below(10,
					[]any{"HCPC/MOD", "ACTION CD", "SHORT DESCRIPTION", "LONG DESCRIPTION"},
					[]any{"A1001", "Payment Change", "Invented", "An invented supply"}, []any{"   ZQ", "Discontinued"})},
			},
			[]TransactionLine{{"A1001", "Payment Change", "P", "Changes by HCPC code", 11}, {"ZQ", "Discontinued", "D", byAction, 12}},
		},
		"2020Q3: a code twice, with two labels": {
			[]companionSheet{
				{byAction, below(11, []any{"HCPC", "ACTION CD"}, []any{"   ZQ", "Long/Short Description Change"}, []any{"   ZQ", "No Change"})},
				{"Changes by HCPC", below(11, []any{"HCPC", "ACTION CD"}, []any{"   ZQ", "Long/Short Description Change"})},
			},
			[]TransactionLine{{"ZQ", "Long/Short Description Change", "C", byAction, 12}, {"ZQ", "No Change", "N", byAction, 13}},
		},
		"the letters themselves": {
			[]companionSheet{{byAction, [][]any{{"HCPC", "ACTION CD"}, {"A1001", "A"}, {"A1002", "t"}}}},
			[]TransactionLine{{"A1001", "A", "A", byAction, 2}, {"A1002", "t", "T", byAction, 3}},
		},
	}
	for name, variant := range variants {
		t.Run(name, func(t *testing.T) {
			book := companionBook(t, variant.sheets...)
			lines, findings, err := ParseTransactionReport("report.xlsx", book, companionLimits)
			require.NoError(t, err)
			require.Empty(t, findings)
			require.Equal(t, variant.lines, lines)
			changes, findings, err := ParseTransactionChanges("report.xlsx", book, companionLimits)
			require.NoError(t, err)
			require.Empty(t, findings)
			require.Equal(t, withoutUnchanged(variant.lines), changes)
		})
	}
}

func withoutUnchanged(lines []TransactionLine) []TransactionLine {
	return slices.DeleteFunc(slices.Clone(lines), func(line TransactionLine) bool { return line.ActionCode == NoMaintenance })
}

// A report that says of no code that anything was done is one all the same.
func TestTransactionReportOfNoChanges(t *testing.T) {
	book := companionBook(t, companionSheet{"Changes", [][]any{{"HCPC", "ACTION CD"}, {"A1001", "No Change"}, {"A1002", "N"}}})
	lines, _, err := ParseTransactionReport("report.xlsx", book, companionLimits)
	require.NoError(t, err)
	require.Len(t, lines, 2)
	lines, findings, err := ParseTransactionChanges("report.xlsx", book, companionLimits)
	require.NoError(t, err)
	require.Empty(t, findings)
	require.Empty(t, lines)
}

func TestTransactionReportKeepsWhatItCannotRead(t *testing.T) {
	lines, findings, err := ParseTransactionReport("report.xlsx", companionBook(t, companionSheet{"Changes", [][]any{
		{"HCPCS/MOD", "TYPE OF CHANGE"},
		{"A1001", "Moved  elsewhere"}, {"A100", "No Change"}, {"A1002"}, {"A1003", "Long  Description Change"}, {"A1001", "moved elsewhere"},
	}}), companionLimits)
	require.NoError(t, err)
	require.Equal(t, []TransactionLine{
		{"A1001", "Moved elsewhere", "", "Changes", 2},
		{"A1003", "Long Description Change", "C", "Changes", 5},
	}, lines)
	require.Equal(t, []Finding{
		{File: "report.xlsx", Line: 2, Code: "A1001", Field: "type_of_change", Rule: RuleUnknownValue, RawText: "Moved elsewhere"},
		{File: "report.xlsx", Line: 3, Rule: RuleUnreadableLine, RawText: "A100\tNo Change"},
		{File: "report.xlsx", Line: 4, Rule: RuleUnreadableLine, RawText: "A1002"},
	}, findings)
}

func TestTransactionLabelsStandForActionCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, label := range TransactionLabels {
		_, known := Decode("action_codes", label.ActionCode)
		require.True(t, known, label.Label)
		require.Equal(t, label.ActionCode, actionOfLabel[labelKey(label.Label)], "%q stands twice", label.Label)
		seen[label.ActionCode] = true
	}
	require.Len(t, seen, 10)
}

func TestCorrections(t *testing.T) {
	corrections, findings, err := ParseCorrections("corrections.xlsx", companionBook(t,
		companionSheet{"2031 Corrections", [][]any{
			{nil, "2031 HCPCS CORRECTIONS"}, nil, {"***These corrections are in version 3"},
			{"CODE", "ACTION", "EFF DATE", "SHORT DESC", "LONG DESC", "TOS ", "PRICE", "ASC IND", "ASC DATE", "COMMENTS"},
			{"A1001", "ADD ", 47849, "Invented", "An invented\u00a0 supply", "9,F", 53, "YY", "47849", "Statute"},
			{"A1002", "Do  not terminate"},
			{"A1003", "ADD CODE", "01/0/12031", nil, nil, nil, nil, nil, "see above"},
			{"   ZQ", "Removed in error - add back to file", "01/02/2031"},
			{"A1004", nil, "20310401", nil, nil, nil, nil, nil, nil, nil, "beyond the headers"},
			nil,
			{"A1005"}, {"all codes", "Revise"},
		}},
		companionSheet{name: "Sheet2"},
	), companionLimits)
	require.NoError(t, err)
	const sheet = "2031 Corrections"
	require.Equal(t, []Correction{
		{"A1001", "ADD", "2031-01-01", []CorrectionDetail{
			{"SHORT DESC", "Invented"}, {"LONG DESC", "An invented supply"}, {"TOS", "9,F"}, {"PRICE", "53"},
			{"ASC IND", "YY"}, {"ASC DATE", "2031-01-01"}, {"COMMENTS", "Statute"},
		}, sheet, 5},
		{"A1002", "Do not terminate", "", nil, sheet, 6},
		{"A1003", "ADD CODE", "", []CorrectionDetail{{"ASC DATE", "see above"}}, sheet, 7},
		{"ZQ", "Removed in error - add back to file", "2031-01-02", nil, sheet, 8},
		{"A1004", "", "2031-04-01", []CorrectionDetail{{"", "beyond the headers"}}, sheet, 9},
	}, corrections)
	require.Equal(t, []Finding{
		{File: "corrections.xlsx", Line: 7, Code: "A1003", Field: "effective_date", Rule: RuleUnparseableDate, RawText: "01/0/12031"},
		{File: "corrections.xlsx", Line: 11, Rule: RuleUnreadableLine, RawText: "A1005"},
		{File: "corrections.xlsx", Line: 12, Rule: RuleUnreadableLine, RawText: "all codes\tRevise"},
	}, findings)
}

func TestNOCCodes(t *testing.T) {
	codes, findings, err := ParseNOCCodes("noc.xlsx", companionBook(t, companionSheet{"NOC_Codes_2031", [][]any{
		{nil, "NOC CODES - HCPCS 2031"}, nil, nil,
		{"HCPCS", "LONG DESCRIPTION", "ADD DATE", "TERM DATE"}, nil,
		{"A1001", "Unlisted invention", "20010101"},
		{"A1002", "Invention for which the list has", "20020101", 20301231},
		{"A1002", "no room in one row"},
		{"A1003", "Invention, not otherwise specified", "20030132"},
		{"A1003", "Another invention altogether"},
		{"A1001", "in the wrong place"},
		{"end of list"},
	}}), companionLimits)
	require.NoError(t, err)
	const sheet = "NOC_Codes_2031"
	require.Equal(t, []NOCCode{
		{"A1001", "Unlisted invention", "2001-01-01", "", sheet, 6},
		{"A1002", "Invention for which the list has no room in one row", "2002-01-01", "2030-12-31", sheet, 7},
		{"A1003", "Invention, not otherwise specified", "", "", sheet, 9},
	}, codes)
	require.Equal(t, []Finding{
		{File: "noc.xlsx", Line: 9, Code: "A1003", Field: "code_added_date", Rule: RuleUnparseableDate, RawText: "20030132"},
		{File: "noc.xlsx", Line: 10, Code: "A1003", Rule: RuleDuplicateCode, RawText: "Another invention altogether"},
		{File: "noc.xlsx", Line: 11, Code: "A1001", Rule: RuleDuplicateCode, RawText: "in the wrong place"},
		{File: "noc.xlsx", Line: 12, Rule: RuleUnreadableLine, RawText: "end of list"},
	}, findings)
}

func TestProcessingNotes(t *testing.T) {
	text := strings.Join([]string{
		"                    PROCESSING NOTES",
		" ______________________________",
		"",
		"     0001--DELETED 1/1/31.                        *",
		"                                                  *",
		"     0002--FIRST LINE,  WITH A * IN IT            *",
		"           00300 SECOND LINE.\t\t\t   *\t",
		"\t\t\t\t   *",
		"\t  0003--THE ITEM\u2019S RULE.\t\t   * ",
		"           PROCESSING NOTES",
		"\t\tGOES ON.",
		"",
		"     0002--AGAIN",
		"           AND MORE OF IT",
		"     0220--",
		"           ON ITS OWN LINE",
		"\x1a",
	}, "\r\n")
	want := []ProcessingNoteText{
		{"0001", "DELETED 1/1/31.", 4},
		{"0002", "FIRST LINE, WITH A * IN IT 00300 SECOND LINE.", 6},
		{"0003", "THE ITEM\u2019S RULE. GOES ON.", 9},
		{"0220", "ON ITS OWN LINE", 15},
	}
	for name, data := range map[string]string{
		"UTF-8":           text,
		"Windows 1252":    strings.ReplaceAll(text, "\u2019", "\x92"),
		"UTF-8 with mark": "\ufeff" + text,
	} {
		notes, findings, err := ParseProcessingNotes("notes.txt", []byte(data))
		require.NoError(t, err, name)
		require.Equal(t, want, notes, name)
		require.Equal(t, []Finding{{
			File: "notes.txt", Line: 13, Field: "processing_note", Rule: RuleDuplicateCode, RawText: "     0002--AGAIN",
		}}, findings, name)
	}
	odd, findings, err := ParseProcessingNotes("notes.txt", []byte("0001--ONE\n0002 -- TWO\n1834-35 IS NO NUMBER\n0003-THREE\n0004\u2014FOUR\n0004 - FIVE\n0006 - SIX\n"))
	require.NoError(t, err)
	require.Empty(t, findings)
	require.Equal(t, []ProcessingNoteText{
		{"0001", "ONE", 1}, {"0002", "TWO 1834-35 IS NO NUMBER", 2}, {"0003", "THREE", 4}, {"0004", "FOUR 0004 - FIVE 0006 - SIX", 5},
	}, odd)
	notes, _, err := ParseProcessingNotes("notes.txt", []byte("0001--\u2264 5"))
	require.NoError(t, err)
	require.Equal(t, "\u2264 5", notes[0].Text, "a character that Windows 1252 does not have")
}

func TestCompanionsThatAreNone(t *testing.T) {
	report := companionBook(t, companionSheet{"List", [][]any{{"HCPC/MOD", "ACTION CD"}, {"A1001", "ADD"}}})
	corrections := companionBook(t, companionSheet{"List", [][]any{{"CODE", "ACTION"}, {"A1001", "ADD"}}})
	main := companionBook(t, companionSheet{"List", [][]any{
		{"HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "ADD DT", "TERM DT", "ACTION CD"}, {"A1001", "0010", "3", "Invented", "20310101", "", "A"},
	}})
	parsers := map[string]func(data []byte, limits WorkbookLimits) error{
		"transaction report": func(data []byte, limits WorkbookLimits) error {
			_, _, err := ParseTransactionReport("file.xlsx", data, limits)
			return err
		},
		"corrections": func(data []byte, limits WorkbookLimits) error {
			_, _, err := ParseCorrections("file.xlsx", data, limits)
			return err
		},
		"list of NOC codes": func(data []byte, limits WorkbookLimits) error {
			_, _, err := ParseNOCCodes("file.xlsx", data, limits)
			return err
		},
	}
	other := map[string][]byte{"transaction report": corrections, "corrections": report, "list of NOC codes": report}
	columns := map[string]string{
		"transaction report": "HCPCS/Modifier Code and Type of Change", "corrections": "CODE and ACTION",
		"list of NOC codes": "HCPCS, LONG DESCRIPTION and ADD DATE",
	}
	deep := companionBook(t, companionSheet{"List", below(headerRows+2, []any{"HCPC/MOD", "ACTION CD"}, []any{"A1001", "ADD"})})
	for what, parse := range parsers {
		wanted := "reading file.xlsx: it holds no " + what + ": no sheet has a header row with the columns " + columns[what] + " in its first 40 rows"
		require.EqualError(t, parse(other[what], companionLimits), wanted)
		require.EqualError(t, parse(main, companionLimits), wanted, "the main file")
		require.EqualError(t, parse(deep, companionLimits), wanted, "a header row too far down")
		require.ErrorContains(t, parse([]byte("A1001  ADD"), companionLimits), "reading file.xlsx: opening the workbook: ")
		require.ErrorContains(t, parse(report, WorkbookLimits{Unpacked: 64, Part: 64}), "it is larger than 64 bytes")
	}
	empty := map[string][]any{
		"transaction report": {"HCPCS/MOD", "TYPE OF CHANGE"}, "corrections": {"CODE", "ACTION"},
		"list of NOC codes": {"HCPCS", "LONG DESCRIPTION", "ADD DATE"},
	}
	for what, headers := range empty {
		err := parsers[what](companionBook(t, companionSheet{"List", [][]any{headers, {"no code"}}}), companionLimits)
		require.ErrorContains(t, err, "reading file.xlsx: no row below the header row has a code and a", what)
	}
	for data, wanted := range map[string]string{
		"no note here":             "it holds no processing note",
		"":                         "it holds no processing note",
		"\xff\xfe0\x000\x000\x001": "UTF-16",
		"\x00\x01\x02\x03":         "binary",
	} {
		_, _, err := ParseProcessingNotes("notes.txt", []byte(data))
		require.ErrorContains(t, err, wanted)
		require.ErrorContains(t, err, "reading notes.txt: ")
	}
}

func TestCompanionFindingsAreBounded(t *testing.T) {
	_, findings, err := ParseTransactionReport("report.xlsx", companionBook(t, companionSheet{"List", [][]any{
		{"HCPC/MOD", "ACTION CD"}, {"A1001", "ADD"}, {"none", strings.Repeat("é", 1000)},
	}}), companionLimits)
	require.NoError(t, err)
	require.Len(t, []rune(findings[0].RawText), maxRawText)
}
