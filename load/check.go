package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
	// MemoryLimit bounds what DuckDB takes, which reads and writes Parquet.
	MemoryLimit string
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
	// Malformed lists the first MaxMalformed malformed lines, by number;
	// MalformedLines counts all, those that the result leaves out among them.
	Malformed      []MalformedLine
	MalformedLines int64
	LeftOut        int64
}

// CheckCause is a reason, with the number of lines that it concerns.
type CheckCause struct {
	Verdict, Reason string
	Lines           int64
}

// MalformedLine is a line that could not be checked, by its number in the file:
// as an editor counts, the header of a CSV file among the lines, and by rows in
// Parquet.
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

// MaxMalformed bounds how many malformed lines are listed: some 3 MB of them.
const MaxMalformed = 100_000

// maxCauses bounds how many causes are listed.
const maxCauses = 10

// CheckClaims says of each claim line whether its code and modifiers were valid
// on the date of service, as known now and on the day of payment, and writes the
// lines with the answers to options.Output: beside it first, then renamed. Claim
// data is written nowhere else: the lines pass one after the other, and DuckDB,
// which reads and writes Parquet, has no temporary folder and can reach no file
// but these. Where the process is killed, the file beside stays; the next check
// into the same result removes it. What is wrong with the input is an InputError.
func CheckClaims(ctx context.Context, published string, options CheckOptions) (_ *ClaimCheck, err error) {
	if _, err := os.Stat(published); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("opening %s: %w", published, ErrNothingPublished)
	}
	if err := checkTarget(options); err != nil {
		return nil, err
	}
	removeAbandoned(options.Output)
	beside, err := createBeside(options)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", options.Output, err)
	}
	defer func() { err = errors.Join(err, beside.remove()) }()
	check, err := checkInto(ctx, published, options, beside.File)
	if err := errors.Join(err, beside.Close()); err != nil {
		if IsOutOfMemory(err) {
			err = fmt.Errorf("%w: give DuckDB more with --memory, such as 2GB", err)
		}
		return nil, err
	}
	if err := replace(beside.Name(), options.Output); err != nil {
		return nil, fmt.Errorf("writing %s: %w", options.Output, err)
	}
	return check, nil
}

func checkInto(ctx context.Context, published string, options CheckOptions, beside *os.File) (_ *ClaimCheck, err error) {
	// Without a temporary folder.
	db, err := openDatabase(ctx, Resources{MemoryLimit: options.MemoryLimit})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	if err := db.attach(ctx, published, "hcpcs", " (READ_ONLY)"); err != nil {
		return nil, fmt.Errorf("opening %s: %w", published, err)
	}
	for _, statement := range []string{
		// The day of a time stamp must not hang on where the machine stands.
		"SET TimeZone = 'UTC'",
		"SET allowed_paths = [" + quoteText(options.Input) + ", " + quoteText(beside.Name()) + "]",
		statements.Statement("lock_down"),
	} {
		if _, err := db.conn.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("preparing to check %s: %w", options.Input, err)
		}
	}
	if err := checkSchema(ctx, db); err != nil {
		return nil, fmt.Errorf("opening %s: %w", published, err)
	}
	releases, err := readReleases(ctx, db.conn)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(releases, func(r Release) bool { return r.State == Loaded }) {
		return nil, &UnknownReleaseError{}
	}
	calendar, err := readClaimCalendar(ctx, db)
	if err != nil {
		return nil, err
	}
	check := &ClaimCheck{}
	if isParquet(options.Input) {
		err = checkParquet(ctx, db, calendar, options, beside.Name(), check)
	} else {
		err = checkCSV(ctx, calendar, options, beside, check)
	}
	return check, err
}

func checkCSV(ctx context.Context, calendar *claimCalendar, options CheckOptions, output io.Writer, check *ClaimCheck) error {
	file, err := readCSVHeader(options.Input)
	if err != nil {
		return err
	}
	if check.Columns, err = findClaimColumns(file.columns, &options); err != nil {
		return err
	}
	input, err := os.Open(options.Input)
	if err != nil {
		return inputErrorf("opening the claim lines: %w", err)
	}
	defer input.Close() // only read
	if _, err := input.Seek(file.start, io.SeekStart); err != nil {
		return fmt.Errorf("reading %s: %w", options.Input, err)
	}
	place := func(column string) int { return slices.Index(file.columns, column) }
	checking := csvCheck{file: file, calendar: calendar, cells: cellPlaces{
		code: place(check.Columns.Code), date: place(check.Columns.Date), paid: place(check.Columns.Paid),
	}}
	for _, column := range check.Columns.Modifiers {
		checking.cells.modifiers = append(checking.cells.modifiers, place(column))
	}
	if err := checking.run(ctx, input, output, check); err != nil {
		return fmt.Errorf("checking %s: %w", options.Input, err)
	}
	return nil
}

// checkTarget refuses what cannot be done, and to write over the input or over
// what is there.
func checkTarget(options CheckOptions) error {
	if options.MemoryLimit != "" && !IsMemoryLimit(options.MemoryLimit) {
		return inputErrorf("--memory %q: write a number and a unit, such as 500MB or 2GB", options.MemoryLimit)
	}
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
		folder, err := os.Stat(filepath.Dir(options.Output))
		if err != nil || !folder.IsDir() {
			return inputErrorf("there is no folder %s for the result: make it, or name another file with --output", filepath.Dir(options.Output))
		}
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
