package extract

import (
	"os"
	"sync"
	"time"
)

// checkedFiles remembers the SHA-256 of files that were read, so that a run does
// not read gigabytes to find that nothing is new: files of the archive that were
// whole, and ZIPs of a folder that are in the archive. It saves reading and
// nothing else: what is loaded from the archive is held against its SHA-256
// whatever stands here.
type checkedFiles struct {
	guard   sync.Mutex
	files   map[string]checkedFile // by path
	changed bool
}

// checkedFile is a file as it was when it was last read.
type checkedFile struct {
	SHA256   string    `json:"sha256"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Checked  time.Time `json:"checked"`
}

type checkedFilesFile struct {
	Version int                    `json:"checked_version"`
	Files   map[string]checkedFile `json:"files"`
}

const checkedVersion = 1

// loadChecked reads what is remembered.
func loadChecked(path string, limit int64) *checkedFiles {
	var content checkedFilesFile
	if !readRemembered(path, limit, &content) || content.Version != checkedVersion || content.Files == nil {
		return &checkedFiles{files: map[string]checkedFile{}}
	}
	return &checkedFiles{files: content.Files}
}

// settled is how much older than its check a change of a file must be: file
// systems count time in steps, and what is written right after the check could
// bear the same one.
const settled = 2 * time.Second

// sum gives the SHA-256 of a file that was read not long ago and is as it was
// then; "" for any other.
func (c *checkedFiles) sum(path string, file os.FileInfo, at time.Time, readAgain time.Duration) string {
	c.guard.Lock()
	defer c.guard.Unlock()
	last, found := c.files[path]
	if !found || last.Size != file.Size() || !last.Modified.Equal(file.ModTime()) ||
		!last.Modified.Add(settled).Before(last.Checked) || at.Before(last.Checked) || at.Sub(last.Checked) >= readAgain {
		return ""
	}
	return last.SHA256
}

func (c *checkedFiles) put(path, sum string, file os.FileInfo, at time.Time) {
	c.guard.Lock()
	defer c.guard.Unlock()
	c.files[path] = checkedFile{SHA256: sum, Size: file.Size(), Modified: file.ModTime(), Checked: at}
	c.changed = true
}

// save writes what is remembered, where that changed.
func (c *checkedFiles) save(path string) error {
	c.guard.Lock()
	defer c.guard.Unlock()
	if !c.changed {
		return nil
	}
	return writeRemembered(path, "what was read", checkedFilesFile{checkedVersion, c.files})
}
