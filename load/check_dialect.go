package load

import (
	"bytes"
	"strings"
)

// csvDialect is how the cells of a CSV file are told from one another. Cells that
// begin with a quotation mark end with one, and may hold anything, quotation
// marks twice; other cells hold quotation marks as they stand.
type csvDialect struct{ delimiter byte }

// longestLine is the longest line that is looked at, in bytes.
const longestLine = 1 << 20

const (
	notClosed   = "a quotation mark is not closed"
	afterClosed = "there is text after a closing quotation mark"
	tooLong     = "longer than 1 MB"
)

// delimiterOf is what stands most often between names.
func delimiterOf(header string) byte {
	best, most := ",", 0
	for _, candidate := range [...]string{",", ";", "\t", "|"} {
		if count := strings.Count(header, candidate); count > most {
			best, most = candidate, count
		}
	}
	return best[0]
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

func trimLineEnd(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r"))
}
