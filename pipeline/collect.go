package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// errIncomplete marks an error after which the rest of the run goes on.
var errIncomplete = errors.New("the source gave less than it offers")

// errUnusable marks one for files that may hold a release and cannot be used.
var errUnusable = errors.New("a file on the site may hold a release, and cannot be used")

// collect takes what the source offers into the archive.
func (r *run) collect(ctx context.Context) (err error) {
	look := r.foundAhead
	if look == nil {
		look = func() (extract.Inventory, error) { return r.inventory(ctx) }
	}
	inventory, err := look()
	r.foundAhead = nil // it has texts in memory
	if err != nil {
		return err
	}
	defer func() {
		if err == nil || ctx.Err() == nil { // else the next run takes the downloads over
			err = errors.Join(err, inventory.Close())
		}
	}()
	fetched := r.Now()
	r.archive.SetUnreadable(unreadable(r.warehouse.Releases()))
	added, err := r.archive.Add(ctx, inventory.Offers, inventory.Companions, r.summary.Source, fetched)
	if err != nil {
		return err
	}
	if err := r.placeByContent(ctx, inventory.Offers, &added, fetched); err != nil {
		return err
	}
	if err := inventory.RememberRefused(ctx, added.Offers, fetched); err != nil {
		return err
	}
	r.summary.PassedOver = append(inventory.PassedOver, added.PassedOver()...)
	slices.SortStableFunc(r.summary.PassedOver, func(a, b extract.PassedOver) int { return strings.Compare(a.Path, b.Path) })
	for _, offer := range added.Offers {
		switch offer.Outcome {
		case extract.OutcomeNew:
			r.Log.Info("archived", "release", offer.ID.String(), "from", offer.Path)
		case extract.OutcomeRestored:
			r.summary.Restored = append(r.summary.Restored, offer.Path)
		case extract.OutcomeRepackaged:
			r.summary.Repackaged = append(r.summary.Repackaged, offer)
		}
	}
	for _, id := range added.Completed {
		r.Log.Info("archived, from a ZIP that a killed run had left without a sidecar", "release", id.String())
	}
	for _, companion := range added.Companions {
		if companion.Outcome == extract.OutcomeRestored {
			r.summary.Restored = append(r.summary.Restored, companion.Path)
		}
		if companion.Outcome == extract.OutcomeNew {
			r.summary.NewCompanions = append(r.summary.NewCompanions, companion)
			r.Log.Info("archived", "companion", companion.Name, "quarter", companion.Quarter.String(), "from", companion.Path)
		}
	}
	if err := r.findDuplicates(ctx, added.Offers); err != nil {
		return err
	}
	for _, passed := range r.summary.PassedOver {
		level, what := slog.LevelDebug, "passed over"
		if passed.Suspect {
			level, what = slog.LevelWarn, "passed over, and may hold a release"
		}
		r.Log.Log(ctx, level, what, "file", passed.Path, "because", passed.Reason)
	}
	for _, link := range inventory.Unchanged {
		r.Log.Debug("unchanged since it was archived", "file", link.Name, "from", link.URL)
	}
	r.summary.Failed = inventory.Failed
	var incomplete error
	if missing := inventory.Incomplete(); missing != nil {
		incomplete = fmt.Errorf("%w: %w", errIncomplete, missing)
	}
	return errors.Join(incomplete, r.unusable())
}

// unreadable names the releases that are held back because no record of them could
// be read.
func unreadable(releases []load.Release) []release.ID {
	var ids []release.ID
	for i := range releases {
		if releases[i].State == load.Held && releases[i].Records == 0 {
			ids = append(ids, releases[i].ID)
		}
	}
	return ids
}

// unusable gives an error for the files of a site that may hold a release and
// cannot be used: they are what it offers. What lies in a folder may be anything.
func (r *run) unusable() error {
	if !IsSite(r.config.Source) {
		return nil
	}
	var files []string
	for _, passed := range r.summary.PassedOver {
		if passed.Suspect {
			files = append(files, passed.Path+": "+passed.Reason)
		}
	}
	if files == nil {
		return nil
	}
	return fmt.Errorf("%w: %w: %s; %s", errIncomplete, errUnusable, strings.Join(files, "; "), unusableAdvice)
}

const unusableAdvice = "put the release as a file that can be read into a folder and run 'hcpcs run --source FOLDER'; each run says this until a release of that quarter has come or the page has another file"

// lookAhead begins to look into a folder while the warehouse is opened, which takes
// DuckDB as long as it takes to unpack a few ZIPs. A site is asked only when it is
// written down that the run began. What it gives ends the look, or waits for its end.
func (r *run) lookAhead(ctx context.Context) (end func()) {
	if r.rebuild || IsSite(r.config.Source) {
		return func() {}
	}
	type answer struct {
		found extract.Inventory
		err   error
	}
	ctx, stop := context.WithCancel(ctx)
	answers := make(chan answer, 1)
	go func() {
		found, err := r.inventory(ctx)
		answers <- answer{found, err}
	}()
	r.foundAhead = sync.OnceValues(func() (extract.Inventory, error) {
		answer := <-answers
		return answer.found, answer.err
	})
	return func() {
		stop()
		if r.foundAhead != nil {
			_, _ = r.foundAhead() // nothing of a folder is kept open, and nobody asked
		}
	}
}

// inventory looks at what the source offers; what is new on a site is
// downloaded.
func (r *run) inventory(ctx context.Context) (extract.Inventory, error) {
	if !IsSite(r.config.Source) {
		if _, err := os.Stat(r.config.Source); errors.Is(err, fs.ErrNotExist) {
			// A folder on a share that is not mounted, say: what is here is served on.
			return extract.Inventory{}, fmt.Errorf("%w: there is no folder %s", ErrUnreachable, r.config.Source)
		}
		return r.archive.ReadFolder(ctx, r.config.Source, r.summary.Started, r.paths.Checked)
	}
	return extract.ReadSite(ctx, r.config.site(r.archive, r.Surroundings))
}

// placeByContent asks the content for the quarter of releases that no name
// tells, and adds those that tell it. The others stay refused, with the
// archive's words.
func (r *run) placeByContent(ctx context.Context, offers []extract.Offer, added *extract.Added, fetched time.Time) error {
	var placed []extract.Offer
	var places []int // in offers
	var texts transform.TextReader
	for i := range offers {
		if added.Offers[i].Outcome != extract.OutcomeQuarterUnknown {
			continue
		}
		offer := offers[i]
		data, err := offer.ReadMain(ctx)
		if err != nil {
			continue // the archive met the same error, and reports it
		}
		file, err := parse(&texts, offer.Main, data)
		if err != nil {
			continue
		}
		quarter, in, of := transform.SuggestQuarter(file.Records)
		if quarter.IsZero() {
			continue
		}
		offer.Quarter, offer.QuarterBasis = quarter, extract.BasisContent
		placed, places = append(placed, offer), append(places, i)
		r.summary.Placed = append(r.summary.Placed, fmt.Sprintf("%s is taken for %s: no name tells its quarter, and %d of its %d declared actions take effect in that one",
			offer.Path, quarter, in, of))
	}
	if placed == nil {
		return nil
	}
	again, err := r.archive.Add(ctx, placed, nil, r.summary.Source, fetched)
	if err != nil {
		return err
	}
	for i, place := range places {
		added.Offers[place] = again.Offers[i]
	}
	return nil
}
