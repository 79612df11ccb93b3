package main

import (
	"fmt"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// onView is what was true of a code on a date, as known at a release.
type onView struct {
	sheet *load.Sheet
	date  transform.Date
	known release.ID
	// claim is what the macros say of it.
	claim load.ClaimOn
	// recordsBegin is the day from which the loaded releases can tell which codes
	// there were.
	recordsBegin transform.Date
	// stretch covers the date; nil where the code was not there on it, or was not
	// known at the release.
	stretch *transform.Stretch
	// stretches are all that was known at the release, in order of dates.
	stretches []transform.Stretch
}

func newOnView(sheet *load.Sheet, date transform.Date, known load.Release, claim load.ClaimOn, releases []load.Release) *onView {
	v := &onView{sheet: sheet, date: date, known: known.ID, claim: claim, stretches: sheet.KnownAt(known.ID)}
	if first := slices.IndexFunc(releases, func(r load.Release) bool { return r.State == load.Loaded }); first >= 0 {
		v.recordsBegin = transform.DateOf(releases[first].ID.Quarter.FirstDay())
	}
	for i := range v.stretches {
		if s := &v.stretches[i]; s.From <= date && (date < s.To || s.To == transform.OpenEnd) {
			v.stretch = s
		}
	}
	return v
}

// statusWords says whether the code was there, and how far that can be trusted.
func (v *onView) statusWords() lines {
	s := v.stretch
	if s == nil {
		return lines{v.absenceWords()}
	}
	var text lines
	switch terminated := s.Content.Date(transform.TerminationDate); {
	case s.Status == transform.Terminated:
		text = append(text, fmt.Sprintf("Not valid: terminated, its last valid day was %s", terminated))
	case !s.Listed:
		text = append(text, "Uncertain: no release ended it")
	case terminated != transform.NoDate:
		text = append(text, fmt.Sprintf("Valid; its last valid day is %s", terminated))
	default:
		text = append(text, "Valid")
	}
	if !s.Listed {
		text = append(text, "Not in CMS's file since "+v.absentSince())
	} else if !s.Attested {
		text = append(text, "CMS's record for these dates is not in the files in hand; this is the nearest one")
	}
	return text
}

// absenceWords says why no record covers the date.
func (v *onView) absenceWords() string {
	if len(v.stretches) == 0 {
		beside := ""
		switch v.claim.Status {
		case "before_records":
			beside = fmt.Sprintf(", and the date is before the releases in hand, which begin on %s", v.recordsBegin)
		case "missing_release":
			beside = ", and none covers the date"
		}
		return fmt.Sprintf("Not known: at %s no release had the code%s; the first one that has it is %s", v.known, beside, v.sheet.First)
	}
	first := &v.stretches[0]
	before := fmt.Sprintf("nothing is known of the code before %s", first.From)
	if first.Basis == transform.BasisAdded {
		before = fmt.Sprintf("the date is before the code's added date, %s", first.From)
	}
	switch v.claim.Status {
	case "before_records":
		return fmt.Sprintf("Uncertain: the date is before the releases in hand, which begin on %s", v.recordsBegin)
	case "missing_release":
		return fmt.Sprintf("Uncertain: %s, and no release in hand covers it; an earlier life may have gone unseen", before)
	}
	return "Not valid: " + before
}

// absentSince is the quarter since which the code was left out, as known at the
// release.
func (v *onView) absentSince() string {
	until := slices.IndexFunc(v.sheet.Comparisons, func(c load.Comparison) bool { return c.Release.ID.Compare(v.known) > 0 })
	if until < 0 {
		until = len(v.sheet.Comparisons)
	}
	return report.AbsentSince(v.sheet.Comparisons[:until])
}

// facts gives what was true, as a sheet does.
func (v *onView) facts() []report.Fact {
	word := ""
	if v.stretch != nil {
		word = string(v.stretch.Status)
	}
	facts := []report.Fact{
		report.CodeFact(v.sheet.Record.Code),
		{Name: "on", Title: "On", Values: []string{v.date.String()}, Meanings: []string{""}},
		{Name: "known", Title: "As known at", Values: []string{v.known.String()}, Meanings: []string{""}},
		report.StatusFact(word, v.statusWords()...),
	}
	s := v.stretch
	if s == nil {
		return facts
	}
	validTo := report.PlainFact("valid_to", s.To.String())
	if s.To == transform.OpenEnd {
		validTo.Meanings[0] = "no end is known"
	}
	basis := report.PlainFact("valid_from_basis", string(s.Basis))
	basis.Meanings[0] = transform.MeaningOf("valid_from_basis", s.Basis)
	facts = append(facts,
		report.PlainFact("valid_from", s.From.String()), basis, validTo, report.PlainFact("life", decimal(s.Life)),
		report.FieldFact(s.Content, transform.LongDescription),
		report.FieldFact(s.Content, transform.ShortDescription),
		report.FieldFact(s.Content, transform.CoverageCode),
		report.FieldFact(s.Content, transform.CodeAddedDate),
		report.FieldFact(s.Content, transform.TerminationDate),
	)
	return append(facts, report.OtherFields(s.Content)...)
}

// showOn prints it in the format asked for.
func (a *app) showOn(v *onView) error {
	switch a.config.Format {
	case "json":
		return writeObject(a.out, v.object())
	case "csv":
		return factsTable(v.facts()).writeCSV(a.out)
	}
	d := &document{}
	d.heading(fmt.Sprintf("%s on %s, as known at %s", v.sheet.Record.Code, v.date, v.known))
	d.pairs(factPairs(v.facts()[3:]))
	return a.print(d)
}

// onJSON is what was true on a date; its keys are a contract.
type onJSON struct {
	Code       string     `json:"code"`
	Kind       string     `json:"kind"`
	On         string     `json:"on"`
	Known      string     `json:"known"`
	Valid      *bool      `json:"valid"` // null: nobody can tell
	StatusText []string   `json:"status_text"`
	Status     *string    `json:"status"`
	Listed     *bool      `json:"listed"`
	Attested   *bool      `json:"attested"`
	Life       *int       `json:"life"`
	ValidFrom  *string    `json:"valid_from"`
	ValidTo    *string    `json:"valid_to"`
	Basis      *string    `json:"valid_from_basis"`
	Fields     []factJSON `json:"fields"`
}

func (v *onView) object() onJSON {
	object := onJSON{
		Code: v.sheet.Record.Code, Kind: string(v.sheet.Record.Kind), On: v.date.String(), Known: v.known.String(),
		Valid: v.claim.Valid, StatusText: v.statusWords(), Fields: []factJSON{},
	}
	if s := v.stretch; s != nil {
		object.Status, object.Listed, object.Attested, object.Life = nilIfEmpty(string(s.Status)), &s.Listed, &s.Attested, &s.Life
		object.ValidFrom, object.ValidTo, object.Basis = nilIfEmpty(s.From.String()), nilIfEmpty(s.To.String()), nilIfEmpty(string(s.Basis))
		object.Fields = factObjects(s.Content)
	}
	return object
}
