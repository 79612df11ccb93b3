package extract

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// place writes a file of the archive so that it is there whole or not at all:
// under a temporary name, synced, renamed, the folder synced. It never replaces
// a file.
func (a *Archive) place(path string, fill func(io.Writer) error) error {
	if a.planned {
		return nil
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("write %s: there is such a file already, and nothing in the archive is overwritten: move it away if it does not belong there", path)
	}
	temporary := path + leftoverEnding
	var file *os.File
	err := a.fault("create")
	if err == nil {
		file, err = os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	}
	if err != nil {
		return fmt.Errorf("create %s: %w: make its folder writable, make room, or wait for the other run", temporary, rootCause(err))
	}
	if err := a.fillAndRename(file, path, fill); err != nil {
		file.Close()
		os.Remove(temporary)
		return err
	}
	return nil
}

func (a *Archive) fillAndRename(file *os.File, path string, fill func(io.Writer) error) error {
	target := &archiveWriter{file: file, fault: a.fault}
	if err := fill(target); err != nil {
		if target.err != nil { // the archive's fault, not the input's
			return fmt.Errorf("write %s: %w: make room or mend the disk and run again; nothing of it is visible yet", path, rootCause(target.err))
		}
		return inputError{err}
	}
	steps := []struct {
		name string
		do   func() error
	}{
		{"sync", file.Sync},
		{"close", file.Close},
		{"rename", func() error { return os.Rename(file.Name(), path) }},
		{"sync folder", func() error { return syncFolder(filepath.Dir(path)) }},
	}
	for _, step := range steps {
		err := a.fault(step.name)
		if err == nil {
			err = step.do()
		}
		if err != nil {
			return fmt.Errorf("write %s: %s: %w: make room or mend the disk and run again", path, step.name, rootCause(err))
		}
	}
	return nil
}

// inputError is a failure to read what was to be archived: the rest goes on.
type inputError struct{ error }

func (e inputError) Unwrap() error { return e.error }

// archiveWriter remembers the archive's own errors.
type archiveWriter struct {
	file  *os.File
	fault func(step string) error
	err   error
}

func (w *archiveWriter) Write(bytes []byte) (int, error) {
	if w.err = w.fault("write"); w.err != nil {
		return 0, w.err
	}
	count, err := w.file.Write(bytes)
	w.err = err
	return count, err
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// makeQuarter creates a quarter's folder so that it survives a crash.
func (a *Archive) makeQuarter(quarter release.Quarter) (string, error) {
	folder := filepath.Join(a.dir, quarter.String())
	if a.planned {
		return folder, nil
	}
	err := os.Mkdir(folder, 0o755)
	if errors.Is(err, os.ErrExist) {
		return folder, nil
	}
	if err == nil {
		err = syncFolder(a.dir)
	}
	if err != nil {
		return "", fmt.Errorf("write to the archive: %w: make %s writable", err, a.dir)
	}
	return folder, nil
}

// removeLeftovers deletes what a killed Add left behind: files that never got
// their final name.
func (a *Archive) removeLeftovers() error {
	if a.planned {
		return nil
	}
	leftovers, err := filepath.Glob(filepath.Join(escapeGlob(a.dir), "[0-9][0-9][0-9][0-9]Q[1-4]", "*"+leftoverEnding))
	if err != nil {
		return fmt.Errorf("clean the archive %s: %w", a.dir, err)
	}
	for _, leftover := range leftovers {
		if err := os.Remove(leftover); err != nil {
			return fmt.Errorf("clean the archive: remove %s: %w", leftover, err)
		}
	}
	return nil
}

func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
