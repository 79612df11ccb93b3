package extract

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	stagedPrefix   = "hcpcs-download-"
	stagedUnended  = ".part" // until the download is whole
	stagedComplete = ".zip"
	stagedNote     = ".json" // beside a whole download
)

func stagedName(address string) string {
	return stagedPrefix + hashOf([]byte(address))[:16] + stagedComplete
}

// leftover is a whole download that an interrupted run left, with what the site
// said of it.
type leftover struct {
	Address      string    `json:"address"`
	ETag         string    `json:"etag,omitempty"`
	LastModified time.Time `json:"last_modified,omitzero"`
	Size         int64     `json:"size"`
	SHA256       string    `json:"sha256"`

	path string
}

// remove removes the download and the note; what stays is removed by the next run.
func (l leftover) remove() {
	os.Remove(l.path + stagedNote)
	os.Remove(l.path)
}

// write notes what a download is, once it is whole and synced. Without the note
// the next run downloads it again, and nothing else.
func (l leftover) write() {
	if text, err := json.Marshal(l); err == nil {
		_ = os.WriteFile(l.path+stagedNote, text, 0o644)
	}
}

// clearStaging makes the staging folder, finds what an interrupted run downloaded,
// and removes the rest of what it left.
func (s *siteReader) clearStaging() error {
	folder := s.options.Staging
	fail := func(err error) error {
		return fmt.Errorf("prepare the folder for downloads %s: %w: give one that can be written", folder, rootCause(err))
	}
	if folder == "" {
		return errors.New("prepare the folder for downloads: none is given")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fail(err)
	}
	there, err := filepath.Glob(filepath.Join(escapeGlob(folder), stagedPrefix+"*"))
	if err != nil {
		return fail(err)
	}
	s.left = map[string]leftover{}
	whole := map[string]bool{}
	for _, path := range there {
		if one, ok := s.readLeftover(strings.TrimSuffix(path, stagedNote)); ok && strings.HasSuffix(path, stagedNote) {
			s.left[one.Address] = one
			whole[one.path], whole[path] = true, true
		}
	}
	for _, path := range there {
		if whole[path] {
			continue
		}
		if err := os.Remove(path); err != nil {
			return fail(err)
		}
	}
	return nil
}

// readLeftover reads the note of a download, as far as it fits and the archive
// does not have the file.
func (s *siteReader) readLeftover(path string) (leftover, bool) {
	one := leftover{path: path}
	if !readRemembered(path+stagedNote, s.limits.site.noteBytes, &one) {
		return one, false
	}
	info, err := os.Stat(path)
	return one, err == nil && info.Size() == one.Size && filepath.Base(path) == stagedName(one.Address) && !s.known.hashes[one.SHA256]
}

// takeOver gives what an earlier run downloaded from an address, after a look at
// its bytes. Where the site said nothing by which it could tell whether the file
// is still the same, it is downloaded again.
func (s *siteReader) takeOver(address string) (validator, bool) {
	one, ok := s.left[address]
	if !ok {
		return validator{}, false
	}
	file, err := os.Open(one.path)
	sum := ""
	if err == nil {
		defer file.Close()
		sum, _, err = hashAll(s.ctx, file, s.limits.zipBytes)
	}
	if err != nil || sum != one.SHA256 || !validETag(one.ETag) && one.LastModified.IsZero() {
		one.remove()
		return validator{}, false
	}
	return validator{etag: one.ETag, lastModified: one.LastModified, size: one.Size, sha256: one.SHA256}, true
}
