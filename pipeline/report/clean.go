package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes text of others safe to show anywhere: on one line, without
// control characters, without marks that turn the direction of what follows,
// and without anything that XML cannot hold. What goes is replaced by U+FFFD,
// so that it is seen; blanks of every kind become one.
func clean(text string) string {
	if isPlain(text) {
		return text
	}
	var cleaned strings.Builder
	blank := false
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			blank = true
			continue
		case r == softHyphen:
			continue
		case !isShowable(r):
			r = utf8.RuneError
		}
		if blank && cleaned.Len() > 0 {
			cleaned.WriteByte(' ')
		}
		blank = false
		cleaned.WriteRune(r)
	}
	return cleaned.String()
}

const softHyphen = '\u00ad'

// isPlain: printable ASCII, and no two blanks in a row. Nearly all text is.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
		if text[i] == ' ' && (i == 0 || i == len(text)-1 || text[i-1] == ' ') {
			return false
		}
	}
	return true
}

// isShowable leaves out controls, format characters (among them those that
// change the direction of text), private and unassigned ones.
func isShowable(r rune) bool {
	return unicode.IsGraphic(r)
}
