package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/load"
)

func (a *app) queryCommand() *cobra.Command {
	var listing bool
	command := &cobra.Command{
		Use:   "query SQL | query NAME [KEY=VALUE…] | query --list",
		Short: "Answer a question in SQL from the published file",
		Long: `query runs SQL on the published DuckDB file: one statement, or several of which the
last one gives the rows; - reads it from standard input. The file is opened for
reading, and the question can reach no other file and no network.

csv, json and markdown are written row by row: what takes memory is the answer as
DuckDB holds it, some bytes a value and the text. The table shows 10,000 rows at the
most.

A NAME runs one of the queries that come with the program, with the values given
for its parameters; --list says what there is.

Tables: releases, codes, code_history, code_changes, field_changes,
release_records, crosswalk, findings; their columns are explained in fields.
Macros: codes_as_of(date), code_timeline(code), is_valid(code, date),
claim_status(code, date), changes_between(a, b), replacements(code); where a date
is asked for, known := '2020Q1' asks what that release knew.`,
		Example: `  hcpcs query "FROM releases"
  hcpcs query "SELECT code, long_description FROM codes_as_of('2019-06-30') WHERE code LIKE 'J05%'"
  hcpcs query "SELECT code, is_valid(code, '2018-02-01') AS valid FROM codes" --format csv
  hcpcs query "SELECT name, definition FROM fields"
  hcpcs query - < question.sql
  hcpcs query --list
  hcpcs query replacements_of_a_code code=E7011`,
		Args: func(command *cobra.Command, arguments []string) error {
			if listing {
				return noArguments(command, arguments)
			}
			if len(arguments) == 0 {
				return usagef("'hcpcs query' needs a question in SQL, in quotation marks, - for standard input, or the name of a query ('hcpcs query --list')")
			}
			return nil
		},
		RunE: a.action(func(ctx context.Context, arguments []string) error {
			if listing {
				return a.listQueries()
			}
			question, named, err := fromCookbook(arguments)
			if err == nil && !named {
				question, err = a.question(arguments[0])
			}
			if err != nil {
				return err
			}
			return a.withPublished(ctx, func(published *load.Published) error {
				answer, err := published.Ask(ctx, question)
				if err != nil {
					return queryError{err}
				}
				return errors.Join(a.writeAnswer(answer), answer.Close())
			})
		}),
	}
	command.Flags().BoolVar(&listing, "list", false, "list the queries that come with the program")
	return command
}

// longestQuestion bounds what is read from standard input, in bytes.
const longestQuestion = 1 << 20

func (a *app) question(argument string) (string, error) {
	question := argument
	if argument == "-" {
		text, err := io.ReadAll(io.LimitReader(a.stdin, longestQuestion+1))
		if err != nil {
			return "", fmt.Errorf("reading the question from standard input: %w", err)
		}
		if len(text) > longestQuestion {
			return "", usagef("the question on standard input is longer than %d bytes", longestQuestion)
		}
		question = string(text)
	}
	if strings.TrimSpace(question) == "" {
		return "", usagef("the question is empty: write SQL, such as \"FROM releases\"")
	}
	return question, nil
}

// mostShown bounds the rows of an answer in a table for people, which can be drawn
// only when all of it is known. It has room for all codes.
const mostShown = 10_000

// writeAnswer prints the rows, as they are read, or a table for people and how
// many there are.
func (a *app) writeAnswer(answer *load.Answer) error {
	columns := make([]column, len(answer.Columns))
	for i, name := range answer.Columns {
		columns[i] = column{name: name, right: isNumeric(answer.Types[i])}
	}
	next := func() ([]any, error) {
		row, err := answer.Next()
		if err != nil {
			return nil, queryError{err}
		}
		for i := range row {
			row[i] = ofType(row[i], answer.Types[i])
		}
		return row, nil
	}
	if write := rowWriters[a.config.Format]; write != nil {
		return write(a.out, columns, next)
	}
	t := &table{columns: columns}
	count := ""
	for count == "" {
		row, err := next()
		switch {
		case err != nil:
			return err
		case row == nil:
			count = plural(len(t.rows), "row", "rows")
		case len(t.rows) == mostShown:
			count = fmt.Sprintf("the first %s rows; --format csv has all", thousands(mostShown))
		default:
			for i := range row {
				row[i] = inLines(row[i])
			}
			t.rows = append(t.rows, row)
		}
	}
	if len(t.columns) > 0 {
		if err := t.writeText(a.out, a.width()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(a.out, "(%s)\n", count)
	return err
}

// inLines keeps the lines of a text that has several, such as the plan that EXPLAIN
// draws.
func inLines(value any) any {
	if text, ok := value.(string); ok && strings.Contains(text, "\n") {
		return lines(strings.Split(strings.TrimRight(text, "\n"), "\n"))
	}
	return value
}

func isNumeric(databaseType string) bool {
	for _, beginning := range [...]string{"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "DOUBLE", "FLOAT", "DECIMAL"} {
		if strings.HasPrefix(databaseType, beginning) && !strings.HasSuffix(databaseType, "]") {
			return true
		}
	}
	return false
}

// ofType gives back what the driver has lost of a value's type: whether a time is
// a day or an hour, and that 16 bytes are a UUID.
func ofType(value any, databaseType string) any {
	switch v := value.(type) {
	case time.Time:
		switch {
		case strings.HasPrefix(databaseType, "DATE"):
			return dateOnly(v)
		case strings.HasPrefix(databaseType, "TIMESTAMP WITH TIME ZONE"), strings.HasPrefix(databaseType, "TIMESTAMPTZ"):
			return v.UTC().Format("2006-01-02 15:04:05.999999Z07:00")
		case strings.HasPrefix(databaseType, "TIME") && !strings.HasPrefix(databaseType, "TIMESTAMP"):
			return v.Format("15:04:05.999999")
		}
	case []any:
		inside := strings.TrimSuffix(databaseType, "[]")
		for i := range v {
			v[i] = ofType(v[i], inside)
		}
	case map[string]any:
		if strings.Contains(databaseType, "DATE") && !strings.Contains(databaseType, "TIME") {
			for name := range v {
				v[name] = ofType(v[name], "DATE")
			}
		}
	case []byte:
		if databaseType == "UUID" && len(v) == 16 {
			return fmt.Sprintf("%x-%x-%x-%x-%x", v[:4], v[4:6], v[6:8], v[8:10], v[10:])
		}
	}
	return value
}
