package report

import (
	"fmt"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// claimMonths is how long after a service Medicare takes its claim (42 CFR
// 424.44: one calendar year). Where the changes are those of a longer time, what
// took effect earlier than that calls for nothing any more.
const claimMonths = 12

// instruction is one kind of what is to be done.
type instruction struct {
	// none says that there is nothing of the kind.
	none string
	// is tells whether a change calls for it, isPast whether later releases of
	// the report leave nothing to be done.
	is, isPast func(*entry) bool
	table      func([]*entry) Table
}

func (m *material) instructions() []instruction {
	return []instruction{
		{"no code was discontinued", (*entry).isEnding, m.endsOtherwise, m.stopBilling},
		{"no code has a new meaning", (*entry).isOtherMeaning, func(e *entry) bool { return m.meant(e) == nil }, m.newMeanings},
		{nothingReachesBack, m.reachesBack, m.reachesBackNoMore, m.reachingBack},
		{"nothing is still to come", m.isStillToCome, m.isSuperseded, m.stillToCome},
	}
}

const nothingReachesBack = "nothing reaches back"

// todo says what to do, and by when.
func (m *material) todo() *Section {
	s := &Section{ID: "todo", Title: "What to do, and by when", Count: -1}
	if m.isBaseline() {
		s.Intro = append(s.Intro, "These are the actions that CMS declares in the file. They could not be checked against an earlier release.")
	}
	if _, outdated := m.newest(); outdated {
		s.Intro = append(s.Intro, fmt.Sprintf("This is as of %s; newer releases are loaded, as said above.", m.latest().ID))
	}
	news := m.where((*entry).isNews)
	actual := m.where(func(e *entry) bool { return e.isNews() && m.isActual(e) })
	unplaced := m.unplaced(actual)
	// Of some kinds there is nothing at all, of others nothing that is told here.
	var nothing, nothingElse []string
	outdated, superseded := false, false
	for _, kind := range m.instructions() {
		wanted := pick(actual, kind.is)
		all := pick(news, kind.is)
		outdated = outdated || len(wanted) < len(all)
		lasting := pick(wanted, func(e *entry) bool { return !kind.isPast(e) })
		superseded = superseded || len(lasting) < len(wanted)
		switch {
		case len(lasting) > 0:
			s.Tables = append(s.Tables, kind.table(lasting))
		case kind.none == nothingReachesBack && unplaced != "":
			// It is not known.
		case len(all) > 0:
			nothingElse = append(nothingElse, kind.none)
		default:
			nothing = append(nothing, kind.none)
		}
	}
	if outdated {
		s.Intro = append(s.Intro, fmt.Sprintf("Only what was first said or took effect from %s on: claims are to be filed within twelve months. What is earlier is in the sections below.",
			longDate(m.actualFrom())))
	}
	if superseded {
		later := "a later release of this report"
		if len(m.between) > 0 {
			later = "a later release"
		}
		s.Intro = append(s.Intro, "What "+later+" took back or said anew is not told here, but in the sections below.")
	}
	switch {
	case len(s.Tables) == 0 && unplaced == "" && len(nothing) > 0:
		s.Empty = sentence("nothing needs to be done at once: " + listing(nothing))
	case len(s.Tables) == 0 && unplaced == "":
		s.Empty = "Nothing needs to be done at once."
	case len(nothing) > 0:
		s.Intro = append(s.Intro, sentence(listing(nothing)))
	}
	if len(nothingElse) > 0 {
		s.Intro = append(s.Intro, "Apart from that, "+listing(nothingElse)+".")
	}
	if unplaced != "" {
		s.Intro = append(s.Intro, unplaced)
	}
	if gone := len(pick(actual, m.isGone)); gone > 0 {
		s.Intro = append(s.Intro, fmt.Sprintf("%s %s left out without an end: ask the payer before billing or refusing %s. Which, is said further down.",
			sentenceStart(counted(gone, "code")), verb(gone, "was", "were"), verb(gone, "it", "one")))
	}
	return s
}

// isGone tells whether a code was left out, and is not listed again since.
func (m *material) isGone(e *entry) bool { return e.what == transform.Vanished && !m.isListedAgain(e) }

func pick(entries []*entry, is func(*entry) bool) []*entry {
	var picked []*entry
	for _, e := range entries {
		if is(e) {
			picked = append(picked, e)
		}
	}
	return picked
}

// isLong tells whether the changes are those of more than one release, as far as
// is known.
func (m *material) isLong() bool { return m.several() || m.isNet() || m.hasGap() }

// unplaced says of which changes it is not known whether they reach back, "" for
// none.
func (m *material) unplaced(actual []*entry) string {
	const why = " cannot be said here: an earlier release that is not compared may have announced it."
	if m.isNet() || m.hasGap() || m.isBaseline() {
		return "Whether a change reaches back" + why
	}
	var releases []string
	for _, r := range m.releases {
		if r.Gap && slices.ContainsFunc(actual, func(e *entry) bool { return e.release.ID == r.ID }) {
			releases = append(releases, r.ID.String())
		}
	}
	if releases == nil {
		return ""
	}
	return "Whether a change of " + listing(releases) + " reaches back" + why
}

// actualFrom is the first day of services whose claims can still be filed when
// the latest release takes effect.
func (m *material) actualFrom() transform.Date {
	return transform.DateOf(m.latest().ID.Quarter.FirstDay().AddDate(0, -claimMonths, 0))
}

// isActual tells whether a change calls for something still. What was said only
// lately does, from whatever day it holds: nobody could heed it before.
func (m *material) isActual(e *entry) bool {
	if !m.isLong() {
		return true
	}
	from := m.actualFrom()
	return m.firstSaid(e) >= from || e.Effective != transform.NoDate && e.Effective >= from
}

// firstSaid is the first day of the quarter whose release said a change first:
// the change's own, or where that was compared with one longer ago, the first
// that is missing between the two.
func (m *material) firstSaid(e *entry) transform.Date {
	quarter := e.release.ID.Quarter
	if m.isNet() || e.release.Gap {
		if between := release.Missing(m.before(e.release).Quarter, quarter); len(between) > 0 {
			quarter = between[0]
		}
	}
	return transform.DateOf(quarter.FirstDay())
}

// isEnding tells whether a code ended, or ends on another day than was said. A
// reused one does whose new meaning has an end, and so does one that is added with
// an end: no later release has more to say of that.
func (e *entry) isEnding() bool {
	return e.what == transform.Discontinued || e.movedEnd() || e.isBackEnding() || e.isReusedEnding() || e.isAddedEnding()
}

func (m *material) stopBilling(ending []*entry) Table {
	slices.SortStableFunc(ending, func(a, b *entry) int { return int(a.lastDay()) - int(b.lastDay()) })
	t := m.table("Stop billing", "Stop billing", ownFirst(ending), []Column{
		codeColumn, {Title: "Last day", SubTitle: "Timing", Kind: DateCell}, {Title: "Bill instead", Kind: InlineCell}, {Title: "Afterwards"}, shortColumn,
	}, func(e *entry) []Cell {
		last, after := m.lastWord(e), m.breakWords(e)
		if after != "" {
			last = e // what is said of the code since is not about that end
		}
		return []Cell{e.codeCell(), dateCell(e.lastDay(), e.endTiming()), m.insteadOf(last.after, m.latest().ID), textCell(after), textCell(last.short())}
	})
	t.Intro = []string{"Services up to and including the last day are still billed with the old code. “None named” means that CMS names no replacement."}
	return t
}

// isOtherMeaning tells whether a code means something else, or may.
func (e *entry) isOtherMeaning() bool {
	return (e.what == transform.Reused || e.mayMeanOther()) && e.before != nil
}

func (m *material) newMeanings(changed []*entry) Table {
	t := m.table("Check the meaning", "Check the meaning", ownFirst(changed), []Column{
		codeColumn, {Title: "Meant"}, {Title: "Now says"}, fromColumn, {Title: "Why"},
	}, func(e *entry) []Cell {
		return []Cell{e.codeCell(), textCell(m.meant(e).Content[transform.ShortDescription]), textCell(m.lastWord(e).short()), m.meansSince(e), textCell(m.whyMeaning(e))}
	})
	t.Intro = []string{"The same code stands for something else, or is described so differently that it may. Both descriptions stand in full further down, or in the workbook."}
	return t
}

// meansSince gives the day from which a code means something else: where a later
// release moves the first day of the new life, that one.
func (m *material) meansSince(e *entry) Cell {
	if e.what != transform.Reused {
		return e.effective()
	}
	for _, later := range m.later(e) {
		if _, first, ok := later.moved(transform.CodeAddedDate); ok && later.Life == e.Life {
			return dateCell(first, e.timingOf(first))
		}
	}
	return e.effective()
}

// timingOf says of a day what timing says of the effective date.
func (e *entry) timingOf(day transform.Date) string {
	switch days := int(day - e.quarterStart()); {
	case days < 0:
		return timingWords(transform.Retroactive, days)
	case day >= transform.DateOf(e.release.ID.Quarter.Next().FirstDay()):
		return timingWords(transform.Upcoming, days)
	}
	return ""
}

// endTiming says how far the end of a code reaches back or lies ahead: the effective
// date of one that is added or reused is that of its beginning.
func (e *entry) endTiming() string {
	if e.Timing == transform.NoTiming || e.Effective == e.lastDay()+1 {
		return e.timing()
	}
	return e.timingOf(e.lastDay() + 1)
}

func (m *material) reachingBack(back []*entry) Table {
	from := func(e *entry) transform.Date {
		cell, _ := m.back(e)
		return cell.Date
	}
	slices.SortStableFunc(back, func(a, b *entry) int { return int(from(a)) - int(from(b)) })
	t := m.table("Reaching back: look at claims again", "Reaching back", ownFirst(back), []Column{
		codeColumn, fromColumn, {Title: "What it means for claims since then"}, shortColumn,
	}, func(e *entry) []Cell {
		from, means := m.back(e)
		return []Cell{e.codeCell(), from, textCell(means), textCell(m.lastWord(e).short())}
	})
	t.Intro = []string{"These took effect before the quarter of the release, so that claims already paid or denied may be wrong."}
	if slices.ContainsFunc(back, func(e *entry) bool { return isAnnual(&e.release) }) {
		t.Intro = append(t.Intro, "Until 2020 only the January files are compared. What reaches back less than a year was mostly announced in a quarterly update in between.")
	}
	return t
}

// isAnnual tells whether a release is compared over a year because only January
// files are expected of it: the quarterly ones between are not in hand.
func isAnnual(r *load.Release) bool {
	previous := r.Previous.Quarter
	return !r.Gap && previous.Year > 0 && previous != r.ID.Quarter && previous.Next() != r.ID.Quarter
}

// whyMeaning says why a code may mean something else. What is declared after a
// gap, or over two releases, says nothing of those between.
func (m *material) whyMeaning(e *entry) string {
	const another = "another description"
	switch {
	case e.what == transform.Reused:
		return "the code was reused"
	case e.ActionCode == "C" || e.ActionCode == "B":
		return another + ", declared as a plain change"
	case e.Agreement == transform.Unverifiable || m.isNet():
		return another
	case e.ActionCode == "" || e.ActionCode == transform.NoMaintenance:
		return another + ", and CMS declares nothing"
	}
	return another + ", while CMS declares " + actionWords(e.ActionCode)
}

// isStillToCome tells whether a change takes effect after the quarter of the
// latest release.
func (m *material) isStillToCome(e *entry) bool {
	return e.Effective != transform.NoDate && e.Effective >= transform.DateOf(m.latest().ID.Quarter.Next().FirstDay())
}

func (m *material) stillToCome(upcoming []*entry) Table {
	slices.SortStableFunc(upcoming, func(a, b *entry) int { return int(a.Effective) - int(b.Effective) })
	t := m.table("Still to come", "Still to come", ownFirst(upcoming), []Column{
		codeColumn, {Title: "From", Kind: DateCell}, {Title: "Change"}, shortColumn,
	}, func(e *entry) []Cell {
		return []Cell{e.codeCell(), dateCell(e.Effective, ""), textCell(e.toCome()), textCell(m.lastWord(e).short())}
	})
	t.Intro = []string{"These take effect after the quarter of the release; until then what was said before holds."}
	if slices.ContainsFunc(upcoming, func(e *entry) bool { return e.toCome() == e.firstDay() }) {
		t.Intro = append(t.Intro, "A code whose first day moved is not valid before that day.")
	}
	return t
}

// toCome says in a few words what is still to come: of a code whose last day moved,
// and of one that is back with an end, that it ends; of one whose end is off, that
// it does not; of one whose first day moved, when it begins.
func (e *entry) toCome() string {
	if words := e.endOff(); words != "" {
		return words
	}
	if words := e.firstDay(); words != "" && e.Effective == e.after.Content.Date(transform.CodeAddedDate) {
		return words
	}
	if (e.movedEnd() || e.isBackEnding()) && e.Effective == e.lastDay()+1 {
		return "ends on " + e.lastDay().String()
	}
	return changeWords[e.what]
}

// firstDay says of a code whose first day moved when it begins, "" of any other.
func (e *entry) firstDay() string {
	was, is, ok := e.moved(transform.CodeAddedDate)
	if !ok || e.what == transform.Reused {
		return ""
	}
	return fmt.Sprintf("valid from %s, and not from %s", is, was)
}

// endOff says of a code that is re-activated before it has ended that it does not
// end; "" of any other. It is valid all along.
func (e *entry) endOff() string {
	was, _, _ := e.moved(transform.TerminationDate)
	if e.what != transform.Reactivated || !was.IsPlausible() || was < e.quarterStart() || e.Effective > was+1 {
		return ""
	}
	return "does not end on " + was.String() + " after all"
}

// groups says which groups of fields changed in more than typography.
func (e *entry) groups() transform.Actions { return e.groupsBut() }

// groupsBut leaves some fields out of account.
func (e *entry) groupsBut(without ...transform.Field) transform.Actions {
	var groups transform.Actions
	if e.isEmptyNote() {
		return groups
	}
	for _, f := range e.differences() {
		if field, ok := transform.FieldNamed(f.Field); ok && !f.Typographic && !slices.Contains(without, field) {
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
			if m.isSuperseded(e) {
				return []Cell{e.codeCell(), textCell(e.happened() + "; taken back or said anew by a later release"), e.effective(), inlineCell(nil), e.description()}
			}
			happened := e.happened()
			if days := m.breakWords(e); days != "" {
				happened += "; " + days
			} else if e.isEnding() && m.endsOtherwise(e) {
				happened += "; its end is said anew by a later release"
			}
			return []Cell{e.codeCell(), textCell(happened), e.effective(), m.instead(e), e.description()}
		}))
	} else {
		s.Intro = append(s.Intro, "No change touches your list.")
	}
	ended, absent, unknown := m.standing()
	for _, t := range []Table{ended, absent} {
		if len(t.Rows) > 0 {
			s.Tables = append(s.Tables, t)
		}
	}
	if len(unknown) > 0 {
		s.Intro = append(s.Intro, "On your list, and in none of CMS's files: "+named(unknown, 20)+".")
	}
	return s
}

// standing finds the codes that the watch list names and that ended before the
// release, those that CMS left out before it without an end, and those that no
// release has. CPT codes are none of CMS's.
func (m *material) standing() (ended, absent Table, unknown []string) {
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
	absent = Table{Title: "On your list, and left out before", Sheet: "Your codes left out", Columns: []Column{
		codeColumn, {Title: "In no file since"}, {Title: "Last day said before", Kind: DateCell}, shortColumn,
	}}
	absent.Intro = []string{"CMS left these out and never said that they ended. Ask the payer before billing or refusing one."}
	endSaid := false
	for _, code := range m.options.Watch.named() {
		if touched[code] {
			continue
		}
		record, last := m.book.Last(code, id)
		if record == nil {
			if !cptPattern.MatchString(code) && !m.book.Known(code) {
				unknown = append(unknown, code)
			}
			continue
		}
		end := record.Content.Date(transform.TerminationDate)
		if end == transform.NoDate || end >= start {
			if last != id {
				endSaid = endSaid || end != transform.NoDate
				absent.Rows = append(absent.Rows, Row{Code: code, Cells: []Cell{
					codeCell(code), textCell(m.after(last).String()), dateCell(end, ""), textCell(record.Content[transform.ShortDescription]),
				}})
			}
			continue
		}
		ended.Rows = append(ended.Rows, Row{Code: code, Cells: []Cell{
			codeCell(code), dateCell(end, ""), m.insteadOf(record, id), textCell(record.Content[transform.ShortDescription]),
		}})
	}
	if endSaid {
		absent.Intro = append(absent.Intro, wereToEnd)
	}
	return ended, absent, unknown
}

// wereToEnd is said of codes that were left out, where some had an end still to come.
const wereToEnd = "Those with a last day were to end then."

// after gives the release that follows another one, itself where none does.
func (m *material) after(id release.ID) release.ID {
	for _, r := range m.all {
		if r.ID.Compare(id) > 0 {
			return r.ID
		}
	}
	return id
}

// happened says in a few words what happened to a code.
func (e *entry) happened() string {
	text := changeWords[e.what]
	switch {
	case e.unverified && e.what == transform.Changed:
		return "CMS declares: " + actionWords(e.ActionCode)
	case e.endOff() != "":
		text += ": " + e.endOff()
	case e.what == transform.Vanished && e.lastDay() != transform.NoDate:
		text += " before its last day, " + e.lastDay().String()
	case e.what == transform.Vanished:
		text += " without an end"
	case e.what == transform.Changed, e.what == transform.Reappeared && e.groups() != "" && !e.isBackEnding():
		text += ": " + observedWords(e.groups())
	}
	if first := e.firstDay(); first != "" {
		text += ", " + first
	}
	if (e.isEnding() || e.what == transform.Added) && e.lastDay() != transform.NoDate {
		text += ", last day " + e.lastDay().String()
	}
	return text
}
