package transform

import "strings"

// checkRecord adds what is wrong or doubtful in one record, beyond what could
// not be read at all, to the file's findings. The record stays as it is.
func checkRecord(file *File, r *Record) {
	find := func(field string, rule Rule, raw string) {
		file.add(Finding{
			File: file.Name, Line: r.SourceLine, Code: strings.Clone(r.Code), Field: field, Rule: rule, RawText: bounded(strings.Clone(raw)),
		})
	}
	c := r.Content
	if c[LongDescription] == "" {
		find(LongDescription.String(), RuleMissingDescription, "")
	}
	for _, field := range [...]Field{LongDescription, ShortDescription} {
		if strings.Contains(c[field], " ? ") || strings.Contains(c[field], "??") {
			find(field.String(), RuleLostCharacter, c[field])
		}
	}
	checkCodeLists(r, find)
	if note := c[ProcessingNote]; isZeros(note) {
		find(ProcessingNote.String(), RuleZeroProcessingNote, note)
	}
	// The group's two columns hold the century of the date that follows, two
	// columns too far to the left (domain.md, 9).
	if group := c[ASCPaymentGroup]; group == "19" || group == "20" {
		find(ASCPaymentGroup.String(), RuleShiftedASC, group)
	}
	checkDates(r, find)
}

func checkCodeLists(r *Record, find func(field string, rule Rule, raw string)) {
	switch {
	case r.ActionCode == "":
		find("action_code", RuleMissingActionCode, "")
	case !knownAction(r.ActionCode):
		find("action_code", RuleUnknownValue, r.ActionCode)
	}
	for i := range Layout {
		if r.Content[i] == "" {
			continue
		}
		list := checkedLists[i]
		if list == nil {
			continue
		}
		for value := range strings.SplitSeq(r.Content[i], valueSeparator) {
			if !list.Has(value) {
				find(Layout[i].Name, RuleUnknownValue, value)
			}
		}
	}
}

func checkDates(r *Record, find func(field string, rule Rule, raw string)) {
	c := r.Content
	added, terminated, action := c[CodeAddedDate], c[TerminationDate], r.ActionEffectiveDate
	if added == "" {
		find(CodeAddedDate.String(), RuleMissingAddedDate, "")
	}
	if action == "" {
		find("action_effective_date", RuleMissingActionDate, "")
	}
	// Dates in ISO form compare as text.
	if action != "" && added != "" && action < added {
		find("action_effective_date", RuleActionBeforeAdded, action)
	}
	if terminated != "" && added != "" && terminated < added {
		find(TerminationDate.String(), RuleTerminatedBeforeAdded, terminated)
	}
	if r.ActionCode == "D" && terminated != "" && action != "" &&
		ParseDate(action) != ParseDate(terminated)+1 {
		find("action_effective_date", RuleStaleDiscontinuation, action)
	}
	if terminated == "" && c[CrossReferences] != "" {
		find(CrossReferences.String(), RuleLiveCrossReference, displayText(c[CrossReferences]))
	}
}

// checkedLists holds CMS's code list for each field that has one.
var checkedLists = func() (lists [FieldCount]*CodeList) {
	for i := range Layout {
		if list, found := ListOf(Layout[i].Field); found {
			lists[i] = &list
		}
	}
	return lists
}()

// actionLetters tells of each letter whether it is an action code of the record
// layout; it is asked of every record.
var actionLetters = func() (letters [256]bool) {
	for _, action := range actionCodes {
		letters[action.Value[0]] = true
	}
	return letters
}()

// knownAction tells whether an action code is one of the record layout's.
func knownAction(code string) bool {
	return len(code) == 1 && actionLetters[code[0]]
}
