package report

import (
	"regexp"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

var cptPattern = regexp.MustCompile(`^[0-9]{4}[0-9A-Z]$`)

// replacement says what to bill in place of a code, as known at a release:
// where its cross-references lead in the end, and by way of which ended codes.
// nil where CMS names none. A code that CMS drops years after its end is followed
// all the same.
func (m *material) replacement(code string, references []string, id release.ID) []Inline {
	w := way{m: m, id: id, asOf: transform.DateOf(id.Quarter.FirstDay()), passed: map[string]bool{code: true}}
	w.follow(references)
	var inline []Inline
	for i, target := range w.targets {
		switch {
		case i == 0:
		case i == len(w.targets)-1:
			inline = append(inline, Inline{Text: " or "})
		default:
			inline = append(inline, Inline{Text: ", "})
		}
		inline = append(inline, target...)
	}
	if len(w.via) > 0 {
		inline = append(inline, Inline{Text: " (by way of "})
		for i, via := range w.via {
			if i > 0 {
				inline = append(inline, Inline{Text: ", "})
			}
			inline = append(inline, Inline{Code: via})
		}
		inline = append(inline, Inline{Text: ", also ended)"})
	}
	return inline
}

// way is the steps from a code to what replaced it.
type way struct {
	m       *material
	id      release.ID
	asOf    transform.Date
	passed  map[string]bool
	targets [][]Inline
	via     []string
}

func (w *way) follow(references []string) {
	var next []string
	for _, target := range references {
		if w.passed[target] {
			continue
		}
		w.passed[target] = true
		if record, _ := w.m.book.Last(target, w.id); record != nil {
			onward := record.Content.Values(transform.CrossReferences)
			if w.hasEnded(record) && slices.ContainsFunc(onward, func(code string) bool { return !w.passed[code] }) {
				w.via = append(w.via, target)
				next = append(next, onward...)
				continue
			}
		}
		w.targets = append(w.targets, w.describe(target))
	}
	if next != nil {
		w.follow(next)
	}
}

func (w *way) hasEnded(record *transform.Record) bool {
	end := record.Content.Date(transform.TerminationDate)
	return end != transform.NoDate && end < w.asOf
}

// describe names a target, and what is to be known of it.
func (w *way) describe(target string) []Inline {
	name := clean(target)
	record, last := w.m.book.Last(target, w.id)
	switch {
	case record != nil && (last == w.id || w.hasEnded(record)):
		end, start := record.Content.Date(transform.TerminationDate), record.Content.Date(transform.CodeAddedDate)
		switch {
		case w.hasEnded(record):
			return []Inline{{Code: name}, {Text: " (ended itself on " + end.String() + ")"}}
		case end != transform.NoDate:
			return []Inline{{Code: name}, {Text: " (until " + end.String() + ")"}}
		case start != transform.NoDate && start > w.asOf:
			return []Inline{{Code: name}, {Text: " (from " + start.String() + ")"}}
		}
		return []Inline{{Code: name}}
	case target == "CPT":
		return []Inline{{Text: "a CPT code that CMS does not name"}}
	case cptPattern.MatchString(target):
		return []Inline{{Text: "CPT " + name}}
	case w.m.book.Known(target):
		return []Inline{{Code: name}, {Text: " (not in this release)"}}
	}
	return []Inline{{Code: name}, {Text: " (in none of CMS's files)"}}
}

// plainText gives running text without its links.
func plainText(inline []Inline) string {
	var text string
	for _, piece := range inline {
		text += piece.Text + piece.Code
	}
	return text
}
