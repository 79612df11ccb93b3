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

// What Go may hold is bounded while a run lasts, and no longer; a limit that the
// environment sets stays.
func TestMemoryIsBoundedDuringARun(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	for what, c := range map[string]struct{ given, during int64 }{
		"no limit":          {math.MaxInt64, goMemory},
		"the environment's": {300 << 20, 300 << 20},
	} {
		t.Run(what, func(t *testing.T) {
			debug.SetMemoryLimit(c.given)
			config, _ := twoReleases(t)
			var seen sync.Map
			around := sometime()
			now := around.Now
			around.Now = func() time.Time {
				seen.Store(debug.SetMemoryLimit(-1), true)
				return now()
			}
			_, err := Run(context.Background(), config, nil, around)
			require.NoError(t, err)
			_, bounded := seen.Load(c.during)
			require.True(t, bounded)
			require.Equal(t, c.given, debug.SetMemoryLimit(-1))
		})
	}
}
