package report_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
)

func TestSubjects(t *testing.T) {
	subjects := map[string]string{}
	for name, r := range sampleReports(t) {
		subjects[name] = r.Subject
	}
	require.Equal(t, map[string]string{
		"baseline": "HCPCS 2020Q1: first release, 280 codes; CMS declares 4 added, 2 discontinued, 0 revised",
		"release":  "HCPCS 2020Q3: 6 added, 11 discontinued, 1 reused, 7 revised, 1 back, 1 left out (6 on your list)",
		"revision": "HCPCS 2020Q4 revision 2: 1 revised",
		"net":      "HCPCS 2020Q1 to 2021Q2: 28 added, 19 discontinued, 1 re-activated, 3 reused, 26 revised, 1 left out",
		"backfill": "HCPCS 2020Q1 to 2021Q2 (7 releases): 28 added, 21 discontinued, 2 re-activated, 3 reused, 35 revised, 1 back, 2 left out (12 on your list)",
	}, subjects)
}

func TestGoldenText(t *testing.T) {
	for name, r := range sampleReports(t) {
		if name == "baseline" || name == "net" || name == "backfill" {
			continue // long, and alike
		}
		golden(t, name+".txt", report.Text(r))
	}
}

func TestGoldenPageAndMail(t *testing.T) {
	r := sampleReports(t)["revision"]
	page, err := report.HTML(r)
	require.NoError(t, err)
	style := regexp.MustCompile(`(?s)<style>.*</style>`)
	golden(t, "revision.html", style.ReplaceAll(page, []byte("<style></style>")))
	mail, err := report.MailHTML(r)
	require.NoError(t, err)
	golden(t, "revision.mail.html", mail)
}

func TestSameInputSameBytes(t *testing.T) {
	once, again := sampleReports(t)["release"], sampleReports(t)["release"]
	for name, write := range map[string]func(*report.Report) ([]byte, error){
		"page": report.HTML, "mail": report.MailHTML, "workbook": report.Workbook,
		"text": func(r *report.Report) ([]byte, error) { return report.Text(r), nil },
	} {
		first, err := write(once)
		require.NoError(t, err)
		second, err := write(again)
		require.NoError(t, err)
		require.True(t, string(first) == string(second), "%s differs", name)
	}
}

func TestTextIsNarrow(t *testing.T) {
	for name, r := range sampleReports(t) {
		for line := range strings.Lines(string(report.Text(r))) {
			require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimRight(line, "\n")), 78, "%s: %s", name, line)
		}
	}
	for line := range strings.Lines(string(report.Text(hostileReport(t)))) {
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimRight(line, "\n")), 78, line)
	}
}

// row gives the cells of a code's row in a table of the report, as text.
func row(t *testing.T, r *report.Report, section, table, code string) map[string]report.Cell {
	t.Helper()
	s := r.Section(section)
	require.NotNil(t, s, section)
	for _, one := range s.Tables {
		if one.Title != table {
			continue
		}
		for _, line := range one.Rows {
			if line.Code == code {
				cells := map[string]report.Cell{}
				for i, column := range one.Columns {
					cells[column.Title] = line.Cells[i]
				}
				return cells
			}
		}
	}
	require.Failf(t, "no row", "%s in %s, %q", code, section, table)
	return nil
}

func running(inline []report.Inline) string {
	var text string
	for _, piece := range inline {
		text += piece.Text + piece.Code
	}
	return text
}

func TestNames(t *testing.T) {
	r := sampleReports(t)
	require.Equal(t, "2020Q1r1-to-2021Q2r1", r["net"].Name(), "not that of the report on all of them")
	published, all := sample(t), []release.ID{id(t, "2020Q1r1"), id(t, "2021Q2r1"), id(t, "2020Q2r1")}
	require.Equal(t, "2020Q1r1..2021Q2r1", build(t, published, report.OnSeveral(all)).Name())
	require.Equal(t, "2020Q4r2", build(t, published, report.On(id(t, "2020Q4"))).Name())
	require.Equal(t, "2021Q2r1", report.OnSeveral(all).Argument())
	require.Equal(t, "2020Q4", report.On(id(t, "2020Q4")).Argument())
	require.Equal(t, "2020Q1..2021Q2", report.Between(id(t, "2020Q1"), id(t, "2021Q2")).Argument())
}

func TestReplacementsOverSeveralSteps(t *testing.T) {
	published := sample(t)
	instead := func(name, code string) string {
		return running(row(t, build(t, published, report.On(id(t, name))), "todo", "Stop billing", code)["Bill instead"].Inline())
	}
	require.Equal(t, "E7012", instead("2020Q2", "E7011"), "as known then")
	require.Equal(t, "a CPT code that CMS does not name", instead("2020Q3", "J7021"))
	require.Regexp(t, `^CPT \d{4}[0-9A-Z]$`, instead("2020Q3", "C7022"))
	require.Equal(t, "E7012 (by way of E7011, also ended)", instead("2020Q3", "E7291"))

	net := build(t, published, report.Between(id(t, "2020Q1"), id(t, "2021Q2")))
	require.Equal(t, "E7014, E7015 or A7023 (by way of E7012, E7013, also ended)",
		running(row(t, net, "discontinued", "", "E7011")["Bill instead"].Inline()), "as known in the end")
}

func TestWhatToDo(t *testing.T) {
	r := sampleReports(t)["release"]
	require.Equal(t, "5 months back", row(t, r, "todo", "Reaching back: look at claims again", "J7081")["From"].Sub)
	require.Contains(t, row(t, r, "todo", "Reaching back: look at claims again", "G7102")["What it means for claims since then"].Text, "paid claims")
	require.Equal(t, "2020-12-31", row(t, r, "todo", "Stop billing", "E7092")["Last day"].Date.String(), "announced ahead")
	require.Equal(t, "the code was reused", row(t, r, "todo", "Check the meaning", "G7191")["Why"].Text)

	second := build(t, sample(t), report.On(id(t, "2020Q2")))
	require.Contains(t, row(t, second, "todo", "Check the meaning", "K4")["Why"].Text, "plain change")
	require.Equal(t, "2020-07-01", row(t, second, "todo", "Still to come", "G7091")["From"].Date.String())
}

func TestYourCodes(t *testing.T) {
	r := sampleReports(t)["release"]
	section := r.Section("yours")
	require.NotNil(t, section)
	require.Equal(t, r.Counts.Watched, section.Count)
	require.Contains(t, row(t, r, "yours", "", "G7042")["Change"].Text, "left out without an end")
	require.Equal(t, "E7012", running(row(t, r, "yours", "On your list, and ended before", "E7011")["Bill instead"].Inline()))
	require.Contains(t, section.Intro, "On your list, and in none of CMS's files: Q9999.", "a CPT code is not CMS's to list")
	require.Contains(t, r.Subject, "on your list")
	first := r.Section("todo").Tables[0].Rows[0]
	require.True(t, first.Own, "the reader's own codes come first")
}

func TestNoiseIsCountedOnly(t *testing.T) {
	r := build(t, sample(t), report.On(id(t, "2020Q2")))
	require.Positive(t, r.Counts.Typographic)
	for _, section := range r.Sections {
		for _, table := range section.Tables {
			for _, line := range table.Rows {
				if table.SheetOnly {
					continue
				}
				require.NotContains(t, []string{"V7211", "V7212", "G7161"}, line.Code, section.ID)
			}
		}
	}
}

func TestUnverifiable(t *testing.T) {
	reports := sampleReports(t)
	require.Contains(t, reports["baseline"].Notices[1].Text, "unverified")
	require.Nil(t, reports["baseline"].Section("agreement"))
	require.NotNil(t, reports["baseline"].Section("revised"))
	require.Contains(t, reports["net"].Notices[0].Text, "changed back")
	require.Contains(t, reports["revision"].Notices[1].Text, "Only what differs")

	_, err := report.Build(t.Context(), sample(t), report.On(id(t, "2019Q1")), report.Options{})
	var unknown *load.UnknownReleaseError
	require.True(t, errors.As(err, &unknown))
	_, err = report.Build(t.Context(), sample(t), report.Between(id(t, "2021Q1"), id(t, "2020Q1")), report.Options{})
	require.ErrorContains(t, err, "must come before")
}

func TestBackfillIsOneReport(t *testing.T) {
	r := sampleReports(t)["backfill"]
	require.Len(t, r.Releases, 7)
	added := r.Section("added").Tables[0]
	require.Equal(t, "Release", added.Columns[0].Title)
	require.Equal(t, "2021Q2r1", added.Rows[0].Cells[0].Text, "the latest comes first")
}

func TestMailStaysShort(t *testing.T) {
	for name, r := range sampleReports(t) {
		mail, err := report.MailHTML(r)
		require.NoError(t, err)
		require.Less(t, asSent(t, mail), report.MaxMail, name)
		require.NotContains(t, string(mail), "<svg")
		require.NotContains(t, string(mail), "class=")
	}
}
