package pipeline

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// realReleases gives the folder of CMS's own releases, which lies beside the
// project and is no part of it. Without it the test is skipped; in continuous
// integration that is a failure.
func realReleases(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("HCPCS_REAL_RELEASES")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared", "releases")
	}
	if _, err := os.Stat(folder); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the real releases are missing: %v", err)
		}
		t.Skipf("no real releases at hand: %v", err)
	}
	return folder
}

var quietly = Surroundings{Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}

// realData is a data folder into which the real releases were loaded, once for
// all tests of the package (~5 s).
type realData struct {
	config  Config
	summary Summary
	err     error
}

var (
	realOnce   sync.Once
	realLoaded realData
)

func loadRealReleases(t *testing.T) realData {
	t.Helper()
	folder := realReleases(t)
	realOnce.Do(func() {
		data, err := os.MkdirTemp("", "hcpcs-real-*")
		require.NoError(t, err)
		realLoaded.config = DefaultConfig()
		realLoaded.config.Source, realLoaded.config.DataDir = folder, data
		realLoaded.summary, realLoaded.err = Run(context.Background(), realLoaded.config, nil, quietly)
	})
	require.NoError(t, realLoaded.err)
	return realLoaded
}

func TestMain(m *testing.M) {
	code := m.Run()
	if realLoaded.config.DataDir != "" {
		_ = os.RemoveAll(realLoaded.config.DataDir) // a temporary folder
	}
	os.Exit(code)
}

func openReal(t *testing.T) *load.Published {
	t.Helper()
	data := loadRealReleases(t)
	published, err := load.OpenPublished(context.Background(), data.config.Paths().Published, data.config.Resources())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, published.Close()) })
	return published
}

func TestRealReleasesLoad(t *testing.T) {
	data := loadRealReleases(t)
	records := map[string]int{}
	for _, loading := range data.summary.Loaded {
		records[loading.Release.ID.String()] = loading.Release.Records
	}
	require.Equal(t, map[string]int{
		"2011Q1r1": 5726, "2016Q1r1": 6293, "2017Q1r1": 6498, "2018Q1r1": 6559, "2019Q1r1": 6800,
		"2020Q1r1": 7079, "2020Q2r1": 7097, "2020Q3r1": 7158, "2025Q4r1": 8846,
	}, records)
	require.Empty(t, data.summary.Held, "the defaults let CMS's releases pass")
	require.Len(t, data.summary.NewCompanions, 10)
	require.True(t, data.summary.Published)
	for _, passed := range data.summary.PassedOver {
		require.NotEmpty(t, passed.Reason)
	}

	basis := map[string]string{}
	for _, row := range openReal(t).Releases() {
		basis[row.ID.String()] = row.PublishedBasis
		require.False(t, row.PublishedAt.IsZero(), row.ID)
	}
	require.Equal(t, "zip_entry", basis["2019Q1r1"])
	require.Equal(t, "xlsx_modified", basis["2025Q4r1"])
}

// A second run finds nothing new, and changes no byte of the published file.
func TestASecondRunChangesNothing(t *testing.T) {
	data := loadRealReleases(t)
	before, err := os.ReadFile(data.config.Paths().Published)
	require.NoError(t, err)
	summary, err := Run(context.Background(), data.config, nil, quietly)
	require.NoError(t, err)
	require.True(t, summary.NothingNew(), "%+v", summary)
	after, err := os.ReadFile(data.config.Paths().Published)
	require.NoError(t, err)
	require.True(t, string(before) == string(after), "the published file changed")
}

// What changed from one real release to the next, counted by another reading of
// the same files.
func TestRealChangesByKind(t *testing.T) {
	type kinds = map[transform.ChangeKind]int
	want := map[string]kinds{
		"2011Q1r1": {transform.DeclaredOnly: 531},
		"2016Q1r1": {transform.Changed: 4810, transform.Added: 1275, transform.AgedOff: 643, transform.Discontinued: 198, transform.Vanished: 65, transform.Reused: 10},
		"2017Q1r1": {transform.Added: 300, transform.Changed: 212, transform.Discontinued: 158, transform.DateOnly: 113, transform.AgedOff: 96, transform.Reused: 3, transform.Vanished: 2, transform.Reactivated: 1},
		"2018Q1r1": {transform.Added: 165, transform.Changed: 153, transform.AgedOff: 107, transform.Discontinued: 29, transform.Reused: 3, transform.DateOnly: 3},
		"2019Q1r1": {transform.Added: 242, transform.Changed: 172, transform.Discontinued: 33, transform.DateOnly: 6, transform.Reused: 4, transform.Vanished: 3, transform.DeclaredOnly: 2},
		"2020Q1r1": {transform.Added: 278, transform.DateOnly: 116, transform.Discontinued: 89, transform.Changed: 88, transform.Reappeared: 1},
		"2020Q2r1": {transform.Added: 18, transform.Changed: 16, transform.Discontinued: 1, transform.DateOnly: 1},
		"2020Q3r1": {transform.Added: 61, transform.Discontinued: 9, transform.Changed: 5},
		"2025Q4r1": {transform.Added: 1669, transform.Changed: 471, transform.Discontinued: 418, transform.Reused: 19, transform.DateOnly: 5},
	}
	got := map[string]kinds{}
	for _, loading := range loadRealReleases(t).summary.Loaded {
		got[loading.Release.ID.String()] = loading.Changes
	}
	require.Equal(t, want, got)
}

// N lies: codes in both releases whose content changed, and that carry N
// (domain.md, 1).
func TestRealChangesUnderN(t *testing.T) {
	published := openReal(t)
	for name, want := range map[string][2]int{"2018Q1": {21, 182}, "2019Q1": {22, 207}, "2020Q1": {7, 177}} {
		id, err := release.ParseID(name)
		require.NoError(t, err)
		row, err := published.Resolve(id)
		require.NoError(t, err)
		comparison, err := published.Changes(context.Background(), row)
		require.NoError(t, err)
		silent, changed := 0, 0
		for _, change := range comparison.Changes {
			if len(change.Fields) == 0 || change.What == transform.DateOnly {
				continue
			}
			changed++
			if change.ActionCode == "N" {
				require.Equal(t, transform.Undeclared, change.Agreement, change.Code)
				silent++
			}
		}
		require.Equal(t, want, [2]int{silent, changed}, name)
	}
}

// modifierCS asks for the description of modifier CS in a release: in 2016 that
// of the 2010 oil spill, in 2020Q2 that of COVID-19 testing.
func modifierCS(release string) string {
	return `SELECT long_description FROM release_records WHERE code = 'CS' AND release = '` + release + `'`
}

// The questions of the two times, by query on the published file.
func TestRealHistory(t *testing.T) {
	published := openReal(t)
	for _, c := range []struct {
		question string
		want     any
	}{
		{`SELECT long_description = (` + modifierCS("2016Q1r1") + `) FROM codes_as_of('2020-03-15', known := '2020Q1') WHERE code = 'CS'`, true},
		{`SELECT long_description = (` + modifierCS("2020Q2r1") + `) FROM codes_as_of('2020-03-15', known := '2020Q2') WHERE code = 'CS'`, true},
		{`SELECT long_description = (` + modifierCS("2016Q1r1") + `) FROM codes_as_of('2020-02-29', known := '2020Q1') WHERE code = 'CS'`, true},
		{`SELECT long_description = (` + modifierCS("2016Q1r1") + `) FROM codes_as_of('2020-02-29', known := '2020Q2') WHERE code = 'CS'`, true},
		{`SELECT (` + modifierCS("2016Q1r1") + `) = (` + modifierCS("2020Q2r1") + `)`, false},
		{`SELECT is_valid('G1000', '2020-03-31')`, true},
		{`SELECT is_valid('G1000', '2020-04-01')`, false},
		{`SELECT status FROM codes_as_of('2020-04-01', all_status := true) WHERE code = 'G1000'`, "terminated"},
		{`SELECT CAST(min(valid_from) AS VARCHAR) FROM code_history WHERE code = 'C9058' AND known_to IS NULL`, "2019-11-15"},
		{`SELECT is_valid('C9058', '2019-11-15', known := '2020Q3')`, true},
		{`SELECT is_valid('C9058', '2020-03-31', known := '2020Q2')`, false},
		{`SELECT is_valid('C9058', '2020-04-01', known := '2020Q2')`, true},
		{`SELECT listed FROM codes_as_of('2019-06-01', known := '2019Q1') WHERE code = 'DA'`, false},
		{`SELECT is_valid('DA', '2019-06-01', known := '2019Q1')`, nil},
		{`SELECT listed FROM codes_as_of('2019-06-01', known := '2020Q1') WHERE code = 'DA'`, true},
		{`SELECT is_valid('C9270', '2025-11-01')`, nil},
		{`SELECT status FROM codes WHERE code = 'C9270'`, "unlisted"},
		{`SELECT max(life) FROM code_history WHERE code = 'G9890' AND known_to IS NULL`, int32(2)},
		{`SELECT count(DISTINCT long_description) FROM code_history WHERE code = 'G9638' AND known_to IS NULL`, int64(1)},
		{`SELECT (SELECT long_description FROM codes_as_of('2018-06-01') WHERE code = 'G9638')
		       = (SELECT long_description FROM release_records WHERE code = 'G9638' AND release = '2017Q1r1')`, true},
		{`SELECT (SELECT long_description FROM codes_as_of('2018-06-01', known := '2018Q1') WHERE code = 'G9638')
		       = (SELECT long_description FROM release_records WHERE code = 'G9638' AND release = '2017Q1r1')`, false},
		{`SELECT cross_references IS NULL FROM codes_as_of('2017-06-01') WHERE code = 'G0502'`, true},
		{`SELECT cross_references[1] FROM codes_as_of('2018-06-01', all_status := true) WHERE code = 'G0502'`, "99492"},
		{`SELECT is_valid('G0477', '2016-12-31') AND NOT is_valid('G0477', '2017-01-01')`, true},
		{`SELECT is_valid('G0477', '2017-06-01', known := '2017Q1')`, true},
		{`SELECT count(*) FROM code_history WHERE code = 'S3854' AND known_to IS NULL AND status = 'terminated' AND valid_to = DATE '2016-07-01'`, int64(1)},
		{`SELECT life FROM codes WHERE code = 'J0570'`, int32(2)},
		{`SELECT life FROM codes WHERE code = 'CS'`, int32(1)},
		// 2,302 live codes of 2011 took effect after they were added: what was
		// before is not attested.
		{`SELECT count(*) FROM code_history WHERE known_from = '2011Q1r1' AND status = 'active' AND NOT attested
		  AND valid_to < DATE '9999-12-31' AND termination_date IS NULL`, int64(2302)},
		// Of CMS's transaction reports, only what says something is published.
		{`SELECT count(*) FROM transaction_reports WHERE action_code = 'N'`, int64(0)},
		{`SELECT count(*) FROM transaction_reports WHERE code = 'CS' AND quarter = '2020Q3'`, int64(1)},
	} {
		rows, err := askAll(context.Background(), published, c.question)
		require.NoError(t, err, c.question)
		require.Len(t, rows, 1, c.question)
		require.Equal(t, c.want, rows[0][0], c.question)
	}
	_, err := askAll(context.Background(), published, `SELECT is_valid('CS', '2020-03-15', known := '2020Q4')`)
	require.ErrorContains(t, err, "2020Q4")
	_, err = askAll(context.Background(), published, `SELECT count(*) FROM codes_as_of('2020-03-15', known := '2020Q4r1')`)
	require.ErrorContains(t, err, "2020Q4r1")
}

// Every invariant holds on the real releases, and CMS's own files differ where
// they are known to, and nowhere else.
func TestRealReleasesVerify(t *testing.T) {
	data := loadRealReleases(t)
	result, err := Verify(context.Background(), data.config, quietly)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(result.Checks), 10)
	for _, check := range result.Checks {
		require.Zero(t, check.Failed, "%s: %v", check.Name, check.Examples)
		require.Positive(t, check.Checked, check.Name)
		if check.Name == "transaction reports" {
			require.Equal(t, 6292+6498+6558+6800+7079+7097+7159, check.Checked, "every line of the reports of 2016Q1 to 2020Q3")
		}
	}

	var reports []load.Difference
	formats, withData := map[string]int{}, map[string]int{}
	for _, difference := range result.Differences {
		if strings.Contains(difference.What, "and the data shows") {
			withData[difference.Release]++
			continue
		}
		if difference.File == "HCPC2016_CONTR_ANWEB.xlsx" || difference.File == "HCPC17_CONTR_ANWEB.xlsx" ||
			difference.File == "HCPC2018_CONTR_ANWEB_disc.xlsx" || difference.File == "HCPC2019_CONTR_ANWEB.xlsx" {
			formats[difference.Release]++
			continue
		}
		reports = append(reports, difference)
	}
	require.Equal(t, []load.Difference{
		{Release: "2016Q1r1", File: "HCPC2016_TransactionReport_Alpha.xlsx", Code: "DA", What: "is only in the file, as N"},
		{Release: "2018Q1r1", File: "HCPC18_Trans_Report_Alpha.xlsx", Code: "L1", What: "is only in the file, as N"},
		// The sheet by action code lists it a second time; its other line agrees.
		{Release: "2020Q3r1", File: "trans_alpha.xlsx", Code: "CS", What: `is N in the report ("No Change") and C in the file`},
	}, reports)
	// 115 action effective dates in 2016 and 2019, three in 2017; two types of
	// service in 2019.
	require.Equal(t, map[string]int{"2016Q1r1": 115, "2017Q1r1": 3, "2019Q1r1": 117}, formats)
	// What an outside reading of the same files counts as undeclared,
	// contradicted, understated and overstated.
	require.Equal(t, map[string]int{
		"2017Q1r1": 78 + 17 + 9, "2018Q1r1": 23 + 14 + 1, "2019Q1r1": 25 + 17 + 1 + 2, "2020Q1r1": 25 + 11 + 1, "2020Q2r1": 12, "2020Q3r1": 1, // CS, which one sheet lists twice
	}, withData)
}
