package transform

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// Whatever CMS may publish of a code, in whatever releases: as known at each of
// them its stretches cover all dates from its start on, once; the latest one
// gives back the record, or says that there is none; the change applied gives
// the record; and what is not known any more was known before.
func TestHistoryOfAnythingHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := Steps(drawReleases(t))
		history := NewHistory("A0001")
		var previous *Record
		for i := range steps {
			record := drawRecord(t, previous)
			change := history.Apply(&steps[i], record)
			if i > 0 {
				require.Empty(t, CheckApplied(previous, record, change))
			}
			previous = record
			checkKnown(t, history, record)
		}
		checkRectangles(t, history, steps)
	})
}

func drawReleases(t *rapid.T) []release.ID {
	ids := []release.ID{{Quarter: release.Quarter{Year: 2018, Number: 1}, Revision: 1}}
	for range rapid.IntRange(1, 7).Draw(t, "releases") {
		id := ids[len(ids)-1]
		switch rapid.IntRange(0, 4).Draw(t, "next") {
		case 0: // a revision
			id.Revision++
		case 1: // after a gap
			id = release.ID{Quarter: id.Quarter.NextExpected().NextExpected(), Revision: 1}
		default:
			id = release.ID{Quarter: id.Quarter.NextExpected(), Revision: 1}
		}
		ids = append(ids, id)
	}
	return ids
}

var drawnDates = []string{"", "", "0020-01-01", "2010-01-01", "2017-06-30", "2018-01-01", "2018-06-30", "2019-01-01", "2020-03-31", "2020-04-01", "2021-12-31", "2030-01-01", "9999-12-31"}

func drawRecord(t *rapid.T, previous *Record) *Record {
	entry, content := Entry{Code: "A0001", Kind: Procedure}, Content{}
	if previous != nil {
		entry, content = *previous.Entry, *previous.Content
	}
	entry.Content = &content
	record := &Record{Entry: &entry}
	dates := rapid.SampledFrom(drawnDates)
	some := rapid.IntRange(0, 3)
	if some.Draw(t, "absent") == 0 {
		return nil
	}
	record.ActionCode = rapid.SampledFrom([]string{"N", "N", "", "A", "C", "D", "F", "R"}).Draw(t, "action")
	if some.Draw(t, "date moves") == 0 {
		record.ActionEffectiveDate = dates.Draw(t, "effective")
	}
	if some.Draw(t, "added moves") == 0 || record.Content[CodeAddedDate] == "" {
		record.Content[CodeAddedDate] = dates.Draw(t, "added")
	}
	if some.Draw(t, "termination moves") == 0 {
		record.Content[TerminationDate] = dates.Draw(t, "terminated")
	}
	if some.Draw(t, "description changes") == 0 {
		record.Content[LongDescription] = rapid.SampledFrom([]string{"bandage of cotton", "bandage of wool", "injection, each"}).Draw(t, "description")
	}
	if some.Draw(t, "references change") == 0 {
		record.Content[CrossReferences] = rapid.SampledFrom([]string{"", "A0002"}).Draw(t, "references")
	}
	return record
}

func checkKnown(t *rapid.T, history *History, record *Record) {
	current := history.current
	if history.Last() == nil {
		require.Empty(t, current)
		return
	}
	for i := range current {
		s := &current[i]
		require.Less(t, s.From, s.To)
		if i > 0 {
			require.Equal(t, current[i-1].To, s.From)
			require.LessOrEqual(t, current[i-1].Life, s.Life)
			require.False(t, current[i-1].alike(s), "neighbours that are alike are one")
		}
		if s.Status == Active {
			end := s.Content.Date(TerminationDate)
			require.False(t, plausible(end) && s.To > end+1 && i == len(current)-1, "active beyond its termination")
		}
	}
	latest := current[len(current)-1]
	require.Equal(t, OpenEnd, latest.To)
	require.Equal(t, record != nil, latest.Listed)
	if record != nil {
		require.Equal(t, record.Content, latest.Content)
	}
}

// checkRectangles: no two rectangles of one code overlap in both times.
func checkRectangles(t *rapid.T, history *History, steps []Step) {
	for _, step := range steps {
		days := map[Date]bool{}
		for _, r := range history.Rectangles {
			if r.KnownFrom.Compare(step.ID) <= 0 && (r.KnownTo == (release.ID{}) || r.KnownTo.Compare(step.ID) > 0) {
				require.False(t, days[r.From], "two rectangles start on %s as known at %s", r.From, step.ID)
				days[r.From] = true
			}
		}
	}
}
