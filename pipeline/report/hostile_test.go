package report_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// hostileTexts are descriptions that a file made for the purpose could hold.
// Parsing takes some of this out; a report must not count on it.
var hostileTexts = []string{
	"=HYPERLINK(\"http://evil.example/\",\"click\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1+1",
	"<script>alert(1)</script><img src=x onerror=alert(1)>", "</style></title></svg><script>alert(2)</script>",
	"one\r\nBcc: everyone@evil.example\r\n\r\nbody", "javascript:alert(3)", "\u202egnp.exe \u2066hidden\u2069 \u200b\ufeff",
	"nul \x00 bell \x07 escape \x1b[31m red \u009b31m", "\u2028line\u2029paragraph", "broken \xff\xfe utf-8", "{{.Subject}} ${x} %s %!d",
	strings.Repeat("unbroken", 400), "🦠 " + strings.Repeat("é", 50), "\uffff\ufffe noncharacters", "' or 1=1 --", "]]> <!-- -->",
}

var hostilePublished = sync.OnceValues(func() (*load.Published, error) {
	before := &transform.File{Name: "<b>before</b>.txt"}
	after := &transform.File{Name: "=cmd|' /C calc'!A0\r\n.txt"}
	for i, text := range hostileTexts {
		code := "A000" + string(rune('0'+i%10))
		if i >= 10 {
			code = "J001" + string(rune('0'+i%10))
		}
		record := transform.Record{
			Entry:          &transform.Entry{Code: code, Kind: transform.Procedure, ActionCode: "N", Content: &transform.Content{}},
			SequenceNumber: "00100", SourceLine: i + 1,
		}
		record.Content[transform.LongDescription] = "A plain description of something harmless, each"
		record.Content[transform.ShortDescription] = text
		record.Content[transform.CodeAddedDate] = "2019-01-01"
		record.Content[transform.CoverageCode] = "C"
		before.Records = append(before.Records, record)
		record = copyOf(record)
		record.ActionCode, record.ActionEffectiveDate = "C", "2020-04-01"
		record.Content[transform.LongDescription] = text
		record.Content[transform.ShortDescription] = "was: " + text
		record.Content[transform.CoverageCode] = "<i>"
		if i%3 == 0 {
			record.Content[transform.TerminationDate] = "2020-03-31"
			record.Content[transform.CrossReferences] = "<u>\x1f=1+1\x1fA0001\x1f\u202eCPT"
		}
		after.Records = append(after.Records, record)
		added := copyOf(record)
		added.Code = "V" + code[1:4] + string(rune('0'+i%10))
		added.ActionCode = "A"
		added.Content[transform.Statute] = text
		if i < 10 {
			after.Records = append(after.Records, added)
		}
		after.Findings = append(after.Findings, transform.Finding{File: after.Name, Line: i + 1, Code: code, Field: text, Rule: transform.RuleTab, RawText: text})
	}
	row := func(name string) load.Release {
		quarter := map[string]int{"2020Q1": 1, "2020Q2": 2}[name]
		r := load.Release{FetchedAt: made, Source: "https://evil.example/<script>\r\nX: y", FileName: after.Name, SHA256: "=1+1", Format: "txt", PublishedBasis: "<b>"}
		r.ID.Quarter.Year, r.ID.Quarter.Number, r.ID.Revision = 2020, quarter, 1
		return r
	}
	return publish(context.Background(), "hostile", []load.Release{row("2020Q1"), row("2020Q2")}, []*transform.File{before, after})
})

func hostileReport(t *testing.T) *report.Report {
	t.Helper()
	published, err := hostilePublished()
	require.NoError(t, err)
	return build(t, published, report.On(id(t, "2020Q2")), "A0001")
}

func TestHostileTextInPages(t *testing.T) {
	r := hostileReport(t)
	page, err := report.HTML(r)
	require.NoError(t, err)
	mail, err := report.MailHTML(r)
	require.NoError(t, err)
	for name, text := range map[string]string{"page": string(page), "mail": string(mail), "text": string(report.Text(r)), "subject": r.Subject + "\n"} {
		for _, c := range text {
			require.True(t, c == '\n' || unicode.IsGraphic(c), "%s: %U", name, c)
		}
		if name == "page" || name == "mail" {
			for _, tag := range []string{"<script", "<img", "<i>", "<u><", "onerror=alert(1)>", "<!-- -->"} {
				require.NotContains(t, strings.ToLower(text), tag, name)
			}
			require.Contains(t, text, "&lt;script&gt;alert(1)&lt;/script&gt;", name)
		}
	}
	require.Equal(t, "HCPCS 2020Q2: 10 added, 7 discontinued, 12 revised (1 on your list)", r.Subject)
}

func TestHostileTextInWorkbook(t *testing.T) {
	content, err := report.Workbook(hostileReport(t))
	require.NoError(t, err)
	book, err := excelize.OpenReader(bytes.NewReader(content))
	require.NoError(t, err)
	defer book.Close() // reading only
	found := map[string]bool{}
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		require.NoError(t, err)
		for i, row := range rows {
			for j, value := range row {
				cell, err := excelize.CoordinatesToCellName(j+1, i+1)
				require.NoError(t, err)
				formula, err := book.GetCellFormula(sheet, cell)
				require.NoError(t, err)
				require.Empty(t, formula, "%s!%s", sheet, cell)
				found[value] = true
			}
		}
	}
	for _, text := range hostileTexts[:4] {
		require.True(t, found[text], "%q is there as it stands", text)
	}
	for _, part := range unzip(t, content) {
		require.NotContains(t, part, "<f>")
		require.NotContains(t, part, "TargetMode=\"External\"")
	}
}

// copyOf gives a record that shares nothing with the one that it is a copy of.
func copyOf(record transform.Record) transform.Record {
	entry, content := *record.Entry, *record.Content
	entry.Content = &content
	record.Entry = &entry
	return record
}
