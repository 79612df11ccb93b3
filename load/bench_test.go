package load

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
)

// benchmarkData names a data folder into which the first quarters of
// cmstest.SizeOfCMS are loaded, and benchmarkQuarters how many these are. Without
// them the benchmarks load such a history themselves, which takes longer than
// what they measure.
const (
	benchmarkData     = "HCPCS_BENCH_DATA"
	benchmarkQuarters = "HCPCS_BENCH_QUARTERS"
)

// benchmarkHistory is a loaded and published history.
type benchmarkHistory struct {
	quarters             int
	warehouse, published string
}

// onHistories runs a benchmark on the history that is there, or on one of 10
// quarters.
func onHistories(b *testing.B, run func(b *testing.B, h benchmarkHistory)) {
	h := benchmarkHistory{quarters: 10}
	folder := os.Getenv(benchmarkData)
	if folder != "" {
		var err error
		h.quarters, err = strconv.Atoi(os.Getenv(benchmarkQuarters))
		require.NoError(b, err, "%s says how many quarters %s holds", benchmarkQuarters, benchmarkData)
	} else {
		folder = b.TempDir()
	}
	h.warehouse, h.published = filepath.Join(folder, "warehouse.duckdb"), filepath.Join(folder, "hcpcs.duckdb")
	if os.Getenv(benchmarkData) == "" {
		h.load(b)
	}
	b.Run(fmt.Sprintf("quarters=%d", h.quarters), func(b *testing.B) { run(b, h) })
}

func (h benchmarkHistory) load(b *testing.B) {
	b.Helper()
	w := openTestWarehouse(b, h.warehouse)
	generator := cmstest.NewGenerator(cmstest.SizeOfCMS(h.quarters))
	for next, _, more := generator.Next(); more; next, _, more = generator.Next() {
		loadInto(b, w, &next)
	}
	require.Len(b, w.Releases(), h.quarters)
	require.NoError(b, w.Publish(context.Background(), h.published, nil))
	require.NoError(b, w.Close())
}

// BenchmarkLoadStage opens a warehouse of some quarters, loads one more release
// that is parsed already, and closes it. The cost must not grow with the
// quarters that are there.
func BenchmarkLoadStage(b *testing.B) {
	onHistories(b, func(b *testing.B, h benchmarkHistory) {
		folder := b.TempDir()
		var last cmstest.Release
		generator := cmstest.NewGenerator(cmstest.SizeOfCMS(h.quarters + 1))
		for next, _, more := generator.Next(); more; next, _, more = generator.Next() {
			last = next
		}
		row, file := fileOf(b, &last)
		b.ResetTimer()
		for n := range b.N {
			b.StopTimer()
			path := filepath.Join(folder, fmt.Sprintf("%d.duckdb", n))
			copyTestFile(b, h.warehouse, path)
			b.StartTimer()
			w := openTestWarehouse(b, path)
			_, err := w.Load(context.Background(), row, file)
			require.NoError(b, err)
			require.NoError(b, w.Close())
		}
	})
}

// BenchmarkPublishStage writes the analysts' file of some quarters, whole.
func BenchmarkPublishStage(b *testing.B) {
	onHistories(b, func(b *testing.B, h benchmarkHistory) {
		folder := b.TempDir()
		copyTestFile(b, h.warehouse, filepath.Join(folder, "warehouse.duckdb"))
		w := openTestWarehouse(b, filepath.Join(folder, "warehouse.duckdb"))
		path := filepath.Join(folder, "hcpcs.duckdb")
		for b.Loop() {
			w.codes = nil // as in a program that has just begun
			require.NoError(b, removeDatabase(path))
			require.NoError(b, w.Publish(context.Background(), path, nil))
		}
		info, err := os.Stat(path)
		require.NoError(b, err)
		b.ReportMetric(float64(info.Size()), "file-bytes")
		require.NoError(b, w.Close())
	})
}

// BenchmarkCodesAsOf asks for all codes of a day in the midst of the history, as
// known now and as known then, all columns of all rows, from an open file that
// was asked before: the first answers of a process take two to five times as long,
// until the file is read and DuckDB has the memory that it works in.
//
// The time ends when DuckDB has made the whole answer: QueryContext returns no
// sooner (requireWholeAnswers holds it to that), and what it returns is every
// column of every row, copied into memory of the answer's own. There a client
// begins to hand the rows over, each in its own way: database/sql would take every
// value apart. To make a table of the answer would measure the writing of a table
// beside the question, which nearly doubles the time.
func BenchmarkCodesAsOf(b *testing.B) {
	const warming = 5
	onHistories(b, func(b *testing.B, h benchmarkHistory) {
		ctx := context.Background()
		published, err := OpenPublished(ctx, h.published, Resources{TemporaryFolder: b.TempDir()})
		require.NoError(b, err)
		requireWholeAnswers(b, published.db)
		middle := published.Releases()[len(published.Releases())/2]
		day := middle.ID.Quarter.FirstDay().Format("2006-01-02")
		for _, question := range []struct{ known, sql string }{
			{"now", "FROM codes_as_of(DATE '" + day + "')"},
			{"then", "FROM codes_as_of(DATE '" + day + "', known := '" + middle.ID.String() + "')"},
		} {
			b.Run("known="+question.known, func(b *testing.B) {
				var count int
				require.NoError(b, published.db.conn.QueryRowContext(ctx, "SELECT count(*) FROM ("+question.sql+")").Scan(&count))
				require.Greater(b, count, 7500)
				answer := func() {
					rows, err := published.db.conn.QueryContext(ctx, question.sql)
					require.NoError(b, err)
					require.NoError(b, rows.Close())
				}
				for range warming {
					answer()
				}
				for b.Loop() {
					answer()
				}
			})
		}
		require.NoError(b, published.Close())
	})
}

// requireWholeAnswers makes sure that a query returns when its whole answer is
// there: it returns the error of the last of a million rows. An answer that is
// made while it is read would give that error to its reader.
func requireWholeAnswers(b *testing.B, db *database) {
	b.Helper()
	_, err := db.conn.QueryContext(context.Background(), `
		SELECT CASE WHEN i < 999999 THEN i ELSE CAST(error('the last row') AS BIGINT) END
		FROM range(1000000) AS numbers(i)`)
	require.ErrorContains(b, err, "the last row")
}

// BenchmarkWrite is the least that writing a history can cost: the rows of the
// published file's tables, as they stand there, held in memory and written to a
// new file of the same storage version by one CREATE TABLE AS for each table;
// what=every-row writes every code of every release instead, which is what
// somebody has who keeps the releases as they come. The time ends when the file
// is closed and on disk.
func BenchmarkWrite(b *testing.B) {
	onHistories(b, func(b *testing.B, h benchmarkHistory) {
		for _, what := range []struct {
			name   string
			tables func(b *testing.B, db *database) []string
		}{
			{"tables", tablesOf},
			{"every-row", func(*testing.B, *database) []string { return []string{"release_records"} }},
		} {
			b.Run("what="+what.name, func(b *testing.B) {
				ctx := context.Background()
				db, err := openDatabase(ctx, Resources{MemoryLimit: "4GB", TemporaryFolder: b.TempDir()})
				require.NoError(b, err)
				require.NoError(b, db.attach(ctx, h.published, "source", " (READ_ONLY)"))
				execute := func(statement string) {
					_, err := db.conn.ExecContext(ctx, statement)
					require.NoError(b, err)
				}
				tables := what.tables(b, db)
				for _, table := range tables {
					execute("CREATE TABLE memory.main." + quoteName(table) + " AS FROM source.main." + quoteName(table))
				}
				path := filepath.Join(b.TempDir(), "written.duckdb")
				literal, err := statements.Literal(path)
				require.NoError(b, err)
				for b.Loop() {
					b.StopTimer()
					require.NoError(b, removeDatabase(path))
					b.StartTimer()
					execute("ATTACH " + literal + " AS target" + storageOptions)
					execute("BEGIN TRANSACTION")
					for _, table := range tables {
						execute("CREATE TABLE target.main." + quoteName(table) + " AS FROM memory.main." + quoteName(table))
					}
					execute("COMMIT")
					execute("DETACH target")
					require.NoError(b, replace(path, path+".done"))
					require.NoError(b, os.Rename(path+".done", path))
				}
				info, err := os.Stat(path)
				require.NoError(b, err)
				b.ReportMetric(float64(info.Size()), "file-bytes")
				require.NoError(b, db.close())
			})
		}
	})
}

// tablesOf lists the tables of the file that is attached and in use.
func tablesOf(b *testing.B, db *database) []string {
	b.Helper()
	var names sql.NullString
	require.NoError(b, db.conn.QueryRowContext(context.Background(),
		`SELECT string_agg(table_name, ',' ORDER BY table_name) FROM duckdb_tables() WHERE database_name = 'source'`).Scan(&names))
	tables := strings.Split(names.String, ",")
	require.Contains(b, tables, "code_history")
	return tables
}

func copyTestFile(b *testing.B, from, to string) {
	b.Helper()
	source, err := os.Open(from)
	require.NoError(b, err)
	target, err := os.Create(to)
	require.NoError(b, err)
	_, err = io.Copy(target, source)
	require.NoError(b, err)
	require.NoError(b, source.Close())
	require.NoError(b, target.Sync()) // or the measured part would wait for it
	require.NoError(b, target.Close())
}
