package load

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
)

// Owed says to whom the report of a release is owed.
type Owed struct {
	// Group is a group of recipients; "" stands for the reports folder.
	Group string
	// Settled says that it was delivered already, before this warehouse.
	Settled bool
}

// DeliveryState says how far a delivery is.
type DeliveryState string

const (
	Waiting   DeliveryState = "waiting"   // not tried yet, or tried again at the next run
	Done      DeliveryState = "done"      // the mail server has it, or the reports folder
	Refused   DeliveryState = "refused"   // the mail server does not take it; it is kept
	Withdrawn DeliveryState = "withdrawn" // its group is no longer configured
)

// Delivery is a report that is owed to a group of recipients, or to the reports
// folder.
type Delivery struct {
	Number      int
	Group       string       // "": the reports folder
	Releases    []release.ID // in order; several came in together
	State       DeliveryState
	MadeUpAt    time.Time
	Attempts    int
	LastAttempt time.Time // zero: none
	MessageID   string    // of the mail as last sent
	DeliveredTo []string  // addresses for which the server has taken it
	Problem     string    // why it waits or was refused
}

// putOwed writes down to whom the report of a release is owed. A release of
// which something is written down already was told of, or will be: loading it
// anew is no news.
func (w *Warehouse) putOwed(ctx context.Context, id release.ID, owed []Owed) error {
	if len(owed) == 0 {
		return nil
	}
	groups, settled := make([]string, len(owed)), make([]bool, len(owed))
	for i, one := range owed {
		groups[i], settled[i] = one.Group, one.Settled
	}
	if _, err := w.db.conn.ExecContext(ctx, statements.Statement("outbox_owe"), id.String(), groups, settled); err != nil {
		return fmt.Errorf("writing down to whom its report is owed: %w", err)
	}
	return nil
}

// MakeUpDeliveries makes one delivery for each group of all the releases whose
// report is owed to it and in no delivery yet. What is in one stays there, so
// that a mail that was sent and not marked is sent again as it was.
func (w *Warehouse) MakeUpDeliveries(ctx context.Context, at time.Time) error {
	var owed int
	if err := w.db.conn.QueryRowContext(ctx, `SELECT count(*) FROM outbox WHERE delivery IS NULL`).Scan(&owed); err != nil {
		return fmt.Errorf("reading the outbox: %w", err)
	}
	if owed == 0 {
		return nil
	}
	err := w.db.inTransaction(ctx, func() error {
		if _, err := w.db.conn.ExecContext(ctx, statements.Statement("outbox_make_up"), at.UTC()); err != nil {
			return err
		}
		_, err := w.db.conn.ExecContext(ctx, statements.Statement("outbox_assign"))
		return err
	})
	if err != nil {
		return fmt.Errorf("making up what is to be delivered: %w", err)
	}
	return nil
}

// UnsettledDeliveries gives the deliveries that wait or were refused, the oldest
// first.
func (w *Warehouse) UnsettledDeliveries(ctx context.Context) ([]Delivery, error) {
	rows, err := w.db.conn.QueryContext(ctx, statements.Statement("outbox_unsettled"))
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", err)
	}
	defer rows.Close() // after reading, nothing can be lost
	var deliveries []Delivery
	for rows.Next() {
		var d Delivery
		var state string
		var madeUp, last sql.NullTime
		var delivered, names textList
		if err := rows.Scan(&d.Number, &d.Group, &state, &madeUp, &d.Attempts, &last, &d.MessageID, &delivered, &d.Problem, &names); err != nil {
			return nil, fmt.Errorf("reading the outbox: %w", err)
		}
		d.State, d.MadeUpAt, d.LastAttempt, d.DeliveredTo = DeliveryState(state), madeUp.Time, last.Time, delivered
		if d.Releases, err = parseIDs(names); err != nil {
			return nil, fmt.Errorf("reading the outbox: %w", err)
		}
		deliveries = append(deliveries, d)
	}
	return deliveries, rows.Err()
}

// SettledReleases gives the releases whose report was delivered to everyone to
// whom it was owed, in order.
func (w *Warehouse) SettledReleases(ctx context.Context) ([]release.ID, error) {
	rows, err := w.db.conn.QueryContext(ctx, statements.Statement("outbox_settled"))
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", err)
	}
	defer rows.Close() // after reading, nothing can be lost
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("reading the outbox: %w", err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", err)
	}
	return parseIDs(names)
}

// RecordAttempt writes down how an attempt at a delivery ended: its State,
// Attempts, LastAttempt, MessageID, DeliveredTo and Problem. It comes last: what
// it does not write down is done again.
func (w *Warehouse) RecordAttempt(ctx context.Context, d Delivery) error {
	err := w.db.inTransaction(ctx, func() error {
		_, err := w.db.conn.ExecContext(ctx, statements.Statement("outbox_attempt"), d.Number, string(d.State), d.Attempts,
			moment(d.LastAttempt), text(d.MessageID), list(d.DeliveredTo), text(utf8Text(d.Problem)))
		return err
	})
	if err != nil {
		return fmt.Errorf("writing down how delivery %d ended: %w", d.Number, err)
	}
	return nil
}

func parseIDs(names []string) ([]release.ID, error) {
	ids := make([]release.ID, len(names))
	for i, name := range names {
		id, err := release.ParseID(name)
		if err != nil {
			return nil, err
		}
		ids[i] = id
	}
	slices.SortFunc(ids, release.ID.Compare)
	return ids, nil
}

// textList reads a VARCHAR[].
type textList []string

// Scan takes what the driver gives for a list.
func (l *textList) Scan(value any) error {
	values, ok := value.([]any)
	if !ok {
		return fmt.Errorf("%T is no list", value)
	}
	*l = nil
	for _, one := range values {
		word, ok := one.(string)
		if !ok {
			return fmt.Errorf("%T in a list of texts", one)
		}
		*l = append(*l, word)
	}
	return nil
}
