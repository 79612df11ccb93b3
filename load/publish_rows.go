package load

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// storageOptions let DuckDB 1.1 and later open the published file. Each column of
// each table takes whole blocks, which are 256 KiB by default: most of a small
// file, and a seventh of one of a hundred quarters, would be empty.
const storageOptions = " (STORAGE_VERSION 'v1.0.0', BLOCK_SIZE 65536)"

// maxAdditions is how often is added to a published file before it is written
// whole again: the rows that were added stand behind the sorted ones, and those
// that they replace leave room behind.
const maxAdditions = 8

// publishWhole writes the published file from nothing, sorted. framed tells that it
// is attached, with its frame in it.
func (w *Warehouse) publishWhole(ctx context.Context, file string, framed bool) error {
	codes := slices.Sorted(maps.Keys(w.codes.last))
	if err := w.recall(ctx, w.steps(), codes); err != nil {
		return err
	}
	if !framed {
		if err := w.db.attach(ctx, file, "published", storageOptions); err != nil {
			return err
		}
	}
	return w.intoPublished(ctx, func() error {
		if !framed {
			if err := makeFrame(ctx, w.db); err != nil {
				return err
			}
		}
		for _, name := range [...]string{"publish", "publish_releases"} {
			if err := w.db.execute(ctx, name); err != nil {
				return err
			}
		}
		if err := w.appendDerived(ctx, codes); err != nil {
			return err
		}
		return w.appendInfo(ctx)
	})
}

// makeFrame makes all of a published file that is the same whatever the releases
// say: tables, views, macros, what explains values, and comments. The file is
// attached as published.
func makeFrame(ctx context.Context, db *database) error {
	if err := db.use(ctx, "published"); err != nil {
		return err
	}
	if err := db.execute(ctx, "published_tables"); err != nil {
		return err
	}
	if err := appendExplanations(ctx, db); err != nil {
		return err
	}
	if err := db.execute(ctx, "decode_views"); err != nil {
		return err
	}
	for _, statement := range append(statements.Views(), statements.Macros()...) {
		if _, err := db.conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.60s…: %w", statement, err)
		}
	}
	if err := writeComments(ctx, db); err != nil {
		return fmt.Errorf("comments: %w", err)
	}
	return nil
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
	if err := w.db.attach(ctx, file, "published", ""); err != nil {
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
	for _, name := range [...]string{"publish_additions", "publish_releases"} {
		if err := w.db.execute(ctx, name); err != nil {
			return err
		}
	}
	if err := w.appendDerived(ctx, codes); err != nil {
		return err
	}
	if err := w.db.appendRows(ctx, "published", "record_spans", w.rowsOfCodes(codes, func(d *derivation) (rows [][]driver.Value) {
		for i := range d.spans {
			s := &d.spans[i]
			rows = append(rows, spanRow(s.record.Code, s.record.Kind, s.first, s.last, s.record))
		}
		return rows
	})); err != nil {
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

// intoPublished does work in one transaction on a file that is attached as
// published: all of it goes into the file, without a log that is read back and
// thrown away. The file is closed then.
func (w *Warehouse) intoPublished(ctx context.Context, work func() error) (err error) {
	defer func() {
		after := context.WithoutCancel(ctx)
		err = errors.Join(err, w.db.use(after, "warehouse"), w.db.detach(after, "published"))
	}()
	if err := w.db.use(ctx, "published"); err != nil {
		return err
	}
	// A commit beyond the threshold goes into the file at once.
	if _, err := w.db.conn.ExecContext(ctx, `SET checkpoint_threshold = '1KB'; RESET disabled_compression_methods`); err != nil {
		return err
	}
	defer func() {
		after := context.WithoutCancel(ctx)
		_, reset := w.db.conn.ExecContext(after, `RESET checkpoint_threshold`)
		err = errors.Join(err, reset, w.compressLittle(after))
	}()
	return w.db.inTransaction(ctx, work)
}

// appendDerived writes what follows from the records of some codes, which must
// be in order and recalled: history, and what each release changed.
func (w *Warehouse) appendDerived(ctx context.Context, codes []string) error {
	published := w.published()
	for table, rows := range map[string]func(*derivation) [][]driver.Value{
		"code_history": func(d *derivation) (rows [][]driver.Value) {
			for i := range d.history.Rectangles {
				rows = append(rows, historyRow(d.history, &d.history.Rectangles[i], published))
			}
			return rows
		},
		"code_changes": func(d *derivation) (rows [][]driver.Value) {
			for i := range d.changes {
				rows = append(rows, changeRow(&d.changes[i]))
			}
			return rows
		},
		"field_changes": func(d *derivation) (rows [][]driver.Value) {
			for i := range d.changes {
				for j := range d.changes[i].Fields {
					rows = append(rows, fieldRow(&d.changes[i], &d.changes[i].Fields[j]))
				}
			}
			return rows
		},
	} {
		if err := w.db.appendRows(ctx, "published", table, w.rowsOfCodes(codes, rows)); err != nil {
			return err
		}
	}
	return nil
}

// rowsOfCodes gives the rows of some codes, which were recalled, one by one.
func (w *Warehouse) rowsOfCodes(codes []string, rows func(*derivation) [][]driver.Value) func() []driver.Value {
	var pending [][]driver.Value
	next := 0
	return func() []driver.Value {
		for len(pending) == 0 {
			if next == len(codes) {
				return nil
			}
			pending = rows(w.codes.derivations[codes[next]])
			next++
		}
		row := pending[0]
		pending = pending[1:]
		return row
	}
}

// appendExplanations fills the decode tables, and the list of fields.
func appendExplanations(ctx context.Context, db *database) error {
	var values [][]driver.Value
	for _, list := range transform.CodeLists() {
		for _, v := range list.Values {
			values = append(values, []driver.Value{list.Table, v.Value, v.Meaning, text(v.Group), isoDate(v.ValidFrom), isoDate(v.ValidTo), text(v.Note)})
		}
	}
	if err := db.appendRows(ctx, "published", "code_values", rowsOf(values, asTheyAre)); err != nil {
		return err
	}
	return db.appendRows(ctx, "published", "fields", rowsOf(transform.Definitions(), func(d *transform.Definition) []driver.Value {
		return []driver.Value{d.Name, d.Title, d.Definition, text(d.Source)}
	}))
}

func asTheyAre(row *[]driver.Value) []driver.Value { return *row }

// appendInfo writes what the file says of itself.
func (w *Warehouse) appendInfo(ctx context.Context) error {
	info := [][]driver.Value{{int32(SchemaVersion()), int32(RulesVersion), w.Fingerprint()}}
	return w.db.appendRows(ctx, "published", "database_info", rowsOf(info, asTheyAre))
}
