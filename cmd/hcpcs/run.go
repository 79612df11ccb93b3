package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/pipeline"
)

func (a *app) runCommand() *cobra.Command {
	var accept []string
	var dryRun bool
	command := &cobra.Command{
		Use:   "run",
		Short: "Load what is new at the source, and publish it",
		Long: `run is one pass: what the source offers goes into the archive, what is new there
is read, checked, compared and loaded, and the analysts' file is published anew
when something changed. It ends with a summary. Nothing new is success.

A release that does not look right (far fewer codes, many bad lines, a quarter
that contradicts its dates) is held back: it is archived and not loaded, and
every run ends with exit code 3 until it is accepted. Everything else is loaded.

The report of what was loaded is written into the reports folder, one for all
releases that came in together, and mailed to the recipients of the configuration
(mail). A mail that cannot be delivered undoes nothing: what may be mended by time
is tried again by later runs, and what the mail server refuses is kept, listed by
'hcpcs releases', and said by exit code 6 until 'hcpcs report RELEASE --mail' has
sent it. With --mail-to-dir mails are written into a folder instead.

Where several exit codes apply, it is 3 before 4, and 4 before 6. In csv the
summary is a row for each release that was loaded; json has all of it.

--dry-run says what a run would do, and changes nothing. From a page nothing is
downloaded, so that what is in its files is not known.

An interrupted run is made whole by the next one.`,
		Example: `  hcpcs run
  hcpcs run --source ~/hcpcs-releases --data-dir /srv/hcpcs
  hcpcs run --dry-run
  hcpcs run --accept 2025Q4r2
  hcpcs run --mail-to-dir ~/mails
  hcpcs run --quiet --format json > last-run.json`,
		Args: noArguments,
		RunE: a.action(func(ctx context.Context, _ []string) error {
			ids, err := parseAccepted(accept)
			if err != nil {
				return err
			}
			if dryRun {
				planned, err := pipeline.Plan(ctx, a.config, ids, a.aroundRun())
				if err != nil {
					return err
				}
				return a.printPlan(planned)
			}
			around, finish := a.watchRun()
			summary, err := pipeline.Run(ctx, a.config, ids, around)
			finish()
			return a.summarize(&summary, err)
		}),
	}
	command.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be done, and change nothing")
	command.Flags().StringSliceVar(&accept, "accept", nil, "load a release that is held back, such as 2025Q4r2; several with commas, or given again")
	command.Flags().StringVar(&a.flags.mailToDir, "mail-to-dir", "", "write mails into this folder as .eml files instead of sending them, also where there are no recipients")
	return command
}

// parseAccepted reads the releases to be accepted: each with its revision, since
// the latest one may be another by the time of the run.
func parseAccepted(accept []string) ([]release.ID, error) {
	ids := make([]release.ID, 0, len(accept))
	for _, text := range accept {
		id, err := release.ParseID(text)
		switch {
		case err != nil:
			return nil, usagef("--accept: %w", err)
		case id.Revision == 0:
			return nil, usagef("--accept %s: say which revision, such as %sr1", text, id.Quarter)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (a *app) aroundRun() pipeline.Surroundings {
	return pipeline.Surroundings{Now: time.Now, Log: a.log, Version: programVersion()}
}

// summarize prints what a run did, also where it ended with releases held back or
// without some files, and gives the error on.
func (a *app) summarize(summary *pipeline.Summary, err error) error {
	// Of a source that was not reached there is nothing to say but that.
	if !summary.Concluded || (summary.Unreached && summary.ChangedNothing() && len(summary.Held) == 0) {
		return err
	}
	return errors.Join(err, a.printSummary(summary))
}

// printPlan prints what a run would do.
func (a *app) printPlan(planned []pipeline.Planned) error {
	t := &table{columns: []column{{name: "action", title: "Action"}, {name: "release", title: "Release"}, {name: "what", title: "What"}}}
	for _, one := range planned {
		t.rows = append(t.rows, []any{one.Action, nullable(one.Release), one.What})
	}
	return a.write(t, func(out io.Writer, width int) error {
		d := &document{}
		if len(planned) == 0 {
			d.paragraphf("A run would do nothing: %s has nothing that is not here.", a.config.Source)
			return d.writeText(out, width)
		}
		d.paragraph("A run would do this (nothing is done now):")
		d.table(t)
		return d.writeText(out, width)
	})
}
