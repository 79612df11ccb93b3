package main

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/hcpcstrack/hcpcstrack/pipeline"
)

// watchRun gives the surroundings of a run that somebody may be watching: on a
// terminal, bars show how far it is, on standard error and only while it lasts.
// finish takes them away; nothing is drawn after it.
func (a *app) watchRun() (around pipeline.Surroundings, finish func()) {
	around = a.aroundRun()
	if !a.mayDraw() {
		return around, func() {}
	}
	b := &bars{container: mpb.New(mpb.WithOutput(a.stderr), mpb.WithWidth(barWidth)), byPart: map[pipeline.Part]*bar{}}
	around.Progress = b.tell
	// What is logged meanwhile goes above the bars.
	around.Log = slog.New(a.logHandlerTo(b.container))
	return around, b.finish
}

// mayDraw: for people on a terminal, who did not ask for silence, or for logs
// that would tear the bars.
func (a *app) mayDraw() bool {
	file, ok := a.stderr.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && lookup(a.environ, "TERM") != "dumb" &&
		!a.config.Quiet && !a.config.Verbose && a.config.LogFormat == "text"
}

// barWidth is that of a bar itself, in characters.
const barWidth = 30

// bars draws a bar for each part of a run that is under way.
type bars struct {
	container *mpb.Progress

	mutex    sync.Mutex
	finished bool
	byPart   map[pipeline.Part]*bar
}

type bar struct {
	drawn *mpb.Bar
	// last is read while the bar is drawn, which tell may be waiting for: so it is
	// not under the mutex.
	last atomic.Pointer[pipeline.Progress]
}

// tell takes how far a part is. The run may call it from several goroutines.
func (b *bars) tell(progress pipeline.Progress) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.finished {
		return
	}
	one := b.byPart[progress.Part]
	if one == nil {
		b.dropBefore(progress.Part)
		one = b.add(progress.Part)
	}
	// Several things are read at once: the one that was last told of may be done
	// before others.
	if progress.Part != pipeline.Downloading && progress.Done < one.last.Load().Done {
		return
	}
	one.last.Store(&progress)
	one.drawn.SetTotal(progress.Total, false)
	one.drawn.SetCurrent(progress.Done)
}

// dropBefore takes away the bars of parts that are over once another begins:
// everything is downloaded before anything is read.
func (b *bars) dropBefore(part pipeline.Part) {
	if over := b.byPart[pipeline.Downloading]; over != nil && part != pipeline.Downloading {
		over.drawn.Abort(true)
		delete(b.byPart, pipeline.Downloading)
	}
}

func (b *bars) add(part pipeline.Part) *bar {
	one := &bar{}
	one.last.Store(&pipeline.Progress{Part: part})
	one.drawn = b.container.New(0, mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(" ").Rbound("]"),
		mpb.BarPriority(slices.Index(parts, part)),
		mpb.PrependDecorators(decor.Name(fmt.Sprintf("%-9s", part))),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return amount(*one.last.Load()) })))
	b.byPart[part] = one
	return one
}

// parts in the order in which they are drawn.
var parts = []pipeline.Part{pipeline.Downloading, pipeline.Reading, pipeline.Loading}

// finish takes the bars away.
func (b *bars) finish() {
	b.mutex.Lock()
	b.finished = true
	for _, one := range b.byPart {
		one.drawn.Abort(true)
	}
	b.mutex.Unlock()
	b.container.Wait()
}

// nameWidth bounds a name beside a bar.
const nameWidth = 36

// amount says how much of a part is done, and what is in hand. Names come from
// the source and could hold anything.
func amount(p pipeline.Progress) string {
	name := clean(p.Name, false)
	if textWidth(name) > nameWidth {
		name = cut(name, nameWidth-1) + "…"
	}
	var words string
	switch {
	case p.Part != pipeline.Downloading:
		words = fmt.Sprintf(" %d of %d", p.Done, p.Total)
	case p.Total > 0:
		words = fmt.Sprintf(" file %d of %d, %.1f of %.1f MB", p.Number, p.Of, megabytes(p.Done), megabytes(p.Total))
	default:
		words = fmt.Sprintf(" file %d of %d, %.1f MB", p.Number, p.Of, megabytes(p.Done))
	}
	if p.Waiting > 0 {
		words += ", waiting " + duration(p.Waiting) + " before another try"
	}
	if name != "" {
		words += "  " + name
	}
	return words
}

func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }
