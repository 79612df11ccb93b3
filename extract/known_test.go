package extract

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

func reopened(t testing.TB, archive *Archive) *Archive {
	t.Helper()
	again, err := OpenArchive(archive.dir)
	require.NoError(t, err)
	return again
}

// What is in the archive is offered again as it was, with what of it cannot be
// used, and is not looked into.
func TestKnownZIPsAreNotLookedInto(t *testing.T) {
	ctx := context.Background()
	folder := folderOf(t, map[string][]byte{
		"2031Q1/a.zip": zipOf(t,
			zipEntry{name: "a.txt", content: mainText("beans"), time: day(2031, 1, 1)},
			zipEntry{name: "a.xls", content: string(magicCompound) + "codes"},
			zipEntry{name: "proc_notes.txt", content: "PROCESSING NOTES"}),
		"2031Q1/noc_list.zip": zipOf(t, zipEntry{name: "noc.txt", content: "NOC CODES"}),
	})
	archive, err := OpenArchive(filepath.Join(t.TempDir(), "archive"))
	require.NoError(t, err)
	var texts []string
	archive.WhenUnpacked(func(main MainFile, text []byte) {
		require.Equal(t, hashOf(text), main.SHA256)
		texts = append(texts, string(text))
	})
	first, err := archive.ReadFolder(ctx, folder, day(2031, 2, 1), "")
	require.NoError(t, err)
	require.Len(t, first.Offers, 1)
	require.Len(t, first.Companions, 1)
	require.Len(t, first.PassedOver, 1)
	require.Equal(t, []string{mainText("beans")}, texts)
	_, err = archive.Add(ctx, first.Offers, first.Companions, folder, day(2031, 2, 1))
	require.NoError(t, err)

	again, err := archive.ReadFolder(ctx, folder, day(2031, 2, 1), "")
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.Len(t, texts, 1, "it is not looked into again")

	known, err := archive.knownZIPs(ctx)
	require.NoError(t, err)
	require.Len(t, known, 2)
	told := known[first.Offers[0].SHA256]
	told.main = &MainFile{Name: "told by the archive.txt", Format: FormatText}
	known[first.Offers[0].SHA256] = told
	inventory, err := readRoot(ctx, folder, beforehand{zips: known})
	require.NoError(t, err)
	require.Equal(t, "told by the archive.txt", inventory.Offers[0].Main.Name)
}

// A ZIP of the folder that is in the archive is not read again either, while its
// size and time are as they were.
func TestKnownZIPsAreNotReadAgain(t *testing.T) {
	ctx := context.Background()
	folder := folderOf(t, map[string][]byte{"2031Q1/a.zip": releaseZIP(t, "a.txt", "beans", day(2031, 1, 1))})
	path, memory := filepath.Join(folder, "2031Q1", "a.zip"), filepath.Join(t.TempDir(), "checked.json")
	written, at := day(2031, 1, 20), day(2031, 2, 1)
	write := func(content []byte, modified time.Time) {
		require.NoError(t, os.WriteFile(path, content, 0o644))
		require.NoError(t, os.Chtimes(path, modified, modified))
	}
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	write(whole, written)
	archive, err := OpenArchive(filepath.Join(t.TempDir(), "archive"))
	require.NoError(t, err)
	first, err := archive.ReadFolder(ctx, folder, at, memory)
	require.NoError(t, err)
	require.NoFileExists(t, memory, "what is not in the archive is not remembered")
	_, err = archive.Add(ctx, first.Offers, nil, folder, at)
	require.NoError(t, err)
	known, err := archive.ReadFolder(ctx, folder, at, memory)
	require.NoError(t, err)
	require.FileExists(t, memory)

	broken := slices.Clone(whole)
	broken[60] ^= 1 // in the first entry
	write(broken, written)
	again, err := archive.ReadFolder(ctx, folder, at.Add(time.Hour), memory)
	require.NoError(t, err)
	require.Equal(t, known, again)
	for what, read := range map[string]func() (Inventory, error){
		"a month later": func() (Inventory, error) { return archive.ReadFolder(ctx, folder, at.Add(30*24*time.Hour), memory) },
		"no memory":     func() (Inventory, error) { return archive.ReadFolder(ctx, folder, at.Add(time.Hour), "") },
		"another time": func() (Inventory, error) {
			write(broken, written.Add(time.Second))
			return archive.ReadFolder(ctx, folder, at.Add(time.Hour), memory)
		},
	} {
		t.Run(what, func(t *testing.T) {
			write(broken, written)
			inventory, err := read()
			require.NoError(t, err)
			require.Len(t, inventory.Offers, 1)
			require.NotEqual(t, known.Offers[0].SHA256, inventory.Offers[0].SHA256, "it was read")
		})
	}

	// A plan remembers nothing.
	write(whole, written)
	plan := PlanArchive(archive.dir)
	require.NoError(t, os.Remove(memory))
	_, err = plan.ReadFolder(ctx, folder, at, memory)
	require.NoError(t, err)
	require.NoFileExists(t, memory)
}

// A workbook that was unpacked to tell what it is, is kept and given once; after that, it
// comes from the archive. More than the limit is not kept, over all ZIPs of a source.
func TestUnpackedWorkbooksAreKeptUntilTheyAreRead(t *testing.T) {
	ctx := context.Background()
	report := workbookOf(t, day(2031, 1, 1), [][]string{{"HCPCS", "Type of Change"}, {"A0001", "Add"}})
	zipped := zipOf(t,
		zipEntry{"a.txt", mainText("beans"), day(2031, 1, 1)}, zipEntry{"a_trans.xlsx", string(report), day(2031, 1, 1)},
		zipEntry{"proc_notes.txt", "PROCESSING NOTES", day(2031, 1, 1)})
	other := zipOf(t, zipEntry{"b.txt", mainText("peas!"), day(2031, 4, 1)}, zipEntry{"b_trans.xlsx", string(report), day(2031, 4, 1)})
	folder := folderOf(t, map[string][]byte{"2031Q1/a.zip": zipped, "2031Q2/b.zip": other})
	archive, err := OpenArchive(filepath.Join(t.TempDir(), "archive"))
	require.NoError(t, err)
	inventory, err := archive.ReadFolder(ctx, folder, day(2031, 5, 1), "")
	require.NoError(t, err)
	_, err = archive.Add(ctx, inventory.Offers, nil, folder, day(2031, 5, 1))
	require.NoError(t, err)
	one := mustReleases(t, archive)[0]
	require.NoError(t, os.Truncate(one.Path, 10))
	content, err := one.ReadEntry(ctx, "a_trans.xlsx")
	require.NoError(t, err)
	require.Equal(t, report, content)
	_, err = one.ReadMain(ctx)
	require.ErrorContains(t, err, "does not hold the bytes that were archived")
	for _, name := range []string{"a_trans.xlsx", "proc_notes.txt"} {
		_, err = one.ReadEntry(ctx, name)
		require.ErrorContains(t, err, "does not hold the bytes that were archived", name)
	}

	size := int64(len(report))
	for limit, want := range map[int64]int{size - 1: 0, size: 1, 2*size - 1: 1, 2 * size: 2} {
		limits := defaultLimits
		limits.keptBytes = limit
		inventory, err := readFolder(ctx, os.DirFS(folder), folder, "root", limits)
		require.NoError(t, err)
		require.Len(t, inventory.Offers, 2)
		require.Equal(t, want, len(inventory.Offers[0].unpacked)+len(inventory.Offers[1].unpacked))
	}
}

// A ZIP gives the same whether it is read into memory or in pieces.
func TestLargeZIPsAreReadInPieces(t *testing.T) {
	folder := folderOf(t, map[string][]byte{"2031Q1/a.zip": releaseZIP(t, "a.txt", "beans", day(2031, 1, 1)), "2031Q2/b.zip": []byte("PK\x03\x04 cut short")})
	inMemory := mustReadFolder(t, folder)
	require.Len(t, inMemory.Offers, 1)
	require.Len(t, inMemory.PassedOver, 1)
	limits := defaultLimits
	limits.zipInMemoryBytes = 0
	inPieces, err := readFolder(context.Background(), rootFiles{folder}, folder, filepath.Base(folder), limits)
	require.NoError(t, err)
	for i := range inMemory.Offers { // they know where to read again
		inMemory.Offers[i].source, inPieces.Offers[i].source = content{}, content{}
	}
	require.Equal(t, inMemory, inPieces)
}

func TestLikelyQuarter(t *testing.T) {
	for name, want := range map[string]release.Quarter{
		"april-2031-alpha-numeric-hcpcs-file.zip": {Year: 2031, Number: 2},
		"2031Q3/x.zip":                {Year: 2031, Number: 3},
		"2031Q3/april-2031-hcpcs.zip": {Year: 2031, Number: 2},
		"others/x.zip":                {},
		"x.zip":                       {},
		"2019-Alpha-Numeric-HCPCS-File/another.zip": {},
	} {
		require.Equal(t, want, likelyQuarter(name), name)
	}
}
