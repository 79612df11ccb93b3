package cmstest

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

var secondQuarter = release.ID{Quarter: release.Quarter{Year: 2020, Number: 2}, Revision: 1}

// full is a procedure with every field filled to its limits.
var full = Code{
	Code: "C1234", ActionCode: "B", ActionEffectiveDate: "2020-04-01",
	LongDescription:  strings.TrimSpace(strings.Repeat("ninechars ", 20)), // 199 characters: 8 words a line
	ShortDescription: "Short, of twenty-eight chars", PricingIndicators: []string{"11", "12", "13", "14"},
	MultiplePricingIndicator: "A", CoverageIssuesManualRefs: []string{"60-9", "65-101", "50-3"},
	MedicareCarriersManualRefs: []string{"2049", "3350.512", "4270"}, Statute: "1862(a)(7)",
	LabCertifications: []string{"110", "120", "130", "140", "150", "210", "220", "300"},
	CrossReferences:   []string{"A0001", "A0002", "A0003", "CPT", "99999"}, CoverageCode: "D",
	ASCPaymentGroup: "YY", ASCPaymentGroupDate: "2008-01-01", MOGPaymentGroup: "102", MOGPaymentPolicy: "1",
	MOGEffectiveDate: "2009-02-03", ProcessingNote: "0041", Betos: "O1E", TypesOfService: []string{"A", "P", "R", "9", "1"},
	AnesthesiaBaseUnits: "12", CodeAddedDate: "2001-02-03", TerminationDate: "2020-12-31",
}

var modifier = Code{Code: "K7", LongDescription: "Something else", ShortDescription: "Else", CoverageCode: "C",
	ActionCode: "N", ActionEffectiveDate: "2002-07-01", CodeAddedDate: "2002-07-01"}

func textRelease(codes ...Code) Release {
	return Release{ID: secondQuarter, PublishedAt: time.Date(2020, 3, 11, 14, 30, 0, 0, time.UTC), Codes: codes}
}

func lines(t *testing.T, text []byte) []string {
	t.Helper()
	require.True(t, bytes.HasSuffix(text, []byte("\r\n")))
	return strings.Split(strings.TrimSuffix(string(text), "\r\n"), "\r\n")
}

// TestTXTColumns finds each field at its columns of the record layout, 1-based
// and inclusive.
func TestTXTColumns(t *testing.T) {
	t.Parallel()
	r := textRelease(modifier, full)
	got := lines(t, r.TXT(TXTOptions{}))
	require.Len(t, got, 4)

	at := func(line string, first, last int) string { return line[first-1 : last] }
	record := got[1]
	require.Len(t, record, 320)
	for _, field := range []struct {
		first, last int
		want        string
	}{
		{1, 5, "C1234"}, {6, 10, "00100"}, {11, 11, "3"},
		{12, 91, "ninechars ninechars ninechars ninechars ninechars ninechars ninechars ninechars "},
		{92, 119, "Short, of twenty-eight chars"}, {120, 121, "11"}, {122, 123, "12"}, {124, 125, "13"}, {126, 127, "14"},
		{128, 128, "A"}, {129, 134, "60-9  "}, {135, 140, "65-101"}, {141, 146, "50-3  "},
		{147, 154, "2049    "}, {155, 162, "3350.512"}, {163, 170, "4270    "}, {171, 180, "1862(a)(7)"},
		{181, 183, "110"}, {202, 204, "300"}, {205, 209, "A0001"}, {220, 224, "CPT  "}, {225, 229, "99999"},
		{230, 230, "D"}, {231, 232, "YY"}, {233, 240, "20080101"}, {241, 243, "102"}, {244, 244, "1"}, {245, 252, "20090203"},
		{253, 256, "0041"}, {257, 259, "O1E"}, {260, 260, " "}, {261, 265, "APR91"}, {266, 268, " 12"},
		{269, 276, "20010203"}, {277, 284, "20200401"}, {285, 292, "20201231"}, {293, 293, "B"}, {294, 320, strings.Repeat(" ", 27)},
	} {
		require.Equal(t, field.want, at(record, field.first, field.last), "columns %d-%d", field.first, field.last)
	}

	for i, want := range []string{"C1234002004", "C1234003004"} {
		require.Len(t, got[2+i], 91)
		require.Equal(t, want, at(got[2+i], 1, 11))
	}
	require.Equal(t, full.LongDescription, at(record, 12, 90)+" "+at(got[2], 12, 90)+" "+strings.TrimSpace(at(got[3], 12, 91)))

	require.Equal(t, "   K7001007Something else ", at(got[0], 1, 26))
	require.Equal(t, "   ", at(got[0], 266, 268), "a modifier without units")
	require.Equal(t, "  0", at(lines(t, (&Release{Codes: []Code{{Code: "A0001", ActionCode: "N"}}}).TXT(TXTOptions{}))[0], 266, 268), "a procedure without units")
}

// TestTXTDescriptionLines joins the lines again as a reader does, for words at
// every offset from the edge.
func TestTXTDescriptionLines(t *testing.T) {
	t.Parallel()
	for start := 60; start < 100; start++ {
		code := full
		code.LongDescription = strings.Repeat("x", start%79+1) + " – " + strings.Repeat("yy ", 60) + "½ end"
		var joined []string
		for _, line := range lines(t, (&Release{Codes: []Code{code}}).TXT(TXTOptions{UTF8: true})) {
			line = strings.TrimPrefix(line, "\ufeff")
			characters := []rune(line)
			require.True(t, len(characters) == 320 || len(characters) == 91)
			joined = append(joined, strings.TrimSpace(string(characters[11:91])))
		}
		require.Equal(t, code.LongDescription, strings.Join(joined, " "))
	}
	long := full
	long.LongDescription = strings.Repeat("z", 200)
	require.Len(t, lines(t, (&Release{Codes: []Code{long}}).TXT(TXTOptions{})), 3)
}

// TestTXTIrregularities writes each irregularity of domain.md 9 to 11.
func TestTXTIrregularities(t *testing.T) {
	t.Parallel()
	text := func(options TXTOptions, codes ...Code) []string {
		r := textRelease(codes...)
		return lines(t, r.TXT(options))
	}
	short := full
	short.LongDescription = "Wrap – in “fleece”"

	t.Run("2011", func(t *testing.T) {
		got := text(TXTOptions{RecordLength: 293, ContinuationLength: 293, UpperCase: true, Backtick: true, ZeroUnits: true}, modifier, full)
		require.Equal(t, "`  K7001007SOMETHING ELSE", got[0][:25])
		require.Equal(t, "  0", got[0][265:268])
		for _, line := range got {
			require.Len(t, line, 293)
		}
		require.Equal(t, "B", got[1][292:])
	})
	t.Run("preamble", func(t *testing.T) {
		got := text(TXTOptions{Preamble: Disclaimer(8)}, modifier)
		require.Len(t, got, 9)
		require.Contains(t, got[0], "\t")
		require.Contains(t, got[2], "\xa0")
		require.NotContains(t, got[2], "\u00a0", "UTF-8 in a file in code page 1252")
	})
	t.Run("code page", func(t *testing.T) {
		require.Equal(t, "Wrap \x96 in \x93fleece\x94", strings.TrimSpace(text(TXTOptions{}, short)[0][11:91]))
		require.Equal(t, "Wrap ? in \x93fleece\x94", strings.TrimSpace(text(TXTOptions{LostDashes: true}, short)[0][11:91]))
	})
	t.Run("UTF-8", func(t *testing.T) {
		got := text(TXTOptions{UTF8: true}, short)
		require.True(t, strings.HasPrefix(got[0], "\ufeffC1234001003Wrap – in “fleece”"))
		require.Len(t, []rune(got[0]), 321)
	})
	t.Run("TAB", func(t *testing.T) {
		require.Equal(t, "Wrap\t\x96 in", text(TXTOptions{Tabs: []string{"C1234"}}, short)[0][11:20])
	})
	t.Run("ragged", func(t *testing.T) {
		got := text(TXTOptions{LineLengths: map[string]int{"C1234": 316, "K7": 318}, StrayLines: []string{"", "\x1a", "END"}}, modifier, full)
		require.Len(t, got[0], 318)
		require.Len(t, got[1], 320)
		require.Len(t, got[2], 91)
		require.Len(t, got[3], 316)
		require.Equal(t, []string{"", "\x1a", "END"}, got[4:])
	})
	t.Run("misplaced ASC", func(t *testing.T) {
		got := text(TXTOptions{MisplacedASC: []string{"C1234"}}, full)
		require.Equal(t, "D20080101  102", got[0][229:243])
		read := MisplaceASC(full)
		require.Equal(t, "20", read.ASCPaymentGroup)
		require.Equal(t, "080101", read.ASCPaymentGroupDate)
	})
	t.Run("shifted", func(t *testing.T) {
		require.Equal(t, "  Short", text(TXTOptions{Shifted: map[string]int{"C1234": 2}}, short)[0][91:98])
		require.Equal(t, "Short", text(TXTOptions{Shifted: map[string]int{"C1234": -2}}, short)[0][89:94])
	})
}

func BenchmarkTXT(b *testing.B) {
	r := Generate(Options{Seed: 1, Codes: 9000, Quarters: 1}).Releases[0]
	for b.Loop() {
		b.SetBytes(int64(len(r.TXT(TXTOptions{}))))
	}
}

func BenchmarkZIP(b *testing.B) {
	r := Generate(Options{Seed: 1, Codes: 9000, Quarters: 1}).Releases[0]
	for b.Loop() {
		r.ZIP(ZIPOptions{})
	}
}

func BenchmarkXLSX(b *testing.B) {
	r := Generate(Options{Seed: 1, Codes: 9000, Quarters: 1}).Releases[0]
	for b.Loop() {
		r.XLSX(XLSXOptions{})
	}
}
