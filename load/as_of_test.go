package load

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// codesAsOfByJoins is what codes_as_of gives, said as plainly as SQL can say it:
// each release by its place in order, looked up for each row. The arguments are
// the date, what is known, and all_status.
const codesAsOfByJoins = `
	SELECT code_history.*, date_coverage(%[1]s, known := %[2]s) AS date_coverage
	FROM code_history
	JOIN releases AS since ON since.release = code_history.known_from
	LEFT JOIN releases AS until ON until.release = code_history.known_to
	WHERE valid_from <= CAST(%[1]s AS DATE)
	  AND (valid_to > CAST(%[1]s AS DATE) OR valid_to = DATE '9999-12-31')
	  AND since.release_order <= known_order(%[2]s)
	  AND (code_history.known_to IS NULL OR until.release_order > known_order(%[2]s))
	  AND (%[3]s OR code_history.status = 'active')`

// testCodesAsOf asks codes_as_of for dates in and between and before and after all
// releases, as known at each of them and now: the rows are those of the joins, in
// the order of codes.
func testCodesAsOf(t *testing.T, published *Published) {
	words := []string{"NULL"}
	for _, r := range published.loaded() {
		words = append(words, "'"+r.ID.String()+"'")
	}
	dates := []string{"NULL", "'1900-01-01'", "'9999-12-30'", "'9999-12-31'", "DATE '10000-01-01'"}
	for _, row := range ask(t, published, `
		SELECT DISTINCT CAST(in_force_from + shift AS DATE) FROM release_dates, (SELECT unnest([-1, 0, 44]) AS shift)
		UNION SELECT max(in_force_to) FROM release_dates`) {
		dates = append(dates, "DATE '"+row[0]+"'")
	}
	// All dates with all words would take minutes.
	for n := range 3 * max(len(words), len(dates)/2) {
		word, date, allStatus := words[n%len(words)], dates[(n+n/len(words))%len(dates)], n%3 == 0
		asked := fmt.Sprintf("codes_as_of(%s, known := %s, all_status := %t)", date, word, allStatus)
		rows := ask(t, published, `
			WITH said AS (FROM `+asked+`),
			wanted AS (`+fmt.Sprintf(codesAsOfByJoins, date, word, strconv.FormatBool(allStatus))+`)
			SELECT (SELECT count(*) FROM said) - (SELECT count(*) FROM wanted),
			       (SELECT count(*) FROM (FROM said EXCEPT ALL FROM wanted))`)
		require.Equal(t, [][]string{{"0", "0"}}, rows, asked)
		require.True(t, slices.IsSortedFunc(ask(t, published, "SELECT code FROM "+asked), slices.Compare), "by code: %s", asked)
	}
}

// Revisions beyond the ninth, annual releases, gaps, and a table that is not
// sorted: what is known is a matter of the order of releases, not of their names
// (~3 s).
func TestCodesAsOfGoesByTheOrderOfReleases(t *testing.T) {
	rates := cmstest.EverySwitch()
	rates.Republish = 1
	history := cmstest.Generate(cmstest.Options{Seed: 5, First: release.Quarter{Year: 2018, Number: 1},
		Quarters: 6, Codes: 40, ChangesPerQuarter: 20, Rates: rates})
	w := openTestWarehouse(t, inMemory)
	path := filepath.Join(t.TempDir(), "hcpcs.duckdb")
	for i := range history.Releases {
		history.Releases[i].ID.Revision += 7 // from r8 to r11
		loadInto(t, w, &history.Releases[i])
		if i >= len(history.Releases)-2 { // the last one is added behind the sorted rows
			require.NoError(t, w.Publish(context.Background(), path, nil))
		}
	}
	require.NoError(t, w.Close())
	published := openTestPublished(t, path)

	require.Equal(t, [][]string{{"true", "true", "true", "true", "true"}}, ask(t, published, `
		SELECT bool_or(known_from LIKE '%r9'), bool_or(known_from LIKE '%r10'), bool_or(known_to LIKE '%r10'),
		       (SELECT bool_or(gap IS NOT NULL) FROM releases), (SELECT min(release) < '2019' FROM releases)
		FROM code_history`), "what the test is about")
	testCodesAsOf(t, published)
}

// The arguments can be columns of the query around it.
func testCodesAsOfForEachRow(t *testing.T, published *Published) {
	const asked = `(VALUES (DATE '2020-02-15', '2020Q1'), (DATE '2020-05-01', NULL), (DATE '2020-05-01', '2020-09-11'), (NULL, NULL)) AS asked(day, word)`
	require.Equal(t,
		ask(t, published, `
			SELECT day, word, (SELECT count(*) FROM (`+fmt.Sprintf(codesAsOfByJoins, "day", "word", "false")+`))
			FROM `+asked+` ORDER BY ALL`),
		ask(t, published, `
			SELECT day, word, (SELECT count(*) FROM codes_as_of(day, known := word))
			FROM `+asked+` ORDER BY ALL`))
	require.Equal(t,
		ask(t, published, `SELECT DISTINCT day, date_coverage FROM `+asked+`, LATERAL (`+fmt.Sprintf(codesAsOfByJoins, "day", "word", "false")+`) ORDER BY ALL`),
		ask(t, published, `SELECT DISTINCT day, date_coverage FROM `+asked+`, LATERAL (FROM codes_as_of(day, known := word)) ORDER BY ALL`))
	require.Equal(t,
		ask(t, published, `
			SELECT release, (SELECT string_agg(DISTINCT date_coverage) || count(*) FROM (`+fmt.Sprintf(codesAsOfByJoins, "day", "NULL", "false")+`))
			FROM (SELECT release, in_force_from AS day FROM release_dates) ORDER BY release`),
		ask(t, published, `
			SELECT release, (SELECT string_agg(DISTINCT date_coverage) || count(*) FROM codes_as_of(in_force_from))
			FROM release_dates ORDER BY release`))
}
