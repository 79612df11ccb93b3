package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline"
)

// TestExitCodes: what went wrong decides the code, whatever it is wrapped in.
func TestExitCodes(t *testing.T) {
	wrapped := func(err error) error { return errors.Join(fmt.Errorf("doing it: %w", err), nil) }
	for _, example := range []struct {
		err  error
		code int
		text string
	}{
		{errors.New("the disk is full"), exitFailed, "the disk is full"},
		{wrapped(usagef("nonsense")), exitUsage, "doing it: nonsense; see 'hcpcs changes --help'"},
		{wrapped(pipeline.ErrHeld), exitHeld, "doing it: a release is held back for review; 'hcpcs releases' says why, and what to do"},
		{errors.Join(pipeline.ErrUnreachable, pipeline.ErrHeld, pipeline.ErrUndelivered), exitHeld, "the source could not be reached; a release is held back for review; a report could not be delivered; 'hcpcs releases' says why, and what to do"},
		{wrapped(pipeline.ErrUnreachable), exitUnreachable, "doing it: the source could not be reached"},
		{wrapped(pipeline.ErrLocked), exitLocked, "doing it: another run holds the lock"},
		{wrapped(load.ErrNothingPublished), exitFailed, "doing it: nothing is published yet; load releases first: 'hcpcs run', or name the folder that has them with --data-dir"},
		{errors.Join(errors.New("one"), errors.New("two \x1b[31m")), exitFailed, "one; two [31m"},
		{queryError{errors.New("LINE 1: SELEC\n        ^")}, exitFailed, "LINE 1: SELEC\n        ^"},
	} {
		code, text := judge(context.Background(), "hcpcs changes", &pipeline.Config{DataDir: "./data"}, example.err)
		require.Equal(t, example.code, code, "%v", example.err)
		require.Equal(t, example.text, text)
	}
}

// TestInterrupted: what runs ends when it is told to, and says so. It takes a
// tenth of a second.
func TestInterrupted(t *testing.T) {
	data := loadSamples(t, filepath.Join("..", ".."))
	ctx, stop := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer stop()
	var out, problems bytes.Buffer
	code := execute(ctx, surroundings{
		arguments: []string{"query", "--data-dir", data, "SELECT count(*) FROM range(100000000) a, range(100000000) b"},
		stdin:     strings.NewReader(""), stdout: &out, stderr: &problems,
	})
	require.Equal(t, exitFailed, code)
	require.Equal(t, "hcpcs: interrupted: what was finished before stays; give the command again to go on\n", problems.String())
	require.Empty(t, out.String())
}

// TestWriteFails: a result that could not be written is no success.
func TestWriteFails(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	defer full.Close()
	var problems bytes.Buffer
	code := execute(context.Background(), surroundings{arguments: []string{"--help"}, stdin: strings.NewReader(""), stdout: full, stderr: &problems})
	require.Equal(t, exitFailed, code)
	require.Contains(t, problems.String(), "hcpcs: writing the result: ")
}

// memoryOf is a result's reader that watches what the program keeps meanwhile.
type memoryOf struct {
	bytes, atMost int // that were written; most that lived in Go's heap
	fails         int // after so many bytes; 0: never
}

func (m *memoryOf) Write(text []byte) (int, error) {
	const between = 1 << 20 // a look takes some milliseconds
	before := m.bytes
	m.bytes += len(text)
	if before/between != m.bytes/between {
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		m.atMost = max(m.atMost, int(memory.HeapAlloc))
	}
	if m.fails > 0 && m.bytes > m.fails {
		return 0, errors.New("nobody reads on")
	}
	return len(text), nil
}

// TestAnswerIsNotKept: the rows of an answer are written as they are read, and not
// read on where nobody takes them. It takes a second.
func TestAnswerIsNotKept(t *testing.T) {
	data := loadSamples(t, filepath.Join("..", ".."))
	ask := func(format string, out *memoryOf) int {
		return execute(context.Background(), surroundings{
			arguments: []string{"query", "--data-dir", data, "--format", format, "SELECT range, 'row ' || range AS text FROM range(500000)"},
			stdin:     strings.NewReader(""), stdout: out, stderr: io.Discard,
		})
	}
	for _, format := range []string{"csv", "json", "markdown"} {
		out := &memoryOf{}
		require.Equal(t, exitDone, ask(format, out), format)
		require.Greater(t, out.bytes, 8<<20, format)
		require.Less(t, out.atMost, 20<<20, format)
		out = &memoryOf{fails: 100_000}
		require.Equal(t, exitFailed, ask(format, out), format)
		require.Less(t, out.bytes, 200_000, format)
	}
}

// TestChangesOfSamples holds the CSV of each sample release against the list that
// was written down when the releases were made.
func TestChangesOfSamples(t *testing.T) {
	project := filepath.Join("..", "..")
	data := loadSamples(t, project)
	list, err := os.ReadFile(filepath.Join(project, "testdata", "releases", "changes.csv"))
	require.NoError(t, err)
	expected := map[string][]string{}
	for _, row := range readCSV(t, string(list), "release,previous_release,code,change,field,old_value,new_value") {
		expected[row[0]] = append(expected[row[0]], strings.Join(row, "|"))
	}
	require.Len(t, expected, 6)
	for id, rows := range expected {
		code, out, problems := run(t, "", "changes", id, "--format", "csv", "--data-dir", data)
		require.Zero(t, code, problems)
		var printed []string
		for _, row := range readCSV(t, out, "release,previous_release,code,kind,change,field,old_value,new_value,action_code,observed_actions,agreement,effective_date,timing") {
			printed = append(printed, strings.Join(slices.Delete(row, 3, 4)[:7], "|"))
		}
		require.ElementsMatch(t, rows, printed, id)
	}
}

// readCSV gives the rows below the header, which has to be the one given.
func readCSV(t *testing.T, text, header string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, header, strings.Join(rows[0], ","))
	return rows[1:]
}

func TestFirstMistake(t *testing.T) {
	for pair, place := range map[[2]string]int{
		{"J0571", "J0570"}: 4, {"J0507", "J0570"}: 3, {"G0570", "J0570"}: 0, // one mistake
		{"J0570", "J0570"}: -1, {"J0751", "J0570"}: -1, {"SS", "SA"}: -1, {"SS", "S0012"}: -1,
	} {
		require.Equal(t, place, firstMistake(pair[0], pair[1]), "%v", pair)
	}
}

func TestWordDiff(t *testing.T) {
	require.Equal(t, "… two three four five six [-seven-] {+7+} eight",
		wordDiff("one two three four five six seven eight", "one two three four five six 7 eight"))
	require.Equal(t, "{+not otherwise specified,+} 50 mg", wordDiff("50 mg", "not otherwise specified, 50 mg"))
}
