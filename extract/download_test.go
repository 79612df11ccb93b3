package extract

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// visitOfOne is a site with one release.
func visitOfOne(t testing.TB) (*visit, cmstest.SiteFile) {
	t.Helper()
	v := newVisit(t)
	return v, v.put(t, "2031Q1", "beans", day(2030, 12, 10))
}

// had asserts that a visit brought the file, whole.
func had(t testing.TB, v *visit, file cmstest.SiteFile, what string) {
	t.Helper()
	inventory := v.read(t)
	require.NoError(t, inventory.Incomplete(), what)
	require.Len(t, inventory.Offers, 1, what)
	require.Equal(t, hashOf(file.Content), inventory.Offers[0].SHA256, what)
	main, err := inventory.Offers[0].ReadMain(context.Background())
	require.NoError(t, err, what)
	require.Contains(t, string(main), "A0901", what)
}

// ranges are the Range headers of the requests for a path.
func (v *visit) ranges(path string) []string {
	var ranges []string
	for _, request := range v.Requests() {
		if request.Path == path {
			ranges = append(ranges, request.Header.Get("Range"))
		}
	}
	return ranges
}

func TestCutDownloadGoesOn(t *testing.T) {
	v, file := visitOfOne(t)
	for _, at := range []int64{1, 4, 5, 64, int64(len(file.Content)) / 2, int64(len(file.Content)) - 1} {
		v.Forget()
		v.Misbehave(file.Path, cmstest.CutAt(at))
		had(t, v, file, "cut")
		require.Equal(t, 2, v.Count(file.Path, 0))
		last := v.Requests()[2]
		if at >= 4 { // fewer bytes do not tell a ZIP, and are asked for again
			require.Equal(t, http.StatusPartialContent, last.Status)
			require.Equal(t, file.ETag(), last.Header.Get("If-Range"))
			require.EqualValues(t, int64(len(file.Content))-at, last.Bytes, "only the rest")
		}
	}

	// Cut again and again, as long as there are attempts.
	v.Forget()
	v.Misbehave(file.Path, cmstest.CutAt(10), cmstest.CutAt(10), cmstest.CutAt(10), cmstest.CutAt(10), cmstest.CutAt(10))
	had(t, v, file, "cut five times")
	require.Equal(t, []string{"", "bytes=10-", "bytes=20-", "bytes=30-", "bytes=40-", "bytes=50-"}, v.ranges(file.Path))

	v.Forget()
	v.MisbehaveAlways(file.Path, cmstest.CutAt(10))
	err := v.failed(t)
	require.ErrorIs(t, err, ErrUnreachable)
	require.ErrorContains(t, err, "the connection was cut after 60 bytes of")
	require.ErrorContains(t, err, "at the last of 6 attempts")
	require.Equal(t, 6, v.Count(file.Path, 0))
}

func TestCutDownloadWithoutETag(t *testing.T) {
	v, file := visitOfOne(t)
	file.WithoutETag, file.ModifiedAt = true, day(2020, 3, 1) // before the site's Date
	v.Publish(file)
	v.Misbehave(file.Path, cmstest.CutAt(50))
	had(t, v, file, "by date")
	require.Equal(t, file.ModifiedAt.Format(http.TimeFormat), v.Requests()[2].Header.Get("If-Range"))

	// Nothing names the bytes: the file is taken from its start.
	for what, header := range map[string][2]string{"neither": {"X-Nothing", ""}, "weak": {"ETag", `W/"7"`}} {
		v.Forget()
		file.ModifiedAt = time.Time{}
		v.Publish(file)
		well := cmstest.WithHeader(header[0], header[1])
		v.Misbehave(file.Path, func(site *cmstest.Site, w http.ResponseWriter, request *http.Request) {
			w.Header().Set(header[0], header[1])
			cmstest.CutAt(50)(site, w, request)
		}, well)
		had(t, v, file, what)
		require.Equal(t, []string{"", ""}, v.ranges(file.Path), what)
	}
}

// A part that does not fit what is there is never joined to it.
func TestPartsThatDoNotFit(t *testing.T) {
	for what, second := range map[string]func(*visit, cmstest.SiteFile) cmstest.Behaviour{
		"the site ignores ranges":  func(*visit, cmstest.SiteFile) cmstest.Behaviour { return cmstest.IgnoreRange() },
		"another part":             func(*visit, cmstest.SiteFile) cmstest.Behaviour { return cmstest.WrongPart(20) },
		"a part that is not named": func(*visit, cmstest.SiteFile) cmstest.Behaviour { return cmstest.Status(206) },
		"nothing behind it":        func(*visit, cmstest.SiteFile) cmstest.Behaviour { return cmstest.Status(416) },
		"it changed": func(v *visit, f cmstest.SiteFile) cmstest.Behaviour {
			return cmstest.After(func() { v.Publish(f) }, cmstest.Well())
		},
		"it changed, and is not said": func(v *visit, f cmstest.SiteFile) cmstest.Behaviour {
			return cmstest.After(func() { v.Publish(f) }, cmstest.IgnoreIfRange())
		},
		"longer, and no other sign": func(v *visit, f cmstest.SiteFile) cmstest.Behaviour {
			return cmstest.After(func() {
				f.WithoutETag, f.ModifiedAt = true, time.Time{}
				v.Publish(f)
			}, cmstest.IgnoreIfRange())
		},
		"it is gone in between": func(v *visit, f cmstest.SiteFile) cmstest.Behaviour {
			return cmstest.After(func() { v.Publish(f) }, cmstest.Status(503))
		},
	} {
		v, file := visitOfOne(t)
		next := file
		if strings.HasPrefix(what, "it ") || strings.HasPrefix(what, "longer") {
			next.Content = releaseZIP(t, "HCPC2031_JAN_ANWEB.txt", "plums and pears", day(2030, 12, 20))
			next.ModifiedAt = day(2030, 12, 20)
		}
		v.Misbehave(file.Path, cmstest.CutAt(100), second(v, next))
		had(t, v, next, what)
		require.LessOrEqual(t, v.Count(file.Path, 0), 3, what)
	}
}

func TestRetries(t *testing.T) {
	v, file := visitOfOne(t)
	v.Misbehave(file.Path, cmstest.Status(500), cmstest.Status(500))
	had(t, v, file, "500 twice, then fine")
	require.Equal(t, []int{500, 500, 200}, v.Statuses(file.Path))
	require.Len(t, v.waits, 2)
	require.LessOrEqual(t, v.waits[0], time.Second)
	require.Greater(t, v.waits[1], v.waits[0], "growing")
	require.LessOrEqual(t, v.waits[1], 2*time.Second)

	for _, behaviour := range []cmstest.Behaviour{cmstest.Drop(), cmstest.Status(502), cmstest.Status(503), cmstest.Status(504), cmstest.Status(408), cmstest.Status(429), cmstest.WrongLength(5), cmstest.CutAt(0)} {
		v.Misbehave(file.Path, behaviour)
		had(t, v, file, "mended")
	}
	// What another attempt would not change is asked for once.
	for _, status := range []int{400, 401, 403, 404, 410, 418, 501} {
		v.Forget()
		v.Misbehave(file.Path, cmstest.Status(status))
		require.Error(t, v.failed(t))
		require.Equal(t, []int{status}, v.Statuses(file.Path))
	}
}

func TestRetryAfter(t *testing.T) {
	v, file := visitOfOne(t)
	v.Misbehave(file.Path, cmstest.RetryAfter(429, "37"))
	had(t, v, file, "seconds")
	require.Equal(t, []time.Duration{37 * time.Second}, v.waits)

	v.waits = nil
	v.Misbehave(file.Path, cmstest.RetryAfter(503, v.clock.Add(2*time.Minute).Format(http.TimeFormat)))
	had(t, v, file, "date")
	require.Equal(t, []time.Duration{2 * time.Minute}, v.waits)

	// What is in the past, or none, does not shorten the wait.
	for _, value := range []string{"0", "-5", "soon", v.clock.Add(-time.Hour).Format(http.TimeFormat)} {
		v.waits = nil
		v.Misbehave(file.Path, cmstest.RetryAfter(503, value))
		had(t, v, file, value)
		require.Len(t, v.waits, 1)
		require.GreaterOrEqual(t, v.waits[0], time.Second/2, value)
	}

	// More than is waited: nothing else is asked of the site in this run.
	v.put(t, "2030Q4", "peas", day(2030, 9, 10))
	for _, value := range []string{"301", "999999999999999999", v.clock.Add(24 * time.Hour).Format(http.TimeFormat)} {
		v.waits = nil
		v.Forget()
		v.Misbehave(file.Path, cmstest.RetryAfter(429, value))
		inventory := v.read(t)
		require.Empty(t, inventory.Offers)
		require.Len(t, inventory.Failed, 2)
		require.ErrorIs(t, inventory.Failed[0].Err, ErrUnreachable)
		require.ErrorContains(t, inventory.Failed[0].Err, "(HTTP 429 Too Many Requests), and the site asks to come back after ")
		require.ErrorContains(t, inventory.Failed[1].Err, "it was not tried, because of what came before: ")
		require.Len(t, v.Requests(), 2)
		require.Empty(t, v.waits)
	}
}

// What came is told apart in words, with the way round.
func TestWhatCameInstead(t *testing.T) {
	for what, c := range map[string]struct {
		behaviour cmstest.Behaviour
		is        error
		want      string
	}{
		"forbidden":   {cmstest.Status(403), ErrRefused, "the site refuses programs, or this one (HTTP 403 Forbidden): "},
		"login":       {cmstest.Status(401), ErrRefused, "the site asks for a login (HTTP 401 Unauthorized): "},
		"gone":        {cmstest.Status(410), nil, "there is nothing at this address (HTTP 410 Gone): "},
		"odd":         {cmstest.Status(418), ErrUnreachable, "the site answered HTTP 418 I'm a teapot, which is not understood: "},
		"304 unasked": {cmstest.Status(304), ErrUnreachable, "the site answered HTTP 304 Not Modified, which is not understood: "},
		"page":        {cmstest.HTML("We moved", "Look elsewhere."), nil, `a web page came instead of the ZIP (title: "We moved"): `},
		"login page":  {cmstest.LoginPage(), ErrRefused, `a login page came instead (title: "Enterprise portal"): `},
		"sign in":     {cmstest.HTML("Please Sign In", "x"), ErrRefused, `a login page came instead (title: "Please Sign In"): `},
		"captcha":     {cmstest.HTML("Attention", "Solve the CAPTCHA"), ErrRefused, `a page came that keeps programs out (title: "Attention"): `},
		"license":     {cmstest.HTML("Point and click", "<p>License for use.</p>"), ErrRefused, `a license to be accepted by a person came instead of the ZIP (title: "Point and click"): `},
		"bytes": {cmstest.After(func() {}, func(_ *cmstest.Site, w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("Rar!\x1a\x07 and more of it"))
		}), nil, `what came is no ZIP (it begins with "Rar!\x1a\a and more "): `},
		"nothing":                 {func(*cmstest.Site, http.ResponseWriter, *http.Request) {}, nil, `what came is no ZIP (it begins with ""): `},
		"encoded":                 {cmstest.WithHeader("Content-Encoding", "br"), nil, `it came encoded as "br", although it was to come as it is: `},
		"cut to a shorter length": {cmstest.WrongLength(-30), nil, "the ZIP cannot be used: it is truncated or damaged "},
		"a hash that does not fit": {cmstest.WithHeader("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(make([]byte, 32))+":"), ErrUnreachable,
			"its bytes do not have the hash that came with them (Repr-Digest: "},
		"an MD5 that does not fit": {cmstest.WithHeader("Content-MD5", "AAAA"), ErrUnreachable, "its bytes do not have the hash that came with them (Content-MD5: "},
	} {
		v, file := visitOfOne(t)
		v.MisbehaveAlways(file.Path, c.behaviour)
		err := v.failed(t)
		require.ErrorContains(t, err, "download "+v.URL(file.Path)+": "+c.want, what)
		require.ErrorContains(t, err, wayRound, what)
		for _, sentinel := range []error{ErrRefused, ErrUnreachable, ErrPageChanged} {
			want := c.is != nil && (sentinel == c.is || sentinel == ErrUnreachable)
			require.Equal(t, want, errors.Is(err, sentinel), "%s: %v", what, sentinel)
		}
		require.Equal(t, 1, v.Count(file.Path, 0), "%s: no use to ask again", what)
	}
}

func TestHashesThatFit(t *testing.T) {
	v, file := visitOfOne(t)
	sum, short := sha256.Sum256(file.Content), md5.Sum(file.Content)
	encoded := base64.StdEncoding.EncodeToString(sum[:])
	for name, value := range map[string]string{
		"Repr-Digest": "md5=:AAAA:, sha-256=:" + encoded + ":",
		"Digest":      "SHA-256=" + encoded,
		"Content-MD5": base64.StdEncoding.EncodeToString(short[:]),
	} {
		v.Misbehave(file.Path, cmstest.WithHeader(name, value))
		had(t, v, file, name)
	}
}

func TestUnknownLength(t *testing.T) {
	v, file := visitOfOne(t)
	v.Misbehave(file.Path, cmstest.WithoutLength())
	had(t, v, file, "in chunks")
}

func TestSlowButComing(t *testing.T) {
	v, file := visitOfOne(t)
	v.Misbehave(file.Path, cmstest.Slow(100, time.Millisecond))
	had(t, v, file, "slow")
	require.Equal(t, 1, v.Count(file.Path, 0))
}

func TestRedirects(t *testing.T) {
	v, file := visitOfOne(t)
	v.Misbehave(file.Path, cmstest.RedirectTo("/elsewhere.zip"))
	moved := file
	moved.Path, moved.Unlinked = "/elsewhere.zip", true
	v.Publish(moved)
	inventory := v.read(t)
	require.Len(t, inventory.Offers, 1)
	require.Equal(t, v.URL(file.Path), inventory.Offers[0].Path, "the address on the page")

	other, _ := visitOfOne(t)
	v.Forget()
	v.Misbehave(file.Path, cmstest.RedirectTo(other.URL(file.Path)))
	err := v.failed(t)
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "sends to "+other.URL(file.Path)+", which is not followed: the host "+other.Host()+" is none of those that releases are taken from ("+v.Host()+"): if it is right, name it in site.hosts; or download the ZIP in a browser")
	require.Empty(t, other.Requests(), "not even asked")

	v.options.AllowedHosts = []string{other.Host()}
	v.Misbehave(file.Path, cmstest.RedirectTo(other.URL(file.Path)))
	had(t, v, file, "now allowed")
	require.Len(t, other.Requests(), 1)

	for _, target := range []string{"http://www.cms.gov/x.zip", "file:///etc/passwd"} {
		v.Misbehave(file.Path, cmstest.RedirectTo(target))
		require.ErrorContains(t, v.failed(t), "which is not followed: ")
	}
	// The page too.
	v.Misbehave(cmstest.PagePath, cmstest.RedirectTo("https://www.example.com/"))
	_, err = readSite(context.Background(), v.options, v.limits)
	require.ErrorIs(t, err, ErrRefused)
}

// A page that moved keeps working, and its links are relative to where it is.
func TestPageRedirects(t *testing.T) {
	v, file := visitOfOne(t)
	v.SetLayout(cmstest.LayoutRelative)
	v.MisbehaveAlways("/old/page", cmstest.RedirectTo(cmstest.PagePath))
	v.options.Page = v.URL("/old/page")
	had(t, v, file, "moved page")
}

// The site sends the file although it was told that it is known.
func TestConditionsIgnored(t *testing.T) {
	v, file := visitOfOne(t)
	v.archive(t, v.read(t))
	v.MisbehaveAlways(file.Path, cmstest.IgnoreConditions())
	require.Len(t, v.read(t).Unchanged, 1, "by ETag")

	v, file = visitOfOne(t)
	file.WithoutETag = true
	v.Publish(file)
	v.archive(t, v.read(t))
	require.Len(t, v.read(t).Unchanged, 1)
	require.Equal(t, []int{200, 304}, v.Statuses(file.Path), "by time alone")
	v.MisbehaveAlways(file.Path, cmstest.IgnoreConditions())
	require.Len(t, v.read(t).Unchanged, 1, "by time and length")
	file.ModifiedAt = file.ModifiedAt.Add(time.Hour)
	v.Publish(file)
	inventory := v.read(t)
	require.Len(t, inventory.Offers, 1)
	require.Equal(t, OutcomeKnown, v.archive(t, inventory).Offers[0].Outcome, "same bytes at a new time")
	require.Len(t, v.read(t).Unchanged, 1, "remembered")
}

// A ZIP made to do harm harms nothing, and is no release.
func TestHostileDownloads(t *testing.T) {
	main := cmstest.File{Name: "HCPC2031_JAN_ANWEB.txt", Content: []byte(mainText("beans"))}
	for what, c := range map[string]struct {
		content []byte
		failed  string
		passed  string
	}{
		"bomb":           {content: cmstest.BombZIP(16), failed: `its entry "HCPC2020_APR_ANWEB.txt" unpacks to more than 250 times its size`},
		"climbing":       {content: cmstest.EscapingZIP("../../evil.txt", main), failed: `its entry "../../evil.txt" leads out of a folder`},
		"absolute":       {content: cmstest.EscapingZIP("/tmp/evil.txt", main), failed: `its entry "/tmp/evil.txt" leads out of a folder`},
		"drive":          {content: cmstest.EscapingZIP(`C:\evil.txt`, main), failed: `its entry "C:\\evil.txt" leads out of a folder`},
		"10,000 entries": {content: cmstest.ManyEntriesZIP(10_000), failed: "it has 10000 entries, more than the 1000 looked at"},
		"encrypted":      {content: cmstest.EncryptedZIP(main), passed: "it is encrypted"},
		"laughs":         {content: cmstest.ZIP(day(2030, 12, 1), cmstest.File{Name: "HCPC2031_JAN_ANWEB.xlsx", Content: cmstest.LaughsXLSX()}), passed: "which may be the main file: the workbook cannot be read"},
	} {
		v, file := visitOfOne(t)
		file.Content = c.content
		v.Publish(file)
		inventory := v.read(t)
		require.Empty(t, inventory.Offers, what)
		require.Empty(t, inventory.Companions, what)
		if c.failed != "" {
			require.Len(t, inventory.Failed, 1, what)
			require.ErrorContains(t, inventory.Failed[0].Err, "the ZIP cannot be used: "+c.failed, what)
			require.Empty(t, inventory.PassedOver, what)
		} else {
			require.Len(t, inventory.PassedOver, 1, what)
			require.Equal(t, v.URL(file.Path), inventory.PassedOver[0].Path)
			require.Contains(t, inventory.PassedOver[0].Reason, c.passed, what)
			require.NoError(t, inventory.Incomplete(), what)
		}
		require.NoError(t, inventory.Close())
		require.Empty(t, v.staged(t), what)
	}
	require.NoFileExists(t, "/tmp/evil.txt")
}

// The names inside the ZIP count as well.
func TestDownloadOfAnotherQuarter(t *testing.T) {
	v, file := visitOfOne(t)
	file.Content = releaseZIP(t, "HCPC2030_OCT_ANWEB.txt", "beans", day(2030, 12, 1))
	v.Publish(file)
	inventory := v.read(t)
	require.Len(t, inventory.Offers, 1)
	require.True(t, inventory.Offers[0].Quarter.IsZero())
	require.Contains(t, inventory.Offers[0].QuarterConflict, `the main file name "HCPC2030_OCT_ANWEB.txt" says 2030Q4; download it in a browser, put it into a folder named by its quarter`)
	require.Equal(t, OutcomeRefused, v.archive(t, inventory).Offers[0].Outcome)
}

// A full disk is not the site's fault either.
func TestStagingIsFull(t *testing.T) {
	v, file := visitOfOne(t)
	site, done, err := openSite(context.Background(), v.options, v.limits)
	require.NoError(t, err)
	defer done()
	for _, full := range []sink{fullSink{failing: "write"}, fullSink{failing: "reset"}} {
		v.Forget()
		err = (&transfer{site: site, sink: full, total: -1, zip: true, limit: v.limits.zipBytes}).run(v.URL(file.Path))
		require.ErrorAs(t, err, new(localError))
		require.ErrorIs(t, err, syscall.ENOSPC)
		require.ErrorContains(t, err, "the staged file: no space left on device")
		require.Len(t, v.Requests(), 1, "no second attempt")
	}
}

type fullSink struct{ failing string }

func (f fullSink) Write(content []byte) (int, error) {
	if f.failing == "write" {
		return 0, syscall.ENOSPC
	}
	return len(content), nil
}

func (f fullSink) reset() error {
	if f.failing == "reset" {
		return syscall.ENOSPC
	}
	return nil
}

// A site that cannot prove who it is is not asked again.
func TestForeignCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	v := newVisit(t)
	v.options.Page = server.URL
	_, err := readSite(context.Background(), v.options, v.limits)
	require.ErrorIs(t, err, ErrUnreachable)
	require.ErrorContains(t, err, "certificate signed by unknown authority: see whether the network works")
	require.Empty(t, v.waits)
}

// A disk that cannot be written ends the run: no other file would fare better.
func TestStagingCannotBeWritten(t *testing.T) {
	v, file := visitOfOne(t)
	v.Misbehave(file.Path, cmstest.After(func() { require.NoError(t, os.RemoveAll(v.options.Staging)) }, cmstest.Well()))
	_, err := readSite(context.Background(), v.options, v.limits)
	require.ErrorContains(t, err, "rename ")
	require.ErrorContains(t, err, "make its folder writable")
	require.NotErrorIs(t, err, ErrUnreachable)
}

// What comes packed although nobody asked for that is unpacked: the page and the
// file, a cut one from its beginning. What is only called packed is taken as it is.
func TestPackedAnswers(t *testing.T) {
	for what, behaviours := range map[string][]cmstest.Behaviour{
		"packed":          {cmstest.Gzipped()},
		"cut":             {cutGzip(40), cmstest.Gzipped()},
		"cut, then plain": {cutGzip(100), cmstest.Well()},
		"only said to be": {cmstest.WithHeader("Content-Encoding", "gzip")},
		"hash of the rest": {func(site *cmstest.Site, w http.ResponseWriter, request *http.Request) {
			w.Header().Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(make([]byte, 32))+":")
			cmstest.Gzipped()(site, w, request)
		}},
	} {
		v, file := visitOfOne(t)
		v.Misbehave(cmstest.PagePath, cmstest.Gzipped())
		v.Misbehave(file.Path, behaviours...)
		inventory := v.read(t)
		require.NoError(t, inventory.Incomplete(), what)
		require.Len(t, inventory.Offers, 1, what)
		require.Equal(t, hashOf(file.Content), inventory.Offers[0].SHA256, what)
		v.archive(t, inventory)
		v.Misbehave(file.Path, cmstest.Gzipped())
		require.Len(t, v.read(t).Unchanged, 1, what)
	}
}

// cutGzip cuts a packed answer short.
func cutGzip(at int) cmstest.Behaviour {
	return func(site *cmstest.Site, w http.ResponseWriter, request *http.Request) {
		answer := httptest.NewRecorder()
		cmstest.Gzipped()(site, answer, request)
		for _, name := range []string{"Content-Encoding", "Content-Length", "ETag"} {
			w.Header().Set(name, answer.Header().Get(name))
		}
		_, _ = w.Write(answer.Body.Bytes()[:at])
		panic(http.ErrAbortHandler)
	}
}

// Little that unpacks to much is refused before it fills the disk or the memory.
func TestPackedBomb(t *testing.T) {
	v, file := visitOfOne(t)
	v.limits.ratioFreeBytes = mebibyte
	bomb := func(content []byte) cmstest.Behaviour {
		return func(_ *cmstest.Site, w http.ResponseWriter, _ *http.Request) { cmstest.WriteGzipped(w, content) }
	}
	v.MisbehaveAlways(file.Path, bomb(append(slices.Clone(magicZIP), make([]byte, 16*mebibyte)...)))
	require.ErrorContains(t, v.failed(t), "it unpacks to more than 250 times its size")
	require.Equal(t, []int{200}, v.Statuses(file.Path), "it is not tried again")
	v.limits.ratio, v.limits.zipBytes = 10_000, 4*mebibyte
	require.ErrorContains(t, v.failed(t), "it has more than 4194304 bytes")
	v.MisbehaveAlways(cmstest.PagePath, bomb(make([]byte, 9*mebibyte)))
	_, err := readSite(context.Background(), v.options, v.limits)
	require.ErrorContains(t, err, "it has more than 8388608 bytes")
}
