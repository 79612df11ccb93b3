package load

import (
	"context"
	"errors"
)

// together is a transaction that several calls of Load, Hold and LoadCompanions
// share.
type together struct {
	broken bool // one of them failed: nothing of it is kept
}

// Together carries out work, and commits at once what Load, Hold and LoadCompanions
// put into the tables meanwhile: a commit of its own for each costs more than most
// of them put there, and a record that stands for several of the releases is
// written once. Where one of them failed, or DuckDB in an answer to work, the tables
// are as they were before Together; where work failed otherwise, what they put there
// stays.
func (w *Warehouse) Together(ctx context.Context, work func() error) (err error) {
	shared := &together{}
	var worked error
	after := context.WithoutCancel(ctx) // who is interrupted keeps what was loaded
	defer func() {
		_, reset := w.db.conn.ExecContext(after, `RESET checkpoint_threshold`)
		err = errors.Join(err, reset)
	}()
	err = w.db.inTransaction(ctx, func() error {
		w.together = shared
		defer func() { w.together = nil }()
		worked = work()
		if shared.broken {
			return errBroken
		}
		err := w.settleAtOnce(after)
		if err == nil {
			err = w.writeCollected(after)
		}
		if err != nil && worked != nil {
			return errBroken // DuckDB takes nothing more after what failed, and says so
		}
		return err
	})
	broken := errors.Is(err, errBroken)
	if broken {
		err = nil // worked says why
	}
	if err == nil && !broken {
		return errors.Join(worked, w.readReleases(after))
	}
	w.codes, w.collected = nil, nil
	return errors.Join(worked, err, w.forgetRows(), w.readReleases(after), w.readCompanionKeys(after))
}

// settleAtOnce has the commit of several releases go to its place in the file, not
// into a log from where it is brought there: see Settle.
func (w *Warehouse) settleAtOnce(ctx context.Context) error {
	if w.collected == nil || len(w.collected.releases) < 2 {
		return nil
	}
	_, err := w.db.conn.ExecContext(ctx, `SET checkpoint_threshold = '1KB'`)
	return err
}

// errBroken leads to a rollback.
var errBroken = errors.New("a part of the transaction failed")

// transaction carries out work in the transaction that is shared at the time, or in
// one of its own.
func (w *Warehouse) transaction(ctx context.Context, work func() error) error {
	if w.together == nil {
		err := w.db.inTransaction(ctx, func() error {
			if err := work(); err != nil {
				return err
			}
			return w.writeCollected(ctx)
		})
		if err != nil {
			return err
		}
		return w.readReleases(ctx)
	}
	err := work()
	w.together.broken = w.together.broken || err != nil
	return err
}

// writeCollected puts into the tables what was collected for them, so that they can
// be asked.
func (w *Warehouse) writeCollected(ctx context.Context) error {
	collected := w.collected
	w.collected = nil
	if collected == nil {
		return nil
	}
	err := collected.write(ctx, w.db)
	if err != nil && w.together != nil {
		w.together.broken = true // what was collected is lost, and some of it may be in the tables
	}
	return err
}

// collect gives what is to be written at the end of the transaction, or before the
// tables are asked.
func (w *Warehouse) collect() *additions {
	if w.collected == nil {
		w.collected = newAdditions()
	}
	return w.collected
}
