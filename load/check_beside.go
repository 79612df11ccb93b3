package load

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// besideFile is a file that is to become a result. Its maker holds a lock on it,
// which ends with the process, so that what a killed one leaves can be told from
// what is being written.
type besideFile struct {
	*os.File
	guard *flock.Flock
}

// besideEnding comes behind the result's name, and a number behind it.
const besideEnding = ".part-"

// createBeside creates the file that becomes the result; whoever may not read the
// input may not read it either.
func createBeside(options CheckOptions) (*besideFile, error) {
	input, err := os.Stat(options.Input)
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(filepath.Dir(options.Output), filepath.Base(options.Output)+besideEnding)
	if err != nil {
		return nil, err
	}
	beside := &besideFile{file, flock.New(file.Name())}
	if err := file.Chmod(input.Mode().Perm() | 0o600); err != nil {
		return nil, errors.Join(err, file.Close(), beside.remove())
	}
	// Where files cannot be locked, nobody takes this one for abandoned either.
	_, _ = beside.guard.TryLock()
	return beside, nil
}

// remove removes the file, unless it has become the result.
func (b *besideFile) remove() error {
	err := os.Remove(b.Name())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, b.guard.Unlock())
}

// removeAbandoned removes what checks that were killed have left beside a result:
// it holds claim lines. What it cannot lock or remove is somebody else's, and
// does not hinder this check.
func removeAbandoned(output string) {
	entries, err := os.ReadDir(filepath.Dir(output))
	if err != nil {
		return // creating a file there says why
	}
	for _, entry := range entries {
		number, found := strings.CutPrefix(entry.Name(), filepath.Base(output)+besideEnding)
		if !found || !allDigits([]byte(number)) || !entry.Type().IsRegular() {
			continue
		}
		guard := flock.New(filepath.Join(filepath.Dir(output), entry.Name()))
		if free, err := guard.TryLock(); err == nil && free {
			_ = os.Remove(guard.Path())
			_ = guard.Unlock()
		}
	}
}
