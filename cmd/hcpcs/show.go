package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

func (a *app) showCommand() *cobra.Command {
	var on, known, format string
	command := &cobra.Command{
		Use:   "show CODE",
		Short: "Show a code: what it is, how it changed, what it meant on a date",
		Long: `show prints the sheet of a procedure code or modifier: its record with the meaning
of each value, its status, what replaced it and what it replaces; then what each
release changed, its life over both times (the dates on which something is true,
and the releases according to which it is), and what the fields mean.

--on gives instead what was true on a date of service; --known, according to
which release (by default the latest). Letter case does not matter. --format html
gives the sheet as one page, with a picture of the code's life over both times.`,
		Example: `  hcpcs show A0021
  hcpcs show j0570 --on 2010-06-30
  hcpcs show G9638 --on 2018-06-30 --known 2018Q1   what was believed at the time
  hcpcs show SS --format json
  hcpcs show CS --format html > CS.html`,
		Args: oneArgument("a code, such as A0021 or SS"),
		RunE: a.action(func(ctx context.Context, arguments []string) error {
			code, err := parseCode(arguments[0])
			if err != nil {
				return err
			}
			page := format == pageFormat
			if format != "" && !page {
				if !slices.Contains(pipeline.Formats, format) {
					return usagef("--format %q: show prints %s", format, list(showFormats(), "or"))
				}
				a.config.Format = format
			}
			date, as, err := parseOn(on, known)
			if err != nil {
				return err
			}
			return a.withPublished(ctx, func(published *load.Published) error {
				sheet, err := published.Sheet(ctx, code)
				if err != nil {
					return withNearCodes(ctx, published, code, err)
				}
				if date == transform.NoDate {
					return a.showSheet(report.NewCodeSheet(sheet), page)
				}
				if page {
					return usagef("--format html gives the sheet of a code: leave out --on")
				}
				knownAt, err := published.Resolve(as)
				if err != nil {
					return err
				}
				claim, err := published.ClaimOn(ctx, code, date, knownAt.ID)
				if err != nil {
					return err
				}
				return a.showOn(newOnView(sheet, date, knownAt, claim, published.Releases()))
			})
		}),
	}
	command.Flags().StringVar(&on, "on", "", "what was true on this day, such as 2019-03-31")
	command.Flags().StringVar(&known, "known", "", "with --on: as known at this release, such as 2019Q1")
	command.Flags().StringVar(&format, "format", "", "how the sheet is printed: "+strings.Join(showFormats(), ", "))
	completeValues(command, "format", showFormats())
	return command
}

// pageFormat is a format of this command alone, besides those of all.
const pageFormat = "html"

func showFormats() []string { return append(slices.Clone(pipeline.Formats), pageFormat) }

func parseCode(text string) (string, error) {
	code := strings.ToUpper(strings.TrimSpace(text))
	if !transform.IsCode(code) {
		return "", asUsage(&load.UnknownCodeError{Code: text})
	}
	return code, nil
}

func parseOn(on, known string) (transform.Date, release.ID, error) {
	date, err := parseDay("--on", on)
	if err != nil || known == "" {
		return date, release.ID{}, err
	}
	if date == transform.NoDate {
		return date, release.ID{}, usagef("--known %s needs --on: say for which day, such as --on 2019-03-31", known)
	}
	id, err := release.ParseID(known)
	if err != nil {
		return date, id, usagef("--known: %w", err)
	}
	return date, id, nil
}

// withNearCodes adds to the error for an unknown code those that were perhaps
// meant.
func withNearCodes(ctx context.Context, published *load.Published, code string, err error) error {
	var unknown *load.UnknownCodeError
	if !errors.As(err, &unknown) || unknown.OfOtherCodeSet() {
		return err
	}
	near, listErr := published.Codes(ctx)
	if listErr != nil {
		return errors.Join(err, listErr)
	}
	near = slices.DeleteFunc(near, func(candidate string) bool { return firstMistake(code, candidate) < 0 })
	if len(near) == 0 {
		return err
	}
	// The first letter is the least likely to be mistaken.
	slices.SortStableFunc(near, func(a, b string) int { return firstMistake(code, b) - firstMistake(code, a) })
	return fmt.Errorf("%w; did you mean %s?", err, list(near[:min(len(near), maxNear)], "or"))
}

// maxNear bounds how many codes are proposed.
const maxNear = 5

// firstMistake gives the place of the one mistake of typing that makes one code of
// the other: a character replaced, or two neighbours exchanged. It is -1 where it
// takes more, and for any two modifiers, all of which would be near.
func firstMistake(a, b string) int {
	if len(a) != len(b) || len(a) <= 2 {
		return -1
	}
	var differ []int
	for i := range len(a) {
		if a[i] != b[i] {
			differ = append(differ, i)
		}
	}
	switch {
	case len(differ) == 1:
		return differ[0]
	case len(differ) == 2 && differ[1] == differ[0]+1 && a[differ[0]] == b[differ[1]] && a[differ[1]] == b[differ[0]]:
		return differ[0]
	}
	return -1
}
