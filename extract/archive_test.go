package extract

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

var fetched = time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)

func newArchive(t testing.TB) *Archive {
	t.Helper()
	archive, err := OpenArchive(filepath.Join(t.TempDir(), "data", "archive"))
	require.NoError(t, err)
	return archive
}

// archiveWith is an archive to which a folder's releases and companions were
// added.
func archiveWith(t testing.TB, files map[string][]byte) (*Archive, []AddedOffer) {
	t.Helper()
	archive := newArchive(t)
	return archive, addFolder(t, archive, folderOf(t, files)).Offers
}

func addFolder(t testing.TB, archive *Archive, root string) Added {
	t.Helper()
	inventory := mustReadFolder(t, root)
	added, err := archive.Add(context.Background(), inventory.Offers, inventory.Companions, root, fetched)
	require.NoError(t, err)
	return added
}

// outcomes are what became of offers, in short.
func outcomes(offers []AddedOffer) []string {
	var lines []string
	for _, offer := range offers {
		line := offer.Name + ": " + string(offer.Outcome)
		if offer.ID != (release.ID{}) {
			line += " " + offer.ID.String()
		}
		lines = append(lines, line)
	}
	return lines
}

func mustReleases(t testing.TB, archive *Archive) []Archived {
	t.Helper()
	releases, err := archive.Releases(context.Background())
	require.NoError(t, err)
	return releases
}

// holding is each release with the word of its main file.
func holding(t testing.TB, archive *Archive) []string {
	t.Helper()
	var lines []string
	for _, one := range mustReleases(t, archive) {
		content, err := one.ReadMain(context.Background())
		require.NoError(t, err)
		line := one.ID.String() + " " + one.Main.Name
		if _, after, ok := strings.Cut(string(content), "Item made up for "); ok {
			line += " " + strings.Fields(after)[0]
		}
		for _, again := range one.Repackaged {
			line += ", again in " + again.Name
		}
		lines = append(lines, line)
	}
	return lines
}

func TestArchiveFilesAndSidecars(t *testing.T) {
	content := zipOf(t,
		zipEntry{"HCPC2031_JAN_ANWEB_v2.txt", mainText("beans"), day(2030, 12, 1)},
		zipEntry{"docs/proc_notes.txt", "PROCESSING NOTES", day(2030, 12, 1)},
	)
	root := folderOf(t, map[string][]byte{
		"2031Q1/january 2031 (hcpcs)!.zip": content,
		"2031Q1/trans alpha.xlsx":          transactionWorkbook(t),
	})
	archive := newArchive(t)
	added := addFolder(t, archive, root)
	require.Equal(t, []string{"january 2031 (hcpcs)!.zip: new 2031Q1r1"}, outcomes(added.Offers))
	require.Empty(t, added.PassedOver())

	hash := hashOf(content)
	zipName := "2031Q1/r1-" + hash[:12] + "-january-2031-hcpcs.zip"
	companionHash := hashOf(transactionWorkbook(t))
	tree := treeOf(t, archive.dir)
	require.ElementsMatch(t, []string{
		zipName, zipName + ".json",
		"2031Q1/companion-" + companionHash[:12] + "-trans-alpha.xlsx", "2031Q1/companion-" + companionHash[:12] + "-trans-alpha.xlsx.json",
	}, slices.Collect(maps.Keys(tree)))
	archived, err := os.ReadFile(filepath.Join(archive.dir, zipName))
	require.NoError(t, err)
	require.Equal(t, content, archived, "unchanged")

	text, err := os.ReadFile(filepath.Join(archive.dir, zipName+".json"))
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(text, &fields))
	require.Equal(t, map[string]any{
		"sidecar_version": 1.0, "role": "release", "quarter": "2031Q1", "revision": 1.0, "quarter_basis": "folder name",
		"name": "january 2031 (hcpcs)!.zip", "source": root, "found_at": filepath.Join(root, "2031Q1", "january 2031 (hcpcs)!.zip"),
		"fetched_at": "2031-02-03T04:05:06Z", "published_at": "2030-12-01T12:00:00Z", "published_basis": "zip_entry",
		"size": float64(len(content)), "sha256": hash,
		"main":    map[string]any{"name": "HCPC2031_JAN_ANWEB_v2.txt", "format": "txt", "sha256": hashOf([]byte(mainText("beans"))), "size": float64(len(mainText("beans")))},
		"entries": []any{map[string]any{"name": "docs/proc_notes.txt", "kind": "processing_notes", "size": 16.0}},
	}, fields)

	archive = reopened(t, archive) // it keeps nothing in memory
	releases := mustReleases(t, archive)
	require.Len(t, releases, 1)
	one := releases[0]
	require.Equal(t, release.ID{Quarter: quarter(t, "2031Q1"), Revision: 1}, one.ID)
	require.Equal(t, fetched, one.FetchedAt)
	require.Equal(t, day(2030, 12, 1), one.PublishedAt)
	main, err := one.ReadMain(context.Background())
	require.NoError(t, err)
	require.Equal(t, mainText("beans"), string(main))
	notes, err := one.ReadEntry(context.Background(), "docs/proc_notes.txt")
	require.NoError(t, err)
	require.Equal(t, "PROCESSING NOTES", string(notes))
	_, err = one.ReadEntry(context.Background(), "nothing.txt")
	require.ErrorContains(t, err, `holds no companion "nothing.txt"`)
	_, err = one.ReadSecond(context.Background())
	require.EqualError(t, err, "read 2031Q1r1 from the archive: it is there as txt only")
	require.NoError(t, one.Verify(context.Background()))

	companions, err := archive.Companions(context.Background())
	require.NoError(t, err)
	require.Len(t, companions, 1)
	require.Equal(t, quarter(t, "2031Q1"), companions[0].Quarter)
	report, err := companions[0].ReadEntry(context.Background(), "trans alpha.xlsx")
	require.NoError(t, err)
	require.Equal(t, companionHash, hashOf(report))
	require.NoError(t, companions[0].Verify(context.Background()))
}

func TestAddAgainWritesNothing(t *testing.T) {
	root := folderOf(t, map[string][]byte{
		"2031Q1/a.zip":           releaseZIP(t, "a.txt", "beans", day(2030, 12, 1)),
		"2031Q2/a.txt":           []byte(mainText("peas")),
		"2031Q2/a.xlsx":          mainWorkbook(t, "peas", 1),
		"2031Q2/trans.xlsx":      transactionWorkbook(t),
		"2031Q3/b.zip":           releaseZIP(t, "a.txt", "plums", day(2031, 6, 1)),
		"2031Q3/again.zip":       zipOf(t, zipEntry{"a.txt", preamble + mainText("plums"), day(2031, 6, 2)}),
		"2031Q3/corrections.zip": zipOf(t, zipEntry{name: "corrections.txt", content: "x"}),
	})
	archive := newArchive(t)
	first := addFolder(t, archive, root)
	require.Equal(t, []string{"a.zip: new 2031Q1r1", "a.txt: new 2031Q2r1", "again.zip: repackaged 2031Q3r1", "b.zip: new 2031Q3r1"}, outcomes(first.Offers))
	before := treeOf(t, archive.dir)

	reopened, err := OpenArchive(archive.dir)
	require.NoError(t, err)
	reopened.fault = func(step string) error { require.Fail(t, "writes", step); return nil }
	second := addFolder(t, reopened, root)
	require.Equal(t, []string{"a.zip: known 2031Q1r1", "a.txt: known 2031Q2r1", "again.zip: known 2031Q3r1", "b.zip: known 2031Q3r1"}, outcomes(second.Offers))
	for _, companion := range second.Companions {
		require.Equal(t, OutcomeKnown, companion.Outcome, companion.Name)
	}
	require.Empty(t, second.PassedOver())
	require.Equal(t, before, treeOf(t, archive.dir))

	third := addFolder(t, reopened, archive.dir)
	for _, offer := range third.Offers {
		require.Equal(t, OutcomeKnown, offer.Outcome, "the archive read as a folder: %s", offer.Path)
	}
	require.Equal(t, before, treeOf(t, archive.dir))
}

func TestRevisionsFoundTogether(t *testing.T) {
	at := func(word string, published time.Time) []byte { return releaseZIP(t, "a.txt", word, published) }
	book := string(mainWorkbook(t, "beans", 1))
	for what, c := range map[string]struct {
		files map[string][]byte
		want  []string
	}{
		"by publication time": {
			map[string][]byte{"2031Q1_v1.zip": at("third", day(2031, 1, 3)), "2031Q1_v2.zip": at("second", day(2031, 1, 2)), "2031Q1_v3.zip": at("first", day(2031, 1, 1))},
			[]string{"2031Q1r1 a.txt first", "2031Q1r2 a.txt second", "2031Q1r3 a.txt third"},
		},
		"then by version": {
			map[string][]byte{"2031Q1_v10.zip": at("third", day(2031, 1, 1)), "2031Q1_v9.zip": at("second", day(2031, 1, 1)), "2031Q1.zip": at("first", day(2031, 1, 1))},
			[]string{"2031Q1r1 a.txt first", "2031Q1r2 a.txt second", "2031Q1r3 a.txt third"},
		},
		"by version where a time is missing": {
			map[string][]byte{"2031Q1_v1.zip": at("first", day(2031, 1, 3)), "2031Q1_v2.zip": at("second", time.Time{}), "2031Q1_01022031.zip": at("third", day(2031, 1, 1))},
			[]string{"2031Q1r1 a.txt first", "2031Q1r2 a.txt second", "2031Q1r3 a.txt third"},
		},
		"the text before its workbook alone, the release at the earliest time": {
			map[string][]byte{
				"2031Q1/all/a.zip":      zipOf(t, zipEntry{"a.txt", mainText("beans"), day(2031, 1, 9)}, zipEntry{"a.xlsx", book, day(2031, 1, 9)}),
				"2031Q1/part/part.zip":  zipOf(t, zipEntry{"a.xlsx", book, day(2031, 1, 1)}),
				"2031Q1/again/copy.zip": zipOf(t, zipEntry{"b.txt", mainText("beans"), day(2031, 1, 3)}),
				"2031Q1/b.zip":          at("peas", day(2031, 1, 5)),
			},
			[]string{"2031Q1r1 b.txt beans, again in a.zip, again in part.zip", "2031Q1r2 a.txt peas"},
		},
		"the ZIP before loose files of the same bytes": {
			map[string][]byte{"2031Q1/z.zip": at("beans", day(2031, 1, 3)), "2031Q1/a.txt": []byte(preamble + mainText("beans"))},
			[]string{"2031Q1r1 a.txt beans"},
		},
	} {
		archive, _ := archiveWith(t, c.files)
		require.Equal(t, c.want, holding(t, archive), what)
	}

	// Then by hash: whatever the names, the numbers are the same.
	one, _ := archiveWith(t, map[string][]byte{"2031Q1/x.txt": []byte(mainText("beans")), "2031Q1/y.txt": []byte(mainText("peas"))})
	other, _ := archiveWith(t, map[string][]byte{"2031Q1/y.txt": []byte(mainText("beans")), "2031Q1/x.txt": []byte(mainText("peas"))})
	sums := func(archive *Archive) (sums []string) {
		for _, one := range mustReleases(t, archive) {
			sums = append(sums, one.Main.SHA256)
		}
		return sums
	}
	require.Equal(t, sums(one), sums(other))
}

func TestANumberOnceGivenStays(t *testing.T) {
	archive, _ := archiveWith(t, map[string][]byte{"2031Q1.zip": releaseZIP(t, "a.txt", "beans", day(2031, 1, 9))})
	added := addFolder(t, archive, folderOf(t, map[string][]byte{"2031Q1.zip": releaseZIP(t, "a.txt", "earlier", day(2031, 1, 1))}))
	require.Equal(t, []string{"2031Q1.zip: new 2031Q1r2"}, outcomes(added.Offers))
	require.Equal(t, []string{"2031Q1r1 a.txt beans", "2031Q1r2 a.txt earlier"}, holding(t, archive))
}

func TestOneMainFileInSeveralPackages(t *testing.T) {
	text, workbook := []byte(mainText("beans")), mainWorkbook(t, "beans", 1)
	add := func(archive *Archive, files map[string][]byte) []string {
		return outcomes(addFolder(t, archive, folderOf(t, files)).Offers)
	}
	// Loose first, then CMS's ZIP, then the ZIP again, then the loose workbook.
	archive := newArchive(t)
	require.Equal(t, []string{"a.txt: new 2031Q1r1"}, add(archive, map[string][]byte{"2031Q1/a.txt": text}))
	zipped := map[string][]byte{"2031Q1/a.zip": zipOf(t, zipEntry{name: "a.txt", content: string(text)}, zipEntry{name: "a.xlsx", content: string(workbook)})}
	require.Equal(t, []string{"a.zip: repackaged 2031Q1r1"}, add(archive, zipped))
	require.Equal(t, []string{"a.zip: known 2031Q1r1"}, add(archive, zipped))
	require.Equal(t, []string{"b.xlsx: known 2031Q1r1"}, add(archive, map[string][]byte{"2031Q1/b.xlsx": workbook}), "the second format of a repackaged release")
	require.Equal(t, []string{"2031Q1r1 a.txt beans, again in a.zip"}, holding(t, archive))
	releases := mustReleases(t, archive)
	requirePackedByHcpcs(t, releases[0])
	second, err := releases[0].Repackaged[0].ReadSecond(context.Background())
	require.NoError(t, err)
	require.Equal(t, workbook, second)

	// The workbook alone first, then with its text: no new revision either.
	archive = newArchive(t)
	require.Equal(t, []string{"a.xlsx: new 2031Q1r1"}, add(archive, map[string][]byte{"2031Q1/a.xlsx": workbook}))
	require.Equal(t, []string{"a.txt: repackaged 2031Q1r1"}, add(archive, map[string][]byte{"2031Q1/a.txt": text, "2031Q1/a.xlsx": workbook}))
	require.Equal(t, []string{"a.txt: known 2031Q1r1"}, add(archive, map[string][]byte{"2031Q1/a.txt": text, "2031Q1/a.xlsx": workbook}))

	// Nor is a workbook alone that two revisions have, but another text is one.
	require.Equal(t, []string{"a.txt: new 2031Q1r2"}, add(archive, map[string][]byte{"2031Q1/a.txt": []byte(mainText("peas")), "2031Q1/a.xlsx": workbook}))
	require.Equal(t, []string{"a.xlsx: known 2031Q1r1"}, add(archive, map[string][]byte{"2031Q1/a.xlsx": workbook}))

	// The text of a later version is a revision, though nothing but the workbook of the
	// first one lies beside it.
	archive = newArchive(t)
	require.Equal(t, []string{"2031Q1.xlsx: new 2031Q1r1"}, add(archive, map[string][]byte{"2031Q1.xlsx": workbook}))
	require.Equal(t, []string{"2031Q1.xlsx: known 2031Q1r1", "2031Q1_v2.txt: new 2031Q1r2"}, add(archive, map[string][]byte{"2031Q1.xlsx": workbook, "2031Q1_v2.txt": text}))

	// Of a workbook that cannot be read the text is a release of its own, which it stays.
	archive = newArchive(t)
	require.Equal(t, []string{"a.xlsx: new 2031Q1r1"}, add(archive, map[string][]byte{"2031Q1/a.xlsx": workbook}))
	both := map[string][]byte{"2031Q1/a.txt": text, "2031Q1/a.xlsx": workbook}
	archive.SetUnreadable([]release.ID{{Quarter: release.Quarter{Year: 2031, Number: 1}, Revision: 1}})
	require.Equal(t, []string{"a.xlsx: known 2031Q1r1"}, add(archive, map[string][]byte{"2031Q1/a.xlsx": workbook}))
	require.Equal(t, []string{"a.txt: new 2031Q1r2"}, add(archive, both))
	archive.SetUnreadable(nil)
	require.Equal(t, []string{"a.txt: known 2031Q1r2"}, add(archive, both))

	// Another text beside the same workbook is a revision.
	require.Equal(t, []string{"a.zip: new 2031Q1r1", "b.zip: new 2031Q1r2"}, add(newArchive(t), map[string][]byte{
		"2031Q1/a.zip": zipOf(t, zipEntry{"a.txt", string(text), day(2031, 1, 1)}, zipEntry{"a.xlsx", string(workbook), day(2031, 1, 1)}),
		"2031Q1/b.zip": zipOf(t, zipEntry{"a.txt", mainText("peas"), day(2031, 1, 2)}, zipEntry{"a.xlsx", string(workbook), day(2031, 1, 1)}),
	}))
}

func TestOneMainFileUnderTwoQuarters(t *testing.T) {
	content := releaseZIP(t, "a.txt", "beans", day(2031, 1, 1))
	archive, added := archiveWith(t, map[string][]byte{"2031Q1/a.zip": content, "2031Q2/b.zip": content, "2031Q3/c.zip": releaseZIP(t, "a.txt", "peas", day(2031, 1, 1))})
	require.Equal(t, []string{"a.zip: refused", "b.zip: refused", "c.zip: new 2031Q3r1"}, outcomes(added))
	require.Contains(t, added[0].Reason, "as 2031Q1 it would be the same file as "+added[1].Path+", offered as 2031Q2")
	require.Equal(t, []string{"2031Q3r1 a.txt peas"}, holding(t, archive))

	// What was there first stays; the copy is refused each time.
	archive, _ = archiveWith(t, map[string][]byte{"2031Q1/a.zip": content})
	root := folderOf(t, map[string][]byte{"2031Q1/a.zip": content, "2031Q2/b.zip": content})
	for range 2 {
		added := addFolder(t, archive, root)
		require.Equal(t, []string{"a.zip: known 2031Q1r1", "b.zip: refused"}, outcomes(added.Offers))
		require.Equal(t, []PassedOver{{
			Path:   filepath.Join(root, "2031Q2", "b.zip"),
			Reason: "as 2031Q2 it would be the same file as 2031Q1r1 in the archive: one file cannot be the release of two quarters; move it into the folder of its own quarter, or remove the copy", Suspect: true,
		}}, added.PassedOver())
	}
}

func TestUnknownAndContradictedQuarters(t *testing.T) {
	root := folderOf(t, map[string][]byte{
		"a.zip":                   releaseZIP(t, "a.txt", "beans", day(2031, 1, 1)),
		"2031Q1/HCPC2031_OCT.txt": []byte(mainText("peas")),
	})
	archive := newArchive(t)
	added := addFolder(t, archive, root)
	require.Equal(t, []string{"HCPC2031_OCT.txt: refused", "a.zip: quarter unknown"}, outcomes(added.Offers))
	require.Equal(t, `its names contradict each other: the folder name "2031Q1" says 2031Q1, the file name "HCPC2031_OCT.txt" says 2031Q4: move or rename it so that they agree`, added.Offers[0].Reason)
	require.Empty(t, mustReleases(t, archive))

	// The caller asks the content and adds again.
	inventory := mustReadFolder(t, root)
	inventory.Offers[1].Quarter, inventory.Offers[1].QuarterBasis = quarter(t, "2031Q2"), BasisContent
	again, err := archive.Add(context.Background(), inventory.Offers, nil, root, fetched)
	require.NoError(t, err)
	require.Equal(t, []string{"HCPC2031_OCT.txt: refused", "a.zip: new 2031Q2r1"}, outcomes(again.Offers))
	require.Equal(t, "content", mustReleases(t, archive)[0].QuarterBasis)

	// From then on the archive knows the file without its content.
	require.Equal(t, []string{"HCPC2031_OCT.txt: refused", "a.zip: known 2031Q2r1"}, outcomes(addFolder(t, archive, root).Offers))

	inventory.Offers[1].Quarter = release.Quarter{Year: 2031, Number: 7}
	wrong, err := newArchive(t).Add(context.Background(), inventory.Offers, nil, root, fetched)
	require.NoError(t, err)
	require.Equal(t, OutcomeRefused, wrong.Offers[1].Outcome)
}

func TestCompanionsFindTheirQuarter(t *testing.T) {
	root := folderOf(t, map[string][]byte{
		"one/HCPC2031_JAN.txt":      []byte(mainText("beans")),
		"one/trans.xlsx":            transactionWorkbook(t), // beside one release
		"two/HCPC2031_APR.txt":      []byte(mainText("peas")),
		"two/HCPC2031_JUL.txt":      []byte(mainText("plums")),
		"two/proc_notes.txt":        []byte("PROCESSING NOTES\nbetween two"),
		"two/2031Q3_proc_notes.txt": []byte("PROCESSING NOTES\nnamed"),
		"2031Q1/noc_2031Q2.txt":     []byte("NOC CODES\n"),
		"corr.zip":                  zipOf(t, zipEntry{name: "HCPC2031_OCT_Corrections.txt", content: "x"}), // named inside
	})
	archive := newArchive(t)
	for _, outcome := range []Outcome{OutcomeNew, OutcomeKnown} {
		added := addFolder(t, archive, root)
		got := map[string]string{}
		for _, one := range added.Companions {
			got[one.Name] = string(one.Outcome) + " " + one.Quarter.String()
		}
		require.Equal(t, map[string]string{
			"trans.xlsx": string(outcome) + " 2031Q1", "2031Q3_proc_notes.txt": string(outcome) + " 2031Q3", "corr.zip": string(outcome) + " 2031Q4",
			"noc_2031Q2.txt": "refused 0000Q0", "proc_notes.txt": "quarter unknown 0000Q0",
		}, got)
		require.Equal(t, []PassedOver{
			{filepath.Join(root, "2031Q1", "noc_2031Q2.txt"), `its names contradict each other: the folder name "2031Q1" says 2031Q1, the file name "noc_2031Q2.txt" says 2031Q2: move or rename it so that they agree`, true},
			{filepath.Join(root, "two", "proc_notes.txt"), "no name tells its quarter and it does not lie beside one release alone: put it into a folder named by its quarter, such as 2025Q4", true},
		}, added.PassedOver())
	}
	companions, err := archive.Companions(context.Background())
	require.NoError(t, err)
	require.Len(t, companions, 3)
	require.Equal(t, []string{"2031Q1r1", "2031Q2r1", "2031Q3r1"}, func() (ids []string) {
		for _, one := range mustReleases(t, archive) {
			ids = append(ids, one.ID.String())
		}
		return ids
	}(), "a companion is no revision")
	content, err := companions[2].ReadEntry(context.Background(), "HCPC2031_OCT_Corrections.txt")
	require.NoError(t, err)
	require.Equal(t, "x", string(content))
	_, err = companions[2].ReadEntry(context.Background(), "corr.zip")
	require.ErrorContains(t, err, `holds no "corr.zip"`)
}

// requirePackedByHcpcs: the sidecar says that the ZIP was made from loose files.
func requirePackedByHcpcs(t *testing.T, one Archived) {
	t.Helper()
	text, err := os.ReadFile(one.Path + ".json")
	require.NoError(t, err)
	var said sidecar
	require.NoError(t, json.Unmarshal(text, &said))
	require.True(t, said.PackedByHcpcs)
}

func TestLooseFilesArePackedTheSameWayEachTime(t *testing.T) {
	files := map[string][]byte{"2031Q1/b.txt": []byte(mainText("beans")), "2031Q1/a.xlsx": mainWorkbook(t, "beans", 1)}
	one, _ := archiveWith(t, files)
	other, _ := archiveWith(t, files)
	first, second := mustReleases(t, one)[0], mustReleases(t, other)[0]
	require.Equal(t, first.SHA256, second.SHA256)
	require.Equal(t, filepath.Base(first.Path), filepath.Base(second.Path))
	requirePackedByHcpcs(t, first)
	content, err := os.ReadFile(first.Path)
	require.NoError(t, err)
	require.Equal(t, first.SHA256, hashOf(content))
	require.EqualValues(t, len(content), first.Size)
	reader, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	require.Len(t, reader.File, 2)
	require.Equal(t, "b.txt", reader.File[0].Name, "the main file first")
	require.Equal(t, "a.xlsx", reader.File[1].Name)
	require.Equal(t, zip.Store, reader.File[0].Method)
	main, err := first.ReadMain(context.Background())
	require.NoError(t, err)
	require.Equal(t, files["2031Q1/b.txt"], main)
	book, err := first.ReadSecond(context.Background())
	require.NoError(t, err)
	require.Equal(t, files["2031Q1/a.xlsx"], book)

	// Read as a folder, the ZIP that hcpcs made tells no time of its own.
	offer := mustReadFolder(t, one.dir).Offers[0]
	require.Zero(t, offer.PublishedAt)
}

func TestDamageInTheArchive(t *testing.T) {
	archive, _ := archiveWith(t, map[string][]byte{
		"2031Q1/a.zip":        releaseZIP(t, "a.txt", "beans", day(2031, 1, 1)),
		"2031Q2/a.txt":        []byte(mainText("peas")), // stored, not compressed
		"2031Q2/a.xlsx":       mainWorkbook(t, "peas", 1),
		"2031Q2/noc.txt":      []byte("NOC CODES"),
		"2031Q3/noc_list.zip": zipOf(t, zipEntry{name: "noc.txt", content: strings.Repeat("NOC CODES", 9)}),
	})
	flip := func(path string, at func(content []byte) int) {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		content[at(content)] ^= 0x20
		require.NoError(t, os.WriteFile(path, content, 0o644))
	}
	middle := func(content []byte) int { return len(content) / 2 }
	ctx := context.Background()
	archive = reopened(t, archive) // it keeps nothing in memory
	releases := mustReleases(t, archive)
	companions, err := archive.Companions(ctx)
	require.NoError(t, err)

	flip(releases[0].Path, middle)
	_, err = releases[0].ReadMain(ctx)
	require.ErrorContains(t, err, "read 2031Q1r1 from the archive: "+releases[0].Path+" in a.txt does not hold the bytes that were archived: ")
	require.ErrorContains(t, err, "restore the file from a backup")
	require.ErrorContains(t, releases[0].Verify(ctx), "its SHA-256 is")

	// A byte and the ZIP's own checksum changed alike: only the sidecar tells.
	content, err := os.ReadFile(releases[1].Path)
	require.NoError(t, err)
	forged := packedWith(t, releases[1], strings.Replace(mainText("peas"), "Crate", "Crude", 1))
	require.Len(t, forged, len(content))
	require.NoError(t, os.WriteFile(releases[1].Path, forged, 0o644))
	_, err = releases[1].ReadMain(ctx)
	require.ErrorContains(t, err, "does not hold the bytes that were archived: its SHA-256 is")
	_, err = releases[1].ReadSecond(ctx)
	require.NoError(t, err, "the other file is whole")

	flip(companions[0].Path, middle)
	_, err = companions[0].ReadEntry(ctx, "noc.txt")
	require.ErrorContains(t, err, "read a companion of 2031Q2 from the archive")
	require.Error(t, companions[0].Verify(ctx))
	flip(companions[1].Path, func(content []byte) int { return bytes.Index(content, []byte("noc.txt")) + 20 })
	_, err = companions[1].ReadEntry(ctx, "noc.txt")
	require.ErrorContains(t, err, "read a companion of 2031Q3 from the archive")

	require.NoError(t, os.Remove(releases[0].Path))
	_, err = releases[0].ReadMain(ctx)
	require.ErrorContains(t, err, "no such file")
	require.True(t, mustReleases(t, archive)[0].Missing)
}

// packedWith is the archived ZIP of loose files with another main file.
func packedWith(t *testing.T, one Archived, main string) []byte {
	t.Helper()
	second, err := one.ReadSecond(context.Background())
	require.NoError(t, err)
	root := folderOf(t, map[string][]byte{"2031Q2/" + one.Main.Name: []byte(main), "2031Q2/" + one.Second.Name: second})
	packed, err := packLoose(context.Background(), mustReadFolder(t, root).Offers[0])
	require.NoError(t, err)
	return packed
}

func TestDamagedSidecars(t *testing.T) {
	for what, c := range map[string]struct {
		change func(text string) string
		want   string
	}{
		"no JSON":        {func(string) string { return "{" }, "unexpected end of JSON input"},
		"other quarter":  {func(text string) string { return strings.Replace(text, "2031Q1", "2031Q2", 1) }, `it speaks of quarter "2031Q2"`},
		"other revision": {func(text string) string { return strings.Replace(text, `"revision": 1`, `"revision": 2`, 1) }, "it speaks of revision 2"},
		"no such role":   {func(text string) string { return strings.Replace(text, `"release"`, `"king"`, 1) }, `its role is "king"`},
		"a later version": {func(text string) string {
			return strings.Replace(text, `"sidecar_version": 1`, `"sidecar_version": 2`, 1)
		}, "it was written by a later version of hcpcs"},
	} {
		archive, _ := archiveWith(t, map[string][]byte{"2031Q1/a.zip": releaseZIP(t, "a.txt", "beans", day(2031, 1, 1))})
		path := mustReleases(t, archive)[0].Path + ".json"
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, []byte(c.change(string(text))), 0o644))
		_, err = archive.Releases(context.Background())
		require.ErrorContains(t, err, c.want, what)
		require.ErrorContains(t, err, path, what)
		_, err = archive.Add(context.Background(), nil, nil, "", fetched)
		require.ErrorContains(t, err, c.want, what)
	}

	archive, _ := archiveWith(t, map[string][]byte{"2031Q1/a.zip": releaseZIP(t, "a.txt", "beans", day(2031, 1, 1))})
	one := mustReleases(t, archive)[0]
	for _, ending := range []string{"", ".json"} {
		content, err := os.ReadFile(one.Path + ending)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(strings.Replace(one.Path, "-a.zip", "-b.zip", 1)+ending, content, 0o644))
	}
	_, err := archive.Releases(context.Background())
	require.ErrorContains(t, err, "both claim to be 2031Q1r1")
}

func TestAnOfferThatChangedIsRefusedAndTheRestGoesOn(t *testing.T) {
	root := folderOf(t, map[string][]byte{
		"2031Q1.zip": releaseZIP(t, "a.txt", "beans", day(2031, 1, 1)), "2031Q2.txt": []byte(mainText("peas")),
		"2031Q3.zip": releaseZIP(t, "a.txt", "plums", day(2031, 1, 1)), "2031Q4_noc.txt": []byte("NOC CODES"),
	})
	inventory := mustReadFolder(t, root)
	for _, name := range []string{"2031Q1.zip", "2031Q2.txt", "2031Q4_noc.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte("changed"), 0o644))
	}
	archive := newArchive(t)
	added, err := archive.Add(context.Background(), inventory.Offers, inventory.Companions, root, fetched)
	require.NoError(t, err)
	require.Equal(t, []string{"2031Q1.zip: refused", "2031Q2.txt: refused", "2031Q3.zip: new 2031Q3r1"}, outcomes(added.Offers))
	require.Contains(t, added.Offers[0].Reason, "the file changed after it was listed")
	require.Contains(t, added.Offers[1].Reason, "the file changed after it was listed")
	require.Equal(t, OutcomeRefused, added.Companions[0].Outcome)
	require.Len(t, treeOf(t, archive.dir), 2, "nothing half-visible")
}

func TestRevisionsRunOut(t *testing.T) {
	archive, _ := archiveWith(t, map[string][]byte{"2031Q1.zip": releaseZIP(t, "a.txt", "beans", day(2031, 1, 1))})
	one := mustReleases(t, archive)[0]
	for _, ending := range []string{"", ".json"} {
		content, err := os.ReadFile(one.Path + ending)
		require.NoError(t, err)
		content = bytes.Replace(content, []byte(`"revision": 1`), []byte(`"revision": 999`), 1)
		require.NoError(t, os.WriteFile(strings.Replace(one.Path, "r1-", "r999-", 1)+ending, content, 0o644))
	}
	added := addFolder(t, archive, folderOf(t, map[string][]byte{"2031Q1.zip": releaseZIP(t, "a.txt", "peas", day(2031, 1, 1))}))
	require.Equal(t, OutcomeRefused, added.Offers[0].Outcome)
	require.Contains(t, added.Offers[0].Reason, "has 999 revisions already")
}

func TestSafeFileName(t *testing.T) {
	for name, want := range map[string]string{
		"11anweb":                          "11anweb",
		"2017 HCPCS (final)!.xlsx":         "2017-HCPCS-final-.xlsx",
		"../../etc/passwd":                 "etc-passwd",
		"ünïcode":                          "n-code",
		"???":                              "unnamed",
		"notes.json":                       "notes-json",
		"notes.tmp":                        "notes-tmp",
		strings.Repeat("a", 200) + ".xlsx": strings.Repeat("a", 95) + ".xlsx",
	} {
		require.Equal(t, want, safeFileName(name), name)
	}
}

func TestArchiveErrors(t *testing.T) {
	root := folderOf(t, map[string][]byte{"file": []byte("x"), "2031Q1.zip": releaseZIP(t, "a.txt", "beans", day(2031, 1, 1))})
	_, err := OpenArchive(filepath.Join(root, "file", "archive"))
	require.ErrorContains(t, err, "give a folder that can be written")

	archive := newArchive(t)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = archive.Add(ended, mustReadFolder(t, root).Offers, nil, root, fetched)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, treeOf(t, archive.dir))

	// Folders and files that are not ours are left alone.
	require.NoError(t, os.MkdirAll(filepath.Join(archive.dir, "notes"), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(archive.dir, "2031Q1"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(archive.dir, "2031Q1", "notes.txt"), []byte("mine"), 0o644))
	addFolder(t, archive, root)
	require.Len(t, mustReleases(t, archive), 1)
	require.Contains(t, treeOf(t, archive.dir), "2031Q1/notes.txt")
}
