package transform

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Similarity tells how alike two descriptions are, from 0 (no word in common)
// to 1 (the same words in the same order): twice the length of the longest
// common sequence of words over the number of words in both. Letter case and
// typography are ignored. It tells a polish from a new meaning that CMS declares
// as a plain change of the description (domain.md, 6).
func Similarity(before, after string) float64 {
	if before == after || Typographic(LongDescription, before, after) {
		return 1
	}
	a, b := words(before), words(after)
	a, b = a[:min(len(a), maxWords)], b[:min(len(b), maxWords)]
	if len(a)+len(b) == 0 {
		return 1
	}
	return 2 * float64(longestCommonSequence(a, b)) / float64(len(a)+len(b))
}

// maxWords is how many words of a description are compared: the longest so far
// has some 700, and the time grows with the square.
const maxWords = 3000

// words splits text into lower-case words of letters and digits; a point or a
// comma between digits belongs to its number.
func words(text string) []string {
	lower := strings.ToLower(text)
	var found []string
	start := -1
	for i, r := range lower {
		if isWordRune(r) || isInsideNumber(lower, i, r) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			found = append(found, lower[start:i])
			start = -1
		}
	}
	if start >= 0 {
		found = append(found, lower[start:])
	}
	return found
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isInsideNumber: a point, comma or slash with a digit on either side, or a
// point before a digit that starts a number.
func isInsideNumber(text string, at int, r rune) bool {
	if r != '.' && r != ',' && r != '/' {
		return false
	}
	after := at+1 < len(text) && text[at+1] >= '0' && text[at+1] <= '9'
	before := at > 0 && text[at-1] >= '0' && text[at-1] <= '9'
	return after && (before || (r == '.' && !followsWord(text, at)))
}

func followsWord(text string, at int) bool {
	if at == 0 {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	return isWordRune(r)
}

func longestCommonSequence(a, b []string) int {
	common := 0
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
		common++
	}
	row := make([]int, len(b)+1)
	for i := range a {
		diagonal := 0
		for j := range b {
			above := row[j+1]
			switch {
			case a[i] == b[j]:
				row[j+1] = diagonal + 1
			case row[j] > above:
				row[j+1] = row[j]
			}
			diagonal = above
		}
	}
	return common + row[len(b)]
}

// Typographic tells whether two values of a field differ in letter case, white
// space, punctuation or lost characters only, so that nothing is said
// otherwise than before. Points and commas inside numbers, and signs such as
// <, >, % and +, are not punctuation: 0.5 is not 5. Codes, dates and numbers
// have no typography.
func Typographic(field Field, before, after string) bool {
	if !Layout[field].Prose || before == after || before == "" || after == "" {
		return false
	}
	a, b := strings.Split(before, valueSeparator), strings.Split(after, valueSeparator)
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !sameText(essence(a[i]), essence(b[i])) {
			return false
		}
	}
	return true
}

// lostCharacter stands in a text where its encoding could not hold what was
// there (domain.md, 10: the dashes of 2020Q1).
const lostCharacter = '?'

// essence is what remains of a text without its typography. Blanks between two
// digits stay, so that two numbers do not become one.
func essence(text string) []rune {
	lower := strings.ToLower(text)
	kept := make([]rune, 0, len(lower))
	blankAfterDigit := false
	for i, r := range lower {
		keep := isWordRune(r) || isInsideNumber(lower, i, r) || isSign(r) || r == lostCharacter
		if !keep {
			if len(kept) > 0 && unicode.IsDigit(kept[len(kept)-1]) {
				blankAfterDigit = true
			}
			continue
		}
		if blankAfterDigit && (unicode.IsDigit(r) || r == '.') {
			kept = append(kept, ' ')
		}
		blankAfterDigit = false
		kept = append(kept, r)
	}
	return kept
}

// isSign: characters that carry meaning of their own.
func isSign(r rune) bool {
	switch r {
	case '<', '>', '=', '%', '+', '$', '±', '≥', '≤', '&', '#', '@':
		return true
	}
	return false
}

// sameText compares two essences; a lost character stands for nothing (a dash
// that was dropped), for one character beyond ASCII, or for what stood between
// two numbers.
func sameText(a, b []rune) bool {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] == b[0]:
			a, b = a[1:], b[1:]
		case a[0] == lostCharacter:
			a = a[1:]
			if b[0] > unicode.MaxASCII || b[0] == ' ' {
				b = b[1:]
			}
		case b[0] == lostCharacter:
			b = b[1:]
			if a[0] > unicode.MaxASCII || a[0] == ' ' {
				a = a[1:]
			}
		default:
			return false
		}
	}
	return onlyLost(a) && onlyLost(b)
}

func onlyLost(rest []rune) bool {
	for _, r := range rest {
		if r != lostCharacter {
			return false
		}
	}
	return true
}
