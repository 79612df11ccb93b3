package load

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const packedTexts = `SELECT count(*) FILTER (compression = 'FSST') FROM pragma_storage_info('record_spans') WHERE segment_type = 'VARCHAR'`

// No text is packed by FSST: to find out that it would be packed best so costs more than
// it saves.
func TestTextsAreNotPackedByFSST(t *testing.T) {
	ctx := context.Background()
	folder := t.TempDir()
	history := smallHistory(5)
	w := openTestWarehouse(t, filepath.Join(folder, "warehouse.duckdb"))
	for i := range history.Releases {
		loadInto(t, w, &history.Releases[i])
	}
	path := filepath.Join(folder, "hcpcs.duckdb")
	require.NoError(t, w.Publish(ctx, path, nil))
	_, err := w.db.conn.ExecContext(ctx, `CHECKPOINT warehouse`)
	require.NoError(t, err)
	packed := func(db *database) (segments int) {
		require.NoError(t, db.conn.QueryRowContext(ctx, packedTexts).Scan(&segments))
		return segments
	}
	require.Zero(t, packed(w.db))

	published, err := w.OpenPublished(ctx, path)
	require.NoError(t, err)
	require.Zero(t, packed(published.db))
	var dictionaries int
	require.NoError(t, published.db.conn.QueryRowContext(ctx,
		`SELECT count(*) FILTER (compression = 'Dictionary') FROM pragma_storage_info('record_spans') WHERE segment_type = 'VARCHAR'`).Scan(&dictionaries))
	require.Positive(t, dictionaries)
	require.NoError(t, published.Close())
	require.Zero(t, packed(w.db), "the warehouse goes on")
	require.NoError(t, w.Close())
}

// The program's own questions to the published file are answered over the
// warehouse's DuckDB as over another one, and leave the warehouse as it was.
func TestPublishedFileBesideTheWarehouse(t *testing.T) {
	ctx := context.Background()
	folder := t.TempDir()
	history := smallHistory(4)
	w := openTestWarehouse(t, filepath.Join(folder, "warehouse.duckdb"))
	path := filepath.Join(folder, "hcpcs.duckdb")
	changes := 0
	for i := range history.Releases {
		loadInto(t, w, &history.Releases[i])
		require.NoError(t, w.Publish(ctx, path, nil))
		beside, err := w.OpenPublished(ctx, path)
		require.NoError(t, err)
		alone, err := OpenPublished(ctx, path, Resources{TemporaryFolder: folder})
		require.NoError(t, err)
		require.Equal(t, alone.Releases(), beside.Releases())
		inOne, err := alone.ChangesOf(ctx, alone.loaded())
		require.NoError(t, err)
		require.Len(t, inOne, i+1)
		for j, r := range beside.loaded() {
			comparison, err := beside.Changes(ctx, r)
			require.NoError(t, err)
			require.Equal(t, inOne[j], comparison)
			changes += len(comparison.Changes)
		}
		require.NoError(t, alone.Close())
		require.NoError(t, beside.Close())
	}
	require.Positive(t, changes)
	_, err := w.OpenPublished(ctx, filepath.Join(folder, "absent.duckdb"))
	require.Error(t, err)
	require.NoError(t, w.Close())
}
