package pipeline

import (
	"context"
	"errors"

	"github.com/hcpcstrack/hcpcstrack/load"
)

// OutcomeOf gives in a word how a run ended that gave this error.
func OutcomeOf(err error) load.Outcome {
	switch {
	case err == nil:
		return load.RunDone
	case errors.Is(err, ErrStopped), errors.Is(err, context.Canceled):
		return load.RunStopped
	// Before ErrHeld, which counts as complete: the schedule is to try again.
	case errors.Is(err, ErrUnreachable):
		return load.RunUnreachable
	case errors.Is(err, ErrHeld):
		return load.RunHeld
	case errors.Is(err, ErrUndelivered):
		return load.RunUndelivered
	}
	return load.RunFailed
}

// Counts are the numbers of a run.
func (s *Summary) Counts() load.RunCounts {
	counts := load.RunCounts{Loaded: len(s.Loaded), Held: len(s.Held)}
	for i := range s.Loaded {
		counts.Findings += s.Loaded[i].Findings
		for _, n := range s.Loaded[i].Changes {
			counts.Changes += n
		}
	}
	return counts
}
