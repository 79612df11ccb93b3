package pipeline

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/load"
)

// withoutWaiting does not wait between tries.
func withoutWaiting() Surroundings {
	around := quietly
	around.Wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	around.Version = "test"
	return around
}

// countOf counts the requests that a site answered with a status.
func countOf(site *cmstest.Site, status int) int {
	count := 0
	for _, request := range site.Requests() {
		if request.Status == status {
			count++
		}
	}
	return count
}

// From nothing to a published file, from the stand-in site; then a run in which
// every release costs one 304; then a quarter that is re-published.
func TestSampleRunFromASite(t *testing.T) {
	site := cmstest.NewSite()
	defer site.Close()
	releases := sampleReleases()
	for i := range releases[:3] {
		site.PublishRelease(&releases[i], cmstest.ZIPOptions{})
	}
	config := configFor(t, site.PageURL())
	summary, err := Run(context.Background(), config, nil, withoutWaiting())
	require.NoError(t, err)
	require.Len(t, summary.Loaded, 3)
	require.Equal(t, extract.PublishedByHTTP, summary.Loaded[0].Release.PublishedBasis)
	published := bytesOf(t, config.Paths().Published)

	site.Forget()
	summary, err = Run(context.Background(), config, nil, withoutWaiting())
	require.NoError(t, err)
	require.True(t, summary.NothingNew())
	require.Equal(t, 3, countOf(site, http.StatusNotModified))
	require.True(t, published == bytesOf(t, config.Paths().Published))

	// Everything is back from the archive, without one download.
	tables := tablesOf(t, config)
	require.NoError(t, os.Remove(config.Paths().Warehouse))
	require.NoError(t, os.Remove(config.Paths().Published))
	site.Forget()
	summary, err = Run(context.Background(), config, nil, withoutWaiting())
	require.NoError(t, err)
	require.Len(t, summary.Loaded, 3)
	require.Equal(t, 3, countOf(site, http.StatusNotModified))
	require.Equal(t, tables, tablesOf(t, config))
}

// The log of a run on a site says, where it says everything, why a download had to be
// tried again and which files are as they were.
func TestSampleRunFromASiteInDetail(t *testing.T) {
	site := cmstest.NewSite()
	defer site.Close()
	release := sampleReleases()[0]
	file := site.PublishRelease(&release, cmstest.ZIPOptions{})
	config := configFor(t, site.PageURL())
	var log bytes.Buffer
	around := withoutWaiting()
	around.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	site.Misbehave(file.Path, cmstest.Status(http.StatusServiceUnavailable))
	_, err := Run(context.Background(), config, nil, around)
	require.NoError(t, err)
	name := filepath.Base(file.Path)
	require.Regexp(t, `msg="waiting before another try" file=`+regexp.QuoteMeta(name)+` wait=\S+ because=".*503 Service Unavailable`, log.String())
	require.NotContains(t, log.String(), "unchanged")
	log.Reset()
	_, err = Run(context.Background(), config, nil, around)
	require.NoError(t, err)
	require.Contains(t, log.String(), `msg="unchanged since it was archived" file=`+name)
	require.NotContains(t, log.String(), "waiting")
}

// A site that cannot be reached: what was there stays served, and what is in the
// archive is loaded all the same.
func TestSampleRunFromASiteThatIsGone(t *testing.T) {
	site := cmstest.NewSite()
	releases := sampleReleases()
	site.PublishRelease(&releases[0], cmstest.ZIPOptions{})
	config := configFor(t, site.PageURL())
	_, err := Run(context.Background(), config, nil, withoutWaiting())
	require.NoError(t, err)
	tables := tablesOf(t, config)
	site.Close()
	_, err = Run(context.Background(), config, nil, withoutWaiting())
	require.ErrorIs(t, err, ErrUnreachable)
	require.Equal(t, tables, tablesOf(t, config))
}

// One link that fails does not stop the others, and the run says that it is
// incomplete.
func TestSampleRunFromASiteWithOneBadLink(t *testing.T) {
	site := cmstest.NewSite()
	defer site.Close()
	releases := sampleReleases()
	var paths []string
	for i := range releases[:2] {
		paths = append(paths, site.PublishRelease(&releases[i], cmstest.ZIPOptions{}).Path)
	}
	site.MisbehaveAlways(paths[0], cmstest.HTML("Sorry", "Access denied"))
	config := configFor(t, site.PageURL())
	summary, err := Run(context.Background(), config, nil, withoutWaiting())
	require.Error(t, err)
	require.Len(t, summary.Failed, 1)
	require.Len(t, summary.Loaded, 1)
	require.Equal(t, releases[1].ID, summary.Loaded[0].Release.ID)
	require.True(t, summary.Published)
}

// A file on the site that may hold a release, and cannot be used, makes every run
// incomplete, is told once, and is not downloaded again, until the release is
// there or the page is mended.
func TestSampleRunFromASiteWithFilesThatCannotBeUsed(t *testing.T) {
	site := cmstest.NewSite()
	defer site.Close()
	releases := sampleReleases()
	site.PublishRelease(&releases[0], cmstest.ZIPOptions{})
	july := site.PublishRelease(&releases[2], cmstest.ZIPOptions{MainName: "HCPC2020_OCT_ANWEB"})
	april := site.PublishRelease(&releases[1], cmstest.ZIPOptions{})
	april.Content = zipOf(t, map[string][]byte{"HCPC2020_APR_ANWEB.xls": []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1codes")})
	site.Publish(april)
	beats := 0
	heart := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { beats++ }))
	defer heart.Close()
	config := configFor(t, site.PageURL())
	config.Heartbeat.URL = Secret(heart.URL)
	config.Mail.From, config.Mail.Operators, config.Mail.ToDir = "hcpcs@example.org", "ops@example.org", t.TempDir()
	told := func() int {
		mails, err := filepath.Glob(filepath.Join(config.Mail.ToDir, "operators-*.eml"))
		require.NoError(t, err)
		return len(mails)
	}

	around, clock := withoutWaiting(), time.Date(2020, 10, 1, 11, 20, 0, 0, time.UTC)
	around.Now = func() time.Time { return clock }
	for n := range 2 {
		site.Forget()
		clock = clock.AddDate(0, 0, 1)
		summary, err := Run(context.Background(), config, nil, around)
		require.ErrorIs(t, err, errIncomplete)
		require.Equal(t, load.RunFailed, OutcomeOf(err))
		require.ErrorContains(t, err, site.URL(april.Path)+": it holds its codes as HCPC2020_APR_ANWEB.xls only")
		require.ErrorContains(t, err, site.URL(july.Path)+`: its names contradict each other: the link text "July 2020 Alpha-Numeric HCPCS File (ZIP)" says 2020Q3`)
		require.ErrorContains(t, err, "; "+unusableAdvice)
		require.Equal(t, 1, summary.Releases, "everything else is done")
		require.Equal(t, 1, told())
		require.Zero(t, beats)
		if n > 0 {
			require.Equal(t, []int{http.StatusNotModified}, site.Statuses(april.Path))
			require.Equal(t, []int{http.StatusNotModified}, site.Statuses(july.Path))
		}
	}

	// The release of April comes from elsewhere, and CMS corrects July's.
	folder := config
	folder.Source, folder.Heartbeat.URL = t.TempDir(), ""
	writeFile(t, filepath.Join(folder.Source, "2020Q2", "april.zip"), releases[1].ZIP(cmstest.ZIPOptions{}))
	mustRun(t, folder)
	site.PublishRelease(&releases[2], cmstest.ZIPOptions{})
	clock = clock.AddDate(0, 0, 1)
	summary, err := Run(context.Background(), config, nil, around)
	require.NoError(t, err)
	require.Equal(t, 3, summary.Releases)
	require.Len(t, summary.PassedOver, 1, "April's file is of no use still")
	require.Equal(t, 1, beats)
	require.Equal(t, 1, told())
}

// What lies in a folder may be anything: it is said, and is no failure.
func TestSampleRunFromAFolderWithFilesThatCannotBeUsed(t *testing.T) {
	config := configFor(t, t.TempDir())
	writeFile(t, filepath.Join(config.Source, "2020Q2", "HCPC2020_OCT_ANWEB.txt"), sampleReleases()[0].TXT(cmstest.TXTOptions{}))
	require.Len(t, mustRun(t, config).PassedOver, 1)
}

// What a run had downloaded when it was interrupted is not downloaded again.
func TestSampleRunFromASiteInterrupted(t *testing.T) {
	site := cmstest.NewSite()
	defer site.Close()
	releases := sampleReleases()
	last := site.PublishRelease(&releases[0], cmstest.ZIPOptions{})
	first := site.PublishRelease(&releases[1], cmstest.ZIPOptions{})
	config := configFor(t, site.PageURL())
	ctx, cancel := context.WithCancel(context.Background())
	site.Misbehave(last.Path, cmstest.After(cancel, cmstest.StallAt(100)))
	_, err := Run(ctx, config, nil, withoutWaiting())
	require.ErrorIs(t, err, context.Canceled)
	summary, err := Run(context.Background(), config, nil, withoutWaiting())
	require.NoError(t, err)
	require.Len(t, summary.Loaded, 2)
	require.Equal(t, []int{http.StatusOK, http.StatusNotModified}, site.Statuses(first.Path))
	entries, err := os.ReadDir(config.site(nil, quietly).Staging)
	require.NoError(t, err)
	require.Empty(t, entries)
}
