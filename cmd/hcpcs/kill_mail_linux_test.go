package main

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/pipeline/mail/mailtest"
)

// TestKilledWhileMailing kills the real program by SIGKILL at every word that it
// says to the mail server: at the sender, at a recipient, at the end of the mail,
// and when the server has the mail and the program does not know yet. Everyone
// gets the mail, as the same one however often, and nobody gets it after the run
// that could finish. Each place runs the program three times, some two seconds.
func TestKilledWhileMailing(t *testing.T) {
	program := buildProgram(t)
	for _, place := range []struct {
		what  string // that the server is asked
		nth   int    // time that it is asked
		taken bool   // whether the server takes it first
	}{
		{"sender", 1, false}, {"sender", 2, false}, {"recipient", 1, false}, {"recipient", 3, false},
		{"mail", 1, false}, {"mail", 1, true}, {"mail", 2, false}, {"mail", 2, true},
	} {
		t.Run(fmt.Sprintf("%s %d taken %t", place.what, place.nth, place.taken), func(t *testing.T) {
			t.Parallel()
			server := mailtest.Serve(t, "starttls", true)
			folder := mailingFolder(t, server)
			var guard sync.Mutex
			asked, victim := 0, (*os.Process)(nil)
			server.Refuse = func(what, _ string) error {
				guard.Lock()
				defer guard.Unlock()
				if what != place.what {
					return nil
				}
				if asked++; asked != place.nth {
					return nil
				}
				if err := victim.Kill(); err != nil || place.taken {
					return err
				}
				return syscall.EPIPE // the one who asked is gone
			}
			guard.Lock() // until it is known whom to kill
			killed := mailingRun(program, folder)
			require.NoError(t, killed.Start())
			victim = killed.Process
			guard.Unlock()
			err := killed.Wait()
			require.ErrorContains(t, err, "killed")

			for range 2 {
				var said bytes.Buffer
				again := mailingRun(program, folder)
				again.Stdout, again.Stderr = &said, &said
				require.NoError(t, again.Run(), said.String())
			}
			ids := map[string]map[string]int{} // by group: the ids of its mails
			for _, received := range server.Taken() {
				message, err := netmail.ReadMessage(strings.NewReader(received.Text))
				require.NoError(t, err)
				group := strings.Join(received.To, " ")
				if ids[group] == nil {
					ids[group] = map[string]int{}
				}
				ids[group][message.Header.Get("Message-ID")]++
			}
			require.Len(t, ids, 2, "%v", ids)
			again := 0
			for group, of := range ids {
				require.Len(t, of, 1, "%s got it as several mails: %v", group, of)
				for _, times := range of {
					again += times - 1
				}
			}
			require.Equal(t, place.taken, again == 1, "%v: only what the server had and nobody wrote down is sent again", ids)
		})
	}
}

// mailingFolder makes a folder with a release, and settings by which it is mailed
// to two groups.
func mailingFolder(t *testing.T, server *mailtest.Server) string {
	t.Helper()
	folder := t.TempDir()
	copyTree(t, filepath.Join("..", "..", "testdata", "releases", "july-2020-alpha-numeric-hcpcs-file.zip"), filepath.Join(folder, "releases", "july-2020.zip"))
	for name, content := range map[string]string{
		"authority.pem": string(server.CertificatePEM),
		"password":      mailtest.Password,
		"hcpcs.yaml": fmt.Sprintf(`
source: releases
mail:
  server: 127.0.0.1
  port: %d
  certificate_file: authority.pem
  user: %s
  password_file: password
  from: HCPCS <hcpcs@example.org>
  recipients: billing@example.org, audit@example.org
  groups:
    - name: pharmacy
      recipients: pharmacy@example.org
`, server.Port, mailtest.User),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600))
	}
	return folder
}

func mailingRun(program, folder string) *exec.Cmd {
	command := exec.Command(program, "run", "--quiet")
	command.Dir = folder
	return command
}
