package load

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// additions are the rows that releases add to the tables: their own, and what they
// add to what the tables have of records. They are collected over all releases of a
// transaction, so that a record that stands for some of them is written once, with
// its end.
type additions struct {
	spans []span
	// open are the places in spans of those that the latest release carries, by code.
	open map[string]int
	// ended are the codes whose span in the tables ended, by its last release.
	ended []endedSpans
	// last are the last records of the codes in touched, in the order in which they
	// were first touched.
	last    map[string]*touch
	touched []string
	// seenBefore are those of touched that have a row already.
	seenBefore []string
	changes    []changeCount
	releases   []Release
	// facts are rows of what the releases say as it stands, by their tables.
	facts     map[string][][]driver.Value
	factCount int
}

// maxFacts bounds the rows of facts that are collected: CMS's files have some hundred
// each, and a damaged one thousands.
const maxFacts = 20_000

type endedSpans struct {
	last  release.ID
	codes []string
}

// changeCount is how many codes a release changed.
type changeCount struct {
	release release.ID
	count   int
}

func newAdditions() *additions {
	return &additions{open: map[string]int{}, last: map[string]*touch{}, facts: map[string][][]driver.Value{}}
}

// begin begins with a release.
func (a *additions) begin(step *transform.Step) {
	a.ended = append(a.ended, endedSpans{last: step.Previous})
	a.changes = append(a.changes, changeCount{release: step.ID})
}

// countChange counts a code that the release changed with which was begun last.
func (a *additions) countChange() { a.changes[len(a.changes)-1].count++ }

// take takes what the release of the step, with which was begun last, says of a
// code; history is that of before.
func (a *additions) take(step *transform.Step, history *transform.History, t *touch) {
	if history.Listed() && t.record != nil && history.Last().SameAs(t.record) {
		return
	}
	if a.last[t.code] == nil {
		a.touched = append(a.touched, t.code)
		if history.Last() != nil {
			a.seenBefore = append(a.seenBefore, t.code)
		}
	}
	a.last[t.code] = t
	if history.Listed() {
		if at, here := a.open[t.code]; here {
			a.spans[at].last = step.Previous
			delete(a.open, t.code)
		} else {
			ended := &a.ended[len(a.ended)-1]
			ended.codes = append(ended.codes, t.code)
		}
	}
	if t.record != nil {
		a.open[t.code] = len(a.spans)
		a.spans = append(a.spans, span{first: step.ID, record: t.record})
	}
}

// write puts what was collected into the tables.
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
	if err := a.writeReleases(ctx, db); err != nil {
		return err
	}
	for _, ended := range a.ended {
		if err := execute("end_spans", ended.codes, ended.last.String(), ended.last.Order()); err != nil {
			return err
		}
	}
	if err := execute("forget_last_records", a.seenBefore); err != nil {
		return err
	}
	if err := a.writeFacts(ctx, db); err != nil {
		return err
	}
	if err := db.appendRows(ctx, "warehouse", "change_counts", rowsOf(a.changes, func(row []driver.Value, c *changeCount) []driver.Value {
		return append(row, c.release.String(), int32(c.count))
	})); err != nil {
		return err
	}
	names := releaseNames{}
	if err := db.appendRows(ctx, "warehouse", "record_spans", rowsOf(a.spans, func(row []driver.Value, s *span) []driver.Value {
		return spanRow(row, s, names)
	})); err != nil {
		return err
	}
	return db.appendRows(ctx, "warehouse", "last_records", rowsOf(a.touched, func(row []driver.Value, code *string) []driver.Value {
		last := a.last[*code]
		return append(row, *code, last.hash[:], last.record != nil, codeNumber(*code))
	}))
}

// writeReleases writes the rows of releases in the place of those they had.
func (a *additions) writeReleases(ctx context.Context, db *database) error {
	names := make([]string, len(a.releases))
	for i := range a.releases {
		names[i] = a.releases[i].ID.String()
	}
	const forget = `DELETE FROM releases WHERE release IN (SELECT unnest(CAST(? AS VARCHAR[])))`
	if _, err := db.conn.ExecContext(ctx, forget, names); err != nil {
		return err
	}
	return db.appendRows(ctx, "warehouse", "releases", rowsOf(a.releases, releaseRow))
}

func (a *additions) addFact(table string, row ...driver.Value) {
	a.facts[table] = append(a.facts[table], row)
	a.factCount++
}

func (a *additions) writeFacts(ctx context.Context, db *database) error {
	for table, rows := range a.facts {
		if err := db.appendRows(ctx, "warehouse", table, rowsOf(rows, asTheyAre)); err != nil {
			return err
		}
		delete(a.facts, table)
	}
	a.factCount = 0
	return nil
}
