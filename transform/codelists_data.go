package transform

import "slices"

// The values below are those of CMS's record layouts, in their order. A value
// that a layout drops stays here: old releases still carry it.

// pricingIndicators: positions 120-127. 40 is new in the layout of 2026.
var pricingIndicators = slices.Concat(
	[]CodeValue{
		{Value: "00", Meaning: "Part B sets no separate price", Note: "Not covered, bundled, or for Part A only."},
	},
	under("Physician fee schedule and practitioners linked to it",
		CodeValue{Value: "11", Meaning: "National relative value units"},
		CodeValue{Value: "12", Meaning: "National anesthesia base units"},
		CodeValue{Value: "13", Meaning: "Priced by the Medicare contractor", Note: "Unclassified services, single decisions, its own discretion."},
	),
	under("Clinical Lab Fee Schedule",
		CodeValue{Value: "21", Meaning: "Capped by the national limitation amount"},
		CodeValue{Value: "22", Meaning: "Priced by the Medicare contractor", Note: "Gap-filled prices and panels that it puts together, for instance."},
	),
	under("DMEPOS and surgical dressings",
		CodeValue{Value: "31", Meaning: "Equipment in need of frequent service", Note: floorsAndCeilings},
		CodeValue{Value: "32", Meaning: "Equipment that is cheap or usually bought", Note: floorsAndCeilings},
		CodeValue{Value: "33", Meaning: "Oxygen and equipment to give it", Note: floorsAndCeilings},
		CodeValue{Value: "34", Meaning: "Supplies used with equipment", Note: floorsAndCeilings},
		CodeValue{Value: "35", Meaning: "Surgical dressings", Note: floorsAndCeilings},
		CodeValue{Value: "36", Meaning: "Equipment whose rental payments are capped", Note: floorsAndCeilings},
		CodeValue{Value: "37", Meaning: "Supplies for ostomy, tracheostomy and urology", Note: floorsAndCeilings},
		CodeValue{Value: "38", Meaning: "Orthoses, prostheses, prosthetic devices and vision services", Note: floorsAndCeilings},
		CodeValue{Value: "39", Meaning: "Parenteral and enteral nutrition"},
		CodeValue{Value: "40", Meaning: "Compression garments and supplies for lymphedema", ValidFrom: "2024-01-01"},
		CodeValue{Value: "45", Meaning: "Equipment made to measure"},
		CodeValue{Value: "46", Meaning: "Priced by the Medicare contractor", Note: "Unclassified items, single decisions, gap-filled prices, its own discretion."},
	),
	under("Other",
		CodeValue{Value: "51", Meaning: "Drugs"},
		CodeValue{Value: "52", Meaning: "Reasonable charge"},
		CodeValue{Value: "53", Meaning: "Set by statute"},
		CodeValue{Value: "54", Meaning: "Vaccinations"},
		CodeValue{Value: "55", Meaning: "Splints and casts", ValidFrom: "2014-10-01"},
		CodeValue{Value: "56", Meaning: "Intraocular lenses put in at a physician's office", ValidFrom: "2014-10-01"},
		CodeValue{Value: "57", Meaning: "Otherwise priced by the Medicare contractor"},
		CodeValue{Value: "99", Meaning: "No price established"},
	),
)

const floorsAndCeilings = "The price lies between a floor and a ceiling."

// multiplePricingIndicators: position 128.
var multiplePricingIndicators = []CodeValue{
	{Value: "9", Meaning: "Does not arise: the code has no price", Note: "Goes with pricing indicators 00 and 99."},
	{Value: "A", Meaning: "Does not arise: one method prices the code"},
	{Value: "B", Meaning: "Professional component by relative value units, technical component and the whole by the Medicare contractor"},
	{Value: "C", Meaning: "Laboratory service by the clinical laboratory fee schedule, a physician's interpretation by relative value units"},
	{Value: "D", Meaning: "Physician by relative value units, clinical psychologist by that profession's fee schedule", ValidTo: "1998-01-01"},
	{Value: "E", Meaning: "Physician by relative value units, clinical psychologist and clinical social worker each by the fee schedule of the profession", ValidTo: "1998-01-01"},
	{Value: "F", Meaning: "Physician by the Medicare contractor within the physician fee schedule, clinical psychologist and clinical social worker each by the fee schedule of the profession", ValidTo: "1998-01-01"},
	{Value: "G", Meaning: "Laboratory service by reasonable charge when the claim also carries blood products, otherwise by the clinical laboratory fee schedule"},
}

// labCertifications: positions 181-204. A laboratory certified for a group
// (100) may perform the tests of its subgroups (110, 120).
var labCertifications = slices.Concat(
	under("Histocompatibility",
		CodeValue{Value: "010", Meaning: "Histocompatibility testing"},
	),
	under("Microbiology",
		CodeValue{Value: "100", Meaning: "Microbiology"},
		CodeValue{Value: "110", Meaning: "Bacteriology"},
		CodeValue{Value: "115", Meaning: "Mycobacteriology"},
		CodeValue{Value: "120", Meaning: "Mycology"},
		CodeValue{Value: "130", Meaning: "Parasitology"},
		CodeValue{Value: "140", Meaning: "Virology"},
		CodeValue{Value: "150", Meaning: "Microbiology, other"},
	),
	under("Diagnostic immunology",
		CodeValue{Value: "200", Meaning: "Diagnostic immunology"},
		CodeValue{Value: "210", Meaning: "Serology for syphilis"},
		CodeValue{Value: "220", Meaning: "General immunology"},
	),
	under("Chemistry",
		CodeValue{Value: "300", Meaning: "Chemistry"},
		CodeValue{Value: "310", Meaning: "Routine chemistry"},
		CodeValue{Value: "320", Meaning: "Urinalysis"},
		CodeValue{Value: "330", Meaning: "Endocrinology"},
		CodeValue{Value: "340", Meaning: "Toxicology"},
		CodeValue{Value: "350", Meaning: "Chemistry, other"},
	),
	under("Hematology",
		CodeValue{Value: "400", Meaning: "Hematology"},
	),
	under("Immunohematology",
		CodeValue{Value: "500", Meaning: "Immunohematology"},
		CodeValue{Value: "510", Meaning: "Blood group (ABO) and Rh typing"},
		CodeValue{Value: "520", Meaning: "Detection of antibodies for a transfusion"},
		CodeValue{Value: "530", Meaning: "Detection of antibodies, no transfusion"},
		CodeValue{Value: "540", Meaning: "Identification of antibodies"},
		CodeValue{Value: "550", Meaning: "Compatibility testing"},
		CodeValue{Value: "560", Meaning: "Immunohematology, other"},
	),
	under("Pathology",
		CodeValue{Value: "600", Meaning: "Pathology"},
		CodeValue{Value: "610", Meaning: "Histopathology"},
		CodeValue{Value: "620", Meaning: "Oral pathology"},
		CodeValue{Value: "630", Meaning: "Cytology"},
	),
	under("Radiobioassay",
		CodeValue{Value: "800", Meaning: "Radiobioassay"},
	),
	under("Clinical cytogenetics",
		CodeValue{Value: "900", Meaning: "Clinical cytogenetics"},
	),
)

// coverageCodes: position 230.
var coverageCodes = []CodeValue{
	{Value: "C", Meaning: "The Medicare contractor decides on coverage"},
	{Value: "D", Meaning: "Covered under special instructions"},
	{Value: "I", Meaning: "Medicare does not pay the code", Note: "Other payers may, and Medicare may want another code for it."},
	{Value: "M", Meaning: "Medicare does not cover it"},
	{Value: "S", Meaning: "The Medicare statute excludes it"},
}

// ascPaymentGroups: positions 231-232.
var ascPaymentGroups = []CodeValue{
	{Value: "YY", Meaning: "Approved for ambulatory surgical centers", Note: "The amounts are in the ASC payment tables, not in these files. Blank: not approved."},
}

// mogPaymentPolicies: position 244.
var mogPaymentPolicies = []CodeValue{
	{Value: "1", Meaning: "On the list of procedures covered in an ASC"},
	{Value: "2", Meaning: "Bundled, no payment of its own"},
	{Value: "3", Meaning: "Not on the ASC list"},
	{Value: "4", Meaning: "Invalid code in its 90 days of grace"},
	{Value: "6", Meaning: "Paid separately when provided in an ASC"},
	{Value: "7", Meaning: "Covered in an ASC with restrictions"},
	{Value: "9", Meaning: "ASC payment does not apply"},
}

// typesOfService: positions 261-265.
var typesOfService = []CodeValue{
	{Value: "1", Meaning: "Medical care"},
	{Value: "2", Meaning: "Surgery"},
	{Value: "3", Meaning: "Consultation"},
	{Value: "4", Meaning: "Diagnostic radiology"},
	{Value: "5", Meaning: "Diagnostic laboratory"},
	{Value: "6", Meaning: "Therapeutic radiology"},
	{Value: "7", Meaning: "Anesthesia"},
	{Value: "8", Meaning: "Assistant at surgery"},
	{Value: "9", Meaning: "Medical items and services, other"},
	{Value: "0", Meaning: "Whole blood", ValidFrom: "1996-01-01", Note: "Until the end of 1995 packed red cells too."},
	{Value: "A", Meaning: "Durable medical equipment, used"},
	{Value: "B", Meaning: "Screening mammography at high risk", ValidTo: "1998-01-01"},
	{Value: "C", Meaning: "Screening mammography at low risk", ValidTo: "1998-01-01"},
	{Value: "D", Meaning: "Ambulance", ValidFrom: "1995-04-01"},
	{Value: "E", Meaning: "Enteral and parenteral nutrition and its supplies", ValidFrom: "1995-04-01"},
	{Value: "F", Meaning: "Use of an ambulatory surgical center for surgery"},
	{Value: "G", Meaning: "Immunosuppressive drugs"},
	{Value: "H", Meaning: "Hospice services", ValidTo: "1995-01-01"},
	{Value: "I", Meaning: "Durable medical equipment, bought in installments", ValidTo: "1995-04-01"},
	{Value: "J", Meaning: "Shoes for diabetics", ValidFrom: "1995-04-01"},
	{Value: "K", Meaning: "Hearing items and services", ValidFrom: "1995-04-01"},
	{Value: "L", Meaning: "Supplies for end-stage renal disease", ValidFrom: "1995-04-01", Note: "Before April 1995 the supplier of a dialysis patient at home."},
	{Value: "M", Meaning: "Dialysis, paid by the month for each patient"},
	{Value: "N", Meaning: "Kidney donor"},
	{Value: "P", Meaning: "Durable medical equipment, prostheses and orthoses, bought outright"},
	{Value: "Q", Meaning: "Vision items and services"},
	{Value: "R", Meaning: "Durable medical equipment, rented"},
	{Value: "S", Meaning: "Surgical dressings and other supplies", ValidFrom: "1995-04-01"},
	{Value: "T", Meaning: "Outpatient mental health services under their payment limit", ValidFrom: "1998-01-01", Note: "Until the end of 1997 psychological therapy."},
	{Value: "U", Meaning: "Occupational therapy"},
	{Value: "V", Meaning: "Vaccine against pneumococci or influenza", ValidFrom: "1996-01-01", Note: "From April to December 1995 also against hepatitis B; before that against pneumococci only."},
	{Value: "W", Meaning: "Physical therapy"},
	{Value: "Y", Meaning: "Second opinion before elective surgery", ValidTo: "1997-01-01"},
	{Value: "Z", Meaning: "Third opinion before elective surgery", ValidTo: "1997-01-01"},
}

// actionCodes: position 293.
var actionCodes = []CodeValue{
	{Value: "A", Meaning: "Added"},
	{Value: "B", Meaning: "Administrative field and long description changed", Note: "What C and F say, in one letter."},
	{Value: "C", Meaning: "Long description changed"},
	{Value: "D", Meaning: "Discontinued", Note: "The action effective date should be the day after the termination date; on some rows it is stale."},
	{Value: "F", Meaning: "Administrative field changed", Note: "Transaction reports call it a coverage change."},
	{Value: "N", Meaning: "No maintenance", Note: "Not proof that nothing changed: codes whose record changed have carried it, some that had ended among them."},
	{Value: "P", Meaning: "Payment field changed", Note: "Pricing indicators, ASC and MOG fields, anesthesia base units."},
	{Value: "R", Meaning: "Active again after a discontinuation"},
	{Value: "S", Meaning: "Short description changed"},
	{Value: "T", Meaning: "BETOS code or type of service changed"},
}

// modifierFamily is the family of every modifier: a modifier's first character
// says nothing.
const modifierFamily = "modifier"

// codeFamilies: the first letter of a procedure code, and modifierFamily. The
// layouts do not list them.
var codeFamilies = slices.Concat(
	under("National codes",
		CodeValue{Value: "A", Meaning: "Ambulance and transport, medical and surgical supplies, radiopharmaceuticals, miscellaneous items"},
		CodeValue{Value: "B", Meaning: "Enteral and parenteral nutrition"},
		CodeValue{Value: "E", Meaning: "Durable medical equipment"},
		CodeValue{Value: "J", Meaning: "Drugs given other than by mouth, chemotherapy drugs, some oral and inhaled drugs"},
		CodeValue{Value: "L", Meaning: "Orthotic and prosthetic devices and procedures"},
		CodeValue{Value: "M", Meaning: "Quality measures and a few medical services"},
		CodeValue{Value: "P", Meaning: "Pathology and laboratory tests, blood products"},
		CodeValue{Value: "R", Meaning: "Transport of portable diagnostic equipment"},
		CodeValue{Value: "V", Meaning: "Vision, hearing and speech services"},
	),
	under("Temporary codes",
		CodeValue{Value: "C", Meaning: "Items and services under the hospital outpatient payment system", Note: "Drugs, biologicals, devices and procedures that pass through it."},
		CodeValue{Value: "G", Meaning: "Professional services and quality measures without a suitable CPT code"},
		CodeValue{Value: "H", Meaning: "Behavioral health services, mostly for state Medicaid agencies"},
		CodeValue{Value: "K", Meaning: "Equipment and supplies for the contractors that process DME claims"},
		CodeValue{Value: "Q", Meaning: "Drugs, biologicals, casts, hospice places and other items until they have a code elsewhere"},
		CodeValue{Value: "S", Meaning: "Drugs, supplies and services for private payers and Medicaid", Note: "Medicare does not pay them."},
		CodeValue{Value: "T", Meaning: "Services and items for state Medicaid agencies", Note: "Medicare does not pay them."},
		CodeValue{Value: "U", Meaning: "Coronavirus laboratory tests, in use since 2020"},
	),
	under("Not in these files",
		CodeValue{Value: "D", Meaning: "Dental procedures (CDT)", Note: "The American Dental Association owns and maintains them; no release holds them."},
	),
	under("Modifiers",
		CodeValue{Value: modifierFamily, Meaning: "Two characters that say under which circumstances a procedure was performed or an item supplied"},
	),
)
