package pipeline

import (
	"math"
	"runtime/debug"
)

// goMemory is what Go may hold during a run, in bytes, before garbage is
// collected more often than is cheapest: a backfill of any length stays within
// it, and a run of a few releases never comes near. DuckDB has its own limit, and
// takes its share when many releases are committed, and when they are published:
// goMemoryBeside is what Go may hold then, and until the end where a report is made
// meanwhile.
const (
	goMemory       = 150 << 20
	goMemoryBeside = 130 << 20
)

// goGarbage is how much garbage may gather below that limit, in percent of what
// is in use. Twice Go's own takes a tenth less of the processor, and what it costs
// in memory the limit bounds.
const goGarbage = 200

// memory is what Go may hold during a run.
type memory struct {
	own bool // the limit is the program's, not the environment's
}

// bound sets the limit and the share of garbage, unless the environment sets them
// (GOMEMLIMIT, GOGC), and gives what takes them back.
func (m *memory) bound() (restore func()) {
	const noLimit, goOwn = math.MaxInt64, 100
	limit, garbage := debug.SetMemoryLimit(-1), debug.SetGCPercent(goGarbage)
	if m.own = limit == noLimit; m.own {
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

// lend gives memory back to the system, and lets Go hold less of it until it is taken
// back, or the run ends.
func (m *memory) lend() {
	m.limit(goMemoryBeside)
	debug.FreeOSMemory()
}

// takeBack lets Go hold as much again as before.
func (m *memory) takeBack() { m.limit(goMemory) }

func (m *memory) limit(bytes int64) {
	if m.own {
		debug.SetMemoryLimit(bytes)
	}
}
