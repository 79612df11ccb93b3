package cmstest

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// sample is one release of testdata/releases and how it is written.
type sample struct {
	id          string
	publishedAt string // RFC 3339
	path        string // of its ZIP below testdata/releases
	options     ZIPOptions
	// odd names what is irregular about the files themselves.
	odd []oddity
}

// oddity is an irregularity of a file, for the table of the samples.
type oddity struct{ numbers, file, what string }

// fillers is how many generated codes stand around the stories, and seed the
// ones they are. Changing either changes every sample.
const (
	fillers     = 230
	fillerSeed  = 20200101
	fillerTurns = 9 // codes changed from one quarter to the next
)

// samples are six quarters, the fourth published twice: in folders named by
// quarter, and as ZIPs whose own names tell it.
var samples = []sample{
	{
		id: q1, publishedAt: "2019-12-10T15:04:00Z", path: "2020Q1/january-2020-alpha-numeric-hcpcs-file.zip",
		options: ZIPOptions{
			MainName: "HCPC2020_CONTR_ANWEB",
			TXT: TXTOptions{RecordLength: recordLength2011, ContinuationLength: recordLength2011, Backtick: true, ZeroUnits: true,
				Tabs: []string{"T7"}, LineLengths: map[string]int{"K4": 294, "G7251": 290}},
			XLSX:              &XLSXOptions{SheetName: "hcpc20_1_"},
			TransactionReport: &TransactionReportOptions{Style: Report2016},
		},
		odd: []oddity{
			{"9", "txt", "the first line starts with a backtick"},
			{"9", "txt", "lines of 293 columns; K4's last is one longer, G7251's three shorter"},
			{"9, 10", "txt", "a TAB in the description of modifier T7"},
			{"11", "txt", "no preamble"},
			{"12", "xlsx", "header in row 1"},
			{"14", "transaction report", "two columns, “Add”, “No change”, modifiers between the procedures"},
		},
	},
	{
		id: q2, publishedAt: "2020-03-31T13:00:00Z", path: "2020Q2/april-2020-alpha-numeric-hcpcs-file.zip",
		options: ZIPOptions{
			TXT:               TXTOptions{Preamble: Disclaimer(11)},
			XLSX:              &XLSXOptions{Disclaimer: SheetDisclaimer(8), HeaderRow: 11, Split: []string{"G7221"}},
			TransactionReport: &TransactionReportOptions{Style: Report2017},
		},
		odd: []oddity{
			{"10, 11", "txt", "11 lines of preamble, with TABs and non-breaking blanks"},
			{"12", "xlsx", "header in row 11"},
			{"14", "transaction report", "the sheet by code comes first; “ADD”, “Coverage & Long Desc Change”"},
		},
	},
	{
		id: q3, publishedAt: "2020-06-22T14:16:00Z", path: "july-2020-alpha-numeric-hcpcs-file.zip",
		options: ZIPOptions{
			XLSX: &XLSXOptions{UsedRows: 16_965, Split: []string{"G7221"}},
			TransactionReport: &TransactionReportOptions{Style: Report2020, Disclaimer: SheetDisclaimer(8),
				Labels: map[string]string{"L7303": "Long/Short Description Change"}},
		},
		odd: []oddity{
			{"12", "xlsx", "claims to use 16,965 rows"},
			{"14", "transaction report", "“HCPC/MOD”, “ACTION CD”, headers in rows 10 and 11"},
		},
	},
	{
		id: q4, publishedAt: "2020-09-11T16:30:00Z", path: "2020Q4/october-2020-alpha-numeric-hcpcs-file.zip",
		options: ZIPOptions{
			TXT: TXTOptions{Preamble: Disclaimer(8), ContinuationLength: recordLength, LineLengths: map[string]int{"G7251": 316},
				StrayLines: []string{""}},
			XLSX:              &XLSXOptions{SheetName: "HCPCS_2020_OCT", Disclaimer: SheetDisclaimer(6), HeaderRow: 8, Split: []string{"G7221"}},
			TransactionReport: &TransactionReportOptions{Style: Report2019},
		},
		odd: []oddity{
			{"9", "txt", "continuation lines of 320 columns; G7251's last has 316"},
			{"11", "txt", "8 lines of preamble, and an empty line at the end"},
			{"12", "xlsx", "header in row 8"},
		},
	},
	{
		id: q4v2, publishedAt: "2020-09-23T12:10:00Z", path: "2020Q4/october-2020-alpha-numeric-hcpcs-file_v2.zip",
		options: ZIPOptions{
			Version: 2,
			TXT: TXTOptions{Preamble: Disclaimer(8), ContinuationLength: recordLength, LineLengths: map[string]int{"G7251": 316},
				StrayLines: []string{""}},
			XLSX:              &XLSXOptions{SheetName: "HCPCS_2020_OCT", Disclaimer: SheetDisclaimer(6), HeaderRow: 8, Split: []string{"G7221"}},
			TransactionReport: &TransactionReportOptions{Style: Report2019},
		},
		odd: []oddity{{"—", "the whole", "the same quarter published again, one description changed"}},
	},
	{
		id: q1of2, publishedAt: "2020-12-08T17:45:00Z", path: "january-2021-alpha-numeric-hcpcs-files.zip",
		options: ZIPOptions{
			MainName: "HCPC2021_JAN_ANWEB_12082020",
			TXT:      TXTOptions{Preamble: Disclaimer(1)},
			XLSX: &XLSXOptions{EmptyStrings: true, SheetName: "HCPC2021_JAN_ANWEB", Numbers: map[string][]string{
				"A7131": {"ADD DT", "ACT EFF DT"}, "J7031": {"ADD DT", "TOS1"}, "E7013": {"TERM DT"}}},
			TransactionReport: &TransactionReportOptions{Disclaimer: SheetDisclaimer(8)},
		},
		odd: []oddity{
			{"11", "txt", "one line of preamble"},
			{"12", "xlsx", "numbers among the strings (A7131, J7031, E7013); blank cells as empty strings"},
		},
	},
	{
		id: q2of2, publishedAt: "2021-03-12T09:20:00Z", path: "april-2021-alpha-numeric-hcpcs-file.zip",
		options: ZIPOptions{XLSX: &XLSXOptions{}, TransactionReport: &TransactionReportOptions{}},
	},
}

// sampleNotes are the processing notes that the samples' records point to.
var sampleNotes = []ProcessingNote{
	{"0007", "Articles with this note are counted in pairs. A single one is half a pair."},
	{"0041", "Ask the clinician who ordered the article before a second one is sent within the same quarter; the answer is kept with the claim."},
	{"0103", "This note is void since 1/1/19."},
}

// sampleCorrections are two lists of corrections to 2020, of which the second
// takes back a part of the first (domain.md 15).
var sampleCorrections = [2][]Correction{
	{
		{Code: "C7152", Action: "Move ASC ind/ASC eff date to its place", EffectiveDate: "2020-04-01"},
		{Code: "S7231", Action: "Terminate code", EffectiveDate: "2020-07-01"},
		{Code: "G7103", Action: "Should not have been changed - back to the words of 2019"},
		{Code: "Q7163", Action: "ADD code", EffectiveDate: "2020-07-01", ShortDescription: "Contrast foam low osmolar",
			LongDescription: "Contrast foam, low osmolar, per ml", TypesOfService: "9", Betos: "O1E", CoverageCode: "C", Price: "51"},
	},
	{
		{Code: "S7231", Action: "DO NOT TERMINATE - disregard the first list", EffectiveDate: "2020-07-01"},
		{Code: "L7303", Action: "Revise Long & Short Desc", EffectiveDate: "2020-07-01", ShortDescription: "Knee hinge pair adjusted",
			LongDescription: "Knee hinge pair, adjusted by one trained in it"},
	},
}

const readmeText = "2020 SAMPLE FILES\r\n\r\nThis file stands in for the one that explains the others. All codes in them are made up.\r\n"

// SampleHistory gives the releases of testdata/releases and what was changed
// between them: the stories, and generated codes around them.
func SampleHistory() History {
	var without []string
	for _, story := range stories {
		without = append(without, story.code)
	}
	around := Generate(Options{Seed: fillerSeed, Quarters: 6, Codes: fillers, ChangesPerQuarter: fillerTurns, Without: without})

	var history History
	tellers := newTellers()
	filler, previous := -1, release.ID{}
	for _, sample := range samples {
		id, err := release.ParseID(sample.id)
		must(err)
		publishedAt, err := time.Parse(time.RFC3339, sample.publishedAt)
		must(err)
		if id.Quarter != previous.Quarter { // a revision repeats the codes around the stories
			filler++
			for _, change := range around.Changes {
				if change.Release.Quarter == id.Quarter {
					change.PreviousRelease = previous
					history.Changes = append(history.Changes, change)
				}
			}
		}
		next := Release{ID: id, PublishedAt: publishedAt, Codes: slices.Clone(around.Releases[filler].Codes)}
		for _, teller := range tellers {
			for _, change := range teller.tell(sample.id, id.Revision > 1) {
				change.Release, change.PreviousRelease = id, previous
				history.Changes = append(history.Changes, change)
			}
			if teller.listed {
				next.Codes = append(next.Codes, teller.record)
			}
		}
		next.Sort()
		history.Releases = append(history.Releases, next)
		previous = id
	}
	slices.SortStableFunc(history.Changes, func(a, b Change) int {
		return cmp.Or(a.Release.Compare(b.Release), strings.Compare(a.Code, b.Code))
	})
	return history
}

// teller goes through a story release by release.
type teller struct {
	story  story
	record Code
	listed bool
}

func newTellers() []*teller {
	tellers := make([]*teller, 0, len(stories))
	for _, story := range stories {
		if story.listed == "" {
			story.listed = samples[0].id
		}
		tellers = append(tellers, &teller{story: story})
	}
	return tellers
}

// tell takes the record to the next release and gives what was done to it.
func (t *teller) tell(id string, revision bool) []Change {
	if id == t.story.listed {
		t.record = t.story.first()
		t.listed = true
	} else if !revision {
		t.record.ActionCode = "N"
	}
	var changes []Change
	for _, step := range t.story.steps {
		if step.release != id || step.kind == "" {
			continue
		}
		wasListed := t.listed
		t.listed = step.kind != Vanished && step.kind != AgedOff
		if step.action != "" {
			t.record.ActionCode = step.action
		}
		date := t.record.ActionEffectiveDate
		if step.dated != "" {
			t.record.ActionEffectiveDate = strings.TrimPrefix(step.dated, blankDate)
		}
		if step.kind == DateOnly {
			changes = append(changes, Change{Code: t.story.code, Kind: DateOnly, Field: ActionEffectiveDate, Old: date, New: t.record.ActionEffectiveDate})
		}
		for _, field := range fields {
			value, set := step.set[field.name]
			if !set {
				continue
			}
			change := Change{Code: t.story.code, Kind: step.kind, Field: field.name, Old: canonical(field, &t.record)}
			field.set(&t.record, value)
			if change.New = canonical(field, &t.record); wasListed && change.New != change.Old {
				changes = append(changes, change)
			}
		}
		if len(changes) == 0 {
			changes = append(changes, Change{Code: t.story.code, Kind: step.kind})
		}
	}
	return changes
}

// canonical gives a field as it is read: a misplaced date is none.
func canonical(field field, code *Code) string {
	value := field.get(code)
	if strings.HasSuffix(field.name, "_date") && len(value) != len(time.DateOnly) {
		return ""
	}
	return value
}

// first gives the story's record in the first release that has it.
func (s *story) first() Code {
	record := Code{Code: s.code, CoverageCode: "C", ActionCode: cmp.Or(s.action, "N"), ActionEffectiveDate: cmp.Or(s.dated, s.record["code_added_date"])}
	for _, of := range families {
		if of.letter == s.code[0] && !record.IsModifier() {
			price := of.prices[0]
			record.PricingIndicators, record.MultiplePricingIndicator = []string{price}, multiplePricing(price)
			record.Betos, record.TypesOfService, record.CoverageCode = of.betos[0], []string{of.typesOfService[0]}, of.coverage[0]
		}
	}
	for _, field := range fields {
		if value, set := s.record[field.name]; set {
			field.set(&record, value)
		}
	}
	return record
}

// differing gives the records that stand in a release's workbook in another
// form than in its text.
func differing(r *Release, id string) []Code {
	var codes []Code
	for _, story := range stories {
		for _, step := range story.steps {
			if step.release != id || step.workbook == nil {
				continue
			}
			code := *r.Find(story.code)
			for name, value := range step.workbook {
				if name == "action_effective_date" {
					code.ActionEffectiveDate = value
				} else {
					code.SetValue(name, value)
				}
			}
			codes = append(codes, code)
		}
	}
	return codes
}

// Samples gives all files of testdata/releases by their paths below it, with
// slashes: the ZIPs, changes.csv and README.md. It is the same at each call.
func Samples() []File {
	history := SampleHistory()
	var files []File
	for i, sample := range samples {
		r := history.Releases[i]
		options, workbook := sample.options, *sample.options.XLSX
		workbook.Differing = differing(&r, sample.id)
		options.XLSX = &workbook
		if i == 0 || sample.id == q3 {
			options.Companions = append(options.Companions,
				File{fmt.Sprintf("proc_notes_%s%d.txt", strings.ToUpper(month(r.ID.Quarter)[:3]), r.ID.Quarter.Year), ProcessingNotes(sampleNotes)},
				File{fmt.Sprintf("HCPC%d_README.txt", r.ID.Quarter.Year), []byte(readmeText)})
		}
		files = append(files, File{sample.path, r.ZIP(options)})
	}
	corrected := time.Date(2020, 7, 14, 9, 30, 0, 0, time.UTC)
	files = append(files,
		File{correctionsPath, ZIP(corrected,
			File{"V1_HCPC2020_Corrections_ANWEB.xlsx", Corrections(corrected.AddDate(0, 0, -20), 2020, sampleCorrections[0])},
			File{"V2_HCPC2020_Corrections_ANWEB.xlsx", Corrections(corrected, 2020, sampleCorrections[1])})},
		File{nocPath, ZIP(history.Releases[0].PublishedAt, File{"NOC_Codes_2020.xlsx", history.Releases[0].NOCCodes()})},
		File{"changes.csv", changesCSV(history.Changes)},
		File{"README.md", samplesReadme(history)})
	return files
}

const (
	correctionsPath = "2020Q1/2020-hcpcs-alpha-numeric-corrections.zip"
	nocPath         = "2020Q1/2020-hcpcs-noc-codes.zip"
)

// changesCSV writes the list of changes in the form of the program's own
// (design.md, "Command line").
func changesCSV(changes []Change) []byte {
	var out bytes.Buffer
	writer := csv.NewWriter(&out)
	must(writer.Write([]string{"release", "previous_release", "code", "change", "field", "old_value", "new_value"}))
	for _, change := range changes {
		must(writer.Write([]string{change.Release.String(), change.PreviousRelease.String(), change.Code, change.Kind, change.Field, change.Old, change.New}))
	}
	writer.Flush()
	must(writer.Error())
	return out.Bytes()
}
