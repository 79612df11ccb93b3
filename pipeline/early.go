package pipeline

import (
	"context"
	"sync"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// earlyReading reads the main files of new releases while further ones are put into the
// archive, which waits for the disk most of the time. It reads as many as it gets to by
// then, up to earlyFiles.
type earlyReading struct {
	texts *transform.TextReader
	queue chan extract.Archived // nil until there is one

	guard   sync.Mutex
	ended   bool
	results map[release.ID]chan parsed // of those that were begun
	reading sync.WaitGroup
}

// earlyFiles bounds the files that are read early: they stay in memory until they are
// loaded.
const earlyFiles = 16

func newEarlyReading(texts *transform.TextReader) *earlyReading {
	return &earlyReading{texts: texts, results: map[release.ID]chan parsed{}}
}

// placed is told of a release that is in the archive now.
func (e *earlyReading) placed(ctx context.Context, archived extract.Archived) {
	e.guard.Lock()
	defer e.guard.Unlock()
	if e.ended {
		return
	}
	if e.queue == nil {
		e.queue = make(chan extract.Archived, earlyFiles)
		e.reading.Go(func() { e.read(ctx, e.queue) })
	}
	select {
	case e.queue <- archived:
	default: // there are enough
	}
}

func (e *earlyReading) read(ctx context.Context, queue <-chan extract.Archived) {
	for archived := range queue {
		result := e.begin(archived.ID)
		if result == nil || ctx.Err() != nil {
			return
		}
		result <- readMain(ctx, e.texts, &archived)
	}
}

// begin gives where to put a file, nil where no further one is to be read.
func (e *earlyReading) begin(id release.ID) chan parsed {
	e.guard.Lock()
	defer e.guard.Unlock()
	if e.ended || len(e.results) == earlyFiles {
		return nil
	}
	result := make(chan parsed, 1)
	e.results[id] = result
	return result
}

// end begins no further file, and gives those that were begun, once: one may still be
// read.
func (e *earlyReading) end() map[release.ID]chan parsed {
	e.guard.Lock()
	defer e.guard.Unlock()
	if e.queue != nil && !e.ended {
		close(e.queue)
	}
	begun := e.results
	e.ended, e.results = true, nil
	return begun
}

// drop ends the reading, waits until nothing is read any more, and forgets what was.
func (e *earlyReading) drop() {
	e.end()
	e.reading.Wait()
	e.texts = &transform.TextReader{}
}

// readMain reads and parses the main file of a release; texts has read those before it.
func readMain(ctx context.Context, texts *transform.TextReader, archived *extract.Archived) parsed {
	data, err := archived.ReadMain(ctx)
	if err != nil {
		return parsed{unread: err}
	}
	file, err := parse(texts, archived.Main, data)
	return parsed{file: file, err: err}
}
