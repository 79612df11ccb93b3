package load

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What passes for a memory limit is what DuckDB takes for one.
func TestIsMemoryLimit(t *testing.T) {
	ctx := context.Background()
	for text, is := range map[string]bool{
		"256MB": true, "1 GB": true, "1gb": true, "512M": true, "2g": true, "500 MiB": true, "1TiB": true, "600000KB": true, "600000 KiB": true, "500000000B": true,
		"5MIG": false, "5BBB": false, "1IB": false, "500MI": false, "much": false, "": false, "500": false, "MB": false, "1  GB": false, "1GB ": false, "-1GB": false, "0GB": false,
	} {
		require.Equal(t, is, IsMemoryLimit(text), text)
		if !is {
			continue
		}
		db, err := openDatabase(ctx, Resources{MemoryLimit: text})
		require.NoError(t, err, text)
		require.NoError(t, db.close())
	}
}

// Memory is given back, what was allowed stays allowed, and what is asked afterwards is
// answered as before, also where the context has ended.
func TestMemoryIsGivenBack(t *testing.T) {
	ctx := context.Background()
	w, err := OpenWarehouse(ctx, filepath.Join(t.TempDir(), "warehouse.duckdb"), Resources{MemoryLimit: "100MiB", TemporaryFolder: t.TempDir()})
	require.NoError(t, err)
	require.NoError(t, w.db.script(ctx, `CREATE TEMPORARY TABLE held AS SELECT repeat('x', 1000) || i AS x FROM range(20000) AS numbers(i)`))
	allowed := func() string { return textOf(t, w, `SELECT current_setting('memory_limit')`) }
	before := allowed()
	require.Equal(t, "100.0 MiB", before)
	require.NoError(t, w.GiveBack(ctx))
	require.Equal(t, before, allowed())
	ended, stop := context.WithCancel(ctx)
	stop()
	require.ErrorIs(t, w.GiveBack(ended), context.Canceled)
	require.Equal(t, before, allowed())
	require.Equal(t, "20000", textOf(t, w, `SELECT CAST(count(*) AS VARCHAR) FROM held`))
	require.NoError(t, w.Close())
}

// What cannot be given back is kept: there may be no place for it.
func TestMemoryThatCannotBeGivenBack(t *testing.T) {
	ctx, folder := context.Background(), t.TempDir()
	writeTestFile(t, filepath.Join(folder, "file"), "x")
	w, err := OpenWarehouse(ctx, filepath.Join(folder, "warehouse.duckdb"),
		Resources{MemoryLimit: "100MiB", TemporaryFolder: filepath.Join(folder, "file", "temporary")})
	require.NoError(t, err)
	require.NoError(t, w.db.script(ctx, `CREATE TEMPORARY TABLE held AS SELECT repeat('x', 1000) || i AS x FROM range(40000) AS numbers(i)`))
	_, err = w.db.conn.ExecContext(ctx, `SET memory_limit = '16MB'`)
	require.Error(t, err, "there is no place for it")
	require.NoError(t, w.GiveBack(ctx))
	require.Equal(t, "100.0 MiB", textOf(t, w, `SELECT current_setting('memory_limit')`))
	require.Equal(t, "40000", textOf(t, w, `SELECT CAST(count(*) AS VARCHAR) FROM held`))
	require.NoError(t, w.Close())
}

// What was begun for a publication has the memory that it needs.
func TestMemoryIsGivenBackWhenNobodyNeedsIt(t *testing.T) {
	ctx := context.Background()
	w := openTestWarehouse(t, inMemory)
	history := smallHistory(3)
	loadInto(t, w, &history.Releases[0])
	path := filepath.Join(t.TempDir(), "hcpcs.duckdb")
	foresee(t, w, path)
	w.ForeseeRows(ctx)
	require.NoError(t, w.GiveBack(ctx))
	select {
	case <-w.foreseen.ended:
		require.True(t, w.foreseen.hasRows)
	default:
		require.Fail(t, "it was still written")
	}
	require.NoError(t, w.Publish(ctx, path, nil))
	require.NoError(t, w.Close())
}
