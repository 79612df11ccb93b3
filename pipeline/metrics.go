package pipeline

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
)

// outcomes are those that a run can end with; a killed one ends with none.
var outcomes = []load.Outcome{load.RunDone, load.RunHeld, load.RunUndelivered, load.RunUnreachable, load.RunStopped, load.RunFailed}

// writeMetrics writes what a run left for Prometheus, as a file for the textfile
// collector of its node exporter: whole, by rename. A number that is not known
// is left out. path "" means that nobody wants it.
func writeMetrics(path string, status *Status, version string) error {
	if path == "" {
		return nil
	}
	metrics, err := metricsOf(status, version)
	if err != nil {
		return fmt.Errorf("writing the metrics %s: %w", path, err)
	}
	if err := prometheus.WriteToTextfile(path, metrics); err != nil {
		return fmt.Errorf("writing the metrics %s: %w: make its folder writable, or set metrics_file to another", path, err)
	}
	return nil
}

func metricsOf(status *Status, version string) (*prometheus.Registry, error) {
	registry := prometheus.NewRegistry()
	var problem error
	vector := func(name, help string, labels ...string) *prometheus.GaugeVec {
		gauges := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "hcpcs", Name: name, Help: help}, labels)
		if err := registry.Register(gauges); err != nil && problem == nil {
			problem = err
		}
		return gauges
	}
	number := func(name, help string, value float64) { vector(name, help).WithLabelValues().Set(value) }
	at := func(name, help string, moment time.Time) {
		if !moment.IsZero() {
			number(name, help, float64(moment.Unix()))
		}
	}

	run := &status.Run
	vector("build_info", "The version that wrote these numbers; always 1.", "version").WithLabelValues(version).Set(1)
	at("last_run_start_timestamp_seconds", "When the last run began.", run.Started)
	at("last_run_end_timestamp_seconds", "When the last run ended.", run.Ended)
	at("last_success_timestamp_seconds", "When the last run ended that did everything.", status.SucceededAt)
	number("last_run_duration_seconds", "How long the last run took.", run.Ended.Sub(run.Started).Seconds())
	steps := vector("last_run_step_duration_seconds", "How long the steps of the last run took.", "step")
	for _, step := range run.Steps {
		steps.WithLabelValues(step.Step).Set(step.Seconds)
	}
	ended := vector("last_run_outcome", "How the last run ended: 1 for the outcome that it had.", "outcome")
	for _, outcome := range outcomes {
		ended.WithLabelValues(string(outcome)).Set(0)
	}
	ended.WithLabelValues(string(run.Outcome)).Set(1)
	number("last_run_releases_loaded", "Releases that the last run loaded.", float64(run.Loaded))
	number("last_run_changes", "Changed codes in the releases that the last run loaded.", float64(run.Changes))
	number("last_run_findings", "Findings about the releases that the last run loaded.", float64(run.Findings))

	number("releases_loaded", "Releases in the tables.", float64(status.Loaded))
	number("releases_held", "Releases that wait for review.", float64(status.Held))
	if id, err := release.ParseID(status.Latest); err == nil {
		vector("latest_release_info", "The latest release in the tables; always 1.", "release").WithLabelValues(status.Latest).Set(1)
		at("latest_release_effective_timestamp_seconds", "The first day of the latest release's quarter.", id.Quarter.FirstDay())
		at("next_release_effective_timestamp_seconds", "The first day of the quarter for which the next release is to be expected.", id.Quarter.NextExpected().FirstDay())
		number("latest_release_codes", "Codes in the latest release.", float64(status.Codes))
		number("latest_release_changes", "Codes that the latest release changed.", float64(status.Changes))
		number("latest_release_findings", "Findings about the latest release.", float64(status.Findings))
	}
	mails := vector("mails", "Mails that the mail server does not have: waiting for another try, or refused for good.", "state")
	waiting, refused := 0, 0
	for _, mail := range status.Undelivered {
		if mail.Refused {
			refused++
		} else {
			waiting++
		}
	}
	mails.WithLabelValues("waiting").Set(float64(waiting))
	mails.WithLabelValues("refused").Set(float64(refused))
	return registry, problem
}
