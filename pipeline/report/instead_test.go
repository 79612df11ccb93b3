package report_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

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
