package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// The sections for those who want to know more: dates, disagreements, doubts.

// maxCodesOfDate is the number of codes named beside a date; more are only
// counted.
const maxCodesOfDate = 12

// byDate orders the changes by the day from which they hold.
func (m *material) byDate() *Section {
	news := m.where(func(e *entry) bool { return e.isNews() && e.what != transform.Vanished })
	s := &Section{ID: "dates", Title: "By effective date", Count: -1, Background: true}
	if len(news) == 0 && len(m.entries) == 0 {
		return nil
	}
	of := map[transform.Date][]*entry{}
	for _, e := range news {
		of[e.Effective] = append(of[e.Effective], e)
	}
	t := Table{Compact: true, Columns: []Column{
		{Title: "From", SubTitle: "Timing", Kind: DateCell}, {Title: "Added", Kind: NumberCell}, {Title: "Ended", Kind: NumberCell},
		{Title: "Revised", Kind: NumberCell}, {Title: "Other", Kind: NumberCell}, {Title: "Codes", Kind: InlineCell},
	}}
	dates := make([]transform.Date, 0, len(of))
	for date := range of {
		dates = append(dates, date)
	}
	slices.Sort(dates)
	for _, date := range dates {
		t.Rows = append(t.Rows, m.dateRow(date, of[date]))
	}
	if len(t.Rows) > 0 {
		s.Tables = append(s.Tables, t)
	} else {
		s.Empty = "No change that matters to billing has an effective date."
	}
	s.Tables = append(s.Tables, m.allChanges(), m.allFields())
	return s
}

func (m *material) dateRow(date transform.Date, entries []*entry) Row {
	var added, ended, revised, other int
	for _, e := range entries {
		switch e.what {
		case transform.Added:
			added++
		case transform.Discontinued:
			ended++
		case transform.Changed:
			revised++
		default:
			other++
		}
	}
	when := dateCell(date, "")
	if !m.several() && date != transform.NoDate {
		when.Sub = entries[0].timing()
		if m.isUpcoming(entries[0]) && when.Sub == "" {
			when.Sub = "still to come"
		}
	}
	if date == transform.NoDate {
		when.Sub = "no date"
	}
	var codes []Inline
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b *entry) int { return cmp.Compare(a.Code, b.Code) })
	// Of several releases more than one can have changed a code from that day on.
	entries = slices.CompactFunc(entries, func(a, b *entry) bool { return a.Code == b.Code })
	if len(entries) <= maxCodesOfDate {
		for i, e := range entries {
			if i > 0 {
				codes = append(codes, Inline{Text: " "})
			}
			codes = append(codes, Inline{Code: e.Code})
		}
	}
	return Row{Cells: []Cell{when, numberCell(added), numberCell(ended), numberCell(revised), numberCell(other), inlineCell(codes)}}
}

// allChanges is every change, the ones that are no news among them: for the
// workbook.
func (m *material) allChanges() Table {
	t := m.table("All changes", "All changes", m.entries, []Column{
		codeColumn, {Title: "Kind"}, {Title: "Change"}, {Title: "Declared"}, {Title: "Observed"}, {Title: "Agreement"},
		{Title: "Effective", Kind: DateCell}, {Title: "Timing"}, {Title: "Days", Kind: NumberCell}, shortColumn, {Title: "On your list"},
	}, func(e *entry) []Cell {
		own := ""
		if e.own {
			own = "yes"
		}
		what := string(e.Change.What)
		if e.isTypographic() {
			what += " (typographic)"
		}
		return []Cell{
			e.codeCell(), textCell(string(e.Kind)), textCell(what), textCell(e.ActionCode), textCell(string(e.Observed)), textCell(string(e.Agreement)),
			dateCell(e.Effective, ""), textCell(string(e.Timing)), e.days(), textCell(e.short()), textCell(own),
		}
	})
	t.SheetOnly = true
	return t
}

// days gives how far the change reaches back or lies ahead, nothing where that is
// not known.
func (e *entry) days() Cell {
	if e.Timing == transform.NoTiming {
		return Cell{}
	}
	return numberCell(e.TimingDays)
}

// allFields is every changed field, typography among them: for the workbook.
func (m *material) allFields() Table {
	t := Table{Title: "All fields", Sheet: "All fields", SheetOnly: true, Columns: []Column{
		releaseColumn, codeColumn, {Title: "Change"}, {Title: "Field"}, {Title: "Before"}, {Title: "After"}, {Title: "Typographic"},
	}}
	for _, e := range m.entries {
		for _, f := range e.Fields {
			typographic := ""
			if f.Typographic {
				typographic = "yes"
			}
			t.Rows = append(t.Rows, Row{Code: e.Code, Cells: []Cell{
				textCell(e.release.ID.String()), codeCell(e.Code), textCell(string(e.Change.What)), textCell(f.Field), textCell(f.Old), textCell(f.New), textCell(typographic),
			}})
		}
	}
	return t
}

// agreement tells where CMS declares otherwise than its data say.
func (m *material) agreement() *Section {
	if m.isBaseline() || m.isNet() || m.hasGap() {
		return nil // nothing can be held against the data: a notice says so
	}
	var disagreeing []*entry
	early, typographic, notes, unverified, restated := 0, 0, 0, 0, 0
	for _, e := range m.entries {
		switch {
		case e.Agreement == transform.Unverifiable:
			unverified++
		case e.Agreement == transform.NoAgreement, e.Agreement == transform.Agrees:
		case e.isTypographic():
			typographic++
		case e.isEmptyNote():
			notes++
		case e.what == transform.Added && e.Timing == transform.Retroactive && isAnnual(&e.release):
			early++ // an update between said A, and this file says what came after
		case e.restates():
			restated++
		default:
			disagreeing = append(disagreeing, e)
		}
	}
	s := &Section{ID: "agreement", Title: "Where CMS declares otherwise than its data say", Count: len(disagreeing), Background: true}
	more := ""
	if len(disagreeing) > 0 {
		more = " more"
	}
	if early > 0 {
		s.Intro = append(s.Intro, sentence(fmt.Sprintf("%s took effect before the quarter and %s no longer declared as added, mostly since a quarterly update in between, which is not in hand, was the first to say so",
			counted(early, "added code"), verb(early, "is", "are"))))
	}
	if m.counts.DateOnly > 0 {
		s.Intro = append(s.Intro, sentence(fmt.Sprintf("of %s only the action effective date moved, which changes nothing", counted(m.counts.DateOnly, "code"))))
	}
	if restated > 0 {
		s.Intro = append(s.Intro, fmt.Sprintf("%s that changed here %s the action that the revision before declared: it speaks of what changed since the quarter before.",
			sentenceStart(counted(restated, "code")), verb(restated, "carries", "carry")))
	}
	if typographic > 0 {
		s.Intro = append(s.Intro, fmt.Sprintf("In %s%s, not listed, only letter case, blanks, punctuation or lost characters changed.", number(typographic), more+plural(typographic, " code")))
	}
	if notes > 0 {
		s.Intro = append(s.Intro, fmt.Sprintf("In %s%s, not listed, only processing note %s, which stands for none, came or went.", number(notes), more+plural(notes, " code"), noNote))
	}
	if len(disagreeing) == 0 {
		agrees := "Every action that CMS declares agrees with its data"
		if unverified > 0 {
			agrees = "Every action that CMS declares and that could be checked agrees with its data"
		}
		if typographic+notes+early+restated > 0 {
			s.Intro = append([]string{agrees + ", but for what follows."}, s.Intro...)
			return s
		}
		if s.Intro == nil {
			s.Empty = agrees + ", and nothing was changed silently."
		} else {
			s.Intro = append([]string{agrees + ", and nothing was changed silently."}, s.Intro...)
		}
		return s
	}
	s.Intro = append([]string{"The sections above go by the data. Those who work from CMS's action codes alone would miss or misread these."}, s.Intro...)
	slices.SortStableFunc(disagreeing, func(a, b *entry) int { return agreementRank(a.Agreement) - agreementRank(b.Agreement) })
	t := m.table("", "Declared otherwise", disagreeing, []Column{
		codeColumn, {Title: "CMS declares"}, {Title: "The data show"}, {Title: "So CMS"}, shortColumn,
	}, func(e *entry) []Cell {
		return []Cell{e.codeCell(), textCell(actionWords(e.ActionCode)), textCell(e.shown()), textCell(agreementWords[e.Agreement]), textCell(e.short())}
	})
	t.Entries = true // of what was declared and did not happen
	s.Tables = []Table{t}
	return s
}

// restates tells whether a revision declares of a code what the one before it in its
// quarter did: CMS's actions speak of one quarter against the one before.
func (e *entry) restates() bool {
	return e.release.Previous.Quarter == e.release.ID.Quarter && e.before != nil && e.ActionCode != "" && e.ActionCode != transform.NoMaintenance &&
		e.before.ActionCode == e.ActionCode && e.before.ActionEffectiveDate == e.after.ActionEffectiveDate
}

// shown says what the data show of a change.
func (e *entry) shown() string {
	switch {
	case e.what == transform.Reappeared:
		return "back in the file"
	case e.Observed == "":
		return "no change"
	}
	return observedWords(e.Observed)
}

var agreementWords = map[transform.Agreement]string{
	transform.Undeclared:   "declares nothing",
	transform.Contradicted: "declares something else",
	transform.Understated:  "tells only a part",
	transform.Overstated:   "declares what did not happen",
}

func agreementRank(agreement transform.Agreement) int {
	return slices.Index([]transform.Agreement{transform.Undeclared, transform.Contradicted, transform.Understated, transform.Overstated}, agreement)
}

// corrections are what CMS wrote of codes after it had published the releases;
// a later file can take back what an earlier one says.
func (m *material) corrections() *Section {
	s := &Section{ID: "corrections", Title: "CMS's corrections", Background: true}
	t := Table{Sheet: "Corrections", Columns: []Column{codeColumn, {Title: "Correction"}, {Title: "File"}}}
	for _, c := range m.correctionsOf {
		t.Rows = append(t.Rows, Row{Code: c.Code, Cells: []Cell{codeCell(c.Code), textCell(c.Text), textCell(c.File)}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	s.Count, s.Tables = len(t.Rows), []Table{t}
	return s
}

// maxExamples is the number of codes named as examples of a finding.
const maxExamples = 6

// doubtful counts what is wrong or doubtful in the files, by rule.
func (m *material) doubtful() *Section {
	s := &Section{ID: "findings", Title: "Doubtful data in CMS's files", Background: true}
	if len(m.findings) == 0 {
		s.Empty = "Nothing in the files was found to be wrong or doubtful."
		return s
	}
	type ofRule struct {
		all, fresh int
		examples   []string
	}
	rules := map[transform.Rule]*ofRule{}
	for i := range m.findings {
		f := &m.findings[i]
		counts := rules[f.Rule]
		if counts == nil {
			counts = &ofRule{}
			rules[f.Rule] = counts
		}
		counts.all++
		if !f.isNew {
			continue
		}
		counts.fresh++
		s.Count++
		if f.Code != "" && !slices.Contains(counts.examples, f.Code) {
			counts.examples = append(counts.examples, f.Code)
		}
	}
	t := Table{Columns: []Column{{Title: "What was found"}, {Title: "New", Kind: NumberCell}, {Title: "In all", Kind: NumberCell}, {Title: "New for", Kind: InlineCell}}}
	known := 0
	for _, rule := range transform.RuleMeanings {
		counts := rules[rule.Rule]
		if counts == nil {
			continue
		}
		known += counts.all - counts.fresh
		if counts.fresh == 0 {
			continue
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{textCell(rule.Meaning), numberCell(counts.fresh), numberCell(counts.all), inlineCell(examples(counts.examples))}})
	}
	t.Compact = true
	if known > 0 {
		s.Intro = append(s.Intro, sentence(fmt.Sprintf("%s %s in the release before already and %s not repeated here",
			counted(known, "finding"), verb(known, "was", "were"), verb(known, "is", "are"))))
	}
	if len(t.Rows) > 0 {
		s.Intro = append([]string{"What could not be read as it should. The rest of the same records was loaded all the same."}, s.Intro...)
		s.Tables = append(s.Tables, t)
	}
	s.Tables = append(s.Tables, m.allFindings())
	return s
}

func examples(codes []string) []Inline {
	var inline []Inline
	for i, code := range codes {
		if i == maxExamples {
			inline = append(inline, Inline{Text: fmt.Sprintf(" and %s more", number(len(codes)-maxExamples))})
			break
		}
		if i > 0 {
			inline = append(inline, Inline{Text: " "})
		}
		inline = append(inline, Inline{Code: clean(code)})
	}
	return inline
}

// allFindings is every finding: for the workbook.
func (m *material) allFindings() Table {
	t := Table{Title: "Findings", Sheet: "Findings", SheetOnly: true, Columns: []Column{
		releaseColumn, codeColumn, {Title: "Field"}, {Title: "Rule"}, {Title: "New"}, {Title: "File"}, {Title: "Line", Kind: NumberCell}, {Title: "What stands there"},
	}}
	for i := range m.findings {
		f := &m.findings[i]
		fresh := ""
		if f.isNew {
			fresh = "yes"
		}
		t.Rows = append(t.Rows, Row{Code: f.Code, Cells: []Cell{
			textCell(f.release.String()), codeCell(f.Code), textCell(f.Field), textCell(string(f.Rule)), textCell(fresh),
			textCell(f.File), lineCell(f.Line), textCell(f.RawText),
		}})
	}
	return t
}

// lineCell gives the number of a line, nothing for a finding that is about none.
func lineCell(line int) Cell {
	if line == 0 {
		return Cell{}
	}
	return numberCell(line)
}
