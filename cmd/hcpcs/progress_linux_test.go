package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// newTerminal opens a pseudo-terminal: what is written to the terminal is read
// from the screen.
func newTerminal(t *testing.T) (screen, terminal *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { screen.Close() })
	require.NoError(t, unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetWinsize(int(screen.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 30, Col: 120}))
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { terminal.Close() })
	return screen, terminal
}

// On a terminal a run draws how far it is, and takes it away at its end; with
// --quiet it draws nothing.
func TestBarsOnATerminal(t *testing.T) {
	site := cmstest.NewSite()
	defer site.Close()
	file := site.PublishRelease(&cmstest.SampleHistory().Releases[0], cmstest.ZIPOptions{})
	drawn := make(chan struct{})
	site.Misbehave(file.Path, func(site *cmstest.Site, w http.ResponseWriter, request *http.Request) {
		<-drawn
		cmstest.Well()(site, w, request)
	})
	onTerminal := func(arguments ...string) (*process, *screenText) {
		screen, terminal := newTerminal(t)
		p := prepare(t, []string{"TERM=xterm"}, append(arguments, "--source", site.PageURL())...)
		p.command.Stderr = terminal
		require.NoError(t, p.command.Start())
		require.NoError(t, terminal.Close())
		text := readScreen(screen)
		p.awaitEnd()
		return p, text
	}
	data := filepath.Join(t.TempDir(), "data")
	p, screen := onTerminal("run", "--data-dir", data)
	screen.shows(t, "download  [")
	screen.shows(t, "file 1 of 1, 0.0 MB  january-2020-alpha-numeric-")
	close(drawn)
	require.Zero(t, p.end().ExitStatus())
	all := screen.whole()
	require.Equal(t, "\x1b[J", all[strings.LastIndex(all, "\x1b[J"):], "everything drawn is taken away")

	p, screen = onTerminal("run", "--data-dir", filepath.Join(t.TempDir(), "other"), "--quiet")
	require.Zero(t, p.end().ExitStatus())
	require.Empty(t, screen.whole())
}

// screenText is what came to a screen so far.
type screenText struct {
	pieces chan string // closed at the end
	seen   strings.Builder
}

func readScreen(screen *os.File) *screenText {
	s := &screenText{pieces: make(chan string, 10000)}
	go func() {
		defer close(s.pieces)
		for buffer := make([]byte, 4096); ; {
			n, err := screen.Read(buffer)
			s.pieces <- string(buffer[:n])
			if err != nil {
				return // nobody has the terminal open any more
			}
		}
	}()
	return s
}

func (s *screenText) shows(t *testing.T, words string) {
	t.Helper()
	for late := time.After(patience); !strings.Contains(s.seen.String(), words); {
		select {
		case piece, more := <-s.pieces:
			require.True(t, more, "the screen ended without %q", words)
			s.seen.WriteString(piece)
		case <-late:
			require.FailNow(t, "the screen never showed "+words)
		}
	}
}

func (s *screenText) whole() string {
	for piece := range s.pieces {
		s.seen.WriteString(piece)
	}
	return s.seen.String()
}
