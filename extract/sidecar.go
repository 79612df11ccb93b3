package extract

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// Facts is what the archive knows about one of its files.
type Facts struct {
	Name           string    `json:"name"`                      // as it was found: base name of the ZIP or the loose file
	Source         string    `json:"source"`                    // the source it came from: a folder, or the address of a page
	FoundAt        string    `json:"found_at"`                  // where it was found in the source: path or address
	FetchedAt      time.Time `json:"fetched_at"`                // UTC
	PublishedAt    time.Time `json:"published_at,omitzero"`     // UTC; zero when unknown
	PublishedBasis string    `json:"published_basis,omitempty"` // as Offer.PublishedBasis
	LastModified   time.Time `json:"last_modified,omitzero"`    // HTTP header of the download
	ETag           string    `json:"etag,omitempty"`            // HTTP header of the download
	Size           int64     `json:"size"`                      // of the archived file, in bytes
	SHA256         string    `json:"sha256"`                    // of the archived file, in hexadecimal
}

// compare orders by the time of fetching, then by name.
func (f Facts) compare(other Facts) int {
	return cmp.Or(f.FetchedAt.Compare(other.FetchedAt), strings.Compare(f.Name, other.Name), strings.Compare(f.SHA256, other.SHA256))
}

// The roles of an archived file.
const (
	roleRelease    = "release"    // the first ZIP with this main file
	roleRepackaged = "repackaged" // another ZIP around a main file that is already there
	roleCompanion  = "companion"
)

// sidecar is the file beside an archived file. It is written last: an archived
// file without it is unfinished.
type sidecar struct {
	Version       int    `json:"sidecar_version"`
	Role          string `json:"role"`
	Quarter       string `json:"quarter"`
	Revision      int    `json:"revision,omitempty"`
	QuarterBasis  string `json:"quarter_basis,omitempty"`
	PackedByHcpcs bool   `json:"packed_from_loose_files,omitempty"`
	Facts
	Zipped  bool        `json:"zipped,omitempty"` // of a companion; a release always is
	Main    *MainFile   `json:"main,omitempty"`
	Second  *MainFile   `json:"second,omitempty"`
	Entries []EntryInfo `json:"entries,omitempty"`
	Notes   []note      `json:"not_used,omitempty"` // entries that cannot be used
}

const (
	sidecarVersion   = 1
	sidecarExtension = ".json"
	leftoverEnding   = ".tmp"
)

// stored is an archived file with its sidecar.
type stored struct {
	sidecar
	path    string // of the archived file
	quarter release.Quarter
	missing bool // the file is gone, or was set aside as damaged
}

func (s stored) id() release.ID { return release.ID{Quarter: s.quarter, Revision: s.Revision} }

// holds tells whether a file's bytes are the main file or its second format.
func (s stored) holds(sum string) bool {
	return s.Main != nil && s.Main.SHA256 == sum || s.Second != nil && s.Second.SHA256 == sum
}

// unfinished is an archived release whose sidecar was never written.
type unfinished struct {
	path     string
	quarter  release.Quarter
	revision int
}

// holdings is what the archive holds.
type holdings struct {
	releases   []stored // roles release and repackaged
	companions []stored
	unfinished []unfinished
	numbers    map[release.Quarter]int // highest revision number given
}

var (
	releaseFile   = regexp.MustCompile(`^r([1-9][0-9]{0,2})-([0-9a-f]{12})-.*\.zip$`)
	companionFile = regexp.MustCompile(`^companion-([0-9a-f]{12})-`)
)

// holdings reads the sidecars, and no archived file.
func (a *Archive) holdings(ctx context.Context) (*holdings, error) {
	held := &holdings{numbers: map[release.Quarter]int{}}
	folders, err := os.ReadDir(a.dir)
	if a.planned && errors.Is(err, fs.ErrNotExist) {
		return held, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the archive %s: %w", a.dir, err)
	}
	for _, folder := range folders {
		quarter, err := release.ParseQuarter(folder.Name())
		if err != nil || !folder.IsDir() || quarter.String() != folder.Name() {
			continue // not ours
		}
		if err := a.quarterHoldings(ctx, quarter, held); err != nil {
			return nil, err
		}
	}
	return held, nil
}

func (a *Archive) quarterHoldings(ctx context.Context, quarter release.Quarter, held *holdings) error {
	files, err := a.listings.list(filepath.Join(a.dir, quarter.String()))
	if err != nil {
		return err
	}
	given := map[int]string{}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		held.numbers[quarter] = max(held.numbers[quarter], file.revision)
		if !file.hasSidecar {
			if file.revision > 0 {
				held.unfinished = append(held.unfinished, unfinished{path: file.path, quarter: quarter, revision: file.revision})
			}
			continue
		}
		one, err := a.sidecars.read(file.path, quarter, a.limits)
		if err != nil {
			return err
		}
		one.missing = file.missing
		if one.Role == roleCompanion {
			held.companions = append(held.companions, one)
			continue
		}
		if one.Role == roleRelease {
			if other := given[one.Revision]; other != "" {
				return fmt.Errorf("read the archive: %s and %s both claim to be %s: move the one away that does not belong there, with its sidecar", other, file.path, one.id())
			}
			given[one.Revision] = file.path
		}
		held.releases = append(held.releases, one)
	}
	return nil
}

// sidecars remembers the sidecars that were read: a run asks five times what the
// archive holds. One that was replaced, or written to, is read again.
type sidecars struct {
	guard sync.Mutex
	known map[string]knownSidecar // by the path of the archived file
}

type knownSidecar struct {
	file   os.FileInfo
	stored stored
}

func (s *sidecars) read(path string, quarter release.Quarter, limits limits) (stored, error) {
	file, failed := os.Stat(path + sidecarExtension)
	s.guard.Lock()
	last, found := s.known[path]
	s.guard.Unlock()
	if failed == nil && found && os.SameFile(file, last.file) && file.ModTime().Equal(last.file.ModTime()) && file.Size() == last.file.Size() {
		return last.stored, nil
	}
	one, err := readSidecar(path, quarter, limits)
	if err != nil || failed != nil {
		return one, err
	}
	s.guard.Lock()
	defer s.guard.Unlock()
	if s.known == nil {
		s.known = map[string]knownSidecar{}
	}
	s.known[path] = knownSidecar{file, one}
	return one, nil
}

// errDamagedSidecar says that a sidecar is not what was written.
var errDamagedSidecar = errors.New("it is damaged")

// readSidecar reads the sidecar of an archived file and checks that it belongs
// to it. The error is an errDamagedSidecar where it was read, and is none.
func readSidecar(path string, quarter release.Quarter, limits limits) (stored, error) {
	one := stored{path: path, quarter: quarter}
	damaged := func(err error) error { return fmt.Errorf("%w: %w", errDamagedSidecar, err) }
	fail := func(err error) (stored, error) {
		return stored{}, fmt.Errorf("read the archive: the sidecar %s: %w: restore it from a backup, or move it away, and the next run that finds the same file writes it again", path+sidecarExtension, err)
	}
	file, err := os.Open(path + sidecarExtension)
	if err != nil {
		return fail(rootCause(err))
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, limits.sidecarBytes+1))
	if err != nil {
		return fail(rootCause(err))
	}
	if int64(len(text)) > limits.sidecarBytes {
		return fail(damaged(fmt.Errorf("it has more than %d bytes", limits.sidecarBytes)))
	}
	if err := json.Unmarshal(text, &one.sidecar); err != nil {
		return fail(damaged(err))
	}
	if one.Version > sidecarVersion {
		return fail(fmt.Errorf("it was written by a later version of hcpcs (sidecar_version %d, this one knows %d); update hcpcs", one.Version, sidecarVersion))
	}
	if one.Quarter != quarter.String() || len(one.SHA256) != 64 {
		return fail(fmt.Errorf("it speaks of quarter %q and SHA-256 %q, not of this file", one.Quarter, one.SHA256))
	}
	base := filepath.Base(path)
	switch one.Role {
	case roleRelease, roleRepackaged:
		if one.Main == nil || !strings.HasPrefix(base, fmt.Sprintf("r%d-%s-", one.Revision, one.SHA256[:12])) {
			return fail(fmt.Errorf("it speaks of revision %d and SHA-256 %s, not of this file", one.Revision, one.SHA256))
		}
	case roleCompanion:
		if !strings.HasPrefix(base, "companion-"+one.SHA256[:12]+"-") {
			return fail(fmt.Errorf("it speaks of SHA-256 %s, not of this file", one.SHA256))
		}
	default:
		return fail(fmt.Errorf("its role is %q: it must be release, repackaged or companion", one.Role))
	}
	return one, nil
}

func (s sidecar) encode() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(s)
	return text.Bytes(), err
}

var unsafeRunes = regexp.MustCompile(`[^A-Za-z0-9._]+`)

// maxArchivedName bounds the part of an archived file's name that comes from
// outside, in bytes: with prefix, sidecar and temporary endings a file system's
// 255 are never met.
const maxArchivedName = 100

// safeFileName makes a name of letters, digits, dots and hyphens from any.
func safeFileName(name string) string {
	name = strings.Trim(unsafeRunes.ReplaceAllString(name, "-"), "-.")
	if len(name) > maxArchivedName {
		extension := filepath.Ext(name)
		if len(extension) > 10 {
			extension = ""
		}
		name = name[:maxArchivedName-len(extension)] + extension
	}
	for _, ending := range []string{sidecarExtension, leftoverEnding} {
		if stem, ok := strings.CutSuffix(name, ending); ok { // such endings mean something in the archive
			name = stem + "-" + ending[1:]
		}
	}
	if name == "" {
		return "unnamed"
	}
	return name
}
