package transform

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

var workbookTestLimits = WorkbookLimits{Unpacked: 64 << 20, Part: 32 << 20}

// headers are the 48 columns of CMS's workbook, in its order.
func headers() []any {
	row := []any{headerCode, headerSequenceNumber, headerRecordType}
	for _, info := range Layout {
		if info.Field == TerminationDate {
			row = append(row, headerActionEffectiveDate)
		}
		for _, header := range info.Headers {
			row = append(row, header)
		}
	}
	return append(row, headerActionCode)
}

// cells writes a row by headers.
func cells(values map[string]any) []any {
	row := headers()
	for i, header := range row {
		row[i] = values[header.(string)]
	}
	return row
}

func bandageCells() map[string]any {
	return map[string]any{
		"HCPC": "A0001", "SEQNUM": "0010", "RECID": "3", "LONG DESCRIPTION": "Bandage,\u00a0 sterile ", "SHORT DESCRIPTION": "Bandage",
		"PRICE1": "34", "PRICE2": 46, "MULT_PI": "A", "CIM1": "60-9", "MCM1": "2100.5", "MCM2": 2130, "STATUTE": "1861(s)",
		"LABCERT1": 110, "LABCERT2": "220", "XREF1": "A0002", "XREF2": "E0003", "COV": "D", "ASC_GRP": "YY", "ASC_DT": 20190101,
		"OPPS": 132, "OPPS_PI": "1", "OPPS_DT": "20180101", "PROCNOTE": 14, "BETOS": "D1A", "TOS1": 9, "TOS2": "S", "ANEST_BU": 4,
		"ADD DT": 20150101, "ACT EFF DT": "20210101", "TERM DT": 20201231, "ACTION CD": "D",
	}
}

func workbookOf(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	for i, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		require.NoError(t, err)
		require.NoError(t, book.SetSheetRow("Sheet1", at, &row))
	}
	var out bytes.Buffer
	require.NoError(t, book.Write(&out))
	return out.Bytes()
}

func TestWorkbookAndTextGiveTheSameRecord(t *testing.T) {
	require.Len(t, headers(), 48)
	fromText := parseLines(t, line(bandage())).Records[0]
	file, err := ParseWorkbook("sample.xlsx", workbookOf(t, headers(), cells(bandageCells())), workbookTestLimits)
	require.NoError(t, err)
	require.Empty(t, file.Findings)
	require.Len(t, file.Records, 1)
	require.Equal(t, fromText.Content, file.Records[0].Content)
	require.Equal(t, fromText.ActionCode, file.Records[0].ActionCode)
	require.Equal(t, fromText.ActionEffectiveDate, file.Records[0].ActionEffectiveDate)
	require.Equal(t, 2, file.Records[0].SourceLine)
	require.Empty(t, CompareFormats([]Record{fromText}, file.Records))
}

func TestWorkbookTraps(t *testing.T) {
	modifier := map[string]any{"HCPC": "   SS", "SEQNUM": "0010", "RECID": 7, "LONG DESCRIPTION": "Suite", "SHORT DESCRIPTION": "Suite", "ADD DT": "20040101", "ACT EFF DT": "20040101", "ACTION CD": "N"}
	split := map[string]any{"HCPC": "A0001", "SEQNUM": "0020", "RECID": "4", "LONG DESCRIPTION": "of cotton"}
	rows := [][]any{{"***Disclaimers"}, {nil}, {"Codes may change."}, {}, {}, {}, {}, headers(), cells(modifier), cells(bandageCells()), cells(split)}
	for range 500 { // a used range far beyond the data
		rows = append(rows, []any{nil, " ", nil})
	}
	file, err := ParseWorkbook("sample.xlsx", workbookOf(t, rows...), workbookTestLimits)
	require.NoError(t, err)
	require.Empty(t, file.Findings)
	require.Len(t, file.Records, 2)
	require.Equal(t, "Bandage, sterile of cotton", file.Records[0].Content[LongDescription])
	require.Equal(t, "SS", file.Records[1].Code)
	require.Equal(t, 3, file.LinesRead)
}

func TestWorkbookFindings(t *testing.T) {
	with := func(header string, value any) []any {
		values := bandageCells()
		values[header] = value
		return cells(values)
	}
	for _, c := range []struct {
		name  string
		row   []any
		rule  Rule
		field string
	}{
		{"a date that is none", with("TERM DT", "2020123"), RuleUnparseableDate, "termination_date"},
		{"a date of year 20", with("ADD DT", "00201231"), RuleImplausibleDate, "code_added_date"},
		{"base units that are no number", with("ANEST_BU", "x"), RuleUnparseableNumber, "anesthesia_base_units"},
		{"a code that is none", with("HCPC", "Total"), RuleUnreadableLine, ""},
		{"a record type that is none", with("RECID", "5"), RuleUnreadableLine, ""},
		{"a modifier's record type", with("RECID", "7"), RuleWrongRecordType, "record_type"},
		{"the code again", cells(bandageCells()), RuleDuplicateCode, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := bandageCells()
			if c.rule != RuleDuplicateCode {
				first["HCPC"] = "B0001"
			}
			file, err := ParseWorkbook("sample.xlsx", workbookOf(t, headers(), cells(first), c.row), workbookTestLimits)
			require.NoError(t, err)
			var fields []string
			for _, finding := range file.Findings {
				if finding.Rule == c.rule {
					require.Equal(t, 3, finding.Line)
					fields = append(fields, finding.Field)
				}
			}
			require.Equal(t, []string{c.field}, fields)
		})
	}
}

// What is out of sight is read only where nothing is in sight.
func TestHiddenSheets(t *testing.T) {
	older := bandageCells()
	older["LONG DESCRIPTION"] = "As it was"
	book := excelize.NewFile()
	_, err := book.NewSheet("Sheet2")
	require.NoError(t, err)
	for sheet, record := range map[string]map[string]any{"Sheet1": older, "Sheet2": bandageCells()} {
		for i, row := range [][]any{headers(), cells(record)} {
			require.NoError(t, book.SetSheetRow(sheet, "A"+strconv.Itoa(i+1), &row))
		}
	}
	book.SetActiveSheet(1)
	description := func() string {
		var out bytes.Buffer
		require.NoError(t, book.Write(&out))
		file, err := ParseWorkbook("sample.xlsx", out.Bytes(), workbookTestLimits)
		require.NoError(t, err)
		return file.Records[0].Content[LongDescription]
	}
	require.Equal(t, "As it was", description())
	require.NoError(t, book.SetSheetVisible("Sheet1", false))
	require.Equal(t, "Bandage, sterile", description())
	require.NoError(t, book.DeleteSheet("Sheet2"))
	require.Equal(t, "As it was", description())
}

// A second row of a code counts for nothing, and nor does the row that goes on with
// it. Rows are numbered by tens in CMS's workbooks, as the lines of a text by
// hundreds.
func TestRowsThatStandTwice(t *testing.T) {
	for _, numbers := range [][2]string{{"0010", "0020"}, {"00100", "00200"}, {"10", "20"}} {
		first := bandageCells()
		first["SEQNUM"] = numbers[0]
		more := map[string]any{"HCPC": "A0001", "SEQNUM": numbers[1], "RECID": "4", "LONG DESCRIPTION": "of cotton"}
		twice := workbookOf(t, headers(), cells(first), cells(more), cells(first), cells(more))
		file, err := ParseWorkbook("sample.xlsx", twice, workbookTestLimits)
		require.NoError(t, err)
		require.Equal(t, "Bandage, sterile of cotton", file.Records[0].Content[LongDescription])
		require.Equal(t, []Rule{RuleDuplicateCode, RuleDuplicateCode}, rules(file))
		file, err = ParseWorkbook("sample.xlsx", workbookOf(t, headers(), cells(first), cells(more), cells(more)), workbookTestLimits)
		require.NoError(t, err)
		require.Equal(t, []Rule{RuleSequenceBreak}, rules(file))
	}
}

// A spreadsheet program that was asked to save the file may have made dates of
// the digits.
func TestDatesThatASpreadsheetMade(t *testing.T) {
	for _, value := range []any{20201231, "20201231", "20201231.0", 44196, "2020-12-31", "2020-12-31T00:00:00Z"} {
		values := bandageCells()
		values["TERM DT"] = value
		file, err := ParseWorkbook("sample.xlsx", workbookOf(t, headers(), cells(values)), workbookTestLimits)
		require.NoError(t, err)
		require.Empty(t, file.Findings, value)
		require.Equal(t, "2020-12-31", file.Records[0].Content[TerminationDate], value)
	}
}

func TestWorkbooksThatAreNone(t *testing.T) {
	noDates := headers()
	noDates[46] = "SOMETHING"
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"no workbook":           {[]byte("HCPC,SEQNUM,RECID"), "opening the workbook"},
		"another sheet":         {workbookOf(t, []any{"HCPC/MOD", "ACTION CD"}, []any{"A0001", "ADD"}), "no sheet has a header row with the columns HCPC, SEQNUM and RECID"},
		"a column that lacks":   {workbookOf(t, noDates, cells(bandageCells())), "lacks the columns " + headers()[46].(string)},
		"headers and no record": {workbookOf(t, headers()), "there is no record below the header row"},
	} {
		_, err := ParseWorkbook("release.xlsx", c.data, workbookTestLimits)
		require.ErrorContains(t, err, "reading release.xlsx", name)
		require.ErrorContains(t, err, c.want, name)
	}
	_, err := ParseWorkbook("release.xlsx", workbookOf(t, headers(), cells(bandageCells())), WorkbookLimits{Unpacked: 1000, Part: 1000})
	require.ErrorContains(t, err, "reading release.xlsx", "a workbook beyond the limits")
}

func FuzzParseWorkbook(f *testing.F) {
	f.Add(workbookOf(f, headers(), cells(bandageCells())))
	f.Add(workbookOf(f, []any{"HCPC/MOD"}))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := ParseWorkbook("fuzz.xlsx", data, workbookTestLimits)
		if err != nil {
			require.Nil(t, file)
			require.True(t, strings.HasPrefix(err.Error(), "reading fuzz.xlsx"))
			return
		}
		for i := range file.Records {
			require.True(t, IsCode(file.Records[i].Code))
		}
	})
}
