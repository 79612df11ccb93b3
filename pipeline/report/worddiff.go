package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"znkr.io/diff"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Diff is a text before and after, and word by word what went and what came.
type Diff struct {
	Old, New string
	// Pieces in reading order; what went stands before what came in its place.
	Pieces []Piece
}

// Piece is a run of words of one kind.
type Piece struct {
	Op   Op
	Text string
	// Blank tells that a blank stands before it.
	Blank bool
}

// Op says what became of a piece.
type Op int

const (
	Same   Op = iota // in both texts
	Gone             // in the old text only
	Come             // in the new text only
	Elided           // in both, left out for length
)

// wholeBelow is the similarity below which two texts are shown whole, one
// after the other: word by word they could not be read.
const wholeBelow = 0.3

// Runs of more unchanged words than elideAbove are shortened to keptWords at
// either end.
const (
	elideAbove = 60
	keptWords  = 20
)

// newDiff compares two texts word by word; letter case does not count.
func newDiff(before, after string) *Diff {
	before, after = clean(before), clean(after)
	d := &Diff{Old: before, New: after}
	if before == "" || after == "" || transform.Similarity(before, after) < wholeBelow {
		d.add(Gone, before, true)
		d.add(Come, after, true)
		return d
	}
	edits := diff.EditsFunc(tokens(before), tokens(after), func(a, b token) bool { return strings.EqualFold(a.text, b.text) }, diff.Minimal())
	for _, part := range join(edits) {
		d.addTokens(Same, part.same)
		d.addTokens(Gone, part.gone)
		d.addTokens(Come, part.come)
	}
	return d
}

// token is a word or a sign.
type token struct {
	text  string
	blank bool // before it
}

// tokens splits text into words and signs. A point, comma or slash inside a
// number belongs to it.
func tokens(text string) []token {
	var found []token
	start, blank := 0, false
	flush := func(end int) {
		if start < end {
			found = append(found, token{text[start:end], blank})
			blank = false
		}
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), insideNumber(text, i):
			continue
		}
		flush(i)
		end := i + utf8.RuneLen(r)
		start = end
		if r == ' ' {
			blank = true
			continue
		}
		found = append(found, token{text[i:end], blank})
		blank = false
	}
	flush(len(text))
	return found
}

func insideNumber(text string, at int) bool {
	return strings.IndexByte(".,/", text[at]) >= 0 && at > 0 && at+1 < len(text) && isDigit(text[at-1]) && isDigit(text[at+1])
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// part is what stayed, and what then changed.
type part struct{ same, gone, come []token }

// join gathers edits into parts. A sign or a short word that stayed between
// two changes is made part of them: "a [-b-] of {+c+}" reads worse than one
// change.
func join(edits []diff.Edit[token]) []part {
	var parts []part
	for _, edit := range edits {
		last := len(parts) - 1
		if edit.Op == diff.Match {
			word := edit.Y
			if last < 0 || parts[last].gone != nil || parts[last].come != nil {
				if last >= 0 && parts[last].come == nil {
					word.blank = word.blank || edit.X.blank // it must not run into what went
				}
				parts = append(parts, part{})
				last++
			}
			parts[last].same = append(parts[last].same, word)
			continue
		}
		if last < 0 {
			parts = append(parts, part{})
			last++
		}
		if edit.Op == diff.Delete {
			parts[last].gone = append(parts[last].gone, edit.X)
		} else {
			parts[last].come = append(parts[last].come, edit.Y)
		}
	}
	joined := parts[:0]
	for i, p := range parts {
		if i > 0 && isShort(p.same) && (p.gone != nil || p.come != nil) {
			last := &joined[len(joined)-1]
			last.gone = append(append(last.gone, p.same...), p.gone...)
			last.come = append(append(last.come, p.same...), p.come...)
			continue
		}
		joined = append(joined, p)
	}
	return joined
}

// isShort: one token of two characters at most.
func isShort(same []token) bool {
	return len(same) == 1 && len(same[0].text) <= 2
}

func (d *Diff) addTokens(op Op, words []token) {
	if len(words) == 0 {
		return
	}
	if op == Same && len(words) > elideAbove {
		from, to := 0, len(words)-keptWords
		if len(d.Pieces) > 0 {
			from = keptWords
		} else {
			from = keptWords / 2
		}
		d.add(Same, textOf(words[:from]), words[0].blank)
		d.add(Elided, "…", true)
		d.add(Same, textOf(words[to:]), true)
		return
	}
	d.add(op, textOf(words), words[0].blank)
}

func (d *Diff) add(op Op, text string, blank bool) {
	if text == "" {
		return
	}
	last := len(d.Pieces) - 1
	if last >= 0 && op == Come && d.Pieces[last].Op == Gone {
		blank = true // what came must not run into what went
	}
	d.Pieces = append(d.Pieces, Piece{Op: op, Text: text, Blank: blank && last >= 0})
}

func textOf(words []token) string {
	var text strings.Builder
	for i, word := range words {
		if i > 0 && word.blank {
			text.WriteByte(' ')
		}
		text.WriteString(word.text)
	}
	return text.String()
}

// Marked gives the text with what went as [-words-] and what came as {+words+}.
func (d *Diff) Marked() string {
	var text strings.Builder
	for _, piece := range d.Pieces {
		if piece.Blank {
			text.WriteByte(' ')
		}
		switch piece.Op {
		case Gone:
			text.WriteString("[-" + piece.Text + "-]")
		case Come:
			text.WriteString("{+" + piece.Text + "+}")
		default:
			text.WriteString(piece.Text)
		}
	}
	return text.String()
}
