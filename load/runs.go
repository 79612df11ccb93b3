package load

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
)

// Outcome says in a word how a run ended.
type Outcome string

// The outcomes of a run. A run without any is going on.
const (
	RunDone        Outcome = "done"        // everything was done
	RunHeld        Outcome = "held"        // everything was done, and a release waits for review
	RunUnreachable Outcome = "unreachable" // the source gave nothing, or less than it offers
	RunUndelivered Outcome = "undelivered" // everything was done, but a report could not be delivered
	RunStopped     Outcome = "stopped"     // it was asked to stop, or interrupted
	RunFailed      Outcome = "failed"
	RunKilled      Outcome = "killed" // it never said how it ended: the next run found that out
)

// Complete tells of an outcome that everything was done that could be; what
// waits for review, and what a mail server refuses, waits for a person.
func (o Outcome) Complete() bool { return o == RunDone || o == RunHeld || o == RunUndelivered }

// RunCounts are the numbers of a run: releases loaded, releases that wait for
// review, and the changes and findings of those loaded.
type RunCounts struct {
	Loaded, Held, Changes, Findings int
}

// RunEnd is how a run ended.
type RunEnd struct {
	Ended   time.Time // zero: it did not
	Outcome Outcome
	Counts  RunCounts
	Error   string // what it failed with; "" where it did not
}

// Run is the row of a run.
type Run struct {
	Number  int // from 1
	Started time.Time
	Source  string
	RunEnd
}

// BeginRun writes the row of a run, and gives its number. Since there is only
// one run at a time, rows that have no end by then are of runs that were killed.
func (w *Warehouse) BeginRun(ctx context.Context, started time.Time, source string) (int, error) {
	var number int
	err := w.db.inTransaction(ctx, func() error {
		if _, err := w.db.conn.ExecContext(ctx, `UPDATE runs SET outcome = ? WHERE outcome IS NULL`, string(RunKilled)); err != nil {
			return err
		}
		const insert = `INSERT INTO runs (run, started_at, source) SELECT coalesce(max(run), 0) + 1, ?, ? FROM runs RETURNING run`
		return w.db.conn.QueryRowContext(ctx, insert, started.UTC(), utf8Text(source)).Scan(&number)
	})
	if err != nil {
		return 0, fmt.Errorf("writing down the run: %w", err)
	}
	return number, nil
}

// EndRun completes the row of a run.
func (w *Warehouse) EndRun(ctx context.Context, number int, end RunEnd) error {
	const update = `UPDATE runs SET ended_at = ?, outcome = ?, releases_loaded = ?, releases_held = ?, changes = ?, findings = ?, error = ? WHERE run = ?`
	err := w.db.inTransaction(ctx, func() error {
		_, err := w.db.conn.ExecContext(ctx, update, end.Ended.UTC(), string(end.Outcome),
			end.Counts.Loaded, end.Counts.Held, end.Counts.Changes, end.Counts.Findings, text(utf8Text(end.Error)), number)
		return err
	})
	if err != nil {
		return fmt.Errorf("writing down how the run ended: %w", err)
	}
	return nil
}

// Runs gives the rows of the last runs, the latest one first; limit is how many
// at the most.
func (w *Warehouse) Runs(ctx context.Context, limit int) (runs []Run, err error) {
	rows, err := w.db.conn.QueryContext(ctx, statements.Statement("last_runs"), limit)
	if err != nil {
		return nil, fmt.Errorf("reading the runs: %w", err)
	}
	defer rows.Close() // after reading, nothing can be lost
	for rows.Next() {
		var run Run
		var ended sql.NullTime
		if err := rows.Scan(&run.Number, &run.Started, &ended, &run.Outcome, &run.Source,
			&run.Counts.Loaded, &run.Counts.Held, &run.Counts.Changes, &run.Counts.Findings, &run.Error); err != nil {
			return nil, fmt.Errorf("reading the runs: %w", err)
		}
		run.Ended = ended.Time
		runs = append(runs, run)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the runs: %w", err)
	}
	return runs, nil
}

// CountsOf gives how many codes a release changed, and how many findings there
// are about its file.
func (w *Warehouse) CountsOf(ctx context.Context, id release.ID) (changes, findings int, err error) {
	if err := w.db.conn.QueryRowContext(ctx, statements.Statement("counts_of_release"), id.String()).Scan(&changes, &findings); err != nil {
		return 0, 0, fmt.Errorf("counting what %s changed: %w", id, err)
	}
	return changes, findings, nil
}
