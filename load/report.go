package load

import (
	"context"
	"fmt"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// RecordBook holds the records of every code through all releases loaded. It is
// read once, and takes some ten thousand rows of memory.
type RecordBook struct {
	spans map[string][]span
}

// RecordBook reads the records of all codes, the first time that it is asked for.
func (p *Published) RecordBook(ctx context.Context) (*RecordBook, error) {
	if p.book != nil {
		return p.book, nil
	}
	spans, err := readSpans(ctx, p.db, nil)
	if err != nil {
		return nil, fmt.Errorf("reading the records of %s: %w", p.path, err)
	}
	p.book = &RecordBook{spans: spans}
	return p.book, nil
}

// In gives the record that a release carries of a code, nil where it has none.
func (b *RecordBook) In(code string, id release.ID) *transform.Record {
	return at(b.spans[code], id)
}

// Last gives the record of a code as last listed by a release or one before it,
// and the last of those that list it; nil where none does.
func (b *RecordBook) Last(code string, id release.ID) (*transform.Record, release.ID) {
	var found *span
	for i := range b.spans[code] {
		if s := &b.spans[code][i]; s.first.Compare(id) <= 0 {
			found = s
		}
	}
	switch {
	case found == nil:
		return nil, release.ID{}
	case found.covers(id):
		return found.record, id
	}
	return found.record, found.last
}

// Known tells whether any release has a code.
func (b *RecordBook) Known(code string) bool { return len(b.spans[code]) > 0 }

// FindingsOf gives what is wrong or doubtful in the file of a release, in the
// order of its lines.
func (p *Published) FindingsOf(ctx context.Context, id release.ID) ([]transform.Finding, error) {
	rows, err := p.db.conn.QueryContext(ctx, statements.Statement("report_findings"), id.String())
	if err != nil {
		return nil, fmt.Errorf("reading the findings of %s: %w", id, err)
	}
	defer rows.Close() // after reading, nothing can be lost
	var findings []transform.Finding
	for rows.Next() {
		var f transform.Finding
		if err := rows.Scan(&f.File, &f.Line, &f.Code, &f.Field, &f.Rule, &f.RawText); err != nil {
			return nil, fmt.Errorf("reading the findings of %s: %w", id, err)
		}
		findings = append(findings, f)
	}
	return findings, rows.Err()
}

// CorrectionOf is what CMS wrote of a code after it had published a release.
type CorrectionOf struct {
	Code string
	Text string // in CMS's words, with the cells that go with them
	File string
}

// CorrectionsOf gives the corrections that came with a release or, by
// themselves, for its quarter, as CMS wrote them.
func (p *Published) CorrectionsOf(ctx context.Context, id release.ID) ([]CorrectionOf, error) {
	rows, err := p.db.conn.QueryContext(ctx, statements.Statement("report_corrections"), id.String(), id.Quarter.String())
	if err != nil {
		return nil, fmt.Errorf("reading the corrections of %s: %w", id, err)
	}
	defer rows.Close() // after reading, nothing can be lost
	var corrections []CorrectionOf
	for rows.Next() {
		var c CorrectionOf
		if err := rows.Scan(&c.Code, &c.Text, &c.File); err != nil {
			return nil, fmt.Errorf("reading the corrections of %s: %w", id, err)
		}
		corrections = append(corrections, c)
	}
	return corrections, rows.Err()
}
