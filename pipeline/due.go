package pipeline

import (
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
)

// Due says whether the next release is to be expected.
type Due string

const (
	NotYet  Due = "not yet" // its quarter begins in more than publishedAhead
	DueNow  Due = "due"     // CMS publishes it in these weeks
	Overdue Due = "overdue" // it should be here: see Config.OverdueDaysAhead
)

// publishedAhead is how long before its quarter CMS publishes a release at the
// earliest: that of October 2026 was there on September 10th.
const publishedAhead = 30 * 24 * time.Hour

// NextRelease gives the quarter after the latest one in hand for which CMS
// publishes a release, and whether it is due at a time; from so many days before
// its quarter on (overdue_days_ahead) it is overdue. There is none where nothing is
// in hand.
func NextRelease(releases []load.Release, daysAhead int, now time.Time) (release.Quarter, Due) {
	if len(releases) == 0 {
		return release.Quarter{}, NotYet
	}
	next := releases[len(releases)-1].ID.Quarter.NextExpected()
	switch {
	case isOverdue(next, daysAhead, now):
		return next, Overdue
	case next.FirstDay().Sub(now) <= publishedAhead:
		return next, DueNow
	}
	return next, NotYet
}

func isOverdue(quarter release.Quarter, daysAhead int, now time.Time) bool {
	return !quarter.FirstDay().AddDate(0, 0, -daysAhead).After(now)
}
