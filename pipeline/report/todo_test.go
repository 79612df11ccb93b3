package report_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// What a release says counts from when it says so: nobody could heed it before,
// however long ago it holds from.
func TestWhatWasSaidLatelyIsToBeDone(t *testing.T) {
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", ""), code("A0002", "N", ""), code("A0003", "N", ""))
	s.release(t, "2020Q2", code("A0003", "C", "2020-04-01", transform.LongDescription, "Something carried for those who need it, item A0003 too"))
	s.release(t, "2020Q3",
		code("C0001", "A", "2019-04-01", transform.CodeAddedDate, "2019-04-01"),
		code("A0001", "D", "2019-05-01", transform.TerminationDate, "2019-04-30"),
		code("A0002", "P", "2019-01-01", transform.PricingIndicators, "11"))
	published := s.publish(t)
	for name, r := range map[string]*report.Report{
		"several": on(t, published, "2020Q2r1", "2020Q3r1"),
		"one":     on(t, published, "2020Q3r1"),
	} {
		require.Equal(t, []string{"A0001"}, codesIn(r, "todo", stopBilling), name)
		require.Equal(t, []string{"A0002", "C0001", "A0001"}, codesIn(r, "todo", reachingBack), name)
		require.Empty(t, r.Section("todo").Empty, name)
		require.Equal(t, []string{"No code has a new meaning and nothing is still to come."}, r.Section("todo").Intro, name)
	}
	// The two together are new to one who had the first release only.
	net := build(t, published, report.Between(id(t, "2020Q1"), id(t, "2020Q3")))
	require.Equal(t, []string{"A0001"}, codesIn(net, "todo", stopBilling))
}

// What releases of years ago said is past, and what is said of all of them
// stays true of it.
func TestWhatWasSaidLongAgoIsNotToBeDone(t *testing.T) {
	s := series{}
	s.release(t, "2018Q1", code("A0001", "N", ""), code("A0002", "N", ""), code("A0003", "N", ""))
	s.release(t, "2019Q1",
		code("A0001", "D", "2019-01-01", transform.TerminationDate, "2018-12-31"),
		code("A0002", "P", "2018-07-01", transform.PricingIndicators, "11"),
		code("A0003", "D", "2021-01-01", transform.TerminationDate, "2020-12-31"))
	s.release(t, "2020Q1")
	s.release(t, "2020Q2")
	s.release(t, "2020Q3")
	s.release(t, "2020Q4")
	published := s.publish(t)

	r := on(t, published, "2019Q1r1", "2020Q1r1", "2020Q2r1", "2020Q3r1", "2020Q4r1")
	require.Equal(t, []string{"A0003"}, codesIn(r, "todo", stopBilling), "announced far ahead")
	require.Equal(t, []string{
		"Only what was first said or took effect from October 1, 2019 on: claims are to be filed within twelve months. What is earlier is in the sections below.",
		"No code has a new meaning.",
		"Apart from that, nothing reaches back.",
	}, r.Section("todo").Intro)
	require.Equal(t, []string{"A0003"}, codesIn(r, "todo", stillToCome))

	// A net comparison over years cannot tell which release said it first.
	net := build(t, published, report.Between(id(t, "2018Q1"), id(t, "2020Q4")))
	require.Equal(t, []string{"A0003"}, codesIn(net, "todo", stopBilling))
}

// After a gap nobody knows what reaches back, in a report on several releases
// either.
func TestWhatReachesBackIsNotKnownAfterAGap(t *testing.T) {
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", ""), code("A0002", "N", ""))
	s.release(t, "2020Q2", code("A0002", "P", "2020-04-01", transform.PricingIndicators, "11"))
	s.release(t, "2021Q4", code("A0001", "D", "2021-01-01", transform.TerminationDate, "2020-12-31"))
	published := s.publish(t)
	for name, want := range map[string]struct {
		report *report.Report
		said   string
	}{
		"several": {on(t, published, "2020Q2r1", "2021Q4r1"), "Whether a change of 2021Q4r1 reaches back cannot be said here: an earlier release that is not compared may have announced it."},
		"one":     {on(t, published, "2021Q4r1"), "Whether a change reaches back cannot be said here: an earlier release that is not compared may have announced it."},
	} {
		require.Equal(t, []string{"A0001"}, codesIn(want.report, "todo", stopBilling), name)
		require.Equal(t, []string{"No code has a new meaning and nothing is still to come.", want.said}, want.report.Section("todo").Intro, name)
	}
	require.Equal(t, "Nothing needs to be done at once: no code was discontinued, no code has a new meaning, nothing reaches back and nothing is still to come.",
		on(t, published, "2020Q2r1").Section("todo").Empty, "nothing is missing before it")
}
