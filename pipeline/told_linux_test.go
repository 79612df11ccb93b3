package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/pipeline/mail/mailtest"
)

// disk is a file system of its own, in memory.
type disk struct {
	t      *testing.T
	folder string
}

// newDisk mounts one with so much room, which only root can.
func newDisk(t *testing.T, mebibytes int) disk {
	t.Helper()
	d := disk{t, t.TempDir()}
	if err := syscall.Mount("tmpfs", d.folder, "tmpfs", 0, fmt.Sprintf("size=%dm", mebibytes)); err != nil {
		if os.Getenv("CI") != "" && os.Getuid() == 0 {
			t.Fatalf("mounting a small file system: %v", err)
		}
		t.Skipf("NOT TESTED: a disk that is full or read-only: mounting a small file system needs root: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(d.folder, 0)) })
	return d
}

func (d disk) in(name string) string { return filepath.Join(d.folder, name) }

// fill leaves no room, empty gives it back.
func (d disk) fill() {
	d.t.Helper()
	file, err := os.OpenFile(d.in("filler"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(d.t, err)
	for err == nil {
		_, err = file.Write(make([]byte, 4096))
	}
	require.ErrorIs(d.t, err, syscall.ENOSPC)
	require.NoError(d.t, file.Close())
}

func (d disk) empty() {
	d.t.Helper()
	require.NoError(d.t, os.Remove(d.in("filler")))
}

// readOnly forbids to write, or allows it again.
func (d disk) readOnly(forbidden bool) {
	d.t.Helper()
	var flags uintptr = syscall.MS_REMOUNT
	if forbidden {
		flags |= syscall.MS_RDONLY
	}
	require.NoError(d.t, syscall.Mount("tmpfs", d.folder, "tmpfs", flags, ""))
}

// elsewhere says where the user's cache and temporary files go.
func elsewhere(t *testing.T, cache, temporary string) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("TMPDIR", temporary)
}

// failing runs once, which must fail, and gives what is logged.
func failing(t *testing.T, config Config) (logged string) {
	t.Helper()
	var log bytes.Buffer
	around := quietly
	around.Log = slog.New(slog.NewTextHandler(&log, nil))
	_, err := Run(context.Background(), config, nil, around)
	require.Error(t, err)
	return log.String()
}

// A full disk is told of once, wherever in a run it strikes, although the user's
// cache and the temporary files are on the same one; and again when it is full
// again.
func TestSampleOperatorsAreToldOnceOfAFullDisk(t *testing.T) {
	d := newDisk(t, 64)
	server := mailtest.Serve(t, "starttls", true)
	config := operatorConfig(t, server)
	config.DataDir = d.in("data")
	elsewhere(t, d.in("cache"), d.in("tmp"))
	require.NoError(t, os.Mkdir(d.in("tmp"), 0o755))
	mustRun(t, config)

	want := []string{}
	for _, sample := range []string{october2020, january2021} {
		addSamples(t, config, sample)
		want = append(want, "the disk is full")
		for range 3 {
			d.fill()
			require.NotContains(t, failing(t, config), "what the operators were told")
			require.Equal(t, want, subjects(t, server))
		}
		d.empty()
		mustRun(t, config)
		known, err := newToldMemory(config.Paths()).recall()
		require.NoError(t, err)
		require.Empty(t, known, "it is over")
	}
	body := readPlain(t, server.Taken()[0]).Text
	require.Contains(t, strings.ToLower(body), "no space left on device")
	require.Contains(t, body, "What to do: Make room where the message says.")
}

// So is a data folder that cannot be written, as long as anything can.
func TestSampleOperatorsAreToldOnceOfAReadOnlyFolder(t *testing.T) {
	d := newDisk(t, 64)
	server := mailtest.Serve(t, "starttls", true)
	config := operatorConfig(t, server)
	config.DataDir = d.in("data")
	cache, temporary := filepath.Join(t.TempDir(), "cache"), t.TempDir()
	elsewhere(t, cache, temporary)
	mustRun(t, config)

	want := []string{}
	for _, blocked := range []bool{false, false, true} {
		place := filepath.Join(cache, "hcpcs")
		if blocked { // a service whose user has no folder
			elsewhere(t, filepath.Join(os.DevNull, "cache"), temporary)
			place = temporary
		}
		d.readOnly(true)
		want = append(want, "a folder cannot be written any more")
		for range 3 {
			logged := failing(t, config)
			require.Contains(t, logged, "what the operators were told is remembered outside of the data folder until it can be written")
			require.Contains(t, logged, "file="+place)
			require.Equal(t, want, subjects(t, server))
		}
		kept, err := filepath.Glob(filepath.Join(place, "*troubles-*.json"))
		require.NoError(t, err)
		require.Len(t, kept, 1)
		info, err := os.Stat(kept[0])
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode())

		d.readOnly(false)
		mustRun(t, config)
		require.NoFileExists(t, kept[0], "it is over")
	}

	// Where nothing at all can be written they are told at every run, and the log
	// says why.
	elsewhere(t, d.in("cache"), d.in("data"))
	d.readOnly(true)
	t.Cleanup(func() { d.readOnly(false) })
	for range 2 {
		want = append(want, "a folder cannot be written any more")
		require.Contains(t, failing(t, config), "what the operators were told can be remembered nowhere; every run tells them again")
		require.Equal(t, want, subjects(t, server))
	}
}

// told is a memory of one thing.
func told(cause string) []trouble {
	return []trouble{{Cause: cause, Title: cause, Told: time.Date(2026, 1, 5, 11, 20, 0, 0, time.UTC)}}
}

// On a full disk the memory is written over itself, and is never lost by that:
// what needs more room than it has goes elsewhere.
func TestToldMemoryOnAFullDisk(t *testing.T) {
	d := newDisk(t, 1)
	temporary := t.TempDir()
	elsewhere(t, filepath.Join(os.DevNull, "cache"), temporary)
	memory := newToldMemory(Paths{Data: d.folder, Troubles: d.in("troubles.json")})
	home := d.in("troubles.json")
	remember := func(troubles []trouble, where string) {
		t.Helper()
		place, err := memory.remember(troubles)
		require.Equal(t, where, place, err)
		require.Equal(t, where == home, err == nil, err)
		known, err := memory.recall()
		require.NoError(t, err)
		require.Equal(t, len(troubles), len(known))
		for i := range troubles {
			require.Equal(t, troubles[i], known[i])
		}
	}
	remember(nil, home)
	d.fill()
	remember(told("one"), home)
	remember(told("another, with more words"), home)
	remember(nil, home)
	kept := told("one")
	remember(kept, home)

	long := told(strings.Repeat("long ", toldRoom))
	other := memory.places[len(memory.places)-1]
	require.Equal(t, temporary, filepath.Dir(other))
	remember(long, other)
	text, err := os.ReadFile(home)
	require.NoError(t, err)
	require.Contains(t, string(text), `"one"`, "what is at home is not torn by what does not fit there")
	remember(nil, home)
	require.NoFileExists(t, other)
	remember(long, other)
	d.empty()
	remember(long, home)
	require.NoFileExists(t, other)
}

// In a folder where everybody may write, the memory is read from the program's own
// file alone, and nobody else's is written.
func TestToldMemoryAmongOthers(t *testing.T) {
	// A data folder that cannot be: its parent is no folder.
	data := filepath.Join(os.DevNull, "data")
	planted := []byte(`[{"cause": "planted"}]`)
	for name, plant := range map[string]func(place, victim string) error{
		"symbolic link": func(place, victim string) error { return os.Symlink(victim, place) },
		"hard link":     func(place, victim string) error { return os.Link(victim, place) },
		"pipe":          func(place, _ string) error { return syscall.Mkfifo(place, 0o666) },
		"folder":        func(place, _ string) error { return os.Mkdir(place, 0o777) },
		"another's": func(place, _ string) error {
			return errors.Join(os.WriteFile(place, planted, 0o666), os.Chown(place, 65534, 65534))
		},
		"nothing": func(string, string) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			if name == "another's" && os.Getuid() != 0 {
				t.Skip("NOT TESTED: another user's file: only root can make one")
			}
			elsewhere(t, filepath.Join(os.DevNull, "cache"), t.TempDir())
			memory := newToldMemory(Paths{Data: data, Troubles: filepath.Join(data, "troubles.json")})
			place, victim := memory.places[len(memory.places)-1], filepath.Join(t.TempDir(), "victim")
			require.NoError(t, os.WriteFile(victim, planted, 0o600))
			require.NoError(t, plant(place, victim))
			known, err := memory.recall()
			require.Empty(t, known)
			require.ErrorContains(t, err, data, "home cannot be read")
			where, err := memory.remember(told("one"))
			if name == "nothing" {
				require.Equal(t, place, where, err)
				known, err := memory.recall()
				require.NoError(t, err)
				require.Equal(t, told("one"), known)
				return
			}
			require.Empty(t, where)
			require.ErrorContains(t, err, place)
			text, err := os.ReadFile(victim)
			require.NoError(t, err)
			require.Equal(t, planted, text)
		})
	}
}
