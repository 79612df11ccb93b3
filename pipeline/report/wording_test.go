package report_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// What is said of nothing, or of one quarter, is a sentence all the same.
func TestSentencesAreWhole(t *testing.T) {
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", "2010-01-01"))
	s.release(t, "2020Q2", code("A0001", "N", "2020-02-01"))
	s.release(t, "2020Q3r1")
	s.release(t, "2020Q3r2", code("A0001", "P", "2020-07-01", transform.PricingIndicators, "11"))
	s.release(t, "2020Q3r3")
	published := s.publish(t)

	r := on(t, published, "2020Q1r1", "2020Q2r1")
	require.Equal(t, "2 releases came in, from January 2020 to April 2020. Summed over all of them, nothing changed that matters to billing.", r.Lead[0])
	require.Equal(t, "2020Q1r1 is the first one in hand: there is nothing to compare it with.", r.Notices[1].Text)
	require.Equal(t, "No change that matters to billing has an effective date.", r.Section("dates").Empty)

	r = on(t, published, "2020Q3r2", "2020Q3r3")
	require.Equal(t, "July 2020, revisions 2 to 3", r.Title)
	require.Equal(t, "2 releases came in, all of July 2020. Summed over all of them, codes: 1 revised.", r.Lead[0])

	r = build(t, published, report.Between(id(t, "2020Q3r1"), id(t, "2020Q3r3")))
	require.Equal(t, "July 2020, revisions 1 to 3", r.Title)
	require.Equal(t, "Held against revision 1 of the release of July 2020, revision 3 revises 1 code.", r.Lead[0])

	r = on(t, published, "2020Q2r1", "2020Q3r1")
	require.Equal(t, "April 2020 to July 2020", r.Title)
}

func TestActionsOfTheFirstReleaseAreCounted(t *testing.T) {
	s := series{}
	s.release(t, "2020Q1", code("A0001", "A", "2020-01-01"))
	s.release(t, "2020Q2")
	r := on(t, s.publish(t), "2020Q1r1", "2020Q2r1")
	require.Equal(t, "2020Q1r1 is the first one in hand: there is nothing to compare it with. The 1 action that CMS declares in it is not counted here.", r.Notices[0].Text)
}

// A code that is re-activated from the day after its end was valid all along.
func TestBetweenEndAndReactivation(t *testing.T) {
	end := func(day string) []any { return []any{transform.TerminationDate, day} }
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", "", end("2020-03-31")...), code("A0002", "N", "", end("2020-03-31")...), code("A0003", "N", "", end("2020-03-31")...))
	s.release(t, "2020Q2", code("A0001", "R", "2020-04-01", end("")...), code("A0002", "R", "2020-04-02", end("")...), code("A0003", "N", "2020-04-01", end("")...))
	r := on(t, s.publish(t), "2020Q2r1")
	for name, want := range map[string]string{
		"A0001": "no day: it stays valid without a break", "A0002": "not valid", "A0003": "valid: CMS took the end back as if it had never been",
	} {
		require.Equal(t, want, row(t, r, "reactivated", "", name)["Between the two"].Text, name)
	}
}

// The rows of a section that are not in its number are accounted for.
func TestMovedEndsAreAccountedFor(t *testing.T) {
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", "", transform.TerminationDate, "2020-03-31"), code("A0002", "N", ""))
	s.release(t, "2020Q2", code("A0001", "N", "", transform.TerminationDate, "2020-06-30"), code("A0002", "D", "2020-04-01", transform.TerminationDate, "2020-03-31"))
	section := on(t, s.publish(t), "2020Q2r1").Section("discontinued")
	require.Equal(t, 1, section.Count)
	require.Len(t, section.Tables[0].Rows, 2)
	require.Equal(t, []string{"Of 1 code that had ended, or was to end, the last day moved; it stands here as well and is not counted as discontinued."}, section.Intro)
}

// A code that several releases changed from one day on is named once.
func TestDatesNameACodeOnce(t *testing.T) {
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", ""), code("A0002", "N", ""))
	s.release(t, "2020Q2", code("A0001", "P", "2020-04-01", transform.PricingIndicators, "11"), code("A0002", "P", "2020-04-01", transform.PricingIndicators, "11"))
	s.release(t, "2020Q3", code("A0001", "P", "2020-04-01", transform.PricingIndicators, "13"))
	dates := on(t, s.publish(t), "2020Q2r1", "2020Q3r1").Section("dates").Tables[0]
	require.Len(t, dates.Rows, 1)
	cells := map[string]report.Cell{}
	for i, column := range dates.Columns {
		cells[column.Title] = dates.Rows[0].Cells[i]
	}
	require.Equal(t, "A0001 A0002", running(cells["Codes"].Inline()))
	require.Equal(t, 3, cells["Revised"].Number, "and each change is counted")
}
