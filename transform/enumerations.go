package transform

import "slices"

// An Enumeration says what the values of a column mean that this program
// derives; the values that CMS gives are in CodeLists.
type Enumeration struct {
	Column string
	// Values have a Value and a Meaning each, a sentence; Note where a value
	// needs more.
	Values []CodeValue
}

// Enumerations gives the meanings of every enumerated column that is derived.
// Their values are shared: read only.
func Enumerations() []Enumeration { return slices.Clone(enumerations) }

// EnumerationOf finds an enumeration by its column's name.
func EnumerationOf(column string) (Enumeration, bool) {
	for _, enumeration := range enumerations {
		if enumeration.Column == column {
			return enumeration, true
		}
	}
	return Enumeration{}, false
}

// MeaningOf gives what a value of an enumerated column means, "" where it is none of
// the column's.
func MeaningOf[Value ~string](column string, value Value) string {
	enumeration, _ := EnumerationOf(column)
	for _, one := range enumeration.Values {
		if one.Value == string(value) {
			return one.Meaning
		}
	}
	return ""
}

// enumerations follow design.md, which defines each word.
var enumerations = []Enumeration{
	{"kind", []CodeValue{
		{Value: "procedure", Meaning: "The code names a supply, drug, item of equipment or service."},
		{Value: "modifier", Meaning: "The code qualifies another one on the same claim line."},
	}},
	{"record_type", []CodeValue{
		{Value: "3", Meaning: "The line begins a procedure code and carries its fields."},
		{Value: "4", Meaning: "The line continues the long description of a procedure code."},
		{Value: "7", Meaning: "The line begins a modifier and carries its fields."},
		{Value: "8", Meaning: "The line continues the long description of a modifier."},
	}},
	{"status", []CodeValue{
		{Value: "active", Meaning: "The code may be billed, up to and including its termination date."},
		{Value: "future", Meaning: "The code is published and its added date is still to come."},
		{Value: "terminated", Meaning: "The termination date has passed."},
		{Value: "unlisted", Meaning: "CMS's latest file leaves the code out, and no termination was ever said."},
	}},
	{"change", []CodeValue{
		{Value: "added", Meaning: "No release before had the code."},
		{Value: "reappeared", Meaning: "The release before left the code out, and it is back with the same meaning."},
		{Value: "reused", Meaning: "The code has been given to something else and begins a new life."},
		{Value: "changed", Meaning: "Some field of the record differs."},
		{Value: "discontinued", Meaning: "The record has a termination date, and had none before."},
		{Value: "reactivated", Meaning: "The record had a termination date, and has none now."},
		{Value: "vanished", Meaning: "The release leaves out a code that had not ended."},
		{Value: "aged_off", Meaning: "The release leaves out a code that had ended, as CMS does after some four years."},
		{Value: "date_only", Meaning: "The action effective date moved, and nothing else."},
		{Value: "declared_only", Meaning: "CMS declares an action, and nothing changed."},
	}},
	{"agreement", []CodeValue{
		{Value: "agrees", Meaning: "The data show what the action code says, and nothing beyond its usual company."},
		{Value: "understated", Meaning: "The data show what the action code says, and more than its usual company."},
		{Value: "contradicted", Meaning: "The data show other changes than the action code says."},
		{Value: "overstated", Meaning: "The action code says something, and nothing changed."},
		{Value: "undeclared", Meaning: "The action code says no maintenance, and yet something changed."},
		{Value: "unverifiable", Meaning: "There is no release directly before this one to compare with."},
	}},
	{"timing", []CodeValue{
		{Value: "on_time", Meaning: "The change takes effect within the quarter of its release."},
		{Value: "retroactive", Meaning: "The change took effect before the quarter of its release began."},
		{Value: "upcoming", Meaning: "The change takes effect after the quarter of its release."},
	}},
	{"valid_from_basis", []CodeValue{
		{Value: "added", Meaning: "The start is the code's added date."},
		{Value: "action", Meaning: "The start is the action effective date that CMS states."},
		{Value: "termination", Meaning: "The start is the day after the termination date."},
		{Value: "correction", Meaning: "A later revision of a quarter replaces a record, from where that record started."},
		{Value: "release", Meaning: "No date could be used, and the start is the first day of the quarter."},
		{Value: "absence", Meaning: "The start is the first day of the quarter whose file left the code out."},
	}},
	{"state", []CodeValue{
		{Value: "loaded", Meaning: "The release is in the tables."},
		{Value: "held", Meaning: "The release did not look right and waits for review: only its row is there."},
	}},
	{"target_status", []CodeValue{
		{Value: "active", Meaning: "The target may be billed."},
		{Value: "future", Meaning: "The target is published, and its added date is still to come."},
		{Value: "terminated", Meaning: "The target has ended too, or has been given to something else; its own cross-references are followed, if it has any."},
		{Value: "unlisted", Meaning: "CMS's latest file leaves the target out, and no termination was ever said."},
		{Value: "cycle", Meaning: "The target stands on the way already, which ends here."},
		{Value: "cpt", Meaning: "The target has the form of a CPT code, which these files do not hold."},
		{Value: "literal", Meaning: "The target is the word CPT: some CPT code, not said which."},
		{Value: "unknown", Meaning: "The target is in no release in hand."},
	}},
	{"claim_status", []CodeValue{
		{Value: "valid", Meaning: "The code may be billed on that date."},
		{Value: "terminated", Meaning: "The code had ended by that date."},
		{Value: "not_yet", Meaning: "The date is before the code's first day."},
		{Value: "unlisted", Meaning: "CMS had left the code out of its file without ending it: nobody can tell."},
		{Value: "unknown_code", Meaning: "No release in hand has the code, and the one in force on that date is in hand."},
		{Value: "other_code_set", Meaning: "No release in hand has the code, and it has the form of a CPT or CDT code, which these files do not hold."},
		{Value: "before_records", Meaning: "The date is before the first release in hand, and nothing in hand says that the code was valid: it may have been dropped earlier."},
		{Value: "missing_release", Meaning: "The release in force on that date is not in hand, and nothing in hand says that the code was valid: it may have come and gone unseen."},
	}},
	{"date_coverage", []CodeValue{
		{Value: "covered", Meaning: "The release in force on that date is in hand."},
		{Value: "before_records", Meaning: "The date is before the first release in hand: codes dropped by then are missing."},
		{Value: "missing_release", Meaning: "The release in force on that date is not in hand: codes that came and went unseen are missing."},
	}},
}
