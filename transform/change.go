package transform

import "github.com/hcpcstrack/hcpcstrack/extract/release"

// ChangeKind says what happened to a code from one release to the next
// (design.md, "change").
type ChangeKind string

const (
	Added        ChangeKind = "added"         // never seen before
	Reappeared   ChangeKind = "reappeared"    // absent in the release before, the same life
	Reused       ChangeKind = "reused"        // a new life of a code
	Changed      ChangeKind = "changed"       // some field differs
	Discontinued ChangeKind = "discontinued"  // a termination date, new
	Reactivated  ChangeKind = "reactivated"   // a termination date gone
	Vanished     ChangeKind = "vanished"      // absent while live
	AgedOff      ChangeKind = "aged_off"      // absent after its termination
	DateOnly     ChangeKind = "date_only"     // only the action effective date moved
	DeclaredOnly ChangeKind = "declared_only" // an action, and nothing changed
)

// ChangeKinds lists them in the order in which reports show them.
var ChangeKinds = []ChangeKind{Added, Discontinued, Reactivated, Reused, Changed, Reappeared, Vanished, AgedOff, DeclaredOnly, DateOnly}

// Timing places the effective date of a change against the quarter of the
// release that says it.
type Timing string

const (
	OnTime      Timing = "on_time"     // within the quarter
	Retroactive Timing = "retroactive" // before it
	Upcoming    Timing = "upcoming"    // after it
	NoTiming    Timing = ""            // NULL: the baseline, after a gap, or no date
)

// Change is what happened to one code from one release to the next.
type Change struct {
	Code string
	Kind Kind
	What ChangeKind
	// Life counts the meanings that the code has had, from 1.
	Life int
	// ActionCode is what CMS declares, "" where the code is absent or none is
	// given.
	ActionCode string
	Observed   Actions
	Agreement  Agreement
	// Effective is the day from which the change holds: where the history of the
	// code turns. NoDate for codes that are absent, or where nothing turned.
	Effective Date
	Timing    Timing
	// TimingDays counts from the first day of the release's quarter to the
	// effective date, negative for the past; it is meant where Timing is set.
	TimingDays int
	// Similarity of the long descriptions before and after, 0 to 1; negative
	// where there is only one of them.
	Similarity float64
	// Replacements are the cross-references of a code that is terminated.
	Replacements []string
	// Fields are the fields that differ. It is empty where there is no record of
	// the release before to compare with.
	Fields []FieldChange
}

// Step is one release, as the history of a code meets it.
type Step struct {
	ID release.ID
	// Effective is the first day of the release's quarter.
	Effective Date
	// Previous is the release before it in order; the zero ID for the baseline.
	Previous          release.ID
	PreviousEffective Date
	// GapFrom is the day on which the first release missing between the two
	// would have taken effect, NoDate where none is missing.
	GapFrom Date
	// Net marks a comparison over several releases, in which what CMS declares
	// cannot be held against the data: it speaks of the last of them only.
	Net bool
}

// IsBaseline tells whether no release is known before this one.
func (s *Step) IsBaseline() bool { return s.Previous == release.ID{} }

// isRevision tells whether the release before is of the same quarter.
func (s *Step) isRevision() bool { return s.Previous.Quarter == s.ID.Quarter }

// unverifiable tells whether what CMS declares cannot be held against the data.
func (s *Step) unverifiable() bool { return s.IsBaseline() || s.GapFrom != NoDate || s.Net }

// Steps puts releases, which must be in order, into relation to each other.
func Steps(releases []release.ID) []Step {
	steps := make([]Step, len(releases))
	for i, id := range releases {
		steps[i] = Step{ID: id, Effective: DateOf(id.Quarter.FirstDay()), PreviousEffective: NoDate, GapFrom: NoDate}
		if i == 0 {
			continue
		}
		previous := releases[i-1]
		steps[i].Previous = previous
		steps[i].PreviousEffective = DateOf(previous.Quarter.FirstDay())
		if missing := release.Missing(previous.Quarter, id.Quarter); len(missing) > 0 {
			steps[i].GapFrom = DateOf(missing[0].FirstDay())
		}
	}
	return steps
}

// timing places a date against the quarter of the release.
func (s *Step) timing(effective Date) (Timing, int) {
	if s.unverifiable() || effective == NoDate {
		return NoTiming, 0
	}
	days := int(effective - s.Effective)
	switch {
	case days < 0:
		return Retroactive, days
	case effective >= DateOf(s.ID.Quarter.Next().FirstDay()):
		return Upcoming, days
	}
	return OnTime, days
}
