package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
)

func (a *app) releasesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "releases",
		Short: "List the releases: loaded, held back, missing",
		Long: `releases lists every release that is loaded or held back, with its file, when CMS
published it and by what that is known, how many codes it has, and the release
before it with which it was compared. Releases that CMS published between the
first and the last and that are not in hand are named below.

csv, json and markdown have every column; the table leaves out what does not fit.`,
		Example: `  hcpcs releases
  hcpcs releases --format csv > releases.csv`,
		Args: noArguments,
		RunE: a.action(func(ctx context.Context, _ []string) error {
			return a.withPublished(ctx, func(published *load.Published) error {
				releases := published.Releases()
				return a.write(releasesTable(releases), func(out io.Writer, width int) error {
					return releasesDocument(releases).writeText(out, width)
				})
			})
		}),
	}
}

// releasesTable has every column; their names are a contract.
func releasesTable(releases []load.Release) *table {
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
	return t
}

// releasesDocument is the list for people: a table of what they look for, and
// what is held back or missing below it.
func releasesDocument(releases []load.Release) *document {
	d := &document{}
	d.table(releasesForPeople(releases))
	for i := range releases {
		if r := &releases[i]; r.State == load.Held {
			d.paragraphf("%s is held back for review: %s. If it is right nevertheless: hcpcs run --accept %s", r.ID, r.HeldBecause, r.ID)
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
