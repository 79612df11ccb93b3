package report

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func numbered(word string, n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprintf("%s%d", word, i)
	}
	return strings.Join(words, " ")
}

// The mail shows what came into a description, however much went from it.
func TestMailShowsWhatCame(t *testing.T) {
	for name, test := range map[string]struct {
		before, after    string
		come, gone       string // how these begin
		comeCut, goneCut bool
	}{
		"all of it anew":           {numbered("alpha", 200), numbered("beta", 40), numbered("beta", 40), "alpha0 alpha1 ", false, true},
		"both too long":            {numbered("alpha", 200), numbered("beta", 200), "beta0 beta1 ", "alpha0 alpha1 ", true, true},
		"little went":              {"alpha", numbered("beta", 100), numbered("beta", 100), "alpha", false, false},
		"much came":                {"alpha", numbered("beta", 400), numbered("beta", 100), "alpha", true, false},
		"at the end of a long one": {numbered("alpha", 58) + " " + numbered("gone", 80) + " " + numbered("omega", 58), numbered("alpha", 58) + " come " + numbered("omega", 58) + " last", "come", "gone0 gone1", false, true},
	} {
		pieces := cutPieces(newDiff(test.before, test.after))
		text := map[Op]string{}
		all := 0
		for _, piece := range pieces {
			text[piece.Op] = strings.TrimSpace(text[piece.Op] + " " + piece.Text)
			all += utf8.RuneCountInString(piece.Text)
		}
		require.True(t, strings.HasPrefix(text[Come], test.come), "%s: %s", name, text[Come])
		require.True(t, strings.HasPrefix(text[Gone], test.gone), "%s: %s", name, text[Gone])
		require.Equal(t, test.comeCut, strings.HasSuffix(text[Come], " …"), "%s: %s", name, text[Come])
		require.Equal(t, test.goneCut, strings.HasSuffix(text[Gone], " …"), "%s: %s", name, text[Gone])
		require.LessOrEqual(t, all, 2*maxMailText+2*len(" …")+len(pieces), name)
	}
	last := cutPieces(newDiff(numbered("alpha", 58)+" "+numbered("gone", 80)+" "+numbered("omega", 58), numbered("alpha", 58)+" "+numbered("omega", 58)+" last"))
	require.Equal(t, "last", last[len(last)-1].Text, "what comes last is there, and what stayed before it is cut")
	require.Equal(t, Same, last[len(last)-2].Op)
	require.Regexp(t, "…$", last[len(last)-2].Text)
}
