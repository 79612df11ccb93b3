package transform

// tableDefinitions defines the columns that stand in one table or view only.
// Where a name of another column means something else in one of them, the
// table's name is before it; code_values stands for every decode table.
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
		"code_number", "Number of a code",
		"A number that stands for the code, the same one in every file: the letters and digits of the code taken as digits.",
		"derived from the code",
	},
	{
		"sequence_numbers.code", "Code",
		"The code that has this sequence number. NULL: all codes of the release that have no row of their own.",
		"the main file",
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
		"crosswalk.termination_date", "Termination date",
		"The last valid day of the code, by the end from which the way leads.",
		"record layout",
	},
	{
		"target_life", "Target life",
		"Which life of the target is meant: that in force after the end, or else the last one before, or else the first. NULL for what is not in CMS's files.",
		"derived from code_history",
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
		"code_values.list", "Code list",
		"The list that the value is of: the name of its view.",
		"this program",
	},
	{
		"code_values.value", "Value",
		"The value as it stands in the record.",
		"CMS's record layouts of 2016, 2019 and 2026",
	},
	{
		"code_values.meaning", "Meaning",
		"What the value means, in our words.",
		"CMS's record layouts of 2016, 2019 and 2026",
	},
	{
		"code_values.heading", "Heading",
		"The group that the value belongs to. NULL for none.",
		"CMS's record layouts, or ours",
	},
	{
		"code_values.valid_from", "Valid from",
		"The first day on which the value has this meaning, inclusive. NULL where the layouts set no bound.",
		"CMS's record layouts of 2016, 2019 and 2026",
	},
	{
		"code_values.valid_to", "Valid to",
		"The day from which the value no longer has this meaning, exclusive. NULL where the layouts set no bound.",
		"CMS's record layouts of 2016, 2019 and 2026",
	},
	{
		"code_values.note", "Note",
		"What else one has to know, such as an earlier meaning. NULL for nothing.",
		"CMS's record layouts, and what the releases show",
	},
	{
		"fields.name", "Column",
		"The column's name in every table; with a table's name before it where it means something else there, code_values for the decode tables.",
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
