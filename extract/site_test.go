package extract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// visit is a stand-in site and what is needed to read it. Waits take no time:
// they are noted, and move the clock.
type visit struct {
	*cmstest.Site
	options SiteOptions
	limits  limits
	clock   time.Time
	waits   []time.Duration
	last    Inventory // of read; the next one closes it
}

func newVisit(t testing.TB) *visit {
	t.Helper()
	v := &visit{Site: cmstest.NewSite(), limits: defaultLimits, clock: fetched}
	t.Cleanup(v.Close)
	data := t.TempDir()
	v.options = SiteOptions{
		Page: v.PageURL(), UserAgent: "hcpcs/test", Pause: -1,
		Staging: filepath.Join(data, "staging"), Memory: filepath.Join(data, "site.json"),
		Now: func() time.Time { return v.clock },
		Wait: func(ctx context.Context, wait time.Duration) error {
			v.waits = append(v.waits, wait)
			v.clock = v.clock.Add(wait)
			return ctx.Err()
		},
	}
	return v
}

func (v *visit) read(t testing.TB) Inventory {
	t.Helper()
	require.NoError(t, v.last.Close())
	inventory, err := readSite(context.Background(), v.options, v.limits)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, inventory.Close()) })
	v.last = inventory
	return inventory
}

// failed gives the only failure of a visit that brings nothing else from a path.
func (v *visit) failed(t testing.TB) error {
	t.Helper()
	inventory := v.read(t)
	require.Empty(t, inventory.Offers)
	require.Empty(t, inventory.Companions)
	require.Len(t, inventory.Failed, 1)
	require.Empty(t, v.staged(t), "nothing of it stays")
	return inventory.Failed[0].Err
}

// staged are the names in the staging folder.
func (v *visit) staged(t testing.TB) []string {
	t.Helper()
	entries, err := os.ReadDir(v.options.Staging)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func (v *visit) archive(t testing.TB, inventory Inventory) Added {
	t.Helper()
	if v.options.Archive == nil {
		v.options.Archive = newArchive(t)
	}
	added, err := v.options.Archive.Add(context.Background(), inventory.Offers, inventory.Companions, "cms", v.clock)
	require.NoError(t, err)
	return added
}

// put publishes a quarter's ZIP as CMS would name it; the word makes it differ
// from others.
func (v *visit) put(t testing.TB, quarterText, word string, at time.Time) cmstest.SiteFile {
	t.Helper()
	q := quarter(t, quarterText)
	file := cmstest.SiteFile{
		Path: "/files/zip/" + cmstest.ZIPName(q), ModifiedAt: at,
		Content: releaseZIP(t, cmstest.MainFileName(q, 1)+".txt", word, at),
		Text:    fmt.Sprintf("%s %d Alpha-Numeric HCPCS File (ZIP)", q.FirstDay().Month(), q.Year),
	}
	v.Publish(file)
	return file
}

func TestSiteToArchive(t *testing.T) {
	v := newVisit(t)
	v.clock = day(2031, 7, 3)
	v.put(t, "2031Q1", "beans", day(2030, 12, 10))
	july := v.put(t, "2031Q3", "peas", day(2031, 6, 10))
	v.Publish(cmstest.SiteFile{
		Path: "/files/zip/2031-noc-codes.zip", Content: zipOf(t, zipEntry{name: "noc.txt", content: "NOC CODES"}), ModifiedAt: day(2031, 6, 11),
		Text: "July 2031 NOC Codes (ZIP)",
	})
	inventory := v.read(t)
	require.NoError(t, inventory.Incomplete())
	require.Equal(t, []string{
		"2031Q1 january-2031-alpha-numeric-hcpcs-file.zip: HCPC2031_JAN_ANWEB.txt",
		"2031Q3 july-2031-alpha-numeric-hcpcs-file.zip: HCPC2031_JUL_ANWEB.txt",
	}, offered(inventory))
	offer := inventory.Offers[1]
	require.Equal(t, v.URL(july.Path), offer.Path)
	require.Equal(t, BasisLinkText, offer.QuarterBasis)
	require.Equal(t, july.ModifiedAt, offer.PublishedAt)
	require.Equal(t, PublishedByHTTP, offer.PublishedBasis)
	require.Equal(t, july.ModifiedAt, offer.LastModified)
	require.Equal(t, july.ETag(), offer.ETag)
	require.Equal(t, hashOf(july.Content), offer.SHA256)
	require.Equal(t, []string{"2031Q3 2031-noc-codes.zip: noc_codes"}, companionNames(inventory))
	for _, request := range v.Requests() {
		require.Equal(t, "hcpcs/test", request.Header.Get("User-Agent"))
		require.NotContains(t, request.Path, "index", "other files are left alone")
	}

	added := v.archive(t, inventory)
	require.Equal(t, []string{"january-2031-alpha-numeric-hcpcs-file.zip: new 2031Q1r1", "july-2031-alpha-numeric-hcpcs-file.zip: new 2031Q3r1"}, outcomes(added.Offers))
	archived := mustReleases(t, v.options.Archive)[1]
	require.Equal(t, v.URL(july.Path), archived.FoundAt)
	require.Equal(t, "cms", archived.Source)
	require.Equal(t, july.ETag(), archived.ETag)
	require.NoError(t, archived.Verify(context.Background()))
	require.Len(t, v.staged(t), 6)
	require.NoError(t, inventory.Close())
	require.Empty(t, v.staged(t))

	// The next day nothing is new: one short answer for each file.
	v.Forget()
	again := v.read(t)
	require.Empty(t, again.Offers)
	require.Empty(t, again.Companions)
	require.Len(t, again.Unchanged, 3)
	require.Equal(t, "2031Q3", again.Unchanged[0].Quarter.String(), "the newest quarter first")
	for _, request := range v.Requests() {
		if request.Path != cmstest.PagePath {
			require.Equal(t, http.StatusNotModified, request.Status)
			require.Zero(t, request.Bytes)
		}
	}
	require.Len(t, v.Requests(), 4)

	// Without a memory the archive suffices.
	require.NoError(t, os.Remove(v.options.Memory))
	require.Len(t, v.read(t).Unchanged, 3)

	// CMS publishes the quarter again under the same address.
	v.put(t, "2031Q3", "plums", day(2031, 7, 2))
	inventory = v.read(t)
	require.Len(t, inventory.Unchanged, 2)
	added = v.archive(t, inventory)
	require.Equal(t, []string{"july-2031-alpha-numeric-hcpcs-file.zip: new 2031Q3r2"}, outcomes(added.Offers))
	require.Len(t, v.read(t).Unchanged, 3)

	// And takes it back: the archive has it.
	v.put(t, "2031Q3", "peas", day(2031, 6, 10))
	require.Len(t, v.read(t).Unchanged, 3)
}

// One link that fails does not stop the others, and the run is told.
func TestOneFailureDoesNotStopTheOthers(t *testing.T) {
	v := newVisit(t)
	v.put(t, "2031Q1", "beans", day(2030, 12, 10))
	gone := v.put(t, "2031Q2", "peas", day(2031, 3, 10))
	v.put(t, "2031Q3", "plums", day(2031, 6, 10))
	v.MisbehaveAlways(gone.Path, cmstest.Status(404))
	inventory := v.read(t)
	require.Len(t, inventory.Offers, 2)
	require.Len(t, inventory.Failed, 1)
	require.Equal(t, gone.Path, strings.TrimPrefix(inventory.Failed[0].Link.URL, v.URL("")))
	err := inventory.Incomplete()
	require.ErrorContains(t, err, "1 file that the page links could not be had: download "+v.URL(gone.Path)+": there is nothing at this address (HTTP 404 Not Found)")
	require.NotErrorIs(t, err, ErrUnreachable)
	require.Len(t, v.staged(t), 4)
}

func TestPolitePause(t *testing.T) {
	v := newVisit(t)
	v.put(t, "2031Q1", "beans", day(2030, 12, 10))
	v.put(t, "2030Q4", "peas", day(2030, 9, 10))
	v.options.Pause = 0
	v.read(t)
	require.Equal(t, []time.Duration{time.Second, time.Second}, v.waits)
}

func TestDefaultUserAgent(t *testing.T) {
	v := newVisit(t)
	v.put(t, "2031Q1", "beans", day(2030, 12, 10))
	v.options.UserAgent = ""
	v.read(t)
	require.Regexp(t, `^hcpcs/[^ /()]+$`, v.Requests()[0].Header.Get("User-Agent"))
}

func TestProgress(t *testing.T) {
	v := newVisit(t)
	file := v.put(t, "2031Q1", "beans", day(2030, 12, 10))
	var told []string
	v.options.Progress = func(p SiteProgress) {
		told = append(told, fmt.Sprintf("%s %d/%d %d/%d waiting %t because %v", p.Link.Quarter, p.Number, p.Of, p.Received, p.Size, p.Waiting > 0, p.Because))
	}
	v.Misbehave(file.Path, cmstest.Status(503))
	v.read(t)
	size := len(file.Content)
	require.Equal(t, []string{
		"2031Q1 1/1 0/-1 waiting false because <nil>",
		"2031Q1 1/1 0/-1 waiting true because the site did not serve it (HTTP 503 Service Unavailable)",
		fmt.Sprintf("2031Q1 1/1 %d/%d waiting false because <nil>", size, size),
	}, told)
}

func TestListSite(t *testing.T) {
	v := newVisit(t)
	v.put(t, "2031Q1", "beans", day(2030, 12, 10))
	v.options.Archive = newArchive(t)
	v.archive(t, v.read(t))
	file := v.put(t, "2031Q2", "peas", day(2031, 3, 10))
	file.Note = " - Updated 04/02/2031"
	v.Publish(file)
	v.Publish(cmstest.SiteFile{Path: "/files/zip/may-2031-alpha-numeric-hcpcs-file.zip", Text: "Alpha-Numeric HCPCS File (ZIP)"})
	v.Forget()
	v.options.Staging, v.options.Memory = "", ""
	listed, err := ListSite(context.Background(), v.options)
	require.NoError(t, err)
	require.Len(t, v.Requests(), 1, "the page and nothing else")
	require.Len(t, listed, 3)
	require.Equal(t, "2031Q2", listed[0].Quarter.String())
	require.Equal(t, "April 2031 Alpha-Numeric HCPCS File (ZIP)", listed[0].Text)
	require.Equal(t, time.Date(2031, 4, 2, 0, 0, 0, 0, time.UTC), listed[0].Updated)
	require.True(t, listed[0].FetchedAt.IsZero())
	require.Equal(t, "2031Q1", listed[1].Quarter.String())
	require.Equal(t, fetched, listed[1].FetchedAt)
	require.True(t, listed[2].Quarter.IsZero())
	require.Contains(t, listed[2].Problem, "nothing on the page tells its quarter")
}

// The page itself cannot be had.
func TestPageFails(t *testing.T) {
	for what, c := range map[string]struct {
		behaviour cmstest.Behaviour
		is, isNot error
		want      string
	}{
		"forbidden":    {cmstest.Status(403), ErrRefused, ErrPageChanged, "the site refuses programs, or this one (HTTP 403 Forbidden): download the ZIP in a browser, put it into a folder and run 'hcpcs run --source FOLDER'"},
		"login":        {cmstest.Status(401), ErrRefused, ErrPageChanged, "the site asks for a login (HTTP 401 Unauthorized): "},
		"login page":   {cmstest.LoginPage(), ErrRefused, ErrPageChanged, `a login page came instead (title: "Enterprise portal"): `},
		"for people":   {cmstest.HTML("Just a moment...", "Checking your browser"), ErrRefused, ErrPageChanged, `a page came that keeps programs out (title: "Just a moment..."): `},
		"fault":        {cmstest.Status(500), ErrUnreachable, ErrRefused, "the site has a fault of its own (HTTP 500 Internal Server Error, at the last of 6 attempts): run again later"},
		"too often":    {cmstest.Status(429), ErrUnreachable, ErrRefused, "the site was asked too often (HTTP 429 Too Many Requests, at the last of 6 attempts): run again later"},
		"dropped":      {cmstest.Drop(), ErrUnreachable, ErrRefused, "the source could not be reached: EOF, at the last of 6 attempts: see whether the network works, and run again later"},
		"always cut":   {cmstest.CutAt(30), ErrUnreachable, ErrRefused, "the source could not be reached: the connection was cut after 30 bytes"},
		"not there":    {cmstest.Status(404), ErrPageChanged, ErrUnreachable, "the page has changed: there is nothing at this address (HTTP 404 Not Found)"},
		"no links":     {cmstest.HTML("Quarterly", "Soon."), ErrPageChanged, ErrUnreachable, `the page has changed: it holds no link at all (title: "Quarterly"): `},
		"other links":  {cmstest.HTML("Quarterly", `<a href="/x">x</a> <a href="/files/zip/fees.zip">Fees (ZIP)</a>`), ErrPageChanged, ErrUnreachable, "the page has changed: none of its 2 links is recognised as the alpha-numeric HCPCS file of a quarter: open it in a browser"},
		"none placed":  {cmstest.HTML("Quarterly", `<a href="/files/zip/x.zip">Alpha-Numeric HCPCS File</a>`), ErrPageChanged, ErrUnreachable, `the first of 1 doubtful ones being "Alpha-Numeric HCPCS File", nothing on the page tells its quarter`},
		"new names":    {cmstest.HTML("Quarterly", `<a href="/files/zip/july-2031-hcpcs-level-ii.zip">July 2031 HCPCS Level II</a>`), ErrPageChanged, ErrUnreachable, `"July 2031 HCPCS Level II", not recognised as a release`},
		"another host": {cmstest.HTML("Quarterly", `<a href="https://elsewhere.example/july-2031-alpha-numeric-hcpcs-file.zip">x</a>`), ErrPageChanged, ErrUnreachable, "it is not downloaded: the host elsewhere.example is none of those that releases are taken from"},
	} {
		v := newVisit(t)
		v.put(t, "2031Q1", "beans", day(2030, 12, 10))
		v.MisbehaveAlways(cmstest.PagePath, c.behaviour)
		_, err := readSite(context.Background(), v.options, v.limits)
		require.ErrorContains(t, err, "read the page "+v.PageURL()+": ", what)
		require.ErrorContains(t, err, c.want, what)
		require.ErrorIs(t, err, c.is, what)
		require.NotErrorIs(t, err, c.isNot, what)
		require.Equal(t, errors.Is(err, ErrUnreachable), !errors.Is(err, ErrPageChanged), "%s: either a later run helps, or a person", what)
		require.Empty(t, v.staged(t), what)
		_, listErr := listSite(context.Background(), v.options, v.limits)
		require.EqualError(t, listErr, err.Error(), what)
	}
}

func TestPageIsMended(t *testing.T) {
	v := newVisit(t)
	v.put(t, "2031Q1", "beans", day(2030, 12, 10))
	v.Misbehave(cmstest.PagePath, cmstest.Status(502), cmstest.CutAt(700), cmstest.Drop())
	require.Len(t, v.read(t).Offers, 1)
	require.Equal(t, 4, v.Count(cmstest.PagePath, 0))
}

func TestNoSite(t *testing.T) {
	v := newVisit(t)
	v.Close()
	_, err := readSite(context.Background(), v.options, v.limits)
	require.ErrorIs(t, err, ErrUnreachable)
	require.ErrorContains(t, err, "connection refused, at the last of 6 attempts: see whether the network works")
	require.Len(t, v.waits, 5)
}

func TestUnusablePages(t *testing.T) {
	for page, want := range map[string]string{
		"http://www.cms.gov/x":        "read the page http://www.cms.gov/x: plain http is not read, because anyone on the way could change it: write https",
		"ftp://www.cms.gov/x":         `read the page ftp://www.cms.gov/x: its scheme is "ftp": only https can be read`,
		"https://me:word@www.cms.gov": "read the page https://me:xxxxx@www.cms.gov: it carries a user name: write the address without",
		"hello":                       "read the page hello: it is no address (it names no host): give one like " + CMSPage,
		"http://%zz":                  `read the page http://%zz: it is no address (invalid URL escape "%zz"): give one like ` + CMSPage,
	} {
		options := newVisit(t).options
		options.Page = page
		_, err := ListSite(context.Background(), options)
		require.EqualError(t, err, want)
	}
	v := newVisit(t)
	file := v.put(t, "2031Q1", "beans", day(2030, 12, 10))
	v.options.Page = v.URL(file.Path)
	_, err := ListSite(context.Background(), v.options)
	require.ErrorContains(t, err, "it is a ZIP, not a page that links ZIPs: give the page's address, or download the ZIP in a browser")
}

// The whole sample history, published as CMS did, quarter by quarter and with
// its revision, arrives like from a folder.
func TestSampleHistoryFromSite(t *testing.T) {
	v := newVisit(t)
	v.options.Archive = newArchive(t)
	history := cmstest.SampleHistory()
	for i := range history.Releases {
		v.PublishRelease(&history.Releases[i], cmstest.ZIPOptions{Version: history.Releases[i].ID.Revision})
		inventory := v.read(t)
		added := v.archive(t, inventory)
		require.Len(t, added.Offers, 1)
		require.Equal(t, OutcomeNew, added.Offers[0].Outcome)
		require.Equal(t, history.Releases[i].ID, added.Offers[0].ID)
		require.NoError(t, inventory.Close())
	}
	archived := mustReleases(t, v.options.Archive)
	require.Len(t, archived, len(history.Releases))
	for i, one := range archived {
		require.Equal(t, history.Releases[i].PublishedAt, one.PublishedAt)
		require.Equal(t, PublishedByHTTP, one.PublishedBasis)
	}
}

// A time that had not come when the file was fetched is no time of publication:
// the next one counts.
func TestPublishedInTheFuture(t *testing.T) {
	now := time.Date(2031, 4, 2, 0, 0, 0, 0, time.UTC)
	future, past, soon := now.AddDate(1, 0, 0), now.AddDate(0, -1, 0), now.Add(20*time.Hour)
	for what, c := range map[string]struct {
		header, entry, workbook, want time.Time
		basis                         string
	}{
		"header":            {future, past, past, past, PublishedByZIPEntry},
		"entry":             {time.Time{}, future, past, past, PublishedByWorkbook},
		"header and entry":  {future, future, past, past, PublishedByWorkbook},
		"all":               {future, future, future, time.Time{}, ""},
		"a zone further":    {soon, past, past, soon, PublishedByHTTP},
		"entry, by a zone":  {time.Time{}, soon, past, soon, PublishedByZIPEntry},
		"everything passed": {past, past.AddDate(0, -1, 0), past, past, PublishedByHTTP},
	} {
		v := newVisit(t)
		v.clock = now
		content := zipOf(t, zipEntry{"HCPC2031_APR_ANWEB.xlsx", string(workbookOf(t, c.workbook, [][]string{mainHeader, {"A0901", "0010", "3", "Crate", "Crate"}})), c.entry})
		v.Publish(cmstest.SiteFile{Path: "/files/zip/a.zip", Text: "April 2031 Alpha-Numeric HCPCS File (ZIP)", Content: content, ModifiedAt: c.header})
		offer := v.read(t).Offers[0]
		require.Equal(t, c.want, offer.PublishedAt, what)
		require.Equal(t, c.basis, offer.PublishedBasis, what)

		archive := newArchive(t)
		inventory, err := archive.ReadFolder(context.Background(), folderOf(t, map[string][]byte{
			"2031Q2/a.zip":  content,
			"2031Q3/b.xlsx": workbookOf(t, c.workbook, [][]string{mainHeader, {"A0902", "0010", "3", "Crate", "Crate"}}),
		}), now, "")
		require.NoError(t, err)
		for _, offer := range inventory.Offers {
			require.False(t, offer.PublishedAt.After(soon), what)
		}
		require.Equal(t, c.workbook.Equal(future), inventory.Offers[1].PublishedAt.IsZero(), what)
	}
}
