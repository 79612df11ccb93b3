package cmstest

import (
	"bytes"
	"compress/flate"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// cell is one filled cell of a sheet.
type cell struct {
	column int // from 0
	value  string
	// number stores the value as a number instead of a string. CMS's workbooks
	// mix both (domain.md 12).
	number bool
}

// sheetRow is one row; rows without cells stand for themselves.
type sheetRow struct {
	number int // from 1
	cells  []cell
}

// sheet is one worksheet.
type sheet struct {
	name string
	rows []sheetRow
	// columns and lastRow are the used range the sheet claims to have; when
	// lastRow lies behind the rows, the range is inflated up to it by an empty
	// formatted row, as Excel leaves them (domain.md 12).
	columns, lastRow int
}

// texts makes the cells of a row out of strings, leaving the empty ones out.
func texts(values ...string) []cell {
	cells := make([]cell, 0, len(values))
	for i, value := range values {
		if value != "" {
			cells = append(cells, cell{column: i, value: value})
		}
	}
	return cells
}

// workbook writes sheets in the way Excel stores them, with shared strings and
// a modification time, and nothing else of Excel's furniture.
func workbook(modified time.Time, sheets ...sheet) []byte {
	shared := &sharedStrings{numbers: map[string]int{}}
	var parts []File
	part := func(name, content string) { parts = append(parts, File{name, []byte(xmlHeader + content)}) }

	var types, links, names strings.Builder
	for i, sheet := range sheets {
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="%s.worksheet+xml"/>`, i+1, spreadsheetType)
		fmt.Fprintf(&links, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, officeRelation, i+1)
		fmt.Fprintf(&names, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, escaped(sheet.name), i+1, i+1)
	}
	part("[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">`+
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`+
		`<Default Extension="xml" ContentType="application/xml"/>`+
		`<Override PartName="/xl/workbook.xml" ContentType="`+spreadsheetType+`.sheet.main+xml"/>`+
		types.String()+
		`<Override PartName="/xl/styles.xml" ContentType="`+spreadsheetType+`.styles+xml"/>`+
		`<Override PartName="/xl/sharedStrings.xml" ContentType="`+spreadsheetType+`.sharedStrings+xml"/>`+
		`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`)
	part("_rels/.rels", relationships(
		`<Relationship Id="rId1" Type="`+officeRelation+`/officeDocument" Target="xl/workbook.xml"/>`+
			`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>`))
	part("xl/_rels/workbook.xml.rels", relationships(links.String()+
		`<Relationship Id="rIdStyles" Type="`+officeRelation+`/styles" Target="styles.xml"/>`+
		`<Relationship Id="rIdStrings" Type="`+officeRelation+`/sharedStrings" Target="sharedStrings.xml"/>`))
	part("xl/workbook.xml", `<workbook xmlns="`+spreadsheetMain+`" xmlns:r="`+officeRelation+`"><sheets>`+names.String()+`</sheets></workbook>`)
	part("xl/styles.xml", `<styleSheet xmlns="`+spreadsheetMain+`"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>`+
		`<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>`+
		`<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf/></cellXfs></styleSheet>`)
	for i, sheet := range sheets {
		part(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), sheet.xml(shared))
	}
	part("xl/sharedStrings.xml", shared.xml())
	part("docProps/core.xml", `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" `+
		`xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`+
		`<dcterms:modified xsi:type="dcterms:W3CDTF">`+modified.UTC().Format(time.RFC3339)+`</dcterms:modified></cp:coreProperties>`)
	return pack(modified, flate.DefaultCompression, parts)
}

const (
	xmlHeader       = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\r\n"
	spreadsheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml"
	spreadsheetMain = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	officeRelation  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
)

func relationships(content string) string {
	return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + content + `</Relationships>`
}

func (s sheet) xml(shared *sharedStrings) string {
	var out bytes.Buffer
	last := 1
	if len(s.rows) > 0 {
		last = s.rows[len(s.rows)-1].number
	}
	inflated := s.lastRow > last
	last = max(last, s.lastRow)
	fmt.Fprintf(&out, `<worksheet xmlns="%s"><dimension ref="A1:%s%d"/><sheetData>`, spreadsheetMain, columnName(max(s.columns, 1)-1), last)
	for _, row := range s.rows {
		number := strconv.Itoa(row.number)
		write(&out, `<row r="`, number, `">`)
		for _, cell := range row.cells {
			if cell.number {
				write(&out, `<c r="`, columnName(cell.column), number, `"><v>`, cell.value, `</v></c>`)
			} else {
				write(&out, `<c r="`, columnName(cell.column), number, `" t="s"><v>`, strconv.Itoa(shared.number(cell.value)), `</v></c>`)
			}
		}
		out.WriteString(`</row>`)
	}
	if inflated {
		fmt.Fprintf(&out, `<row r="%d"><c r="%s%d"/></row>`, last, columnName(max(s.columns, 1)-1), last)
	}
	out.WriteString(`</sheetData></worksheet>`)
	return out.String()
}

func write(out *bytes.Buffer, parts ...string) {
	for _, part := range parts {
		out.WriteString(part)
	}
}

// sharedStrings numbers each string of a workbook once.
type sharedStrings struct {
	numbers map[string]int
	values  []string
	uses    int
}

func (s *sharedStrings) number(value string) int {
	s.uses++
	number, known := s.numbers[value]
	if !known {
		number = len(s.values)
		s.numbers[value] = number
		s.values = append(s.values, value)
	}
	return number
}

func (s *sharedStrings) xml() string {
	var out bytes.Buffer
	fmt.Fprintf(&out, `<sst xmlns="%s" count="%d" uniqueCount="%d">`, spreadsheetMain, s.uses, len(s.values))
	for _, value := range s.values {
		write(&out, `<si><t xml:space="preserve">`, escaped(value), `</t></si>`)
	}
	out.WriteString(`</sst>`)
	return out.String()
}

func escaped(text string) string {
	if !strings.ContainsAny(text, "&<>\"'\t\r\n\x1a") {
		return text
	}
	var out strings.Builder
	must(xml.EscapeText(&out, []byte(text)))
	return out.String()
}

// columnName gives "A" for 0, "AV" for 47.
func columnName(column int) string {
	if column < 26 {
		return string(rune('A' + column))
	}
	return columnName(column/26-1) + columnName(column%26)
}
