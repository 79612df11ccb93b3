package load

import (
	"cmp"
	"maps"
	"slices"
)

// claimCounts counts what was said of claim lines.
type claimCounts struct {
	lines                         int64
	verdicts                      [len(verdictWords)]int64 // in the order of verdictWords
	notAttested, changedSincePaid int64
	causes                        map[claimCause]int64
}

type claimCause struct{ verdict, reason string }

func newClaimCounts() *claimCounts {
	return &claimCounts{causes: map[claimCause]int64{}}
}

// add counts an answer with its reasons.
func (c *claimCounts) add(answer *claimAnswer, reasons []lineReason) {
	c.lines++
	c.verdicts[slices.Index(verdictWords[:], answer.verdict)]++
	if answer.verdict == "valid" && answer.attested == "false" {
		c.notAttested++
	}
	if answer.verdictWhenPaid != "" && answer.verdictWhenPaid != answer.verdict {
		c.changedSincePaid++
	}
	switch answer.verdict {
	case "invalid":
		c.causes[claimCause{answer.verdict, causeOf(reasons, isBad)}]++
	case "uncertain":
		c.causes[claimCause{answer.verdict, causeOf(reasons, isDoubtful)}]++
	}
}

// causeOf gives the first of the reasons that gave the line its verdict. Those that
// hold whatever a column of wrong things holds are put together: there could be as
// many as lines.
func causeOf(reasons []lineReason, decides func(status string) bool) string {
	first := slices.IndexFunc(reasons, func(r lineReason) bool { return decides(r.status) })
	switch reasons[first].status {
	case "unknown_code":
		return "a code or modifier is in no release"
	case wrongKind:
		return "a modifier stands in place of a procedure code, or the other way round"
	case "before_records":
		return "the date is before what the loaded releases can tell"
	case "missing_release":
		return "the release for the date is not loaded"
	}
	if len(reasons) > 1 {
		return reasons[first].text + "; and more"
	}
	return reasons[first].text
}

// merge adds what another judge has counted.
func (c *claimCounts) merge(other *claimCounts) {
	c.lines += other.lines
	c.notAttested += other.notAttested
	c.changedSincePaid += other.changedSincePaid
	for verdict, lines := range other.verdicts {
		c.verdicts[verdict] += lines
	}
	for cause, lines := range other.causes {
		c.causes[cause] += lines
	}
}

// into puts the counts into a summary, with the most frequent causes first.
func (c *claimCounts) into(check *ClaimCheck) {
	check.Lines, check.Counts = c.lines, map[string]int64{}
	for verdict, lines := range c.verdicts {
		if lines > 0 {
			check.Counts[verdictWords[verdict]] = lines
		}
	}
	check.NotAttested, check.ChangedSincePaid = c.notAttested, c.changedSincePaid
	causes := slices.SortedFunc(maps.Keys(c.causes), func(a, b claimCause) int {
		return cmp.Or(cmp.Compare(c.causes[b], c.causes[a]), cmp.Compare(a.reason, b.reason), cmp.Compare(a.verdict, b.verdict))
	})
	for _, cause := range causes[:min(len(causes), maxCauses)] {
		check.Causes = append(check.Causes, CheckCause{cause.verdict, cause.reason, c.causes[cause]})
	}
}
