package load

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
)

// A warehouse of every older schema version is brought up to date when it is
// opened, and what is in it stays.
func TestOlderSchemasAreMigrated(t *testing.T) {
	ctx := context.Background()
	migrations := statements.Migrations()
	history := smallHistory(21)
	for version := 1; version < len(migrations); version++ {
		path := filepath.Join(t.TempDir(), "warehouse.duckdb")
		db, err := openDatabase(ctx, Resources{TemporaryFolder: t.TempDir()})
		require.NoError(t, err)
		require.NoError(t, db.attach(ctx, path, "warehouse", ""))
		_, err = db.conn.ExecContext(ctx, `CREATE TABLE schema_version (schema_version INTEGER NOT NULL, rules_version INTEGER NOT NULL)`)
		require.NoError(t, err)
		for _, migration := range migrations[:version] {
			_, err = db.conn.ExecContext(ctx, migration)
			require.NoError(t, err)
		}
		old := &Warehouse{db: db, path: path}
		require.NoError(t, old.setVersion(ctx, version, RulesVersion))
		loadInto(t, old, &history.Releases[0])
		require.NoError(t, old.Close())

		w := openTestWarehouse(t, path)
		require.Len(t, w.Releases(), 1)
		loadInto(t, w, &history.Releases[1])
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
