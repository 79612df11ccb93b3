package transform

// Rule names what a finding says. The names are a contract: analysts count by
// them.
type Rule string

// The rules. Each stands for an irregularity of domain.md, "How the data
// misbehaves", or for damage that a file may have taken.
const (
	// RuleUnreadableLine: a line after the preamble that is no record.
	RuleUnreadableLine Rule = "unreadable_line"
	// RuleOrphanContinuation: a continuation of a code that has no first line.
	RuleOrphanContinuation Rule = "orphan_continuation"
	// RuleDuplicateCode: a second first line of a code, or a line that goes on with
	// it; the first record counts.
	RuleDuplicateCode Rule = "duplicate_code"
	// RuleCorruptCode: stray characters beside a code that can be read.
	RuleCorruptCode Rule = "corrupt_code"
	// RuleWrongRecordType: the record type of a modifier on a procedure code, or
	// the other way round; the code counts.
	RuleWrongRecordType Rule = "wrong_record_type"
	// RuleCorruptSequence: a sequence number with blanks for digits.
	RuleCorruptSequence Rule = "corrupt_sequence_number"
	// RuleSequenceBreak: a continuation line whose sequence number does not follow
	// that of the line before of its record: one may be missing, repeated, or out
	// of place.
	RuleSequenceBreak Rule = "sequence_break"
	// RuleLineTooShort: a first line that ends before the action code.
	RuleLineTooShort Rule = "line_too_short"
	// RuleLineTooLong: text beyond the columns that the layout defines.
	RuleLineTooLong Rule = "line_too_long"
	// RuleTab: a tab inside a record, which may have shifted what follows.
	RuleTab Rule = "tab_in_record"
	// RuleControlCharacter: a character inside a record that no text has; a blank
	// was loaded.
	RuleControlCharacter Rule = "control_character"
	// RuleUnparseableDate: a date that is none; NULL was loaded.
	RuleUnparseableDate Rule = "unparseable_date"
	// RuleImplausibleDate: a date that cannot be, such as one of year 0020; it
	// was loaded, and moves nothing in history.
	RuleImplausibleDate Rule = "implausible_date"
	// RuleUnparseableNumber: base units that are no number; NULL was loaded.
	RuleUnparseableNumber Rule = "unparseable_number"
	// RuleUnknownValue: a value that CMS's code list does not have.
	RuleUnknownValue Rule = "unknown_value"
	// RuleShiftedASC: the ASC fields two columns to the left of their own.
	RuleShiftedASC Rule = "shifted_asc_fields"
	// RuleZeroProcessingNote: processing note 0000, which no appendix has.
	RuleZeroProcessingNote Rule = "zero_processing_note"
	// RuleMissingDescription: a code without a long description.
	RuleMissingDescription Rule = "missing_description"
	// RuleMissingAddedDate: a code without an added date.
	RuleMissingAddedDate Rule = "missing_added_date"
	// RuleMissingActionCode: a code without an action code.
	RuleMissingActionCode Rule = "missing_action_code"
	// RuleMissingActionDate: a code without an action effective date.
	RuleMissingActionDate Rule = "missing_action_effective_date"
	// RuleActionBeforeAdded: an action that took effect before the code was
	// added.
	RuleActionBeforeAdded Rule = "action_before_added"
	// RuleTerminatedBeforeAdded: a code that ended before it was added.
	RuleTerminatedBeforeAdded Rule = "terminated_before_added"
	// RuleStaleDiscontinuation: a declared discontinuation whose action
	// effective date is not the day after the termination date.
	RuleStaleDiscontinuation Rule = "stale_discontinuation_date"
	// RuleLostCharacter: question marks between blanks, where the file had
	// characters that its encoding could not hold.
	RuleLostCharacter Rule = "lost_character"
	// RuleUnencodable: a character of a UTF-8 file that CMS's own encoding
	// (Windows 1252) does not have; a question mark was loaded.
	RuleUnencodable Rule = "unencodable_character"
	// RuleUnreadableFile: a companion of which nothing could be read.
	RuleUnreadableFile Rule = "unreadable_file"
	// RuleLiveCrossReference: a cross-reference on a code that is not
	// terminated.
	RuleLiveCrossReference Rule = "cross_reference_on_live_code"
)

// RuleMeanings says each rule in words, in the order in which reports show
// them.
var RuleMeanings = []struct {
	Rule    Rule
	Meaning string
}{
	{RuleUnreadableFile, "a file of which nothing could be read; it was left out"},
	{RuleUnreadableLine, "a line after the preamble that is no record; it was left out"},
	{RuleOrphanContinuation, "a continuation line of a code without a first line; it was left out"},
	{RuleDuplicateCode, "a second record of a code; the first one counts"},
	{RuleCorruptCode, "stray characters beside the code; it was read without them"},
	{RuleWrongRecordType, "a record type of the other kind; it was read by its code"},
	{RuleCorruptSequence, "a sequence number with blanks for digits; the line was read all the same"},
	{RuleSequenceBreak, "a continuation line that does not follow the line before it by its sequence number; it was joined as it stands"},
	{RuleLineTooShort, "a first line that ends before its action code"},
	{RuleLineTooLong, "text beyond the columns of the layout; it was left out"},
	{RuleTab, "a tab inside a record; it counts as one character"},
	{RuleControlCharacter, "a control character inside a record; a blank was loaded"},
	{RuleUnparseableDate, "a date that is none; NULL was loaded"},
	{RuleImplausibleDate, "a date that cannot be; it was loaded and moves nothing in history"},
	{RuleUnparseableNumber, "base units that are no number; NULL was loaded"},
	{RuleUnknownValue, "a value that CMS's code list does not have"},
	{RuleShiftedASC, "the ASC fields stand two columns to the left of their own"},
	{RuleZeroProcessingNote, "processing note 0000, which stands for none"},
	{RuleMissingDescription, "no long description"},
	{RuleMissingAddedDate, "no added date"},
	{RuleMissingActionCode, "no action code"},
	{RuleMissingActionDate, "no action effective date"},
	{RuleActionBeforeAdded, "the action effective date is earlier than the added date"},
	{RuleTerminatedBeforeAdded, "the termination date is earlier than the added date"},
	{RuleStaleDiscontinuation, "discontinued, but the action effective date is not the day after the termination date"},
	{RuleLostCharacter, "question marks where the description had other characters"},
	{RuleUnencodable, "a character that Windows 1252 does not have; a question mark was loaded"},
	{RuleLiveCrossReference, "a cross-reference on a code that is not terminated"},
}

// Finding is one thing that is wrong, or doubtful, in a file.
type Finding struct {
	File string // base name of the file
	Line int    // line or row, from 1; 0 where it concerns the whole file
	Code string // "" where no code could be read
	// Field is the column's name, "" where it concerns the whole line.
	Field string
	Rule  Rule
	// RawText is what stands there, at most maxRawText characters of it.
	RawText string
}

// maxRawText bounds what a finding quotes: a whole record line, but not a
// megabyte that someone put in place of one.
const maxRawText = 400

func quote(raw string) string {
	decoded := decodeText(raw[:min(len(raw), maxRawText)]) // one byte a character
	runes := 0
	for i := range decoded {
		if runes == maxRawText {
			return decoded[:i]
		}
		runes++
	}
	return decoded
}
