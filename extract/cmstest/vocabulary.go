package cmstest

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// family is what the codes of one letter are about, and what CMS usually sets
// in their administrative fields.
type family struct {
	letter byte
	// A description is an article, how it is made, what it serves and its unit.
	articles, qualities, purposes, units []string

	prices, betos, typesOfService, coverage []string
}

// families are the letters of the codes that are generated. All names of
// articles, drugs and services are made up.
var families = []family{
	{
		letter: 'A',
		articles: []string{"Drip sleeve", "Seepage pouch", "Tack pad", "Rinse cradle", "Belly wrap", "Spout cap", "Limb liner",
			"Barrier ring", "Vent plug", "Clip strip", "Skin shield sheet", "Basin cover", "Tubing guard", "Sweat band", "Fleece cuff",
			"Filter nest", "Gel wafer", "Hook ribbon", "Mist cone", "Carrier belt"},
		qualities: []string{"two layers", "knitted, washable", "clear film with tab", "vented, odour trap", "beaded rim", "non-latex, boxed",
			"pre-cut, convex", "self-sealing, matte", "charcoal lined", "cotton faced", "stretch weave, tan", "pad over 60 cm²",
			"pad of 25 cm² or less", "about 1½ times usual width", "with thumb latch", "radio-opaque stripe"},
		purposes: []string{"for night use at the bedside", "for a draining site", "for use with a portable pump", "for a limb stump",
			"to keep tubing in place", "for sore skin under a brace", "used in the bath", "for children under 3 years"},
		units:  []string{"each", "per pair", "per 10", "per box of 50", "per metre", "per month", "per 4 ounces"},
		prices: []string{"34", "35", "37", "00", "57"}, betos: []string{"D1A", "O1A", "D1C"}, typesOfService: []string{"S", "P", "9", "L"}, coverage: []string{"C", "D", "M", "I"},
	},
	{
		letter: 'C',
		articles: []string{"Anchor pellet", "Duct bridge", "Nerve sleeve implant", "Vein lattice", "Pocket generator shell", "Guide filament",
			"Bone wedge", "Tissue mesh patch", "Heat probe tip", "Balloon collar", "Marker seed, buried", "Tract sealant"},
		qualities: []string{"self-expanding", "coated, long form", "rechargeable type", "single lead port", "steerable, 3 curves", "absorbed within 90 days",
			"with delivery sheath", "without delivery sheath", "human origin", "porcine origin", "under image guidance"},
		purposes: []string{"placed in a hospital outpatient room", "for a narrowed duct", "for a leaking graft", "as part of a staged repair", "in a pass-through trial"},
		units:    []string{"per implant", "per session", "each", "per vial", "per square centimetre"},
		prices:   []string{"53", "57", "00"}, betos: []string{"D1E", "P6C", "P5E", "O1E"}, typesOfService: []string{"9", "2", "F", "1"}, coverage: []string{"D", "C"},
	},
	{
		letter: 'E',
		articles: []string{"Tilt couch", "Lift harness frame", "Rocker walker", "Bath perch", "Air ring mattress", "Pulse cuff engine", "Breath pacer",
			"Mist engine", "Standing rail", "Chair arm trough", "Stair sling", "Light panel", "Joint mover", "Foot cradle", "Ramp wedge", "Speech tablet"},
		qualities: []string{"hand cranked", "battery and mains", "extra wide, up to 250 kg", "folding", "with safety gate", "without head rest",
			"heated, regulated", "remote display", "child size", "with any height control", "low noise <= 40 db", "carbon frame"},
		purposes: []string{"for use at home", "mounted on a wheeled base", "for one who cannot turn in bed", "with a mask interface", "for training of gait"},
		units:    []string{"each", "per month", "replacement only, each", "per pair", "complete"},
		prices:   []string{"32", "36", "31", "33", "46", "45"}, betos: []string{"D1B", "D1C", "D1D", "D1E"}, typesOfService: []string{"P", "R", "A"}, coverage: []string{"D", "C", "M"},
	},
	{
		letter: 'G',
		articles: []string{"Visit with a frail patient", "Joint session on memory loss", "Review of home readings", "Plan of care for a rare disease",
			"Screening by questionnaire", "Follow-up by telephone", "Teaching of self-care", "Bedside check of swallowing", "Team conference",
			"Report of a quality measure", "Second reading of an image", "Check of a feeding plan", "Assessment of fall risk"},
		qualities: []string{"first hour", "each further 15 minutes", "by a nurse under supervision", "in a rural clinic", "group of 2 to 8",
			"documented in the record", "not documented, why is not said", "by video link", "with caregiver present", "face to face", "at least 20 minutes"},
		purposes: []string{"for the purpose of discharge planning", "once per quarter", "under a demonstration of shared savings", "after a stay of > 3 days",
			"in the year before surgery", "when requested by the treating clinician"},
		units:  []string{"per patient", "per encounter", "per 30 days", "list apart from the main service", "per group"},
		prices: []string{"13", "11", "21", "00", "99"}, betos: []string{"M5D", "M1B", "M4A", "T1H", "Y1", "P6C"}, typesOfService: []string{"1", "5", "W", "U", "9"}, coverage: []string{"C", "D", "I"},
	},
	{
		letter: 'J',
		articles: []string{"Injection, abrovantine", "Injection, belocipar sodium", "Injection, cefradoxime", "Injection, dalutremab-qxzy", "Infusion, ergomycine",
			"Injection, fentoluride", "Injection, gadivorin alfa", "Injection, hexilopran", "Inhalation solution, iprovastin", "Injection, juvecarin",
			"Capsule, oral, kelotaxine", "Injection, lumidoverase", "Injection, mordanizole", "Injection, nefluparin", "Injection, ostragonin"},
		qualities: []string{"long acting", "freeze dried", "biosimilar", "not equivalent to another listed form", "with diluent", "concentrated",
			"unit dose form", "preservative free", "pegylated", "lipid bound", "µ-milled"},
		purposes: []string{"given through a pump", "given by a clinician", "for use beyond labelled hours", "in a chemotherapy regimen", "given under the skin", "for a deficient enzyme"},
		units:    []string{"1 mg", "10 mg", "0.5 mg", "100 units", "per dose", "per 5 ml", "250 mcg"},
		prices:   []string{"51", "53", "54"}, betos: []string{"O1E", "O1D", "O1G"}, typesOfService: []string{"1", "P", "9", "V"}, coverage: []string{"C", "D", "I"},
	},
	{
		letter: 'L',
		articles: []string{"Heel stirrup", "Thumb spica shell", "Trunk corset", "Knee hinge pair", "Wrist gauntlet", "Socket liner, below knee",
			"Shoulder yoke", "Toe spreader", "Neck collar post", "Hand terminal hook", "Ankle cage", "Ear prosthesis"},
		qualities: []string{"moulded to a cast", "off the shelf", "with locking joint", "rigid back panel", "elastic with stays", "two rows of lacing",
			"adjusted by one trained in it", "titanium", "varus correction", "endoskeletal"},
		purposes: []string{"includes fitting", "addition to a lower limb", "for a contracture", "after a fracture", "does not include fitting"},
		units:    []string{"each", "per pair", "left", "right", "per joint"},
		prices:   []string{"38", "46"}, betos: []string{"D1F"}, typesOfService: []string{"P", "9"}, coverage: []string{"C", "D"},
	},
	{
		letter: 'Q',
		articles: []string{"Skin lattice, amnion", "Cast roll", "Donor marrow unit", "Contrast foam", "Plasma glue", "Sheet graft", "Oral rinse concentrate",
			"Hospice porch service", "Vaccine, swine strain", "Tracer, fluorine based"},
		qualities: []string{"plaster, adult", "fibre, child", "low osmolar", "cryo-preserved", "dehydrated", "per lot tested", "irradiated"},
		purposes:  []string{"applied to an ulcer", "temporary code", "short arm", "long leg", "drawn at a centre"},
		units:     []string{"per square centimetre", "per ml", "per unit", "each", "per study dose"},
		prices:    []string{"51", "55", "53", "57"}, betos: []string{"O1E", "D1A", "I1E"}, typesOfService: []string{"9", "1", "S", "0"}, coverage: []string{"C", "D"},
	},
	{
		letter: 'S',
		articles: []string{"Retreat day", "Home infusion kit, nursing apart", "Hair wig bond", "Coaching in lactation", "Gene panel", "Robot arm use",
			"Smoking class", "Night nurse", "Diet course", "Transplant of islet cells"},
		qualities: []string{"non-physician", "per diem", "level one", "level two", "not by a hospital", "with supplies", "in a camp"},
		purposes:  []string{"for a private insurer", "not valid for federal payment", "on a waiting list", "pre-arranged"},
		units:     []string{"per session", "per diem", "per week", "each", "per class"},
		prices:    []string{"00"}, betos: []string{"Z2", "Y2"}, typesOfService: []string{"9", "1"}, coverage: []string{"I"},
	},
	{
		letter:    'V',
		articles:  []string{"Lens, bifocal seg", "Frame bridge", "Low vision scope", "Prism wafer", "Hearing shell", "Ear mould cast", "Speech drill", "Eye shell, painted"},
		qualities: []string{"high index", "tinted rose", "scratch coat", "in the canal", "behind the ear", "bone conducted", "two channel", "aspheric"},
		purposes:  []string{"for one eye", "for both ears", "after removal of the lens", "any material"},
		units:     []string{"per lens", "each", "per visit", "per pair"},
		prices:    []string{"38", "00", "46"}, betos: []string{"D1F", "O1F", "Y1"}, typesOfService: []string{"Q", "K", "1", "P"}, coverage: []string{"C", "S", "D"},
	},
}

// modifierFamily is what modifiers are about; they have no price and no type.
var modifierFamily = family{
	articles: []string{"Service", "Item", "Claim line", "Article", "Procedure", "Rental", "Drug amount", "Report"},
	qualities: []string{"given by an assistant", "on the left side", "on the right side", "on the third finger", "under a waiver", "as a replacement",
		"in a declared emergency", "refused by the patient", "split with another line", "not related to the stay", "by a second team", "of new make"},
	purposes: []string{"in the same session", "as required by policy", "outside the home", "on the day of admission", "with notice on file", "without notice on file"},
	units:    []string{"", "", "first use", "all uses"},
	coverage: []string{"C", "D", "I"},
}

// clauses lengthen a description.
var clauses = []string{
	"includes all straps, clips and covers", "includes storage and carriage to the home", "not to be used with a second article of its kind",
	"any size", "any type", "wall bracket sold apart", "one or more per day", "when the former article is beyond repair",
	"made to measure from a scan of the limb", "sterile", "includes teaching of the user and a written guide in plain words",
	"each further unit (list apart from the first)", "up to and including 12 hours", "with alarm", "disposable after 7 days",
	"the record must show who asked for it, when, and why a simpler one did not serve", "not otherwise classified", "miscellaneous",
	"with a range of 5° – 45°", "type ‘B’ coupling", "caregiver’s edition",
}

// elements make the longest descriptions, those that list what a service must
// contain.
var elements = []string{
	"a look at what was agreed last time and what became of it", "a written list of all drugs with their doses",
	"a talk with those who live in the same house", "contact with the pharmacy and with any other clinic involved",
	"a check of weight, pulse and pressure", "a test of sight, hearing and gait where not done within the year",
	"an entry in a register kept for this purpose", "advice on food, drink, sleep and movement",
	"a plan for the case that things get worse, with names and numbers", "time spent on travel is not counted",
}

// words draws texts from the vocabulary.
type words struct{ random *rand.Rand }

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

func (w words) chance(probability float64) bool {
	return probability > 0 && w.random.Float64() < probability
}

// long draws a long description. Most take one or two lines of 80 characters,
// some of services many.
func (w words) long(of *family) string {
	parts := []string{pick(w.random, of.articles), pick(w.random, of.qualities), pick(w.random, of.purposes)}
	if w.chance(0.5) {
		parts = append(parts, pick(w.random, clauses))
	}
	if w.chance(0.15) {
		parts = append(parts, pick(w.random, of.qualities), pick(w.random, clauses))
	}
	if unit := pick(w.random, of.units); unit != "" {
		parts = append(parts, unit)
	}
	text := strings.Join(slices.Compact(parts), ", ")
	if of.letter == 'G' && w.chance(0.15) {
		required := make([]string, 0, 16)
		for range 4 + w.random.IntN(12) {
			required = append(required, pick(w.random, elements))
		}
		text += "; with these parts required: " + strings.Join(slices.Compact(required), "; ")
	}
	return text
}

// short makes a short description of 28 characters at most out of a long one,
// by cutting long words down.
func (w words) short(long string) string {
	var short string
	for _, word := range strings.FieldsFunc(long, func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
		if len(word) > 6 {
			word = strings.ToValidUTF8(word[:3+w.random.IntN(4)], "")
		}
		if len(short)+1+len(word) > 28 {
			break
		}
		short = strings.TrimSpace(short + " " + word)
	}
	return short
}

// reworded gives another wording of a long description: something added,
// dropped, or put in another's place; now and then only its typography.
func (w words) reworded(long string, of *family) string {
	parts := strings.Split(long, ", ")
	last := len(parts) - 1
	switch choice := w.random.IntN(10); {
	case choice < 4 && len(long) < 1500:
		parts = slices.Insert(parts, last, pick(w.random, clauses))
	case choice < 6 && len(parts) > 3:
		parts = slices.Delete(parts, last-1, last)
	case choice < 8 && len(parts) > 1:
		parts[1] = pick(w.random, of.qualities)
	case choice == 8:
		return strings.Replace(long, ", ", "; ", 1)
	default:
		parts[last] = pick(w.random, of.units)
		if parts[last] == "" {
			parts = parts[:max(last, 1)]
		}
	}
	text := strings.Join(parts, ", ")
	if text == "" {
		return long
	}
	return text
}

// another draws a description that has hardly a word in common with one: a new
// meaning.
func (w words) another(than string, of *family) string {
	for range 50 {
		if long := w.long(of); commonWords(long, than) < 0.15 {
			return long
		}
	}
	return "Wholly new thing " + strings.Repeat("x", 1+w.random.IntN(9)) + " zone"
}

// commonWords gives the share of the words of the shorter text that the other
// has as well, each as often as both have it.
func commonWords(a, b string) float64 {
	split := func(text string) []string {
		return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" ,;.:()", r) })
	}
	first, second := split(a), split(b)
	left := map[string]int{}
	for _, word := range first {
		left[word]++
	}
	common := 0
	for _, word := range second {
		if left[word] > 0 {
			left[word]--
			common++
		}
	}
	return float64(common) / float64(max(1, min(len(first), len(second))))
}
