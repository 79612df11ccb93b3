package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
)

// The outbox is a table of the warehouse (load.Owed). A copy of what it says
// stands in the archive, since that is all that is needed to make the rest
// again: a warehouse that is lost takes no mail with it, and causes none a
// second time.

// ErrUndelivered says that a report could not be delivered, and that somebody
// has to act. Everything else was done.
var ErrUndelivered = errors.New("a report could not be delivered")

// outboxFile stands in the archive.
const outboxFile = "outbox.json"

// outboxCopy is what stands in it.
type outboxCopy struct {
	About string `json:"about"`
	// Settled are the releases whose report everyone has to whom it was owed.
	Settled []string `json:"settled"`
	// Unsettled are the deliveries that wait or were refused.
	Unsettled []outboxEntry `json:"unsettled"`
}

type outboxEntry struct {
	Group       string    `json:"group"` // empty: the reports folder
	Releases    []string  `json:"releases"`
	State       string    `json:"state"`
	MadeUpAt    time.Time `json:"made_up_at"`
	Attempts    int       `json:"attempts"`
	LastAttempt time.Time `json:"last_attempt_at,omitzero"`
	MessageID   string    `json:"message_id,omitempty"`
	DeliveredTo []string  `json:"delivered_to,omitempty"`
	Problem     string    `json:"problem,omitempty"`
}

const outboxAbout = "A copy of the warehouse's outbox, written by hcpcs: whose report was delivered, and what waits. Only a new warehouse reads it."

// readOutboxCopy gives nil where there is none.
func readOutboxCopy(paths Paths) (*outboxCopy, error) {
	path := filepath.Join(paths.Archive, outboxFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	outbox := &outboxCopy{}
	if err == nil {
		err = json.Unmarshal(text, outbox)
	}
	if err != nil {
		return nil, fmt.Errorf("reading which reports were delivered from %s: %w: bring it back from a backup, or remove it, and every release of the archive counts as news", path, err)
	}
	return outbox, nil
}

// recallOutbox reads the copy where the warehouse is new: what it says was
// settled elsewhere. An older warehouse knows better.
func (r *run) recallOutbox(ctx context.Context) error {
	settled, err := r.warehouse.SettledReleases(ctx)
	if err != nil {
		return err
	}
	unsettled, err := r.warehouse.UnsettledDeliveries(ctx)
	if err != nil {
		return err
	}
	if len(settled) > 0 || len(unsettled) > 0 {
		// Written before anything is loaded, so that it is there when it is needed.
		return writeOutboxCopy(r.paths, settled, unsettled)
	}
	r.recalled, err = readOutboxCopy(r.paths)
	return err
}

// owed says to whom the report of a release is owed that is being loaded: of a
// new one to the reports folder and to every group; of one that is known from
// before to those who still waited for it.
func (r *run) owed(id release.ID) []load.Owed {
	if r.recalled != nil && r.recalled.knows(id) {
		owed := []load.Owed{{Group: "", Settled: !r.recalled.waits("", id)}}
		for _, entry := range r.recalled.Unsettled {
			if entry.Group != "" && slices.Contains(entry.Releases, id.String()) {
				owed = append(owed, load.Owed{Group: entry.Group})
			}
		}
		return owed
	}
	owed := []load.Owed{{Group: ""}}
	for _, group := range r.config.recipientGroups() {
		owed = append(owed, load.Owed{Group: group.Name})
	}
	return owed
}

func (c *outboxCopy) knows(id release.ID) bool {
	return slices.Contains(c.Settled, id.String()) || slices.ContainsFunc(c.Unsettled, func(entry outboxEntry) bool {
		return slices.Contains(entry.Releases, id.String())
	})
}

func (c *outboxCopy) waits(group string, id release.ID) bool {
	return slices.ContainsFunc(c.Unsettled, func(entry outboxEntry) bool {
		return entry.Group == group && slices.Contains(entry.Releases, id.String())
	})
}

// deliver delivers what is owed, after publishing: the report into the reports
// folder, and by mail. What fails waits for the next run, or is kept; the run
// goes on. Errors are only of the outbox itself.
func (r *run) deliver(ctx context.Context) (err error) {
	if r.rebuild {
		return nil // the next run does; a rebuild by hand mails nothing
	}
	deliveries, err := r.owedNow(ctx)
	if err != nil {
		return err
	}
	reports := r.reports
	if reports == nil {
		reports = r.newReportMaker()
	}
	defer func() { err = errors.Join(err, reports.close()) }()
	post := newPost(r.config, r.Surroundings, reports)
	defer post.close()
	r.settled = func() error { return nil }
	if len(deliveries) > 0 {
		r.settled = r.warehouse.Settle(context.WithoutCancel(ctx))
		defer func() {
			if settled := r.settled(); err == nil { // else it is that error, or comes of it
				err = settled
			}
		}()
	}
	for i := range deliveries {
		if err := errors.Join(ctx.Err(), r.stopAsked()); err != nil {
			return err
		}
		if err := r.deliverOne(ctx, post, &deliveries[i]); err != nil {
			return err
		}
	}
	if err := r.settled(); err != nil {
		return err
	}
	return copyOutbox(ctx, r.paths, r.warehouse)
}

// owedNow gives the deliveries that are to be made by now.
func (r *run) owedNow(ctx context.Context) ([]load.Delivery, error) {
	if err := r.warehouse.MakeUpDeliveries(ctx, r.Now().Truncate(time.Second)); err != nil {
		return nil, err
	}
	deliveries, err := r.warehouse.UnsettledDeliveries(ctx)
	if err != nil || r.recalled == nil {
		return deliveries, err
	}
	for i := range deliveries {
		if r.recalled.recall(&deliveries[i]) {
			if err := r.warehouse.RecordAttempt(ctx, deliveries[i]); err != nil {
				return nil, err
			}
		}
	}
	return deliveries, nil
}

// recall takes into a delivery of a new warehouse, not tried yet, how the same one
// stood in the old one: who has it already, and whether it was refused. It tells
// whether that is something.
func (c *outboxCopy) recall(d *load.Delivery) bool {
	names := namesOf(d.Releases)
	at := slices.IndexFunc(c.Unsettled, func(entry outboxEntry) bool {
		return entry.Group == d.Group && slices.Equal(entry.Releases, names)
	})
	if d.Attempts > 0 || at < 0 || c.Unsettled[at].Attempts == 0 {
		return false
	}
	entry := &c.Unsettled[at]
	d.State, d.Attempts, d.LastAttempt, d.Problem = load.DeliveryState(entry.State), entry.Attempts, entry.LastAttempt, entry.Problem
	d.MessageID, d.DeliveredTo = entry.MessageID, entry.DeliveredTo
	return true
}

func (r *run) newReportMaker() *reportMaker {
	maker := newReportMaker(r.Surroundings, func(ctx context.Context) (*load.Published, error) {
		return r.warehouse.OpenPublished(ctx, r.paths.Published)
	})
	if r.loadedMany() {
		maker.gathered = func(ctx context.Context) error { // a large report needs the room
			defer r.memory.takeBack()
			return errors.Join(r.settled(), r.warehouse.GiveBack(ctx))
		}
	}
	return maker
}

// reportedBeside is how many releases a run may load for its report to be made while
// they are published: a longer backfill has no room for both.
const reportedBeside = 48

// foreseeReport gives what makes the report for the reports folder of what is about to
// be published, nil where none is owed: it is made while the file is written. Where
// that fails, it is made when it is delivered, or fails again and is said.
func (r *run) foreseeReport(ctx context.Context) (load.Look, error) {
	r.reports = nil
	if r.rebuild || len(r.summary.Loaded) > reportedBeside {
		return nil, nil
	}
	deliveries, err := r.owedNow(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(deliveries, func(d load.Delivery) bool { return d.Group == "" })
	if at < 0 {
		return nil, nil
	}
	scope := scopeOf(deliveries[at].Releases)
	return func(ctx context.Context, preview *load.Published) {
		r.reports = r.newReportMaker()
		_ = r.reports.begin(ctx, preview, scope, r.config.Watch)
	}, nil
}

func (r *run) deliverOne(ctx context.Context, post *post, delivery *load.Delivery) error {
	if delivery.Group == "" {
		return r.deliverFiles(ctx, post.reports, delivery)
	}
	groups := r.config.recipientGroups()
	name := ReportName(namesOf(delivery.Releases))
	at := slices.IndexFunc(groups, func(group RecipientGroup) bool { return group.Name == delivery.Group })
	mailing := Mailing{
		Report: name, Argument: scopeOf(delivery.Releases).Argument(), Group: delivery.Group, Problem: delivery.Problem, Recipients: len(delivery.DeliveredTo),
	}
	switch {
	case at < 0:
		delivery.State, delivery.Problem = load.Withdrawn, "the group is no longer configured"
		mailing.State, mailing.Problem = delivery.State, delivery.Problem
	case delivery.State == load.Refused && r.config.Mail.ToDir == "" && isOwed(delivery, groups[at]):
		mailing.State, mailing.Wrong, mailing.Of = delivery.State, true, len(bareAddresses(splitAddresses(groups[at])))
		r.told(mailing)
		return nil
	default:
		mailing = post.deliver(ctx, delivery, scopeOf(delivery.Releases), groups[at])
		mailing.Report = name
	}
	r.told(mailing)
	return r.recordAttempt(ctx, delivery)
}

// isOwed tells whether anybody in a group does not have the report yet.
func isOwed(delivery *load.Delivery, group RecipientGroup) bool {
	return slices.ContainsFunc(bareAddresses(splitAddresses(group)), func(address string) bool {
		return !slices.Contains(delivery.DeliveredTo, address)
	})
}

// splitAddresses gives the addresses of a group; Check has read them.
func splitAddresses(group RecipientGroup) []string {
	to, _ := addresses(group.Recipients)
	return to
}

// deliverFiles writes a report into the reports folder.
func (r *run) deliverFiles(ctx context.Context, reports *reportMaker, delivery *load.Delivery) error {
	delivery.Attempts++
	delivery.LastAttempt = r.Now().Truncate(time.Second)
	delivery.State, delivery.Problem = load.Done, ""
	made, err := reports.make(ctx, scopeOf(delivery.Releases), r.config.Watch)
	if err == nil {
		var files ReportFiles
		if files, err = writeReportFiles(r.paths.Reports, made, writeWhole); err == nil {
			r.summary.Reports = append(r.summary.Reports, files)
			r.Log.Info("wrote the report", "report", files.Name, "page", files.Page)
		}
	}
	if err != nil {
		delivery.State, delivery.Problem = load.Waiting, err.Error()
		r.told(Mailing{Report: ReportName(namesOf(delivery.Releases)), State: delivery.State, Problem: delivery.Problem, Wrong: true})
	}
	return r.recordAttempt(ctx, delivery)
}

func (r *run) recordAttempt(ctx context.Context, delivery *load.Delivery) error {
	if err := r.settled(); err != nil {
		return err
	}
	return r.warehouse.RecordAttempt(context.WithoutCancel(ctx), *delivery)
}

// told notes in the summary, and in the log, what became of a mail.
func (r *run) told(mailing Mailing) {
	mailing.Kept = true
	r.summary.Mailings = append(r.summary.Mailings, mailing)
	attributes := []any{"report", mailing.Report, "group", mailing.Group, "recipients", mailing.Recipients}
	switch {
	case mailing.Wrong:
		r.undelivered = append(r.undelivered, mailing)
	case mailing.State == load.Done:
		r.Log.Info("delivered", attributes...)
	default:
		r.Log.Warn("not delivered", append(attributes, "state", string(mailing.State), "because", mailing.Problem)...)
	}
}

// undeliveredError is ErrUndelivered with what could not be delivered and what
// sends it again, nil where everything was, or may be by the next run.
func undeliveredError(mailings []Mailing) error {
	var problems, commands []string
	for _, mailing := range mailings {
		where := mailing.Group
		if where == "" {
			where = "the reports folder"
		}
		problems = append(problems, fmt.Sprintf("%s to %s (%s): %s", mailing.Report, where, mailing.State, mailing.Problem))
		command := fmt.Sprintf("'hcpcs report %s --mail' sends it again", mailing.Argument)
		if mailing.Argument != "" && !slices.Contains(commands, command) {
			commands = append(commands, command)
		}
	}
	if problems == nil {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrUndelivered, strings.Join(append(problems, commands...), "; "))
}

// copyOutbox writes what the warehouse's outbox says into the archive.
func copyOutbox(ctx context.Context, paths Paths, warehouse *load.Warehouse) error {
	settled, err := warehouse.SettledReleases(ctx)
	if err != nil {
		return err
	}
	unsettled, err := warehouse.UnsettledDeliveries(ctx)
	if err != nil {
		return err
	}
	return writeOutboxCopy(paths, settled, unsettled)
}

// writeOutboxCopy writes the copy where it says something else.
func writeOutboxCopy(paths Paths, settled []release.ID, unsettled []load.Delivery) error {
	outbox := outboxCopy{About: outboxAbout, Settled: namesOf(settled), Unsettled: []outboxEntry{}}
	for _, d := range unsettled {
		outbox.Unsettled = append(outbox.Unsettled, outboxEntry{
			Group: d.Group, Releases: namesOf(d.Releases), State: string(d.State), MadeUpAt: d.MadeUpAt,
			Attempts: d.Attempts, LastAttempt: d.LastAttempt.UTC(), MessageID: d.MessageID, DeliveredTo: d.DeliveredTo, Problem: d.Problem,
		})
	}
	text, err := json.MarshalIndent(outbox, "", "  ")
	if err != nil {
		return fmt.Errorf("writing which reports were delivered: %w", err)
	}
	text = append(text, '\n')
	path := filepath.Join(paths.Archive, outboxFile)
	if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, text) {
		return nil
	}
	if err := writeWhole(path, text); err != nil {
		return fmt.Errorf("writing which reports were delivered: %w", err)
	}
	return nil
}
