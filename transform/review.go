package transform

import (
	"fmt"
	"sort"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// ReviewLimits say when a release does not look right. Shares are of the codes
// of the release before, or of the records of the release itself, from 0 to 1;
// 1 switches a check off.
type ReviewLimits struct {
	// CodesGone is the share of the codes of the release before that may be
	// missing without having been terminated; where these are less than a hundred,
	// a quarter of the codes may be. Default: 0.05; CMS's releases of 2011 to 2025
	// leave out 3 codes at the most, and 65 of 5,726 over the five years to 2016.
	CodesGone float64 `yaml:"codes_gone"`
	// CodesChanged is the share of the codes of the release before whose content
	// may differ by more than typography, for each release that is expected from
	// the one to the other. Default: 0.25
	CodesChanged float64 `yaml:"codes_changed"`
	// UnreadableLines is the share of lines that may be unreadable, too short or
	// too long. Default: 0.02
	UnreadableLines float64 `yaml:"unreadable_lines"`
	// UnparseableDates is the share of records that may have a date that is
	// none. Default: 0.02
	UnparseableDates float64 `yaml:"unparseable_dates"`
	// UnknownValues is the share of records that may have a value that no code
	// list knows. Default: 0.1
	UnknownValues float64 `yaml:"unknown_values"`
	// DatesElsewhere is the share of declared actions whose effective date may
	// lie outside the time around the quarter: from 300 days before its first day
	// to 183 days after. Default: 0.5
	DatesElsewhere float64 `yaml:"dates_elsewhere"`
	// AnotherQuarter is the share of declared actions that may take effect in one
	// other quarter. Default: 0.75
	AnotherQuarter float64 `yaml:"another_quarter"`
}

// DefaultReviewLimits let every release of CMS's pass that is known, and hold
// those of which a part is missing or the columns are shifted.
var DefaultReviewLimits = ReviewLimits{
	CodesGone: 0.05, CodesChanged: 0.25, UnreadableLines: 0.02, UnparseableDates: 0.02, UnknownValues: 0.1, DatesElsewhere: 0.5, AnotherQuarter: 0.75,
}

// Check says which limit cannot be.
func (l ReviewLimits) Check() error {
	for _, limit := range []struct {
		name  string
		value float64
	}{
		{"codes_gone", l.CodesGone}, {"codes_changed", l.CodesChanged}, {"unreadable_lines", l.UnreadableLines},
		{"unparseable_dates", l.UnparseableDates}, {"unknown_values", l.UnknownValues}, {"dates_elsewhere", l.DatesElsewhere},
		{"another_quarter", l.AnotherQuarter},
	} {
		if !(limit.value >= 0 && limit.value <= 1) {
			return fmt.Errorf("hold.%s is %v: write a share from 0 to 1, such as 0.25", limit.name, limit.value)
		}
	}
	return nil
}

// Before is the release before, as far as a review needs it.
type Before struct {
	Quarter release.Quarter // zero: there is none
	Records int
	// Touched are its records of the codes that the release reviewed lacks, or
	// carries with another record.
	Touched []*Record
}

// Review looks whether a release as a whole looks right: against itself, and
// against the release before. It gives one sentence for each thing that does
// not, saying what was seen and what was expected; none means that the release
// may be loaded.
func Review(quarter release.Quarter, file *File, before Before, limits ReviewLimits) []string {
	r := review{quarter: quarter, file: file, limits: limits}
	r.lines()
	r.records()
	r.dates()
	if before.Records > 0 {
		r.against(before)
	}
	return r.reasons
}

type review struct {
	quarter release.Quarter
	file    *File
	limits  ReviewLimits
	reasons []string
}

// share adds a reason where part of whole is more than the limit.
func (r *review) share(part, whole int, limit float64, what string) {
	if whole == 0 || limit >= 1 || float64(part) <= limit*float64(whole) {
		return
	}
	r.reasons = append(r.reasons, fmt.Sprintf("%d of %d %s (%.1f %%; up to %.1f %% is accepted)",
		part, whole, what, 100*float64(part)/float64(whole), 100*limit))
}

func (r *review) lines() {
	bad := r.file.LinesUnreadable + r.recordsWith(RuleLineTooShort, RuleLineTooLong)
	r.share(bad, r.file.LinesRead, r.limits.UnreadableLines, "lines are unreadable, too short or too long")
}

func (r *review) records() {
	n := len(r.file.Records)
	r.share(r.recordsWith(RuleUnparseableDate, RuleImplausibleDate), n, r.limits.UnparseableDates, "records have a date that is none")
	r.share(r.recordsWith(RuleUnknownValue, RuleShiftedASC), n, r.limits.UnknownValues, "records have a value that no code list of CMS's has")
}

// recordsWith counts the lines that have a finding of some rules.
func (r *review) recordsWith(rules ...Rule) int {
	lines := map[int]bool{}
	for i := range r.file.Findings {
		for _, rule := range rules {
			if r.file.Findings[i].Rule == rule {
				lines[r.file.Findings[i].Line] = true
			}
		}
	}
	return len(lines)
}

// dates holds the effective dates of declared actions against the quarter. Of
// CMS's releases of 2011 to 2025, at most 2 in 100 lie outside the time around
// it, and at least 69 in 100 in the quarter itself; under the name of another
// year, at least 90 in 100 lie outside.
func (r *review) dates() {
	first := DateOf(r.quarter.FirstDay())
	earliest, latest := first-300, first+183
	declared, elsewhere := 0, 0
	for i := range r.file.Records {
		record := &r.file.Records[i]
		if !record.Declares() {
			continue
		}
		action := ParseDate(record.ActionEffectiveDate)
		if action == NoDate {
			continue
		}
		declared++
		if action < earliest || action > latest {
			elsewhere++
		}
	}
	if declared < fewestDeclared {
		return
	}
	if another, in, of := SuggestQuarter(r.file.Records); !another.IsZero() && another != r.quarter {
		r.share(in, of, r.limits.AnotherQuarter, fmt.Sprintf("declared actions take effect in %s, not in %s", another, r.quarter))
	}
	r.share(elsewhere, declared, r.limits.DatesElsewhere,
		fmt.Sprintf("declared actions take effect outside the time around %s", r.quarter))
}

// fewestDeclared is the number of declared actions below which their dates say
// nothing.
const fewestDeclared = 10

func (r *review) against(before Before) {
	gone, changed := 0, 0
	firstDay := DateOf(r.quarter.FirstDay())
	for _, record := range before.Touched {
		at := sort.Search(len(r.file.Records), func(i int) bool { return r.file.Records[i].Code >= record.Code })
		if at < len(r.file.Records) && r.file.Records[at].Code == record.Code {
			if differsInSubstance(record, &r.file.Records[at]) {
				changed++
			}
			continue
		}
		if terminated := record.Content.Date(TerminationDate); terminated == NoDate || terminated >= firstDay {
			gone++
		}
	}
	limit := r.limits.CodesGone
	if gone < manyGone {
		limit = max(limit, 0.25)
	}
	r.share(gone, before.Records, limit, fmt.Sprintf("codes of the release before (%s) are missing without having been terminated", before.Quarter))
	steps := 1
	for q := before.Quarter.NextExpected(); q.Compare(r.quarter) < 0; q = q.NextExpected() {
		steps++
	}
	r.share(changed, before.Records, min(1, r.limits.CodesChanged*float64(steps)), fmt.Sprintf("codes differ from the release before (%s) by more than typography", before.Quarter))
}

// manyGone is the number of missing codes from which on their share tells: of a
// short list a few are a large one.
const manyGone = 100

func differsInSubstance(before, after *Record) bool {
	if before.Content.Equal(after.Content) {
		return false
	}
	for i := range Layout {
		if before.Content[i] != after.Content[i] && !Typographic(Layout[i].Field, before.Content[i], after.Content[i]) {
			return true
		}
	}
	return false
}

// SuggestQuarter tells from the content of a file which quarter's release it
// is: the quarter in which most of its declared actions take effect. It gives
// how many of how many do; none where the file declares nothing, or where no
// quarter has a majority.
func SuggestQuarter(records []Record) (quarter release.Quarter, in, of int) {
	counts := map[release.Quarter]int{}
	for i := range records {
		if !records[i].Declares() {
			continue
		}
		if action := ParseDate(records[i].ActionEffectiveDate); plausible(action) {
			counts[release.QuarterOf(action.Time())]++
			of++
		}
	}
	for candidate, count := range counts {
		if count > in {
			quarter, in = candidate, count
		}
	}
	if 2*in <= of || !quarter.Valid() {
		return release.Quarter{}, in, of
	}
	return quarter, in, of
}
