package transform

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSimilarity(t *testing.T) {
	for _, c := range []struct {
		before, after string
		want          float64
	}{
		{"", "", 1},
		{"Bandage", "", 0},
		{"Bandage, sterile", "BANDAGE (STERILE)", 1},
		{"one two three", "one two four", 2.0 * 2 / 6},
		{"one two three", "three two one", 2.0 * 1 / 6},
		{"injection, 0.5 mg", "injection, 5 mg", 2.0 * 2 / 6},
		{"oil spill in the gulf", "cost sharing for testing", 0},
	} {
		require.InDelta(t, c.want, Similarity(c.before, c.after), 1e-9, "%q and %q", c.before, c.after)
		require.InDelta(t, c.want, Similarity(c.after, c.before), 1e-9, "%q and %q", c.after, c.before)
	}
}

func TestTypographic(t *testing.T) {
	for _, c := range []struct {
		before, after string
		want          bool
	}{
		{"DRESSING FOR ONE WOUND", "Dressing for one wound", true},
		{"Gown, disposable", "Gown; disposable", true},
		{"co-pay", "co pay", true},
		{"note book", "notebook", true},
		{"Set – each", "Set ? each", true},
		{"5 µm filter", "5 ?m filter", true},
		{"(6 ? 20 weeks)", "(6-20 weeks)", true},
		{"(6 ?20 weeks)", "(6 - 20 weeks)", true},
		{"born in 1945?1965", "born in 1945-1965", true},
		{"born in 1945?1965", "born in 1945-1966", false},
		{"patient's", "patient’s", true},
		{"incident-to", `"incident to"`, true},
		{"Gown", "Gowns", false},
		{"0.5 mg", "5 mg", false},
		{"1.5 mg", "15 mg", false},
		{".5 mg", "5 mg", false},
		{"1,000 units", "1000 units", false},
		{"10 20", "1020", false},
		{">4 hours", ">=4 hours", false},
		{"<5", ">5", false},
		{"5 %", "5", false},
		{"1/2 inch", "12 inch", false},
		{"same", "same", false},
		{"", "Gown", false},
	} {
		require.Equal(t, c.want, Typographic(LongDescription, c.before, c.after), "%q and %q", c.before, c.after)
		require.Equal(t, c.want, Typographic(LongDescription, c.after, c.before), "%q and %q", c.after, c.before)
	}
	require.True(t, Typographic(Statute, "1861(s)", "1861(S)"))
	require.False(t, Typographic(CoverageCode, "c", "C"), "a code has no typography")
	require.False(t, Typographic(MedicareCarriersManualRefs, "2100"+valueSeparator+"5", "21005"), "two values are not one")
}
