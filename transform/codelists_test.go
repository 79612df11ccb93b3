package transform

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCodeListsHaveEachValueOnce(t *testing.T) {
	tables := map[string]bool{}
	described := map[Field]string{}
	for _, list := range CodeLists() {
		require.NotEmpty(t, list.Title, list.Table)
		require.NotEmpty(t, list.Values, list.Table)
		require.False(t, tables[list.Table], "%s stands twice", list.Table)
		tables[list.Table] = true
		for _, field := range list.Fields {
			require.NotContains(t, described, field, "%s has two lists", field)
			described[field] = list.Table
		}
		seen := map[string]bool{}
		for _, value := range list.Values {
			require.NotEmpty(t, value.Value, list.Table)
			require.Equal(t, strings.TrimSpace(value.Meaning), value.Meaning)
			require.NotEmpty(t, value.Meaning, "%s %s", list.Table, value.Value)
			require.False(t, seen[value.Value], "%s has %s twice", list.Table, value.Value)
			seen[value.Value] = true

			found, ok := list.Lookup(value.Value)
			require.True(t, ok, "%s %s", list.Table, value.Value)
			require.Equal(t, value, found)
			decoded, ok := Decode(list.Table, value.Value)
			require.True(t, ok, "%s %s", list.Table, value.Value)
			require.Equal(t, value, decoded)
		}
	}
}

func TestValuesFitTheirColumn(t *testing.T) {
	for _, list := range CodeLists() {
		for _, field := range list.Fields {
			width := Layout[field].End - Layout[field].Begin + 1
			for _, value := range list.Values {
				require.LessOrEqual(t, len(value.Value), width, "%s %q", list.Table, value.Value)
			}
		}
	}
}

func TestValidityOfValues(t *testing.T) {
	for _, list := range CodeLists() {
		for _, value := range list.Values {
			from, to := validityDate(t, value.ValidFrom), validityDate(t, value.ValidTo)
			if value.ValidFrom != "" && value.ValidTo != "" {
				require.True(t, from.Before(to), "%s %s", list.Table, value.Value)
			}
		}
	}
}

func TestListOf(t *testing.T) {
	want := map[Field]string{
		PricingIndicators:        "pricing_indicators",
		MultiplePricingIndicator: "multiple_pricing_indicators",
		LabCertifications:        "lab_certifications",
		CoverageCode:             "coverage_codes",
		ASCPaymentGroup:          "asc_payment_groups",
		MOGPaymentGroup:          "mog_payment_groups",
		MOGPaymentPolicy:         "mog_payment_policies",
		Betos:                    "betos",
		TypesOfService:           "types_of_service",
	}
	for _, info := range Layout {
		list, ok := ListOf(info.Field)
		require.Equal(t, want[info.Field] != "", ok, info.Name)
		require.Equal(t, want[info.Field], list.Table, info.Name)
	}
	for _, field := range []Field{-1, Field(FieldCount)} {
		_, ok := ListOf(field)
		require.False(t, ok, int(field))
	}
}

func TestUnknownValues(t *testing.T) {
	betos, _ := ListOf(Betos)
	asc, _ := ListOf(ASCPaymentGroup)
	require.True(t, betos.Has("O1L"))
	require.False(t, betos.Has("o1l"))
	require.False(t, betos.Has(""))
	require.True(t, asc.Has("YY"))
	require.False(t, asc.Has("20"), "the fields that 2018 shifted")

	_, ok := Decode("betos", "X9Z")
	require.False(t, ok)
	_, ok = Decode("no_such_table", "A")
	require.False(t, ok)
	require.False(t, CodeList{}.Has("A"))
}

// Each action that a field stands for, and each code of the alphabet's part
// that CMS uses, can be decoded.
func TestActionCodesAndFamilies(t *testing.T) {
	for _, info := range Layout {
		_, ok := Decode("action_codes", string(info.Action))
		require.True(t, ok, "%s stands for %c", info.Name, info.Action)
	}
	for _, code := range []string{"A0021", "C9488", "D0120", "G9976", "U0001", "V5289"} {
		_, ok := Decode("code_families", code[:1])
		require.True(t, ok, code)
	}
	_, ok := Decode("code_families", modifierFamily)
	require.True(t, ok)
	require.Equal(t, string(Modifier), modifierFamily, "so that kind and first letter can be joined")
}

func TestDefinitionsAreComplete(t *testing.T) {
	names := map[string]bool{}
	for _, definition := range Definitions() {
		require.False(t, names[definition.Name], "%s is defined twice", definition.Name)
		names[definition.Name] = true
		require.NotEmpty(t, definition.Title, definition.Name)
		require.NotEmpty(t, definition.Source, definition.Name)
		require.True(t, strings.HasSuffix(definition.Definition, "."), "%s: a sentence", definition.Name)
		found, ok := DefinitionOf(definition.Name)
		require.True(t, ok, definition.Name)
		require.Equal(t, definition, found)
	}
	for _, info := range Layout {
		definition, ok := DefinitionOf(info.Name)
		require.True(t, ok, info.Name)
		require.Equal(t, info.Title, definition.Title)
	}
	for _, column := range []string{
		"code", "kind", "record_type", "sequence_number", "action_code", "action_effective_date",
		"release", "status", "life", "listed", "attested", "valid_from", "valid_to", "known_from", "known_to",
		"known_from_published", "known_to_published", "valid_from_basis", "change", "observed_actions", "agreement",
		"effective_date", "timing", "timing_days", "description_similarity", "replacements", "typographic", "last_update",
	} {
		require.True(t, names[column], "%s has no definition", column)
	}
	_, ok := DefinitionOf("no_such_column")
	require.False(t, ok)
	require.Equal(t, "no_such_column", TitleOf("no_such_column"))
}

func TestSourceOfDefinitions(t *testing.T) {
	for name, want := range map[string]string{
		"pricing_indicators":            "record layout, positions 120-127; spreadsheet PRICE1 to PRICE4",
		"medicare_carriers_manual_refs": "record layout, positions 147-170; spreadsheet MCM1 to MCM3",
		"coverage_code":                 "record layout, position 230; spreadsheet COV",
		"mog_payment_group":             "record layout, positions 241-243; spreadsheet OPPS",
		"types_of_service":              "record layout, positions 261-265; spreadsheet TOS1 to TOS5",
		"action_code":                   "record layout, position 293; spreadsheet ACTION CD",
	} {
		definition, ok := DefinitionOf(name)
		require.True(t, ok, name)
		require.Equal(t, want, definition.Source)
	}
}

func TestEnumerationsAreTheDeclaredValues(t *testing.T) {
	want := map[string][]string{
		"kind":             valuesOfType(Procedure, Modifier),
		"record_type":      {"3", "4", "7", "8"},
		"status":           append(valuesOfType(Active, Terminated), "future", "unlisted"),
		"change":           valuesOfType(ChangeKinds...),
		"agreement":        valuesOfType(Agrees, Understated, Contradicted, Overstated, Undeclared, Unverifiable),
		"timing":           valuesOfType(OnTime, Retroactive, Upcoming),
		"valid_from_basis": valuesOfType(BasisAdded, BasisAction, BasisTermination, BasisCorrection, BasisRelease, BasisAbsence),
		// Of package load, and of the published views and macros.
		"state":         {"loaded", "held"},
		"target_status": {"active", "future", "terminated", "unlisted", "cycle", "cpt", "literal", "unknown"},
		"claim_status": {
			"valid", "terminated", "not_yet", "unlisted", "unknown_code", "other_code_set", "before_records", "missing_release",
		},
		"date_coverage": {"covered", "before_records", "missing_release"},
	}
	got := map[string][]string{}
	for _, enumeration := range Enumerations() {
		require.NotContains(t, got, enumeration.Column)
		got[enumeration.Column] = nil
		for _, value := range enumeration.Values {
			got[enumeration.Column] = append(got[enumeration.Column], value.Value)
			require.True(t, strings.HasSuffix(value.Meaning, "."), "%s: a sentence", value.Value)
			require.Equal(t, value.Meaning, MeaningOf(enumeration.Column, value.Value))
		}
		_, ok := DefinitionOf(enumeration.Column)
		require.True(t, ok, enumeration.Column)
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)))
	for column, values := range want {
		require.ElementsMatch(t, values, got[column], column)
	}
	_, ok := EnumerationOf("no_such_column")
	require.False(t, ok)
	require.Empty(t, MeaningOf("no_such_column", "active"))
	require.Empty(t, MeaningOf("status", "no_such_value"))
}

// Every action code of the list is known in a record, and but for N, which stands for
// nothing, it stands for observed actions.
func TestActionCodesAreKnown(t *testing.T) {
	list, _ := ListNamed("action_codes")
	var declared []string
	for _, action := range list.Values {
		require.True(t, knownAction(action.Value), action.Value)
		if action.Value != NoMaintenance {
			declared = append(declared, action.Value)
		}
	}
	require.ElementsMatch(t, declared, slices.Collect(maps.Keys(meanings)))
	for _, unknown := range []string{"", "a", "X", "AB", "é"} {
		require.False(t, knownAction(unknown), unknown)
	}
}

// The lists hold the values of CMS's layouts, no more and no fewer, with the
// dates that stand there.
func TestCodeListsAreThoseOfTheLayouts(t *testing.T) {
	tableOf := map[string]string{ // the layout's name of a field or table
		"HCPCS_PRCNG_IND_CD":        "pricing_indicators",
		"HCPCS_MLTPL_PRCNG_IND_CD":  "multiple_pricing_indicators",
		"HCPCS_LAB_CRTFCTN_CD":      "lab_certifications",
		"HCPCS_CVRG_CD":             "coverage_codes",
		"HCPCS_ASC_PMT_GRP_CD":      "asc_payment_groups",
		"HCPCS_MOG_PMT_GRP_CD":      "mog_payment_groups",
		"HCPCS_MOG_PMT_PLCY_IND_CD": "mog_payment_policies",
		"BETOS_TB":                  "betos",
		"CMS_TYPE_SRVC_TB":          "types_of_service",
		"HCPCS_ACTN_CD":             "action_codes",
		"HCPCS_REC_IDENT_CD":        "record_type",
	}
	layouts := readLayouts(t)
	union := map[string]map[string]string{}
	for _, year := range []string{"2016", "2019", "2026"} {
		for block, values := range layoutValues(layouts[year]) {
			table, known := tableOf[block]
			require.True(t, known, "the layout of %s lists codes of %s", year, block)
			if union[table] == nil {
				union[table] = map[string]string{}
			}
			maps.Copy(union[table], values)
		}
	}
	require.Len(t, union, len(tableOf))

	ours := map[string][]CodeValue{}
	for _, list := range CodeLists() {
		ours[list.Table] = list.Values
	}
	recordTypes, _ := EnumerationOf("record_type")
	ours["record_type"] = recordTypes.Values

	newest := layoutValues(layouts["2026"])
	for block, table := range tableOf {
		var values []string
		for _, value := range ours[table] {
			values = append(values, value.Value)
			from, to := layoutDates(t, union[table][value.Value])
			require.Equal(t, from, value.ValidFrom, "%s %s: %s", table, value.Value, union[table][value.Value])
			require.Equal(t, to, value.ValidTo, "%s %s: %s", table, value.Value, union[table][value.Value])
		}
		require.ElementsMatch(t, slices.Collect(maps.Keys(union[table])), values, table)
		require.Subset(t, values, slices.Collect(maps.Keys(newest[block])), table)
		require.NotEmpty(t, newest[block], block)
	}
}

// What we write is ours: it shares no five words in a row with a layout, and so
// no line of more than four.
func TestWordingIsNotTheLayouts(t *testing.T) {
	const run = 5
	theirs := map[string]bool{}
	for _, layout := range readLayouts(t) {
		maps.Copy(theirs, runsOfWords(layout, run))
	}
	require.Greater(t, len(theirs), 1000)

	check := func(where, text string) {
		for ours := range runsOfWords(text, run) {
			require.False(t, theirs[ours], "%s has words of the layout: %s", where, ours)
		}
	}
	for _, list := range CodeLists() {
		check(list.Table, list.Title)
		for _, value := range list.Values {
			check(list.Table+" "+value.Value, value.Meaning)
			check(list.Table+" "+value.Value, value.Note)
			check(list.Table+" "+value.Value, value.Group)
		}
	}
	for _, definition := range Definitions() { // titles are the fields' names
		check(definition.Name, definition.Definition)
	}
	for _, enumeration := range Enumerations() {
		for _, value := range enumeration.Values {
			check(enumeration.Column+" "+value.Value, value.Meaning)
		}
	}
}

// readLayouts reads CMS's record layouts, by year. They are not part of the
// project: without them the test is skipped, in CI it fails.
func readLayouts(t *testing.T) map[string]string {
	t.Helper()
	layouts := map[string]string{}
	for year, name := range map[string]string{
		"2016": "HCPCS2016_recordlayout.txt",
		"2019": "HCPCS2019_recordlayout.txt",
		"2026": "HCPC2026_recordlayout.txt",
	} {
		text, err := os.ReadFile(filepath.Join("..", "..", "shared", "layout", name))
		if os.IsNotExist(err) && os.Getenv("CI") != "true" {
			t.Skipf("CMS's record layout is not here: %v", err)
		}
		require.NoError(t, err)
		layouts[year] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
	return layouts
}

var (
	layoutAlias    = regexp.MustCompile(`STANDARD ALIAS : (\w+)`)
	layoutAppendix = regexp.MustCompile(`^\s*(BETOS_TB|CMS_TYPE_SRVC_TB)\s`)
	layoutValue    = regexp.MustCompile(`^\s+([0-9A-Z]{1,3})\s*= +(\S.*)$`)
	layoutASC      = regexp.MustCompile(`^\s+CODE: ([A-Z]{2})()$`)
	layoutEnd      = regexp.MustCompile(`^\s*$|OCCURS MIN`)
)

// layoutValues gives, for every list of codes in a layout, its values with
// their text, continuation lines joined.
func layoutValues(layout string) map[string]map[string]string {
	blocks := map[string]map[string]string{}
	var block, value string
	for line := range strings.SplitSeq(layout, "\n") {
		if match := layoutAlias.FindStringSubmatch(line); match != nil {
			block, value = match[1], ""
			continue
		}
		if match := layoutAppendix.FindStringSubmatch(line); match != nil {
			block, value = match[1], ""
			continue
		}
		match := layoutValue.FindStringSubmatch(line)
		if match == nil {
			match = layoutASC.FindStringSubmatch(line)
		}
		switch {
		case match != nil:
			value = match[1]
			if blocks[block] == nil {
				blocks[block] = map[string]string{}
			}
			blocks[block][value] = match[2]
		case layoutEnd.MatchString(line):
			value = ""
		case value != "":
			blocks[block][value] += " " + strings.TrimSpace(line)
		}
	}
	return blocks
}

var (
	layoutBegins = regexp.MustCompile(`\beff(?:ec)?\.? (\d+/[\d/]+)`)
	layoutEnds   = regexp.MustCompile(`(?:obsoleted?|discontinued|as of) (\d+/[\d/]+|January 1, 1998)`)
)

// layoutDates gives the dates of a value's present meaning: from the latest
// date on which it came into effect, or up to the date on which it ended.
func layoutDates(t *testing.T, text string) (from, to string) {
	t.Helper()
	for _, match := range layoutBegins.FindAllStringSubmatch(text, -1) {
		from = max(from, layoutDate(t, match[1]))
	}
	if match := layoutEnds.FindStringSubmatch(text); match != nil {
		to = layoutDate(t, match[1])
	}
	return from, to
}

// layoutDate reads 1/1/98, 10/1/2014 and 04/95, the first of a month.
func layoutDate(t *testing.T, text string) string {
	t.Helper()
	if text == "January 1, 1998" {
		return "1998-01-01"
	}
	parts := strings.Split(text, "/")
	if len(parts) == 2 {
		parts = []string{parts[0], "1", parts[1]}
	}
	require.Len(t, parts, 3, text)
	var numbers [3]int
	for i, part := range parts {
		number, err := strconv.Atoi(part)
		require.NoError(t, err, text)
		numbers[i] = number
	}
	month, day, year := numbers[0], numbers[1], numbers[2]
	if year < 100 {
		year += 1900
	}
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

func validityDate(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	date, err := time.Parse(time.DateOnly, text)
	require.NoError(t, err)
	return date
}

var layoutWord = regexp.MustCompile(`[a-z0-9]+`)

// runsOfWords gives every run of so many words, letter case and punctuation
// ignored.
func runsOfWords(text string, length int) map[string]bool {
	words := layoutWord.FindAllString(strings.ToLower(text), -1)
	runs := map[string]bool{}
	for i := 0; i+length <= len(words); i++ {
		runs[strings.Join(words[i:i+length], " ")] = true
	}
	return runs
}

func valuesOfType[T ~string](values ...T) []string {
	list := make([]string, len(values))
	for i, value := range values {
		list[i] = string(value)
	}
	return list
}
