package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"
)

// A CSV file is read in blocks of whole lines, the blocks are judged at the same
// time and written in their order: each line as it stands, byte for byte, with
// the answer behind it. Nothing is kept of a block once it is written.

// csvBlockSize is how much of a file is judged at once, in bytes; csvBlocks, how
// many blocks a processor may have in hand.
const (
	csvBlockSize = 1 << 20
	csvBlocks    = 3
)

// csvFile is a CSV file of claim lines.
type csvFile struct {
	csvDialect
	// opening is what stands before the header, as it stands: a byte order mark, and
	// the line by which spreadsheets know the delimiter.
	opening []byte
	columns []string
	header  []byte // as it stands, without its line end
	lineEnd []byte // the header's; a last line without an end gets it too
	// start is where the lines begin, in bytes; firstLine is the number of the
	// first one.
	start     int64
	firstLine int64
}

// readCSVHeader reads the names of a CSV file's columns, which say what delimits
// them.
func readCSVHeader(path string) (*csvFile, error) {
	opened, err := os.Open(path)
	if err != nil {
		return nil, inputErrorf("opening the claim lines: %w", err)
	}
	defer opened.Close() // only read
	text, err := io.ReadAll(io.LimitReader(opened, longestLine+1))
	if err != nil {
		return nil, err
	}
	final := len(text) <= longestLine
	file := &csvFile{}
	switch {
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return nil, inputErrorf("%s is a workbook or ZIP: save the claim lines as CSV", path)
	case bytes.HasPrefix(text, []byte("\x1f\x8b")):
		return nil, inputErrorf("%s is compressed: unpack it first", path)
	case bytes.HasPrefix(text, []byte("PAR1")):
		return nil, inputErrorf("%s is a Parquet file: give it the ending .parquet", path)
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")), bytes.IndexByte(text[:min(len(text), 4)], 0) >= 0:
		return nil, inputErrorf("%s is no text in UTF-8: save it as CSV in UTF-8", path)
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		file.start = 3
	}
	separator, lineOfSeparator := separatorLine(text[file.start:])
	file.start += int64(len(lineOfSeparator))
	file.opening, text = text[:file.start], text[file.start:]
	first, _, _ := bytes.Cut(text, []byte("\n"))
	if file.delimiter = separator; separator == 0 {
		file.delimiter = delimiterOf(first)
	}
	record, problem := file.next(text, final)
	switch {
	case len(bytes.TrimSpace(first)) == 0:
		return nil, inputErrorf("%s has no first line with the names of the columns", path)
	case problem != "":
		return nil, inputErrorf("reading the names of the columns of %s: %s", path, problem)
	case !utf8.Valid(record):
		return nil, inputErrorf("%s is no text in UTF-8: save it as CSV in UTF-8", path)
	case bytes.IndexByte(bytes.TrimRight(first, "\r"), '\r') >= 0:
		return nil, inputErrorf("the lines of %s end with a carriage return alone: save it with line feeds", path)
	}
	file.start += int64(len(record))
	file.firstLine = 1 + int64(bytes.Count(lineOfSeparator, []byte("\n"))+bytes.Count(record, []byte("\n")))
	file.header = bytes.TrimRight(record, "\r\n")
	if file.lineEnd = record[len(file.header):]; len(file.lineEnd) == 0 {
		file.lineEnd = []byte("\n")
	}
	cells, problem := file.split(file.header, nil)
	if problem != "" {
		return nil, inputErrorf("reading the names of the columns of %s: %s", path, problem)
	}
	for i, cell := range cells {
		name := string(cell)
		if strings.TrimSpace(name) == "" {
			name = fmt.Sprintf("column_%d", i+1)
		}
		file.columns = append(file.columns, name)
	}
	return file, nil
}

// csvCheck is the check of a CSV file under way.
type csvCheck struct {
	file     *csvFile
	calendar *claimCalendar
	cells    cellPlaces
}

// cellPlaces are the places of the columns that are looked at, from 0; -1 for
// none.
type cellPlaces struct {
	code, date, paid int
	modifiers        []int
}

// csvBlock is a piece of a file on its way: whole lines, then their result.
type csvBlock struct {
	text      []byte
	lines     []csvLine
	result    []byte
	malformed []MalformedLine
	leftOut   int64
	judged    chan struct{} // is closed when the result is there
}

// csvLine is a line in a block.
type csvLine struct {
	end     int    // in the text of the block; the line before it ends where it starts
	number  int64  // in the file
	problem string // why it cannot be read
}

// run checks the lines of input, which stands where they begin.
func (c *csvCheck) run(ctx context.Context, input io.Reader, output io.Writer, check *ClaimCheck) error {
	ctx, stop := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	inOrder := make(chan *csvBlock, workers*csvBlocks)
	toJudge := make(chan *csvBlock, workers*csvBlocks)
	judges := make([]*claimJudge, workers)
	var running sync.WaitGroup
	for i := range judges {
		judges[i] = newClaimJudge(c.calendar)
		running.Go(func() {
			for block := range toJudge {
				c.judgeBlock(judges[i], block)
				close(block.judged)
			}
		})
	}
	var readError error
	running.Go(func() {
		defer close(inOrder)
		defer close(toJudge)
		readError = c.readBlocks(ctx, input, func(block *csvBlock) error {
			select {
			case inOrder <- block:
			case <-ctx.Done():
				return ctx.Err()
			}
			// There is room in toJudge whenever there is in inOrder.
			toJudge <- block
			return nil
		})
	})
	writeError := c.writeBlocks(inOrder, output, check)
	stop()
	running.Wait()
	if writeError != nil {
		return writeError
	}
	if readError != nil {
		return readError
	}
	counts := newClaimCounts()
	for _, judge := range judges {
		counts.merge(judge.counts)
	}
	counts.into(check)
	check.MalformedLines = check.LeftOut + check.Counts["malformed"]
	return nil
}

// readBlocks cuts the input into blocks.
func (c *csvCheck) readBlocks(ctx context.Context, input io.Reader, give func(*csvBlock) error) error {
	var carried []byte // the beginning of a line
	skipping := false  // the rest of a line that is too long
	number := c.file.firstLine
	for final := false; !final; {
		if err := ctx.Err(); err != nil {
			return err
		}
		text := make([]byte, len(carried)+csvBlockSize)
		copy(text, carried)
		n, err := io.ReadFull(input, text[len(carried):])
		text = text[:len(carried)+n]
		if final = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF); err != nil && !final {
			return fmt.Errorf("reading the claim lines: %w", err)
		}
		if skipping {
			end := bytes.IndexByte(text, '\n') + 1
			if end == 0 {
				carried = nil
				continue
			}
			text, skipping = text[end:], false
			number++
		}
		block := &csvBlock{text: text, judged: make(chan struct{})}
		end := 0
		for end < len(text) {
			line, problem := c.file.next(text[end:], final)
			if line == nil {
				break
			}
			end += len(line)
			block.lines = append(block.lines, csvLine{end, number, problem})
			number += int64(bytes.Count(line, []byte("\n")))
			skipping = line[len(line)-1] != '\n'
		}
		carried = bytes.Clone(text[end:])
		if len(block.lines) > 0 {
			if err := give(block); err != nil {
				return err
			}
		}
	}
	return nil
}

// judgeBlock makes the result of a block.
func (c *csvCheck) judgeBlock(judge *claimJudge, block *csvBlock) {
	block.result = make([]byte, 0, 3*len(block.text))
	line := claimLine{together: len(c.cells.modifiers) == 1}
	var cells [][]byte
	start := 0
	for i := range block.lines {
		record, lineEnd := splitLineEnd(block.text[start:block.lines[i].end])
		problem := block.lines[i].problem
		start = block.lines[i].end
		if len(record) == 0 {
			continue
		}
		if problem == "" {
			cells, problem = c.file.split(record, cells[:0])
		}
		switch {
		case problem != "":
		case len(cells) < len(c.file.columns):
			problem = "missing columns"
		case len(cells) > len(c.file.columns):
			problem = "too many columns"
		case !utf8.Valid(record):
			problem = "no text in UTF-8"
		}
		if problem != "" {
			block.leftOut++
			block.malformed = append(block.malformed, MalformedLine{block.lines[i].number, problem})
			continue
		}
		line.code, line.date, line.paid = cells[c.cells.code], cells[c.cells.date], nil
		if c.cells.paid >= 0 {
			line.paid = cells[c.cells.paid]
		}
		line.modifiers = line.modifiers[:0]
		for _, place := range c.cells.modifiers {
			line.modifiers = append(line.modifiers, cells[place])
		}
		answer := judge.judge(&line)
		if answer.verdict == "malformed" {
			block.malformed = append(block.malformed, MalformedLine{block.lines[i].number, answer.reason})
		}
		block.result = append(block.result, record...)
		for _, cell := range answer.columns() {
			block.result = append(block.result, c.file.delimiter)
			block.result = c.file.appendCell(block.result, cell)
		}
		if len(lineEnd) == 0 {
			lineEnd = c.file.lineEnd
		}
		block.result = append(block.result, lineEnd...)
	}
	block.text, block.lines = nil, nil
}

// writeBlocks writes the results in order.
func (c *csvCheck) writeBlocks(inOrder <-chan *csvBlock, output io.Writer, check *ClaimCheck) error {
	to := bufio.NewWriter(output)
	header := append(bytes.Clone(c.file.opening), c.file.header...)
	for _, name := range resultColumns {
		header = append(append(header, c.file.delimiter), name...)
	}
	if _, err := to.Write(append(header, c.file.lineEnd...)); err != nil {
		return err
	}
	for block := range inOrder {
		<-block.judged
		if _, err := to.Write(block.result); err != nil {
			return err
		}
		check.LeftOut += block.leftOut
		room := MaxMalformed - len(check.Malformed)
		check.Malformed = append(check.Malformed, block.malformed[:min(room, len(block.malformed))]...)
	}
	return to.Flush()
}
