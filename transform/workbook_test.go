package transform

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// packed makes a workbook of parts as they stand.
func packed(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for name, text := range parts {
		part, err := archive.Create(name)
		require.NoError(t, err)
		_, err = part.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	return out.Bytes()
}

func sheetParts(sheet, table string) map[string]string {
	return map[string]string{
		"xl/workbook.xml":            `<?xml version="1.0"?><x:workbook xmlns:x="m" xmlns:r="r"><x:sheets><x:sheet name="A &amp; B" sheetId="1" r:id="rId1"/></x:sheets></x:workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   sheet,
		"xl/sharedStrings.xml":       table,
	}
}

func rowsOfWorkbook(t testing.TB, data []byte) map[int][]string {
	t.Helper()
	book, err := openWorkbook(data, workbookTestLimits)
	require.NoError(t, err)
	require.Len(t, book.sheets, 1)
	require.Equal(t, "A & B", book.sheets[0].name)
	rows := map[int][]string{}
	require.NoError(t, book.rows(book.sheets[0], func(number int, cells []string) (bool, error) {
		rows[number] = append([]string(nil), cells...)
		return true, nil
	}))
	overwriteSheet()
	return rows
}

// overwriteSheet overwrites the text of the sheet that was last read, as reading another
// one would: nothing of a cell may lie in it.
func overwriteSheet() {
	buffer := sheetBuffers.Get().(*bytes.Buffer)
	text := buffer.Bytes()
	for i := range text {
		text[i] = '!'
	}
	sheetBuffers.Put(buffer)
}

func TestCellsOfAllKinds(t *testing.T) {
	rows := rowsOfWorkbook(t, packed(t, sheetParts(`<?xml version="1.0"?>
<x:worksheet xmlns:x="m"><!-- <row r="9"><c r="A9"><v>9</v></c></row> --><x:sheetData>
<x:row r="2"><x:c r="A2" t="s"><x:v>1</x:v></x:c><x:c r="C2"><x:v>20200101</x:v></x:c><x:c r="D2" s="1"/><x:c r="E2" t="str"><x:f>A&gt;B</x:f><x:v>a &lt; b</x:v></x:c></x:row>
<x:row r="3"/>
<x:row><x:c t="inlineStr"><x:is><x:r><x:t>in </x:t></x:r><x:r><x:t>line</x:t></x:r></x:is></x:c><x:c t="s"><x:v>2</x:v></x:c><x:c t="s"><x:v>0</x:v></x:c></x:row>
<x:row r="7"><x:c r="AV7" t="b"><x:v>1</x:v></x:c></x:row>
</x:sheetData></x:worksheet>`,
		`<sst><si/><si><t xml:space="preserve"> two&#8217;s &quot;quoted&quot; </t></si><si><r><rPr><b/></rPr><t>rich</t></r><r><t>_x000D_ text</t></r><rPh><t>not said</t></rPh></si></sst>`)))
	require.Equal(t, []string{" two’s \"quoted\" ", "", "20200101", "", "a < b"}, rows[2])
	require.Equal(t, []string{"in line", "rich\r text", ""}, rows[4])
	require.Len(t, rows[7], 48)
	require.Equal(t, "1", rows[7][47])
	require.Len(t, rows, 3)
}

// A buffer is as large as the largest part that was read into it, and a very large one is
// let go.
func TestBuffersOfSheets(t *testing.T) {
	sheetOf := func(size int) *workbook {
		sheet := "<row r=\"1\"/>" + strings.Repeat(" ", size)
		book, err := openWorkbook(packed(t, sheetParts(sheet, "<sst/>")), WorkbookLimits{Unpacked: 1 << 30, Part: 1 << 30})
		require.NoError(t, err)
		return book
	}
	var buffer bytes.Buffer
	for _, size := range []int{1 << 20, 1<<20 + 1<<19} {
		buffer.Reset()
		book := sheetOf(size)
		_, err := book.unpack(book.sheets[0].part, &buffer)
		require.NoError(t, err)
		require.Less(t, buffer.Cap(), size+1<<14)
	}
	for range 3 {
		book := sheetOf(largestSheetBuffer)
		require.NoError(t, book.rows(book.sheets[0], func(int, []string) (bool, error) { return true, nil }))
		next := sheetBuffers.Get().(*bytes.Buffer)
		require.LessOrEqual(t, next.Cap(), largestSheetBuffer)
		sheetBuffers.Put(next)
	}
}

// Spreadsheets store 17 digits of a number, show 15, and mean those.
func TestNumbersAsTheyAreShown(t *testing.T) {
	rows := rowsOfWorkbook(t, packed(t, sheetParts(`<row r="1"><c r="A1"><v>4273.1999999999998</v></c><c r="B1" t="n"><v>153.59999999999999</v></c>`+
		`<c r="C1"><v>20200101.000000001</v></c><c r="D1"><v>0.10000000000000001</v></c><c r="E1"><v>2130.5</v></c><c r="F1"><v>123456789012345678</v></c>`+
		`<c r="G1" t="s"><v>0</v></c><c r="H1" t="str"><v>4273.1999999999998</v></c><c r="I1"><v>1.5 and 4273.1999999999998</v></c></row>`,
		`<sst><si><t>153.59999999999999</t></si></sst>`)))
	require.Equal(t, []string{"4273.2", "153.6", "20200101", "0.1", "2130.5", "123456789012345678",
		"153.59999999999999", "4273.1999999999998", "1.5 and 4273.1999999999998"}, rows[1])
}

// slowly writes the XML of a sheet, or of a table of strings, in a way that means
// the same and that the reader does not take in one step.
var slowly = strings.NewReplacer("<c r=", "<c  r=", "<si><t", "<si ><t")

// What is taken in one step is what is taken tag by tag.
func TestCellsTakenInOneStep(t *testing.T) {
	const table = `<sst><si><t>one</t></si><si><t xml:space="preserve"> two &amp; a half </t></si><si><t/></si><si><t>_x0041_</t></si><si><t>five</t></si></sst>`
	for sheet, want := range map[string]map[int][]string{
		`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="12" t="s"><v>1</v></c><c r="C1" s="3"/><c r="E1"><v>20200101</v></c></row>`: {1: {"one", " two & a half ", "", "", "20200101"}},
		`<row r="1"><c r="C1"><v>3</v></c><c><v>4</v></c><c r="E1"/><c><v>6</v></c></row>`:                                               {1: {"", "", "3", "4", "", "6"}},
		`<row r="2"><c r="AB2" s="1"><v></v></c><c r="A2"><v>-1.5</v></c></row>`:                                                         {2: append([]string{"-1.5"}, make([]string, 27)...)},
		`<row r="3"><c r="A3" t="str" s="1"><v>x</v></c><c r="B3" s="1" t="b"><v>1</v></c><c r="C3" t="s" s="2"><v>3</v></c></row>`:      {3: {"x", "1", "A"}},
		`<row r="4"><c r="A4"><f>1+1</f><v>2</v></c><c r="B4" t="s"><v>2</v></c><c r="C4" t="s"><v>4</v></c></row>`:                      {4: {"2", "", "five"}},
		`<row r="5"><c r="A5"><v>1</v></c><!-- <c r="B5"><v>2</v></c> --><c r="D5"><v>4</v></c></row>`:                                   {5: {"1", "", "", "4"}},
		`<row r="6"><c r="a6"><v>1</v></c><c r="7"><v>2</v></c><c r=""><v>3</v></c></row>`:                                               {6: {"1", "2", "3"}},
	} {
		require.Equal(t, want, rowsOfWorkbook(t, packed(t, sheetParts(sheet, table))), sheet)
		require.Equal(t, want, rowsOfWorkbook(t, packed(t, sheetParts(slowly.Replace(sheet), slowly.Replace(table)))), sheet)
	}
}

func TestHostileWorkbooks(t *testing.T) {
	bomb := `<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>`
	sheet := `<worksheet><row r="1"><c r="A1" t="s"><v>0</v></c></row></worksheet>`
	for name, c := range map[string]struct {
		parts map[string]string
		want  string
	}{
		"entities that grow":        {sheetParts(sheet, bomb), "declares a document type"},
		"a part without bound":      {sheetParts(sheet, "<sst>"+strings.Repeat(" ", 40<<20)+"</sst>"), "it is larger than"},
		"text that is not in UTF-8": {sheetParts(sheet, "<sst><si><t>\xff</t></si></sst>"), "it is not in UTF-8"},
		"no sheet":                  {map[string]string{"xl/workbook.xml": "<workbook/>"}, "it names no sheet"},
		"no workbook":               {map[string]string{"word/document.xml": "<document/>"}, "it is no .xlsx"},
	} {
		_, err := openWorkbook(packed(t, c.parts), workbookTestLimits)
		require.ErrorContains(t, err, c.want, name)
	}
	for name, text := range map[string]string{
		"a string that is not there": `<row r="1"><c r="A1" t="s"><v>5</v></c></row>`,
		"a string of no number":      `<row r="1"><c r="A1" t="s"><v>x</v></c></row>`,
		"a column beyond all":        `<row r="1"><c r="ZZZZ1"><v>x</v></c></row>`,
	} {
		book, err := openWorkbook(packed(t, sheetParts(text, "<sst/>")), workbookTestLimits)
		require.NoError(t, err)
		require.Error(t, book.rows(book.sheets[0], func(int, []string) (bool, error) { return true, nil }), name)
	}
}

// The reader gives what the library that everybody uses gives, on every
// workbook among CMS's releases.
func TestWorkbooksReadAsTheLibraryDoes(t *testing.T) {
	folder := companionFolder(t)
	cells := 0
	for name, data := range workbooksBelow(t, folder) {
		theirs, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true})
		require.NoError(t, err, name)
		ours, err := openWorkbook(data, WorkbookLimits{Unpacked: 1 << 30, Part: 1 << 30})
		require.NoError(t, err, name)
		require.Len(t, ours.sheets, len(theirs.GetSheetList()), name)
		for i, sheet := range theirs.GetSheetList() {
			require.Equal(t, sheet, ours.sheets[i].name)
			rows, err := theirs.Rows(sheet)
			require.NoError(t, err)
			want := map[int]string{}
			for number := 1; rows.Next(); number++ {
				columns, err := rows.Columns()
				require.NoError(t, err)
				if !blankRow(columns) {
					want[number] = trimmedRow(columns)
				}
			}
			err = ours.rows(ours.sheets[i], func(number int, columns []string) (bool, error) {
				if !blankRow(columns) {
					cells += len(columns)
					if got := trimmedRow(columns); got != want[number] {
						return false, fmt.Errorf("row %d: %q instead of %q", number, got, want[number])
					}
					delete(want, number)
				}
				return true, nil
			})
			require.NoError(t, err, "%s, %s", name, sheet)
			require.Empty(t, want, "%s, %s", name, sheet)
		}
		require.NoError(t, theirs.Close())
	}
	require.Greater(t, cells, 50_000)
}

// trimmedRow joins the cells of a row, without the empty ones at its end.
func trimmedRow(columns []string) string {
	return strings.TrimRight(strings.Join(columns, "\t"), "\t")
}

// workbooksBelow gives the smaller half of the workbooks of the real releases,
// loose or in ZIPs: the library takes a second over each of the larger ones.
func workbooksBelow(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	keep := func(name string, data []byte) {
		if strings.EqualFold(filepath.Ext(name), ".xlsx") && len(data) < 300<<10 {
			found[name] = data
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*", "*"))
	require.NoError(t, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		keep(file, data)
		archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil || strings.HasSuffix(file, ".xlsx") {
			continue
		}
		for _, entry := range archive.File {
			stream, err := entry.Open()
			require.NoError(t, err)
			var unpacked bytes.Buffer
			_, err = unpacked.ReadFrom(stream)
			require.NoError(t, err)
			keep(entry.Name, unpacked.Bytes())
		}
	}
	require.NotEmpty(t, found)
	return found
}

// FuzzWorkbookCells feeds the XML of a sheet and of a table of strings.
func FuzzWorkbookCells(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1</v></c></row>`, `<sst><si><t>a</t></si></sst>`)
	f.Add(`<row><c t="inlineStr"><is><t>&amp;</t></is></c></row>`, `<sst><si/></sst>`)
	f.Add(`<row r="1"><c`, `<sst><si><t>`)
	f.Add(`<!-- --><![CDATA[ <row> ]]><?x ?><row r="-1"/>`, `<sst><si><r><t>&#x41;_x0041_</t></r></si>`)
	f.Fuzz(func(t *testing.T, sheet, table string) {
		quick, failed := cellsRead(t, sheet, table)
		slow, failedSlowly := cellsRead(t, slowly.Replace(sheet), slowly.Replace(table))
		require.Equal(t, failed != nil, failedSlowly != nil, "%v, %v", failed, failedSlowly)
		// What stands in raw sections is text.
		require.Equal(t, slowly.Replace(quick), slowly.Replace(slow))
	})
}

// cellsRead reads a workbook as far as it can be read.
func cellsRead(t *testing.T, sheet, table string) (cells string, failed error) {
	book, err := openWorkbook(packed(t, sheetParts(sheet, table)), workbookTestLimits)
	if err != nil {
		return "", err
	}
	all := map[int][]string{}
	err = book.rows(book.sheets[0], func(number int, row []string) (bool, error) {
		require.Positive(t, number)
		require.LessOrEqual(t, len(row), maxColumns)
		all[number] = append(all[number], row...)
		return true, nil
	})
	overwriteSheet()
	for _, number := range slices.Sorted(maps.Keys(all)) {
		cells += fmt.Sprintf("%d %q\n", number, all[number])
	}
	return cells, err
}

// What a string table says of its length is trusted as far as it has room, and changes
// nothing that is read.
func TestCountOfStrings(t *testing.T) {
	const texts = "<si><t>one</t></si><si><t>two</t></si>"
	for head, want := range map[string]int{
		`<sst uniqueCount="2">`: 2, `<x:sst count="9" uniqueCount="1">`: 1, `<sst>`: 0, `<sst uniqueCount="-3">`: 0, `<sst uniqueCount="many">`: 0,
		`<sst uniqueCount="999999999999">`: (len(`<sst uniqueCount="999999999999">`) + len(texts) + len("</sst>")) / len("<si/>"),
	} {
		require.Equal(t, want, countOfStrings(head+texts+"</sst>"), head)
	}
	require.Zero(t, countOfStrings(""))
}
