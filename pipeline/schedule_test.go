package pipeline

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// In a bubble of synctest the clock stands at midnight UTC of January 1st, 2000,
// and goes on as soon as everybody waits.
var midnight = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// scheduled keeps a schedule of once a day at 11:20 for some time, and gives when
// its passes began, counted from midnight. pass says how each one ends, by its
// number from 0.
func scheduled(t *testing.T, lastComplete time.Time, keptFor time.Duration, pass func(ctx context.Context, number int) error) (begun []time.Duration, log string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		require.True(t, midnight.Equal(time.Now()))
		timetable, err := ParseTimetable("20 11 * * *", "UTC")
		require.NoError(t, err)
		var text bytes.Buffer
		s := &scheduler{
			timetable: timetable, retryAfter: 5 * time.Minute, stopWithin: 30 * time.Second, now: time.Now,
			log: slog.New(slog.NewTextHandler(&text, nil)),
			pass: func(ctx context.Context) error {
				begun = append(begun, time.Since(midnight))
				return pass(ctx, len(begun)-1)
			},
		}
		ctx, cancel := context.WithTimeout(t.Context(), keptFor)
		defer cancel()
		s.keep(ctx, lastComplete)
		synctest.Wait()
		log = text.String()
	})
	return begun, log
}

func succeeds(context.Context, int) error { return nil }

const (
	day     = 24 * time.Hour
	regular = 11*time.Hour + 20*time.Minute
)

func TestScheduleByTimetable(t *testing.T) {
	begun, log := scheduled(t, midnight.Add(-12*time.Hour), 3*day, succeeds)
	require.Equal(t, []time.Duration{regular, regular + day, regular + 2*day}, begun)
	require.Contains(t, log, `msg="next run" at=2000-01-01T11:20:00Z because="by the timetable 20 11 * * * (UTC)"`)
	require.Contains(t, log, `msg="next run" at=2000-01-04T11:20:00Z`)
	require.Contains(t, log, `msg="schedule ended"`)
}

// At once where no run is known, or the last complete one is older than the
// timetable asks for; then by the timetable.
func TestScheduleMakesUpForWhatWasMissed(t *testing.T) {
	for name, last := range map[string]time.Time{
		"no complete run is known":                                   {},
		"the last complete run is older than the timetable asks for": midnight.Add(-day),
	} {
		begun, log := scheduled(t, last, day, succeeds)
		require.Equal(t, []time.Duration{0, regular}, begun, name)
		require.Contains(t, log, name)
	}
	// A run that began at the very second of the timetable is not too old for it.
	begun, _ := scheduled(t, midnight.Add(regular-day), day, succeeds)
	require.Equal(t, []time.Duration{regular}, begun)
}

// The distance grows from failure to failure, and starts anew with the regular
// run; a release that waits for review is no failure.
func TestScheduleTriesAgain(t *testing.T) {
	failure := errors.New("the disk is full")
	begun, log := scheduled(t, time.Time{}, 8*time.Hour, func(_ context.Context, number int) error {
		switch {
		case number < 4:
			return failure
		case number == 4:
			return errors.Join(ErrHeld)
		}
		return nil
	})
	minutes := []time.Duration{0, 5, 15, 35, 75}
	for i := range minutes {
		minutes[i] *= time.Minute
	}
	require.Equal(t, minutes, begun)
	require.Contains(t, log, `level=ERROR msg="run failed" because="the disk is full" failures_in_a_row=4`)

	begun, _ = scheduled(t, midnight.Add(-time.Hour), 2*day, func(context.Context, int) error { return ErrUnreachable })
	var want []time.Duration
	for _, start := range []time.Duration{regular, regular + day} {
		for _, after := range []time.Duration{0, 5, 15, 35, 75, 155, 315, 635, 995, 1355} {
			if at := start + after*time.Minute; at < 2*day {
				want = append(want, at)
			}
		}
	}
	require.Equal(t, want, begun)
}

// A run that takes longer than the timetable's distance is followed by the next
// regular one, not by those that it missed.
func TestScheduleNeverRunsTwoAtATime(t *testing.T) {
	running := 0
	begun, _ := scheduled(t, midnight, 4*day, func(_ context.Context, number int) error {
		running++
		require.Equal(t, 1, running)
		if number == 0 {
			time.Sleep(2*day + time.Hour)
		}
		running--
		return nil
	})
	require.Equal(t, []time.Duration{regular, regular + 3*day}, begun)
}

// Asked to stop while it waits, it ends; while a pass runs, that one finishes its
// step, and is interrupted where that takes longer than allowed.
func TestScheduleStops(t *testing.T) {
	begun, _ := scheduled(t, midnight, 11*time.Hour, succeeds)
	require.Empty(t, begun)

	finished := time.Duration(0)
	_, log := scheduled(t, time.Time{}, time.Minute, func(ctx context.Context, _ int) error {
		time.Sleep(time.Minute + 20*time.Second)
		require.NoError(t, ctx.Err())
		finished = time.Since(midnight)
		return ErrStopped
	})
	require.Equal(t, time.Minute+20*time.Second, finished)
	require.Contains(t, log, `msg="asked to stop: the step in progress is finished first" within=30s`)
	require.NotContains(t, log, "interrupted")
	require.NotContains(t, log, "ERROR")

	_, log = scheduled(t, time.Time{}, time.Minute, func(ctx context.Context, _ int) error {
		<-ctx.Done()
		finished = time.Since(midnight)
		return ctx.Err()
	})
	require.Equal(t, time.Minute+30*time.Second, finished)
	require.Contains(t, log, "interrupted")
	require.NotContains(t, log, "ERROR")

	_, log = scheduled(t, time.Time{}, time.Minute, func(ctx context.Context, _ int) error {
		<-ctx.Done()
		return errors.New("the disk is full")
	})
	require.Contains(t, log, `level=ERROR msg="the run that was asked to stop failed" because="the disk is full"`)
}

// A machine that sleeps, or whose clock is put right, does not miss a run for
// longer than a minute.
func TestScheduleAfterTheClockJumped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		timetable, err := ParseTimetable("20 11 * * *", "UTC")
		require.NoError(t, err)
		var slept atomic.Int64 // nanoseconds
		ctx, cancel := context.WithCancel(t.Context())
		var begun time.Time
		s := &scheduler{
			timetable: timetable, retryAfter: time.Minute, log: slog.New(slog.DiscardHandler),
			now:  func() time.Time { return time.Now().Add(time.Duration(slept.Load())) },
			pass: func(context.Context) error { begun = time.Now(); cancel(); return nil },
		}
		time.AfterFunc(time.Hour, func() { slept.Store(int64(12 * time.Hour)) })
		s.keep(ctx, midnight)
		require.WithinRange(t, begun, midnight.Add(time.Hour), midnight.Add(time.Hour+time.Minute))
	})
}
