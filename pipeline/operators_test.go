package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/pipeline/mail/mailtest"
)

// operatorConfig tells operators and nobody else.
func operatorConfig(t *testing.T, server *mailtest.Server) Config {
	t.Helper()
	config := mailingConfig(t, server, july2020)
	config.Mail.Recipients, config.Mail.Groups, config.Mail.Operators = "", nil, "Night shift <ops@example.org>"
	return config
}

// subjects gives the subjects of all mails that a server has taken, in order,
// without the name of this machine.
func subjects(t *testing.T, server *mailtest.Server) []string {
	t.Helper()
	host, err := os.Hostname()
	require.NoError(t, err)
	texts := []string{}
	for _, received := range server.Taken() {
		message := readPlain(t, received)
		require.Equal(t, []string{"ops@example.org"}, received.To)
		subject := message.subject(t)
		require.Contains(t, subject, "hcpcs on "+host+": ")
		texts = append(texts, subject[len("hcpcs on "+host+": "):])
	}
	return texts
}

// Operators are told once for each cause, and again when it comes back.
func TestSampleOperatorsAreToldOnce(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	config := operatorConfig(t, server)
	mustRun(t, config)
	require.Empty(t, server.Taken(), "all is well")

	// A third of a release is held back.
	text := sampleReleases()[len(sampleReleases())-1].TXT(cmstest.TXTOptions{})
	writeFile(t, filepath.Join(config.Source, "2021Q4", "HCPC2021_OCT_ANWEB.txt"), text[:len(text)/3])
	for range 2 {
		_, err := Run(context.Background(), config, nil, quietly)
		require.ErrorIs(t, err, ErrHeld)
	}
	require.Equal(t, []string{"2021Q4r1 is held back for review"}, subjects(t, server))
	body := readPlain(t, server.Taken()[0]).Text
	require.Contains(t, body, "does not look right: ")
	require.Contains(t, body, "hcpcs run --accept 2021Q4r1 --data-dir "+config.DataDir)

	// The source is gone, twice; then it is there, then gone again. What is held
	// is held all the time.
	there, gone := config.Source, filepath.Join(t.TempDir(), "absent")
	for _, source := range []string{gone, gone, there, gone} {
		config.Source = source
		_, err := Run(context.Background(), config, nil, quietly)
		require.Error(t, err)
	}
	require.Equal(t, []string{"2021Q4r1 is held back for review", "the source could not be reached", "the source could not be reached"}, subjects(t, server))

	// It is accepted, and nothing is amiss.
	config.Source = there
	mustRun(t, config, id(t, "2021Q4r1"))
	require.Len(t, server.Taken(), 3)
	known, err := newToldMemory(config.Paths()).recall()
	require.NoError(t, err)
	require.Empty(t, known, "what is over is forgotten")

	// A mistake of whoever accepts is no trouble.
	_, err = Run(context.Background(), config, []release.ID{id(t, "2021Q4r1")}, quietly)
	require.ErrorIs(t, err, errNothingToAccept)
	require.Len(t, server.Taken(), 3)
	_, err = Plan(context.Background(), config, []release.ID{id(t, "2021Q4r1")}, quietly)
	require.ErrorIs(t, err, errNothingToAccept, "in a plan it is the same mistake")
}

// A run that fails, whatever changes in its words from run to run; also where
// the warehouse cannot be opened.
func TestSampleOperatorsAreToldOfFailures(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	config := operatorConfig(t, server)
	writeFile(t, config.Paths().Warehouse, nil)
	require.NoError(t, os.Remove(config.Paths().Warehouse))
	require.NoError(t, os.Mkdir(config.Paths().Warehouse, 0o755))
	for range 2 {
		_, err := Run(context.Background(), config, nil, quietly)
		require.ErrorContains(t, err, config.Paths().Warehouse)
	}
	require.Equal(t, []string{"a run failed"}, subjects(t, server))
	require.NoError(t, os.Remove(config.Paths().Warehouse))
	mustRun(t, config)
	require.Len(t, server.Taken(), 1)

	// Before it begins: a secret that is not there.
	good := config
	config.Heartbeat.URLFile = filepath.Join(t.TempDir(), "absent")
	for range 2 {
		_, err := Run(context.Background(), config, nil, quietly)
		require.ErrorContains(t, err, config.Heartbeat.URLFile)
	}
	require.Equal(t, []string{"a run failed", "a run failed"}, subjects(t, server))
	config = good
	mustRun(t, config)

	r := &run{config: config, paths: config.Paths(), Surroundings: quietly}
	for i := range 2 {
		r.summary.Started = time.Date(2026, 1, 5+i, 11, 20, 0, 0, time.UTC)
		r.tellOperators(context.Background(), fmt.Errorf("writing file-%d.tmp after %d bytes: no space left", i, 1<<(10+i)))
	}
	require.Equal(t, []string{"a run failed", "a run failed", "a run failed"}, subjects(t, server))
}

// As long as the mail cannot be sent they count as not told; then one mail says
// all.
func TestSampleOperatorsWhoCannotBeReached(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	busy := true
	server.Refuse = func(what, _ string) error {
		if busy {
			return &smtp.SMTPError{Code: 451, Message: "busy"}
		}
		return nil
	}
	config := operatorConfig(t, server)
	config.Mail.Port = 1
	config.Source = filepath.Join(t.TempDir(), "absent")
	_, err := Run(context.Background(), config, nil, quietly)
	require.ErrorIs(t, err, ErrUnreachable)
	config.Mail.Port = server.Port
	_, err = Run(context.Background(), config, nil, quietly)
	require.ErrorIs(t, err, ErrUnreachable)
	require.Empty(t, server.Taken())
	busy = false
	_, err = Run(context.Background(), config, nil, quietly)
	require.ErrorIs(t, err, ErrUnreachable)
	require.Equal(t, []string{"the source could not be reached"}, subjects(t, server))
}

func TestPartsOfAnError(t *testing.T) {
	a, b, c := errors.New("a"), fmt.Errorf("b: %w and %w", ErrHeld, ErrStopped), errors.New("c")
	require.Equal(t, []error{a, b, c}, parts(errors.Join(a, errors.Join(b, c))))
	require.Empty(t, parts(nil))
}
