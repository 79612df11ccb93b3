package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// counted gives "1 code", "8,846 codes".
func counted(n int, singular string) string {
	return number(n) + " " + plural(n, singular)
}

func plural(n int, singular string) string {
	if n == 1 {
		return singular
	}
	if stem, isY := strings.CutSuffix(singular, "y"); isY && !strings.HasSuffix(stem, "a") {
		return stem + "ies"
	}
	return singular + "s"
}

// verb chooses between "is" and "are" and the like.
func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// number groups digits by thousands.
func number(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// listing joins with commas, and "and" before the last.
func listing(parts []string) string {
	switch len(parts) {
	case 0:
		return ""
	case 1:
		return parts[0]
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// named gives codes one after the other; where there are more than most, the
// number of the others.
func named(codes []string, most int) string {
	if len(codes) <= most {
		return strings.Join(codes, ", ")
	}
	return fmt.Sprintf("%s and %s more", strings.Join(codes[:most], ", "), number(len(codes)-most))
}

// sentence makes the first letter a capital and ends with a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, ":") {
		return text
	}
	return text + "."
}

// longDate gives "October 1, 2025".
func longDate(date transform.Date) string { return date.Time().Format("January 2, 2006") }

var monthOfQuarter = [...]string{"", "January", "April", "July", "October"}

// quarterTitle gives "October 2025", as CMS names its releases.
func quarterTitle(q release.Quarter) string {
	return fmt.Sprintf("%s %d", monthOfQuarter[q.Number], q.Year)
}

// releaseTitle gives "2025Q4", and "2025Q4 revision 2" for a later one.
func releaseTitle(id release.ID) string {
	if id.Revision <= 1 {
		return id.Quarter.String()
	}
	return fmt.Sprintf("%s revision %d", id.Quarter, id.Revision)
}

// stretchOf tells a number of days as people do: "31 days", "5 months", "2
// years"; rounded to the nearest.
func stretchOf(days int) string {
	switch {
	case days < 60:
		return counted(days, "day")
	case days < 700:
		return counted((days*2+30)/61, "month")
	}
	return counted((days+182)/365, "year")
}

// timingWords says how far a change reaches back, or how far ahead it lies; ""
// for one within its quarter.
func timingWords(timing transform.Timing, days int) string {
	switch timing {
	case transform.Retroactive:
		return stretchOf(-days) + " back"
	case transform.Upcoming:
		return stretchOf(days) + " ahead"
	}
	return ""
}

// changeWords says what happened to a code in a word or two.
var changeWords = map[transform.ChangeKind]string{
	transform.Added:        "added",
	transform.Discontinued: "discontinued",
	transform.Reactivated:  "re-activated",
	transform.Reused:       "reused",
	transform.Changed:      "revised",
	transform.Reappeared:   "back in the file",
	transform.Vanished:     "left out",
	transform.AgedOff:      "dropped after its end",
	transform.DeclaredOnly: "declared, nothing changed",
	transform.DateOnly:     "only the action date moved",
}

// actionWords gives "N, no maintenance" for an action code.
func actionWords(code string) string {
	if code == "" {
		return "no action code"
	}
	if meaning, ok := transform.Decode("action_codes", code); ok {
		return code + ", " + lowerFirst(meaning.Meaning)
	}
	return code
}

// observedWords says what differs, for a set of action codes.
func observedWords(actions transform.Actions) string {
	var words []string
	for _, action := range actions.List() {
		words = append(words, observedWord[action])
	}
	return listing(words)
}

var observedWord = map[string]string{
	"A": "the code is new", "C": "long description", "D": "termination date", "F": "coverage or administrative field",
	"P": "payment", "R": "termination taken back", "S": "short description", "T": "BETOS or type of service",
}

func lowerFirst(text string) string {
	if len(text) > 1 && text[1] >= 'a' && text[1] <= 'z' {
		return strings.ToLower(text[:1]) + text[1:]
	}
	return text
}

// familyOf gives what the page sorts codes by: the letter of a procedure code,
// or "modifiers".
func familyOf(code string) string {
	if transform.KindOf(code) == transform.Modifier {
		return modifiers
	}
	return code[:1]
}

const modifiers = "modifiers"

// familyMeaning says what the codes of a family are for.
func familyMeaning(family string) string {
	if family == modifiers {
		return "two-character modifiers"
	}
	if meaning, ok := transform.Decode("code_families", family); ok {
		return meaning.Meaning
	}
	return ""
}

// meaningOf says what a value of a coded field means, "" where nothing is
// known. Several values are told one after the other.
func meaningOf(field transform.Field, value string) string {
	list, ok := transform.ListOf(field)
	if !ok || value == "" {
		return ""
	}
	var meanings []string
	for one := range strings.SplitSeq(value, ";") {
		if meaning, known := list.Lookup(one); known {
			meanings = append(meanings, meaning.Meaning)
		}
	}
	return strings.Join(meanings, "; ")
}
