package transform

import (
	"fmt"
	"slices"
	"strings"
	"unsafe"
)

// The record types (record layout, "Record Identification Code").
const (
	procedureRecord       = '3'
	procedureContinuation = '4'
	modifierRecord        = '7'
	modifierContinuation  = '8'
)

// The columns that are not among a record's fields, as findings name them.
const (
	sequenceColumn   = "sequence_number"
	recordTypeColumn = "record_type"
)

// nominalLength is the length of a record's line (record layout, "REC").
const nominalLength = 320

// ParseText reads the fixed-width main file of a release. name is used in
// findings only; data must not be changed afterwards.
//
// Lines before the first record are CMS's disclaimer and are passed over. A
// line after it that is no record becomes a finding; everything else is read. An
// error means that the file as a whole is no main file.
func ParseText(name string, data []byte) (*File, error) {
	return new(TextReader).Read(name, data)
}

// Read is ParseText for one file of several; it takes over what it can from a
// file that it read before.
func (t *TextReader) Read(name string, data []byte) (*File, error) {
	encoded, lost, err := toWindows1252(data)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	// Without copying: a text of four million characters is read in a few milliseconds.
	text := endLines(unsafe.String(unsafe.SliceData(encoded), len(encoded)))
	// Most lines are 320 characters, and every record has one such line.
	expected := len(text)/nominalLength + 1
	p := textParser{
		file:  &File{Name: name, Records: make([]Record, 0, expected)},
		index: make(map[string]int, expected),
		open:  noBlock,

		sequences: make([]int, 0, expected),
		blocks:    make([]block, 0, expected),
	}
	if lost == nil { // else each line is asked what it lost
		p.before = t.before.Load()
	}
	for offset, number := 0, 1; offset < len(text); number++ {
		if taken := p.takeOver(number, offset, text); taken.lines > 0 {
			offset, number = taken.end, number+taken.lines-1
			continue
		}
		p.block = block{begin: offset, lines: 1}
		end := strings.IndexByte(text[offset:], '\n')
		if end < 0 {
			end = len(text)
		} else {
			end += offset
		}
		line := text[offset:end]
		p.block.end = end + 1
		p.line(number, strings.TrimRight(line, "\r"))
		if len(lost) > 0 && lost[0] <= end {
			if p.started {
				p.find(number, p.codeOf(line), "", RuleUnencodable, line)
			}
			for len(lost) > 0 && lost[0] <= end {
				lost = lost[1:]
			}
		}
		offset = end + 1
	}
	if !p.started {
		return nil, fmt.Errorf("reading %s: it holds no HCPCS record: a record has a code, a sequence number of five digits and a record type 3, 4, 7 or 8 in its first 11 columns", name)
	}
	inOrder := p.finish()
	t.remember(&p, text, inOrder)
	return p.file, nil
}

// endLines ends lines with \n where they are ended otherwise: all of a file, as old
// Macs end them, or a single one, which else would hide the record after it. A
// carriage return that stands in a line without a record after it stays, as a
// character that is none.
func endLines(text string) string {
	if strings.IndexByte(text, '\n') < 0 {
		return strings.ReplaceAll(text, "\r", "\n")
	}
	var ended []byte
	for at := 0; ; at++ {
		next := strings.IndexByte(text[at:], '\r')
		if next < 0 {
			break
		}
		at += next
		if strings.HasPrefix(text[at+1:], "\n") {
			continue
		}
		if _, fault, record := recordCode(text[at+1:]); record && fault == (codeFault{}) {
			if ended == nil {
				ended = []byte(text)
			}
			ended[at] = '\n'
		}
	}
	if ended == nil {
		return text
	}
	return string(ended)
}

type textParser struct {
	file    *File
	started bool           // the first record has been met
	index   map[string]int // code → its record in file.Records
	highest string         // the last of its codes by their order
	next    int            // the place in before of what likely stands next
	// descriptions are the lines of the long descriptions of the records that
	// have more than one.
	descriptions map[int][]string

	// repeated are the codes whose record that was met last is not the first one, and
	// whether a line was met that goes on with that.
	repeated map[string]bool
	// sequences are the sequence numbers of the last lines of file.Records.
	sequences []int

	before *readText // what records are taken over from, nil for none
	block  block     // the line that is being read
	blocks []block   // of file.Records; none for a workbook
	open   int       // the record that the line before belongs to, or noBlock
}

func (p *textParser) find(line int, code, field string, rule Rule, raw string) {
	p.file.add(Finding{File: p.file.Name, Line: line, Code: strings.Clone(code), Field: field, Rule: rule, RawText: strings.Clone(quote(raw))})
}

func (p *textParser) line(number int, line string) {
	open := p.open
	p.open = noBlock
	if strings.TrimSpace(line) == "" {
		return
	}
	code, fault, ok := recordCode(line)
	if !ok {
		if p.started {
			p.file.LinesRead++
			p.file.LinesUnreadable++
			p.find(number, p.codeOf(line), "", RuleUnreadableLine, line)
		}
		return
	}
	p.started = true
	p.file.LinesRead++
	if fault != (codeFault{}) {
		p.find(number, code, fault.field, fault.rule, line)
	}
	if strings.IndexByte(line, '\t') >= 0 {
		p.find(number, code, "", RuleTab, line)
	}
	if hasControl(line) {
		p.find(number, code, "", RuleControlCharacter, line)
	}
	switch line[recordTypePosition-1] {
	case procedureRecord, modifierRecord:
		p.first(number, code, line)
	default:
		p.continuation(number, code, line, open)
	}
}

// hasControl tells whether characters stand in a line that no text has, tabs aside.
func hasControl(line string) bool {
	for i := range len(line) {
		if c := line[i]; c < ' ' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

func (p *textParser) first(number int, code, line string) {
	if _, seen := p.index[code]; seen {
		p.find(number, code, "", RuleDuplicateCode, line)
		p.repeat(code)
		return
	}
	switch length := len(trimBlanksRight(line)); {
	case length < actionCodePosition:
		p.find(number, code, "", RuleLineTooShort, line)
	case length > actionCodePosition:
		p.find(number, code, "", RuleLineTooLong, line)
	}
	record := Record{
		Entry: &Entry{
			Code:       code,
			Kind:       KindOf(code),
			ActionCode: clean(columns(line, actionCodePosition, actionCodePosition)),
			Content:    &Content{},
		},
		SequenceNumber: columns(line, sequenceBegin, sequenceEnd),
		SourceLine:     number,
	}
	for i := range Layout {
		record.Content[i] = p.value(number, code, &Layout[i], line)
	}
	record.ActionEffectiveDate = p.date(number, code, "action_effective_date", columns(line, actionEffectiveDateBegin, actionEffectiveDateEnd))
	p.open = len(p.file.Records)
	p.put(record, sequenceOf(record.SequenceNumber))
	p.blocks = append(p.blocks, p.block)
}

// repeat remembers that a second record of a code was passed over.
func (p *textParser) repeat(code string) {
	if p.repeated == nil {
		p.repeated = map[string]bool{}
	}
	p.repeated[strings.Clone(code)] = false
}

// ofRepeated tells whether a line goes on with a record that was passed over, and
// not with the first one of its code; follows: by its sequence number, it could.
func (p *textParser) ofRepeated(code string, follows bool) bool {
	within, repeated := p.repeated[code]
	if !repeated || (follows && !within) {
		return false
	}
	p.repeated[strings.Clone(code)] = true
	return true
}

// follows tells whether a sequence number is the next one of the record at a
// place, by one of some steps. What is no number follows anything.
func (p *textParser) follows(at int, sequence string, steps ...int) bool {
	before, next := p.sequences[at], sequenceOf(sequence)
	if next == 0 {
		next = before + steps[0]
	}
	p.sequences[at] = next
	return slices.Contains(steps, next-before)
}

// put takes a record, with the sequence number of its last line.
func (p *textParser) put(record Record, sequence int) {
	p.index[record.Code] = len(p.file.Records)
	p.highest = max(p.highest, record.Code)
	p.file.Records = append(p.file.Records, record)
	p.sequences = append(p.sequences, sequence)
}

// continuation takes a line that goes on with a record; open is the record of the
// line before.
func (p *textParser) continuation(number int, code, line string, open int) {
	at, seen := p.index[code]
	if !seen {
		p.find(number, code, "", RuleOrphanContinuation, line)
		p.file.LinesUnreadable++
		return
	}
	follows := p.follows(at, columns(line, sequenceBegin, sequenceEnd), sequenceStep)
	if p.ofRepeated(code, follows) {
		p.find(number, code, LongDescription.String(), RuleDuplicateCode, line)
		return
	}
	if !follows {
		p.find(number, code, sequenceColumn, RuleSequenceBreak, line)
	}
	p.extend(at, open)
	info := &Layout[LongDescription]
	if len(line) > info.End && strings.TrimSpace(line[info.End:]) != "" {
		p.find(number, code, LongDescription.String(), RuleLineTooLong, line)
	}
	part := clean(columns(line, info.Begin, info.End))
	p.continueDescription(at, part)
}

// continueDescription adds a part to the description of a record.
func (p *textParser) continueDescription(at int, part string) {
	if part == "" {
		return
	}
	if p.descriptions == nil {
		p.descriptions = map[int][]string{}
	}
	if len(p.descriptions[at]) == 0 {
		p.descriptions[at] = []string{p.file.Records[at].Content[LongDescription]}
	}
	p.descriptions[at] = append(p.descriptions[at], part)
}

// finish joins the descriptions, checks every record and sorts. It gives the
// records in the order in which they stand in the file.
func (p *textParser) finish() (inOrder []Record) {
	for at, parts := range p.descriptions {
		p.file.Records[at].Content[LongDescription] = strings.TrimSpace(strings.Join(parts, " "))
	}
	inOrder = p.file.Records
	for i := range inOrder {
		if i < len(p.blocks) && p.blocks[i].taken {
			continue // as it was when it was first read, without a finding
		}
		checkRecord(p.file, &inOrder[i])
		inOrder[i].detach()
	}
	p.file.Records = sortedRecords(inOrder)
	sortFindings(p.file.Findings)
	return inOrder
}

func sortFindings(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int { return a.Line - b.Line })
}

// value reads one field from its columns.
func (p *textParser) value(number int, code string, info *FieldInfo, line string) string {
	switch info.Kind {
	case ListField:
		value, several := "", []string(nil)
		for n, width := 0, info.End-info.Begin+1; n < info.Occurs; n++ {
			next := clean(columns(line, info.Begin+n*width, info.End+n*width))
			switch {
			case next == "":
			case value == "":
				value = next
			case several == nil:
				several = []string{value, next}
			default:
				several = append(several, next)
			}
		}
		if several != nil {
			return strings.Join(several, valueSeparator)
		}
		return value
	case DateField:
		return p.date(number, code, info.Name, columns(line, info.Begin, info.End))
	case IntegerField:
		return p.integer(number, code, info.Name, columns(line, info.Begin, info.End))
	default:
		return clean(columns(line, info.Begin, info.End))
	}
}

// clean decodes and squeezes what stands in some columns.
func clean(raw string) string { return squeeze(decodeText(raw)) }

func (p *textParser) date(number int, code, field, raw string) string {
	text := clean(raw)
	date, ok := canonicalDate(text)
	if !ok {
		p.find(number, code, field, RuleUnparseableDate, raw)
		return ""
	}
	if date != "" && !plausible(ParseDate(date)) {
		p.find(number, code, field, RuleImplausibleDate, raw)
	}
	return date
}

func (p *textParser) integer(number int, code, field, raw string) string {
	text := clean(raw)
	if text == "" || isZeros(text) {
		return ""
	}
	if !isDigits(text) {
		p.find(number, code, field, RuleUnparseableNumber, raw)
		return ""
	}
	return strings.TrimLeft(text, "0")
}

// codeOf gives what stands in the code columns of a line, for a finding.
func (p *textParser) codeOf(line string) string {
	if code, _, ok := recordCode(line); ok {
		return code
	}
	return ""
}

// columns gives the positions begin to end (1-based, inclusive) of a line, less
// where it is shorter.
func columns(line string, begin, end int) string {
	if begin > len(line) {
		return ""
	}
	return line[begin-1 : min(end, len(line))]
}

// trimBlanksRight drops blanks, tabs and the non-breaking blanks of Windows 1252
// at the end of a line.
func trimBlanksRight(line string) string {
	end := len(line)
	for end > 0 && (line[end-1] == ' ' || line[end-1] == '\t' || line[end-1] == 0xa0) {
		end--
	}
	return line[:end]
}

// codeFault is what is wrong with the first columns of a record that can be read
// nevertheless.
type codeFault struct {
	field string
	rule  Rule
}

// recordCode tells whether a line is a record, and whose. Where the record type is
// that of the other kind, what stands in the columns of the code counts; where
// blanks stand for digits of the sequence number, and where characters stand in
// the place of a modifier's blanks (the first line of 2011 starts with a
// backtick, domain.md 9), they count for nothing. fault says so.
func recordCode(line string) (code string, fault codeFault, ok bool) {
	if len(line) < recordTypePosition {
		return "", fault, false
	}
	if sequence := line[sequenceBegin-1 : sequenceEnd]; !isDigits(sequence) {
		if !isDigits(strings.Trim(sequence, " ")) {
			return "", fault, false
		}
		fault = codeFault{sequenceColumn, RuleCorruptSequence}
	}
	procedure, modifier := line[codeBegin-1:codeEnd], line[modifierBegin-1:modifierEnd]
	blank := line[:modifierBegin-1] == "   "
	switch line[recordTypePosition-1] {
	case procedureRecord, procedureContinuation:
		if isProcedureCode(procedure) {
			return procedure, fault, true
		}
		return modifier, codeFault{recordTypeColumn, RuleWrongRecordType}, blank && isModifier(modifier)
	case modifierRecord, modifierContinuation:
		switch {
		case isProcedureCode(procedure):
			return procedure, codeFault{recordTypeColumn, RuleWrongRecordType}, true
		case !blank:
			fault = codeFault{"code", RuleCorruptCode}
		}
		return modifier, fault, isModifier(modifier)
	}
	return "", fault, false
}

// sequenceStep is by how much the lines of a record are numbered (domain.md, "The
// record"); workbooks of 2020 leave the last zero out.
const sequenceStep = 100

// sequenceOf gives the number of a line in its record, 0 where it has none.
func sequenceOf(sequence string) int {
	if sequence = strings.TrimSpace(sequence); isDigits(sequence) {
		return number(sequence)
	}
	return 0
}

// isProcedureCode: a letter and four digits.
func isProcedureCode(code string) bool {
	return len(code) == 5 && code[0] >= 'A' && code[0] <= 'Z' && isDigits(code[1:])
}

// isModifier: two characters, letters or digits.
func isModifier(code string) bool {
	return len(code) == 2 && isAlphanumeric(code[0]) && isAlphanumeric(code[1])
}

func isAlphanumeric(c byte) bool { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') }

// IsCode tells whether a text has the form of an HCPCS Level II procedure code
// or modifier.
func IsCode(text string) bool { return isProcedureCode(text) || isModifier(text) }
