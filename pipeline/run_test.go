package pipeline

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
)

const samples = "../testdata/releases"

func configFor(t *testing.T, source string) Config {
	t.Helper()
	config := DefaultConfig()
	config.Source, config.DataDir = source, t.TempDir()
	return config
}

func mustRun(t *testing.T, config Config, accept ...release.ID) Summary {
	t.Helper()
	summary, err := Run(context.Background(), config, accept, quietly)
	require.NoError(t, err)
	return summary
}

func bytesOf(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data)
}

func id(t *testing.T, text string) release.ID {
	t.Helper()
	parsed, err := release.ParseID(text)
	require.NoError(t, err)
	return parsed
}

// The project's own samples: loaded, published, unchanged by a second run, and
// back without them when the databases are deleted.
func TestSampleRun(t *testing.T) {
	config := configFor(t, samples)
	first := mustRun(t, config)
	require.Len(t, first.Loaded, 7)
	require.True(t, first.Published)
	require.Len(t, first.NewCompanions, 2)
	require.NotEmpty(t, first.PassedOver)
	require.Equal(t, "2021Q2r1", first.Latest.ID.String())

	published := bytesOf(t, config.Paths().Published)
	second := mustRun(t, config)
	require.True(t, second.NothingNew(), "%+v", second)
	require.Equal(t, first.PassedOver, second.PassedOver)
	require.True(t, published == bytesOf(t, config.Paths().Published), "a run with nothing new changed the published file")

	result, err := Verify(context.Background(), config, quietly)
	require.NoError(t, err)
	require.Zero(t, result.Failed(), "%+v", result.Checks)
	require.True(t, published == bytesOf(t, config.Paths().Published), "verifying changed the published file")

	tables := tablesOf(t, config)
	require.NoError(t, os.Remove(config.Paths().Warehouse))
	require.NoError(t, os.Remove(config.Paths().Published))
	config.Source = t.TempDir() // an empty folder: all comes from the archive
	third := mustRun(t, config)
	require.Len(t, third.Loaded, 7)
	require.Equal(t, tables, tablesOf(t, config))

	rebuilt, err := Rebuild(context.Background(), config, quietly)
	require.NoError(t, err)
	require.Len(t, rebuilt.Loaded, 7)
	require.Equal(t, tables, tablesOf(t, config))
}

// tablesOf sums up the published tables.
func tablesOf(t *testing.T, config Config) map[string]any {
	t.Helper()
	published, err := load.OpenPublished(context.Background(), config.Paths().Published, config.Resources())
	require.NoError(t, err)
	defer func() { require.NoError(t, published.Close()) }()
	sums := map[string]any{}
	for _, table := range []string{"releases", "record_spans", "record_lines", "code_history", "code_changes", "field_changes", "findings", "transaction_reports", "corrections", "noc_codes", "processing_notes", "codes", "crosswalk"} {
		rows, err := askAll(context.Background(), published, "SELECT count(*) || ' ' || coalesce(CAST(sum(hash(t)) AS VARCHAR), '') FROM "+table+" AS t")
		require.NoError(t, err)
		sums[table] = rows[0][0]
	}
	return sums
}

// sampleReleases are the generated releases behind the samples.
func sampleReleases() []cmstest.Release { return cmstest.SampleHistory().Releases }

func writeFile(t testing.TB, path string, data []byte) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, data, 0o644))
}

func zipOf(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for name, data := range files {
		entry, err := archive.Create(name)
		require.NoError(t, err)
		_, err = entry.Write(data)
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	return out.Bytes()
}

// Bad input is passed over with a reason, each file for itself: the good release
// beside it is loaded.
func TestSampleRunWithBadInput(t *testing.T) {
	releases := sampleReleases()
	good, other := releases[0].TXT(cmstest.TXTOptions{}), releases[1].TXT(cmstest.TXTOptions{})
	whole := zipOf(t, map[string][]byte{"HCPC2020_APR_ANWEB.txt": other})
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "2020Q1", "HCPC2020_ANWEB.txt"), append([]byte("\ufeff"), good...)) // UTF-8 with its mark
	writeFile(t, filepath.Join(folder, "april-2020-truncated.zip"), whole[:len(whole)/2])
	writeFile(t, filepath.Join(folder, "april-2020-no-main-file.zip"), zipOf(t, map[string][]byte{"README.txt": []byte("nothing")}))
	writeFile(t, filepath.Join(folder, "april-2020-two-main-files.zip"), zipOf(t, map[string][]byte{"HCPC2020_APR_ANWEB.txt": other, "HCPC2020_APR_ANWEB_v2.txt": good}))
	writeFile(t, filepath.Join(folder, "april-2020-empty.zip"), nil)
	writeFile(t, filepath.Join(folder, "april-2020.html"), []byte("<!DOCTYPE html><html>Access denied</html>"))

	config := configFor(t, folder)
	summary := mustRun(t, config)
	require.Len(t, summary.Loaded, 1)
	require.Equal(t, "2020Q1r1", summary.Loaded[0].Release.ID.String())
	require.Equal(t, len(releases[0].Codes), summary.Loaded[0].Release.Records)

	reasons := map[string]string{}
	for _, passed := range summary.PassedOver {
		reasons[strings.TrimPrefix(passed.Path, folder+"/")] = passed.Reason
	}
	for name, want := range map[string]string{
		"april-2020-truncated.zip":      "truncated",
		"april-2020-no-main-file.zip":   "neither a main file",
		"april-2020-two-main-files.zip": "two main files",
		"april-2020-empty.zip":          "empty",
		"april-2020.html":               "a web page",
	} {
		reason, found := reasons[name]
		require.True(t, found, "%s is not among %v", name, reasons)
		require.Contains(t, reason, want, name)
	}
}

// A folder that is not there, or that is none, ends the run, and leaves what was
// there before.
func TestSampleRunFromNowhere(t *testing.T) {
	config := configFor(t, samples)
	mustRun(t, config)
	before := bytesOf(t, config.Paths().Published)
	for _, source := range []string{filepath.Join(t.TempDir(), "absent"), filepath.Join(samples, "README.md")} {
		config.Source = source
		_, err := Run(context.Background(), config, nil, quietly)
		require.ErrorContains(t, err, source)
		require.True(t, before == bytesOf(t, config.Paths().Published))
	}
}

// A release of which a third is missing is held: it is a row of releases and
// nothing else, every run says so, and it is loaded once it is accepted.
func TestSampleRunHoldsWhatDoesNotLookRight(t *testing.T) {
	releases := sampleReleases()
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "2020Q1", "HCPC2020_ANWEB.txt"), releases[0].TXT(cmstest.TXTOptions{}))
	config := configFor(t, folder)
	mustRun(t, config)

	third := releases[1]
	third.Codes = third.Codes[:len(third.Codes)*2/3]
	writeFile(t, filepath.Join(folder, "2020Q2", "HCPC2020_APR_ANWEB.txt"), third.TXT(cmstest.TXTOptions{}))
	before := tablesOf(t, config)
	for range 2 {
		summary, err := Run(context.Background(), config, nil, quietly)
		require.ErrorIs(t, err, ErrHeld)
		require.Empty(t, summary.Loaded)
		require.Len(t, summary.Held, 1)
		require.Equal(t, "2020Q2r1", summary.Held[0].ID.String())
		require.Contains(t, summary.Held[0].HeldBecause, "are missing without having been terminated")
	}
	after := tablesOf(t, config)
	require.NotEqual(t, before["releases"], after["releases"], "the held release has a row")
	delete(before, "releases")
	delete(after, "releases")
	require.Equal(t, before, after)

	_, err := Run(context.Background(), config, []release.ID{id(t, "2020Q3r1")}, quietly)
	require.ErrorContains(t, err, "2020Q3r1")
	summary := mustRun(t, config, id(t, "2020Q2r1"))
	require.Len(t, summary.Loaded, 1)
	require.Empty(t, summary.Held)

	// What was accepted stays accepted: a rebuild gives the same tables.
	accepted := tablesOf(t, config)
	rebuilt, err := Rebuild(context.Background(), config, quietly)
	require.NoError(t, err)
	require.Len(t, rebuilt.Loaded, 2)
	require.Equal(t, accepted, tablesOf(t, config))
}

// The quarter of a file that no name tells comes from its content, and that is
// said.
func TestSampleRunPlacesByContent(t *testing.T) {
	releases := sampleReleases()
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "codes.txt"), releases[2].TXT(cmstest.TXTOptions{}))
	summary := mustRun(t, configFor(t, folder))
	require.Len(t, summary.Loaded, 1)
	require.Equal(t, "2020Q3r1", summary.Loaded[0].Release.ID.String())
	require.Len(t, summary.Placed, 1)
	require.Contains(t, summary.Placed[0], "is taken for 2020Q3")
}

// A revision that arrives after later quarters takes its place.
func TestSampleRunWithALateRevision(t *testing.T) {
	all, late := configFor(t, samples), configFor(t, t.TempDir())
	mustRun(t, all)
	for _, r := range []string{"2020Q1", "2020Q2", "july-2020-alpha-numeric-hcpcs-file.zip", "january-2021-alpha-numeric-hcpcs-files.zip", "april-2021-alpha-numeric-hcpcs-file.zip"} {
		require.NoError(t, copyAll(filepath.Join(samples, r), filepath.Join(late.Source, r)))
	}
	entries, err := os.ReadDir(filepath.Join(samples, "2020Q4"))
	require.NoError(t, err)
	require.Len(t, entries, 2)
	// The first revision comes in time, the second one after all others.
	for _, entry := range entries {
		mustRunWith(t, late, filepath.Join(samples, "2020Q4", entry.Name()))
	}
	tables, want := tablesOf(t, late), tablesOf(t, all)
	for _, table := range []string{"record_spans", "record_lines", "code_history", "code_changes", "field_changes", "findings"} {
		require.Equal(t, want[table], tables[table], table)
	}
}

func mustRunWith(t *testing.T, config Config, file string) {
	t.Helper()
	require.NoError(t, copyAll(file, filepath.Join(config.Source, "2020Q4", filepath.Base(file))))
	mustRun(t, config)
}

func copyAll(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.CopyFS(to, os.DirFS(from))
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, data, 0o644))
}

// The same bytes under another name are no revision, and are said once.
func TestSampleRunWithTheSameFileAgain(t *testing.T) {
	releases := sampleReleases()
	folder := t.TempDir()
	text := releases[0].TXT(cmstest.TXTOptions{})
	writeFile(t, filepath.Join(folder, "2020Q1", "HCPC2020_ANWEB.txt"), text)
	config := configFor(t, folder)
	require.Empty(t, mustRun(t, config).Duplicates)
	writeFile(t, filepath.Join(folder, "again", "january-2020-again.txt"), text)
	summary := mustRun(t, config)
	require.Empty(t, summary.Loaded)
	require.Len(t, summary.Duplicates, 1)
	require.Equal(t, "2020Q1r1", summary.Duplicates[0].ID.String())
	summary = mustRun(t, config)
	require.True(t, summary.NothingNew())
}

// A warehouse that is damaged, in whatever way, is set aside and made again from
// the archive.
func TestSampleRunWithADamagedWarehouse(t *testing.T) {
	config := configFor(t, samples)
	mustRun(t, config)
	tables := tablesOf(t, config)
	path := config.Paths().Warehouse
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for name, content := range map[string][]byte{"empty": {}, "junk": []byte("junk"), "cut short": whole[:4096], "zeros": make([]byte, 20000)} {
		require.NoError(t, os.WriteFile(path, content, 0o644))
		summary := mustRun(t, config)
		require.Contains(t, summary.Rederived, "damaged", name)
		require.Len(t, summary.Loaded, 7, name)
		require.Equal(t, tables, tablesOf(t, config), name)
	}
}

// One run at a time: the second one names the first.
func TestLock(t *testing.T) {
	config := configFor(t, samples)
	unlock, err := lock(config.Paths().Lock, "process 4711, 'hcpcs run' since today")
	require.NoError(t, err)
	_, err = Run(context.Background(), config, nil, quietly)
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, "process 4711")
	require.NoError(t, unlock())
	mustRun(t, config)
}

// An interrupted run leaves what was published, and the next one makes it whole.
func TestSampleRunCancelled(t *testing.T) {
	config := configFor(t, samples)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Run(ctx, config, nil, quietly)
	require.ErrorIs(t, err, context.Canceled)
	_, err = os.Stat(config.Paths().Published)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Len(t, mustRun(t, config).Loaded, 7)
}

// A reader that has the published file open sees it as it was; whoever opens it
// next sees the new one.
func TestSampleRunBesideAReader(t *testing.T) {
	releases := sampleReleases()
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "2020Q1", "HCPC2020_ANWEB.txt"), releases[0].TXT(cmstest.TXTOptions{}))
	config := configFor(t, folder)
	mustRun(t, config)
	reader, err := load.OpenPublished(context.Background(), config.Paths().Published, config.Resources())
	require.NoError(t, err)
	count := func(p *load.Published) any {
		rows, err := askAll(context.Background(), p, "SELECT count(DISTINCT release) FROM release_records")
		require.NoError(t, err)
		return rows[0][0]
	}
	writeFile(t, filepath.Join(folder, "2020Q2", "HCPC2020_APR_ANWEB.txt"), releases[1].TXT(cmstest.TXTOptions{}))
	mustRun(t, config)
	require.Equal(t, int64(1), count(reader))
	require.NoError(t, reader.Close())
	again, err := load.OpenPublished(context.Background(), config.Paths().Published, config.Resources())
	require.NoError(t, err)
	require.Equal(t, int64(2), count(again))
	require.NoError(t, again.Close())
}

// A data folder that cannot be written to ends the run with what to do.
func TestSampleRunIntoAFile(t *testing.T) {
	config := configFor(t, samples)
	config.DataDir = filepath.Join(config.DataDir, "a file")
	require.NoError(t, os.WriteFile(config.DataDir, nil, 0o644))
	_, err := Run(context.Background(), config, nil, quietly)
	require.ErrorContains(t, err, "--data-dir")
}
