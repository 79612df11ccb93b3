package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/load"
)

func (a *app) exportCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "export DIR --format parquet|csv|json",
		Short: "Write all tables and views as files for other tools",
		Long: `export writes every table and view of the published file into a new folder, one
file each: Parquet, sorted by code; CSV, repeated values joined with ;; or JSON
with a row a line. The folder appears whole or not at all, and one that is not
empty is left alone.`,
		Example: "  hcpcs export tables --format parquet",
		Args:    oneArgument("a folder that is not there yet"),
	}
	format := command.Flags().String("format", "parquet", "what is written: parquet, csv, json")
	completeValues(command, "format", load.ExportFormats)
	command.RunE = a.action(func(ctx context.Context, arguments []string) error {
		if !slices.Contains(load.ExportFormats, *format) {
			return usagef("--format %q: export writes %s", *format, list(load.ExportFormats, "or"))
		}
		files, err := load.Export(ctx, a.config.Paths().Published, arguments[0], *format, a.config.Resources())
		var input load.InputError
		if errors.As(err, &input) {
			return asUsage(err)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.out, "Wrote %s to %s.\n", plural(len(files), "file", "files"), clean(arguments[0], false))
		return err
	})
	return command
}
