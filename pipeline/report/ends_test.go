package report_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// That a code is valid again later, or stands for something else, takes back no
// end: on the days between it is not valid.
func TestBreakAfterAnEnd(t *testing.T) {
	const end, added, long = transform.TerminationDate, transform.CodeAddedDate, transform.LongDescription
	const umbrellas = "Bicycles and umbrellas for rent in the park"
	names := []string{"A0001", "A0002", "A0003", "A0004", "A0005", "A0006", "A0007"}
	s := series{}
	var first []edit
	for _, name := range names {
		first = append(first, code(name, "N", ""))
	}
	s.release(t, "2020Q1", append(first, code("A0009", "N", ""))...)
	ended := func(name, day string) edit {
		return code(name, "D", "", end, day, transform.CrossReferences, "A0009")
	}
	s.release(t, "2020Q2", ended("A0001", "2020-01-31"), ended("A0002", "2020-01-31"), ended("A0003", "2020-05-31"), ended("A0004", "2020-03-31"),
		ended("A0005", "2020-01-31"), ended("A0006", "2020-01-31"), ended("A0007", "2020-01-31"))
	s.release(t, "2020Q3",
		code("A0001", "R", "2020-07-01", end, "", transform.CrossReferences, ""),
		code("A0002", "A", "2020-07-01", added, "2020-07-01", end, "", long, umbrellas, transform.CrossReferences, ""),
		code("A0003", "R", "2020-10-01", end, ""),
		code("A0004", "R", "2020-04-01", end, ""), // no day between
		code("A0005", "N", "", end, ""),           // as if it had never ended
		code("A0006", "R", "2020-07-01", end, ""),
		code("A0007", "A", "2020-07-01", added, "2020-07-01", end, "", long, umbrellas))
	s.release(t, "2020Q4",
		code("A0006", "N", "", end, "2020-01-31"), // ended after all
		code("A0007", "F", "", added, "2020-06-01"))
	r := build(t, s.publish(t), report.OnSeveral([]release.ID{id(t, "2020Q2r1"), id(t, "2020Q3r1"), id(t, "2020Q4r1")}), names...)

	require.ElementsMatch(t, []string{"A0001", "A0002", "A0003", "A0006", "A0007"}, codesIn(r, "todo", stopBilling))
	for name, days := range map[string]string{
		"A0001": "not valid from 2020-02-01 to 2020-06-30",
		"A0002": "not valid from 2020-02-01 to 2020-06-30",
		"A0003": "not valid from 2020-06-01 to 2020-09-30",
		"A0007": "not valid from 2020-02-01 to 2020-05-31",
	} {
		stop := row(t, r, "todo", stopBilling, name)
		require.Equal(t, days, stop["Afterwards"].Text, name)
		require.Equal(t, "A0009", running(stop["Bill instead"].Inline()), name)
		var means []string
		for _, line := range tableOf(t, r, "todo", reachingBack).Rows {
			if line.Code == name && line.Cells[0].Text == "2020Q2r1" {
				means = append(means, line.Cells[3].Text)
			}
		}
		if name == "A0003" {
			require.Empty(t, means, "not as of its release")
		} else {
			require.Equal(t, []string{days + ": paid claims may have to be returned"}, means, name)
		}
	}
	require.Empty(t, row(t, r, "todo", stopBilling, "A0006")["Afterwards"].Text)
	said := map[string]string{}
	for _, line := range tableOf(t, r, "yours", "").Rows {
		if line.Cells[0].Text == "2020Q2r1" {
			said[line.Code] = line.Cells[2].Text
		}
	}
	require.Equal(t, "discontinued, last day 2020-01-31; not valid from 2020-02-01 to 2020-06-30", said["A0001"])
	require.Equal(t, "discontinued, last day 2020-03-31; taken back or said anew by a later release", said["A0004"])
	require.Equal(t, "discontinued, last day 2020-01-31; taken back or said anew by a later release", said["A0005"])
}

// A code that ended between the releases of a net comparison and was then dropped
// was not left out without an end.
func TestCodeThatEndedBetweenTheReleasesOfANetComparison(t *testing.T) {
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", ""), code("A0002", "N", ""), code("A0003", "N", ""), code("A0009", "N", ""))
	s.release(t, "2020Q2", code("A0001", "D", "2020-04-01", transform.TerminationDate, "2020-03-31", transform.CrossReferences, "A0009"), leftOut("A0003"))
	s.release(t, "2020Q3", leftOut("A0001"), leftOut("A0002"))
	r := build(t, s.publish(t), report.Between(id(t, "2020Q1"), id(t, "2020Q3")), "A0001")

	require.Equal(t, []string{"A0002", "A0003"}, codesIn(r, "absent", "Left out without an end"))
	require.Equal(t, "2020Q2r1", row(t, r, "absent", "Left out without an end", "A0002")["Last listed in"].Text)
	require.Equal(t, "2020Q1r1", row(t, r, "absent", "Left out without an end", "A0003")["Last listed in"].Text)
	require.Equal(t, []string{"A0001"}, codesIn(r, "discontinued", ""))
	require.Equal(t, []string{"Of 1 code a release between the two says when it ended; the later of the two no longer lists it."}, r.Section("discontinued").Intro)
	stop := row(t, r, "todo", stopBilling, "A0001")
	require.Equal(t, "2020-03-31", stop["Last day"].Date.String())
	require.Equal(t, "A0009", running(stop["Bill instead"].Inline()))
	require.Equal(t, "discontinued, last day 2020-03-31", row(t, r, "yours", "", "A0001")["Change"].Text)
	require.Contains(t, r.Lead[0], "discontinues 1 code and leaves out 2 without ending them")
}

// A code that is reused for a meaning that has an end itself is to be billed no
// longer than that; the end of the earlier meaning is not one that moved.
func TestReusedCodeThatEnds(t *testing.T) {
	const end, added, long, references = transform.TerminationDate, transform.CodeAddedDate, transform.LongDescription, transform.CrossReferences
	const umbrellas = "Bicycles and umbrellas for rent in the park"
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", "", end, "2019-06-30"), code("A0002", "N", "", end, "2019-06-30"), code("A0003", "N", ""), code("A0009", "N", ""))
	s.release(t, "2020Q2",
		code("A0001", "A", "2020-04-01", long, umbrellas, added, "2020-04-01", end, "2020-06-30", references, "A0009"),
		code("A0002", "A", "2020-02-01", long, umbrellas, added, "2020-02-01", end, "2020-05-31"),
		code("C0001", "A", "2020-04-01", added, "2020-04-01", end, "2020-09-30"))
	s.release(t, "2020Q3", code("A0002", "D", "2020-09-01", end, "2020-08-31"))
	published := s.publish(t)
	const means = "What it means for claims since then"

	one := build(t, published, report.On(id(t, "2020Q2")), "A", "C")
	require.Equal(t, []string{"A0002", "A0001", "C0001"}, codesIn(one, "todo", stopBilling))
	stop := row(t, one, "todo", stopBilling, "A0001")
	require.Equal(t, "2020-06-30", stop["Last day"].Date.String())
	require.Equal(t, "3 months ahead", stop["Last day"].Sub)
	require.Empty(t, row(t, one, "todo", stopBilling, "A0002")["Last day"].Sub, "in the quarter: it is its beginning that is back")
	require.Equal(t, "A0009", running(stop["Bill instead"].Inline()))
	require.Equal(t, []string{"A0001", "A0002"}, codesIn(one, "todo", checkMeaning))
	require.Equal(t, []string{"A0002"}, codesIn(one, "todo", reachingBack), "A0001 was not valid between its two meanings")
	require.Equal(t, "means something else, until 2020-05-31: check claims against the new meaning", row(t, one, "todo", reachingBack, "A0002")[means].Text)
	require.Equal(t, "2020-06-30", row(t, one, "reused", "", "A0001")["Last day"].Date.String())
	require.Equal(t, "A0009", running(row(t, one, "reused", "", "A0001")["Bill instead"].Inline()))
	require.Equal(t, "reused, last day 2020-06-30", row(t, one, "yours", "", "A0001")["Change"].Text)
	require.Equal(t, "added, last day 2020-09-30", row(t, one, "yours", "", "C0001")["Change"].Text)

	both := build(t, published, report.OnSeveral([]release.ID{id(t, "2020Q2"), id(t, "2020Q3")}), "A")
	require.Equal(t, []string{"A0001", "A0002", "C0001"}, codesIn(both, "todo", stopBilling))
	require.Equal(t, "2020-08-31", row(t, both, "todo", stopBilling, "A0002")["Last day"].Date.String())
	said := map[string]string{}
	for _, line := range tableOf(t, both, "todo", reachingBack).Rows {
		said[line.Cells[2].Date.String()] = line.Cells[3].Text
	}
	require.Equal(t, map[string]string{
		"2020-02-01": "means something else, until 2020-08-31: check claims against the new meaning",
		"2020-06-01": "valid until 2020-08-31, and not just until 2020-05-31: denied claims can be filed again",
	}, said)
	require.Equal(t, "revised: termination date, last day 2020-08-31", row(t, both, "yours", "", "A0002")["Change"].Text)
	require.Equal(t, "reused, last day 2020-05-31; its end is said anew by a later release", tableOf(t, both, "yours", "").Rows[2].Cells[2].Text, "that it was reused stands")
}

// Between its end and the day from which it is valid again a code is not valid, in a
// net comparison either, where a release between the two says so.
func TestReactivatedInANetComparison(t *testing.T) {
	const end = transform.TerminationDate
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", "", end, "2019-12-31"), code("A0002", "N", "", end, "2019-12-31"), code("A0003", "N", "", end, "2019-12-31"),
		code("A0004", "N", "", end, "2019-12-31"), code("A0005", "N", "", end, "2019-12-31"), code("A0006", "N", "", end, "2019-12-31"))
	s.release(t, "2020Q2", code("A0001", "R", "2020-04-01", end, ""), code("A0002", "N", "", end, ""), code("A0003", "R", "2020-01-01", end, ""))
	s.release(t, "2020Q3", code("A0004", "R", "2020-07-01", end, ""), code("A0003", "P", "2020-07-01", transform.PricingIndicators, "11"))
	s.release(t, "2021Q1", code("A0005", "N", "", end, ""), code("A0006", "R", "2020-10-01", end, ""))
	published := s.publish(t)
	type said struct{ from, between string }
	for name, test := range map[string]struct {
		report *report.Report
		want   map[string]said
	}{
		"net": {build(t, published, report.Between(id(t, "2020Q1"), id(t, "2020Q3"))), map[string]said{
			"A0001": {"2020-04-01", "not valid"},
			"A0002": {"2020-01-01", "valid: CMS took the end back as if it had never been"},
			"A0003": {"2020-01-01", "no day: it stays valid without a break"},
			"A0004": {"2020-07-01", "not valid"},
		}},
		"net over a gap": {build(t, published, report.Between(id(t, "2020Q2"), id(t, "2021Q1"))), map[string]said{
			"A0004": {"2020-07-01", "not valid"},
			"A0005": {"2020-01-01", "not known: the release that took the end back may be a missing one"},
			"A0006": {"2020-10-01", "not valid"},
		}},
		"after a gap": {build(t, published, report.On(id(t, "2021Q1"))), map[string]said{
			"A0005": {"2020-01-01", "not known: the release that took the end back may be a missing one"},
			"A0006": {"2020-10-01", "not valid"},
		}},
	} {
		got := map[string]said{}
		for _, name := range codesIn(test.report, "reactivated", "") {
			cells := row(t, test.report, "reactivated", "", name)
			got[name] = said{cells["Valid again from"].Date.String(), cells["Between the two"].Text}
		}
		require.Equal(t, test.want, got, name)
	}
}

// An end that was announced is heeded where CMS takes it back before it comes, and
// where it leaves the code out before.
func TestEndThatHasNotComeYet(t *testing.T) {
	const end = transform.TerminationDate
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", "", end, "2020-12-31"), code("A0002", "N", "", end, "2020-12-31"), code("A0003", "N", "", end, "2020-12-31"),
		code("A0004", "N", ""), code("A0005", "N", "", end, "2020-03-31"), code("A0006", "N", "", end, "2020-06-30"))
	s.release(t, "2020Q2", code("A0001", "R", "2020-04-01", end, ""), code("A0002", "N", "", end, ""), leftOut("A0003"), leftOut("A0004"),
		code("A0005", "R", "2020-07-01", end, ""), code("A0006", "R", "2020-10-01", end, ""))
	published := s.publish(t)
	r := build(t, published, report.On(id(t, "2020Q2")), "A")
	said, yours := map[string]string{}, map[string]string{}
	for _, name := range codesIn(r, "todo", stillToCome) {
		said[name] = row(t, r, "todo", stillToCome, name)["Change"].Text
	}
	for _, name := range codesIn(r, "yours", "") {
		yours[name] = row(t, r, "yours", "", name)["Change"].Text
	}
	require.Equal(t, map[string]string{
		"A0001": "does not end on 2020-12-31 after all", "A0002": "does not end on 2020-12-31 after all",
		"A0005": "re-activated", "A0006": "re-activated",
	}, said)
	require.Equal(t, map[string]string{
		"A0001": "re-activated: does not end on 2020-12-31 after all", "A0002": "re-activated: does not end on 2020-12-31 after all",
		"A0003": "left out before its last day, 2020-12-31", "A0004": "left out without an end", "A0005": "re-activated", "A0006": "re-activated",
	}, yours)
	gone := tableOf(t, r, "absent", "Left out without an end")
	require.Equal(t, "Those with a last day were to end then.", gone.Intro[1])
	require.Equal(t, "2020-12-31", row(t, r, "absent", gone.Title, "A0003")["Last day said before"].Date.String())
	require.Equal(t, transform.NoDate, row(t, r, "absent", gone.Title, "A0004")["Last day said before"].Date)
	require.Equal(t, "2020-12-31", row(t, r, "reactivated", "", "A0001")["Last day said before"].Date.String())
}

// A code that is added with an end is to be billed no longer than that, which no
// later release says again; one that had ended before the quarter was never billed.
func TestAddedCodeThatEnds(t *testing.T) {
	const end, added, references = transform.TerminationDate, transform.CodeAddedDate, transform.CrossReferences
	s := series{}
	s.release(t, "2020Q1", code("A0009", "N", ""))
	s.release(t, "2020Q2",
		code("A0001", "A", "2020-04-01", added, "2020-04-01", end, "2020-06-30", references, "A0009"),
		code("A0002", "A", "2020-01-01", added, "2020-01-01", end, "2020-03-31"),
		code("A0003", "A", "2020-04-01", added, "2020-04-01", end, "2020-06-30"),
		code("A0004", "A", "2020-04-01", added, "2020-04-01", end, "2020-06-30"))
	s.release(t, "2020Q3", code("A0003", "R", "2020-10-01", end, ""), code("A0004", "N", "", end, ""))
	published := s.publish(t)
	one := build(t, published, report.On(id(t, "2020Q2")), "A0001")
	require.Equal(t, []string{"A0001", "A0003", "A0004"}, codesIn(one, "todo", stopBilling))
	stop := row(t, one, "todo", stopBilling, "A0001")
	require.Equal(t, "2020-06-30", stop["Last day"].Date.String())
	require.Equal(t, "3 months ahead", stop["Last day"].Sub)
	require.Equal(t, "A0009", running(stop["Bill instead"].Inline()))
	require.Equal(t, 4, one.Counts.Added)
	require.Zero(t, one.Counts.Discontinued)
	require.Empty(t, codesIn(one, "discontinued", ""))

	both := on(t, published, "2020Q2r1", "2020Q3r1")
	require.Equal(t, []string{"A0001", "A0003"}, codesIn(both, "todo", stopBilling))
	require.Equal(t, "not valid from 2020-07-01 to 2020-09-30", row(t, both, "todo", stopBilling, "A0003")["Afterwards"].Text)
}
