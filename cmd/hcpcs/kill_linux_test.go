package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/load"
)

// TestKilledAtAnyInstant kills the real program by SIGKILL while it archives,
// loads, publishes and rebuilds, at points spread over everything that it does
// to its files: in the first run, in the run that should make it whole, in a
// rebuild. What is visible after each kill is whole, and when it may finish at
// last, the tables and the archive are those of a run that nobody disturbed.
//
// It builds the program and runs it some 160 times: 60 s on two cores.
func TestKilledAtAnyInstant(t *testing.T) {
	k := newKilling(t)
	const folders = 16
	t.Run("folder", func(t *testing.T) {
		for i := range folders {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				k.killAndFinish(t, i, folders)
			})
		}
	})
	t.Logf("%d kills, %d warehouses set aside, after: %v", k.kills, k.damaged, k.after)
	require.GreaterOrEqual(t, k.kills, 100)
	// DuckDB may rarely find a file damaged that a kill left. It is made whole all
	// the same, as any damaged one is.
	require.LessOrEqual(t, k.damaged, 2)
	for _, place := range []string{"archive", "warehouse.duckdb", "warehouse.duckdb.wal", "hcpcs.duckdb.new", "reports"} {
		require.Positive(t, k.after[place], "nothing was killed while it wrote %s", place)
	}
}

// killing is what the kills have in common. The releases come in two lots, so
// that the second one is published over the first.
type killing struct {
	program string
	lots    [2]string // folders of releases; the second holds the first
	events  struct{ first, second, rebuild int }
	// sums of the tables, for each set of releases that can be published.
	sums map[string]map[string]string
	// tables of the last set, row by row.
	tables map[string]string
	// archive is what an undisturbed run leaves there.
	archive map[string]string

	guard          sync.Mutex
	kills, damaged int
	after          map[string]int         // kills, by the file that was last written to
	last           map[string]os.FileInfo // published file that was last looked at, by folder
}

func newKilling(t *testing.T) *killing {
	t.Helper()
	project, err := filepath.Abs("../..")
	require.NoError(t, err)
	k := &killing{program: buildProgram(t), sums: map[string]map[string]string{}, after: map[string]int{}, last: map[string]os.FileInfo{}}
	releases := filepath.Join(project, "testdata", "releases")
	k.lots = [2]string{t.TempDir(), t.TempDir()}
	copyTree(t, filepath.Join(releases, "2020Q1"), filepath.Join(k.lots[0], "2020Q1"))
	copyTree(t, k.lots[0], k.lots[1])
	copyTree(t, filepath.Join(releases, "2020Q4"), filepath.Join(k.lots[1], "2020Q4"))

	// What is published if nobody disturbs it: after the first lot, after half of
	// the second, after all of it.
	undisturbed := k.newFolder(t)
	k.events.first = k.whole(t, undisturbed, "run", "--source", "releases")
	k.keepSums(t, undisturbed)
	k.events.second = k.whole(t, k.grown(t, undisturbed), "run", "--source", "releases")
	k.keepSums(t, undisturbed)
	k.events.rebuild = k.whole(t, undisturbed, "rebuild")
	k.keepSums(t, undisturbed)
	_, k.tables = publishedTables(t, filepath.Join(undisturbed, "data", "hcpcs.duckdb"), true)
	k.archive = archiveTree(t, undisturbed)

	half := k.newFolder(t)
	copyTree(t, filepath.Join(k.lots[1], "2020Q4", "october-2020-alpha-numeric-hcpcs-file.zip"), filepath.Join(half, "releases", "2020Q4", "october-2020-alpha-numeric-hcpcs-file.zip"))
	k.whole(t, half, "run", "--source", "releases")
	k.keepSums(t, half)
	return k
}

// buildProgram builds hcpcs as a user does.
func buildProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "hcpcs")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}

// newFolder makes a folder with the first lot of releases, in memory where the
// system has such a place: nothing here waits for a disk.
func (k *killing) newFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("/dev/shm", "hcpcs-test-")
	if err != nil {
		folder, err = os.MkdirTemp("", "hcpcs-test-")
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	copyTree(t, k.lots[0], filepath.Join(folder, "releases"))
	require.NoError(t, os.Mkdir(filepath.Join(folder, "data"), 0o755))
	return folder
}

// grown adds the second lot of releases to a folder.
func (k *killing) grown(t *testing.T, folder string) string {
	t.Helper()
	copyTree(t, filepath.Join(k.lots[1], "2020Q4"), filepath.Join(folder, "releases", "2020Q4"))
	return folder
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	info, err := os.Stat(from)
	require.NoError(t, err)
	if info.IsDir() {
		require.NoError(t, os.CopyFS(to, os.DirFS(from)))
		return
	}
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
	require.NoError(t, os.WriteFile(to, content, 0o644))
}

// moment tells when to kill: what happened is the last of so many events.
type moment func(events int, event string) bool

func afterEvents(count int) moment { return func(events int, _ string) bool { return events >= count } }

// writing is the moment at which something in a folder of the data is written.
func writing(place string) moment {
	return func(_ int, event string) bool { return strings.Contains(event, " "+place+"/") }
}

// command runs the program in a folder and kills it at a moment; nil lets it
// finish. It gives the last event before its end.
func (k *killing) command(t *testing.T, folder string, kill moment, arguments ...string) (output string, events int, last string, ended error) {
	t.Helper()
	data := filepath.Join(folder, "data")
	w := newWatcher(t, data)
	var out bytes.Buffer
	command := exec.Command(k.program, append(arguments, "--data-dir", "data")...)
	command.Dir, command.Stdout, command.Stderr = folder, &out, &out
	require.NoError(t, command.Start())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		killed := false
		w.each(func(event string) {
			if killed {
				return
			}
			events, last = events+1, event
			if killed = kill != nil && kill(events, event); killed {
				_ = command.Process.Kill() // it may have ended by itself
			}
		})
	}()
	ended = command.Wait()
	w.close()
	<-watched
	t.Logf("%s, ended by %v after %d events, the last of them %q:\n%s", strings.Join(arguments, " "), ended, events, last, out.String())
	return out.String(), events, last, ended
}

// whole lets a command finish, and gives how many events it made.
func (k *killing) whole(t *testing.T, folder string, arguments ...string) int {
	t.Helper()
	output, events, _, ended := k.command(t, folder, nil, arguments...)
	require.NoError(t, ended, output)
	return events
}

// killed runs a command that is to be killed at a moment, and looks at what it
// left.
func (k *killing) killed(t *testing.T, folder string, at moment, arguments ...string) {
	t.Helper()
	output, _, last, ended := k.command(t, folder, at, arguments...)
	exit, failed := ended.(*exec.ExitError)
	if failed && exit.Sys().(syscall.WaitStatus).Signaled() {
		k.count(last)
	} else if !strings.Contains(output, "nothing was ever loaded") { // a rebuild after a kill at the very beginning
		require.NoError(t, ended, output)
	}
	k.requireWholeToLookAt(t, folder, last)
}

// looked tells whether the published file of a folder is the one that was looked
// at last.
func (k *killing) looked(folder string, file os.FileInfo) bool {
	k.guard.Lock()
	defer k.guard.Unlock()
	last := k.last[folder]
	k.last[folder] = file
	return last != nil && os.SameFile(last, file) && last.Size() == file.Size() && last.ModTime().Equal(file.ModTime())
}

func (k *killing) setAside() {
	k.guard.Lock()
	defer k.guard.Unlock()
	k.damaged++
}

func (k *killing) count(last string) {
	k.guard.Lock()
	defer k.guard.Unlock()
	k.kills++
	_, file, _ := strings.Cut(last, " ")
	place, _, _ := strings.Cut(file, "/")
	k.after[place]++
}

// requireWholeToLookAt: what others see at any time is whole.
func (k *killing) requireWholeToLookAt(t *testing.T, folder, last string) {
	t.Helper()
	published := filepath.Join(folder, "data", "hcpcs.duckdb")
	// It is replaced by another file, or stays as it is: one that was looked at
	// need not be read again.
	if file, err := os.Stat(published); err == nil && !k.looked(folder, file) {
		set, tables := publishedTables(t, published, false)
		require.Contains(t, k.sums, set, "after %q", last)
		require.Equal(t, k.sums[set], tables, "after %q", last)
	}
	archive, err := extract.OpenArchive(filepath.Join(folder, "data", "archive"))
	require.NoError(t, err)
	releases, err := archive.Releases(context.Background())
	require.NoError(t, err, "after %q", last)
	for _, one := range releases {
		require.NoError(t, one.Verify(context.Background()), "after %q", last)
	}
}

// killAndFinish is what one of the folders goes through.
func (k *killing) killAndFinish(t *testing.T, i, folders int) {
	folder := k.newFolder(t)
	run := []string{"run", "--source", "releases"}
	// A point of the n-th command, spread differently for each n over what an
	// undisturbed one does.
	point := func(n, events int) moment {
		return afterEvents(1 + (i*[...]int{1, 5, 9, 11, 13, 3}[n]%folders)*events/folders)
	}

	first := point(0, k.events.first)
	if i == 2 { // one of them surely there
		first = writing("archive")
	}
	k.killed(t, folder, first, run...)
	k.killed(t, folder, point(1, k.events.first/2), run...)
	third := point(2, k.events.first/3)
	if i%3 == 1 { // the end of a run is short, and easily missed
		third = writing("reports")
	}
	k.killed(t, folder, third, run...)
	if i%3 == 0 { // in the other folders, the second lot meets a first one that is not whole
		k.whole(t, folder, run...)
	}
	k.grown(t, folder)
	k.killed(t, folder, point(2, k.events.second), run...)
	k.killed(t, folder, point(3, k.events.second/2), run...)
	third = point(5, k.events.second/3)
	if i%3 == 2 {
		third = writing("reports")
	}
	k.killed(t, folder, third, run...)
	k.killed(t, folder, point(4, k.events.rebuild), "rebuild")
	k.killed(t, folder, point(1, k.events.rebuild/2), "rebuild")
	k.killed(t, folder, point(3, k.events.rebuild/3), "rebuild")
	k.whole(t, folder, run...)

	set, tables := publishedTables(t, filepath.Join(folder, "data", "hcpcs.duckdb"), true)
	require.Equal(t, "2020Q1r1 2020Q4r1 2020Q4r2", set)
	requireSameTables(t, k.tables, tables)
	require.Equal(t, k.archive, archiveTree(t, folder))
	left, err := filepath.Glob(filepath.Join(folder, "data", "*"))
	require.NoError(t, err)
	left = slices.DeleteFunc(left, func(path string) bool {
		aside := strings.HasPrefix(filepath.Base(path), "warehouse.duckdb.damaged-")
		if aside && !strings.HasSuffix(path, ".wal") {
			k.setAside()
		}
		return aside
	})
	for i := range left {
		left[i] = filepath.Base(left[i])
	}
	require.Equal(t, []string{"archive", "checked.json", "hcpcs.duckdb", "lock", "reports", "status.json", "tmp", "warehouse.duckdb"}, left)
	k.requireReports(t, folder)
}

// requireReports: the report of each release was written, in the files of one
// report or another.
func (k *killing) requireReports(t *testing.T, folder string) {
	t.Helper()
	for _, ending := range []string{".html", ".txt", ".xlsx"} {
		reports, err := filepath.Glob(filepath.Join(folder, "data", "reports", "*"+ending))
		require.NoError(t, err)
		require.NotEmpty(t, reports)
	}
	all, err := os.ReadDir(filepath.Join(folder, "data", "reports"))
	require.NoError(t, err)
	for _, one := range all {
		require.NotEqual(t, ".new", filepath.Ext(one.Name()))
	}
}

// keepSums keeps what a folder's undisturbed command published.
func (k *killing) keepSums(t *testing.T, folder string) {
	t.Helper()
	set, sums := publishedTables(t, filepath.Join(folder, "data", "hcpcs.duckdb"), false)
	if known := k.sums[set]; known != nil {
		require.Equal(t, known, sums, "a rebuild gives the same")
	}
	k.sums[set] = sums
}

// publishedTables reads every table of a published file, row by row, or a sum of
// each, and the names of its releases. When something was fetched is another
// time in each run; the fingerprint covers it.
func publishedTables(t *testing.T, path string, rowByRow bool) (set string, tables map[string]string) {
	t.Helper()
	ctx := context.Background()
	published, err := load.OpenPublished(ctx, path, load.Resources{TemporaryFolder: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, published.Close()) }()
	names, err := askAll(ctx, published, `SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() ORDER BY ALL`)
	require.NoError(t, err)
	require.Greater(t, len(names), 15)
	tables = map[string]string{}
	for _, name := range names {
		table := name[0].(string)
		columns := map[string]string{"releases": "* EXCLUDE (fetched_at)", "database_info": "* EXCLUDE (fingerprint)"}[table]
		if columns == "" {
			columns = "*"
		}
		question := `SELECT ` + columns + ` FROM "` + table + `"`
		if rowByRow {
			question += ` ORDER BY ALL`
		} else {
			question = `SELECT count(*), sum(hash(t)) FROM (` + question + `) AS t`
		}
		rows, err := askAll(ctx, published, question)
		require.NoError(t, err)
		var text strings.Builder
		for _, row := range rows {
			fmt.Fprintln(&text, row...)
		}
		tables[table] = text.String()
	}
	var ids []string
	for _, r := range published.Releases() {
		ids = append(ids, r.ID.String())
	}
	return strings.Join(ids, " "), tables
}

// requireSameTables names the first table that differs, and the lines that do.
func requireSameTables(t *testing.T, want, got map[string]string) {
	t.Helper()
	require.Len(t, got, len(want))
	for table := range want {
		if want[table] != got[table] {
			require.Equal(t, strings.Split(want[table], "\n"), strings.Split(got[table], "\n"), "table %s", table)
		}
	}
}

// archiveTree gives the archive's files and what is in them, without the time of
// fetching.
func archiveTree(t *testing.T, folder string) map[string]string {
	t.Helper()
	root := os.DirFS(filepath.Join(folder, "data", "archive"))
	tree := map[string]string{}
	require.NoError(t, fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, ".json") {
			var sidecar map[string]any
			if err := json.Unmarshal(content, &sidecar); err != nil {
				return err
			}
			delete(sidecar, "fetched_at")
			if content, err = json.Marshal(sidecar); err != nil {
				return err
			}
		}
		tree[path] = string(content)
		return nil
	}))
	return tree
}
