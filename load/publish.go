package load

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// storageVersion lets DuckDB 1.1 and later open the published file.
const storageVersion = " (STORAGE_VERSION 'v1.0.0')"

// Publish writes the analysts' file beside path, and renames it over path when
// it is whole and on disk. Readers keep what they have open, and see the new
// one when they next open it. Where anything fails, path stays as it was.
func (w *Warehouse) Publish(ctx context.Context, path string) error {
	beside := path + ".new"
	if err := removeDatabase(beside); err != nil {
		return fmt.Errorf("publishing %s: clearing what an earlier run left: %w", path, err)
	}
	if err := w.writePublished(ctx, beside); err != nil {
		return errors.Join(fmt.Errorf("publishing %s: %w", path, err), removeDatabase(beside))
	}
	if err := replace(beside, path); err != nil {
		return errors.Join(fmt.Errorf("publishing %s: %w", path, err), removeDatabase(beside))
	}
	return w.recordPublication(ctx, path)
}

// IsPublished tells whether the file at path is what Publish would write. It
// does not open the file: an analyst may have it open in a tool that locks it.
func (w *Warehouse) IsPublished(ctx context.Context, path string) (bool, error) {
	var fingerprint, sum string
	var size int64
	const last = `SELECT fingerprint, size, coalesce(sha256, '') FROM publication`
	err := w.db.conn.QueryRowContext(ctx, last).Scan(&fingerprint, &size, &sum)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading what was last published: %w", err)
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if fingerprint != w.Fingerprint() || size != info.Size() {
		return false, nil
	}
	return holds(ctx, path, sum)
}

// HoldsWhatWasPublished tells whether the file at path has the bytes that were
// last published, whether or not they are what Publish would write now.
func (w *Warehouse) HoldsWhatWasPublished(ctx context.Context, path string) (bool, error) {
	var sum string
	err := w.db.conn.QueryRowContext(ctx, `SELECT coalesce(sha256, '') FROM publication`).Scan(&sum)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading what was last published: %w", err)
	}
	return holds(ctx, path, sum)
}

// holds: somebody may have written into a published file, or the disk may have
// lost a bit.
func holds(ctx context.Context, path, sum string) (bool, error) {
	now, err := sumOf(ctx, path)
	if err != nil {
		return false, fmt.Errorf("reading what is published: %w", err)
	}
	return now == sum, nil
}

// sumOf gives the SHA-256 of a file in hex. 20 MiB take some 15 ms.
func sumOf(ctx context.Context, path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close() // after reading, nothing can be lost
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), ctx.Err()
}

// recordPublication comes last: where it fails, the next run publishes again.
func (w *Warehouse) recordPublication(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	sum, err := sumOf(ctx, path)
	if err != nil {
		return err
	}
	return w.db.inTransaction(ctx, func() error {
		if _, err := w.db.conn.ExecContext(ctx, `DELETE FROM publication`); err != nil {
			return err
		}
		_, err := w.db.conn.ExecContext(ctx, `INSERT INTO publication (fingerprint, size, sha256) VALUES (?, ?, ?)`, w.Fingerprint(), info.Size(), sum)
		return err
	})
}

// removeDatabase removes a database file and its log.
func removeDatabase(path string) error {
	for _, name := range [...]string{path, path + ".wal"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// replace syncs a file and renames it over another one.
func replace(from, to string) error {
	if _, err := os.Stat(from + ".wal"); err == nil {
		return fmt.Errorf("%s still has a log beside it: it was not closed whole", from)
	}
	file, err := os.OpenFile(from, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	// A log that somebody left who wrote into the old file would be read into the
	// new one.
	if err := os.Remove(to + ".wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func (w *Warehouse) writePublished(ctx context.Context, file string) (err error) {
	if err := w.db.attach(ctx, file, "published", storageVersion); err != nil {
		return err
	}
	defer func() {
		after := context.WithoutCancel(ctx)
		err = errors.Join(err, w.db.use(after, "warehouse"), w.db.detach(after, "published"))
	}()
	// A commit beyond the threshold goes into the file at once, without a log
	// that is read back and thrown away.
	if _, err := w.db.conn.ExecContext(ctx, `SET checkpoint_threshold = '1KB'`); err != nil {
		return err
	}
	defer func() {
		_, reset := w.db.conn.ExecContext(context.WithoutCancel(ctx), `RESET checkpoint_threshold`)
		err = errors.Join(err, reset)
	}()
	return w.db.inTransaction(ctx, func() error {
		for _, name := range [...]string{"publish", "published_tables"} {
			if _, err := w.db.conn.ExecContext(ctx, statements.Statement(name)); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		if err := w.writeExplanations(ctx); err != nil {
			return err
		}
		for _, statement := range append(statements.Views(), statements.Macros()...) {
			if _, err := w.db.conn.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%.60s…: %w", statement, err)
			}
		}
		if err := w.writeComments(ctx); err != nil {
			return fmt.Errorf("comments: %w", err)
		}
		return nil
	})
}

// writeExplanations fills the decode tables and what the file says of itself.
func (w *Warehouse) writeExplanations(ctx context.Context) error {
	for _, codeList := range transform.CodeLists() {
		err := w.db.appendRows(ctx, "published", codeList.Table, rowsOf(codeList.Values, func(v *transform.CodeValue) []driver.Value {
			return []driver.Value{v.Value, v.Meaning, text(v.Group), isoDate(v.ValidFrom), isoDate(v.ValidTo), text(v.Note)}
		}))
		if err != nil {
			return err
		}
	}
	err := w.db.appendRows(ctx, "published", "fields", rowsOf(transform.Definitions(), func(d *transform.Definition) []driver.Value {
		return []driver.Value{d.Name, d.Title, d.Definition, text(d.Source)}
	}))
	if err != nil {
		return err
	}
	info := [][]driver.Value{{int32(SchemaVersion()), int32(RulesVersion), w.Fingerprint()}}
	return w.db.appendRows(ctx, "published", "database_info", rowsOf(info, func(r *[]driver.Value) []driver.Value { return *r }))
}

// Fingerprint identifies what a published file of this warehouse holds: the
// releases, the rules by which the rest is derived, and the statements and code
// lists that make the file. Equal fingerprints mean equal files.
func (w *Warehouse) Fingerprint() string {
	lists := transform.CodeLists()
	described, err := json.Marshal([]any{
		SchemaVersion(), RulesVersion, w.releases, w.companions, lists, transform.Definitions(), transform.Enumerations(), tableComments,
		statements.Statement("publish"), statements.Statement("published_tables"), statements.Views(), statements.Macros(),
	})
	if err != nil {
		panic(fmt.Sprintf("load: describing the warehouse: %v", err)) // plain values only
	}
	sum := sha256.Sum256(described)
	return hex.EncodeToString(sum[:])
}
