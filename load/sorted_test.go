package load

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// sortedTables are those in which a code is looked up.
var sortedTables = []string{"code_history", "record_spans", "code_changes", "field_changes"}

// requireByCode holds a published file to what a look-up by code needs. DuckDB
// reads a table in vectors of 2,048 rows: where it finds none of the code in one,
// it leaves the vector's other columns alone, which are nearly all there is to
// read. So the rows of a code stand together, in no more vectors than so many
// rows touch. runs is how often the codes may begin anew: 1 where all is sorted.
func requireByCode(t *testing.T, path string, runs int) {
	t.Helper()
	ctx := context.Background()
	published := openTestPublished(t, path)
	for _, table := range sortedTables {
		var rows, begun, together, codes int
		require.NoError(t, published.db.conn.QueryRowContext(ctx, `
			WITH places AS (
				SELECT code, row_number() OVER (ORDER BY rowid) AS place, lag(code) OVER (ORDER BY rowid) AS before FROM `+quoteName(table)+`
			)
			SELECT count(*), 1 + count(*) FILTER (code < before), count(*) FILTER (code IS DISTINCT FROM before), count(DISTINCT code) FROM places`).
			Scan(&rows, &begun, &together, &codes))
		require.Positive(t, rows, table)
		require.LessOrEqual(t, begun, runs, "%s: its codes begin anew", table)
		require.Equal(t, codes, together, "%s: rows of a code stand apart", table)
	}
}

// requireSegmentsApart cuts the tables of a sorted file into row groups of 4,096
// rows, as they are cut once they are some thirty times as long: by the
// statistics of the groups, no two share more than the code at their edge.
func requireSegmentsApart(t *testing.T, path string, tables ...string) {
	t.Helper()
	ctx := context.Background()
	db, err := openDatabase(ctx, Resources{})
	require.NoError(t, err)
	require.NoError(t, db.attach(ctx, path, "hcpcs", " (READ_ONLY)"))
	_, err = db.conn.ExecContext(ctx, "ATTACH "+quoteText(filepath.Join(t.TempDir(), "cut.duckdb"))+" AS cut (ROW_GROUP_SIZE 4096)")
	require.NoError(t, err)
	for _, table := range tables {
		name := quoteName(table)
		_, err = db.conn.ExecContext(ctx, "CREATE TABLE cut."+name+" AS SELECT code FROM hcpcs."+name+"; CHECKPOINT cut")
		require.NoError(t, err)
		var groups, meeting int
		require.NoError(t, db.conn.QueryRowContext(ctx, `
			SELECT count(least_code), count(*) FILTER (least_code < greatest_before)
			FROM (
				SELECT nullif(regexp_extract(stats, 'Min: (\w+)', 1), '') AS least_code,
				       lag(regexp_extract(stats, 'Max: (\w+)', 1)) OVER (ORDER BY row_group_id, segment_id) AS greatest_before
				FROM pragma_storage_info('cut.`+table+`')
				WHERE column_name = 'code' AND segment_type = 'VARCHAR'
			)`).Scan(&groups, &meeting))
		require.Greater(t, groups, 1, table)
		require.Zero(t, meeting, "%s: row groups whose codes overlap", table)
	}
	require.NoError(t, db.close())
}

// TestPublishedFileIsSortedByCode: on generated quarters of CMS's size (~4 s); the
// real releases are held to the same in TestRealReleasesForAnalysts.
func TestPublishedFileIsSortedByCode(t *testing.T) {
	w := openTestWarehouse(t, inMemory)
	generator := cmstest.NewGenerator(cmstest.SizeOfCMS(2))
	for next, _, more := generator.Next(); more; next, _, more = generator.Next() {
		loadInto(t, w, &next)
	}
	path := filepath.Join(t.TempDir(), "hcpcs.duckdb")
	require.NoError(t, w.Publish(context.Background(), path, nil))
	require.NoError(t, w.Close())
	requireByCode(t, path, 1)
	requireSegmentsApart(t, path, "code_history", "record_spans")
}

// TestAdditionsKeepTheRowsOfACodeTogether: a file that is written whole is sorted
// by code. What is added to it release by release stands behind, in order again,
// and the codes that it touches move there whole; after so many additions the
// file is written whole, and sorted, again.
func TestAdditionsKeepTheRowsOfACodeTogether(t *testing.T) {
	ctx := context.Background()
	w := openTestWarehouse(t, inMemory)
	path := filepath.Join(t.TempDir(), "hcpcs.duckdb")
	rates := cmstest.RealisticRates()
	rates.Republish = 0
	generator := cmstest.NewGenerator(cmstest.Options{Seed: 7, Quarters: maxAdditions + 3, Rates: rates})
	var additions []int
	for next, _, more := generator.Next(); more; next, _, more = generator.Next() {
		loadInto(t, w, &next)
		if len(w.Releases()) == 1 {
			continue // the first one changes no fields
		}
		require.NoError(t, w.Publish(ctx, path, nil))
		last, err := w.lastPublication(ctx)
		require.NoError(t, err)
		additions = append(additions, last.additions)
		requireByCode(t, path, 1+last.additions)
	}
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, maxAdditions, 0}, additions, "written whole again in the end")
	require.NoError(t, w.Close())
}
