package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// The page of a site as a source: run gets what is there, releases lists what it
// offers besides, and a site that is gone ends with exit code 4.
func TestPageAsSource(t *testing.T) {
	site := cmstest.NewSite()
	defer site.Close()
	history := cmstest.SampleHistory().Releases
	site.PublishRelease(&history[0], cmstest.ZIPOptions{})
	data := t.TempDir()
	hcpcs := func(arguments ...string) (code int, out, errors string) {
		var stdout, stderr bytes.Buffer
		code = execute(context.Background(), surroundings{
			arguments: append(arguments, "--data-dir", data, "--source", site.PageURL()),
			environ:   []string{"HCPCS_SITE_PAUSE=0s"}, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr,
		})
		return code, stdout.String(), stderr.String()
	}
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

	site.PublishRelease(&history[1], cmstest.ZIPOptions{})
	code, out, errors = hcpcs("releases")
	require.Zero(t, code, errors)
	require.Contains(t, out, "is not here yet")
	require.Contains(t, out, "april-2020")
	require.Contains(t, out, "The next release, 2020Q2, takes effect on 2020-04-01: overdue")
	code, out, _ = hcpcs("releases", "--format", "csv")
	require.Zero(t, code)
	require.Contains(t, out, ",offered,")

	site.MisbehaveAlways(cmstest.PagePath, cmstest.Status(http.StatusForbidden))
	code, _, errors = hcpcs("run")
	require.Equal(t, 4, code)
	require.Contains(t, errors, "403")
	require.Contains(t, errors, "--source")
	code, out, _ = hcpcs("changes")
	require.Zero(t, code, "what was there stays served")
	require.NotEmpty(t, out)
}
