package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// What reaches back: the effective date of a change says it, but for the days on
// which a code is valid. Where a code ends, the effective date is that of the
// ending, and that its first day moved as well stands in the fields; where the
// last day moves later, the days up to it were not valid until then.

// reach is a day before the quarter of a release, from which a change of that
// release bears on claims, and what it means for them.
type reach struct {
	from  transform.Date
	means string
	// superseded: a later release of the report leaves nothing of it.
	superseded bool
}

// reaches gives how a change reaches back, the earliest day first. Nothing is
// known of a first release, or after a gap.
func (m *material) reaches(e *entry) []reach {
	if e.Timing == transform.NoTiming {
		return nil
	}
	var found []reach
	add := func(from transform.Date, superseded bool, format string, arguments ...any) {
		if from < e.quarterStart() {
			found = append(found, reach{from, fmt.Sprintf(format, arguments...), superseded})
		}
	}
	told := transform.NoDate // the effective date, where it is told of
	if was, is, ok := m.movedInAll(e, transform.CodeAddedDate); ok && e.what != transform.Reused {
		superseded := startsOtherwise(m.later(e), e)
		begun := m.begunBy(e)
		meantBefore, other := m.meantOtherwiseUntil(e)
		switch {
		case begun != nil:
			add(is, superseded, "%s", begun.consequence(m.lastWord(e)))
		case is < was && other && is <= meantBefore:
			means := fmt.Sprintf("means something else from %s already, and not just from %s: check claims against the new meaning", is, was)
			if meantBefore+1 < was {
				means += fmt.Sprintf("; claims denied after %s can be filed again", meantBefore)
			}
			add(is, superseded, "%s", means)
		case is < was:
			add(is, superseded, "valid from %s already, and not just from %s: denied claims can be filed again", is, was)
		case was < is:
			add(was, superseded, "valid only from %s, and not from %s already: paid claims may have to be returned", is, was)
		}
		told = is
	}
	was, is, ok := m.movedInAll(e, transform.TerminationDate)
	switch {
	case e.what == transform.Reused: // the two ends are those of two lives
	case ok && m.isEndNew(e):
		add(is+1, m.endsOtherwise(e), "%s", m.endMeans(e))
		told = is + 1
	case ok && was < is:
		add(was+1, m.isEndSaidAnew(e, was), "valid until %s, and not just until %s: denied claims can be filed again", is, was)
		told = is + 1
	case ok:
		if is < was {
			add(is+1, m.endsOtherwise(e), "ended on %s already, and not on %s: paid claims may have to be returned", is, was)
		}
		told = is + 1
	case e.isEndWithdrawn():
		before := m.endBefore(e, was)
		add(before+1, m.isSuperseded(e), "valid after %s as well, as if it had never ended: denied claims can be filed again", before)
		told = was + 1
	}
	if e.Timing == transform.Retroactive && e.Effective != told {
		means := e.consequence(m.lastWord(e))
		if means == noLongerValid {
			means = m.endMeans(e)
		}
		add(e.Effective, m.isSuperseded(e), "%s", means)
	}
	slices.SortStableFunc(found, func(a, b reach) int { return int(a.from) - int(b.from) })
	return found
}

// moved gives a date before and after a change, and whether both are there and
// can be.
func (e *entry) moved(field transform.Field) (was, is transform.Date, ok bool) {
	was, is = transform.NoDate, transform.NoDate
	if f := e.field(field); f != nil {
		was, is = transform.ParseDate(f.Old), transform.ParseDate(f.New)
	}
	return was, is, was.IsPlausible() && is.IsPlausible()
}

// movedInAll gives the same over the report up to a change: where a date moved
// several times, what it was before the first of them.
func (m *material) movedInAll(e *entry, field transform.Field) (was, is transform.Date, ok bool) {
	was, is, ok = e.moved(field)
	if !ok {
		return was, is, false
	}
	for _, earlier := range m.earlier(e) {
		if earlier.what == transform.Reused {
			break // what it was before is of another life
		}
		if earlier.field(field) == nil && earlier.Life == e.Life {
			continue
		}
		before, _, moved := earlier.moved(field)
		if !moved || earlier.Life != e.Life {
			break
		}
		was = before
	}
	return was, is, true
}

// endBefore gives the last day of a code before the report, of which a change of
// it knows another one.
func (m *material) endBefore(e *entry, was transform.Date) transform.Date {
	for _, earlier := range m.earlier(e) {
		if before, is, moved := earlier.moved(transform.TerminationDate); moved && is == was && earlier.Life == e.Life && earlier.what != transform.Reused {
			was = before
		}
	}
	return was
}

// isEndNew tells whether a last day that moved was first said by the report
// itself: as against what was known before, the code ended.
func (m *material) isEndNew(e *entry) bool {
	for _, earlier := range m.earlier(e) {
		if earlier.Life != e.Life || earlier.what == transform.Reactivated {
			return false
		}
		_, _, moved := earlier.moved(transform.TerminationDate)
		if earlier.what == transform.Discontinued || earlier.isBackEnding() && !moved {
			return true
		}
	}
	return false
}

// isEndSaidAnew tells whether later releases of the report leave nothing of the
// days that a code won because its last day moved to a later one. That it is valid
// again after them, or stands for something else, does.
func (m *material) isEndSaidAnew(e *entry, was transform.Date) bool {
	for _, later := range slices.Backward(m.later(e)) {
		switch {
		case later.what == transform.Reactivated, later.what == transform.Reused:
			return later.isEndWithdrawn() || later.Effective <= was+1
		case later.lastDay() != e.lastDay():
			return true
		}
	}
	return false
}

// begunBy gives the change of the report by which the life began that a later
// change is about, nil where it began before.
func (m *material) begunBy(e *entry) *entry {
	for _, earlier := range m.earlier(e) {
		if earlier.Life == e.Life && (earlier.what == transform.Added || earlier.what == transform.Reused) {
			return earlier
		}
	}
	return nil
}

// meantOtherwiseUntil gives the last day on which a reused code had its meaning of
// before, as far as was known before a change; no where it was not reused.
func (m *material) meantOtherwiseUntil(e *entry) (last transform.Date, reused bool) {
	if e.Life < 2 || e.before == nil {
		return transform.NoDate, false
	}
	first := e.before.Content.Date(transform.CodeAddedDate)
	for _, r := range slices.Backward(m.all) {
		record := m.book.In(e.Code, r.ID)
		if r.ID.Compare(e.release.ID) >= 0 || record == nil {
			continue
		}
		switch end := record.Content.Date(transform.TerminationDate); {
		case end.IsPlausible() && end < first:
			return end, true
		case record.Content.Date(transform.CodeAddedDate) < first &&
			transform.Similarity(record.Content[transform.LongDescription], e.before.Content[transform.LongDescription]) < wholeBelow:
			return first - 1, true
		}
	}
	return transform.NoDate, false
}

// isEndWithdrawn tells whether CMS took an end back as if it had never been.
func (e *entry) isEndWithdrawn() bool {
	was, _, _ := e.moved(transform.TerminationDate)
	return e.what == transform.Reactivated && e.ActionCode != "R" && was.IsPlausible()
}

// quarterStart is the first day of the quarter of a change's release.
func (e *entry) quarterStart() transform.Date {
	return transform.DateOf(e.release.ID.Quarter.FirstDay())
}

// reachesBack tells whether a change bears on claims from before the quarter of
// its release.
func (m *material) reachesBack(e *entry) bool { return len(m.reaches(e)) > 0 }

// reachesBackNoMore tells whether later releases of the report leave nothing of
// that.
func (m *material) reachesBackNoMore(e *entry) bool {
	return !slices.ContainsFunc(m.reaches(e), func(r reach) bool { return !r.superseded })
}

// back gives the earliest day of a change that reaches back, over how far that
// is, and what the change means from then on.
func (m *material) back(e *entry) (from Cell, means string) {
	first := transform.NoDate
	var parts []string
	for _, r := range m.reaches(e) {
		if r.superseded {
			continue
		}
		if first == transform.NoDate {
			first = r.from
		}
		parts = append(parts, r.means)
	}
	return dateCell(first, timingWords(transform.Retroactive, int(first-e.quarterStart()))), strings.Join(parts, "; ")
}

// endMeans says what the end of a code means for claims from after it.
func (m *material) endMeans(e *entry) string {
	if days := m.breakWords(e); days != "" {
		return days + ": paid claims may have to be returned"
	}
	return noLongerValid
}

const noLongerValid = "no longer valid: paid claims may have to be returned"

// consequence says what a change that reaches back to its effective date means
// for claims, by the last word of the report on the code.
func (e *entry) consequence(last *entry) string {
	switch e.what {
	case transform.Added:
		switch end := last.lastDay(); {
		case end == transform.NoDate:
			return "valid already: denied or rebilled claims can be filed with it"
		case end < last.quarterStart():
			return fmt.Sprintf("was valid until %s: denied or rebilled claims of that time can be filed with it", end)
		default:
			return fmt.Sprintf("valid already, until %s: denied or rebilled claims can be filed with it", end)
		}
	case transform.Discontinued:
		return noLongerValid
	case transform.Reactivated:
		return "valid again: denied claims can be filed again"
	case transform.Reappeared:
		switch ends := e.field(transform.TerminationDate); {
		case e.isBackEnding():
			return noLongerValid
		case ends != nil:
			return "valid again: denied claims can be filed again"
		}
	case transform.Reused:
		if end := last.lastDay(); last.Life == e.Life && end != transform.NoDate {
			return fmt.Sprintf("means something else, until %s: check claims against the new meaning", end)
		}
		return "means something else: check claims against the new meaning"
	}
	groups := e.groupsBut(transform.CodeAddedDate)
	switch {
	case e.field(transform.CodeAddedDate) != nil && !e.firstDayMoved():
		return "valid from another day: check claims around it"
	case groups.Has('P'):
		return "paid otherwise: check amounts"
	case groups.Has('F'):
		return "covered or administered otherwise: check denials"
	case groups.Has('C') || groups.Has('S'):
		return "described otherwise: check that the code still fits"
	}
	return "revised"
}

// firstDayMoved tells whether it is known from where to where it moved.
func (e *entry) firstDayMoved() bool {
	_, _, ok := e.moved(transform.CodeAddedDate)
	return ok
}
