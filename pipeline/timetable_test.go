package pipeline

import (
	"fmt"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return parsed
}

func TestTimetable(t *testing.T) {
	for _, c := range []struct{ name, expression, zone, after, next string }{
		{"later today", "20 11 * * *", "UTC", "2026-01-05T11:19:59Z", "2026-01-05T11:20:00Z"},
		{"a time is not its own next one", "20 11 * * *", "UTC", "2026-01-05T11:20:00Z", "2026-01-06T11:20:00Z"},
		{"Mondays", "0 6 * * 1", "UTC", "2026-01-06T00:00:00Z", "2026-01-12T06:00:00Z"},
		{"every ten minutes", "*/10 * * * *", "UTC", "2026-01-06T00:01:00Z", "2026-01-06T00:10:00Z"},
		{"a zone", "20 6 * * *", "America/New_York", "2026-01-05T12:00:00Z", "2026-01-06T06:20:00-05:00"},
		{"the same zone in summer", "20 6 * * *", "America/New_York", "2026-07-05T12:00:00Z", "2026-07-06T06:20:00-04:00"},
		{"skipped in spring: when the clocks skip it", "30 2 * * *", "America/New_York", "2026-03-08T05:00:00Z", "2026-03-08T03:00:00-04:00"},
		{"and the day after as ever", "30 2 * * *", "America/New_York", "2026-03-08T07:00:00Z", "2026-03-09T02:30:00-04:00"},
		{"shown twice in autumn: the first", "30 1 * * *", "America/New_York", "2026-11-01T04:00:00Z", "2026-11-01T01:30:00-04:00"},
		{"and not the second", "30 1 * * *", "America/New_York", "2026-11-01T05:30:00Z", "2026-11-02T01:30:00-05:00"},
		{"between the two", "30 1 * * *", "America/New_York", "2026-11-01T06:10:00Z", "2026-11-02T01:30:00-05:00"},
		{"a midnight that is skipped", "0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", "2026-09-06T01:00:00-03:00"},
		{"a change of half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", "2026-10-04T02:30:00+11:00"},
		{"a leap day, eight years ahead", "0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			timetable, err := ParseTimetable(c.expression, c.zone)
			require.NoError(t, err)
			require.Equal(t, c.next, timetable.Next(moment(t, c.after)).Format(time.RFC3339))
		})
	}
}

// What the library does by itself, which is why its zones are not used: if it
// one day does better, the timetable can do less.
func TestCronLibraryAtChangesOfTheClock(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	skipped, err := cron.ParseStandard("30 2 * * *")
	require.NoError(t, err)
	require.Equal(t, "2026-03-09", skipped.Next(moment(t, "2026-03-08T05:00:00Z").In(newYork)).Format(time.DateOnly))
	twice, err := cron.ParseStandard("30 1 * * *")
	require.NoError(t, err)
	require.Equal(t, moment(t, "2026-11-01T06:30:00Z").UTC(), twice.Next(moment(t, "2026-11-01T05:30:00Z").In(newYork)).UTC())
	require.Panics(t, func() { _, _ = cron.ParseStandard("TZ=UTC") })
}

func TestTimetablesThatCannotBe(t *testing.T) {
	for _, c := range []struct{ expression, zone, want string }{
		{"", "UTC", "five fields"},
		{"TZ=UTC", "UTC", "set the zone by itself"},
		{"CRON_TZ=America/New_York 20 11 * * *", "UTC", "set the zone by itself"},
		{" TZ=UTC 20 11 * * *", "UTC", "set the zone by itself"},
		{"@daily", "UTC", "five fields"},
		{"@every 1h", "UTC", "five fields"},
		{"0 20 11 * * *", "UTC", "five fields"},
		{"20 11 * *", "UTC", "five fields"},
		{"20 24 * * *", "UTC", "five fields"},
		{"20 11 * * 7", "UTC", "0 for Sunday"},
		{"*/0 * * * *", "UTC", "five fields"},
		{"0 0 31 2 *", "UTC", "never comes"},
		{"20 11 * * *", "", "America/New_York"},
		{"20 11 * * *", "Local", "America/New_York"},
		{"20 11 * * *", "Mars/Olympus", "America/New_York"},
		{"20 11 * * *", "../../etc/passwd", "America/New_York"},
	} {
		_, err := ParseTimetable(c.expression, c.zone)
		require.ErrorContains(t, err, c.want, c.expression)
		require.NotContains(t, err.Error(), "\n")
	}
}

// Whatever the zone and the time of day: one run on each day of the calendar,
// each later than the one before.
func TestOneRunADay(t *testing.T) {
	zones := []string{"UTC", "America/New_York", "America/Santiago", "America/Havana", "Africa/Cairo", "Asia/Beirut", "Asia/Kathmandu",
		"Australia/Lord_Howe", "Europe/Dublin", "Pacific/Chatham", "Africa/Casablanca"}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		expression := fmt.Sprintf("%d %d * * *", rapid.IntRange(0, 59).Draw(t, "minute"), rapid.IntRange(0, 23).Draw(t, "hour"))
		timetable, err := ParseTimetable(expression, zone)
		require.NoError(t, err)
		at := time.Date(rapid.IntRange(2000, 2040).Draw(t, "year"), time.January, 1, 12, 0, 0, 0, time.UTC)
		before := timetable.Next(at)
		for range 400 {
			next := timetable.Next(before)
			require.True(t, next.After(before))
			days := wallClock(next).Truncate(24*time.Hour).Sub(wallClock(before).Truncate(24*time.Hour)) / (24 * time.Hour)
			require.EqualValues(t, 1, days, "%s in %s: after %s comes %s", expression, zone, before, next)
			before = next
		}
	})
}
