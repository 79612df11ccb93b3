package report_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
)

func sheetOf(t *testing.T, published *load.Published, code string) *report.CodeSheet {
	t.Helper()
	sheet, err := published.Sheet(t.Context(), code)
	require.NoError(t, err)
	return report.NewCodeSheet(sheet)
}

func sheetDocument(t *testing.T, s *report.CodeSheet) *goquery.Document {
	t.Helper()
	page, err := report.SheetHTML(s)
	require.NoError(t, err)
	document, err := goquery.NewDocumentFromReader(bytes.NewReader(page))
	require.NoError(t, err)
	return document
}

func textsOf(s *goquery.Selection) []string {
	return s.Map(func(_ int, one *goquery.Selection) string { return strings.Join(strings.Fields(one.Text()), " ") })
}

// TestSheetPage: K4 gets another meaning in April, back to March 1st.
func TestSheetPage(t *testing.T) {
	page := sheetDocument(t, sheetOf(t, sample(t), "K4"))
	require.Equal(t, []string{"K4 Novel fever test visit"}, textsOf(page.Find("h1")))

	// The picture: a row for each release that said something new, and the same in words.
	picture := page.Find("svg.wide-picture")
	require.Equal(t, 1, picture.Length())
	require.Equal(t, "img", picture.AttrOr("role", ""))
	words := page.Find("#" + picture.AttrOr("aria-describedby", "none") + " li")
	require.Equal(t, []string{
		"First seen in release 2020Q1: from 2015-09-01 on valid (record 1).",
		"From release 2020Q2 on, known: from 2015-09-01 to 2020-02-29 valid (record 1); from 2020-03-01 on valid (record 2).",
	}, textsOf(words))
	require.Equal(t, []string{"1 valid", "1 valid", "2 valid"}, textsOf(picture.Find("text.in-valid")))
	require.Equal(t, 3, picture.Find("rect.valid").Length())

	// The changes: old and new, word by word.
	change := page.Find("#changes .change").Last()
	require.Equal(t, []string{"2020Q2: revised"}, textsOf(change.Find("h3")))
	require.Equal(t, []string{"Harbour fire 2015"}, textsOf(change.Find("dd").Last().Find("del")))
	require.Equal(t, []string{"Novel fever test visit"}, textsOf(change.Find("dd").Last().Find("ins")))
	require.Contains(t, textsOf(change.Find(".note")), "Effective 2020-03-01 (31 days back)")

	// The fields, each with its meaning and what it is.
	require.Contains(t, textsOf(page.Find("#fields tbody th")), "Coverage code")
	page.Find("#fields tbody tr").Each(func(_ int, row *goquery.Selection) {
		require.Equal(t, 3, row.Children().Length())
		if row.Find("th").Text() == "Coverage code" {
			require.Contains(t, row.Find("td.text").Text(), "The Medicare contractor decides on coverage")
			require.Contains(t, row.Find("td.means").Text(), "Whether Medicare covers the code.")
		}
	})
	require.Zero(t, page.Find("#replaced, #replaces").Length(), "nothing replaced it")
}

func TestSheetPageOfAReplacedCode(t *testing.T) {
	page := sheetDocument(t, sheetOf(t, sample(t), "E7011"))
	require.Contains(t, textsOf(page.Find("#replaced tbody th")), "E7012")
	require.Positive(t, page.Find("svg.wide-picture rect.dead").Length())
	page = sheetDocument(t, sheetOf(t, sample(t), "E7012"))
	require.Contains(t, page.Find("#replaces").Text(), "E7011")
}

// TestSheetOfAReusedCode: a new life is held against the one before, though
// the release before did not have the code.
func TestSheetOfAReusedCode(t *testing.T) {
	page := sheetDocument(t, sheetOf(t, sample(t), "J7031"))
	reused := page.Find("#changes .change").FilterFunction(func(_ int, change *goquery.Selection) bool {
		return strings.HasSuffix(change.Find("h3").Text(), ": reused")
	})
	require.Equal(t, 1, reused.Length())
	require.Contains(t, textsOf(reused.Find("ins")), "Lumidoverase implant 74 u")
	require.Positive(t, reused.Find("del").Length())
}

func TestHostileTextInSheets(t *testing.T) {
	published, err := hostilePublished()
	require.NoError(t, err)
	sheets := 0
	tag := regexp.MustCompile(`<[^>]*>`)
	require.NoError(t, published.Sheets(t.Context(), func(sheet *load.Sheet) error {
		sheets++
		s := report.NewCodeSheet(sheet)
		page := sheetDocument(t, s)
		require.Zero(t, page.Find("script, img, iframe, object, embed, form, i, b:contains('before'), u").Length(), sheet.Record.Code)
		require.Equal(t, 1, page.Find("title").Not("svg title").Length())
		page.Find("*").Each(func(_ int, one *goquery.Selection) {
			for _, attribute := range one.Nodes[0].Attr {
				require.False(t, strings.HasPrefix(attribute.Key, "on"), attribute.Key)
				if attribute.Key == "href" && one.Nodes[0].Data == "a" {
					require.True(t, strings.HasPrefix(attribute.Val, "#"), attribute.Val)
				}
			}
		})
		requireShowable(t, page.Text())

		var text bytes.Buffer
		require.NoError(t, report.SheetMarkdown(&text, s, report.SheetLinks{}))
		for line := range strings.Lines(text.String()) {
			for _, found := range tag.FindAllString(strings.ReplaceAll(line, `\<`, ""), -1) {
				require.Equal(t, "<br>", found, line)
			}
			require.NotContains(t, line, "](", "no link")
			require.NotContains(t, line, "http://")
		}
		requireShowable(t, text.String())
		return nil
	}))
	require.Greater(t, sheets, 20)
}

// requireShowable: nothing that moves the cursor or turns the direction of text.
func requireShowable(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		require.False(t, r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069, "%U", r)
	}
}

// TestWriteSheets: a sheet for each code, and no link that leads nowhere.
func TestWriteSheets(t *testing.T) {
	published := sample(t)
	into := t.TempDir()
	files, err := report.WriteSheets(t.Context(), published, into)
	require.NoError(t, err)
	codes := 0
	require.NoError(t, published.Sheets(t.Context(), func(sheet *load.Sheet) error {
		codes++
		family := sheet.Record.Code[:1]
		if len(sheet.Record.Code) == 2 {
			family = "modifiers"
		}
		text, err := os.ReadFile(filepath.Join(into, family, sheet.Record.Code+".md"))
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(text), "# "+sheet.Record.Code+" "))
		return nil
	}))
	link := regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	anchors := map[string]bool{}
	definitions, err := os.ReadFile(filepath.Join(into, "FIELDS.md"))
	require.NoError(t, err)
	for _, heading := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(string(definitions), -1) {
		anchors["#"+strings.ToLower(strings.NewReplacer(" ", "-", `\`, "", "(", "", ")", "").Replace(heading[1]))] = true
	}
	seen, links := 0, 0
	require.NoError(t, filepath.WalkDir(into, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		seen++
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, found := range link.FindAllStringSubmatch(string(text), -1) {
			links++
			require.FileExists(t, filepath.Join(filepath.Dir(path), found[1]))
			require.True(t, found[2] == "" || anchors[found[2]], "%s: %s", path, found[2])
		}
		return nil
	}))
	require.Equal(t, files, seen)
	require.Greater(t, seen, codes)
	require.Greater(t, links, 2*codes)

	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err = report.WriteSheets(ctx, published, t.TempDir())
	require.ErrorIs(t, err, context.Canceled)
}
