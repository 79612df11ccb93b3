package load

import (
	"context"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"
	"sort"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Loading says what loading a release did.
type Loading struct {
	Release  Release
	Changes  map[transform.ChangeKind]int
	Findings int
	// Late says that later releases were there already, and what follows from
	// them was derived again.
	Late bool
}

// Load puts what a release says into the tables, in one transaction: either all
// of it is there afterwards, or nothing. What follows from it, changes and
// history, is derived for the published file. A release that arrives after later
// ones takes its place.
// owed says to whom a report of it is owed, which is written down with it.
func (w *Warehouse) Load(ctx context.Context, row Release, file *transform.File, owed ...Owed) (Loading, error) {
	row.State, row.HeldBecause = Loaded, ""
	row.Records = len(file.Records)
	row.Procedures, row.Modifiers = file.Counts()
	loading := Loading{Findings: len(file.Findings), Changes: map[transform.ChangeKind]int{}}

	loaded := w.loaded()
	if slices.Contains(loaded, row.ID) {
		return loading, fmt.Errorf("loading %s: it is loaded already", row.ID)
	}
	loading.Late = len(loaded) > 0 && loaded[len(loaded)-1].Compare(row.ID) > 0

	before := w.releases
	err := w.db.inTransaction(ctx, func() error {
		// The row comes first in memory, since publication times are read from it.
		w.releases = insertRelease(w.releases, row)
		if err := w.putOwed(ctx, row.ID, owed); err != nil {
			return err
		}
		if loading.Late {
			return w.loadLate(ctx, row, file, &loading)
		}
		return w.loadLatest(ctx, row, file, &loading)
	})
	if err != nil {
		w.releases, w.codes = before, nil
		return loading, fmt.Errorf("loading %s (%s): %w", row.ID, row.FileName, err)
	}
	if err := w.readReleases(ctx); err != nil {
		return loading, fmt.Errorf("loading %s: reading the releases back: %w", row.ID, err)
	}
	loading.Release = w.releases[slices.IndexFunc(w.releases, func(r Release) bool { return r.ID == row.ID })]
	return loading, nil
}

func insertRelease(releases []Release, row Release) []Release {
	inserted := slices.DeleteFunc(slices.Clone(releases), func(r Release) bool { return r.ID == row.ID })
	at := sort.Search(len(inserted), func(i int) bool { return inserted[i].ID.Compare(row.ID) > 0 })
	return slices.Insert(inserted, at, row)
}

// loadLatest loads a release that is later than all that are loaded.
func (w *Warehouse) loadLatest(ctx context.Context, row Release, file *transform.File, loading *Loading) error {
	steps := w.steps()
	step := &steps[len(steps)-1]
	if err := w.openCodeBook(ctx); err != nil {
		return err
	}
	if err := w.putRecords(ctx, steps, len(steps)-1, pointers(file.Records), loading); err != nil {
		return err
	}
	if err := w.putFacts(ctx, row.ID, file); err != nil {
		return err
	}
	row.Previous, row.Gap = step.Previous, step.GapFrom != transform.NoDate
	return w.putRelease(ctx, row)
}

// loadLate loads a release that has its place before others: from which release
// to which a record stands is found again, release by release, from the records
// that are in the tables. What was published before is not built upon.
func (w *Warehouse) loadLate(ctx context.Context, row Release, file *transform.File, loading *Loading) error {
	if err := w.putFacts(ctx, row.ID, file); err != nil {
		return err
	}
	spans, err := w.readSpans(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := w.db.conn.ExecContext(ctx, statements.Statement("reset_records")); err != nil {
		return err
	}
	w.codes = newCodeBook()
	codes := slices.Sorted(maps.Keys(spans))
	steps := w.steps()
	for i := range steps {
		records, counted := pointers(file.Records), loading
		if steps[i].ID != row.ID {
			records, counted = recordsOf(spans, codes, steps[i].ID), nil
		}
		if err := w.putRecords(ctx, steps, i, records, counted); err != nil {
			return err
		}
		r := row
		if at := slices.IndexFunc(w.releases, func(r Release) bool { return r.ID == steps[i].ID }); steps[i].ID != row.ID {
			r = w.releases[at]
		}
		r.Previous, r.Gap = steps[i].Previous, steps[i].GapFrom != transform.NoDate
		if err := w.putRelease(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// Before gives what a review of a release needs to know of the one before it.
func (w *Warehouse) Before(ctx context.Context, id release.ID, file *transform.File) (transform.Before, error) {
	var before transform.Before
	var previous release.ID
	loaded := w.loaded()
	for _, one := range loaded {
		if one.Compare(id) < 0 {
			previous = one
		}
	}
	if previous == (release.ID{}) {
		return before, nil
	}
	before.Quarter = previous.Quarter
	before.Records = w.releases[slices.IndexFunc(w.releases, func(r Release) bool { return r.ID == previous })].Records
	if loaded[len(loaded)-1] != previous {
		// It arrives late: the records are those of a release in the past.
		spans, err := w.readSpans(ctx, nil)
		if err != nil {
			return before, err
		}
		before.Touched = recordsOf(spans, slices.Sorted(maps.Keys(spans)), previous)
		return before, nil
	}
	if err := w.openCodeBook(ctx); err != nil {
		return before, err
	}
	touches := w.codes.touched(pointers(file.Records))
	if err := w.recallTouched(ctx, w.steps(), touches); err != nil {
		return before, err
	}
	for i := range touches {
		if d := w.codes.derivations[touches[i].code]; d != nil && d.history.Listed() {
			before.Touched = append(before.Touched, d.history.Last())
		}
	}
	return before, nil
}

// putRecords takes the records of the release steps[n] into the tables, and into
// what is known of each code. loading counts what they changed; nil: nobody asks.
func (w *Warehouse) putRecords(ctx context.Context, steps []transform.Step, n int, records []*transform.Record, loading *Loading) error {
	step := &steps[n]
	touches := w.codes.touched(records)
	if err := w.recallTouched(ctx, steps[:n], touches); err != nil {
		return err
	}
	w.codes.reviewed = nil // from here on, other things are known
	added := additions{step: step}
	for i := range touches {
		t := &touches[i]
		d := w.codes.derivations[t.code]
		if d == nil {
			d = newDerivation(t.code)
			w.codes.derivations[t.code] = d
		}
		added.take(d.history, t)
		if change := d.apply(step, t.record); change != nil {
			added.changes++
			if loading != nil {
				loading.Changes[change.What]++
			}
		}
		w.codes.last[t.code] = &lastRecord{hash: t.hash, listed: t.record != nil, record: t.record}
	}
	return added.write(ctx, w.db)
}

// putFacts writes what a release says as it stands: where each code is in the
// file, and what is wrong with the file. Their records are written by putRecords.
func (w *Warehouse) putFacts(ctx context.Context, id release.ID, file *transform.File) error {
	if err := w.db.appendRows(ctx, "warehouse", "record_lines", rowsOf(file.Records, func(r *transform.Record) []driver.Value {
		return lineRow(id, r)
	})); err != nil {
		return err
	}
	return w.db.appendRows(ctx, "warehouse", "findings", rowsOf(file.Findings, func(f *transform.Finding) []driver.Value {
		return findingRow(id, f)
	}))
}

// rowsOf gives the rows of a slice one by one.
func rowsOf[T any](values []T, row func(*T) []driver.Value) func() []driver.Value {
	next := 0
	return func() []driver.Value {
		if next == len(values) {
			return nil
		}
		next++
		return row(&values[next-1])
	}
}

// additions are the rows that one release adds to the facts.
type additions struct {
	step        *transform.Step
	changes     int      // how many codes the release changed
	endedSpans  []string // codes
	newSpans    []*transform.Record
	lastRecords []touch
	seenBefore  []string // those of lastRecords that have a row already
}

// take takes what the release says of a code; history is that of before.
func (a *additions) take(history *transform.History, t *touch) {
	if history.Listed() && t.record != nil && history.Last().SameAs(t.record) {
		return
	}
	a.lastRecords = append(a.lastRecords, *t)
	if history.Last() != nil {
		a.seenBefore = append(a.seenBefore, t.code)
	}
	if history.Listed() {
		a.endedSpans = append(a.endedSpans, t.code)
	}
	if t.record != nil {
		a.newSpans = append(a.newSpans, t.record)
	}
}

// write puts the collected rows into the tables.
func (a *additions) write(ctx context.Context, db *database) error {
	execute := func(statement string, codes []string, args ...any) error {
		if len(codes) == 0 {
			return nil
		}
		if _, err := db.conn.ExecContext(ctx, statements.Statement(statement), append([]any{codes}, args...)...); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
		return nil
	}
	if err := execute("end_spans", a.endedSpans, a.step.Previous.String(), a.step.Previous.Order()); err != nil {
		return err
	}
	if err := execute("forget_last_records", a.seenBefore); err != nil {
		return err
	}
	if _, err := db.conn.ExecContext(ctx, `INSERT INTO change_counts VALUES (?, ?)`, a.step.ID.String(), a.changes); err != nil {
		return err
	}
	err := db.appendRows(ctx, "warehouse", "record_spans", rowsOf(a.newSpans, func(r **transform.Record) []driver.Value {
		return spanRow((*r).Code, (*r).Kind, a.step.ID, release.ID{}, *r)
	}))
	if err != nil {
		return err
	}
	return db.appendRows(ctx, "warehouse", "last_records", rowsOf(a.lastRecords, func(t *touch) []driver.Value {
		return []driver.Value{t.code, t.hash[:], t.record != nil}
	}))
}
