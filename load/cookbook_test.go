package load

import (
	"bytes"
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

var update = flag.Bool("update", false, "write the expected rows of the cookbook anew; read what changed")

// The published file of the sample releases, as an analyst meets it (~1 s).
func TestSampleReleasesForAnalysts(t *testing.T) {
	path := publishFolder(t, filepath.Join("..", "testdata", "releases"))
	published := openTestPublished(t, path)
	t.Run("every query of the cookbook gives the expected rows", func(t *testing.T) { testCookbookRows(t, published) })
	t.Run("parameters stay text", func(t *testing.T) { testHostileParameters(t, published) })
	t.Run("macros", func(t *testing.T) { testMacrosOnSamples(t, published) })
	t.Run("codes_as_of by joins", func(t *testing.T) { testCodesAsOf(t, published) })
	t.Run("codes_as_of for each row", func(t *testing.T) { testCodesAsOfForEachRow(t, published) })
	t.Run("changes_between is what the program compares", func(t *testing.T) { testChangesBetween(t, published) })
	t.Run("claims by join and by macro", func(t *testing.T) { testClaimsAgree(t, published) })
	t.Run("everything has a comment", func(t *testing.T) { testComments(t, published) })
	t.Run("the dictionary is true", func(t *testing.T) { testDictionary(t, published) })
}

// The same of CMS's own releases: facts that are known from the files (~10 s).
func TestRealReleasesForAnalysts(t *testing.T) {
	folder := filepath.Join("..", "..", "shared", "releases")
	if _, err := os.Stat(folder); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the real releases are missing: %v", err)
		}
		t.Skipf("no real releases at hand: %v", err)
	}
	path := publishFolder(t, folder)
	published := openTestPublished(t, path)
	t.Run("check by macro", func(t *testing.T) { testCheckAgrees(t, path, 25) })
	t.Run("sorted by code", func(t *testing.T) {
		requireByCode(t, path, 1)
		requireSegmentsApart(t, path, sortedTables...)
	})
	t.Run("every query of the cookbook runs", func(t *testing.T) { testCookbookRuns(t, published) })
	t.Run("known facts", func(t *testing.T) { testKnownFacts(t, published) })
	t.Run("codes_as_of by joins", func(t *testing.T) { testCodesAsOf(t, published) })
	t.Run("changes_between is what the program compares", func(t *testing.T) { testChangesBetween(t, published) })
	t.Run("claims by join and by macro", func(t *testing.T) { testClaimsAgree(t, published) })
}

// publishFolder loads and publishes the releases of a folder, and gives the
// path of the published file.
func publishFolder(t *testing.T, folder string) string {
	t.Helper()
	ctx := context.Background()
	inventory, err := extract.ReadFolder(ctx, folder)
	require.NoError(t, err)
	archive, err := extract.OpenArchive(filepath.Join(t.TempDir(), "archive"))
	require.NoError(t, err)
	_, err = archive.Add(ctx, inventory.Offers, nil, folder, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	require.NoError(t, err)
	archived, err := archive.Releases(ctx)
	require.NoError(t, err)
	w := openTestWarehouse(t, inMemory)
	for _, one := range archived {
		data, err := one.ReadMain(ctx)
		require.NoError(t, err)
		var file *transform.File
		if one.Main.Format == "txt" {
			file, err = transform.ParseText(filepath.Base(one.Main.Name), data)
		} else {
			file, err = transform.ParseWorkbook(filepath.Base(one.Main.Name), data, transform.WorkbookLimits{Unpacked: 512 << 20, Part: 256 << 20})
		}
		require.NoError(t, err)
		_, err = w.Load(ctx, Release{
			ID: one.ID, PublishedAt: one.PublishedAt, PublishedBasis: one.PublishedBasis, FetchedAt: one.FetchedAt,
			Source: filepath.Base(one.FoundAt), FileName: filepath.Base(one.Main.Name), SHA256: one.Main.SHA256, Format: one.Main.Format,
		}, file)
		require.NoError(t, err)
	}
	path := filepath.Join(t.TempDir(), "hcpcs.duckdb")
	require.NoError(t, w.Publish(ctx, path, nil))
	require.NoError(t, w.Close())
	return path
}

func openTestPublished(t *testing.T, path string) *Published {
	t.Helper()
	published, err := OpenPublished(context.Background(), path, Resources{TemporaryFolder: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, published.Close()) })
	return published
}

// ask gives the rows of a question as text, NULL as an empty one.
func ask(t *testing.T, published *Published, question string) [][]string {
	t.Helper()
	answer, err := askAll(context.Background(), published, question)
	require.NoError(t, err, question)
	return textRows(answer)
}

func textRows(answer *wholeAnswer) [][]string {
	rows := make([][]string, len(answer.Rows))
	for i, row := range answer.Rows {
		rows[i] = make([]string, len(row))
		for j, value := range row {
			rows[i][j] = valueText(value, answer.Types[j])
		}
	}
	return rows
}

func valueText(value any, databaseType string) string {
	switch v := value.(type) {
	case nil:
		return ""
	case time.Time:
		if databaseType == "DATE" {
			return v.Format(time.DateOnly)
		}
		return v.Format(time.DateTime)
	case []any:
		texts := make([]string, len(v))
		for i := range v {
			texts[i] = valueText(v[i], strings.TrimSuffix(databaseType, "[]"))
		}
		return strings.Join(texts, ";")
	}
	return fmt.Sprint(value)
}

// testCookbookRows holds every query, with its own parameters, against
// testdata/cookbook.
func testCookbookRows(t *testing.T, published *Published) {
	expected, err := filepath.Glob(filepath.Join("testdata", "cookbook", "*.csv"))
	require.NoError(t, err)
	for _, query := range statements.Queries() {
		t.Run(query.Name, func(t *testing.T) {
			require.NotEmpty(t, strings.TrimSuffix(query.Question, "?"))
			answer, err := askAll(context.Background(), published, query.Text)
			require.NoError(t, err)
			require.NotEmpty(t, answer.Rows, "the parameters should give rows on the sample releases")
			var got bytes.Buffer
			writer := csv.NewWriter(&got)
			require.NoError(t, writer.Write(answer.Columns))
			require.NoError(t, writer.WriteAll(textRows(answer)))
			file := filepath.Join("testdata", "cookbook", query.Name+".csv")
			if *update {
				require.NoError(t, os.WriteFile(file, got.Bytes(), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), got.String())
		})
		expected = slices.DeleteFunc(expected, func(file string) bool { return filepath.Base(file) == query.Name+".csv" })
	}
	require.Empty(t, expected, "rows of no query")
}

// testCookbookRuns runs every query with parameters that fit the real releases.
func testCookbookRuns(t *testing.T, published *Published) {
	fitting := map[string]string{
		"release": "2020Q1", "quarter": "2025Q4", "code": "C9058", "codes": "C90, J0570, DA", "date": "2020-02-15", "paid_on": "2020-05-01",
		"first_day": "2020-01-01", "last_day": "2020-03-31", "earlier": "2019Q1", "later": "2020Q3", "words": "penicillin injection",
		"claims": "C9058 2020-01-05 2020-05-01, G1000 2020-05-01 2020-06-01",
	}
	none := []string{"changes_between_revisions", "codes_pointing_to_a_code", "replaced_by_a_code", "replacements_of_a_code", "upcoming_changes"}
	for _, query := range statements.Queries() {
		values := map[string]string{}
		for _, parameter := range query.Parameters {
			if value, fits := fitting[parameter.Name]; fits {
				values[parameter.Name] = value
			}
		}
		text, err := query.With(values)
		require.NoError(t, err, query.Name)
		rows := ask(t, published, text)
		if !slices.Contains(none, query.Name) {
			require.NotEmpty(t, rows, query.Name)
		}
	}
}

func testHostileParameters(t *testing.T, published *Published) {
	query, ok := statements.QueryNamed("code_on_a_date")
	require.True(t, ok)
	for _, hostile := range []string{
		`'; DROP TABLE releases; --`, `''`, `'`, `\'`, `K4' OR '1'='1`, "K4\nSET VARIABLE date = '1999-01-01';", `$1`, `{{code}}`, "é…漢",
		`-- `, `/*`, "",
	} {
		text, err := query.With(map[string]string{"code": hostile})
		require.NoError(t, err)
		rows := ask(t, published, text)
		require.Len(t, rows, 1, hostile)
		require.Equal(t, strings.ToUpper(strings.Trim(hostile, " ")), rows[0][1])
		require.Equal(t, [][]string{{hostile}}, ask(t, published, "SELECT getvariable('code')"))
		require.Equal(t, [][]string{{"2020-02-15"}}, ask(t, published, "SELECT getvariable('date')"))
	}
	for _, refused := range []string{"a\x00b", "\xff"} {
		_, err := query.With(map[string]string{"code": refused})
		require.Error(t, err)
	}
	_, err := query.With(map[string]string{"cod": "K4"})
	require.ErrorContains(t, err, `query code_on_a_date has no parameter "cod": it has code, date`)
}

// testChangesBetween holds the macro against the program's one comparison, for
// every pair of a few releases; of more, for neighbours, for what lies one apart,
// and for the first and the last. The macro counts lives as code_history does; the
// program, as if no release had been between.
func testChangesBetween(t *testing.T, published *Published) {
	ctx := context.Background()
	loaded := published.loaded()
	compared := 0
	for i, from := range loaded {
		for j, to := range loaded[i+1:] {
			if last := i+1+j == len(loaded)-1; len(loaded) > 7 && j > 1 && !(i == 0 && last) {
				continue
			}
			comparison, err := published.NetChanges(ctx, from, to)
			require.NoError(t, err)
			var want [][]string
			for _, change := range comparison.Changes {
				row := []string{to.ID.String(), from.ID.String(), change.Code, string(change.Kind), string(change.What)}
				if len(change.Fields) == 0 {
					want = append(want, append(row, "", "", ""))
				}
				for _, field := range change.Fields {
					want = append(want, append(slices.Clone(row), field.Field, field.Old, field.New))
				}
			}
			got := ask(t, published, fmt.Sprintf("SELECT * EXCLUDE (life) FROM changes_between('%s', '%s')", from.ID, to.ID))
			require.Equal(t, len(want), len(got), "%s to %s", from.ID, to.ID)
			for i := range want {
				require.Equal(t, want[i], got[i], "%s to %s", from.ID, to.ID)
			}
			compared += len(got)
		}
	}
	require.Greater(t, compared, 1000)
}

// known gives the loaded release of a quarter.
func known(t *testing.T, published *Published, quarter string) Release {
	t.Helper()
	parsed, err := release.ParseQuarter(quarter)
	require.NoError(t, err)
	found, err := published.Resolve(release.ID{Quarter: parsed})
	require.NoError(t, err)
	return found
}

// testKnownRows looks for rows that are known from CMS's files, some for each
// question to which the answers are long.
func testKnownRows(t *testing.T, published *Published) {
	for _, known := range []struct {
		query  string
		values map[string]string
		rows   []map[string]string // columns of rows that are among the answers
	}{
		{"changes_in_a_release", map[string]string{"release": "2017Q1"}, []map[string]string{{"code": "J0570", "change": "reused", "effective_date": "2017-01-01"}}},
		{"changes_effective_on_a_date", map[string]string{"first_day": "2020-01-27", "last_day": "2020-01-27"}, []map[string]string{{"code": "G2025", "change": "added", "release": "2020Q3r1"}}},
		{"description_changes", map[string]string{"release": "2018Q1"}, []map[string]string{{"code": "G9637", "action_code": "C"}, {"code": "G9638", "action_code": "C"}}},
		{"description_changes", map[string]string{"release": "2019Q1"}, []map[string]string{{"code": "G9637", "action_code": "N"}, {"code": "G9638", "action_code": "N"}}},
		{"retroactive_changes", map[string]string{"days": "100"}, []map[string]string{{"release": "2020Q3r1", "code": "G2025", "effective_date": "2020-01-27", "days_late": "156"}}},
		{"upcoming_changes", map[string]string{"date": "2018-03-31"}, []map[string]string{{"code": "QQ", "from_day": "2018-07-01", "then": "valid"}, {"code": "VM", "from_day": "2018-04-01"}}},
		{"action_code_disagreements", map[string]string{"release": "2018Q1"}, []map[string]string{
			{"code": "G0477", "action_code": "N", "agreement": "undeclared", "change": "discontinued", "effective_date": "2017-01-01"}, {"code": "G0479", "agreement": "undeclared"},
		}},
		{"vanished_and_returned", nil, []map[string]string{{"code": "G9976", "gone_in": "2019Q1r1", "back_in": ""}, {"code": "G9977", "gone_in": "2019Q1r1", "back_in": ""}, {"code": "C9270", "gone_in": "2016Q1r1", "back_in": ""}}},
		{"my_codes_touched", map[string]string{"codes": "C9058, CS, J0570", "release": "2020Q3"}, []map[string]string{
			{"code": "C9058", "change": "discontinued", "field": "code_added_date", "old_value": "2020-04-01", "new_value": "2019-11-15"},
			{"code": "CS", "change": "changed", "timing": "retroactive", "effective_date": "2020-03-01", "field": "long_description"},
		}},
		{"database_state", nil, []map[string]string{
			{"what": "latest release", "which": "2025Q4r1", "detail": "2025-10-01"}, {"what": "missing between", "which": "2011Q1r1 and 2016Q1r1"}, {"what": "findings", "which": "2018Q1r1", "detail": "shifted_asc_fields", "count": "5"},
		}},
	} {
		query, ok := statements.QueryNamed(known.query)
		require.True(t, ok, known.query)
		text, err := query.With(known.values)
		require.NoError(t, err)
		answer, err := askAll(context.Background(), published, text)
		require.NoError(t, err)
		answers := textRows(answer)
		for _, want := range known.rows {
			require.True(t, slices.ContainsFunc(answers, func(row []string) bool {
				for column, value := range want {
					if place := slices.Index(answer.Columns, column); place < 0 || row[place] != value {
						return false
					}
				}
				return true
			}), "%s %v: no row %v; columns %v", known.query, known.values, want, answer.Columns)
		}
	}
}

// What is known of the real releases from the files themselves.
func testKnownFacts(t *testing.T, published *Published) {
	facts := []struct {
		query  string
		values map[string]string
		pick   []string // columns
		want   [][]string
	}{
		{"silent_changes", nil, []string{"release", "silent", "changed"}, [][]string{
			{"2017Q1r1", "70", "371"}, {"2018Q1r1", "21", "182"}, {"2019Q1r1", "22", "207"}, {"2020Q1r1", "7", "177"}, {"2020Q2r1", "12", "17"}, {"2020Q3r1", "0", "14"},
		}},
		{"code_on_a_date", map[string]string{"code": "cs", "date": "2020-02-29"}, []string{"claim_status", "life", "short_description"}, [][]string{{"valid", "1", "Gulf oil 2010 spill related"}}},
		{"code_on_a_date", map[string]string{"code": "CS", "date": "2020-03-01"}, []string{"claim_status", "life", "short_description"}, [][]string{{"valid", "1", "Cost share waiver covid-19"}}},
		{"code_on_a_date", map[string]string{"code": "J0570", "date": "2010-06-01"}, []string{"claim_status", "life"}, [][]string{{"valid", "1"}}},
		{"code_on_a_date", map[string]string{"code": "J0570", "date": "2012-01-01"}, []string{"claim_status", "life"}, [][]string{{"terminated", "1"}}},
		{"code_on_a_date", map[string]string{"code": "J0570", "date": "2018-01-01"}, []string{"claim_status", "life"}, [][]string{{"valid", "2"}}},
		{"code_on_a_date", map[string]string{"code": "G1000", "date": "2020-03-31"}, []string{"claim_status"}, [][]string{{"valid"}}},
		{"code_on_a_date", map[string]string{"code": "G1000", "date": "2020-04-01"}, []string{"claim_status"}, [][]string{{"terminated"}}},
		{"code_on_a_date", map[string]string{"code": "C9270", "date": "2012-01-01"}, []string{"claim_status"}, [][]string{{"valid"}}},
		{"code_on_a_date", map[string]string{"code": "C9270", "date": "2016-01-01"}, []string{"claim_status"}, [][]string{{"unlisted"}}},
		{"known_when_paid", map[string]string{"code": "C9058", "date": "2020-01-05", "paid_on": "2020-05-01"}, []string{"asked", "latest_release_known", "claim_status"},
			[][]string{{"when paid", "2020Q2r1", "not_yet"}, {"now", "2025Q4r1", "valid"}}},
		{"known_when_paid", map[string]string{"code": "DA", "date": "2019-05-01", "paid_on": "2019-06-01"}, []string{"asked", "latest_release_known", "claim_status"},
			[][]string{{"when paid", "2019Q1r1", "unlisted"}, {"now", "2025Q4r1", "valid"}}},
		{"replacements_of_a_code", map[string]string{"code": "g0477"}, []string{"step", "target", "target_status", "is_end"}, [][]string{{"1", "80305", "cpt", "true"}}},
		{"claims_not_valid", map[string]string{"claims": "G0477 2016-12-31, G0477 2017-01-01, G9890 2018-03-31, 99213 2018-01-01"}, []string{"claim_line", "claim_status", "use_instead"},
			[][]string{{"2", "terminated", "80305"}, {"4", "other_code_set", ""}}},
	}
	for _, fact := range facts {
		query, ok := statements.QueryNamed(fact.query)
		require.True(t, ok, fact.query)
		text, err := query.With(fact.values)
		require.NoError(t, err)
		answer, err := askAll(context.Background(), published, text)
		require.NoError(t, err)
		var got [][]string
		for _, row := range textRows(answer) {
			var picked []string
			for _, column := range fact.pick {
				picked = append(picked, row[slices.Index(answer.Columns, column)])
			}
			got = append(got, picked)
		}
		require.Equal(t, fact.want, got, "%s %v", fact.query, fact.values)
	}
	for question, want := range map[string]string{
		"SELECT string_agg(code || ' ' || gone_in || ' ' || back_in, ', ') FROM (%s) WHERE code = 'DA'": "DA 2019Q1r1 2020Q1r1",
	} {
		query, _ := statements.QueryNamed("vanished_and_returned")
		require.Equal(t, [][]string{{want}}, ask(t, published, fmt.Sprintf(question, strings.TrimSuffix(strings.TrimSpace(query.Text[strings.Index(query.Text, "SELECT"):]), ";"))))
	}
	testKnownRows(t, published)
	reused, _ := statements.QueryNamed("reused_codes")
	lives := map[string]int{}
	for _, row := range ask(t, published, reused.Text) {
		lives[row[0]]++
	}
	for _, code := range []string{"G9890", "G9891", "J0570", "J7322"} {
		require.Equal(t, 2, lives[code], code)
	}
	require.NotContains(t, lives, "CS")
	require.InDelta(t, 40, len(lives), 10)
	meanings, _ := statements.QueryNamed("new_meanings")
	require.True(t, slices.ContainsFunc(ask(t, published, meanings.Text), func(row []string) bool { return row[0] == "2020Q2r1" && row[1] == "CS" && row[2] == "C" }))
	require.Equal(t, "2025Q4r1", known(t, published, "2025Q4").ID.String())
}
