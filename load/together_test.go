package load

import (
	"context"
	"path/filepath"
	"testing"

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
