package load

import (
	"context"
	"fmt"
	"time"
)

// RunCounts are the numbers of a run.
type RunCounts struct {
	Loaded, Held, Changes, Findings int
}

// BeginRun writes the row of a run, and gives its number. A row that never gets
// an end says that its run was killed.
func (w *Warehouse) BeginRun(ctx context.Context, started time.Time, source string) (int, error) {
	var number int
	err := w.db.inTransaction(ctx, func() error {
		const insert = `INSERT INTO runs (run, started_at, source) SELECT coalesce(max(run), 0) + 1, ?, ? FROM runs RETURNING run`
		return w.db.conn.QueryRowContext(ctx, insert, started.UTC(), utf8Text(source)).Scan(&number)
	})
	if err != nil {
		return 0, fmt.Errorf("writing down the run: %w", err)
	}
	return number, nil
}

// EndRun completes the row of a run; failure is what it ended with, nil for
// success.
func (w *Warehouse) EndRun(ctx context.Context, number int, ended time.Time, counts RunCounts, failure error) error {
	outcome, message := "done", ""
	if failure != nil {
		outcome, message = "failed", failure.Error()
	}
	const update = `UPDATE runs SET ended_at = ?, outcome = ?, releases_loaded = ?, releases_held = ?, changes = ?, findings = ?, error = ? WHERE run = ?`
	err := w.db.inTransaction(ctx, func() error {
		_, err := w.db.conn.ExecContext(ctx, update, ended.UTC(), outcome, counts.Loaded, counts.Held, counts.Changes, counts.Findings, text(utf8Text(message)), number)
		return err
	})
	if err != nil {
		return fmt.Errorf("writing down how the run ended: %w", err)
	}
	return nil
}
