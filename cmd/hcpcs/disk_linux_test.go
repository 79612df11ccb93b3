package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// mountSmall mounts a file system in memory with so much room, and gives what
// makes it larger. Only root can.
func mountSmall(t *testing.T, folder string, kibibytes int) (grow func()) {
	t.Helper()
	size := func(n int) string { return fmt.Sprintf("size=%dk", n) }
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, size(kibibytes)); err != nil {
		if os.Getenv("CI") != "" && os.Getuid() == 0 {
			t.Fatalf("mounting a small file system: %v", err)
		}
		t.Skipf("NOT TESTED: a full disk: mounting a small file system needs root: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(folder, 0)) })
	return func() { require.NoError(t, syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT, size(64<<10))) }
}

// A disk that is full, wherever that strikes: the run fails with a word about
// it, what can be seen is whole, and with more room the next run makes up for
// everything. Each size costs some 2 s.
func TestAFullDisk(t *testing.T) {
	source := t.TempDir()
	copyTree(t, filepath.Join("..", "..", "testdata", "releases", "2020Q1"), filepath.Join(source, "2020Q1"))
	wholesome := filepath.Join(t.TempDir(), "data")
	code, _, problems := run(t, "", "run", "--source", source, "--data-dir", wholesome)
	require.Zero(t, code, problems)
	want := tablesAt(t, wholesome)
	// Room for less than the ZIP, for less than the warehouse, for less than the
	// published file, for less than the reports.
	for _, kibibytes := range []int{40, 200, 600, 1024, 1500, 2000} {
		t.Run(fmt.Sprint(kibibytes, " KiB"), func(t *testing.T) {
			folder := t.TempDir()
			grow := mountSmall(t, folder, kibibytes)
			data := filepath.Join(folder, "data")
			code, _, problems := run(t, "", "run", "--source", source, "--data-dir", data)
			require.Equal(t, exitFailed, code, problems)
			require.Contains(t, problems, "hcpcs: the disk is full: ")
			require.Contains(t, problems, "; make room in "+data+", and give the command again: what was there before is as it was")
			require.Less(t, len(problems), 700)
			if _, err := os.Stat(filepath.Join(data, "hcpcs.duckdb")); err == nil {
				require.Equal(t, want, tablesAt(t, data))
			}
			grow()
			code, _, problems = run(t, "", "run", "--source", source, "--data-dir", data)
			require.Zero(t, code, problems)
			require.Equal(t, want, tablesAt(t, data))
			code, _, problems = run(t, "", "verify", "--data-dir", data)
			require.Zero(t, code, problems)
		})
	}
}

func tablesAt(t *testing.T, data string) map[string]string {
	t.Helper()
	_, tables := publishedTables(t, filepath.Join(data, "hcpcs.duckdb"), false)
	return tables
}

// asNobody runs a program without any rights.
func asNobody(t *testing.T, program string, arguments ...string) (code int, out, problems string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command := exec.Command(program, arguments...)
	command.Stdout, command.Stderr, command.Dir = &stdout, &stderr, "/"
	if os.Getuid() == 0 { // permissions do not bind root
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	err := command.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return command.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// Without the right to write, nothing is changed, and what is missing is said;
// who may only read can ask. Without the right to read, the rest of a source is
// used.
func TestWithoutPermission(t *testing.T) {
	program := buildProgram(t)
	require.NoError(t, os.Chmod(filepath.Dir(filepath.Dir(program)), 0o755))
	folder, err := os.MkdirTemp("", "hcpcs-test-") // nobody cannot look into t.TempDir
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, exec.Command("chmod", "-R", "u+rwx", folder).Run())
		require.NoError(t, os.RemoveAll(folder))
	})
	require.NoError(t, os.Chmod(folder, 0o755))
	source, data := filepath.Join(folder, "releases"), filepath.Join(folder, "data")
	copyTree(t, filepath.Join("..", "..", "testdata", "releases", "2020Q1"), filepath.Join(source, "2020Q1"))
	code, _, problems := run(t, "", "run", "--source", source, "--data-dir", data)
	require.Zero(t, code, problems)
	before := tablesAt(t, data)
	copyTree(t, filepath.Join("..", "..", "testdata", "releases", "2020Q2"), filepath.Join(source, "2020Q2"))
	require.NoError(t, exec.Command("chmod", "-R", "a-w", data).Run())

	code, _, problems = asNobody(t, program, "run", "--source", source, "--data-dir", data)
	require.Equal(t, exitFailed, code, problems)
	require.Contains(t, problems, "permission denied")
	require.Contains(t, problems, data)
	require.Contains(t, problems, "give the right to write")
	require.Equal(t, 1, strings.Count(problems, "\n"), problems)
	require.Equal(t, before, tablesAt(t, data))
	code, out, problems := asNobody(t, program, "releases", "--data-dir", data, "--format", "csv")
	require.Zero(t, code, problems)
	require.Contains(t, out, "2020Q1r1")
	// What is in the warehouse is for those who may take the lock.
	code, out, problems = asNobody(t, program, "runs", "--data-dir", data)
	require.Equal(t, exitFailed, code, problems)
	require.Empty(t, out)
	require.Contains(t, problems, "hcpcs: listing the runs: taking the lock "+filepath.Join(data, "lock")+": ")
	require.Contains(t, problems, "permission denied: give the right to write into its folder and all that is in it, or ask as the user of 'hcpcs run'; 'hcpcs releases --check' needs no more than the right to read\n")
	require.NoError(t, os.Chmod(filepath.Join(data, "lock"), 0o444)) // can be taken, not written
	code, _, problems = asNobody(t, program, "verify", "--data-dir", data)
	require.Equal(t, exitFailed, code, problems)
	require.Contains(t, problems, "writing the lock "+filepath.Join(data, "lock")+": ")
	require.Contains(t, problems, "permission denied: give the right to write into its folder and all that is in it")
	code, out, problems = asNobody(t, program, "releases", "--check", "--data-dir", data)
	require.Equal(t, exitFailed, code, problems)
	require.Contains(t, out, "2020Q2: its quarter begins on 2020-04-01")

	code, _, problems = asNobody(t, program, "run", "--source", source, "--data-dir", filepath.Join(folder, "new"))
	require.Equal(t, exitFailed, code, problems)
	require.Contains(t, problems, "making the data folder: mkdir "+filepath.Join(folder, "new")+": permission denied: choose another with --data-dir, or give the right to write")

	// A source of which a part, or all, cannot be read.
	open := filepath.Join(folder, "open")
	require.NoError(t, os.Mkdir(open, 0o777))
	require.NoError(t, os.Chmod(open, 0o777))
	require.NoError(t, os.Chmod(filepath.Join(source, "2020Q1"), 0))
	code, out, problems = asNobody(t, program, "run", "--source", source, "--data-dir", filepath.Join(open, "data"))
	require.Zero(t, code, problems)
	require.Contains(t, out, "2020Q2r1 ")
	require.Contains(t, out, "Passed over 1 file that may hold a release; look at what became of it:\n- 2020Q1: the folder cannot be read (permission denied): give permission to read it, or move it away\n")
	require.NoError(t, os.Chmod(source, 0))
	code, _, problems = asNobody(t, program, "run", "--source", source, "--data-dir", filepath.Join(open, "data"))
	require.Equal(t, exitFailed, code, problems)
	require.Contains(t, problems, "read the folder "+source+": ")
	require.Contains(t, problems, "permission denied: give a folder that can be read")
}
