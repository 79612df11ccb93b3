package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/load"
)

// The metrics of a status, whole. Their names are a contract.
func TestMetrics(t *testing.T) {
	start := time.Date(2026, 1, 5, 11, 20, 0, 0, time.UTC)
	status := Status{
		Run: RunStatus{
			Started: start, Ended: start.Add(2500 * time.Millisecond), Outcome: load.RunHeld, Loaded: 1, Changes: 97, Findings: 3,
			Steps: []StepDuration{{"collect", 0.5}, {"load", 1.25}},
		},
		CompleteSince: start, SucceededAt: start.Add(-24 * time.Hour),
		Latest: "2025Q4r2", Codes: 8623, Changes: 97, Findings: 3, Loaded: 9, Held: 1,
		Undelivered: []Undelivered{{Group: "billing"}, {Group: "audit", Refused: true}, {Group: "pricing"}},
	}
	metrics, err := metricsOf(&status, "v1.2.3")
	require.NoError(t, err)
	require.NoError(t, testutil.GatherAndCompare(metrics, strings.NewReader(`
# HELP hcpcs_build_info The version that wrote these numbers; always 1.
# TYPE hcpcs_build_info gauge
hcpcs_build_info{version="v1.2.3"} 1
# HELP hcpcs_last_run_changes Changed codes in the releases that the last run loaded.
# TYPE hcpcs_last_run_changes gauge
hcpcs_last_run_changes 97
# HELP hcpcs_last_run_duration_seconds How long the last run took.
# TYPE hcpcs_last_run_duration_seconds gauge
hcpcs_last_run_duration_seconds 2.5
# HELP hcpcs_last_run_end_timestamp_seconds When the last run ended.
# TYPE hcpcs_last_run_end_timestamp_seconds gauge
hcpcs_last_run_end_timestamp_seconds 1767612002
# HELP hcpcs_last_run_findings Findings about the releases that the last run loaded.
# TYPE hcpcs_last_run_findings gauge
hcpcs_last_run_findings 3
# HELP hcpcs_last_run_outcome How the last run ended: 1 for the outcome that it had.
# TYPE hcpcs_last_run_outcome gauge
hcpcs_last_run_outcome{outcome="done"} 0
hcpcs_last_run_outcome{outcome="failed"} 0
hcpcs_last_run_outcome{outcome="held"} 1
hcpcs_last_run_outcome{outcome="stopped"} 0
hcpcs_last_run_outcome{outcome="undelivered"} 0
hcpcs_last_run_outcome{outcome="unreachable"} 0
# HELP hcpcs_last_run_releases_loaded Releases that the last run loaded.
# TYPE hcpcs_last_run_releases_loaded gauge
hcpcs_last_run_releases_loaded 1
# HELP hcpcs_last_run_start_timestamp_seconds When the last run began.
# TYPE hcpcs_last_run_start_timestamp_seconds gauge
hcpcs_last_run_start_timestamp_seconds 1767612000
# HELP hcpcs_last_run_step_duration_seconds How long the steps of the last run took.
# TYPE hcpcs_last_run_step_duration_seconds gauge
hcpcs_last_run_step_duration_seconds{step="collect"} 0.5
hcpcs_last_run_step_duration_seconds{step="load"} 1.25
# HELP hcpcs_last_success_timestamp_seconds When the last run ended that did everything.
# TYPE hcpcs_last_success_timestamp_seconds gauge
hcpcs_last_success_timestamp_seconds 1767525600
# HELP hcpcs_latest_release_changes Codes that the latest release changed.
# TYPE hcpcs_latest_release_changes gauge
hcpcs_latest_release_changes 97
# HELP hcpcs_latest_release_codes Codes in the latest release.
# TYPE hcpcs_latest_release_codes gauge
hcpcs_latest_release_codes 8623
# HELP hcpcs_latest_release_effective_timestamp_seconds The first day of the latest release's quarter.
# TYPE hcpcs_latest_release_effective_timestamp_seconds gauge
hcpcs_latest_release_effective_timestamp_seconds 1759276800
# HELP hcpcs_latest_release_findings Findings about the latest release.
# TYPE hcpcs_latest_release_findings gauge
hcpcs_latest_release_findings 3
# HELP hcpcs_latest_release_info The latest release in the tables; always 1.
# TYPE hcpcs_latest_release_info gauge
hcpcs_latest_release_info{release="2025Q4r2"} 1
# HELP hcpcs_mails Mails that the mail server does not have: waiting for another try, or refused for good.
# TYPE hcpcs_mails gauge
hcpcs_mails{state="refused"} 1
hcpcs_mails{state="waiting"} 2
# HELP hcpcs_next_release_effective_timestamp_seconds The first day of the quarter for which the next release is to be expected.
# TYPE hcpcs_next_release_effective_timestamp_seconds gauge
hcpcs_next_release_effective_timestamp_seconds 1767225600
# HELP hcpcs_releases_held Releases that wait for review.
# TYPE hcpcs_releases_held gauge
hcpcs_releases_held 1
# HELP hcpcs_releases_loaded Releases in the tables.
# TYPE hcpcs_releases_loaded gauge
hcpcs_releases_loaded 9
`)))
	problems, err := testutil.GatherAndLint(metrics)
	require.NoError(t, err)
	require.Empty(t, problems)
}

// Each run leaves how it went and its metrics; a failed one leaves what was known
// of the tables and of the last success.
func TestStatusAfterRuns(t *testing.T) {
	config := configFor(t, samples)
	config.MetricsFile = filepath.Join(t.TempDir(), "hcpcs.prom")
	clock := time.Date(2026, 1, 5, 11, 20, 0, 0, time.UTC)
	around := quietly
	around.Now = func() time.Time { return clock }
	status, err := ReadStatus(config)
	require.NoError(t, err)
	require.Zero(t, status)

	_, err = Run(context.Background(), config, nil, around)
	require.NoError(t, err)
	first, err := ReadStatus(config)
	require.NoError(t, err)
	var steps []string
	for _, step := range first.Run.Steps {
		steps = append(steps, step.Step)
	}
	require.Subset(t, steps, []string{"collect", "load", "load companions", "publish"})
	require.Equal(t, load.RunDone, first.Run.Outcome)
	require.Equal(t, 7, first.Run.Loaded)
	require.Equal(t, []any{clock, clock, "2021Q2r1", 306, 7, 0}, []any{first.CompleteSince, first.SucceededAt, first.Latest, first.Codes, first.Loaded, first.Held})
	require.Contains(t, bytesOf(t, config.MetricsFile), "\nhcpcs_last_run_releases_loaded 7\n")

	clock = clock.Add(time.Hour)
	config.Source = filepath.Join(t.TempDir(), "absent")
	_, failure := Run(context.Background(), config, nil, around)
	require.ErrorIs(t, failure, ErrUnreachable)
	second, err := ReadStatus(config)
	require.NoError(t, err)
	require.Equal(t, load.RunUnreachable, second.Run.Outcome)
	require.Equal(t, failure.Error(), second.Run.Error)
	require.Equal(t, clock, second.Run.Ended)
	second.Run = first.Run
	require.Equal(t, first, second)
	metrics := bytesOf(t, config.MetricsFile)
	require.Contains(t, metrics, "\nhcpcs_last_run_releases_loaded 0\n")
	require.Contains(t, metrics, "\nhcpcs_last_success_timestamp_seconds 1.767612e+09\n", "11:20 on January 5th")
	files, err := os.ReadDir(filepath.Dir(config.MetricsFile))
	require.NoError(t, err)
	require.Len(t, files, 1, "nothing is left beside it")

	// A status that is none is written anew; metrics that cannot be written fail
	// the run, which has done all else.
	writeFile(t, config.Paths().Status, []byte("{"))
	_, err = ReadStatus(config)
	require.ErrorContains(t, err, "delete it")
	config.Source, config.MetricsFile = samples, filepath.Join(t.TempDir(), "absent", "hcpcs.prom")
	summary, err := Run(context.Background(), config, nil, around)
	require.ErrorContains(t, err, "set metrics_file to another")
	require.Equal(t, 7, summary.Releases)
	third, err := ReadStatus(config)
	require.NoError(t, err)
	require.Equal(t, clock, third.CompleteSince)
}

// The heartbeat is called after a run that did everything, and after no other.
func TestHeartbeatAfterCompleteRunsOnly(t *testing.T) {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
	defer server.Close()
	config := configFor(t, samples+"/2020Q1")
	file := filepath.Join(t.TempDir(), "heartbeat")
	writeFile(t, file, []byte(server.URL+"/s3cret\n"))
	config.Heartbeat.URLFile = file
	mustRun(t, config)
	require.Equal(t, 1, calls)

	there := config.Source
	config.Source = filepath.Join(t.TempDir(), "absent")
	_, err := Run(context.Background(), config, nil, quietly)
	require.ErrorIs(t, err, ErrUnreachable)
	stop := make(chan struct{})
	close(stop)
	around := quietly
	around.Stop = stop
	_, err = Run(context.Background(), config, nil, around)
	require.ErrorIs(t, err, ErrStopped)
	_, err = Rebuild(context.Background(), config, quietly)
	require.NoError(t, err)
	require.Equal(t, 1, calls)

	config.Source = there
	mustRun(t, config)
	require.Equal(t, 2, calls, "nothing new is success too")

	// What is no address is found out before anything is done.
	writeFile(t, file, []byte("s3cret"))
	_, err = Run(context.Background(), config, nil, quietly)
	require.ErrorContains(t, err, "heartbeat.url_file")
	require.NotContains(t, err.Error(), "s3cret")
	config.Heartbeat.URLFile = filepath.Join(t.TempDir(), "absent")
	_, err = Run(context.Background(), config, nil, quietly)
	require.ErrorIs(t, err, os.ErrNotExist)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// Whatever becomes of the call, the address with its token is in no error. It is
// tried three times where that may help.
func TestHeartbeatFailures(t *testing.T) {
	const address = "https://watch.example.org/s3cret?token=s3cret"
	answer := func(status int, header http.Header) func(*http.Request) (*http.Response, error) {
		return func(request *http.Request) (*http.Response, error) {
			return &http.Response{
				Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status, Header: header,
				Body: io.NopCloser(strings.NewReader("s3cret")), Request: request,
			}, nil
		}
	}
	for name, c := range map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		tries  int
		want   string
	}{
		"taken":          {answer(http.StatusOK, nil), 1, ""},
		"not known":      {answer(http.StatusNotFound, nil), 1, "it answers 404 Not Found"},
		"busy":           {answer(http.StatusBadGateway, nil), 3, "it answers 502 Bad Gateway"},
		"elsewhere":      {answer(http.StatusFound, http.Header{"Location": {"https://other.example.org/"}}), 1, "it answers 302 Found"},
		"no connection":  {func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }, 3, "connection refused"},
		"nothing at all": {func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() }, 3, "context deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				err := beat(t.Context(), address, roundTripper(func(request *http.Request) (*http.Response, error) {
					tries++
					return c.answer(request)
				}))
				require.Equal(t, c.tries, tries)
				if c.want == "" {
					require.NoError(t, err)
					return
				}
				require.ErrorContains(t, err, "calling the heartbeat at watch.example.org: "+c.want)
				require.NotContains(t, err.Error(), "s3cret")
			})
		})
	}
}

// A run whose heartbeat fails is complete all the same; the log says what is
// wrong, without the address.
func TestRunWithoutItsHeartbeat(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	config := configFor(t, samples+"/2020Q1")
	config.Heartbeat.URL = Secret(server.URL + "/s3cret")
	var log bytes.Buffer
	around := quietly
	around.Log = slog.New(slog.NewTextHandler(&log, nil))
	_, err := Run(context.Background(), config, nil, around)
	require.NoError(t, err)
	require.Contains(t, log.String(), "404 Not Found")
	require.NotContains(t, log.String(), "s3cret")
	require.NotContains(t, bytesOf(t, config.Paths().Status), "s3cret")
}
