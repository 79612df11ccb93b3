package pipeline

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract"
)

// Part is a part of a run that can take long enough to be watched.
type Part string

const (
	Downloading Part = "download"
	Reading     Part = "read"
	Loading     Part = "load"
)

// Progress says how far a part of a run is.
type Progress struct {
	Part Part
	// Name is the file or the release in hand; "" where it is several.
	Name string
	// Done and Total count bytes of one file while it is downloaded, with Total
	// -1 where the site does not say; releases otherwise. A part ends with both the
	// same.
	Done, Total int64
	// Number and Of: the how-manieth download of how many, from 1.
	Number, Of int
	// Waiting is the time that is waited before the next attempt at a download; 0
	// where nothing is amiss.
	Waiting time.Duration
}

// tell reports how far the run is. Several goroutines may call it.
func (s *Surroundings) tell(progress Progress) {
	if s.Progress != nil {
		s.Progress(progress)
	}
}

// tellDownload reports what a site tells of its downloads.
func (s *Surroundings) tellDownload(site extract.SiteProgress) {
	if site.Because != nil {
		s.Log.Debug("waiting before another try", "file", site.Link.Name, "wait", site.Waiting.String(), "because", site.Because.Error())
	}
	s.tell(Progress{
		Part: Downloading, Name: site.Link.Name, Done: site.Received, Total: site.Size,
		Number: site.Number, Of: site.Of, Waiting: site.Waiting,
	})
}

// counting reports a part that consists of so many things, one after the other.
// The function that it gives says that one more is done.
func (s *Surroundings) counting(part Part, total int) (oneMore func(name string)) {
	if total == 0 {
		return func(string) {}
	}
	s.tell(Progress{Part: part, Total: int64(total)})
	var done atomic.Int64
	return func(name string) {
		s.tell(Progress{Part: part, Name: name, Done: done.Add(1), Total: int64(total)})
	}
}

// ErrStopped says that a run ended between two of its steps because it was asked
// to. The next one goes on from there.
var ErrStopped = errors.New("stopped on request between two steps; the next run goes on from there")

// stopAsked gives ErrStopped once the run was asked to stop.
func (s *Surroundings) stopAsked() error {
	select {
	case <-s.Stop: // never, where there is none
		return ErrStopped
	default:
		return nil
	}
}

// wait waits for a site, and no longer than until the run is asked to stop:
// waiting is no step that would have to be finished.
func (s *Surroundings) wait(ctx context.Context, wait time.Duration) error {
	if s.Wait != nil {
		return s.Wait(ctx, wait)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.Stop:
		return ErrStopped
	}
}
