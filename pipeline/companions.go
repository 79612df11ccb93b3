package pipeline

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// companionParsers says how each kind of companion is read, and by which ending
// of its name: CMS adds the same reports as .prn and .txt, cut short.
var companionParsers = map[extract.Kind]struct {
	ending string
	parse  func(name string, data []byte, into *load.Companion) error
}{
	extract.KindTransactionReport: {".xlsx", func(name string, data []byte, into *load.Companion) (err error) {
		into.Transactions, into.Findings, err = transform.ParseTransactionChanges(name, data, workbookLimits)
		return err
	}},
	extract.KindCorrections: {".xlsx", func(name string, data []byte, into *load.Companion) (err error) {
		into.Corrections, into.Findings, err = transform.ParseCorrections(name, data, workbookLimits)
		return err
	}},
	extract.KindNOCCodes: {".xlsx", func(name string, data []byte, into *load.Companion) (err error) {
		into.NOCCodes, into.Findings, err = transform.ParseNOCCodes(name, data, workbookLimits)
		return err
	}},
	extract.KindProcessingNotes: {".txt", func(name string, data []byte, into *load.Companion) (err error) {
		into.Notes, into.Findings, err = transform.ParseProcessingNotes(name, data)
		return err
	}},
}

// companionFile is a companion in the archive, and how to get its bytes.
type companionFile struct {
	load.Companion
	kind    extract.Kind
	fetched time.Time
	read    func(ctx context.Context) ([]byte, error)
	// superseded: a file of the same name came later, and counts alone, whether or
	// not it can be read. supersedes: the tables may have rows of an earlier one.
	superseded, supersedes bool
	// everyLine: of a transaction report also the lines that say that nothing was done.
	everyLine bool
}

// companionName tells the files apart of which a later one stands for an earlier.
type companionName struct {
	quarter release.Quarter
	release release.ID
	file    string
}

func (f *companionFile) name() companionName {
	return companionName{f.Quarter, f.Release, f.File}
}

// companionsAtOnce is how many companions are read ahead, and loaded in one
// transaction: a transaction report has thousands of lines.
const companionsAtOnce = 4

// companionReading is the reading of companions beside the loading of releases.
type companionReading struct {
	ready   chan *companionFile // what was read; closed after the last
	pending []*companionFile    // taken from there, and not in the tables
	cores   *cores              // shared with the loading of releases
	// replaced are those of which the tables have no earlier rows any more.
	replaced map[companionName]bool
}

// beginCompanions begins to read the companions that are in the archive and not
// in the tables, while the releases are loaded. The reading ends with the
// context, or when everything was taken.
func (r *run) beginCompanions(ctx context.Context) (*companionReading, error) {
	files, err := r.newCompanions(ctx)
	if err != nil {
		return nil, err
	}
	reading := &companionReading{ready: make(chan *companionFile, companionsAtOnce), cores: newCores(parallel()), replaced: map[companionName]bool{}}
	go func() {
		defer close(reading.ready)
		readAll(ctx, reading.cores, files, reading.ready)
	}()
	return reading, nil
}

// drop waits until nothing is read any more; the context must have ended.
func (c *companionReading) drop() {
	for range c.ready {
	}
}

// loadReadCompanions puts into the tables what was read by now, if it is worth a
// transaction. The companions of releases that are not loaded yet wait.
func (r *run) loadReadCompanions(ctx context.Context, reading *companionReading) error {
	for len(reading.pending) < companionsAtOnce {
		select {
		case file, more := <-reading.ready:
			if more {
				reading.pending = append(reading.pending, file)
				continue
			}
		default:
		}
		return nil
	}
	return r.loadPending(ctx, reading)
}

// loadCompanions puts all companions into the tables: those of releases that are
// loaded, and those that came by themselves.
func (r *run) loadCompanions(ctx context.Context, reading *companionReading) error {
	for file := range reading.ready {
		reading.pending = append(reading.pending, file)
		if len(reading.pending) < companionsAtOnce {
			continue
		}
		if err := r.loadPending(ctx, reading); err != nil {
			return err
		}
		reading.pending = nil // of releases that are held back
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.loadPending(ctx, reading)
}

// loadPending puts those companions into the tables whose releases are there.
// One that cannot be read is said once, and left out.
func (r *run) loadPending(ctx context.Context, reading *companionReading) error {
	var companions []load.Companion
	var waiting []*companionFile
	for _, file := range reading.pending {
		if file.Release != (release.ID{}) && !r.isLoaded(file.Release) {
			waiting = append(waiting, file)
			continue
		}
		if file.Failed != "" {
			r.Log.Warn("a companion cannot be read", "file", file.Key.Entry, "quarter", file.Quarter.String(), "because", file.Failed)
		}
		file.Replaces = file.supersedes && !reading.replaced[file.name()]
		reading.replaced[file.name()] = reading.replaced[file.name()] || file.supersedes
		companions = append(companions, file.Companion)
		file.Companion = load.Companion{} // nobody needs it any more, and there are many
	}
	reading.pending = waiting
	if companions == nil {
		return nil
	}
	return r.warehouse.LoadCompanions(ctx, companions)
}

// readAll reads and parses companions, several at once, and gives them to ready;
// it ends early with the context.
func readAll(ctx context.Context, cores *cores, files []companionFile, ready chan<- *companionFile) {
	var group sync.WaitGroup
	next := make(chan *companionFile)
	for range min(parallel(), len(files)) {
		group.Go(func() {
			for file := range next {
				if !file.superseded {
					cores.take(false)
					file.parse(ctx)
					cores.give()
				}
				select {
				case ready <- file:
				case <-ctx.Done():
				}
			}
		})
	}
	for i := range files {
		if ctx.Err() != nil {
			break
		}
		next <- &files[i]
	}
	close(next)
	group.Wait()
}

// parse reads the file, or notes why it cannot be read.
func (f *companionFile) parse(ctx context.Context) {
	data, err := f.read(ctx)
	switch {
	case err != nil:
	case f.everyLine && f.kind == extract.KindTransactionReport:
		f.Transactions, f.Findings, err = transform.ParseTransactionReport(f.File, data, workbookLimits)
	default:
		err = companionParsers[f.kind].parse(f.File, data, &f.Companion)
	}
	if err != nil {
		f.Failed = err.Error()
	}
}

// newCompanions lists the companions of the archive that are not in the tables,
// those of releases that are held back left out.
func (r *run) newCompanions(ctx context.Context) ([]companionFile, error) {
	return companionsOf(ctx, r.archive, func(id release.ID) bool { return !r.isHeld(id) || slices.Contains(r.accept, id) },
		func(_ extract.Kind, key load.CompanionKey) bool { return !r.warehouse.HasRead(key) })
}

// companionsOf lists companions of the archive that this program reads: those in
// the ZIPs of the releases that are asked for, and those that came by themselves.
func companionsOf(ctx context.Context, archive *extract.Archive, ofRelease func(release.ID) bool, wanted func(extract.Kind, load.CompanionKey) bool) ([]companionFile, error) {
	var files []companionFile
	add := func(facts extract.Facts, entry extract.EntryInfo, quarter release.Quarter, of release.ID, read func(context.Context, string) ([]byte, error)) {
		parser, known := companionParsers[entry.Kind]
		if !known || !strings.EqualFold(path.Ext(entry.Name), parser.ending) {
			return
		}
		files = append(files, companionFile{
			Companion: load.Companion{
				Key:  load.CompanionKey{SHA256: facts.SHA256, Entry: entry.Name},
				File: path.Base(strings.ReplaceAll(entry.Name, `\`, "/")), Quarter: quarter, Release: of,
			},
			kind: entry.Kind, fetched: facts.FetchedAt,
			read: func(ctx context.Context) ([]byte, error) { return read(ctx, entry.Name) },
		})
	}
	releases, err := archive.Releases(ctx)
	if err != nil {
		return nil, err
	}
	for _, archived := range releases {
		if !ofRelease(archived.ID) {
			continue
		}
		for _, one := range append([]extract.Archived{archived}, archived.Repackaged...) {
			if one.Missing {
				continue // said of the archive as a whole; read when it is back
			}
			for _, entry := range one.Entries {
				add(one.Facts, entry, archived.ID.Quarter, archived.ID, one.ReadEntry)
			}
		}
	}
	companions, err := archive.Companions(ctx)
	if err != nil {
		return nil, err
	}
	for _, companion := range companions {
		if companion.Missing {
			continue
		}
		for _, entry := range companion.Entries {
			add(companion.Facts, entry, companion.Quarter, release.ID{}, companion.ReadEntry)
		}
	}
	findSuperseded(files, wanted)
	return slices.DeleteFunc(files, func(file companionFile) bool { return !wanted(file.kind, file.Key) }), nil
}

// findSuperseded marks the files that later ones of their name stand for, and
// those. Of some that came at the same time nothing says which one that is: all of
// them count. Where one of them is in the tables (it is not wanted), nothing earlier
// is.
func findSuperseded(files []companionFile, wanted func(extract.Kind, load.CompanionKey) bool) {
	first, last, begun := map[companionName]time.Time{}, map[companionName]time.Time{}, map[companionName]bool{}
	for i := range files {
		fetched, name := files[i].fetched, files[i].name()
		if earliest, known := first[name]; !known || fetched.Before(earliest) {
			first[name] = fetched
		}
		if fetched.After(last[name]) {
			last[name] = fetched
		}
	}
	for i := range files {
		file, name := &files[i], files[i].name()
		file.superseded = file.fetched.Before(last[name])
		begun[name] = begun[name] || !file.superseded && !wanted(file.kind, file.Key)
	}
	for i := range files {
		name := files[i].name()
		files[i].supersedes = !files[i].superseded && first[name].Before(last[name]) && !begun[name]
	}
}

func (r *run) isLoaded(id release.ID) bool { return r.hasState(id, load.Loaded) }

func (r *run) isHeld(id release.ID) bool { return r.hasState(id, load.Held) }

func (r *run) hasState(id release.ID, state load.State) bool {
	return slices.ContainsFunc(r.warehouse.Releases(), func(known load.Release) bool { return known.ID == id && known.State == state })
}
