package transform

import (
	"slices"
	"strings"
)

// FieldChange is one field that differs between two records of a code.
type FieldChange struct {
	// Field is the column's name: one of Layout, or action_effective_date where
	// nothing but that date moved.
	Field string
	// Old and New are the values as people read them, repeated ones joined with
	// ";"; "" is NULL.
	Old, New string
	// Typographic marks a difference in letter case, white space, punctuation or
	// lost characters only.
	Typographic bool
}

// actionEffectiveDateColumn is the column of what is no content, and still is
// shown where it is all that moved.
const actionEffectiveDateColumn = "action_effective_date"

// Difference is what two records of a code do not have in common.
type Difference struct {
	Fields   []FieldChange
	Observed Actions
	// Similarity is that of the long descriptions, 0 to 1.
	Similarity float64
}

// Compare holds the contents of two records of one code against each other, field
// by field in the order of the layout. Sequence number, action code and action
// effective date are not content (design.md, "Comparison"). It is the one comparison
// of the whole program.
func Compare(previous, next *Content) Difference {
	difference := Difference{Similarity: 1}
	if previous.Equal(next) {
		return difference
	}
	for i := range Layout {
		before, after := previous[i], next[i]
		if before == after {
			continue
		}
		info := &Layout[i]
		difference.Fields = append(difference.Fields, FieldChange{
			Field: info.Name, Old: displayText(before), New: displayText(after),
			Typographic: Typographic(info.Field, before, after),
		})
		action := info.Action
		if info.Field == TerminationDate && after == "" {
			action = 'R'
		}
		difference.Observed = difference.Observed.With(action)
	}
	difference.Similarity = Similarity(previous[LongDescription], next[LongDescription])
	return difference
}

// Actions is a set of action codes, sorted by letter.
type Actions string

// With adds an action code.
func (a Actions) With(action byte) Actions {
	at := 0
	for at < len(a) && a[at] < action {
		at++
	}
	if at < len(a) && a[at] == action {
		return a
	}
	return a[:at] + Actions(action) + a[at:]
}

// Has tells whether the set holds an action code.
func (a Actions) Has(action byte) bool { return strings.IndexByte(string(a), action) >= 0 }

// within tells whether every action of the set is one of the letters.
func (a Actions) within(letters string) bool {
	return strings.Trim(string(a), letters) == ""
}

// List gives the letters one by one, nil for the empty set.
func (a Actions) List() []string {
	if a == "" {
		return nil
	}
	return strings.Split(string(a), "")
}

// Agreement says whether the action that CMS declares is what its data shows.
type Agreement string

const (
	Agrees       Agreement = "agrees"
	Understated  Agreement = "understated"  // the letter, and more than its company
	Contradicted Agreement = "contradicted" // other letters, not this one
	Overstated   Agreement = "overstated"   // nothing changed
	Undeclared   Agreement = "undeclared"   // no action, yet changed
	Unverifiable Agreement = "unverifiable" // nothing to compare with, or a gap
	NoAgreement  Agreement = ""             // NULL: nothing to agree with
)

// meanings says for each action code which observed actions it stands for, and
// which may stand beside them (design.md, "Agreement"; domain.md, "How the data
// misbehaves", 2).
var meanings = map[string]struct{ itself, company string }{
	"A": {"A", "BCDFPRST"},
	"B": {"CF", "S"},
	"C": {"C", "S"},
	"D": {"D", "FP"},
	"F": {"F", ""},
	"P": {"P", ""},
	"R": {"R", "ABCDFPST"},
	"S": {"S", ""},
	"T": {"T", ""},
}

// Agree holds the declared action code against the observed actions.
func Agree(declared string, observed Actions) Agreement {
	if declared == "" || declared == NoMaintenance {
		if observed == "" {
			return Agrees
		}
		return Undeclared
	}
	if observed == "" {
		return Overstated
	}
	meaning, known := meanings[declared]
	if !known {
		return Contradicted
	}
	for i := range len(meaning.itself) {
		if !observed.Has(meaning.itself[i]) {
			return Contradicted
		}
	}
	if observed.within(meaning.itself + meaning.company) {
		return Agrees
	}
	return Understated
}

// SortFields puts changed fields in the order of the layout.
func SortFields(fields []FieldChange) {
	slices.SortStableFunc(fields, func(a, b FieldChange) int {
		first, _ := FieldNamed(a.Field)
		second, _ := FieldNamed(b.Field)
		return int(first) - int(second)
	})
}
