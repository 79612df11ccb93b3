package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// runWith runs a command line in this process, with a site as the source.
func runWith(t *testing.T, site *cmstest.Site, data string, arguments ...string) (code int, out, problems string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = execute(context.Background(), surroundings{
		arguments: append(arguments, "--data-dir", data, "--source", site.PageURL()),
		environ:   []string{"HCPCS_SITE_PAUSE=0s"}, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr,
	})
	return code, stdout.String(), stderr.String()
}

// The page of a site as a source: run gets what is there, releases lists what it
// offers besides, and a site that is gone ends with exit code 4.
func TestPageAsSource(t *testing.T) {
	site := cmstest.NewSite()
	defer site.Close()
	history := cmstest.SampleHistory().Releases
	site.PublishRelease(&history[0], cmstest.ZIPOptions{})
	data := t.TempDir()
	hcpcs := func(arguments ...string) (code int, out, errors string) { return runWith(t, site, data, arguments...) }
	code, out, errors := hcpcs("run", "--dry-run")
	require.Zero(t, code, errors)
	require.Regexp(t, `(?m)^download  2020Q1 +http.*\.zip *$`, out)
	require.Len(t, site.Requests(), 1, "the page, and no file")
	files, err := os.ReadDir(data)
	require.NoError(t, err)
	require.Empty(t, files)

	code, out, errors = hcpcs("run")
	require.Zero(t, code, errors)
	require.Contains(t, out, "2020Q1r1")
	require.Contains(t, site.Requests()[0].Header.Get("User-Agent"), "hcpcs/")

	// A file that changed under its address can be told only by getting it.
	revised := history[0]
	revised.Codes = slices.Clone(revised.Codes)
	revised.Codes[0].ShortDescription = "Revised without a word"
	site.PublishRelease(&revised, cmstest.ZIPOptions{})
	code, out, errors = hcpcs("releases")
	require.Zero(t, code, errors)
	require.Contains(t, strings.Join(strings.Fields(out), " "), "The page links nothing that is not here, and says of nothing that it was updated since. Whether a file changed under its address without a word, 'hcpcs run' finds out.")
	site.PublishRelease(&history[0], cmstest.ZIPOptions{})

	offered := site.PublishRelease(&history[1], cmstest.ZIPOptions{})
	code, out, errors = hcpcs("releases")
	require.Zero(t, code, errors)
	require.Contains(t, out, "is not here yet")
	require.Contains(t, out, "april-2020")
	require.Contains(t, out, "The next release, 2020Q2, takes effect on 2020-04-01: overdue")
	code, out, _ = hcpcs("releases", "--format", "csv")
	require.Zero(t, code)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 3)
	values := map[string]string{}
	for i, name := range rows[0] {
		if rows[2][i] != "" {
			values[name] = rows[2][i]
		}
	}
	require.Equal(t, map[string]string{
		"release": "2020Q2", "quarter": "2020Q2", "effective_date": "2020-04-01", "state": "offered",
		"source": strings.TrimSuffix(site.PageURL(), cmstest.PagePath) + offered.Path, "file_name": path.Base(offered.Path),
	}, values)

	site.MisbehaveAlways(cmstest.PagePath, cmstest.Status(http.StatusForbidden))
	code, _, errors = hcpcs("run")
	require.Equal(t, 4, code)
	require.Contains(t, errors, "403")
	require.Contains(t, errors, "--source")
	code, out, errors = hcpcs("releases")
	require.Equal(t, 4, code)
	require.Contains(t, out, "2020Q1r1", "what is here is listed all the same")
	require.NotContains(t, out, "The page offers")
	require.Contains(t, errors, "403")
	code, out, _ = run(t, "", "changes", "--data-dir", data)
	require.Zero(t, code, "what was there stays served")
	require.NotEmpty(t, out)
}

// A file that the site does not give is in the summary in every format that has
// room for it, whatever the site answers, and is no "nothing new".
func TestSummaryNamesFilesThatFailed(t *testing.T) {
	site := cmstest.NewSite()
	defer site.Close()
	history := cmstest.SampleHistory().Releases
	var paths []string
	for i := range history[:2] {
		paths = append(paths, site.PublishRelease(&history[i], cmstest.ZIPOptions{}).Path)
	}
	data := t.TempDir()
	site.MisbehaveAlways(paths[0], cmstest.Status(http.StatusForbidden))
	site.MisbehaveAlways(paths[1], cmstest.Status(http.StatusNotFound))
	code, out, _ := runWith(t, site, data, "run")
	require.Equal(t, exitUnreachable, code)
	require.Contains(t, out, "Could not get 2 files; the next run tries again:", "also where nothing was ever loaded")
	site.MisbehaveAlways(paths[0], nil)
	code, out, _ = runWith(t, site, data, "run")
	require.Equal(t, exitFailed, code)
	require.Contains(t, out, "Loaded 1 release")
	for status, expected := range map[int]int{http.StatusNotFound: exitFailed, http.StatusForbidden: exitUnreachable} {
		site.MisbehaveAlways(paths[1], cmstest.Status(status))
		code, out, _ := runWith(t, site, data, "run")
		require.Equal(t, expected, code)
		require.Contains(t, out, "Could not get 1 file; the next run tries again:")
		require.Contains(t, out, "is as it was: 1 release,")
		require.NotContains(t, out, "Nothing new")
		code, out, _ = runWith(t, site, data, "run", "--format", "json")
		require.Equal(t, expected, code)
		var summary summaryJSON
		require.NoError(t, json.Unmarshal([]byte(out), &summary))
		require.False(t, summary.NothingNew)
		require.True(t, summary.SourceReached)
		require.Len(t, summary.Failed, 1)
		require.Equal(t, "2020Q2", *summary.Failed[0].Quarter)
		require.Contains(t, summary.Failed[0].URL, paths[1])
		require.Contains(t, summary.Failed[0].Problem, strconv.Itoa(status))
		code, out, _ = runWith(t, site, data, "run", "--format", "csv")
		require.Equal(t, expected, code)
		require.Equal(t, 1, strings.Count(out, "\n"), "the header is always there")
	}
}
