package extract

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// Expected is a release that was archived, as the tables remember it.
type Expected struct {
	ID         release.ID
	MainSHA256 string // of the main file
	// The rest is as in Facts.
	FoundAt        string
	FetchedAt      time.Time
	PublishedAt    time.Time
	PublishedBasis string
}

// Expect names releases whose sidecars are gone, with or without their ZIPs. Add
// then keeps their numbers for the same main files, and writes what is known of
// them into their sidecars.
func (a *Archive) Expect(releases []Expected) {
	a.expected = map[release.ID]Expected{}
	for _, one := range releases {
		a.expected[one.ID] = one
	}
}

// HasQuarter tells whether the archive has a folder for a quarter.
func (a *Archive) HasQuarter(quarter release.Quarter) bool {
	info, err := os.Stat(filepath.Join(a.dir, quarter.String()))
	return err == nil && info.IsDir()
}

// keepNumbers keeps the numbers of the releases that are expected.
func (r *addition) keepNumbers() {
	for id := range r.archive.expected {
		r.held.numbers[id.Quarter] = max(r.held.numbers[id.Quarter], id.Revision)
	}
}

// expected finds the release that an offer is, among those whose sidecars are
// gone.
func (r *addition) expected(offer Offer) (Expected, bool) {
	for id, one := range r.archive.expected {
		if id.Quarter == offer.Quarter && one.MainSHA256 == offer.Main.SHA256 && !r.hasRelease(id) {
			return one, true
		}
	}
	return Expected{}, false
}

func (r *addition) hasRelease(id release.ID) bool {
	return slices.ContainsFunc(r.held.releases, func(one stored) bool { return one.Role == roleRelease && one.id() == id })
}

// remembered gives facts of a file that was archived before, as they were then.
// What a site said of it belongs to the address that it came from now.
func (e Expected) remembered(facts Facts) Facts {
	if facts.FoundAt != e.FoundAt {
		facts.ETag, facts.LastModified = "", time.Time{}
	}
	facts.FoundAt, facts.FetchedAt = e.FoundAt, e.FetchedAt.UTC()
	facts.PublishedAt, facts.PublishedBasis = e.PublishedAt, e.PublishedBasis
	return facts
}

// completeReleases writes the sidecars that a killed run did not get to, or that
// are gone. Where an offer brings the same ZIP again, its facts are used and it
// counts as new; else the ZIP tells what it can.
func (r *addition) completeReleases() error {
	for _, left := range r.held.unfinished {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		source := diskFile{files: rootFiles{filepath.Dir(left.path)}, name: filepath.Base(left.path)}
		offer, err := offerOfArchived(r.ctx, source, r.fetchedAt, r.archive.limits)
		if err != nil {
			return fmt.Errorf("complete %s in the archive: %w: restore the file from a backup, or move it away", left.path, err)
		}
		if !strings.Contains(filepath.Base(left.path), "-"+offer.SHA256[:12]+"-") {
			return fmt.Errorf("complete %s in the archive: its SHA-256 %s is not the one of its name: restore the file from a backup, or move it away", left.path, offer.SHA256)
		}
		id := release.ID{Quarter: left.quarter, Revision: left.revision}
		before, isExpected := r.archive.expected[id]
		isExpected = isExpected && before.MainSHA256 == offer.Main.SHA256 && !r.hasRelease(id)
		role := roleRelease
		if r.hasRelease(id) || !isExpected && r.archive.expected[id].MainSHA256 != "" {
			role = roleRepackaged
		}
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
			switch {
			case isExpected:
				outcome = OutcomeRestored
			case role == roleRepackaged:
				outcome = OutcomeRepackaged
			}
			r.added.Offers[brought].Outcome, r.added.Offers[brought].ID = outcome, id
		} else {
			r.added.Completed = append(r.added.Completed, id)
		}
		facts.FetchedAt, facts.Size, facts.SHA256 = r.fetchedAt, offer.Size, offer.SHA256
		if isExpected {
			facts = before.remembered(facts)
		}
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

// offerOfArchived looks into a ZIP of the archive, at a time.
func offerOfArchived(ctx context.Context, source diskFile, at time.Time, limits limits) (Offer, error) {
	reader := &folderReader{files: source.files, limits: limits, before: beforehand{at: at}}
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
