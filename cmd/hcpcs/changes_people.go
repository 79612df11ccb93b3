package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"znkr.io/diff"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// document is the list for people: what is compared, the changes, how many.
func (l *changeList) document() *document {
	d := &document{}
	d.paragraph(l.introduction())
	if len(l.changes) > 0 {
		t := &table{columns: []column{{title: "Code"}, {title: "Change"}, {title: "Effective"}, {title: "Declared"}, {title: "What"}}}
		for _, change := range l.changes {
			record, _ := l.records.Last(change.Code, l.comparison.Release.ID)
			t.rows = append(t.rows, []any{
				change.Code, inWords(string(change.What)), effectiveLines(change), declaredLines(change), whatLines(change, record),
			})
		}
		d.table(t)
	}
	d.paragraph(l.summary())
	return d
}

// introduction says what is compared with what, and how far that can be trusted.
func (l *changeList) introduction() string {
	r := &l.comparison.Release
	effective := r.ID.Quarter.FirstDay().Format(time.DateOnly)
	if l.isBaseline() {
		return fmt.Sprintf("%s (effective %s) is the first release in hand. There is nothing to compare it with: the actions below are what CMS declares, unverified.", r.ID, effective)
	}
	text := fmt.Sprintf("%s (effective %s) against %s.", r.ID, effective, l.comparison.Previous)
	if l.net {
		return text + " This is the net difference: what releases between them changed and changed back is not in it, and what CMS declares speaks of the last step only."
	}
	if missing := release.Missing(l.comparison.Previous.Quarter, r.ID.Quarter); len(missing) > 0 {
		text += fmt.Sprintf(" Not in hand between them: %s; so what CMS declares cannot be verified.", strings.Join(spansOf(missing), ", "))
	}
	return text
}

// summary counts the codes by kind of change, those of the baseline by what is
// declared.
func (l *changeList) summary() string {
	counted, what := l.countedByKind(), "changed"
	if l.isBaseline() {
		counted, what = l.countedByAction(), "with a declared action, unverified"
	}
	all := plural(len(l.comparison.Changes), "code", "codes")
	switch {
	case len(l.comparison.Changes) == 0:
		return "No code changed."
	case l.filtered && len(l.changes) == 0:
		return fmt.Sprintf("None of the %s %s matches.", all, what)
	case l.filtered:
		return fmt.Sprintf("%s of %s %s: %s.", thousands(len(l.changes)), all, what, counted)
	}
	return fmt.Sprintf("%s %s: %s.", all, what, counted)
}

func (l *changeList) countedByKind() string {
	counts := map[transform.ChangeKind]int{}
	for _, change := range l.changes {
		counts[change.What]++
	}
	return countsByKind(counts)
}

func (l *changeList) countedByAction() string {
	counts := map[string]int{}
	for _, change := range l.changes {
		counts[change.ActionCode]++
	}
	var words []string
	for _, action := range slices.Sorted(maps.Keys(counts)) {
		words = append(words, thousands(counts[action])+" "+action)
	}
	return strings.Join(words, ", ")
}

// effectiveLines gives the day from which a change holds, and where that lies.
func effectiveLines(change *transform.Change) lines {
	if change.Effective == transform.NoDate {
		return nil
	}
	text := lines{change.Effective.String()}
	switch change.Timing {
	case transform.Retroactive:
		return append(text, "retroactive", plural(-change.TimingDays, "day", "days"))
	case transform.Upcoming:
		return append(text, "upcoming", "in "+plural(change.TimingDays, "day", "days"))
	case transform.OnTime:
		return append(text, "on time")
	}
	return text
}

// declaredLines holds what CMS declares against what the data show, where that is
// anything else.
func declaredLines(change *transform.Change) lines {
	text := lines{cmp.Or(change.ActionCode, "none")}
	if change.Agreement != transform.NoAgreement && change.Agreement != transform.Unverifiable {
		text[0] += ", " + string(change.Agreement)
	}
	if change.Observed != "" && string(change.Observed) != change.ActionCode {
		text = append(text, "data: "+strings.Join(change.Observed.List(), " "))
	}
	if change.ActionCode == "" && len(text) == 1 {
		return nil
	}
	return text
}

// describedUpTo bounds the description of a code in a list, in characters.
const describedUpTo = 240

// whatLines says what a change is about: the code, each field, what replaces it.
func whatLines(change *transform.Change, record *transform.Record) lines {
	var text lines
	if record != nil {
		description := record.Content[transform.ShortDescription]
		switch change.What {
		case transform.Added, transform.Reused, transform.Reappeared, transform.Vanished, transform.AgedOff:
			description = record.Content[transform.LongDescription]
		}
		text = append(text, shorten(description, describedUpTo))
	}
	if change.What == transform.Reused {
		text = append(text, fmt.Sprintf("a new meaning, the code's %s", ordinal(change.Life)))
	}
	for i := range change.Fields {
		text = append(text, fieldLines(&change.Fields[i])...)
	}
	if len(change.Replacements) > 0 && change.What != transform.DateOnly && !saysReplacements(change) {
		text = append(text, "replaced by "+list(change.Replacements, "and"))
	}
	return text
}

// saysReplacements tells whether a changed field names the replacements already.
func saysReplacements(change *transform.Change) bool {
	return slices.ContainsFunc(change.Fields, func(field transform.FieldChange) bool {
		return field.Field == transform.CrossReferences.String()
	})
}

func ordinal(number int) string {
	switch number {
	case 1:
		return "first"
	case 2:
		return "second"
	case 3:
		return "third"
	}
	return decimal(number) + "th"
}

// shortValue is the length up to which an old value stands beside the new one.
const shortValue = 40

// fieldLines shows a changed field: old → new, and long texts word by word.
func fieldLines(field *transform.FieldChange) []string {
	title := transform.TitleOf(field.Field)
	if field.Typographic {
		title += " (typography only)"
	}
	before, after := shownValue(field.Field, field.Old), shownValue(field.Field, field.New)
	switch {
	case len(before)+len(after) <= shortValue:
		return []string{fmt.Sprintf("%s: %s → %s", title, before, after)}
	case field.Old != "" && field.New != "" && transform.Similarity(field.Old, field.New) >= worthWordDiff && !field.Typographic:
		return []string{title + ": " + wordDiff(field.Old, field.New)}
	}
	return []string{title + ":", "- " + before, "+ " + after}
}

// shownValue sets the values of a repeated field apart; a text stays as CMS has it.
func shownValue(name, value string) string {
	if value == "" {
		return "none"
	}
	if field, ok := transform.FieldNamed(name); ok && transform.Layout[field].Kind == transform.ListField {
		return strings.ReplaceAll(value, ";", "; ")
	}
	return value
}

const (
	// worthWordDiff is the similarity from which a difference is shown word by
	// word; below it two texts are easier to read one after the other.
	worthWordDiff = 0.5
	// contextWords stand on either side of a difference.
	contextWords = 5
)

// wordDiff shows how one text became another: [-what went-] {+what came+}, with
// some words around it and … for the others.
func wordDiff(before, after string) string {
	old := strings.Fields(before)
	var out []string
	end := 0
	for _, hunk := range diff.Hunks(old, strings.Fields(after), diff.Context(contextWords)) {
		if hunk.PosX > end {
			out = append(out, "…")
		}
		out = append(out, wordEdits(hunk.Edits)...)
		end = hunk.EndX
	}
	if end < len(old) {
		out = append(out, "…")
	}
	return strings.Join(out, " ")
}

// wordEdits writes edits, those of a kind that follow each other as one.
func wordEdits(edits []diff.Edit[string]) []string {
	var out []string
	for i := 0; i < len(edits); {
		end := i
		var words []string
		for end < len(edits) && edits[end].Op == edits[i].Op {
			if edits[end].Op == diff.Insert {
				words = append(words, edits[end].Y)
			} else {
				words = append(words, edits[end].X)
			}
			end++
		}
		text := strings.Join(words, " ")
		switch edits[i].Op {
		case diff.Delete:
			text = "[-" + text + "-]"
		case diff.Insert:
			text = "{+" + text + "+}"
		}
		out = append(out, text)
		i = end
	}
	return out
}
