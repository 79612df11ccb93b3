package load

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// TestCompareTransactionReports: a transaction report is held against the main file
// of its release, and one that came by itself against the latest revision of its
// quarter; each of two lines of a code counts, and a blank action code is N.
func TestCompareTransactionReports(t *testing.T) {
	ctx := context.Background()
	w := openTestWarehouse(t, inMemory)
	defer func() { require.NoError(t, w.Close()) }()
	path := filepath.Join(t.TempDir(), "hcpcs.duckdb")
	first := cmstest.SampleHistory().Releases[0]
	actions := []string{"N", "C", "A", "D", "C", ""}
	var codes []string
	for _, revision := range []int{1, 2} {
		first.ID.Revision = revision
		row, file := fileOf(t, &first)
		file.Records, codes = file.Records[:len(actions)], nil
		for i := range file.Records {
			file.Records[i].ActionCode = actions[i]
			codes = append(codes, file.Records[i].Code)
		}
		if revision == 2 {
			file.Records[0].ActionCode = "P"
		}
		row.SHA256 = file.Name + "of" + row.ID.String()
		_, err := w.Load(ctx, row, file)
		require.NoError(t, err)
	}
	require.NoError(t, w.Publish(ctx, path, nil))
	id := func(revision int) release.ID { return release.ID{Quarter: first.ID.Quarter, Revision: revision} }

	check, differences, err := w.CompareTransactionReports(ctx, path)
	require.NoError(t, err)
	require.Zero(t, check.Checked, "no report was taken")
	require.Empty(t, differences)

	lines := []transform.TransactionLine{
		{Code: codes[4], Label: "Long Description Change", ActionCode: "C"}, {Code: codes[4], Label: "No Change", ActionCode: "N"},
		{Code: "Z9999", Label: "ADD", ActionCode: "A"}, {Code: codes[0], Label: "No Change", ActionCode: "N"},
		{Code: codes[1], Label: "Payment Change", ActionCode: "P"}, {Code: codes[3], Label: "Moved"},
		{Code: codes[5], Label: "No Change", ActionCode: "N"},
	}
	require.NoError(t, w.TakeReport(ctx, &Companion{File: "with.xlsx", Quarter: first.ID.Quarter, Release: id(1), Transactions: lines}))
	require.NoError(t, w.TakeReport(ctx, &Companion{File: "alone.xlsx", Quarter: first.ID.Quarter, Transactions: lines}))
	check, differences, err = w.CompareTransactionReports(ctx, path)
	require.NoError(t, err)
	require.Equal(t, 2*len(lines), check.Checked)
	require.Zero(t, check.Failed)
	of := func(revision int, file string) func(code, what string) Difference {
		return func(code, what string) Difference { return Difference{id(revision).String(), file, code, what} }
	}
	with, alone := of(1, "with.xlsx"), of(2, "alone.xlsx")
	require.ElementsMatch(t, []Difference{
		with(codes[1], `is P in the report ("Payment Change") and C in the file`),
		with(codes[2], "is only in the file, as A"),
		with("Z9999", `is only in the report, as "ADD"`),
		with(codes[3], `has an unknown label in the report: "Moved"`),
		with(codes[4], `is N in the report ("No Change") and C in the file`),
		alone(codes[0], `is N in the report ("No Change") and P in the file`),
		alone(codes[1], `is P in the report ("Payment Change") and C in the file`),
		alone(codes[2], "is only in the file, as A"),
		alone("Z9999", `is only in the report, as "ADD"`),
		alone(codes[3], `has an unknown label in the report: "Moved"`),
		alone(codes[4], `is N in the report ("No Change") and C in the file`),
	}, differences)
}
