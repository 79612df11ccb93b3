//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// patience bounds how long a test waits for another process: much longer than it
// takes, on a machine that has much else to do.
const patience = 2 * time.Minute

// process is the program in a process of its own.
type process struct {
	t       *testing.T
	command *exec.Cmd
	lines   chan string // of its standard error
	ended   chan struct{}
}

// prepare makes a process of the program, which is this test's own binary under
// its name.
func prepare(t *testing.T, environ []string, arguments ...string) *process {
	t.Helper()
	binary, err := os.Executable()
	require.NoError(t, err)
	p := &process{t: t, command: exec.Command(binary), lines: make(chan string, 1000), ended: make(chan struct{})}
	p.command.Args = append([]string{"hcpcs"}, arguments...)
	p.command.Env = append(os.Environ(), environ...)
	p.command.Dir = t.TempDir()
	return p
}

// start starts the program, and reads what it says on standard error.
func start(t *testing.T, environ []string, arguments ...string) *process {
	t.Helper()
	p := prepare(t, environ, arguments...)
	stderr, err := p.command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, p.command.Start())
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(p.lines)
		for scanner := bufio.NewScanner(stderr); scanner.Scan(); {
			p.lines <- scanner.Text()
		}
	}()
	p.awaitEnd(read)
	return p
}

// awaitEnd waits for the end of a started process in the background, after all
// that it says is read.
func (p *process) awaitEnd(read ...<-chan struct{}) {
	go func() {
		defer close(p.ended)
		for _, one := range read {
			<-one
		}
		_ = p.command.Wait() // what it ended with is in ProcessState
	}()
	p.t.Cleanup(func() { _ = p.command.Process.Kill(); <-p.ended })
}

// says waits for a line with some words.
func (p *process) says(words string) string {
	p.t.Helper()
	late := time.After(patience)
	for {
		select {
		case line, more := <-p.lines:
			require.True(p.t, more, "it ended without saying %q", words)
			if strings.Contains(line, words) {
				return line
			}
		case <-late:
			require.FailNow(p.t, "it never said "+words)
		}
	}
}

func (p *process) signal(signal os.Signal) {
	p.t.Helper()
	require.NoError(p.t, p.command.Process.Signal(signal))
}

// end waits for its end.
func (p *process) end() syscall.WaitStatus {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.command.ProcessState.Sys().(syscall.WaitStatus)
	case <-time.After(patience):
		require.FailNow(p.t, "it did not end")
		panic("unreachable")
	}
}

// heldSite is a site with one release, which answers a request for its page when
// it is told to.
type heldSite struct {
	*cmstest.Site
	asked  chan struct{} // one for each request
	answer chan struct{} // closed: requests are answered
}

func newHeldSite(t *testing.T) *heldSite {
	t.Helper()
	site := &heldSite{Site: cmstest.NewSite(), asked: make(chan struct{}, 100), answer: make(chan struct{})}
	t.Cleanup(site.Close)
	site.PublishRelease(&cmstest.SampleHistory().Releases[0], cmstest.ZIPOptions{})
	site.MisbehaveAlways(cmstest.PagePath, func(inner *cmstest.Site, w http.ResponseWriter, request *http.Request) {
		site.asked <- struct{}{}
		select {
		case <-site.answer:
			cmstest.Well()(inner, w, request)
		case <-request.Context().Done():
			panic(http.ErrAbortHandler)
		}
	})
	return site
}

func (s *heldSite) waitUntilAsked(t *testing.T) {
	t.Helper()
	select {
	case <-s.asked:
	case <-time.After(patience):
		require.FailNow(t, "the site was never asked")
	}
}

// flags are those with which the program goes to the site.
func (s *heldSite) flags(data string) []string {
	return []string{"--source", s.PageURL(), "--data-dir", data}
}

// requireWhole lets a run finish, and looks at what it left.
func requireWhole(t *testing.T, site *heldSite, data string) {
	t.Helper()
	select {
	case <-site.answer:
	default:
		close(site.answer)
	}
	code, _, problems := run(t, "", append([]string{"run"}, site.flags(data)...)...)
	require.Zero(t, code, problems)
	code, out, problems := run(t, "", "verify", "--data-dir", data)
	require.Zero(t, code, out+problems)
	code, out, _ = run(t, "", "releases", "--data-dir", data, "--format", "csv")
	require.Zero(t, code)
	require.Contains(t, out, "\n2020Q1r1,")
}

// SIGTERM: schedule finishes the step it is at, begins no other, and ends with
// exit code 0.
func TestScheduleFinishesItsStep(t *testing.T) {
	site, data := newHeldSite(t), filepath.Join(t.TempDir(), "data")
	p := start(t, []string{"HCPCS_SITE_PAUSE=0s"}, append([]string{"schedule"}, site.flags(data)...)...)
	p.says(`msg="next run"`)
	site.waitUntilAsked(t)
	p.signal(syscall.SIGTERM)
	p.says("asked to stop: the step in progress is finished first")
	close(site.answer)
	status := p.end()
	require.True(t, status.Exited(), "%v", p.command.ProcessState)
	require.Zero(t, status.ExitStatus())

	archived, err := filepath.Glob(filepath.Join(data, "archive", "2020Q1", "r1-*.zip"))
	require.NoError(t, err)
	require.Len(t, archived, 1, "the step in progress was finished")
	require.NoFileExists(t, filepath.Join(data, "hcpcs.duckdb"), "and no other begun")
	var left struct {
		Run struct {
			Outcome string `json:"outcome"`
		} `json:"last_run"`
	}
	text, err := os.ReadFile(filepath.Join(data, "status.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &left))
	require.Equal(t, "stopped", left.Run.Outcome)
	requireWhole(t, site, data)
}

// A step that takes longer than it may is interrupted.
func TestScheduleInterruptsALongStep(t *testing.T) {
	site, data := newHeldSite(t), filepath.Join(t.TempDir(), "data")
	p := start(t, []string{"HCPCS_SCHEDULE_STOP_WITHIN=0s"}, append([]string{"schedule"}, site.flags(data)...)...)
	site.waitUntilAsked(t)
	p.signal(syscall.SIGTERM)
	p.says("takes too long and is interrupted")
	status := p.end()
	require.True(t, status.Exited() && status.ExitStatus() == 0, "%v", p.command.ProcessState)
	requireWhole(t, site, data)
}

// A second signal ends it at once, whatever it is at.
func TestScheduleEndsAtOnceOnASecondSignal(t *testing.T) {
	site, data := newHeldSite(t), filepath.Join(t.TempDir(), "data")
	p := start(t, []string{"HCPCS_SCHEDULE_STOP_WITHIN=24h"}, append([]string{"schedule"}, site.flags(data)...)...)
	site.waitUntilAsked(t)
	p.signal(syscall.SIGTERM)
	p.says("asked to stop")
	p.signal(syscall.SIGTERM)
	status := p.end()
	require.True(t, status.Signaled(), "%v", p.command.ProcessState)
	require.Equal(t, syscall.SIGTERM, status.Signal())
	requireWhole(t, site, data)
}

// Ctrl-C during a run says that it was interrupted, and leaves everything whole.
func TestRunInterrupted(t *testing.T) {
	site, data := newHeldSite(t), filepath.Join(t.TempDir(), "data")
	p := start(t, nil, append([]string{"run"}, site.flags(data)...)...)
	site.waitUntilAsked(t)
	p.signal(os.Interrupt)
	p.says("hcpcs: interrupted: what was finished before stays; give the command again to go on")
	require.Equal(t, exitFailed, p.end().ExitStatus())
	requireWhole(t, site, data)
}

// One run at a time, over processes: the second one names the first and ends
// with exit code 5. The lock of a process that died holds nobody up.
func TestOneRunAtATime(t *testing.T) {
	site, data := newHeldSite(t), filepath.Join(t.TempDir(), "data")
	first := start(t, nil, append([]string{"run"}, site.flags(data)...)...)
	site.waitUntilAsked(t)
	for _, command := range [][]string{append([]string{"run"}, site.flags(data)...), {"rebuild", "--data-dir", data}} {
		second := start(t, nil, command...)
		line := second.says("hcpcs: another run holds the lock")
		require.Contains(t, line, fmt.Sprintf("lock: process %d, 'hcpcs run' since 20", first.command.Process.Pid))
		require.Contains(t, line, "; wait for it to end, or end it")
		require.Equal(t, exitLocked, second.end().ExitStatus())
	}
	first.signal(os.Kill)
	require.True(t, first.end().Signaled())
	require.FileExists(t, filepath.Join(data, "lock"))
	requireWhole(t, site, data)
}
