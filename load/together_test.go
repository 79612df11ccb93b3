package load

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Where one of several fails that are loaded together, nothing of them is kept;
// where something else fails, what was loaded by then is.
func TestWhatFailsTogetherLeavesNothing(t *testing.T) {
	ctx := context.Background()
	history := smallHistory(8)
	folder := t.TempDir()
	w := openTestWarehouse(t, filepath.Join(folder, "warehouse.duckdb"))
	loadInto(t, w, &history.Releases[0])
	before, companion := contentOf(t, w, folder), Companion{Key: CompanionKey{"hash", "entry"}, File: "entry", Quarter: history.Releases[0].ID.Quarter}
	held, _ := fileOf(t, &history.Releases[3])
	held.HeldBecause = "it looks odd"
	ended, cancel := context.WithCancel(ctx)
	cancel()
	someOf := func(last func() error) func() error {
		return func() error {
			loadInto(t, w, &history.Releases[1])
			require.NoError(t, w.Hold(ctx, held))
			require.NoError(t, w.LoadCompanions(ctx, []Companion{companion}))
			require.Len(t, w.Releases(), 3)
			require.True(t, w.HasRead(companion.Key))
			return last()
		}
	}

	err := w.Together(ctx, someOf(func() error {
		row, file := fileOf(t, &history.Releases[2])
		_, err := w.Load(ended, row, file)
		return err
	}))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "loading "+history.Releases[2].ID.String())
	require.Len(t, w.Releases(), 1)
	require.False(t, w.HasRead(companion.Key))
	require.Equal(t, before, contentOf(t, w, folder))

	interrupted, interrupt := context.WithCancel(ctx)
	err = w.Together(interrupted, someOf(func() error { interrupt(); return interrupted.Err() }))
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, w.HasRead(companion.Key))
	require.NoError(t, w.Together(ctx, func() error { return nil }))
	after := contentOf(t, w, folder)
	require.NotEqual(t, before, after)
	require.NoError(t, w.Close())

	w = openTestWarehouse(t, filepath.Join(folder, "warehouse.duckdb"))
	require.Equal(t, after, contentOf(t, w, folder))
	require.Equal(t, Held, w.Releases()[2].State)
	require.Equal(t, "it looks odd", w.Releases()[2].HeldBecause)
	loadInto(t, w, &history.Releases[2])
	requireVerified(t, w, folder)
	require.NoError(t, w.Close())
}

// Several releases that are loaded together go to their place in the file; a single
// one goes into the log beside it, which costs less.
func TestSeveralReleasesLeaveNoLog(t *testing.T) {
	history := smallHistory(9)
	for _, count := range []int{1, 3} {
		path := filepath.Join(t.TempDir(), "warehouse.duckdb")
		w := openTestWarehouse(t, path)
		require.NoError(t, w.Settle(context.Background())())
		require.NoError(t, w.Together(context.Background(), func() error {
			for i := range count {
				loadInto(t, w, &history.Releases[i])
			}
			return nil
		}))
		if count == 1 {
			require.FileExists(t, path+".wal")
		} else {
			require.NoFileExists(t, path+".wal")
		}
		require.NoError(t, w.Close())
	}
}

// Who is interrupted between two releases that arrive late keeps the first whole: its
// records are in memory only when the next one is held against it.
func TestInterruptedBetweenLateReleases(t *testing.T) {
	ctx := context.Background()
	history := smallHistory(8)
	folder := t.TempDir()
	path := filepath.Join(folder, "warehouse.duckdb")
	w := openTestWarehouse(t, path)
	for _, i := range []int{0, 3, 4} {
		loadInto(t, w, &history.Releases[i])
	}
	interrupted, interrupt := context.WithCancel(ctx)
	err := w.Together(interrupted, func() error {
		loadInto(t, w, &history.Releases[1])
		interrupt()
		_, file := fileOf(t, &history.Releases[2])
		_, err := w.Before(interrupted, history.Releases[2].ID, file)
		return err
	})
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, w.Close())

	w = openTestWarehouse(t, path)
	kept := contentOf(t, w, folder)
	require.NoError(t, w.Close())
	w = openTestWarehouse(t, inMemory)
	for _, i := range []int{0, 1, 3, 4} {
		loadInto(t, w, &history.Releases[i])
	}
	require.Equal(t, contentOf(t, w, folder), kept)
	require.NoError(t, w.Close())
}

// What was collected and cannot be written is lost: nothing of the transaction stays.
func TestWhatCannotBeWrittenTogether(t *testing.T) {
	ctx := context.Background()
	history := smallHistory(8)
	folder := t.TempDir()
	w := openTestWarehouse(t, filepath.Join(folder, "warehouse.duckdb"))
	loadInto(t, w, &history.Releases[3])
	before := contentOf(t, w, folder)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	err := w.Together(ctx, func() error {
		loadInto(t, w, &history.Releases[0])
		return w.writeCollected(ended)
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, before, contentOf(t, w, folder))
	require.NoError(t, w.Close())
}

// Where DuckDB was interrupted while it answered, the transaction is over, and that is
// said once.
func TestInterruptedInAQuestion(t *testing.T) {
	history := smallHistory(8)
	folder := t.TempDir()
	w := openTestWarehouse(t, filepath.Join(folder, "warehouse.duckdb"))
	loadInto(t, w, &history.Releases[0])
	before := contentOf(t, w, folder)
	ctx, cancel := context.WithCancel(context.Background())
	err := w.Together(ctx, func() error {
		loadInto(t, w, &history.Releases[1])
		time.AfterFunc(20*time.Millisecond, cancel)
		var count int
		return w.db.conn.QueryRowContext(ctx, `SELECT count(*) FROM range(10000000000) AS numbers(number) WHERE number % 3 = 1`).Scan(&count)
	})
	require.ErrorIs(t, err, context.Canceled)
	require.NotContains(t, err.Error(), "aborted")
	require.Equal(t, before, contentOf(t, w, folder))
	require.NoError(t, w.Close())
}

// A release that is held and then loaded in one transaction has one row.
func TestHeldAndLoadedTogether(t *testing.T) {
	history := smallHistory(8)
	w := openTestWarehouse(t, inMemory)
	row, file := fileOf(t, &history.Releases[0])
	require.NoError(t, w.Together(t.Context(), func() error {
		require.NoError(t, w.Hold(t.Context(), row))
		_, err := w.Load(t.Context(), row, file)
		return err
	}))
	require.Equal(t, "1", textOf(t, w, `SELECT CAST(count(*) AS VARCHAR) FROM releases WHERE state = 'loaded'`))
	require.Len(t, w.Releases(), 1)
	require.NoError(t, w.Close())
}
