package report_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
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

// What a later release of the same report took back or said anew is not to be
// done: the last word counts.
func TestWhatWasTakenBackIsNotToBeDone(t *testing.T) {
	const other, third = "Bicycles and umbrellas for rent in the park", "Lanterns, one of each colour"
	wording := func(long, short string) []any {
		return []any{transform.LongDescription, long, transform.ShortDescription, short}
	}
	itself := func(code string) []any {
		return wording("Something carried for those who need it, item "+code, "Carried "+code)
	}
	end := func(day string) []any { return []any{transform.TerminationDate, day} }
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", ""), code("A0002", "N", ""), code("A0003", "N", ""), code("A0004", "N", ""),
		code("A0005", "N", ""), code("A0006", "N", ""), code("A0007", "N", ""), code("A0008", "N", ""), code("A0009", "N", ""))
	s.release(t, "2020Q2",
		code("A0001", "D", "2020-04-01", end("2020-03-31")...),          // re-activated
		code("A0002", "D", "2020-04-01", end("2020-03-31")...),          // taken back silently
		code("A0003", "D", "2020-03-01", end("2020-02-29")...),          // moved
		code("A0004", "C", "2020-04-01", wording(other, "Bicycles")...), // taken back
		code("A0005", "C", "2020-04-01", wording(other, "Bicycles")...), // another meaning again, from the same day
		code("A0006", "C", "2020-04-01", wording(other, "Bicycles")...), // another meaning again, from a later day
		code("A0007", "P", "2020-02-01", transform.PricingIndicators, "11"),
		code("A0008", "P", "2020-02-01", transform.PricingIndicators, "11"),
		code("A0009", "D", "2021-01-01", end("2020-12-31")...),
		code("C0001", "A", "2020-02-01", transform.CodeAddedDate, "2020-02-01"))
	s.release(t, "2020Q3",
		code("A0001", "R", "2020-04-01", end("")...),
		code("A0002", "N", "2020-04-01", end("")...),
		code("A0003", "N", "2020-03-01", transform.TerminationDate, "2020-06-30", transform.CrossReferences, "A0001"),
		code("A0004", "C", "2020-04-01", itself("A0004")...),
		code("A0005", "C", "2020-04-01", wording(third, "Lanterns")...),
		code("A0006", "C", "2020-07-01", wording(third, "Lanterns")...),
		code("A0007", "P", "2020-02-01", transform.PricingIndicators, ""),
		code("A0009", "R", "2020-07-01", end("")...),
		code("C0001", "F", "2020-03-01", transform.CodeAddedDate, "2020-03-01"))
	published := s.publish(t)
	r := build(t, published, report.OnSeveral([]release.ID{id(t, "2020Q2r1"), id(t, "2020Q3r1")}), "A0001", "A0003")

	require.Equal(t, []string{"A0003"}, codesIn(r, "todo", stopBilling), "once, with its last day by the last release")
	stop := row(t, r, "todo", stopBilling, "A0003")
	require.Equal(t, "2020-06-30", stop["Last day"].Date.String())
	require.Equal(t, "A0001", running(stop["Bill instead"].Inline()))

	require.Equal(t, []string{"A0005", "A0006"}, codesIn(r, "todo", checkMeaning))
	require.Equal(t, "Carried A0005", row(t, r, "todo", checkMeaning, "A0005")["Meant"].Text, "bicycles it never were")
	require.Equal(t, "Lanterns", row(t, r, "todo", checkMeaning, "A0005")["Now says"].Text)
	require.Equal(t, "Bicycles", row(t, r, "todo", checkMeaning, "A0006")["Meant"].Text, "for three months")

	back := codesIn(r, "todo", reachingBack)
	require.Contains(t, back, "A0008", "which nothing took back")
	require.Contains(t, back, "A0001", "valid again")
	require.Len(t, slices.DeleteFunc(slices.Clone(back), func(code string) bool { return code != "A0007" }), 1, "what it says now")
	require.Equal(t, "2020Q3r1", row(t, r, "todo", reachingBack, "A0007")["Release"].Text)
	require.Equal(t, "2020Q3r1", row(t, r, "todo", reachingBack, "C0001")["Release"].Text, "added on another day")

	require.Equal(t, []string{"A0009"}, codesIn(r, "todo", stillToCome))
	require.Equal(t, "does not end on 2020-12-31 after all", row(t, r, "todo", stillToCome, "A0009")["Change"].Text)
	require.Equal(t, []string{
		"What a later release of this report took back or said anew is not told here, but in the sections below.",
	}, r.Section("todo").Intro)

	yours := r.Section("yours").Tables[0]
	require.Equal(t, []string{"A0001", "A0003", "A0001", "A0003"}, codesIn(r, "yours", ""))
	require.Equal(t, "discontinued, last day 2020-03-31; taken back or said anew by a later release", yours.Rows[2].Cells[2].Text)
	require.Equal(t, "re-activated", yours.Rows[0].Cells[2].Text)

	one := on(t, published, "2020Q2r1")
	require.Equal(t, []string{"A0003", "A0001", "A0002", "A0009"}, codesIn(one, "todo", stopBilling), "as was so at the time")
}

// What CMS declares of another description is told as it is.
func TestWhyTheMeaningMayBeAnother(t *testing.T) {
	other := func(name, action string) edit {
		return code(name, action, "2020-04-01", transform.LongDescription, "Bicycles and umbrellas for rent in the park")
	}
	names := []string{"A0001", "A0002", "A0003", "A0004", "A0005"}
	s := series{}
	var first []edit
	for _, name := range names {
		first = append(first, code(name, "N", "2010-01-01"))
	}
	s.release(t, "2020Q1", first...)
	s.release(t, "2020Q2", other("A0001", "C"), other("A0002", "N"), other("A0003", ""), other("A0004", "P"), other("A0005", "B"))
	s.release(t, "2020Q4", code("A0002", "N", "2020-10-01", transform.LongDescription, "Lanterns, one of each colour"))
	published := s.publish(t)
	r := on(t, published, "2020Q2r1")
	var why []string
	for _, name := range names {
		why = append(why, row(t, r, "todo", checkMeaning, name)["Why"].Text)
	}
	require.Equal(t, []string{
		"another description, declared as a plain change",
		"another description, and CMS declares nothing",
		"another description, and CMS declares nothing",
		"another description, while CMS declares P, payment field changed",
		"another description, declared as a plain change",
	}, why)
	require.Equal(t, "another description", row(t, on(t, published, "2020Q4r1"), "todo", checkMeaning, "A0002")["Why"].Text, "after a gap")
}

// A code of the reader's that CMS left out releases ago is not passed over.
func TestYourCodesLeftOutBefore(t *testing.T) {
	s := series{}
	s.release(t, "2019Q1", code("A0001", "N", ""), code("A0002", "N", ""), code("A0003", "N", "", transform.TerminationDate, "2018-12-31"),
		code("A0004", "N", "", transform.TerminationDate, "2022-12-31"))
	s.release(t, "2020Q1", leftOut("A0001"))
	s.release(t, "2020Q2", leftOut("A0003"), leftOut("A0004"))
	s.release(t, "2020Q3")
	published := s.publish(t)
	on := func(name string) *report.Report {
		return build(t, published, report.On(id(t, name)), "A0001", "A0002", "A0003", "A0004", "A0009")
	}
	r := on("2020Q3")
	require.Equal(t, []string{"A0001", "A0004"}, codesIn(r, "yours", "On your list, and left out before"))
	require.Equal(t, "2020Q1r1", row(t, r, "yours", "On your list, and left out before", "A0001")["In no file since"].Text)
	require.Equal(t, "2020Q2r1", row(t, r, "yours", "On your list, and left out before", "A0004")["In no file since"].Text, "its end is still to come")
	require.Equal(t, "2022-12-31", row(t, r, "yours", "On your list, and left out before", "A0004")["Last day said before"].Date.String())
	require.Equal(t, "Those with a last day were to end then.", tableOf(t, r, "yours", "On your list, and left out before").Intro[1])
	require.Equal(t, []string{"A0003"}, codesIn(r, "yours", "On your list, and ended before"))
	require.Equal(t, []string{"No change touches your list.", "On your list, and in none of CMS's files: A0009."}, r.Section("yours").Intro)
	require.Empty(t, codesIn(on("2020Q1"), "yours", "On your list, and left out before"), "it is among the changes")
}

// Where a release came in late together with a new one, those between them have a
// say as well, though the report is not about them.
func TestWhatAReleaseBetweenTookBackIsNotToBeDone(t *testing.T) {
	const end = transform.TerminationDate
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", ""), code("A0002", "N", ""), code("A0003", "N", ""), code("A0004", "N", ""), code("A0005", "N", ""),
		code("A0006", "N", "", end, "2019-12-31"), code("A0007", "N", ""))
	s.release(t, "2020Q2",
		code("A0001", "D", "2020-04-01", end, "2020-03-31"), // taken back
		code("A0002", "D", "2020-03-01", end, "2020-02-29"), // moved
		code("A0003", "P", "2020-02-01", transform.PricingIndicators, "11"),
		leftOut("A0004"),
		code("A0005", "D", "2020-04-01", end, "2020-03-31"), // stays
		code("A0006", "N", "", end, "2020-01-31"),           // moved on
		leftOut("A0007"))
	s.release(t, "2020Q3",
		code("A0001", "N", "2010-01-01", end, ""),
		code("A0002", "N", "2020-07-01", end, "2020-06-30"),
		code("A0003", "P", "2020-02-01", transform.PricingIndicators, ""),
		code("A0004", "N", ""))
	s.release(t, "2020Q4", code("A0006", "N", "", end, "2020-02-29"), code("A0009", "A", "2020-10-01", transform.CodeAddedDate, "2020-10-01"))
	published := s.publish(t)
	r := on(t, published, "2020Q2r1", "2020Q4r1")
	require.Equal(t, []string{"A0006", "A0005"}, codesIn(r, "todo", stopBilling))
	require.Equal(t, []string{"A0006"}, codesIn(r, "todo", reachingBack))
	require.Equal(t, []string{"A0007"}, codesIn(r, "absent", "Left out without an end"))
	require.Equal(t, []string{"A0004"}, codesIn(r, "absent", "Left out, and listed again since"))
	require.Equal(t, "What a later release took back or said anew is not told here, but in the sections below.", r.Section("todo").Intro[0])
	require.Equal(t, 3, r.Counts.Discontinued, "what a release between changed is not counted")

	require.Equal(t, []string{"A0002", "A0001", "A0005"}, codesIn(on(t, published, "2020Q2r1"), "todo", stopBilling)[1:], "of that release alone")
}

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

// An end that moves within the time to come, or into it, is an end still.
func TestWhatIsStillToCome(t *testing.T) {
	const end = transform.TerminationDate
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", "", end, "2020-09-30"), code("A0002", "N", "", end, "2020-01-31"), code("A0003", "N", ""),
		code("A0004", "N", ""), code("A0005", "N", ""), code("A0006", "N", "", end, "2020-12-31"))
	s.release(t, "2020Q2", leftOut("A0004"))
	s.release(t, "2020Q3",
		code("A0001", "N", "", end, "2020-12-31"),
		code("A0002", "N", "", end, "2020-11-30"),
		code("A0003", "D", "2020-11-01", end, "2020-10-31"),
		code("A0004", "D", "2020-11-01", end, "2020-10-31"),
		code("A0005", "P", "2020-10-01", transform.PricingIndicators, "11"))
	r := on(t, s.publish(t), "2020Q3r1")
	said := map[string]string{}
	for _, name := range codesIn(r, "todo", stillToCome) {
		said[name] = row(t, r, "todo", stillToCome, name)["Change"].Text
	}
	require.Equal(t, map[string]string{
		"A0001": "ends on 2020-12-31", "A0002": "ends on 2020-11-30", "A0003": "discontinued", "A0004": "ends on 2020-10-31", "A0005": "revised",
	}, said)
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

// What to bill instead is the same wherever the report says it, also where a later
// release of it names another code, or ends the one that was named.
func TestWhatToBillInsteadIsSaidOnce(t *testing.T) {
	const end, references = transform.TerminationDate, transform.CrossReferences
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", ""), code("A0002", "N", ""), code("A0003", "N", ""), code("A0007", "N", ""), code("A0008", "N", ""), code("A0009", "N", ""))
	s.release(t, "2020Q2",
		code("A0001", "D", "2020-04-01", end, "2020-03-31", references, "A0007"),
		code("A0002", "D", "2020-04-01", end, "2020-03-31", references, "A0008"),
		code("A0003", "D", "2020-02-01", end, "2020-01-31", references, "A0008"))
	s.release(t, "2020Q3",
		code("A0001", "F", "2020-07-01", references, "A0009"),
		code("A0008", "D", "2020-07-01", end, "2020-06-30", references, "A0009"),
		code("A0003", "R", "2020-07-01", end, "", references, ""))
	published := s.publish(t)
	scope := report.OnSeveral([]release.ID{id(t, "2020Q2"), id(t, "2020Q3")})
	r := build(t, published, scope, "A0001", "A0002", "A0003")
	said := map[string][]string{}
	for _, at := range [][2]string{{"todo", stopBilling}, {"yours", ""}, {"discontinued", ""}} {
		table := tableOf(t, r, at[0], at[1])
		column := slices.IndexFunc(table.Columns, func(c report.Column) bool { return c.Title == "Bill instead" })
		for _, line := range table.Rows {
			if instead := running(line.Cells[column].Inline()); instead != "" && !slices.Contains(said[line.Code], instead) {
				said[line.Code] = append(said[line.Code], instead)
			}
		}
	}
	require.Equal(t, map[string][]string{
		"A0001": {"A0009"}, "A0002": {"A0009 (by way of A0008, also ended)"}, "A0003": {"A0009 (by way of A0008, also ended)"}, "A0008": {"A0009"},
	}, said)
	require.Equal(t, "A0008", running(row(t, build(t, published, report.On(id(t, "2020Q2"))), "discontinued", "", "A0002")["Bill instead"].Inline()), "as of that release")
}

// The way to what is billed today goes on over codes that CMS has dropped since
// they ended.
func TestWhatToBillInsteadOfDroppedCodes(t *testing.T) {
	const end, references = transform.TerminationDate, transform.CrossReferences
	s := series{}
	s.release(t, "2018Q1",
		code("A0001", "N", "", end, "2017-12-31", references, "A0008"), code("A0002", "N", "", end, "2017-12-31", references, "A0007"),
		code("A0003", "N", "", end, "2017-12-31", references, "A0006"),
		code("A0006", "N", ""), code("A0007", "N", "", end, "2016-12-31"), code("A0008", "N", "", end, "2016-12-31", references, "A0009"), code("A0009", "N", ""))
	s.release(t, "2019Q1", leftOut("A0006"), leftOut("A0007"), leftOut("A0008"))
	r := build(t, s.publish(t), report.On(id(t, "2019Q1")), "A0001", "A0002", "A0003")
	said := map[string]string{}
	for _, name := range codesIn(r, "yours", "On your list, and ended before") {
		said[name] = running(row(t, r, "yours", "On your list, and ended before", name)["Bill instead"].Inline())
	}
	require.Equal(t, map[string]string{
		"A0001": "A0009 (by way of A0008, also ended)",
		"A0002": "A0007 (ended itself on 2016-12-31)",
		"A0003": "A0006 (not in this release)",
	}, said)
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

// A code whose first day moved to a day to come is not valid until then, and what
// moved is said as such.
func TestFirstDayThatMoved(t *testing.T) {
	const added = transform.CodeAddedDate
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", "", added, "2020-01-01"), code("A0002", "N", "", added, "2020-07-01"), code("A0003", "N", "", added, "2020-01-01"),
		code("A0004", "N", ""))
	s.release(t, "2020Q2", code("A0001", "F", "2020-07-01", added, "2020-07-01"), code("A0002", "F", "2020-10-01", added, "2020-10-01"),
		code("A0003", "F", "2019-11-15", added, "2019-11-15"), code("A0004", "F", "2020-07-01", transform.CoverageCode, "M"))
	r := build(t, s.publish(t), report.On(id(t, "2020Q2")), "A")
	said, yours := map[string]string{}, map[string]string{}
	for _, name := range codesIn(r, "todo", stillToCome) {
		said[name] = row(t, r, "todo", stillToCome, name)["Change"].Text
	}
	for _, name := range codesIn(r, "yours", "") {
		yours[name] = row(t, r, "yours", "", name)["Change"].Text
	}
	require.Equal(t, map[string]string{
		"A0001": "valid from 2020-07-01, and not from 2020-01-01", "A0002": "valid from 2020-10-01, and not from 2020-07-01", "A0004": "revised",
	}, said)
	require.Equal(t, []string{
		"These take effect after the quarter of the release; until then what was said before holds.", "A code whose first day moved is not valid before that day.",
	}, tableOf(t, r, "todo", stillToCome).Intro)
	const revised = "revised: coverage or administrative field"
	require.Equal(t, map[string]string{
		"A0001": revised + ", valid from 2020-07-01, and not from 2020-01-01", "A0002": revised + ", valid from 2020-10-01, and not from 2020-07-01",
		"A0003": revised + ", valid from 2019-11-15, and not from 2020-01-01", "A0004": revised,
	}, yours)
}

// A code that is re-activated may mean something else than when it ended, though its
// first day stands.
func TestReactivatedCodeThatMayMeanOther(t *testing.T) {
	const end, long = transform.TerminationDate, transform.LongDescription
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", "", end, "2019-12-31"), code("A0002", "N", "", end, "2019-12-31"), code("A0003", "N", ""))
	s.release(t, "2020Q2",
		code("A0001", "R", "2020-04-01", end, "", long, "Bicycles and umbrellas for rent in the park", transform.ShortDescription, "Bicycles"),
		code("A0002", "R", "2020-04-01", end, "", long, "Something carried for all who need it, item A0002"))
	r := on(t, s.publish(t), "2020Q2r1")
	require.Equal(t, []string{"A0001"}, codesIn(r, "todo", checkMeaning))
	cells := row(t, r, "todo", checkMeaning, "A0001")
	require.Equal(t, "Carried A0001", cells["Meant"].Text)
	require.Equal(t, "Bicycles", cells["Now says"].Text)
	require.Equal(t, "2020-04-01", cells["From"].Date.String())
	require.Equal(t, "another description, while CMS declares R, active again after a discontinuation", cells["Why"].Text)
	require.Equal(t, []string{"A0001", "A0002"}, codesIn(r, "reactivated", ""))
	require.Equal(t, "Descriptions changed only of codes that were reused, re-activated, ended or are back in the file; they stand there.", r.Section("descriptions").Empty)
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

// That a code was left out without an end calls for something as well.
func TestCodesLeftOutAreSaidUnderWhatToDo(t *testing.T) {
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", ""), code("A0002", "N", ""), code("A0003", "N", ""), code("A0004", "N", "", transform.TerminationDate, "2019-12-31"))
	s.release(t, "2020Q2", leftOut("A0001"), leftOut("A0004"))
	s.release(t, "2020Q3", leftOut("A0002"), code("A0001", "N", ""))
	s.release(t, "2020Q4", leftOut("A0002"), leftOut("A0003"), leftOut("A0001"))
	published := s.publish(t)
	for name, test := range map[string]struct {
		report *report.Report
		want   []string
	}{
		"one":                {on(t, published, "2020Q2r1"), []string{"1 code was left out without an end: ask the payer before billing or refusing it. Which, is said further down."}},
		"two":                {on(t, published, "2020Q4r1"), []string{"2 codes were left out without an end: ask the payer before billing or refusing one. Which, is said further down."}},
		"listed again since": {on(t, published, "2020Q2r1", "2020Q3r1"), []string{"1 code was left out without an end: ask the payer before billing or refusing it. Which, is said further down."}},
	} {
		todo := test.report.Section("todo")
		require.Equal(t, "Nothing needs to be done at once: no code was discontinued, no code has a new meaning, nothing reaches back and nothing is still to come.", todo.Empty, name)
		require.Equal(t, test.want, todo.Intro[len(todo.Intro)-1:], name)
	}
}
