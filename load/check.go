package load

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
)

// CheckOptions say which claim lines are checked, and where the result goes.
type CheckOptions struct {
	Input  string // .csv (also .txt and .tsv) or .parquet
	Output string // in the input's format
	// Overwrite lets an existing Output be replaced.
	Overwrite bool
	// The names of the columns; those left empty are found by their usual names.
	Code, Date, Paid string
	Modifiers        []string
}

// ClaimCheck sums up a checked file.
type ClaimCheck struct {
	Columns ClaimColumns
	Lines   int64            // in the result
	Counts  map[string]int64 // of lines, by verdict
	// NotAttested counts valid lines whose record on the date is in no file;
	// ChangedSincePaid those of which more was said, or otherwise, when they were
	// paid.
	NotAttested, ChangedSincePaid int64
	// Causes are the most frequent reasons why lines are not valid.
	Causes []CheckCause
	// Malformed lists the first malformed lines, by number; MalformedLines counts
	// all, those that the result leaves out among them.
	Malformed      []MalformedLine
	MalformedLines int64
	LeftOut        int64
}

// CheckCause is a reason, with the number of lines that it concerns.
type CheckCause struct {
	Verdict, Reason string
	Lines           int64
}

// MalformedLine is a line that could not be checked; the header is line 1, and a
// line with line ends inside quotation marks counts as one.
type MalformedLine struct {
	Line    int64
	Problem string
}

// InputError says that the file to check, or what was said of it, cannot be
// used.
type InputError struct{ error }

func (e InputError) Unwrap() error { return e.error }

func inputErrorf(format string, arguments ...any) error {
	return InputError{fmt.Errorf(format, arguments...)}
}

// maxMalformed bounds how many malformed lines are listed, maxCauses how many
// causes are.
const (
	maxMalformed = 20
	maxCauses    = 10
)

// CheckClaims says of each claim line whether its code and modifiers were valid
// on the date of service, as known now and on the day of payment, and writes the
// lines with the answers to options.Output: beside it first, then renamed. Claim
// data is written nowhere else, but for what DuckDB puts aside in the temporary
// folder until it is done, and it can reach no file but these. What is wrong with the input is an InputError.
func CheckClaims(ctx context.Context, published string, resources Resources, options CheckOptions) (_ *ClaimCheck, err error) {
	if _, err := os.Stat(published); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("opening %s: %w", published, ErrNothingPublished)
	}
	if err := checkTarget(options); err != nil {
		return nil, err
	}
	db, err := openDatabase(ctx, resources)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	if err := db.attach(ctx, published, "hcpcs", " (READ_ONLY)"); err != nil {
		return nil, fmt.Errorf("opening %s: %w", published, err)
	}
	beside := options.Output + ".part"
	for _, statement := range []string{
		"SET allowed_paths = [" + quoteText(options.Input) + ", " + quoteText(beside) + "]",
		statements.Statement("check_prepare"),
		statements.Statement("lock_down"),
	} {
		if _, err := db.conn.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("preparing to check %s: %w", options.Input, err)
		}
	}
	c := &claimChecker{db: db, options: options, beside: beside}
	defer func() {
		if removed := os.Remove(beside); removed != nil && !errors.Is(removed, fs.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}()
	result, err := c.run(ctx)
	if err != nil {
		return nil, err
	}
	if err := replace(beside, options.Output); err != nil {
		return nil, fmt.Errorf("writing %s: %w", options.Output, err)
	}
	return result, nil
}

// checkTarget refuses to write over the input, or over what is there.
func checkTarget(options CheckOptions) error {
	for _, path := range []string{options.Input, options.Output} {
		if _, err := statements.Literal(path); err != nil {
			return inputErrorf("the file's name: %w", err)
		}
	}
	input, err := os.Stat(options.Input)
	if err != nil {
		return inputErrorf("opening the claim lines: %w", err)
	}
	if !input.Mode().IsRegular() {
		return inputErrorf("%s is no file", options.Input)
	}
	if isParquet(options.Input) != isParquet(options.Output) {
		return inputErrorf("the result has the input's format: give --output the ending %s", filepath.Ext(options.Input))
	}
	output, err := os.Stat(options.Output)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case os.SameFile(input, output):
		return inputErrorf("%s is the input itself: name another file with --output", options.Output)
	case !output.Mode().IsRegular():
		return inputErrorf("%s is no file", options.Output)
	case !options.Overwrite:
		return inputErrorf("%s is there already: --force writes over it, --output names another file", options.Output)
	}
	return nil
}

func isParquet(path string) bool { return strings.EqualFold(filepath.Ext(path), ".parquet") }

// claimChecker is one check under way.
type claimChecker struct {
	db      *database
	options CheckOptions
	beside  string // where the result is written first
	file    claimFile
}

// lineTemplate is what check_lines.sql takes, all of it quoted.
type lineTemplate struct {
	Source, Target, TargetFormat string
	Columns                      []string
	Code, Date, Paid             string
	// Modifiers are the columns of the modifiers, by place from 1; Together is
	// the one column that holds them all.
	Modifiers map[int]string
	Together  string
}

// Text is a column as trimmed text, NULL where it is blank or there is none.
func (lineTemplate) Text(column string) string {
	if column == "" {
		return "CAST(NULL AS VARCHAR)"
	}
	return "nullif(trim(CAST(" + column + " AS VARCHAR)), '')"
}

// mostTogether is how many modifiers are checked of those in one column.
const mostTogether = 6

// resultColumns are the columns of a result besides the input's.
var resultColumns = []string{
	"hcpcs_verdict", "hcpcs_code_status", "hcpcs_reason", "hcpcs_since", "hcpcs_replaced_by", "hcpcs_attested",
	"hcpcs_description", "hcpcs_modifiers", "hcpcs_verdict_when_paid", "hcpcs_code_status_when_paid",
	"hcpcs_modifiers_when_paid", "hcpcs_release_when_paid",
}

func (c *claimChecker) run(ctx context.Context) (*ClaimCheck, error) {
	var err error
	if c.file, err = c.open(ctx); err != nil {
		return nil, err
	}
	columns, err := findClaimColumns(c.file.columns, &c.options)
	if err != nil {
		return nil, err
	}
	if err := c.writeLines(ctx, columns); err != nil {
		return nil, fmt.Errorf("checking %s: %w", c.options.Input, withoutClaimData(err))
	}
	result := &ClaimCheck{Columns: columns, Counts: map[string]int64{}}
	if err := c.sumUp(ctx, result); err != nil {
		return nil, fmt.Errorf("summing up the check of %s: %w", c.options.Input, withoutClaimData(err))
	}
	return result, nil
}

func (c *claimChecker) writeLines(ctx context.Context, columns ClaimColumns) error {
	about := lineTemplate{
		Source: c.file.source, Target: quoteText(c.beside), TargetFormat: c.file.targetFormat(),
		Code: quoteName(columns.Code), Date: quoteName(columns.Date),
	}
	if columns.Paid != "" {
		about.Paid = quoteName(columns.Paid)
	}
	for _, name := range c.file.columns {
		about.Columns = append(about.Columns, quoteName(name))
	}
	about.Modifiers = map[int]string{}
	for i, name := range columns.Modifiers {
		about.Modifiers[i+1] = quoteName(name)
	}
	if len(columns.Modifiers) == 1 {
		about.Together = about.Modifiers[1]
		for place := range mostTogether {
			about.Modifiers[place+1] = about.Together
		}
	}
	var statement strings.Builder
	if err := template.Must(template.New("check_lines").Parse(statements.Statement("check_lines"))).Execute(&statement, about); err != nil {
		return err
	}
	_, err := c.db.conn.ExecContext(ctx, statement.String())
	return err
}

// withoutClaimData keeps the first line of what DuckDB says: the others show the
// line at fault.
func withoutClaimData(err error) error {
	first, _, _ := strings.Cut(err.Error(), "\n")
	if len(first) == len(err.Error()) {
		return err
	}
	return errors.New(first)
}

// quoteName makes an SQL identifier of any name.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// sumUp counts what the result says.
func (c *claimChecker) sumUp(ctx context.Context, result *ClaimCheck) error {
	source := c.file.again(c.beside)
	rows, err := c.db.conn.QueryContext(ctx, strings.Replace(statements.Statement("check_summary"), "claim_result", source, 1), maxCauses)
	if err != nil {
		return err
	}
	defer rows.Close() // after reading, nothing can be lost
	for rows.Next() {
		var what string
		var cause CheckCause
		if err := rows.Scan(&what, &cause.Verdict, &cause.Reason, &cause.Lines); err != nil {
			return err
		}
		switch what {
		case "verdict":
			result.Counts[cause.Verdict] = cause.Lines
			result.Lines += cause.Lines
		case "not_attested":
			result.NotAttested = cause.Lines
		case "changed_since_paid":
			result.ChangedSincePaid = cause.Lines
		case "cause":
			result.Causes = append(result.Causes, cause)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return c.listMalformed(ctx, source, result)
}

// listMalformed gives the numbers of the lines that DuckDB left out, and of those
// whose dates are none.
func (c *claimChecker) listMalformed(ctx context.Context, source string, result *ClaimCheck) error {
	var leftOut []int64
	if !c.file.parquet {
		rows, err := c.db.conn.QueryContext(ctx, `SELECT line, lower(replace(string_agg(DISTINCT CAST(error_type AS VARCHAR), ', '), '_', ' ')) FROM claim_errors GROUP BY line ORDER BY line`)
		if err != nil {
			return err
		}
		defer rows.Close() // after reading, nothing can be lost
		for rows.Next() {
			var line MalformedLine
			if err := rows.Scan(&line.Line, &line.Problem); err != nil {
				return err
			}
			leftOut = append(leftOut, line.Line)
			result.Malformed = append(result.Malformed, line)
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	result.LeftOut = int64(len(leftOut))
	result.MalformedLines = result.LeftOut + result.Counts["malformed"]
	if result.Counts["malformed"] > 0 {
		rows, err := c.db.conn.QueryContext(ctx, strings.Replace(statements.Statement("check_malformed"), "claim_result", source, 1), maxMalformed)
		if err != nil {
			return err
		}
		defer rows.Close() // after reading, nothing can be lost
		for rows.Next() {
			var line MalformedLine
			if err := rows.Scan(&line.Line, &line.Problem); err != nil {
				return err
			}
			line.Line = c.file.lineOf(line.Line, leftOut)
			result.Malformed = append(result.Malformed, line)
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	slices.SortStableFunc(result.Malformed, func(a, b MalformedLine) int { return int(a.Line - b.Line) })
	result.Malformed = result.Malformed[:min(len(result.Malformed), maxMalformed)]
	return nil
}
