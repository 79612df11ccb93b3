package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Verification is the result of Verify.
type Verification struct {
	Checks []load.Check
	// Differences are what CMS's own files say differently: listed, and no
	// failure.
	Differences []load.Difference
	Took        time.Duration
}

// Failed counts what does not hold.
func (v *Verification) Failed() int {
	failed := 0
	for i := range v.Checks {
		failed += v.Checks[i].Failed
	}
	return failed
}

// The checks of the archive.
const (
	checkBytes    = "archive"
	checkPresence = "in the archive"
	checkSidecars = "sidecars"
)

// Advice says what to do about what does not hold; "" where all does.
func (v *Verification) Advice() string {
	failed := func(name string) bool {
		return slices.ContainsFunc(v.Checks, func(check load.Check) bool { return check.Name == name && check.Failed > 0 })
	}
	switch {
	case v.Failed() == 0:
		return ""
	case failed(checkBytes), failed(checkPresence):
		return "bring back from a backup what the archive lacks, or give 'hcpcs run' a source that has it; 'hcpcs rebuild' does not bring it back"
	case failed(checkSidecars):
		return "bring the sidecars back from a backup; 'hcpcs rebuild' takes them as they are now"
	}
	return "'hcpcs rebuild' derives the tables anew from the archive"
}

// Verify checks the published file against itself, the warehouse and the
// archive, and lists where CMS's own files differ: its transaction reports from
// its main files, and the two formats of a release from each other. It changes
// nothing, and takes the lock while it looks into the warehouse.
func Verify(ctx context.Context, config Config, around Surroundings) (Verification, error) {
	started := around.Now()
	v := &verifier{config: config, paths: config.Paths()}
	if err := v.published(ctx); err != nil {
		return v.result, err
	}
	unlock, err := lock(v.paths.Lock, fmt.Sprintf("process %d, 'hcpcs verify' since %s", os.Getpid(), started.UTC().Format(time.RFC3339)))
	if err != nil {
		return v.result, err
	}
	if err = v.warehouse(ctx); err == nil {
		err = v.archive(ctx)
	}
	if err := errors.Join(err, unlock()); err != nil {
		return v.result, err
	}
	v.result.Took = around.Now().Sub(started)
	return v.result, nil
}

type verifier struct {
	config Config
	paths  Paths
	loaded []load.Release
	read   []load.CompanionKey // companions in the tables
	result Verification
}

func (v *verifier) published(ctx context.Context) (err error) {
	published, err := v.config.openPublished(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, published.Close()) }()
	for _, row := range published.Releases() {
		if row.State == load.Loaded {
			v.loaded = append(v.loaded, row)
		}
	}
	if v.result.Checks, err = published.Verify(ctx); err != nil {
		return err
	}
	return nil
}

func (v *verifier) warehouse(ctx context.Context) (err error) {
	warehouse, err := load.OpenWarehouse(ctx, v.paths.Warehouse, v.config.Resources())
	if warehouse != nil {
		defer func() { err = errors.Join(err, warehouse.Close()) }()
	}
	if errors.Is(err, load.ErrRulesChanged) {
		return fmt.Errorf("%w: 'hcpcs run' or 'hcpcs rebuild' derives them anew", err)
	}
	if err != nil {
		return err
	}
	v.read = warehouse.CompanionsRead()
	bytes := load.Check{Name: "published bytes", Meaning: "the published file holds the bytes that were published", Checked: 1}
	same, err := warehouse.HoldsWhatWasPublished(ctx, v.paths.Published)
	if err != nil {
		return err
	}
	if !same {
		bytes.Failed, bytes.Examples = 1, []string{v.paths.Published + " was changed after it was published: 'hcpcs run' publishes it again"}
	}
	v.result.Checks = append(v.result.Checks, bytes)
	check, err := warehouse.ComparePublished(ctx, v.paths.Published)
	if err != nil {
		return err
	}
	v.result.Checks = append(v.result.Checks, check)
	if err := v.takeReports(ctx, warehouse); err != nil {
		return err
	}
	for _, compare := range [...]func(context.Context, string) (load.Check, []load.Difference, error){
		warehouse.CompareTransactionReports, warehouse.CompareTransactionsWithData,
	} {
		check, differences, err := compare(ctx, v.paths.Published)
		if err != nil {
			return err
		}
		v.result.Checks = append(v.result.Checks, check)
		v.result.Differences = append(v.result.Differences, differences...)
	}
	return nil
}

// takeReports gives the transaction reports of the archive to the warehouse, which
// has read them before. One that is damaged or gone is the archive's check's to
// say.
func (v *verifier) takeReports(ctx context.Context, warehouse *load.Warehouse) error {
	archive, err := extract.OpenArchive(v.paths.Archive)
	if err != nil {
		return err
	}
	loaded := func(id release.ID) bool {
		return slices.ContainsFunc(v.loaded, func(row load.Release) bool { return row.ID == id })
	}
	files, err := companionsOf(ctx, archive, loaded, func(kind extract.Kind, key load.CompanionKey) bool {
		return kind == extract.KindTransactionReport && warehouse.HasRead(key)
	})
	if err != nil {
		return err
	}
	for i := range files {
		files[i].everyLine = true
	}
	reading, stop := context.WithCancel(ctx)
	ready := make(chan *companionFile)
	go func() {
		defer close(ready)
		readAll(reading, newCores(parallel()), files, ready)
	}()
	for file := range ready {
		if err == nil && file.Failed == "" && !file.superseded {
			if err = warehouse.TakeReport(ctx, &file.Companion); err != nil {
				stop()
			}
		}
		file.Companion = load.Companion{} // there are many, and large ones
	}
	stop()
	return errors.Join(err, ctx.Err())
}

// archive checks that every archived file holds the bytes that were archived,
// that everything in the tables is there with what they say of it, and compares the
// two formats of the releases that have both.
func (v *verifier) archive(ctx context.Context) error {
	whole := load.Check{Name: checkBytes, Meaning: "every archived file holds the bytes that were archived"}
	formats := load.Check{Name: "formats", Meaning: "where a release has a text and a workbook, both say the same; each difference is listed"}
	archive, err := extract.OpenArchive(v.paths.Archive)
	if err != nil {
		return err
	}
	releases, err := archive.Releases(ctx)
	if err != nil {
		return err
	}
	companions, err := archive.Companions(ctx)
	if err != nil {
		return err
	}
	examine := func(check func(context.Context) error) error {
		whole.Checked++
		if err := check(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			whole.Failed++
			whole.Examples = append(whole.Examples, err.Error())
		}
		return nil
	}
	for _, archived := range releases {
		if err := examine(archived.Verify); err != nil {
			return err
		}
		for _, again := range archived.Repackaged {
			if err := examine(again.Verify); err != nil {
				return err
			}
		}
		for _, other := range otherFormats(&archived) {
			if err := v.formats(ctx, &archived, other, &formats); err != nil {
				return err
			}
		}
	}
	for _, companion := range companions {
		if err := examine(companion.Verify); err != nil {
			return err
		}
	}
	presence, sidecars := v.inArchive(releases, companions)
	v.result.Checks = append(v.result.Checks, whole, presence, sidecars, formats)
	return nil
}

// inArchive checks that the archive has what is in the tables, so that a rebuild
// gives them again: each release with its facts, and each companion.
func (v *verifier) inArchive(releases []extract.Archived, companions []extract.ArchivedCompanion) (presence, sidecars load.Check) {
	presence = load.Check{Name: checkPresence, Meaning: "every loaded release and every companion that was read is in the archive", Checked: len(v.loaded) + len(v.read)}
	sidecars = load.Check{Name: checkSidecars, Meaning: "the archive's sidecars say of every loaded release what the tables say"}
	fail := func(check *load.Check, format string, arguments ...any) {
		check.Failed++
		check.Examples = append(check.Examples, fmt.Sprintf(format, arguments...))
	}
	there := map[load.CompanionKey]bool{}
	note := func(facts extract.Facts, entries []extract.EntryInfo) {
		for _, entry := range entries {
			there[load.CompanionKey{SHA256: facts.SHA256, Entry: entry.Name}] = true
		}
	}
	for _, archived := range releases {
		for _, one := range append([]extract.Archived{archived}, archived.Repackaged...) {
			note(one.Facts, one.Entries)
		}
	}
	for _, companion := range companions {
		note(companion.Facts, companion.Entries)
	}
	for _, row := range v.loaded {
		at := slices.IndexFunc(releases, func(one extract.Archived) bool { return one.ID == row.ID && one.Main.SHA256 == row.SHA256 })
		if at < 0 {
			fail(&presence, "%s (%s) is loaded and not in the archive", row.ID, row.FileName)
			continue
		}
		sidecars.Checked++
		if differences := factsDiffer(&row, &releases[at]); differences != nil {
			fail(&sidecars, "%s: the sidecar of %s says %s", row.ID, releases[at].Path, strings.Join(differences, ", "))
		}
	}
	for _, key := range v.read {
		if !there[key] {
			fail(&presence, "the companion %s of a file with SHA-256 %s was read and is not in the archive", key.Entry, key.SHA256)
		}
	}
	return presence, sidecars
}

// factsDiffer tells what an archived release's sidecar says otherwise than its
// row.
func factsDiffer(row *load.Release, archived *extract.Archived) []string {
	var differences []string
	differ := func(what, says, tables string) {
		if says != tables {
			differences = append(differences, fmt.Sprintf("%s %q, the tables say %q", what, says, tables))
		}
	}
	when := func(t time.Time) string { // as finely as the tables keep it
		if t.IsZero() {
			return ""
		}
		return t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
	}
	differ("published_at", when(archived.PublishedAt), when(row.PublishedAt))
	differ("published_basis", archived.PublishedBasis, row.PublishedBasis)
	differ("fetched_at", when(archived.FetchedAt), when(row.FetchedAt))
	differ("found_at", archived.FoundAt, row.Source)
	differ("main.name", filepath.Base(archived.Main.Name), row.FileName)
	differ("main.format", archived.Main.Format, row.Format)
	return differences
}

// mainFile is a main file in the archive.
type mainFile struct {
	extract.MainFile
	bytes func(context.Context) ([]byte, error)
}

// read gives the records of a main file.
func (m mainFile) read(ctx context.Context) ([]transform.Record, error) {
	data, err := m.bytes(ctx)
	if err != nil {
		return nil, err
	}
	file, err := parse(new(transform.TextReader), m.MainFile, data)
	if err != nil {
		return nil, err
	}
	return file.Records, nil
}

// otherFormats are the files that have a release in the format that it is not read
// from, in whichever of its packages.
func otherFormats(archived *extract.Archived) []mainFile {
	var others []mainFile
	add := func(main *extract.MainFile, bytes func(context.Context) ([]byte, error)) {
		if main == nil || main.Format == archived.Main.Format ||
			slices.ContainsFunc(others, func(other mainFile) bool { return other.SHA256 == main.SHA256 }) {
			return
		}
		others = append(others, mainFile{*main, bytes})
	}
	for _, one := range append([]extract.Archived{*archived}, archived.Repackaged...) {
		add(&one.Main, one.ReadMain)
		add(one.Second, one.ReadSecond)
	}
	return others
}

// formats compares the text and the workbook of one release.
func (v *verifier) formats(ctx context.Context, archived *extract.Archived, other mainFile, check *load.Check) error {
	text, err := mainFile{archived.Main, archived.ReadMain}.read(ctx)
	if err != nil {
		return nil // the archive's check says it
	}
	list := func(code, what string) {
		v.result.Differences = append(v.result.Differences, load.Difference{
			Release: archived.ID.String(), File: filepath.Base(other.Name), Code: code, What: what,
		})
	}
	workbook, err := other.read(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		list("", "cannot be read: "+err.Error())
		return nil
	}
	check.Checked += len(text)
	if other.Format == extract.FormatText {
		text, workbook = workbook, text
	}
	for _, difference := range transform.CompareFormats(text, workbook) {
		list(difference.Code, strings.TrimSpace(difference.What))
	}
	return nil
}
