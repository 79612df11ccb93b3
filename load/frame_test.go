package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// frameDescribed asks for all that a frame has: definitions with their comments, the rows
// that explain values, and how the file is stored.
var frameDescribed = []string{
	`SELECT table_name, sql, comment, estimated_size FROM duckdb_tables() WHERE database_name = 'published' ORDER BY ALL`,
	`SELECT view_name, sql, comment FROM duckdb_views() WHERE database_name = 'published' AND NOT internal ORDER BY ALL`,
	`SELECT table_name, column_name, column_index, data_type, is_nullable, comment FROM duckdb_columns() WHERE database_name = 'published' AND NOT internal ORDER BY ALL`,
	`SELECT function_name, macro_definition, parameters, comment FROM duckdb_functions() WHERE database_name = 'published' ORDER BY ALL`,
	`SELECT rowid, code_values FROM published.main.code_values ORDER BY rowid`,
	`SELECT rowid, fields FROM published.main.fields ORDER BY rowid`,
	`SELECT block_size FROM pragma_database_size() WHERE database_name = 'published'`,
	`SELECT tags FROM duckdb_databases() WHERE database_name = 'published'`,
}

// The frame that is kept is what the statements make. 'make frame' writes it.
func TestTheFrameThatIsKept(t *testing.T) {
	ctx := context.Background()
	w := openTestWarehouse(t, inMemory)
	described := func(open func(ctx context.Context, db *database, file string) error, file string) (answers [][]string) {
		require.NoError(t, open(ctx, w.db, file))
		require.NoError(t, w.db.execute(ctx, "checkpoint_published"))
		// DuckDB says some things in other words once they were in a file.
		require.NoError(t, errors.Join(w.db.use(ctx, "warehouse"), w.db.detach(ctx, "published"), w.db.attach(ctx, file, "published", withoutLog)))
		for _, question := range frameDescribed {
			rows, err := w.db.readTexts(ctx, "SELECT CAST(answer AS VARCHAR) FROM ("+question+") AS answer")
			require.NoError(t, err)
			require.NotEmpty(t, rows, question)
			answers = append(answers, rows)
		}
		require.NoError(t, errors.Join(w.db.use(ctx, "warehouse"), w.db.detach(ctx, "published")))
		return answers
	}
	made := filepath.Join(t.TempDir(), "made.duckdb")
	want := described(openNewFrame, made)
	if *update {
		content, err := os.ReadFile(made)
		require.NoError(t, err)
		require.NoError(t, os.RemoveAll(frameFolder))
		require.NoError(t, os.Mkdir(frameFolder, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(frameFolder, frameName(form())), content, 0o644))
		return // the next build has it
	}
	require.Equal(t, []string{frameName(form())}, namesIn(t, frameFolder), "what a published file is made of has changed: 'make frame' keeps it")
	opened := filepath.Join(t.TempDir(), "kept.duckdb")
	kept := described(openFrame, opened)
	require.Equal(t, modeOf(t, made), modeOf(t, opened))
	require.Contains(t, fmt.Sprint(kept[len(kept)-1]), "storage_version=v1.0.0", "DuckDB 1.1 and later are to open it")
	for i, question := range frameDescribed {
		require.Equal(t, want[i], kept[i], question)
	}
}

func modeOf(t *testing.T, file string) os.FileMode {
	t.Helper()
	info, err := os.Stat(file)
	require.NoError(t, err)
	return info.Mode()
}

// A program whose frame is not kept makes it, and the file is the same.
func TestAFrameThatIsNotKept(t *testing.T) {
	kept := keptFrames
	keptFrames = fstest.MapFS{}
	t.Cleanup(func() { keptFrames = kept })
	ctx := context.Background()
	history := smallHistory(3)
	path := filepath.Join(t.TempDir(), "hcpcs.duckdb")
	w := openTestWarehouse(t, inMemory)
	for i := range history.Releases {
		loadInto(t, w, &history.Releases[i])
	}
	require.NoError(t, w.Publish(ctx, path, nil))
	keptFrames = kept
	requireAsWhole(t, w, path)
}
