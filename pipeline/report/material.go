package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// material is what a report is made of.
type material struct {
	options  Options
	releases []load.Release // that the report is about, in order
	all      []load.Release // all that are loaded, in order
	net      release.ID     // the first of a net comparison, else zero
	book     *load.RecordBook
	// entries are the changes, those of the latest release first, by code.
	entries []*entry
	// between are the releases between those of the report that it is not about,
	// in order, and untold what they change of the codes of the entries: the last
	// word may be theirs.
	between []load.Release
	untold  []*entry
	ofCode  map[string][]*entry // what changesOf has found
	// baseline is the number of actions that the first release of several
	// declares; they are not among the entries.
	baseline int
	findings []finding
	// correctionsOf are the corrections to the releases, the latest first.
	correctionsOf []load.CorrectionOf
	counts        Counts
}

// entry is a change with all that is known around it.
type entry struct {
	*transform.Change
	release load.Release
	// what is Change.What; in the report on a first release, what the action
	// code says; Discontinued where endedBetween.
	what transform.ChangeKind
	// endedBetween marks a code that neither release of a net comparison gives an
	// end: one between them did, and the later one lists it no more.
	endedBetween bool
	// liftedByR tells that the release that took the end of a re-activated code back
	// declares R, liftedAfterGap that one is missing before it. In a net comparison
	// that release may be one between the two.
	liftedByR, liftedAfterGap bool
	// unverified marks what CMS declares and nothing could be held against.
	unverified bool
	// untold marks what a release between those of the report changed.
	untold bool
	// before and after are the records: before as last listed before the
	// release, nil where none was; after as the release has it, or where it
	// leaves the code out, the same as before.
	before, after *transform.Record
	// lastListed is the last release before this one that had the code.
	lastListed release.ID
	own        bool
}

// finding is a finding of a release, and whether the release before had it too.
type finding struct {
	transform.Finding
	release release.ID
	isNew   bool
}

func gather(ctx context.Context, published *load.Published, scope Scope, options Options) (*material, error) {
	m := &material{options: options}
	for _, r := range published.Releases() {
		if r.State == load.Loaded {
			m.all = append(m.all, r)
		}
	}
	for _, id := range scope.releases {
		r, err := published.Resolve(id)
		if err != nil {
			return nil, err
		}
		m.releases = append(m.releases, r)
	}
	slices.SortFunc(m.releases, func(a, b load.Release) int { return a.ID.Compare(b.ID) })
	m.releases = slices.CompactFunc(m.releases, func(a, b load.Release) bool { return a.ID == b.ID })
	if len(m.releases) == 0 {
		return nil, fmt.Errorf("no release was named")
	}
	m.book = published.RecordBook()
	if err := m.book.ReadReached(ctx, options.Watch.named()); err != nil {
		return nil, err
	}
	if err := m.readChanges(ctx, published, scope.from); err != nil {
		return nil, err
	}
	m.count()
	return m, m.readFindings(ctx, published)
}

func (m *material) readChanges(ctx context.Context, published *load.Published, from release.ID) error {
	if from != (release.ID{}) {
		first, err := published.Resolve(from)
		if err != nil {
			return err
		}
		last := m.latest()
		if first.ID.Compare(last.ID) >= 0 {
			return fmt.Errorf("comparing %s with %s: %w", first.ID, last.ID, ErrNetOrder)
		}
		m.net = first.ID
		comparison, err := published.NetChanges(ctx, first, last)
		if err != nil {
			return err
		}
		m.releases = []load.Release{first, last}
		return m.addEntries(ctx, []load.Comparison{comparison})
	}
	latestFirst := slices.Clone(m.releases)
	slices.Reverse(latestFirst)
	comparisons, err := published.ChangesOf(ctx, latestFirst)
	if err != nil {
		return err
	}
	if first := len(comparisons) - 1; comparisons[first].Previous == (release.ID{}) && m.several() {
		m.baseline = len(comparisons[first].Changes)
		comparisons = comparisons[:first]
	}
	if err := m.addEntries(ctx, comparisons); err != nil {
		return err
	}
	return m.readBetween(ctx, published)
}

// readBetween reads what is changed between releases that do not follow each
// other: one that came in late, and a new one.
func (m *material) readBetween(ctx context.Context, published *load.Published) error {
	for _, r := range m.all {
		isTold := slices.ContainsFunc(m.releases, func(told load.Release) bool { return told.ID == r.ID })
		if !isTold && r.ID.Compare(m.releases[0].ID) > 0 && r.ID.Compare(m.latest().ID) < 0 {
			m.between = append(m.between, r)
		}
	}
	if len(m.between) == 0 {
		return nil
	}
	comparisons, err := published.ChangesOf(ctx, m.between)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, e := range m.entries {
		told[e.Code] = true
	}
	for i := range comparisons {
		for _, change := range comparisons[i].Changes {
			if told[change.Code] {
				e := m.newEntry(&comparisons[i], change)
				e.untold = true
				m.untold = append(m.untold, e)
			}
		}
	}
	return nil
}

// addEntries makes entries of what releases changed.
func (m *material) addEntries(ctx context.Context, comparisons []load.Comparison) error {
	var codes []string
	for i := range comparisons {
		for _, change := range comparisons[i].Changes {
			codes = append(codes, change.Code)
		}
	}
	if err := m.book.ReadReached(ctx, codes); err != nil {
		return err
	}
	for i := range comparisons {
		m.addChanges(&comparisons[i])
	}
	return nil
}

func (m *material) addChanges(comparison *load.Comparison) {
	for _, change := range comparison.Changes {
		m.entries = append(m.entries, m.newEntry(comparison, change))
	}
}

func (m *material) newEntry(comparison *load.Comparison, change *transform.Change) *entry {
	e := &entry{Change: change, release: comparison.Release, what: change.What, own: m.options.Watch.Has(change.Code)}
	e.after, _ = m.book.Last(change.Code, comparison.Release.ID)
	if comparison.Previous != (release.ID{}) {
		e.before, e.lastListed = m.book.Last(change.Code, comparison.Previous)
	} else {
		e.what, e.unverified = declaredKind(change.ActionCode), true
	}
	if e.what == transform.Vanished {
		_, e.lastListed = m.book.Last(change.Code, comparison.Release.ID)
		if before := e.before.Content.Date(transform.TerminationDate); e.lastDay().IsPlausible() && e.lastDay() != before {
			ended := *change
			ended.Effective = e.lastDay() + 1
			e.Change, e.what, e.endedBetween = &ended, transform.Discontinued, true
		}
	}
	if e.what == transform.Reactivated {
		m.lift(e)
	}
	return e
}

// lift finds which release took the end of a code back, and in what way. Where that
// is one between the two of a net comparison, the code is valid again from the day
// that it declares.
func (m *material) lift(e *entry) {
	lifting, by := e.after, e.release
	for _, r := range slices.Backward(m.all) {
		if !m.isNet() || r.ID.Compare(m.net) <= 0 {
			break
		}
		if r.ID.Compare(e.release.ID) >= 0 {
			continue
		}
		record := m.book.In(e.Code, r.ID)
		if record != nil && record.Content.Date(transform.TerminationDate) != transform.NoDate {
			break
		}
		if record != nil {
			lifting, by = record, r
		}
	}
	e.liftedByR, e.liftedAfterGap = lifting.ActionCode == "R", by.Gap
	if from := transform.ParseDate(lifting.ActionEffectiveDate); by.ID != e.release.ID && e.liftedByR && from.IsPlausible() {
		lifted := *e.Change
		lifted.Effective = from
		e.Change = &lifted
	}
}

// declaredKind is what an action code says that it did.
func declaredKind(action string) transform.ChangeKind {
	switch action {
	case "A":
		return transform.Added
	case "D":
		return transform.Discontinued
	case "R":
		return transform.Reactivated
	}
	return transform.Changed
}

func (m *material) count() {
	c := &m.counts
	for _, e := range m.entries {
		switch {
		case e.isTypographic():
			c.Typographic++
		case e.isEmptyNote():
			c.EmptyNotes++
		case e.what == transform.Added:
			c.Added++
		case e.what == transform.Discontinued:
			c.Discontinued++
		case e.what == transform.Reactivated:
			c.Reactivated++
		case e.what == transform.Reused:
			c.Reused++
		case e.what == transform.Changed:
			c.Revised++
		case e.what == transform.Reappeared:
			c.Returned++
		case e.what == transform.Vanished:
			c.Vanished++
		case e.what == transform.AgedOff:
			c.AgedOff++
		case e.what == transform.DateOnly:
			c.DateOnly++
		case e.what == transform.DeclaredOnly:
			c.DeclaredOnly++
		}
		if !e.isNews() {
			continue
		}
		if e.own {
			c.Watched++
		}
		if m.reachesBack(e) {
			c.Retroactive++
		}
		if m.isUpcoming(e) {
			c.Upcoming++
		}
	}
}

// readFindings reads what is doubtful in the releases, and marks what was so in
// the release before already.
func (m *material) readFindings(ctx context.Context, published *load.Published) error {
	var told, looked []release.ID // told of in the report; looked at, for what was so before
	for _, r := range slices.Backward(m.releases) {
		if r.ID != m.net {
			told = append(told, r.ID)
			looked = append(looked, r.ID, m.before(r))
		}
	}
	corrections, err := published.CorrectionsOf(ctx, told)
	if err != nil {
		return err
	}
	findings, err := published.FindingsOf(ctx, looked)
	if err != nil {
		return err
	}
	for _, r := range slices.Backward(m.releases) {
		if r.ID == m.net {
			continue
		}
		m.correctionsOf = append(m.correctionsOf, corrections[r.ID]...)
		known := map[string]bool{}
		for _, f := range findings[m.before(r)] {
			known[findingKey(&f)] = true
		}
		for _, f := range findings[r.ID] {
			m.findings = append(m.findings, finding{f, r.ID, !known[findingKey(&f)]})
		}
	}
	return nil
}

// before is the release that one is compared with, zero for the baseline.
func (m *material) before(r load.Release) release.ID {
	if m.isNet() {
		return m.net
	}
	return r.Previous
}

// findingKey tells the same finding in two releases: findings without a code
// belong to one file.
func findingKey(f *transform.Finding) string {
	if f.Code == "" {
		return strings.Join([]string{string(f.Rule), f.File, f.RawText}, "\x00")
	}
	return strings.Join([]string{string(f.Rule), f.Code, f.Field}, "\x00")
}

func (m *material) latest() load.Release { return m.releases[len(m.releases)-1] }

func (m *material) isNet() bool { return m.net != release.ID{} }

// several tells whether the report is about more than one release, each
// compared with the one before it.
func (m *material) several() bool { return !m.isNet() && len(m.releases) > 1 }

// isBaseline tells whether it is about the first release alone.
func (m *material) isBaseline() bool {
	return !m.isNet() && len(m.releases) == 1 && m.releases[0].Previous == release.ID{}
}

// isRevision tells whether it is about a release that revises one of the same
// quarter.
func (m *material) isRevision() bool {
	return !m.isNet() && len(m.releases) == 1 && m.releases[0].Previous.Quarter == m.releases[0].ID.Quarter
}

// hasGap tells whether a release is missing before the one or the only one that
// the report is about.
func (m *material) hasGap() bool {
	return !m.isNet() && len(m.releases) == 1 && m.releases[0].Gap
}

// quarterStart is the first day of the latest release's quarter.
func (m *material) quarterStart() transform.Date {
	return transform.DateOf(m.latest().ID.Quarter.FirstDay())
}

// isUpcoming tells whether a change takes effect after its release's quarter,
// whether or not a release is missing before it.
func (m *material) isUpcoming(e *entry) bool {
	return e.Effective != transform.NoDate && e.Effective >= transform.DateOf(e.release.ID.Quarter.Next().FirstDay())
}

// where picks entries.
func (m *material) where(keep func(*entry) bool) []*entry {
	var kept []*entry
	for _, e := range m.entries {
		if keep(e) {
			kept = append(kept, e)
		}
	}
	return kept
}

// kind picks the entries of one kind of change.
func (m *material) kind(what transform.ChangeKind) []*entry {
	return m.where(func(e *entry) bool { return e.what == what && !e.isTypographic() && !e.isEmptyNote() })
}

// isTypographic: letter case, white space, punctuation or lost characters only.
func (e *entry) isTypographic() bool {
	if e.what != transform.Changed || len(e.Fields) == 0 {
		return false
	}
	return !slices.ContainsFunc(e.Fields, func(f transform.FieldChange) bool { return !f.Typographic })
}

// isNews tells whether the change matters to those who bill.
func (e *entry) isNews() bool {
	switch e.what {
	case transform.AgedOff, transform.DateOnly, transform.DeclaredOnly:
		return false
	}
	return !e.isTypographic() && !e.isEmptyNote()
}

// noNote is how a processing note is written in some years where there is none
// (domain.md, 9).
const noNote = "0000"

// isEmptyNote: processing note 0000, which stands for none, came or went, and
// nothing else.
func (e *entry) isEmptyNote() bool {
	if e.what != transform.Changed || len(e.Fields) != 1 || e.field(transform.ProcessingNote) == nil {
		return false
	}
	return strings.TrimPrefix(e.Fields[0].Old+e.Fields[0].New, noNote) == ""
}

// field finds a changed field, nil where it is not among them.
func (e *entry) field(field transform.Field) *transform.FieldChange {
	fields := e.differences()
	for i := range fields {
		if fields[i].Field == transform.Layout[field].Name {
			return &fields[i]
		}
	}
	return nil
}

// differences are the fields that differ. Of a code that is back in the file they
// are held against its record as last listed: the release before has none.
func (e *entry) differences() []transform.FieldChange {
	if e.what == transform.Reappeared && e.before != nil {
		return transform.Compare(e.before.Content, e.after.Content).Fields
	}
	return e.Fields
}

// movedEnd tells whether a termination date gave way to another one.
func (e *entry) movedEnd() bool {
	return e.what == transform.Changed && e.field(transform.TerminationDate) != nil
}

// isBackEnding tells whether a code is back in the file with an end that it did
// not have when last listed.
func (e *entry) isBackEnding() bool {
	return e.what == transform.Reappeared && e.lastDay() != transform.NoDate && e.field(transform.TerminationDate) != nil
}

// isReusedEnding tells whether a code was reused, and the meaning that it has since
// has an end.
func (e *entry) isReusedEnding() bool {
	return e.what == transform.Reused && e.lastDay() != transform.NoDate
}

// isAddedEnding tells whether a code was added with an end that had not come when the
// quarter began.
func (e *entry) isAddedEnding() bool {
	return e.what == transform.Added && e.lastDay() != transform.NoDate && e.lastDay() >= e.quarterStart()
}

// mayMeanOther tells of a plain change, or of a code that is re-activated or back in
// the file, whose description has little in common with the one before.
func (e *entry) mayMeanOther() bool {
	goesOn := e.what == transform.Changed || e.what == transform.Reactivated || e.what == transform.Reappeared
	return goesOn && e.Similarity >= 0 && e.Similarity < wholeBelow && e.field(transform.LongDescription) != nil
}

func (e *entry) long() string  { return e.after.Content[transform.LongDescription] }
func (e *entry) short() string { return e.after.Content[transform.ShortDescription] }

// lastDay is the termination date, NoDate where there is none.
func (e *entry) lastDay() transform.Date { return e.after.Content.Date(transform.TerminationDate) }

// timing says how far the change reaches back or lies ahead, "" for neither.
func (e *entry) timing() string { return timingWords(e.Timing, e.TimingDays) }
