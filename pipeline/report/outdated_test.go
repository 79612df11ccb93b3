package report_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// A report on a release that is not the latest says so before all else, whether
// the release came in late or the report was asked for.
func TestReportIsOutdated(t *testing.T) {
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", ""), code("A0002", "N", ""), code("A0003", "N", ""), code("A0004", "N", ""))
	s.release(t, "2020Q2",
		code("A0001", "D", "2020-04-01", transform.TerminationDate, "2020-03-31"),
		code("A0002", "P", "2020-04-01", transform.PricingIndicators, "11"),
		code("A0003", "P", "2020-04-01", transform.PricingIndicators, "11"),
		leftOut("A0004"))
	s.release(t, "2020Q3",
		code("A0001", "R", "2020-04-01", transform.TerminationDate, ""),
		code("A0003", "S", "2020-07-01", transform.ShortDescription, "Carried on"),
		code("A0004", "N", ""))
	s.release(t, "2020Q4r1")
	s.release(t, "2020Q4r2", code("A0001", "D", "2020-10-01", transform.ShortDescription, "Carried anew"))
	s.releases[1].FetchedAt = made.AddDate(0, 0, 1)
	s.releases[4].FetchedAt = made.AddDate(0, 0, 2)
	published := s.publish(t)

	require.Equal(t, report.Notice{Title: "Newer releases are loaded", Text: "The latest is 2020Q4r2. What follows is what was so as of 2020Q2r1, and may be so no longer. " +
		"Of the 4 codes that changed here, 3 stand otherwise in 2020Q4r2: A0001, A0003, A0004. 2020Q2r1 came in after 2020Q4r1, and what later releases changed was worked out anew."},
		on(t, published, "2020Q2r1").Notices[0])
	require.Equal(t, "This is as of 2020Q2r1; newer releases are loaded, as said above.", on(t, published, "2020Q2r1").Section("todo").Intro[0])
	require.Equal(t, "The latest is 2020Q4r2. What follows is what was so as of 2020Q4r1, and may be so no longer.", on(t, published, "2020Q4r1").Notices[0].Text, "nothing changed here")
	require.Contains(t, build(t, published, report.Between(id(t, "2020Q1"), id(t, "2020Q3"))).Notices[0].Text, "The 2 codes that changed here stand the same in 2020Q4r2.")

	mail, err := report.MailHTML(on(t, published, "2020Q2r1"))
	require.NoError(t, err)
	require.Contains(t, string(mail), "Newer releases are loaded")

	require.Equal(t, "A revision", on(t, published, "2020Q4r2").Notices[0].Title, "nothing newer is there")
	require.Equal(t, []report.Notice{{Title: "Releases between are not told here", Text: "2020Q3r1 and 2020Q4r1 lie between the releases of this report and are not told in it. " +
		"What is to be done goes by 2020Q4r2, the newest that is told: what was changed again by then is left out of it."}},
		on(t, published, "2020Q2r1", "2020Q4r2").Notices)
	require.Empty(t, on(t, published, "2020Q2r1", "2020Q3r1", "2020Q4r1", "2020Q4r2").Notices, "none is left out")
}
