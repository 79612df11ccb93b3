package pipeline

import (
	"context"
	"sync"
)

// cores shares out the cores of the machine while releases are loaded. Loading
// asks DuckDB twenty times a release, and each time it comes back to Go it waits
// for a core, for milliseconds where the readers have them all: therefore it has
// one of its own, and those who read ahead share the others, main files before
// companions. The zero cores has none; see newCores.
type cores struct {
	mutex   sync.Mutex
	changed sync.Cond
	free    int // below 0 while more are at work than there are cores
	urgent  int // who waits for one and is to be served first
}

func newCores(count int) *cores {
	c := &cores{free: count}
	c.changed.L = &c.mutex
	return c
}

// take waits for a core; who is urgent is served before all others.
func (c *cores) take(urgent bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if urgent {
		c.urgent++
	}
	for c.free <= 0 || (!urgent && c.urgent > 0) {
		c.changed.Wait()
	}
	if urgent {
		c.urgent--
	}
	c.free--
}

// seize takes a core without waiting: whoever has it gives it back in time.
func (c *cores) seize() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.free--
}

// give gives a core back.
func (c *cores) give() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.free++
	c.changed.Broadcast()
}

// await gives the core of its caller back while a file is being read.
func (c *cores) await(ctx context.Context, file <-chan parsed) (parsed, error) {
	c.give()
	defer c.seize()
	select {
	case read := <-file:
		return read, nil
	case <-ctx.Done():
		return parsed{}, ctx.Err()
	}
}
