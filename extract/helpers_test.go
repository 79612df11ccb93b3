package extract

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// All data here is made up.

// mainText is a main file in fixed width: a modifier, two procedure codes, one
// of them over two lines. The word makes it differ from others.
func mainText(word string) string {
	var text strings.Builder
	line := func(code, sequence, kind, long, rest string) {
		fmt.Fprintf(&text, "%5s%5s%s%-80s%s\r\n", code, sequence, kind, long, rest)
	}
	line("Z9", "00100", "7", "Item made up for "+word, "Made up item")
	line("A0901", "00100", "3", "Crate of "+word+", with a lid that", "Crate")
	line("A0901", "00200", "4", "opens", "")
	line("A0902", "00100", "3", "Crate of "+word, "Crate, no lid")
	return text.String()
}

// preamble is the disclaimer that may stand before the first record.
const preamble = "***Notes\r\n\r\n-- Listing a crate is no promise\t\t\t\r\n   to pay for it.\r\n\r\n"

var mainHeader = []string{"HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "SHORT DESCRIPTION"}

// mainWorkbook is a main file as a workbook whose header stands in a row.
func mainWorkbook(t testing.TB, word string, headerRow int) []byte {
	rows := make([][]string, headerRow-1, headerRow+1)
	for i := range rows {
		rows[i] = []string{"A note about crates."}
	}
	rows = append(rows, mainHeader, []string{"A0901", "0010", "3", "Crate of " + word, "Crate"})
	return workbookOf(t, time.Time{}, rows)
}

func transactionWorkbook(t testing.TB) []byte {
	rows := [][]string{{"A note first"}, {}, {"HCPC/MOD", "ACTION CD", "SHORT DESCRIPTION"}}
	for i := range 400 { // larger than the main file
		rows = append(rows, []string{fmt.Sprintf("A%04d", i), "No Change", fmt.Sprintf("Crate number %d", i*7919)})
	}
	return workbookOf(t, time.Time{}, rows)
}

// workbookOf makes a workbook of one sheet, saved at a time (zero: unknown).
func workbookOf(t testing.TB, saved time.Time, sheets ...[][]string) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	for n, rows := range sheets {
		sheet := fmt.Sprintf("Sheet%d", n+1)
		_, err := book.NewSheet(sheet)
		require.NoError(t, err)
		for i, row := range rows {
			for j, text := range row {
				cell, err := excelize.CoordinatesToCellName(j+1, i+1)
				require.NoError(t, err)
				require.NoError(t, book.SetCellStr(sheet, cell, text))
			}
		}
	}
	properties := &excelize.DocProperties{Modified: "1970-01-01T00:00:00Z", Created: "1970-01-01T00:00:00Z"}
	if !saved.IsZero() {
		properties.Modified = saved.UTC().Format(time.RFC3339)
	}
	require.NoError(t, book.SetDocProps(properties))
	buffer, err := book.WriteToBuffer()
	require.NoError(t, err)
	return buffer.Bytes()
}

// zipEntry is an entry of a ZIP to make.
type zipEntry struct {
	name    string
	content string
	time    time.Time
}

func zipOf(t testing.TB, entries ...zipEntry) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := zip.NewWriter(&buffer)
	for _, entry := range entries {
		header := &zip.FileHeader{Name: entry.name, Method: zip.Deflate, Modified: entry.time}
		if entry.time.IsZero() {
			header.Modified = packTime
		}
		into, err := writer.CreateHeader(header)
		require.NoError(t, err)
		_, err = into.Write([]byte(entry.content))
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	return buffer.Bytes()
}

// releaseZIP holds a main file and a README.
func releaseZIP(t testing.TB, mainName, word string, published time.Time) []byte {
	return zipOf(t,
		zipEntry{"README.txt", "Read this about crates.", published},
		zipEntry{mainName, preamble + mainText(word), published},
	)
}

// folderOf writes files below a new folder and gives its path.
func folderOf(t testing.TB, files map[string][]byte) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "source")
	require.NoError(t, os.MkdirAll(root, 0o755))
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, content, 0o644))
	}
	return root
}

func mustReadFolder(t testing.TB, root string) Inventory {
	t.Helper()
	inventory, err := ReadFolder(context.Background(), root)
	require.NoError(t, err)
	return inventory
}

// offered is an offer in short.
func offered(inventory Inventory) []string {
	var lines []string
	for _, offer := range inventory.Offers {
		quarter := "?"
		if !offer.Quarter.IsZero() {
			quarter = offer.Quarter.String()
		}
		line := quarter + " " + offer.Name + ": " + offer.Main.Name
		if offer.Second != nil {
			line += " + " + offer.Second.Name
		}
		if offer.QuarterConflict != "" {
			line += " CONFLICT"
		}
		lines = append(lines, line)
	}
	return lines
}

// companionNames is an inventory's companions in short.
func companionNames(inventory Inventory) []string {
	var lines []string
	for _, companion := range inventory.Companions {
		quarter := "?"
		if !companion.Quarter.IsZero() {
			quarter = companion.Quarter.String()
		}
		var kinds []string
		for _, entry := range companion.Entries {
			kinds = append(kinds, string(entry.Kind))
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s", quarter, companion.Name, strings.Join(kinds, " ")))
	}
	return lines
}

// passed gives the reasons by path below the root.
func passed(t testing.TB, root string, inventory Inventory) map[string]string {
	t.Helper()
	reasons := map[string]string{}
	for _, one := range inventory.PassedOver {
		name, err := filepath.Rel(root, one.Path)
		require.NoError(t, err)
		require.NotContains(t, reasons, name, "passed over twice")
		reasons[filepath.ToSlash(name)] = one.Reason
	}
	return reasons
}

func quarter(t testing.TB, text string) release.Quarter {
	t.Helper()
	parsed, err := release.ParseQuarter(text)
	require.NoError(t, err)
	return parsed
}

func day(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
}

// readFolder reads a folder of any file system.
func readFolder(ctx context.Context, files fs.FS, root, rootName string, limits limits) (Inventory, error) {
	return (&folderReader{files: files, root: root, rootName: rootName, limits: limits, kept: &atomic.Int64{}}).read(ctx)
}
