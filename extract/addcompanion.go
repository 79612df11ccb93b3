package extract

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// addCompanion archives a companion unless it is there. Where no name tells its
// quarter, it belongs to the only release of the folder it lies in.
func (r *addition) addCompanion(i int, companion Companion) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	result := &r.added.Companions[i]
	if companion.QuarterConflict != "" {
		result.Outcome, result.Reason = OutcomeRefused, "its names contradict each other: "+companion.QuarterConflict
		return nil
	}
	quarter, basis := r.companionQuarter(companion)
	if quarter.IsZero() {
		result.Outcome, result.Reason = OutcomeQuarterUnknown, "no name tells its quarter and it does not lie beside one release alone: put it into a folder named by its quarter, such as 2025Q4"
		return nil
	}
	result.Quarter = quarter
	for i := range r.held.companions {
		one := &r.held.companions[i]
		if one.quarter == quarter && one.SHA256 == companion.SHA256 {
			result.Outcome = OutcomeKnown
			if one.missing {
				if err := r.place(one, companion.fill(r)); err != nil {
					return fmt.Errorf("restore %s from %s: %w", one.path, companion.Path, err)
				}
				result.Outcome = OutcomeRestored
			}
			return nil
		}
	}
	err := r.writeCompanion(companion, quarter, basis)
	var input inputError
	if errors.As(err, &input) && r.ctx.Err() == nil {
		result.Outcome, result.Reason = OutcomeRefused, fmt.Sprintf("it cannot be read: %v", input.error)
		return nil
	}
	if err != nil {
		return fmt.Errorf("archive %s for %s: %w", companion.Path, quarter, err)
	}
	result.Outcome = OutcomeNew
	return nil
}

func (r *addition) companionQuarter(companion Companion) (release.Quarter, string) {
	if !companion.Quarter.IsZero() {
		return companion.Quarter, companion.QuarterBasis
	}
	for i, offer := range r.offers {
		if offer.Path == companion.onlyOffer && r.added.Offers[i].ID != (release.ID{}) { // it is archived
			return r.added.Offers[i].ID.Quarter, BasisBeside
		}
	}
	for _, one := range r.held.companions { // placed by an earlier run
		if one.SHA256 == companion.SHA256 {
			return one.quarter, one.QuarterBasis
		}
	}
	return release.Quarter{}, ""
}

func (r *addition) writeCompanion(companion Companion, quarter release.Quarter, basis string) error {
	folder, err := r.archive.makeQuarter(quarter)
	if err != nil {
		return err
	}
	one := stored{
		path:    filepath.Join(folder, fmt.Sprintf("companion-%s-%s", companion.SHA256[:12], safeFileName(companion.Name))),
		quarter: quarter,
		sidecar: sidecar{
			Version: sidecarVersion, Role: roleCompanion, Quarter: quarter.String(), QuarterBasis: basis,
			Facts: Facts{
				Name: companion.Name, Source: r.source, FoundAt: companion.Path, FetchedAt: r.fetchedAt,
				LastModified: companion.LastModified, ETag: companion.ETag,
				Size: companion.Size, SHA256: companion.SHA256,
			},
			Entries: companion.Entries, Notes: companion.notes, Zipped: companion.zipped,
		},
	}
	if _, err := os.Lstat(one.path); err == nil { // a killed run did not get to its sidecar
		left := diskFile{files: rootFiles{folder}, name: filepath.Base(one.path)}
		if err := copyFile(r.ctx, io.Discard, left, companion.SHA256, r.archive.limits); err != nil {
			return fmt.Errorf("complete %s in the archive: %w: restore the file from a backup, or move it away", one.path, err)
		}
	} else if err := r.archive.place(one.path, companion.fill(r)); err != nil {
		return err
	}
	if err := r.writeSidecar(one); err != nil {
		return err
	}
	r.held.companions = append(r.held.companions, one)
	return nil
}

// fill gives what writes the companion's bytes.
func (c Companion) fill(r *addition) func(io.Writer) error {
	source := c.source.zip
	for _, loose := range c.source.loose {
		source = loose
	}
	return func(w io.Writer) error { return copyFile(r.ctx, w, source, c.SHA256, r.archive.limits) }
}
