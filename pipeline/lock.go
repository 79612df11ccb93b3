package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/gofrs/flock"
)

// ErrLocked says that another run holds the lock of the data folder.
var ErrLocked = errors.New("another run holds the lock")

const giveRight = "give the right to write into its folder and all that is in it"

// lock takes the data folder's lock for one run at a time. The operating system
// gives it back when its holder ends, in whatever way, so that a dead process
// never blocks the next one. Unlock by the function that is given back.
func lock(path, holder string) (unlock func() error, err error) {
	guard := flock.New(path)
	free, err := guard.TryLock()
	if err != nil {
		return nil, fmt.Errorf("taking the lock %s: %w: %s", path, err, giveRight)
	}
	if !free {
		by := "a process that did not leave its name"
		if text, err := os.ReadFile(path); err == nil && len(text) > 0 {
			by = strings.TrimSpace(string(text))
		}
		return nil, fmt.Errorf("%w %s: %s; wait for it to end, or end it", ErrLocked, path, by)
	}
	// The name is for people who find the lock taken; the lock holds without it.
	if err := os.WriteFile(path, []byte(holder+"\n"), 0o644); err != nil {
		err = fmt.Errorf("writing the lock %s: %w", path, err)
		if errors.Is(err, fs.ErrPermission) { // a lock that can be read can be taken
			err = fmt.Errorf("%w: %s", err, giveRight)
		}
		return nil, errors.Join(err, guard.Unlock())
	}
	return guard.Unlock, nil
}
