package extract

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// completeReleases writes the sidecars that a killed run did not get to. Where
// an offer brings the same ZIP again, its facts are used and it counts as new;
// else the ZIP tells what it can.
func (r *addition) completeReleases() error {
	for _, left := range r.held.unfinished {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		source := diskFile{files: rootFiles{filepath.Dir(left.path)}, name: filepath.Base(left.path)}
		offer, err := offerOfArchived(r.ctx, source, r.archive.limits)
		if err != nil {
			return fmt.Errorf("complete %s in the archive: %w: restore the file from a backup, or move it away", left.path, err)
		}
		if !strings.Contains(filepath.Base(left.path), "-"+offer.SHA256[:12]+"-") {
			return fmt.Errorf("complete %s in the archive: its SHA-256 %s is not the one of its name: restore the file from a backup, or move it away", left.path, offer.SHA256)
		}
		role := roleRelease
		for _, one := range r.held.releases {
			if one.quarter == left.quarter && one.Revision == left.revision {
				role = roleRepackaged
			}
		}
		id := release.ID{Quarter: left.quarter, Revision: left.revision}
		brought := slices.IndexFunc(r.offers, func(other Offer) bool {
			return other.QuarterConflict == "" && (other.Quarter == left.quarter || other.Quarter.IsZero()) && r.wouldBe(other, offer)
		})
		facts := Facts{
			Name: offer.Name, FoundAt: left.path, Source: "completed from the archive",
			PublishedAt: offer.PublishedAt, PublishedBasis: offer.PublishedBasis,
		}
		packed, basis := false, ""
		if brought >= 0 {
			facts = r.facts(r.offers[brought])
			packed, basis = r.offers[brought].loose(), r.offers[brought].QuarterBasis
			outcome := OutcomeNew
			if role == roleRepackaged {
				outcome = OutcomeRepackaged
			}
			r.added.Offers[brought].Outcome, r.added.Offers[brought].ID = outcome, id
		} else {
			r.added.Completed = append(r.added.Completed, id)
		}
		facts.FetchedAt, facts.Size, facts.SHA256 = r.fetchedAt, offer.Size, offer.SHA256
		one := stored{path: left.path, quarter: left.quarter, sidecar: sidecar{
			Version: sidecarVersion, Role: role, Quarter: left.quarter.String(), Revision: left.revision,
			QuarterBasis: basis, PackedByHcpcs: packed, Facts: facts,
			Main: &offer.Main, Second: offer.Second, Entries: offer.Companions, Notes: offer.notes,
		}}
		if err := r.writeSidecar(one); err != nil {
			return err
		}
		r.held.releases = append(r.held.releases, one)
	}
	return nil
}

// wouldBe tells whether an offer, archived, would be the very ZIP that is there.
func (r *addition) wouldBe(offer, archived Offer) bool {
	if !offer.loose() {
		return offer.SHA256 == archived.SHA256
	}
	if offer.Main.SHA256 != archived.Main.SHA256 {
		return false
	}
	packed, err := packLoose(r.ctx, offer)
	return err == nil && hashOf(packed) == archived.SHA256
}

// offerOfArchived looks into a ZIP of the archive.
func offerOfArchived(ctx context.Context, source diskFile, limits limits) (Offer, error) {
	reader := &folderReader{files: source.files, limits: limits}
	found := reader.inspectNow(ctx, source)
	if found.err != nil {
		return Offer{}, found.err
	}
	contents := found.contents
	if contents.main == nil {
		return Offer{}, fmt.Errorf("it holds no main file (%s)", contents.problem)
	}
	return Offer{
		Name: archivedOriginalName(source.name), SHA256: found.sum, Size: found.size,
		Main: *contents.main, Second: contents.second, Companions: contents.entries, notes: contents.notes,
		PublishedAt: contents.publishedAt, PublishedBasis: contents.publishedBasis,
	}, nil
}

// archivedOriginalName drops "r1-<hash>-" from an archived ZIP's name.
func archivedOriginalName(name string) string {
	parts := strings.SplitN(name, "-", 3)
	return parts[len(parts)-1]
}
