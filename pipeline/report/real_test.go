package report_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// realReleases gives the folder of CMS's own releases, or skips the test. CI
// has them always.
func realReleases(t *testing.T) string {
	t.Helper()
	real := os.Getenv("HCPCS_REAL_RELEASES")
	if real == "" {
		real = filepath.Join("..", "..", "..", "shared", "releases")
	}
	if _, err := os.Stat(real); err != nil {
		if os.Getenv("CI") == "true" {
			require.Fail(t, "the real releases are missing in CI", "%v: set HCPCS_REAL_RELEASES to their folder", err)
		}
		t.Skipf("the real releases are not here (%v): set HCPCS_REAL_RELEASES to their folder", err)
	}
	return real
}

// realPublished is the published file of all of CMS's releases at hand, once for
// all tests. Loading them takes about five seconds.
func realPublished(t *testing.T) *load.Published {
	t.Helper()
	if testing.Short() {
		t.Skip("reads whole releases")
	}
	from := realReleases(t)
	realOnce.Do(func() { realLoaded, realError = loadReal(context.WithoutCancel(t.Context()), from) })
	require.NoError(t, realError)
	return realLoaded
}

var (
	realOnce   sync.Once
	realLoaded *load.Published
	realError  error
)

// loadReal loads the releases of a folder, one of each quarter.
func loadReal(ctx context.Context, from string) (*load.Published, error) {
	inventory, err := extract.ReadFolder(ctx, from)
	if err != nil {
		return nil, err
	}
	offers := inventory.Offers
	slices.SortFunc(offers, func(a, b extract.Offer) int { return a.Quarter.Compare(b.Quarter) })
	var releases []load.Release
	var files []*transform.File
	for i := range offers {
		data, err := offers[i].ReadMain(ctx)
		if err != nil {
			return nil, err
		}
		file, err := parse(filepath.Base(offers[i].Main.Name), data)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
		releases = append(releases, load.Release{
			ID: release.ID{Quarter: offers[i].Quarter, Revision: 1}, FetchedAt: made, Source: filepath.Base(offers[i].Path),
			FileName: file.Name, SHA256: offers[i].Main.SHA256, Format: offers[i].Main.Format,
		})
	}
	return publish(ctx, "all-real", releases, files)
}

func parse(name string, data []byte) (*transform.File, error) {
	if filepath.Ext(name) == ".txt" {
		return transform.ParseText(name, data)
	}
	return transform.ParseWorkbook(name, data, transform.WorkbookLimits{Unpacked: 512 << 20, Part: 256 << 20})
}

// TestRealReleases builds the report on January 2020 from CMS's files. It reads
// two releases, which takes about two seconds.
func TestRealReleases(t *testing.T) {
	if testing.Short() {
		t.Skip("reads two whole releases")
	}
	from := realReleases(t)
	var rows []load.Release
	var files []*transform.File
	for _, quarter := range []string{"2019Q1", "2020Q1"} {
		inventory, err := extract.ReadFolder(t.Context(), filepath.Join(from, quarter))
		require.NoError(t, err)
		require.Len(t, inventory.Offers, 1)
		offer := inventory.Offers[0]
		data, err := offer.ReadMain(t.Context())
		require.NoError(t, err)
		file, err := transform.ParseText(filepath.Base(offer.Main.Name), data)
		require.NoError(t, err)
		files = append(files, file)
		rows = append(rows, load.Release{ID: id(t, quarter+"r1"), FetchedAt: made, Source: quarter, FileName: file.Name, SHA256: offer.Main.SHA256, Format: "txt"})
	}
	published, err := publish(context.WithoutCancel(t.Context()), "real", rows, files)
	require.NoError(t, err)
	defer published.Close() // reading only

	r := build(t, published, report.On(release.ID{}), "J", "C9034")
	require.Equal(t, "HCPCS 2020Q1: 279 added, 89 discontinued, 87 revised (53 on your list)", r.Subject)
	require.Equal(t, "J1095", running(row(t, r, "todo", "Stop billing", "C9034")["Bill instead"].Inline()), "a termination said under N")
	require.Equal(t, "2018-12-31", row(t, r, "todo", "Stop billing", "C9034")["Last day"].Date.String())
	require.Contains(t, row(t, r, "agreement", "", "C9034")["So CMS"].Text, "declares nothing")
	require.Contains(t, r.Section("agreement").Intro[2], "116 codes only the action effective date moved")

	page, err := report.HTML(r)
	require.NoError(t, err)
	require.Less(t, len(page), 1_000_000)
	mail, err := report.MailHTML(r)
	require.NoError(t, err)
	require.Less(t, asSent(t, mail), report.MaxMail)
	require.True(t, strings.Contains(string(mail), "see the attached page or workbook"), "a release of this size does not fit whole")
	for line := range strings.Lines(string(report.Text(r))) {
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimRight(line, "\n")), 78, line)
	}
}
