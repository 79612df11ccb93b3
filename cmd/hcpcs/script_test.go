package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hcpcs": main, "read-published": readPublished})
}

// TestScripts runs the manual: testdata/*.txtar, one script a command. They read
// the sample releases, which are loaded once ($SAMPLES); loading takes some two
// seconds, and each command some 0.2.
func TestScripts(t *testing.T) {
	project, err := filepath.Abs("../..")
	require.NoError(t, err)
	samples := loadSamples(t, project)
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PROJECT", project)
			env.Setenv("SAMPLES", samples)
			env.Setenv("COLUMNS", "100")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"third-of": thirdOf,
			"lock":     lockFolder,
			"appears":  appears,
			"unzip":    unzip,
			"zip":      zipFiles,
			"halve":    halve,
			"repeat":   repeat,
			"to-utf8":  toUTF8,
			"flip":     flip,
		},
	})
}

// loadSamples loads the project's sample releases, and gives the data folder.
func loadSamples(t *testing.T, project string) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	code, _, problems := run(t, "", "run", "--source", filepath.Join(project, "testdata", "releases"), "--data-dir", data)
	require.Zero(t, code, problems)
	return data
}

// run runs a command line in this process.
func run(t *testing.T, input string, arguments ...string) (code int, out, problems string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = execute(context.Background(), surroundings{
		arguments: arguments, stdin: strings.NewReader(input), stdout: &stdout, stderr: &stderr,
	})
	return code, stdout.String(), stderr.String()
}

// exits CODE COMMAND…: the command ends with that exit code.
func exits(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	wanted, err := strconv.Atoi(arguments[0])
	ts.Check(err)
	code := 0
	err = ts.Exec(arguments[1], arguments[2:]...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if code != wanted {
		ts.Fatalf("exit code %d, wanted %d", code, wanted)
	}
}

// third-of ZIP FILE: a text main file that lacks two thirds of the one in the ZIP.
func thirdOf(ts *testscript.TestScript, _ bool, arguments []string) {
	archive, err := zip.OpenReader(ts.MkAbs(arguments[0]))
	ts.Check(err)
	defer archive.Close()
	for _, entry := range archive.File {
		if !strings.HasSuffix(entry.Name, ".txt") {
			continue
		}
		content, err := entry.Open()
		ts.Check(err)
		text, err := io.ReadAll(content)
		ts.Check(err)
		lines := bytes.SplitAfter(text, []byte("\n"))
		target := ts.MkAbs(arguments[1])
		ts.Check(os.MkdirAll(filepath.Dir(target), 0o755))
		ts.Check(os.WriteFile(target, bytes.Join(lines[:len(lines)/3], nil), 0o644))
		return
	}
	ts.Fatalf("%s holds no text", arguments[0])
}

// lock DATA-DIR: holds the lock of a data folder until the script ends.
func lockFolder(ts *testscript.TestScript, _ bool, arguments []string) {
	folder := ts.MkAbs(arguments[0])
	ts.Check(os.MkdirAll(folder, 0o755))
	guard := flock.New(filepath.Join(folder, "lock"))
	ts.Check(guard.Lock())
	ts.Defer(func() { ts.Check(guard.Unlock()) })
}

// appears FILE: waits until a file is there that a command in the background
// makes.
func appears(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) != 1 {
		ts.Fatalf("usage: appears FILE")
	}
	file := ts.MkAbs(arguments[0])
	for late := time.Now().Add(2 * time.Minute); time.Now().Before(late); {
		if _, err := os.Stat(file); err == nil {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	ts.Fatalf("%s did not appear", arguments[0])
}
