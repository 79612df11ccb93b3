package load

import (
	"context"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// codeBook is what the warehouse knows of each code, kept from release to
// release so that a backfill reads nothing twice.
type codeBook struct {
	last        map[string]*lastRecord
	pass        int                    // how many releases were held against it
	derivations map[string]*derivation // of the codes that were asked for so far
	told        map[release.ID]bool    // releases that were held against it
	reviewed    *reviewed
}

type lastRecord struct {
	hash   [transform.HashSize]byte
	listed bool
	// record has that hash, nil where no release of this program's time had one.
	record *transform.Record
	pass   int // the last one in which the code was met
}

// hashOf gives the hash of the next record of the code. Most records share their
// entry with the one before, and are not looked through again.
func (l *lastRecord) hashOf(record *transform.Record) [transform.HashSize]byte {
	if l != nil && l.record != nil && l.record.Entry == record.Entry {
		return l.hash
	}
	return record.Hash()
}

// reviewed keeps what was found out about the records of a release for its
// review, so that loading it need not find out again. first tells which records
// they were.
type reviewed struct {
	first   *transform.Record
	touches []touch
}

// derivation is the records of one code, in order, and what follows from them: its
// history, and what each release changed.
type derivation struct {
	spans   []span
	history *transform.History
	changes []releaseChange
}

// releaseChange is what a release changed, compared with the one before it.
type releaseChange struct {
	release, previous release.ID
	*transform.Change
}

// apply takes what the next release says of the code, and gives what changed;
// nil where nothing did.
func (d *derivation) apply(step *transform.Step, record *transform.Record) *transform.Change {
	change := d.history.Apply(step, record)
	if change != nil {
		d.changes = append(d.changes, releaseChange{step.ID, step.Previous, change})
	}
	return change
}

func newDerivation(code string) *derivation {
	return &derivation{history: transform.NewHistory(code)}
}

// listed takes into the spans what a release says of the code, before it is applied;
// nil where the release leaves the code out.
func (d *derivation) listed(step *transform.Step, record *transform.Record) {
	if d.history.Listed() {
		if record != nil && d.history.Last().SameAs(record) {
			return
		}
		d.spans[len(d.spans)-1].last = step.Previous
	}
	if record != nil {
		d.spans = append(d.spans, span{first: step.ID, record: record})
	}
}

// replay derives anew what follows from the records of a code.
func replay(code string, spans []span, steps []transform.Step) *derivation {
	d := newDerivation(code)
	d.spans = spans
	for i := range steps {
		d.apply(&steps[i], at(spans, steps[i].ID))
	}
	return d
}

func newCodeBook() *codeBook {
	return &codeBook{last: map[string]*lastRecord{}, derivations: map[string]*derivation{}, told: map[release.ID]bool{}}
}

// records gives the records of the codes that were asked for so far, for a report
// from what will have them too.
func (b *codeBook) records(published *Published) *RecordBook {
	book := &RecordBook{published: published, spans: make(map[string][]span, len(b.derivations)), all: len(b.derivations) == len(b.last)}
	for code, d := range b.derivations {
		book.spans[code] = d.spans
	}
	return book
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
		book.last[code] = &last
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
	b.pass++
	for _, record := range records {
		last := b.last[record.Code]
		hash := last.hashOf(record)
		if last != nil {
			last.pass = b.pass
		}
		if last == nil || !last.listed || last.hash != hash || record.Declares() {
			kept := *record // the others of its file are not to be held on to
			touches = append(touches, touch{kept.Code, &kept, hash})
		} else if last.record == nil {
			kept := *record
			last.record = &kept
		}
	}
	var missing []string
	for code, last := range b.last {
		if last.listed && last.pass != b.pass {
			missing = append(missing, code)
		}
	}
	slices.Sort(missing)
	for _, code := range missing {
		touches = append(touches, touch{code: code, hash: b.last[code].hash})
	}
	return touches
}

// recallTouched recalls the codes of touches that are known already.
func (w *Warehouse) recallTouched(ctx context.Context, steps []transform.Step, touches []touch) error {
	codes := make([]string, 0, len(touches))
	for i := range touches {
		if _, known := w.codes.last[touches[i].code]; known {
			codes = append(codes, touches[i].code)
		}
	}
	return w.recall(ctx, steps, codes)
}

// recall derives from the tables what follows from the records of codes that
// were touched before this program began; steps are the releases loaded.
func (w *Warehouse) recall(ctx context.Context, steps []transform.Step, codes []string) error {
	var unknown []string
	for _, code := range codes {
		if w.codes.derivations[code] == nil {
			unknown = append(unknown, code)
		}
	}
	if unknown == nil {
		return nil
	}
	spans, err := w.readSpans(ctx, unknown)
	if err != nil {
		return err
	}
	for code, ofCode := range spans {
		w.codes.derivations[code] = replay(code, ofCode, steps)
	}
	return nil
}
