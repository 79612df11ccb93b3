package transform

import (
	"crypto/sha256"
	"slices"
	"strings"
)

// Kind tells procedure codes from modifiers.
type Kind string

const (
	Procedure Kind = "procedure" // a letter and four digits
	Modifier  Kind = "modifier"  // two characters
)

// KindOf tells a code's kind by its length.
func KindOf(code string) Kind {
	if len(code) == 2 {
		return Modifier
	}
	return Procedure
}

// Content is what a release says of a code, one value for each Field in
// canonical form: "" for NULL, dates as 2020-04-01, integers without leading
// zeros, repeated values joined by valueSeparator. Two contents are equal
// exactly when no field differs. Nobody writes into one that an Entry has got.
type Content [FieldCount]string

// Equal tells whether no field differs.
func (c *Content) Equal(other *Content) bool { return c == other || *c == *other }

// valueSeparator joins the values of a repeated field inside a Content. It is a
// control character, which squeezing removes from every value.
const valueSeparator = "\x1f"

// Values gives the values of a repeated field, nil where there is none.
func (c *Content) Values(field Field) []string { return SplitValues(c[field]) }

// Text gives a field as people read it: repeated values joined with ";".
func (c *Content) Text(field Field) string {
	return displayText(c[field])
}

func displayText(value string) string { return strings.ReplaceAll(value, valueSeparator, ";") }

// Date gives a date field, NoDate where it is NULL.
func (c *Content) Date(field Field) Date { return ParseDate(c[field]) }

// Record is one code of one release: what CMS says of it, and where in the file.
type Record struct {
	*Entry // never nil
	// SequenceNumber sorts the file; as it stands, five digits in a text file
	// (00100) and four in a workbook (0010).
	SequenceNumber string
	// SourceLine is the number of the record's first line or row in its file,
	// counted from 1.
	SourceLine int
}

// Entry is a record but for its place in the file: the content, and what CMS declares
// beside it. Nobody writes into an Entry that a Record has got: most records say what
// they said a quarter before, and share theirs with the record of then.
type Entry struct {
	Code string
	Kind Kind
	// ActionCode is what CMS says was done to the code, "" when blank.
	ActionCode string
	// ActionEffectiveDate is when that action took effect, as 2020-04-01; "" is
	// NULL.
	ActionEffectiveDate string
	Content             *Content // never nil
}

// SameAs tells whether two releases carry the same record for a code: all but
// its place in the file, which is its sequence number and its line.
func (r *Record) SameAs(other *Record) bool {
	return r.Entry == other.Entry ||
		r.ActionCode == other.ActionCode &&
			r.ActionEffectiveDate == other.ActionEffectiveDate &&
			r.Content.Equal(other.Content)
}

// Declares tells whether CMS declares an action: a code other than N (no
// maintenance).
func (r *Record) Declares() bool { return r.ActionCode != "" && r.ActionCode != NoMaintenance }

// NoMaintenance is the action code of a record to which nothing was done.
const NoMaintenance = "N"

// HashSize is the length of a record's hash in bytes.
const HashSize = 16

// Hash identifies all that SameAs compares: the first half of a SHA-256, so
// that not even a file made for the purpose gets two records taken for one.
func (r *Record) Hash() [HashSize]byte {
	var buffer [2048]byte
	text := buffer[:0]
	for _, value := range [...]string{r.ActionCode, r.ActionEffectiveDate} {
		text = append(append(text, value...), 0)
	}
	for i := range r.Content {
		text = append(append(text, r.Content[i]...), 0)
	}
	sum := sha256.Sum256(text)
	return [HashSize]byte(sum[:HashSize])
}

// detach copies all texts of a record out of the file they were cut from, into
// one piece of memory: keeping the record does not keep the file.
func (r *Record) detach() {
	var texts [FieldCount + 4]*string
	all := append(texts[:0], &r.Code, &r.SequenceNumber, &r.ActionCode, &r.ActionEffectiveDate)
	for i := range r.Content {
		all = append(all, &r.Content[i])
	}
	size := 0
	for _, text := range all {
		size += len(*text)
	}
	var copied strings.Builder
	copied.Grow(size)
	for _, text := range all {
		copied.WriteString(*text)
	}
	rest := copied.String()
	for _, text := range all {
		*text, rest = rest[:len(*text)], rest[len(*text):]
	}
}

// File is the main file of one release, read.
type File struct {
	Name    string
	Records []Record // sorted by code, each code once
	// Findings says what is wrong with it, in the order of its lines.
	Findings []Finding
	// LinesRead and LinesUnreadable count the lines (or rows) after the
	// preamble, blank ones not among them.
	LinesRead, LinesUnreadable int
}

// maxFindings bounds the findings of one file: beyond it, more of them say
// nothing more, and a file made for the purpose could hold millions.
const maxFindings = 20_000

// add adds a finding, as long as there are not too many.
func (f *File) add(finding Finding) {
	if len(f.Findings) < maxFindings {
		f.Findings = append(f.Findings, finding)
	}
}

// Counts gives the number of procedure codes and of modifiers.
func (f *File) Counts() (procedures, modifiers int) {
	for i := range f.Records {
		if f.Records[i].Kind == Modifier {
			modifiers++
		} else {
			procedures++
		}
	}
	return procedures, modifiers
}

// sortedRecords gives the records in order of their codes; those given stay as
// they are. CMS's files have the procedures in order, and the modifiers in order before
// or after them: two such runs are merged. Records are large: of any others the places
// are sorted.
func sortedRecords(records []Record) []Record {
	first := ascending(records)
	if rest := records[first:]; ascending(rest) == len(rest) {
		return merged(records[:first], rest)
	}
	places := make([]int, len(records))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int { return strings.Compare(records[a].Code, records[b].Code) })
	sorted := make([]Record, len(records))
	for i, place := range places {
		sorted[i] = records[place]
	}
	return sorted
}

// ascending tells how many records, from the first on, are in order.
func ascending(records []Record) int {
	for i := 1; i < len(records); i++ {
		if records[i-1].Code > records[i].Code {
			return i
		}
	}
	return len(records)
}

// merged merges two runs of records in order.
func merged(a, b []Record) []Record {
	all := make([]Record, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if b[0].Code < a[0].Code {
			all, b = append(all, b[0]), b[1:]
		} else {
			all, a = append(all, a[0]), a[1:]
		}
	}
	return append(append(all, a...), b...)
}

// SplitValues gives the values of a repeated field from the text that a Content
// holds, nil where there is none.
func SplitValues(canonical string) []string {
	if canonical == "" {
		return nil
	}
	return strings.Split(canonical, valueSeparator)
}
