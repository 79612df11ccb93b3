package cmstest

import (
	"slices"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// Code is one record of a release: a procedure ("E0431") or a modifier ("K7"),
// with every field of the record layout in its canonical form. Dates are
// "2020-04-01", blanks are "", a repeated field has as many values as are
// filled and is nil when none is.
type Code struct {
	Code string
	// SequenceNumber is the number of the record's first line as the text gives
	// it, five digits by hundreds. Empty stands for "00100", the only one seen.
	SequenceNumber string
	// ActionCode is the one letter CMS declares (domain.md, "Action codes").
	ActionCode          string
	ActionEffectiveDate string

	LongDescription            string
	ShortDescription           string   // 28 characters at most
	PricingIndicators          []string // 4 at most, of 2 characters
	MultiplePricingIndicator   string
	CoverageIssuesManualRefs   []string // 3 at most, of 6 characters
	MedicareCarriersManualRefs []string // 3 at most, of 8 characters
	Statute                    string   // 10 characters at most
	LabCertifications          []string // 8 at most, of 3 characters
	CrossReferences            []string // 5 at most, of 5 characters
	CoverageCode               string
	ASCPaymentGroup            string
	ASCPaymentGroupDate        string
	MOGPaymentGroup            string
	MOGPaymentPolicy           string
	MOGEffectiveDate           string
	ProcessingNote             string
	Betos                      string
	TypesOfService             []string // 5 at most, of 1 character
	// AnesthesiaBaseUnits is "" or digits. CMS prints no units as 0, which is
	// read as none, so "0" is not used.
	AnesthesiaBaseUnits string
	CodeAddedDate       string
	TerminationDate     string
}

// Release is one release: all codes CMS lists in it.
type Release struct {
	ID release.ID
	// PublishedAt is when CMS put it on its page, in UTC. The entries of its
	// ZIP and its workbooks carry this time.
	PublishedAt time.Time
	// Codes are in CMS's order: modifiers first, then procedures, each by code.
	Codes []Code
}

// IsModifier tells whether the code is a modifier, which has two characters.
func (c *Code) IsModifier() bool { return len(c.Code) == 2 }

// column gives the code as it stands in columns 1-5: a modifier is three
// blanks and its two characters. It is also what CMS sorts by.
func (c *Code) column() string {
	if c.IsModifier() {
		return "   " + c.Code
	}
	return c.Code
}

// sequence gives the first line's sequence number, five digits.
func (c *Code) sequence() string {
	if c.SequenceNumber == "" {
		return "00100"
	}
	return c.SequenceNumber
}

// recordType gives column 11 of the record's first line.
func (c *Code) recordType() byte {
	if c.IsModifier() {
		return '7'
	}
	return '3'
}

// field is one element of a record's content, as text: repeated values joined
// with ";", dates as "2020-04-01", nothing as "".
type field struct {
	name string
	get  func(*Code) string
	set  func(*Code, string)
}

// fields lists the content of a record in the order of the layout, under the
// column names of the program's tables. Sequence number, action code and
// action effective date are not content (design.md, "Comparison").
var fields = []field{
	textField("long_description", func(c *Code) *string { return &c.LongDescription }),
	textField("short_description", func(c *Code) *string { return &c.ShortDescription }),
	listField("pricing_indicators", func(c *Code) *[]string { return &c.PricingIndicators }),
	textField("multiple_pricing_indicator", func(c *Code) *string { return &c.MultiplePricingIndicator }),
	listField("coverage_issues_manual_refs", func(c *Code) *[]string { return &c.CoverageIssuesManualRefs }),
	listField("medicare_carriers_manual_refs", func(c *Code) *[]string { return &c.MedicareCarriersManualRefs }),
	textField("statute", func(c *Code) *string { return &c.Statute }),
	listField("lab_certifications", func(c *Code) *[]string { return &c.LabCertifications }),
	listField("cross_references", func(c *Code) *[]string { return &c.CrossReferences }),
	textField("coverage_code", func(c *Code) *string { return &c.CoverageCode }),
	textField("asc_payment_group", func(c *Code) *string { return &c.ASCPaymentGroup }),
	textField("asc_payment_group_date", func(c *Code) *string { return &c.ASCPaymentGroupDate }),
	textField("mog_payment_group", func(c *Code) *string { return &c.MOGPaymentGroup }),
	textField("mog_payment_policy", func(c *Code) *string { return &c.MOGPaymentPolicy }),
	textField("mog_effective_date", func(c *Code) *string { return &c.MOGEffectiveDate }),
	textField("processing_note", func(c *Code) *string { return &c.ProcessingNote }),
	textField("betos", func(c *Code) *string { return &c.Betos }),
	listField("types_of_service", func(c *Code) *[]string { return &c.TypesOfService }),
	textField("anesthesia_base_units", func(c *Code) *string { return &c.AnesthesiaBaseUnits }),
	textField("code_added_date", func(c *Code) *string { return &c.CodeAddedDate }),
	textField("termination_date", func(c *Code) *string { return &c.TerminationDate }),
}

func textField(name string, at func(*Code) *string) field {
	return field{
		name: name,
		get:  func(c *Code) string { return *at(c) },
		set:  func(c *Code, value string) { *at(c) = value },
	}
}

// listField never alters a list in place, because releases share theirs.
func listField(name string, at func(*Code) *[]string) field {
	return field{
		name: name,
		get:  func(c *Code) string { return strings.Join(*at(c), ";") },
		set: func(c *Code, value string) {
			*at(c) = nil
			if value != "" {
				*at(c) = strings.Split(value, ";")
			}
		},
	}
}

// layoutOrder gives the place of each field in fields.
var layoutOrder = func() map[string]int {
	order := make(map[string]int, len(fields))
	for i, field := range fields {
		order[field.name] = i
	}
	return order
}()

func fieldNamed(name string) field {
	at, known := layoutOrder[name]
	if !known {
		panic("cmstest: no field is named " + name)
	}
	return fields[at]
}

// FieldNames lists the fields of a record's content by their column names, in
// the order of the layout.
func FieldNames() []string {
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.name
	}
	return names
}

// Value gives a field of the content by its column name, repeated values
// joined with ";". It panics where there is no such field.
func (c *Code) Value(name string) string { return fieldNamed(name).get(c) }

// SetValue sets a field of the content by its column name, repeated values
// joined with ";". It panics where there is no such field.
func (c *Code) SetValue(name, value string) { fieldNamed(name).set(c, value) }

// Find gives a code of the release, or nil when CMS does not list it.
func (r *Release) Find(code string) *Code {
	for i := range r.Codes {
		if r.Codes[i].Code == code {
			return &r.Codes[i]
		}
	}
	return nil
}

// Sort puts the codes into CMS's order.
func (r *Release) Sort() {
	slices.SortFunc(r.Codes, func(a, b Code) int { return strings.Compare(a.column(), b.column()) })
}

// Change kinds (design.md, "change").
const (
	Added        = "added"
	Reappeared   = "reappeared"
	Reused       = "reused"
	Changed      = "changed"
	Discontinued = "discontinued"
	Reactivated  = "reactivated"
	Vanished     = "vanished"
	AgedOff      = "aged_off"
	DateOnly     = "date_only"
	DeclaredOnly = "declared_only"
)

// ActionEffectiveDate names what is no content and still is shown where it is
// all that moved (DateOnly).
const ActionEffectiveDate = "action_effective_date"

// Change is one thing that was done to a code between a release and the one
// before it: one Change for each altered field, or a single one without field
// and values where the whole record came or went, or an action was declared for
// nothing (Added, Reappeared, Vanished, AgedOff, DeclaredOnly, and Reused after
// an absence). What a revision of the same quarter repeats of the declarations
// before it is no change.
type Change struct {
	Release, PreviousRelease release.ID
	Code                     string
	Kind                     string
	Field                    string // column name, ActionEffectiveDate, or "" for the whole record
	Old, New                 string // repeated values joined with ";"
}

// History is a series of releases and all that was changed between them. The
// first release is the baseline: nothing in it counts as a change.
type History struct {
	Releases []Release
	Changes  []Change
}
