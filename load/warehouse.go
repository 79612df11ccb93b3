package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// RulesVersion numbers the rules by which records, changes and history are
// derived. A warehouse made by other rules is derived anew from the archive.
const RulesVersion = 4

// State of a release in the warehouse.
type State string

const (
	Loaded State = "loaded" // it is in the tables
	Held   State = "held"   // it waits for review: only its row is there
)

// Release is the row of one release.
type Release struct {
	ID             release.ID
	PublishedAt    time.Time // zero: unknown
	PublishedBasis string
	FetchedAt      time.Time
	Source         string
	FileName       string
	SHA256         string // of the main file, in hex
	Format         string // txt or xlsx
	Records        int
	Procedures     int
	Modifiers      int
	Previous       release.ID // zero for the baseline, and while held
	Gap            bool
	State          State
	HeldBecause    string
}

// Warehouse is the private database. It is not safe for use by several
// goroutines.
type Warehouse struct {
	db       *database
	path     string
	releases []Release // in order, held ones among them
	// companions are those in the tables, sorted.
	companions []CompanionKey
	codes      *codeBook // nil until a release is loaded
	// collected is what is to be written at the end of the transaction; nil: nothing.
	collected *additions
	together  *together // the transaction that is shared; nil: none is
	// foreseen is what was begun for the next publication; nil: nothing was.
	foreseen *foreseen
}

// ErrRulesChanged says that a warehouse was made by another version of the
// schema or the rules, and has to be derived anew: see Reset.
var ErrRulesChanged = errors.New("the warehouse was made by other rules than this program's")

// OpenWarehouse opens the warehouse, and makes it where there is none. With
// ErrRulesChanged it gives the opened warehouse too, for Releases and Reset.
func OpenWarehouse(ctx context.Context, path string, resources Resources) (*Warehouse, error) {
	// The tables are too small to be divided among threads, and one that waits
	// for another takes a core from those that read the next files.
	resources.Threads = 1
	db, err := openDatabase(ctx, resources)
	if err != nil {
		return nil, err
	}
	w := &Warehouse{db: db, path: path}
	if err := w.compressLittle(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the warehouse %s: %w", path, err), db.close())
	}
	if err := w.open(ctx); err != nil {
		if errors.Is(err, ErrRulesChanged) {
			return w, err
		}
		return nil, errors.Join(fmt.Errorf("opening the warehouse %s: %w", path, err), db.close())
	}
	return w, nil
}

func (w *Warehouse) open(ctx context.Context) error {
	if _, err := os.Stat(w.path); errors.Is(err, fs.ErrNotExist) && w.path != noFile {
		if err := w.create(ctx); err != nil {
			return fmt.Errorf("making it: %w", err)
		}
	}
	if err := w.db.attach(ctx, w.path, "warehouse", ""); err != nil {
		return err
	}
	changed := w.migrate(ctx)
	if changed != nil && !errors.Is(changed, ErrRulesChanged) {
		return changed
	}
	if err := w.readReleases(ctx); err != nil {
		return fmt.Errorf("reading its releases: %w", err)
	}
	if err := w.readCompanionKeys(ctx); err != nil {
		return fmt.Errorf("reading which companions it has: %w", err)
	}
	return changed
}

// compressLittle forgoes the ways of packing texts that cost more than they save: of a
// published file of a hundred quarters FSST saves a fiftieth, and it takes a twentieth of
// the time of a run over four releases.
func (w *Warehouse) compressLittle(ctx context.Context) error {
	_, err := w.db.conn.ExecContext(ctx, `SET disabled_compression_methods = 'fsst,dict_fsst,zstd'`)
	return err
}

// create makes an empty warehouse beside its place and renames it there: one
// that a kill cut short is never met, and never taken for a damaged one. A log
// that outlived its warehouse says nothing.
func (w *Warehouse) create(ctx context.Context) error {
	beside := w.path + ".new"
	if err := errors.Join(removeDatabase(beside), removeDatabase(w.path)); err != nil {
		return err
	}
	// Twenty tables, most of them small, and written to at every run: the
	// smallest blocks that DuckDB has.
	if err := w.db.attach(ctx, beside, "warehouse", " (BLOCK_SIZE 16384)"); err != nil {
		return err
	}
	err := w.migrate(ctx)
	if err := errors.Join(err, w.db.use(ctx, "memory"), w.db.detach(ctx, "warehouse")); err != nil {
		return err
	}
	return replace(beside, w.path)
}

// GiveBack gives memory back to the system that DuckDB holds for later, once what was
// begun for a publication has ended. Nobody else may ask it anything meanwhile.
func (w *Warehouse) GiveBack(ctx context.Context) error {
	if w.foreseen != nil {
		w.foreseen.await()
	}
	if err := w.db.giveBack(ctx); err != nil {
		return fmt.Errorf("giving back the memory of the warehouse %s: %w", w.path, err)
	}
	return nil
}

// Settle begins to bring what was committed from the log into its place in the
// file, so that closing it need not, while the caller does something else than ask
// the warehouse. The function that it gives waits for the end.
func (w *Warehouse) Settle(ctx context.Context) (wait func() error) {
	ended := make(chan error, 1)
	go func() {
		_, err := w.db.conn.ExecContext(ctx, `CHECKPOINT warehouse`)
		ended <- err
	}()
	return sync.OnceValue(func() error {
		if err := <-ended; err != nil {
			return fmt.Errorf("writing the log of %s into it: %w", w.path, err)
		}
		return nil
	})
}

// Close closes the file; what was committed is in it.
func (w *Warehouse) Close() error {
	if err := errors.Join(w.dropForeseen(), w.db.close()); err != nil {
		return fmt.Errorf("closing the warehouse %s: %w", w.path, err)
	}
	return nil
}

// migrate brings the schema up to date, one file one transaction.
func (w *Warehouse) migrate(ctx context.Context) error {
	const create = `CREATE TABLE IF NOT EXISTS schema_version (schema_version INTEGER NOT NULL, rules_version INTEGER NOT NULL)`
	if _, err := w.db.conn.ExecContext(ctx, create); err != nil {
		return err
	}
	var version, rules int
	err := w.db.conn.QueryRowContext(ctx, `SELECT schema_version, rules_version FROM schema_version`).Scan(&version, &rules)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	migrations := statements.Migrations()
	if version > len(migrations) {
		return fmt.Errorf("its schema has version %d, and this program knows versions up to %d: it was made by a newer hcpcs; use that one", version, len(migrations))
	}
	if version == 0 {
		rules = RulesVersion
	}
	for version < len(migrations) {
		next := version + 1
		if version == 0 {
			next = len(migrations) // nothing that is in it has to be brought over
		}
		err := w.db.inTransaction(ctx, func() error {
			for ; version < next; version++ {
				if err := w.db.script(ctx, migrations[version]); err != nil {
					return fmt.Errorf("migrating its schema to version %d: %w", version+1, err)
				}
			}
			return w.setVersion(ctx, version, rules)
		})
		if err != nil {
			return err
		}
	}
	if rules != RulesVersion {
		return fmt.Errorf("%w: it has version %d, the program version %d", ErrRulesChanged, rules, RulesVersion)
	}
	return nil
}

func (w *Warehouse) setVersion(ctx context.Context, version, rules int) error {
	if _, err := w.db.conn.ExecContext(ctx, `DELETE FROM schema_version`); err != nil {
		return err
	}
	_, err := w.db.conn.ExecContext(ctx, `INSERT INTO schema_version VALUES (?, ?)`, version, rules)
	return err
}

// SchemaVersion is the version of the tables that this program makes.
func SchemaVersion() int { return len(statements.Migrations()) }

// Reset empties the warehouse of all that comes from releases, so that they can
// be loaded anew. What is said of runs stays.
func (w *Warehouse) Reset(ctx context.Context) error {
	err := w.db.inTransaction(ctx, func() error {
		if _, err := w.db.conn.ExecContext(ctx, statements.Statement("reset")); err != nil {
			return err
		}
		return w.setVersion(ctx, SchemaVersion(), RulesVersion)
	})
	if err != nil {
		return fmt.Errorf("emptying the warehouse %s: %w", w.path, err)
	}
	w.releases, w.companions, w.codes = nil, nil, nil
	return w.forgetRows()
}

// Releases gives the rows of all releases, in order, held ones among them.
func (w *Warehouse) Releases() []Release { return w.releases }

func (w *Warehouse) readReleases(ctx context.Context) error {
	releases, err := readReleases(ctx, w.db.conn)
	w.releases = releases
	return err
}

// loaded gives the ids of the releases in the tables, in order.
func (w *Warehouse) loaded() []release.ID {
	var ids []release.ID
	for i := range w.releases {
		if w.releases[i].State == Loaded {
			ids = append(ids, w.releases[i].ID)
		}
	}
	return ids
}

func (w *Warehouse) published() map[release.ID]time.Time {
	times := make(map[release.ID]time.Time, len(w.releases))
	for i := range w.releases {
		times[w.releases[i].ID] = w.releases[i].PublishedAt
	}
	return times
}

// Hold records a release that waits for review: its row, and nothing else.
func (w *Warehouse) Hold(ctx context.Context, held Release) error {
	held.State, held.Previous, held.Gap = Held, release.ID{}, false
	err := w.transaction(ctx, func() error {
		w.putRelease(held)
		return nil
	})
	if err != nil {
		return fmt.Errorf("holding %s back: %w", held.ID, err)
	}
	return nil
}

// ForgetHeld removes the row of a release that waits for review.
func (w *Warehouse) ForgetHeld(ctx context.Context, id release.ID) error {
	if _, err := w.db.conn.ExecContext(ctx, `DELETE FROM releases WHERE release = ? AND state = 'held'`, id.String()); err != nil {
		return fmt.Errorf("forgetting %s, which was held back: %w", id, err)
	}
	return w.readReleases(ctx)
}

// putRelease writes the row of a release in the place of the one it had.
func (w *Warehouse) putRelease(r Release) {
	w.releases = insertRelease(w.releases, r)
	collected := w.collect()
	collected.releases = insertRelease(collected.releases, r)
}

// readReleases reads the releases of whatever file is in use.
func readReleases(ctx context.Context, conn *sql.Conn) ([]Release, error) {
	rows, err := conn.QueryContext(ctx, statements.Statement("releases"))
	if err != nil {
		return nil, err
	}
	defer rows.Close() // after reading, nothing can be lost
	var releases []Release
	for rows.Next() {
		var r Release
		var name, previous, state string
		var published sql.NullTime
		if err := rows.Scan(&name, &published, &r.PublishedBasis, &r.FetchedAt, &r.Source, &r.FileName, &r.SHA256, &r.Format,
			&r.Records, &r.Procedures, &r.Modifiers, &previous, &r.Gap, &state, &r.HeldBecause); err != nil {
			return nil, err
		}
		if r.ID, err = release.ParseID(name); err != nil {
			return nil, err
		}
		if previous != "" {
			if r.Previous, err = release.ParseID(previous); err != nil {
				return nil, err
			}
		}
		r.PublishedAt, r.State = published.Time, State(state)
		releases = append(releases, r)
	}
	return releases, rows.Err()
}

// steps relates the loaded releases to each other.
func (w *Warehouse) steps() []transform.Step { return transform.Steps(w.loaded()) }
