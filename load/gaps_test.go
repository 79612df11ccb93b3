package load

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Before a code's first day it was not valid, where a release of then says so by
// not listing it. In a gap before the first release that lists it nobody can tell,
// by macro, by the look-up of one code and by check.
func TestBeforeTheFirstDayInAGap(t *testing.T) {
	added := func(code, day string) listed {
		return listed{"code": code, "long_description": "Thing " + code, "short_description": code, "action_code": "N",
			"action_effective_date": day, "code_added_date": day}
	}
	old := []listed{added("A0001", "2010-01-01"), added("C0001", "2018-04-01"), added("C0002", "2019-04-01")}
	path := publishListed(t, map[string][]listed{
		"2018Q1r1": old,
		"2020Q3r1": append(old[:3:3], added("Q0001", "2020-07-01"), added("Q0002", "2019-07-01"), added("Q0003", "2021-01-01")),
		"2021Q1r1": append(old[:3:3], added("Q0001", "2020-07-01"), added("Q0002", "2019-07-01"), added("Q0003", "2021-01-01")),
	}, "2018Q1r1", "2020Q3r1", "2021Q1r1")
	published := openTestPublished(t, path)
	for _, c := range []struct{ code, day, known, status, valid, verdict, reason string }{
		{"Q0001", "2017-12-31", "2021Q1r1", "before_records", "", "uncertain", "Q0001: the date is before what the loaded releases can tell"},
		{"Q0001", "2018-01-01", "2021Q1r1", "not_yet", "false", "invalid", "Q0001 was not valid yet: it starts on 2020-07-01"},
		{"Q0001", "2018-12-31", "2021Q1r1", "not_yet", "false", "invalid", "Q0001 was not valid yet: it starts on 2020-07-01"},
		{"Q0001", "2019-01-01", "2021Q1r1", "missing_release", "", "uncertain", "Q0001: the release for that date is not loaded"},
		{"Q0001", "2020-06-30", "2021Q1r1", "missing_release", "", "uncertain", "Q0001: the release for that date is not loaded"},
		{"Q0001", "2020-07-01", "2021Q1r1", "valid", "true", "valid", ""},
		{"Q0002", "2019-06-30", "2021Q1r1", "missing_release", "", "uncertain", "Q0002: the release for that date is not loaded"},
		{"Q0002", "2019-07-01", "2021Q1r1", "valid", "true", "valid", ""},
		// A gap behind the first release that lists a code hides no earlier life.
		{"C0001", "2018-03-31", "2021Q1r1", "not_yet", "false", "invalid", "C0001 was not valid yet: it starts on 2018-04-01"},
		{"C0002", "2019-03-31", "2021Q1r1", "not_yet", "false", "invalid", "C0002 was not valid yet: it starts on 2019-04-01"},
		{"Q0003", "2020-06-30", "2021Q1r1", "missing_release", "", "uncertain", "Q0003: the release for that date is not loaded"},
		{"Q0003", "2020-09-30", "2021Q1r1", "not_yet", "false", "invalid", "Q0003 was not valid yet: it starts on 2021-01-01"},
		{"Q0003", "2020-12-31", "2021Q1r1", "not_yet", "false", "invalid", "Q0003 was not valid yet: it starts on 2021-01-01"},
		// As known before the code was listed: by a release that covers the date, and
		// by one that does not.
		{"Q0001", "2018-06-01", "2018Q1r1", "unknown_code", "false", "", ""},
		{"Q0001", "2020-08-01", "2018Q1r1", "missing_release", "", "", ""},
	} {
		name := fmt.Sprintf("%s on %s, as known at %s", c.code, c.day, c.known)
		require.Equal(t, [][]string{{c.status, c.valid}}, ask(t, published, fmt.Sprintf(
			`SELECT claim_status('%[1]s', '%[2]s', known := '%[3]s'), is_valid('%[1]s', '%[2]s', known := '%[3]s')`, c.code, c.day, c.known)), name)
		known, err := release.ParseID(c.known)
		require.NoError(t, err)
		on, err := published.ClaimOn(context.Background(), c.code, transform.ParseDate(c.day), known)
		require.NoError(t, err)
		require.Equal(t, c.status, on.Status, name)
		require.Equal(t, c.valid == "", on.Valid == nil, name)
		if on.Valid != nil {
			require.Equal(t, c.valid, fmt.Sprint(*on.Valid), name)
		}
		if c.verdict != "" {
			_, result := checkText(t, path, "code,dos\n"+c.code+","+c.day+"\n", CheckOptions{}, "hcpcs_code_status, hcpcs_verdict, coalesce(hcpcs_reason, '')")
			require.Equal(t, []string{c.status + "|" + c.verdict + "|" + c.reason}, result, name)
		}
	}
	// A code's first day is said of the dates on both sides of a gap.
	query, ok := statements.QueryNamed("claims_not_valid")
	require.True(t, ok)
	text, err := query.With(map[string]string{"claims": "Q0001 2018-06-01, Q0001 2019-06-01, q0003 2020-08-01"})
	require.NoError(t, err)
	answer, err := askAll(context.Background(), published, text)
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"1", "Q0001", "2018-06-01", "not_yet", "", "2020-07-01", ""}, {"2", "Q0001", "2019-06-01", "missing_release", "", "", ""}, {"3", "q0003", "2020-08-01", "not_yet", "", "2021-01-01", ""},
	}, textRows(answer))
}
