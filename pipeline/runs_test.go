package pipeline

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/load"
)

// A run that is asked to stop finishes the release it is at, and the next one
// goes on from there, to the same tables.
func TestRunStopsBetweenSteps(t *testing.T) {
	stop := make(chan struct{})
	around := quietly
	// One time for both, since the releases say when they were fetched.
	around.Now = func() time.Time { return time.Date(2026, 1, 5, 11, 20, 0, 0, time.UTC) }
	undisturbed := configFor(t, samples)
	_, err := Run(context.Background(), undisturbed, nil, around)
	require.NoError(t, err)

	config := configFor(t, samples)
	around.Stop = stop
	around.Progress = func(p Progress) {
		if p.Part == Loading && p.Done == 2 {
			close(stop)
		}
	}
	summary, err := Run(context.Background(), config, nil, around)
	require.ErrorIs(t, err, ErrStopped)
	require.Len(t, summary.Loaded, 2)
	require.NoFileExists(t, config.Paths().Published)

	summary = mustRun(t, config)
	require.Len(t, summary.Loaded, 5)
	require.Equal(t, tablesOf(t, undisturbed), tablesOf(t, config))

	runs := runsOf(t, config)
	require.Equal(t, []load.Outcome{load.RunDone, load.RunStopped}, []load.Outcome{runs[0].Outcome, runs[1].Outcome})
	require.Equal(t, ErrStopped.Error(), runs[1].Error)
	require.Equal(t, 2, runs[1].Counts.Loaded)
	require.False(t, runs[1].Ended.Before(runs[1].Started))
	require.Equal(t, samples, runs[1].Source)
}

// A row of a run that never said how it ended is of one that was killed.
func TestKilledRunIsFoundOut(t *testing.T) {
	config := configFor(t, samples+"/2020Q1")
	mustRun(t, config)
	warehouse, err := load.OpenWarehouse(context.Background(), config.Paths().Warehouse, config.Resources())
	require.NoError(t, err)
	_, err = warehouse.BeginRun(context.Background(), time.Date(2026, 1, 5, 11, 20, 0, 0, time.UTC), "cms")
	require.NoError(t, err)
	require.NoError(t, warehouse.Close())
	require.Empty(t, runsOf(t, config)[0].Outcome)

	mustRun(t, config)
	runs := runsOf(t, config)
	require.Len(t, runs, 3)
	require.Equal(t, load.RunDone, runs[0].Outcome)
	require.Equal(t, load.Run{
		Number: 2, Started: time.Date(2026, 1, 5, 11, 20, 0, 0, time.UTC), Source: "cms", RunEnd: load.RunEnd{Outcome: load.RunKilled},
	}, runs[1])
}

func runsOf(t *testing.T, config Config) []load.Run {
	t.Helper()
	warehouse, err := load.OpenWarehouse(context.Background(), config.Paths().Warehouse, config.Resources())
	require.NoError(t, err)
	defer func() { require.NoError(t, warehouse.Close()) }()
	runs, err := warehouse.Runs(context.Background(), 10)
	require.NoError(t, err)
	return runs
}

// What a run tells of its progress: each part begins at nothing and ends whole.
func TestProgressOfARun(t *testing.T) {
	config := configFor(t, samples)
	var mutex sync.Mutex
	told := map[Part][]Progress{}
	around := quietly
	around.Progress = func(p Progress) {
		mutex.Lock()
		defer mutex.Unlock()
		told[p.Part] = append(told[p.Part], p)
	}
	_, err := Run(context.Background(), config, nil, around)
	require.NoError(t, err)
	require.Len(t, told, 2, "nothing is downloaded from a folder")
	for _, part := range []Part{Reading, Loading} {
		require.Len(t, told[part], 8)
		slices.SortFunc(told[part], func(a, b Progress) int { return int(a.Done - b.Done) })
		for i, p := range told[part] {
			require.Equal(t, [2]int64{int64(i), 7}, [2]int64{p.Done, p.Total})
			require.Equal(t, i == 0, p.Name == "")
		}
	}
}
