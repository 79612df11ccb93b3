package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
)

// Planned is something that a run would do.
type Planned struct {
	Action  string // download, archive, load, publish, report or mail
	Release string // or the quarter; "" where it is not known yet
	What    string
}

// Plan gives what Run would do now, in order, and changes nothing: no file, no
// folder, no lock. From a page nothing is downloaded, so that what is in the
// files is not known: not whether it is new, nor whether it would be held back.
// What is held back anyway is not planned to be loaded.
func Plan(ctx context.Context, config Config, accept []release.ID, around Surroundings) ([]Planned, error) {
	p := &planning{run: run{config: config, paths: config.Paths(), accept: accept, Surroundings: around}}
	p.archive = extract.PlanArchive(p.paths.Archive)
	p.summary.Source = config.Source
	if err := p.collect(ctx); err != nil {
		return nil, err
	}
	if err := p.load(ctx); err != nil {
		return nil, err
	}
	status, err := ReadStatus(config)
	if err != nil {
		return nil, err
	}
	for i := range status.Undelivered {
		if u := &status.Undelivered[i]; !u.Refused {
			p.plan("mail", strings.Join(u.Releases, ", "), "to "+u.Group+", for whom it waits since "+u.Since.UTC().Format("2006-01-02"))
		}
	}
	return p.planned, nil
}

type planning struct {
	run
	planned []Planned
	fresh   []release.ID // releases that would come into the archive
}

func (p *planning) plan(action, release, what string) {
	p.planned = append(p.planned, Planned{action, release, what})
}

// collect plans what is got from the source.
func (p *planning) collect(ctx context.Context) error {
	if IsSite(p.config.Source) {
		listed, err := extract.ListSite(ctx, p.config.site(p.archive, p.Surroundings))
		if err != nil {
			return err
		}
		for i := range listed {
			one := &listed[i]
			switch {
			case one.Problem != "":
			case one.FetchedAt.IsZero():
				p.plan("download", one.Quarter.String(), one.URL)
			default:
				p.plan("download", one.Quarter.String(), one.URL+", if it changed since "+one.FetchedAt.UTC().Format("2006-01-02"))
			}
		}
		return nil
	}
	inventory, err := p.inventory(ctx)
	if err != nil {
		return err
	}
	known, err := p.publishedReleases(ctx)
	if err != nil {
		return errors.Join(err, inventory.Close())
	}
	p.archive.SetUnreadable(unreadable(known))
	added, err := p.archive.Add(ctx, inventory.Offers, inventory.Companions, p.config.Source, p.Now())
	if err == nil {
		err = p.placeByContent(ctx, inventory.Offers, &added, p.Now())
	}
	if err := errors.Join(err, inventory.Close()); err != nil {
		return err
	}
	for _, offer := range added.Offers {
		switch offer.Outcome {
		case extract.OutcomeNew:
			p.plan("archive", offer.ID.String(), offer.Path)
			p.fresh = append(p.fresh, offer.ID)
		case extract.OutcomeRepackaged:
			p.plan("archive", offer.ID.String(), offer.Path+", another ZIP around a main file that is there")
		}
	}
	for _, companion := range added.Companions {
		if companion.Outcome == extract.OutcomeNew {
			p.plan("archive", companion.Quarter.String(), companion.Path+", which comes with a release")
		}
	}
	return nil
}

// load plans what goes into the tables and out of them. What is there already is
// told by the published file: the warehouse can be open in one process only.
func (p *planning) load(ctx context.Context) error {
	known, err := p.publishedReleases(ctx)
	if err != nil {
		return err
	}
	_, err = os.Stat(p.paths.Warehouse)
	isNew := errors.Is(err, fs.ErrNotExist)
	if err != nil && !isNew {
		return err
	}
	archived, err := p.archive.Releases(ctx)
	if err != nil {
		return err
	}
	ids := slices.Clone(p.fresh)
	for i := range archived {
		ids = append(ids, archived[i].ID)
	}
	slices.SortFunc(ids, release.ID.Compare)
	var loaded []release.ID
	for _, id := range slices.Compact(ids) {
		at := slices.IndexFunc(known, func(r load.Release) bool { return r.ID == id })
		switch {
		case slices.Contains(p.accept, id) && (at < 0 || known[at].State == load.Held):
			p.plan("load", id.String(), "although it does not look right, since it is accepted")
		case at < 0:
			p.plan("load", id.String(), "unless it does not look right")
		case known[at].State == load.Held:
			continue
		case isNew:
			p.plan("load", id.String(), "anew, since there is no warehouse")
			continue // it is no news
		default:
			continue
		}
		loaded = append(loaded, id)
	}
	for _, id := range p.accept {
		if !slices.Contains(loaded, id) {
			return notHeld(id)
		}
	}
	if len(loaded) > 0 || isNew && len(ids) > 0 {
		p.plan("publish", "", p.paths.Published)
	}
	if loaded == nil {
		return nil
	}
	names := ReportName(namesOf(loaded))
	p.plan("report", names, p.paths.Reports)
	for _, group := range p.config.recipientGroups() {
		if p.config.Mail.ToDir != "" {
			p.plan("mail", names, "as a file into "+p.config.Mail.ToDir)
			continue
		}
		p.plan("mail", names, "to "+group.Name)
	}
	return nil
}
