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
		return DefinitionOf("code_list." + column)
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
		"Of a release: the first day of its quarter. Of a change: the day from which it holds; NULL where nothing turned, as for a code left out.",
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

// tableDefinitions defines the columns that stand in one table or view only.
// Where a name of another column means something else in one of them, the
// table's name is before it; code_list stands for every decode table.
var tableDefinitions = []Definition{
	{
		"release_order", "Place in order",
		"The release's place among all: year, quarter and revision as one number, as 20254001 for 2025Q4r1. Sort by it; the names sort wrongly from revision 10 on.",
		"derived from the release's name",
	},
	{
		"quarter", "Quarter",
		"The year and quarter that the file is for, as 2025Q4. Until 2020Q1 there is one file a year, as Q1.",
		"link text, file name or folder name; else the content",
	},
	{
		"revision", "Revision",
		"Which publication of the quarter's file this is, counted from 1.",
		"derived: files of one quarter whose bytes differ",
	},
	{
		"published_at", "Published",
		"When CMS published the file, in UTC. NULL when nothing tells; it is never the time of a download.",
		"see published_basis",
	},
	{
		"published_basis", "Basis of published",
		"What published_at was read from: the web server's time stamp, the file's time inside its ZIP, or the workbook's own property. NULL where published_at is.",
		"derived with published_at",
	},
	{
		"fetched_at", "Fetched",
		"When the file came into the archive, in UTC.",
		"the clock of the run that took it in",
	},
	{
		"source", "Source",
		"Where the file was found: a URL, or a path.",
		"the run that took it in",
	},
	{
		"file_name", "File name",
		"The name of the main file as CMS gave it.",
		"the ZIP or the folder",
	},
	{
		"sha256", "SHA-256",
		"The SHA-256 of the main file's bytes, in hexadecimal. Another revision has another one.",
		"the main file",
	},
	{
		"format", "Format",
		"Which of CMS's two forms of the file was read: txt (fixed width), or xlsx where there is no text.",
		"the main file",
	},
	{
		"records", "Records",
		"How many codes the release lists, procedures and modifiers together.",
		"the main file",
	},
	{
		"procedures", "Procedure codes",
		"How many procedure codes the release lists.",
		"the main file",
	},
	{
		"modifiers", "Modifiers",
		"How many modifiers the release lists.",
		"the main file",
	},
	{
		"gap", "Gap before",
		"True when a release that CMS is known to publish is missing between this one and the one before. NULL for the first, and while a release is held back.",
		"derived from the releases in hand",
	},
	{
		"state", "State",
		"Whether the release is in the tables.",
		"derived: the review of each new release",
	},
	{
		"held_because", "Held because",
		"Why the release was held back. NULL unless it is.",
		"the review of the release",
	},
	{
		"record_spans.first_release", "First release",
		"The first release that carries this record, unbroken until last_release.",
		"derived from the releases in hand",
	},
	{
		"record_spans.last_release", "Last release",
		"The last release that carries this record. NULL while the latest one does.",
		"derived from the releases in hand",
	},
	{
		"first_release_order", "Place of the first release",
		"The release_order of first_release.",
		"derived from first_release",
	},
	{
		"last_release_order", "Place of the last release",
		"The release_order of last_release. NULL while the latest release carries this record.",
		"derived from last_release",
	},
	{
		"file", "File",
		"The file in which something was found.",
		"the release",
	},
	{
		"line", "Line",
		"The line or row of that file, counted from 1. NULL where the finding is about no single line.",
		"the file",
	},
	{
		"rule", "Rule",
		"What is wrong, one word for each kind of finding.",
		"derived from the file",
	},
	{
		"raw_text", "Text as found",
		"The characters in question, as they stand in the file. NULL where there are none.",
		"the file",
	},
	{
		"findings.field", "Field",
		"The name of the column that the finding is about. NULL where it is about a whole line or code.",
		"derived from the file",
	},
	{
		"findings.code", "Code",
		"The code that the finding is about. NULL where none could be read.",
		"the file",
	},
	{
		"crosswalk.code", "Code",
		"The code that has ended or is to end, at the beginning of the way.",
		"derived from codes",
	},
	{
		"step", "Step",
		"How many steps the target is away, from 1: what replaced the code is step 1; what replaced that, step 2.",
		"derived from cross_references",
	},
	{
		"via", "By way of",
		"The code whose cross-reference leads to the target: the code itself in step 1.",
		"derived from cross_references",
	},
	{
		"target", "Target",
		"What the cross-reference names: a code, a CPT code, or the word CPT.",
		"derived from cross_references",
	},
	{
		"target_status", "State of the target",
		"Where the target stands now, or what else it is.",
		"derived from codes",
	},
	{
		"is_end", "End of the way",
		"True where no further step follows from this target.",
		"derived from cross_references",
	},
	{
		"path", "Path",
		"The codes on the way, from the code to the target, both included.",
		"derived from cross_references",
	},
	{
		"in_force_from", "In force from",
		"The first day for which the release is CMS's latest word, inclusive: the first day of its quarter.",
		"derived from the quarter",
	},
	{
		"in_force_to", "In force to",
		"The day on which the next release is due, exclusive: a year later until 2019, a quarter later since.",
		"derived from the quarter",
	},
	{
		"known_date", "Known from day",
		"The day (UTC) from which the release counts as known: the day of its publication, where that is unknown the first day of its quarter; never later than for a release that follows it.",
		"derived from published_at and effective_date",
	},
	{
		"claim_status", "Claim status",
		"What to say of a code on a claim with that date of service. NULL for no code or no date.",
		"derived from code_history and the releases in hand",
	},
	{
		"date_coverage", "Coverage of the date",
		"Whether the releases in hand can tell which codes there were on a date.",
		"derived from the releases in hand",
	},
	{
		"known_from_date", "Known from day",
		"The first day (UTC) on which this was known, inclusive.",
		"derived: known_date of the release that says so",
	},
	{
		"known_to_date", "Known to day",
		"The day (UTC) on which something else became known, exclusive; 9999-12-31 while it is still what we know.",
		"derived: known_date of the release that says otherwise",
	},
	{
		"known_from_order", "Known from, place",
		"The release_order of the first release that says so, inclusive.",
		"derived from known_from",
	},
	{
		"known_to_order", "Known to, place",
		"The release_order of the release that says otherwise, exclusive; 99999999 while it is still what we know.",
		"derived from known_to",
	},
	{
		"code_list.value", "Value",
		"The value as it stands in the record.",
		"CMS's record layouts of 2016, 2019 and 2026",
	},
	{
		"code_list.meaning", "Meaning",
		"What the value means, in our words.",
		"CMS's record layouts of 2016, 2019 and 2026",
	},
	{
		"code_list.heading", "Heading",
		"The group that the value belongs to. NULL for none.",
		"CMS's record layouts, or ours",
	},
	{
		"code_list.valid_from", "Valid from",
		"The first day on which the value has this meaning, inclusive. NULL where the layouts set no bound.",
		"CMS's record layouts of 2016, 2019 and 2026",
	},
	{
		"code_list.valid_to", "Valid to",
		"The day from which the value no longer has this meaning, exclusive. NULL where the layouts set no bound.",
		"CMS's record layouts of 2016, 2019 and 2026",
	},
	{
		"code_list.note", "Note",
		"What else one has to know, such as an earlier meaning. NULL for nothing.",
		"CMS's record layouts, and what the releases show",
	},
	{
		"fields.name", "Column",
		"The column's name in every table; with a table's name before it where it means something else there, code_list for the decode tables.",
		"this program",
	},
	{
		"fields.title", "Title",
		"The column's name on a page.",
		"this program",
	},
	{
		"fields.definition", "Definition",
		"What the column is, its format or unit, and what NULL means.",
		"this program",
	},
	{
		"fields.source", "Source",
		"Where the value comes from: positions of CMS's record, or what it is derived from.",
		"this program",
	},
	{
		"processing_note_text", "Processing note",
		"The text behind the code's processing note number, as in the latest list in hand. NULL where the code has no note, or no list has it.",
		"the companion file",
	},
	{
		"noc_list", "NOC list",
		"The quarter of the latest list in hand of codes for what is not otherwise classified that names the code, such as 2019Q1. NULL where none does.",
		"the companion file",
	},
	{
		"sheet", "Sheet",
		"The sheet of the workbook. Empty where the file has none.",
		"the companion file",
	},
	{
		"label", "Label",
		"What the transaction report says was done to the code, in CMS's words.",
		"CMS's transaction report",
	},
	{
		"transaction_reports.release", "Release",
		"The release that the file came with. NULL where it came by itself, and is of its quarter only.",
		"the ZIP or folder",
	},
	{
		"transaction_reports.action_code", "Action code",
		"The action code that the label stands for. NULL for a label that is not known.",
		"derived from label",
	},
	{
		"corrections.release", "Release",
		"The release that the file came with. NULL where it came by itself, and is of its quarter only.",
		"the ZIP or folder",
	},
	{
		"corrections.code", "Code",
		"The code that is corrected. NULL where the row names none.",
		"CMS's list of corrections",
	},
	{
		"correction", "Correction",
		"What is corrected, in CMS's words; nothing of it is interpreted, and a later correction can take it back. NULL when blank.",
		"CMS's list of corrections",
	},
	{
		"corrections.effective_date", "Effective date",
		"The day from which the correction holds. NULL where the row gives none.",
		"CMS's list of corrections",
	},
	{
		"details", "Details",
		"The other cells of the row, each as HEADER: value. NULL when there are none.",
		"CMS's list of corrections",
	},
	{
		"noc_codes.release", "Release",
		"The release that the file came with. NULL where it came by itself, and is of its quarter only.",
		"the ZIP or folder",
	},
	{
		"noc_codes.code", "Code",
		"A code for what is not otherwise classified.",
		"CMS's list of such codes",
	},
	{
		"description", "Description",
		"The description in CMS's list of codes for what is not otherwise classified. NULL when blank.",
		"CMS's list of such codes",
	},
	{
		"added_date", "Added date",
		"The code's added date in that list. NULL when blank.",
		"CMS's list of such codes",
	},
	{
		"noc_codes.termination_date", "Termination date",
		"The last day on which the code may be billed, in that list. NULL when blank.",
		"CMS's list of such codes",
	},
	{
		"processing_notes.release", "Release",
		"The release that the file came with. NULL where it came by itself, and is of its quarter only.",
		"the ZIP or folder",
	},
	{
		"note", "Number of the note",
		"The number of the processing note, four digits, as in processing_note.",
		"CMS's list of processing notes",
	},
	{
		"text", "Text of the note",
		"The note, in CMS's words.",
		"CMS's list of processing notes",
	},
	{
		"companion_findings.release", "Release",
		"The release that the file came with. NULL where it came by itself, and is of its quarter only.",
		"the ZIP or folder",
	},
	{
		"companion_findings.field", "Field",
		"The name of the column that the finding is about. NULL where it is about a whole line or code.",
		"derived from the file",
	},
	{
		"companion_findings.code", "Code",
		"The code that the finding is about. NULL where none could be read.",
		"the file",
	},
	{
		"schema_version", "Version of the tables",
		"The version of the tables; it rises when tables or columns change.",
		"this program",
	},
	{
		"rules_version", "Version of the rules",
		"The version of the rules by which changes and history are derived; it rises when the same releases give other rows.",
		"this program",
	},
	{
		"fingerprint", "Fingerprint",
		"A hash of all that the file was made from: releases, rules, code lists, statements. Equal fingerprints mean equal content.",
		"derived",
	},
}
