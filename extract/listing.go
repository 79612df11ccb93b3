package extract

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// listedFile is a file of the archive as the listing of its folder has it.
type listedFile struct {
	path       string
	revision   int  // as its name says; 0 of a companion
	missing    bool // there is only its sidecar, which keeps its number and what was known of it
	hasSidecar bool
}

// listings remembers what was in the folders of the archive: a run asks ten times
// what the archive holds. A folder in which a file was made, renamed or removed is
// listed again.
type listings struct {
	guard sync.Mutex
	// settled: only folders that changed before are remembered, since file systems note
	// the time of a change no finer than some milliseconds. Zero: none is.
	settled time.Time
	known   map[string]listing // by the path of the folder
}

type listing struct {
	folder os.FileInfo
	files  []listedFile
}

// settledAfter is how long nothing was changed in a folder that is remembered.
const settledAfter = 2 * time.Second

// begin forgets what was listed; at is the time at which a run asks.
func (l *listings) begin(at time.Time) {
	l.guard.Lock()
	defer l.guard.Unlock()
	l.settled, l.known = at.Add(-settledAfter), map[string]listing{}
}

// list gives the files of one folder, in order of their names.
func (l *listings) list(folder string) ([]listedFile, error) {
	info, err := os.Stat(folder)
	if err != nil {
		return nil, fmt.Errorf("read the archive %s: %w", folder, err)
	}
	l.guard.Lock()
	last, found := l.known[folder]
	settled := info.ModTime().Before(l.settled)
	l.guard.Unlock()
	if found && os.SameFile(info, last.folder) && info.ModTime().Equal(last.folder.ModTime()) {
		return last.files, nil
	}
	files, err := listFolder(folder)
	if err != nil {
		return nil, err
	}
	if settled {
		l.guard.Lock()
		defer l.guard.Unlock()
		l.known[folder] = listing{info, files}
	}
	return files, nil
}

func listFolder(folder string) ([]listedFile, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read the archive %s: %w", folder, err)
	}
	names := map[string]bool{}
	for _, entry := range entries {
		names[entry.Name()] = true
	}
	var files []listedFile
	for _, entry := range entries { // ReadDir sorts by name
		name, isSidecar := strings.CutSuffix(entry.Name(), sidecarExtension)
		file := listedFile{path: filepath.Join(folder, name), missing: isSidecar, hasSidecar: isSidecar || names[name+sidecarExtension]}
		parts := releaseFile.FindStringSubmatch(name)
		switch {
		case strings.HasSuffix(name, leftoverEnding), parts == nil && !companionFile.MatchString(name):
			continue // unfinished, or not ours
		case isSidecar && names[name]:
			continue // read with its file
		case isSidecar:
			if _, err := os.Lstat(file.path); err == nil {
				continue // another process placed it while the folder was listed
			}
		}
		if parts != nil {
			file.revision = smallNumber(parts[1])
		}
		files = append(files, file)
	}
	return files, nil
}
