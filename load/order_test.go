package load

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

func smallHistory(seed uint64) cmstest.History {
	return cmstest.Generate(cmstest.Options{Seed: seed, Quarters: 6, Codes: 25, ChangesPerQuarter: 10, Rates: cmstest.EverySwitch()})
}

// Whatever CMS publishes, in whatever order it arrives, and whether one release is
// loaded at a time or several: the tables are the same, and every invariant holds. In
// between the program may have ended, so that what it knew is read from the tables
// again.
func TestOrderOfArrivalMakesNoDifference(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		history := smallHistory(rapid.Uint64Range(1, 1<<20).Draw(t, "seed"))
		order := rapid.Permutation(indexes(len(history.Releases))).Draw(t, "order")

		inOrder := openTestWarehouse(t, inMemory)
		for i := range history.Releases {
			require.False(t, loadInto(t, inOrder, &history.Releases[i]).Late)
		}
		shuffled := openTestWarehouse(t, inMemory)
		for len(order) > 0 {
			together := order[:min(rapid.IntRange(1, 4).Draw(t, "together"), len(order))]
			order = order[len(together):]
			load := func() error {
				for _, i := range together {
					loadInto(t, shuffled, &history.Releases[i])
				}
				return nil
			}
			if len(together) > 1 || rapid.Bool().Draw(t, "alone and together") {
				require.NoError(t, shuffled.Together(context.Background(), load))
			} else {
				require.NoError(t, load())
			}
			if rapid.Bool().Draw(t, "restart") {
				shuffled.codes = nil
			}
		}
		require.Equal(t, contentOf(t, inOrder, folder), contentOf(t, shuffled, folder))
		require.Equal(t, sumOf(t, inOrder.db, "change_counts"), sumOf(t, shuffled.db, "change_counts"))
		require.Equal(t, inOrder.Fingerprint(), shuffled.Fingerprint())
		requireVerified(t, shuffled, folder)
		require.NoError(t, inOrder.Close())
		require.NoError(t, shuffled.Close())
	})
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// Loading anew after a reset gives the same tables as having loaded release by
// release, with a restart of the program after each.
func TestLoadingAnewGivesTheSameTables(t *testing.T) {
	history := smallHistory(7)
	folder := t.TempDir()
	path := filepath.Join(folder, "warehouse.duckdb")
	for i := range history.Releases {
		w := openTestWarehouse(t, path)
		loadInto(t, w, &history.Releases[i])
		require.NoError(t, w.Close())
	}
	w := openTestWarehouse(t, path)
	before := contentOf(t, w, folder)
	require.NoError(t, w.Reset(context.Background()))
	require.Empty(t, w.Releases())
	for i := range history.Releases {
		loadInto(t, w, &history.Releases[i])
	}
	require.Equal(t, before, contentOf(t, w, folder))
	require.NoError(t, w.Close())
}

// The changes in the tables are the ones that the generator made, by its own
// account.
func TestChangesAreTheOnesMade(t *testing.T) {
	for seed := range uint64(4) {
		history := smallHistory(seed + 100)
		w := openTestWarehouse(t, inMemory)
		for i := range history.Releases {
			loadInto(t, w, &history.Releases[i])
		}
		path := filepath.Join(t.TempDir(), "hcpcs.duckdb")
		require.NoError(t, w.Publish(context.Background(), path, nil))
		published, err := OpenPublished(context.Background(), path, Resources{TemporaryFolder: t.TempDir()})
		require.NoError(t, err)

		want := map[cmstest.Change]bool{}
		for _, change := range history.Changes {
			want[change] = true
		}
		got := map[cmstest.Change]bool{}
		for _, r := range published.Releases()[1:] {
			comparison, err := published.Changes(context.Background(), r)
			require.NoError(t, err)
			for _, change := range comparison.Changes {
				made := cmstest.Change{Release: r.ID, PreviousRelease: comparison.Previous, Code: change.Code, Kind: string(change.What)}
				if len(change.Fields) == 0 {
					got[made] = true
				}
				for _, field := range change.Fields {
					made.Field, made.Old, made.New = field.Field, field.Old, field.New
					got[made] = true
				}
			}
		}
		require.NotEmpty(t, want)
		require.Equal(t, want, got)
		require.NoError(t, published.Close())
		require.NoError(t, w.Close())
	}
}

// What is added to a published file, release by release as it comes, gives the
// same rows as writing it whole, with restarts of the program in between, and a
// release that comes late, a companion, or a file that somebody changed.
func TestAdditionsGiveTheRowsOfTheWhole(t *testing.T) {
	ctx := context.Background()
	folder := t.TempDir()
	path := filepath.Join(folder, "hcpcs.duckdb")
	rapid.Check(t, func(t *rapid.T) {
		history := smallHistory(rapid.Uint64Range(1, 1<<20).Draw(t, "seed"))
		order := indexes(len(history.Releases))
		if rapid.Bool().Draw(t, "one comes late") {
			at := rapid.IntRange(1, len(order)-1).Draw(t, "late")
			order[at-1], order[at] = order[at], order[at-1]
		}
		require.NoError(t, removeDatabase(path))
		w := openTestWarehouse(t, inMemory)
		for n, i := range order {
			loadInto(t, w, &history.Releases[i])
			companion := Companion{
				Key: CompanionKey{"hash", fmt.Sprint("entry", n)}, File: "entry", Quarter: history.Releases[0].ID.Quarter,
				Notes: []transform.ProcessingNoteText{{Number: "0001", Line: n + 1, Text: "A note."}},
			}
			require.NoError(t, w.LoadCompanions(ctx, []Companion{companion}))
			if rapid.Bool().Draw(t, "restart") {
				w.codes = nil
			}
			if rapid.Bool().Draw(t, "wait") && n < len(order)-1 {
				continue // two releases are published together
			}
			if rapid.IntRange(0, 3).Draw(t, "changed") == 0 {
				changeFile(t, path)
			}
			last, err := w.lastPublication(ctx)
			require.NoError(t, err)
			whole := last == nil
			if !whole {
				sum, err := hashFile(path)
				require.NoError(t, err)
				whole = sum != last.sha256
			}
			require.NoError(t, w.Publish(ctx, path, nil))
			last, err = w.lastPublication(ctx)
			require.NoError(t, err)
			require.Equal(t, whole, last.additions == 0)
			published, err := w.IsPublished(ctx, path)
			require.NoError(t, err)
			require.True(t, published)
			requireAsWhole(t, w, path)
		}
		require.NoError(t, w.Close())
	})
}

// changeFile writes something into a file that somebody else published.
func changeFile(t requirement, path string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	require.NoError(t, err)
	info, err := file.Stat()
	require.NoError(t, err)
	_, err = file.WriteAt([]byte("changed"), info.Size()-100)
	require.NoError(t, err)
	require.NoError(t, file.Close())
}

// A load that fails leaves nothing behind, and can be tried again.
func TestAFailedLoadLeavesNothing(t *testing.T) {
	history := smallHistory(3)
	folder := t.TempDir()
	w := openTestWarehouse(t, inMemory)
	loadInto(t, w, &history.Releases[0])
	before := contentOf(t, w, folder)
	row, file := fileOf(t, &history.Releases[1])
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := w.Load(ended, row, file)
	require.Error(t, err)
	require.Equal(t, before, contentOf(t, w, folder))
	_, err = w.Load(context.Background(), row, file)
	require.NoError(t, err)
	_, err = w.Load(context.Background(), row, file)
	require.ErrorContains(t, err, "it is loaded already")
	require.NoError(t, w.Close())
}

// Where publishing fails, what was published stays as it was, and nothing is
// left beside it.
func TestAFailedPublicationLeavesTheFileAlone(t *testing.T) {
	history := smallHistory(5)
	folder := t.TempDir()
	path := filepath.Join(folder, "hcpcs.duckdb")
	w := openTestWarehouse(t, inMemory)
	loadInto(t, w, &history.Releases[0])
	require.NoError(t, w.Publish(context.Background(), path, nil))
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	published, err := w.IsPublished(context.Background(), path)
	require.NoError(t, err)
	require.True(t, published)

	loadInto(t, w, &history.Releases[1])
	published, err = w.IsPublished(context.Background(), path)
	require.NoError(t, err)
	require.False(t, published)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorContains(t, w.Publish(ended, path, nil), "publishing "+path)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.NoError(t, w.Publish(context.Background(), path, nil))
	require.NoError(t, w.Close())
}

// A warehouse that was made by other rules is not used as it is: once it is
// reset, it is one like any other.
func TestOtherRulesAreNoticed(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	history := smallHistory(11)
	w := openTestWarehouse(t, path)
	loadInto(t, w, &history.Releases[0])
	require.NoError(t, w.setVersion(ctx, SchemaVersion(), RulesVersion-1))
	require.NoError(t, w.Close())

	w, err := OpenWarehouse(ctx, path, Resources{TemporaryFolder: t.TempDir()})
	require.ErrorIs(t, err, ErrRulesChanged)
	require.NoError(t, w.Reset(ctx))
	loadInto(t, w, &history.Releases[0])
	require.NoError(t, w.Close())
	w = openTestWarehouse(t, path)
	require.Len(t, w.Releases(), 1)
	require.NoError(t, w.setVersion(ctx, SchemaVersion()+1, RulesVersion))
	require.NoError(t, w.Close())
	_, err = OpenWarehouse(ctx, path, Resources{TemporaryFolder: t.TempDir()})
	require.ErrorContains(t, err, "newer hcpcs")
}
