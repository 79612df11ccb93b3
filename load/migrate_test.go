package load

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
)

// olderWarehouse writes a warehouse of an older schema version, with one release
// in the tables of facts that it has.
func olderWarehouse(t *testing.T, path string, version int, r *cmstest.Release) {
	t.Helper()
	ctx := context.Background()
	present := filepath.Join(t.TempDir(), "present.duckdb")
	w := openTestWarehouse(t, present)
	loadInto(t, w, r)
	require.NoError(t, w.Close())

	db, err := openDatabase(ctx, Resources{TemporaryFolder: t.TempDir()})
	require.NoError(t, err)
	require.NoError(t, db.attach(ctx, present, "present", " (READ_ONLY)"))
	require.NoError(t, db.attach(ctx, path, "warehouse", ""))
	_, err = db.conn.ExecContext(ctx, `CREATE TABLE schema_version (schema_version INTEGER NOT NULL, rules_version INTEGER NOT NULL)`)
	require.NoError(t, err)
	for _, migration := range statements.Migrations()[:version] {
		_, err = db.conn.ExecContext(ctx, migration)
		require.NoError(t, err)
	}
	for table, columns := range map[string]string{"releases": "*", "record_spans": "*", "record_lines": "*", "findings": "*", "last_records": "code, record_hash, listed"} {
		_, err = db.conn.ExecContext(ctx, "INSERT INTO "+table+" BY NAME SELECT "+columns+" FROM present.main."+table)
		require.NoError(t, err)
	}
	older := &Warehouse{db: db, path: path}
	require.NoError(t, older.setVersion(ctx, version, RulesVersion))
	require.NoError(t, older.Close())
}

// A warehouse of every older schema version is brought up to date when it is
// opened, and what is in it stays.
func TestOlderSchemasAreMigrated(t *testing.T) {
	ctx := context.Background()
	history := smallHistory(21)
	fresh := openTestWarehouse(t, inMemory)
	for i := range history.Releases[:2] {
		loadInto(t, fresh, &history.Releases[i])
	}
	folder := t.TempDir()
	content := contentOf(t, fresh, folder)
	require.NoError(t, fresh.Close())
	for version := 1; version < SchemaVersion(); version++ {
		path := filepath.Join(t.TempDir(), "warehouse.duckdb")
		olderWarehouse(t, path, version, &history.Releases[0])

		w := openTestWarehouse(t, path)
		require.Len(t, w.Releases(), 1)
		loadInto(t, w, &history.Releases[1])
		require.Equal(t, content, contentOf(t, w, folder))
		require.NoError(t, w.LoadCompanions(ctx, []Companion{{Key: CompanionKey{"hash", "entry"}, File: "entry", Quarter: history.Releases[0].ID.Quarter}}))
		require.True(t, w.HasRead(CompanionKey{"hash", "entry"}))
		require.NoError(t, w.Close())
	}
}

// A file that is no database of DuckDB's is said to be none, and is left alone.
func TestAFileThatIsNoWarehouse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	writeTestFile(t, path, "not a database at all, and long enough to be looked at")
	_, err := OpenWarehouse(context.Background(), path, Resources{TemporaryFolder: t.TempDir()})
	require.ErrorContains(t, err, path)
	_, err = OpenPublished(context.Background(), path, Resources{TemporaryFolder: t.TempDir()})
	require.ErrorContains(t, err, path)
	_, err = OpenPublished(context.Background(), filepath.Join(t.TempDir(), "absent.duckdb"), Resources{})
	require.ErrorIs(t, err, ErrNothingPublished)
}

// Of the lines of transaction reports that a warehouse of version 5 has, those
// that say that nothing was done are gone afterwards.
func TestUnchangedCodesLeaveTheWarehouse(t *testing.T) {
	ctx := context.Background()
	history := smallHistory(3)
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	olderWarehouse(t, path, 5, &history.Releases[0])
	db, err := openDatabase(ctx, Resources{TemporaryFolder: t.TempDir()})
	require.NoError(t, err)
	require.NoError(t, db.attach(ctx, path, "warehouse", ""))
	_, err = db.conn.ExecContext(ctx, `INSERT INTO transaction_reports VALUES
		('2020Q2', '2020Q2r1', 'a.xlsx', 'by code', 2, 'A0002', 'No Change', 'N'),
		('2020Q2', '2020Q2r1', 'a.xlsx', 'by code', 5, 'A0004', 'Add', 'A'),
		('2020Q3', NULL, 'b.xlsx', 'by code', 2, 'A0005', 'Moved', NULL)`)
	require.NoError(t, err)
	require.NoError(t, db.close())

	w := openTestWarehouse(t, path)
	require.Equal(t, "A0004 A0005", textOf(t, w, `SELECT string_agg(code, ' ' ORDER BY code) FROM transaction_reports`))
	require.NoError(t, w.Close())
}

func textOf(t *testing.T, w *Warehouse, query string) (text string) {
	t.Helper()
	require.NoError(t, w.db.conn.QueryRowContext(context.Background(), query).Scan(&text))
	return text
}

// Where each code stands in each file is kept in numbers since version 7, and is what it
// was.
func TestPlacesOfRecordsStay(t *testing.T) {
	ctx := context.Background()
	history := smallHistory(3)
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	olderWarehouse(t, path, 6, &history.Releases[0])
	db, err := openDatabase(ctx, Resources{TemporaryFolder: t.TempDir()})
	require.NoError(t, err)
	require.NoError(t, db.attach(ctx, path, "warehouse", ""))
	_, err = db.conn.ExecContext(ctx, `UPDATE record_lines SET sequence_number = NULL WHERE source_line % 3 = 0`)
	require.NoError(t, err)
	older := &Warehouse{db: db}
	before := sumOf(t, db, "record_lines")
	require.NotEqual(t, "0", textOf(t, older, `SELECT CAST(count(*) AS VARCHAR) FROM record_lines WHERE sequence_number IS NULL`))
	require.NoError(t, db.close())

	w := openTestWarehouse(t, path)
	require.Equal(t, before, sumOf(t, w.db, "record_lines"))
	numbers := map[string]bool{}
	codes, err := w.db.readTexts(ctx, `SELECT code || ' ' || code_number FROM last_records`)
	require.NoError(t, err)
	require.NotEmpty(t, codes)
	for _, row := range codes {
		code, number, _ := strings.Cut(row, " ")
		require.Equal(t, strconv.Itoa(int(codeNumber(code))), number, code)
		require.False(t, numbers[number], code)
		numbers[number] = true
	}
	require.NoError(t, w.Close())
}
