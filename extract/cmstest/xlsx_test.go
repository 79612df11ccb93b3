package cmstest

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// open reads a workbook with a reader that knows nothing of how it was written.
func open(t *testing.T, content []byte) *excelize.File {
	t.Helper()
	file, err := excelize.OpenReader(bytes.NewReader(content))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	return file
}

func rows(t *testing.T, file *excelize.File, sheet string) [][]string {
	t.Helper()
	rows, err := file.GetRows(sheet)
	require.NoError(t, err)
	return rows
}

// TestXLSXColumns finds each value under CMS's header for it.
func TestXLSXColumns(t *testing.T) {
	t.Parallel()
	r := textRelease(modifier, full)
	file := open(t, r.XLSX(XLSXOptions{}))
	require.Equal(t, []string{"A"}, file.GetSheetList())
	got := rows(t, file, "A")
	require.Len(t, got, 3)
	require.Len(t, got[0], 48)

	row := map[string]string{}
	for i, header := range got[0] {
		row[header] = got[2][i]
	}
	require.Equal(t, map[string]string{
		"HCPC": "C1234", "SEQNUM": "0010", "RECID": "3", "LONG DESCRIPTION": full.LongDescription,
		"SHORT DESCRIPTION": "Short, of twenty-eight chars", "PRICE1": "11", "PRICE2": "12", "PRICE3": "13", "PRICE4": "14",
		"MULT_PI": "A", "CIM1": "60-9", "CIM2": "65-101", "CIM3": "50-3", "MCM1": "2049", "MCM2": "3350.512", "MCM3": "4270",
		"STATUTE": "1862(a)(7)", "LABCERT1": "110", "LABCERT2": "120", "LABCERT3": "130", "LABCERT4": "140", "LABCERT5": "150",
		"LABCERT6": "210", "LABCERT7": "220", "LABCERT8": "300", "XREF1": "A0001", "XREF2": "A0002", "XREF3": "A0003",
		"XREF4": "CPT", "XREF5": "99999", "COV": "D", "ASC_GRP": "YY", "ASC_DT": "20080101", "OPPS": "102", "OPPS_PI": "1",
		"OPPS_DT": "20090203", "PROCNOTE": "0041", "BETOS": "O1E", "TOS1": "A", "TOS2": "P", "TOS3": "R", "TOS4": "9", "TOS5": "1",
		"ANEST_BU": " 12", "ADD DT": "20010203", "ACT EFF DT": "20200401", "TERM DT": "20201231", "ACTION CD": "B",
	}, row)
	require.Equal(t, "   K7", got[1][0])
	require.Equal(t, "7", got[1][2])
	require.Equal(t, "N", got[1][47])

	properties, err := file.GetDocProps()
	require.NoError(t, err)
	require.Equal(t, "2020-03-11T14:30:00Z", properties.Modified)
}

// TestXLSXTraps writes each irregularity of domain.md 12 and 13.
func TestXLSXTraps(t *testing.T) {
	t.Parallel()
	other := full
	other.ActionEffectiveDate = "2020-05-06"
	r := textRelease(modifier, full)
	file := open(t, r.XLSX(XLSXOptions{
		SheetName: "HCPCS_2020", Disclaimer: SheetDisclaimer(6), HeaderRow: 8, UsedRows: 16_965,
		Numbers: map[string][]string{"C1234": {"ADD DT", "TOS4"}}, Split: []string{"C1234"},
		MisplacedASC: []string{"C1234"}, Differing: []Code{other},
	}))
	const sheet = "HCPCS_2020"
	dimension, err := file.GetSheetDimension(sheet)
	require.NoError(t, err)
	require.Equal(t, "A1:AV16965", dimension)

	got := rows(t, file, sheet)
	require.Equal(t, disclaimers[0], got[0][0])
	require.Equal(t, "HCPC", got[7][0])
	require.Equal(t, []string{"C1234", "0020", "4"}, got[10][:3])
	require.Equal(t, full.LongDescription, got[9][3]+" "+got[10][3])
	require.Len(t, got[10], 4)
	require.Equal(t, "20", got[9][31])
	require.Equal(t, "080101", got[9][32])
	require.Equal(t, "20200506", got[9][slices.Index(xlsxHeaders, "ACT EFF DT")])
	for _, line := range got[11:] {
		require.Empty(t, line)
	}

	kind := func(position string) excelize.CellType {
		kind, err := file.GetCellType(sheet, position)
		require.NoError(t, err)
		return kind
	}
	require.Equal(t, excelize.CellTypeSharedString, kind("AT10"))
	require.Equal(t, excelize.CellTypeUnset, kind("AS10"), "a number")
	require.Equal(t, "20010203", got[9][slices.Index(xlsxHeaders, "ADD DT")])

	require.Len(t, rows(t, open(t, r.XLSX(XLSXOptions{EmptyStrings: true})), "A")[1], 48)
}

func TestTransactionReport(t *testing.T) {
	t.Parallel()
	added, changed := full, full
	added.Code, added.ActionCode = "A0009", "A"
	changed.Code, changed.ActionCode = "A0007", "C"
	r := textRelease(modifier, changed, added, full)

	file := open(t, r.TransactionReport(TransactionReportOptions{Disclaimer: SheetDisclaimer(9), Labels: map[string]string{"A0007": "Long/Short Description Change"}}))
	require.Equal(t, []string{"Changes by Action Code", "Changes by HCPC code", "Action Code Key"}, file.GetSheetList())
	byAction := rows(t, file, "Changes by Action Code")
	require.Equal(t, []string{"HCPC/MOD", "ACTION CD", "SHORT DESCRIPTION", "LONG DESCRIPTION"}, byAction[10])
	require.Equal(t, []string{"A0009", "ADD", full.ShortDescription, full.LongDescription}, byAction[11])
	require.Equal(t, []string{"   K7", "No Change"}, byAction[14][:2])
	byCode := rows(t, file, "Changes by HCPC code")
	require.Equal(t, "HCPC/MOD", byCode[9][0])
	require.Equal(t, "   K7", byCode[10][0])
	require.Equal(t, []string{"A0007", "Long/Short Description Change"}, byCode[11][:2])
	require.Len(t, rows(t, file, "Action Code Key"), 11)

	file = open(t, r.TransactionReport(TransactionReportOptions{Style: Report2016}))
	byCode = rows(t, file, "Changes by HCPCS Code")
	require.Equal(t, [][]string{
		{"HCPCS/Modifier Code", "Type of Change"}, {"A0007", "Change in Long Description"}, {"A0009", "Add"},
		{"C1234", "Change in both Coverage & Long Description"}, {"K7", "No change"},
	}, byCode)
	require.Equal(t, "Changes by HCPCS Code", open(t, r.TransactionReport(TransactionReportOptions{Style: Report2017})).GetSheetList()[0])
	require.Equal(t, "HCPCS/MOD", rows(t, open(t, r.TransactionReport(TransactionReportOptions{Style: Report2019})), "Changes by Action Code")[0][0])
}

func TestCompanions(t *testing.T) {
	t.Parallel()
	r := textRelease(modifier, full)
	notes := string(ProcessingNotes([]ProcessingNote{{"0007", "A note that is long enough to go over one line, which it does because it says the same twice."}}))
	require.Contains(t, notes, "\r\n          0007--A NOTE THAT IS LONG ENOUGH")
	require.Contains(t, notes, "\r\n                IT SAYS THE SAME TWICE.")

	corrections := rows(t, open(t, Corrections(r.PublishedAt, 2020, []Correction{{Code: "C1234", Action: "Revise long desc", EffectiveDate: "2020-01-01", LongDescription: "New"}})), "Sheet1")
	require.Equal(t, []string{"CODE", "ACTION", "EFF DATE"}, corrections[3][:3])
	require.Equal(t, []string{"C1234", "Revise long desc", "43831", "", "New"}, corrections[4])

	unlisted := full
	unlisted.LongDescription = "Tack pad, not otherwise classified"
	r = textRelease(modifier, unlisted)
	codes := rows(t, open(t, r.NOCCodes()), "NOC_Codes_2020")
	require.Equal(t, []string{"C1234", unlisted.LongDescription, "20010203", "20201231"}, codes[5])
	require.Equal(t, "NOC CODES - HCPCS 2020", codes[0][1])
}

func TestZIP(t *testing.T) {
	t.Parallel()
	r := textRelease(modifier, full)
	options := ZIPOptions{XLSX: &XLSXOptions{}, TransactionReport: &TransactionReportOptions{}, Version: 2,
		Companions: []File{{"proc_notes_APR2020.txt", []byte("notes")}}}
	content := r.ZIP(options)
	require.Equal(t, content, r.ZIP(options), "the same input, other bytes")

	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	var names []string
	for _, entry := range archive.File {
		names = append(names, entry.Name)
		require.True(t, r.PublishedAt.Equal(entry.Modified), entry.Modified.Format(time.RFC3339))
	}
	require.Equal(t, []string{"HCPC2020_APR_ANWEB_v2.txt", "HCPC2020_APR_ANWEB_v2.xlsx", "HCPC2020_APR_Trans_Alpha.xlsx", "proc_notes_APR2020.txt"}, names)
	text, err := archive.File[0].Open()
	require.NoError(t, err)
	unpacked, err := io.ReadAll(text)
	require.NoError(t, err)
	require.Equal(t, r.TXT(TXTOptions{}), unpacked)

	require.Equal(t, "january-2021-alpha-numeric-hcpcs-file.zip", ZIPName(release.Quarter{Year: 2021, Number: 1}))
	require.Equal(t, "HCPC2021_JAN_ANWEB", MainFileName(release.Quarter{Year: 2021, Number: 1}, 1))
}

// TestFieldNames keeps the names in step with the layout's columns.
func TestFieldNames(t *testing.T) {
	t.Parallel()
	require.Equal(t, columnNames, FieldNames())
	for i, name := range columnNames {
		require.Equal(t, values(full)[i], full.Value(name), name)
		var code Code
		code.SetValue(name, full.Value(name))
		require.Equal(t, full.Value(name), code.Value(name), name)
		for j, value := range values(code) {
			require.Equal(t, i == j, value != "", "%s set, %s read", name, columnNames[j])
		}
	}
}
