package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/pipeline"
)

func (a *app) rebuildCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rebuild",
		Short: "Derive all tables anew from the archive, and publish them",
		Long: `rebuild empties the warehouse of all that comes from releases, loads every release
of the archive again, and publishes. The result is the same as what was there,
unless the program's rules changed or a file was damaged. The source is not
looked at, and what is published now is served until the end.`,
		Example: `  hcpcs rebuild
  hcpcs rebuild --data-dir /srv/hcpcs --verbose`,
		Args: noArguments,
		RunE: a.action(func(ctx context.Context, _ []string) error {
			around, finish := a.watchRun()
			summary, err := pipeline.Rebuild(ctx, a.config, around)
			finish()
			return a.summarize(&summary, err)
		}),
	}
}
