package main

import (
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"
)

// clean makes text from a file fit for a terminal: what could move the cursor,
// change colours or turn the direction of writing is taken out, white space is
// made blanks. With keepLines the ends of lines stay.
func clean(words string, keepLines bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && keepLines:
			return r
		case r == '\n' || r == '\t' || r == '\r' || unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co):
			return -1
		}
		return r
	}, strings.ToValidUTF8(words, "\uFFFD"))
}

// textWidth is the number of columns that text takes on a terminal.
func textWidth(words string) int { return text.StringWidthWithoutEscSequences(words) }

// wrap breaks text into lines of a width at most, between words where they fit.
// Blanks at the front of the text stay.
func wrap(words string, width int) []string {
	width = max(width, 1)
	if textWidth(words) <= width {
		return []string{words}
	}
	var lines []string
	line := words[:len(words)-len(strings.TrimLeft(words, " "))]
	if textWidth(line) >= width {
		line = ""
	}
	empty := true
	for _, word := range strings.Fields(words) {
		if !empty && textWidth(line)+1+textWidth(word) > width {
			lines, line, empty = append(lines, line), "", true
		}
		if !empty {
			line += " "
		}
		for {
			head := cut(word, width-textWidth(line))
			if head == word && textWidth(line)+textWidth(word) <= width {
				break
			}
			lines, line, word = append(lines, line+head), "", word[len(head):]
		}
		line, empty = line+word, false
	}
	return append(lines, line)
}

// cut gives the longest beginning of a word that takes a width at most, and one
// character at least; where it can, after a sign that parts names and paths. It
// looks no further into the word than that.
func cut(word string, width int) string {
	taken, parted := 0, 0
	for at, r := range word {
		taken += textWidth(string(r))
		if at > 0 && taken > width {
			if parted*2 > at {
				return word[:parted]
			}
			return word[:at]
		}
		if strings.ContainsRune("/_-.;", r) {
			parted = at + len(string(r))
		}
	}
	return word
}

// shorten cuts text to a number of characters, and shows that it did.
func shorten(words string, length int) string {
	runes := []rune(words)
	if len(runes) <= length {
		return words
	}
	return strings.TrimRight(string(runes[:length-1]), " ") + "…"
}

// longestWord is the width of the widest word.
func longestWord(words string) int {
	longest := 0
	for _, word := range strings.Fields(words) {
		longest = max(longest, textWidth(word))
	}
	return longest
}

// plural gives "1 release" and "2 releases".
func plural(count int, one, many string) string {
	if count == 1 {
		return "1 " + one
	}
	return thousands(count) + " " + many
}

// thousands writes a number as people read it: 8,259.
func thousands(number int) string {
	if number < 0 {
		return "-" + thousands(-number)
	}
	if number < 1000 {
		return decimal(number)
	}
	rest := decimal(number % 1000)
	return thousands(number/1000) + "," + strings.Repeat("0", 3-len(rest)) + rest
}

// list joins words as people do: a, b and c.
func list(words []string, and string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + and + " " + words[len(words)-1]
}
