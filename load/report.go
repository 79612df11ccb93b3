package load

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// RecordBook holds the records of codes through all releases loaded: of those
// that were asked for, since a report on one release of a hundred needs few.
type RecordBook struct {
	published *Published
	spans     map[string][]span // of the codes that were read; none for a code that no release has
	all       bool              // every code was read
}

// RecordBook gives the book of this file, which is empty at first.
func (p *Published) RecordBook() *RecordBook {
	if p.book == nil {
		p.book = &RecordBook{published: p, spans: map[string][]span{}}
	}
	return p.book
}

// ForgetRecords forgets the records that were read, and the book: who asks for one
// again gets an empty one. Those that somebody else has in memory are kept.
func (p *Published) ForgetRecords() {
	if p.derived == nil {
		p.book = nil
	}
}

// Read reads the records of codes, where they were not read before.
func (b *RecordBook) Read(ctx context.Context, codes []string) error {
	var unread []string
	for _, code := range codes {
		if _, read := b.spans[code]; !read && !b.all {
			unread = append(unread, code)
		}
	}
	for some := range slices.Chunk(unread, codesAtOnce) {
		if err := b.read(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// codesAtOnce is of how many codes the records are asked for in one question: DuckDB
// holds its answer as long as it is read.
const codesAtOnce = 2000

// ReadReached reads the records of codes, and of all to which their cross references
// lead, over all steps.
func (b *RecordBook) ReadReached(ctx context.Context, codes []string) error {
	if b.all || len(codes) == 0 {
		return nil
	}
	reached, err := b.published.db.readTexts(ctx, statements.Statement("reached_codes"), codes)
	if err != nil {
		return fmt.Errorf("reading the cross references of %s: %w", b.published.path, err)
	}
	return b.Read(ctx, reached)
}

// ReadAll reads the records of all codes.
func (b *RecordBook) ReadAll(ctx context.Context) error {
	if b.all {
		return nil
	}
	if err := b.read(ctx, nil); err != nil {
		return err
	}
	b.all = true
	return nil
}

// read reads the records of some codes, nil for all. Where it fails, none of them
// counts as read: another report may ask again.
func (b *RecordBook) read(ctx context.Context, codes []string) error {
	spans, err := readSpans(ctx, b.published.db, codes)
	if err != nil {
		return fmt.Errorf("reading the records of %s: %w", b.published.path, err)
	}
	for _, code := range codes {
		b.spans[code] = nil // of those that no release has
	}
	maps.Copy(b.spans, spans)
	return nil
}

// of gives the records of a code. To ask for one that was not read is a mistake of
// the program's: it would seem to be in no release.
func (b *RecordBook) of(code string) []span {
	spans, read := b.spans[code]
	if !read && !b.all {
		panic(fmt.Sprintf("load: the records of %q were not read", code))
	}
	return spans
}

// In gives the record that a release carries of a code, nil where it has none.
func (b *RecordBook) In(code string, id release.ID) *transform.Record {
	return at(b.of(code), id)
}

// Last gives the record of a code as last listed by a release or one before it,
// and the last of those that list it; nil where none does.
func (b *RecordBook) Last(code string, id release.ID) (*transform.Record, release.ID) {
	var found *span
	spans := b.of(code)
	for i := range spans {
		if s := &spans[i]; s.first.Compare(id) <= 0 {
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
func (b *RecordBook) Known(code string) bool { return len(b.of(code)) > 0 }

// FindingsOf gives what is wrong or doubtful in the files of some releases, each
// in the order of its lines.
func (p *Published) FindingsOf(ctx context.Context, releases []release.ID) (map[release.ID][]transform.Finding, error) {
	byName := namedReleases(releases)
	rows, err := p.db.conn.QueryContext(ctx, statements.Statement("report_findings"), slices.Sorted(maps.Keys(byName)))
	if err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	defer rows.Close() // after reading, nothing can be lost
	findings := map[release.ID][]transform.Finding{}
	for rows.Next() {
		var of string
		var f transform.Finding
		if err := rows.Scan(&of, &f.File, &f.Line, &f.Code, &f.Field, &f.Rule, &f.RawText); err != nil {
			return nil, fmt.Errorf("reading findings: %w", err)
		}
		findings[byName[of]] = append(findings[byName[of]], f)
	}
	return findings, rows.Err()
}

func namedReleases(releases []release.ID) map[string]release.ID {
	byName := map[string]release.ID{}
	for _, id := range releases {
		byName[id.String()] = id
	}
	return byName
}

// CorrectionOf is what CMS wrote of a code after it had published a release.
type CorrectionOf struct {
	Code string
	Text string // in CMS's words, with the cells that go with them
	File string
}

// CorrectionsOf gives the corrections that came with each of some releases or, by
// themselves, for its quarter, as CMS wrote them.
func (p *Published) CorrectionsOf(ctx context.Context, releases []release.ID) (map[release.ID][]CorrectionOf, error) {
	byName := namedReleases(releases)
	byQuarter := map[string][]release.ID{}
	for _, id := range byName {
		byQuarter[id.Quarter.String()] = append(byQuarter[id.Quarter.String()], id)
	}
	rows, err := p.db.conn.QueryContext(ctx, statements.Statement("report_corrections"),
		slices.Sorted(maps.Keys(byName)), slices.Sorted(maps.Keys(byQuarter)))
	if err != nil {
		return nil, fmt.Errorf("reading corrections: %w", err)
	}
	defer rows.Close() // after reading, nothing can be lost
	corrections := map[release.ID][]CorrectionOf{}
	for rows.Next() {
		var of, quarter string
		var c CorrectionOf
		if err := rows.Scan(&of, &quarter, &c.Code, &c.Text, &c.File); err != nil {
			return nil, fmt.Errorf("reading corrections: %w", err)
		}
		concerned := byQuarter[quarter]
		if of != "" {
			concerned = []release.ID{byName[of]}
		}
		for _, id := range concerned {
			corrections[id] = append(corrections[id], c)
		}
	}
	return corrections, rows.Err()
}
