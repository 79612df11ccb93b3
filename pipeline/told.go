package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// toldMemory is what the operators were told, in a file of the data folder. That
// the data folder cannot be written is one of the causes to tell of, and must not
// be told at every run either:
//
//   - Where the disk is full, the file is written in place. It has room of its
//     own from the time when there was some, which its unused part holds.
//   - Where the data folder cannot be written at all, or is not there, the memory
//     goes into a file of the user's cache, or of the folder for temporary files,
//     until it can go home.
type toldMemory struct {
	// places are where it may be, the first one at home. One that is there is
	// newer than all that come before it.
	places []string
}

// toldRoom is the room that the file takes, in bytes, and in what steps it grows.
const toldRoom = 16 << 10

func newToldMemory(paths Paths) toldMemory {
	m := toldMemory{places: []string{paths.Troubles}}
	data, err := filepath.Abs(paths.Data)
	if err != nil {
		return m // there is no working folder any more: only home is left
	}
	hash := sha256.Sum256([]byte(data))
	name := "troubles-" + hex.EncodeToString(hash[:8]) + ".json"
	if cache, err := os.UserCacheDir(); err == nil { // a service may have none
		m.places = append(m.places, filepath.Join(cache, "hcpcs", name))
	}
	m.places = append(m.places, filepath.Join(os.TempDir(), fmt.Sprintf("hcpcs-%d-%s", os.Getuid(), name)))
	return m
}

// recall reads the memory. With an error, what it gives is what could be read.
func (m toldMemory) recall() ([]trouble, error) {
	var problems []error
	for i, place := range slices.Backward(m.places) {
		text, err := readTold(place, i == 0)
		if errors.Is(err, fs.ErrNotExist) || err != nil && i > 0 {
			continue // nor can anything have been left there
		}
		var troubles []trouble
		if err == nil {
			if err = json.Unmarshal(text, &troubles); err == nil {
				return troubles, errors.Join(problems...)
			}
			err = fmt.Errorf("%s: %w", place, err)
		}
		problems = append(problems, err)
	}
	return nil, errors.Join(problems...)
}

// remember writes the memory to the first place that takes it, and says which;
// "" for none. The error says why it is not at home, or why an older memory could
// not be removed from elsewhere.
func (m toldMemory) remember(troubles []trouble) (place string, err error) {
	text, err := json.MarshalIndent(append([]trouble{}, troubles...), "", "  ")
	if err != nil {
		return "", err
	}
	text = padded(append(text, '\n'), (len(text)/toldRoom+1)*toldRoom)
	var problems []error
	for i, place := range m.places {
		if err := writeTold(place, text, i == 0); err != nil {
			problems = append(problems, err)
			continue
		}
		for _, later := range m.places[i+1:] {
			if err := forgetTold(later); err != nil {
				problems = append(problems, err)
			}
		}
		return place, errors.Join(problems...)
	}
	return "", errors.Join(problems...)
}

// padded gives a text with blanks behind it, which mean nothing in JSON.
func padded(text []byte, length int) []byte {
	return append(text, bytes.Repeat([]byte(" "), length-len(text))...)
}

func readTold(place string, home bool) ([]byte, error) {
	if home {
		return os.ReadFile(place)
	}
	file, err := openOwn(place, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer file.Close() // after reading, nothing can be lost
	return io.ReadAll(file)
}

func writeTold(place string, text []byte, home bool) error {
	there, err := readTold(place, home)
	switch {
	case err == nil && bytes.Equal(there, text):
		return nil
	case home:
		return writeHome(place, text, len(there))
	}
	if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
		return err
	}
	file, err := openOwn(place, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(text, 0)
	return errors.Join(err, file.Truncate(int64(len(text))), file.Sync(), file.Close())
}

// writeHome writes beside the file that is there, as long as there is room for
// that, and else over it, if it has as many bytes.
func writeHome(place string, text []byte, has int) error {
	err := os.MkdirAll(filepath.Dir(place), 0o755)
	if err == nil {
		err = writeWhole(place, text)
	}
	if err == nil || has < len(text) {
		return err
	}
	if overwrite(place, padded(text, has)) == nil {
		return nil
	}
	return err
}

// overwrite writes a file over what it holds, which takes no room.
func overwrite(name string, text []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(text, 0)
	return errors.Join(err, file.Sync(), file.Close())
}

// forgetTold removes the memory from a place where it need not be any more.
// What is there and is not the program's own stays, since it is never read.
func forgetTold(place string) error {
	file, err := openOwn(place, os.O_RDONLY)
	if err != nil {
		return nil
	}
	return errors.Join(file.Close(), os.Remove(place))
}

// openOwn opens a file in a folder where others may write: not where a symbolic
// link leads, not another user's, and nothing that has another name as well.
func openOwn(name string, flag int) (*os.File, error) {
	file, err := os.OpenFile(name, flag|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil {
		owner, known := info.Sys().(*syscall.Stat_t)
		if !info.Mode().IsRegular() || !known || int(owner.Uid) != os.Geteuid() || owner.Nlink != 1 {
			err = fmt.Errorf("%s is not this program's own file: remove it", name)
		}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
