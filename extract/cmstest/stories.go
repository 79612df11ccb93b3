package cmstest

// story is what happens to one code of the sample releases, written by hand.
type story struct {
	code    string
	numbers string // what it shows of domain.md, "How the data misbehaves"; "" for what is regular
	about   string // one line for the table of the samples
	// listed is the first release that has the code; "" for the baseline.
	listed string
	// action and dated are declared in that release; "" for N and the added date.
	action, dated string
	// record are the values of the first record. What is not in it is as usual
	// for the code's letter.
	record content
	steps  []step
}

// content are values by column name, repeated ones joined with ";".
type content map[string]string

// step is what is done to the code in one release. An action is declared for
// that release alone; what is not mentioned stays.
type step struct {
	release string
	kind    string // as in Change; "" for what only the workbook has
	action  string // "" for N
	dated   string // the new action effective date; "" keeps it, blankDate blanks it
	set     content
	// workbook are values that the release's xlsx has in place of the txt's;
	// "action_effective_date" may be among them.
	workbook content
}

const blankDate = "-"

// Releases of the samples: six quarters, the fourth published twice.
const (
	q1    = "2020Q1r1"
	q2    = "2020Q2r1"
	q3    = "2020Q3r1"
	q4    = "2020Q4r1"
	q4v2  = "2020Q4r2"
	q1of2 = "2021Q1r1"
	q2of2 = "2021Q2r1"
)

// stories are in the order of domain.md's numbers.
var stories = []story{
	// Regular, for comparison.
	{code: "J7261", about: "the revision of 2020Q4 changes its long description and nothing else", record: content{
		"long_description": "Injection, nefluparin sodium, long acting, 10 mg", "short_description": "Inj nefluparin la 10 mg", "code_added_date": "2014-01-01"},
		steps: []step{{release: q4v2, kind: Changed, set: content{"long_description": "Injection, nefluparin sodium, long acting, 20 mg"}}}},
	{code: "G7301", about: "anesthesia base units set, as P", record: content{
		"long_description": "Sedation by a second clinician during a staged nerve repair, first hour", "short_description": "Sedation nerve repair 1st hr", "code_added_date": "2012-01-01"},
		steps: []step{{release: q2, kind: Changed, action: "P", dated: "2020-04-01", set: content{"anesthesia_base_units": "5"}}}},
	{code: "S7071", about: "re-activated with R on 2020-10-01, terminated since 2019-12-31", action: "D", dated: "2020-01-01", record: content{
		"long_description": "Retreat day for those who nurse a relative, per day", "short_description": "Retreat day for carers", "code_added_date": "2008-07-01", "termination_date": "2019-12-31"},
		steps: []step{{release: q4, kind: Reactivated, action: "R", dated: "2020-10-01", set: content{"termination_date": ""}}}},
	{code: "E7092", about: "a termination announced half a year ahead", record: content{
		"long_description": "Chair arm trough, hand cranked, for one who cannot lift an arm, each", "short_description": "Chair arm trough cranked", "code_added_date": "1999-01-01"},
		steps: []step{{release: q3, kind: Discontinued, action: "D", dated: "2021-01-01", set: content{"termination_date": "2020-12-31"}}}},
	{code: "A7281", about: "a coverage code that is in no code list, and back", record: content{
		"long_description": "Spout cap, beaded rim, per 10", "short_description": "Spout cap beaded per 10", "code_added_date": "2003-01-01"},
		steps: []step{
			{release: q3, kind: Changed, action: "F", dated: "2020-07-01", set: content{"coverage_code": "X"}},
			{release: q4, kind: Changed, action: "F", dated: "2020-10-01", set: content{"coverage_code": "D"}}}},
	{code: "G7251", about: "a long description of many lines", record: content{
		"long_description": veryLong, "short_description": "Yearly review frail patient", "code_added_date": "2019-01-01"},
		steps: []step{{release: q1of2, kind: Changed, action: "C", dated: "2021-01-01", set: content{"long_description": veryLong + "; all of it on one day"}}}},
	{code: "L7304", about: "BETOS and types of service, as T", record: content{
		"long_description": "Ankle cage, titanium, per pair", "short_description": "Ankle cage titanium pair", "code_added_date": "2006-01-01"},
		steps: []step{{release: q2of2, kind: Changed, action: "T", dated: "2021-04-01", set: content{"betos": "D1E", "types_of_service": "P;R"}}}},
	{code: "E7305", about: "long description and manual reference, as B", record: content{
		"long_description": "Standing rail, carbon frame, each", "short_description": "Standing rail carbon", "code_added_date": "2006-01-01"},
		steps: []step{{release: q2of2, kind: Changed, action: "B", dated: "2021-04-01", set: content{
			"long_description": "Standing rail, carbon or steel frame, each", "short_description": "Standing rail any frame", "coverage_issues_manual_refs": "60-77"}}}},

	// 1: N lies.
	{code: "E7101", numbers: "1", about: "price changed under N and the old date", record: content{
		"long_description": "Bath perch, folding, up to 250 kg, each", "short_description": "Bath perch folding", "code_added_date": "1998-01-01", "pricing_indicators": "32"},
		steps: []step{{release: q2, kind: Changed, set: content{"pricing_indicators": "36"}}}},
	{code: "G7102", numbers: "1", about: "a termination said under N, half a year late", record: content{
		"long_description": "Report of a quality measure, documented in the record, per encounter", "short_description": "Quality measure documented", "code_added_date": "2016-01-01"},
		steps: []step{{release: q3, kind: Discontinued, set: content{"termination_date": "2019-12-31"}}}},
	{code: "G7103", numbers: "1", about: "changed as C, and changed back two quarters later under N with the date before", dated: "2017-01-01", record: content{
		"long_description": "Final report of an image taken of the belly, in a rural clinic", "short_description": "Final report image belly", "code_added_date": "2015-01-01"},
		steps: []step{
			{release: q2, kind: Changed, action: "C", dated: "2020-04-01", set: content{"long_description": "Final report of an image taken of the chest or belly, by video link", "short_description": "Final report image chst/bely"}},
			{release: q4, kind: Changed, dated: "2017-01-01", set: content{"long_description": "Final report of an image taken of the belly, in a rural clinic", "short_description": "Final report image belly"}}}},

	// 2: the letter understates.
	{code: "G7181", numbers: "2", about: "F, though the price changed as well as the coverage", record: content{
		"long_description": "Teaching of self-care, group of 2 to 8, per session", "short_description": "Teaching self-care group", "code_added_date": "2011-01-01", "pricing_indicators": "13", "coverage_code": "C"},
		steps: []step{{release: q4, kind: Changed, action: "F", dated: "2020-10-01", set: content{"pricing_indicators": "11", "coverage_code": "D"}}}},
	{code: "C7182", numbers: "2", about: "D, with cross-reference set and ASC group gone", record: content{
		"long_description": "Vein lattice, coated, long form, each", "short_description": "Vein lattice coated long", "code_added_date": "2013-07-01", "asc_payment_group": "YY", "asc_payment_group_date": "2013-07-01"},
		steps: []step{{release: q2, kind: Discontinued, action: "D", dated: "2020-04-01", set: content{
			"termination_date": "2020-03-31", "cross_references": "C7151", "asc_payment_group": "", "asc_payment_group_date": ""}}}},

	// 3: unreliable action effective dates.
	{code: "G7161", numbers: "3", about: "the action effective date goes blank, nothing else", record: content{
		"long_description": "Check of a feeding plan, with caregiver present, per 30 days", "short_description": "Check feeding plan w caregvr", "code_added_date": "2013-01-01"},
		steps: []step{{release: q2, kind: DateOnly, dated: blankDate}}},
	{code: "G7162", numbers: "3", about: "the action effective date moves under N, nothing else", record: content{
		"long_description": "Second reading of an image, by video link, per patient", "short_description": "Second reading of an image", "code_added_date": "2013-01-01"},
		steps: []step{{release: q3, kind: DateOnly, dated: "2014-01-01"}}},
	{code: "Q7163", numbers: "3", listed: q3, action: "A", dated: "2020-06-01", about: "added with an action effective date before the added date", record: content{
		"long_description": "Contrast foam, low osmolar, per ml", "short_description": "Contrast foam low osmolar", "code_added_date": "2020-07-01"},
		steps: []step{{release: q3, kind: Added}}},
	{code: "G7111", numbers: "3", about: "D with the action effective date of its addition", record: content{
		"long_description": "Joint session on memory loss, first hour, per patient", "short_description": "Memory loss session first hr", "code_added_date": "2018-01-01"},
		steps: []step{{release: q3, kind: Discontinued, action: "D", set: content{"termination_date": "2020-06-30", "cross_references": "98889"}}}},
	{code: "J7081", numbers: "3", listed: q3, action: "A", dated: "2020-01-30", about: "added retroactively, five months before its quarter", record: content{
		"long_description": "Swab test for a novel fever, any method", "short_description": "Swab test novel fever", "code_added_date": "2020-01-30"},
		steps: []step{{release: q3, kind: Added}}},
	{code: "G7091", numbers: "3", about: "a description changed from a quarter still to come on", record: content{
		"long_description": "Plan of care for a rare disease, face to face, per patient", "short_description": "Plan of care rare disease", "code_added_date": "2017-01-01"},
		steps: []step{{release: q2, kind: Changed, action: "C", dated: "2020-07-01", set: content{
			"long_description": "Plan of care for a rare disease, face to face or by video link, per patient", "short_description": "Plan of care rare dis or vid"}}}},
	{code: "A7171", numbers: "3", about: "F declared, and nothing changed", record: content{
		"long_description": "Tack pad, vented, odour trap, pad over 60 cm², each", "short_description": "Tack pad vented > 60 sq cm", "code_added_date": "2001-01-01"},
		steps: []step{{release: q4, kind: DeclaredOnly, action: "F", dated: "2020-10-01"}}},
	{code: "M7", numbers: "3", about: "declared added once more, though listed before", record: content{
		"long_description": "Make-up session held at a distance", "short_description": "Make-up session at distance", "code_added_date": "2019-01-01"},
		steps: []step{{release: q3, kind: DeclaredOnly, action: "A"}}},

	// 4: the termination date is the last valid day.
	{code: "L7271", numbers: "4", about: "terminated on 2020-06-30, then the last day moved to 2020-09-30", record: content{
		"long_description": "Neck collar post, rigid, each", "short_description": "Neck collar post rigid", "code_added_date": "1996-01-01"},
		steps: []step{
			{release: q3, kind: Discontinued, action: "D", dated: "2020-07-01", set: content{"termination_date": "2020-06-30"}},
			{release: q4, kind: Changed, action: "D", dated: "2020-10-01", set: content{"termination_date": "2020-09-30"}}}},
	{code: "L7061", numbers: "4", about: "a termination withdrawn without R, as if it had never been", record: content{
		"long_description": "Shoulder yoke, elastic with stays, off the shelf", "short_description": "Shoulder yoke elastic", "code_added_date": "2002-01-01"},
		steps: []step{
			{release: q3, kind: Discontinued, action: "D", dated: "2020-07-01", set: content{"termination_date": "2020-06-30"}},
			{release: q4, kind: Reactivated, dated: "2002-01-01", set: content{"termination_date": ""}}}},
	{code: "C7241", numbers: "4", listed: q4, action: "D", dated: "2020-10-01", about: "first listed when it is over already", record: content{
		"long_description": "Marker seed, buried, absorbed within 90 days, each", "short_description": "Marker seed buried absorbed", "code_added_date": "2020-04-01", "termination_date": "2020-09-30"},
		steps: []step{{release: q4, kind: Added}}},

	// 5: absence is not deletion.
	{code: "A7051", numbers: "5", about: "aged off in 2021Q1, four years after its end", dated: "2017-01-01", record: content{
		"long_description": "Carrier belt, cotton faced, each", "short_description": "Carrier belt cotton", "code_added_date": "1990-01-01", "termination_date": "2016-12-31"},
		steps: []step{{release: q1of2, kind: AgedOff}}},
	{code: "V8", numbers: "5", about: "a live modifier that vanishes and is back a quarter later", record: content{
		"long_description": "Item taken back unused on the day it was brought", "short_description": "Item taken back unused", "code_added_date": "2004-01-01"},
		steps: []step{{release: q2, kind: Vanished}, {release: q3, kind: Reappeared}}},
	{code: "G7042", numbers: "5", about: "a live code that vanishes for good", record: content{
		"long_description": "Team conference on wounds that do not close, without the patient", "short_description": "Team conf on wounds no pt", "code_added_date": "2014-01-01"},
		steps: []step{{release: q3, kind: Vanished}}},

	// 6: codes are reused.
	{code: "J7031", numbers: "6", about: "over since 2017-12-31; another drug from 2020-10-01 on", dated: "2018-01-01", record: content{
		"long_description": "Injection, abrovantine, freeze dried, 250 mcg", "short_description": "Inj abrovantine 250 mcg", "code_added_date": "1995-01-01", "termination_date": "2017-12-31", "types_of_service": "1;P"},
		steps: []step{{release: q4, kind: Reused, action: "A", dated: "2020-10-01", set: content{
			"long_description": "Implant of lumidoverase under the forearm, slow release, 74 units", "short_description": "Lumidoverase implant 74 u",
			"code_added_date": "2020-10-01", "termination_date": "", "types_of_service": "1"}}}},
	{code: "Q7032", numbers: "6", about: "aged off in 2020Q2, and another thing from 2021-01-01 on", dated: "2016-04-01", record: content{
		"long_description": "Cast roll, plaster, adult, long leg", "short_description": "Cast roll plaster long leg", "code_added_date": "2001-07-01", "termination_date": "2016-03-31"},
		steps: []step{
			{release: q2, kind: AgedOff},
			{release: q1of2, kind: Reused, action: "A", dated: "2021-01-01", set: content{
				"long_description": "Cells of the donor, trained against lymphoma, per therapeutic dose", "short_description": "Donor cells anti lymphoma",
				"code_added_date": "2021-01-01", "termination_date": "", "pricing_indicators": "53", "betos": "O1E", "types_of_service": "9"}}}},
	{code: "G7191", numbers: "6", about: "meaning and added date change in its midst", record: content{
		"long_description": "Screening by questionnaire, reason for its lack not given", "short_description": "Screening no reason given", "code_added_date": "2018-01-01"},
		steps: []step{{release: q3, kind: Reused, action: "A", dated: "2020-07-01", set: content{
			"long_description": "Heart beat record worn for two weeks, hook-up and teaching", "short_description": "Heart record 2 wks hook-up", "code_added_date": "2020-07-01"}}}},
	{code: "K4", numbers: "6", about: "a new meaning from 2020-03-01 on, as a plain C, the added date unmoved", record: content{
		"long_description": "Item or service needed because of the harbour fire of 2015, with what followed from it", "short_description": "Harbour fire 2015", "code_added_date": "2015-09-01"},
		steps: []step{{release: q2, kind: Changed, action: "C", dated: "2020-03-01", set: content{
			"long_description": "Visit that led to a swab test for novel fever, share of cost waived", "short_description": "Novel fever test visit"}}}},

	// 7: the added date moves.
	{code: "C7121", numbers: "7", listed: q2, action: "A", dated: "2020-04-01", about: "added on 2020-04-01, a quarter later said to be added on 2019-11-15", record: content{
		"long_description": "Injection, dalutremab-qxzy, biosimilar, 0.5 mg", "short_description": "Inj dalutremab-qxzy biosim", "code_added_date": "2020-04-01"},
		steps: []step{{release: q2, kind: Added}, {release: q3, kind: Changed, set: content{"code_added_date": "2019-11-15"}}}},

	// 8: cross-references.
	{code: "E7011", numbers: "8", about: "first step of a chain: replaced by E7012", record: content{
		"long_description": "Mist engine, first pattern, each", "short_description": "Mist engine first pattern", "code_added_date": "1994-01-01"},
		steps: []step{{release: q2, kind: Discontinued, action: "D", dated: "2020-04-01", set: content{"termination_date": "2020-03-31", "cross_references": "E7012"}}}},
	{code: "E7012", numbers: "8", about: "second step of the chain: replaced by E7013", record: content{
		"long_description": "Mist engine, battery and mains, each", "short_description": "Mist engine battery", "code_added_date": "2006-01-01"},
		steps: []step{{release: q4, kind: Discontinued, action: "D", dated: "2020-10-01", set: content{"termination_date": "2020-09-30", "cross_references": "E7013"}}}},
	{code: "E7013", numbers: "8", about: "third step of the chain: replaced by three codes at once", record: content{
		"long_description": "Mist engine, low noise, any power, each", "short_description": "Mist engine low noise", "code_added_date": "2015-01-01"},
		steps: []step{{release: q1of2, kind: Discontinued, action: "D", dated: "2021-01-01", set: content{"termination_date": "2020-12-31", "cross_references": "E7014;E7015;A7023"}}}},
	{code: "E7014", listed: q1of2, action: "A", about: "end of the chain", record: content{
		"long_description": "Mist engine, low noise, stationary, each", "short_description": "Mist engine quiet stationary", "code_added_date": "2021-01-01"},
		steps: []step{{release: q1of2, kind: Added}}},
	{code: "E7015", listed: q1of2, action: "A", about: "end of the chain", record: content{
		"long_description": "Mist engine, low noise, worn on a belt, each", "short_description": "Mist engine quiet, belt", "code_added_date": "2021-01-01"},
		steps: []step{{release: q1of2, kind: Added}}},
	{code: "J7021", numbers: "8", about: "replaced by the literal CPT", record: content{
		"long_description": "Injection, cefradoxime, concentrated, 1 mg", "short_description": "Inj cefradoxime conc 1 mg", "code_added_date": "1992-01-01"},
		steps: []step{{release: q3, kind: Discontinued, action: "D", dated: "2020-07-01", set: content{"termination_date": "2020-06-30", "cross_references": "CPT"}}}},
	{code: "C7022", numbers: "8", about: "replaced by a number that is not in the file", record: content{
		"long_description": "Heat probe tip, steerable, under image guidance, per session", "short_description": "Heat probe tip steerable", "code_added_date": "2010-01-01"},
		steps: []step{{release: q3, kind: Discontinued, action: "D", dated: "2020-07-01", set: content{"termination_date": "2020-06-30", "cross_references": "98889"}}}},
	{code: "A7023", numbers: "8", about: "a cross-reference on a live code", record: content{
		"long_description": "Filter nest for a mist engine, charcoal lined, per pair", "short_description": "Filter nest mist engine", "code_added_date": "2007-01-01", "cross_references": "A7024"}},
	{code: "A7024", about: "what A7023 points to", record: content{
		"long_description": "Filter nest, paper, per 10", "short_description": "Filter nest paper per 10", "code_added_date": "1993-01-01"}},
	{code: "E7291", numbers: "8", about: "replaced by a code that is over itself", record: content{
		"long_description": "Breath pacer, first pattern, rented, per month", "short_description": "Breath pacer rented", "code_added_date": "1994-01-01"},
		steps: []step{{release: q3, kind: Discontinued, action: "D", dated: "2020-07-01", set: content{"termination_date": "2020-06-30", "cross_references": "E7011"}}}},

	// 9: corrupt records.
	{code: "C7151", numbers: "9", about: "ASC fields two columns to the left in 2020Q2, txt and xlsx; right again in 2020Q3", record: content{
		"long_description": "Vein lattice, self-expanding, any length, each", "short_description": "Vein lattice self-expanding", "code_added_date": "2019-07-01", "coverage_code": "D", "asc_payment_group": "YY", "asc_payment_group_date": "2019-07-01"},
		steps: []step{
			{release: q2, kind: Changed, set: content{"asc_payment_group": "20", "asc_payment_group_date": "190701"}},
			{release: q3, kind: Changed, set: content{"asc_payment_group": "YY", "asc_payment_group_date": "2019-07-01"}}}},
	{code: "C7152", numbers: "9", listed: q2, action: "A", about: "as C7151, from its addition on", record: content{
		"long_description": "Tract sealant, human origin, per vial", "short_description": "Tract sealant human origin", "code_added_date": "2020-04-01", "coverage_code": "D", "asc_payment_group": "20", "asc_payment_group_date": "200401"},
		steps: []step{{release: q2, kind: Added}, {release: q3, kind: Changed, set: content{"asc_payment_group": "YY", "asc_payment_group_date": "2020-04-01"}}}},
	{code: "X7", numbers: "9", about: "processing note 0000 until 2020Q2, gone under N", record: content{
		"long_description": "Item for one whose blood is washed at home", "short_description": "Item for washing of blood", "code_added_date": "2003-01-01", "processing_note": "0000"},
		steps: []step{{release: q3, kind: Changed, set: content{"processing_note": ""}}}},
	{code: "V7141", numbers: "9", about: "processing note 0000", record: content{
		"long_description": "Ear mould cast, bone conducted, each", "short_description": "Ear mould cast bone cond", "code_added_date": "2003-01-01", "processing_note": "0000"}},

	// 10: text.
	{code: "G7201", numbers: "10, 13", about: "the dashes are ? in the txt of 2020Q3, and right in its xlsx", record: content{
		"long_description": "Follow-up by telephone of those born 1951–1965, at week 6 – 20", "short_description": "Follow-up tel born 1951-65", "code_added_date": "2013-01-01"},
		steps: []step{
			{release: q3, kind: Changed, set: content{"long_description": "Follow-up by telephone of those born 1951?1965, at week 6 ? 20"},
				workbook: content{"long_description": "Follow-up by telephone of those born 1951–1965, at week 6 – 20"}},
			{release: q4, kind: Changed, set: content{"long_description": "Follow-up by telephone of those born 1951–1965, at week 6 – 20"}}}},
	{code: "V7211", numbers: "10", about: "in capitals in 2020Q1, not after it", record: content{
		"long_description": "LENS, BIFOCAL SEG, TINTED ROSE, PER LENS", "short_description": "Lens bifocal tinted rose", "code_added_date": "1984-01-01"},
		steps: []step{{release: q2, kind: Changed, set: content{"long_description": "Lens, bifocal seg, tinted rose, per lens"}}}},
	{code: "V7212", numbers: "10", about: "in capitals in 2020Q1, not after it", record: content{
		"long_description": "FRAME BRIDGE, ANY MATERIAL, EACH", "short_description": "Frame bridge any material", "code_added_date": "1984-01-01"},
		steps: []step{{release: q2, kind: Changed, set: content{"long_description": "Frame bridge, any material, each"}}}},
	{code: "T7", numbers: "10", about: "a TAB in the description in the txt of 2020Q1", record: content{
		"long_description": "Ride without a patient on board", "short_description": "Ride without patient", "code_added_date": "2002-04-01"}},
	{code: "L7302", numbers: "10", about: "characters of code page 1252", record: content{
		"long_description": "Thumb spica shell, Zoë’s pattern, for the “skier’s” thumb, 1½ mm ± 5 %", "short_description": "Thumb spica shell 1½ mm", "code_added_date": "2009-01-01"}},

	// 12 and 13: the workbook.
	{code: "G7221", numbers: "12", about: "two rows in the xlsx of 2020Q2 to 2020Q4, the second of type 4", record: content{
		"long_description": "Further visit for joint care of mood, first hour in a later month, by a care manager, with these parts: a list kept of all patients; a weekly talk with a consultant; a plan for relapse when goals are reached and care is about to end", "short_description": "Further visit mood care 60 m", "code_added_date": "2017-01-01"}},
	{code: "A7131", numbers: "12", about: "dates stored as numbers in the xlsx of 2021Q1", record: content{
		"long_description": "Hook ribbon, stretch weave, tan, per metre", "short_description": "Hook ribbon stretch per m", "code_added_date": "2005-01-01"}},
	{code: "A7132", numbers: "13", about: "txt and xlsx of 2020Q4 have different action effective dates", record: content{
		"long_description": "Gel wafer, self-sealing, per box of 50", "short_description": "Gel wafer self-sealing", "code_added_date": "2005-01-01"},
		steps: []step{{release: q4, workbook: content{"action_effective_date": "2020-10-01"}}}},
	{code: "A7133", numbers: "13", about: "as A7132, a change declared", record: content{
		"long_description": "Limb liner, knitted, washable, each", "short_description": "Limb liner knitted", "code_added_date": "2005-01-01"},
		steps: []step{{release: q4, kind: Changed, action: "S", dated: "2020-10-01", set: content{"short_description": "Limb liner, knitted, washed"},
			workbook: content{"action_effective_date": "2020-07-01"}}}},

	// 14 and 15: companions.
	{code: "L7303", numbers: "14", about: "“Long/Short Description Change” in the transaction report of 2020Q3", record: content{
		"long_description": "Knee hinge pair, adjustable", "short_description": "Knee hinge pair", "code_added_date": "2000-01-01"},
		steps: []step{{release: q3, kind: Changed, action: "C", dated: "2020-07-01", set: content{
			"long_description": "Knee hinge pair, adjusted by one trained in it", "short_description": "Knee hinge pair adjusted"}}}},
	{code: "S7231", numbers: "15", about: "one correction terminates it, the next one says not to", record: content{
		"long_description": "Smoking class, non-physician, per session", "short_description": "Smoking class", "code_added_date": "2000-01-01"}},
}

const veryLong = "Yearly review of a frail patient who lives at home, by a clinician and a nurse together, at least two hours, with these parts required: " +
	"a look at what was agreed last time and what became of it; a written list of all drugs, with doses, times of day and who hands them out; " +
	"a talk with those who live in the same house on what they can do and for how long; contact with the pharmacy and with any other clinic involved, " +
	"and a note of who was reached; a check of weight, pulse and pressure, lying and standing; a test of sight, hearing and gait where none was done within the year; " +
	"a walk through the rooms in search of loose rugs, dark stairs, and switches out of reach; an entry in a register kept for this purpose; " +
	"advice on food, drink, sleep and movement, in words the patient would use; a plan for the case that things get worse, with names and numbers, " +
	"one copy of it on the door of the icebox; a plan for the case that they get better; (the patient’s own aims come first: what the patient wants " +
	"to be able to do again, by when, and what would have to happen for it); an agreement on who calls whom, and on which day; a letter to the clinician in charge, " +
	"sent within five working days, which says what was found, what was changed, what was left as it is, and why; time spent on travel, on the phone " +
	"with insurers, or on forms is not counted; not to be listed in the same month as a plan of care for a rare disease, a team conference, " +
	"or a check of a feeding plan, unless another clinician did it for another reason, which the record must show"
