package load

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// TestExport: the same rows in every format, and a folder that is not empty is
// left alone.
func TestExport(t *testing.T) {
	ctx := context.Background()
	published := publishSample(t)
	parent := t.TempDir()
	for _, format := range ExportFormats {
		folder := filepath.Join(parent, format)
		files, err := Export(ctx, published, folder, format, Resources{})
		require.NoError(t, err)
		require.Contains(t, files, "code_history."+format)
		source := quoteText(filepath.Join(folder, "crosswalk."+format))
		columns := map[string]string{"csv": "code, path", "json": "code, array_to_string(path, ';')", "parquet": "code, array_to_string(path, ';')"}[format]
		if format == "json" {
			text, err := os.ReadFile(filepath.Join(folder, "crosswalk.json"))
			require.NoError(t, err)
			require.Contains(t, string(text), `"path":["E7011","E7012"]}`)
		} else {
			require.Contains(t, readResult(t, source, columns), "E7011|E7011;E7012")
		}
		_, err = Export(ctx, published, folder, format, Resources{})
		require.ErrorContains(t, err, "is there already, and not empty")
	}
	entries, err := os.ReadDir(parent)
	require.NoError(t, err)
	require.Len(t, entries, len(ExportFormats), "nothing is left beside")
}

// TestExportParquet: a file for each table and view has its columns, types and
// rows; what has a code is sorted by it, and the statistics of its row groups let
// a look-up by code skip the others. Three quarters of CMS's size (~10 s).
func TestExportParquet(t *testing.T) {
	ctx := context.Background()
	w := openTestWarehouse(t, inMemory)
	generator := cmstest.NewGenerator(cmstest.SizeOfCMS(3))
	for next, _, more := generator.Next(); more; next, _, more = generator.Next() {
		loadInto(t, w, &next)
	}
	published := filepath.Join(t.TempDir(), "hcpcs.duckdb")
	require.NoError(t, w.Publish(ctx, published, nil))
	require.NoError(t, w.Close())
	folder := filepath.Join(t.TempDir(), "tables")
	_, err := Export(ctx, published, folder, "parquet", Resources{TemporaryFolder: t.TempDir()})
	require.NoError(t, err)

	db, err := openDatabase(ctx, Resources{MemoryLimit: "1GB", TemporaryFolder: t.TempDir()})
	require.NoError(t, err)
	require.NoError(t, db.attach(ctx, published, "hcpcs", " (READ_ONLY)"))
	tables, err := exportedTables(ctx, db, "parquet")
	require.NoError(t, err)
	require.Greater(t, len(tables), 20)
	texts := func(question string) (text string) {
		t.Helper()
		require.NoError(t, db.conn.QueryRowContext(ctx, "SELECT coalesce(string_agg(CAST(x AS VARCHAR), ', '), '') FROM ("+question+") AS answer(x)").Scan(&text), question)
		return text
	}
	severalGroups := 0
	for _, table := range tables {
		file := quoteText(filepath.Join(folder, table.name+".parquet"))
		require.Equal(t, texts("SELECT column_name || ' ' || data_type FROM duckdb_columns() WHERE database_name = 'hcpcs' AND table_name = "+quoteText(table.name)+" ORDER BY column_index"),
			texts("SELECT column_name || ' ' || column_type FROM (DESCRIBE FROM read_parquet("+file+"))"), table.name)
		require.Equal(t, "0", texts("SELECT count(*) FROM ((FROM "+quoteName(table.name)+" EXCEPT ALL FROM read_parquet("+file+")) UNION ALL (FROM read_parquet("+file+") EXCEPT ALL FROM "+quoteName(table.name)+"))"), table.name)
		if !strings.HasPrefix(table.order(), ` ORDER BY "code"`) {
			require.NotContains(t, table.columns, "code")
			continue
		}
		require.Equal(t, "0", texts("SELECT count(*) FROM (SELECT code < lag(code) OVER (ORDER BY file_row_number) AS falls FROM read_parquet("+file+", file_row_number = true)) WHERE falls"), table.name)
		groups := "FROM parquet_metadata(" + file + ") WHERE path_in_schema = 'code'"
		if texts("SELECT count(*) "+groups) == "1" {
			continue
		}
		severalGroups++
		require.Equal(t, "0", texts("SELECT count(*) "+groups+" AND (stats_min_value IS NULL OR stats_max_value IS NULL)"), "%s has no statistics", table.name)
		require.Equal(t, "0", texts("SELECT count(*) FROM (SELECT stats_min_value < lag(stats_max_value) OVER (ORDER BY row_group_id) AS meets "+groups+") WHERE meets"), table.name)
	}
	require.GreaterOrEqual(t, severalGroups, 2, "tables large enough for several row groups")
	// What other tools see of the types that the dictionary names.
	require.Equal(t, "valid_from INT32 DATE, listed BOOLEAN, life INT32 INT_32, pricing_indicators LIST, known_from_published INT64 TIMESTAMP_MICROS, code BYTE_ARRAY UTF8",
		texts(`SELECT concat_ws(' ', name, type, converted_type) FROM parquet_schema(`+quoteText(filepath.Join(folder, "code_history.parquet"))+`)
			JOIN (SELECT unnest(['valid_from', 'listed', 'life', 'pricing_indicators', 'known_from_published', 'code']) AS name, generate_subscripts(['', '', '', '', '', ''], 1) AS place) USING (name) ORDER BY place`))
	// The rows of a code stand in order, and the same rows make the same bytes.
	require.Equal(t, "0", texts(`SELECT count(*) FROM (SELECT (code, release) <= lag((code, release)) OVER (ORDER BY file_row_number) AS falls
		FROM read_parquet(`+quoteText(filepath.Join(folder, "release_records.parquet"))+`, file_row_number = true)) WHERE falls`))
	require.NoError(t, db.close())
	_, err = Export(ctx, published, folder+"-again", "parquet", Resources{TemporaryFolder: t.TempDir()})
	require.NoError(t, err)
	for _, table := range tables {
		first, err := hashFile(filepath.Join(folder, table.name+".parquet"))
		require.NoError(t, err)
		again, err := hashFile(filepath.Join(folder+"-again", table.name+".parquet"))
		require.NoError(t, err)
		require.Equal(t, first, again, table.name)
	}
}
