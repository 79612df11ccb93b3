package transform

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// companionsOf says what the companions of a release hold. The numbers are
// those of CMS's files; the exceptions are theirs too, each by name.
type companionsOf struct {
	quarter string
	main    string // the file to compare with

	report string
	lines  int

	corrections []correctionsFile
	noc         *nocFile

	notes string
	// noteCount is the highest number: they are numbered without a gap.
	noteCount int
	// withoutNote are the codes that point to a note which is not there: 0000.
	withoutNote []string
}

type correctionsFile struct {
	name    string
	rows    int
	undated []string // codes without an effective date
	// unreadable are the codes whose effective date is none.
	unreadable []string
}

type nocFile struct {
	name  string
	codes int
	// twice are the codes with a second row that is no continuation.
	twice []string
	// descriptions and dates are the codes with another description, or other
	// dates, than in the main file.
	descriptions, dates []string
}

// From S9445 on, the 2018 list of NOC codes has its codes beside the
// descriptions or the dates of their neighbours.
var companionsOfReleases = []companionsOf{
	{
		quarter: "2011Q1", main: "11anweb_V3.txt",
		corrections: []correctionsFile{{name: "2011_Corrections_alpha.xlsx", rows: 10, undated: []string{"L3660", "L3670", "L3675"}}},
		notes:       "proc_notes_2011.txt", noteCount: 174, withoutNote: []string{"AX"},
	},
	{
		quarter: "2016Q1", main: "HCPC2016_CONTR_ANWEB.txt",
		report: "HCPC2016_TransactionReport_Alpha.xlsx", lines: 6292,
		notes: "proc_notes_2016.txt", noteCount: 206, withoutNote: []string{"AX", "V5289"},
	},
	{
		quarter: "2017Q1", main: "HCPC17_CONTR_ANWEB.txt",
		report: "HCPCS2017_Trans Report_Alpha.xlsx", lines: 6498,
		corrections: []correctionsFile{{name: "hcpc2017_corrections_alpha.xlsx", rows: 12}},
		noc:         &nocFile{name: "NOC_Codes_2017.xlsx", codes: 139},
		notes:       "proc_notes_2017.txt", noteCount: 211, withoutNote: []string{"AX", "V5289"},
	},
	{
		quarter: "2018Q1", main: "HCPC2018_CONTR_ANWEB_disc.txt",
		report: "HCPC18_Trans_Report_Alpha.xlsx", lines: 6558,
		corrections: []correctionsFile{
			{name: "V1_HCPC2018_Corrections_ANWEB.xlsx", rows: 24, undated: []string{"G9637", "G9638"}},
			{name: "V2_HCPC2018_Corrections_ANWEB.xlsx", rows: 28, undated: []string{"G9637", "G9638", "G9890", "G9891"}},
			{name: "V3_HCPC2018_Corrections_ANWEB.xlsx", rows: 30, undated: []string{"G9637", "G9638", "G9890", "G9891", "G9978", "G9979"}},
			{name: "V4_HCPC2018_Corrections_ANWEB.xlsx", rows: 28, undated: []string{"G9637", "G9638", "G9890", "G9891", "G9989", "G9990"}},
		},
		noc: &nocFile{
			name: "NOC_Codes_2018.xlsx", codes: 144, twice: []string{"S9445"},
			descriptions: []string{"A9597", "S9446", "S9976", "S9977"},
			dates:        []string{"S9446", "T2025", "T5999", "V2199", "V2799", "V5090"},
		},
		notes: "proc_notes_2018.txt", noteCount: 216, withoutNote: []string{"AX", "V5289"},
	},
	{
		quarter: "2019Q1", main: "HCPC2019_CONTR_ANWEB.txt",
		report: "HCPC2019_Trans_Alpha.xlsx", lines: 6800,
		corrections: []correctionsFile{
			{name: "HCPC2019_Corrections_ALPHA.xlsx", rows: 11, undated: []string{"Q5111"}, unreadable: []string{"Q5111"}},
			{name: "HCPC2019_Corrections_ALPHA_v2.xlsx", rows: 3},
		},
		noc:   &nocFile{name: "NOC_Codes_2019.xlsx", codes: 139, descriptions: []string{"G9418", "S9445"}},
		notes: "proc_notes_2019.txt", noteCount: 218, withoutNote: []string{"AX", "V5289"},
	},
	{
		quarter: "2020Q1", main: "HCPC2020_ANWEB_w_disclaimer.txt",
		report: "HCPC2020_TRANS_ALPHA_w_disclaimer.xlsx", lines: 7079,
		notes: "proc_notes_2020.txt", noteCount: 220, withoutNote: []string{"AX", "V5289"},
	},
	{quarter: "2020Q2", main: "anweb.xlsx", report: "trans_alpha.xlsx", lines: 7097},
	{quarter: "2020Q3", main: "anweb.xlsx", report: "trans_alpha.xlsx", lines: 7159},
}

// TestCompanionsOfRealReleases reads every companion of every release in hand, and
// compares it with the main file; the transaction reports are compared by verify
// (package pipeline). It takes about 4 s of one core.
func TestCompanionsOfRealReleases(t *testing.T) {
	folder := companionFolder(t)
	for _, release := range companionsOfReleases {
		t.Run(release.quarter, func(t *testing.T) {
			t.Parallel()
			files := companionFiles(t, filepath.Join(folder, release.quarter))
			main := release.mainFile(t, files)
			release.checkReport(t, files)
			release.checkCorrections(t, files)
			release.checkNOCCodes(t, files, main)
			release.checkNotes(t, files, main)
			for name := range files {
				companion := filepath.Ext(name) == ".xlsx" || strings.HasPrefix(name, "proc_notes")
				require.False(t, companion, "%s has not been read", name)
			}
		})
	}
}

// companionRealLimits are far above what the real workbooks need.
var companionRealLimits = WorkbookLimits{Unpacked: 1 << 28, Part: 1 << 28}

// take gives a file and leaves the rest.
func take(t *testing.T, files map[string][]byte, name string) []byte {
	t.Helper()
	data, found := files[name]
	require.True(t, found, name)
	delete(files, name)
	return data
}

func (c *companionsOf) mainFile(t *testing.T, files map[string][]byte) *File {
	t.Helper()
	data := take(t, files, c.main)
	if filepath.Ext(c.main) == ".xlsx" {
		file, err := ParseWorkbook(c.main, data, companionRealLimits)
		require.NoError(t, err)
		return file
	}
	delete(files, strings.TrimSuffix(c.main, ".txt")+".xlsx") // the same records again
	file, err := ParseText(c.main, data)
	require.NoError(t, err)
	return file
}

func (c *companionsOf) checkReport(t *testing.T, files map[string][]byte) {
	t.Helper()
	if c.report == "" {
		return
	}
	data := take(t, files, c.report)
	lines, findings, err := ParseTransactionReport(c.report, data, companionRealLimits)
	require.NoError(t, err)
	require.Empty(t, findings)
	require.Len(t, lines, c.lines)
	changes, findings, err := ParseTransactionChanges(c.report, data, companionRealLimits)
	require.NoError(t, err)
	require.Empty(t, findings)
	require.Equal(t, withoutUnchanged(lines), changes)
}

func (c *companionsOf) checkCorrections(t *testing.T, files map[string][]byte) {
	t.Helper()
	for _, want := range c.corrections {
		corrections, findings, err := ParseCorrections(want.name, take(t, files, want.name), companionRealLimits)
		require.NoError(t, err)
		require.Len(t, corrections, want.rows, want.name)
		var undated []string
		for _, correction := range corrections {
			require.NotEmpty(t, correction.Action, "%s row %d", want.name, correction.Row)
			if correction.EffectiveDate == "" {
				undated = append(undated, correction.Code)
			}
			for _, detail := range correction.Details {
				require.NotEmpty(t, detail.Header, "%s row %d", want.name, correction.Row)
			}
		}
		require.Equal(t, want.undated, undated, want.name)
		require.Equal(t, want.unreadable, codesOf(t, findings, RuleUnparseableDate), want.name)
	}
}

func (c *companionsOf) checkNOCCodes(t *testing.T, files map[string][]byte, main *File) {
	t.Helper()
	if c.noc == nil {
		return
	}
	codes, findings, err := ParseNOCCodes(c.noc.name, take(t, files, c.noc.name), companionRealLimits)
	require.NoError(t, err)
	require.Len(t, codes, c.noc.codes)
	require.Equal(t, c.noc.twice, codesOf(t, findings, RuleDuplicateCode))
	contents := map[string]*Content{}
	for i := range main.Records {
		contents[main.Records[i].Code] = main.Records[i].Content
	}
	var descriptions, dates []string
	for _, listed := range codes {
		content := contents[listed.Code]
		require.NotNil(t, content, listed.Code)
		if content[LongDescription] != listed.Description {
			descriptions = append(descriptions, listed.Code)
		}
		if content[CodeAddedDate] != listed.AddedDate || content[TerminationDate] != listed.TerminationDate {
			dates = append(dates, listed.Code)
		}
	}
	require.Equal(t, c.noc.descriptions, descriptions)
	require.Equal(t, c.noc.dates, dates)
}

func (c *companionsOf) checkNotes(t *testing.T, files map[string][]byte, main *File) {
	t.Helper()
	if c.notes == "" {
		return
	}
	notes, findings, err := ParseProcessingNotes(c.notes, take(t, files, c.notes))
	require.NoError(t, err)
	require.Empty(t, findings)
	require.Len(t, notes, c.noteCount)
	numbers := map[string]bool{}
	for i, note := range notes {
		require.Equal(t, i+1, number(note.Number))
		require.NotEmpty(t, note.Text, note.Number)
		require.NotContains(t, note.Text, "*", note.Number)
		numbers[note.Number] = true
	}
	var without []string
	for i := range main.Records {
		if note := main.Records[i].Content[ProcessingNote]; note != "" && !numbers[note] {
			require.Equal(t, "0000", note)
			without = append(without, main.Records[i].Code)
		}
	}
	require.Equal(t, c.withoutNote, without)
}

// codesOf gives the codes of findings, which must be of one rule.
func codesOf(t *testing.T, findings []Finding, rule Rule) []string {
	t.Helper()
	var codes []string
	for _, finding := range findings {
		require.Equal(t, rule, finding.Rule)
		codes = append(codes, finding.Code)
	}
	return codes
}

// companionFolder is the folder of real releases. The test that asks for it is
// skipped where there is none; in CI, where there must be one, it fails.
func companionFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("HCPCS_REAL_RELEASES")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared", "releases")
	}
	if _, err := os.Stat(folder); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the real releases are not there: %v", err)
		}
		t.Skipf("the real releases are not there (HCPCS_REAL_RELEASES says where they are): %v", err)
	}
	return folder
}

// companionFiles reads the files of a release, those in ZIPs among them.
func companionFiles(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		if !strings.EqualFold(filepath.Ext(path), ".zip") {
			files[entry.Name()], err = os.ReadFile(path)
			require.NoError(t, err)
			continue
		}
		archive, err := zip.OpenReader(path)
		require.NoError(t, err)
		for _, packed := range archive.File {
			content, err := packed.Open()
			require.NoError(t, err)
			files[filepath.Base(packed.Name)], err = io.ReadAll(content)
			require.NoError(t, err)
		}
		require.NoError(t, archive.Close())
	}
	return files
}
