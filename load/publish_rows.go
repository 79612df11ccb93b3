package load

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// maxAdditions is how often is added to a published file before it is written
// whole again: the rows that were added stand behind the sorted ones, and those
// that they replace leave room behind.
const maxAdditions = 8

// publishWhole writes the published file from nothing, sorted. hasRows tells that it is
// open, and holds what follows from the releases; alone, that nobody else asks DuckDB
// anything meanwhile.
func (w *Warehouse) publishWhole(ctx context.Context, file string, hasRows, alone bool) error {
	codes := slices.Sorted(maps.Keys(w.codes.last))
	if err := w.recall(ctx, w.steps(), codes); err != nil {
		return err
	}
	if !hasRows {
		err := writeNewFile(ctx, w.db, file, w.codes.ofCodes(codes), w.published())
		if err == nil && alone {
			if err = w.GiveBack(ctx); err != nil {
				err = errors.Join(err, w.db.detach(context.WithoutCancel(ctx), "published"))
			}
		}
		if err != nil {
			return err
		}
	}
	return w.intoPublished(ctx, func() error {
		for _, name := range [...]string{"publish", "publish_releases"} {
			if err := w.db.execute(ctx, name); err != nil {
				return err
			}
		}
		return w.appendInfo(ctx)
	})
}

// writeNewFile makes a file with the rows that follow from the records of codes, and
// leaves it open as published. They are committed by themselves: DuckDB has in memory
// what is not committed.
func writeNewFile(ctx context.Context, db *database, file string, derivations []*derivation, published map[release.ID]time.Time) error {
	if err := openFrame(ctx, db, file); err != nil {
		return err
	}
	err := db.inTransaction(ctx, func() error { return appendDerived(ctx, db, derivations, published) })
	if err == nil {
		err = db.execute(ctx, "checkpoint_published")
	}
	if err != nil {
		err = errors.Join(err, db.detach(context.WithoutCancel(ctx), "published"))
	}
	return err
}

// errAnotherFile says that a published file does not hold what it should.
var errAnotherFile = errors.New("the published file is not what was published")

// publishAdditions adds to a copy of the published file what came after its
// releases, and gives false where that is not possible: nothing was published,
// by this form of the program, or somebody changed the file; a release came
// before those that it holds; or it was added to often enough.
func (w *Warehouse) publishAdditions(ctx context.Context, published, file string, next *publication) (bool, error) {
	last, err := w.lastPublication(ctx)
	if err != nil || last == nil || last.form != next.form || last.additions >= maxAdditions || last.releaseOrder > next.releaseOrder {
		return false, err
	}
	sum, err := w.copyOf(published, file)
	if err != nil || sum != last.sha256 {
		return false, ctx.Err() // what cannot be read is written whole
	}
	codes, err := w.touchedSince(ctx, last.releaseOrder)
	if err != nil {
		return false, err
	}
	if err := w.db.open(ctx, file, "published", withoutLog); err != nil {
		return false, err
	}
	err = w.intoPublished(ctx, func() error { return w.writeAdditions(ctx, codes) })
	if errors.Is(err, errAnotherFile) {
		return false, nil
	}
	next.additions = last.additions + 1
	return true, err
}

// touchedSince gives the codes of which releases after one, by its order, say
// something else than those until then. They are recalled, and in the temporary table
// touched_codes.
func (w *Warehouse) touchedSince(ctx context.Context, publishedOrder int) ([]string, error) {
	if _, err := w.db.conn.ExecContext(ctx, fmt.Sprintf(`SET VARIABLE published_order = %d`, publishedOrder)); err != nil {
		return nil, err
	}
	if err := w.db.execute(ctx, "touched_codes"); err != nil {
		return nil, err
	}
	codes, err := w.db.readTexts(ctx, `SELECT code FROM touched_codes ORDER BY code`)
	if err != nil {
		return nil, err
	}
	return codes, w.recall(ctx, w.steps(), codes)
}

// writeAdditions writes what the warehouse has beyond the published file; codes are
// those that were touched since.
func (w *Warehouse) writeAdditions(ctx context.Context, codes []string) error {
	derivations := w.codes.ofCodes(codes)
	for _, name := range [...]string{"publish_additions", "publish_releases"} {
		if err := w.db.execute(ctx, name); err != nil {
			return err
		}
	}
	if err := appendDerived(ctx, w.db, derivations, w.published()); err != nil {
		return err
	}
	names := releaseNames{}
	err := w.db.appendRows(ctx, "published", "record_spans", rowsOfEach(derivations, func(d *derivation) []span { return d.spans },
		func(row []driver.Value, _ *derivation, s *span) []driver.Value { return spanRow(row, s, names) }))
	if err != nil {
		return err
	}
	if _, err := w.db.conn.ExecContext(ctx, `DELETE FROM published.main.database_info`); err != nil {
		return err
	}
	if err := w.appendInfo(ctx); err != nil {
		return err
	}
	missing, err := w.db.readTexts(ctx, statements.Statement("publish_missing"))
	if err == nil && len(missing) > 0 && missing[0] != "" {
		return fmt.Errorf("%w: %v", errAnotherFile, missing)
	}
	return err
}

// intoPublished does work in one transaction on a file that is open as published, and has
// it written to its place in the file, which is closed then.
func (w *Warehouse) intoPublished(ctx context.Context, work func() error) (err error) {
	defer func() { err = errors.Join(err, w.db.detach(context.WithoutCancel(ctx), "published")) }()
	if err := w.db.inTransaction(ctx, work); err != nil {
		return err
	}
	return w.db.execute(ctx, "checkpoint_published")
}

// ofCodes gives what follows from the records of some codes, which were recalled.
func (b *codeBook) ofCodes(codes []string) []*derivation {
	derivations := make([]*derivation, 0, len(codes))
	for _, code := range codes {
		if d := b.derivations[code]; d != nil {
			derivations = append(derivations, d)
		}
	}
	return derivations
}

// appendDerived writes what follows from the records of codes, which must be in order:
// history, and what each release changed. published has the times at which releases were.
func appendDerived(ctx context.Context, db *database, derivations []*derivation, published map[release.ID]time.Time) error {
	names := releaseNames{}
	for table, rows := range map[string]iter.Seq[[]driver.Value]{
		"code_history": rowsOfEach(derivations, func(d *derivation) []transform.Rectangle { return d.history.Rectangles },
			func(row []driver.Value, d *derivation, r *transform.Rectangle) []driver.Value {
				return historyRow(row, d.history, r, published, names)
			}),
		"code_changes": rowsOfEach(derivations, func(d *derivation) []releaseChange { return d.changes },
			func(row []driver.Value, _ *derivation, change *releaseChange) []driver.Value {
				return changeRow(row, change, names)
			}),
		"field_changes": rowsOfEach(derivations, (*derivation).fieldChanges,
			func(row []driver.Value, _ *derivation, one *changedField) []driver.Value {
				return fieldRow(row, one.change, one.field, names)
			}),
	} {
		if err := db.appendRows(ctx, "published", table, rows); err != nil {
			return err
		}
	}
	return nil
}

// changedField is a field that a release changed.
type changedField struct {
	change *releaseChange
	field  *transform.FieldChange
}

func (d *derivation) fieldChanges() (fields []changedField) {
	for i := range d.changes {
		change := &d.changes[i]
		for j := range change.Fields {
			fields = append(fields, changedField{change, &change.Fields[j]})
		}
	}
	return fields
}

// rowsOfEach gives the rows of what follows from the records of codes one by one, as
// rowsOf does: a row for each part.
func rowsOfEach[T any](derivations []*derivation, parts func(*derivation) []T, row func(row []driver.Value, d *derivation, part *T) []driver.Value) iter.Seq[[]driver.Value] {
	return func(yield func([]driver.Value) bool) {
		var last []driver.Value
		for _, d := range derivations {
			of := parts(d)
			for i := range of {
				if last = row(last[:0], d, &of[i]); !yield(last) {
					return
				}
			}
		}
	}
}

// appendInfo writes what the file says of itself.
func (w *Warehouse) appendInfo(ctx context.Context) error {
	info := [][]driver.Value{{int32(SchemaVersion()), int32(RulesVersion), w.Fingerprint()}}
	return w.db.appendRows(ctx, "published", "database_info", rowsOf(info, asTheyAre))
}
