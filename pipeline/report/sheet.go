package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// CodeSheet is a code's sheet, ready to be shown in any format.
type CodeSheet struct {
	*load.Sheet
	// Facts in the order of a printed code sheet: what stands there always, then
	// the other fields that are not empty.
	Facts []Fact
	// LastChanged is the release in which the record last changed, the zero ID
	// where it never did.
	LastChanged release.ID
}

// Fact is one line of a sheet: a field, its values and what they mean.
type Fact struct {
	Name   string // column name
	Title  string
	Values []string
	// Meanings are those of the values, one each; "" where there is none.
	Meanings []string
	// Sentences tells that the values are sentences for people, each on a line of
	// its own; Word is what programs get.
	Sentences bool
	Word      string
}

// NewCodeSheet works out what stands on a code's sheet.
func NewCodeSheet(sheet *load.Sheet) *CodeSheet {
	v := &CodeSheet{Sheet: sheet, LastChanged: lastChanged(sheet)}
	record := &sheet.Record
	changed := Fact{Name: "last_changed", Title: "Last changed", Values: []string{"not since " + sheet.First.String()}, Meanings: []string{""}}
	if v.LastChanged != (release.ID{}) {
		changed.Values[0] = v.LastChanged.String()
	}
	v.Facts = append(v.Facts,
		CodeFact(record.Code),
		PlainFact("kind", string(record.Kind)),
		FieldFact(record.Content, transform.LongDescription),
		FieldFact(record.Content, transform.ShortDescription),
		StatusFact(sheet.Status, StatusWords(sheet)),
		FieldFact(record.Content, transform.CoverageCode),
		FieldFact(record.Content, transform.CodeAddedDate),
		PlainFact("action_effective_date", record.ActionEffectiveDate),
		decodedFact("action_code", record.ActionCode, "action_codes"),
		FieldFact(record.Content, transform.TerminationDate),
		PlainFact("last_update", fmt.Sprintf("%d, release %s", sheet.Last.Quarter.Year, sheet.Last)),
		changed,
		PlainFact("first_release", sheet.First.String()),
		PlainFact("life", strconv.Itoa(sheet.Life)),
	)
	v.Facts = append(v.Facts, OtherFields(record.Content)...)
	if sheet.ProcessingNoteText != "" {
		v.Facts = append(v.Facts, PlainFact("processing_note_text", sheet.ProcessingNoteText))
	}
	if sheet.NOCList != "" {
		v.Facts = append(v.Facts, PlainFact("noc_list", sheet.NOCList))
	}
	return v
}

// alwaysShown are the fields that stand on a sheet even when they are empty.
var alwaysShown = map[transform.Field]bool{
	transform.LongDescription: true, transform.ShortDescription: true, transform.CoverageCode: true,
	transform.CodeAddedDate: true, transform.TerminationDate: true,
}

// OtherFields gives the fields that are not always shown and not empty.
func OtherFields(content *transform.Content) []Fact {
	var facts []Fact
	for i := range transform.Layout {
		field := transform.Layout[i].Field
		if !alwaysShown[field] && content[field] != "" {
			facts = append(facts, FieldFact(content, field))
		}
	}
	return facts
}

// PlainFact gives a value that needs no explanation.
func PlainFact(name, value string) Fact {
	f := Fact{Name: name, Title: transform.TitleOf(name)}
	if value != "" {
		f.Values, f.Meanings = []string{value}, []string{""}
	}
	return f
}

// StatusFact says a status in words, and in one word for programs.
func StatusFact(word string, sentences ...string) Fact {
	return Fact{
		Name: "status", Title: transform.TitleOf("status"), Values: sentences, Meanings: make([]string, len(sentences)), Sentences: true, Word: word,
	}
}

// CodeFact gives the code, and the family it belongs to.
func CodeFact(code string) Fact {
	family := code[:1]
	if transform.KindOf(code) == transform.Modifier {
		family = string(transform.Modifier)
	}
	f := PlainFact("code", code)
	if meaning, ok := transform.Decode("code_families", family); ok {
		f.Meanings[0] = meaning.Meaning
	}
	return f
}

func decodedFact(name, value, codes string) Fact {
	f := PlainFact(name, value)
	if meaning, ok := transform.Decode(codes, value); ok && value != "" {
		f.Meanings[0] = meaningWords(&meaning)
	}
	return f
}

// FieldFact gives a field of a record, each of its values with its meaning.
func FieldFact(content *transform.Content, field transform.Field) Fact {
	f := Fact{Name: field.String(), Title: transform.Layout[field].Title, Values: content.Values(field)}
	codes, decoded := transform.ListOf(field)
	for _, value := range f.Values {
		text := ""
		if decoded {
			text = "not in CMS's code list"
			if meaning, ok := codes.Lookup(value); ok {
				text = meaningWords(&meaning)
			}
		}
		f.Meanings = append(f.Meanings, text)
	}
	return f
}

func meaningWords(value *transform.CodeValue) string {
	words := value.Meaning
	if value.Group != "" {
		words = value.Group + ": " + words
	}
	if value.Note != "" {
		words += ". " + strings.TrimSuffix(value.Note, ".")
	}
	return words
}

// lastChanged is the release in which the record last changed: coming and going
// do not count, nor does an action that changed nothing.
func lastChanged(sheet *load.Sheet) release.ID {
	for _, comparison := range slices.Backward(sheet.Comparisons) {
		switch change := comparison.Changes[0]; change.What {
		case transform.DeclaredOnly, transform.DateOnly, transform.Vanished, transform.AgedOff:
		case transform.Reappeared:
			if change.Observed != "" {
				return comparison.Release.ID
			}
		default:
			return comparison.Release.ID
		}
	}
	return release.ID{}
}

// StatusWords says where the code stands: on the first day of the latest
// release's quarter, as known now.
func StatusWords(sheet *load.Sheet) string {
	terminated := sheet.Record.Content.Date(transform.TerminationDate)
	ended := ""
	if terminated != transform.NoDate {
		ended = fmt.Sprintf("Terminated since %s; its last valid day was %s", terminated+1, terminated)
	}
	absent := ""
	if sheet.Last != sheet.Latest {
		absent = fmt.Sprintf("CMS's file leaves it out since %s", AbsentSince(sheet.Comparisons))
	}
	switch sheet.Status {
	case "active":
		if terminated != transform.NoDate {
			return fmt.Sprintf("Actual until %s, its last valid day", terminated)
		}
		return "Actual"
	case "future":
		return fmt.Sprintf("Future: valid from %s", sheet.Record.Content[transform.CodeAddedDate])
	case "terminated":
		if absent != "" {
			return ended + "; " + absent
		}
		return ended
	case "unlisted":
		return "Unlisted: " + absent + ", and no release ended it"
	}
	return sheet.Status
}

// AbsentSince is the quarter of the release that left the code out.
func AbsentSince(comparisons []load.Comparison) string {
	for _, comparison := range slices.Backward(comparisons) {
		if what := comparison.Changes[0].What; what == transform.Vanished || what == transform.AgedOff {
			return comparison.Release.ID.Quarter.String()
		}
	}
	return "some release"
}

// TargetWords says where the target of a cross-reference stands (view crosswalk).
func TargetWords(status string) string {
	switch status {
	case "cpt":
		return "a CPT code, which is not in these files"
	case "literal":
		return "CPT in general: CMS names no code"
	case "cycle":
		return "on the way already: the references go round"
	case "unknown":
		return "in no release in hand"
	}
	return status
}
