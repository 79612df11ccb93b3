package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
)

// Status is what the last run leaves for those who watch: the schedule, 'hcpcs
// releases --check' and the metrics. The record of runs is the warehouse's table
// runs; but only one process can have the warehouse open, and who watches must
// not be in the way of a run. The file may be deleted at any time: the next run
// writes it again.
type Status struct {
	Run RunStatus `json:"last_run"`
	// CompleteSince is when the last run began that did everything, releases that
	// wait for review aside; SucceededAt is when the last one ended that did
	// everything. Zero: none did.
	CompleteSince time.Time `json:"last_complete_run_started"`
	SucceededAt   time.Time `json:"last_success_ended"`
	// Latest is the latest release in the tables, "" where there is none; Codes,
	// Changes and Findings are its numbers.
	Latest   string `json:"latest_release"`
	Codes    int    `json:"codes"`
	Changes  int    `json:"changes"`
	Findings int    `json:"findings"`
	Loaded   int    `json:"releases_loaded"`
	Held     int    `json:"releases_held"`
	// Undelivered are the mails that wait or were refused.
	Undelivered []Undelivered `json:"undelivered"`
}

// RunStatus says how the last run went.
type RunStatus struct {
	Started  time.Time      `json:"started"`
	Ended    time.Time      `json:"ended"`
	Outcome  load.Outcome   `json:"outcome"`
	Error    string         `json:"error"`
	Loaded   int            `json:"releases_loaded"`
	Changes  int            `json:"changes"`
	Findings int            `json:"findings"`
	Steps    []StepDuration `json:"steps"`
}

// StepDuration says how long a step of a run took.
type StepDuration struct {
	Step    string  `json:"step"`
	Seconds float64 `json:"seconds"`
}

// Undelivered is a mail that did not reach the mail server.
type Undelivered struct {
	Group    string    `json:"group"` // of recipients
	Releases []string  `json:"releases"`
	Since    time.Time `json:"since"`
	Refused  bool      `json:"refused"` // for good: nothing is tried any more
	Problem  string    `json:"problem"`
	// Attempts is how often it was tried, the last time at LastAttempt.
	Attempts    int       `json:"attempts"`
	LastAttempt time.Time `json:"last_attempt,omitzero"`
}

// Argument is what 'hcpcs report --mail' takes to send it.
func (u *Undelivered) Argument() string { return u.Releases[len(u.Releases)-1] }

// ReadStatus gives what the last run left; the zero Status where none did.
func ReadStatus(config Config) (status Status, err error) {
	path := config.Paths().Status
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return status, nil
	}
	if err != nil {
		return status, fmt.Errorf("reading how the last run went: %w", err)
	}
	if err := json.Unmarshal(text, &status); err != nil {
		return Status{}, fmt.Errorf("reading how the last run went: %s: %w: delete it, the next run writes it again", path, err)
	}
	return status, nil
}

// leaveStatus writes how the run went, and its metrics. ended is what it ended
// with. What could not be found out stays as the run before left it.
func (r *run) leaveStatus(ended error) error {
	status, err := ReadStatus(r.config)
	if err != nil {
		r.Log.Warn("what the run before left is of no use, and is written anew", "because", err.Error())
	}
	counts := r.summary.Counts()
	status.Run = RunStatus{
		Started: r.summary.Started.UTC(), Ended: r.Now().UTC(), Outcome: OutcomeOf(ended),
		Loaded: counts.Loaded, Changes: counts.Changes, Findings: counts.Findings, Steps: r.steps,
	}
	if ended != nil {
		status.Run.Error = ended.Error()
	}
	if !r.rebuild && status.Run.Outcome.Complete() {
		status.CompleteSince = status.Run.Started
	}
	if status.Run.Outcome == load.RunDone && !r.rebuild {
		status.SucceededAt = status.Run.Ended
	}
	if r.seen != nil {
		t := r.seen
		status.Latest, status.Codes, status.Changes, status.Findings = t.Latest, t.Codes, t.Changes, t.Findings
		status.Loaded, status.Held, status.Undelivered = t.Loaded, t.Held, t.Undelivered
	}
	return writeStatus(r.config, &status, r.Version)
}

func writeStatus(config Config, status *Status, version string) error {
	text, err := json.MarshalIndent(status, "", "  ")
	if err != nil {
		return fmt.Errorf("writing how the run went: %w", err)
	}
	if err := writeWhole(config.Paths().Status, append(text, '\n')); err != nil {
		return fmt.Errorf("writing how the run went: %w", err)
	}
	return writeMetrics(config.MetricsFile, status, version)
}

// look finds out what is in the warehouse at the end of a run, however it ends.
func (r *run) look(ctx context.Context) error {
	var seen Status
	var latest release.ID
	releases := r.warehouse.Releases()
	for i, row := range releases {
		if row.State == load.Held {
			if waitsForReview(&releases[i], releases) {
				seen.Held++
			}
			continue
		}
		seen.Loaded++
		latest, seen.Codes = row.ID, row.Records
	}
	if seen.Loaded > 0 {
		var err error
		seen.Latest = latest.String()
		if seen.Changes, seen.Findings, err = r.warehouse.CountsOf(ctx, latest); err != nil {
			return err
		}
	}
	deliveries, err := r.warehouse.UnsettledDeliveries(ctx)
	if err != nil {
		return err
	}
	seen.Undelivered = undeliveredMails(deliveries)
	r.seen = &seen
	return nil
}

// undeliveredMails leaves out what goes into the reports folder.
func undeliveredMails(deliveries []load.Delivery) []Undelivered {
	var mails []Undelivered
	for i := range deliveries {
		if d := &deliveries[i]; d.Group != "" {
			mails = append(mails, Undelivered{
				Group: d.Group, Releases: namesOf(d.Releases), Since: d.MadeUpAt, Refused: d.State == load.Refused, Problem: d.Problem,
				Attempts: d.Attempts, LastAttempt: d.LastAttempt.UTC(),
			})
		}
	}
	return mails
}

// leaveUndelivered puts what waits now in the place of what waited when the last
// run ended.
func leaveUndelivered(config Config, deliveries []load.Delivery, version string) error {
	status, err := ReadStatus(config)
	if err != nil || status.Run.Started.IsZero() {
		return err // without a run there is nothing to say
	}
	status.Undelivered = undeliveredMails(deliveries)
	return writeStatus(config, &status, version)
}
