package extract

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func inspectBytes(t *testing.T, content []byte, limits limits) (zipContents, error) {
	t.Helper()
	return inspectZIP(context.Background(), bytes.NewReader(content), int64(len(content)), time.Time{}, limits)
}

func TestInspectZIP(t *testing.T) {
	workbook := string(mainWorkbook(t, "beans", 1))
	contents, err := inspectBytes(t, zipOf(t,
		zipEntry{"docs/", "", day(2031, 1, 1)},
		zipEntry{`docs\proc_notes.txt`, "  PROCESSING NOTES\n", day(2031, 1, 1)},
		zipEntry{"trans.xlsx", string(transactionWorkbook(t)), day(2031, 1, 1)},
		zipEntry{"in/main.xlsx", workbook, day(2031, 1, 2)},
		zipEntry{"in/main.txt", mainText("beans"), day(2031, 1, 3)},
		zipEntry{"in/main.xls", string(magicCompound), day(2031, 1, 3)},
		zipEntry{"NOC.xls", string(magicCompound), day(2031, 1, 3)},
		zipEntry{"more.zip", string(releaseZIP(t, "x.txt", "peas", time.Time{})), day(2031, 1, 3)},
		zipEntry{"empty.txt", "", day(2031, 1, 3)},
		zipEntry{"layout.pdf", "%PDF", day(2031, 1, 3)},
		zipEntry{"__MACOSX/in/._main.txt", mainText("litter"), day(2031, 1, 3)},
		zipEntry{"in/.DS_Store", "x", day(2031, 1, 3)},
		zipEntry{"Thumbs.db", "x", day(2031, 1, 3)},
	), defaultLimits)
	require.NoError(t, err)
	require.Empty(t, contents.problem)
	require.Equal(t, MainFile{"in/main.txt", FormatText, hashOf([]byte(mainText("beans"))), int64(len(mainText("beans")))}, *contents.main)
	require.Equal(t, MainFile{"in/main.xlsx", FormatWorkbook, hashOf([]byte(workbook)), int64(len(workbook))}, *contents.second)
	require.Equal(t, day(2031, 1, 3), contents.publishedAt)
	kinds := map[string]Kind{}
	for _, entry := range contents.entries {
		kinds[entry.Name] = entry.Kind
	}
	require.Equal(t, map[string]Kind{
		`docs\proc_notes.txt`: KindProcessingNotes, "trans.xlsx": KindTransactionReport, "in/main.xls": KindOther,
		"NOC.xls": KindNOCCodes, "more.zip": KindOther, "empty.txt": KindOther, "layout.pdf": KindRecordLayout,
	}, kinds)
	require.Equal(t, []note{
		{"in/main.xls", "an .xls workbook (or a password-protected one), which is not read; the release is read from in/main.txt"},
		{"NOC.xls", "an .xls workbook (or a password-protected one), which is not read"},
		{"more.zip", "a ZIP inside a ZIP is not opened: unpack it into the folder"},
		{"empty.txt", "the file is empty: get it again"},
	}, contents.notes)
}

func TestZIPsWithoutARelease(t *testing.T) {
	main, workbook := mainText("beans"), string(mainWorkbook(t, "beans", 1))
	for what, c := range map[string]struct {
		entries []zipEntry
		want    string
	}{
		"two texts":     {[]zipEntry{{name: "a.txt", content: main}, {name: "b/a.txt", content: main}}, "two main files in one ZIP: a.txt and b/a.txt; put the right one into a folder of its own"},
		"two workbooks": {[]zipEntry{{name: "a.txt", content: main}, {name: "a.xlsx", content: workbook}, {name: "b.xlsx", content: workbook}}, "two main files in one ZIP: a.xlsx and b.xlsx; put the right one into a folder of its own"},
		".xls only":     {[]zipEntry{{name: "a.xls", content: string(magicCompound)}, {name: "proc_notes.txt", content: "x"}}, "it holds its codes as a.xls only, an .xls workbook, which is not read: get the release's .txt, or save the workbook as .xlsx"},
		"nothing":       {nil, strings.Replace(notARelease, "a release: neither", "a release: it holds neither", 1)},
		"a README":      {[]zipEntry{{name: "README.txt", content: "x"}}, strings.Replace(notARelease, "a release: neither", "a release: it holds neither", 1)},
		"a ZIP in it":   {[]zipEntry{{name: "a.zip", content: "PK\x03\x04"}}, strings.Replace(notARelease, "a release: neither", "a release: it holds neither", 1) + "; a.zip: a ZIP inside a ZIP is not opened: unpack it into the folder"},
	} {
		contents, err := inspectBytes(t, zipOf(t, c.entries...), defaultLimits)
		require.NoError(t, err, what)
		require.Equal(t, c.want, contents.problem, what)
	}
}

// rawZIP is a ZIP of entries, of which the directory says whatever a test wants.
func rawZIP(t *testing.T, entries ...rawEntry) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := zip.NewWriter(&buffer)
	for _, entry := range entries {
		header := entry.header
		header.CRC32 = crc32.ChecksumIEEE([]byte(entry.content))
		if header.CompressedSize64 == 0 {
			header.CompressedSize64 = uint64(len(entry.content))
		}
		if header.UncompressedSize64 == 0 {
			header.UncompressedSize64 = uint64(len(entry.content))
		}
		into, err := writer.CreateRaw(&header)
		require.NoError(t, err)
		_, err = into.Write([]byte(entry.content))
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	return buffer.Bytes()
}

type rawEntry struct {
	header  zip.FileHeader
	content string
}

// Hostile and damaged ZIPs: each is a row of what was passed over, and the good
// release beside it is offered all the same.
func TestHostileZIPs(t *testing.T) {
	good := mainText("beans")
	named := func(name string) rawEntry { return rawEntry{zip.FileHeader{Name: name}, good} }
	link := rawEntry{zip.FileHeader{Name: "main.txt"}, "/etc/hostname"}
	link.header.SetMode(fs.ModeSymlink | 0o777)
	many := make([]rawEntry, 10_000)
	for i := range many {
		many[i] = rawEntry{zip.FileHeader{Name: "f" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + time.Duration(i).String()}, "x"}
	}
	whole := releaseZIP(t, "main.txt", "beans", time.Time{})
	flipped := rawZIP(t, named("main.txt"))
	flipped[bytes.Index(flipped, []byte("Crate"))] ^= 1

	hostile := map[string]struct {
		content []byte
		want    string
	}{
		"parent.zip":     {rawZIP(t, named("../main.txt")), `the ZIP cannot be used: its entry "../main.txt" leads out of a folder: such a ZIP is not from CMS; get it again from cms.gov`},
		"absolute.zip":   {rawZIP(t, named("/etc/main.txt")), `the ZIP cannot be used: its entry "/etc/main.txt" leads out of a folder: such a ZIP is not from CMS; get it again from cms.gov`},
		"drive.zip":      {rawZIP(t, named(`C:\main.txt`)), `the ZIP cannot be used: its entry "C:\\main.txt" leads out of a folder: such a ZIP is not from CMS; get it again from cms.gov`},
		"backslash.zip":  {rawZIP(t, named(`a\..\..\main.txt`)), `the ZIP cannot be used: its entry "a\\..\\..\\main.txt" leads out of a folder: such a ZIP is not from CMS; get it again from cms.gov`},
		"twice.zip":      {rawZIP(t, named("main.txt"), named("main.txt")), `the ZIP cannot be used: it has two entries named "main.txt" and nothing says which one counts: get it again`},
		"many.zip":       {rawZIP(t, many...), `the ZIP cannot be used: it has 10000 entries, more than the 1000 looked at: it is no HCPCS release`},
		"encrypted.zip":  {rawZIP(t, rawEntry{zip.FileHeader{Name: "main.txt", Flags: 1}, good}), "its entry main.txt, which may be the main file: it is encrypted: unpack it with its password and put the file into the folder"},
		"link.zip":       {rawZIP(t, link), notAReleaseZIP + "; main.txt: a link or a special file, which is not followed"},
		"method.zip":     {rawZIP(t, rawEntry{zip.FileHeader{Name: "main.txt", Method: 9}, good}), "its entry main.txt, which may be the main file: it is packed by a method that is not read: unpack it and put the file into the folder"},
		"too-big.zip":    {rawZIP(t, rawEntry{zip.FileHeader{Name: "main.txt", UncompressedSize64: 1 << 40}, good}), `the ZIP cannot be used: its entry "main.txt" has 1099511627776 bytes, more than the 134217728 read of one: it is no HCPCS release`},
		"understate.zip": {rawZIP(t, rawEntry{zip.FileHeader{Name: "main.txt", UncompressedSize64: 10}, good}), "its entry main.txt, which may be the main file: it cannot be read (zip: not a valid zip file): the ZIP is damaged; get it again"},
		"overstate.zip":  {rawZIP(t, rawEntry{zip.FileHeader{Name: "main.txt", UncompressedSize64: 1 << 20}, good}), "its entry main.txt, which may be the main file: it cannot be read (unexpected EOF): the ZIP is damaged; get it again"},
		"truncated.zip":  {whole[:len(whole)-30], "the ZIP cannot be used: it is truncated or damaged (zip: not a valid zip file): get it again"},
		"magic-only.zip": {[]byte("PK\x03\x04"), "the ZIP cannot be used: it is truncated or damaged (zip: not a valid zip file): get it again"},
		"flipped.zip":    {flipped, "its entry main.txt, which may be the main file: it cannot be read (zip: checksum error): the ZIP is damaged; get it again"},
		"page.zip":       {[]byte("<html>Access denied</html>"), "a web page under a file's name: the site answered with a page instead of the file; download it again"},
		"empty.zip":      {nil, "the file is empty: get it again"},
		"no-entries.zip": {zipOf(t), notAReleaseZIP},
		"two.zip":        {zipOf(t, zipEntry{name: "a.txt", content: good}, zipEntry{name: "b.txt", content: good}), "two main files in one ZIP: a.txt and b.txt; put the right one into a folder of its own"},
	}
	files := map[string][]byte{"good-2031Q1.zip": whole}
	want := map[string]string{}
	for name, one := range hostile {
		files[name] = one.content
		want[name] = one.want
	}
	root := folderOf(t, files)
	inventory := mustReadFolder(t, root)
	require.Equal(t, []string{"2031Q1 good-2031Q1.zip: main.txt"}, offered(inventory))
	require.Equal(t, want, passed(t, root, inventory))
}

const notAReleaseZIP = "not a release: it holds neither a main file (fixed-width .txt, or .xlsx with the columns HCPC, SEQNUM, RECID) nor a file that comes with one"

// A main file that is damaged behind its first 64 KiB is found out when it is
// hashed.
func TestZIPWithADamagedMainFile(t *testing.T) {
	long := strings.Repeat(mainText("beans"), 400)
	content := rawZIP(t, rawEntry{zip.FileHeader{Name: "main.txt"}, long}, rawEntry{zip.FileHeader{Name: "proc_notes.txt"}, "PROCESSING NOTES"})
	content[bytes.LastIndex(content, []byte("Crate"))] ^= 1
	contents, err := inspectBytes(t, content, defaultLimits)
	require.NoError(t, err)
	require.Equal(t, "its entry main.txt, which may be the main file: it cannot be read (zip: checksum error): the ZIP is damaged; get it again", contents.problem)
}

// A damaged companion does not stop its release; a damaged file that may be the
// text is not passed by in favour of the workbook.
func TestZIPWithADamagedCompanion(t *testing.T) {
	workbook := string(mainWorkbook(t, "beans", 1))
	notes := "PROCESSING NOTES about " + strings.Repeat("crates ", 20)
	for name, want := range map[string]string{
		"proc_notes.txt": "",
		"HCPC2031.txt":   "its entry HCPC2031.txt, which may be the main file: it cannot be read (zip: checksum error): the ZIP is damaged; get it again",
	} {
		content := rawZIP(t, rawEntry{zip.FileHeader{Name: name}, notes}, rawEntry{zip.FileHeader{Name: "main.xlsx"}, workbook})
		content[bytes.Index(content, []byte("crates"))] ^= 1
		contents, err := inspectBytes(t, content, defaultLimits)
		require.NoError(t, err)
		require.Equal(t, want, contents.problem)
		require.Equal(t, []note{{name, "it cannot be read (zip: checksum error): the ZIP is damaged; get it again"}}, contents.notes)
	}
}

// A ZIP whose end says that it has few entries, though its directory holds
// millions, is not read into memory.
func TestZIPDirectoryBomb(t *testing.T) {
	header := make([]byte, 46)
	copy(header, "PK\x01\x02")
	binary.LittleEndian.PutUint16(header[28:], 1) // length of the name
	directory := bytes.Repeat(append(header, 'x'), 200_000)
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	binary.LittleEndian.PutUint16(end[8:], 200_000%65_536)
	binary.LittleEndian.PutUint16(end[10:], 200_000%65_536)
	binary.LittleEndian.PutUint32(end[12:], uint32(len(directory)))
	_, err := inspectBytes(t, append(directory, end...), defaultLimits)
	require.EqualError(t, err, "its directory has more than 4194304 bytes: it is no HCPCS release")
}
