package load

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

var madeUpAt = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func loadOwing(t *testing.T, w *Warehouse, r *cmstest.Release, owed ...Owed) {
	t.Helper()
	row, file := fileOf(t, r)
	_, err := w.Load(t.Context(), row, file, owed...)
	require.NoError(t, err)
}

// unsettled makes up deliveries, and gives those that wait or were refused.
func unsettled(t *testing.T, w *Warehouse) []Delivery {
	t.Helper()
	require.NoError(t, w.MakeUpDeliveries(t.Context(), madeUpAt))
	deliveries, err := w.UnsettledDeliveries(t.Context())
	require.NoError(t, err)
	return deliveries
}

func settled(t *testing.T, w *Warehouse) []release.ID {
	t.Helper()
	ids, err := w.SettledReleases(t.Context())
	require.NoError(t, err)
	return ids
}

// Releases that came in together are one delivery to each group; a later one is
// another, whatever became of the first.
func TestOneDeliveryForReleasesThatCameInTogether(t *testing.T) {
	releases := smallHistory(3).Releases
	w := openTestWarehouse(t, inMemory)
	defer w.Close()
	owed := []Owed{{Group: ""}, {Group: "billing"}}
	loadOwing(t, w, &releases[0], owed...)
	loadOwing(t, w, &releases[1], owed...)
	both := []release.ID{releases[0].ID, releases[1].ID}
	want := []Delivery{
		{Number: 1, Group: "", Releases: both, State: Waiting, MadeUpAt: madeUpAt},
		{Number: 2, Group: "billing", Releases: both, State: Waiting, MadeUpAt: madeUpAt},
	}
	require.Equal(t, want, unsettled(t, w))
	require.Equal(t, want, unsettled(t, w), "made up once")
	require.Empty(t, settled(t, w))

	loadOwing(t, w, &releases[2], owed...)
	want[1].Attempts, want[1].LastAttempt, want[1].MessageID = 1, madeUpAt.Add(time.Minute), "id@example.org"
	want[1].DeliveredTo, want[1].Problem = []string{"a@example.org"}, "450 later"
	require.NoError(t, w.RecordAttempt(t.Context(), want[1]))
	want = append(want,
		Delivery{Number: 3, Group: "", Releases: []release.ID{releases[2].ID}, State: Waiting, MadeUpAt: madeUpAt},
		Delivery{Number: 4, Group: "billing", Releases: []release.ID{releases[2].ID}, State: Waiting, MadeUpAt: madeUpAt})
	require.Equal(t, want, unsettled(t, w))

	for i, state := range []DeliveryState{Done, Withdrawn, Done, Refused} {
		want[i].State = state
		require.NoError(t, w.RecordAttempt(t.Context(), want[i]))
	}
	require.Equal(t, want[3:], unsettled(t, w), "what was refused is kept")
	require.Equal(t, both, settled(t, w))
}

// What is owed is written in the transaction that loads the release: where that
// fails nothing is owed, and the next run owes it.
func TestALoadThatFailsOwesNothing(t *testing.T) {
	releases := smallHistory(3).Releases
	w := openTestWarehouse(t, inMemory)
	defer w.Close()
	_, err := w.db.conn.ExecContext(t.Context(), `ALTER TABLE record_places RENAME TO elsewhere`)
	require.NoError(t, err)
	row, file := fileOf(t, &releases[0])
	_, err = w.Load(t.Context(), row, file, Owed{Group: "billing"})
	require.ErrorContains(t, err, "record_places")
	require.Empty(t, unsettled(t, w))
	_, err = w.db.conn.ExecContext(t.Context(), `ALTER TABLE elsewhere RENAME TO record_places`)
	require.NoError(t, err)
	loadOwing(t, w, &releases[0], Owed{Group: "billing"})
	require.Len(t, unsettled(t, w), 1)
}

// Deriving everything anew is no news: what waits goes on waiting, and nothing
// that was told is told again.
func TestLoadingAnewOwesNothing(t *testing.T) {
	releases := smallHistory(3).Releases
	w := openTestWarehouse(t, inMemory)
	defer w.Close()
	loadOwing(t, w, &releases[0], Owed{Group: ""}, Owed{Group: "billing"})
	before := unsettled(t, w)
	before[0].State = Done
	require.NoError(t, w.RecordAttempt(t.Context(), before[0]))
	loadOwing(t, w, &releases[1], Owed{Group: ""}) // not in a delivery yet

	require.NoError(t, w.Reset(t.Context()))
	for i := range 2 {
		loadOwing(t, w, &releases[i], Owed{Group: ""}, Owed{Group: "billing"}, Owed{Group: "pricing"})
	}
	after := unsettled(t, w)
	require.Len(t, after, 2)
	require.Equal(t, before[1], after[0])
	require.Equal(t, []release.ID{releases[1].ID}, after[1].Releases)
	require.Equal(t, "", after[1].Group)
}

// A release that is told to have been settled before the warehouse was there is
// owed to nobody but those who still wait for it.
func TestWhatWasSettledBefore(t *testing.T) {
	releases := smallHistory(3).Releases
	w := openTestWarehouse(t, inMemory)
	defer w.Close()
	loadOwing(t, w, &releases[0], Owed{Group: "", Settled: true})
	loadOwing(t, w, &releases[1], Owed{Group: "", Settled: true}, Owed{Group: "billing"})
	waiting := unsettled(t, w)
	require.Len(t, waiting, 1)
	require.Equal(t, "billing", waiting[0].Group)
	require.Equal(t, []release.ID{releases[1].ID}, waiting[0].Releases)
	require.Equal(t, []release.ID{releases[0].ID}, settled(t, w))
}

// Releases that were loaded before there was an outbox are news to nobody.
func TestReleasesFromBeforeTheOutbox(t *testing.T) {
	releases := smallHistory(3).Releases
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	olderWarehouse(t, path, 2, &releases[0])
	w := openTestWarehouse(t, path)
	defer w.Close()
	loadOwing(t, w, &releases[1], Owed{Group: "billing"})
	require.Equal(t, []release.ID{releases[0].ID}, settled(t, w))
	require.Len(t, unsettled(t, w), 1)
}
