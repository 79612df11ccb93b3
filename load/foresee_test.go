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
	require.NoError(t, w.ForeseePublication(context.Background(), path))
}

// requireAsWhole holds a published file against one that is written from nothing.
func requireAsWhole(t requirement, w *Warehouse, path string) {
	t.Helper()
	ctx, whole := context.Background(), path+".whole"
	require.NoError(t, removeDatabase(whole))
	require.NoError(t, w.openCodeBook(ctx))
	require.NoError(t, w.publishWhole(ctx, whole, false))
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

// The frame of a new file is made while releases are loaded, and the file is the one
// that a publication without it makes.
func TestAForeseenFrame(t *testing.T) {
	ctx := context.Background()
	history := smallHistory(3)
	for name, c := range map[string]struct {
		meanwhile func(t *testing.T, w *Warehouse, path string)
		framed    bool
	}{
		"nothing happens": {framed: true, meanwhile: func(*testing.T, *Warehouse, string) {}},
		"a file appears":  {framed: true, meanwhile: func(t *testing.T, w *Warehouse, path string) { writeTestFile(t, path, "nonsense") }},
		"it is damaged": {meanwhile: func(t *testing.T, w *Warehouse, path string) {
			w.foreseen.err, w.foreseen.framed = errors.New("no room"), false
			require.NoError(t, w.db.detach(ctx, "published"))
		}},
		"another place": {meanwhile: func(t *testing.T, w *Warehouse, path string) { foresee(t, w, path+".other") }},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "hcpcs.duckdb")
			w := openTestWarehouse(t, inMemory)
			foresee(t, w, path)
			loadInto(t, w, &history.Releases[0])
			<-w.foreseen.ended
			require.NoError(t, w.foreseen.err)
			c.meanwhile(t, w, path)
			loadInto(t, w, &history.Releases[1])
			<-w.foreseen.ended
			require.Equal(t, c.framed, w.foreseen.framed && w.isForeseen(besidePublished(path)))
			require.NoError(t, w.Publish(ctx, path, nil))
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
