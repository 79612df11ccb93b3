package transform

import (
	"slices"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// History is the life of one code over both times. Feed it every release in
// order, by Apply; a release that carries the record of the release before
// unchanged may be left out as long as it declares no action.
type History struct {
	Code string
	Kind Kind
	// Rectangles in the order in which they became known.
	Rectangles []Rectangle

	life      int
	lifeStart Date
	last      *Record // as last listed; nil before the first
	listed    bool    // whether the release before had it
	// current is what is known now, in order of dates: no gap, no overlap.
	current []Stretch
	// open are the indexes in Rectangles of what current says.
	open []int
	// beforeAbsence is what was known before the code was left out.
	beforeAbsence []Stretch
	// beforeTermination is what was known before the present life was terminated,
	// nil while it is not, or where the code was first seen terminated.
	beforeTermination []Stretch
	// lastAction is the action effective date last known; a blank is none.
	lastAction string
	// placed is the quarter whose releases last placed a difference by the action
	// that they declare, or by the termination.
	placed release.Quarter
	// ended is the quarter whose releases last gave an end, or moved it.
	ended    release.Quarter
	returned bool // the release before did not have the code
}

// NewHistory starts the history of a code of which nothing is known yet.
func NewHistory(code string) *History {
	return &History{Code: code, Kind: KindOf(code)}
}

// Life counts the meanings that the code has had so far.
func (h *History) Life() int { return h.life }

// Last is the record as last listed, nil before the first.
func (h *History) Last() *Record { return h.last }

// Listed tells whether the last release applied had the code.
func (h *History) Listed() bool { return h.listed }

// Apply takes what the next release says of the code, nil where it leaves it
// out, and gives what changed; nil where nothing did. record is kept.
func (h *History) Apply(step *Step, record *Record) *Change {
	var change *Change
	switch {
	case record == nil && (h.last == nil || !h.listed):
		return nil
	case record == nil:
		change = h.leaveOut(step)
	case h.last == nil:
		h.start(step, record)
		change = h.first(step, record)
	default:
		change = h.next(step, record)
	}
	if record != nil {
		h.last, h.listed = record, true
		if plausible(ParseDate(record.ActionEffectiveDate)) {
			h.lastAction = record.ActionEffectiveDate
		}
	}
	h.know(step.ID)
	if change != nil {
		change.Code, change.Kind, change.Life = h.Code, h.Kind, h.life
		change.Timing, change.TimingDays = step.timing(change.Effective)
		if record != nil {
			change.ActionCode = record.ActionCode
			if record.Content[TerminationDate] != "" {
				change.Replacements = record.Content.Values(CrossReferences)
			}
		}
	}
	return change
}

// first describes a code never seen. The baseline has nothing to compare with:
// only what CMS declares is reported, unverified.
func (h *History) first(step *Step, record *Record) *Change {
	if step.IsBaseline() {
		if !record.Declares() {
			return nil
		}
		return &Change{What: DeclaredOnly, Agreement: Unverifiable, Effective: ParseDate(record.ActionEffectiveDate), Similarity: -1}
	}
	change := &Change{What: Added, Observed: "A", Effective: h.lifeStart, Similarity: -1}
	change.Agreement = h.agreement(step, record, change.Observed)
	return change
}

func (h *History) agreement(step *Step, record *Record, observed Actions) Agreement {
	if step.unverifiable() {
		return Unverifiable
	}
	return Agree(record.ActionCode, observed)
}

// leaveOut: the code is not in the release. It is not ended: from the quarter's
// first day on it is not listed, and not attested where it was live. After a gap
// nothing tells since when that is so: it is not attested from its first day on.
func (h *History) leaveOut(step *Step) *Change {
	h.listed = false
	h.beforeAbsence = slices.Clone(h.current)
	unattested := step.Effective
	if step.GapFrom != NoDate {
		unattested = step.GapFrom
		h.split(step.GapFrom, BasisRelease)
	}
	h.split(step.Effective, BasisAbsence)
	for i := range h.current {
		s := &h.current[i]
		if s.From >= step.Effective {
			s.Listed = false
		}
		if s.From >= unattested && s.Status == Active && s.Life == h.life {
			s.Attested = false
		}
	}
	what := Vanished
	if terminated := h.last.Content.Date(TerminationDate); plausible(terminated) && terminated < step.Effective {
		what = AgedOff
	}
	return &Change{What: what, Effective: step.Effective, Similarity: -1}
}

// next: the code is in the release, and was seen before.
func (h *History) next(step *Step, record *Record) *Change {
	previous, returned := h.last, !h.listed
	h.returned = returned
	if returned {
		h.current, h.beforeAbsence = h.beforeAbsence, nil
	}
	difference := Compare(previous.Content, record.Content)
	change := &Change{
		Fields: difference.Fields, Observed: difference.Observed, Similarity: difference.Similarity, Effective: NoDate,
	}
	switch {
	case h.isReuse(previous, record, difference.Similarity):
		h.start(step, record)
		change.What, change.Effective = Reused, h.lifeStart
		change.Observed = change.Observed.With('A')
	case difference.Fields != nil:
		change.What = whatChanged(previous, record)
		change.Effective = h.revise(step, previous, record)
	case record.Declares() && !restates(step, previous, record):
		change.What, change.Effective = DeclaredOnly, ParseDate(record.ActionEffectiveDate)
	case record.ActionEffectiveDate != previous.ActionEffectiveDate:
		change.What, change.Effective = DateOnly, ParseDate(record.ActionEffectiveDate)
		change.Fields = []FieldChange{{Field: actionEffectiveDateColumn, Old: previous.ActionEffectiveDate, New: record.ActionEffectiveDate}}
	case !returned:
		return nil
	}
	if returned {
		if change.What != Reused {
			change.What = Reappeared
		}
		if difference.Fields == nil {
			change.Effective = step.Effective
		}
		if change.What == Reused {
			change.Observed = "A" // the release before has no record to differ from
		}
		change.Fields = nil
	}
	if change.What != DateOnly {
		change.Agreement = h.agreement(step, record, change.Observed)
	}
	if change.What == Reappeared && !step.unverifiable() {
		// That it is back is the change: an addition or a re-activation says so.
		switch {
		case record.ActionCode == "A" || record.ActionCode == "R":
			change.Agreement = Agrees
		case !record.Declares():
			change.Agreement = Undeclared
		}
	}
	return change
}

// restates: a revision repeats what the one before declared for their quarter.
// Nothing is declared anew, so that nothing is overstated either.
func restates(step *Step, previous, record *Record) bool {
	return step.isRevision() && record.ActionCode == previous.ActionCode && record.ActionEffectiveDate == previous.ActionEffectiveDate
}

func whatChanged(previous, record *Record) ChangeKind {
	before, after := plausible(previous.Content.Date(TerminationDate)), plausible(record.Content.Date(TerminationDate))
	switch {
	case !before && after:
		return Discontinued
	case before && !after:
		return Reactivated
	}
	return Changed
}

// reuseSimilarity is the similarity of descriptions below which an added date
// that moved forward means another thing under the same code.
const reuseSimilarity = 0.5

// isReuse: an added date that moves forward, past the end of the earlier life
// or with a description that has little in common (design.md, "reuse").
func (h *History) isReuse(previous, record *Record, similarity float64) bool {
	before, after := previous.Content.Date(CodeAddedDate), record.Content.Date(CodeAddedDate)
	if !plausible(before) {
		before = h.lifeStart
	}
	if !plausible(after) || after <= before {
		return false
	}
	terminated := previous.Content.Date(TerminationDate)
	return (plausible(terminated) && after > terminated) || similarity < reuseSimilarity
}

// start begins a life: of a code never seen, or the next one of a code reused.
// What was known of an earlier life ends where this one starts, at the latest.
func (h *History) start(step *Step, record *Record) {
	content := record.Content
	start, basis := content.Date(CodeAddedDate), BasisAdded
	action := ParseDate(record.ActionEffectiveDate)
	if !plausible(start) {
		start, basis = action, BasisAction
	}
	if !plausible(start) {
		start, basis = step.Effective, BasisRelease
	}
	h.life++
	h.lifeStart = start
	h.beforeTermination = nil
	h.truncate(start)

	terminated := content.Date(TerminationDate)
	if !plausible(terminated) {
		if plausible(action) && action > start {
			// The code existed; its record until then is not in the files.
			h.add(Active, false, start, action, basis, content)
			start, basis = action, BasisAction
		}
		h.add(Active, true, start, OpenEnd, basis, content)
		return
	}
	end := max(terminated+1, start)
	// Of a code first seen already terminated nobody saw the active stretch; of
	// one that is still to end, what was before its action, or where that is the
	// ending itself, before the release that first has it. Unless it was added
	// after the release before: then nothing can have been missed.
	seen, seenBasis := end, BasisTermination
	switch {
	case !step.IsBaseline() && start > step.PreviousEffective:
		seen = start
	case terminated < step.Effective:
	case plausible(action) && action < end:
		seen, seenBasis = max(action, start), BasisAction
	default:
		seen, seenBasis = max(step.Effective, start), BasisRelease
	}
	if seen > start {
		h.add(Active, false, start, seen, basis, content)
		start, basis = seen, seenBasis
	}
	if end > start {
		h.add(Active, true, start, end, basis, content)
		start, basis = end, BasisTermination
	}
	h.add(Terminated, true, start, OpenEnd, basis, content)
}

// revise takes a record that differs from the one before within a life, and
// gives the day from which the difference holds.
func (h *History) revise(step *Step, previous, record *Record) Date {
	before := *previous.Content // what history says so far, as corrected below
	effective := h.moveStart(&before, record)

	was, is := before.Date(TerminationDate), record.Content.Date(TerminationDate)
	switch {
	case plausible(is) && is != was:
		h.placed, h.ended = step.ID.Quarter, step.ID.Quarter
		return h.terminate(record, is)
	case plausible(was) && !plausible(is) && record.Content[TerminationDate] == "":
		if record.ActionCode == "R" {
			h.placed = step.ID.Quarter
			return h.reactivate(step, record, was)
		}
		h.withdrawTermination(step)
		before = *h.current[len(h.current)-1].Content
		effective = was + 1
	}
	if before == *record.Content {
		return effective
	}
	start, basis := h.startOfDifference(step, previous, record)
	if start < h.lifeStart {
		start, basis = h.lifeStart, h.current[h.lifeIndex()].Basis
	}
	if step.GapFrom != NoDate && start > step.GapFrom {
		h.doubt(step.GapFrom, start)
	}
	h.overlay(start, basis, record.Content)
	h.overlayUnterminated(start, basis, &before, record.Content)
	return start
}

// overlayUnterminated does the same to what was known before the termination: where
// that is moved or withdrawn, what changed while the code was active stays.
func (h *History) overlayUnterminated(from Date, basis Basis, before, after *Content) {
	if h.beforeTermination == nil || from > after.Date(TerminationDate) {
		return
	}
	content := *h.beforeTermination[len(h.beforeTermination)-1].Content
	for i := range content {
		if before[i] != after[i] {
			content[i] = after[i]
		}
	}
	known := h.current
	h.current = h.beforeTermination
	h.overlay(from, basis, &content)
	h.beforeTermination, h.current = h.current, known
}

// startOfDifference says from when a difference of content holds: from the
// action effective date when CMS declares an action or moved that date; else, in
// a revision, from where the revised record started; else from the quarter's
// first day. An action that a revision repeats stands for what was placed by it
// already, which is corrected, unless nothing was.
func (h *History) startOfDifference(step *Step, previous, record *Record) (Date, Basis) {
	action := ParseDate(record.ActionEffectiveDate)
	declared := record.Declares() && !(restates(step, previous, record) && h.placed == step.ID.Quarter)
	switch {
	case plausible(action) && (declared || record.ActionEffectiveDate != h.lastAction):
		h.placed = step.ID.Quarter
		return action, BasisAction
	case step.isRevision() && !h.returned:
		return h.lastStart(step), BasisCorrection
	}
	return step.Effective, BasisRelease
}

// lastStart is where the record last listed starts. Where its end is still to come, and
// was said in an earlier quarter, that is where what it says before the end does; what a
// release says with a new end starts after it.
func (h *History) lastStart(step *Step) Date {
	last := &h.current[len(h.current)-1]
	if last.Status == Terminated && last.From > step.Effective && h.ended != step.ID.Quarter && len(h.current) > h.lifeIndex()+1 {
		if before := &h.current[len(h.current)-2]; before.Attested && before.Content.Equal(last.Content) {
			return before.From
		}
	}
	return last.From
}

// moveStart follows an added date that moved without a new meaning: the life
// starts there, and the whole life carries the date. It corrects before
// accordingly, and gives the life's start where it moved. A date that cannot be
// moves nothing.
func (h *History) moveStart(before *Content, record *Record) Date {
	was, is := before.Date(CodeAddedDate), record.Content.Date(CodeAddedDate)
	if was == is || !plausible(is) {
		return NoDate
	}
	h.beforeTermination = nil // it has the life begin elsewhere
	earlier, life := h.divideLives()
	h.current = earlier
	h.truncate(is)
	for len(life) > 1 && life[0].To <= is {
		life = life[1:]
	}
	life[0].From, life[0].Basis = is, BasisAdded
	for i := range life {
		corrected := *life[i].Content
		corrected[CodeAddedDate] = record.Content[CodeAddedDate]
		life[i].Content = &corrected
	}
	if n := len(h.current); n > 0 {
		h.current[n-1].To = is
	}
	h.current = append(h.current, life...)
	h.lifeStart = is
	before[CodeAddedDate] = record.Content[CodeAddedDate]
	return is
}

// divideLives gives copies of the stretches of the earlier lives, and of the
// present one.
func (h *History) divideLives() (earlier, life []Stretch) {
	at := h.lifeIndex()
	return slices.Clone(h.current[:at]), slices.Clone(h.current[at:])
}

// lifeIndex is the index of the first stretch of the present life.
func (h *History) lifeIndex() int {
	return slices.IndexFunc(h.current, func(s Stretch) bool { return s.Life == h.life })
}

// terminate: the code is terminated from the day after its termination date,
// and every other difference of the record starts there too.
func (h *History) terminate(record *Record, terminated Date) Date {
	if h.beforeTermination != nil {
		h.current = slices.Clone(h.beforeTermination) // the date moved
	} else if h.current[len(h.current)-1].Status == Active {
		h.beforeTermination = slices.Clone(h.current)
	}
	h.dropTerminated()
	h.truncate(max(terminated+1, h.lifeStart))
	for i := len(h.current) - 1; i >= 0 && h.current[i].Life == h.life; i-- {
		if h.current[i].Status == Active {
			h.setTermination(i, record.Content[TerminationDate])
			break
		}
	}
	from, basis := terminated+1, BasisTermination
	if from <= h.lifeStart {
		from, basis = h.lifeStart, BasisAdded
	}
	h.add(Terminated, true, from, OpenEnd, basis, record.Content)
	return from
}

// dropTerminated takes back the termination known so far: the last active
// stretch of the life has no end. Where the life had none, since it was to end
// before it began, all of it is active, though nobody saw it so.
func (h *History) dropTerminated() {
	at := len(h.current)
	for at > 0 && h.current[at-1].Life == h.life && h.current[at-1].Status == Terminated {
		at--
	}
	if at > 0 && h.current[at-1].Life == h.life {
		h.current = h.current[:at:at]
		h.current[at-1].To = OpenEnd
		return
	}
	for i := at; i < len(h.current); i++ {
		h.current[i].Status, h.current[i].Attested = Active, false
		h.setTermination(i, "")
	}
}

// attest: a release says that the code is active, which none before it did.
func (h *History) attest(step *Step) {
	if last := len(h.current) - 1; h.current[last].Attested {
		return
	}
	h.split(step.Effective, BasisRelease)
	if last := len(h.current) - 1; h.current[last].From >= step.Effective {
		h.current[last].Attested = true
	}
}

func (h *History) setTermination(at int, value string) {
	corrected := *h.current[at].Content
	corrected[TerminationDate] = value
	h.current[at].Content = &corrected
}

// reactivate: CMS declares that the code is valid again from the action
// effective date on, which cannot be before it ended; the terminated stretch
// before it stays.
func (h *History) reactivate(step *Step, record *Record, terminated Date) Date {
	h.beforeTermination = nil
	start, basis := ParseDate(record.ActionEffectiveDate), BasisAction
	if !plausible(start) {
		start, basis = step.Effective, BasisRelease
	}
	start = max(start, h.lifeStart, terminated+1)
	h.overlay(start, basis, record.Content)
	return start
}

// withdrawTermination: the termination is gone without a word of CMS's, as if
// it had never been. Of a code that was first seen terminated, the release that
// takes it back is the first to attest that it is active.
func (h *History) withdrawTermination(step *Step) {
	if h.beforeTermination != nil {
		h.current, h.beforeTermination = h.beforeTermination, nil
		return
	}
	h.dropTerminated()
	h.setTermination(len(h.current)-1, "")
	h.attest(step)
}

// doubt marks what is known of the dates from from to to as unattested: a
// release between is not in hand.
func (h *History) doubt(from, to Date) {
	from = max(from, h.lifeStart)
	if from >= to {
		return
	}
	h.split(from, BasisRelease)
	h.split(to, BasisRelease)
	for i := range h.current {
		if s := &h.current[i]; s.From >= from && s.To <= to && s.Life == h.life {
			s.Attested = false
		}
	}
}

// overlay puts content in the place of what was known from a day on.
func (h *History) overlay(from Date, basis Basis, content *Content) {
	h.truncate(from)
	terminated := content.Date(TerminationDate)
	if !plausible(terminated) {
		h.add(Active, true, from, OpenEnd, basis, content)
		return
	}
	h.add(Active, true, from, terminated+1, basis, content)
	if terminated+1 > from {
		from, basis = terminated+1, BasisTermination
	}
	h.add(Terminated, true, from, OpenEnd, basis, content)
}

// add appends a stretch of the present life; an empty one is none.
func (h *History) add(status Status, attested bool, from, to Date, basis Basis, content *Content) {
	if from >= to {
		return
	}
	h.current = append(h.current, Stretch{
		Life: h.life, Status: status, Listed: true, Attested: attested, From: from, To: to, Basis: basis, Content: content,
	})
}

// truncate forgets what is known from a day on.
func (h *History) truncate(from Date) {
	kept := make([]Stretch, 0, len(h.current)+2)
	for _, s := range h.current {
		if s.From >= from {
			break
		}
		s.To = min(s.To, from)
		kept = append(kept, s)
	}
	if n := len(kept); n > 0 {
		kept[n-1].To = from // lives follow each other without a gap
	}
	h.current = kept
}

// split makes a day the start of a stretch, where one covers it.
func (h *History) split(at Date, basis Basis) {
	for i, s := range h.current {
		if s.From < at && at < s.To {
			later := s
			later.From, later.Basis = at, basis
			h.current = slices.Insert(slices.Clone(h.current), i+1, later)
			h.current[i].To = at
			return
		}
	}
}

// know makes neighbours that are alike one, and turns the difference between
// what was known and what is known now into rectangles.
func (h *History) know(id release.ID) {
	merged := h.current[:0:0]
	for _, s := range h.current {
		if n := len(merged); n > 0 && merged[n-1].alike(&s) {
			merged[n-1].To = s.To
			continue
		}
		merged = append(merged, s)
	}
	h.current = merged

	open := make([]int, len(h.current))
	for i := range open {
		open[i] = -1
	}
	for _, at := range h.open {
		known := &h.Rectangles[at]
		i := slices.IndexFunc(h.current, func(s Stretch) bool { return s.Equal(&known.Stretch) })
		if i >= 0 && open[i] < 0 {
			open[i] = at
			continue
		}
		known.KnownTo = id
	}
	for i := range open {
		if open[i] < 0 {
			open[i] = len(h.Rectangles)
			h.Rectangles = append(h.Rectangles, Rectangle{Stretch: h.current[i], KnownFrom: id})
		}
	}
	h.open = open
}
