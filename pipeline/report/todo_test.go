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
