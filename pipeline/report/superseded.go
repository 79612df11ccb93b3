package report

import (
	"fmt"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// In a report on several releases a later one can take back what an earlier one
// says, or say it anew; so can one that lies between them, and that the report is
// not about. What is to be done goes by the last word.

// changesOf gives what the releases of the report, and those between them, change
// of a code, the latest first.
func (m *material) changesOf(code string) []*entry {
	if m.ofCode == nil {
		m.ofCode = map[string][]*entry{}
		for _, e := range m.entries {
			m.ofCode[e.Code] = append(m.ofCode[e.Code], e)
		}
		for _, e := range m.untold {
			ofCode := append(m.ofCode[e.Code], e)
			slices.SortStableFunc(ofCode, func(a, b *entry) int { return b.release.ID.Compare(a.release.ID) })
			m.ofCode[e.Code] = ofCode
		}
	}
	return m.ofCode[code]
}

// later gives those that came after a change of the same code.
func (m *material) later(e *entry) []*entry {
	if !m.several() {
		return nil
	}
	ofCode := m.changesOf(e.Code)
	return ofCode[:slices.Index(ofCode, e)]
}

// earlier gives those that came before it, back to what is not of the report:
// that is known to the reader.
func (m *material) earlier(e *entry) []*entry {
	ofCode := m.changesOf(e.Code)
	earlier := ofCode[slices.Index(ofCode, e)+1:]
	if known := slices.IndexFunc(earlier, func(e *entry) bool { return e.untold }); known >= 0 {
		return earlier[:known]
	}
	return earlier
}

// isSuperseded tells whether later releases of the report leave nothing of what
// a change says.
func (m *material) isSuperseded(e *entry) bool {
	later := m.later(e)
	switch {
	case len(later) == 0:
		return false
	case e.what == transform.Vanished:
		return m.isListedAgain(e)
	case e.what == transform.Added, e.what == transform.Reused:
		return endsBefore(later[0], e) || startsOtherwise(later, e)
	case e.what == transform.Reactivated:
		return endsBefore(later[0], e) || startsAfter(later[0], e)
	case e.isEnding():
		return m.endsOtherwise(e)
	case e.what == transform.Changed, e.what == transform.Reappeared && e.groups() != "":
		return endsBefore(later[0], e) || saidAnew(later, e)
	}
	return false
}

// isListedAgain tells whether the latest release has a code that another one left
// out.
func (m *material) isListedAgain(e *entry) bool {
	return m.book.In(e.Code, m.latest().ID) != nil
}

// endsOtherwise tells whether a later release gives the code another last day,
// none, or a new life, and leaves no day on which it was not valid.
func (m *material) endsOtherwise(e *entry) bool {
	if _, _, ok := m.breakAfter(e); ok {
		return false
	}
	return slices.ContainsFunc(m.later(e), func(l *entry) bool { return l.what == transform.Reused || l.lastDay() != e.lastDay() })
}

// breakAfter gives the first and the last of the days after an ending on which a
// code is not valid though a later release re-activates or reuses it; no where
// there are none, and where it is not valid again.
func (m *material) breakAfter(e *entry) (from, to transform.Date, ok bool) {
	again := transform.NoDate // the day from which it is
	if !e.isEnding() || e.lastDay() == transform.NoDate {
		return again, again, false
	}
	for _, later := range slices.Backward(m.later(e)) {
		_, first, moved := later.moved(transform.CodeAddedDate)
		switch {
		case again != transform.NoDate && later.Life > e.Life && moved:
			again = first
		case again != transform.NoDate && later.lastDay() != transform.NoDate && later.lastDay() < again:
			return again, again, false // it ended after all, and that is told of there
		case again != transform.NoDate:
		case later.what == transform.Reused, later.isValidAgain():
			again = later.Effective
		case later.lastDay() != e.lastDay():
			return again, again, false
		}
	}
	from, to = e.lastDay()+1, again-1
	return from, to, again != transform.NoDate && from <= to
}

// isValidAgain tells whether a code that had ended is valid again from the day of
// a change, and not as if it had never ended.
func (e *entry) isValidAgain() bool {
	switch e.what {
	case transform.Reactivated:
		return !e.isEndWithdrawn()
	case transform.Reappeared:
		return e.ActionCode == "R" && e.lastDay() == transform.NoDate
	}
	return false
}

// breakWords says on which days a code is not valid that is so again later, "" for
// none.
func (m *material) breakWords(e *entry) string {
	from, to, ok := m.breakAfter(e)
	if !ok {
		return ""
	}
	return fmt.Sprintf("not valid from %s to %s", from, to)
}

// startsOtherwise tells whether a later release moves the first day of the life
// that the code has since a change.
func startsOtherwise(later []*entry, e *entry) bool {
	added := func(e *entry) string { return e.after.Content[transform.CodeAddedDate] }
	return slices.ContainsFunc(later, func(l *entry) bool { return l.Life == e.Life && added(l) != added(e) })
}

// startsAfter tells whether by the latest change the code began after another one
// took effect.
func startsAfter(latest, e *entry) bool {
	first := latest.after.Content.Date(transform.CodeAddedDate)
	return latest.Life == e.Life && first.IsPlausible() && first > e.Effective
}

// endsBefore tells whether by the latest change the code ended before another
// one took effect.
func endsBefore(latest, e *entry) bool {
	return latest.Life == e.Life && latest.lastDay() != transform.NoDate && latest.lastDay() < e.Effective
}

// saidAnew tells whether each field that a change is about is changed again, from
// the same day or an earlier one.
func saidAnew(later []*entry, e *entry) bool {
	about := 0
	for _, f := range e.differences() {
		field, ok := transform.FieldNamed(f.Field)
		if !ok || f.Typographic {
			continue
		}
		about++
		if !slices.ContainsFunc(later, func(l *entry) bool { return l.overlays(e) && l.says(field) }) {
			return false
		}
	}
	return about > 0
}

// overlays tells whether a later change holds on every day on which another
// would.
func (e *entry) overlays(earlier *entry) bool {
	return e.Effective != transform.NoDate && e.Effective <= earlier.Effective
}

// says tells whether a change is about a field, in more than typography.
func (e *entry) says(field transform.Field) bool {
	f := e.field(field)
	return f != nil && !f.Typographic
}

// lastWord is the latest change of or within the report to the code, the change itself
// where nothing came after it.
func (m *material) lastWord(e *entry) *entry {
	if later := m.later(e); len(later) > 0 {
		return later[0]
	}
	return e
}

// meant gives what a code meant before a change of its meaning, on the days from
// which that holds; nil where a later release of the report changes the meaning
// again, or where this only takes back what an earlier one said.
func (m *material) meant(e *entry) *transform.Record {
	if slices.ContainsFunc(m.later(e), (*entry).isOtherMeaning) {
		return nil
	}
	before := e.before
	for _, earlier := range m.earlier(e) {
		if earlier.isOtherMeaning() && e.overlays(earlier) {
			before = earlier.before
		}
	}
	if e.what != transform.Reused && transform.Similarity(before.Content[transform.LongDescription], m.lastWord(e).long()) >= wholeBelow {
		return nil
	}
	return before
}
