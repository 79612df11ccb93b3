package main

import (
	"context"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/pipeline"
)

func (a *app) scheduleCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "schedule",
		Short: "Stay, and run by the clock",
		Long: `schedule stays in the foreground and does what 'hcpcs run' does, by a cron
expression of five fields: minute, hour, day of the month, month, day of the week
from 0 for Sunday. It is read in UTC unless schedule.zone is set. Each time comes
once a day, also where clocks change: one that they skip is the moment at which
they skip it, one that they show twice is the first of the two.

It runs at once when the last complete run is older than the timetable asks for,
never two at a time, and tries a failed run again, after schedule.retry_after (5m)
and then twice as long with each failure, until the next regular one. A release
that is held back for review is no failure. Standard error says how each run went
and when the next one begins; nothing goes to standard output.

On SIGTERM or Ctrl-C a run in progress finishes its step, within
schedule.stop_within (30s), and schedule ends with exit code 0. A second signal
ends it at once. Either leaves everything whole: the next run goes on from there.`,
		Example: `  hcpcs schedule
  hcpcs schedule --cron '0 6 * * 1-5' --zone America/New_York
  hcpcs schedule --log-format json --data-dir /srv/hcpcs`,
		Args: noArguments,
		PreRunE: func(command *cobra.Command, _ []string) error {
			if command.Flags().Changed("format") {
				return usagef("--format: 'hcpcs schedule' prints no result; --log-format says how it logs")
			}
			a.logLevel = slog.LevelInfo // what it says of its runs is all that is seen of them
			return nil
		},
		RunE: a.action(func(ctx context.Context, _ []string) error {
			return pipeline.Schedule(ctx, a.config, a.aroundRun())
		}),
	}
	defaults := pipeline.DefaultConfig().Schedule
	command.Flags().StringVar(&a.flags.cron, "cron", defaults.Cron, "when runs begin, in five fields")
	command.Flags().StringVar(&a.flags.zone, "zone", defaults.Zone, "the time zone of --cron")
	return command
}
