package load

import (
	"context"
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
			<-w.copying.ended
			changeFile(t, path)
		}},
		"gone afterwards": {begin: func(t *testing.T, w *Warehouse, path string) {
			foresee(t, w, path)
			<-w.copying.ended
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
			require.NoError(t, w.Publish(ctx, path))
			c.begin(t, w, path)
			loadInto(t, w, &history.Releases[order[last]])
			require.NoError(t, w.Publish(ctx, path))
			published, err := w.lastPublication(ctx)
			require.NoError(t, err)
			require.Equal(t, c.whole, published.additions == 0)
			same, err := w.IsPublished(ctx, path)
			require.NoError(t, err)
			require.True(t, same)

			whole := filepath.Join(t.TempDir(), "whole.duckdb")
			require.NoError(t, w.openCodeBook(ctx))
			require.NoError(t, w.publishWhole(ctx, whole))
			require.Equal(t, publishedContent(t, whole), publishedContent(t, path))
			require.NoError(t, w.Close())
			require.Equal(t, []string{"hcpcs.duckdb"}, namesIn(t, folder))
		})
	}
}

func foresee(t *testing.T, w *Warehouse, path string) {
	t.Helper()
	require.NoError(t, w.ForeseePublication(path))
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
	folder := t.TempDir()
	path := filepath.Join(folder, "hcpcs.duckdb")
	history := smallHistory(3)
	w := openTestWarehouse(t, inMemory)
	loadInto(t, w, &history.Releases[0])
	require.NoError(t, w.Publish(ctx, path))
	foresee(t, w, path)
	require.NoError(t, w.Close())
	require.Equal(t, []string{"hcpcs.duckdb"}, namesIn(t, folder))
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
	require.NoError(t, w.Publish(ctx, filepath.Join(folder, "hcpcs.duckdb")))
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
