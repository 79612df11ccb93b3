package load

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSplitStatements(t *testing.T) {
	for text, statements := range map[string][]string{
		"":                               nil,
		" ; ;-- nothing; at all\n;/**/ ": nil,
		"FROM a":                         {"FROM a"},
		"FROM a;":                        {"FROM a"},
		" FROM a ; FROM b":               {"FROM a ", "FROM b"},
		"-- of a; and b\nFROM a;/* b; */FROM b -- c;": {"FROM a", "FROM b -- c;"},
		"/* a /* b; */ ; */ FROM a":                   {"FROM a"},
		"SELECT 'a;''b;', \"c;\"\"d;\"; FROM b":       {"SELECT 'a;''b;', \"c;\"\"d;\"", "FROM b"},
		`SELECT 'a\'; FROM b`:                         {`SELECT 'a\'`, "FROM b"},
		`SELECT e'a\';', E'\\'; FROM b`:               {`SELECT e'a\';', E'\\'`, "FROM b"},
		`SELECT name'a\'; FROM b`:                     {`SELECT name'a\'`, "FROM b"},
		"SELECT $$a;$$, $t$b;$$;$t$; FROM b":          {"SELECT $$a;$$, $t$b;$$;$t$", "FROM b"},
		"SELECT a$$ ; FROM b":                         {"SELECT a$$ ", "FROM b"},
		"SELECT $1; FROM b":                           {"SELECT $1", "FROM b"},
		"SELECT 'a; FROM b":                           {"SELECT 'a; FROM b"},
		"SELECT 1 /* a; FROM b":                       {"SELECT 1 /* a; FROM b"},
		"SELECT $$a; FROM b":                          {"SELECT $$a; FROM b"},
		"SELECT 2 - -1; FROM b":                       {"SELECT 2 - -1", "FROM b"},
		"SELECT é'; FROM b":                           {"SELECT é'; FROM b"},
	} {
		require.Equal(t, statements, splitStatements(text), text)
	}
}

// No question changes the file that it is asked of, or writes another, where DuckDB
// itself would allow both.
func TestQuestionsWriteNoFile(t *testing.T) {
	ctx := context.Background()
	folder := t.TempDir()
	path, temporary := filepath.Join(folder, "hcpcs.duckdb"), filepath.Join(folder, "tmp")
	require.NoError(t, os.Mkdir(temporary, 0o755))
	writeTestFile(t, filepath.Join(temporary, "of another"), "secret")
	history := smallHistory(3)
	w := openTestWarehouse(t, inMemory)
	loadInto(t, w, &history.Releases[0])
	require.NoError(t, w.Publish(ctx, path, nil))
	before, err := hashFile(path)
	require.NoError(t, err)
	asked := func(question string) error {
		published, err := OpenPublished(ctx, path, Resources{TemporaryFolder: temporary})
		require.NoError(t, err)
		_, err = askAll(ctx, published, question)
		require.NoError(t, published.Close())
		return err
	}

	for name, question := range map[string]string{
		"copy over it":         `COPY (SELECT 1) TO '` + path + `' (FORMAT csv, USE_TMP_FILE false)`,
		"copy beside it":       `COPY (SELECT 1) TO '` + path + `.wal' (FORMAT csv, USE_TMP_FILE false)`,
		"behind another":       `SELECT 1; COPY (SELECT 1) TO '` + path + `.wal' (FORMAT csv)`,
		"behind a comment":     "SELECT 1 -- it's\n; COPY (SELECT 1) TO '" + path + `.wal' (FORMAT csv)`,
		"explained":            `EXPLAIN ANALYZE COPY (SELECT 1) TO '` + path + `.wal' (FORMAT csv)`,
		"explained in options": `explain (analyze, format json) copy (SELECT 1) TO '` + path + `.wal' (FORMAT csv)`,
		"explained, commented": `EXPLAIN/**/ANALYZE/**/COPY (SELECT 1) TO '` + path + `.wal' (FORMAT csv)`,
		"prepared":             `PREPARE q AS COPY (SELECT 1) TO '` + path + `.wal' (FORMAT csv); EXECUTE q`,
		"attached anew":        `USE memory; DETACH hcpcs; ATTACH '` + path + `' AS again; CREATE TABLE again.evil AS SELECT 1`,
		"attached beside":      `ATTACH '` + temporary + `/new.duckdb' AS new`,
		"exported":             `EXPORT DATABASE '` + temporary + `/all'`,
		"copied away":          `COPY (SELECT 1) TO '` + temporary + `/new.csv'`,
		"logged":               `CALL enable_logging(storage = 'file', storage_path = '` + temporary + `/log')`,
		"logged by a question": `FROM Enable_Logging(storage = 'file', storage_path = '/nowhere'); SELECT 1`,
		"put together":         `FROM query('FROM enable_' || 'logging(storage = ''file'', storage_path = ''/nowhere'')'); SELECT 1`,
		"put together, quoted": `SELECT 1; CREATE TEMP MACRO m() AS TABLE FROM system.main."Query" /**/ ('SELECT 1'); FROM m()`,
		"out of JSON":          `FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))`,
		"profiling":            `PRAGMA enable_profiling`,
		"checkpoint":           `CHECKPOINT hcpcs`,
		"delete":               `DELETE FROM record_spans`,
		"another's file":       `FROM read_text('` + temporary + `/of another')`,
		"another's name":       `FROM glob('` + temporary + `/*')`,
	} {
		require.Error(t, asked(question), name)
		after, err := hashFile(path)
		require.NoError(t, err)
		require.Equal(t, before, after, name)
		require.Equal(t, []string{"hcpcs.duckdb", "tmp"}, namesIn(t, folder), name)
		require.Equal(t, []string{"of another"}, namesIn(t, temporary), name)
	}
	require.ErrorIs(t, asked(`COPY (SELECT 1) TO '`+path+`'`), ErrNoQuestion)
	require.ErrorContains(t, asked(`DETACH hcpcs`), "DETACH: a question can read the published file")

	for name, question := range map[string]string{
		"tables of its own": `CREATE TEMP TABLE mine AS FROM releases; INSERT INTO mine FROM releases; UPDATE mine SET release = 'a;b'; DELETE FROM mine; DROP TABLE mine; SELECT 1`,
		"variables":         `SET VARIABLE day = DATE '2020-04-01'; FROM codes_as_of(getvariable('day'))`,
		"macros":            `CREATE TEMP MACRO twice(x) AS 2 * x; SELECT twice(1)`,
		"plans":             `EXPLAIN ANALYZE SELECT 1`,
		"plans in brackets": `EXPLAIN (SELECT 1)`,
		"plans as JSON":     `EXPLAIN (FORMAT json) (SELECT 1)`,
		"names":             `SELECT 1 AS query, 'query(' AS enable_logging WHERE query IN (1)`,
		"descriptions":      `DESCRIBE codes`,
		"summaries":         `SUMMARIZE codes`,
		"pragmas":           `PRAGMA table_info('codes')`,
		"pivots":            `PIVOT codes ON kind USING count(*)`,
		"transactions":      `BEGIN; SELECT 1; COMMIT`,
		"comments":          "-- first; then\nSELECT 1; -- done; really",
	} {
		require.NoError(t, asked(question), name)
	}
}
