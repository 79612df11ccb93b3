package extract

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// Each limit of a site, met: what it allows is done, one more is not.
func TestSiteLimits(t *testing.T) {
	size := func(file cmstest.SiteFile) int64 { return int64(len(file.Content)) }
	for what, c := range map[string]struct {
		arrange       func(*visit, cmstest.SiteFile)
		allow, refuse func(*siteLimits, *limits, cmstest.SiteFile)
		want          string
	}{
		"attempts": {
			func(v *visit, f cmstest.SiteFile) { v.Misbehave(f.Path, cmstest.Status(500), cmstest.Status(500)) },
			func(s *siteLimits, _ *limits, _ cmstest.SiteFile) { s.attempts = 3 },
			func(s *siteLimits, _ *limits, _ cmstest.SiteFile) { s.attempts = 2 },
			"HTTP 500 Internal Server Error, at the last of 2 attempts",
		},
		"redirects": {
			func(v *visit, f cmstest.SiteFile) {
				moved := f
				moved.Path, moved.Unlinked = "/c.zip", true
				v.Publish(moved)
				v.MisbehaveAlways(f.Path, cmstest.RedirectTo("/a.zip"))
				v.MisbehaveAlways("/a.zip", cmstest.RedirectTo("/b.zip"))
				v.MisbehaveAlways("/b.zip", cmstest.RedirectTo("/c.zip"))
			},
			func(s *siteLimits, _ *limits, _ cmstest.SiteFile) { s.redirects = 3 },
			func(s *siteLimits, _ *limits, _ cmstest.SiteFile) { s.redirects = 2 },
			"the site sends from one address to the next, more than 2 times, lastly to ",
		},
		"headers": {
			func(v *visit, f cmstest.SiteFile) {
				v.MisbehaveAlways(f.Path, cmstest.WithHeader("X-Long", strings.Repeat("x", 20*kibibyte)))
			},
			func(s *siteLimits, _ *limits, _ cmstest.SiteFile) { s.headerBytes = 24 * kibibyte },
			func(s *siteLimits, _ *limits, _ cmstest.SiteFile) { s.headerBytes = 8 * kibibyte },
			"server response headers exceeded 8192 bytes",
		},
		"all files": {
			nil,
			func(s *siteLimits, _ *limits, f cmstest.SiteFile) { s.totalBytes = size(f) },
			func(s *siteLimits, _ *limits, f cmstest.SiteFile) { s.totalBytes = size(f) - 1 },
			"and this run has downloaded 0 already, of at most",
		},
		"a file": {
			nil,
			func(_ *siteLimits, l *limits, f cmstest.SiteFile) { l.zipBytes = size(f) },
			func(_ *siteLimits, l *limits, f cmstest.SiteFile) { l.zipBytes = size(f) - 1 },
			"more than the",
		},
		"a file of unknown length": {
			func(v *visit, f cmstest.SiteFile) { v.MisbehaveAlways(f.Path, cmstest.WithoutLength()) },
			func(_ *siteLimits, l *limits, f cmstest.SiteFile) { l.zipBytes = size(f) },
			func(_ *siteLimits, l *limits, f cmstest.SiteFile) { l.zipBytes = size(f) - 1 },
			"it has more than",
		},
		"Retry-After": {
			func(v *visit, f cmstest.SiteFile) { v.Misbehave(f.Path, cmstest.RetryAfter(503, "60")) },
			func(s *siteLimits, _ *limits, _ cmstest.SiteFile) { s.retryAfter = time.Minute },
			func(s *siteLimits, _ *limits, _ cmstest.SiteFile) { s.retryAfter = time.Minute - 1 },
			"the site asks to come back after 1m0s; more than 59.999999999s is not waited",
		},
		"budget": {
			func(v *visit, f cmstest.SiteFile) { v.Misbehave(f.Path, cmstest.RetryAfter(503, "60")) },
			func(s *siteLimits, _ *limits, _ cmstest.SiteFile) { s.budget = time.Minute },
			func(s *siteLimits, _ *limits, _ cmstest.SiteFile) { s.budget = time.Minute - 1 },
			"the site did not serve it (HTTP 503 Service Unavailable); the time for downloads, 59.999999999s, is over: the next run goes on",
		},
	} {
		t.Run(what, func(t *testing.T) {
			run := func(change func(*siteLimits, *limits, cmstest.SiteFile)) Inventory {
				v, file := visitOfOne(t)
				if c.arrange != nil {
					c.arrange(v, file)
				}
				change(&v.limits.site, &v.limits, file)
				return v.read(t)
			}
			require.NoError(t, run(c.allow).Incomplete())
			inventory := run(c.refuse)
			require.Empty(t, inventory.Offers)
			require.ErrorContains(t, inventory.Incomplete(), c.want)
		})
	}
}

func TestRedirectLoop(t *testing.T) {
	v, file := visitOfOne(t)
	v.MisbehaveAlways(file.Path, cmstest.RedirectTo(file.Path))
	require.ErrorContains(t, v.failed(t), "more than 5 times")
	require.Equal(t, 6, v.Count(file.Path, 302))
}

func TestPageLimits(t *testing.T) {
	v, _ := visitOfOne(t)
	page := `<a href="/1/11anweb.zip">x</a><a href="/2/12anweb.zip">x</a>`
	v.SetPage(page)
	v.limits.site.pageBytes, v.limits.site.pageLinks = int64(len(page)), 2
	listed, err := listSite(context.Background(), v.options, v.limits)
	require.NoError(t, err)
	require.Len(t, listed, 2)

	v.limits.site.pageLinks = 1
	_, err = listSite(context.Background(), v.options, v.limits)
	require.ErrorIs(t, err, ErrPageChanged)
	require.ErrorContains(t, err, "it has 2 links to HCPCS files, more than the 1 looked at")

	v.limits.site.pageBytes--
	for _, behaviour := range []cmstest.Behaviour{cmstest.Well(), cmstest.WithoutLength()} {
		v.MisbehaveAlways(cmstest.PagePath, behaviour)
		_, err = listSite(context.Background(), v.options, v.limits)
		require.ErrorContains(t, err, fmt.Sprintf("more than the %d taken: it is no HCPCS release, nor a page of them", len(page)-1))
	}
}

// A site that cannot be reached is left alone after some failures in a row.
func TestFailuresInRow(t *testing.T) {
	v := newVisit(t)
	v.options.Memory = ""
	var files []cmstest.SiteFile
	for _, q := range []string{"2030Q1", "2030Q2", "2030Q3", "2030Q4", "2031Q1"} { // asked for from the last on
		files = append(files, v.put(t, q, q, day(2029, 12, 10)))
	}
	for _, i := range []int{0, 1, 3, 4} {
		v.MisbehaveAlways(files[i].Path, cmstest.Status(403))
	}
	v.limits.site.failuresInRow = 3
	inventory := v.read(t)
	require.Len(t, inventory.Offers, 1)
	require.Len(t, inventory.Failed, 4)
	require.Equal(t, 1, v.Count(files[0].Path, 403), "never three in a row")

	v.Forget()
	v.limits.site.failuresInRow = 2
	inventory = v.read(t)
	require.Empty(t, inventory.Offers)
	require.Len(t, inventory.Failed, 5)
	require.Len(t, v.Requests(), 3)
	for i, failure := range inventory.Failed {
		require.ErrorIs(t, failure.Err, ErrRefused)
		require.Equal(t, i >= 2, strings.Contains(failure.Err.Error(), "it was not tried"), i)
	}

	// Files that are not there say nothing about the others.
	for _, file := range files[1:] {
		v.MisbehaveAlways(file.Path, cmstest.Status(404))
	}
	v.MisbehaveAlways(files[0].Path, nil)
	require.Len(t, v.read(t).Offers, 1)
}

// The total counts over all files, and what was complete before is used.
func TestTotalBytes(t *testing.T) {
	v := newVisit(t)
	first := v.put(t, "2031Q2", "beans", day(2031, 3, 10))
	v.put(t, "2031Q1", "peas", day(2030, 12, 10))
	v.limits.site.totalBytes = int64(len(first.Content)) + 10
	inventory := v.read(t)
	require.Len(t, inventory.Offers, 1)
	require.ErrorContains(t, inventory.Incomplete(), fmt.Sprintf("and this run has downloaded %d already, of at most %d: the next run goes on", len(first.Content), len(first.Content)+10))
	v.archive(t, inventory)
	require.Len(t, v.read(t).Offers, 1, "the next run goes on")
}

// Texts of downloads are told of as they are unpacked, and what is kept of them in memory
// until they are loaded is bounded over all of them.
func TestUnpackedFilesOfASite(t *testing.T) {
	v := newVisit(t)
	v.options.Archive = newArchive(t)
	report := workbookOf(t, day(2031, 1, 1), [][]string{{"HCPCS", "Type of Change"}, {"A0001", "Add"}})
	for _, name := range []string{"2031Q1", "2031Q2"} {
		q := quarter(t, name)
		v.Publish(cmstest.SiteFile{
			Path: "/files/zip/" + cmstest.ZIPName(q), Text: fmt.Sprintf("%s %d Alpha-Numeric HCPCS File (ZIP)", q.FirstDay().Month(), q.Year),
			Content: zipOf(t, zipEntry{"a.txt", mainText(name), time.Time{}}, zipEntry{"a_trans.xlsx", string(report), time.Time{}}),
		})
	}
	for limit, want := range map[int64]int{0: 0, 1: 1, 2: 2} {
		v.limits.keptBytes = limit * int64(len(report))
		var texts []string
		v.options.Archive.WhenUnpacked(func(_ MainFile, text []byte) { texts = append(texts, string(text)) })
		kept := 0
		for _, offer := range v.read(t).Offers {
			kept += len(offer.unpacked)
		}
		require.Equal(t, want, kept)
		require.ElementsMatch(t, []string{mainText("2031Q1"), mainText("2031Q2")}, texts)
	}
}

func TestValidatorsLimit(t *testing.T) {
	v := newVisit(t)
	v.options.Memory = ""
	var etags []string
	for i, word := range []string{"beans", "peas", "plums"} {
		file := v.put(t, "2031Q1", word, day(2030, 12, 10+i))
		etags = append(etags, file.ETag())
		v.clock = v.clock.Add(time.Hour)
		v.archive(t, v.read(t))
	}
	v.limits.site.validators = 2
	v.Forget()
	v.read(t)
	require.Equal(t, etags[2]+", "+etags[1], v.Requests()[1].Header.Get("If-None-Match"), "the newest")
	require.Equal(t, "Thu, 12 Dec 2030 12:00:00 GMT", v.Requests()[1].Header.Get("If-Modified-Since"))
}

// Nothing comes, before or within the body: the connection is given up and the
// next attempt goes on. It costs a fifth of a second.
func TestStall(t *testing.T) {
	v, file := visitOfOne(t)
	v.limits.site.stall = 50 * time.Millisecond
	v.limits.site.attempts = 20 // a busy computer may stall by itself
	v.Misbehave(file.Path, cmstest.Silent(), cmstest.StallAt(100))
	v.Misbehave(cmstest.PagePath, cmstest.StallAt(0))
	had(t, v, file, "stalled twice")
	require.GreaterOrEqual(t, v.Count(file.Path, 0), 3)

	v.limits.site.attempts = 1
	v.MisbehaveAlways(file.Path, cmstest.StallAt(100))
	err := v.failed(t)
	require.ErrorIs(t, err, ErrUnreachable)
	require.ErrorContains(t, err, "nothing came any more for 50ms")
}

// The budget holds while bytes are coming, too. It costs a third of a second.
func TestBudgetWithinABody(t *testing.T) {
	v, file := visitOfOne(t)
	v.put(t, "2030Q4", "peas", day(2030, 9, 10))
	v.options.Budget = 300 * time.Millisecond
	v.MisbehaveAlways(file.Path, cmstest.Slow(1, 5*time.Millisecond))
	inventory := v.read(t)
	require.Empty(t, inventory.Offers)
	require.Len(t, inventory.Failed, 2)
	require.ErrorIs(t, inventory.Incomplete(), ErrUnreachable)
	require.ErrorContains(t, inventory.Failed[0].Err, "the time for downloads, 300ms, is over: the next run goes on")
	require.ErrorContains(t, inventory.Failed[1].Err, "it was not tried")
	require.Empty(t, v.staged(t))
}

func TestGrowingWaits(t *testing.T) {
	site := siteLimits{firstWait: time.Second, longestWait: 20 * time.Second}
	different := map[time.Duration]bool{}
	for attempt, longest := range []time.Duration{1, 2, 4, 8, 16, 20, 20} {
		longest *= time.Second
		for range 50 {
			wait := site.growing(attempt)
			require.LessOrEqual(t, wait, longest)
			require.GreaterOrEqual(t, wait, longest/2)
			different[wait] = true
		}
	}
	require.Greater(t, len(different), 300, "jitter")
	require.LessOrEqual(t, site.growing(1000), 20*time.Second)
	require.Zero(t, siteLimits{}.growing(3))
}

// The wait that is used by default ends with its context, and on time.
func TestWait(t *testing.T) {
	require.NoError(t, wait(context.Background(), time.Nanosecond))
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errBudgetOver)
	require.ErrorIs(t, wait(ctx, time.Hour), errBudgetOver)
}
