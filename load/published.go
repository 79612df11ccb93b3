package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Published is the analysts' file, opened for reading.
type Published struct {
	db       *database
	path     string
	releases []Release   // in order, held ones among them
	book     *RecordBook // nil until somebody asks for it
	// derived is what releases changed, in place of the tables that say so; nil: they
	// are there.
	derived map[release.ID][]*transform.Change
	// borrowed tells that the DuckDB is a warehouse's, which goes on without it.
	borrowed bool
}

// ErrNothingPublished says that there is no published file yet.
var ErrNothingPublished = errors.New("nothing is published yet")

// OpenPublished opens the analysts' file, for reading only and with no way to
// any other file: whatever is asked of it can neither read nor write elsewhere.
func OpenPublished(ctx context.Context, path string, resources Resources) (*Published, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("opening %s: %w", path, ErrNothingPublished)
	}
	// Whoever asks may read what lies in that folder: none that others use.
	resources.TemporaryFolder = filepath.Join(resources.TemporaryFolder, fmt.Sprintf("questions-%d", os.Getpid()))
	db, err := openDatabase(ctx, resources)
	if err != nil {
		return nil, err
	}
	p := &Published{db: db, path: path}
	if err := p.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), p.Close())
	}
	return p, nil
}

// OpenPublished opens the analysts' file for the program's own questions, over a
// connection of its own to the DuckDB that has the warehouse: to start another one
// takes longer than most answers. It must be closed before the warehouse.
func (w *Warehouse) OpenPublished(ctx context.Context, path string) (*Published, error) {
	db, err := w.db.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	p := &Published{db: db, path: path, borrowed: true}
	if err := p.attach(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), db.conn.Close())
	}
	if err := p.read(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), p.Close())
	}
	return p, nil
}

func (p *Published) open(ctx context.Context) error {
	if err := p.attach(ctx); err != nil {
		return err
	}
	if _, err := p.db.conn.ExecContext(ctx, statements.Statement("lock_down")); err != nil {
		return err
	}
	return p.read(ctx)
}

func (p *Published) attach(ctx context.Context) error {
	return p.db.attach(ctx, p.path, "hcpcs", " (READ_ONLY)")
}

// read reads what is asked of the file most.
func (p *Published) read(ctx context.Context) error {
	err := checkSchema(ctx, p.db)
	if err != nil {
		return err
	}
	p.releases, err = readReleases(ctx, p.db.conn)
	return err
}

// checkSchema refuses a file that is none of those that hcpcs publishes, and one of a
// newer hcpcs.
func checkSchema(ctx context.Context, published *database) error {
	var schema int
	if err := published.conn.QueryRowContext(ctx, `SELECT schema_version FROM database_info`).Scan(&schema); err != nil {
		return fmt.Errorf("it is not a file that hcpcs published: %w", err)
	}
	if schema > SchemaVersion() {
		return fmt.Errorf("its schema has version %d, and this program knows versions up to %d: it was made by a newer hcpcs; use that one", schema, SchemaVersion())
	}
	return nil
}

// Close closes the file.
func (p *Published) Close() error {
	if !p.borrowed {
		return p.db.close()
	}
	ctx := context.Background() // it is closed also when nobody waits for answers
	return errors.Join(p.db.use(ctx, "memory"), p.db.detach(ctx, "hcpcs"), p.db.conn.Close())
}

// Releases gives the rows of all releases, in order, held ones among them.
func (p *Published) Releases() []Release { return p.releases }

// loaded gives the rows of the releases in the tables, in order.
func (p *Published) loaded() []Release {
	return slices.DeleteFunc(slices.Clone(p.releases), func(r Release) bool { return r.State != Loaded })
}

// UnknownReleaseError says that a release was asked for that is not in the
// tables.
type UnknownReleaseError struct {
	ID     release.ID
	Loaded []release.ID
	Held   bool // it is there, and waits for review
}

func (e *UnknownReleaseError) Error() string {
	switch {
	case e.ID == release.ID{}:
		return "no release is loaded yet: 'hcpcs run' loads what a source has"
	case e.Held:
		return fmt.Sprintf("release %s is held back for review: 'hcpcs releases' says why", e.ID)
	case len(e.Loaded) == 0:
		return fmt.Sprintf("release %s is not loaded: no release is", e.ID)
	}
	return fmt.Sprintf("release %s is not loaded: there are %d from %s to %s; 'hcpcs releases' lists them",
		e.ID, len(e.Loaded), e.Loaded[0], e.Loaded[len(e.Loaded)-1])
}

// Resolve finds the loaded release that an id names; revision 0 is the latest
// one of the quarter, the zero ID the latest of all. The error is an
// UnknownReleaseError.
func (p *Published) Resolve(id release.ID) (Release, error) {
	loaded := p.loaded()
	for _, r := range slices.Backward(loaded) {
		if id == (release.ID{}) || r.ID == id || (id.Revision == 0 && r.ID.Quarter == id.Quarter) {
			return r, nil
		}
	}
	unknown := &UnknownReleaseError{ID: id}
	for _, r := range loaded {
		unknown.Loaded = append(unknown.Loaded, r.ID)
	}
	unknown.Held = slices.ContainsFunc(p.releases, func(r Release) bool {
		return r.State == Held && (r.ID == id || (id.Revision == 0 && r.ID.Quarter == id.Quarter))
	})
	return Release{}, unknown
}

// Codes lists every code and modifier that a loaded release has, in order.
func (p *Published) Codes(ctx context.Context) ([]string, error) {
	rows, err := p.db.conn.QueryContext(ctx, `SELECT code FROM codes ORDER BY code`)
	if err != nil {
		return nil, fmt.Errorf("listing the codes: %w", err)
	}
	defer rows.Close() // after reading, nothing can be lost
	var codes []string
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			return nil, fmt.Errorf("listing the codes: %w", err)
		}
		codes = append(codes, code)
	}
	return codes, rows.Err()
}

// Comparison is what changed from one release to another: the changes sorted by
// code.
type Comparison struct {
	Release  Release
	Previous release.ID // zero: Release is the baseline
	Changes  []*transform.Change
}

// Changes gives what a release changed against the one before it.
func (p *Published) Changes(ctx context.Context, of Release) (Comparison, error) {
	comparisons, err := p.ChangesOf(ctx, []Release{of})
	if err != nil {
		return Comparison{}, err
	}
	return comparisons[0], nil
}

// ChangesOf gives what each of some releases changed against the one before it,
// in the order in which they were asked for.
func (p *Published) ChangesOf(ctx context.Context, releases []Release) ([]Comparison, error) {
	comparisons := make([]Comparison, len(releases))
	byRelease := map[string]*Comparison{}
	for i, r := range releases {
		comparisons[i] = Comparison{Release: r, Previous: r.Previous}
		byRelease[r.ID.String()] = &comparisons[i]
	}
	if p.derived != nil {
		if err := p.derivedChanges(comparisons); err != nil {
			return nil, fmt.Errorf("reading changes: %w", err)
		}
		return comparisons, nil
	}
	names := slices.Sorted(maps.Keys(byRelease))
	changes, err := p.readChanges(ctx, names, byRelease)
	if err == nil {
		err = p.readFields(ctx, names, changes)
	}
	if err != nil {
		return nil, fmt.Errorf("reading changes: %w", err)
	}
	return comparisons, nil
}

// changeKey names what one release changed of one code.
type changeKey struct{ release, code string }

func (p *Published) readChanges(ctx context.Context, releases []string, into map[string]*Comparison) (map[changeKey]*transform.Change, error) {
	rows, err := p.db.conn.QueryContext(ctx, statements.Statement("changes_of_releases"), releases)
	if err != nil {
		return nil, err
	}
	defer rows.Close() // after reading, nothing can be lost
	changes := map[changeKey]*transform.Change{}
	for rows.Next() {
		change := &transform.Change{}
		var of, effective, observed, replacements string
		if err := rows.Scan(&of, &change.Code, &change.Kind, &change.What, &change.Life, &change.ActionCode, &observed,
			&change.Agreement, &effective, &change.Timing, &change.TimingDays, &change.Similarity, &replacements); err != nil {
			return nil, err
		}
		change.Observed = transform.Actions(observed)
		change.Effective = transform.ParseDate(effective)
		change.Replacements = transform.SplitValues(replacements)
		changes[changeKey{of, change.Code}] = change
		into[of].Changes = append(into[of].Changes, change)
	}
	return changes, rows.Err()
}

func (p *Published) readFields(ctx context.Context, releases []string, changes map[changeKey]*transform.Change) error {
	rows, err := p.db.conn.QueryContext(ctx, statements.Statement("fields_of_releases"), releases)
	if err != nil {
		return err
	}
	defer rows.Close() // after reading, nothing can be lost
	for rows.Next() {
		var of, code string
		var field transform.FieldChange
		if err := rows.Scan(&of, &code, &field.Field, &field.Old, &field.New, &field.Typographic); err != nil {
			return err
		}
		change := changes[changeKey{of, code}]
		change.Fields = append(change.Fields, field)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, change := range changes {
		transform.SortFields(change.Fields)
	}
	return nil
}

// NetChanges gives the net difference of two releases, the one compared with
// the other as if none had been between; from must come before to.
func (p *Published) NetChanges(ctx context.Context, from, to Release) (Comparison, error) {
	if to.Previous == from.ID {
		return p.Changes(ctx, to)
	}
	comparison := Comparison{Release: to, Previous: from.ID}
	book := p.RecordBook()
	if err := book.ReadAll(ctx); err != nil {
		return comparison, fmt.Errorf("comparing %s with %s: %w", from.ID, to.ID, err)
	}
	var before []release.ID
	for _, r := range p.loaded() {
		if r.ID.Compare(from.ID) <= 0 {
			before = append(before, r.ID)
		}
	}
	steps := transform.Steps(append(before, to.ID))
	net := &steps[len(steps)-1]
	net.Net = true
	for code, ofCode := range book.spans {
		record, previous := at(ofCode, to.ID), at(ofCode, from.ID)
		if record == previous && (record == nil || !record.Declares()) {
			continue
		}
		if change := replay(code, ofCode, steps[:len(steps)-1]).history.Apply(net, record); change != nil {
			comparison.Changes = append(comparison.Changes, change)
		}
	}
	slices.SortFunc(comparison.Changes, func(a, b *transform.Change) int { return strings.Compare(a.Code, b.Code) })
	return comparison, nil
}

// Answer is the answer to a question in SQL, read a row at a time: what the program
// makes of a row is gone with the next. DuckDB has all of it in its columns before
// the first row comes, beside its memory limit, since the driver does not ask for
// it piece by piece.
type Answer struct {
	Columns, Types []string
	rows           *sql.Rows
}

// Next gives the next row, as database/sql gives it: lists as []any, dates as
// time.Time. At the end it is nil.
func (a *Answer) Next() ([]any, error) {
	if !a.rows.Next() {
		return nil, a.rows.Err()
	}
	row := make([]any, len(a.Columns))
	into := make([]any, len(row))
	for i := range row {
		into[i] = &row[i]
	}
	if err := a.rows.Scan(into...); err != nil {
		return nil, err
	}
	return row, nil
}

// Close forgets what was not read.
func (a *Answer) Close() error { return a.rows.Close() }
