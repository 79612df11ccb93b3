package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/mail"
)

// Operators are told by mail what a run needs them for: once for each cause, and
// again when it comes back after it was over. What they were told is kept in a
// file (see toldMemory) and not in the warehouse: that the warehouse cannot be
// opened is one of the causes.

// trouble is a cause for which somebody has to act.
type trouble struct {
	// Cause tells one from another: the same one gives the same words at every
	// run.
	Cause string `json:"cause"`
	Title string `json:"title"` // a subject
	What  string `json:"what"`
	ToDo  string `json:"to_do"`
	// Since is when the first run met it; Told when the operators had the mail.
	Since time.Time `json:"since"`
	Told  time.Time `json:"told,omitzero"`
}

// tellOperators mails what the operators were not told yet of what a run ended
// with. That it cannot be mailed is logged: the next run tries again.
func (r *run) tellOperators(ctx context.Context, ended error) {
	if r.config.Mail.Operators == "" || r.rebuild || errors.Is(ended, ErrStopped) || ctx.Err() != nil {
		return
	}
	memory := newToldMemory(r.paths)
	known, err := memory.recall()
	if err != nil {
		r.Log.Warn("what the operators were told is not known for certain; they may be told again", "because", err.Error())
	}
	now, whole := r.troubles(ended)
	for i := range now {
		now[i].Since = r.summary.Started.UTC().Truncate(time.Second)
		if at := slices.IndexFunc(known, func(k trouble) bool { return k.Cause == now[i].Cause }); at >= 0 {
			now[i].Since, now[i].Told = known[at].Since, known[at].Told
		}
	}
	if !whole {
		// A run that broke off has not seen whether the others are over.
		for _, k := range known {
			if !slices.ContainsFunc(now, func(t trouble) bool { return t.Cause == k.Cause }) {
				now = append(now, k)
			}
		}
	}
	if err := r.mailTroubles(ctx, now); err != nil {
		r.Log.Warn("the operators could not be told; the next run tries again", "because", err.Error())
	}
	switch place, err := memory.remember(now); {
	case place == "":
		r.Log.Warn("what the operators were told can be remembered nowhere; every run tells them again", "because", err.Error())
	case place != r.paths.Troubles:
		r.Log.Warn("what the operators were told is remembered outside of the data folder until it can be written", "file", place, "because", err.Error())
	case err != nil:
		r.Log.Warn("what the operators were told is not known for certain, until what stands in the way is removed", "because", err.Error())
	}
}

// troubles gives what a run ended with, each cause by itself. whole tells that it
// did all its steps, so that a cause that is not among them is over.
func (r *run) troubles(ended error) (troubles []trouble, whole bool) {
	whole = true
	for i := range r.summary.Held {
		held := &r.summary.Held[i]
		toDo := "Look at the file; " + HeldAdvice(held)
		if held.Records > 0 {
			toDo += " --data-dir " + r.paths.Data
		}
		troubles = append(troubles, trouble{
			Cause: "held " + held.ID.String() + " " + held.SHA256,
			Title: held.ID.String() + " is held back for review",
			What:  fmt.Sprintf("%s (%s) does not look right: %s. It is archived and not loaded; everything else was done.", held.ID, held.FileName, held.HeldBecause),
			ToDo:  toDo,
		})
	}
	for _, err := range parts(ended) {
		switch {
		case errors.Is(err, ErrHeld), errors.Is(err, errNothingToAccept):
		case errors.Is(err, ErrUnreachable):
			troubles = append(troubles, trouble{
				Cause: "unreachable", Title: "the source could not be reached", What: err.Error() + ". What is published stays served.",
				ToDo: "Look whether the page or the folder is there, and whether this machine may reach it. Every run tries again.",
			})
		case errors.Is(err, errUnusable):
			for _, passed := range r.summary.PassedOver {
				if passed.Suspect {
					troubles = append(troubles, trouble{
						Cause: "unusable " + passed.Path + " " + passed.Reason,
						Title: errUnusable.Error(), What: passed.Path + ": " + passed.Reason + ". It is not loaded; everything else was done.",
						ToDo: strings.ToUpper(unusableAdvice[:1]) + unusableAdvice[1:] + ".",
					})
				}
			}
		case errors.Is(err, errIncomplete):
			troubles = append(troubles, trouble{
				Cause: "incomplete", Title: "the source gave less than it offers", What: err.Error() + ". What it gave is loaded.",
				ToDo: "Nothing, if it is over by tomorrow: every run tries again. Else look at the page with a browser.",
			})
		case errors.Is(err, ErrUndelivered):
			troubles = append(troubles, r.mailTrouble()...)
		case IsDiskFull(err), isReadOnly(err):
			// Where it strikes differs from run to run.
			whole = false
			one := trouble{
				Cause: "disk full", Title: "the disk is full", What: err.Error() + ". What is published stays served.",
				ToDo: "Make room where the message says. The next run goes on from there.",
			}
			if isReadOnly(err) {
				one.Cause, one.Title = "read-only", "a folder cannot be written any more"
				one.ToDo = "Look why the file system is read-only: the system's log may tell of a failing disk. The next run goes on from there."
			}
			troubles = append(troubles, one)
		default:
			whole = false
			troubles = append(troubles, trouble{
				Cause: "failed: " + variable.ReplaceAllString(err.Error(), "…"), Title: "a run failed", What: err.Error() + ". What is published stays served.",
				ToDo: "Mend what the message names. The next run goes on from there.",
			})
		}
	}
	var causes []string
	troubles = slices.DeleteFunc(troubles, func(one trouble) bool {
		again := slices.Contains(causes, one.Cause)
		causes = append(causes, one.Cause)
		return again
	})
	return troubles, whole
}

// IsDiskFull tells whether an error is for want of room, DuckDB's among them.
func IsDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || strings.Contains(err.Error(), "No space left on device")
}

// isReadOnly tells whether an error comes from a file system that is mounted to
// be read only, as the system does when its disk fails.
func isReadOnly(err error) bool {
	return errors.Is(err, syscall.EROFS) || strings.Contains(err.Error(), "Read-only file system")
}

func (r *run) mailTrouble() []trouble {
	troubles := make([]trouble, len(r.undelivered))
	for i, mailing := range r.undelivered {
		where := "to the group " + mailing.Group
		if mailing.Group == "" {
			where = "into the reports folder"
		}
		troubles[i] = trouble{
			Cause: fmt.Sprintf("undelivered %s %s %s", mailing.Report, mailing.Group, mailing.State),
			Title: fmt.Sprintf("the report on %s could not be delivered %s", mailing.Report, where), What: mailing.Problem,
			ToDo: "Mend what the message names, in the configuration or at the mail server. What waits is sent by the next run.",
		}
		if mailing.State == load.Refused {
			troubles[i].ToDo = fmt.Sprintf("Correct the addresses in the configuration, then send it again: hcpcs report %s --mail --data-dir %s", mailing.Argument, r.paths.Data)
		}
	}
	return troubles
}

// variable is what differs from run to run in the words of the same failure.
var variable = regexp.MustCompile(`[0-9]+`)

// parts gives the errors that were joined to one, which stand on lines of their
// own.
func parts(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var several []error
	var lines []string
	for _, one := range joined.Unwrap() {
		several, lines = append(several, parts(one)...), append(lines, one.Error())
	}
	if strings.Join(lines, "\n") != err.Error() {
		return []error{err}
	}
	return several
}

// mailTroubles mails those that were not told yet, as one, and marks them.
func (r *run) mailTroubles(ctx context.Context, troubles []trouble) error {
	var untold []*trouble
	for i := range troubles {
		if troubles[i].Told.IsZero() {
			untold = append(untold, &troubles[i])
		}
	}
	if untold == nil {
		return nil
	}
	message, to, err := r.troubleMail(untold)
	if err != nil {
		return err
	}
	if folder := r.config.Mail.ToDir; folder != "" {
		name := "operators-" + r.summary.Started.UTC().Format("20060102T150405Z") + ".eml"
		if _, err := writeMail(folder, name, message); err != nil {
			return err
		}
	} else if err := r.sendTroubles(ctx, message, to); err != nil {
		return err
	}
	for _, one := range untold {
		one.Told = r.Now().UTC().Truncate(time.Second)
	}
	return nil
}

func (r *run) sendTroubles(ctx context.Context, message *mail.Message, to []string) error {
	server, err := r.config.Mail.server()
	if err != nil {
		return err
	}
	session, err := mail.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer session.Close()
	outcome := session.Send(ctx, message, to)
	var problems []error
	for _, failure := range outcome.Failures {
		problems = append(problems, failure.Err)
	}
	err = errors.Join(problems...)
	if err != nil && len(outcome.Delivered) > 0 {
		// One of them knows, which will do.
		r.Log.Warn("not all operators could be told", "because", err.Error())
		return nil
	}
	return err
}

// troubleMail writes the mail; the same troubles give the same Message-ID.
func (r *run) troubleMail(troubles []*trouble) (message *mail.Message, to []string, err error) {
	message = r.config.Mail.newMessage(r.Surroundings)
	if message.To, err = addresses(r.config.Mail.Operators); err != nil {
		return nil, nil, err
	}
	to = bareAddresses(message.To)
	host, err := os.Hostname()
	if err != nil {
		host = "a machine without a name"
	}
	message.Subject = fmt.Sprintf("hcpcs on %s: %s", host, troubles[0].Title)
	if n := len(troubles); n > 1 {
		message.Subject += fmt.Sprintf(", and %d more", n-1)
	}
	same := []string{host, r.paths.Data}
	var text bytes.Buffer
	fmt.Fprintf(&text, "The run of %s on %s (data folder %s) needs you.\n", r.summary.Started.UTC().Format("2006-01-02 15:04 UTC"), host, r.paths.Data)
	for _, one := range troubles {
		same = append(same, one.Cause, one.Since.Format(time.RFC3339))
		fmt.Fprintf(&text, "\n%s\n\n%s\n\nWhat to do: %s\n", strings.ToUpper(one.Title[:1])+one.Title[1:], one.What, one.ToDo)
	}
	fmt.Fprintf(&text, "\nYou are told of this once, and again if it is over and comes back. How things stand: hcpcs releases --data-dir %s\n", r.paths.Data)
	message.Text = text.Bytes()
	message.ID = messageID("operators", append(same, sorted(to)...), message.From)
	return message, to, nil
}
