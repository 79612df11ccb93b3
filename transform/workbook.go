package transform

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"

	"github.com/klauspost/compress/zip"
)

// workbook reads the cells of an .xlsx as they are stored, numbers with as many
// digits as are shown: no formats, no formulas, no styles. CMS's workbooks and transaction reports hold up to half a
// million cells, and a general library took fifteen times as long over them and
// four times the memory (it parses every part into objects); tests hold this
// reader against that library on every workbook at hand.
type workbook struct {
	parts  map[string]*zip.File
	limits WorkbookLimits
	left   int64 // bytes that may still be unpacked
	sheets []workbookSheet
	// strings is the table of shared strings, each as the XML inside its element;
	// they are decoded when a cell asks for them.
	strings []sharedString
}

type sharedString struct {
	text    string // as XML, until it is decoded
	decoded bool
}

type workbookSheet struct {
	name   string
	part   string
	hidden bool
}

// openWorkbook opens a workbook and its table of strings. It fails where the
// file is no workbook, or unpacks to more than the limits.
func openWorkbook(data []byte, limits WorkbookLimits) (*workbook, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("opening the workbook: %w", err)
	}
	book := &workbook{parts: map[string]*zip.File{}, limits: limits, left: limits.Unpacked}
	for _, part := range archive.File {
		book.parts[strings.TrimPrefix(strings.ReplaceAll(part.Name, `\`, "/"), "/")] = part
	}
	if book.parts["xl/workbook.xml"] == nil {
		return nil, errors.New("opening the workbook: it has no part xl/workbook.xml: it is no .xlsx")
	}
	if err := book.listSheets(); err != nil {
		return nil, fmt.Errorf("opening the workbook: %w", err)
	}
	if err := book.readStrings(); err != nil {
		return nil, fmt.Errorf("opening the workbook: %w", err)
	}
	return book, nil
}

// part unpacks one part, "" where it is not there.
func (b *workbook) part(name string) (string, error) {
	return b.unpack(name, new(bytes.Buffer))
}

// unpack unpacks one part into an empty buffer, and gives it as a text that is good as
// long as nobody writes into the buffer. XML with a document type is refused: nothing
// needs one, and it can define text that grows without bound.
func (b *workbook) unpack(name string, into *bytes.Buffer) (string, error) {
	file := b.parts[name]
	if file == nil {
		return "", nil
	}
	stream, err := file.Open()
	if err != nil {
		return "", fmt.Errorf("unpacking %s: %w", name, err)
	}
	defer stream.Close() // after reading, nothing can be lost
	limit := min(b.limits.Part, b.left)
	// What a header says is trusted as far as its packed bytes can bear it out. A buffer
	// that is too small gives way to another one: to grow, it would take twice as much.
	if expected := int(min(file.UncompressedSize64, uint64(limit), file.CompressedSize64*deflateRatio)) + bytes.MinRead; expected > into.Cap() {
		*into = *bytes.NewBuffer(make([]byte, 0, expected))
	}
	size, err := into.ReadFrom(io.LimitReader(stream, limit+1))
	if err != nil {
		return "", fmt.Errorf("unpacking %s: %w", name, err)
	}
	if size > limit {
		return "", fmt.Errorf("unpacking %s: it is larger than %d bytes: no release of CMS's is", name, limit)
	}
	b.left -= size
	unpacked := into.Bytes()
	if bytes.Contains(unpacked[:min(len(unpacked), 1024)], []byte("<!DOCTYPE")) {
		return "", fmt.Errorf("reading %s: it declares a document type, which no workbook needs", name)
	}
	if !utf8.Valid(unpacked) {
		return "", fmt.Errorf("reading %s: it is not in UTF-8", name)
	}
	return unsafe.String(unsafe.SliceData(unpacked), len(unpacked)), nil // without copying millions of bytes
}

// sheetBuffers are those of sheets, to be used again: a transaction report has sheets of
// megabytes, of which nothing is kept. Much larger ones are not kept either.
var sheetBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

const largestSheetBuffer = 16 << 20

// deflateRatio is how many bytes one packed byte can stand for at the most.
const deflateRatio = 1032

// listSheets finds the sheets' names and parts, in the workbook's order.
func (b *workbook) listSheets() error {
	relations, err := b.part("xl/_rels/workbook.xml.rels")
	if err != nil {
		return err
	}
	targets := map[string]string{}
	for scanner := (xmlScanner{text: relations}); scanner.next(); {
		if scanner.name != "Relationship" || scanner.end {
			continue
		}
		target := scanner.attribute("Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("xl", target)
		}
		targets[scanner.attribute("Id")] = strings.TrimPrefix(target, "/")
	}
	list, err := b.part("xl/workbook.xml")
	if err != nil {
		return err
	}
	for scanner := (xmlScanner{text: list}); scanner.next(); {
		if scanner.name != "sheet" || scanner.end {
			continue
		}
		if part := targets[scanner.attribute("id")]; b.parts[part] != nil {
			state := scanner.attribute("state")
			b.sheets = append(b.sheets, workbookSheet{
				name: scanner.attribute("name"), part: part, hidden: state == "hidden" || state == "veryHidden",
			})
		}
	}
	if b.sheets == nil {
		return errors.New("it names no sheet")
	}
	return nil
}

func (b *workbook) readStrings() error {
	table, err := b.part("xl/sharedStrings.xml")
	if err != nil {
		return err
	}
	start := 0
	scanner := xmlScanner{text: table}
	b.strings = make([]sharedString, 0, countOfStrings(table))
	for {
		if text, ok := scanner.plainString(); ok {
			b.strings = append(b.strings, sharedString{cutCell(unescape(text)), true})
			continue
		}
		if !scanner.next() {
			return nil
		}
		switch {
		case scanner.name != "si":
		case scanner.empty:
			b.strings = append(b.strings, sharedString{})
		case scanner.end:
			b.strings = append(b.strings, sharedString{text: table[start:scanner.begin]})
		default:
			start = scanner.after
		}
	}
}

// countOfStrings gives how many strings a table says that it has, as far as it has the
// room for them; 0 where it does not say.
func countOfStrings(table string) int {
	scanner := xmlScanner{text: table}
	for scanner.next() {
		if scanner.name == "sst" {
			count, err := strconv.Atoi(scanner.attribute("uniqueCount"))
			if err != nil || count < 0 {
				return 0
			}
			return min(count, len(table)/len("<si/>"))
		}
	}
	return 0
}

// rows calls row for each row that a sheet stores, with its number from 1, until
// it says that it wants no more. The cells are only good until it returns, their texts
// for ever.
func (b *workbook) rows(sheet workbookSheet, row func(number int, cells []string) (more bool, err error)) error {
	buffer := sheetBuffers.Get().(*bytes.Buffer)
	buffer.Reset()
	defer func() {
		if buffer.Cap() <= largestSheetBuffer {
			sheetBuffers.Put(buffer)
		}
	}()
	text, err := b.unpack(sheet.part, buffer)
	if err != nil {
		return err
	}
	var cells []string
	number, column, kind, value := 0, 0, "", ""
	scanner := xmlScanner{text: text}
	for {
		if cell, ok := scanner.cell(); ok {
			if !cell.empty {
				if cells, err = b.put(cells, cell.column, cell.kind, cell.value); err != nil {
					return fmt.Errorf("row %d: %w", number, err)
				}
			}
			column = cell.column + 1
			continue
		}
		if !scanner.next() {
			return nil
		}
		switch {
		case scanner.name == "row" && !scanner.end:
			number = b.rowNumber(&scanner, number)
			cells, column = cells[:0], 0
			if scanner.empty {
				continue
			}
		case scanner.name == "c" && !scanner.end:
			var reference string
			reference, kind = scanner.cellAttributes()
			column, value = columnOf(reference, column), ""
			if scanner.empty {
				column++
			}
		case scanner.name == "v" && scanner.end && !scanner.empty:
			value = scanner.content
		case scanner.name == "is" && !scanner.end && !scanner.empty && kind == "inlineStr":
			inside := scanner.after
			for scanner.next() && !(scanner.name == "is" && scanner.end) {
			}
			value = text[inside:max(inside, scanner.begin)]
		case scanner.name == "c" && scanner.end:
			if cells, err = b.put(cells, column, kind, value); err != nil {
				return fmt.Errorf("row %d: %w", number, err)
			}
			column++
		case scanner.name == "row" && scanner.end:
			more, err := row(number, cells)
			if err != nil || !more {
				return err
			}
		}
	}
}

// put puts a cell into its column.
func (b *workbook) put(cells []string, column int, kind, value string) (row []string, err error) {
	if column >= maxColumns {
		return cells, fmt.Errorf("a cell stands beyond column %d", maxColumns)
	}
	for len(cells) <= column {
		cells = append(cells, "")
	}
	cells[column], err = b.cell(kind, value)
	return cells, err
}

// maxColumns is that of a spreadsheet.
const maxColumns = 16384

func (b *workbook) rowNumber(scanner *xmlScanner, previous int) int {
	if number, err := strconv.Atoi(scanner.attribute("r")); err == nil && number > 0 {
		return number
	}
	return previous + 1
}

// columnOf gives the column, from 0, of a reference such as AV12; next where
// there is none.
func columnOf(reference string, next int) int {
	column := 0
	for i := 0; i < len(reference) && reference[i] >= 'A' && reference[i] <= 'Z'; i++ {
		column = column*26 + int(reference[i]-'A') + 1
		if column > maxColumns {
			break
		}
	}
	if column == 0 {
		return next
	}
	return column - 1
}

// cell gives what a cell says, which is nothing of the sheet's own text.
func (b *workbook) cell(kind, value string) (string, error) {
	switch kind {
	case "s":
		index, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || index < 0 || index >= len(b.strings) {
			return "", fmt.Errorf("a cell asks for string %q of %d", value, len(b.strings))
		}
		shared := &b.strings[index]
		if !shared.decoded {
			shared.text, shared.decoded = richText(shared.text), true
		}
		return shared.text, nil
	case "inlineStr":
		return richText(value), nil
	case "", "n":
		return strings.Clone(shownNumber(cutCell(unescape(value)))), nil
	}
	return strings.Clone(cutCell(unescape(value))), nil
}

// shownDigits is how many digits of a number spreadsheets show and take. They
// store up to 17, so that 4273.2 can stand in the file as 4273.1999999999998.
const shownDigits = 15

// shownNumber gives a number as a spreadsheet shows it; any other text stays as it
// is, and so does a number that has no more digits than are shown.
func shownNumber(text string) string {
	if len(text) <= shownDigits || !strings.Contains(text, ".") {
		return text
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		return text
	}
	return strconv.FormatFloat(value, 'g', shownDigits, 64)
}

// richText joins the texts of a string, which may come in runs with formats of
// their own; what tells how to pronounce it is left out.
func richText(inside string) string {
	var joined strings.Builder
	pronunciation := false
	for scanner := (xmlScanner{text: inside}); scanner.next(); {
		switch {
		case scanner.name == "rPh":
			pronunciation = !scanner.end && !scanner.empty
		case scanner.name == "t" && scanner.end && !pronunciation:
			joined.WriteString(unescape(scanner.content))
		}
		if joined.Len() > maxCell {
			break
		}
	}
	return cutCell(joined.String())
}

// maxCell is how many bytes of a cell are read: a spreadsheet takes 32,767
// characters, and the longest description so far has 4,501.
const maxCell = 4 * 32767

func cutCell(text string) string {
	if len(text) <= maxCell {
		return text
	}
	return strings.ToValidUTF8(text[:maxCell], "")
}
