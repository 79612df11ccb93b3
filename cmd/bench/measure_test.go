package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

func TestMeasure(t *testing.T) {
	t.Parallel()
	taken, out, err := measure(context.Background(), "sh", "-c", "echo done; echo aside >&2")
	require.NoError(t, err)
	require.Equal(t, "done\n", out)
	require.Positive(t, taken.wall)
	require.Greater(t, taken.peak, int64(100_000), "bytes, not kilobytes")

	_, _, err = measure(context.Background(), "sh", "-c", "echo what is wrong >&2; exit 3")
	require.ErrorContains(t, err, "exit status 3: what is wrong")
}

// TestClonedData: a copy of a data folder can be written to without touching the
// first, and shares the archive.
func TestClonedData(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	from, to := filepath.Join(folder, "from"), filepath.Join(folder, "to")
	archived, database := filepath.Join("archive", "2020Q1", "r1.zip"), "warehouse.duckdb"
	require.NoError(t, os.MkdirAll(filepath.Join(from, "archive", "2020Q1"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(from, archived), []byte("zip"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(from, database), []byte("rows"), 0o644))
	require.NoError(t, os.MkdirAll(filepath.Join(to, "left behind"), 0o755))

	require.NoError(t, cloneData(from, to))
	require.NoDirExists(t, filepath.Join(to, "left behind"))
	for name, shared := range map[string]bool{archived: true, database: false} {
		first, err := os.Stat(filepath.Join(from, name))
		require.NoError(t, err)
		second, err := os.Stat(filepath.Join(to, name))
		require.NoError(t, err)
		require.Equal(t, shared, os.SameFile(first, second), name)
		require.Equal(t, first.Size(), second.Size(), name)
	}
}

// TestGenerated writes two quarters of CMS's size and a few claim lines (~1 s).
func TestGenerated(t *testing.T) {
	t.Parallel()
	h := &history{folder: t.TempDir()}
	arguments := []string{h.folder, "2", "500"}
	require.NoError(t, generate(arguments))
	h.name(2)
	require.True(t, h.isWhole(500))
	require.False(t, h.isWhole(501), "other claim lines are another file")
	_, err := unzip(h.first(2))
	require.NoError(t, err)
	_, err = unzip([]zipped{{h.release(0).archive, "another.txt"}})
	require.ErrorContains(t, err, h.release(0).archive)

	file, err := os.Open(h.claims(500))
	require.NoError(t, err)
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.NoError(t, file.Close())
	require.Len(t, rows, 501)

	before, err := os.Stat(h.release(1).archive)
	require.NoError(t, err)
	require.NoError(t, generate(arguments))
	after, err := os.Stat(h.release(1).archive)
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after), "what is there is not written again")

	require.NoError(t, lay(filepath.Join(h.folder, "source"), h.first(2)))
	entries, err := os.ReadDir(filepath.Join(h.folder, "source"))
	require.NoError(t, err)
	require.Len(t, entries, 2)

	require.ErrorContains(t, generate([]string{h.folder}), "wants a folder")

	below := t.TempDir()
	for _, name := range []string{"generated-1", "generated-2", "work"} {
		require.NoError(t, os.Mkdir(filepath.Join(below, name), 0o755))
	}
	require.NoError(t, removeOthers(below, filepath.Join(below, "generated-2")))
	require.NoDirExists(t, filepath.Join(below, "generated-1"))
	require.DirExists(t, filepath.Join(below, "generated-2"))
	require.DirExists(t, filepath.Join(below, "work"))
}

// TestPandasDoesTheWork holds the pandas script, by both readers, against the
// generator's own list of changes (~2 s).
func TestPandasDoesTheWork(t *testing.T) {
	t.Parallel()
	python, why := findPandas(context.Background())
	if why != "" {
		t.Skip(why)
	}
	folder := t.TempDir()
	rates := cmstest.RealisticRates()
	rates.Republish = 0
	made := cmstest.Generate(cmstest.Options{Seed: 3, Codes: 400, Quarters: 4, ChangesPerQuarter: 80, Rates: rates})
	var expected work
	var arguments []string
	for i := range made.Releases {
		one := &made.Releases[i]
		path := filepath.Join(folder, fmt.Sprintf("%d.zip", i))
		content := one.ZIP(cmstest.ZIPOptions{TXT: cmstest.TXTOptions{Preamble: cmstest.Disclaimer(11)}})
		require.NoError(t, os.WriteFile(path, content, 0o644))
		arguments = append(arguments, path, cmstest.MainFileName(one.ID.Quarter, 1)+".txt")
		expected.Records = append(expected.Records, len(one.Codes))
		if i == 0 {
			continue
		}
		fields := 0
		for _, change := range made.Changes {
			if change.Release == one.ID && change.Field != "" && change.Kind != cmstest.DateOnly {
				fields++
			}
		}
		require.Positive(t, fields)
		expected.Differences = append(expected.Differences, fields)
	}
	for _, reader := range []string{"fwf", "slices"} {
		_, out, err := measure(context.Background(), python, append([]string{"pandas/compare.py", reader}, arguments...)...)
		require.NoError(t, err)
		done, err := readWork(out)
		require.NoError(t, err)
		require.Empty(t, expected.differenceFrom(done), reader)
	}
}

func TestWorkIsHeldAgainstWork(t *testing.T) {
	t.Parallel()
	theirs, err := readWork(`{"records": [10, 12, 11], "differences": [3, 0]}`)
	require.NoError(t, err)
	ours, err := readOwnWork("records,differences\n10,0\n12,3\n11,0\n")
	require.NoError(t, err)
	require.Empty(t, ours.differenceFrom(theirs))
	require.Equal(t, "3 releases, 33 records, 3 fields that differ between neighbours", ours.String())

	for _, example := range []struct{ out, says string }{
		{`{"records": [10, 12], "differences": [3]}`, "3 releases against 2"},
		{`{"records": [10, 13, 11], "differences": [3, 0]}`, "12 records in release 2 against 13"},
		{`{"records": [10, 12, 11], "differences": [3, 1]}`, "0 fields differ between releases 2 and 3 against 1"},
	} {
		other, err := readWork(example.out)
		require.NoError(t, err)
		require.Equal(t, example.says, ours.differenceFrom(other))
	}
	_, err = readWork("Traceback")
	require.ErrorContains(t, err, "what pandas found")
	_, err = readOwnWork("records,differences\nmany,0\n")
	require.ErrorContains(t, err, "what the program found")
}

func TestNamesOfStages(t *testing.T) {
	t.Parallel()
	require.Equal(t, "CodesAsOf/known=now/quarters=10", quartersLast("CodesAsOf/quarters=10/known=now", ""))
	require.Equal(t, "Write/what=tables/releases=annual", quartersLast("Write/quarters=4/what=tables", "/releases=annual"))
}

func TestOptions(t *testing.T) {
	t.Parallel()
	full, err := readOptions(nil, &bytes.Buffer{})
	require.NoError(t, err)
	require.Equal(t, []int{10, 40, 100}, full.quarters)
	require.Equal(t, 100, full.longest())
	require.Equal(t, 1_000_000, full.lines)
	short, err := readOptions([]string{"-short", "-rounds", "7"}, &bytes.Buffer{})
	require.NoError(t, err)
	require.Equal(t, []int{3, 10}, short.quarters)
	require.Equal(t, 7, short.rounds)

	for _, example := range []struct {
		arguments []string
		says      string
	}{
		{[]string{"-short", "-update"}, "-update wants the full form"},
		{[]string{"-quarters", "3", "-update"}, "-update wants the full form"},
		{[]string{"-lines", "10", "-update"}, "-update wants the full form"},
		{[]string{"-quarters", "10,many"}, `"many" is no number of quarters`},
		{[]string{"-quarters", "0"}, `"0" is no number of quarters`},
		{[]string{"-rounds", "-1"}, "start at 1"},
		{[]string{"everything"}, `"everything" is no flag`},
	} {
		_, err := readOptions(example.arguments, &bytes.Buffer{})
		require.ErrorContains(t, err, example.says)
	}
}

func TestMachine(t *testing.T) {
	t.Parallel()
	require.Contains(t, machine(), "cores")
	require.Equal(t, "AMD EPYC 9000", valueOf("processor\t: 0\nmodel name\t: AMD EPYC  9000 \nmodel name\t: another\n", "model name"))
	require.Empty(t, valueOf("processor\t: 0\n", "model name"))
}
