package cmstest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// TestChangesAreExact compares the list of changes with what a plain
// comparison of the releases finds, on small histories with every switch on.
func TestChangesAreExact(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]Options{
		"well behaved":    {Seed: 1, Codes: 400, Quarters: 6, ChangesPerQuarter: 60},
		"realistic":       {Seed: 2, Codes: 1500, Quarters: 8, ChangesPerQuarter: 120, Rates: RealisticRates()},
		"every switch":    {Seed: 3, Codes: 300, Quarters: 12, ChangesPerQuarter: 80, Rates: EverySwitch()},
		"yearly at first": {Seed: 4, First: release.Quarter{Year: 2016, Number: 1}, Codes: 100, Quarters: 8, ChangesPerQuarter: 30, Rates: EverySwitch()},
	} {
		t.Run(name, func(t *testing.T) {
			history := Generate(options)
			requireSameChanges(t, plainChanges(history.Releases), sorted(history.Changes))
			requireWellFormed(t, history)
		})
	}
}

func TestChangesAreExactOnSmallHistories(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		history := Generate(Options{
			Seed:              rapid.Uint64().Draw(t, "seed"),
			Codes:             rapid.IntRange(5, 40).Draw(t, "codes"),
			Quarters:          rapid.IntRange(2, 8).Draw(t, "quarters"),
			ChangesPerQuarter: rapid.IntRange(1, 20).Draw(t, "changes"),
			Rates:             EverySwitch(),
		})
		requireSameChanges(t, plainChanges(history.Releases), sorted(history.Changes))
		requireWellFormed(t, history)
	})
}

// TestEverySwitchHappens makes sure that no event of a history with every
// switch on is out of reach.
func TestEverySwitchHappens(t *testing.T) {
	t.Parallel()
	history := Generate(Options{Seed: 3, Codes: 400, Quarters: 16, ChangesPerQuarter: 120, Rates: EverySwitch()})

	kinds, letters, absentReuse := map[string]int{}, map[string]int{}, 0
	for _, change := range history.Changes {
		kinds[change.Kind]++
		if change.Kind == Reused && change.Field == "" {
			absentReuse++
		}
	}
	retroactive, future, blank := 0, 0, 0
	gaps, revisions := 0, 0
	for i, next := range history.Releases {
		first := next.ID.Quarter.FirstDay().Format("2006-01-02")
		for _, code := range next.Codes {
			letters[code.ActionCode]++
			switch {
			case code.ActionEffectiveDate == "":
				blank++
			case code.ActionCode != "N" && code.ActionEffectiveDate < first:
				retroactive++
			case code.ActionEffectiveDate > first:
				future++
			}
		}
		if i > 0 {
			gaps += len(release.Missing(history.Releases[i-1].ID.Quarter, next.ID.Quarter))
		}
		if next.ID.Revision > 1 {
			revisions++
		}
	}
	for _, kind := range []string{Added, Reappeared, Reused, Changed, Discontinued, Reactivated, Vanished, AgedOff, DateOnly, DeclaredOnly} {
		require.Positive(t, kinds[kind], kind)
	}
	for _, letter := range strings.Split("ABCDFNPRST", "") {
		require.Positive(t, letters[letter], letter)
	}
	for name, count := range map[string]int{
		"reuse after an absence": absentReuse, "retroactive": retroactive, "future": future,
		"blank dates": blank, "gaps": gaps, "revisions": revisions,
	} {
		require.Positive(t, count, name)
	}
}

// TestWellBehaved says what the zero rates promise: every change declared, and
// nothing declared that has not happened.
func TestWellBehaved(t *testing.T) {
	t.Parallel()
	history := Generate(Options{Seed: 6, Codes: 300, Quarters: 5, ChangesPerQuarter: 40})
	require.Len(t, history.Releases, 5)

	touched := map[release.ID]map[string]bool{}
	for _, change := range history.Changes {
		require.Contains(t, []string{Added, Changed, Discontinued}, change.Kind)
		if touched[change.Release] == nil {
			touched[change.Release] = map[string]bool{}
		}
		touched[change.Release][change.Code] = true
	}
	for _, next := range history.Releases[1:] {
		require.Len(t, touched[next.ID], 40)
		for _, code := range next.Codes {
			require.Equal(t, touched[next.ID][code.Code], code.ActionCode != "N", "%s of %s", code.Code, next.ID)
		}
	}
}

// TestRevisionsKeepWhatWasDeclared checks that a revision alters content alone.
func TestRevisionsKeepWhatWasDeclared(t *testing.T) {
	t.Parallel()
	history := Generate(Options{Seed: 7, Codes: 50, Quarters: 12, ChangesPerQuarter: 10, Rates: Rates{Republish: 0.5}})
	revisions := 0
	for i, next := range history.Releases {
		if next.ID.Revision == 1 {
			continue
		}
		revisions++
		before := history.Releases[i-1]
		require.True(t, next.PublishedAt.After(before.PublishedAt))
		require.Len(t, next.Codes, len(before.Codes))
		for j, code := range next.Codes {
			require.Equal(t, before.Codes[j].ActionCode, code.ActionCode)
			require.Equal(t, before.Codes[j].ActionEffectiveDate, code.ActionEffectiveDate)
		}
	}
	require.Positive(t, revisions)
}

func TestSameOptionsSameHistory(t *testing.T) {
	t.Parallel()
	options := Options{Seed: 8, Codes: 80, Quarters: 6, ChangesPerQuarter: 20, Rates: EverySwitch()}
	first, second := Generate(options), Generate(options)
	require.Equal(t, first, second)
	require.Equal(t, zipped(first), zipped(second))
	options.Seed++
	require.NotEqual(t, zipped(first), zipped(Generate(options)))
}

func zipped(history History) []byte {
	last := history.Releases[len(history.Releases)-1]
	return last.ZIP(ZIPOptions{XLSX: &XLSXOptions{}, TransactionReport: &TransactionReportOptions{}})
}

// TestEarlierReleasesStay makes sure that the memory releases share is never
// written to again.
func TestEarlierReleasesStay(t *testing.T) {
	t.Parallel()
	options := Options{Seed: 9, Codes: 60, Quarters: 6, ChangesPerQuarter: 40, Rates: EverySwitch()}
	generator := NewGenerator(options)
	for _, whole := range Generate(options).Releases {
		next, _, ok := generator.Next()
		require.True(t, ok)
		require.Equal(t, next, whole)
	}
	_, _, ok := generator.Next()
	require.False(t, ok)
}

// TestSizeOfCMS: a history of CMS's size has one release a quarter, and a longer
// one begins with the same releases.
func TestSizeOfCMS(t *testing.T) {
	t.Parallel()
	short, long := Generate(SizeOfCMS(2)), Generate(SizeOfCMS(4))
	require.Len(t, long.Releases, 4)
	require.Equal(t, short.Releases, long.Releases[:2])
	require.Greater(t, len(long.Releases[3].Codes), 8900)
	require.Greater(t, len(long.Changes), 3*150)
}

// TestSteady: the number of codes stays about that of the baseline, and codes are
// added in each quarter nevertheless.
func TestSteady(t *testing.T) {
	t.Parallel()
	options := Options{Seed: 3, Quarters: 100, Codes: 600, ChangesPerQuarter: 10, Steady: true, Rates: Rates{AgedOff: 0.3}}
	history := Generate(options)
	for _, next := range history.Releases {
		require.InDelta(t, options.Codes, len(next.Codes), 60, next.ID)
	}
	added := 0
	for _, change := range history.Changes {
		if change.Kind == Added {
			added++
		}
	}
	require.Greater(t, added, 100)
	options.Steady = false
	growing := Generate(options)
	require.Greater(t, len(growing.Releases[99].Codes), 700)
}

func TestWithoutCodes(t *testing.T) {
	t.Parallel()
	options := Options{Seed: 10, Codes: 50, Quarters: 3}
	first := Generate(options).Releases[0].Codes[10].Code
	options.Without = []string{first}
	for _, next := range Generate(options).Releases {
		require.Nil(t, next.Find(first))
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		generator := NewGenerator(Options{Seed: 1, Codes: 9000, Quarters: 100, ChangesPerQuarter: 150, Rates: RealisticRates()})
		for _, _, ok := generator.Next(); ok; _, _, ok = generator.Next() {
		}
	}
}

// requireSameChanges points at the first change in which two lists differ.
func requireSameChanges(t require.TestingT, expected, actual []Change) {
	for i := range min(len(expected), len(actual)) {
		require.Equal(t, expected[i], actual[i])
	}
	require.Equal(t, len(expected), len(actual))
}

// requireWellFormed checks what every release promises of its records.
func requireWellFormed(t require.TestingT, history History) {
	for _, next := range history.Releases {
		require.True(t, slices.IsSortedFunc(next.Codes, func(a, b Code) int { return strings.Compare(a.column(), b.column()) }), next.ID)
		for _, code := range next.Codes {
			where := fmt.Sprintf("%s of %s", code.Code, next.ID)
			require.NotEmpty(t, code.LongDescription, where)
			for _, text := range []string{code.LongDescription, code.ShortDescription} {
				require.Equal(t, strings.Join(strings.Fields(text), " "), text, where)
			}
			require.LessOrEqual(t, len(code.ShortDescription), 28, where)
			require.LessOrEqual(t, len(code.PricingIndicators), 4, where)
			require.LessOrEqual(t, len(code.CrossReferences), 5, where)
			require.LessOrEqual(t, len(code.TypesOfService), 5, where)
			require.Len(t, code.ActionCode, 1, where)
			require.Len(t, code.CodeAddedDate, len("2020-04-01"), where)
		}
	}
}

// plainChanges finds the changes between releases by comparing them, which is
// the other way of knowing them.
func plainChanges(releases []Release) []Change {
	var changes []Change
	last := map[string]Code{} // each code as it was last seen
	for i, next := range releases {
		now, before := map[string]Code{}, map[string]Code{}
		for _, code := range next.Codes {
			now[code.Code] = code
		}
		if i > 0 {
			for _, code := range releases[i-1].Codes {
				before[code.Code] = code
			}
			sameQuarter := releases[i-1].ID.Quarter == next.ID.Quarter
			var found []Change
			for name, code := range now {
				old, listed := before[name]
				seen, known := last[name]
				switch {
				case !known:
					found = append(found, Change{Code: name, Kind: Added})
				case !listed && newLife(seen, code):
					found = append(found, Change{Code: name, Kind: Reused})
				case !listed:
					found = append(found, Change{Code: name, Kind: Reappeared})
				default:
					found = append(found, plainFieldChanges(old, code, sameQuarter)...)
				}
			}
			for name, old := range before {
				if _, listed := now[name]; listed {
					continue
				}
				kind := Vanished
				if old.TerminationDate != "" {
					kind = AgedOff
				}
				found = append(found, Change{Code: name, Kind: kind})
			}
			for _, change := range found {
				change.Release, change.PreviousRelease = next.ID, releases[i-1].ID
				changes = append(changes, change)
			}
		}
		for name, code := range now {
			last[name] = code
		}
	}
	return sorted(changes)
}

// newLife tells whether a code was given a new meaning: its added date moved
// ahead, past its end or together with the words.
func newLife(old, code Code) bool {
	return code.CodeAddedDate > old.CodeAddedDate &&
		(old.TerminationDate != "" && code.CodeAddedDate > old.TerminationDate || commonWords(old.LongDescription, code.LongDescription) < 0.3)
}

func plainFieldChanges(old, code Code, sameQuarter bool) []Change {
	was, is := values(old), values(code)
	var changes []Change
	for i, name := range columnNames {
		if was[i] != is[i] {
			changes = append(changes, Change{Code: code.Code, Field: name, Old: was[i], New: is[i]})
		}
	}
	kind := Changed
	switch {
	case len(changes) == 0 && sameQuarter && old.ActionCode == code.ActionCode && old.ActionEffectiveDate == code.ActionEffectiveDate:
		return nil // a revision repeats what was declared
	case len(changes) == 0 && code.ActionCode != "N":
		return []Change{{Code: code.Code, Kind: DeclaredOnly}}
	case len(changes) == 0 && old.ActionEffectiveDate != code.ActionEffectiveDate:
		return []Change{{Code: code.Code, Kind: DateOnly, Field: "action_effective_date", Old: old.ActionEffectiveDate, New: code.ActionEffectiveDate}}
	case len(changes) == 0:
		return nil
	case newLife(old, code):
		kind = Reused
	case old.TerminationDate == "" && code.TerminationDate != "":
		kind = Discontinued
	case old.TerminationDate != "" && code.TerminationDate == "":
		kind = Reactivated
	}
	for i := range changes {
		changes[i].Kind = kind
	}
	return changes
}

var columnNames = strings.Fields(`long_description short_description pricing_indicators multiple_pricing_indicator
	coverage_issues_manual_refs medicare_carriers_manual_refs statute lab_certifications cross_references coverage_code
	asc_payment_group asc_payment_group_date mog_payment_group mog_payment_policy mog_effective_date processing_note betos
	types_of_service anesthesia_base_units code_added_date termination_date`)

func values(c Code) []string {
	join := func(values []string) string { return strings.Join(values, ";") }
	return []string{
		c.LongDescription, c.ShortDescription, join(c.PricingIndicators), c.MultiplePricingIndicator,
		join(c.CoverageIssuesManualRefs), join(c.MedicareCarriersManualRefs), c.Statute, join(c.LabCertifications),
		join(c.CrossReferences), c.CoverageCode, c.ASCPaymentGroup, plainDate(c.ASCPaymentGroupDate), c.MOGPaymentGroup,
		c.MOGPaymentPolicy, c.MOGEffectiveDate, c.ProcessingNote, c.Betos, join(c.TypesOfService),
		c.AnesthesiaBaseUnits, c.CodeAddedDate, c.TerminationDate,
	}
}

// plainDate gives what is left of a date when it is read: nothing of one that
// is none.
func plainDate(date string) string {
	if len(date) != len("2020-04-01") {
		return ""
	}
	return date
}

// sorted orders changes by release, code, and the layout.
func sorted(changes []Change) []Change {
	changes = slices.Clone(changes)
	slices.SortFunc(changes, func(a, b Change) int {
		if order := a.Release.Compare(b.Release); order != 0 {
			return order
		}
		if order := strings.Compare(a.Code, b.Code); order != 0 {
			return order
		}
		return slices.Index(columnNames, a.Field) - slices.Index(columnNames, b.Field)
	})
	return changes
}
