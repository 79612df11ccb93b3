package pipeline

import (
	"math"
	"runtime/debug"
)

// goMemory is what Go may hold during a run, in bytes, before garbage is
// collected more often than is cheapest: a backfill of any length stays within
// it, and a run of a few releases never comes near. DuckDB has its own limit, and
// takes most of that when a long history is published: goMemoryBeside is what Go may
// hold then.
const (
	goMemory       = 190 << 20
	goMemoryBeside = 180 << 20
)

// goGarbage is how much garbage may gather below that limit, in percent of what
// is in use. Twice Go's own takes a tenth less of the processor, and what it costs
// in memory the limit bounds.
const goGarbage = 200

// boundMemory sets both, unless the environment sets them (GOMEMLIMIT, GOGC), and
// gives what takes them back.
func boundMemory() (restore func()) {
	const noLimit, goOwn = math.MaxInt64, 100
	limit, garbage := debug.SetMemoryLimit(-1), debug.SetGCPercent(goGarbage)
	if limit == noLimit {
		debug.SetMemoryLimit(goMemory)
	}
	if garbage != goOwn {
		debug.SetGCPercent(garbage)
	}
	return func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(garbage)
	}
}

// giveBack gives memory back to the system, and lets Go hold less of it from now on.
func giveBack() {
	if debug.SetMemoryLimit(-1) == goMemory {
		debug.SetMemoryLimit(goMemoryBeside)
	}
	debug.FreeOSMemory()
}
