package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
)

// MailReport mails the report of some releases to every group, whether they got
// it before or not. Where a mail that tells of the release waits or was refused,
// that mail is sent, to all of its group, and settled when it arrives. With
// ErrUndelivered the Mailings say what did not.
func MailReport(ctx context.Context, config Config, scope report.Scope, around Surroundings) (mailings []Mailing, err error) {
	groups := config.recipientGroups()
	if len(groups) == 0 {
		return nil, errors.New("mailing the report: there are no recipients: name them by mail.recipients or mail.groups in the configuration")
	}
	reports := newReportMaker(around, config.openPublished)
	defer func() { err = errors.Join(err, reports.close()) }()
	published, err := reports.file(ctx)
	if err != nil {
		return nil, err
	}
	if scope, err = scope.Resolve(published); err != nil {
		return nil, fmt.Errorf("mailing the report: %w", err)
	}
	paths := config.Paths()
	unlock, err := lock(paths.Lock, fmt.Sprintf("process %d, 'hcpcs report --mail' since %s", os.Getpid(), around.Now().UTC().Format(time.RFC3339)))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	warehouse, err := load.OpenWarehouse(ctx, paths.Warehouse, config.Resources())
	if err != nil {
		if warehouse != nil {
			err = errors.Join(err, warehouse.Close())
		}
		return nil, fmt.Errorf("reading what waits to be mailed: %w: 'hcpcs run' mends that", err)
	}
	defer func() { err = errors.Join(err, warehouse.Close()) }()
	unsettled, err := warehouse.UnsettledDeliveries(ctx)
	if err != nil {
		return nil, err
	}
	post := newPost(config, around, reports)
	defer post.close()
	var undelivered []Mailing
	for _, group := range groups {
		mailing, err := remail(ctx, post, warehouse, unsettled, scope, group)
		if err != nil {
			return mailings, err
		}
		mailings = append(mailings, mailing)
		if mailing.State != load.Done {
			undelivered = append(undelivered, mailing)
		}
	}
	if unsettled, err = warehouse.UnsettledDeliveries(ctx); err != nil {
		return mailings, err
	}
	return mailings, errors.Join(copyOutbox(ctx, paths, warehouse), leaveUndelivered(config, unsettled, around.Version), undeliveredError(undelivered))
}

// remail mails a report to one group, or what waits in its place.
func remail(ctx context.Context, post *post, warehouse *load.Warehouse, unsettled []load.Delivery, scope report.Scope, group RecipientGroup) (Mailing, error) {
	waits := slices.IndexFunc(unsettled, func(d load.Delivery) bool {
		if d.Group != group.Name {
			return false
		}
		id, single := scope.Single()
		return single && slices.Contains(d.Releases, id)
	})
	if waits < 0 {
		mailing := post.deliver(ctx, &load.Delivery{}, scope, group)
		return mailing, ctx.Err()
	}
	delivery := &unsettled[waits]
	delivery.DeliveredTo = nil
	mailing := post.deliver(ctx, delivery, scopeOf(delivery.Releases), group)
	mailing.Kept = true
	return mailing, warehouse.RecordAttempt(context.WithoutCancel(ctx), *delivery)
}

// WriteMails writes the mails of a report into a folder, one for each group, and
// one without recipients where there are none. Nothing is sent, and nothing that
// waits is settled by it.
func WriteMails(ctx context.Context, config Config, scope report.Scope, folder string, around Surroundings) (mailings []Mailing, err error) {
	config.Mail.ToDir = folder
	reports := newReportMaker(around, config.openPublished)
	defer func() { err = errors.Join(err, reports.close()) }()
	published, err := reports.file(ctx)
	if err != nil {
		return nil, err
	}
	if scope, err = scope.Resolve(published); err != nil {
		return nil, err
	}
	post := newPost(config, around, reports)
	defer post.close()
	var undelivered []Mailing
	for _, group := range config.recipientGroups() {
		mailing := post.deliver(ctx, &load.Delivery{}, scope, group)
		mailings = append(mailings, mailing)
		if mailing.State != load.Done {
			undelivered = append(undelivered, mailing)
		}
	}
	return mailings, undeliveredError(undelivered)
}
