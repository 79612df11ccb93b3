package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/load"
)

// failedLines is what --fail-on-invalid makes of invalid lines, and of those that
// could not be checked; nil where there are none.
func failedLines(file string, checked *load.ClaimCheck) error {
	var found []string
	for _, of := range []struct {
		lines int64
		what  string
	}{
		{checked.Counts["invalid"], "invalid"}, {checked.Counts["malformed"], "malformed"}, {checked.LeftOut, "left out of the result"},
	} {
		if of.lines > 0 {
			found = append(found, thousands(int(of.lines))+" "+of.what)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return fmt.Errorf("checking %s: of %s, %s", file, plural(int(checked.Lines+checked.LeftOut), "line", "lines"), list(found, "and"))
}

func (a *app) checkCommand() *cobra.Command {
	var options load.CheckOptions
	var failOnInvalid bool
	command := &cobra.Command{
		Use:   "check FILE",
		Short: "Check claim lines: was each code valid on its date of service?",
		Long: `check reads claim lines from a CSV or Parquet file, and says of each whether its
code and modifiers were valid on the date of service, as known now and, where the
file has the day of payment, as known then: by the latest release published by
that day.

The result is a file with the input's columns and these, by default
NAME.checked.csv beside the input: hcpcs_verdict (valid, invalid, uncertain,
other_code_set for CPT and CDT codes, no_code, malformed), hcpcs_code_status,
hcpcs_reason, hcpcs_since, hcpcs_replaced_by, hcpcs_attested (false: CMS's record
for the date is in no file), hcpcs_description, hcpcs_modifiers, and what was said
on the day of payment: hcpcs_verdict_when_paid, hcpcs_code_status_when_paid,
hcpcs_modifiers_when_paid, hcpcs_release_when_paid. Codes and modifiers have the
status that the macro claim_status gives them, or wrong_kind: a modifier in place
of a code, or a code in place of a modifier, is invalid. A summary goes to
standard output. Claim data goes to no other place.

Columns are found by their usual names (hcpcs, procedure_code; modifier1,
modifiers; service_date, dos; paid_date), or named. Where there is one column of
modifiers, a cell can hold several, with anything but letters and digits between
them ("LT, 59"). In any column of modifiers a cell of 4, 6 or 8 letters and digits
is two, three or four modifiers ("LT59"). Numbers may end with .0, as spreadsheets
write them; NULL, None and NaN are no word. Dates are written 2020-01-31, 20200131 or 01/31/2020, or are dates of
Parquet; of a time stamp with a time zone, the day in UTC counts.

What delimits the cells of a CSV file is what stands most often between the names
of its columns, or what a first line as "sep=;" says. Its lines, with their ends,
stand in the result as they stood in it; those that cannot be read (too few or too
many cells, quotation marks that are not closed, no UTF-8) are left out of it, and
listed by their numbers: the first 20, and with --format json the first 100,000,
with malformed_lines to say how many there are in all. A line that takes several
lines of the file has the number of its first one; rows of Parquet count from 1.

With --fail-on-invalid, invalid lines end it with exit code 1 once the result is
written, and so do lines that could not be checked: malformed ones, and those left
out of the result. Lines that are uncertain, of another code set or without a code
do not.`,
		Example: `  hcpcs check claims.csv
  hcpcs check claims.parquet --output checked.parquet --force
  hcpcs check lines.csv --code proc --modifiers m1,m2 --date svc_dt --paid chk_dt
  hcpcs check claims.csv --fail-on-invalid && send claims.csv`,
		Args: oneArgument("a file of claim lines, in CSV or Parquet"),
		RunE: a.action(func(ctx context.Context, arguments []string) error {
			var err error
			if options.Input, err = filepath.Abs(arguments[0]); err != nil {
				return err
			}
			if options.Output == "" {
				extension := filepath.Ext(options.Input)
				options.Output = strings.TrimSuffix(options.Input, extension) + ".checked" + extension
			}
			if options.Output, err = filepath.Abs(options.Output); err != nil {
				return err
			}
			checked, err := load.CheckClaims(ctx, a.config.Paths().Published, options)
			var input load.InputError
			if errors.As(err, &input) {
				return asUsage(err)
			}
			if err != nil {
				return err
			}
			if err := a.writeCheck(checked, options.Output); err != nil {
				return err
			}
			if failOnInvalid {
				return failedLines(arguments[0], checked)
			}
			return nil
		}),
	}
	flags := command.Flags()
	flags.StringVar(&options.Output, "output", "", "file for the result (default NAME.checked.csv beside the input)")
	flags.BoolVar(&options.Overwrite, "force", false, "write over a result that is there already")
	flags.BoolVar(&failOnInvalid, "fail-on-invalid", false, "end with exit code 1 where a line is invalid, malformed or left out of the result")
	flags.StringVar(&options.Code, "code", "", "column of the code")
	flags.StringSliceVar(&options.Modifiers, "modifiers", nil, "columns of the modifiers")
	flags.StringVar(&options.Date, "date", "", "column of the date of service")
	flags.StringVar(&options.Paid, "paid", "", "column of the day of payment")
	flags.StringVar(&options.MemoryLimit, "memory", "1GB", "what DuckDB may take for a Parquet file, such as 500MB or 2GB")
	return command
}

// verdicts are the words for a line, in the order in which they are printed.
var verdicts = []struct{ word, meaning string }{
	{"valid", "the code and all modifiers were valid on the date of service"},
	{"invalid", "the code or a modifier was not, or stands in the other's place"},
	{"uncertain", "the loaded releases cannot tell"},
	{"other_code_set", "CPT or CDT, which are not HCPCS Level II"},
	{"no_code", "there is no code to check"},
	{"malformed", "a date is missing or is no date"},
	{"left_out", "wrong number of cells, or no text in UTF-8: not in the result"},
}

// mostMalformed is how many malformed lines are shown to people.
const mostMalformed = 20

// writeCheck prints the summary.
func (a *app) writeCheck(checked *load.ClaimCheck, output string) error {
	counts := &table{columns: []column{{name: "verdict", title: "Verdict"}, {name: "lines", title: "Lines", right: true}, {name: "meaning", title: "Meaning"}}}
	for _, verdict := range verdicts {
		count := checked.Counts[verdict.word]
		if verdict.word == "left_out" {
			count = checked.LeftOut
		}
		counts.rows = append(counts.rows, []any{verdict.word, count, verdict.meaning})
	}
	switch a.config.Format {
	case "csv":
		return counts.writeCSV(a.out)
	case "json":
		return writeObject(a.out, checkObject(checked, output))
	}
	d := &document{}
	d.heading(plural(int(checked.Lines), "claim line checked", "claim lines checked"))
	d.pairs(checkFacts(checked, output))
	d.table(withoutZeros(counts))
	if len(checked.Causes) > 0 {
		d.heading("Why, most often")
		causes := &table{columns: []column{{title: "Lines", right: true}, {title: "Verdict"}, {title: "Reason"}}}
		for _, cause := range checked.Causes {
			causes.rows = append(causes.rows, []any{thousands(int(cause.Lines)), cause.Verdict, cause.Reason})
		}
		d.table(causes)
	}
	if len(checked.Malformed) > 0 {
		d.heading("Malformed lines")
		malformed := &table{columns: []column{{title: "Line", right: true}, {title: "Problem"}}}
		listed := checked.Malformed[:min(len(checked.Malformed), mostMalformed)]
		for _, line := range listed {
			malformed.rows = append(malformed.rows, []any{thousands(int(line.Line)), line.Problem})
		}
		d.table(malformed)
		if more := checked.MalformedLines - int64(len(listed)); more > 0 {
			also := "lists them"
			if checked.MalformedLines > load.MaxMalformed {
				also = fmt.Sprintf("lists the first %s", thousands(load.MaxMalformed))
			}
			d.paragraphf("And %s; --format json %s.", plural(int(more), "more", "more"), also)
		}
	}
	return a.print(d)
}

// withoutZeros gives the counts that are not 0, written for people.
func withoutZeros(counts *table) *table {
	chosen := &table{columns: counts.columns}
	for _, row := range counts.rows {
		if count := row[1].(int64); count != 0 {
			chosen.rows = append(chosen.rows, []any{row[0], thousands(int(count)), row[2]})
		}
	}
	return chosen
}

func checkFacts(checked *load.ClaimCheck, output string) []pair {
	columns := checked.Columns
	paid := columns.Paid
	if paid == "" {
		paid = "none: nothing is said of what was known when paid"
	}
	modifiers := "none"
	if len(columns.Modifiers) > 0 {
		modifiers = strings.Join(columns.Modifiers, ", ")
	}
	facts := []pair{
		{"Code", lines{columns.Code}}, {"Modifiers", lines{modifiers}}, {"Date of service", lines{columns.Date}}, {"Day of payment", lines{paid}},
	}
	if checked.NotAttested > 0 {
		facts = append(facts, pair{"Not attested", lines{plural(int(checked.NotAttested), "valid line", "valid lines") + ": CMS's record for that date is in no file"}})
	}
	if columns.Paid != "" {
		facts = append(facts, pair{"Otherwise when paid", lines{plural(int(checked.ChangedSincePaid), "line", "lines")}})
	}
	return append(facts, pair{"Result", lines{output}})
}

// The JSON of a check's summary; its keys are a contract.
type (
	claimCheckJSON struct {
		Output           string           `json:"output"`
		Lines            int64            `json:"lines"`
		Verdicts         map[string]int64 `json:"verdicts"`
		LeftOut          int64            `json:"left_out"`
		NotAttested      int64            `json:"not_attested"`
		ChangedSincePaid int64            `json:"changed_since_paid"`
		Causes           []causeJSON      `json:"causes"`
		MalformedLines   int64            `json:"malformed_lines"` // all: malformed has the first load.MaxMalformed
		Malformed        []malformedJSON  `json:"malformed"`
	}
	causeJSON struct {
		Verdict string `json:"verdict"`
		Reason  string `json:"reason"`
		Lines   int64  `json:"lines"`
	}
	malformedJSON struct {
		Line    int64  `json:"line"`
		Problem string `json:"problem"`
	}
)

func checkObject(checked *load.ClaimCheck, output string) claimCheckJSON {
	object := claimCheckJSON{
		Output: output, Lines: checked.Lines, Verdicts: checked.Counts, LeftOut: checked.LeftOut,
		NotAttested: checked.NotAttested, ChangedSincePaid: checked.ChangedSincePaid, Causes: []causeJSON{},
		MalformedLines: checked.MalformedLines, Malformed: []malformedJSON{},
	}
	for _, cause := range checked.Causes {
		object.Causes = append(object.Causes, causeJSON(cause))
	}
	for _, line := range checked.Malformed {
		object.Malformed = append(object.Malformed, malformedJSON(line))
	}
	return object
}
