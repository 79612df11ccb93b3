package report_test

import (
	"archive/zip"
	"bytes"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

func unzip(t *testing.T, content []byte) map[string]string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	parts := map[string]string{}
	for _, entry := range archive.File {
		reader, err := entry.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(reader)
		require.NoError(t, err)
		require.NoError(t, reader.Close())
		parts[entry.Name] = string(text)
	}
	return parts
}

// A sheet that is written in a book of its own is what it is in that of the report.
func TestSheetsInBooksOfTheirOwn(t *testing.T) {
	for name, r := range sampleReports(t) {
		together, err := report.WorkbookOf(r, math.MaxInt)
		require.NoError(t, err)
		want := unzip(t, together)
		for _, many := range []int{1, 5} {
			apart, err := report.WorkbookOf(r, many)
			require.NoError(t, err)
			require.Equal(t, want, unzip(t, apart), "%s, from %d lines on", name, many)
		}
	}
}

func TestWorkbookIsReadAgain(t *testing.T) {
	r := sampleReports(t)["release"]
	content, err := report.Workbook(r)
	require.NoError(t, err)
	book, err := excelize.OpenReader(bytes.NewReader(content))
	require.NoError(t, err)
	defer book.Close() // reading only

	sheets := book.GetSheetList()
	require.Equal(t, []string{
		"Summary", "Stop billing", "Check the meaning", "Reaching back", "Still to come", "Your codes", "Your ended codes",
		"Added", "Discontinued", "Reused", "Descriptions", "Payment", "Coverage and administration",
		"All changes", "All fields", "Declared otherwise", "Left out", "Back in the file", "Findings", "Releases",
	}, sheets)
	for _, sheet := range sheets[1:] {
		panes, err := book.GetPanes(sheet)
		require.NoError(t, err)
		require.True(t, panes.Freeze && panes.YSplit == 1, "%s keeps its header in sight", sheet)
		tables, err := book.GetTables(sheet)
		require.NoError(t, err)
		require.Len(t, tables, 1, "%s has filters", sheet)
	}

	rows, err := book.GetRows("Added", excelize.Options{RawCellValue: true})
	require.NoError(t, err)
	require.Equal(t, []string{"Code", "Description", "Short description", "Valid from", "Timing", "Medicare coverage"}, rows[0][:6])
	require.Len(t, rows, r.Counts.Added+1)
	require.Equal(t, []excelize.CellType{excelize.CellTypeInlineString, excelize.CellTypeUnset}, cellTypes(t, book, "Added", "A2", "D2"))
	value, err := book.GetCellValue("Added", "D2")
	require.NoError(t, err)
	require.Regexp(t, `^20\d\d-\d\d-\d\d$`, value, "a date that looks like one")
	require.Regexp(t, `^\d{5}$`, rows[1][3], "and is a number of days")

	changes, err := book.GetRows("All changes")
	require.NoError(t, err)
	written, err := samples()
	require.NoError(t, err)
	comparison, err := written.Changes(t.Context(), r.Releases[0])
	require.NoError(t, err)
	require.Len(t, changes, len(comparison.Changes)+1, "every change is there")
}

// A number that is not known is an empty cell, and a 0 is a 0.
func TestUnknownNumbersAreEmptyCells(t *testing.T) {
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", ""), code("A0002", "N", ""))
	s.release(t, "2020Q2", code("A0001", "P", "2020-04-01", transform.PricingIndicators, "11"), leftOut("A0002"))
	s.release(t, "2020Q4", code("A0001", "P", "2020-10-01", transform.PricingIndicators, ""))
	published := s.publish(t)
	for name, want := range map[string][]string{"2020Q2r1": {"0", "0"}, "2020Q4r1": {""}, "2020Q2r1 2020Q4r1": {"", "0", "0"}} {
		content, err := report.Workbook(on(t, published, strings.Fields(name)...))
		require.NoError(t, err)
		book, err := excelize.OpenReader(bytes.NewReader(content))
		require.NoError(t, err)
		rows, err := book.GetRows("All changes", excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		require.NoError(t, book.Close())
		days := slices.Index(rows[0], "Days")
		require.Positive(t, days)
		var found []string
		for _, row := range rows[1:] {
			found = append(found, row[days])
		}
		require.Equal(t, want, found, name)
	}
}

func cellTypes(t *testing.T, book *excelize.File, sheet string, cells ...string) []excelize.CellType {
	t.Helper()
	var types []excelize.CellType
	for _, cell := range cells {
		kind, err := book.GetCellType(sheet, cell)
		require.NoError(t, err)
		types = append(types, kind)
	}
	return types
}

func TestWordByWordInTheWorkbook(t *testing.T) {
	content, err := report.Workbook(sampleReports(t)["revision"])
	require.NoError(t, err)
	var sheet string
	for name, part := range unzip(t, content) {
		if strings.HasPrefix(name, "xl/worksheets/sheet") && strings.Contains(part, "word by word") {
			sheet = part
		}
	}
	require.Contains(t, sheet, "<strike", "what went is struck out")
	require.Contains(t, sheet, `<u val="single"`, "what came is underlined")
}
