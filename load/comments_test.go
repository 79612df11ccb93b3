package load

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// testComments: every table, view, macro and column has its comment, from the
// one place where it is written.
func testComments(t *testing.T, published *Published) {
	require.Empty(t, ask(t, published, `
		SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND coalesce(comment, '') = ''
		UNION ALL SELECT table_name, NULL FROM duckdb_tables() WHERE NOT internal AND coalesce(comment, '') = ''
		UNION ALL SELECT view_name, NULL FROM duckdb_views() WHERE NOT internal AND coalesce(comment, '') = ''
		UNION ALL SELECT function_name, NULL FROM duckdb_functions() WHERE NOT internal AND coalesce(comment, '') = ''`))

	seen := map[string]bool{}
	for _, row := range ask(t, published, `SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal`) {
		definition, ok := transform.ColumnDefinition(row[0], row[1])
		require.True(t, ok, "%s.%s", row[0], row[1])
		require.True(t, strings.HasPrefix(row[2], definition.Definition), "%s.%s", row[0], row[1])
		require.Contains(t, row[2], "Source: "+definition.Source)
		seen[definition.Name] = true
	}
	notInTables := []string{"record_type", "last_update", "date_coverage"} // of the file, a sheet, a macro
	for _, definition := range transform.Definitions() {
		require.True(t, seen[definition.Name] || strings.Contains(strings.Join(notInTables, " "), definition.Name), "%s defines no column", definition.Name)
	}
	tables := ask(t, published, `SELECT table_name FROM duckdb_tables() WHERE NOT internal`)
	require.Len(t, tables, len(tableComments))

	comments := map[string]string{}
	for _, row := range ask(t, published, `
		SELECT view_name, comment FROM duckdb_views() WHERE NOT internal
		UNION ALL SELECT function_name, comment FROM duckdb_functions() WHERE NOT internal`) {
		comments[row[0]] = row[1]
	}
	require.Len(t, comments, len(statements.Objects())+len(transform.CodeLists()))
	for _, list := range transform.CodeLists() {
		require.Equal(t, list.Title+decodeComment, comments[list.Table])
	}
	for _, object := range statements.Objects() {
		require.NotEmpty(t, object.Comment, object.Name)
		require.Equal(t, object.Comment, comments[object.Name])
	}

	// Every value that a table can hold is one of those its comment lists.
	for question, column := range map[string]string{
		"SELECT DISTINCT target_status FROM crosswalk":                "target_status",
		"SELECT DISTINCT status FROM codes":                           "status",
		"SELECT DISTINCT claim_status FROM claim_calendar":            "claim_status",
		"SELECT DISTINCT state FROM releases":                         "state",
		"SELECT DISTINCT change FROM code_changes":                    "change",
		"SELECT DISTINCT valid_from_basis FROM code_history":          "valid_from_basis",
		"SELECT DISTINCT agreement FROM code_changes":                 "agreement",
		"SELECT DISTINCT date_coverage(valid_from) FROM code_history": "date_coverage",
	} {
		enumeration, ok := transform.EnumerationOf(column)
		require.True(t, ok, column)
		for _, row := range ask(t, published, question) {
			found := row[0] == ""
			for _, value := range enumeration.Values {
				found = found || value.Value == row[0]
			}
			require.True(t, found, "%s %q", column, row[0])
		}
	}
}

// testDictionary: sql/DICTIONARY.md is what the published file says of itself.
func testDictionary(t *testing.T, published *Published) {
	got, err := published.Dictionary(context.Background())
	require.NoError(t, err)
	file := filepath.Join("..", "sql", "DICTIONARY.md")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "make docs writes it anew")
}
