package pipeline

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/load"
)

func TestProblems(t *testing.T) {
	config := DefaultConfig() // seven days ahead
	loaded := func(names ...string) (releases []load.Release) {
		for _, name := range names {
			releases = append(releases, load.Release{ID: id(t, name), State: load.Loaded})
		}
		return releases
	}
	held := load.Release{ID: id(t, "2026Q1r1"), State: load.Held, HeldBecause: "a third of the codes is gone", Records: 5000}
	unreadable := load.Release{ID: id(t, "2026Q1r1"), State: load.Held, HeldBecause: "reading x.xlsx: the header row lacks the column COV"}
	unreadableRevision := unreadable
	unreadableRevision.ID = id(t, "2026Q1r2")
	christmas := time.Date(2025, 12, 25, 0, 0, 0, 0, time.UTC)
	waiting := Undelivered{Group: "billing", Releases: []string{"2025Q4r1"}, Since: christmas.Add(-25 * time.Hour), Problem: "421 try later"}
	young, refused := waiting, waiting
	young.Since = christmas.Add(-23 * time.Hour)
	refused.Refused, refused.Since, refused.Problem = true, christmas, "550 no such user"
	several := refused
	several.Releases = []string{"2025Q3r1", "2025Q4r1"}

	for name, c := range map[string]struct {
		releases []load.Release
		mails    []Undelivered
		now      time.Time
		want     []Problem
	}{
		"nothing is here": {now: christmas, want: []Problem{{
			ErrNothingLoaded, "", "no run has found a release to load: its source could not be reached, or had none",
			"'hcpcs run' loads what a source has, 'hcpcs runs' says how the last ones ended"}}},
		"eight days ahead":        {releases: loaded("2025Q4r1"), now: christmas.Add(-time.Second)},
		"a mail that waits a day": {releases: loaded("2025Q4r1"), mails: []Undelivered{young}, now: christmas.Add(-time.Second)},
		"seven days ahead": {releases: loaded("2025Q3r1", "2025Q4r1"), now: christmas, want: []Problem{{
			ErrOverdue, "2026Q1", "its quarter begins on 2026-01-01, and it is not here",
			"'hcpcs run' gets what CMS offers, 'hcpcs releases --source cms' shows it"}}},
		"years behind": {releases: loaded("2019Q1r1"), now: time.Date(2020, 7, 1, 0, 0, 0, 0, time.UTC), want: []Problem{{
			ErrOverdue, "2020Q1", "its quarter begins on 2020-01-01, and it is not here, nor 2 after it, up to 2020Q3",
			"'hcpcs run' gets what CMS offers, 'hcpcs releases --source cms' shows it"}}},
		"held back, which is here": {releases: append(loaded("2025Q4r1"), held), now: christmas, want: []Problem{{
			ErrHeld, "2026Q1r1", "it is held back for review: a third of the codes is gone", "if it is right nevertheless: hcpcs run --accept 2026Q1r1"}}},
		"held back, without a record": {releases: append(loaded("2025Q4r1"), unreadable), now: christmas, want: []Problem{{
			ErrHeld, "2026Q1r1", "it is held back for review: reading x.xlsx: the header row lacks the column COV",
			"it cannot be loaded as it is, not by --accept either: get the file again, or wait for a revision"}}},
		"held back, without a record, and a later revision is loaded": {releases: append([]load.Release{unreadable}, loaded("2026Q1r2")...), now: christmas},
		"a revision that is held back, without a record": {releases: append(loaded("2026Q1r1"), unreadableRevision), now: christmas, want: []Problem{{
			ErrHeld, "2026Q1r2", "it is held back for review: reading x.xlsx: the header row lacks the column COV",
			"it cannot be loaded as it is, not by --accept either: get the file again, or wait for a revision"}}},
		"held back, and a later revision is loaded": {releases: append([]load.Release{held}, loaded("2026Q1r2")...), now: christmas, want: []Problem{{
			ErrHeld, "2026Q1r1", "it is held back for review: a third of the codes is gone", "if it is right nevertheless: hcpcs run --accept 2026Q1r1"}}},
		"mails": {releases: loaded("2026Q1r1"), mails: []Undelivered{waiting, refused}, now: christmas, want: []Problem{
			{ErrUndelivered, "2025Q4r1", "its mail to billing waits since 2025-12-23T23:00:00Z: 421 try later",
				"see whether the mail server can be reached as configured (mail); each run tries again"},
			{ErrUndelivered, "2025Q4r1", "the mail server refused its mail to billing: 550 no such user", "once that is mended: hcpcs report 2025Q4r1 --mail"}}},
		"a mail on several releases": {releases: loaded("2026Q1r1"), mails: []Undelivered{several}, now: christmas, want: []Problem{
			{ErrUndelivered, "2025Q3r1, 2025Q4r1", "the mail server refused its mail to billing: 550 no such user", "once that is mended: hcpcs report 2025Q4r1 --mail"}}},
	} {
		require.Equal(t, c.want, Problems(c.releases, &Status{Undelivered: c.mails}, config, c.now), name)
	}
	config.OverdueDaysAhead = 0
	require.Empty(t, Problems(loaded("2025Q4r1"), &Status{}, config, christmas.AddDate(0, 0, 6)))
	require.Len(t, Problems(loaded("2025Q4r1"), &Status{}, config, christmas.AddDate(0, 0, 7)), 1)
}
