package report

import (
	"testing"

	"github.com/stretchr/testify/require"

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
