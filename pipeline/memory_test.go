package pipeline

import (
	"context"
	"math"
	"path/filepath"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// What Go may hold is bounded while a run lasts, and no longer; what the environment
// sets stays.
func TestMemoryIsBoundedDuringARun(t *testing.T) {
	limit, garbage := debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	defer func() { debug.SetMemoryLimit(limit); debug.SetGCPercent(garbage) }()
	type bounds struct {
		limit   int64
		garbage int
	}
	for what, c := range map[string]struct{ given, during bounds }{
		"nothing is set": {bounds{math.MaxInt64, 100}, bounds{goMemory, goGarbage}},
		"both are set":   {bounds{300 << 20, 50}, bounds{300 << 20, 50}},
	} {
		t.Run(what, func(t *testing.T) {
			now := func() bounds {
				percent := debug.SetGCPercent(100)
				debug.SetGCPercent(percent)
				return bounds{debug.SetMemoryLimit(-1), percent}
			}
			debug.SetMemoryLimit(c.given.limit)
			debug.SetGCPercent(c.given.garbage)
			config, _ := twoReleases(t)
			var seen sync.Map
			around := sometime()
			clock := around.Now
			around.Now = func() time.Time {
				seen.Store(now(), true)
				return clock()
			}
			_, err := Run(context.Background(), config, nil, around)
			require.NoError(t, err)
			_, bounded := seen.Load(c.during)
			require.True(t, bounded)
			require.Equal(t, c.given, now())
		})
	}
}

// Memory that is lent is taken back later, unless the environment says how much there is.
func TestMemoryIsLent(t *testing.T) {
	limit, garbage := debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	defer func() { debug.SetMemoryLimit(limit); debug.SetGCPercent(garbage) }()
	for before, of := range map[int64]struct{ lent, back int64 }{
		math.MaxInt64:  {goMemoryBeside, goMemory},
		300 << 20:      {300 << 20, 300 << 20},
		goMemoryBeside: {goMemoryBeside, goMemoryBeside},
	} {
		debug.SetMemoryLimit(before)
		var m memory
		restore := m.bound()
		m.lend()
		require.Equal(t, of.lent, debug.SetMemoryLimit(-1))
		m.takeBack()
		require.Equal(t, of.back, debug.SetMemoryLimit(-1))
		restore()
		require.Equal(t, before, debug.SetMemoryLimit(-1))
	}
}

// A backfill that lends memory, and makes its report when all is published, gives what
// runs give that do not. It lends it; they never do.
func TestALongBackfill(t *testing.T) {
	limit := debug.SetMemoryLimit(math.MaxInt64) // tests of runs that meet may have left another
	defer debug.SetMemoryLimit(limit)
	const all, few = reportedBeside + 6, severalReleases - 1
	history := cmstest.Generate(cmstest.Options{Seed: 5, Quarters: all, Codes: 60, ChangesPerQuarter: 6})
	require.Len(t, history.Releases, all)
	folder := t.TempDir()
	write := func(releases []cmstest.Release) {
		for i := range releases {
			writeFile(t, filepath.Join(folder, releases[i].ID.Quarter.String(), "HCPC_ANWEB.txt"), releases[i].TXT(cmstest.TXTOptions{}))
		}
	}
	run := func(config Config) (Summary, map[int64]bool) {
		limits, guard := map[int64]bool{}, sync.Mutex{}
		around := sometime()
		clock := around.Now
		around.Now = func() time.Time {
			guard.Lock()
			defer guard.Unlock()
			limits[debug.SetMemoryLimit(-1)] = true
			return clock()
		}
		summary, err := Run(context.Background(), config, nil, around)
		require.NoError(t, err)
		require.True(t, summary.Published)
		require.Len(t, summary.Reports, 1)
		return summary, limits
	}
	inParts, atOnce := configFor(t, folder), configFor(t, folder)
	for first := 0; first < all; first += few {
		some := history.Releases[first:min(first+few, all)]
		write(some)
		summary, limits := run(inParts)
		require.Len(t, summary.Loaded, len(some))
		require.False(t, limits[goMemoryBeside])
	}
	summary, limits := run(atOnce)
	require.Len(t, summary.Loaded, all)
	require.True(t, limits[goMemory])
	require.True(t, limits[goMemoryBeside])
	require.Equal(t, tablesOf(t, inParts), tablesOf(t, atOnce))

	// One of middle length makes its report beside the publication.
	folder = t.TempDir()
	inTwo, together := configFor(t, folder), configFor(t, folder)
	for _, some := range [][]cmstest.Release{history.Releases[:few], history.Releases[few:severalReleases]} {
		write(some)
		_, limits = run(inTwo)
		require.False(t, limits[goMemoryBeside])
	}
	summary, limits = run(together)
	require.Len(t, summary.Loaded, severalReleases)
	require.True(t, limits[goMemoryBeside])
	require.Equal(t, tablesOf(t, inTwo), tablesOf(t, together))
}
