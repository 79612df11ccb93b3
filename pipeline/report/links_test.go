package report_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// requireLinks looks at every link of a report's page, and at every code in it:
// links lead to one place each, and a code that is said to have changed is a link
// to its entry, or is the entry. It gives the page, and how many codes stand
// under what to do and among the reader's own.
func requireLinks(t *testing.T, name string, r *report.Report) (page *goquery.Document, urgent int) {
	t.Helper()
	text, err := report.HTML(r)
	require.NoError(t, err)
	page, err = goquery.NewDocumentFromReader(bytes.NewReader(text))
	require.NoError(t, err)

	targets := map[string]int{}
	page.Find("[id]").Each(func(_ int, s *goquery.Selection) { targets[s.AttrOr("id", "")]++ })
	for target, times := range targets {
		require.Equal(t, 1, times, "%s: places called %q", name, target)
	}
	page.Find("a").Each(func(_ int, s *goquery.Selection) {
		target, within := strings.CutPrefix(s.AttrOr("href", ""), "#")
		require.True(t, within && targets[target] == 1, "%s: the link to %q", name, target)
	})

	changed := map[string]bool{}
	for _, section := range r.Sections {
		for _, table := range section.Tables {
			for _, row := range table.Rows {
				changed[row.Code] = changed[row.Code] || table.Entries
			}
		}
	}
	page.Find(".hc").Each(func(_ int, s *goquery.Selection) {
		if code := s.Text(); changed[code] && !isEntry(s) {
			require.Equal(t, "#c-"+code, s.AttrOr("href", ""), "%s: %s in the section %s is no link", name, code, s.Closest("section").AttrOr("id", ""))
		}
	})
	// What calls for action is a change, so that each code of it is a link; in the
	// second table of the reader's own are those that did not change.
	page.Find("#todo th.code .hc, #yours table:first-of-type th.code .hc").Each(func(_ int, s *goquery.Selection) {
		if title := s.Closest("table").Find("caption").Text(); title != "On your list, and ended before" {
			require.Equal(t, "a", goquery.NodeName(s), "%s: %s under %q", name, s.Text(), title)
			urgent++
		}
	})
	return page, urgent
}

// isEntry tells whether a code heads the row to which links to it lead.
func isEntry(code *goquery.Selection) bool {
	return code.Closest("th").Length() == 1 && code.Closest("tr").AttrOr("id", "") == "c-"+code.Text()
}

func TestSampleCodesLinkToTheirEntries(t *testing.T) {
	for name, r := range sampleReports(t) {
		_, urgent := requireLinks(t, name, r)
		require.Positive(t, urgent, name)
	}
	requireLinks(t, "hostile", hostileReport(t))
}

// Of CMS's own releases, each one, each pair, and all as one backfill. It takes
// some ten seconds.
func TestRealCodesLinkToTheirEntries(t *testing.T) {
	published := realPublished(t)
	var ids []release.ID
	for _, r := range published.Releases() {
		ids = append(ids, r.ID)
	}
	require.Len(t, ids, 9)
	excerpts := 0
	look := func(scope report.Scope, watch ...string) {
		r := build(t, published, scope, watch...)
		_, urgent := requireLinks(t, scope.String(), r)
		require.Positive(t, urgent, scope.String())
		for _, section := range r.Sections {
			for _, table := range section.Tables {
				excerpts += len(table.Excerpt)
			}
		}
	}
	watch := []string{"J1", "E0100-E0199", "C9034"}
	look(report.OnSeveral(ids))
	look(report.OnSeveral(ids), watch...)
	for i, id := range ids {
		look(report.On(id))
		look(report.On(id), watch...)
		for _, from := range ids[:i] {
			look(report.Between(from, id), watch...)
		}
	}
	require.Positive(t, excerpts, "tables that are summed up")

	// 418 codes are discontinued, of which what to do names those whose last day
	// is not long past.
	page, urgent := requireLinks(t, "2025Q4", build(t, published, report.On(id(t, "2025Q4"))))
	require.Equal(t, 84, urgent)
	require.Contains(t, page.Find("#discontinued .more").Text(), "418 rows are too many for a page.")
	page.Find("#todo table").First().Find("th.code .hc").Each(func(_ int, s *goquery.Selection) {
		require.Equal(t, 1, page.Find("#discontinued #c-"+s.Text()).Length(), "the entry of %s, which ended", s.Text())
	})
}

// longPublished has three releases, between the first two of which some are
// missing. The second adds and ends more codes than a page shows: of the ended
// ones a few so late that something is to be done, and each names an added one to
// be billed instead. The third ends one of the added ones.
var longPublished = sync.OnceValues(func() (*load.Published, error) {
	record := func(code, added, end, instead string) transform.Record {
		r := transform.Record{Entry: &transform.Entry{Code: code, Kind: transform.Procedure, ActionCode: "N", Content: &transform.Content{}}, SequenceNumber: "00100"}
		r.Content[transform.LongDescription] = "A thing called " + code + " for a purpose of its own"
		r.Content[transform.ShortDescription] = "Thing " + code
		r.Content[transform.CodeAddedDate], r.Content[transform.TerminationDate], r.Content[transform.CrossReferences] = added, end, instead
		return r
	}
	first, second, third := &transform.File{Name: "1.txt"}, &transform.File{Name: "2.txt"}, &transform.File{Name: "3.txt"}
	for i := range report.MaxRows + 50 {
		old, fresh := fmt.Sprintf("E%04d", i), fmt.Sprintf("E%04d", 5000+i)
		end := "2019-12-31"
		if i%50 == 7 {
			end = "2021-03-31"
		}
		first.Records = append(first.Records, record(old, "2010-01-01", "", ""))
		second.Records = append(second.Records, record(old, "2010-01-01", end, fresh), record(fresh, "2020-04-01", "", ""))
		third.Records = append(third.Records, record(old, "2010-01-01", end, fresh), record(fresh, "2020-04-01", "", ""))
	}
	third.Records[1] = record("E5000", "2020-04-01", "2021-06-30", "E5300")
	row := func(year, quarter int) load.Release {
		r := load.Release{FetchedAt: made, Source: "somewhere", FileName: "1.txt", SHA256: "0", Format: "txt"}
		r.ID.Quarter.Year, r.ID.Quarter.Number, r.ID.Revision = year, quarter, 1
		return r
	}
	return publish(context.Background(), "long", []load.Release{row(2019, 1), row(2021, 2), row(2021, 3)}, []*transform.File{first, second, third})
})

// entriesIn gives the codes whose entries a section has, in order.
func entriesIn(page *goquery.Document, section string) []string {
	var codes []string
	page.Find("#" + section + " tr[id]").Each(func(_ int, s *goquery.Selection) {
		codes = append(codes, strings.TrimPrefix(s.AttrOr("id", ""), "c-"))
	})
	return codes
}

// A section that is too long for the page shows the codes that the page names
// elsewhere, and no others.
func TestLongSectionsShowWhatIsNamedElsewhere(t *testing.T) {
	published, err := longPublished()
	require.NoError(t, err)
	r := build(t, published, report.On(id(t, "2021Q2")))
	page, urgent := requireLinks(t, "long", r)
	require.Equal(t, 7, urgent)
	require.Equal(t, []string{"E0007", "E0057", "E0107", "E0157", "E0207", "E0257", "E0307"}, entriesIn(page, "discontinued"))
	require.Equal(t, []string{"E5007", "E5057", "E5107", "E5157", "E5207", "E5257", "E5307"}, entriesIn(page, "added"))
	require.Equal(t, "350 rows are too many for a page. They stand whole in the workbook, sheet “Discontinued”. The 7 codes that this page names elsewhere follow.",
		page.Find("#discontinued .more").Text())
	require.Contains(t, page.Find("#c-E0107").Text(), "A thing called E0107 for a purpose of its own", "the whole row")
	text := string(report.Text(r))
	require.Contains(t, text, "350 rows are too many to show here.")
	require.NotContains(t, text, "A thing called E0107", "text has no links that could lead there")

	own := build(t, published, report.On(id(t, "2021Q2")), "E0001", "E5002")
	page, urgent = requireLinks(t, "own", own)
	require.Equal(t, 7+2, urgent)
	require.Equal(t, []string{"E0001", "E0007"}, entriesIn(page, "discontinued")[:2], "one's own codes too")
	require.Equal(t, []string{"E5001", "E5002", "E5007"}, entriesIn(page, "added")[:3], "and what to bill in their place")
	require.Equal(t, "on your list", strings.TrimSpace(page.Find("#c-E5002 .mark").Text()))
}

// In a report on several releases a code's entry is its latest change.
func TestEntriesAreTheLatestChange(t *testing.T) {
	published, err := longPublished()
	require.NoError(t, err)
	var ids []release.ID
	for _, r := range published.Releases() {
		ids = append(ids, r.ID)
	}
	page, _ := requireLinks(t, "backfill", build(t, published, report.OnSeveral(ids)))
	require.Contains(t, entriesIn(page, "discontinued"), "E5000")
	require.NotContains(t, entriesIn(page, "added"), "E5000")
	require.Contains(t, entriesIn(page, "added"), "E5300", "which is billed instead")
	require.Equal(t, "The first 1 of 351 rows follow, those of the latest release. They stand whole in the workbook, sheet “Discontinued”. After them 7 codes that this page names elsewhere.",
		page.Find("#discontinued .more").Text())
}

// A mail program that knows no styles keeps what stands side by side apart.
func TestMailWithoutStylesKeepsCellsApart(t *testing.T) {
	for name, r := range sampleReports(t) {
		text, err := report.MailHTML(r)
		require.NoError(t, err)
		page, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
		require.NoError(t, err)
		rows := 0
		page.Find("tr").Each(func(_ int, row *goquery.Selection) {
			if row.ChildrenFiltered("td, th").Length() > 1 {
				rows++
				require.NotEqual(t, "0", row.Closest("table").AttrOr("cellpadding", "0"), "%s: %s", name, row.Text())
			}
		})
		require.Positive(t, rows, name)
	}
}
