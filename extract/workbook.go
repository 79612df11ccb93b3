package extract

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/zip"
)

// What a ZIP that is not an .xlsx workbook is instead.
var (
	errPlainZIP      = errors.New("a ZIP")
	errOtherDocument = errors.New("a document that is no workbook") // .docx and its like are ZIPs inside
)

// workbook looks at the first rows of an .xlsx. Reading it whole is for the
// package transform: here a few kilobytes must be enough to tell a main file
// from a transaction report.
type workbook struct {
	parts  map[string]*zip.File
	sheets []string // parts, in the order of the workbook
	limits limits
}

// openWorkbook reads the list of parts. It gives errPlainZIP or
// errOtherDocument for a ZIP that is none.
func openWorkbook(content io.ReaderAt, size int64, limits limits) (*workbook, error) {
	reader, err := openZIP(content, size, limits)
	if err != nil {
		return nil, err
	}
	book := &workbook{parts: map[string]*zip.File{}, limits: limits}
	for _, part := range reader.File {
		book.parts[strings.TrimPrefix(part.Name, "/")] = part
	}
	switch {
	case book.parts["[Content_Types].xml"] == nil:
		return nil, errPlainZIP
	case book.parts["xl/workbook.xml"] == nil:
		return nil, errOtherDocument
	}
	if book.sheets, err = book.listSheets(); err != nil {
		return nil, fmt.Errorf("it is damaged (%w): get it again", err)
	}
	return book, nil
}

// listSheets gives the parts of the sheets in the workbook's order, as far as
// limits.sniffSheets; by name where the workbook does not say.
func (b *workbook) listSheets() ([]string, error) {
	var list struct {
		Sheets []struct {
			Attributes []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	var relations struct {
		Relations []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := b.decode("xl/workbook.xml", &list); err != nil {
		return nil, err
	}
	if err := b.decode("xl/_rels/workbook.xml.rels", &relations); err != nil {
		return nil, err
	}
	target := map[string]string{}
	for _, relation := range relations.Relations {
		part := relation.Target
		if !strings.HasPrefix(part, "/") {
			part = path.Join("xl", part)
		}
		target[relation.ID] = strings.TrimPrefix(part, "/")
	}
	var sheets []string
	for _, sheet := range list.Sheets {
		for _, attribute := range sheet.Attributes {
			part := target[attribute.Value]
			if attribute.Name.Local == "id" && attribute.Name.Space != "" && b.parts[part] != nil {
				sheets = append(sheets, part)
			}
		}
	}
	if len(sheets) == 0 {
		for name := range b.parts {
			if strings.HasPrefix(name, "xl/worksheets/") && strings.HasSuffix(name, ".xml") {
				sheets = append(sheets, name)
			}
		}
		slices.Sort(sheets)
	}
	return sheets[:min(len(sheets), b.limits.sniffSheets)], nil
}

// decode reads a small part whole. A part that is not there leaves the value
// as it is.
func (b *workbook) decode(name string, value any) error {
	part := b.parts[name]
	if part == nil {
		return nil
	}
	stream, err := part.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer stream.Close()
	if err := xml.NewDecoder(io.LimitReader(stream, smallPartBytes)).Decode(value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// modified is dcterms:modified of docProps/core.xml, the time at which the
// workbook was last saved, or zero.
func (b *workbook) modified() time.Time {
	var core struct {
		Modified string `xml:"http://purl.org/dc/terms/ modified"`
	}
	if err := b.decode("docProps/core.xml", &core); err != nil {
		return time.Time{} // no reason to refuse the workbook
	}
	modified, err := time.Parse(time.RFC3339, strings.TrimSpace(core.Modified))
	if err != nil {
		return time.Time{}
	}
	return plausibleTime(modified)
}

// cell is a cell's text, or the index of its text in the string table.
type cell struct {
	text   string
	shared int // -1 when text holds it
}

// texts gives the texts of rows.
func (b *workbook) texts(ctx context.Context, cells [][]cell) ([][]string, error) {
	needed := map[int]bool{}
	for _, row := range cells {
		for _, one := range row {
			if one.shared >= 0 {
				needed[one.shared] = true
			}
		}
	}
	texts, err := b.sharedStrings(ctx, needed)
	if err != nil {
		return nil, err
	}
	rows := make([][]string, len(cells))
	for i, row := range cells {
		for _, one := range row {
			text := one.text
			if one.shared >= 0 {
				text = texts[one.shared]
			}
			rows[i] = append(rows[i], text)
		}
	}
	return rows, nil
}

// firstRows gives the first limits.sniffRows rows of a sheet.
func (b *workbook) firstRows(name string) ([][]cell, error) {
	stream, err := b.parts[name].Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer stream.Close()
	limited := &io.LimitedReader{R: stream, N: b.limits.sniffSheetBytes}
	decoder := xml.NewDecoder(limited)
	var rows [][]cell
	for len(rows) < b.limits.sniffRows {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) || err != nil && limited.N <= 0 {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		start, isStart := token.(xml.StartElement)
		if !isStart || start.Name.Local != "row" {
			continue
		}
		var row struct {
			Cells []struct {
				Type   string    `xml:"t,attr"`
				Value  string    `xml:"v"`
				Inline inlineXML `xml:"is"`
			} `xml:"c"`
		}
		if err := decoder.DecodeElement(&row, &start); err != nil {
			if limited.N <= 0 {
				return rows, nil
			}
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		cells := make([]cell, 0, len(row.Cells))
		for _, one := range row.Cells {
			switch one.Type {
			case "s":
				index, err := strconv.Atoi(strings.TrimSpace(one.Value))
				if err != nil {
					index = -1
				}
				cells = append(cells, cell{shared: index})
			case "inlineStr":
				cells = append(cells, cell{text: one.Inline.text(), shared: -1})
			default:
				cells = append(cells, cell{text: one.Value, shared: -1})
			}
		}
		rows = append(rows, cells)
	}
	return rows, nil
}

// inlineXML is a text, whole or in runs with formats of their own.
type inlineXML struct {
	Text string `xml:"t"`
	Runs []struct {
		Text string `xml:"t"`
	} `xml:"r"`
}

func (x inlineXML) text() string {
	text := x.Text
	for _, run := range x.Runs {
		text += run.Text
	}
	return text
}

// sharedStrings reads the needed strings of the workbook's string table, fewer
// when the table or limits.sharedStringsBytes end earlier. It stops at the last
// one: what does not lie before it is not unpacked. A header may be the last of
// many thousand strings, so that the others are skipped by their end tags, and
// only the needed ones are parsed.
func (b *workbook) sharedStrings(ctx context.Context, needed map[int]bool) (map[int]string, error) {
	part := b.parts["xl/sharedStrings.xml"]
	texts := map[int]string{}
	if part == nil || len(needed) == 0 {
		return texts, nil
	}
	stream, err := part.Open()
	if err != nil {
		return nil, fmt.Errorf("xl/sharedStrings.xml: %w", err)
	}
	defer stream.Close()
	scanner := bufio.NewScanner(io.LimitReader(contextReader{ctx, stream}, b.limits.sharedStringsBytes))
	scanner.Buffer(make([]byte, 0, 64*kibibyte), int(min(b.limits.sharedStringsBytes, stringBytes)))
	scanner.Split(splitStringItems)
	for index := 0; len(texts) < len(needed) && scanner.Scan(); index++ {
		if !needed[index] {
			continue
		}
		var text inlineXML
		if err := xml.Unmarshal(scanner.Bytes(), &text); err != nil {
			return nil, fmt.Errorf("xl/sharedStrings.xml, string %d: %w", index, err)
		}
		texts[index] = text.text()
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("xl/sharedStrings.xml: %w", err)
	}
	return texts, nil
}

// splitStringItems is a bufio.SplitFunc that gives the elements of a string
// table one by one, whatever the prefix of their XML name space.
func splitStringItems(data []byte, atEOF bool) (advance int, token []byte, err error) {
	for from := 0; ; {
		open := bytes.IndexByte(data[from:], '<')
		if open < 0 {
			break
		}
		open += from
		length := bytes.IndexAny(data[open:], " \t\r\n/>")
		if length == 1 { // an end tag
			from = open + 1
			continue
		}
		if length < 0 {
			break
		}
		name := data[open+1 : open+length]
		if local := name[bytes.LastIndexByte(name, ':')+1:]; string(local) != "si" {
			from = open + 1
			continue
		}
		closing := bytes.IndexByte(data[open:], '>')
		if closing < 0 {
			break
		}
		if data[open+closing-1] == '/' { // <si/>
			return open + closing + 1, data[open : open+closing+1], nil
		}
		end := slices.Concat([]byte("</"), name, []byte(">"))
		at := bytes.Index(data[open:], end)
		if at < 0 {
			break
		}
		return open + at + len(end), data[open : open+at+len(end)], nil
	}
	if atEOF {
		return len(data), nil, nil
	}
	return 0, nil, nil
}
