package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	require.Equal(t, 2.0, sample{3, 1, 2}.median())
	require.Equal(t, 2.5, sample{4, 1, 2, 3}.median())
	require.Equal(t, 7.0, sample{7}.median())
	require.Zero(t, sample{}.median())
	unsorted := sample{3, 1, 2}
	unsorted.median()
	require.Equal(t, sample{3, 1, 2}, unsorted, "the order of the rounds stays")
}

// TestFiguresAreReadAsWritten: what is committed comes back, values with fewer
// rounds than others too.
func TestFiguresAreReadAsWritten(t *testing.T) {
	t.Parallel()
	written := newFigures(about{"machine", "a machine, 2 cores"}, about{"commit", "abc1234"})
	for _, value := range []float64{1.5, 0.000123456789, 40} {
		written.add("Backfill/quarters=10", seconds, value)
	}
	written.add("Backfill/quarters=10", peakMemory, 260_000_000)
	written.add("Write/what=tables/quarters=10", fileBytes, 8_925_184)
	written.add("Write/what=tables/quarters=10", relative, 2.25)

	var text bytes.Buffer
	require.NoError(t, written.write(&text))
	require.Equal(t, `machine: a machine, 2 cores
commit: abc1234

BenchmarkBackfill/quarters=10 1 1.5 sec/op 2.6e+08 peak-RSS-bytes
BenchmarkBackfill/quarters=10 1 0.000123456789 sec/op
BenchmarkBackfill/quarters=10 1 40 sec/op
BenchmarkWrite/what=tables/quarters=10 1 8.925184e+06 file-bytes 2.25 x-unzip
`, text.String())
	read, err := readFigures(&text, "figures.txt")
	require.NoError(t, err)
	require.Equal(t, written, read)
	require.Equal(t, "abc1234", read.get("commit"))
	require.Empty(t, read.get("weather"))
}

// TestFiguresOfGoTest: nanoseconds become seconds, and the number of cores is no
// part of a name.
func TestFiguresOfGoTest(t *testing.T) {
	t.Parallel()
	read, err := readFigures(strings.NewReader(`goos: linux
pkg: example.org/load
BenchmarkCodesAsOf/quarters=3/known=now-2         	      10	 24962122 ns/op
BenchmarkPublishStage/quarters=3-2                	       1	4397019650 ns/op	   8925184 file-bytes
PASS
`), "a benchmark")
	require.NoError(t, err)
	require.Equal(t, []string{"CodesAsOf/quarters=3/known=now", "PublishStage/quarters=3"}, read.names)
	require.InDelta(t, 0.024962122, read.of("CodesAsOf/quarters=3/known=now", seconds).median(), 1e-12)
	require.Equal(t, sample{8925184}, read.of("PublishStage/quarters=3", fileBytes))
}

func TestFiguresThatAreNone(t *testing.T) {
	t.Parallel()
	_, err := readFigures(strings.NewReader("BenchmarkBackfill 1 fast sec/op\n"), "figures.txt")
	require.ErrorContains(t, err, "reading figures")
	require.ErrorContains(t, err, "figures.txt:1")
}

func figuresWith(name, unit string, values ...float64) *figures {
	f := newFigures()
	for _, value := range values {
		f.add(name, unit, value)
	}
	return f
}

func TestMoved(t *testing.T) {
	t.Parallel()
	for name, example := range map[string]struct {
		unit    string
		was, is []float64
		moved   bool
	}{
		"slower":                         {relative, []float64{1.0, 1.1, 1.2}, []float64{1.5, 1.6, 1.7}, true},
		"faster":                         {relative, []float64{1.0, 1.1, 1.2}, []float64{0.5, 0.6, 0.7}, true},
		"slower, yet within the noise":   {relative, []float64{1.0, 1.1, 1.6}, []float64{1.5, 1.6, 1.7}, false},
		"faster, yet within the noise":   {relative, []float64{0.7, 1.1, 1.2}, []float64{0.5, 0.6, 0.7}, false},
		"apart, yet by little":           {relative, []float64{1.00, 1.01, 1.02}, []float64{1.03, 1.04, 1.05}, false},
		"seconds say nothing":            {seconds, []float64{1, 1, 1}, []float64{9, 9, 9}, false},
		"more memory":                    {peakMemory, []float64{200e6, 210e6}, []float64{260e6, 270e6}, true},
		"a size moves by less than that": {fileBytes, []float64{10e6}, []float64{10.3e6}, true},
		"but not by nothing":             {fileBytes, []float64{10e6}, []float64{10.1e6}, false},
		"not measured before":            {relative, nil, []float64{9}, false},
		"not measured now":               {relative, []float64{9}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := figuresWith("Add/quarters=10", example.unit, example.is...)
			now.add("Another", seconds, 1)
			all := compareFigures(figuresWith("Add/quarters=10", example.unit, example.was...), now)
			if !example.moved {
				require.Empty(t, all)
				return
			}
			require.Equal(t, []moved{{"Add/quarters=10", example.unit, sample(example.was).median(), sample(example.is).median()}}, all)
		})
	}
}

func TestMovesInWords(t *testing.T) {
	t.Parallel()
	committed := figuresWith("Add/quarters=10", relative, 1.0, 1.1, 1.2)
	committed.about = []about{{"machine", "the old one"}, {"commit", "abc1234"}}
	now := figuresWith("Add/quarters=10", relative, 2.1, 2.2, 2.3)
	now.about = []about{{"machine", "the new one"}}
	now.add("Show/quarters=10", relative, 1)
	require.Equal(t, `Against the committed figures (abc1234, the old one):
They were measured on another machine than this one (the new one): disks and cores differ, read with care.
- Add/quarters=10: time +100%, from 1.1 to 2.2
1 of the 2 names measured are not among them: they are of another form, or new.
`, describeMoves(committed, now))
	require.Equal(t, `Against the committed figures (abc1234, the old one):
Nothing moved by more than noise.
`, describeMoves(committed, committed))
}

func TestGoals(t *testing.T) {
	t.Parallel()
	f := figuresWith("Backfill", seconds, 4, 6, 5)
	f.add("Unzip", seconds, 1)
	f.add("Write", seconds, 1)
	f.add("Pandas", seconds, 20)
	f.add("Backfill", peakMemory, 401e6)
	for name, example := range map[string]struct {
		goal   goal
		result float64
		met    bool
		text   string
	}{
		"a quotient of sums": {goal{limit: 3, over: timeOf("Backfill"), under: timeOf("Unzip", "Write")}, 2.5, true, "2.50"},
		"one that is missed": {goal{limit: 2, over: timeOf("Backfill"), under: timeOf("Unzip", "Write")}, 2.5, false, "2.50"},
		"times faster":       {goal{limit: 4, faster: true, over: timeOf("Backfill"), under: timeOf("Pandas")}, 4, true, "4.00"},
		"not so much faster": {goal{limit: 5, faster: true, over: timeOf("Backfill"), under: timeOf("Pandas")}, 4, false, "4.00"},
		"a time":             {goal{limit: 5, over: timeOf("Backfill")}, 5, true, "5.00 s"},
		"memory":             {goal{limit: 400e6, over: []figure{{"Backfill", peakMemory}}}, 401e6, false, "401.0 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, ok := example.goal.result(f)
			require.True(t, ok)
			require.InDelta(t, example.result, result, 1e-9)
			require.Equal(t, example.met, example.goal.isMet(result))
			require.Equal(t, example.text, example.goal.written(result))
		})
	}
	for _, unmeasured := range []goal{{over: timeOf("Show")}, {over: timeOf("Backfill"), under: timeOf("Unzip", "Show")}, {over: timeOf("Show"), under: timeOf("Unzip")}} {
		_, ok := unmeasured.result(f)
		require.False(t, ok)
	}
}

// TestGoalsAreMeasured: each goal is about names that the full form measures.
func TestGoalsAreMeasured(t *testing.T) {
	t.Parallel()
	f := newFigures()
	for _, line := range lines {
		for _, suffix := range []string{"/releases=annual", "/quarters=10", "/quarters=40", "/quarters=100"} {
			f.add(line.name+suffix, line.unit, 1)
		}
	}
	table, left := goalsTable(f)
	require.Zero(t, left)
	require.Equal(t, len(goals), table.Length())
	_, left = goalsTable(newFigures())
	require.Equal(t, len(goals), left)
}

// TestCommittedMemoryMeetsTheGoals: what is committed of memory and sizes, which hardly
// depend on how busy a machine is, meets every goal.
func TestCommittedMemoryMeetsTheGoals(t *testing.T) {
	t.Parallel()
	committed, err := readFiguresFile(filepath.Base(committedFigures))
	require.NoError(t, err)
	held := 0
	for i := range goals {
		g := &goals[i]
		if g.over[0].unit == seconds {
			continue
		}
		result, measured := g.result(committed)
		require.True(t, measured, g.what)
		require.True(t, g.isMet(result), "%s: %s", g.what, g.written(result))
		held++
	}
	require.Equal(t, 7, held)
}

func TestSpeedSection(t *testing.T) {
	t.Parallel()
	f := figuresWith("Backfill/quarters=40", seconds, 2, 3, 4)
	f.about = []about{{"machine", "a machine, 2 cores"}, {"commit", "abc1234"}}
	f.add("Unzip/quarters=40", seconds, 0.5)
	f.add("Write/what=tables/quarters=40", seconds, 0.5)
	f.add("Check/lines=1000000/quarters=100", seconds, 4)
	section := speedSection(f, []size{{"10 quarters", "/quarters=10"}, {"40 quarters", "/quarters=40"}})
	require.Contains(t, section, "at abc1234 on a machine, 2 cores")
	require.Contains(t, section, "| backfill from ZIPs |  | 3.00 s |\n")
	require.NotContains(t, section, "hcpcs show", "what was not measured has no row")
	require.Contains(t, section, "| at most 3.00 | 3.00 | yes |\n")
	require.Equal(t, "`hcpcs check` takes 4.00 s for 1,000,000 claim lines against 100 quarters: 250,000 lines a second, start and all.", checkedLines(f))
	require.Contains(t, section, "for 1,000,000 claim lines")

	readme, err := replaceSpeed("# hcpcs\n\n## Speed\n\nold\n\n## What it is not\n\nkept\n", section)
	require.NoError(t, err)
	require.Equal(t, "# hcpcs\n\n"+section+"## What it is not\n\nkept\n", readme)
	again, err := replaceSpeed(readme, section)
	require.NoError(t, err)
	require.Equal(t, readme, again)
	_, err = replaceSpeed("# hcpcs\n", section)
	require.ErrorContains(t, err, "no section")
}
