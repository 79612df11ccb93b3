package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
)

// What can be damaged, and who mends it: a file of the archive is taken from the
// source again; the warehouse is derived anew from the archive; the published
// file is published again. Nothing is thrown away: what is damaged is set aside.

// ErrArchive says that the archive is not whole, and that somebody has to act.
var ErrArchive = errors.New("the archive is not whole")

// checkArchive looks at every file of the archive, and reads those that changed,
// or were last read long ago; all of them before a rebuild. Damaged files are set aside, and taken
// from the source again where it has them: see stillLost.
func (r *run) checkArchive(ctx context.Context) (err error) {
	memory := r.paths.Checked
	if r.rebuild {
		memory = ""
	}
	if r.lost, err = r.archive.Check(ctx, r.summary.Started, memory); err != nil {
		return err
	}
	for _, lost := range r.lost {
		if lost.SetAside != "" {
			r.Log.Warn("a file of the archive is damaged", "what", lost.What, "file", lost.Path, "set_aside_as", lost.SetAside)
		}
	}
	if r.rebuild && len(r.lost) > 0 {
		return lostError(r.lost)
	}
	return nil
}

// stillLost names the files of the archive that were damaged or gone and that the
// source did not bring again.
func (r *run) stillLost(ctx context.Context) error {
	if len(r.lost) == 0 || ctx.Err() != nil {
		return nil
	}
	lost, err := r.archive.Check(ctx, r.summary.Started, r.paths.Checked)
	if err != nil || len(lost) == 0 {
		return err
	}
	return lostError(lost)
}

func lostError(lost []extract.Lost) error {
	names := make([]string, len(lost))
	for i, one := range lost {
		names[i] = fmt.Sprintf("%s (%s)", one.Path, one.What)
	}
	return fmt.Errorf("%w: %s: damaged or gone; restore it from a backup, or give 'hcpcs run' a source that has it", ErrArchive, strings.Join(names, ", "))
}

// begin opens the warehouse, makes sure that it belongs to the archive, and
// writes down that the run began. A warehouse that is damaged gives way to a new
// one.
func (r *run) begin(ctx context.Context) error {
	err := r.openWarehouse(ctx)
	if load.IsDamaged(err) && !r.beganAnew {
		return r.beginAnew(ctx, err)
	}
	return err
}

// openWarehouse leaves none open where it fails.
func (r *run) openWarehouse(ctx context.Context) error {
	warehouse, err := load.OpenWarehouse(ctx, r.paths.Warehouse, r.config.Resources())
	if err != nil && !errors.Is(err, load.ErrRulesChanged) {
		return err
	}
	r.warehouse = warehouse
	if errors.Is(err, load.ErrRulesChanged) {
		r.summary.Rederived = "the rules of this program's version differ from those that the tables were derived by"
	} else if r.rebuild {
		r.summary.Rederived = "asked for"
	}
	if err := r.prepareWarehouse(ctx); err != nil {
		// What closing says of a file that cannot be used is of no use.
		_ = warehouse.Close()
		r.warehouse = nil
		return err
	}
	return nil
}

func (r *run) prepareWarehouse(ctx context.Context) (err error) {
	if err := r.compareWithArchive(ctx); err != nil {
		return err
	}
	if err := r.recallOutbox(ctx); err != nil {
		return err
	}
	if r.summary.Rederived != "" {
		r.Log.Info("deriving everything anew from the archive", "because", r.summary.Rederived)
		if err := r.warehouse.Reset(ctx); err != nil {
			return err
		}
	}
	r.number, err = r.warehouse.BeginRun(ctx, r.summary.Started, r.summary.Source)
	return err
}

// beginAnew sets a damaged warehouse aside and begins with an empty one, into
// which everything is loaded from the archive.
func (r *run) beginAnew(ctx context.Context, because error) error {
	r.beganAnew = true
	if r.warehouse != nil {
		_ = r.warehouse.Close() // it is set aside, whatever closing says
		r.warehouse = nil
	}
	aside, err := r.setAside()
	if err != nil {
		return errors.Join(because, fmt.Errorf("setting the warehouse aside: %w", err))
	}
	r.Log.Warn("the warehouse is damaged; all is derived anew from the archive", "because", because.Error(), "set_aside_as", aside)
	err = r.openWarehouse(ctx)
	r.summary.Loaded = nil
	r.summary.Rederived = "the warehouse was damaged, and is set aside as " + aside
	return err
}

// setAside moves a damaged warehouse, with its log, out of the way.
func (r *run) setAside() (aside string, err error) {
	aside = r.paths.Warehouse + ".damaged-" + r.summary.Started.UTC().Format("20060102T150405")
	if err := os.Rename(r.paths.Warehouse, aside); err != nil {
		return "", err
	}
	if err := os.Rename(r.paths.Warehouse+".wal", aside+".wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return aside, nil
}

// compareWithArchive refuses to go on where the archive lacks releases that are
// in the tables, or has others under their names: numbers would be given anew,
// and what was known would be lost. A release that is held back and gone from
// the archive is forgotten: somebody took it away. A release of which the folder of
// its quarter is left may come back from the source: see stillLacking.
func (r *run) compareWithArchive(ctx context.Context) error {
	archived, err := r.archive.Releases(ctx)
	if err != nil {
		return err
	}
	sums := map[release.ID]string{}
	for i := range archived {
		sums[archived[i].ID] = archived[i].Main.SHA256
	}
	rows, where := r.warehouse.Releases(), r.paths.Warehouse
	if len(rows) == 0 {
		if rows, err = r.publishedReleases(ctx); err != nil {
			return err
		}
		where = r.paths.Published
	}
	var lacking []load.Release
	mayComeBack := true
	for _, row := range rows {
		switch {
		case sums[row.ID] == row.SHA256:
		case row.State == load.Loaded:
			lacking = append(lacking, row)
			mayComeBack = mayComeBack && sums[row.ID] == "" && r.archive.HasQuarter(row.ID.Quarter)
		case where == r.paths.Warehouse:
			r.Log.Warn("a release that was held back is gone from the archive, and forgotten", "release", row.ID.String())
			if err := r.warehouse.ForgetHeld(ctx, row.ID); err != nil {
				return err
			}
		}
	}
	if lacking == nil {
		return nil
	}
	switch {
	case mayComeBack && r.rebuild:
		return r.lackingError(lacking, where, fromTheSource)
	case !mayComeBack, r.summary.Rederived != "": // what is in the tables is about to go
		return r.lackingError(lacking, where, "")
	}
	r.lacking, r.lackingFor = lacking, where
	expected := make([]extract.Expected, len(lacking))
	for i := range lacking {
		row := &lacking[i]
		expected[i] = extract.Expected{
			ID: row.ID, MainSHA256: row.SHA256, FoundAt: row.Source, FetchedAt: row.FetchedAt,
			PublishedAt: row.PublishedAt, PublishedBasis: row.PublishedBasis,
		}
		r.Log.Warn("the archive lacks a release, or its sidecar; it is made again from what is there and what the source has", "release", row.ID.String())
	}
	r.archive.Expect(expected)
	return nil
}

// stillLacking refuses to go on where neither the archive nor the source had what
// the archive lacked at the start.
func (r *run) stillLacking(ctx context.Context) error {
	if r.lacking == nil {
		return nil
	}
	archived, err := r.archive.Releases(ctx)
	if err != nil {
		return err
	}
	lacking := slices.DeleteFunc(slices.Clone(r.lacking), func(row load.Release) bool {
		return slices.ContainsFunc(archived, func(one extract.Archived) bool { return one.ID == row.ID && one.Main.SHA256 == row.SHA256 })
	})
	if len(lacking) == 0 {
		return nil
	}
	return r.lackingError(lacking, r.lackingFor, fromTheSource)
}

const fromTheSource = ", or give 'hcpcs run' a source that has it"

// lackingError names the releases that the archive lacks, and the file that has
// them.
func (r *run) lackingError(lacking []load.Release, where, orElse string) error {
	names := make([]string, len(lacking))
	for i := range lacking {
		names[i] = lacking[i].ID.String()
	}
	return fmt.Errorf("%w: %s lacks %s, which %s has: bring it back from a backup%s; or, to begin anew with what the source has, move %s and %s away",
		ErrArchive, r.paths.Archive, strings.Join(names, ", "), where, orElse, r.paths.Warehouse, r.paths.Published)
}

// publishedReleases gives the releases of the published file, none where there is
// no file that can be read.
func (r *run) publishedReleases(ctx context.Context) ([]load.Release, error) {
	published, err := r.config.openPublished(ctx)
	if errors.Is(err, load.ErrNothingPublished) || load.IsDamaged(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	releases := published.Releases()
	return releases, published.Close()
}
