package report

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// A table of more dates than a page shows is summed up by year; the dates stand
// whole in the workbook. Twenty years of releases have thousands of them.
func TestManyDatesAreSummedUpByYear(t *testing.T) {
	table := Table{Columns: []Column{
		{Title: "From", Kind: DateCell}, {Title: "Added", Kind: NumberCell}, {Title: "Codes", Kind: InlineCell}, {Title: "Ended", Kind: NumberCell},
	}}
	row := func(date transform.Date, added, ended int) {
		table.Rows = append(table.Rows, Row{Cells: []Cell{dateCell(date, ""), numberCell(added), inlineCell(nil), numberCell(ended)}})
	}
	row(transform.NoDate, 1, 0)
	first := transform.ParseDate("2020-12-31")
	for day := range transform.Date(MaxRows) {
		row(first+day, 2, 1)
	}
	table.limit(&material{})
	require.Zero(t, table.Shown)
	require.NotNil(t, table.Summary)
	require.Equal(t, []Column{{Title: "Year"}, table.Columns[1], table.Columns[3]}, table.Summary.Columns)
	require.Equal(t, []Row{
		{Cells: []Cell{textCell("no date"), numberCell(1), numberCell(0)}},
		{Cells: []Cell{textCell("2020"), numberCell(2), numberCell(1)}},
		{Cells: []Cell{textCell("2021"), numberCell(2 * (MaxRows - 1)), numberCell(MaxRows - 1)}},
	}, table.Summary.Rows)
	require.Equal(t, 3, table.Summary.Shown)
}

// Of a long table on several releases the rows of the latest are shown, where all of
// them stand first: of one that is sorted otherwise, some would pass for all.
func TestRowsOfTheLatestReleaseAreShownWhole(t *testing.T) {
	latest, before := release.ID{Quarter: release.Quarter{Year: 2020, Number: 3}, Revision: 1}, release.ID{Quarter: release.Quarter{Year: 2020, Number: 2}, Revision: 1}
	m := &material{releases: []load.Release{{ID: before}, {ID: latest}}}
	for name, test := range map[string]struct {
		first, then, last int // rows of the latest, of the one before, of the latest again
		shown             int
	}{
		"first":          {5, MaxRows, 0, 5},
		"not first":      {0, MaxRows, 5, 0},
		"some first":     {5, MaxRows, 1, 0},
		"too many":       {MaxRows + 1, 1, 0, 0},
		"a short table":  {5, 5, 5, 15},
		"not among them": {0, MaxRows + 1, 0, 0},
	} {
		table := Table{Columns: []Column{releaseColumn, codeColumn}}
		add := func(id release.ID, rows int) {
			for range rows {
				table.Rows = append(table.Rows, Row{Code: "A0001", Cells: []Cell{textCell(id.String()), codeCell("A0001")}})
			}
		}
		add(latest, test.first)
		add(before, test.then)
		add(latest, test.last)
		table.limit(m)
		require.Equal(t, test.shown, table.Shown, name)
		require.Equal(t, len(table.Rows) > MaxRows, table.Summary != nil, name)
	}
}
