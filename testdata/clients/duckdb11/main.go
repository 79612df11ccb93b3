// Command duckdb11 runs the cookbook on a published file of the sample releases
// with DuckDB 1.1.3, and holds the rows against those expected. It has a mod
// file of its own, so that nothing of that version gets into the program.
package main

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/marcboeker/go-duckdb"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: duckdb11 PUBLISHED-FILE FOLDER-OF-QUERIES FOLDER-OF-EXPECTED-ROWS")
		os.Exit(2)
	}
	if err := check(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(published, queries, expected string) error {
	// Opened as the database, and attached: both ways are promised to analysts.
	opened, err := sql.Open("duckdb", published+"?access_mode=READ_ONLY")
	if err != nil {
		return err
	}
	defer opened.Close() // nothing was written
	version, err := ask(opened, "SELECT version()")
	if err != nil {
		return err
	}
	comments, err := ask(opened, `
		SELECT count(*), count(comment) FROM (
			SELECT comment FROM duckdb_columns() WHERE NOT internal
			UNION ALL SELECT comment FROM duckdb_tables() WHERE NOT internal
			UNION ALL SELECT comment FROM duckdb_views() WHERE NOT internal
			UNION ALL SELECT comment FROM duckdb_functions() WHERE NOT internal)`)
	if err != nil {
		return err
	}
	if row := strings.Split(strings.TrimSpace(comments[strings.Index(comments, "\n"):]), ","); row[0] != row[1] || row[0] == "0" {
		return fmt.Errorf("of %s objects only %s have a comment", row[0], row[1])
	}
	attached, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer attached.Close() // nothing was written
	attached.SetMaxOpenConns(1)
	if _, err := attached.Exec("ATTACH '" + strings.ReplaceAll(published, "'", "''") + "' AS hcpcs (READ_ONLY); USE hcpcs;"); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(queries, "*.sql"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no queries in %s: %v", queries, err)
	}
	for _, file := range files {
		if err := checkQuery(attached, file, expected); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
	}
	fmt.Printf("DuckDB %s: %d queries, rows as expected\n", strings.TrimSpace(version[strings.Index(version, "\n"):]), len(files))
	return nil
}

func checkQuery(db *sql.DB, file, expected string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	got, err := ask(db, string(text))
	if err != nil {
		return err
	}
	want, err := os.ReadFile(filepath.Join(expected, strings.TrimSuffix(filepath.Base(file), ".sql")+".csv"))
	if err != nil {
		return err
	}
	if got != string(want) {
		return fmt.Errorf("other rows than expected:\n%s", got)
	}
	return nil
}

// ask gives the rows as CSV: NULL as an empty text, lists joined with ";".
func ask(db *sql.DB, question string) (string, error) {
	rows, err := db.Query(question)
	if err != nil {
		return "", err
	}
	defer rows.Close() // after reading, nothing can be lost
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	writer := csv.NewWriter(&out)
	if err := writer.Write(columns); err != nil {
		return "", err
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return "", err
		}
		texts := make([]string, len(columns))
		for i, value := range values {
			texts[i] = valueText(value, types[i].DatabaseTypeName())
		}
		if err := writer.Write(texts); err != nil {
			return "", err
		}
	}
	writer.Flush()
	return out.String(), rows.Err()
}

func valueText(value any, databaseType string) string {
	switch v := value.(type) {
	case nil:
		return ""
	case time.Time:
		if databaseType == "DATE" {
			return v.Format(time.DateOnly)
		}
		return v.Format(time.DateTime)
	case []any:
		texts := make([]string, len(v))
		for i := range v {
			texts[i] = valueText(v[i], strings.TrimSuffix(databaseType, "[]"))
		}
		return strings.Join(texts, ";")
	}
	return fmt.Sprint(value)
}
