package transform

import "strconv"

// Field is one element of a record's content: what CMS says of a code, apart
// from where it sorts (sequence number) and what was done to it (action code,
// action effective date). Comparison, history, CSV, the tables' columns and
// their definitions all follow the order given here.
type Field int

// The fields, in the order of the record layout.
const (
	LongDescription Field = iota
	ShortDescription
	PricingIndicators
	MultiplePricingIndicator
	CoverageIssuesManualRefs
	MedicareCarriersManualRefs
	Statute
	LabCertifications
	CrossReferences
	CoverageCode
	ASCPaymentGroup
	ASCPaymentGroupDate
	MOGPaymentGroup
	MOGPaymentPolicy
	MOGEffectiveDate
	ProcessingNote
	Betos
	TypesOfService
	AnesthesiaBaseUnits
	CodeAddedDate
	TerminationDate

	FieldCount int = iota
)

// FieldKind says how a field's characters are read.
type FieldKind int

const (
	TextField    FieldKind = iota // blanks squeezed, NULL when blank
	ListField                     // several values, each as TextField; NULL when none
	DateField                     // YYYYMMDD, NULL when blank or unparseable
	IntegerField                  // digits, NULL when blank or 0
)

// FieldInfo is one row of the record layout.
type FieldInfo struct {
	Field Field
	// Name is the column's name in every table, in CSV and in reports.
	Name string
	// Title is the field's name as printed on a code sheet.
	Title string
	Kind  FieldKind
	// Begin and End are the positions in the fixed-width record, 1-based and
	// inclusive, of the first value; Occurs values of that width follow each
	// other (record layouts 2016 to 2026).
	Begin, End int
	Occurs     int
	// Headers are the column headers of the spreadsheet, one for each value.
	Headers []string
	// Action is the action code that stands for a difference in this field
	// (domain.md, "Action codes"; design.md, "Observed actions").
	Action byte
	// Prose marks text that people write, in which letter case, white space and
	// punctuation can differ without a difference in meaning.
	Prose bool
	// Padded marks numbers of a fixed width with leading zeros, which a
	// spreadsheet that holds them as numbers has lost.
	Padded bool
}

// Layout is the record layout, one row for each Field, indexed by Field.
var Layout = [FieldCount]FieldInfo{
	{LongDescription, "long_description", "Long description", TextField, 12, 91, 1, []string{"LONG DESCRIPTION"}, 'C', true, false},
	{ShortDescription, "short_description", "Short description", TextField, 92, 119, 1, []string{"SHORT DESCRIPTION"}, 'S', true, false},
	{PricingIndicators, "pricing_indicators", "Pricing indicators", ListField, 120, 121, 4, numbered("PRICE", 4), 'P', false, true},
	{MultiplePricingIndicator, "multiple_pricing_indicator", "Multiple pricing indicator", TextField, 128, 128, 1, []string{"MULT_PI"}, 'P', false, false},
	{CoverageIssuesManualRefs, "coverage_issues_manual_refs", "Coverage issues manual references", ListField, 129, 134, 3, numbered("CIM", 3), 'F', true, false},
	{MedicareCarriersManualRefs, "medicare_carriers_manual_refs", "Medicare carriers manual references", ListField, 147, 154, 3, numbered("MCM", 3), 'F', true, false},
	{Statute, "statute", "Statute", TextField, 171, 180, 1, []string{"STATUTE"}, 'F', true, false},
	{LabCertifications, "lab_certifications", "Lab certification codes", ListField, 181, 183, 8, numbered("LABCERT", 8), 'F', false, true},
	{CrossReferences, "cross_references", "Cross-reference codes", ListField, 205, 209, 5, numbered("XREF", 5), 'F', false, false},
	{CoverageCode, "coverage_code", "Coverage code", TextField, 230, 230, 1, []string{"COV"}, 'F', false, false},
	{ASCPaymentGroup, "asc_payment_group", "ASC payment group", TextField, 231, 232, 1, []string{"ASC_GRP"}, 'P', false, false},
	{ASCPaymentGroupDate, "asc_payment_group_date", "ASC payment group effective date", DateField, 233, 240, 1, []string{"ASC_DT"}, 'P', false, false},
	{MOGPaymentGroup, "mog_payment_group", "MOG payment group", TextField, 241, 243, 1, []string{"OPPS"}, 'P', false, true},
	{MOGPaymentPolicy, "mog_payment_policy", "MOG payment policy indicator", TextField, 244, 244, 1, []string{"OPPS_PI"}, 'P', false, false},
	{MOGEffectiveDate, "mog_effective_date", "MOG effective date", DateField, 245, 252, 1, []string{"OPPS_DT"}, 'P', false, false},
	{ProcessingNote, "processing_note", "Processing note number", TextField, 253, 256, 1, []string{"PROCNOTE"}, 'F', false, true},
	{Betos, "betos", "BETOS code", TextField, 257, 259, 1, []string{"BETOS"}, 'T', false, false},
	{TypesOfService, "types_of_service", "Types of service", ListField, 261, 261, 5, numbered("TOS", 5), 'T', false, false},
	{AnesthesiaBaseUnits, "anesthesia_base_units", "Anesthesia base units", IntegerField, 266, 268, 1, []string{"ANEST_BU"}, 'P', false, false},
	{CodeAddedDate, "code_added_date", "Code added date", DateField, 269, 276, 1, []string{"ADD DT"}, 'F', false, false},
	{TerminationDate, "termination_date", "Termination date", DateField, 285, 292, 1, []string{"TERM DT"}, 'D', false, false},
}

// What stands in a record beside its content, 1-based and inclusive.
const (
	codeBegin, codeEnd                               = 1, 5
	modifierBegin, modifierEnd                       = 4, 5
	sequenceBegin, sequenceEnd                       = 6, 10
	recordTypePosition                               = 11
	actionEffectiveDateBegin, actionEffectiveDateEnd = 277, 284
	actionCodePosition                               = 293
)

// The spreadsheet's headers for what stands beside the content.
const (
	headerCode                = "HCPC"
	headerSequenceNumber      = "SEQNUM"
	headerRecordType          = "RECID"
	headerActionEffectiveDate = "ACT EFF DT"
	headerActionCode          = "ACTION CD"
)

// numbered gives the headers PRICE1, PRICE2, …
func numbered(name string, count int) []string {
	headers := make([]string, count)
	for i := range headers {
		headers[i] = name + strconv.Itoa(i+1)
	}
	return headers
}

// String gives the field's column name.
func (f Field) String() string { return Layout[f].Name }

// FieldNamed finds a field by its column name.
func FieldNamed(name string) (Field, bool) {
	for _, info := range Layout {
		if info.Name == name {
			return info.Field, true
		}
	}
	return 0, false
}
