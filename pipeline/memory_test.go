package pipeline

import (
	"context"
	"math"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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

// Memory that is given back is not taken again, unless the environment allows more.
func TestMemoryIsGivenBack(t *testing.T) {
	limit := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(limit)
	for before, after := range map[int64]int64{goMemory: goMemoryBeside, math.MaxInt64: math.MaxInt64, 300 << 20: 300 << 20} {
		debug.SetMemoryLimit(before)
		giveBack()
		require.Equal(t, after, debug.SetMemoryLimit(-1))
	}
}
