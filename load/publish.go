package load

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Publish writes the analysts' file beside path, and renames it over path when
// it is whole and on disk. Readers keep what they have open, and see the new
// one when they next open it. Where anything fails, path stays as it was.
//
// What comes after the releases that path holds is added to a copy of it, which
// costs what is new; anything else has the file written whole. Both give the
// same rows.
//
// look, where it is not nil, is shown what the file will hold while it is written: a
// report can be made meanwhile. Publish ends when it has ended, and what it found holds
// where Publish ends without an error.
func (w *Warehouse) Publish(ctx context.Context, path string, look Look) error {
	if err := w.publish(ctx, path, look); err != nil {
		return fmt.Errorf("publishing %s: %w", path, err)
	}
	return nil
}

func (w *Warehouse) publish(ctx context.Context, path string, look Look) (err error) {
	beside := besidePublished(path)
	if !w.isForeseen(beside) {
		if err := errors.Join(w.dropForeseen(), removeDatabase(beside)); err != nil {
			return fmt.Errorf("clearing what an earlier run left: %w", err)
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.dropForeseen(), removeDatabase(beside))
		}
	}()
	if err := w.openCodeBook(ctx); err != nil {
		return err
	}
	looked, err := w.beginLook(ctx, path, look)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, looked()) }()
	next := publication{fingerprint: w.Fingerprint(), form: form()}
	if loaded := w.loaded(); len(loaded) > 0 {
		next.releaseOrder = loaded[len(loaded)-1].Order()
	}
	added, err := w.publishAdditions(ctx, path, beside, &next)
	if err != nil {
		return err
	}
	if !added {
		hasRows, err := w.takeNewFile(beside)
		if err != nil {
			return err
		}
		if err := w.publishWhole(ctx, beside, hasRows, look == nil); err != nil {
			return err
		}
	}
	w.foreseen = nil // it became the file
	hashed, err := beginHash(beside)
	if err != nil {
		return err
	}
	err = replace(beside, path) // waits for the disk
	sum, failed := hashed()
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	next.sha256 = sum
	w.codes = nil // what is loaded after it reads it again: a publication comes last
	return w.recordPublication(ctx, next)
}

// besidePublished is where a file is made that is to be published at path.
func besidePublished(path string) string { return path + ".new" }

// publication is the row of what was last published.
type publication struct {
	fingerprint  string // of all that the file holds
	form         string // of the program's part of it
	sha256       string // of the file
	releaseOrder int    // of the latest release in it
	additions    int    // how often was added to it since it was written whole
}

// lastPublication gives what was last published, nil where nothing was that can
// be relied on.
func (w *Warehouse) lastPublication(ctx context.Context) (*publication, error) {
	var last publication
	err := w.db.conn.QueryRowContext(ctx, `SELECT fingerprint, form, sha256, release_order, additions FROM publication`).
		Scan(&last.fingerprint, &last.form, &last.sha256, &last.releaseOrder, &last.additions)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what was last published: %w", err)
	}
	return &last, nil
}

// HoldsWhatWasPublished tells whether the file at path has the bytes that were
// last published, whether or not they are what Publish would write now: somebody
// may have written into it, or the disk may have lost a bit.
func (w *Warehouse) HoldsWhatWasPublished(ctx context.Context, path string) (bool, error) {
	last, err := w.lastPublication(ctx)
	if err != nil || last == nil {
		return false, err
	}
	sum, err := hashFile(path)
	if err != nil {
		return false, fmt.Errorf("reading what is published: %w", err)
	}
	return sum == last.sha256, ctx.Err()
}

// IsPublished tells whether the file at path is what Publish would write, to the
// byte. It does not ask DuckDB: an analyst may have the file open in a tool that
// locks it.
func (w *Warehouse) IsPublished(ctx context.Context, path string) (bool, error) {
	last, err := w.lastPublication(ctx)
	if err != nil || last == nil || last.fingerprint != w.Fingerprint() {
		return false, err
	}
	sum, err := hashFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading what is published: %w", err)
	}
	return sum == last.sha256, nil
}

// recordPublication comes last: where it fails, the next run publishes again.
func (w *Warehouse) recordPublication(ctx context.Context, done publication) error {
	return w.db.inTransaction(ctx, func() error {
		if _, err := w.db.conn.ExecContext(ctx, `DELETE FROM publication`); err != nil {
			return err
		}
		if _, err := w.db.conn.ExecContext(ctx, `DELETE FROM unpublished_companions`); err != nil {
			return err
		}
		_, err := w.db.conn.ExecContext(ctx, `INSERT INTO publication VALUES (?, ?, ?, ?, ?)`,
			done.fingerprint, done.form, done.sha256, done.releaseOrder, done.additions)
		return err
	})
}

// Fingerprint identifies what a published file of this warehouse holds: the
// releases, the rules by which the rest is derived, and the form that the
// program gives it. Equal fingerprints mean equal rows.
func (w *Warehouse) Fingerprint() string {
	return fingerprint(form(), w.releases, w.companions)
}

// form identifies what the program makes of releases: the rules, and the
// statements and code lists that make the file.
var form = sync.OnceValue(func() string {
	return fingerprint(
		SchemaVersion(), RulesVersion, transform.CodeLists(), transform.Definitions(), transform.Enumerations(), tableComments, decodeComment,
		storageOptions, statements.Statement("publish"), statements.Statement("touched_codes"), statements.Statement("publish_additions"), statements.Statement("publish_releases"), statements.Statement("published_tables"),
		statements.Statement("decode_views"), statements.Views(), statements.Macros(),
	)
})

func fingerprint(parts ...any) string {
	described, err := json.Marshal(parts)
	if err != nil {
		panic(fmt.Sprintf("load: describing the warehouse: %v", err)) // plain values only
	}
	sum := sha256.Sum256(described)
	return hex.EncodeToString(sum[:])
}

// hashFile gives the SHA-256 of a file, in hex. 20 MiB take some 15 ms.
func hashFile(path string) (sum string, err error) {
	return copyAndHash(path, io.Discard)
}

// beginHash begins to hash a file, wherever it is moved meanwhile, and gives what waits
// for its SHA-256, in hex.
func beginHash(path string) (wait func() (sum string, err error), err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	var hashed string
	var failed error
	var hashing sync.WaitGroup
	hashing.Go(func() {
		defer file.Close() // after reading, nothing can be lost
		hashed, failed = hashOpened(file, io.Discard)
	})
	return func() (string, error) {
		hashing.Wait()
		return hashed, failed
	}, nil
}

// copyAndHash copies a file, and gives the SHA-256 of what was copied, in hex.
func copyAndHash(path string, to io.Writer) (sum string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close() // after reading, nothing can be lost
	return hashOpened(file, to)
}

func hashOpened(file *os.File, to io.Writer) (sum string, err error) {
	hash := sha256.New()
	if _, err := io.CopyBuffer(io.MultiWriter(hash, to), onlyReader{file}, make([]byte, 1<<20)); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// onlyReader hides that a file knows a way of its own to be copied, which reads
// in small pieces.
type onlyReader struct{ io.Reader }

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
	return syncPath(filepath.Dir(to))
}
