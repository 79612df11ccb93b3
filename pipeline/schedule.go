package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Schedule runs by the configured timetable until ctx ends, and at once when the
// last run that did everything is older than the timetable asks for. It says in
// the log how each run went and when the next one begins; what a run ends with
// does not end the schedule. A run that failed is tried again.
//
// The end of ctx asks it to stop: a run in progress finishes its step, and is
// interrupted where that takes longer than schedule.stop_within. An error means
// that the schedule could not begin.
func Schedule(ctx context.Context, config Config, around Surroundings) error {
	timetable, err := ParseTimetable(config.Schedule.Cron, config.Schedule.Zone)
	if err != nil {
		return err
	}
	retryAfter, _ := time.ParseDuration(config.Schedule.RetryAfter) // Check has read them
	stopWithin, _ := time.ParseDuration(config.Schedule.StopWithin)
	status, err := ReadStatus(config)
	if err != nil {
		around.Log.Warn("how the last run went is not known; it is taken for none", "because", err.Error())
	}
	around.Stop = ctx.Done()
	s := &scheduler{
		timetable: timetable, retryAfter: retryAfter, stopWithin: stopWithin, now: around.Now, log: around.Log,
		pass: func(ctx context.Context) error {
			summary, err := Run(ctx, config, nil, around)
			if OutcomeOf(err).Complete() {
				counts := summary.Counts()
				around.Log.Info("run complete", "loaded", counts.Loaded, "changes", counts.Changes, "findings", counts.Findings,
					"held", counts.Held, "latest_release", summary.Latest.ID.String(), "took", summary.Took.Round(time.Millisecond).String())
			}
			return err
		},
	}
	s.keep(ctx, status.CompleteSince)
	return nil
}

// scheduler decides when a pass begins. It knows nothing of what a pass does.
type scheduler struct {
	timetable              Timetable
	retryAfter, stopWithin time.Duration
	pass                   func(ctx context.Context) error
	now                    func() time.Time
	log                    *slog.Logger
}

// keep runs one pass after the other until ctx ends. lastComplete is when the
// last complete pass began, the zero time where there was none.
func (s *scheduler) keep(ctx context.Context, lastComplete time.Time) {
	defer s.log.Info("schedule ended")
	at, because := s.timetable.Next(s.now()), "by the timetable "+s.timetable.String()
	switch {
	case lastComplete.IsZero():
		at, because = s.now(), "no complete run is known"
	case !s.timetable.Next(lastComplete).After(s.now()):
		at, because = s.now(), "the last complete run is older than the timetable asks for"
	}
	failures := 0
	for {
		s.log.Info("next run", "at", at.In(s.timetable.zone).Format(time.RFC3339), "because", because)
		if !s.waitUntil(ctx, at) {
			return
		}
		err := s.once(ctx)
		if ctx.Err() != nil {
			return
		}
		at, because = s.timetable.Next(s.now()), "by the timetable "+s.timetable.String()
		if OutcomeOf(err).Complete() {
			failures = 0
			continue
		}
		failures++
		s.log.Error("run failed", "because", err.Error(), "failures_in_a_row", failures)
		if again := s.now().Add(s.distance(failures)); again.Before(at) {
			at, because = again, "the last run failed"
		} else {
			failures = 0 // the regular one begins a new row
		}
	}
}

// longestDistance bounds the distance between two tries: with a timetable of once
// a month it would grow to weeks.
const longestDistance = 6 * time.Hour

// distance is the time between a failed run, the how-manieth in a row, and its
// next try.
func (s *scheduler) distance(failures int) time.Duration {
	distance := s.retryAfter
	for range failures - 1 {
		if distance *= 2; distance >= longestDistance {
			break
		}
	}
	return max(min(distance, longestDistance), s.retryAfter)
}

// longestSlice bounds how long it waits without a look at the clock: a machine
// that sleeps stops the timers of its programs, and clocks are put right.
const longestSlice = time.Minute

// waitUntil waits for a time on the clock; false: it was asked to stop before.
func (s *scheduler) waitUntil(ctx context.Context, at time.Time) bool {
	for ctx.Err() == nil {
		left := at.Sub(s.now().Round(0)) // without the monotonic clock, which sleeps too
		if left <= 0 {
			return true
		}
		select {
		case <-time.After(min(left, longestSlice)):
		case <-ctx.Done():
		}
	}
	return false
}

// once does one pass. The end of ctx does not reach it at once: it has time to
// finish its step.
func (s *scheduler) once(ctx context.Context) error {
	work, interrupt := context.WithCancel(context.WithoutCancel(ctx))
	defer interrupt()
	finished := make(chan struct{})
	defer close(finished)
	asked := context.AfterFunc(ctx, func() {
		s.log.Info("asked to stop: the step in progress is finished first", "within", s.stopWithin.String())
		select {
		case <-finished:
		case <-time.After(s.stopWithin):
			s.log.Warn("the step in progress takes too long and is interrupted; the next run goes on from there")
			interrupt()
		}
	})
	defer asked()
	err := s.pass(work)
	if ctx.Err() != nil && err != nil && !errors.Is(err, ErrStopped) && !errors.Is(err, context.Canceled) {
		s.log.Error("the run that was asked to stop failed", "because", err.Error())
	}
	return err
}
