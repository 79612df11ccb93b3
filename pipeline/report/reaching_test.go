package report_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Days on which a code becomes valid, or ceases to be, lie before the quarter
// also where the effective date of the change does not.
func TestWhatReachesBack(t *testing.T) {
	const end, added = transform.TerminationDate, transform.CodeAddedDate
	for name, test := range map[string]struct {
		before, after edit
		from, means   string // "": it does not reach back
	}{
		"first day moved back, and ended": {
			code("A0001", "N", "", added, "2020-04-01"),
			code("A0001", "D", "2020-07-01", added, "2019-11-15", end, "2020-06-30"),
			"2019-11-15", "valid from 2019-11-15 already, and not just from 2020-04-01: denied claims can be filed again",
		},
		"first day moved back, and another description from the quarter on": {
			code("A0001", "N", "", added, "2020-04-01"),
			code("A0001", "C", "2020-07-01", added, "2019-11-15", transform.LongDescription, "Something carried for those who need it, item A0001 too"),
			"2019-11-15", "valid from 2019-11-15 already, and not just from 2020-04-01: denied claims can be filed again",
		},
		"first day moved back, and paid otherwise": {
			code("A0001", "N", "", added, "2020-04-01"),
			code("A0001", "P", "2020-05-01", added, "2019-11-15", transform.PricingIndicators, "11"),
			"2019-11-15", "valid from 2019-11-15 already, and not just from 2020-04-01: denied claims can be filed again; paid otherwise: check amounts",
		},
		"first day moved back, and described otherwise": {
			code("A0001", "N", "", added, "2020-04-01"),
			code("A0001", "C", "2020-05-01", added, "2019-11-15", transform.LongDescription, "Something carried for those who need it, item A0001 too"),
			"2019-11-15", "valid from 2019-11-15 already, and not just from 2020-04-01: denied claims can be filed again; described otherwise: check that the code still fits",
		},
		"first day moved back and ended long ago": {
			code("A0001", "N", "", added, "2020-04-01"),
			code("A0001", "D", "2020-06-01", added, "2020-03-01", end, "2020-05-31"),
			"2020-03-01", "valid from 2020-03-01 already, and not just from 2020-04-01: denied claims can be filed again; no longer valid: paid claims may have to be returned",
		},
		"first day moved forward": {
			code("A0001", "N", "", added, "2020-02-01"),
			code("A0001", "N", "", added, "2020-03-01"),
			"2020-02-01", "valid only from 2020-03-01, and not from 2020-02-01 already: paid claims may have to be returned",
		},
		"first day moved forward into the quarter, and covered otherwise": {
			code("A0001", "N", "", added, "2020-02-01"),
			code("A0001", "F", "2020-07-01", added, "2020-07-01", transform.CoverageCode, "D"),
			"2020-02-01", "valid only from 2020-07-01, and not from 2020-02-01 already: paid claims may have to be returned",
		},
		"first day to come moved forward": {
			code("A0001", "N", "", added, "2020-08-01"),
			code("A0001", "F", "2020-09-01", added, "2020-09-01"),
			"", "",
		},
		"first day that cannot be": {
			code("A0001", "N", "", added, "2020-02-01"),
			code("A0001", "N", "", added, "0020-03-01"),
			"", "",
		},
		"last day moved later": {
			code("A0001", "D", "2020-04-01", end, "2020-03-31"),
			code("A0001", "N", "2020-04-01", end, "2020-06-30"),
			"2020-04-01", "valid until 2020-06-30, and not just until 2020-03-31: denied claims can be filed again",
		},
		"last day moved into the quarter": {
			code("A0001", "D", "2020-04-01", end, "2020-03-31"),
			code("A0001", "D", "2020-10-01", end, "2020-09-30"),
			"2020-04-01", "valid until 2020-09-30, and not just until 2020-03-31: denied claims can be filed again",
		},
		"last day moved earlier": {
			code("A0001", "D", "2020-06-01", end, "2020-05-31"),
			code("A0001", "D", "2020-04-01", end, "2020-03-31"),
			"2020-04-01", "ended on 2020-03-31 already, and not on 2020-05-31: paid claims may have to be returned",
		},
		"last day moved earlier, but to come": {
			code("A0001", "D", "2021-01-01", end, "2020-12-31"),
			code("A0001", "D", "2020-10-01", end, "2020-09-30"),
			"", "",
		},
		"end taken back silently, and paid otherwise from the quarter on": {
			code("A0001", "D", "2020-04-01", end, "2020-03-31"),
			code("A0001", "P", "2020-07-01", end, "", transform.PricingIndicators, "11"),
			"2020-04-01", "valid after 2020-03-31 as well, as if it had never ended: denied claims can be filed again",
		},
		"re-activated from the quarter on": {
			code("A0001", "D", "2020-04-01", end, "2020-03-31"),
			code("A0001", "R", "2020-07-01", end, ""),
			"", "",
		},
		"added and still valid": {
			code("A0002", "N", ""), code("A0001", "A", "2020-02-01", added, "2020-02-01"),
			"2020-02-01", "valid already: denied or rebilled claims can be filed with it",
		},
		"added and ended": {
			code("A0002", "N", ""), code("A0001", "A", "2020-02-01", added, "2020-02-01", end, "2020-05-31"),
			"2020-02-01", "was valid until 2020-05-31: denied or rebilled claims of that time can be filed with it",
		},
		"added and ending": {
			code("A0002", "N", ""), code("A0001", "A", "2020-02-01", added, "2020-02-01", end, "2020-12-31"),
			"2020-02-01", "valid already, until 2020-12-31: denied or rebilled claims can be filed with it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := series{}
			s.release(t, "2020Q2", code("A0009", "N", ""), test.before)
			s.release(t, "2020Q3", test.after)
			r := on(t, s.publish(t), "2020Q3r1")
			if test.from == "" {
				require.Empty(t, codesIn(r, "todo", reachingBack))
				require.Zero(t, r.Counts.Retroactive)
				return
			}
			cells := row(t, r, "todo", reachingBack, "A0001")
			require.Equal(t, test.from, cells["From"].Date.String())
			require.Regexp(t, " (days|months) back$", cells["From"].Sub)
			require.Equal(t, test.means, cells["What it means for claims since then"].Text)
			require.Equal(t, 1, r.Counts.Retroactive)
			require.Contains(t, strings.Join(r.Lead, " "), "1 change reaches back, to ", "the headline says as much")
		})
	}
}

// Of several releases the last word counts for what reaches back, too.
func TestWhatReachesBackByTheLastWord(t *testing.T) {
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", "", transform.CodeAddedDate, "2019-06-01"), code("A0002", "D", "2020-01-01", transform.TerminationDate, "2019-12-31"))
	s.release(t, "2020Q2",
		code("A0001", "N", "", transform.CodeAddedDate, "2019-01-01"),
		code("A0002", "N", "", transform.TerminationDate, "2020-01-31"),
		code("C0001", "A", "2020-02-01", transform.CodeAddedDate, "2020-02-01"))
	s.release(t, "2020Q3",
		code("A0001", "N", "", transform.CodeAddedDate, "2019-03-01"),
		code("A0002", "N", "", transform.TerminationDate, "2020-02-29"),
		code("C0001", "D", "2020-06-01", transform.TerminationDate, "2020-05-31"))
	r := on(t, s.publish(t), "2020Q2r1", "2020Q3r1")
	require.ElementsMatch(t, []string{"A0001", "A0002", "C0001", "C0001"}, codesIn(r, "todo", reachingBack))
	require.Equal(t, "valid from 2019-03-01 already, and not just from 2019-06-01: denied claims can be filed again", row(t, r, "todo", reachingBack, "A0001")["What it means for claims since then"].Text)
	require.Equal(t, "valid until 2020-02-29, and not just until 2019-12-31: denied claims can be filed again", row(t, r, "todo", reachingBack, "A0002")["What it means for claims since then"].Text)
	require.Equal(t, "was valid until 2020-05-31: denied or rebilled claims of that time can be filed with it", row(t, r, "todo", reachingBack, "C0001")["What it means for claims since then"].Text)
}

// A first day that moved there and back again is no matter.
func TestFirstDayMovedThereAndBack(t *testing.T) {
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", "", transform.CodeAddedDate, "2019-06-01"), code("A0002", "N", "", transform.CodeAddedDate, "2019-06-01"))
	s.release(t, "2020Q2", code("A0001", "N", "", transform.CodeAddedDate, "2019-08-01"), code("A0002", "N", "", transform.CodeAddedDate, "2019-08-01"))
	s.release(t, "2020Q3", code("A0001", "N", "", transform.CodeAddedDate, "2019-06-01"), code("A0002", "N", "", transform.CodeAddedDate, "2019-07-01"))
	r := on(t, s.publish(t), "2020Q2r1", "2020Q3r1")
	require.Equal(t, []string{"A0002"}, codesIn(r, "todo", reachingBack))
	require.Equal(t, "valid only from 2019-07-01, and not from 2019-06-01 already: paid claims may have to be returned", row(t, r, "todo", reachingBack, "A0002")["What it means for claims since then"].Text)
}

// A reused code meant something else on the days over which its first day moves.
func TestFirstDayOfAReusedCodeMoved(t *testing.T) {
	const end, added, long = transform.TerminationDate, transform.CodeAddedDate, transform.LongDescription
	const umbrellas, lanterns = "Bicycles and umbrellas for rent in the park", "Lanterns, one of each colour"
	s := series{}
	s.release(t, "2020Q1",
		code("A0001", "D", "2020-01-01", end, "2019-12-31"),
		code("A0002", "N", ""),
		code("A0003", "D", "2020-03-01", end, "2020-02-29"),
		code("A0004", "D", "2019-06-01", end, "2019-05-31"),
		code("A0005", "N", ""))
	reuse := func(name, first, text string) edit {
		return code(name, "A", first, added, first, end, "", long, text)
	}
	s.release(t, "2020Q2",
		reuse("A0001", "2020-04-01", umbrellas), reuse("A0002", "2020-04-01", lanterns), reuse("A0003", "2020-04-01", umbrellas),
		reuse("A0004", "2020-04-01", umbrellas), reuse("A0005", "2020-02-01", lanterns))
	s.release(t, "2020Q3",
		code("A0001", "F", "2020-01-10", added, "2020-01-10"),
		code("A0002", "F", "2020-02-01", added, "2020-02-01"),
		code("A0003", "F", "2020-02-01", added, "2020-02-01"),
		code("A0004", "F", "2020-02-01", added, "2020-02-01"),
		code("A0005", "F", "2020-03-01", added, "2020-03-01"))
	published := s.publish(t)

	both := on(t, published, "2020Q2r1", "2020Q3r1")
	for name, first := range map[string]string{"A0001": "2020-01-10", "A0002": "2020-02-01", "A0003": "2020-02-01", "A0004": "2020-02-01", "A0005": "2020-03-01"} {
		require.Equal(t, first, row(t, both, "todo", checkMeaning, name)["From"].Date.String(), name)
		require.Regexp(t, " (days|months) back$", row(t, both, "todo", checkMeaning, name)["From"].Sub, name)
		require.Equal(t, first, row(t, both, "todo", reachingBack, name)["From"].Date.String(), name)
		require.Equal(t, "means something else: check claims against the new meaning", row(t, both, "todo", reachingBack, name)["What it means for claims since then"].Text, name)
	}
	require.Len(t, codesIn(both, "todo", reachingBack), 5, "each once")

	one := on(t, published, "2020Q3r1")
	for name, want := range map[string]string{
		"A0001": "valid from 2020-01-10 already, and not just from 2020-04-01: denied claims can be filed again",
		"A0002": "means something else from 2020-02-01 already, and not just from 2020-04-01: check claims against the new meaning",
		"A0003": "means something else from 2020-02-01 already, and not just from 2020-04-01: check claims against the new meaning; claims denied after 2020-02-29 can be filed again",
		"A0004": "valid from 2020-02-01 already, and not just from 2020-04-01: denied claims can be filed again",
	} {
		require.Equal(t, want, row(t, one, "todo", reachingBack, name)["What it means for claims since then"].Text, name)
	}
}

// Of a code that the report itself adds, the first day by the last word counts.
func TestFirstDayOfAnAddedCodeMoved(t *testing.T) {
	s := series{}
	s.release(t, "2020Q1", code("A0009", "N", ""))
	s.release(t, "2020Q2", code("C0001", "A", "2020-02-01", transform.CodeAddedDate, "2020-02-01"), code("C0002", "A", "2020-04-01", transform.CodeAddedDate, "2020-04-01"))
	s.release(t, "2020Q3", code("C0001", "F", "2020-03-01", transform.CodeAddedDate, "2020-03-01"), code("C0002", "F", "2020-02-01", transform.CodeAddedDate, "2020-02-01"))
	r := on(t, s.publish(t), "2020Q2r1", "2020Q3r1")
	for name, first := range map[string]string{"C0001": "2020-03-01", "C0002": "2020-02-01"} {
		require.Equal(t, first, row(t, r, "todo", reachingBack, name)["From"].Date.String(), name)
		require.Equal(t, "valid already: denied or rebilled claims can be filed with it", row(t, r, "todo", reachingBack, name)["What it means for claims since then"].Text, name)
	}
}

// An end that the report itself says first, and then moves, is an ending, not days
// won; and days won stay so where the code is valid again later.
func TestLastDayMovedByTheLastWord(t *testing.T) {
	const end, added, long = transform.TerminationDate, transform.CodeAddedDate, transform.LongDescription
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", ""), code("A0002", "N", ""), code("A0003", "N", "", end, "2019-12-31"), code("A0004", "N", "", end, "2019-12-31"),
		code("A0005", "N", "", end, "2019-12-31"), code("A0006", "N", "", end, "2019-12-31"), code("A0007", "N", "", end, "2019-12-31"))
	s.release(t, "2020Q2",
		code("A0001", "D", "2019-11-04", end, "2019-11-03"),
		code("A0002", "D", "2020-03-16", end, "2020-03-15"),
		code("A0003", "N", "", end, "2020-06-10"),
		code("A0004", "N", "", end, "2020-06-10"),
		code("A0005", "N", "", end, "2020-02-10"),
		code("A0006", "N", "", end, "2020-02-10"),
		code("A0007", "N", "", end, "2020-02-10"))
	s.release(t, "2020Q3",
		code("A0001", "N", "2019-11-19", end, "2019-11-18"),
		code("A0002", "N", "2020-03-01", end, "2020-02-29"),
		code("A0003", "R", "2020-10-01", end, ""),
		code("A0004", "A", "2020-07-01", added, "2020-07-01", end, "", long, "Bicycles and umbrellas for rent in the park"),
		code("A0005", "N", "", end, ""),
		code("A0006", "N", "", end, "2020-01-10"),
		code("A0007", "A", "2020-01-01", added, "2020-01-01", end, "", long, "Bicycles and umbrellas for rent in the park"))
	r := on(t, s.publish(t), "2020Q2r1", "2020Q3r1")
	for name, want := range map[string]struct{ from, means string }{
		"A0001": {"2019-11-19", "no longer valid: paid claims may have to be returned"},
		"A0002": {"2020-03-01", "no longer valid: paid claims may have to be returned"},
		"A0003": {"2020-01-01", "valid until 2020-06-10, and not just until 2019-12-31: denied claims can be filed again"},
		"A0004": {"2020-01-01", "valid until 2020-06-10, and not just until 2019-12-31: denied claims can be filed again"},
		"A0005": {"2020-01-01", "valid after 2019-12-31 as well, as if it had never ended: denied claims can be filed again"},
		"A0006": {"2020-01-01", "valid until 2020-01-10, and not just until 2019-12-31: denied claims can be filed again"},
		"A0007": {"2020-01-01", "means something else: check claims against the new meaning"},
	} {
		cells := row(t, r, "todo", reachingBack, name)
		require.Equal(t, want.from, cells["From"].Date.String(), name)
		require.Equal(t, want.means, cells["What it means for claims since then"].Text, name)
	}
	require.Len(t, codesIn(r, "todo", reachingBack), 7, "each once")
}

// That the first day of a code moves leaves what is said of its end, where that is
// later.
func TestEndTakenBackBeforeTheFirstDayMoves(t *testing.T) {
	const end, added = transform.TerminationDate, transform.CodeAddedDate
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", "", end, "2019-12-31"), code("A0002", "N", "", end, "2019-12-31"), code("A0003", "N", "", end, "2019-12-31"))
	s.release(t, "2020Q2", code("A0001", "F", "2020-04-01", end, ""), code("A0002", "F", "2020-04-01", end, ""), code("A0003", "R", "2020-02-01", end, ""))
	s.release(t, "2020Q3", code("A0001", "F", "2020-07-01", added, "2010-02-01"), code("A0002", "F", "2020-07-01", added, "2020-06-01"),
		code("A0003", "F", "2020-07-01", added, "2009-12-01"))
	r := on(t, s.publish(t), "2020Q2r1", "2020Q3r1")
	said := map[string]string{}
	for _, line := range tableOf(t, r, "todo", reachingBack).Rows {
		if line.Cells[0].Text == "2020Q2r1" {
			said[line.Code] = line.Cells[3].Text
		}
	}
	require.Equal(t, map[string]string{
		"A0001": "valid after 2019-12-31 as well, as if it had never ended: denied claims can be filed again",
		"A0003": "valid again: denied claims can be filed again",
	}, said, "A0002 begins after that")
}
