package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/mail"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
)

// Mailing says what became of a report for a group of recipients.
type Mailing struct {
	Report string // its name: 2025Q4r1
	// Argument is what 'hcpcs report --mail' takes to send it again, "" where that
	// would not.
	Argument string
	Group    string
	State    load.DeliveryState
	// Recipients is how many addresses have it by now, of how many.
	Recipients, Of int
	// Problem says why it waits or was refused, on one line.
	Problem string
	// Wrong tells that somebody has to act: the server refuses the mail, or the
	// settings do not fit. The next run alone will not mend it.
	Wrong bool
	// Kept tells that the outbox keeps it where it is not delivered.
	Kept bool
	// File is the .eml file that it was written to, "" where it was sent.
	File string
}

// attachmentTypes are the kinds of the files that go with a mail.
const (
	pageType = "text/html; charset=utf-8"
	bookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// post delivers reports by mail, over one connection, or into a folder.
type post struct {
	config  Config
	around  Surroundings
	reports *reportMaker

	session *mail.Session
	// unconnected says why there is no connection; it is not tried twice.
	unconnected error
}

func newPost(config Config, around Surroundings, reports *reportMaker) *post {
	return &post{config: config, around: around, reports: reports}
}

func (p *post) close() {
	if p.session != nil {
		p.session.Close()
	}
}

// deliver mails a report to those of a group who do not have it yet, and notes
// in the delivery how that ended. The same report, releases and recipients give
// the same Message-ID, however often it is tried.
func (p *post) deliver(ctx context.Context, delivery *load.Delivery, scope report.Scope, group RecipientGroup) Mailing {
	delivery.Attempts++
	delivery.LastAttempt = p.around.Now().Truncate(time.Second)
	delivery.State, delivery.Problem = load.Waiting, ""
	mailing := Mailing{Report: scope.String(), Group: group.Name}
	if p.config.Mail.ToDir == "" {
		mailing.Argument = scope.Argument()
	}
	err := p.try(ctx, delivery, scope, group, &mailing)
	if err != nil {
		delivery.Problem = err.Error()
		mailing.Wrong = !canWait(err)
	}
	switch {
	case err == nil:
		delivery.State = load.Done
	case isRefusal(err):
		delivery.State = load.Refused
	}
	mailing.State, mailing.Problem, mailing.Recipients = delivery.State, delivery.Problem, len(delivery.DeliveredTo)
	return mailing
}

func (p *post) try(ctx context.Context, delivery *load.Delivery, scope report.Scope, group RecipientGroup, mailing *Mailing) error {
	made, err := p.reports.make(ctx, scope, group.Watch)
	if err != nil {
		return err
	}
	mailing.Report = made.Name()
	to, err := addresses(group.Recipients)
	if err != nil {
		return err
	}
	mailing.Of = len(to)
	message, err := p.compose(made, scope, group, to)
	if err != nil {
		return err
	}
	delivery.MessageID = message.ID
	if folder := p.config.Mail.ToDir; folder != "" {
		mailing.File, err = writeMail(folder, emlName(made.Name(), group.Name), message)
		if err == nil {
			delivery.DeliveredTo = bareAddresses(to)
		}
		return err
	}
	rest := slices.DeleteFunc(bareAddresses(to), func(address string) bool { return slices.Contains(delivery.DeliveredTo, address) })
	if len(rest) == 0 {
		return nil
	}
	return p.send(ctx, message, rest, delivery)
}

// send hands a message to the server, and notes who has it.
func (p *post) send(ctx context.Context, message *mail.Message, to []string, delivery *load.Delivery) error {
	if err := p.connect(ctx); err != nil {
		return err
	}
	outcome := p.session.Send(ctx, message, to)
	delivery.DeliveredTo = append(delivery.DeliveredTo, outcome.Delivered...)
	problems := make([]error, len(outcome.Failures))
	for i, failure := range outcome.Failures {
		problems[i] = failure.Err
	}
	return errors.Join(problems...)
}

func (p *post) connect(ctx context.Context) error {
	if p.session != nil || p.unconnected != nil {
		return p.unconnected
	}
	server, err := p.config.Mail.server()
	if err != nil {
		p.unconnected = err
		return err
	}
	if p.session, err = mail.Connect(ctx, server); err != nil {
		p.unconnected = err
	}
	return p.unconnected
}

// kindsIn gives the kinds of the errors that a mail server caused; whole tells
// that there are no others.
func kindsIn(err error) (kinds []mail.Kind, whole bool) {
	// What is joined is looked at one by one; what is in a *mail.Error is not.
	switch e := err.(type) {
	case *mail.Error:
		return []mail.Kind{e.Kind}, true
	case interface{ Unwrap() []error }:
		whole = true
		for _, one := range e.Unwrap() {
			more, all := kindsIn(one)
			kinds, whole = append(kinds, more...), whole && all
		}
		return kinds, whole
	}
	return nil, false
}

// canWait tells whether all that went wrong may be right at the next run.
func canWait(err error) bool {
	kinds, whole := kindsIn(err)
	return whole && !slices.ContainsFunc(kinds, func(kind mail.Kind) bool { return kind != mail.Temporary })
}

// isRefusal tells whether nothing is left that may be right at the next run.
func isRefusal(err error) bool {
	kinds, whole := kindsIn(err)
	return whole && !slices.ContainsFunc(kinds, func(kind mail.Kind) bool { return kind != mail.Refused })
}

// compose makes the mail of a report.
func (p *post) compose(made *madeReport, scope report.Scope, group RecipientGroup, to []string) (*mail.Message, error) {
	html, err := report.MailHTML(made.Report)
	if err != nil {
		return nil, err
	}
	message := p.config.Mail.newMessage(p.around)
	message.To, message.Subject, message.Text, message.HTML = to, made.Subject, report.MailText(made.Report), html
	message.ID = messageID(made.Name(), append([]string{scope.String(), group.Name}, sorted(bareAddresses(to))...), message.From)
	message.Attachments = []mail.Attachment{
		{Name: made.Name() + ".html", ContentType: pageType, Data: made.page},
		{Name: made.Name() + ".xlsx", ContentType: bookType, Data: made.book},
	}
	return message, nil
}

// unnamedSender stands where no sender is configured, in mails that are only
// written into a folder.
const unnamedSender = "HCPCS <hcpcs@localhost>"

// newMessage begins a mail of this program's.
func (c *MailConfig) newMessage(around Surroundings) *mail.Message {
	message := &mail.Message{From: c.From, Date: around.Now(), Program: "hcpcs"}
	if message.From == "" {
		message.From = unnamedSender
	}
	if around.Version != "" {
		message.Program += "/" + around.Version
	}
	return message
}

// messageID names a mail: a name for people, and a hash over what makes it the
// same mail.
func messageID(name string, same []string, from string) string {
	domain := "localhost"
	if address, err := mail.Address(from); err == nil {
		domain = address[strings.LastIndexByte(address, '@')+1:]
	}
	sum := sha256.Sum256([]byte(strings.Join(same, "\x00")))
	return fmt.Sprintf("hcpcs.%s.%s@%s", strings.ReplaceAll(name, "..", "-"), hex.EncodeToString(sum[:12]), domain)
}

func bareAddresses(to []string) []string {
	bare := make([]string, 0, len(to))
	for _, one := range to {
		if address, err := mail.Address(one); err == nil {
			bare = append(bare, address)
		}
	}
	return bare
}

func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}

// emlName names the file of a mail.
func emlName(report, group string) string {
	if group == nobody {
		return report + ".eml"
	}
	return report + "-" + group + ".eml"
}

// writeMail writes a mail into a folder, which it makes, and gives the file; "" with
// an error.
func writeMail(folder, name string, message *mail.Message) (string, error) {
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("writing the mail %s: %w", path, err)
	}
	var text bytes.Buffer
	if _, err := message.WriteTo(&text); err != nil {
		return "", err
	}
	if err := writeWhole(path, text.Bytes()); err != nil {
		return "", fmt.Errorf("writing the mail: %w", err)
	}
	return path, nil
}

// namesOf gives the names of releases.
func namesOf(releases []release.ID) []string {
	names := make([]string, len(releases))
	for i, id := range releases {
		names[i] = id.String()
	}
	return names
}

// ReportName is Report.Name of the report on releases that came in together.
func ReportName(releases []string) string {
	if len(releases) == 1 {
		return releases[0]
	}
	return releases[0] + ".." + releases[len(releases)-1]
}
