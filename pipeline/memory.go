package pipeline

import (
	"math"
	"runtime/debug"
)

// goMemory is what Go may hold during a run, in bytes, before garbage is
// collected more often than is cheapest: a backfill of any length stays within
// it, and a run of a few releases never comes near. DuckDB has its own limit.
const goMemory = 180 << 20

// boundMemory sets that limit, unless the environment sets one (GOMEMLIMIT), and
// gives what takes it back.
func boundMemory() (restore func()) {
	const none = math.MaxInt64
	if debug.SetMemoryLimit(-1) != none {
		return func() {}
	}
	debug.SetMemoryLimit(goMemory)
	return func() { debug.SetMemoryLimit(none) }
}
