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
	Overdue Due = "overdue" // its quarter has begun
)

// publishedAhead is how long before its quarter CMS publishes a release at the
// earliest: that of October 2026 was there on September 10th.
const publishedAhead = 30 * 24 * time.Hour

// NextRelease gives the quarter after the latest one in hand for which CMS
// publishes a release, and whether it is due at a time. There is none where
// nothing is in hand.
func NextRelease(releases []load.Release, now time.Time) (release.Quarter, Due) {
	if len(releases) == 0 {
		return release.Quarter{}, NotYet
	}
	next := releases[len(releases)-1].ID.Quarter.NextExpected()
	switch until := next.FirstDay().Sub(now); {
	case until <= 0:
		return next, Overdue
	case until <= publishedAhead:
		return next, DueNow
	}
	return next, NotYet
}
