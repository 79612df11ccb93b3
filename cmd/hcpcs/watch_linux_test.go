package main

import (
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// watcher tells what happens to the files of a folder and of those below it, as
// the system reports it (inotify).
type watcher struct {
	file    *os.File
	root    string
	folders map[int32]string // by number of watch
}

func newWatcher(t *testing.T, root string) *watcher {
	t.Helper()
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	require.NoError(t, err)
	w := &watcher{file: os.NewFile(uintptr(fd), "inotify"), root: root, folders: map[int32]string{}}
	w.add(root)
	require.NotEmpty(t, w.folders, "%s cannot be watched", root)
	return w
}

// watched are the events asked for, and how they are named.
var watched = []struct {
	mask uint32
	name string
}{
	{syscall.IN_CREATE, "create"}, {syscall.IN_MODIFY, "modify"}, {syscall.IN_MOVED_TO, "rename"},
	{syscall.IN_DELETE, "delete"}, {syscall.IN_CLOSE_WRITE, "close"},
}

// add watches a folder and those below it. A folder that is gone again is left
// out.
func (w *watcher) add(folder string) {
	mask := uint32(0)
	for _, one := range watched {
		mask |= one.mask
	}
	conn, err := w.file.SyscallConn()
	if err != nil {
		return // closed meanwhile
	}
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			_ = conn.Control(func(fd uintptr) {
				if number, err := syscall.InotifyAddWatch(int(fd), path, mask); err == nil {
					w.folders[int32(number)] = path
				}
			})
		}
		return nil
	})
}

// each gives one event after the other, such as "rename archive/2020Q1/r1.zip",
// until the watcher is closed.
func (w *watcher) each(do func(event string)) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := w.file.Read(buffer)
		if err != nil {
			return
		}
		for rest := buffer[:n]; len(rest) >= syscall.SizeofInotifyEvent; {
			// struct inotify_event: watch, mask, cookie, length of the name, name.
			number, mask := int32(binary.NativeEndian.Uint32(rest)), binary.NativeEndian.Uint32(rest[4:])
			end := syscall.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(rest[12:]))
			path := filepath.Join(w.folders[number], strings.TrimRight(string(rest[syscall.SizeofInotifyEvent:end]), "\x00"))
			rest = rest[end:]
			if mask&(syscall.IN_ISDIR|syscall.IN_CREATE) == syscall.IN_ISDIR|syscall.IN_CREATE {
				w.add(path)
			}
			for _, one := range watched {
				if mask&one.mask != 0 {
					do(one.name + " " + strings.TrimPrefix(path, w.root+"/"))
				}
			}
		}
	}
}

func (w *watcher) close() { _ = w.file.Close() } // it was only read
