package extract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// Outcome says what became of an offer or a companion.
type Outcome string

// The outcomes of Archive.Add.
const (
	OutcomeNew            Outcome = "new"             // archived: a new release, or a new companion
	OutcomeKnown          Outcome = "known"           // already there; nothing was written
	OutcomeRestored       Outcome = "restored"        // archived again: the archive's own file was damaged or gone
	OutcomeRepackaged     Outcome = "repackaged"      // archived: another ZIP around a main file that is already there
	OutcomeQuarterUnknown Outcome = "quarter unknown" // not archived: ask the content, set Quarter, add again
	OutcomeRefused        Outcome = "refused"         // not archived, see Reason
)

// Added says what Add did.
type Added struct {
	Offers     []AddedOffer     // one for each offer, in their order
	Companions []AddedCompanion // one for each companion, in their order
	// Completed are releases whose ZIP a killed run had left without a sidecar
	// and which no offer brought again: the sidecar was made from the ZIP.
	Completed []release.ID
}

// PassedOver lists the offers and companions that were not archived, in order
// of Path.
func (a Added) PassedOver() []PassedOver {
	var passed []PassedOver
	for _, offer := range a.Offers {
		if offer.Reason != "" {
			passed = append(passed, PassedOver{Path: offer.Path, Reason: offer.Reason, Suspect: true})
		}
	}
	for _, companion := range a.Companions {
		if companion.Reason != "" {
			passed = append(passed, PassedOver{Path: companion.Path, Reason: companion.Reason, Suspect: true})
		}
	}
	slices.SortStableFunc(passed, func(a, b PassedOver) int { return strings.Compare(a.Path, b.Path) })
	return passed
}

// AddedOffer says what became of one offer.
type AddedOffer struct {
	Path    string // the offer's
	Name    string
	Outcome Outcome
	ID      release.ID // of OutcomeNew, OutcomeKnown, OutcomeRestored, OutcomeRepackaged
	Reason  string     // of the other outcomes, and what to do about it

	unread bool // refused because it could not be read, which it may be another time
}

// AddedCompanion says what became of one companion.
type AddedCompanion struct {
	Path    string
	Name    string
	Outcome Outcome
	Quarter release.Quarter // zero when it could not be placed
	Reason  string
}

// Add takes offers and companions into the archive. source names where they
// were looked for (a folder, the address of a page); fetchedAt is when.
//
// The bytes of the main file make a revision. New ones of one quarter are
// numbered after those that are there, among themselves by publication time,
// then by the version in the name, then by hash; where one of them has no
// publication time the version comes first. A number once given stays. Another
// ZIP around a main file that is there is kept beside it under the same number.
// The same main file under two quarters is refused. Whether something is new is
// decided from hashes: what is known is not written again.
//
// What is wrong with one offer is said in its outcome; an error means that the
// archive itself cannot be read or written, or that ctx ended. Added then holds
// what was done before. The next Add goes on from there.
func (a *Archive) Add(ctx context.Context, offers []Offer, companions []Companion, source string, fetchedAt time.Time) (Added, error) {
	run := &addition{
		archive: a, ctx: ctx, offers: slices.Clone(offers), source: source, fetchedAt: fetchedAt.UTC(),
		added: Added{Offers: make([]AddedOffer, len(offers)), Companions: make([]AddedCompanion, len(companions))},
	}
	for i, offer := range offers {
		run.added.Offers[i] = AddedOffer{Path: offer.Path, Name: offer.Name}
	}
	for i, companion := range companions {
		run.added.Companions[i] = AddedCompanion{Path: companion.Path, Name: companion.Name, Quarter: companion.Quarter}
	}
	if err := a.removeLeftovers(); err != nil {
		return run.added, err
	}
	var err error
	if run.held, err = a.holdings(ctx); err != nil {
		return run.added, err
	}
	run.keepNumbers()
	if err := run.completeReleases(); err != nil {
		return run.added, err
	}
	if err := run.addOffers(); err != nil {
		return run.added, err
	}
	for i := range companions {
		if err := run.addCompanion(i, companions[i]); err != nil {
			return run.added, err
		}
	}
	return run.added, nil
}

// addition is one run of Add.
type addition struct {
	archive   *Archive
	ctx       context.Context
	offers    []Offer
	held      *holdings
	source    string
	fetchedAt time.Time
	added     Added
}

// addOffers judges each offer, then archives what is new, quarter by quarter.
func (r *addition) addOffers() error {
	pending := map[release.Quarter][]int{}
	for i := range r.offers {
		if r.added.Offers[i].Outcome == "" && r.judge(i) {
			quarter := r.offers[i].Quarter
			pending[quarter] = append(pending[quarter], i)
		}
	}
	quarters := slices.SortedFunc(maps.Keys(pending), release.Quarter.Compare)
	parts, errs := make([]*addition, len(quarters)), make([]error, len(quarters))
	var failed atomic.Bool
	addEvery := func(first, step int) {
		for n := first; n < len(quarters) && !failed.Load(); n += step {
			parts[n] = r.ofQuarter(quarters[n])
			if errs[n] = parts[n].addInOrder(r.inOrder(pending[quarters[n]])); errs[n] != nil {
				failed.Store(true)
			}
		}
	}
	writers := min(quartersAtOnce, len(quarters))
	var writing sync.WaitGroup
	for first := 1; first < writers; first++ {
		writing.Go(func() { addEvery(first, writers) })
	}
	if writers > 0 {
		addEvery(0, writers)
	}
	writing.Wait()
	for n, part := range parts {
		if part != nil {
			r.takeQuarter(quarters[n], part.held)
		}
	}
	return cmp.Or(errs...)
}

// quartersAtOnce is how many quarters are written at the same time: to write a file so that
// it is there for good is to wait for the disk, four times.
const quartersAtOnce = 4

// ofQuarter gives the part of the addition that is about one quarter. What an offer becomes
// depends on its quarter alone.
func (r *addition) ofQuarter(quarter release.Quarter) *addition {
	part := *r
	part.held = &holdings{numbers: map[release.Quarter]int{quarter: r.held.numbers[quarter]}}
	for _, one := range r.held.releases {
		if one.quarter == quarter {
			part.held.releases = append(part.held.releases, one)
		}
	}
	return &part
}

// takeQuarter takes back what became of a quarter.
func (r *addition) takeQuarter(quarter release.Quarter, held *holdings) {
	r.held.releases = slices.DeleteFunc(r.held.releases, func(one stored) bool { return one.quarter == quarter })
	r.held.releases = append(r.held.releases, held.releases...)
	r.held.numbers[quarter] = held.numbers[quarter]
}

func (r *addition) addInOrder(offers []int) error {
	for _, i := range offers {
		if err := r.addOffer(i); err != nil {
			return err
		}
	}
	return nil
}

// judge settles what needs no writing; true means that the offer has a quarter
// and contradicts nothing.
func (r *addition) judge(i int) bool {
	offer, result := &r.offers[i], &r.added.Offers[i]
	if offer.QuarterConflict != "" {
		result.Outcome, result.Reason = OutcomeRefused, "its names contradict each other: "+offer.QuarterConflict
		return false
	}
	if offer.Quarter.IsZero() { // the archive may know the file
		for _, one := range r.held.releases {
			if one.holds(offer.Main.SHA256) {
				offer.Quarter = one.quarter
				offer.QuarterBasis = one.QuarterBasis
			}
		}
	}
	if offer.Quarter.IsZero() {
		result.Outcome, result.Reason = OutcomeQuarterUnknown, "no name tells its quarter: put it into a folder named by its quarter, such as 2025Q4"
		return false
	}
	if !offer.Quarter.Valid() {
		result.Outcome, result.Reason = OutcomeRefused, fmt.Sprintf("%s is no quarter of a release", offer.Quarter)
		return false
	}
	if elsewhere := r.elsewhere(*offer); elsewhere != "" {
		result.Outcome = OutcomeRefused
		result.Reason = fmt.Sprintf("as %s it would be the same file as %s: one file cannot be the release of two quarters; move it into the folder of its own quarter, or remove the copy", offer.Quarter, elsewhere)
		return false
	}
	return true
}

// elsewhere finds another quarter under which an offer's files are archived or
// offered too.
func (r *addition) elsewhere(offer Offer) string {
	sums := []string{offer.Main.SHA256}
	if offer.Second != nil {
		sums = append(sums, offer.Second.SHA256)
	}
	for _, one := range r.held.releases {
		if one.quarter != offer.Quarter && slices.ContainsFunc(sums, one.holds) {
			return fmt.Sprintf("%s in the archive", one.id())
		}
	}
	for _, one := range r.held.releases {
		if one.quarter == offer.Quarter && one.holds(offer.Main.SHA256) {
			return "" // it was there first
		}
	}
	for _, other := range r.offers {
		if other.Quarter == offer.Quarter || other.Quarter.IsZero() || other.QuarterConflict != "" {
			continue
		}
		if slices.Contains(sums, other.Main.SHA256) || other.Second != nil && slices.Contains(sums, other.Second.SHA256) {
			return fmt.Sprintf("%s, offered as %s", other.Path, other.Quarter)
		}
	}
	return ""
}

// inOrder orders the offers of one quarter for numbering. Offers of one release
// come together, at the place of the first published of them; of those, one with
// a text comes before one without, and a ZIP as CMS made it before loose files:
// the first becomes the release, the others are packages of it.
func (r *addition) inOrder(indexes []int) []int {
	byRelease := map[string][]int{}
	timesKnown := true
	for _, i := range indexes {
		key := r.releaseKey(i, indexes)
		byRelease[key] = append(byRelease[key], i)
		timesKnown = timesKnown && !r.offers[i].PublishedAt.IsZero()
	}
	published := func(i, j int) int {
		x, y := r.offers[i], r.offers[j]
		byTime, byVersion := x.PublishedAt.Compare(y.PublishedAt), x.version().Compare(y.version())
		if !timesKnown {
			byTime, byVersion = byVersion, byTime
		}
		return cmp.Or(byTime, byVersion, strings.Compare(x.Main.SHA256, y.Main.SHA256), strings.Compare(x.SHA256, y.SHA256), strings.Compare(x.Path, y.Path))
	}
	packages := func(i, j int) int {
		x, y := r.offers[i], r.offers[j]
		return cmp.Or(trueFirst(x.Main.Format == FormatText, y.Main.Format == FormatText), trueFirst(!x.loose(), !y.loose()), published(i, j))
	}
	releases := slices.Collect(maps.Values(byRelease))
	slices.SortFunc(releases, func(x, y []int) int {
		return published(slices.MinFunc(x, published), slices.MinFunc(y, published))
	})
	for _, one := range releases {
		slices.SortFunc(one, packages)
	}
	return slices.Concat(releases...)
}

// releaseKey is the hash that an offer shares with the other offers of its
// release: the text's, or, of a workbook alone, that of the text offered with
// it, or the workbook's own.
func (r *addition) releaseKey(i int, indexes []int) string {
	main := r.offers[i].Main
	if main.Format == FormatText {
		return main.SHA256
	}
	texts := []string{}
	for _, j := range indexes {
		if second := r.offers[j].Second; second != nil && second.SHA256 == main.SHA256 {
			texts = append(texts, r.offers[j].Main.SHA256)
		}
	}
	if len(texts) == 0 {
		return main.SHA256
	}
	return slices.Min(texts)
}

func trueFirst(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return -1
	}
	return 1
}

// version is the later of what the offer's names say.
func (o Offer) version() Version {
	version := VersionFromName(o.Name)
	if main := VersionFromName(baseName(o.Main.Name)); main.Compare(version) > 0 {
		version = main
	}
	return version
}

// loose tells whether the offer consists of files outside of a ZIP.
func (o Offer) loose() bool { return o.source.loose != nil }

// addOffer archives an offer unless it is there.
func (r *addition) addOffer(i int) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	offer, result := r.offers[i], &r.added.Offers[i]
	role, revision := roleRelease, r.held.numbers[offer.Quarter]+1
	if same, ok := r.sameRelease(offer); ok {
		if r.known(offer) {
			result.Outcome, result.ID = OutcomeKnown, same
			return nil
		}
		role, revision = roleRepackaged, same.Revision
	}
	before, isExpected := r.expected(offer)
	if isExpected {
		role, revision = roleRelease, before.ID.Revision
	}
	if revision > release.MaxRevision {
		result.Outcome, result.Reason = OutcomeRefused, fmt.Sprintf("%s has %d revisions already, as many as can be numbered", offer.Quarter, release.MaxRevision)
		return nil
	}
	write, restored := func() error { return r.writeRelease(offer, role, revision, r.facts(offer)) }, false
	if one, fill := r.missing(offer); one != nil {
		write, restored = func() error { return r.place(one, fill) }, true
		revision = one.Revision
	} else if isExpected {
		write, restored = func() error { return r.writeRelease(offer, role, revision, before.remembered(r.facts(offer))) }, true
	}
	err := write()
	var input inputError
	if errors.As(err, &input) && r.ctx.Err() == nil {
		result.Outcome, result.Reason, result.unread = OutcomeRefused, fmt.Sprintf("it cannot be read: %v", input.error), true
		return nil
	}
	if err != nil {
		return fmt.Errorf("archive %s from %s: %w", release.ID{Quarter: offer.Quarter, Revision: revision}, offer.Path, err)
	}
	result.Outcome, result.ID = OutcomeNew, release.ID{Quarter: offer.Quarter, Revision: revision}
	switch {
	case restored:
		result.Outcome = OutcomeRestored
	case role == roleRepackaged:
		result.Outcome = OutcomeRepackaged
	}
	return nil
}

// sameRelease finds the archived release that an offer is, in this or another
// package. An offer with a text is the release that has this text, or the one
// of which only the same workbook is known, unless that cannot be read; an offer
// without is the release that has its workbook.
func (r *addition) sameRelease(offer Offer) (release.ID, bool) {
	text, workbook := byFormat(&offer.Main, offer.Second)
	type formats struct{ texts, workbooks []string }
	known := map[int]formats{} // by revision, over all its packages
	for _, one := range r.held.releases {
		if one.quarter != offer.Quarter {
			continue
		}
		text, workbook := byFormat(one.Main, one.Second)
		revision := known[one.Revision]
		revision.texts, revision.workbooks = append(revision.texts, text...), append(revision.workbooks, workbook...)
		known[one.Revision] = revision
	}
	revisions := slices.Sorted(maps.Keys(known))
	for _, revision := range revisions {
		if len(text) > 0 && slices.Contains(known[revision].texts, text[0]) {
			return release.ID{Quarter: offer.Quarter, Revision: revision}, true
		}
	}
	for _, revision := range revisions {
		has, id := known[revision], release.ID{Quarter: offer.Quarter, Revision: revision}
		sameWorkbook := len(workbook) > 0 && slices.Contains(has.workbooks, workbook[0])
		if sameWorkbook && (len(text) == 0 || len(has.texts) == 0 && !slices.Contains(r.archive.unreadable, id)) {
			return id, true
		}
	}
	return release.ID{}, false
}

// byFormat gives the hash of the text and of the workbook, where there is one.
func byFormat(files ...*MainFile) (text, workbook []string) {
	for _, file := range files {
		switch {
		case file == nil:
		case file.Format == FormatText:
			text = append(text, file.SHA256)
		default:
			workbook = append(workbook, file.SHA256)
		}
	}
	return text, workbook
}

// known tells whether the archive would gain nothing: it has the ZIP, or, of
// loose files, every one of them.
func (r *addition) known(offer Offer) bool {
	for _, one := range r.held.releases {
		if one.quarter != offer.Quarter || one.missing {
			continue
		}
		if one.SHA256 == offer.SHA256 && !offer.loose() {
			return true
		}
		if offer.loose() && one.holds(offer.Main.SHA256) && (offer.Second == nil || one.holds(offer.Second.SHA256)) {
			return true
		}
	}
	return false
}

func (r *addition) facts(offer Offer) Facts {
	return Facts{
		Name: offer.Name, Source: r.source, FoundAt: offer.Path, FetchedAt: r.fetchedAt,
		PublishedAt: offer.PublishedAt, PublishedBasis: offer.PublishedBasis,
		LastModified: offer.LastModified, ETag: offer.ETag, Size: offer.Size, SHA256: offer.SHA256,
	}
}

// writeRelease places the ZIP, then its sidecar.
func (r *addition) writeRelease(offer Offer, role string, revision int, facts Facts) error {
	one := stored{quarter: offer.Quarter, sidecar: sidecar{
		Version: sidecarVersion, Role: role, Quarter: offer.Quarter.String(), Revision: revision,
		QuarterBasis: offer.QuarterBasis, PackedByHcpcs: offer.loose(), Facts: facts,
		Main: &offer.Main, Second: offer.Second, Entries: offer.Companions, Notes: offer.notes,
	}}
	fill := func(w io.Writer) error { return copyFile(r.ctx, w, offer.source.zip, offer.SHA256, r.archive.limits) }
	stem := strings.TrimSuffix(offer.Name, filepath.Ext(offer.Name))
	if offer.loose() {
		packed, err := packLoose(r.ctx, offer)
		if err != nil {
			return inputError{err}
		}
		one.SHA256, one.Size = hashOf(packed), int64(len(packed))
		fill = func(w io.Writer) error { _, err := w.Write(packed); return err }
	}
	folder, err := r.archive.makeQuarter(offer.Quarter)
	if err != nil {
		return err
	}
	one.path = filepath.Join(folder, fmt.Sprintf("r%d-%s-%s.zip", revision, one.SHA256[:12], safeFileName(stem)))
	if err := r.archive.place(one.path, fill); err != nil {
		return err
	}
	if err := r.writeSidecar(one); err != nil {
		return err
	}
	r.archive.memory.keep(one.SHA256, offer.unpacked)
	r.held.releases = append(r.held.releases, one)
	r.held.numbers[offer.Quarter] = max(r.held.numbers[offer.Quarter], revision)
	return nil
}

func (r *addition) writeSidecar(one stored) error {
	text, err := one.encode()
	if err != nil {
		return fmt.Errorf("write the sidecar of %s: %w", one.path, err)
	}
	return r.archive.place(one.path+sidecarExtension, func(w io.Writer) error { _, err := w.Write(text); return err })
}
