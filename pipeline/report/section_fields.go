package report

import (
	"fmt"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// The sections on the fields of codes that went on.

// revised picks the entries of codes that went on, some field of a group
// changed in more than typography.
func (m *material) revised(group string) []*entry {
	return m.where(func(e *entry) bool {
		if e.what != transform.Changed || e.unverified && len(e.Fields) == 0 {
			return false
		}
		groups := e.groups()
		return slices.ContainsFunc(groups.List(), func(action string) bool { return slices.Contains(transform.Actions(group).List(), action) })
	})
}

// descriptions shows what changed in long and short descriptions word by word.
func (m *material) descriptions() *Section {
	if m.isBaseline() {
		return nil
	}
	entries := m.revised("CS")
	s := &Section{ID: "descriptions", Title: "Descriptions", Count: len(entries)}
	typographic := m.counts.Typographic
	if typographic > 0 {
		s.Intro = append(s.Intro, sentence(fmt.Sprintf("in %s only letter case, white space, punctuation or lost characters changed", counted(typographic, "code"))))
	}
	if len(entries) == 0 {
		switch {
		case s.Intro != nil:
			return s
		case len(m.where((*entry).isDescribedElsewhere)) > 0:
			return m.nothing(s, "Descriptions changed only of codes that were reused, re-activated, ended or are back in the file; they stand there.")
		}
		return m.nothing(s, "No description was changed.")
	}
	s.Intro = append([]string{"What went is struck out, what came is underlined. Where little was kept, the old text stands whole before the new one."}, s.Intro...)
	t := m.table("", "Descriptions", entries, []Column{
		codeColumn, {Title: "Long description", Kind: DiffCell}, {Title: "Short description", Kind: DiffCell}, fromColumn,
	}, func(e *entry) []Cell {
		return []Cell{e.codeCell(), e.diff(transform.LongDescription), e.diff(transform.ShortDescription), e.effective()}
	})
	t.Entries = true
	s.Tables = []Table{t}
	return s
}

// isDescribedElsewhere tells whether the description of a code changed of which
// more is to be said than that.
func (e *entry) isDescribedElsewhere() bool {
	return e.isNews() && e.what != transform.Changed && (e.says(transform.LongDescription) || e.says(transform.ShortDescription))
}

// diff gives a text field that changed, word by word; an empty cell where it
// did not, or in its typography only.
func (e *entry) diff(field transform.Field) Cell {
	f := e.field(field)
	if f == nil || f.Typographic {
		return diffCell(nil)
	}
	return diffCell(newDiff(f.Old, f.New))
}

func (m *material) payment() *Section {
	return m.fieldSection("payment", "Payment", "P", "Pricing indicators, payment groups and anesthesia base units.")
}

func (m *material) coverage() *Section {
	const title = "Coverage and administration"
	s := m.fieldSection("coverage", title, "F", "Coverage, manual and statute references, laboratory certification, cross-references, processing notes and added dates.")
	if m.counts.EmptyNotes == 0 {
		return s
	}
	said := sentence(fmt.Sprintf("in %s processing note %s, which stands for none, came or went", counted(m.counts.EmptyNotes, "code"), noNote))
	if s == nil {
		return &Section{ID: "coverage", Title: title, Empty: said}
	}
	s.Intro = append(s.Intro, said)
	return s
}

func (m *material) miscellaneous() *Section {
	return m.fieldSection("miscellaneous", "Classification", "T", "BETOS categories and types of service.")
}

func (m *material) fieldSection(id, title, group, about string) *Section {
	if m.isBaseline() {
		return nil
	}
	entries := m.revised(group)
	if len(entries) == 0 {
		return nil
	}
	s := &Section{ID: id, Title: title, Count: len(entries), Intro: []string{about + " Codes that were added, reused or ended are not repeated here."}}
	t := m.table("", title, entries, []Column{codeColumn, shortColumn, {Title: "What changed", Kind: FieldsCell}, fromColumn}, func(e *entry) []Cell {
		lines := e.fieldLines(func(field transform.Field) bool { return transform.Layout[field].Action == group[0] })
		return []Cell{e.codeCell(), textCell(e.short()), fieldsCell(lines), e.effective()}
	})
	t.Entries = true
	s.Tables = []Table{t}
	return s
}

// fieldLines gives the fields that changed and are wanted, typography aside,
// with the meaning of their values.
func (e *entry) fieldLines(wanted func(transform.Field) bool) []FieldLine {
	var lines []FieldLine
	for _, f := range e.differences() {
		field, ok := transform.FieldNamed(f.Field)
		if !ok || f.Typographic || !wanted(field) || e.repeatsDate(field, f.New) {
			continue
		}
		lines = append(lines, FieldLine{
			Title: transform.Layout[field].Title, Old: clean(f.Old), New: clean(f.New),
			OldMeaning: meaningOf(field, f.Old), NewMeaning: meaningOf(field, f.New),
		})
	}
	return lines
}

// repeatsDate tells of the date of an ASC payment group that changes with the
// group and says no more than the effective date.
func (e *entry) repeatsDate(field transform.Field, value string) bool {
	return field == transform.ASCPaymentGroupDate && e.field(transform.ASCPaymentGroup) != nil && (value == "" || value == e.Effective.String())
}

// declaredRevisions lists what the first release declares of codes that went
// on: nothing is there to compare them with.
func (m *material) declaredRevisions() *Section {
	if !m.isBaseline() {
		return nil
	}
	entries := m.kind(transform.Changed)
	s := &Section{ID: "revised", Title: "Revised, as CMS declares", Count: len(entries)}
	if len(entries) == 0 {
		s.Empty = "CMS declares no revision."
		return s
	}
	t := m.table("", "Revised", entries, []Column{codeColumn, {Title: "CMS declares"}, describeColumn, fromColumn}, func(e *entry) []Cell {
		return []Cell{e.codeCell(), textCell(actionWords(e.ActionCode)), e.description(), e.effective()}
	})
	t.Entries = true
	s.Tables = []Table{t}
	return s
}
