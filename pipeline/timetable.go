package pipeline

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones where the machine has none, as in small containers

	"github.com/robfig/cron/v3"
)

// Timetable says when runs are to begin: a cron expression, read in a time zone.
//
// The expression is asked for times on the clock on the wall, and the zone for
// the instants at which its clocks show them. So each time comes once a day: one
// that clocks skip in spring is the moment at which they skip it, and one that
// they show twice in autumn is the first of the two. The cron library by itself
// leaves out the first and gives the second twice.
type Timetable struct {
	expression string
	wall       cron.Schedule
	zone       *time.Location
}

// cronFields are the five of crontab(5). Names of intervals (@daily, @every 1h)
// are not among what it reads.
var cronFields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// ParseTimetable reads a cron expression of five fields and the name of a time
// zone, such as UTC or America/New_York. An error says what is wrong with which
// of the two, and what would be right; it does not name the setting.
func ParseTimetable(expression, zone string) (timetable Timetable, err error) {
	const hint = "write five fields (minute, hour, day of the month, month, day of the week from 0 for Sunday), such as '20 11 * * *' for 11:20 each day"
	if strings.Contains(expression, "=") {
		return timetable, fmt.Errorf("%q names a time zone: set the zone by itself; %s", expression, hint)
	}
	timetable.expression = strings.Join(strings.Fields(expression), " ")
	if timetable.wall, err = cronFields.Parse(timetable.expression); err != nil {
		return timetable, fmt.Errorf("%q is no cron expression: %w; %s", expression, err, hint)
	}
	if zone == "" || strings.EqualFold(zone, "local") {
		return timetable, fmt.Errorf("%q is no time zone: write UTC or a name such as America/New_York", zone)
	}
	if timetable.zone, err = time.LoadLocation(zone); err != nil {
		return timetable, fmt.Errorf("%q is no time zone: %w: write UTC or a name such as America/New_York", zone, err)
	}
	// The library looks five years ahead. A leap day can be eight years away.
	if timetable.wall.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return timetable, fmt.Errorf("%q is a time that never comes: there is no such day in any year; %s", expression, hint)
	}
	return timetable, nil
}

func (t Timetable) String() string { return fmt.Sprintf("%s (%s)", t.expression, t.zone) }

// Next gives the first time after another one at which a run is to begin, in the
// timetable's zone.
func (t Timetable) Next(after time.Time) time.Time {
	wall := wallClock(after.In(t.zone))
	for {
		next := t.wall.Next(wall)
		if next.IsZero() { // a leap day more than five years ahead
			wall = wall.AddDate(4, 0, 0)
			continue
		}
		wall = next
		if instant := firstShown(wall, t.zone); instant.After(after) {
			return instant
		}
	}
}

// wallClock gives what a clock shows, as the time of a zone that never changes.
func wallClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// firstShown gives the first instant at which the clocks of a zone show a time,
// or at which they skip it.
func firstShown(wall time.Time, zone *time.Location) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	start, end := t.ZoneBounds()
	switch shown := wallClock(t); {
	case shown.Before(wall): // skipped, and t is before the change
		return end.In(zone)
	case shown.After(wall): // skipped, and t is after the change
		return start.In(zone)
	case start.IsZero():
		return t
	}
	// Shown twice, if the clocks before the last change showed it as well.
	_, now := t.Zone()
	_, before := start.Add(-time.Second).In(zone).Zone()
	if earlier := t.Add(time.Duration(now-before) * time.Second); earlier.Before(start) {
		return earlier
	}
	return t
}
