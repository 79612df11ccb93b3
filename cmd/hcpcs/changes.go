package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
)

func (a *app) changesCommand() *cobra.Command {
	var flags filterFlags
	command := &cobra.Command{
		Use:   "changes [RELEASE | FROM..TO]",
		Short: "List what a release changed, or the net difference of two",
		Long: `changes lists, code by code, what a release changed against the release before it,
from when each change holds, and whether that is what CMS declared. Without an
argument it is the latest release. FROM..TO is the net difference of any two
releases, as if none had been between them. 2025Q4 is the latest revision of
that quarter, 2025Q4r1 its first.

The filters narrow the list: several values of one filter are alternatives,
several filters must all be met.

In csv and markdown every changed field has a row; changes without a field to
show (added, vanished, declared only, …) have one row with an empty field.`,
		Example: `  hcpcs changes
  hcpcs changes 2020Q3
  hcpcs changes 2019Q1..2020Q3 --format csv > net.csv
  hcpcs changes 2025Q4r1..2025Q4r2             what a revision corrected
  hcpcs changes --change added,discontinued --code J,Q
  hcpcs changes --field long_description --format markdown
  hcpcs changes --effective-from 2020-01-01 --effective-to 2020-03-31`,
		Args: atMostOneArgument("a release or FROM..TO"),
		RunE: a.action(func(ctx context.Context, arguments []string) error {
			span, err := parseSpan(arguments)
			if err != nil {
				return err
			}
			filter, err := flags.parse()
			if err != nil {
				return err
			}
			return a.withPublished(ctx, func(published *load.Published) error {
				return a.changes(ctx, published, span, filter)
			})
		}),
	}
	flags.add(command)
	return command
}

func atMostOneArgument(what string) cobra.PositionalArgs {
	return func(command *cobra.Command, arguments []string) error {
		if len(arguments) > 1 {
			return usagef("%q is one argument too many: '%s' takes %s", arguments[1], command.CommandPath(), what)
		}
		return nil
	}
}

// span is what a list of changes is about: to against from, or against the
// release before it where from is the zero ID. The zero to is the latest.
type span struct{ from, to release.ID }

func parseSpan(arguments []string) (span, error) {
	if len(arguments) == 0 {
		return span{}, nil
	}
	before, after, isSpan := strings.Cut(arguments[0], "..")
	if !isSpan {
		id, err := release.ParseID(before)
		if err != nil {
			return span{}, asUsage(err)
		}
		return span{to: id}, nil
	}
	if before == "" || after == "" {
		return span{}, usagef("%q is not two releases: write FROM..TO, such as 2019Q1..2020Q3", arguments[0])
	}
	from, err := release.ParseID(before)
	if err != nil {
		return span{}, asUsage(err)
	}
	to, err := release.ParseID(after)
	if err != nil {
		return span{}, asUsage(err)
	}
	return span{from, to}, nil
}

func (a *app) changes(ctx context.Context, published *load.Published, span span, filter changeFilter) error {
	comparison, net, err := compare(ctx, published, span)
	if err != nil {
		return err
	}
	found := changeList{comparison: comparison, net: net, changes: filter.apply(comparison.Changes), filtered: filter.isSet()}
	switch a.config.Format {
	case "json":
		return found.writeJSON(a.out)
	case "csv":
		return found.contract().writeCSV(a.out)
	case "markdown":
		return found.contract().writeMarkdown(a.out)
	}
	found.records = published.RecordBook()
	codes := make([]string, len(found.changes))
	for i, change := range found.changes {
		codes[i] = change.Code
	}
	if err := found.records.Read(ctx, codes); err != nil {
		return err
	}
	return found.document().writeText(a.out, a.width())
}

// compare finds the releases and compares them. net tells that others lie
// between the two.
func compare(ctx context.Context, published *load.Published, span span) (comparison load.Comparison, net bool, err error) {
	to, err := published.Resolve(span.to)
	if err != nil {
		return load.Comparison{}, false, err
	}
	if span.from == (release.ID{}) {
		comparison, err = published.Changes(ctx, to)
		return comparison, false, err
	}
	from, err := published.Resolve(span.from)
	switch {
	case err != nil:
		return load.Comparison{}, false, err
	case from.ID == to.ID:
		return load.Comparison{}, false, usagef("%s..%s are the same release, %s", span.from, span.to, to.ID)
	case from.ID.Compare(to.ID) > 0:
		return load.Comparison{}, false, usagef("%s comes after %s: write the earlier one first, %s..%s", span.from, span.to, span.to, span.from)
	}
	comparison, err = published.NetChanges(ctx, from, to)
	return comparison, to.Previous != from.ID, err
}
