package load

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// csvDialect is how the cells of a CSV file are told from one another. Cells that
// begin with a quotation mark end with one, and may hold anything, quotation
// marks twice; other cells hold quotation marks as they stand.
type csvDialect struct{ delimiter byte }

// longestLine is the longest line that is looked at, in bytes: whole MiB.
const longestLine = 1 << 20

const (
	notClosed   = "a quotation mark is not closed"
	afterClosed = "there is text after a closing quotation mark"
)

var tooLong = fmt.Sprintf("longer than %d MiB", longestLine>>20)

// delimiters are what can stand between names, where no line says what does.
const delimiters = ",;\t|"

// delimiterOf is what stands most often between names, not counting what stands
// inside quotation marks.
func delimiterOf(header []byte) byte {
	var counts [len(delimiters)]int
	for place := 0; place < len(header); place++ {
		between := strings.IndexByte(delimiters, header[place])
		switch {
		case between >= 0:
			counts[between]++
		case header[place] == '"' && (place == 0 || strings.IndexByte(delimiters, header[place-1]) >= 0):
			closing := closingMark(header[place+1:])
			if closing < 0 {
				place = len(header) // the name goes on in the next line
			}
			place += closing + 1
		}
	}
	best := 0
	for i, count := range counts {
		if count > counts[best] {
			best = i
		}
	}
	return delimiters[best]
}

// separatorLine reads the line "sep=;", with which a text may begin, for
// spreadsheets: the delimiter and the line with its end; 0 where there is none.
func separatorLine(text []byte) (delimiter byte, line []byte) {
	end := bytes.IndexByte(text, '\n') + 1
	if end == 0 {
		return 0, nil
	}
	said, _ := splitLineEnd(text[:end])
	if len(said) != len("sep=;") || !bytes.EqualFold(said[:4], []byte("sep=")) {
		return 0, nil
	}
	delimiter = said[4]
	if delimiter != '\t' && (delimiter < ' ' || delimiter >= utf8.RuneSelf) || delimiter == '"' || isOfWord(rune(delimiter)) {
		return 0, nil
	}
	return delimiter, text[:end]
}

// next gives the first line of a text, with its line end, and what is wrong with
// it. A line ends at the first line end outside quotation marks; one whose
// quotation marks are not closed, at the first of all, so that the lines after
// it can be read. It gives nil where the text may go on, unless it is final; of a
// line that is too long it may give a piece, without the line end.
func (d csvDialect) next(text []byte, final bool) (line []byte, problem string) {
	end := bytes.IndexByte(text, '\n') + 1
	whole := end > 0
	if !whole {
		end = len(text)
	}
	switch {
	case end > longestLine:
		return text[:end], tooLong
	case !whole && !final:
		return nil, ""
	case bytes.IndexByte(text[:end], '"') < 0:
		return text[:end], ""
	}
	firstEnd := end
	for place := 0; ; place++ { // place is where a cell begins
		if place < len(text) && text[place] == '"' {
			closing := closingMark(text[place+1:])
			if closing < 0 && !final && len(text) <= longestLine {
				return nil, ""
			}
			place += closing + 2
			if closing < 0 || place > longestLine {
				return text[:firstEnd], notClosed
			}
			if place < len(text) && text[place] != d.delimiter && text[place] != '\n' && text[place] != '\r' {
				return text[:firstEnd], afterClosed
			}
			if place > end { // the first line end was inside quotation marks
				lineEnd := bytes.IndexByte(text[place:], '\n')
				end = place + lineEnd + 1
				if lineEnd < 0 {
					end = len(text)
				}
				switch {
				case end > longestLine:
					return text[:firstEnd], tooLong
				case lineEnd < 0 && !final:
					return nil, ""
				}
			}
		}
		cell := bytes.IndexByte(text[place:end], d.delimiter)
		if cell < 0 {
			return text[:end], ""
		}
		place += cell
	}
}

// closingMark finds the quotation mark that closes a cell, -1 for none.
func closingMark(text []byte) int {
	for place := 0; ; place += 2 {
		next := bytes.IndexByte(text[place:], '"')
		if next < 0 {
			return -1
		}
		if place += next; place+1 == len(text) || text[place+1] != '"' {
			return place
		}
	}
}

// split appends the cells of a line without its end, as they are meant: a cell in
// quotation marks without them.
func (d csvDialect) split(line []byte, cells [][]byte) (_ [][]byte, problem string) {
	for {
		if len(line) > 0 && line[0] == '"' {
			closing := closingMark(line[1:])
			if closing < 0 {
				return cells, notClosed
			}
			cell := line[1 : closing+1]
			line = line[closing+2:]
			if len(line) > 0 && line[0] != d.delimiter {
				return cells, afterClosed // a carriage return that ends no line
			}
			if bytes.IndexByte(cell, '"') >= 0 {
				cell = bytes.ReplaceAll(cell, []byte(`""`), []byte(`"`))
			}
			cells = append(cells, cell)
			if len(line) == 0 {
				return cells, ""
			}
			line = line[1:]
			continue
		}
		end := bytes.IndexByte(line, d.delimiter)
		if end < 0 {
			return append(cells, line), ""
		}
		cells = append(cells, line[:end])
		line = line[end+1:]
	}
}

// appendCell appends a cell, in quotation marks where it needs them.
func (d csvDialect) appendCell(to []byte, cell string) []byte {
	if !d.needsMarks(cell) {
		return append(to, cell...)
	}
	to = append(to, '"')
	for i := range len(cell) {
		if cell[i] == '"' {
			to = append(to, '"')
		}
		to = append(to, cell[i])
	}
	return append(to, '"')
}

func (d csvDialect) needsMarks(cell string) bool {
	for i := range len(cell) {
		switch cell[i] {
		case d.delimiter, '"', '\n', '\r':
			return true
		}
	}
	return false
}

// splitLineEnd takes the line end, if it has one, from a line.
func splitLineEnd(line []byte) (record, end []byte) {
	record = bytes.TrimSuffix(line, []byte("\n"))
	if len(record) == len(line) {
		return bytes.TrimSuffix(record, []byte("\r")), nil // the file ends in the middle of one
	}
	record = bytes.TrimSuffix(record, []byte("\r"))
	return record, line[len(record):]
}
