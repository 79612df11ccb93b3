package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline"
)

func (a *app) runsCommand() *cobra.Command {
	var last int
	command := &cobra.Command{
		Use:   "runs",
		Short: "List the last runs: when, how they ended, what they did",
		Long: `runs lists the last runs, the latest first: when each began and ended, how, how many
releases it loaded and found held back, the changes and findings of those that it
loaded, and what it failed with.

A run ends as done; held, when a release waits for review; undelivered, when a
report could not be delivered; unreachable, when the source gave less than it
offers; stopped, when it was asked to; failed; or killed, when it had no time to
write down how it ended.

It needs the right to write into the data folder, as a run does: the list stands in
the private warehouse, and no run may begin while it is read.`,
		Example: `  hcpcs runs
  hcpcs runs --last 100 --format csv > runs.csv`,
		Args: noArguments,
		RunE: a.action(func(ctx context.Context, _ []string) error {
			if last < 1 {
				return usagef("--last is %d: write how many runs are to be listed, such as 20", last)
			}
			runs, err := pipeline.Runs(ctx, a.config, last, a.aroundRun())
			if err != nil {
				return err
			}
			return a.write(runsTable(runs), func(out io.Writer, width int) error {
				d := &document{}
				d.table(runsForPeople(runs))
				return d.writeText(out, width)
			})
		}),
	}
	command.Flags().IntVar(&last, "last", 20, "how many runs are listed")
	return command
}

// runsTable has every column; their names are a contract.
func runsTable(runs []load.Run) *table {
	t := &table{columns: columnsNamed("run", "started_at", "ended_at", "outcome", "source", "releases_loaded", "releases_held",
		"changes", "findings", "error")}
	for i := range runs {
		r := &runs[i]
		var loaded, held, changes, findings any
		if !r.Ended.IsZero() {
			loaded, held, changes, findings = r.Counts.Loaded, r.Counts.Held, r.Counts.Changes, r.Counts.Findings
		}
		t.rows = append(t.rows, []any{r.Number, timestamp(r.Started), timestamp(r.Ended), endedAs(r), r.Source,
			loaded, held, changes, findings, nullable(oneLine(r.Error))})
	}
	return t
}

func runsForPeople(runs []load.Run) *table {
	t := &table{columns: []column{
		{title: "Run", right: true}, {title: "Began (UTC)"}, {title: "Took", right: true, spare: 2}, {title: "Ended as"},
		{title: "Loaded", right: true}, {title: "Held", right: true}, {title: "Changes", right: true}, {title: "Findings", right: true, spare: 3},
		{title: "Source", spare: 4}, {title: "Error", spare: 1},
	}}
	for i := range runs {
		r := &runs[i]
		began := r.Started.UTC().Format("2006-01-02 15:04:05")
		if r.Ended.IsZero() {
			t.rows = append(t.rows, []any{r.Number, began, nil, endedAs(r), nil, nil, nil, nil, r.Source, nil})
			continue
		}
		t.rows = append(t.rows, []any{r.Number, began, duration(r.Ended.Sub(r.Started)), endedAs(r), r.Counts.Loaded, r.Counts.Held,
			thousands(r.Counts.Changes), thousands(r.Counts.Findings), r.Source, oneLine(r.Error)})
	}
	return t
}

// endedAs: only one run at a time holds the lock, which is held while the runs are
// read. So one without an end was killed, also where no run has found that out.
func endedAs(r *load.Run) string {
	if r.Outcome == "" {
		return string(load.RunKilled)
	}
	return string(r.Outcome)
}
