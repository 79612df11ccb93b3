package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// TestMain draws fewer examples than rapid does by itself: each loads several
// releases into DuckDB several times (~0.3 s). Flags given by hand stay.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if err := flag.Set("rapid.checks", "4"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// requirement is what testing.T and rapid.T have in common.
type requirement interface {
	require.TestingT
	Helper()
}

// openTestWarehouse opens a warehouse in memory (~20 ms), or in a file.
func openTestWarehouse(t requirement, path string) *Warehouse {
	t.Helper()
	w, err := OpenWarehouse(context.Background(), path, Resources{TemporaryFolder: filepath.Join(os.TempDir(), "hcpcs-test")})
	require.NoError(t, err)
	return w
}

const inMemory = ":memory:"

// fileOf writes a generated release as CMS would, and reads it.
func fileOf(t requirement, r *cmstest.Release) (Release, *transform.File) {
	t.Helper()
	name := fmt.Sprintf("HCPC%s.txt", r.ID)
	data := r.TXT(cmstest.TXTOptions{})
	file, err := transform.ParseText(name, data)
	require.NoError(t, err)
	sum := sha256.Sum256(data)
	return Release{
		ID: r.ID, PublishedAt: r.PublishedAt, PublishedBasis: "zip_entry", FetchedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Source: "a test", FileName: name, SHA256: hex.EncodeToString(sum[:]), Format: "txt",
	}, file
}

func loadInto(t requirement, w *Warehouse, r *cmstest.Release) Loading {
	t.Helper()
	row, file := fileOf(t, r)
	loading, err := w.Load(context.Background(), row, file)
	require.NoError(t, err)
	return loading
}

// contentOf sums up every table of facts of the warehouse, and every table of
// what it publishes: how many rows, and the sum of their hashes.
func contentOf(t requirement, w *Warehouse, folder string) map[string]string {
	t.Helper()
	content := map[string]string{}
	for _, table := range [...]string{"releases", "record_spans", "record_lines", "findings", "last_records"} {
		content[table] = sumOf(t, w.db, table)
	}
	path := filepath.Join(folder, "content.duckdb")
	require.NoError(t, removeDatabase(path))
	require.NoError(t, w.Publish(context.Background(), path, nil))
	for table, sum := range publishedContent(t, path) {
		content["published "+table] = sum
	}
	return content
}

// publishedContent sums up every table of a published file, and view record_lines in place
// of sequence_numbers, which can say the same in more rows or fewer: a warehouse of an older
// schema has one for each code.
func publishedContent(t requirement, path string) map[string]string {
	t.Helper()
	published, err := OpenPublished(context.Background(), path, Resources{TemporaryFolder: os.TempDir()})
	require.NoError(t, err)
	tables, err := askAll(context.Background(), published, `
		SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND table_name <> 'sequence_numbers'
		UNION ALL SELECT 'record_lines'`)
	require.NoError(t, err)
	content := map[string]string{}
	for _, row := range tables.Rows {
		table := row[0].(string)
		content[table] = sumOf(t, published.db, table)
	}
	require.NoError(t, published.Close())
	require.Contains(t, content, "code_history")
	return content
}

// wholeAnswer is the answer to a question in SQL with all its rows.
type wholeAnswer struct {
	Columns, Types []string
	Rows           [][]any
}

// askAll asks a question as an analyst does.
func askAll(ctx context.Context, published *Published, question string) (*wholeAnswer, error) {
	answer, err := published.Ask(ctx, question)
	if err != nil {
		return nil, err
	}
	whole := &wholeAnswer{Columns: answer.Columns, Types: answer.Types}
	for {
		row, err := answer.Next()
		if row == nil {
			return whole, errors.Join(err, answer.Close())
		}
		whole.Rows = append(whole.Rows, row)
	}
}

func sumOf(t requirement, db *database, table string) (sum string) {
	t.Helper()
	err := db.conn.QueryRowContext(context.Background(),
		"SELECT count(*) || ' rows, ' || coalesce(sum(hash(t)), 0) FROM "+table+" AS t").Scan(&sum)
	require.NoError(t, err)
	return sum
}

// requireVerified publishes a warehouse and runs every invariant over it.
func requireVerified(t requirement, w *Warehouse, folder string) {
	t.Helper()
	ctx := context.Background()
	path := filepath.Join(folder, "hcpcs.duckdb")
	require.NoError(t, w.Publish(ctx, path, nil))
	check, err := w.ComparePublished(ctx, path)
	require.NoError(t, err)
	require.Zero(t, check.Failed, "%s: %v", check.Name, check.Examples)
	require.Positive(t, check.Checked)
	published, err := OpenPublished(ctx, path, Resources{TemporaryFolder: folder})
	require.NoError(t, err)
	checks, err := published.Verify(ctx)
	require.NoError(t, err)
	for _, check := range checks {
		require.Zero(t, check.Failed, "%s: %v", check.Name, check.Examples)
		require.Positive(t, check.Checked, check.Name)
	}
	require.NoError(t, published.Close())
}

func writeTestFile(t testing.TB, path, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}
