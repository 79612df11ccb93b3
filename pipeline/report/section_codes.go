package report

import (
	"fmt"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// The sections on codes that came, went and came back.

func (m *material) added() *Section {
	entries := m.kind(transform.Added)
	s := &Section{ID: "added", Title: "Added", Count: len(entries)}
	if len(entries) == 0 {
		return m.nothing(s, "No code was added.")
	}
	t := m.table("", "Added", entries, []Column{
		codeColumn, describeColumn,
		{Title: "Valid from", SubTitle: "Timing", Kind: DateCell}, {Title: "Last day", Kind: DateCell},
		{Title: "Medicare coverage", SubTitle: "Coverage means"}, {Title: "Pricing", SubTitle: "Pricing means"},
		{Title: "Types of service", SubTitle: "Types mean", SheetOnly: true}, {Title: "BETOS", SubTitle: "BETOS means", SheetOnly: true},
	}, func(e *entry) []Cell {
		return []Cell{
			e.codeCell(), e.description(), dateCell(e.validFrom(), e.timing()), dateCell(e.lastDay(), ""),
			e.decoded(transform.CoverageCode), e.decoded(transform.PricingIndicators), e.decoded(transform.TypesOfService), e.decoded(transform.Betos),
		}
	})
	t.Entries = true
	s.Tables = []Table{t}
	return s
}

// nothing makes a section its one line; in the report on a revision it is gone.
func (m *material) nothing(s *Section, line string) *Section {
	if m.isRevision() {
		return nil
	}
	s.Empty = line
	return s
}

// validFrom is the day from which a code can be billed.
func (e *entry) validFrom() transform.Date {
	if e.Effective != transform.NoDate {
		return e.Effective
	}
	return e.after.Content.Date(transform.CodeAddedDate)
}

// decoded gives a coded field with what it means beneath.
func (e *entry) decoded(field transform.Field) Cell {
	value := e.after.Content.Text(field)
	return textOver(value, meaningOf(field, value))
}

func (m *material) discontinued() *Section {
	entries := m.where(func(e *entry) bool { return e.what == transform.Discontinued || e.movedEnd() })
	s := &Section{ID: "discontinued", Title: "Discontinued", Count: m.counts.Discontinued}
	if len(entries) == 0 {
		return m.nothing(s, "No code was discontinued.")
	}
	if ended := len(m.where(func(e *entry) bool { return e.endedBetween })); ended > 0 {
		s.Intro = append(s.Intro, sentence(fmt.Sprintf("of %s a release between the two says when %s ended; the later of the two no longer lists %s",
			counted(ended, "code"), verb(ended, "it", "they"), verb(ended, "it", "them"))))
	}
	moved := len(m.where((*entry).movedEnd))
	if moved > 0 {
		s.Intro = append(s.Intro, sentence(fmt.Sprintf("of %s that had ended, or was to end, the last day moved; %s here as well and %s not counted as discontinued",
			counted(moved, "code"), verb(moved, "it stands", "they stand"), verb(moved, "is", "are"))))
	}
	t := m.table("", "Discontinued", entries, []Column{
		codeColumn, describeColumn, {Title: "Last day", SubTitle: "Timing", Kind: DateCell},
		{Title: "Bill instead", Kind: InlineCell}, {Title: "Last day said before", Kind: DateCell}, {Title: "Also changed", Kind: FieldsCell},
	}, func(e *entry) []Cell {
		before := transform.NoDate
		if f := e.field(transform.TerminationDate); f != nil && f.Old != "" {
			before = transform.ParseDate(f.Old)
		}
		var also []FieldLine
		if e.what == transform.Discontinued {
			also = e.fieldLines(func(field transform.Field) bool { return !goesWithEnding(field) })
		}
		return []Cell{e.codeCell(), e.description(), dateCell(e.lastDay(), e.timing()), m.instead(e), dateCell(before, ""), fieldsCell(also)}
	})
	t.Entries = true
	s.Tables = []Table{t}
	return s
}

// goesWithEnding tells of the fields that change because a code ends.
func goesWithEnding(field transform.Field) bool {
	switch field {
	case transform.TerminationDate, transform.CrossReferences, transform.ASCPaymentGroup, transform.ASCPaymentGroupDate:
		return true
	}
	return false
}

func (m *material) reactivated() *Section {
	entries := m.kind(transform.Reactivated)
	if len(entries) == 0 {
		return nil
	}
	s := &Section{ID: "reactivated", Title: "Re-activated", Count: len(entries)}
	t := m.table("", "Re-activated", entries, []Column{
		codeColumn, describeColumn, {Title: "Last day said before", Kind: DateCell}, {Title: "Valid again from", SubTitle: "Timing", Kind: DateCell},
		{Title: "Between the two"}, {Title: "Also changed", Kind: FieldsCell},
	}, func(e *entry) []Cell {
		ended := transform.NoDate
		if f := e.field(transform.TerminationDate); f != nil {
			ended = transform.ParseDate(f.Old)
		}
		between := "valid: CMS took the end back as if it had never been"
		switch {
		case e.liftedByR && e.Effective != transform.NoDate && ended != transform.NoDate && e.Effective <= ended+1:
			between = "no day: it stays valid without a break"
		case e.liftedByR:
			between = "not valid"
		case e.liftedAfterGap:
			between = "not known: the release that took the end back may be a missing one"
		}
		also := e.fieldLines(func(field transform.Field) bool { return !goesWithEnding(field) })
		return []Cell{e.codeCell(), e.description(), dateCell(ended, ""), e.effective(), textCell(between), fieldsCell(also)}
	})
	t.Entries = true
	s.Tables = []Table{t}
	return s
}

func (m *material) reused() *Section {
	entries := m.kind(transform.Reused)
	if len(entries) == 0 {
		return nil
	}
	s := &Section{ID: "reused", Title: "Reused: the code means something else now", Count: len(entries)}
	t := m.table("", "Reused", entries, []Column{
		codeColumn, {Title: "What it meant", SubTitle: "Was valid"}, {Title: "What it means now", SubTitle: "Short description"}, fromColumn,
		{Title: "Last day", Kind: DateCell}, {Title: "Bill instead", Kind: InlineCell},
	}, func(e *entry) []Cell {
		meant := textCell("")
		if e.before != nil {
			content := e.before.Content
			dates := "from " + content.Date(transform.CodeAddedDate).String()
			if end := content.Date(transform.TerminationDate); end != transform.NoDate {
				dates += " to " + end.String()
			}
			meant = textOver(content[transform.LongDescription], dates)
		}
		return []Cell{e.codeCell(), meant, e.description(), e.effective(), dateCell(e.lastDay(), ""), m.instead(e)}
	})
	t.Entries = true
	s.Intro = []string{"What is said of the earlier meaning says nothing of the present one: prices, coverage and history begin anew."}
	s.Tables = []Table{t}
	return s
}

// absent lists the codes that CMS left out of its file, and those that came
// back.
func (m *material) absent() *Section {
	vanished, returned := m.kind(transform.Vanished), m.kind(transform.Reappeared)
	aged := m.counts.AgedOff
	if len(vanished)+len(returned)+aged == 0 {
		return nil
	}
	s := &Section{ID: "absent", Title: "Left out, and back in the file", Count: len(vanished) + len(returned)}
	if aged > 0 {
		s.Intro = append(s.Intro, sentence(counted(aged, "code")+" that had ended "+verb(aged, "is", "are")+" no longer listed, as CMS does some four years after the end"))
	}
	var gone, again []*entry
	for _, e := range vanished {
		if m.isGone(e) {
			gone = append(gone, e)
		} else {
			again = append(again, e)
		}
	}
	for _, left := range []struct {
		title, sheet string
		entries      []*entry
		intro        string
	}{
		{"Left out without an end", "Left out", gone, "CMS leaves these out and never said that they ended. Ask the payer before billing or refusing one."},
		{"Left out, and listed again since", "Left out for a time", again, "A later release lists these again."},
	} {
		if len(left.entries) == 0 {
			continue
		}
		t := m.table(left.title, left.sheet, left.entries, []Column{
			codeColumn, describeColumn, {Title: "Last listed in"}, {Title: "Last day said before", Kind: DateCell},
		}, func(e *entry) []Cell {
			return []Cell{e.codeCell(), e.description(), textCell(e.lastListed.String()), dateCell(e.lastDay(), "")}
		})
		t.Intro = []string{left.intro}
		if slices.ContainsFunc(left.entries, func(e *entry) bool { return e.lastDay() != transform.NoDate }) {
			t.Intro = append(t.Intro, wereToEnd)
		}
		t.Entries = true
		s.Tables = append(s.Tables, t)
	}
	if len(returned) > 0 {
		t := m.table("Back in the file", "Back in the file", returned, []Column{
			codeColumn, describeColumn, fromColumn, {Title: "Listed before in"}, {Title: "Last day", Kind: DateCell}, {Title: "Bill instead", Kind: InlineCell},
			{Title: "Also changed", Kind: FieldsCell},
		}, func(e *entry) []Cell {
			instead := inlineCell(nil)
			if e.lastDay() != transform.NoDate {
				instead = m.instead(e)
			}
			also := e.fieldLines(func(field transform.Field) bool { return !e.isBackEnding() || !goesWithEnding(field) })
			return []Cell{e.codeCell(), e.description(), e.effective(), textCell(e.lastListed.String()), dateCell(e.lastDay(), ""), instead, fieldsCell(also)}
		})
		t.Entries = true
		s.Tables = append(s.Tables, t)
	}
	return s
}
