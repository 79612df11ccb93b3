package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

func TestWordByWord(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"Injection, melphalan, 50 mg", "Injection, melphalan, not otherwise specified, 50 mg", "Injection, melphalan, {+not otherwise specified,+} 50 mg"},
		{"Up to 0.5 mg per day, each", "Up to 0.25 mg per day, each", "Up to [-0.5-] {+0.25+} mg per day, each"},
		{"Water circulating pad with pump", "Fluid circulating pad with pump, any type", "[-Water-] {+Fluid+} circulating pad with pump{+, any type+}"},
		{"Documentation of a CT scan of the sinuses", "CT scan of the sinuses", "[-Documentation of a-] CT scan of the sinuses"},
		{"A drug for one of the two eyes, per dose", "A drug for both eyes, per dose", "A drug for [-one of the two-] {+both+} eyes, per dose"},
		{"Score of knee, each, per visit", "Points of hip, each, per visit", "[-Score of knee-] {+Points of hip+}, each, per visit"},
		{"Oil spill of 2010", "Test for a virus", "[-Oil spill of 2010-] {+Test for a virus+}"},
		{"", "Something new", "{+Something new+}"},
		{"PLAIN WORDS HERE", "Plain words there", "Plain words [-HERE-] {+there+}"},
	} {
		require.Equal(t, c.want, newDiff(c.before, c.after).Marked())
	}
}

func TestLongStretchesAreShortened(t *testing.T) {
	long := strings.Repeat("word ", 200)
	d := newDiff(long+"old end", long+"new end")
	require.Contains(t, d.Marked(), "word … word")
	require.Less(t, len(d.Marked()), 300)
	require.Equal(t, strings.TrimSpace(long)+" new end", d.New, "whole beside it")
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"plain text":                  "plain text",
		" two  blanks\tand\r\nlines ": "two blanks and lines",
		"a\u00a0b":                    "a b",
		"\u202ereversed\u202c":        "\ufffdreversed\ufffd",
		"nul\x00 bell\a esc\x1b":      "nul\ufffd bell\ufffd esc\ufffd",
		"soft\u00adhyphen":            "softhyphen",
		"zero\u200bwidth":             "zero\ufffdwidth",
		"broken\xff":                  "broken\ufffd",
		"noncharacter\uffff":          "noncharacter\ufffd",
		"≥ 5 µg é ™ “quoted” — ½ × 10": "≥ 5 µg é ™ “quoted” — ½ × 10",
	} {
		require.Equal(t, want, clean(text), "%q", text)
	}
}

func TestWatchList(t *testing.T) {
	list, err := ParseWatchList([]string{"j0570", " QW ", "", "A", "J12", "B4*", "E0100-E0199", "A1-A9", "99213", "0001U"})
	require.NoError(t, err)
	for code, want := range map[string]bool{
		"J0570": true, "J0571": false, "QW": true, "A0021": true, "A1": true, "AA": false, "J1234": true, "J1300": false, "B4000": true,
		"E0100": true, "E0199": true, "E0200": false, "E1": false, "99213": true, "J1": false,
	} {
		require.Equal(t, want, list.Has(code), code)
	}
	require.True(t, (&WatchList{}).IsEmpty())
	for _, wrong := range []string{"J0570,J0571", "E0199-E0100", "E0100-E2", "J-", "*", "12", "ABC", "=1+1", "J0570\nJ0571"} {
		_, err := ParseWatchList([]string{"J", wrong})
		if wrong == "12" {
			require.NoError(t, err, "a modifier can be two digits")
			continue
		}
		require.ErrorContains(t, err, "watch list", wrong)
	}
}

func TestWording(t *testing.T) {
	require.Equal(t, "1 family", counted(1, "family"))
	require.Equal(t, "8,846 codes", counted(8846, "code"))
	require.Equal(t, "1,234,567", number(1234567))
	require.Equal(t, "a, b and c", listing([]string{"a", "b", "c"}))
	require.Equal(t, "31 days back", timingWords(transform.Retroactive, -31))
	require.Equal(t, "5 months back", timingWords(transform.Retroactive, -156))
	require.Equal(t, "2 years ahead", timingWords(transform.Upcoming, 730))
	require.Equal(t, "N, no maintenance", actionWords("N"))
}

func TestRoundAxis(t *testing.T) {
	for _, c := range [][5]int{{5726, 8846, 5000, 9000, 1000}, {280, 306, 280, 310, 10}, {7, 7, 7, 8, 1}, {0, 3, 0, 3, 1}} {
		low, high, step := niceRange(c[0], c[1])
		require.Equal(t, [3]int{c[2], c[3], c[4]}, [3]int{low, high, step}, "%d to %d", c[0], c[1])
	}
}
