package cmstest

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Widths of the text, in columns (record layout; domain.md, "The record").
const (
	recordLength       = 320 // nominal
	recordLength2011   = 293 // up to the action code, without the filler
	continuationLength = 91  // up to the end of the description
	descriptionWidth   = 80
)

// TXTOptions are the irregularities a text file is written with; the zero
// value gives the usual file of 2016 and 2020. Codes are named as in Code.
//
// UpperCase and the fields from LostDashes on make the file say something else
// than the records do, and no list of changes knows of it: use them for a
// release that stands alone, or write the same into the records themselves.
type TXTOptions struct {
	// Preamble is written before the first record, a line each (domain.md 11).
	// Disclaimer gives one; none by default.
	Preamble []string
	// RecordLength is the length of a record's first line: 320 by default, 293
	// in 2011.
	RecordLength int
	// ContinuationLength is the length of the lines that continue a
	// description: 91 by default (2016, 2017, 2020), 320 in 2018 and 2019, 293
	// in 2011.
	ContinuationLength int
	// Backtick puts ` in place of the very first blank of the first record
	// (2011; domain.md 9).
	Backtick bool
	// ZeroUnits writes "no anesthesia units" as 0 for modifiers too, as in
	// 2011; later years leave a modifier's blank.
	ZeroUnits bool
	// LineLengths gives single codes a last line of another length, cut or
	// filled with blanks: 316 for a padded continuation line (2019), 294 (2011).
	LineLengths map[string]int
	// Tabs lists codes in whose long description a TAB stands for a blank. It
	// is white space, so the text read is the same.
	Tabs []string
	// StrayLines are written as they are after all records: lines a few
	// characters long that are no record.
	StrayLines []string
	// UTF8 writes UTF-8 with a byte order mark instead of code page 1252, as
	// somebody's editor would; columns are then counted in characters.
	UTF8 bool

	// UpperCase writes long descriptions in capitals (2011, 2012).
	UpperCase bool
	// LostDashes writes "?" for every dash that ASCII lacks (2020Q1).
	LostDashes bool
	// MisplacedASC lists codes whose ASC fields stand two columns to the left
	// (2018; domain.md 9). MisplaceASC gives the record as it is then read.
	MisplacedASC []string
	// Shifted gives for single codes a number of blanks too many before the
	// short description, all that follows standing that much further right, or
	// to the left where negative (domain.md 9).
	Shifted map[string]int
}

// MisplaceASC gives the record as a reader finds it when CMS wrote the ASC
// fields two columns to the left: the group is lost under the coverage code,
// the first two digits of the date stand in its place, and the other six are
// left as a date that is none (C9488 in 2018).
func MisplaceASC(code Code) Code {
	digits := dateDigits(code.ASCPaymentGroupDate)
	if len(digits) == 8 {
		code.ASCPaymentGroup, code.ASCPaymentGroupDate = digits[:2], digits[2:]
	}
	return code
}

// TXT writes the release's main file as fixed-width text with CRLF line ends:
// one line for each record and further ones for what is left of its long
// description. A word longer than the 80 columns of a line is cut.
func (r *Release) TXT(options TXTOptions) []byte {
	writer := textWriter{options: options, recordLength: recordLength, continuationLength: continuationLength}
	if options.RecordLength != 0 {
		writer.recordLength = options.RecordLength
	}
	if options.ContinuationLength != 0 {
		writer.continuationLength = options.ContinuationLength
	}
	writer.out = make([]byte, 0, len(r.Codes)*(writer.recordLength+writer.continuationLength))
	if options.UTF8 {
		writer.out = append(writer.out, "\ufeff"...)
	}
	for _, line := range options.Preamble {
		writer.endLine(writer.appendText(nil, line))
	}
	start := len(writer.out)
	for i := range r.Codes {
		writer.record(&r.Codes[i])
	}
	if options.Backtick && len(writer.out) > start && writer.out[start] == ' ' {
		writer.out[start] = '`'
	}
	for _, line := range options.StrayLines {
		writer.endLine(writer.appendText(nil, line))
	}
	return writer.out
}

// textWriter holds the file so far and the line at hand.
type textWriter struct {
	options                          TXTOptions
	recordLength, continuationLength int
	out, line                        []byte
}

func (w *textWriter) record(code *Code) {
	if slices.Contains(w.options.MisplacedASC, code.Code) {
		misplaced := MisplaceASC(*code)
		code = &misplaced
	}
	description := code.LongDescription
	if w.options.UpperCase {
		description = strings.ToUpper(description)
	}
	if w.options.LostDashes {
		description = lostDashes.Replace(description)
	}
	if slices.Contains(w.options.Tabs, code.Code) {
		description = strings.Replace(description, " ", "\t", 1)
	}

	first, rest := nextLine(description)
	w.line = w.firstLine(w.line[:0], code, first)
	length := w.recordLength
	for number := 1; rest != ""; number++ {
		w.endLine(w.padTo(w.line, length))
		first, rest = nextLine(rest)
		w.line = append(w.line[:0], code.column()...)
		w.line = appendSequence(w.line, code.sequence(), number)
		w.line = append(w.line, code.recordType()+1)
		w.line = w.appendText(w.line, first)
		length = w.continuationLength
	}
	if own, ok := w.options.LineLengths[code.Code]; ok {
		length = own
	}
	w.endLine(w.padTo(w.line, length))
}

var lostDashes = strings.NewReplacer("–", "?", "—", "?")

// firstLine appends columns 1-293 of a record.
func (w *textWriter) firstLine(line []byte, code *Code, description string) []byte {
	shift := w.options.Shifted[code.Code]
	put := func(column int, value string) { // column is the 1-based position at which value starts
		if value == "" && len(line) < column {
			return // nothing to write, and nothing before it reaches into the field
		}
		line = w.padTo(line, column-1+shift)
		line = w.appendText(line, value)
	}
	putAll := func(column, width int, values []string) {
		for i, value := range values {
			put(column+i*width, value)
		}
	}
	line = append(line, code.column()...)
	line = append(line, code.sequence()...)
	line = append(line, code.recordType())
	line = w.appendText(line, description)

	put(92, code.ShortDescription)
	putAll(120, 2, code.PricingIndicators)
	put(128, code.MultiplePricingIndicator)
	putAll(129, 6, code.CoverageIssuesManualRefs)
	putAll(147, 8, code.MedicareCarriersManualRefs)
	put(171, code.Statute)
	putAll(181, 3, code.LabCertifications)
	putAll(205, 5, code.CrossReferences)
	put(230, code.CoverageCode)
	put(231, code.ASCPaymentGroup)
	put(233, dateDigits(code.ASCPaymentGroupDate))
	put(241, code.MOGPaymentGroup)
	put(244, code.MOGPaymentPolicy)
	put(245, dateDigits(code.MOGEffectiveDate))
	put(253, code.ProcessingNote)
	put(257, code.Betos)
	putAll(261, 1, code.TypesOfService)
	put(266, anesthesiaColumns(code, w.options.ZeroUnits))
	put(269, dateDigits(code.CodeAddedDate))
	put(277, dateDigits(code.ActionEffectiveDate))
	put(285, dateDigits(code.TerminationDate))
	put(293, code.ActionCode)
	return line
}

// appendText appends text in the file's character set.
func (w *textWriter) appendText(line []byte, text string) []byte {
	if w.options.UTF8 {
		return append(line, text...)
	}
	return appendCP1252(line, text)
}

// padTo cuts or fills the line to a number of columns.
func (w *textWriter) padTo(line []byte, columns int) []byte {
	have := len(line)
	if w.options.UTF8 {
		have = utf8.RuneCount(line)
	}
	if have < columns {
		return append(line, blanks(columns-have)...)
	}
	for ; have > columns; have-- {
		_, size := utf8.DecodeLastRune(line)
		if !w.options.UTF8 {
			size = 1
		}
		line = line[:len(line)-size]
	}
	return line
}

func (w *textWriter) endLine(line []byte) {
	w.out = append(w.out, line...)
	w.out = append(w.out, '\r', '\n')
	w.line = line[:0]
}

// nextLine splits off as many whole words of a description as fit into the 80
// columns of a line.
func nextLine(description string) (line, rest string) {
	if len(description) <= descriptionWidth {
		return description, ""
	}
	cut, columns := -1, 0
	for at, character := range description {
		if character == ' ' {
			cut = at
		}
		if columns == descriptionWidth {
			if cut <= 0 {
				return description[:at], description[at:]
			}
			return description[:cut], description[cut+1:]
		}
		columns++
	}
	return description, ""
}

// appendSequence appends the sequence number of a description's continuation:
// the first line's, in hundreds, and the number of the line after it.
func appendSequence(line []byte, first string, number int) []byte {
	value := 0
	for _, digit := range first {
		value = value*10 + int(digit-'0')
	}
	value += 100 * number
	for divisor := 10_000; divisor > 0; divisor /= 10 {
		line = append(line, byte('0'+value/divisor%10))
	}
	return line
}

// anesthesiaColumns gives columns 266-268, aligned to the right. CMS prints 0
// for a procedure without units and leaves a modifier's blank.
func anesthesiaColumns(code *Code, zeroUnits bool) string {
	units := code.AnesthesiaBaseUnits
	if units == "" {
		if code.IsModifier() && !zeroUnits {
			return ""
		}
		return "  0"
	}
	return string(blanks(3-len(units))) + units
}

// dateDigits gives a date as CMS prints it, "20200401" for "2020-04-01".
// What is not a date stands as it is.
func dateDigits(date string) string {
	if len(date) == 10 && date[4] == '-' && date[7] == '-' {
		return date[:4] + date[5:7] + date[8:]
	}
	return date
}

var blankLine = bytes.Repeat([]byte{' '}, recordLength)

// blanks gives a run of blanks, which the caller must not alter.
func blanks(count int) []byte {
	if count <= 0 {
		return nil
	}
	if count > len(blankLine) {
		return bytes.Repeat([]byte{' '}, count)
	}
	return blankLine[:count]
}
