package transform

import (
	"fmt"
	"slices"
	"strings"
)

// A Definition says what one column is, as a printed code sheet has it.
type Definition struct {
	// Name is the column's name in every table, in CSV and in reports; with a
	// table's name and a point before it where it means something else there.
	Name string
	// Title is the column's name on a page.
	Title string
	// Definition says what it is, its format or unit, and what NULL means.
	Definition string
	// Source is where the value comes from: positions of CMS's record, or
	// "derived" and from what.
	Source string
}

// Definitions gives the definition of every column that a user sees: what
// stands beside a record, the record in the order of Layout, what is derived,
// and what stands in one table only.
func Definitions() []Definition { return slices.Clone(definitions) }

// ColumnDefinition finds the definition of a column of a table or view:
// the table's own, where the name means something else there.
func ColumnDefinition(table, column string) (Definition, bool) {
	if definition, ok := DefinitionOf(table + "." + column); ok {
		return definition, true
	}
	if _, isCodeList := codeListOfTable[table]; isCodeList {
		return DefinitionOf("code_values." + column)
	}
	return DefinitionOf(column)
}

// DefinitionOf finds a definition by its name.
func DefinitionOf(name string) (Definition, bool) {
	place, ok := definitionByName[name]
	if !ok {
		return Definition{}, false
	}
	return definitions[place], true
}

// TitleOf is the name of a column for people; one that is not defined keeps its own.
func TitleOf(name string) string {
	if definition, ok := DefinitionOf(name); ok {
		return definition.Title
	}
	return name
}

var (
	definitions      = slices.Concat(besideRecord(), recordDefinitions(), derivedDefinitions, tableDefinitions)
	definitionByName = indexDefinitions()
)

func indexDefinitions() map[string]int {
	index := make(map[string]int, len(definitions))
	for place, definition := range definitions {
		index[definition.Name] = place
	}
	return index
}

// besideRecord defines what a release says of a code beside its content.
func besideRecord() []Definition {
	return []Definition{
		{
			"code", "Code",
			"The HCPCS Level II code: a letter and four digits for a procedure (A0021), two characters for a modifier (SS). Some codes have had two meanings over the years; life tells them apart.",
			positions(codeBegin, codeEnd, headerCode) + fmt.Sprintf("; a modifier %d-%d", modifierBegin, modifierEnd),
		},
		{
			"kind", "Kind",
			"Whether the code is a procedure code (supplies, drugs and equipment go by that name too) or a modifier.",
			"derived from the record type",
		},
		{
			"record_type", "Record type",
			"A digit that tells procedure lines from modifier lines and first lines from continuations. Only a first line carries the fields; continuations carry more of the long description. No table keeps it: it becomes kind.",
			positions(recordTypePosition, recordTypePosition, headerRecordType),
		},
		{
			"sequence_number", "Sequence number",
			"The number of the line within its code: 00100 for the first, 00200 for the next. Spreadsheets print 0010 for it. It orders lines and is not compared.",
			positions(sequenceBegin, sequenceEnd, headerSequenceNumber),
		},
		{
			"action_code", "Action code",
			"One letter: what CMS says it did to the code since the release before. It speaks of one release only, and it is not reliable: codes marked N (no maintenance) do change, and a letter often tells less than what changed. NULL when blank.",
			positions(actionCodePosition, actionCodePosition, headerActionCode),
		},
		{
			"action_effective_date", "Action effective date",
			"The day from which CMS says the last action holds; it stays when the action code turns to N. NULL when blank. It can be blank, stale, before the release (retroactive) or after it (upcoming). For a discontinued code it should be the day after the termination date.",
			positions(actionEffectiveDateBegin, actionEffectiveDateEnd, headerActionEffectiveDate),
		},
	}
}

// fieldDefinitions defines each field of the record.
var fieldDefinitions = [FieldCount]string{
	LongDescription:            "The full wording of the code: all its lines, joined with single blanks. The longest so far has 4,501 characters. Descriptions of 2011 and 2012 are in capitals. NULL when blank.",
	ShortDescription:           "An abbreviated wording of 28 characters at most, for claim forms and lists. Abbreviations follow no fixed rule. NULL when blank.",
	PricingIndicators:          "How Medicare Part B arrives at a price, up to four two-digit values. 00 means that there is none of its own; 99, that none is set. NULL when there is none, as for modifiers.",
	MultiplePricingIndicator:   "Whether several methods can price the code, and which. 9 goes with pricing indicators 00 and 99, A with a single method. NULL when blank.",
	CoverageIssuesManualRefs:   "Up to three section numbers in the Coverage Issues Manual that bear on the code, such as 60-9. CMS has since replaced the manual; the numbers were kept. NULL when there is none.",
	MedicareCarriersManualRefs: "Up to three section numbers in the Medicare Carriers Manual that bear on the code, such as 2049. CMS has since replaced the manual; the numbers were kept. NULL when there is none.",
	Statute:                    "The section of law on which coverage, or its refusal, rests, such as 1833(t). CMS spells one section in several ways: 1833(t), 1833(T), 1833T. NULL when blank.",
	LabCertifications:          "The laboratory specialties in which a laboratory must be certified to perform the test, up to eight three-digit values; a certificate for a group (100) covers its members (110, 120). NULL when there is none.",
	CrossReferences:            "Codes that CMS points to from this one, up to five, mostly from a discontinued code to what replaced it. A target can be a CPT code, which these files do not hold, the bare word CPT, or a code that has itself ended; some stand on live codes. NULL when there is none.",
	CoverageCode:               "Whether Medicare covers the code. It says nothing of other payers. NULL when blank.",
	ASCPaymentGroup:            "YY: the procedure is approved for ambulatory surgical centers; amounts are in CMS's ASC tables. NULL: not approved. It goes when a code ends. A value 19 or 20 is the beginning of a date that was written two columns to the left (2018).",
	ASCPaymentGroupDate:        "The day on which the code got its ASC payment group. NULL when blank, or where the characters make no date.",
	MOGPaymentGroup:            "The procedure's Medicare outpatient group (MOG): body system, number, level of intensity, a digit each. Spreadsheets head the column OPPS. No release since 2011 that we hold has a value.",
	MOGPaymentPolicy:           "Whether an ambulatory surgical center is paid a facility fee, something else, or nothing. Spreadsheets head the column OPPS_PI. No release since 2011 that we hold has a value.",
	MOGEffectiveDate:           "The day on which the code got its Medicare outpatient group. Spreadsheets head the column OPPS_DT. NULL when blank.",
	ProcessingNote:             "The number, four digits, of a note in the list of processing notes that CMS publishes beside the file. 0000 stands for none, and is kept. NULL when blank.",
	Betos:                      "The Berenson-Eggers category of the service, for statistics: a letter for the family, then a digit and mostly a letter. In use since 2003; Z2 where no category fits. NULL when blank.",
	TypesOfService:             "What kinds of service the code can be on a claim, up to five one-character values. Values that CMS's list calls obsolete still turn up. NULL when there is none.",
	AnesthesiaBaseUnits:        "How demanding the anesthesia is, in base units; time units come on top when it is paid. NULL when blank or 0, which is every code of the releases we hold: anesthesia is billed with CPT codes.",
	CodeAddedDate:              "The first day on which the code could be billed. It can move from release to release; far forward, or with another description, it begins a second life of the code. NULL when blank or no date.",
	TerminationDate:            "The last day on which the code may be billed: that day itself is still valid. NULL while no end is known. It may lie in the future.",
}

// recordDefinitions defines the record's fields in the order of Layout, with
// the names and positions that stand there.
func recordDefinitions() []Definition {
	defined := make([]Definition, 0, FieldCount)
	for _, info := range Layout {
		width := info.End - info.Begin + 1
		defined = append(defined, Definition{
			Name:       info.Name,
			Title:      info.Title,
			Definition: fieldDefinitions[info.Field],
			Source:     positions(info.Begin, info.Begin+width*info.Occurs-1, info.Headers...),
		})
	}
	return defined
}

// positions says where a value stands in CMS's files.
func positions(begin, end int, headers ...string) string {
	var source strings.Builder
	if begin == end {
		fmt.Fprintf(&source, "record layout, position %d", begin)
	} else {
		fmt.Fprintf(&source, "record layout, positions %d-%d", begin, end)
	}
	fmt.Fprintf(&source, "; spreadsheet %s", headers[0])
	if len(headers) > 1 {
		fmt.Fprintf(&source, " to %s", headers[len(headers)-1])
	}
	return source.String()
}

// derivedDefinitions defines what the program works out from the releases
// (design.md).
var derivedDefinitions = []Definition{
	{
		"release", "Release",
		"One publication of CMS's file: its quarter and a revision number, as 2025Q4r1. CMS publishes some quarters several times; a new revision is one whose main file has other bytes.",
		"derived from the file's quarter and its content",
	},
	{
		"previous_release", "Release before",
		"The release before this one in the order of quarter and revision, with which it was compared. NULL for the first.",
		"derived from the releases in hand",
	},
	{
		"life", "Life",
		"Which meaning of the code this is, counted from 1. CMS has given some forty old codes to something new; what is said of one life says nothing of another.",
		"derived from added dates and descriptions",
	},
	{
		"status", "Status",
		"In codes: where the code stands today. In code_history: active up to and including the termination date, terminated after it.",
		"derived from added date, termination date and the latest release",
	},
	{
		"listed", "Listed",
		"True while CMS's files carry the code. A code that CMS leaves out has not thereby ended.",
		"derived from the code's presence in a release",
	},
	{
		"attested", "Attested",
		"True where a release says what the record was on these dates. False where it was not in any file: before the first change seen, across a missing release, or while a live code was left out.",
		"derived from the releases in hand",
	},
	{
		"valid_from", "Valid from",
		"The first day on which this record holds, inclusive.",
		"derived; valid_from_basis says from what",
	},
	{
		"valid_to", "Valid to",
		"The day from which this record no longer holds, exclusive; 9999-12-31 where no end is known. After a termination this is the day following the termination date.",
		"derived from the next start or the termination date",
	},
	{
		"known_from", "Known from",
		"The first release that says so, inclusive.",
		"derived from the order of releases",
	},
	{
		"known_to", "Known to",
		"The release that says otherwise, exclusive. NULL while it is still what we know.",
		"derived from the order of releases",
	},
	{
		"known_from_published", "Known from, published",
		"When the release known_from was published. NULL when that is unknown; it is never the time of a download.",
		"time stamps of the web server, the ZIP or the workbook",
	},
	{
		"known_to_published", "Known to, published",
		"When the release known_to was published. NULL when that is unknown, or while the row is still what we know.",
		"time stamps of the web server, the ZIP or the workbook",
	},
	{
		"valid_from_basis", "Basis of valid from",
		"What the start of these dates rests on, one word.",
		"derived with valid_from",
	},
	{
		"change", "Change",
		"What happened to the code from the release before to this one, one word for a code and release. It is read from the two records, not from the action code.",
		"derived from two releases",
	},
	{
		"observed_actions", "Observed actions",
		"The action codes that the differences in the data stand for, sorted. NULL when nothing differs.",
		"derived from two releases",
	},
	{
		"agreement", "Agreement",
		"Whether the action code that CMS declares is what the data show. NULL for codes that are absent and where only the action effective date moved.",
		"derived from action_code and observed_actions",
	},
	{
		"effective_date", "Effective date",
		"Of a release: the first day of its quarter. Of a change: the day from which it holds; for a code left out, the first day of the quarter. NULL where CMS gives none for an action.",
		"derived from the quarter, or from the dates of the record",
	},
	{
		"timing", "Timing",
		"Where the effective date of a change lies against the quarter of its release. NULL in the first release and after a missing one.",
		"derived from effective_date and the quarter",
	},
	{
		"timing_days", "Timing in days",
		"Days from the first day of the release's quarter to the effective date, negative for the past. NULL where timing is.",
		"derived from effective_date and the quarter",
	},
	{
		"description_similarity", "Similarity of descriptions",
		"How alike the long descriptions before and after are, from 0 (nothing in common) to 1 (the same), counted in words; letter case and typography do not count. A low value under a plain C hints at a new meaning. NULL where there is only one description.",
		"derived from two releases",
	},
	{
		"replacements", "Replacements",
		"The codes to which a terminated code's cross-references lead, one step. CPT codes among them are not in these files. NULL when there is none.",
		"derived from cross_references",
	},
	{
		"field", "Field",
		"The name of the column that differs.",
		"derived from two releases",
	},
	{
		"old_value", "Old value",
		"The field in the release before, as text: repeated values joined with semicolons, dates as 2020-04-01. NULL when it was blank.",
		"the release before",
	},
	{
		"new_value", "New value",
		"The field in this release, as text: repeated values joined with semicolons, dates as 2020-04-01. NULL when it is blank.",
		"this release",
	},
	{
		"typographic", "Typographic",
		"True when the field differs in letter case, white space, punctuation or lost characters only.",
		"derived from old_value and new_value",
	},
	{
		"first_release", "First release",
		"The first release in hand that carries the code, in whichever life. CMS may have published it before.",
		"derived from the releases in hand",
	},
	{
		"last_release", "Last release",
		"The last release in hand that carries the code, in whichever life; the latest one for a code that is listed now.",
		"derived from the releases in hand",
	},
	{
		"last_update", "Last update",
		"The year and the release in which the code last stood, as printed code sheets have it.",
		"derived from last_release",
	},
	{
		"source_line", "Source line",
		"The line or row of the main file on which the code's record begins, counted from 1.",
		"the main file",
	},
}
