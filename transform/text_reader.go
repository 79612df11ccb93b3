package transform

import (
	"strings"
	"sync/atomic"
)

// TextReader reads the fixed-width main files of releases, one after another. Of
// a hundred records of a release, 98 stand there as they stood a quarter before:
// their entry is taken over from the file read before, and so is no finding,
// since only records without one are. A file that is read so gives what it gives
// when it is read alone; records that say the same share their Entry. The zero
// TextReader is ready, and may be used by several goroutines at once.
type TextReader struct {
	before atomic.Pointer[readText] // the file that was last read to its end
}

// readText is a file that was read.
type readText struct {
	text    string
	index   map[string]int // code → its place in records and blocks
	records []Record       // in the order of the file
	blocks  []block
}

// place gives the place of a code, which is likely the next one.
func (r *readText) place(code string, next int) (at int, known bool) {
	if next < len(r.records) && r.records[next].Code == code {
		return next, true
	}
	at, known = r.index[code]
	return at, known
}

// has tells whether the file has a record of a code already. Codes beyond all before
// them are new.
func (p *textParser) has(code string) bool {
	if code > p.highest {
		return false
	}
	_, seen := p.index[code]
	return seen
}

// block says where the lines of a record stand in a text: from begin to end,
// line ends among them, and nothing else between. lines is 0 where that is not
// so.
type block struct {
	begin, end int
	lines      int
	taken      bool // the record was taken over
}

// noBlock: the line before belongs to no record, or not to one's block.
const noBlock = -1

// remember keeps a file for the one that is read next.
func (t *TextReader) remember(p *textParser, text string, inOrder []Record) {
	if len(p.file.Findings) == maxFindings {
		return // whether a record has findings is not known of all
	}
	for i := range p.file.Findings {
		if at, found := p.index[p.file.Findings[i].Code]; found {
			p.blocks[at].lines = 0
		}
	}
	for i := range p.blocks {
		if p.blocks[i].end > len(text) {
			p.blocks[i].lines = 0 // the last line has no line end
		}
	}
	t.before.Store(&readText{text, p.index, inOrder, p.blocks})
}

// takeOver takes the record that begins at offset over from the file read before,
// where its lines stand there too. It gives where they stand here; no lines: they
// are to be read.
func (p *textParser) takeOver(number, offset int, text string) block {
	rest := text[offset:]
	code, fault, isRecord := recordCode(rest)
	if p.before == nil || !isRecord || fault != (codeFault{}) {
		return block{}
	}
	at, known := p.before.place(code, p.next)
	if !known || p.has(code) {
		return block{}
	}
	p.next = at + 1
	old := p.before.blocks[at]
	length := old.end - old.begin
	if old.lines == 0 || length > len(rest) {
		return block{}
	}
	sequence, same := sameLines(p.before.text[old.begin:old.end], rest[:length])
	if !same {
		return block{}
	}
	if next, _, more := recordCode(rest[length:]); more && next == code {
		return block{} // it has more lines than before
	}
	record := p.before.records[at]
	record.SourceLine = number
	if place := columns(rest, sequenceBegin, sequenceEnd); place != record.SequenceNumber {
		record.SequenceNumber = strings.Clone(place)
	}
	p.started = true
	p.file.LinesRead += old.lines
	lines := block{begin: offset, end: offset + length, lines: old.lines, taken: true}
	p.open = len(p.file.Records)
	p.put(record, sequence)
	p.blocks = append(p.blocks, lines)
	return lines
}

// sameLines tells whether the lines of a record are those of before, but for its
// sequence numbers, which must go on from line to line. It gives the last one.
func sameLines(before, now string) (sequence int, same bool) {
	for first := true; len(before) > 0; first = false {
		end := strings.IndexByte(before, '\n') + 1
		if before[:sequenceBegin-1] != now[:sequenceBegin-1] ||
			!isDigits(now[sequenceBegin-1:sequenceEnd]) ||
			before[sequenceEnd:end] != now[sequenceEnd:end] {
			return 0, false
		}
		next := sequenceOf(now[sequenceBegin-1 : sequenceEnd])
		if !first && next != sequence+sequenceStep {
			return 0, false
		}
		sequence = next
		before, now = before[end:], now[end:]
	}
	return sequence, true
}

// extend says that the line being read goes on with the record at a place; open
// is the record of the line before.
func (p *textParser) extend(at, open int) {
	lines := &p.blocks[at]
	if lines.taken {
		// A record taken over goes on elsewhere in the file.
		entry := *p.file.Records[at].Entry
		content := *entry.Content
		entry.Content = &content
		p.file.Records[at].Entry = &entry
		lines.taken = false
	}
	if at != open {
		lines.lines = 0
		return
	}
	if lines.lines > 0 {
		lines.lines++
		lines.end = p.block.end
	}
	p.open = at
}
