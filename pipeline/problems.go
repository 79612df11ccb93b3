package pipeline

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
)

// ErrOverdue says that a release is not here, and should be.
var ErrOverdue = errors.New("a release is overdue")

// ErrNothingLoaded says that a file was published, and no release is in it.
var ErrNothingLoaded = errors.New("no release is loaded yet")

// Problem is something that an operator has to look after.
type Problem struct {
	// Kind is ErrNothingLoaded, ErrHeld, ErrUndelivered or ErrOverdue.
	Kind error
	// Release is the one that it is about; of several that are overdue, the first;
	// "" where there is none at all.
	Release string
	Detail  string
	Advice  string // what to do about it
}

// stuckAfter is how long a mail may wait for the mail server before somebody has
// to look after it.
const stuckAfter = 24 * time.Hour

// HeldAdvice says what to do about a release that is held back. One of which no
// record could be read cannot be accepted.
func HeldAdvice(held *load.Release) string {
	if held.Records == 0 {
		return "it cannot be loaded as it is, not by --accept either: get the file again, or wait for a revision"
	}
	return "if it is right nevertheless: hcpcs run --accept " + held.ID.String()
}

// Superseded tells whether a release that is held back need not be looked after any
// more: nothing could be read of it, and a later revision of its quarter, which is what
// it waited for, is loaded.
func Superseded(held *load.Release, releases []load.Release) (by release.ID, is bool) {
	if held.State != load.Held || held.Records > 0 {
		return by, false
	}
	for i := range releases {
		if r := &releases[i]; r.State == load.Loaded && r.ID.Quarter == held.ID.Quarter && r.ID.Revision > held.ID.Revision {
			by, is = r.ID, true
		}
	}
	return by, is
}

// waitsForReview tells whether a release is held back, and somebody has to look at it.
func waitsForReview(r *load.Release, releases []load.Release) bool {
	_, superseded := Superseded(r, releases)
	return r.State == load.Held && !superseded
}

// Problems gives what an operator has to look after at a time: that there is no
// release at all, releases that are held back, mails that are stuck, releases that are
// overdue. A release is overdue from so many days before its quarter on (overdue_days_ahead); one that
// is held back is here. The gravest kind comes first.
func Problems(releases []load.Release, status *Status, config Config, now time.Time) []Problem {
	var problems []Problem
	if len(releases) == 0 {
		problems = append(problems, Problem{
			Kind: ErrNothingLoaded, Detail: "no run has found a release to load: its source could not be reached, or had none",
			Advice: "'hcpcs run' loads what a source has, 'hcpcs runs' says how the last ones ended",
		})
	}
	for i := range releases {
		if r := &releases[i]; waitsForReview(r, releases) {
			problems = append(problems, Problem{
				Kind: ErrHeld, Release: r.ID.String(), Detail: "it is held back for review: " + r.HeldBecause,
				Advice: HeldAdvice(r),
			})
		}
	}
	for i := range status.Undelivered {
		if problem, stuck := stuckMail(&status.Undelivered[i], now); stuck {
			problems = append(problems, problem)
		}
	}
	if overdue := overdueReleases(releases, config.OverdueDaysAhead, now); overdue != nil {
		first := overdue[0]
		detail := fmt.Sprintf("its quarter begins on %s, and it is not here", first.FirstDay().Format(time.DateOnly))
		if more := len(overdue) - 1; more > 0 {
			detail += fmt.Sprintf(", nor %d after it, up to %s", more, overdue[more])
		}
		problems = append(problems, Problem{
			Kind: ErrOverdue, Release: first.String(), Detail: detail,
			Advice: "'hcpcs run' gets what CMS offers, 'hcpcs releases --source cms' shows it",
		})
	}
	return problems
}

func stuckMail(mail *Undelivered, now time.Time) (problem Problem, stuck bool) {
	names := strings.Join(mail.Releases, ", ")
	problem = Problem{Kind: ErrUndelivered, Release: names}
	because := ""
	if mail.Problem != "" {
		because = ": " + mail.Problem
	}
	switch {
	case mail.Refused:
		problem.Detail = fmt.Sprintf("the mail server refused its mail to %s%s", mail.Group, because)
		problem.Advice = fmt.Sprintf("once that is mended: hcpcs report %s --mail", mail.Argument())
	case now.Sub(mail.Since) > stuckAfter:
		problem.Detail = fmt.Sprintf("its mail to %s waits since %s%s", mail.Group, mail.Since.UTC().Format(time.RFC3339), because)
		problem.Advice = "see whether the mail server can be reached as configured (mail); each run tries again"
	default:
		return problem, false
	}
	return problem, true
}

// overdueReleases gives the quarters whose releases should be here and are not.
// Where none is here, none is known to be missing.
func overdueReleases(releases []load.Release, daysAhead int, now time.Time) []release.Quarter {
	if len(releases) == 0 {
		return nil
	}
	var overdue []release.Quarter
	quarter := releases[len(releases)-1].ID.Quarter.NextExpected()
	for ; isOverdue(quarter, daysAhead, now); quarter = quarter.NextExpected() {
		overdue = append(overdue, quarter)
	}
	return overdue
}
