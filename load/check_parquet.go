package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"text/template"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
)

// parquetTemplate is what check_parquet.sql takes, all of it quoted.
type parquetTemplate struct {
	Source, Target string
	Columns        []string
	// Arguments are the columns of the code, of the date of service, of the day of
	// payment and of the modifiers, "" for none.
	Arguments     []string
	ResultColumns []string
	ResultTypes   map[string]string
}

// resultTypes are the types of the columns of a result in Parquet.
func resultTypes() map[string]string {
	types := map[string]string{}
	for _, name := range resultColumns {
		types[name] = "VARCHAR"
	}
	types["hcpcs_since"], types["hcpcs_attested"] = "DATE", "BOOLEAN"
	return types
}

// unitSeparator stands between the columns of an answer.
const unitSeparator byte = 0x1f

// checkParquet lets DuckDB read and write the lines, and ask of each one what is
// to be said of it.
func checkParquet(ctx context.Context, db *database, calendar *claimCalendar, options CheckOptions, output string, check *ClaimCheck) error {
	if strings.ContainsAny(options.Input, "*?[") {
		return inputErrorf("%s: a name with *, ? or [ would mean several files: rename it", options.Input)
	}
	about := parquetTemplate{
		Source: "read_parquet(" + quoteText(options.Input) + ")", Target: quoteText(output),
		ResultColumns: resultColumns, ResultTypes: resultTypes(),
	}
	columns, err := columnsOf(ctx, db, about.Source)
	if err != nil {
		return inputErrorf("%s cannot be read as Parquet: %w", options.Input, withoutClaimData(err))
	}
	if check.Columns, err = findClaimColumns(columns, &options); err != nil {
		return err
	}
	for _, name := range columns {
		about.Columns = append(about.Columns, quoteName(name))
	}
	for _, name := range append([]string{check.Columns.Code, check.Columns.Date, check.Columns.Paid}, check.Columns.Modifiers...) {
		if name != "" {
			name = quoteName(name)
		}
		about.Arguments = append(about.Arguments, name)
	}
	judges := parquetJudges{calendar: calendar, counts: newClaimCounts(), together: len(check.Columns.Modifiers) == 1}
	if err := db.addTextFunction("check_line", len(about.Arguments), judges.judgeLines); err != nil {
		return fmt.Errorf("preparing to check %s: %w", options.Input, err)
	}
	copied, err := db.conn.ExecContext(ctx, filledIn("check_parquet", about))
	if err != nil {
		return fmt.Errorf("checking %s: %w", options.Input, withoutClaimData(err))
	}
	judges.counts.into(check)
	if lines, err := copied.RowsAffected(); err != nil || lines != check.Lines {
		return errors.Join(err, fmt.Errorf("checking %s: %d lines were judged, and %d written", options.Input, check.Lines, lines))
	}
	check.MalformedLines = check.Counts["malformed"]
	return listMalformed(ctx, db, output, check)
}

// columnsOf gives the names of the columns of what can stand after FROM.
func columnsOf(ctx context.Context, db *database, source string) ([]string, error) {
	rows, err := db.conn.QueryContext(ctx, "SELECT * FROM "+source+" LIMIT 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close() // after reading, nothing can be lost
	return rows.Columns()
}

// filledIn gives a statement that is a template.
func filledIn(name string, about any) string {
	var statement strings.Builder
	if err := template.Must(template.New(name).Parse(statements.Statement(name))).Execute(&statement, about); err != nil {
		panic(fmt.Sprintf("load: %v", err)) // a mistake in the template
	}
	return statement.String()
}

// parquetJudges are the judges of a file's lines, each for some of them.
type parquetJudges struct {
	calendar *claimCalendar
	together bool
	mutex    sync.Mutex // guards counts
	counts   *claimCounts
}

// judgeLines gives what answers some lines, and what is to be done after them.
func (p *parquetJudges) judgeLines() (answer func(cells []string, said []byte) []byte, done func()) {
	judge := newClaimJudge(p.calendar)
	line := claimLine{together: p.together}
	answer = func(cells []string, said []byte) []byte {
		line.code = append(line.code[:0], cells[0]...)
		line.date = append(line.date[:0], cells[1]...)
		line.paid = append(line.paid[:0], cells[2]...)
		line.modifiers = slices.Grow(line.modifiers[:0], len(cells)-3)[:len(cells)-3]
		for i, cell := range cells[3:] {
			line.modifiers[i] = append(line.modifiers[i][:0], cell...)
		}
		columns := judge.judge(&line)
		return appendAnswer(said, columns.columns())
	}
	done = func() {
		p.mutex.Lock()
		defer p.mutex.Unlock()
		p.counts.merge(judge.counts)
	}
	return answer, done
}

// appendAnswer appends an answer as check_parquet.sql takes it apart; no answer
// holds a control character.
func appendAnswer(to []byte, columns [12]string) []byte {
	for i, column := range columns {
		if i > 0 {
			to = append(to, unitSeparator)
		}
		to = append(to, column...)
	}
	return to
}

// listMalformed lists the first malformed lines of a result.
func listMalformed(ctx context.Context, db *database, output string, check *ClaimCheck) error {
	if check.MalformedLines == 0 {
		return nil
	}
	rows, err := db.conn.QueryContext(ctx, filledIn("check_malformed", quoteText(output)), maxMalformed)
	if err != nil {
		return fmt.Errorf("listing the malformed lines: %w", withoutClaimData(err))
	}
	defer rows.Close() // after reading, nothing can be lost
	for rows.Next() {
		var line MalformedLine
		if err := rows.Scan(&line.Line, &line.Problem); err != nil {
			return err
		}
		check.Malformed = append(check.Malformed, line)
	}
	return rows.Err()
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

// quoteText makes a text literal. Paths and names have been looked at before:
// they are text that DuckDB takes as it is.
func quoteText(text string) string {
	literal, err := statements.Literal(text)
	if err != nil {
		panic(fmt.Sprintf("load: %v", err))
	}
	return literal
}
