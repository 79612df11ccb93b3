package extract

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// realReleases is the folder of CMS's own files. They are not part of the
// project: without them these tests are skipped, except in CI.
func realReleases(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("HCPCS_REAL_RELEASES")
	if folder == "" {
		module, err := filepath.Abs("..")
		require.NoError(t, err)
		require.FileExists(t, filepath.Join(module, "go.mod"))
		folder = filepath.Join(filepath.Dir(module), "shared", "releases")
	}
	if _, err := os.Stat(folder); err != nil {
		if os.Getenv("CI") == "true" {
			require.Fail(t, "the real releases are missing in CI", "%v: set HCPCS_REAL_RELEASES to their folder", err)
		}
		t.Skipf("the real releases are not here (%v): set HCPCS_REAL_RELEASES to their folder", err)
	}
	return folder
}

var realOffers = []string{
	"2011Q1 11anweb.zip: 11anweb_V3.txt",
	"2016Q1 HCPC2016_CONTR_ANWEB.txt: HCPC2016_CONTR_ANWEB.txt + HCPC2016_CONTR_ANWEB.xlsx",
	"2017Q1 2017-Alpha-Numeric-HCPCS-File.zip: HCPC17_CONTR_ANWEB.txt + HCPC17_CONTR_ANWEB.xlsx",
	"2018Q1 2018-Alpha-Numeric-HCPCS-File.zip: HCPC2018_CONTR_ANWEB_disc.txt + HCPC2018_CONTR_ANWEB_disc.xlsx",
	"2019Q1 2019-Alpha-Numeric-HCPCS-File.zip: HCPC2019_CONTR_ANWEB.txt + HCPC2019_CONTR_ANWEB.xlsx",
	"2020Q1 2020-Alpha-Numeric-HCPCS-File.zip: HCPC2020_ANWEB_w_disclaimer.txt",
	"2020Q2 anweb.xlsx: anweb.xlsx",
	"2020Q3 anweb.xlsx: anweb.xlsx",
	"2025Q4 HCPC2025_OCT_ANWEB_v3.xlsx: HCPC2025_OCT_ANWEB_v3.xlsx",
}

func TestRealReleasesAsTheyLie(t *testing.T) {
	t.Parallel()
	folder := realReleases(t)
	inventory := mustReadFolder(t, folder)
	require.Equal(t, realOffers, offered(inventory))
	require.Equal(t, []string{
		"2016Q1 HCPC2016_TransactionReport_Alpha.xlsx: transaction_report",
		"2016Q1 proc_notes_2016.txt: processing_notes",
		"2017Q1 2017-HCPCS-Alpha-Numeric-Corrections.zip: corrections corrections",
		"2017Q1 2017-NOC-Codes.zip: noc_codes noc_codes",
		"2018Q1 2018-HCPCS-Alpha-Numeric-Corrections.zip: readme corrections corrections corrections corrections corrections corrections corrections corrections",
		"2018Q1 2018-HCPCS-NOC-Codes.zip: noc_codes noc_codes",
		"2019Q1 2019-HCPCS-Alpha-Numeric-Corrections.zip: corrections corrections corrections corrections",
		"2019Q1 2019-HCPCS-NOC-Codes.zip: noc_codes noc_codes",
		"2020Q2 trans_alpha.xlsx: transaction_report",
		"2020Q3 trans_alpha.xlsx: transaction_report",
	}, companionNames(inventory))
	require.Equal(t, map[string]string{
		"2011Q1/11anweb.zip/11anweb_V3.xls":                                        "an .xls workbook (or a password-protected one), which is not read; the release is read from 11anweb_V3.txt",
		"2020Q1/2020-Alpha-Numeric-HCPCS-File.zip/HCPC2020_ANWEB_w_disclaimer.xls": "an .xls workbook (or a password-protected one), which is not read; the release is read from HCPC2020_ANWEB_w_disclaimer.txt",
		"README.md": "a readme: nothing to load",
	}, passed(t, folder, inventory))

	kinds := map[Kind]int{}
	for _, offer := range inventory.Offers {
		for _, entry := range offer.Companions {
			kinds[entry.Kind]++
		}
		require.False(t, offer.PublishedAt.IsZero(), offer.Path)
	}
	require.Equal(t, map[Kind]int{KindReadme: 5, KindProcessingNotes: 5, KindTransactionReport: 12, KindCorrections: 1, KindOther: 2}, kinds)
	require.Equal(t, time.Date(2015, 11, 4, 14, 14, 38, 0, time.UTC), inventory.Offers[1].PublishedAt)
	require.Equal(t, PublishedByWorkbook, inventory.Offers[1].PublishedBasis)
	require.Equal(t, time.Date(2018, 3, 7, 14, 42, 55, 0, time.UTC), inventory.Offers[3].PublishedAt)
	require.Equal(t, PublishedByZIPEntry, inventory.Offers[3].PublishedBasis)
}

// All in one folder, names kept: the names alone must tell the quarters.
// "anweb.xlsx" tells none, and belongs to no text beside it.
func TestRealReleasesInOneFolder(t *testing.T) {
	t.Parallel()
	folder := realReleases(t)
	flat := filepath.Join(t.TempDir(), "flat")
	copyRealReleases(t, folder, func(name string) string {
		if path.Dir(name) == "2020Q2" { // has the names of 2020Q3
			return ""
		}
		return filepath.Join(flat, path.Base(name))
	})
	inventory := mustReadFolder(t, flat)
	want := slices.Concat(realOffers[:6], realOffers[8:], []string{"? anweb.xlsx: anweb.xlsx"})
	require.ElementsMatch(t, want, offered(inventory))
	require.Contains(t, companionNames(inventory), "? trans_alpha.xlsx: transaction_report")
	require.Contains(t, companionNames(inventory), "2016Q1 proc_notes_2016.txt: processing_notes")
}

// Under names that say nothing, in folders that say nothing: the content tells
// what each file is, and the main files' names in the ZIPs the quarters.
func TestRealReleasesUnderShuffledNames(t *testing.T) {
	t.Parallel()
	folder := realReleases(t)
	shuffled := filepath.Join(t.TempDir(), "in")
	names := []string{"kiwi", "lime", "fig", "plum", "pear", "date", "nut", "apple", "melon", "peach", "grape", "mango", "lemon", "olive", "onion", "leek", "kale", "bean", "pea", "corn"}
	copyRealReleases(t, folder, func(name string) string {
		next := names[0]
		names = names[1:]
		return filepath.Join(shuffled, next[:1], next, next+path.Ext(name))
	})
	inventory := mustReadFolder(t, shuffled)
	quarters := map[string]int{}
	for _, offer := range inventory.Offers {
		if offer.Quarter.IsZero() {
			quarters["?"]++
			continue
		}
		require.Equal(t, BasisMainFileName, offer.QuarterBasis)
		quarters[offer.Quarter.String()]++
	}
	// 2016Q1's text and workbook lie apart now, each a release of its own.
	require.Equal(t, map[string]int{"2011Q1": 1, "2017Q1": 1, "2018Q1": 1, "2019Q1": 1, "2020Q1": 1, "?": 5}, quarters)
	require.Len(t, inventory.Companions, 10)
}

func TestRealReleasesIntoTheArchive(t *testing.T) {
	t.Parallel()
	folder := realReleases(t)
	archive := newArchive(t)
	first := addFolder(t, archive, folder)
	for _, offer := range first.Offers {
		require.Equal(t, OutcomeNew, offer.Outcome, offer.Path)
		require.Equal(t, 1, offer.ID.Revision)
	}
	require.Empty(t, first.PassedOver())
	before := treeOf(t, archive.dir)
	second := addFolder(t, archive, folder)
	for _, offer := range second.Offers {
		require.Equal(t, OutcomeKnown, offer.Outcome, offer.Path)
	}
	require.Equal(t, before, treeOf(t, archive.dir))

	releases := mustReleases(t, archive)
	require.Len(t, releases, 9)
	for _, one := range releases {
		require.NoError(t, one.Verify(context.Background()))
		main, err := one.ReadMain(context.Background())
		require.NoError(t, err)
		require.Len(t, main, int(one.Main.Size))
		for _, entry := range one.Entries {
			content, err := one.ReadEntry(context.Background(), entry.Name)
			require.NoError(t, err)
			require.Len(t, content, int(entry.Size))
		}
	}
	companions, err := archive.Companions(context.Background())
	require.NoError(t, err)
	require.Len(t, companions, 10)
}

// copyRealReleases copies each file of a release to where place says; "" leaves
// it out.
func copyRealReleases(t *testing.T, folder string, place func(name string) string) {
	t.Helper()
	require.NoError(t, fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Dir(name) == "." {
			return err
		}
		target := place(name)
		if target == "" {
			return nil
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	}))
}
