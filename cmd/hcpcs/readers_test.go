package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/load"
)

// published reads, over one connection, what a published file says of itself in
// several places.
const published = `SELECT
	(SELECT string_agg(release, ' ' ORDER BY release) FROM releases),
	(SELECT sum(records) FROM releases),
	(SELECT count(*) FROM release_records),
	(SELECT string_agg(DISTINCT release, ' ' ORDER BY release) FROM release_records),
	(SELECT string_agg(DISTINCT release, ' ' ORDER BY release) FROM code_changes),
	(SELECT count(*) FROM code_history),
	(SELECT count(*) FROM codes),
	(SELECT fingerprint FROM database_info)`

// readPublished is the program of a reader: it opens the published file that its
// argument names, asks, closes it, and begins again at once, until its standard
// input ends. It prints a line for each state that differs from the one before.
func readPublished() {
	// Readers leave the processor to the program under test.
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is all that counts
	}()
	for last, count, ending := "", 0, false; ; count++ {
		select {
		case <-done:
			ending = true // after one last time
		default:
		}
		state, err := publishedState(os.Args[1])
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		if state != last {
			fmt.Println(state)
			last = state
		}
		if ending {
			fmt.Println("asked", count+1)
			return
		}
	}
}

func publishedState(path string) (state string, err error) {
	ctx := context.Background()
	file, err := load.OpenPublished(ctx, path, load.Resources{TemporaryFolder: filepath.Dir(path)})
	if err != nil {
		return "", err
	}
	rows, err := askAll(ctx, file, published)
	if err == nil {
		state = strings.TrimSpace(fmt.Sprintln(rows[0]...))
		if row := rows[0]; fmt.Sprint(row[1]) != fmt.Sprint(row[2]) || row[0] != row[3] {
			err = fmt.Errorf("the file contradicts itself: %s", state)
		}
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return state, err
}

// askAll asks a question in SQL of a published file, and gives the rows.
func askAll(ctx context.Context, published *load.Published, question string) (rows [][]any, err error) {
	answer, err := published.Ask(ctx, question)
	if err != nil {
		return nil, err
	}
	for {
		row, err := answer.Next()
		if row == nil {
			return rows, errors.Join(err, answer.Close())
		}
		rows = append(rows, row)
	}
}

// Eight processes read the published file without pause while ten releases are
// published, one after the other: none meets an error, and each sees one whole
// state after the other. It takes some 10 s.
func TestReadersBesideTenPublications(t *testing.T) {
	const readers, publications = 8, 10
	history := cmstest.Generate(cmstest.Options{Seed: 8, Quarters: publications, Codes: 60, ChangesPerQuarter: 10})
	require.Len(t, history.Releases, publications)
	folder := t.TempDir()
	source, data := filepath.Join(folder, "releases"), filepath.Join(folder, "data")
	path := filepath.Join(data, "hcpcs.duckdb")
	var states []string
	publish := func(i int) {
		one := &history.Releases[i]
		name := filepath.Join(source, one.ID.Quarter.String(), "HCPC"+one.ID.Quarter.String()+".txt")
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, one.TXT(cmstest.TXTOptions{}), 0o644))
		code, _, problems := run(t, "", "run", "--source", source, "--data-dir", data)
		require.Zero(t, code, problems)
		state, err := publishedState(path)
		require.NoError(t, err)
		require.NotContains(t, states, state)
		states = append(states, state)
	}
	publish(0)

	seen := make([][]string, readers)
	var group sync.WaitGroup
	var inputs []io.Closer
	var commands []*exec.Cmd
	ready := make(chan struct{}, readers)
	for i := range readers {
		command := exec.Command("read-published", path)
		input, err := command.StdinPipe()
		require.NoError(t, err)
		output, err := command.StdoutPipe()
		require.NoError(t, err)
		command.Stderr = os.Stderr
		require.NoError(t, command.Start())
		inputs, commands = append(inputs, input), append(commands, command)
		group.Go(func() {
			for lines := bufio.NewScanner(output); lines.Scan(); {
				if seen[i] = append(seen[i], lines.Text()); len(seen[i]) == 1 {
					ready <- struct{}{}
				}
			}
		})
	}
	for range readers {
		<-ready // each is at work before the next publication
	}
	for i := 1; i < publications; i++ {
		publish(i)
	}
	for _, input := range inputs {
		require.NoError(t, input.Close())
	}
	group.Wait()
	different := map[string]bool{}
	for i, command := range commands {
		require.NoError(t, command.Wait(), "reader %d: %v", i, seen[i])
		last := len(seen[i]) - 1
		require.True(t, strings.HasPrefix(seen[i][last], "asked "), seen[i][last])
		at := -1
		for _, state := range seen[i][:last] {
			next := slices.Index(states, state)
			require.Greater(t, next, at, "reader %d saw a state that was never published, or went back: %s", i, state)
			at = next
			different[state] = true
		}
		require.Equal(t, states[0], seen[i][0])
		require.Equal(t, publications-1, at, "a reader that asks anew sees the newest")
	}
	require.Greater(t, len(different), publications/2, "the readers read while it was published")
}
