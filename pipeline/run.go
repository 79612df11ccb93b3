package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// SourceCMS is the source that goes to CMS's own page.
const SourceCMS = "cms"

// Surroundings are what a run takes from outside: the clock, the log, and where
// to report how far it is.
type Surroundings struct {
	Now func() time.Time
	Log *slog.Logger
	// Version is the program's, for the name that it gives to sites.
	Version string
	// Wait returns after a time, or with the context's error. nil: it waits.
	Wait func(ctx context.Context, wait time.Duration) error
	// Stop asks for an end between two steps, when it is closed. nil: never.
	Stop <-chan struct{}
	// Progress is told how far a run is, by several goroutines at once. nil:
	// nobody is.
	Progress func(Progress)
}

// Summary says what a run did.
type Summary struct {
	Source  string
	Started time.Time
	Took    time.Duration
	// Loaded are the releases loaded by this run, in the order of loading.
	Loaded []load.Loading
	// Held are the releases that wait for review, whichever run held them back.
	Held []load.Release
	// PassedOver are the files of the source that were not used, and why.
	PassedOver []extract.PassedOver
	// Failed are downloads that did not succeed; everything else was done.
	Failed []extract.Failure
	// Unreached tells that the source itself could not be reached: what it offers
	// is not known.
	Unreached bool
	// Repackaged are new ZIPs around main files that were there already: said
	// once, by the run that meets them.
	Repackaged []extract.AddedOffer
	// Duplicates are releases that are there already, met under another name:
	// said once too.
	Duplicates []extract.AddedOffer
	// Restored are files of the source that the archive lacked, since its own were
	// damaged or gone.
	Restored []string
	// NewCompanions are companions that were not in the archive yet.
	NewCompanions []extract.AddedCompanion
	// Placed says of which releases the quarter was told by their content.
	Placed []string
	// Rederived says why everything was derived anew, "" where it was not.
	Rederived string
	// Reports are those that were written into the reports folder.
	Reports []ReportFiles
	// Mailings say what became of mails: those sent, those that wait for the next
	// run, and those that were refused by this run or an earlier one.
	Mailings []Mailing
	// Concluded tells that the run did all its steps: what is held and what is in
	// the tables is known.
	Concluded bool
	// Published tells whether a new file was published.
	Published bool
	// Latest is the latest release in the tables, the zero Release where there
	// is none, and Releases how many there are.
	Latest   load.Release
	Releases int
}

// NothingNew tells whether the source had nothing that was not here: not where
// some of it could not be got.
func (s *Summary) NothingNew() bool {
	return s.ChangedNothing() && len(s.Failed) == 0 && !s.Unreached
}

// ChangedNothing tells whether the run left everything as it was.
func (s *Summary) ChangedNothing() bool {
	return len(s.Loaded) == 0 && len(s.NewCompanions) == 0 && len(s.Repackaged) == 0 && len(s.Duplicates) == 0 && len(s.Restored) == 0 && s.Rederived == "" && !s.Published
}

// ErrHeld says that a release is held back for review.
var ErrHeld = errors.New("a release is held back for review")

// ErrUnreachable says that the source could not be reached.
var ErrUnreachable = extract.ErrUnreachable

// Run is one pass: what the source offers goes into the archive, what is new
// there into the warehouse, and what changed is published. Nothing new is
// success. accept names releases that are to be loaded although they were held.
//
// With ErrHeld, everything else was done that the source allowed, and the summary
// is whole.
func Run(ctx context.Context, config Config, accept []release.ID, around Surroundings) (Summary, error) {
	r := &run{config: config, paths: config.Paths(), accept: accept, Surroundings: around}
	r.summary = Summary{Source: config.Source, Started: around.Now()}
	heartbeat, err := config.heartbeat()
	if err != nil {
		r.tellOperators(ctx, err)
		return r.summary, err
	}
	if err := r.locked(ctx, "hcpcs run"); err != nil {
		return r.summary, err
	}
	if heartbeat != "" {
		if err := beat(ctx, heartbeat, nil); err != nil {
			around.Log.Warn("the run is complete, but the heartbeat does not know", "because", err.Error())
		}
	}
	return r.summary, nil
}

// Rebuild derives everything anew from the archive, and publishes it.
func Rebuild(ctx context.Context, config Config, around Surroundings) (Summary, error) {
	r := &run{config: config, paths: config.Paths(), Surroundings: around, rebuild: true}
	r.summary = Summary{Source: r.paths.Archive, Started: around.Now()}
	if _, err := os.Stat(r.paths.Archive); err != nil {
		return r.summary, fmt.Errorf("rebuilding from the archive: %w: nothing was ever loaded into %s; use 'hcpcs run' first", err, r.paths.Data)
	}
	err := r.locked(ctx, "hcpcs rebuild")
	return r.summary, err
}

// locked does the whole run while nobody else does one, and leaves how it went.
func (r *run) locked(ctx context.Context, command string) error {
	defer r.memory.bound()()
	if err := makeFolders(r.paths); err != nil {
		r.tellOperators(ctx, err)
		return err
	}
	unlock, err := lock(r.paths.Lock, fmt.Sprintf("process %d, '%s' since %s", os.Getpid(), command, r.summary.Started.UTC().Format(time.RFC3339)))
	if err != nil {
		if !errors.Is(err, ErrLocked) { // which is no failure: another run does the work
			r.tellOperators(ctx, err)
		}
		return err
	}
	err = r.whole(ctx)
	err = errors.Join(err, r.leaveStatus(err))
	r.tellOperators(ctx, err)
	err = errors.Join(err, unlock())
	r.summary.Took = r.Now().Sub(r.summary.Started)
	return err
}

func makeFolders(paths Paths) error {
	for _, folder := range [...]string{paths.Data, paths.Temporary} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("making the data folder: %w: choose another with --data-dir, or give the right to write", err)
		}
	}
	return nil
}

type run struct {
	config  Config
	paths   Paths
	accept  []release.ID
	rebuild bool
	Surroundings

	memory  memory
	archive *extract.Archive
	// foundAhead waits for the look into a folder that was begun; nil: none was.
	foundAhead func() (extract.Inventory, error)
	early      *earlyReading
	lost       []extract.Lost // files of the archive that were damaged or gone at the start
	lacking    []load.Release // releases without sidecars in the archive at the start
	lackingFor string         // the file that has those
	warehouse  *load.Warehouse
	number     int   // of the run, in the warehouse
	beganAnew  bool  // because the warehouse was damaged
	incomplete error // what the source did not give
	summary    Summary
	// recalled is what the archive remembers of the outbox, nil where the
	// warehouse knows better.
	recalled *outboxCopy
	// undelivered are the reports for which somebody has to act.
	undelivered []Mailing
	// reports makes those that are owed; nil until they are.
	reports *reportMaker
	// settled waits until the warehouse can be asked again after reports were made
	// beside its settling.
	settled func() error
	steps   []StepDuration
	seen    *Status // what is in the warehouse at the end; nil: not known
}

// timed does a step of the run, and remembers how long it took.
func (r *run) timed(step string, work func() error) error {
	started := r.Now()
	err := work()
	r.steps = append(r.steps, StepDuration{step, r.Now().Sub(started).Seconds()})
	return err
}

func (r *run) whole(ctx context.Context) (err error) {
	if r.archive, err = extract.OpenArchive(r.paths.Archive); err != nil {
		return err
	}
	if err := r.checkArchive(ctx); err != nil {
		return err
	}
	r.early = newEarlyReading()
	r.archive.WhenUnpacked(r.early.unpacked)
	defer r.early.drop()
	defer r.lookAhead(ctx)()
	if err := r.begin(ctx); err != nil {
		return err
	}
	worked := r.work(ctx)
	ended := r.end(ctx, worked)
	if load.IsDamaged(ended) && !r.beganAnew {
		worked = r.anew(ctx, ended)
		ended = r.end(ctx, worked)
	}
	if r.warehouse != nil {
		ended = errors.Join(ended, r.warehouse.Close())
	}
	return errors.Join(worked, ended)
}

// end writes down how the run ended, and looks at what is there now, also when
// it was interrupted. There is no warehouse where a damaged one could not be
// replaced.
func (r *run) end(ctx context.Context, worked error) error {
	if r.warehouse == nil {
		return nil
	}
	end := load.RunEnd{Ended: r.Now(), Outcome: OutcomeOf(worked), Counts: r.summary.Counts()}
	if worked != nil {
		end.Error = worked.Error()
	}
	after := context.WithoutCancel(ctx)
	return errors.Join(r.warehouse.EndRun(after, r.number, end), r.look(after))
}

// work does everything in order. What the source did not give is said at the
// end: what it gave, and what is in the archive, is loaded all the same.
func (r *run) work(ctx context.Context) error {
	if !r.rebuild {
		r.incomplete = r.timed("collect", func() error { return r.collect(ctx) })
		if r.incomplete != nil && !errors.Is(r.incomplete, errIncomplete) && !errors.Is(r.incomplete, ErrUnreachable) {
			return r.incomplete
		}
		r.summary.Unreached = errors.Is(r.incomplete, ErrUnreachable) && !errors.Is(r.incomplete, errIncomplete)
	}
	loaded := r.load(ctx)
	if load.IsDamaged(loaded) && !r.beganAnew {
		return r.anew(ctx, loaded)
	}
	return errors.Join(r.incomplete, loaded, r.stillLost(ctx))
}

// anew loads everything from the archive, because the warehouse was damaged.
func (r *run) anew(ctx context.Context, because error) error {
	r.undelivered = nil
	loaded := r.beginAnew(ctx, because)
	if loaded == nil {
		loaded = r.load(ctx)
	}
	return errors.Join(r.incomplete, loaded, r.stillLost(ctx))
}

// load takes what is in the archive into the warehouse, and publishes it.
func (r *run) load(ctx context.Context) error {
	if err := r.stillLacking(ctx); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	companions, err := r.beginCompanions(ctx)
	if err != nil {
		stop()
		return err
	}
	defer func() { stop(); companions.drop() }() // nothing goes on behind a run's back
	for _, step := range [...]struct {
		name string
		work func() error
	}{
		{"load", func() error { return r.loadNew(ctx, companions) }},
		{"load companions", func() error { return r.loadCompanions(ctx, companions) }},
		{"publish", func() error { return r.publish(ctx) }},
		{"deliver", func() error { return r.deliver(ctx) }},
	} {
		if err := errors.Join(r.stopAsked(), ctx.Err()); err != nil {
			return err
		}
		if err := r.timed(step.name, step.work); err != nil {
			return err
		}
	}
	return errors.Join(r.conclude(), undeliveredError(r.undelivered))
}

// workbookLimits bound what a workbook may unpack to that is read: a main file or a
// companion.
var workbookLimits = transform.WorkbookLimits{Unpacked: extract.WorkbookBytes, Part: extract.WorkbookPartBytes}

// parsed is an archived release, read.
type parsed struct {
	file   *transform.File
	err    error // of parsing: the release is held
	unread error // of reading: the run fails, and the next one tries again
}

// loadNew loads what is in the archive and not in the warehouse, in order.
// Files are read ahead while one is loaded, and companions that were read go into
// the tables in between.
func (r *run) loadNew(ctx context.Context, companions *companionReading) error {
	archived, err := r.archive.Releases(ctx)
	if err != nil {
		return err
	}
	archived = slices.DeleteFunc(archived, func(a extract.Archived) bool { return !r.wanted(a.ID) })
	if len(archived) > 0 {
		if err := r.warehouse.ForeseePublication(r.paths.Published); err != nil {
			return err
		}
	}
	untilPublished := ctx
	ctx, stop := context.WithCancel(ctx)
	oneMoreRead, oneMoreLoaded := r.counting(Reading, len(archived)), r.counting(Loading, len(archived))
	files, ended := readAhead(ctx, companions.cores, archived, r.early, oneMoreRead)
	defer func() { stop(); ended(); r.early.drop() }()
	companions.cores.seize()
	defer companions.cores.give()
	loadNext := func(i int) error {
		if err := r.stopAsked(); err != nil {
			return err
		}
		result, err := companions.cores.await(ctx, files[i])
		if err != nil {
			return err
		}
		if err := r.loadOne(ctx, &archived[i], result); err != nil {
			return err
		}
		oneMoreLoaded(archived[i].ID.String())
		return r.loadReadCompanions(ctx, companions)
	}
	for first := 0; first < len(archived); first += releasesAtOnce {
		err := r.warehouse.Together(ctx, func() error {
			for i := first; i < min(first+releasesAtOnce, len(archived)); i++ {
				if err := loadNext(i); err != nil {
					return err
				}
			}
			if r.loadedSeveral() {
				r.memory.lend() // to write them takes DuckDB more than to read them has taken
			}
			if len(archived) <= reportedBeside { // what it takes is memory, too
				r.warehouse.ForeseeRows(untilPublished)
			}
			return nil
		})
		if err != nil {
			r.forgetUndone()
			return err
		}
		if r.loadedMany() {
			if err := r.warehouse.GiveBack(ctx); err != nil {
				return err
			}
		}
		if r.loadedMany() || first+releasesAtOnce < len(archived) {
			r.memory.takeBack() // a shorter run makes its report while DuckDB publishes
		}
	}
	return nil
}

// forgetUndone forgets those releases that were loaded in a transaction that was
// undone.
func (r *run) forgetUndone() {
	r.summary.Loaded = slices.DeleteFunc(r.summary.Loaded, func(l load.Loading) bool { return !r.isLoaded(l.Release.ID) })
}

// wanted: not loaded yet, and neither held before unless now accepted.
func (r *run) wanted(id release.ID) bool {
	for _, known := range r.warehouse.Releases() {
		if known.ID == id {
			return known.State == load.Held && slices.Contains(r.accept, id)
		}
	}
	return true
}

// releasesAtOnce is how many releases are loaded in one transaction: what is lost
// where a run is killed.
const releasesAtOnce = 50

// parallel is how many files are read at once.
func parallel() int { return runtime.GOMAXPROCS(0) }

// readAhead reads and parses files on as many goroutines as there are cores,
// each one file ahead of the one that is loaded at the most: files are large. Those
// that were read early are not read again. oneMore is told of each. ended waits until
// all are read, or until those who read have seen that the context ended.
func readAhead(ctx context.Context, cores *cores, archived []extract.Archived, early *earlyReading, oneMore func(name string)) (results []chan parsed, ended func()) {
	results = make([]chan parsed, len(archived))
	begun := early.end()
	var unread []int
	for i := range results {
		name := earlyNameOf(&archived[i].Main)
		if results[i] = begun[name]; results[i] != nil {
			delete(begun, name) // each is read once
			oneMore(archived[i].ID.String())
			continue
		}
		results[i] = make(chan parsed)
		unread = append(unread, i)
	}
	workers := min(parallel(), len(unread))
	var reading sync.WaitGroup
	for worker := range workers {
		reading.Go(func() {
			for n := worker; n < len(unread) && ctx.Err() == nil; n += workers {
				i := unread[n]
				cores.take(true)
				result := readMain(ctx, early.texts, &archived[i])
				cores.give()
				if ctx.Err() == nil {
					oneMore(archived[i].ID.String())
				}
				select {
				case results[i] <- result:
				case <-ctx.Done():
				}
			}
		})
	}
	return results, reading.Wait
}

func (r *run) loadOne(ctx context.Context, archived *extract.Archived, result parsed) error {
	row := load.Release{
		ID: archived.ID, PublishedAt: archived.PublishedAt, PublishedBasis: archived.PublishedBasis,
		FetchedAt: archived.FetchedAt, Source: archived.FoundAt, FileName: filepath.Base(archived.Main.Name),
		SHA256: archived.Main.SHA256, Format: archived.Main.Format,
	}
	if result.unread != nil {
		return result.unread
	}
	if result.err != nil {
		row.HeldBecause = result.err.Error()
		return r.hold(ctx, row)
	}
	accepted, err := r.isAccepted(row)
	if err != nil {
		return err
	}
	if !accepted {
		reasons, err := r.review(ctx, row.ID, result.file)
		if err != nil {
			return err
		}
		if reasons != nil {
			row.Records = len(result.file.Records)
			row.Procedures, row.Modifiers = result.file.Counts()
			row.HeldBecause = strings.Join(reasons, "; ")
			return r.hold(ctx, row)
		}
	}
	loading, err := r.warehouse.Load(ctx, row, result.file, r.owed(row.ID)...)
	if err != nil {
		return err
	}
	r.summary.Loaded = append(r.summary.Loaded, loading)
	r.Log.Info("loaded", "release", row.ID.String(), "records", loading.Release.Records, "findings", loading.Findings)
	return nil
}

func (r *run) hold(ctx context.Context, row load.Release) error {
	r.Log.Warn("held back for review", "release", row.ID.String(), "because", row.HeldBecause, "then", HeldAdvice(&row))
	return r.warehouse.Hold(ctx, row)
}

// review holds a release against itself and the one loaded before it.
func (r *run) review(ctx context.Context, id release.ID, file *transform.File) ([]string, error) {
	before, err := r.warehouse.Before(ctx, id, file)
	if err != nil {
		return nil, err
	}
	return transform.Review(id.Quarter, file, before, r.config.Hold), nil
}

func (r *run) publish(ctx context.Context) error {
	current, err := r.warehouse.IsPublished(ctx, r.paths.Published)
	if err != nil || current {
		return err
	}
	// Large files were read and forgotten: DuckDB needs the room now.
	if err := r.makeRoom(ctx); err != nil {
		return err
	}
	look, err := r.foreseeReport(ctx)
	if err != nil {
		return err
	}
	if err := r.warehouse.Publish(ctx, r.paths.Published, look); err != nil {
		return err
	}
	r.summary.Published = true
	r.Log.Info("published", "file", r.paths.Published)
	// What was known of each code is forgotten too: the report needs the room.
	return r.makeRoom(ctx)
}

// makeRoom gives memory back to the system where the run has used much of it. What
// is given back has to be asked for again, page by page: a smaller run keeps it.
func (r *run) makeRoom(ctx context.Context) error {
	if r.loadedMany() {
		r.memory.lend()
	}
	if r.loadedSeveral() {
		return r.warehouse.GiveBack(ctx)
	}
	return nil
}

// severalReleases is from how many on a run lends memory. In a run of fewer, time counts
// for more: nine of CMS's own releases would take 49 MB less, of 293, and a tenth longer.
const severalReleases = 12

// loadedSeveral tells whether the run has loaded so much that memory counts for more
// than some hundredths of a second, loadedMany for more than a quarter of one.
func (r *run) loadedSeveral() bool { return len(r.summary.Loaded) >= severalReleases }

func (r *run) loadedMany() bool { return len(r.summary.Loaded) > reportedBeside }

// errNothingToAccept is a mistake of whoever accepts, and no failure of the run.
var errNothingToAccept = errors.New("no release of that name is held back")

// notHeld says which release was accepted in vain, in a run or in a plan of one.
func notHeld(id release.ID) error {
	return fmt.Errorf("accepting %s: %w; 'hcpcs releases' lists them", id, errNothingToAccept)
}

func (r *run) conclude() error {
	r.summary.Concluded = true
	r.summary.Held, r.summary.Releases = nil, 0
	releases := r.warehouse.Releases()
	for i, row := range releases {
		if row.State == load.Loaded {
			r.summary.Releases++
			r.summary.Latest = row
		} else if waitsForReview(&releases[i], releases) {
			r.summary.Held = append(r.summary.Held, row)
		}
	}
	for _, id := range r.accept {
		for _, held := range releases {
			if held.State == load.Held && held.ID == id {
				return fmt.Errorf("%w: accepting %s: it cannot be loaded: %s", ErrHeld, id, held.HeldBecause)
			}
		}
		if !slices.ContainsFunc(r.summary.Loaded, func(l load.Loading) bool { return l.Release.ID == id }) {
			return notHeld(id)
		}
	}
	if len(r.summary.Held) > 0 {
		return fmt.Errorf("%w: %s", ErrHeld, heldNames(r.summary.Held))
	}
	return nil
}

// namedHeld bounds the releases that an error names.
const namedHeld = 5

func heldNames(held []load.Release) string {
	names := make([]string, 0, namedHeld)
	for i := range held[:min(len(held), namedHeld)] {
		names = append(names, held[i].ID.String())
	}
	text := strings.Join(names, ", ")
	if more := len(held) - namedHeld; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
