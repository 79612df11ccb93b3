package load

import (
	"context"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

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

// codeBook is what the warehouse knows of each code, kept from release to
// release so that a backfill reads nothing twice.
type codeBook struct {
	last      map[string]lastRecord
	histories map[string]*transform.History // of the codes touched so far
	reviewed  *reviewed
}

// reviewed keeps what was found out about the records of a release for its
// review, so that loading it need not find out again. first tells which records
// they were.
type reviewed struct {
	first   *transform.Record
	touches []touch
}

type lastRecord struct {
	hash   [transform.HashSize]byte
	listed bool
}

func newCodeBook() *codeBook {
	return &codeBook{last: map[string]lastRecord{}, histories: map[string]*transform.History{}}
}

// Load puts a release into the tables, with all that follows from it, in one
// transaction: either all of it is there afterwards, or nothing. A release that
// arrives after later ones takes its place, and what follows is derived again.
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
	if err := w.derive(ctx, steps, len(steps)-1, pointers(file.Records), loading); err != nil {
		return err
	}
	if err := w.putFacts(ctx, row.ID, file); err != nil {
		return err
	}
	row.Previous, row.Gap = step.Previous, step.GapFrom != transform.NoDate
	return w.putRelease(ctx, row)
}

// loadLate loads a release that has its place before others: everything derived
// is derived again, release by release, from the records that are in the tables.
func (w *Warehouse) loadLate(ctx context.Context, row Release, file *transform.File, loading *Loading) error {
	if err := w.putFacts(ctx, row.ID, file); err != nil {
		return err
	}
	spans, err := w.readSpans(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := w.db.conn.ExecContext(ctx, statements.Statement("reset_derived")); err != nil {
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
		if err := w.derive(ctx, steps, i, records, counted); err != nil {
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

func pointers(records []transform.Record) []*transform.Record {
	refs := make([]*transform.Record, len(records))
	for i := range records {
		refs[i] = &records[i]
	}
	return refs
}

// span is a record and the releases, first to last, that carry it; last is the
// zero ID while the latest one does.
type span struct {
	first, last release.ID
	record      *transform.Record
}

func (s *span) covers(id release.ID) bool {
	return s.first.Compare(id) <= 0 && (s.last == release.ID{} || s.last.Compare(id) >= 0)
}

// at gives the record that a release carries, nil where it has none.
func at(spans []span, id release.ID) *transform.Record {
	for i := range spans {
		if spans[i].covers(id) {
			return spans[i].record
		}
	}
	return nil
}

func recordsOf(spans map[string][]span, codes []string, id release.ID) []*transform.Record {
	var records []*transform.Record
	for _, code := range codes {
		if record := at(spans[code], id); record != nil {
			records = append(records, record)
		}
	}
	return records
}

// openCodeBook reads what is known of each code, unless a release before has.
func (w *Warehouse) openCodeBook(ctx context.Context) error {
	if w.codes != nil {
		return nil
	}
	rows, err := w.db.conn.QueryContext(ctx, `SELECT code, record_hash, listed FROM last_records`)
	if err != nil {
		return err
	}
	defer rows.Close() // after reading, nothing can be lost
	book := newCodeBook()
	for rows.Next() {
		var code string
		var hash []byte
		var last lastRecord
		if err := rows.Scan(&code, &hash, &last.listed); err != nil {
			return err
		}
		copy(last.hash[:], hash)
		book.last[code] = last
	}
	if err := rows.Err(); err != nil {
		return err
	}
	w.codes = book
	return nil
}

// touch is a code about which a release says something: another record, an
// action, or that it is gone (record is nil).
type touch struct {
	code   string
	record *transform.Record
	hash   [transform.HashSize]byte
}

// touched holds the records of a release against what is known, by hash before
// fields.
func (b *codeBook) touched(records []*transform.Record) []touch {
	if b.reviewed != nil && len(records) > 0 && b.reviewed.first == records[0] {
		return b.reviewed.touches
	}
	touches := b.touch(records)
	b.reviewed = nil
	if len(records) > 0 {
		b.reviewed = &reviewed{records[0], touches}
	}
	return touches
}

func (b *codeBook) touch(records []*transform.Record) []touch {
	var touches []touch
	listed := 0
	for _, record := range records {
		hash := record.Hash()
		last, known := b.last[record.Code]
		if known && last.listed {
			listed++
		}
		if !known || !last.listed || last.hash != hash || record.Declares() {
			touches = append(touches, touch{record.Code, record.Clone(), hash})
		}
	}
	missing := -listed
	for _, last := range b.last {
		if last.listed {
			missing++
		}
	}
	if missing == 0 {
		return touches
	}
	present := make(map[string]bool, len(records))
	for _, record := range records {
		present[record.Code] = true
	}
	for _, code := range slices.Sorted(maps.Keys(b.last)) {
		if last := b.last[code]; last.listed && !present[code] {
			touches = append(touches, touch{code: code, hash: last.hash})
		}
	}
	return touches
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
	if err := w.recallHistories(ctx, w.steps(), touches); err != nil {
		return before, err
	}
	for i := range touches {
		if history := w.codes.histories[touches[i].code]; history != nil && history.Listed() {
			before.Touched = append(before.Touched, history.Last())
		}
	}
	return before, nil
}

// derive takes the release steps[n] into all that is derived: spans, changes,
// history, and what is known of each code.
func (w *Warehouse) derive(ctx context.Context, steps []transform.Step, n int, records []*transform.Record, loading *Loading) error {
	step := &steps[n]
	touches := w.codes.touched(records)
	if err := w.recallHistories(ctx, steps[:n], touches); err != nil {
		return err
	}
	w.codes.reviewed = nil // from here on, other things are known
	out := derived{step: step, published: w.published()}
	for i := range touches {
		t := &touches[i]
		history := w.codes.histories[t.code]
		if history == nil {
			history = transform.NewHistory(t.code)
			w.codes.histories[t.code] = history
		}
		out.take(history, t)
		w.codes.last[t.code] = lastRecord{hash: t.hash, listed: t.record != nil}
	}
	if loading != nil {
		for _, change := range out.changes {
			loading.Changes[change.What]++
		}
	}
	return out.write(ctx, w.db)
}

// recallHistories makes the histories of codes that were touched before this
// program began, from their records in the tables.
func (w *Warehouse) recallHistories(ctx context.Context, steps []transform.Step, touches []touch) error {
	var codes []string
	for i := range touches {
		code := touches[i].code
		if _, known := w.codes.last[code]; known && w.codes.histories[code] == nil {
			codes = append(codes, code)
		}
	}
	if codes == nil {
		return nil
	}
	spans, err := w.readSpans(ctx, codes)
	if err != nil {
		return err
	}
	for code, ofCode := range spans {
		w.codes.histories[code] = replay(code, ofCode, steps)
	}
	return nil
}

// replay derives the history of a code from its records.
func replay(code string, spans []span, steps []transform.Step) *transform.History {
	history := transform.NewHistory(code)
	for i := range steps {
		history.Apply(&steps[i], at(spans, steps[i].ID))
	}
	return history
}

// readSpans reads the records of some codes, nil for all, by code.
func (w *Warehouse) readSpans(ctx context.Context, codes []string) (map[string][]span, error) {
	return readSpans(ctx, w.db, codes)
}

func readSpans(ctx context.Context, db *database, codes []string) (map[string][]span, error) {
	var wanted any
	if codes != nil {
		wanted = codes
	}
	rows, err := db.conn.QueryContext(ctx, statements.Statement("spans_of_codes"), wanted)
	if err != nil {
		return nil, fmt.Errorf("reading records: %w", err)
	}
	defer rows.Close() // after reading, nothing can be lost
	spans := map[string][]span{}
	for rows.Next() {
		record := &transform.Record{}
		var first, last string
		into := []any{&record.Code, &first, &last, &record.ActionCode, &record.ActionEffectiveDate}
		for i := range record.Content {
			into = append(into, &record.Content[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("reading records: %w", err)
		}
		record.Kind = transform.KindOf(record.Code)
		s := span{record: record}
		if s.first, err = release.ParseID(first); err != nil {
			return nil, fmt.Errorf("reading records: %w", err)
		}
		if last != "" {
			if s.last, err = release.ParseID(last); err != nil {
				return nil, fmt.Errorf("reading records: %w", err)
			}
		}
		spans[record.Code] = append(spans[record.Code], s)
	}
	return spans, rows.Err()
}

// putFacts writes what a release says as it stands: where each code is in the
// file, and what is wrong with the file. Their records are written by derive.
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

// derived collects what one release adds to the derived tables.
type derived struct {
	step      *transform.Step
	published map[release.ID]time.Time

	changes     []*transform.Change
	histories   []*transform.History // whose rectangles changed
	endedSpans  []string             // codes
	newSpans    []*transform.Record
	lastRecords []touch
	seenBefore  []string // those of lastRecords that have a row already
}

func (d *derived) take(history *transform.History, t *touch) {
	previous, wasListed := history.Last(), history.Listed()
	change := history.Apply(d.step, t.record)
	if change != nil {
		d.changes = append(d.changes, change)
	}
	if slices.ContainsFunc(history.Rectangles, func(r transform.Rectangle) bool {
		return r.KnownFrom == d.step.ID || r.KnownTo == d.step.ID
	}) {
		d.histories = append(d.histories, history)
	}
	same := wasListed && t.record != nil && previous.SameAs(t.record)
	if same {
		return
	}
	d.lastRecords = append(d.lastRecords, *t)
	if previous != nil {
		d.seenBefore = append(d.seenBefore, t.code)
	}
	if wasListed {
		d.endedSpans = append(d.endedSpans, t.code)
	}
	if t.record != nil {
		d.newSpans = append(d.newSpans, t.record)
	}
}

// write puts the collected rows into the tables. Of a history, the rectangles
// that are still believed are written anew; those that ended before stay.
func (d *derived) write(ctx context.Context, db *database) error {
	id := d.step.ID
	execute := func(statement string, codes []string, args ...any) error {
		if len(codes) == 0 {
			return nil
		}
		if _, err := db.conn.ExecContext(ctx, statements.Statement(statement), append([]any{codes}, args...)...); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
		return nil
	}
	var knownBefore []string
	var rectangles [][]driver.Value
	for _, history := range d.histories {
		if history.Rectangles[0].KnownFrom != id {
			knownBefore = append(knownBefore, history.Code)
		}
		for j := range history.Rectangles {
			if r := &history.Rectangles[j]; r.KnownTo == (release.ID{}) || r.KnownTo == id {
				rectangles = append(rectangles, historyRow(history, r, d.published))
			}
		}
	}
	var fields [][]driver.Value
	for _, change := range d.changes {
		for i := range change.Fields {
			fields = append(fields, fieldRow(d.step, change, &change.Fields[i]))
		}
	}
	if err := execute("forget_history", knownBefore); err != nil {
		return err
	}
	if err := execute("end_spans", d.endedSpans, d.step.Previous.String(), d.step.Previous.Order()); err != nil {
		return err
	}
	if err := execute("forget_last_records", d.seenBefore); err != nil {
		return err
	}
	for _, table := range []struct {
		name string
		next func() []driver.Value
	}{
		{"code_history", rowsOf(rectangles, func(r *[]driver.Value) []driver.Value { return *r })},
		{"record_spans", rowsOf(d.newSpans, func(r **transform.Record) []driver.Value {
			return spanRow((*r).Code, (*r).Kind, id, release.ID{}, *r)
		})},
		{"last_records", rowsOf(d.lastRecords, func(t *touch) []driver.Value {
			return []driver.Value{t.code, t.hash[:], t.record != nil}
		})},
		{"code_changes", rowsOf(d.changes, func(c **transform.Change) []driver.Value { return changeRow(d.step, *c) })},
		{"field_changes", rowsOf(fields, func(r *[]driver.Value) []driver.Value { return *r })},
	} {
		if err := db.appendRows(ctx, "warehouse", table.name, table.next); err != nil {
			return err
		}
	}
	return nil
}
