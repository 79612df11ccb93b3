package main

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/pipeline"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
)

func (a *app) reportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "report [RELEASE | FROM..TO]",
		Short: "Write the change report of a release as a page, as text and as a workbook",
		Long: `report writes what a release changed, for the people who bill, audit and price:
what to do and by when, their own codes first (watch in the configuration), then
everything that changed, with old and new, and how it was made. It writes one
page, plain text and a workbook into the reports folder of the data folder.

RELEASE is 2025Q4, for the latest revision of the quarter, or 2025Q4r1; by
default it is the latest release. FROM..TO reports the net difference of two
releases.`,
		Example: `  hcpcs report
  hcpcs report 2020Q3
  hcpcs report 2019Q1..2020Q3`,
		Args: cobra.MaximumNArgs(1),
		RunE: a.action(func(ctx context.Context, arguments []string) error {
			scope, err := reportScope(arguments)
			if err != nil {
				return err
			}
			files, err := pipeline.WriteReport(ctx, a.config, scope, a.aroundRun())
			if err != nil {
				return err
			}
			t := &table{columns: columnsNamed("report", "subject", "page", "text", "workbook")}
			t.rows = [][]any{{files.Name, files.Subject, files.Page, files.Text, files.Book}}
			return a.write(t, func(out io.Writer, width int) error {
				d := &document{}
				d.paragraph(files.Subject)
				d.items([]string{files.Page, files.Text, files.Book})
				return d.writeText(out, width)
			})
		}),
	}
}

func reportScope(arguments []string) (report.Scope, error) {
	if len(arguments) == 0 {
		return report.On(release.ID{}), nil
	}
	from, to, isRange := strings.Cut(arguments[0], "..")
	first, err := release.ParseID(from)
	if err != nil {
		return report.Scope{}, usagef("%w", err)
	}
	if !isRange {
		return report.On(first), nil
	}
	last, err := release.ParseID(to)
	if err != nil {
		return report.Scope{}, usagef("%w", err)
	}
	return report.Between(first, last), nil
}
