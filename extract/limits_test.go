package extract

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

// Each limit, met: what the limit allows is read, one more is not.
func TestZIPLimits(t *testing.T) {
	main := mainText("beans")
	long := strings.Repeat(main, 20)
	content := zipOf(t, zipEntry{name: "main.txt", content: long}, zipEntry{name: "proc_notes.txt", content: "PROCESSING NOTES"})
	for what, c := range map[string]struct {
		allow, refuse func(*limits)
		want          string
	}{
		"size of a ZIP": {
			func(l *limits) { l.zipBytes = int64(len(content)) },
			func(l *limits) { l.zipBytes = int64(len(content)) - 1 },
			"more than the", // bytes read of a ZIP
		},
		"entries": {
			func(l *limits) { l.zipEntries = 2 },
			func(l *limits) { l.zipEntries = 1 },
			"it has 2 entries, more than the 1 looked at: it is no HCPCS release",
		},
		"size of an entry": {
			func(l *limits) { l.entryBytes = int64(len(long)) },
			func(l *limits) { l.entryBytes = int64(len(long)) - 1 },
			`its entry "main.txt" has`,
		},
		"size of all entries": {
			func(l *limits) { l.zipTotalBytes = int64(len(long)) + 16 },
			func(l *limits) { l.zipTotalBytes = int64(len(long)) + 15 },
			"bytes together: it is no HCPCS release",
		},
		"ratio": {
			func(l *limits) { l.ratio, l.ratioFreeBytes = 1000, 0 },
			func(l *limits) { l.ratio, l.ratioFreeBytes = 10, 0 },
			`its entry "main.txt" unpacks to more than 10 times its size: it is no HCPCS release`,
		},
		"ratio of a small entry": {
			func(l *limits) { l.ratio, l.ratioFreeBytes = 10, int64(len(long)) },
			func(l *limits) { l.ratio, l.ratioFreeBytes = 10, int64(len(long))-1 },
			`its entry "main.txt" unpacks to more than 10 times its size: it is no HCPCS release`,
		},
		"directory": {
			func(l *limits) { l.zipDirectoryBytes = 64 * kibibyte },
			func(l *limits) { l.zipDirectoryBytes = 100 },
			"its directory has more than 100 bytes: it is no HCPCS release",
		},
	} {
		limits := defaultLimits
		c.allow(&limits)
		contents, err := inspectBytes(t, content, limits)
		require.NoError(t, err, what)
		require.NotNil(t, contents.main, what)
		c.refuse(&limits)
		_, err = inspectBytes(t, content, limits)
		require.ErrorContains(t, err, c.want, what)
	}
}

// The ratio is a bomb's even within the default limits.
func TestRatioBomb(t *testing.T) {
	bomb := zipOf(t, zipEntry{name: "main.txt", content: strings.Repeat("\x00", int(defaultLimits.ratioFreeBytes)+1)})
	_, err := inspectBytes(t, bomb, defaultLimits)
	require.EqualError(t, err, `its entry "main.txt" unpacks to more than 250 times its size: it is no HCPCS release`)
}

func TestReadAllAndHashAllLimits(t *testing.T) {
	ctx := context.Background()
	content, err := readAll(ctx, strings.NewReader("12345"), 5, 5)
	require.NoError(t, err)
	require.Equal(t, "12345", string(content))
	_, err = readAll(ctx, strings.NewReader("123456"), 1<<40, 5)
	require.EqualError(t, err, "it has more than the 5 bytes read of one file")
	_, _, err = hashAll(ctx, strings.NewReader("12345"), 5)
	require.NoError(t, err)
	_, _, err = hashAll(ctx, strings.NewReader("123456"), 5)
	require.EqualError(t, err, "it has more than the 5 bytes read of one file")
}

func TestFolderLimits(t *testing.T) {
	files := fstest.MapFS{
		"a/b/2031Q1.txt": {Data: []byte(preamble + mainText("beans"))},
		"2031Q2.txt":     {Data: []byte(mainText("peas"))},
		"2031Q3.xlsx":    {Data: mainWorkbook(t, "plums", 1)},
	}
	read := func(change func(*limits)) (Inventory, error) {
		limits := defaultLimits
		change(&limits)
		return readFolder(context.Background(), files, "root", "root", limits)
	}
	inventory, err := read(func(l *limits) { l.folderDepth, l.folderFiles = 2, 5 })
	require.NoError(t, err)
	require.Len(t, inventory.Offers, 3)
	require.Empty(t, inventory.PassedOver)

	inventory, err = read(func(l *limits) { l.folderDepth = 1 })
	require.NoError(t, err)
	require.Len(t, inventory.Offers, 2)
	require.Equal(t, map[string]string{"a/b": "more than 1 folders deep, which is not looked at: move its releases up"}, passed(t, "root", inventory))

	_, err = read(func(l *limits) { l.folderFiles = 3 })
	require.EqualError(t, err, "read the folder root: it holds more than 3 files: give a folder that holds HCPCS releases only")

	inventory, err = read(func(l *limits) { l.entryBytes = int64(len(mainText("peas"))) })
	require.NoError(t, err)
	require.Len(t, inventory.Offers, 1)
	reasons := passed(t, "root", inventory)
	require.Len(t, reasons, 2)
	require.Contains(t, reasons["a/b/2031Q1.txt"], "it is no HCPCS file")
	require.Contains(t, reasons["2031Q3.xlsx"], "more than the 402 read of one")
}

func TestSniffLimits(t *testing.T) {
	// A text: records must begin within the first sniffTextBytes.
	preamble := strings.Repeat("A note about crates.\n", 100)
	kind := func(name, content string, change func(*limits)) Kind {
		limits := defaultLimits
		change(&limits)
		inventory, err := readFolder(context.Background(), fstest.MapFS{name: {Data: []byte(content)}}, "root", "root", limits)
		require.NoError(t, err)
		if len(inventory.Offers) == 1 {
			return kindMain
		}
		return KindOther
	}
	text := preamble + mainText("beans")
	require.Equal(t, kindMain, kind("a.txt", text, func(l *limits) { l.sniffTextBytes = int64(len(preamble)) + 200 }))
	require.Equal(t, KindOther, kind("a.txt", text, func(l *limits) { l.sniffTextBytes = int64(len(preamble)) }))

	// A workbook: the header must stand in the first rows, of the first
	// sheets, within the first bytes of the sheet and of the string table.
	book := string(mainWorkbook(t, "beans", 11))
	require.Equal(t, kindMain, kind("a.xlsx", book, func(l *limits) { l.sniffRows = 11 }))
	require.Equal(t, KindOther, kind("a.xlsx", book, func(l *limits) { l.sniffRows = 10 }))
	require.Equal(t, KindOther, kind("a.xlsx", book, func(l *limits) { l.sniffSheets = 0 }))
	require.Equal(t, KindOther, kind("a.xlsx", book, func(l *limits) { l.sniffSheetBytes = 300 }))
	require.Equal(t, KindOther, kind("a.xlsx", book, func(l *limits) { l.sharedStringsBytes = 150 }))
	require.Equal(t, KindOther, kind("a.xlsx", book, func(l *limits) { l.zipTotalBytes = 1000 }))
}

func TestSidecarLimit(t *testing.T) {
	archive, offers := archiveWith(t, map[string][]byte{"2031Q1.zip": releaseZIP(t, "a.txt", "beans", time.Time{})})
	require.Len(t, offers, 1)
	archive.limits.sidecarBytes = 100
	_, err := archive.Releases(context.Background())
	require.ErrorContains(t, err, "it has more than 100 bytes: restore it from a backup")
}
