package load

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A publication that was foreseen gives the same file as one that was not,
// whatever becomes of the published file in between, and leaves nothing beside it.
func TestAForeseenPublicationIsTheSame(t *testing.T) {
	ctx := context.Background()
	history := smallHistory(3)
	require.Greater(t, len(history.Releases), 3)
	for name, c := range map[string]struct {
		late  bool // the last release comes before the one before it
		begin func(t *testing.T, w *Warehouse, path string)
		whole bool // it has to be written whole
	}{
		"not foreseen": {begin: func(*testing.T, *Warehouse, string) {}},
		"foreseen":     {begin: foresee},
		"twice":        {begin: func(t *testing.T, w *Warehouse, path string) { foresee(t, w, path); foresee(t, w, path) }},
		"late":         {late: true, begin: foresee, whole: true},
		"another place": {begin: func(t *testing.T, w *Warehouse, path string) {
			writeTestFile(t, besidePublished(path)+".wal", "nonsense")
			foresee(t, w, path+".other")
		}},
		"changed first": {whole: true, begin: func(t *testing.T, w *Warehouse, path string) {
			changeFile(t, path)
			foresee(t, w, path)
		}},
		"changed afterwards": {begin: func(t *testing.T, w *Warehouse, path string) {
			foresee(t, w, path)
			<-w.foreseen.ended
			changeFile(t, path)
		}},
		"gone afterwards": {begin: func(t *testing.T, w *Warehouse, path string) {
			foresee(t, w, path)
			<-w.foreseen.ended
			require.NoError(t, os.Remove(path))
		}},
		"gone first": {whole: true, begin: func(t *testing.T, w *Warehouse, path string) {
			require.NoError(t, os.Remove(path))
			foresee(t, w, path)
		}},
		"after a kill": {begin: func(t *testing.T, w *Warehouse, path string) {
			writeTestFile(t, besidePublished(path), "nonsense")
			writeTestFile(t, besidePublished(path)+".wal", "nonsense")
			foresee(t, w, path)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "hcpcs.duckdb")
			w := openTestWarehouse(t, inMemory)
			order := indexes(len(history.Releases))
			last := len(order) - 1
			if c.late {
				order[last-1], order[last] = order[last], order[last-1]
			}
			for _, i := range order[:last] {
				loadInto(t, w, &history.Releases[i])
			}
			require.NoError(t, w.Publish(ctx, path, nil))
			c.begin(t, w, path)
			loadInto(t, w, &history.Releases[order[last]])
			require.NoError(t, w.Publish(ctx, path, nil))
			published, err := w.lastPublication(ctx)
			require.NoError(t, err)
			require.Equal(t, c.whole, published.additions == 0)
			same, err := w.IsPublished(ctx, path)
			require.NoError(t, err)
			require.True(t, same)
			requireAsWhole(t, w, path)
			require.NoError(t, w.Close())
			require.Equal(t, []string{"hcpcs.duckdb"}, namesIn(t, folder))
		})
	}
}

func foresee(t *testing.T, w *Warehouse, path string) {
	t.Helper()
	require.NoError(t, w.ForeseePublication(path))
}

// requireAsWhole holds a published file against one that is written from nothing.
func requireAsWhole(t requirement, w *Warehouse, path string) {
	t.Helper()
	ctx, whole := context.Background(), path+".whole"
	require.NoError(t, removeDatabase(whole))
	require.NoError(t, w.openCodeBook(ctx))
	require.NoError(t, w.publishWhole(ctx, whole, false, true))
	require.Equal(t, publishedContent(t, whole), publishedContent(t, path))
	require.NoError(t, removeDatabase(whole))
}

func namesIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// A run that ends without publishing leaves what is published, and nothing else.
func TestAForeseenPublicationThatDoesNotCome(t *testing.T) {
	ctx := context.Background()
	history := smallHistory(3)
	for name, c := range map[string]struct {
		published bool
		left      []string
	}{
		"a copy":     {published: true, left: []string{"hcpcs.duckdb"}},
		"a new file": {},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "hcpcs.duckdb")
			w := openTestWarehouse(t, inMemory)
			loadInto(t, w, &history.Releases[0])
			if c.published {
				require.NoError(t, w.Publish(ctx, path, nil))
			}
			foresee(t, w, path)
			require.NoError(t, w.Close())
			require.Equal(t, c.left, namesIn(t, folder))
		})
	}
}

// A new file is begun while releases are committed, and is the one that a publication
// without it makes, whatever comes in between.
func TestAForeseenNewFile(t *testing.T) {
	ctx := context.Background()
	history := smallHistory(3)
	rows := func(t *testing.T, w *Warehouse, _ string) {
		w.ForeseeRows(ctx)
		require.NotNil(t, w.foreseen.ended)
	}
	for name, c := range map[string]struct {
		before func(t *testing.T, w *Warehouse, path string)
		after  func(t *testing.T, w *Warehouse, path string)
		begun  bool
	}{
		"rows":           {begun: true, after: rows},
		"no rows":        {},
		"foreseen twice": {begun: true, before: foresee, after: rows},
		"a file appears": {begun: true, before: func(t *testing.T, _ *Warehouse, path string) { writeTestFile(t, path, "nonsense") }, after: rows},
		"another place":  {before: func(t *testing.T, w *Warehouse, path string) { foresee(t, w, path+".other") }, after: rows},
		"rows twice": {begun: true, after: func(t *testing.T, w *Warehouse, path string) {
			rows(t, w, path)
			w.ForeseeRows(ctx)
		}},
		"rows interrupted": {after: func(t *testing.T, w *Warehouse, path string) {
			interrupted, interrupt := context.WithCancel(ctx)
			interrupt()
			w.ForeseeRows(interrupted)
		}},
		"rows that cannot be written": {after: func(t *testing.T, w *Warehouse, path string) {
			for _, d := range w.codes.derivations {
				d.history.Kind += "\xff" // no text
			}
			w.ForeseeRows(ctx)
			w.foreseen.await()
			require.Error(t, w.foreseen.err)
			for _, d := range w.codes.derivations {
				d.history.Kind = d.history.Kind[:len(d.history.Kind)-1]
			}
		}},
		"rows, then a release": {after: func(t *testing.T, w *Warehouse, path string) {
			rows(t, w, path)
			loadInto(t, w, &history.Releases[2])
		}},
		"rows, then a release, then rows": {begun: true, after: func(t *testing.T, w *Warehouse, path string) {
			rows(t, w, path)
			loadInto(t, w, &history.Releases[2])
			rows(t, w, path)
		}},
		"rows, then one that is held": {begun: true, after: func(t *testing.T, w *Warehouse, path string) {
			rows(t, w, path)
			row, _ := fileOf(t, &history.Releases[2])
			require.NoError(t, w.Hold(ctx, row))
		}},
		"rows, and what they follow from is undone": {after: func(t *testing.T, w *Warehouse, path string) {
			require.Error(t, w.Together(ctx, func() error {
				loadInto(t, w, &history.Releases[2])
				rows(t, w, path)
				w.together.broken = true
				return errors.New("undone")
			}))
		}},
		"rows, and all is forgotten": {after: func(t *testing.T, w *Warehouse, path string) {
			rows(t, w, path)
			require.NoError(t, w.Reset(ctx))
			loadInto(t, w, &history.Releases[1])
		}},
		"rows of codes that are not in memory": {after: func(t *testing.T, w *Warehouse, path string) {
			require.NoError(t, w.Publish(ctx, path, nil))
			require.NoError(t, os.Remove(path))
			foresee(t, w, path)
			loadInto(t, w, &history.Releases[2])
			w.ForeseeRows(ctx)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "hcpcs.duckdb")
			w := openTestWarehouse(t, inMemory)
			foresee(t, w, path)
			loadInto(t, w, &history.Releases[0])
			if c.before != nil {
				c.before(t, w, path)
			}
			loadInto(t, w, &history.Releases[1])
			if c.after != nil {
				c.after(t, w, path)
			}
			require.Equal(t, c.begun, isBegun(w, path))
			require.NoError(t, w.Publish(ctx, path, nil))
			requireAsWhole(t, w, path)
			require.NoError(t, w.Close())
			require.Equal(t, []string{"hcpcs.duckdb"}, namesIn(t, folder))
		})
	}
}

// isBegun tells whether a publication would find a new file with its rows.
func isBegun(w *Warehouse, path string) bool {
	if !w.isForeseen(besidePublished(path)) {
		return false
	}
	w.foreseen.await()
	return w.foreseen.hasRows
}

// A run that ends without publishing leaves nothing of a new file that was begun.
func TestAForeseenNewFileThatIsNotPublished(t *testing.T) {
	history := smallHistory(3)
	folder := t.TempDir()
	w := openTestWarehouse(t, inMemory)
	foresee(t, w, filepath.Join(folder, "hcpcs.duckdb"))
	loadInto(t, w, &history.Releases[0])
	w.ForeseeRows(context.Background())
	require.True(t, isBegun(w, filepath.Join(folder, "hcpcs.duckdb")))
	require.NoError(t, w.Close())
	require.Empty(t, namesIn(t, folder))
}

// A file that cannot be written to its end (the disk is full, say) leaves the warehouse as it
// was: it says how the run ended, and publishes when it can.
func TestAFileThatCannotBeWrittenToItsEnd(t *testing.T) {
	ctx := context.Background()
	history := smallHistory(3)
	for name, c := range map[string]struct {
		loaded int
		fails  func(t *testing.T, w *Warehouse, path string)
	}{
		"a new file that is foreseen": {1, func(t *testing.T, w *Warehouse, path string) {
			foresee(t, w, path)
			w.ForeseeRows(ctx)
			w.foreseen.await()
			require.Error(t, w.foreseen.err)
			require.False(t, w.foreseen.hasRows)
		}},
		"a new file": {1, func(t *testing.T, w *Warehouse, path string) {
			require.Error(t, w.Publish(ctx, path, nil))
		}},
		"an addition": {2, func(t *testing.T, w *Warehouse, path string) {
			before, err := hashFile(path)
			require.NoError(t, err)
			require.Error(t, w.Publish(ctx, path, nil))
			after, err := hashFile(path)
			require.NoError(t, err)
			require.Equal(t, before, after)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "hcpcs.duckdb")
			w := openTestWarehouse(t, inMemory)
			loadInto(t, w, &history.Releases[0])
			if c.loaded > 1 {
				require.NoError(t, w.Publish(ctx, path, nil))
				loadInto(t, w, &history.Releases[1])
			}
			run, err := w.BeginRun(ctx, history.Releases[0].PublishedAt, "a folder")
			require.NoError(t, err)
			_, err = w.db.conn.ExecContext(ctx, `SET debug_checkpoint_abort = 'before_header'`)
			require.NoError(t, err)
			c.fails(t, w, path)
			_, err = w.db.conn.ExecContext(ctx, `SET debug_checkpoint_abort = 'none'`)
			require.NoError(t, err)
			require.NoError(t, w.EndRun(ctx, run, RunEnd{Ended: history.Releases[0].PublishedAt, Outcome: "failed"}))
			require.NoError(t, w.Publish(ctx, path, func(context.Context, *Published) {}))
			requireAsWhole(t, w, path)
			require.NoError(t, w.Close())
			require.Equal(t, []string{"hcpcs.duckdb"}, namesIn(t, folder))
		})
	}
}

// What was settled is in the file, and its log is empty, while others read the
// published one.
func TestSettle(t *testing.T) {
	ctx := context.Background()
	folder := t.TempDir()
	path := filepath.Join(folder, "warehouse.duckdb")
	history := smallHistory(3)
	w := openTestWarehouse(t, path)
	loadInto(t, w, &history.Releases[0])
	require.NoError(t, w.Publish(ctx, filepath.Join(folder, "hcpcs.duckdb"), nil))
	loadInto(t, w, &history.Releases[1])
	logged := func() int64 {
		info, err := os.Stat(path + ".wal")
		if os.IsNotExist(err) {
			return 0
		}
		require.NoError(t, err)
		return info.Size()
	}
	require.Positive(t, logged())
	settled := w.Settle(ctx)
	published, err := w.OpenPublished(ctx, filepath.Join(folder, "hcpcs.duckdb"))
	require.NoError(t, err)
	require.Len(t, published.loaded(), 1)
	require.NoError(t, published.Close())
	require.NoError(t, settled())
	require.NoError(t, settled(), "it can be asked again")
	require.Zero(t, logged())
	loadInto(t, w, &history.Releases[2])

	ended, stop := context.WithCancel(ctx)
	stop()
	require.ErrorIs(t, w.Settle(ended)(), context.Canceled)
	require.NoError(t, w.Close())
}
