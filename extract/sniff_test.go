package extract

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"
)

func sniffBytes(t *testing.T, name string, content []byte) sniffed {
	t.Helper()
	found, err := sniff(context.Background(), sniffable{
		name: name, size: int64(len(content)),
		stream: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		random: func() (io.ReaderAt, func(), error) { return bytes.NewReader(content), func() {}, nil },
	}, defaultLimits)
	require.NoError(t, err)
	return found
}

func TestSniffText(t *testing.T) {
	for what, c := range map[string]struct {
		name, content string
		want          Kind
	}{
		"main file":                          {"a.txt", mainText("beans"), kindMain},
		"under any name":                     {"README.txt", mainText("beans"), kindMain},
		"after a preamble":                   {"a.txt", preamble + mainText("beans"), kindMain},
		"with a corrupt first line":          {"a.txt", "`" + mainText("beans")[1:], kindMain},
		"with a corrupt line in between":     {"a.txt", mainText("beans") + "garbage\r\n" + mainText("peas"), kindMain},
		"with a zero byte in a record":       {"a.txt", preamble + strings.Replace(mainText("beans"), "beans", "be\x00ns", 1), kindMain},
		"with a zero byte in the preamble":   {"a.txt", "Disclaimer\x00s\r\n" + mainText("beans"), kindMain},
		"with a byte order mark":             {"a.txt", "\xef\xbb\xbf" + mainText("beans"), kindMain},
		"with line feeds only":               {"a.txt", strings.ReplaceAll(mainText("beans"), "\r\n", "\n"), kindMain},
		"with carriage returns only":         {"a.txt", strings.ReplaceAll(mainText("beans"), "\r\n", "\r"), kindMain},
		"prose that quotes one record":       {"a.txt", "A record looks so:\n" + mainText("beans")[:95] + "\nand goes on\nlike this\nfor long.\n", KindOther},
		"claims":                             {"claims.csv", "claim,code,date\n1,A0901,2020-01-01\n", KindOther},
		"the main file as CSV":               {"hcpcs.csv", "HCPC,SEQNUM,RECID,LONG DESCRIPTION\nA0901,0010,3,Crate\n", KindOther},
		"transaction report":                 {"x.prn", "HCPCS/Modifier CodeType of Change\n\nZ9     ADD\nA0901   No Change\n", KindTransactionReport},
		"transaction report, later spelling": {"x.prn", "A note\n\n  HCPC/MOD     ACTION CD     SHORT DESCRIPTION\n   Z9   ADD\n", KindTransactionReport},
		"NOC codes":                          {"x.prn", "      NOC CODES - HCPCS 2031\n\n  HCPCS  LONG DESCRIPTION    ADD DATE\n", KindNOCCodes},
		"NOC codes by name":                  {"NOC_Codes_2031.txt", "HCPCS\tLONG DESCRIPTION\nA0999      Crate not otherwise classified  19870101\n", KindNOCCodes},
		"processing notes":                   {"x.txt", "            PROCESSING NOTES\n ____\n   0001--CRATES ONLY\n", KindProcessingNotes},
		"corrections":                        {"x.prn", "    2031 HCPCS CORRECTIONS\n\n  CODE    ACTION    EFF DATE\n", KindCorrections},
		"README of corrections":              {"Corrections_README.txt", "2031 HCPCS CORRECTIONS\nOnly dates changed.\n", KindReadme},
		"binary":                             {"x.txt", "A0901\x00\x01\x02", KindOther},
	} {
		found := sniffBytes(t, c.name, []byte(c.content))
		require.Equal(t, c.want, found.kind, what)
		require.Empty(t, found.unreadable, what)
		if c.want == kindMain {
			require.Equal(t, FormatText, found.format, what)
		}
	}
}

func TestSniffWorkbook(t *testing.T) {
	saved := time.Date(2031, 9, 8, 16, 25, 51, 0, time.UTC)
	for what, c := range map[string]struct {
		name    string
		content []byte
		want    Kind
	}{
		"main file":                        {"x.xlsx", mainWorkbook(t, "beans", 1), kindMain},
		"main file under a companion name": {"noc.xlsx", mainWorkbook(t, "beans", 1), kindMain},
		"main file named ZIP":              {"x.zip", mainWorkbook(t, "beans", 1), kindMain},
		"header in row 11":                 {"x.xlsx", mainWorkbook(t, "beans", 11), kindMain},
		"header in row 30":                 {"x.xlsx", mainWorkbook(t, "beans", 30), kindMain},
		"header in odd white space":        {"x.xlsx", workbookOf(t, saved, [][]string{{" Hcpc\u00a0", "SeqNum ", "RECID"}}), kindMain},
		"header in row 40":                 {"x.xlsx", mainWorkbook(t, "beans", 40), kindMain},
		"header with separators":           {"x.xlsx", workbookOf(t, saved, [][]string{{"HCPC", "SEQ-NUM", "REC_ID"}}), kindMain},
		"behind another sheet":             {"x.xlsx", workbookOf(t, saved, [][]string{{"HCPC", "ACTION CD"}}, [][]string{{}, slices.Concat([]string{"HCPC", "SEQNUM", "RECID"}, slices.Repeat([]string{"PRICE"}, 45))}), kindMain},
		"transaction report":               {"anweb.xlsx", transactionWorkbook(t), KindTransactionReport},
		"corrections":                      {"x.xlsx", workbookOf(t, saved, [][]string{{"2031 ALPHA-NUMERIC HCPCS CORRECTIONS"}, {}, {"CODE", "ACTION", "EFF DATE"}}), KindCorrections},
		"corrections without a title":      {"x.xlsx", workbookOf(t, saved, [][]string{{"CODE", "ACTION", "EFF DATE"}}), KindCorrections},
		"NOC codes":                        {"x.xlsx", workbookOf(t, saved, [][]string{{"NOC CODES - HCPCS 2031"}, {"HCPCS", "LONG DESCRIPTION"}}), KindNOCCodes},
		"by name":                          {"Corrections_alpha.xlsx", workbookOf(t, saved, [][]string{{"Crates"}}), KindCorrections},
		"something else":                   {"budget.xlsx", workbookOf(t, saved, [][]string{{"Month", "Crates"}}), KindOther},
		"another document":                 {"recordlayout.docx", zipOf(t, zipEntry{name: "[Content_Types].xml", content: "<Types/>"}, zipEntry{name: "word/document.xml", content: "<x/>"}), KindRecordLayout},
		"nothing in it":                    {"x.xlsx", workbookOf(t, saved, nil), KindOther},
	} {
		found := sniffBytes(t, c.name, c.content)
		require.Empty(t, found.unreadable, what)
		require.Equal(t, c.want, found.kind, what)
	}
	require.Equal(t, saved, sniffBytes(t, "x.xlsx", workbookOf(t, saved, [][]string{mainHeader})).modified)
	require.Zero(t, sniffBytes(t, "x.xlsx", mainWorkbook(t, "beans", 1)).modified, "1970 is no time of saving")
}

// A workbook of another make: prefixed elements, inline strings, the string
// table out of order, targets from the root.
func TestSniffWorkbookOfAnotherMake(t *testing.T) {
	book := zipOf(t,
		zipEntry{name: "xl/workbook.xml", content: `<?xml version="1.0"?><x:workbook xmlns:x="u" xmlns:r="v"><x:sheets><x:sheet name="a" sheetId="7" r:id="two"/><x:sheet name="b" sheetId="8" r:id="one"/></x:sheets></x:workbook>`},
		zipEntry{name: "xl/_rels/workbook.xml.rels", content: `<Relationships><Relationship Id="one" Target="worksheets/b.xml"/><Relationship Id="two" Target="/xl/worksheets/a.xml"/></Relationships>`},
		zipEntry{name: "xl/worksheets/a.xml", content: `<x:worksheet xmlns:x="u"><x:sheetData><x:row r="1"><x:c t="inlineStr"><x:is><x:t>Notes</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>`},
		zipEntry{name: "xl/worksheets/b.xml", content: `<x:worksheet xmlns:x="u"><x:sheetData><x:row r="5"><x:c t="s"><x:v>2</x:v></x:c><x:c t="inlineStr"><x:is><x:r><x:t>SEQ</x:t></x:r><x:r><x:t>NUM</x:t></x:r></x:is></x:c><x:c t="s"><x:v>0</x:v></x:c><x:c><x:v>12</x:v></x:c></x:row></x:sheetData></x:worksheet>`},
		zipEntry{name: "xl/sharedStrings.xml", content: `<x:sst xmlns:x="u"><x:si><x:t>RECID</x:t></x:si><x:si><x:t>unused</x:t></x:si><x:si><x:r><x:t>HC</x:t></x:r><x:r><x:t>PC</x:t></x:r></x:si></x:sst>`},
		zipEntry{name: "[Content_Types].xml", content: `<Types/>`},
	)
	require.Equal(t, kindMain, sniffBytes(t, "x.xlsx", book).kind)
}

// Where the first rows tell what a workbook is, the texts of the others are left alone:
// they can lie anywhere in a long string table.
func TestSniffReadsNoMoreTextsThanItNeeds(t *testing.T) {
	row := func(number, first, last int) string {
		row := fmt.Sprintf(`<row r="%d">`, number)
		for i := first; i <= last; i++ {
			row += fmt.Sprintf(`<c t="s"><v>%d</v></c>`, i)
		}
		return row + "</row>"
	}
	header := []string{"HCPC", "SEQNUM", "RECID"}
	for len(header) < fewestMainColumns {
		header = append(header, "MORE")
	}
	for what, c := range map[string]struct {
		header []string
		rows   string
		want   Kind
	}{
		"a main file":          {header, row(1, 0, 29) + strings.Repeat(row(2, 0, 0), likelyRows) + strings.Repeat(row(3, 80, 80), 9), kindMain},
		"a transaction report": {[]string{"TITLE", "HCPCS", "ACTION CD"}, row(1, 0, 0) + row(2, 1, 2) + strings.Repeat(row(2, 0, 0), likelyRows) + strings.Repeat(row(3, 80, 80), 9), KindTransactionReport},
	} {
		table := "<sst>"
		for _, text := range c.header {
			table += "<si><t>" + text + "</t></si>"
		}
		table += strings.Repeat("<si><t>a text</t></si>", 80-len(c.header))
		book := zipOf(t,
			zipEntry{name: "[Content_Types].xml", content: "<Types/>"},
			zipEntry{name: "xl/workbook.xml", content: "<workbook/>"},
			zipEntry{name: "xl/worksheets/sheet1.xml", content: "<worksheet><sheetData>" + c.rows + "</sheetData></worksheet>"},
			zipEntry{name: "xl/sharedStrings.xml", content: table + "<si><t>damaged</si></sst>"},
		)
		found := sniffBytes(t, "x.xlsx", book)
		require.Empty(t, found.unreadable, what)
		require.Equal(t, c.want, found.kind, what)
	}
}

// utf16Of writes a text as editors do that call it "Unicode".
func utf16Of(t *testing.T, order unicode.Endianness, text string) []byte {
	t.Helper()
	encoded, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(text)
	require.NoError(t, err)
	return []byte(encoded)
}

func TestSniffUnreadable(t *testing.T) {
	truncated := mainWorkbook(t, "beans", 1)
	truncated = truncated[:len(truncated)/2]
	brokenXML := zipOf(t,
		zipEntry{name: "[Content_Types].xml", content: "<Types/>"},
		zipEntry{name: "xl/workbook.xml", content: "<workbook></sheets>"},
	)
	inUTF16 := "a main file in UTF-16, which is not read: save it as plain text (Windows 1252 or UTF-8), or take CMS's own file"
	for what, c := range map[string]struct {
		name    string
		content []byte
		want    string
	}{
		"empty":              {"a.txt", nil, "the file is empty: get it again"},
		"old workbook":       {"a.xls", append(bytes.Clone(magicCompound), 1, 2, 3), "an .xls workbook (or a password-protected one), which is not read"},
		"encrypted workbook": {"a.xlsx", append(bytes.Clone(magicCompound), 1, 2, 3), "an .xls workbook (or a password-protected one), which is not read"},
		"web page":           {"a.zip", []byte("\n<!DOCTYPE html><html>Access denied"), "a web page under a file's name: the site answered with a page instead of the file; download it again"},
		"UTF-16":             {"HCPC2031_JAN.txt", utf16Of(t, unicode.LittleEndian, mainText("beans")), inUTF16},
		"UTF-16, the other":  {"a.txt", utf16Of(t, unicode.BigEndian, preamble+mainText("beans")), inUTF16},
		"notes in UTF-16":    {"proc_notes.txt", utf16Of(t, unicode.LittleEndian, "PROCESSING NOTES"), ""},
		"truncated workbook": {"a.xlsx", truncated, "the workbook cannot be used: it is truncated or damaged (zip: not a valid zip file): get it again"},
		"broken workbook":    {"a.xlsx", brokenXML, "the workbook cannot be used: it is damaged (xl/workbook.xml: XML syntax error on line 1: element <workbook> closed by </sheets>): get it again"},
	} {
		require.Equal(t, c.want, sniffBytes(t, c.name, c.content).unreadable, what)
	}
	require.True(t, sniffBytes(t, "a.xlsx", zipOf(t, zipEntry{name: "a.txt", content: "x"})).zip, "a ZIP under another name")
}
