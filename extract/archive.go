package extract

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// Archive keeps every release and companion ever met, unchanged: one folder
// for each quarter, in it one ZIP for each release with a sidecar beside it
// (design.md, "Truth" 1). Nothing in it is overwritten or deleted. Any number
// of processes may read it; only one at a time may Add, which the caller sees
// to.
type Archive struct {
	dir    string
	limits limits
	// fault is called before each step of writing; tests fail there.
	fault func(step string) error
	// planned tells that nothing is written: Add says what it would do.
	planned  bool
	memory   *memory
	sidecars sidecars
	listings listings
	expected map[release.ID]Expected
	tell     func(MainFile, []byte) // see WhenUnpacked; nil: nobody asks
	// unreadable are the releases that SetUnreadable names.
	unreadable []release.ID
}

// WhenUnpacked has a look into new ZIPs tell of each text that is a main file, as soon
// as it is unpacked, with its bytes: who will read it need not have it unpacked again.
// Several goroutines tell at once. Nobody else needs the bytes afterwards.
func (a *Archive) WhenUnpacked(tell func(main MainFile, content []byte)) { a.tell = tell }

// SetUnreadable names the releases whose main file gives no record. To Add, the text
// of such a release is a release of its own, though its workbook is there: as another
// package of the one that cannot be read it would never be loaded.
func (a *Archive) SetUnreadable(ids []release.ID) { a.unreadable = ids }

// PlanArchive opens the archive in a folder to find out what Add would do to it.
// Nothing is written, and the folder need not be there.
func PlanArchive(dir string) *Archive {
	return &Archive{dir: dir, limits: defaultLimits, fault: func(string) error { return nil }, planned: true, memory: &memory{}}
}

// OpenArchive opens the archive in a folder and creates the folder when it is
// missing.
func OpenArchive(dir string) (*Archive, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open the archive %s: %w: give a folder that can be written", dir, err)
	}
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return nil, fmt.Errorf("open the archive %s: it is not a folder that can be read: %w", dir, err)
	}
	return &Archive{dir: dir, limits: defaultLimits, fault: func(string) error { return nil }, memory: &memory{}}, nil
}

// Archived is a release in the archive.
type Archived struct {
	ID   release.ID
	Path string // of the ZIP
	Facts
	QuarterBasis string // how the quarter was told, as Offer.QuarterBasis
	Main         MainFile
	Second       *MainFile   // the same release in the other format, or nil
	Entries      []EntryInfo // the other files in the ZIP
	Missing      bool        // the ZIP is gone, or was set aside as damaged
	// Repackaged are further ZIPs around the same main file, in the order of
	// FetchedAt, then of Name. They may hold other companions.
	Repackaged []Archived

	limits limits
	memory *memory
}

// ArchivedCompanion is a file of its own in the archive that came without a
// release.
type ArchivedCompanion struct {
	Quarter release.Quarter
	Path    string
	Facts
	QuarterBasis string
	Entries      []EntryInfo // the ZIP's, or the file itself
	Zipped       bool
	Missing      bool // as in Archived

	limits limits
}

// Releases lists the archived releases by quarter and revision. It reads the
// sidecars only. A sidecar that cannot be read is an error: to leave its
// release out would give its number away.
func (a *Archive) Releases(ctx context.Context) ([]Archived, error) {
	held, err := a.holdings(ctx)
	if err != nil {
		return nil, err
	}
	var releases []Archived
	for _, one := range held.releases {
		if one.Role == roleRelease {
			releases = append(releases, a.archived(one))
		}
	}
	for _, one := range held.releases {
		for i := range releases {
			if one.Role == roleRepackaged && releases[i].ID == one.id() {
				releases[i].Repackaged = append(releases[i].Repackaged, a.archived(one))
			}
		}
	}
	slices.SortFunc(releases, func(x, y Archived) int { return x.ID.Compare(y.ID) })
	for _, one := range releases {
		slices.SortFunc(one.Repackaged, func(x, y Archived) int { return x.Facts.compare(y.Facts) })
	}
	return releases, nil
}

func (a *Archive) archived(one stored) Archived {
	return Archived{
		ID: one.id(), Path: one.path, Facts: one.Facts, QuarterBasis: one.QuarterBasis,
		Main: *one.Main, Second: one.Second, Entries: one.Entries, Missing: one.missing, limits: a.limits, memory: a.memory,
	}
}

// Companions lists the archived companions by quarter, then by the time at
// which they were fetched, then by name.
func (a *Archive) Companions(ctx context.Context) ([]ArchivedCompanion, error) {
	held, err := a.holdings(ctx)
	if err != nil {
		return nil, err
	}
	var companions []ArchivedCompanion
	for _, one := range held.companions {
		companions = append(companions, ArchivedCompanion{
			Quarter: one.quarter, Path: one.path, Facts: one.Facts, QuarterBasis: one.QuarterBasis, Entries: one.Entries,
			Zipped: one.Zipped, Missing: one.missing, limits: a.limits,
		})
	}
	slices.SortFunc(companions, func(x, y ArchivedCompanion) int {
		return cmp.Or(x.Quarter.Compare(y.Quarter), x.Facts.compare(y.Facts))
	})
	return companions, nil
}
