package cmstest

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ask gives the status, the body, and whether it came whole.
func ask(t *testing.T, site *Site, path string, header http.Header) (response *http.Response, body string, whole bool) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site.URL(path), nil)
	require.NoError(t, err)
	request.Header = header
	response, err = http.DefaultTransport.RoundTrip(request) // follows no redirect
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response, string(content), err == nil
}

func TestSite(t *testing.T) {
	site := NewSite()
	defer site.Close()
	history := SampleHistory()
	release := &history.Releases[0]
	file := site.PublishRelease(release, ZIPOptions{})
	require.Equal(t, "/files/zip/january-2020-alpha-numeric-hcpcs-file.zip", file.Path)

	response, page, _ := ask(t, site, PagePath, http.Header{})
	require.Equal(t, 200, response.StatusCode)
	require.Contains(t, page, `<td><a href="`+file.Path+`">January 2020 Alpha-Numeric HCPCS File (ZIP)</a></td>`)

	response, body, _ := ask(t, site, file.Path, http.Header{})
	require.Equal(t, string(file.Content), body)
	require.Equal(t, file.ETag(), response.Header.Get("ETag"))
	require.Equal(t, release.PublishedAt.UTC().Format(http.TimeFormat), response.Header.Get("Last-Modified"))

	response, body, _ = ask(t, site, file.Path, http.Header{"Range": {"bytes=4-"}})
	require.Equal(t, 206, response.StatusCode)
	require.Equal(t, string(file.Content[4:]), body)
	response, _, _ = ask(t, site, file.Path, http.Header{"Range": {"bytes=4-"}, "If-Range": {`"another"`}})
	require.Equal(t, 200, response.StatusCode)
	response, body, _ = ask(t, site, file.Path, http.Header{"If-None-Match": {file.ETag()}})
	require.Equal(t, 304, response.StatusCode)
	require.Empty(t, body)
	response, _, _ = ask(t, site, file.Path, http.Header{"If-Modified-Since": {release.PublishedAt.UTC().Format(http.TimeFormat)}})
	require.Equal(t, 304, response.StatusCode)

	require.Equal(t, []int{200, 206, 200, 304, 304}, site.Statuses(file.Path))
	require.Equal(t, 2, site.Count(file.Path, 304))
	require.Equal(t, 5, site.Count(file.Path, 0))
	require.EqualValues(t, len(file.Content)-4, site.Requests()[2].Bytes)
	site.Forget()
	require.Empty(t, site.Requests())

	site.Withdraw(file.Path)
	response, _, _ = ask(t, site, file.Path, http.Header{})
	require.Equal(t, 404, response.StatusCode)
}

func TestSiteMisbehaves(t *testing.T) {
	site := NewSite()
	defer site.Close()
	site.Publish(SiteFile{Path: "/x", Content: []byte("0123456789"), ModifiedAt: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)})
	for what, c := range map[string]struct {
		behaviour Behaviour
		status    int
		body      string
		whole     bool
	}{
		"well":             {Well(), 200, "0123456789", true},
		"status":           {Status(503), 503, "", true},
		"Retry-After":      {RetryAfter(429, "7"), 429, "", true},
		"page":             {HTML("t", "b"), 200, "\n<!DOCTYPE html><html><head><title>t</title></head><body>b</body></html>", true},
		"cut":              {CutAt(4), 200, "0123", false},
		"cut at the start": {CutAt(0), 200, "", false},
		"cut never":        {CutAt(11), 200, "0123456789", true},
		"slow":             {Slow(3, time.Microsecond), 200, "0123456789", true},
		"too long":         {WrongLength(3), 200, "0123456789", false},
		"too short":        {WrongLength(-3), 200, "0123456", true},
		"no length":        {WithoutLength(), 200, "0123456789", true},
		"redirect":         {RedirectTo("/y"), 302, "", true},
	} {
		site.Misbehave("/x", c.behaviour)
		response, body, whole := ask(t, site, "/x", http.Header{})
		require.Equal(t, c.status, response.StatusCode, what)
		require.Equal(t, c.whole, whole, what)
		if c.status == 200 {
			require.Equal(t, c.body, body, what)
		}
		if what == "no length" {
			require.EqualValues(t, -1, response.ContentLength)
		}
	}
	for what, c := range map[string]struct {
		behaviour Behaviour
		header    http.Header
		body      string
	}{
		"ignores ranges":     {IgnoreRange(), http.Header{"Range": {"bytes=4-"}}, "0123456789"},
		"ignores If-Range":   {IgnoreIfRange(), http.Header{"Range": {"bytes=4-"}, "If-Range": {`"x"`}}, "456789"},
		"wrong part":         {WrongPart(8), http.Header{"Range": {"bytes=4-"}}, "89"},
		"ignores conditions": {IgnoreConditions(), http.Header{"If-Modified-Since": {time.Now().UTC().Format(http.TimeFormat)}}, "0123456789"},
		"cut in a part":      {CutAt(2), http.Header{"Range": {"bytes=4-"}}, "45"},
	} {
		site.Misbehave("/x", c.behaviour)
		_, body, _ := ask(t, site, "/x", c.header)
		require.Equal(t, c.body, body, what)
	}
	site.MisbehaveAlways("/x", LoginPage())
	for range 2 {
		_, body, _ := ask(t, site, "/x", http.Header{})
		require.True(t, strings.Contains(body, `type="PASSWORD"`))
	}
	site.MisbehaveAlways("/x", nil)
	_, body, _ := ask(t, site, "/x", http.Header{})
	require.Equal(t, "0123456789", body)
}
