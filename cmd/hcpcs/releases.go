package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline"
)

func (a *app) releasesCommand() *cobra.Command {
	var check bool
	command := &cobra.Command{
		Use:   "releases",
		Short: "List the releases: loaded, held back, missing",
		Long: `releases lists every release that is loaded or held back, with its file, when CMS
published it and by what that is known, how many codes it has, and the release
before it with which it was compared. Releases that CMS published between the
first and the last and that are not in hand are named below, whether the next
one is due, and which reports wait to be delivered or were refused by the mail
server. With --source cms, or the URL of a page, it also asks the page what it
offers that is not here yet; nothing is downloaded, so that a file which changed
under its address is named only where the page says that it was updated. Where the
page cannot be reached the releases are listed all the same, and the exit code is 4.

--check says only what somebody has to look after, and what to do about it: a
release that is held back (exit code 3), a mail that was refused or waits for more
than a day (6), a release that is overdue, from overdue_days_ahead (7) days before
its quarter on (1), or that no release was ever loaded (1). Where there is nothing,
the exit code is 0. It never waits for a run that is going on.

csv, json and markdown have every column; the table leaves out what does not fit.`,
		Example: `  hcpcs releases
  hcpcs releases --source cms
  hcpcs releases --format csv > releases.csv
  hcpcs releases --check --quiet || echo "see to it" | mail -s hcpcs operator`,
		Args: noArguments,
		RunE: a.action(func(ctx context.Context, _ []string) error {
			switch {
			case check && a.sourceGiven:
				return usagef("--check and --source are both given: --check asks no source")
			case check:
				return a.checkReleases(ctx)
			}
			var offers []extract.Listed
			var notOffered error // the releases that are here are listed all the same
			asked := a.sourceGiven && pipeline.IsSite(a.config.Source)
			if asked {
				var listed []extract.Listed
				listed, notOffered = pipeline.SiteOffers(ctx, a.config, a.aroundRun())
				offers = notHereYet(listed)
			}
			status, err := pipeline.ReadStatus(a.config)
			if err != nil {
				return err
			}
			err = a.withPublished(ctx, func(published *load.Published) error {
				releases := published.Releases()
				next, due := pipeline.NextRelease(releases, a.config.OverdueDaysAhead, time.Now())
				return a.write(releasesTable(releases, offers), func(out io.Writer, width int) error {
					d := releasesDocument(releases)
					if next.IsZero() {
						d.paragraph("No release is here yet: 'hcpcs run' loads what a source has.")
					} else {
						d.paragraphf("The next release, %s, takes effect on %s: %s.", next, next.FirstDay().Format(time.DateOnly), dueWords(due))
					}
					outboxDocument(d, status.Undelivered)
					switch {
					case asked && notOffered == nil:
						offersDocument(d, offers)
					case a.sourceGiven && !asked:
						d.paragraphf("What the folder has that is not here: hcpcs run --dry-run --source %s", a.config.Source)
					}
					return d.writeText(out, width)
				})
			})
			return errors.Join(notOffered, err)
		}),
	}
	command.Flags().BoolVar(&check, "check", false, "say what is held back, stuck or overdue; the exit code tells whether anything is")
	return command
}

// outboxDocument lists the reports that wait or were refused.
func outboxDocument(d *document, undelivered []pipeline.Undelivered) {
	if len(undelivered) == 0 {
		return
	}
	items := make([]string, len(undelivered))
	for i := range undelivered {
		u := &undelivered[i]
		m := pipeline.Mailing{Report: pipeline.ReportName(u.Releases), Argument: u.Argument(), Group: u.Group, State: load.Waiting, Problem: u.Problem, Kept: true}
		if u.Refused {
			m.State = load.Refused
		}
		tried := "not tried yet"
		if u.Attempts > 0 {
			tried = fmt.Sprintf("tried %s, last on %s", plural(u.Attempts, "time", "times"), u.LastAttempt.Format("2006-01-02 15:04"))
		}
		items[i] = fmt.Sprintf("%s (since %s, %s)", mailingWords(&m), u.Since.Format(time.DateOnly), tried)
	}
	d.paragraph("Reports not delivered:")
	d.items(items)
}

func dueWords(due pipeline.Due) string {
	switch due {
	case pipeline.Overdue:
		return "overdue; run 'hcpcs run'"
	case pipeline.DueNow:
		return "due, CMS publishes it in these weeks"
	}
	return "not due yet"
}

// notHereYet keeps what the page offers and was never had, or was updated since.
func notHereYet(listed []extract.Listed) []extract.Listed {
	return slices.DeleteFunc(slices.Clone(listed), func(one extract.Listed) bool {
		return !one.FetchedAt.IsZero() && !one.Updated.After(one.FetchedAt)
	})
}

// offersDocument lists what the page offers and is not here yet.
func offersDocument(d *document, offers []extract.Listed) {
	if len(offers) == 0 {
		d.paragraph("The page links nothing that is not here, and says of nothing that it was updated since. Whether a file changed under its address without a word, 'hcpcs run' finds out.")
		return
	}
	d.paragraph("The page offers, and is not here yet ('hcpcs run' gets it):")
	t := &table{columns: []column{{title: "Quarter"}, {title: "Offered as"}, {title: "Updated", spare: 1}, {title: "Address", spare: 2}}}
	for i := range offers {
		one := &offers[i]
		quarter, text := one.Quarter.String(), one.Text
		if one.Quarter.IsZero() {
			quarter = "unknown"
		}
		if one.Companion {
			text += " (comes with a release)"
		}
		if one.Problem != "" {
			text += ": " + one.Problem
		}
		t.rows = append(t.rows, []any{quarter, text, dayOrNil(one.Updated), one.URL})
	}
	d.table(t)
}

func dayOrNil(day time.Time) any {
	if day.IsZero() {
		return nil
	}
	return dateOnly(day)
}

// releasesTable has every column; their names are a contract.
// What a page offers and is not here yet has the state offered.
func releasesTable(releases []load.Release, offers []extract.Listed) *table {
	t := &table{columns: columnsNamed("release", "quarter", "revision", "effective_date", "published_at", "published_basis",
		"fetched_at", "source", "file_name", "sha256", "format", "records", "procedures", "modifiers",
		"previous_release", "gap", "missing_before", "state", "held_because")}
	for i := range releases {
		r := &releases[i]
		var gap any
		var missing []string
		if r.State == load.Loaded && !r.Previous.Quarter.IsZero() {
			gap = r.Gap
			for _, quarter := range release.Missing(r.Previous.Quarter, r.ID.Quarter) {
				missing = append(missing, quarter.String())
			}
		}
		var missingBefore any
		if missing != nil {
			missingBefore = missing
		}
		t.rows = append(t.rows, []any{
			r.ID.String(), r.ID.Quarter.String(), r.ID.Revision, dateOnly(r.ID.Quarter.FirstDay()), timestamp(r.PublishedAt),
			nullable(r.PublishedBasis), timestamp(r.FetchedAt), r.Source, r.FileName, r.SHA256, r.Format,
			r.Records, r.Procedures, r.Modifiers, releaseOrNil(r.Previous), gap, missingBefore, string(r.State), nullable(r.HeldBecause),
		})
	}
	for i := range offers {
		one := &offers[i]
		offer := map[string]any{"source": one.URL, "file_name": one.Name, "state": "offered", "held_because": nullable(one.Problem)}
		if !one.Quarter.IsZero() {
			offer["release"], offer["quarter"] = one.Quarter.String(), one.Quarter.String()
			offer["effective_date"] = dateOnly(one.Quarter.FirstDay())
		}
		t.addNamed(offer)
	}
	return t
}

// releasesDocument is the list for people: a table of what they look for, and
// what is held back or missing below it.
func releasesDocument(releases []load.Release) *document {
	d := &document{}
	d.table(releasesForPeople(releases))
	for i := range releases {
		r := &releases[i]
		if by, superseded := pipeline.Superseded(r, releases); superseded {
			d.paragraphf("%s was held back: %s. Nothing is to be done about it: %s, a later revision, is loaded.", r.ID, r.HeldBecause, by)
		} else if r.State == load.Held {
			d.paragraphf("%s is held back for review: %s. What to do: %s", r.ID, r.HeldBecause, pipeline.HeldAdvice(r))
		}
	}
	if missing := missingReleases(releases); len(missing) > 0 {
		d.paragraphf("Not in hand, though CMS published them between the first and the last: %s.", strings.Join(spansOf(missing), ", "))
	}
	return d
}

func releasesForPeople(releases []load.Release) *table {
	t := &table{columns: []column{
		{title: "Release"}, {title: "Effective", spare: 4}, {title: "Published"}, {title: "Known by", spare: 3}, {title: "Fetched", spare: 5},
		{title: "Records", right: true}, {title: "Procedures", right: true, spare: 2}, {title: "Modifiers", right: true, spare: 2},
		{title: "Previous"}, {title: "State"}, {title: "File", spare: 1},
	}}
	for i := range releases {
		r := &releases[i]
		previous := r.Previous.String()
		switch {
		case r.State == load.Held:
			previous = ""
		case r.Previous.Quarter.IsZero():
			previous = "(first)"
		case r.Gap:
			previous += ", gap"
		}
		t.rows = append(t.rows, []any{
			r.ID.String(), dateOnly(r.ID.Quarter.FirstDay()), publishedWords(r), inWords(r.PublishedBasis), dateOnly(r.FetchedAt),
			thousands(r.Records), thousands(r.Procedures), thousands(r.Modifiers), previous, string(r.State), r.FileName,
		})
	}
	return t
}

func publishedWords(r *load.Release) string {
	if r.PublishedAt.IsZero() {
		return "unknown"
	}
	return r.PublishedAt.Format(time.DateOnly)
}

// missingReleases gives the quarters between the first and the last release for
// which one was to be expected and none is in hand, held back ones counting as
// in hand.
func missingReleases(releases []load.Release) []release.Quarter {
	var missing []release.Quarter
	for i := 1; i < len(releases); i++ {
		missing = append(missing, release.Missing(releases[i-1].ID.Quarter, releases[i].ID.Quarter)...)
	}
	return missing
}

// spansOf writes quarters that follow each other as one span: 2012Q1 to 2015Q1
// (4 releases).
func spansOf(quarters []release.Quarter) []string {
	var spans []string
	for i := 0; i < len(quarters); {
		end := i + 1
		for end < len(quarters) && quarters[end] == quarters[end-1].NextExpected() {
			end++
		}
		if end-i == 1 {
			spans = append(spans, quarters[i].String())
		} else {
			spans = append(spans, fmt.Sprintf("%s to %s (%d releases)", quarters[i], quarters[end-1], end-i))
		}
		i = end
	}
	return spans
}
