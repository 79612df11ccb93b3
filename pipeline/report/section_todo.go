package report

import (
	"fmt"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// claimMonths is how long after a service Medicare takes its claim (42 CFR
// 424.44: one calendar year). Where the changes are those of a longer time, what
// took effect earlier than that calls for nothing any more.
const claimMonths = 12

// todo says what to do, and by when.
func (m *material) todo() *Section {
	s := &Section{ID: "todo", Title: "What to do, and by when", Count: -1}
	if m.isBaseline() {
		s.Intro = append(s.Intro, "These are the actions that CMS declares in the file. They could not be checked against an earlier release.")
	}
	actual := m.where(func(e *entry) bool { return e.isNews() && m.isActual(e) })
	if m.isLong() {
		s.Intro = append(s.Intro, fmt.Sprintf("Only what took effect from %s on: claims are to be filed within twelve months. What is earlier is in the sections below.",
			longDate(m.actualFrom())))
	}
	var nothing []string
	add := func(t Table, none string) {
		if len(t.Rows) == 0 {
			nothing = append(nothing, none)
			return
		}
		s.Tables = append(s.Tables, t)
	}
	add(m.stopBilling(actual), "no code was discontinued")
	add(m.newMeanings(actual), "no code has a new meaning")
	add(m.reachingBack(actual), "nothing reaches back")
	add(m.stillToCome(actual), "nothing is still to come")
	switch {
	case len(s.Tables) == 0 && !m.unplaced():
		s.Empty = sentence("nothing needs to be done at once: " + listing(nothing))
	case len(nothing) > 0:
		s.Intro = append(s.Intro, sentence(listing(m.withoutUnplaced(nothing))))
	}
	if m.unplaced() {
		s.Intro = append(s.Intro, "Whether a change reaches back cannot be said here: an earlier release that is not compared may have announced it.")
	}
	return s
}

// isLong tells whether the changes are those of more than one release, as far as
// is known.
func (m *material) isLong() bool { return m.several() || m.isNet() || m.hasGap() }

// unplaced tells whether it cannot be said what reaches back.
func (m *material) unplaced() bool { return m.isNet() || m.hasGap() || m.isBaseline() }

func (m *material) withoutUnplaced(nothing []string) []string {
	if !m.unplaced() {
		return nothing
	}
	return slices.DeleteFunc(nothing, func(text string) bool { return text == "nothing reaches back" })
}

// actualFrom is the first day of services whose claims can still be filed when
// the latest release takes effect.
func (m *material) actualFrom() transform.Date {
	return transform.DateOf(m.latest().ID.Quarter.FirstDay().AddDate(0, -claimMonths, 0))
}

func (m *material) isActual(e *entry) bool {
	return !m.isLong() || (e.Effective != transform.NoDate && e.Effective >= m.actualFrom())
}

func (m *material) stopBilling(actual []*entry) Table {
	var ending []*entry
	for _, e := range actual {
		if e.what == transform.Discontinued || e.movedEnd() {
			ending = append(ending, e)
		}
	}
	slices.SortStableFunc(ending, func(a, b *entry) int { return int(a.lastDay()) - int(b.lastDay()) })
	t := m.table("Stop billing", "Stop billing", ownFirst(ending), []Column{
		codeColumn, {Title: "Last day", SubTitle: "Timing", Kind: DateCell}, {Title: "Bill instead", Kind: InlineCell}, shortColumn,
	}, func(e *entry) []Cell {
		return []Cell{e.codeCell(), dateCell(e.lastDay(), e.timing()), m.instead(e), textCell(e.short())}
	})
	t.Intro = []string{"Services up to and including the last day are still billed with the old code. “None named” means that CMS names no replacement."}
	return t
}

func (m *material) newMeanings(actual []*entry) Table {
	var changed []*entry
	for _, e := range actual {
		if (e.what == transform.Reused || e.mayMeanOther()) && e.before != nil {
			changed = append(changed, e)
		}
	}
	t := m.table("Check the meaning", "Check the meaning", ownFirst(changed), []Column{
		codeColumn, {Title: "Meant"}, {Title: "Now says"}, fromColumn, {Title: "Why"},
	}, func(e *entry) []Cell {
		why := "another description, declared as a plain change"
		if e.what == transform.Reused {
			why = "the code was reused"
		}
		return []Cell{e.codeCell(), textCell(e.before.Content[transform.ShortDescription]), textCell(e.short()), e.effective(), textCell(why)}
	})
	t.Intro = []string{"The same code stands for something else, or is described so differently that it may. Both descriptions stand in full further down, or in the workbook."}
	return t
}

func (m *material) reachingBack(actual []*entry) Table {
	var back []*entry
	for _, e := range actual {
		if e.Timing == transform.Retroactive {
			back = append(back, e)
		}
	}
	slices.SortStableFunc(back, func(a, b *entry) int { return int(a.Effective) - int(b.Effective) })
	t := m.table("Reaching back: look at claims again", "Reaching back", ownFirst(back), []Column{
		codeColumn, fromColumn, {Title: "What it means for claims since then"}, shortColumn,
	}, func(e *entry) []Cell {
		return []Cell{e.codeCell(), e.effective(), textCell(e.consequence()), textCell(e.short())}
	})
	t.Intro = []string{"These took effect before the quarter of the release, so that claims already paid or denied may be wrong."}
	if m.isAnnual() {
		t.Intro = append(t.Intro, "Until 2020 only the January files are compared. What reaches back less than a year was mostly announced in a quarterly update in between.")
	}
	return t
}

// isAnnual tells whether the comparison is over a year because only January
// files are expected of it.
func (m *material) isAnnual() bool {
	r := m.latest()
	return !m.isNet() && !r.Gap && r.Previous.Quarter.Year > 0 && !m.isRevision() && r.Previous.Quarter.Next() != r.ID.Quarter
}

func (m *material) stillToCome(actual []*entry) Table {
	var upcoming []*entry
	for _, e := range actual {
		if m.isUpcoming(e) {
			upcoming = append(upcoming, e)
		}
	}
	slices.SortStableFunc(upcoming, func(a, b *entry) int { return int(a.Effective) - int(b.Effective) })
	t := m.table("Still to come", "Still to come", ownFirst(upcoming), []Column{
		codeColumn, {Title: "From", Kind: DateCell}, {Title: "Change"}, shortColumn,
	}, func(e *entry) []Cell {
		return []Cell{e.codeCell(), dateCell(e.Effective, ""), textCell(changeWords[e.what]), textCell(e.short())}
	})
	t.Intro = []string{"These take effect after the quarter of the release; until then what was said before holds."}
	return t
}

// consequence says what a change that reaches back means for claims.
func (e *entry) consequence() string {
	switch e.what {
	case transform.Added:
		return "valid already: denied or rebilled claims can be filed with it"
	case transform.Discontinued:
		return "no longer valid: paid claims may have to be returned"
	case transform.Reactivated:
		return "valid again: denied claims can be filed again"
	case transform.Reused:
		return "means something else: check claims against the new meaning"
	}
	groups := e.groups()
	switch {
	case e.field(transform.CodeAddedDate) != nil:
		return "valid from another day: check claims around it"
	case e.movedEnd():
		return "another last day: check claims around it"
	case groups.Has('P'):
		return "paid otherwise: check amounts"
	case groups.Has('F'):
		return "covered or administered otherwise: check denials"
	case groups.Has('C') || groups.Has('S'):
		return "described otherwise: check that the code still fits"
	}
	return "revised"
}

// groups says which groups of fields changed in more than typography.
func (e *entry) groups() transform.Actions {
	var groups transform.Actions
	if e.isEmptyNote() {
		return groups
	}
	for _, f := range e.Fields {
		if field, ok := transform.FieldNamed(f.Field); ok && !f.Typographic {
			groups = groups.With(transform.Layout[field].Action)
		}
	}
	return groups
}

// yours lists the changes to the reader's own codes, and what else is to be
// known of them.
func (m *material) yours() *Section {
	if m.options.Watch.IsEmpty() {
		return nil
	}
	own := m.where(func(e *entry) bool { return e.own && e.isNews() })
	s := &Section{ID: "yours", Title: "Your codes", Count: len(own)}
	if len(own) > 0 {
		s.Tables = append(s.Tables, m.table("", "Your codes", own, []Column{
			codeColumn, {Title: "Change"}, fromColumn, {Title: "Bill instead", Kind: InlineCell}, describeColumn,
		}, func(e *entry) []Cell {
			return []Cell{e.codeCell(), textCell(e.happened()), e.effective(), m.instead(e), e.description()}
		}))
	} else {
		s.Intro = append(s.Intro, "No change touches your list.")
	}
	ended, unknown := m.standing()
	if len(ended.Rows) > 0 {
		s.Tables = append(s.Tables, ended)
	}
	if len(unknown) > 0 {
		const shown = 20
		text := "On your list, and in none of CMS's files: "
		for i, code := range unknown[:min(shown, len(unknown))] {
			if i > 0 {
				text += ", "
			}
			text += code
		}
		if len(unknown) > shown {
			text += fmt.Sprintf(" and %s more", number(len(unknown)-shown))
		}
		s.Intro = append(s.Intro, text+".")
	}
	return s
}

// standing finds the codes that the watch list names and that ended before the
// release, and those that no release has. CPT codes are none of CMS's.
func (m *material) standing() (ended Table, unknown []string) {
	id, start := m.latest().ID, m.quarterStart()
	touched := map[string]bool{}
	for _, e := range m.entries {
		if e.own && e.isNews() {
			touched[e.Code] = true
		}
	}
	ended = Table{Title: "On your list, and ended before", Sheet: "Your ended codes", Columns: []Column{
		codeColumn, {Title: "Last day", Kind: DateCell}, {Title: "Bill instead", Kind: InlineCell}, shortColumn,
	}}
	for _, code := range m.options.Watch.named() {
		if touched[code] {
			continue
		}
		record, _ := m.book.Last(code, id)
		if record == nil {
			if !cptPattern.MatchString(code) && !m.book.Known(code) {
				unknown = append(unknown, code)
			}
			continue
		}
		end := record.Content.Date(transform.TerminationDate)
		if end == transform.NoDate || end >= start {
			continue
		}
		ended.Rows = append(ended.Rows, Row{Code: code, Cells: []Cell{
			codeCell(code), dateCell(end, ""), m.insteadOf(record, id), textCell(record.Content[transform.ShortDescription]),
		}})
	}
	return ended, unknown
}

// happened says in a few words what happened to a code.
func (e *entry) happened() string {
	text := changeWords[e.what]
	switch {
	case e.unverified && e.what == transform.Changed:
		return "CMS declares: " + actionWords(e.ActionCode)
	case e.what == transform.Discontinued && e.lastDay() != transform.NoDate:
		text += ", last day " + e.lastDay().String()
	case e.what == transform.Vanished:
		text += " without an end"
	case e.what == transform.Changed:
		text += ": " + observedWords(e.groups())
	}
	return text
}
