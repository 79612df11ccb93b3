package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
)

func (a *app) reportCommand() *cobra.Command {
	var send bool
	command := &cobra.Command{
		Use:   "report [RELEASE | FROM..TO]",
		Short: "Write the change report of a release as a page, as text and as a workbook; mail it",
		Long: `report writes what a release changed, for the people who bill, audit and price:
what to do and by when, their own codes first (watch in the configuration), then
everything that changed, with old and new, and how it was made. It writes one
page, plain text and a workbook into the reports folder of the data folder.

RELEASE is 2025Q4, for the latest revision of the quarter, or 2025Q4r1; by
default it is the latest release. FROM..TO reports the net difference of two
releases, in files of their own: 2019Q1r1-to-2020Q3r1.html. (2019Q1r1..2020Q3r1.html
is the report of a run on all the releases that came in together.)

--mail also sends it to everyone named by mail in the configuration, whether they
got it before or not. Where a mail that tells of RELEASE waits or was refused,
that one is sent, and counts as delivered when it arrives. --mail-to-dir writes
the mails into a folder instead, and settles nothing.`,
		Example: `  hcpcs report
  hcpcs report 2020Q3
  hcpcs report 2020Q3 --mail
  hcpcs report 2019Q1..2020Q3 --mail-to-dir ~/mails`,
		Args: atMostOneArgument("a release or FROM..TO"),
		RunE: a.action(func(ctx context.Context, arguments []string) error {
			scope, err := reportScope(arguments)
			if err != nil {
				return err
			}
			if send && a.flags.mailToDir != "" {
				return usagef("--mail and --mail-to-dir are both given: choose one")
			}
			files, err := pipeline.WriteReport(ctx, a.config, scope, a.aroundRun())
			if errors.Is(err, report.ErrNetOrder) {
				return asUsage(err)
			}
			if err != nil {
				return err
			}
			var mailings []pipeline.Mailing
			switch {
			case send:
				mailings, err = pipeline.MailReport(ctx, a.config, scope, a.aroundRun())
			case a.flags.mailToDir != "":
				mailings, err = pipeline.WriteMails(ctx, a.config, scope, a.flags.mailToDir, a.aroundRun())
			}
			return errors.Join(err, a.printReport(files, mailings))
		}),
	}
	command.Flags().BoolVar(&send, "mail", false, "send it to the recipients of the configuration")
	command.Flags().StringVar(&a.flags.mailToDir, "mail-to-dir", "", "write its mails into this folder as .eml files, also where there are no recipients")
	return command
}

// printReport says where a report is, and who got it.
func (a *app) printReport(files pipeline.ReportFiles, mailings []pipeline.Mailing) error {
	t := &table{columns: columnsNamed("report", "subject", "page", "text", "workbook", "mails", "undelivered")}
	var mails, undelivered int
	for i := range mailings {
		if mailings[i].State == load.Done {
			mails++
		} else {
			undelivered++
		}
	}
	t.rows = [][]any{{files.Name, files.Subject, files.Page, files.Text, files.Book, mails, undelivered}}
	return a.write(t, func(out io.Writer, width int) error {
		d := &document{}
		d.paragraph(files.Subject)
		d.items([]string{files.Page, files.Text, files.Book})
		describeMailings(d, mailings)
		return d.writeText(out, width)
	})
}

// describeMailings says what became of mails.
func describeMailings(d *document, mailings []pipeline.Mailing) {
	items := make([]string, len(mailings))
	for i := range mailings {
		items[i] = mailingWords(&mailings[i])
	}
	if len(items) > 0 {
		d.paragraph("Mails:")
		d.items(items)
	}
}

func mailingWords(m *pipeline.Mailing) string {
	what := m.Report + " to " + m.Group
	if m.Group == "" {
		what = m.Report + " into the reports folder"
	}
	var words string
	switch {
	case m.State == load.Done && m.File != "" && m.Of == 0:
		return m.Report + ": written to " + m.File
	case m.State == load.Done && m.File != "":
		return what + ": written to " + m.File
	case m.State == load.Done:
		words = fmt.Sprintf("sent to %s", plural(m.Recipients, "recipient", "recipients"))
	case !m.Kept:
		words = "not delivered"
	case m.State == load.Waiting:
		words = "waits, and is tried again by the next run"
	case m.State == load.Refused:
		words = fmt.Sprintf("refused; 'hcpcs report %s --mail' sends it again", m.Argument)
	default:
		words = string(m.State)
	}
	if m.State != load.Done && m.Recipients > 0 {
		words += fmt.Sprintf("; %d of %d have it", m.Recipients, m.Of)
	}
	if m.Problem != "" {
		words += ": " + m.Problem
	}
	return what + ": " + words
}

// reportScope reads what a report is about as a list of changes does; nothing given
// is the latest release.
func reportScope(arguments []string) (report.Scope, error) {
	span, err := parseSpan(arguments)
	if err != nil {
		return report.Scope{}, err
	}
	if span.from == (release.ID{}) {
		return report.On(span.to), nil
	}
	return report.Between(span.from, span.to), nil
}
