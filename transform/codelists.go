package transform

import "slices"

// A CodeList says what the values of one column mean: one decode table.
type CodeList struct {
	// Table is the decode table's name.
	Table string
	// Fields are the fields of the record that take their values from this
	// list. None for action_codes and code_families, which explain what stands
	// beside the content.
	Fields []Field
	// Title names the list on a page.
	Title string
	// Values are in the order of the record layout, each value once.
	Values []CodeValue

	index map[string]int // value to its place in Values
}

// A CodeValue is one row of a decode table. The values and the dates come from
// CMS's record layouts of 2016, 2019 and 2026; the wording is ours.
type CodeValue struct {
	Value   string
	Meaning string
	// Group is the heading under which the value stands, "" for none: the
	// layout's, or ours where it has none (BETOS, laboratory certifications,
	// code families).
	Group string
	// ValidFrom (inclusive) and ValidTo (exclusive) bound the dates on which
	// the value has this meaning, as 2014-10-01; "" where the layout sets no
	// bound.
	ValidFrom, ValidTo string
	// Note is what else one has to know, such as an earlier meaning; "" for
	// nothing.
	Note string
}

// codeLists is every decode table, in the order of the record layout, then
// what is read off the code itself.
var codeLists = []CodeList{
	newCodeList("pricing_indicators", "Pricing indicators", pricingIndicators, PricingIndicators),
	newCodeList("multiple_pricing_indicators", "Multiple pricing indicators", multiplePricingIndicators, MultiplePricingIndicator),
	newCodeList("lab_certifications", "Laboratory certification codes", labCertifications, LabCertifications),
	newCodeList("coverage_codes", "Coverage codes", coverageCodes, CoverageCode),
	newCodeList("asc_payment_groups", "ASC payment groups", ascPaymentGroups, ASCPaymentGroup),
	newCodeList("mog_payment_groups", "MOG payment groups", mogPaymentGroups, MOGPaymentGroup),
	newCodeList("mog_payment_policies", "MOG payment policy indicators", mogPaymentPolicies, MOGPaymentPolicy),
	newCodeList("betos", "BETOS codes", betosCodes, Betos),
	newCodeList("types_of_service", "Types of service", typesOfService, TypesOfService),
	newCodeList("action_codes", "Action codes", actionCodes),
	newCodeList("code_families", "Code families", codeFamilies),
}

var (
	codeListOfTable = indexByTable()
	codeListOfField = indexByField() // nil for a field whose values are free
)

// CodeLists gives every decode table. Their values are shared: read only.
func CodeLists() []CodeList { return slices.Clone(codeLists) }

// Decode says what a value means in the decode table of that name. It is false
// where there is no such table, or no such value in it.
func Decode(list, value string) (CodeValue, bool) {
	table, ok := codeListOfTable[list]
	if !ok {
		return CodeValue{}, false
	}
	return table.Lookup(value)
}

// ListNamed finds a code list by the name of its decode table.
func ListNamed(table string) (CodeList, bool) {
	list, ok := codeListOfTable[table]
	if !ok {
		return CodeList{}, false
	}
	return *list, true
}

// ListOf gives the code list from which a field takes its values. It is false
// for fields whose values are free: text, dates, numbers, references.
func ListOf(field Field) (CodeList, bool) {
	if field < 0 || int(field) >= FieldCount || codeListOfField[field] == nil {
		return CodeList{}, false
	}
	return *codeListOfField[field], true
}

// Has tells whether the list has the value. The dates on which a value is in
// force are not looked at: releases carry values long ended, such as
// type of service B on G9949 (2020 to 2025).
func (l CodeList) Has(value string) bool {
	_, ok := l.index[value]
	return ok
}

// Lookup finds a value of the list.
func (l CodeList) Lookup(value string) (CodeValue, bool) {
	place, ok := l.index[value]
	if !ok {
		return CodeValue{}, false
	}
	return l.Values[place], true
}

func newCodeList(table, title string, values []CodeValue, fields ...Field) CodeList {
	index := make(map[string]int, len(values))
	for place, value := range values {
		index[value.Value] = place
	}
	return CodeList{Table: table, Fields: fields, Title: title, Values: values, index: index}
}

func indexByTable() map[string]*CodeList {
	index := make(map[string]*CodeList, len(codeLists))
	for place := range codeLists {
		index[codeLists[place].Table] = &codeLists[place]
	}
	return index
}

func indexByField() [FieldCount]*CodeList {
	var index [FieldCount]*CodeList
	for place := range codeLists {
		for _, field := range codeLists[place].Fields {
			index[field] = &codeLists[place]
		}
	}
	return index
}

// under puts values under one heading.
func under(heading string, values ...CodeValue) []CodeValue {
	for place := range values {
		values[place].Group = heading
	}
	return values
}
