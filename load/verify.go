package load

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Check is the result of one invariant.
type Check struct {
	Name    string
	Meaning string
	// Checked counts what was looked at, Failed what does not hold.
	Checked, Failed int
	// Examples are the first of what does not hold.
	Examples []string
}

// maxExamples bounds the examples of a check.
const maxExamples = 5

func (c *Check) fail(format string, args ...any) {
	c.Failed++
	if len(c.Examples) < maxExamples {
		c.Examples = append(c.Examples, fmt.Sprintf(format, args...))
	}
}

// Verify checks the published file against itself: the invariants of history,
// and that changes and history are what the records say.
func (p *Published) Verify(ctx context.Context) ([]Check, error) {
	v := verification{
		overlap:  Check{Name: "no overlap", Meaning: "as known at each release, a code's rectangles cover every date from its start on, once"},
		giveBack: Check{Name: "records from history", Meaning: "history alone gives back the record of every code in every release"},
		apply:    Check{Name: "changes applied", Meaning: "the changes of a release, applied to the one before, give it"},
		changes:  Check{Name: "changes derived again", Meaning: "comparing the records anew gives the changes in the tables"},
		history:  Check{Name: "history derived again", Meaning: "deriving history from the records anew gives the table"},
	}
	if err := v.read(ctx, p); err != nil {
		return nil, fmt.Errorf("verifying %s: %w", p.path, err)
	}
	for _, code := range slices.Sorted(maps.Keys(v.spans)) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		v.code(code)
	}
	for code := range v.rectangles {
		if v.spans[code] == nil {
			v.history.fail("%s has a history and no record", code)
		}
	}
	keys, err := p.verifyKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("verifying %s: %w", p.path, err)
	}
	return append(keys, v.overlap, v.giveBack, v.apply, v.changes, v.history), nil
}

// verification holds all rows of the published file, by code.
type verification struct {
	steps      []transform.Step
	spans      map[string][]span
	rectangles map[string][]transform.Rectangle
	stored     []map[string]*transform.Change // by step, then code

	overlap, giveBack, apply, changes, history Check
}

func (v *verification) read(ctx context.Context, p *Published) (err error) {
	var ids []release.ID
	for _, r := range p.loaded() {
		ids = append(ids, r.ID)
		comparison, err := p.Changes(ctx, r)
		if err != nil {
			return err
		}
		byCode := make(map[string]*transform.Change, len(comparison.Changes))
		for _, change := range comparison.Changes {
			byCode[change.Code] = change
		}
		v.stored = append(v.stored, byCode)
	}
	v.steps = transform.Steps(ids)
	if v.spans, err = readSpans(ctx, p.db, nil); err != nil {
		return err
	}
	v.rectangles, err = readRectangles(ctx, p.db)
	return err
}

func (v *verification) code(code string) {
	history := transform.NewHistory(code)
	var previous *transform.Record
	for i := range v.steps {
		step := &v.steps[i]
		record := at(v.spans[code], step.ID)
		v.known(code, step, record)
		v.compare(code, i, history.Apply(step, record))
		if i > 0 {
			v.applied(code, i, previous, record)
		}
		previous = record
	}
	v.history.Checked += len(history.Rectangles)
	if difference := differingRectangle(history.Rectangles, v.rectangles[code]); difference != "" {
		v.history.fail("%s: %s", code, difference)
	}
}

// known checks what the table says of a code as known at a release.
func (v *verification) known(code string, step *transform.Step, record *transform.Record) {
	sheet := Sheet{History: v.rectangles[code]}
	stretches := sheet.KnownAt(step.ID)
	if len(stretches) == 0 {
		if record != nil {
			v.giveBack.Checked++
			v.giveBack.fail("%s in %s: no history", code, step.ID)
		}
		return
	}
	v.overlap.Checked++
	for i := 1; i < len(stretches); i++ {
		if stretches[i-1].To != stretches[i].From || stretches[i-1].Life > stretches[i].Life {
			v.overlap.fail("%s as known at %s: %s to %s is followed by %s", code, step.ID, stretches[i-1].From, stretches[i-1].To, stretches[i].From)
		}
	}
	latest := &stretches[len(stretches)-1]
	if latest.To != transform.OpenEnd {
		v.overlap.fail("%s as known at %s ends on %s", code, step.ID, latest.To)
	}
	v.giveBack.Checked++
	switch {
	case latest.Listed != (record != nil):
		v.giveBack.fail("%s in %s: listed is %v", code, step.ID, latest.Listed)
	case record != nil && !latest.Content.Equal(record.Content):
		v.giveBack.fail("%s in %s: another record", code, step.ID)
	}
}

// compare holds the change in the table against the one derived.
func (v *verification) compare(code string, i int, derived *transform.Change) {
	stored := v.stored[i][code]
	if stored == nil && derived == nil {
		return
	}
	v.changes.Checked++
	if stored == nil || derived == nil || fmt.Sprintf("%+v", *stored) != fmt.Sprintf("%+v", *derived) {
		v.changes.fail("%s in %s: %+v in the table, %+v derived", code, v.steps[i].ID, stored, derived)
	}
}

// applied checks that the changes in the table lead from one release's record
// to the next one's.
func (v *verification) applied(code string, i int, previous, next *transform.Record) {
	change := v.stored[i][code]
	if previous == nil && next == nil && change == nil {
		return
	}
	v.apply.Checked++
	if problem := transform.CheckApplied(previous, next, change); problem != "" {
		v.apply.fail("%s in %s: %s", code, v.steps[i].ID, problem)
	}
}

// differingRectangle gives "" where two lists hold the same rectangles.
func differingRectangle(derived, stored []transform.Rectangle) string {
	if len(derived) != len(stored) {
		return fmt.Sprintf("%d rectangles in the table, %d derived", len(stored), len(derived))
	}
	for _, d := range derived {
		if !slices.ContainsFunc(stored, func(s transform.Rectangle) bool {
			return s.KnownFrom == d.KnownFrom && s.KnownTo == d.KnownTo && s.Equal(&d.Stretch)
		}) {
			return fmt.Sprintf("%s to %s as known from %s is not in the table", d.From, d.To, d.KnownFrom)
		}
	}
	return ""
}

// readRectangles reads the whole history, by code.
func readRectangles(ctx context.Context, db *database) (map[string][]transform.Rectangle, error) {
	rows, err := db.conn.QueryContext(ctx, statements.Statement("history_of_codes"))
	if err != nil {
		return nil, err
	}
	defer rows.Close() // after reading, nothing can be lost
	rectangles := map[string][]transform.Rectangle{}
	for rows.Next() {
		r := transform.Rectangle{Stretch: transform.Stretch{Content: &transform.Content{}}}
		var code, from, to, knownFrom, knownTo string
		into := []any{&code, &r.Life, &r.Status, &r.Listed, &r.Attested, &from, &to, &knownFrom, &knownTo, &r.Basis}
		for i := range r.Content {
			into = append(into, &r.Content[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		r.From, r.To = transform.ParseDate(from), transform.ParseDate(to)
		if r.KnownFrom, err = release.ParseID(knownFrom); err != nil {
			return nil, err
		}
		if knownTo != "" {
			if r.KnownTo, err = release.ParseID(knownTo); err != nil {
				return nil, err
			}
		}
		rectangles[code] = append(rectangles[code], r)
	}
	return rectangles, rows.Err()
}

// verifyKeys checks in SQL what keys and references would, were there any.
func (p *Published) verifyKeys(ctx context.Context) ([]Check, error) {
	rows, err := p.db.conn.QueryContext(ctx, statements.Statement("verify_keys"))
	if err != nil {
		return nil, err
	}
	defer rows.Close() // after reading, nothing can be lost
	check := Check{Name: "keys", Meaning: "no row twice, no release that is not in releases, no code without a record"}
	for rows.Next() {
		var what string
		var checked, failed int
		if err := rows.Scan(&what, &checked, &failed); err != nil {
			return nil, err
		}
		check.Checked += checked
		if failed > 0 {
			check.fail("%s: %d rows", what, failed)
			check.Failed += failed - 1
		}
	}
	return []Check{check}, rows.Err()
}

// ComparePublished checks that the published file holds what the warehouse
// does.
func (w *Warehouse) ComparePublished(ctx context.Context, path string) (Check, error) {
	check := Check{Name: "published as private", Meaning: "the published tables hold the rows of the warehouse"}
	err := w.askBoth(ctx, path, "compare_published", func(rows *sql.Rows) error {
		var table string
		var private, published int
		var same bool
		if err := rows.Scan(&table, &private, &published, &same); err != nil {
			return err
		}
		check.Checked += private
		if !same || private != published {
			check.fail("%s: %d rows in the warehouse, %d published, not the same ones", table, private, published)
		}
		return nil
	})
	return check, err
}

// askBoth asks about the warehouse and the published file at path, which
// is in use, and hands over the rows one by one.
func (w *Warehouse) askBoth(ctx context.Context, path, statement string, row func(*sql.Rows) error) (err error) {
	if err := w.db.attach(ctx, path, "published", " (READ_ONLY)"); err != nil {
		return fmt.Errorf("comparing %s with the warehouse: %w", path, err)
	}
	defer func() {
		after := context.WithoutCancel(ctx)
		err = errors.Join(err, w.db.use(after, "warehouse"), w.db.detach(after, "published"))
	}()
	rows, err := w.db.conn.QueryContext(ctx, statements.Statement(statement))
	if err != nil {
		return fmt.Errorf("comparing %s with the warehouse: %w", path, err)
	}
	defer rows.Close() // after reading, nothing can be lost
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Difference is something that two of CMS's own files say differently: listed,
// and no failure.
type Difference struct {
	Release string
	File    string
	Code    string
	What    string // in words
}

// TakeReport takes all lines of a transaction report for the two comparisons
// below: the warehouse keeps those only that say that something was done.
func (w *Warehouse) TakeReport(ctx context.Context, report *Companion) error {
	err := w.makeTransactionLines(ctx)
	if err == nil {
		quarter, of := report.Quarter.String(), releaseName(report.Release)
		err = w.db.appendRows(ctx, "temp", "transaction_lines", rowsOf(report.Transactions, func(row []driver.Value, line *transform.TransactionLine) []driver.Value {
			return append(row, quarter, of, report.File, line.Code, line.Label, text(line.ActionCode))
		}))
	}
	if err != nil {
		return fmt.Errorf("taking the transaction report %s: %w", report.File, err)
	}
	return nil
}

func (w *Warehouse) makeTransactionLines(ctx context.Context) error {
	_, err := w.db.conn.ExecContext(ctx, statements.Statement("make_transaction_lines"))
	return err
}

// CompareTransactionReports holds CMS's transaction reports, as taken by
// TakeReport, against the action codes of the main files. The check counts the
// lines; what differs is listed.
func (w *Warehouse) CompareTransactionReports(ctx context.Context, path string) (Check, []Difference, error) {
	check := Check{Name: "transaction reports", Meaning: "CMS's transaction reports name the action codes of its main files; each difference is listed"}
	if err := w.makeTransactionLines(ctx); err != nil {
		return check, nil, fmt.Errorf("comparing transaction reports: %w", err)
	}
	if err := w.db.conn.QueryRowContext(ctx, `SELECT count(*) FROM temp.main.transaction_lines`).Scan(&check.Checked); err != nil {
		return check, nil, fmt.Errorf("comparing transaction reports: %w", err)
	}
	var differences []Difference
	err := w.askBoth(ctx, path, "compare_transactions", func(rows *sql.Rows) error {
		var d Difference
		err := rows.Scan(&d.Release, &d.File, &d.Code, &d.What)
		differences = append(differences, d)
		return err
	})
	return check, differences, err
}

// CompareTransactionsWithData holds the same reports against what the
// data of the release before and of its own show. What differs is listed.
func (w *Warehouse) CompareTransactionsWithData(ctx context.Context, path string) (Check, []Difference, error) {
	check := Check{Name: "reports and data", Meaning: "what CMS's transaction reports say was done is what the data shows; each difference is listed"}
	if err := w.makeTransactionLines(ctx); err != nil {
		return check, nil, fmt.Errorf("comparing transaction reports with the data: %w", err)
	}
	var differences []Difference
	err := w.askBoth(ctx, path, "compare_transactions_with_data", func(rows *sql.Rows) error {
		var agreement string
		var d Difference
		if err := rows.Scan(&d.Release, &d.File, &d.Code, &agreement, &d.What); err != nil {
			return err
		}
		check.Checked++
		if agreement != string(transform.Agrees) {
			differences = append(differences, d)
		}
		return nil
	})
	return check, differences, err
}
