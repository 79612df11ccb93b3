package load

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// testMacrosOnSamples asks every macro with odd input. The codes are explained
// in testdata/releases/README.md.
func testMacrosOnSamples(t *testing.T, published *Published) {
	for _, c := range []struct{ question, want string }{
		// A word for what is known: a release, a quarter, a day, or nothing.
		{"known_release(NULL)", "2021Q2r1"},
		{"known_release('2020Q4r1')", "2020Q4r1"},
		{"known_release(' 2020q4R1 ')", "2020Q4r1"},
		{"known_release('2020Q4')", "2020Q4r2"},
		{"known_release(DATE '2020-09-10')", "2020Q3r1"},
		{"known_release('2020-09-11')", "2020Q4r1"},
		{"known_release(TIMESTAMP '2020-09-22 23:59:59')", "2020Q4r1"},
		{"known_release('2020-09-23')", "2020Q4r2"},
		{"known_release(DATE '2999-01-01')", "2021Q2r1"},
		{"known_place('1999-01-01') IS NULL", "true"},

		// Dates, and whether the releases can tell of them.
		{"date_coverage('2020-01-01')", "covered"},
		{"date_coverage(DATE '2019-12-31')", "before_records"},
		{"date_coverage('1000-01-01')", "before_records"},
		{"date_coverage('2021-06-30')", "covered"},
		{"date_coverage('2021-07-01')", "missing_release"},
		{"date_coverage('9999-12-31')", "missing_release"},
		{"date_coverage('2020-08-01', known := '2020Q2')", "missing_release"},
		{"date_coverage('2020-08-01', known := '2020Q4')", "covered"},
		{"date_coverage('2020-08-01', known := '1999-01-01')", "missing_release"},
		{"date_coverage(NULL) IS NULL", "true"},

		// The status of a code on a date.
		{"claim_status('E7011', '2020-03-31')", "valid"},
		{"claim_status('E7011', DATE '2020-04-01')", "terminated"},
		{"claim_status(' e7011 ', TIMESTAMP '2020-04-01 12:00:00')", "terminated"},
		{"claim_status('E7011', '1993-12-31')", "before_records"},
		{"claim_status('E7011', '1994-01-01')", "valid"},
		{"claim_status('E7011', '9999-12-30')", "terminated"},
		{"claim_status('E7011', '9999-12-31')", "terminated"},
		{"claim_status('E7011', '2020-04-01', known := '2020Q1')", "valid"},
		{"claim_status('E7011', '2020-04-01', known := '2020-03-30')", "valid"},
		{"claim_status('E7011', '2020-04-01', known := '2020-03-31')", "terminated"},
		{"claim_status('E7011', '2020-04-01', known := '1999-01-01')", "missing_release"},
		{"claim_status('C7152', '2020-01-20')", "not_yet"},
		{"claim_status('G7042', '2020-06-30')", "valid"},
		{"claim_status('G7042', '2020-07-01')", "unlisted"},
		{"claim_status('A7051', '2021-02-01')", "terminated"}, // aged off
		{"claim_status('V8', '2020-05-01')", "valid"},
		{"claim_status('V8', '2020-05-01', known := '2020Q2')", "unlisted"},
		{"claim_status('Z9999', '2020-05-01')", "unknown_code"},
		{"claim_status('Z9999', '2019-05-01')", "before_records"},
		{"claim_status('Z9999', '2022-05-01')", "missing_release"},
		{"claim_status('not a code', '2020-05-01')", "unknown_code"},
		{"claim_status('99213', '2020-05-01')", "other_code_set"},
		{"claim_status('0001f', '2020-05-01')", "other_code_set"},
		{"claim_status('D0120', '2020-05-01')", "other_code_set"},
		{"claim_status('25', '2020-05-01')", "other_code_set"},
		{"claim_status(NULL, '2020-05-01') IS NULL", "true"},
		{"claim_status('', '2020-05-01') IS NULL", "true"},
		{"claim_status('  ', '2020-05-01') IS NULL", "true"},
		{"claim_status('E7011', NULL) IS NULL", "true"},
		{"claim_status('99213', NULL) IS NULL", "true"},
		{"claim_status(NULL, NULL, known := NULL) IS NULL", "true"},

		// Valid or not, or nobody can tell.
		{"is_valid('E7011', '2020-03-31')", "true"},
		{"is_valid(' e7011', '2020-04-01')", "false"},
		{"is_valid('C7121', '2020-02-03')", "true"},
		{"is_valid('C7121', '2020-02-03', known := '2020Q2')", "false"},
		{"is_valid('C7121', '2020-02-03', known := DATE '2020-04-20')", "false"},
		{"is_valid('Z9999', '2020-05-01')", "false"},
		{"is_valid('G7042', '2020-07-01') IS NULL", "true"},
		{"is_valid('Z9999', '2019-05-01') IS NULL", "true"},
		{"is_valid('Z9999', '2022-05-01') IS NULL", "true"},
		{"is_valid('99213', '2020-05-01') IS NULL", "true"},
		{"is_valid(NULL, '2020-05-01') IS NULL", "true"},
		{"is_valid('E7011', NULL) IS NULL", "true"},
		{"is_valid('E7011', '2020-04-01', known := '1999-01-01') IS NULL", "true"},

		// What was true on a date.
		{"(SELECT count(*) FROM codes_as_of('2020-01-01', known := '2020Q1')) - (SELECT count(*) FROM release_records WHERE release = '2020Q1r1' AND code_added_date <= '2020-01-01' AND coalesce(termination_date >= '2020-01-01', true))", "0"},
		{"(SELECT count(*) FROM codes_as_of(NULL))", "0"},
		{"(SELECT count(*) FROM codes_as_of('1900-01-01'))", "0"},
		{"(SELECT string_agg(DISTINCT date_coverage) FROM codes_as_of('2010-01-01'))", "before_records"},
		{"(SELECT string_agg(DISTINCT status) FROM codes_as_of('2021-05-01'))", "active"},
		{"(SELECT string_agg(DISTINCT status ORDER BY status) FROM codes_as_of('2021-05-01', all_status := true))", "active,terminated"},
		{"(SELECT listed::VARCHAR || attested FROM codes_as_of('2021-05-01') WHERE code = 'G7042')", "falsefalse"},
		{"(SELECT short_description FROM codes_as_of('2020-05-01', known := '2020Q2') WHERE code = 'G7103')", "Final report image chst/bely"},
		{"(SELECT short_description FROM codes_as_of('2020-05-01') WHERE code = 'G7103')", "Final report image belly"},
		{"(SELECT count(*) = count(DISTINCT code) FROM codes_as_of('2020-10-01', all_status := true))", "true"},

		// The life of a code, and what replaced it.
		{"(SELECT count(*) FROM code_timeline(' g7103 '))", "5"},
		{"(SELECT count(*) FROM code_timeline('Z9999'))", "0"},
		{"(SELECT count(*) FROM code_timeline(NULL))", "0"},
		{"(SELECT string_agg(step || via || '>' || target || ' ' || target_status || CASE WHEN is_end THEN '.' ELSE '' END, ', ' ORDER BY step, target) FROM replacements('e7291'))",
			"1E7291>E7011 terminated, 2E7011>E7012 terminated, 3E7012>E7013 terminated, 4E7013>A7023 active., 4E7013>E7014 active., 4E7013>E7015 active."},
		{"(SELECT target || target_status FROM replacements('J7021'))", "CPTliteral"},
		{"(SELECT target || target_status FROM replacements('C7022'))", "98889cpt"},
		{"(SELECT count(*) FROM replacements('A7023'))", "0"}, // live, with a cross-reference
		{"(SELECT count(*) FROM replacements('Z9999'))", "0"},
		{"(SELECT count(*) FROM replacements(NULL))", "0"},

		// Status of now.
		{"(SELECT string_agg(code || ' ' || status, ', ' ORDER BY code) FROM codes WHERE code IN ('A7051', 'G7042', 'E7011', 'E7014', 'J7031'))",
			"A7051 terminated, E7011 terminated, E7014 active, G7042 unlisted, J7031 active"},
	} {
		require.Equal(t, [][]string{{c.want}}, ask(t, published, "SELECT "+c.question), c.question)
	}

	// The same for whole columns, some of them NULL.
	require.Equal(t, [][]string{{"valid", "unknown_code", "true", "covered"}, {"", "missing_release", "", "missing_release"}, {"terminated", "unknown_code", "false", "covered"}},
		ask(t, published, `SELECT claim_status(code, day), claim_status('Z9999', day, known := word), is_valid(code, day), date_coverage(day, known := word)
			FROM (VALUES (1, 'E7011', DATE '2020-03-31', '2020Q1'), (2, NULL, DATE '2022-01-01', NULL), (3, 'e7011', DATE '2020-05-01', '2020-04-20')) AS lines(line, code, day, word)
			ORDER BY line`))

	for question, message := range map[string]string{
		"SELECT known_release('2031Q1')":                          `no loaded release "2031Q1"`,
		"SELECT known_release('')":                                `no loaded release ""`,
		"SELECT known_release('1999-01-01')":                      "nothing was known by 1999-01-01: table release_dates says",
		"FROM codes_as_of('2020-01-01', known := 'yesterday')":    `no loaded release "yesterday"`,
		"FROM codes_as_of('2020-01-01', known := '1999-01-01')":   "nothing was known by 1999-01-01",
		"SELECT is_valid('E7011', '2020-01-01', known := 'soon')": `no loaded release "soon"`,
		"FROM changes_between('2020Q2', '2020Q1')":                "the earlier release comes first",
		"FROM changes_between('2020Q2', '2020Q2')":                "the earlier release comes first",
		"FROM changes_between('2020Q2', '2031Q1')":                `no loaded release "2031Q1"`,
		"SELECT claim_status('E7011', 'tomorrow')":                "tomorrow",
	} {
		_, err := askAll(context.Background(), published, question)
		require.ErrorContains(t, err, message, question)
	}
}

// testClaimsAgree asks for every code on many dates and days of knowledge, by
// the joins of the cookbook and by the macros, which must say the same.
func testClaimsAgree(t *testing.T, published *Published) {
	const claims = `claims AS (
		SELECT code, day, release_dates.known_date AS paid_on, release_dates.release
		FROM (SELECT code FROM codes WHERE hash(code) % 20 = 0 OR code IN ('C7121', 'DA', 'CS', 'G7103', 'V8', 'J7031', 'J0570', 'C9058')
		      UNION ALL SELECT unnest(['Z9999', '99213']))
		CROSS JOIN (SELECT DISTINCT valid_from + shift AS day FROM code_history, (SELECT unnest([-1, 0, 40]) AS shift)
		            WHERE valid_from BETWEEN '2005-01-01' AND '2026-01-01' AND hash(valid_from) % 7 = 0)
		CROSS JOIN release_dates
	)`
	rows := ask(t, published, "WITH "+claims+`,
		now AS (SELECT DISTINCT code, day FROM claims),
		by_join AS (
			SELECT now.code, day, coalesce(claim_status, status_of_unknown(now.code, day)) AS joined
			FROM now LEFT JOIN claim_calendar ON claim_calendar.code = now.code AND day >= valid_from AND day < valid_to AND known_to_date = '9999-12-31'
		),
		by_macro AS (SELECT code, day, claim_status(code, day) AS said, is_valid(code, day) AS valid FROM now)
		SELECT count(*) > 1000, count(*) = (SELECT count(*) FROM now), count(*) FILTER (joined IS DISTINCT FROM said),
			count(*) FILTER (valid IS DISTINCT FROM CASE WHEN said = 'valid' THEN true WHEN said IN ('terminated', 'not_yet', 'unknown_code') THEN false END)
		FROM by_join JOIN by_macro USING (code, day)`)
	require.Equal(t, [][]string{{"true", "true", "0", "0"}}, rows)

	rows = ask(t, published, "WITH "+claims+`,
		by_join AS (
			SELECT claims.code, day, paid_on, release, claim_status AS joined
			FROM claims LEFT JOIN claim_calendar ON claim_calendar.code = claims.code AND day >= valid_from AND day < valid_to
				AND paid_on >= known_from_date AND paid_on < known_to_date
		),
		by_macro AS (
			SELECT code, day, paid_on, release, claim_status(code, day, known := paid_on) AS said
			FROM claims
		)
		SELECT count(*) > 1000, count(*) = (SELECT count(*) FROM claims),
			count(*) FILTER (joined IS DISTINCT FROM said AND NOT (joined IS NULL AND said IN ('unknown_code', 'other_code_set', 'before_records', 'missing_release')))
		FROM by_join JOIN by_macro USING (code, day, paid_on, release)`)
	require.Equal(t, [][]string{{"true", "true", "0"}}, rows)

	// codes_as_of says of every code what claim_status does.
	for _, known := range []string{"NULL", "'2020Q2'", "DATE '2020-05-05'"} {
		rows = ask(t, published, fmt.Sprintf(`
			SELECT count(*) > 100, count(*) FILTER (claim_status(code, DATE '2020-04-15', known := %[1]s) IS DISTINCT FROM
				CASE WHEN status = 'terminated' THEN 'terminated' WHEN listed THEN 'valid' ELSE 'unlisted' END)
			FROM codes_as_of(DATE '2020-04-15', known := %[1]s, all_status := true)`, known))
		require.Equal(t, [][]string{{"true", "0"}}, rows, known)
	}
}
