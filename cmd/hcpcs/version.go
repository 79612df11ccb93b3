package main

import (
	"context"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline"
)

// version is set when a release of the program is built:
// go build -ldflags "-X main.version=1.2.3".
var version string

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which version this is, of the program and of what it is built on",
		Long: `version gives the versions of the program, of Go, of DuckDB, of the tables that the
program makes, and of the rules by which it derives them.`,
		Example: `  hcpcs version
  hcpcs version --format json`,
		Args: noArguments,
		// It answers whatever the configuration is like: it is what one asks when
		// something is wrong. One that cannot be read says nothing of the format.
		RunE: func(command *cobra.Command, _ []string) error {
			if a.configure(command.Flags()) != nil {
				a.config = pipeline.DefaultConfig()
				a.applyFlags(command.Flags())
				if err := a.config.Check(); err != nil {
					return asUsage(err)
				}
			}
			a.acting = true
			return a.version(command.Context())
		},
	}
}

func (a *app) version(ctx context.Context) error {
	duckDB, err := load.DuckDBVersion(ctx)
	if err != nil {
		return err
	}
	t := &table{
		columns: columnsNamed("hcpcs", "go", "duckdb", "schema", "rules"),
		rows:    [][]any{{programVersion(), runtime.Version(), duckDB, load.SchemaVersion(), load.RulesVersion}},
	}
	return a.write(t, func(out io.Writer, width int) error { return t.writeRecords(out, width) })
}

// programVersion is what the build said, else what the Go tool knows.
func programVersion() string {
	if version != "" {
		return version
	}
	if build, ok := debug.ReadBuildInfo(); ok && build.Main.Version != "" {
		return build.Main.Version
	}
	return "(devel)"
}
