package load

import (
	"context"
	"database/sql/driver"
	"errors"
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

// Load puts what a release says into the tables, in a transaction of its own or in
// that of Together: either all of it is there afterwards, or nothing. What follows
// from it, changes and history, is derived for the published file. A release that
// arrives after later ones takes its place.
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
	if err := w.forgetRows(); err != nil {
		return loading, err
	}
	err := w.transaction(ctx, func() error {
		// The row comes first, since the steps are taken from it.
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
		w.releases, w.codes, w.collected = before, nil, nil
		return loading, fmt.Errorf("loading %s (%s): %w", row.ID, row.FileName, err)
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
	w.putRelease(row)
	return nil
}

// loadLate loads a release that has its place before others: from which release
// to which a record stands is found again, release by release, from the records
// that are in the tables. What was published before is not built upon.
func (w *Warehouse) loadLate(ctx context.Context, row Release, file *transform.File, loading *Loading) error {
	if err := errors.Join(w.putFacts(ctx, row.ID, file), w.writeCollected(ctx)); err != nil {
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
		w.putRelease(r)
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
		// Who is interrupted keeps what was loaded.
		if err := w.writeCollected(context.WithoutCancel(ctx)); err != nil {
			return before, err
		}
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
	w.codes.told[step.ID] = true
	added := w.collect()
	added.begin(step)
	for i := range touches {
		t := &touches[i]
		d := w.codes.derivations[t.code]
		if d == nil {
			d = newDerivation(t.code)
			w.codes.derivations[t.code] = d
		}
		added.take(step, d.history, t)
		d.listed(step, t.record)
		if change := d.apply(step, t.record); change != nil {
			added.countChange()
			if loading != nil {
				loading.Changes[change.What]++
			}
		}
		w.codes.last[t.code] = &lastRecord{hash: t.hash, listed: t.record != nil, record: t.record}
	}
	return nil
}

// putFacts writes what a release says as it stands: where each code is in the
// file, and what is wrong with the file. Their records are written by putRecords.
func (w *Warehouse) putFacts(ctx context.Context, id release.ID, file *transform.File) error {
	order, common := int32(id.Order()), commonSequence(file.Records)
	collected := w.collect()
	collected.addFact("sequence_numbers", order, nil, text(common))
	for i := range file.Records {
		if own := file.Records[i].SequenceNumber; own != common {
			collected.addFact("sequence_numbers", order, file.Records[i].Code, text(own))
		}
	}
	for i := range file.Findings {
		collected.addFact("findings", findingRow(id, &file.Findings[i])...)
	}
	if collected.factCount > maxFacts {
		if err := collected.writeFacts(ctx, w.db); err != nil {
			return err
		}
	}
	place := []driver.Value{order, nil, nil} // the appender copies it
	return w.db.appendRows(ctx, "warehouse", "record_places", rowsOf(asInTheFile(file.Records), func(_ []driver.Value, r **transform.Record) []driver.Value {
		place[1], place[2] = codeNumber((*r).Code), int32((*r).SourceLine)
		return place
	}))
}

// asInTheFile gives records about in the order of CMS's files, modifiers apart from
// procedures: their lines follow each other then, and take less room.
func asInTheFile(records []transform.Record) []*transform.Record {
	ordered := make([]*transform.Record, 0, len(records))
	for _, modifiers := range [...]bool{false, true} {
		for i := range records {
			if (records[i].Kind == transform.Modifier) == modifiers {
				ordered = append(ordered, &records[i])
			}
		}
	}
	return ordered
}

// commonSequence gives the sequence number of most records. CMS's files have one in all
// of them: 00100 in a text, 0010 in a workbook.
func commonSequence(records []transform.Record) string {
	candidate, votes := "", 0
	for i := range records {
		switch {
		case records[i].SequenceNumber == candidate:
			votes++
		case votes == 0:
			candidate, votes = records[i].SequenceNumber, 1
		default:
			votes--
		}
	}
	return candidate
}
