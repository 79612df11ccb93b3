package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/mail/mailtest"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What was loaded is mailed once, to each group with its own codes first, with
// the page and the workbook; and to nobody again, whatever is derived anew.
func TestSampleRunIsMailedOnce(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	config := mailingConfig(t, server, july2020, october2020)
	summary := mustRun(t, config)
	require.Len(t, summary.Mailings, 2)
	require.Len(t, summary.Reports, 1)
	require.FileExists(t, summary.Reports[0].Page)

	mails := taken(t, server)
	require.Len(t, mails, 2)
	billing, pharmacy := mails[0], mails[1]
	slices.Sort(billing.To)
	require.Equal(t, []string{"audit@example.org", "billing@example.org"}, billing.To)
	require.Equal(t, []string{"pharmacy@example.org"}, pharmacy.To)
	require.Regexp(t, `^HCPCS 2020Q3 to 2020Q4 \(2 releases\): .* revised$`, billing.subject(t))
	require.Regexp(t, `^HCPCS 2020Q3 to 2020Q4 \(2 releases\): .* \(\d+ on your list\)$`, pharmacy.subject(t))
	require.NotEqual(t, billing.Get("Message-ID"), pharmacy.Get("Message-ID"))
	require.Contains(t, billing.HTML, "<table")
	require.Less(t, len(billing.HTML), report.MaxMail)
	require.Contains(t, billing.Text, "July 2020 to October 2020")
	require.True(t, bytesOf(t, summary.Reports[0].Page) == billing.Files["2020Q3r1..2020Q4r1.html"], "the page is another one than in the reports folder")
	book, err := excelize.OpenReader(strings.NewReader(billing.Files["2020Q3r1..2020Q4r1.xlsx"]))
	require.NoError(t, err)
	require.NoError(t, book.Close())

	published := bytesOf(t, config.Paths().Published)
	again := mustRunNothingNew(t, config)
	require.True(t, again.NothingNew())
	require.True(t, published == bytesOf(t, config.Paths().Published), "a run with nothing new changed the published file")
	_, err = Rebuild(context.Background(), config, quietly)
	require.NoError(t, err)
	mustRunNothingNew(t, config)
	require.NoError(t, os.Remove(config.Paths().Warehouse))
	mustRunNothingNew(t, config)
	writeFile(t, config.Paths().Warehouse, []byte("This is no database any more, whatever it was before it was hit by what hit it."))
	mustRunNothingNew(t, config)
	require.Len(t, server.Taken(), 2)

	// A revision is a mail of its own, which says so and shows only what it changed.
	addSamples(t, config, revised2020)
	mustRun(t, config)
	mails = taken(t, server)
	require.Len(t, mails, 4)
	require.Equal(t, "HCPCS 2020Q4 revision 2: 1 revised", mails[1].subject(t))
	require.Contains(t, mails[1].Files, "2020Q4r2.html")
}

// mustRunNothingNew is a run that mails and reports nothing.
func mustRunNothingNew(t *testing.T, config Config) Summary {
	t.Helper()
	summary := mustRun(t, config)
	require.Empty(t, summary.Mailings)
	require.Empty(t, summary.Reports)
	return summary
}

// What may be mended by time waits, and goes out as the same mail; what comes in
// meanwhile is another one.
func TestSampleMailsThatWait(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	config := mailingConfig(t, server, july2020)
	busy := true
	server.Refuse = func(what, value string) error {
		if busy && (what == "mail" || value == "audit@example.org") {
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "busy"}
		}
		return nil
	}
	summary := mustRun(t, config) // that mail waits is no failure
	for _, mailing := range summary.Mailings {
		require.Equal(t, load.Waiting, mailing.State)
		require.False(t, mailing.Wrong)
		require.Contains(t, mailing.Problem, "busy")
	}
	status, err := ReadStatus(config)
	require.NoError(t, err)
	require.Len(t, status.Undelivered, 2)
	require.Equal(t, []string{"2020Q3r1"}, status.Undelivered[0].Releases)
	require.False(t, status.Undelivered[0].Refused)

	// No server at all is as temporary.
	port := config.Mail.Port
	config.Mail.Port = 1
	addSamples(t, config, october2020)
	summary = mustRun(t, config)
	require.Len(t, summary.Mailings, 4)
	require.Empty(t, server.Taken())

	config.Mail.Port, busy = port, false
	mustRunMails(t, config, 4)
	mails := taken(t, server)
	require.Len(t, mails, 4)
	require.Regexp(t, `^HCPCS 2020Q3: `, mails[0].subject(t))
	require.Regexp(t, `^HCPCS 2020Q4: `, mails[1].subject(t))
	require.NotEqual(t, mails[0].Get("Message-ID"), mails[1].Get("Message-ID"))
	mustRunNothingNew(t, config)
	status, err = ReadStatus(config)
	require.NoError(t, err)
	require.Empty(t, status.Undelivered)
}

func mustRunMails(t *testing.T, config Config, mails int) {
	t.Helper()
	summary := mustRun(t, config)
	require.Len(t, summary.Mailings, mails)
	for _, mailing := range summary.Mailings {
		require.Equal(t, load.Done, mailing.State, mailing.Problem)
	}
}

// One recipient who is refused or comes later keeps the mail from nobody, and
// nobody gets it twice.
func TestSampleMailForSomeOfAGroup(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	config := mailingConfig(t, server, july2020)
	answer := &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "greylisted"}
	server.Refuse = func(_, value string) error {
		if value == "audit@example.org" && answer != nil {
			return answer
		}
		return nil
	}
	mustRun(t, config)
	answer = nil
	mustRunMails(t, config, 1)
	mails := taken(t, server)
	require.Len(t, mails, 3)
	require.Equal(t, []string{"audit@example.org"}, mails[0].To)
	require.Equal(t, []string{"billing@example.org"}, mails[1].To)
	require.Equal(t, mails[0].Get("Message-ID"), mails[1].Get("Message-ID"))
	require.Equal(t, mails[0].Get("To"), mails[1].Get("To"), "everyone of the group is shown")
}

// A warehouse that is lost takes with it neither who has a mail of a group already,
// nor that it was refused.
func TestSampleWarehouseLostWhileSomeHaveTheMail(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	config := mailingConfig(t, server, july2020)
	tries := 0
	server.Refuse = func(_, value string) error {
		switch value {
		case "audit@example.org":
			return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "greylisted"}
		case "pharmacy@example.org":
			tries++
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
		}
		return nil
	}
	_, err := Run(context.Background(), config, nil, quietly)
	require.ErrorIs(t, err, ErrUndelivered)
	require.Len(t, server.Taken(), 1)
	require.NoError(t, os.Remove(config.Paths().Warehouse))

	server.Refuse = func(_, value string) error {
		if value == "pharmacy@example.org" {
			tries++
		}
		return nil
	}
	summary, err := Run(context.Background(), config, nil, quietly)
	require.ErrorIs(t, err, ErrUndelivered)
	require.ErrorContains(t, err, "2020Q3r1 to pharmacy (refused): ")
	require.Equal(t, 1, tries, "it is not tried again by itself")
	require.Len(t, summary.Mailings, 2)
	mails := taken(t, server)
	require.Len(t, mails, 2)
	require.Equal(t, []string{"audit@example.org"}, mails[0].To)
	require.Equal(t, []string{"billing@example.org"}, mails[1].To)
	require.Equal(t, mails[0].Get("Message-ID"), mails[1].Get("Message-ID"))
}

// What the server refuses is kept and said by every run, until it is sent on
// request, or nobody is left to get it.
func TestSampleMailsThatAreRefused(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	config := mailingConfig(t, server, july2020, october2020)
	refused, tries := "pharmacy@example.org", 0
	server.Refuse = func(_, value string) error {
		if value == refused {
			tries++
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
		}
		return nil
	}
	for range 3 {
		summary, err := Run(context.Background(), config, nil, quietly)
		require.ErrorIs(t, err, ErrUndelivered)
		require.ErrorContains(t, err, "2020Q3r1..2020Q4r1 to pharmacy (refused): sending to pharmacy@example.org by 127.0.0.1")
		require.ErrorContains(t, err, "no such mailbox")
		require.ErrorContains(t, err, "; 'hcpcs report 2020Q4r1 --mail' sends it again")
		require.Equal(t, 2, summary.Releases, "all else was done")
	}
	require.Equal(t, 1, tries, "it is not tried again by itself")
	status, err := ReadStatus(config)
	require.NoError(t, err)
	require.Equal(t, load.RunUndelivered, status.Run.Outcome)
	require.Len(t, status.Undelivered, 1)
	require.True(t, status.Undelivered[0].Refused)
	require.Equal(t, "2020Q4r1", status.Undelivered[0].Argument())

	refused = ""
	scope := report.On(id(t, "2020Q4"))
	mailings, err := MailReport(context.Background(), config, scope, quietly)
	require.NoError(t, err)
	require.Len(t, mailings, 2)
	require.Equal(t, "2020Q3r1..2020Q4r1", mailings[1].Report, "what was refused is sent as it was")
	require.Equal(t, "2020Q4r1", mailings[0].Report, "who has it gets the release that is asked for")
	mustRunNothingNew(t, config)
	status, err = ReadStatus(config)
	require.NoError(t, err)
	require.Empty(t, status.Undelivered)

	// The same again, but the address is taken out.
	refused = "audit@example.org"
	addSamples(t, config, january2021)
	_, err = Run(context.Background(), config, nil, quietly)
	require.ErrorIs(t, err, ErrUndelivered)
	config.Mail.Recipients = "billing@example.org"
	mustRun(t, config)
	mustRunNothingNew(t, config)
}

// A mail for a group that is no longer configured is withdrawn.
func TestSampleMailToAGroupThatIsGone(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	config := mailingConfig(t, server, july2020)
	port := config.Mail.Port
	config.Mail.Port = 1
	mustRun(t, config)
	config.Mail.Port, config.Mail.Groups = port, nil
	summary := mustRun(t, config)
	require.Len(t, summary.Mailings, 2)
	states := map[string]load.DeliveryState{}
	for _, mailing := range summary.Mailings {
		states[mailing.Group] = mailing.State
	}
	require.Equal(t, map[string]load.DeliveryState{recipientsOf: load.Done, "pharmacy": load.Withdrawn}, states)
	require.Len(t, server.Taken(), 1)
	mustRunNothingNew(t, config)
}

// A wrong password concerns every mail: they wait, and it is said.
func TestSampleMailWithTheWrongPassword(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	config := mailingConfig(t, server, july2020)
	config.Mail.Password = Secret("wrong " + mailtest.Password)
	_, err := Run(context.Background(), config, nil, quietly)
	require.ErrorIs(t, err, ErrUndelivered)
	require.ErrorContains(t, err, "535")
	config.Mail.Password, config.Mail.PasswordFile = "", filepath.Join(t.TempDir(), "absent")
	_, err = Run(context.Background(), config, nil, quietly)
	require.ErrorIs(t, err, ErrUndelivered)
	require.ErrorContains(t, err, "mail.password_file")
	config.Mail.Password = mailtest.Password
	mustRunMails(t, config, 2)
}

// The password is nowhere but where it was put: not in logs, not in errors, not
// in any file of the data folder.
func TestSampleMailGivesNoPasswordAway(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	server.Refuse = func(what, value string) error {
		if value == "audit@example.org" {
			return &smtp.SMTPError{Code: 550, Message: "I know your password, it is " + mailtest.Password}
		}
		return nil
	}
	config := mailingConfig(t, server, july2020)
	var log bytes.Buffer
	around := quietly
	around.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	summary, err := Run(context.Background(), config, nil, around)
	require.ErrorIs(t, err, ErrUndelivered)
	require.NotContains(t, err.Error(), mailtest.Password)
	require.NotContains(t, log.String(), mailtest.Password)
	said, err := json.Marshal([]any{summary, config})
	require.NoError(t, err)
	require.NotContains(t, string(said), mailtest.Password)
	require.Len(t, server.Taken(), 2)
	require.NotContains(t, server.Taken()[0].Text, mailtest.Password)
	require.NoError(t, filepath.WalkDir(config.DataDir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			require.False(t, strings.Contains(bytesOf(t, path), mailtest.Password), path)
		}
		return err
	}))
}

// Killed at the instant at which the server has the mail and nobody wrote that
// down: it is sent again, as the same mail, and then no more.
func TestSampleRunKilledAfterSending(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	config := mailingConfig(t, server, july2020)
	config.Mail.Groups = nil
	killed := config
	killed.DataDir = t.TempDir()
	server.Refuse = func(what, _ string) error {
		if what == "mail" && len(server.Taken()) == 0 {
			// What is on the disk now is what a killed process would leave.
			return os.CopyFS(killed.DataDir, os.DirFS(config.DataDir))
		}
		return nil
	}
	mustRun(t, config)
	require.Len(t, server.Taken(), 1)
	mustRunNothingNew(t, config)

	mustRunMails(t, killed, 1)
	mails := taken(t, server)
	require.Len(t, mails, 2)
	require.Equal(t, mails[0].Get("Message-ID"), mails[1].Get("Message-ID"))
	mustRunNothingNew(t, killed)
	require.Len(t, server.Taken(), 2)
}

// A connection that breaks in the middle of the mail.
func TestSampleRunWithADropInTheMail(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	config := mailingConfig(t, server, july2020)
	server.Drop = true
	summary := mustRun(t, config)
	require.Equal(t, load.Waiting, summary.Mailings[0].State)
	server.Drop = false
	mustRunMails(t, config, 2)
	require.Len(t, server.Taken(), 2)
}

// A backfill that ends between two releases, and is taken up again: one mail.
func TestSampleBackfillInterrupted(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	config := mailingConfig(t, server, july2020, october2020, january2021)
	stop := make(chan struct{})
	around := quietly
	around.Stop = stop
	around.Progress = func(p Progress) {
		if p.Part == Loading && p.Done == 1 {
			close(stop)
		}
	}
	_, err := Run(context.Background(), config, nil, around)
	require.ErrorIs(t, err, ErrStopped)
	require.Empty(t, server.Taken())
	mustRunMails(t, config, 2)
	mails := taken(t, server)
	require.Len(t, mails, 2)
	require.Regexp(t, `^HCPCS 2020Q3 to 2021Q1 \(3 releases\): `, mails[0].subject(t))
}

// A warehouse that is damaged takes no mail with it that waits, and causes none
// a second time.
func TestSampleWarehouseDamagedWhileMailWaits(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	config := mailingConfig(t, server, july2020)
	mustRunMails(t, config, 2)
	port := config.Mail.Port
	config.Mail.Port = 1
	addSamples(t, config, october2020)
	mustRun(t, config)
	writeFile(t, config.Paths().Warehouse, []byte("This is no database any more, whatever it was before it was hit by what hit it."))
	config.Mail.Port = port
	mustRunMails(t, config, 2)
	mails := taken(t, server)
	require.Len(t, mails, 4)
	require.Regexp(t, `^HCPCS 2020Q3: `, mails[0].subject(t))
	require.Regexp(t, `^HCPCS 2020Q4: `, mails[1].subject(t))
	mustRunNothingNew(t, config)

	// A copy that cannot be read is of no matter as long as the warehouse is there.
	outbox := filepath.Join(config.Paths().Archive, outboxFile)
	whole := bytesOf(t, outbox)
	writeFile(t, outbox, []byte("{"))
	mustRunNothingNew(t, config)
	require.Equal(t, whole, bytesOf(t, outbox))
	writeFile(t, outbox, []byte("{"))
	require.NoError(t, os.Remove(config.Paths().Warehouse))
	_, err := Run(context.Background(), config, nil, quietly)
	require.ErrorContains(t, err, "bring it back from a backup, or remove it")
	require.NoError(t, os.Remove(outbox))
	mustRunMails(t, config, 2)
	require.Len(t, server.Taken(), 6, "all of it is news again")
}

var boundaries = regexp.MustCompile(`boundary=(\w+)`)

// The whole mail, as it is written for a revision; of the files that go with it,
// which have golden files of their own, only the names.
func TestGoldenMail(t *testing.T) {
	config := configFor(t, samples)
	around := quietly
	around.Now = func() time.Time { return time.Date(2020, 9, 24, 11, 20, 0, 0, time.UTC) }
	around.Version = "1.0.0"
	_, err := Run(context.Background(), config, nil, around)
	require.NoError(t, err)
	config.Mail.From, config.Mail.Recipients = "HCPCS <hcpcs@example.org>", "Billing <billing@example.org>"
	config.Watch.Codes = "E"
	into := t.TempDir()
	_, err = WriteMails(context.Background(), config, report.On(id(t, "2020Q4r2")), into, around)
	require.NoError(t, err)
	got := bytesOf(t, filepath.Join(into, "2020Q4r2-recipients.eml"))
	for i, found := range boundaries.FindAllStringSubmatch(got, -1) {
		got = strings.ReplaceAll(got, found[1], "boundary-"+string(rune('1'+i)))
	}
	got = regexp.MustCompile(`(name="[\w.]+"\r\n\r\n)[A-Za-z0-9+/=\r\n]+`).ReplaceAllString(got, "$1(base64)\r\n\r\n")
	golden := filepath.Join("testdata", "revision.eml")
	if *update {
		writeFile(t, golden, []byte(got))
	}
	require.Equal(t, bytesOf(t, golden), got, "if it is meant to be so: go test ./pipeline -run Golden -update")
}
