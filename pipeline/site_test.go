package pipeline

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
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
