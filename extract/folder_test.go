package extract

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

const notARelease = "not a release: neither a main file (fixed-width .txt, or .xlsx with the columns HCPC, SEQNUM, RECID) nor a file that comes with one"

func TestReadFolderAsItLiesThere(t *testing.T) {
	transactions := transactionWorkbook(t)
	root := folderOf(t, map[string][]byte{
		"2031Q1/january-2031-alpha-numeric-hcpcs-file.zip": releaseZIP(t, "HCPC2031_JAN_ANWEB.txt", "beans", day(2030, 12, 1)),
		"2031Q1/corrections.zip":                           zipOf(t, zipEntry{name: "HCPC2031_Corrections.prn", content: "2031 HCPCS CORRECTIONS\n"}, zipEntry{name: "README.txt", content: "Crates"}),
		"april/HCPC2031_APR_ANWEB.txt":                     []byte(mainText("peas")),
		"april/HCPC2031_APR_ANWEB.XLSX":                    mainWorkbook(t, "peas", 1),
		"april/deep/er/anweb.xlsx":                         mainWorkbook(t, "plums", 11),
		"april/deep/er/trans_alpha.xlsx":                   transactions,
		"2031Q3/anweb.xlsx":                                mainWorkbook(t, "pears", 8),
		"2031Q3/trans_alpha.xlsx":                          transactions,
		"2031Q3/notes/budget.xlsx":                         workbookOf(t, time.Time{}, [][]string{{"Month"}}),
		"README.md":                                        []byte("My releases"),
		"claims.csv":                                       []byte("claim,code\n1,A0901\n"),
		"recordlayout.txt":                                 []byte("Columns 1-5: code"),
		"old/HCPC2009.xls":                                 append(bytes.Clone(magicCompound), 0),
		"april/HCPC2031_APR_ANWEB.xls":                     append(bytes.Clone(magicCompound), 0),
		"april/NOC.xls":                                    append(bytes.Clone(magicCompound), 0),
		".DS_Store":                                        []byte("x"),
		"._2031Q1":                                         []byte("x"),
		"__MACOSX/x.txt":                                   []byte(mainText("litter")),
		".hidden/x.txt":                                    []byte(mainText("hidden")),
		"empty.txt":                                        nil,
	})
	inventory := mustReadFolder(t, root)
	require.Equal(t, []string{
		"2031Q1 january-2031-alpha-numeric-hcpcs-file.zip: HCPC2031_JAN_ANWEB.txt",
		"2031Q3 anweb.xlsx: anweb.xlsx",
		"2031Q2 HCPC2031_APR_ANWEB.txt: HCPC2031_APR_ANWEB.txt + HCPC2031_APR_ANWEB.XLSX",
		"? anweb.xlsx: anweb.xlsx",
	}, offered(inventory))
	require.Equal(t, []string{
		"2031Q1 corrections.zip: corrections readme",
		"2031Q3 trans_alpha.xlsx: transaction_report",
		"? trans_alpha.xlsx: transaction_report",
	}, companionNames(inventory))
	require.Equal(t, map[string]string{
		"README.md":                    "a readme: nothing to load",
		"recordlayout.txt":             "a record layout: nothing to load",
		"claims.csv":                   notARelease,
		"2031Q3/notes/budget.xlsx":     notARelease,
		"old/HCPC2009.xls":             "an .xls workbook (or a password-protected one), which is not read: get the release's .txt, or save it as .xlsx without a password",
		"april/HCPC2031_APR_ANWEB.xls": "an .xls workbook, which is not read; the release is read from HCPC2031_APR_ANWEB.txt",
		"april/NOC.xls":                "an .xls workbook (or a password-protected one), which is not read: save it as .xlsx without a password",
		".hidden":                      "hidden: its name starts with a dot; rename it if it is a release",
		"empty.txt":                    "the file is empty: get it again",
	}, passed(t, root, inventory))

	first := inventory.Offers[0]
	require.Equal(t, filepath.Join(root, "2031Q1", "january-2031-alpha-numeric-hcpcs-file.zip"), first.Path)
	require.Equal(t, BasisFolderName, first.QuarterBasis)
	require.Equal(t, day(2030, 12, 1), first.PublishedAt)
	require.Equal(t, PublishedByZIPEntry, first.PublishedBasis)
	require.Equal(t, []EntryInfo{{Name: "README.txt", Kind: KindReadme, Size: 23}}, first.Companions)
	text, err := first.ReadMain(context.Background())
	require.NoError(t, err)
	require.Equal(t, preamble+mainText("beans"), string(text))
	require.Equal(t, MainFile{Name: "HCPC2031_JAN_ANWEB.txt", Format: FormatText, SHA256: hashOf(text), Size: int64(len(text))}, first.Main)

	require.Equal(t, BasisFileName, inventory.Offers[2].QuarterBasis)
	require.Zero(t, inventory.Offers[2].PublishedAt, "never the file system's time")
	require.Empty(t, inventory.Offers[3].QuarterBasis)
}

func TestReadFolderOfOneQuarter(t *testing.T) {
	files := map[string][]byte{"anweb.txt": []byte(mainText("beans"))}
	for name, want := range map[string]string{
		"2031Q4":                      "2031Q4 anweb.txt: anweb.txt",
		"hcpcs october 2031":          "2031Q4 anweb.txt: anweb.txt",
		"some folder":                 "? anweb.txt: anweb.txt",
		"hcpcs october 2031/releases": "? anweb.txt: anweb.txt", // only the folder given and those below
	} {
		root := filepath.Join(folderOf(t, nil), name)
		require.NoError(t, os.MkdirAll(root, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, "anweb.txt"), files["anweb.txt"], 0o644))
		require.Equal(t, []string{want}, offered(mustReadFolder(t, root)), name)
	}
}

func TestLooseMainFilesOfOneFolder(t *testing.T) {
	text, otherText := []byte(mainText("beans")), []byte(mainText("peas"))
	workbook, otherWorkbook := mainWorkbook(t, "beans", 1), mainWorkbook(t, "peas", 1)
	for what, c := range map[string]struct {
		files map[string][]byte
		want  []string
	}{
		"same stem": {
			map[string][]byte{"a.txt": text, "A.xlsx": workbook, "b.txt": otherText, "c.xlsx": otherWorkbook},
			[]string{"? a.txt: a.txt + A.xlsx", "? b.txt: b.txt", "? c.xlsx: c.xlsx"},
		},
		"the only two, no quarter in their names": {
			map[string][]byte{"a.txt": text, "b.xlsx": workbook},
			[]string{"? a.txt: a.txt + b.xlsx"},
		},
		"the only two, same quarter": {
			map[string][]byte{"2031Q1.txt": text, "jan2031.xlsx": workbook},
			[]string{"2031Q1 2031Q1.txt: 2031Q1.txt + jan2031.xlsx"},
		},
		"the only two, different quarters": {
			map[string][]byte{"2031Q1.txt": text, "2031Q2.xlsx": workbook},
			[]string{"2031Q1 2031Q1.txt: 2031Q1.txt", "2031Q2 2031Q2.xlsx: 2031Q2.xlsx"},
		},
		"the only two, one silent": {
			map[string][]byte{"2031Q1.txt": text, "anweb.xlsx": workbook},
			[]string{"2031Q1 2031Q1.txt: 2031Q1.txt", "? anweb.xlsx: anweb.xlsx"},
		},
		"the only two, one silent, the folder agrees": {
			map[string][]byte{"2031Q1/2031Q1.txt": text, "2031Q1/anweb.xlsx": workbook},
			[]string{"2031Q1 2031Q1.txt: 2031Q1.txt + anweb.xlsx"},
		},
		"the only two, same version": {
			map[string][]byte{"2031Q1_v2.txt": text, "jan2031_V2.xlsx": workbook},
			[]string{"2031Q1 2031Q1_v2.txt: 2031Q1_v2.txt + jan2031_V2.xlsx"},
		},
		"the only two, the text a later version": {
			map[string][]byte{"2031Q1.xlsx": workbook, "2031Q1_v2.txt": text},
			[]string{"2031Q1 2031Q1.xlsx: 2031Q1.xlsx", "2031Q1 2031Q1_v2.txt: 2031Q1_v2.txt"},
		},
		"the only two, the workbook of a later day": {
			map[string][]byte{"2031Q1/a.txt": text, "2031Q1/a_01092031.xlsx": workbook},
			[]string{"2031Q1 a.txt: a.txt", "2031Q1 a_01092031.xlsx: a_01092031.xlsx"},
		},
		"two texts and a workbook": {
			map[string][]byte{"a.txt": text, "b.txt": otherText, "c.xlsx": workbook},
			[]string{"? a.txt: a.txt", "? b.txt: b.txt", "? c.xlsx: c.xlsx"},
		},
	} {
		require.Equal(t, c.want, offered(mustReadFolder(t, folderOf(t, c.files))), what)
	}
}

func TestQuarterConflicts(t *testing.T) {
	text := []byte(mainText("beans"))
	for what, c := range map[string]struct {
		name    string
		content []byte
		want    string // quarter, or the conflict
		basis   string
	}{
		"folder against file": {
			"2020Q2/HCPC2025_OCT_ANWEB.txt", text,
			`the folder name "2020Q2" says 2020Q2, the file name "HCPC2025_OCT_ANWEB.txt" says 2025Q4: move or rename it so that they agree`, "",
		},
		"folder against main file": {
			"2025Q3/x.zip", releaseZIP(t, "HCPC2025_OCT_ANWEB.txt", "beans", time.Time{}),
			`the folder name "2025Q3" says 2025Q3, the main file name "HCPC2025_OCT_ANWEB.txt" says 2025Q4: move or rename it so that they agree`, "",
		},
		"ZIP against main file": {
			"july-2025-hcpcs.zip", releaseZIP(t, "in/HCPC2025_OCT_ANWEB.txt", "beans", time.Time{}),
			`the file name "july-2025-hcpcs.zip" says 2025Q3, the main file name "HCPC2025_OCT_ANWEB.txt" says 2025Q4: move or rename it so that they agree`, "",
		},
		"year against quarter": {
			"2019-hcpcs.zip", releaseZIP(t, "HCPC2025_OCT_ANWEB.txt", "beans", time.Time{}),
			`the file name "2019-hcpcs.zip" says 2019Q1, the main file name "HCPC2025_OCT_ANWEB.txt" says 2025Q4: move or rename it so that they agree`, "",
		},
		"two years": {
			"2019-hcpcs.zip", releaseZIP(t, "HCPC18_ANWEB.txt", "beans", time.Time{}),
			`the file name "2019-hcpcs.zip" says 2019Q1, the main file name "HCPC18_ANWEB.txt" says 2018Q1: move or rename it so that they agree`, "",
		},
		"text against workbook": {
			"x.zip", zipOf(t, zipEntry{name: "HCPC2025_OCT.txt", content: string(text)}, zipEntry{name: "HCPC2025_JUL.xlsx", content: string(mainWorkbook(t, "beans", 1))}),
			`the main file name "HCPC2025_OCT.txt" says 2025Q4, the main file name "HCPC2025_JUL.xlsx" says 2025Q3: move or rename it so that they agree`, "",
		},
		"the year alone gives way to a quarter of it": {"2020-hcpcs.zip", releaseZIP(t, "HCPC2020_JUL.txt", "beans", time.Time{}), "2020Q3", BasisMainFileName},
		"the nearest folder counts":                   {"october 2025/2020Q2/anweb.txt", text, "2020Q2", BasisFolderName},
		"an outer folder counts":                      {"2020Q2/zips/anweb.txt", text, "2020Q2", BasisFolderName},
		"a year is no quarter of a folder":            {"2019/HCPC2018_ANWEB.txt", text, "2018Q1", BasisFileName},
		"main file name":                              {"x.zip", releaseZIP(t, "HCPC2025_OCT_v3.txt", "beans", time.Time{}), "2025Q4", BasisMainFileName},
	} {
		inventory := mustReadFolder(t, folderOf(t, map[string][]byte{c.name: c.content}))
		require.Len(t, inventory.Offers, 1, what)
		offer := inventory.Offers[0]
		got := offer.QuarterConflict
		if got == "" {
			got = offer.Quarter.String()
		} else {
			require.Zero(t, offer.Quarter, what)
		}
		require.Equal(t, c.want, got, what)
		require.Equal(t, c.basis, offer.QuarterBasis, what)
	}
}

func TestPublishedAt(t *testing.T) {
	saved := time.Date(2031, 3, 4, 5, 6, 7, 0, time.UTC)
	workbook := string(workbookOf(t, saved, [][]string{mainHeader}))
	for what, c := range map[string]struct {
		files map[string][]byte
		want  time.Time
		basis string
	}{
		"the main file's time in its ZIP": {
			map[string][]byte{"a.zip": zipOf(t, zipEntry{"a.txt", mainText("beans"), day(2031, 1, 2)}, zipEntry{"a.xlsx", workbook, day(2032, 1, 2)})},
			day(2031, 1, 2), PublishedByZIPEntry,
		},
		"a ZIP without times": {map[string][]byte{"a.zip": zipOf(t, zipEntry{name: "a.xlsx", content: workbook})}, saved, PublishedByWorkbook},
		"a loose workbook":    {map[string][]byte{"a.xlsx": []byte(workbook)}, saved, PublishedByWorkbook},
		"the second format":   {map[string][]byte{"a.txt": []byte(mainText("beans")), "a.xlsx": []byte(workbook)}, saved, PublishedByWorkbook},
		"a loose text":        {map[string][]byte{"a.txt": []byte(mainText("beans"))}, time.Time{}, ""},
	} {
		inventory := mustReadFolder(t, folderOf(t, c.files))
		require.Len(t, inventory.Offers, 1, what)
		require.Equal(t, c.want, inventory.Offers[0].PublishedAt, what)
		require.Equal(t, c.basis, inventory.Offers[0].PublishedBasis, what)
	}
}

func TestReadMainOfAChangedFile(t *testing.T) {
	root := folderOf(t, map[string][]byte{"2031Q1.txt": []byte(mainText("beans"))})
	offer := mustReadFolder(t, root).Offers[0]
	require.NoError(t, os.WriteFile(offer.Path, []byte(mainText("peas")), 0o644))
	_, err := offer.ReadMain(context.Background())
	require.ErrorContains(t, err, "the file changed after it was listed")
	require.NoError(t, os.Remove(offer.Path))
	_, err = offer.ReadMain(context.Background())
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestSameReleaseTwice(t *testing.T) {
	zip := releaseZIP(t, "a.txt", "beans", time.Time{})
	root := folderOf(t, map[string][]byte{"2031Q1/a.zip": zip, "2031Q1/b.zip": zip, "2031Q1/c.txt": []byte(preamble + mainText("beans"))})
	offers := mustReadFolder(t, root).Offers
	require.Len(t, offers, 3)
	require.Equal(t, offers[0].SHA256, offers[1].SHA256)
	require.Equal(t, offers[0].Main.SHA256, offers[2].Main.SHA256)
}

func TestLinks(t *testing.T) {
	outside := folderOf(t, map[string][]byte{"secret.txt": []byte(mainText("secret")), "sub/x.txt": []byte(mainText("x"))})
	root := folderOf(t, map[string][]byte{"real/2031Q1.txt": []byte(mainText("beans"))})
	link := func(target, name string) { require.NoError(t, os.Symlink(target, filepath.Join(root, name))) }
	link("real/2031Q1.txt", "2031Q2.txt")
	link(filepath.Join(outside, "secret.txt"), "absolute.txt")
	link(filepath.Join("..", "..", filepath.Base(filepath.Dir(outside)), "source", "secret.txt"), "relative.txt")
	link("nowhere.txt", "broken.txt")
	link("real", "folder")
	link("..", "up")
	link(".", "loop")

	inventory := mustReadFolder(t, root)
	require.Equal(t, []string{"2031Q2 2031Q2.txt: 2031Q2.txt", "2031Q1 2031Q1.txt: 2031Q1.txt"}, offered(inventory))
	reasons := passed(t, root, inventory)
	for _, name := range []string{"absolute.txt", "relative.txt", "broken.txt", "up"} {
		require.Contains(t, reasons[name], "a link out of the folder or to nothing, which is not followed", name)
	}
	for _, name := range []string{"folder", "loop"} {
		require.Equal(t, "a link to a folder, which is not followed: put the folder itself here", reasons[name], name)
	}
	require.Len(t, reasons, 6)

	linkToRoot := filepath.Join(t.TempDir(), "2031Q1")
	require.NoError(t, os.Symlink(filepath.Join(root, "real"), linkToRoot))
	require.Equal(t, []string{"2031Q1 2031Q1.txt: 2031Q1.txt"}, offered(mustReadFolder(t, linkToRoot)), "the folder given may be a link")
}

// closedFiles refuses to read some names, as a folder without permission does.
type closedFiles struct {
	fs.FS
	closed string
}

func (f closedFiles) Open(name string) (fs.File, error) {
	if name == f.closed {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return f.FS.Open(name)
}

func TestWithoutPermission(t *testing.T) {
	files := fstest.MapFS{
		"a/2031Q1.txt": {Data: []byte(mainText("beans"))},
		"b/2031Q2.txt": {Data: []byte(mainText("peas"))},
	}
	read := func(closed string) (Inventory, error) {
		return readFolder(context.Background(), closedFiles{files, closed}, "root", "root", defaultLimits)
	}
	inventory, err := read("a")
	require.NoError(t, err)
	require.Equal(t, []string{"2031Q2 2031Q2.txt: 2031Q2.txt"}, offered(inventory))
	require.Equal(t, map[string]string{"a": "the folder cannot be read (permission denied): give permission to read it, or move it away"}, passed(t, "root", inventory))

	inventory, err = read("b/2031Q2.txt")
	require.NoError(t, err)
	require.Equal(t, []string{"2031Q1 2031Q1.txt: 2031Q1.txt"}, offered(inventory))
	require.Len(t, inventory.PassedOver, 1)
	require.Contains(t, inventory.PassedOver[0].Reason, "permission denied")

	_, err = read(".")
	require.ErrorIs(t, err, fs.ErrPermission)
	require.ErrorContains(t, err, "give a folder that can be read")
}

func TestReadFolderErrors(t *testing.T) {
	root := folderOf(t, map[string][]byte{"a.zip": releaseZIP(t, "a.txt", "beans", time.Time{})})
	_, err := ReadFolder(context.Background(), filepath.Join(root, "nowhere"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = ReadFolder(context.Background(), filepath.Join(root, "a.zip"))
	require.ErrorContains(t, err, "it is a file: give the folder it lies in")
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = ReadFolder(ended, root)
	require.ErrorIs(t, err, context.Canceled)

	inventory := mustReadFolder(t, folderOf(t, nil))
	require.Equal(t, Inventory{}, inventory, "an empty folder is no error")
}

func TestReadFolderChangesNothing(t *testing.T) {
	root := folderOf(t, map[string][]byte{
		"a/2031Q1.zip": releaseZIP(t, "a.txt", "beans", time.Time{}), "b/trans_alpha.xlsx": transactionWorkbook(t), "c/broken.zip": []byte("PK\x03\x04"),
	})
	before := treeOf(t, root)
	mustReadFolder(t, root)
	require.Equal(t, before, treeOf(t, root))
}

// treeOf gives every file below a folder: its content's hash and its time.
func treeOf(t testing.TB, root string) map[string]string {
	t.Helper()
	tree := map[string]string{}
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		name, _ := filepath.Rel(root, path)
		tree[filepath.ToSlash(name)] = hashOf(content) + " " + info.ModTime().String()
		return err
	}))
	return tree
}
