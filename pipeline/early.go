package pipeline

import (
	"context"
	"path/filepath"
	"slices"
	"sync"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// earlyReading reads main files that were unpacked to tell what they are, so that they
// are not unpacked again: beside, and where that is behind, on the goroutine that tells
// of one. To put releases into the archive waits for the disk; it catches up then.
type earlyReading struct {
	texts *transform.TextReader

	guard   sync.Mutex
	ended   bool
	bytes   int64 // of all texts
	waiting []earlyText
	running bool
	results map[earlyName]chan parsed
	reading sync.WaitGroup
}

// earlyName tells what is read of texts apart: the same text under another name has
// findings that say that name.
type earlyName struct{ sha256, name string }

func earlyNameOf(main *extract.MainFile) earlyName {
	return earlyName{main.SHA256, filepath.Base(main.Name)}
}

type earlyText struct {
	main   extract.MainFile
	text   []byte
	result chan parsed
}

// earlyBytes bounds the texts that are read early, together: forty of CMS's. What comes
// of one takes a third of that until it is loaded. earlyWaiting is how many of them wait.
const (
	earlyBytes   = 160 << 20
	earlyWaiting = 8
)

func newEarlyReading() *earlyReading {
	return &earlyReading{texts: &transform.TextReader{}, results: map[earlyName]chan parsed{}}
}

// unpacked is told of a text.
func (e *earlyReading) unpacked(main extract.MainFile, text []byte) {
	one := earlyText{main, text, make(chan parsed, 1)}
	if !e.take(one) {
		one.read(e.texts)
	}
}

// take puts a text among those that wait, and tells whether nothing else is to be done
// about it.
func (e *earlyReading) take(one earlyText) bool {
	e.guard.Lock()
	defer e.guard.Unlock()
	size := int64(len(one.text))
	name := earlyNameOf(&one.main)
	if _, known := e.results[name]; known || e.ended || e.bytes+size > earlyBytes {
		return true
	}
	e.bytes += size
	e.results[name] = one.result
	if len(e.waiting) == earlyWaiting {
		return false
	}
	e.waiting = append(e.waiting, one)
	if !e.running {
		e.running = true
		e.reading.Go(e.read)
	}
	return true
}

func (e *earlyReading) read() {
	for {
		e.guard.Lock()
		if len(e.waiting) == 0 {
			e.running = false
			e.guard.Unlock()
			return
		}
		one := e.waiting[0]
		e.waiting = slices.Delete(e.waiting, 0, 1) // lets go of its text
		e.guard.Unlock()
		one.read(e.texts)
	}
}

func (t *earlyText) read(texts *transform.TextReader) {
	var result parsed
	result.file, result.err = parse(texts, t.main, t.text)
	t.result <- result
}

// end takes no further text, and gives those that were taken, once: some may still be
// read.
func (e *earlyReading) end() map[earlyName]chan parsed {
	e.guard.Lock()
	defer e.guard.Unlock()
	taken := e.results
	e.ended, e.results = true, nil
	return taken
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

// parse reads a main file; texts has read those before it.
func parse(texts *transform.TextReader, main extract.MainFile, data []byte) (*transform.File, error) {
	name := filepath.Base(main.Name)
	if main.Format == extract.FormatText {
		return texts.Read(name, data)
	}
	return transform.ParseWorkbook(name, data, workbookLimits)
}
