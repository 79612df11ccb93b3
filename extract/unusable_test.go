package extract

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A workbook that cannot be read beside a text that can is noted; a text that
// cannot be read may be the release, and nothing is guessed from what is left.
func TestABrokenFileBesideTheMainFile(t *testing.T) {
	main, workbook := mainText("beans"), string(mainWorkbook(t, "beans", 1))
	broken := workbook[:len(workbook)/2]
	contents, err := inspectBytes(t, zipOf(t, zipEntry{name: "main.txt", content: main}, zipEntry{name: "main.xlsx", content: broken}), defaultLimits)
	require.NoError(t, err)
	require.Empty(t, contents.problem)
	require.Equal(t, "main.txt", contents.main.Name)
	require.Nil(t, contents.second)
	require.Len(t, contents.notes, 1)
	require.True(t, strings.HasSuffix(contents.notes[0].Reason, "; the release is read from main.txt"), contents.notes[0].Reason)

	locked := rawZIP(t, rawEntry{content: workbook}.named("main.xlsx"), rawEntry{content: main}.named("main.txt").encrypted())
	contents, err = inspectBytes(t, locked, defaultLimits)
	require.NoError(t, err)
	require.Equal(t, "its entry main.txt, which may be the main file: it is encrypted: unpack it with its password and put the file into the folder", contents.problem)
	require.True(t, contents.suspect)
}

func (e rawEntry) named(name string) rawEntry { e.header.Name = name; return e }

func (e rawEntry) encrypted() rawEntry { e.header.Flags |= 1; return e }

// Names that are not UTF-8 (old tools wrote code page 437) are read as text, and
// stay the same from the ZIP over the sidecar to the archive.
func TestNamesThatAreNotUTF8(t *testing.T) {
	root := folderOf(t, map[string][]byte{
		"2031Q1/a.zip":            zipOf(t, zipEntry{name: "\x9abersicht\\HCPC2031_JAN.txt", content: mainText("beans")}, zipEntry{name: "proc_notes_\x84.txt", content: "PROCESSING NOTES"}),
		"2031Q2/HCPC\xa02031.txt": []byte(mainText("peas")),
	})
	archive := newArchive(t)
	added := addFolder(t, archive, root)
	require.Empty(t, added.PassedOver())
	releases := mustReleases(t, archive) // as the sidecars have them
	require.Len(t, releases, 2)
	require.Equal(t, `Übersicht\HCPC2031_JAN.txt`, releases[0].Main.Name)
	require.Equal(t, "HCPCá2031.txt", releases[1].Main.Name)
	for i, word := range []string{"beans", "peas"} {
		text, err := releases[i].ReadMain(context.Background())
		require.NoError(t, err)
		require.Equal(t, mainText(word), string(text))
	}
	require.Equal(t, "proc_notes_ä.txt", releases[0].Entries[0].Name)
	notes, err := releases[0].ReadEntry(context.Background(), "proc_notes_ä.txt")
	require.NoError(t, err)
	require.Equal(t, "PROCESSING NOTES", string(notes))
	text, err := json.Marshal(releases[0].Main)
	require.NoError(t, err)
	require.NotContains(t, string(text), `\ufffd`)

	_, err = inspectBytes(t, zipOf(t, zipEntry{name: "\xffa.txt", content: "x"}, zipEntry{name: "\xfea.txt", content: "x"}), defaultLimits)
	require.NoError(t, err, "two names stay two")
}

// What may hold a release, and cannot be used, is marked; the rest is not.
func TestSuspects(t *testing.T) {
	whole := releaseZIP(t, "HCPC2031_APR.txt", "beans", day(2031, 4, 1))
	root := folderOf(t, map[string][]byte{
		"april-2031-alpha-numeric-hcpcs-file.zip": whole[:len(whole)/2],
		"july-2031-alpha-numeric-hcpcs-file.zip":  zipOf(t, zipEntry{name: "proc_notes.txt", content: "PROCESSING NOTES"}),
		"october-2031-hcpcs-corrections.zip":      zipOf(t, zipEntry{name: "corrections.txt", content: "x"}),
		"HCPC2031_JAN.txt":                        {},
		"HCPC2031_JAN.xls":                        magicCompound,
		"access-denied.zip":                       []byte("<!DOCTYPE html><html></html>"),
		"page.html":                               []byte("<!DOCTYPE html><html></html>"),
		"two.zip":                                 zipOf(t, zipEntry{name: "a.txt", content: mainText("a")}, zipEntry{name: "b.txt", content: mainText("b")}),
		"README.md":                               []byte("read"),
		"budget.csv":                              []byte("1,2"),
		"photos.zip":                              zipOf(t, zipEntry{name: "a.jpg", content: "x"}),
		"january-2031-alpha-numeric.zip":          zipOf(t, zipEntry{name: "a.jpg", content: "x"}),
	})
	inventory := mustReadFolder(t, root)
	suspect := map[string]bool{}
	for _, one := range inventory.PassedOver {
		name, err := filepath.Rel(root, one.Path)
		require.NoError(t, err)
		suspect[name] = one.Suspect
	}
	require.Equal(t, map[string]bool{
		"april-2031-alpha-numeric-hcpcs-file.zip": true, "july-2031-alpha-numeric-hcpcs-file.zip": true, "HCPC2031_JAN.txt": true,
		"HCPC2031_JAN.xls": true, "access-denied.zip": true, "two.zip": true, "january-2031-alpha-numeric.zip": true,
		"page.html": false, "README.md": false, "budget.csv": false, "photos.zip": false,
	}, suspect)
	require.Equal(t, []string{"2031Q3 july-2031-alpha-numeric-hcpcs-file.zip: processing_notes", "2031Q4 october-2031-hcpcs-corrections.zip: corrections"},
		companionNames(inventory), "what came with a release is taken all the same")
}
