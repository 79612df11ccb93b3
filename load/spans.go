package load

import (
	"context"
	"fmt"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

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
		record := &transform.Record{Entry: &transform.Entry{Content: &transform.Content{}}}
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
