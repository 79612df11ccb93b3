package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// Lost is a file of the archive that is not what was archived.
type Lost struct {
	What string // 2025Q4r1, or "a companion of 2025Q4"
	Path string
	// SetAside is where a damaged file is now; "" where the file is gone.
	SetAside string
}

// Check reads the files of the archive: all of them that are not remembered, in
// the file named memory, as whole when they were last read, unchanged since, and
// read not too long ago (limits.readAgain). Without memory it reads all. A
// damaged one is renamed, so that it is
// out of the way and still there; its sidecar keeps its number and what is known
// of it, and Add takes the same bytes again from a source that has them. What is
// lost is given in order of path, whether it was found out now or before.
//
// A damaged sidecar of a release is renamed too: Add makes it again from the ZIP, and
// from what is expected of it (Expect). That of a companion is an error, since
// nothing else tells what the file was.
func (a *Archive) Check(ctx context.Context, at time.Time, memory string) ([]Lost, error) {
	a.listings.begin(at)
	lost, err := a.setSidecarsAside(ctx, at)
	if err != nil {
		return nil, err
	}
	held, err := a.holdings(ctx)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(held.releases, held.companions)
	checked := loadChecked(memory, a.limits.checkedBytes)
	whole, err := a.areWhole(ctx, all, checked, at)
	if err != nil {
		return nil, err
	}
	// Where that cannot be remembered, the next run reads more, and nothing else.
	_ = checked.save(memory)
	for i, one := range all {
		found := Lost{What: one.id().String(), Path: one.path}
		if one.Role == roleCompanion {
			found.What = "a companion of " + one.quarter.String()
		}
		if whole[i] {
			continue
		}
		if !one.missing {
			if found.SetAside, err = setAside(one.path, at); err != nil {
				return nil, err
			}
		}
		lost = append(lost, found)
	}
	slices.SortFunc(lost, func(x, y Lost) int { return strings.Compare(x.Path, y.Path) })
	return lost, nil
}

// setAside renames a damaged file, so that it is out of the way and still there.
func setAside(path string, at time.Time) (string, error) {
	folder, name := filepath.Split(path)
	aside := filepath.Join(folder, "damaged-"+at.UTC().Format("20060102T150405")+"-"+name)
	if err := os.Rename(path, aside); err != nil {
		return "", fmt.Errorf("set aside %s, which is damaged: %w: make its folder writable", path, rootCause(err))
	}
	if err := syncFolder(folder); err != nil {
		return "", fmt.Errorf("set aside %s, which is damaged: %w", path, rootCause(err))
	}
	return aside, nil
}

// setSidecarsAside renames the damaged sidecars of releases.
func (a *Archive) setSidecarsAside(ctx context.Context, at time.Time) ([]Lost, error) {
	sidecars, err := filepath.Glob(filepath.Join(escapeGlob(a.dir), "*", "r*"+sidecarExtension))
	if err != nil {
		return nil, fmt.Errorf("read the archive %s: %w", a.dir, err)
	}
	var lost []Lost
	for _, path := range sidecars {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		file := strings.TrimSuffix(path, sidecarExtension)
		quarter, err := release.ParseQuarter(filepath.Base(filepath.Dir(path)))
		if err != nil || !releaseFile.MatchString(filepath.Base(file)) {
			continue // not ours
		}
		if _, err := a.sidecars.read(file, quarter, a.limits); !errors.Is(err, errDamagedSidecar) {
			continue // another error is said by whoever reads it next
		}
		aside, err := setAside(path, at)
		if err != nil {
			return nil, err
		}
		lost = append(lost, Lost{What: "the sidecar of a release of " + quarter.String(), Path: path, SetAside: aside})
	}
	return lost, nil
}

// areWhole tells of each file whether it is whole. Several are read at once: with
// a hundred releases, reading them is most of what a run with nothing new does.
func (a *Archive) areWhole(ctx context.Context, files []stored, checked *checkedFiles, at time.Time) ([]bool, error) {
	whole, failed := make([]bool, len(files)), make([]error, len(files))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(files)); i = next.Add(1) - 1 {
				if !files[i].missing {
					whole[i], failed[i] = a.isWhole(ctx, files[i], checked, at)
				}
			}
		})
	}
	workers.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return whole, nil
}

// isWhole tells whether a file holds the bytes that were archived. One that
// cannot be read now may be whole: that is an error.
func (a *Archive) isWhole(ctx context.Context, one stored, checked *checkedFiles, at time.Time) (bool, error) {
	file, err := os.Open(one.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the archive: %s: %w: give permission to read it, or mend the disk", one.path, rootCause(err))
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil && info.Size() != one.Size {
		return false, nil
	}
	if err == nil && checked.sum(one.path, info, at, a.limits.readAgain) == one.SHA256 {
		return true, nil
	}
	sum := ""
	if err == nil {
		sum, _, err = hashAll(ctx, file, one.Size)
	}
	if err != nil {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		return false, fmt.Errorf("read the archive: %s: %w: mend the disk", one.path, rootCause(err))
	}
	if sum != one.SHA256 {
		return false, nil
	}
	checked.put(one.path, one.SHA256, info, at)
	return true, nil
}

// missing finds the archived ZIP that an offer is, where its file is gone, and
// what writes it again. Its sidecar is there and stays as it is.
func (r *addition) missing(offer Offer) (one *stored, fill func(io.Writer) error) {
	for i := range r.held.releases {
		one := &r.held.releases[i]
		if !one.missing || one.quarter != offer.Quarter {
			continue
		}
		if !offer.loose() && one.SHA256 == offer.SHA256 {
			return one, func(w io.Writer) error { return copyFile(r.ctx, w, offer.source.zip, offer.SHA256, r.archive.limits) }
		}
		if offer.loose() && one.PackedByHcpcs && one.Main.SHA256 == offer.Main.SHA256 {
			packed, err := packLoose(r.ctx, offer)
			if err == nil && hashOf(packed) == one.SHA256 { // else another pair of files
				return one, func(w io.Writer) error { _, err := w.Write(packed); return err }
			}
		}
	}
	return nil, nil
}

// place puts a file that was missing into its place.
func (r *addition) place(one *stored, fill func(io.Writer) error) error {
	if err := r.archive.place(one.path, fill); err != nil {
		return err
	}
	one.missing = false
	return nil
}
