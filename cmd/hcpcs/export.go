package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
)

func (a *app) exportCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "export DIR --format parquet|csv|json|markdown",
		Short: "Write all tables, or a sheet for each code, as files for other tools",
		Long: `export writes every table and view of the published file into a new folder, one
file each: Parquet; CSV, repeated values joined with ;; or JSON with a row a line.
What has a code is sorted by it, in row groups that readers of Parquet can skip;
the same published rows give the same bytes. Markdown is for people: a sheet for
each code, as 'hcpcs show' gives it, in a folder for each family of codes, with
indexes. The folder appears whole or not at all, and one that is not empty is left
alone.

Its --format is a setting of its own: export.format in the configuration file, or
HCPCS_EXPORT_FORMAT. What format and HCPCS_FORMAT set is how the other commands print
their results.`,
		Example: `  hcpcs export tables --format parquet
  hcpcs export sheets --format markdown   # begin with sheets/README.md`,
		Args: oneArgument("a folder that is not there yet"),
	}
	given := command.Flags().String("format", pipeline.DefaultConfig().Export.Format, "what is written: "+strings.Join(pipeline.ExportFormats, ", "))
	completeValues(command, "format", pipeline.ExportFormats)
	command.RunE = a.action(func(ctx context.Context, arguments []string) error {
		format := a.config.Export.Format
		if command.Flags().Changed("format") {
			format = *given
		}
		if !slices.Contains(pipeline.ExportFormats, format) {
			return usagef("--format %q: export writes %s", format, list(pipeline.ExportFormats, "or"))
		}
		count, err := a.export(ctx, arguments[0], format)
		var input load.InputError
		if errors.As(err, &input) {
			return asUsage(err)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.out, "Wrote %s to %s.\n", plural(count, "file", "files"), clean(arguments[0], false))
		return err
	})
	return command
}

// export gives the number of files written.
func (a *app) export(ctx context.Context, folder, format string) (int, error) {
	if format != pipeline.ExportMarkdown {
		files, err := load.Export(ctx, a.config.Paths().Published, folder, format, a.config.Resources())
		return len(files), err
	}
	count := 0
	err := a.withPublished(ctx, func(published *load.Published) error {
		return load.WriteFolder(folder, func(beside string) (err error) {
			count, err = report.WriteSheets(ctx, published, beside)
			return err
		})
	})
	if err != nil {
		return 0, fmt.Errorf("exporting: %w", err)
	}
	return count, nil
}
