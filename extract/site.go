package extract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// CMSPage is the page on which CMS links its quarterly releases (domain.md, "A
// release").
const CMSPage = "https://www.cms.gov/medicare/coding-billing/healthcare-common-procedure-system/quarterly-update"

// cmsHosts serve CMS's files: the third one the older of them.
var cmsHosts = []string{"www.cms.gov", "cms.gov", "downloads.cms.gov"}

// SiteOptions say where and how releases are looked for on a site. Only Now is
// needed, and Staging for downloads; the zero value of everything else is its
// default.
type SiteOptions struct {
	// Page is the address of the page that links the releases. HTTPS only;
	// plain HTTP for loopback addresses. Default: CMSPage
	Page string
	// AllowedHosts are the hosts besides the page's own from which files are
	// taken and to which redirects may lead: "www.cms.gov", or
	// "127.0.0.1:8080" where the port is not the usual one. CMS's own are
	// among them for a page on one of those. Default: no others
	AllowedHosts []string
	// UserAgent names the program and its version. Default: hcpcs/ and the
	// version it was built as.
	UserAgent string
	// Budget is the time for everything, waits included. What is not done by
	// then is reported in Inventory.Failed. Default: 30 minutes
	Budget time.Duration
	// Pause is the time between two files; a negative one means none. Default:
	// 1 second
	Pause time.Duration
	// Archive tells what is known already: what was fetched from an address is
	// fetched again only if the site says that it changed. Default: nothing is
	// known.
	Archive *Archive
	// Staging is a folder for downloads until Inventory.Close. It is made when
	// it is missing. Whole downloads that an interrupted run left in it are taken
	// over while the site says that they are unchanged; the rest is removed. Only
	// one ReadSite at a time may use it. It needs room for all files that are new.
	Staging string
	// Memory is a file in which it is remembered what the archive cannot tell:
	// that a file known from elsewhere, or one of no use, came from an address.
	// Without it such files are downloaded by every run. It may be deleted at
	// any time. Default: nothing is remembered.
	Memory string
	// Now gives the time.
	Now func() time.Time
	// Wait returns after a time, or with ctx's error. Default: it waits.
	Wait func(ctx context.Context, wait time.Duration) error
	// Transport carries the requests. Default: HTTP with the environment's
	// proxy.
	Transport http.RoundTripper
	// Progress is told how far the downloads are. Default: nobody is.
	Progress func(SiteProgress)
}

// SiteProgress says how far the downloads are.
type SiteProgress struct {
	Link       Listed
	Number, Of int   // the how-manieth link of how many this is; from 1
	Received   int64 // bytes of it so far
	Size       int64 // bytes of it as announced; -1 when unknown
	// Waiting is the time that is waited for the next attempt, and Because why;
	// 0 and nil when nothing is amiss.
	Waiting time.Duration
	Because error
}

// Listed is a link of a page to a release or to a companion of releases.
type Listed struct {
	URL  string // absolute
	Name string // of the file
	Text string // of the link, as it reads

	Quarter      release.Quarter // zero when it could not be placed; Problem says why
	QuarterBasis string          // as Offer.QuarterBasis
	// Companion tells that by its names the file comes with releases, and is
	// none: corrections, NOC codes.
	Companion bool
	// Updated is the day in a note like "Updated 07/02/2026", midnight UTC; zero
	// when there is none.
	Updated time.Time
	// FetchedAt is when the archive last took something from this address; zero
	// for never.
	FetchedAt time.Time
	// Problem says why the file is not downloaded, and what to do about it; ""
	// when it is.
	Problem string

	names        []nameEvidence // what tells the quarter
	contradicted bool           // by each other
}

// Failure is a link whose file could not be had.
type Failure struct {
	Link Listed
	Err  error // wraps ErrUnreachable where the site is to blame; says what to do
}

// Why a site gave less than it should.
var (
	// ErrUnreachable: no connection, no answer in time, an error of the server,
	// or a refusal. Another try later may succeed.
	ErrUnreachable = errors.New("the source could not be reached")
	// ErrRefused: the site answered, but wants no program: a 403, a login page,
	// a test for people. Errors that wrap it wrap ErrUnreachable as well.
	ErrRefused = errors.New("the site refuses programs")
	// ErrPageChanged: the page was read, and nothing on it is recognised. Trying
	// again does not help: its address or its form is another one.
	ErrPageChanged = errors.New("the page has changed")
)

// Incomplete gives nil, or an error for what is in Failed, which wraps each
// failure's.
func (i Inventory) Incomplete() error {
	if len(i.Failed) == 0 {
		return nil
	}
	failures := make([]error, len(i.Failed))
	for n, failure := range i.Failed {
		failures[n] = failure.Err
	}
	noun := "files that the page links"
	if len(failures) == 1 {
		noun = "file that the page links"
	}
	return fmt.Errorf("%d %s could not be had: %w", len(failures), noun, errors.Join(failures...))
}

// Close removes the downloads from the staging folder. After it, offers and
// companions can neither be read nor archived. A folder's inventory has nothing
// to remove.
func (i Inventory) Close() error {
	var failed error
	for _, path := range i.staged {
		os.Remove(path + stagedNote) // what stays is removed by the next run
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			failed = errors.Join(failed, fmt.Errorf("remove the download %s: %w", path, rootCause(err)))
		}
	}
	return failed
}

// ReadSite downloads what a page offers and the archive does not have yet:
// every link to a release or a companion that can be placed in a quarter, the
// newest quarter first, one at a time. The caller gives the inventory to the
// archive and closes it.
//
// A file that cannot be had is in Failed, and the others are downloaded. An
// error means that the page could not be read (ErrUnreachable), that nothing on
// it is recognised (ErrPageChanged), that the staging folder cannot be written,
// or that ctx ended. Then what was downloaded whole is left for the next ReadSite;
// after any other error nothing is.
func ReadSite(ctx context.Context, options SiteOptions) (Inventory, error) {
	return readSite(ctx, options, defaultLimits)
}

// ListSite reads a page and lists its links to releases and companions, the
// newest quarter first, then in the order of the page. Those that cannot be
// placed come last, with their Problem. Nothing is downloaded but the page, and
// nothing is written. The errors are those of ReadSite.
func ListSite(ctx context.Context, options SiteOptions) ([]Listed, error) {
	return listSite(ctx, options, defaultLimits)
}

func listSite(ctx context.Context, options SiteOptions, limits limits) ([]Listed, error) {
	site, done, err := openSite(ctx, options, limits)
	if err != nil {
		return nil, err
	}
	defer done()
	return site.list()
}

func readSite(ctx context.Context, options SiteOptions, limits limits) (Inventory, error) {
	site, done, err := openSite(ctx, options, limits)
	if err != nil {
		return Inventory{}, err
	}
	defer done()
	if err := site.clearStaging(); err != nil {
		return Inventory{}, err
	}
	err = site.downloadAll()
	if err == nil {
		err = site.memory.save(site.options.Memory)
	}
	if err != nil && ctx.Err() != nil {
		return Inventory{}, err
	}
	if err != nil {
		return Inventory{}, errors.Join(err, site.found.Close())
	}
	site.found.site = site
	return site.found, nil
}

// siteReader is one visit to a site.
type siteReader struct {
	options SiteOptions
	limits  limits
	page    *url.URL
	hosts   hostRules
	client  *http.Client

	caller   context.Context // the caller's
	ctx      context.Context // that, and the budget
	deadline time.Time       // by options.Now

	known  knownAddresses
	memory *siteMemory

	kept      atomic.Int64 // as in folderReader
	found     Inventory
	received  int64 // bytes of all files
	failures  int   // links that could not be reached, in a row
	abandoned error // why no further link is tried
	progress  SiteProgress
	links     map[string]Listed   // by address, those that are downloaded
	left      map[string]leftover // by address, what an interrupted run downloaded
}

// openSite checks the options and fills in defaults. The caller calls the
// second result when done.
func openSite(ctx context.Context, options SiteOptions, limits limits) (*siteReader, func(), error) {
	if options.Page == "" {
		options.Page = CMSPage
	}
	if options.Budget <= 0 {
		options.Budget = limits.site.budget
	}
	if options.Pause == 0 {
		options.Pause = limits.site.pause
	}
	if options.UserAgent == "" {
		options.UserAgent = "hcpcs/" + builtVersion()
	}
	if options.Wait == nil {
		options.Wait = wait
	}
	if options.Progress == nil {
		options.Progress = func(SiteProgress) {}
	}
	if options.Now == nil {
		return nil, nil, errors.New("read a page: SiteOptions.Now is needed, to know when the time is over")
	}
	page, err := url.Parse(options.Page)
	if err == nil && page.Host == "" {
		err = errors.New("it names no host")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the page %s: it is no address (%w): give one like %s", options.Page, urlCause(err), CMSPage)
	}
	site := &siteReader{options: options, limits: limits, page: page, caller: ctx}
	site.hosts = newHostRules(page, options.AllowedHosts)
	if err := site.hosts.check(page); err != nil {
		return nil, nil, fmt.Errorf("read the page %s: %w", page.Redacted(), err)
	}
	if site.known, err = addressesOf(ctx, options.Archive); err != nil {
		return nil, nil, err
	}
	site.memory = loadMemory(options.Memory, options.UserAgent, limits.site.memoryBytes)
	site.deadline = options.Now().Add(options.Budget)
	timed, cancel := context.WithTimeoutCause(ctx, options.Budget, errBudgetOver)
	site.ctx = timed
	site.client = site.newClient()
	return site, func() {
		cancel()
		site.client.CloseIdleConnections()
	}, nil
}

// builtVersion is the version of the main module, as the Go tool recorded it.
func builtVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return strings.Trim(info.Main.Version, "()")
}

func wait(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// list reads the page.
func (s *siteReader) list() ([]Listed, error) {
	fail := func(err error) ([]Listed, error) {
		if s.caller.Err() != nil {
			err = s.caller.Err()
		}
		return nil, fmt.Errorf("read the page %s: %w", s.page.Redacted(), err)
	}
	text, address, err := s.readPage()
	if err != nil {
		return fail(err)
	}
	listed, err := linksOf(text, address, s.hosts, s.limits.site.pageLinks)
	if err != nil {
		return fail(err)
	}
	for i := range listed {
		listed[i].FetchedAt = s.known.fetchedAt(listed[i].URL)
	}
	slices.SortStableFunc(listed, func(a, b Listed) int {
		return cmp.Or(trueFirst(a.Problem == "", b.Problem == ""), b.Quarter.Compare(a.Quarter))
	})
	return listed, nil
}

// downloadAll reads the page and downloads what it links. Only what concerns
// all links is an error.
func (s *siteReader) downloadAll() error {
	listed, err := s.list()
	if err != nil {
		return err
	}
	wanted := 0
	for _, link := range listed {
		if link.Problem == "" {
			wanted++
		} else {
			s.found.PassedOver = append(s.found.PassedOver, PassedOver{Path: link.URL, Reason: link.Problem, Suspect: s.mayBeNew(link)})
		}
	}
	s.links = map[string]Listed{}
	for i, link := range listed[:wanted] { // those with a problem come last
		s.links[link.URL] = link
		s.progress = SiteProgress{Link: link, Number: i + 1, Of: wanted, Size: -1}
		err := s.abandoned
		if err == nil {
			err = s.take(link, filepath.Join(s.options.Staging, stagedName(link.URL)))
		} else {
			err = fmt.Errorf("it was not tried, because of what came before: %w", err)
		}
		var ours localError
		switch {
		case s.caller.Err() != nil:
			return fmt.Errorf("download %s: %w", link.URL, s.caller.Err())
		case errors.As(err, &ours):
			return fmt.Errorf("download %s: %w", link.URL, err)
		case err != nil:
			s.fail(link, err)
		default:
			s.failures = 0
		}
	}
	for address, one := range s.left {
		if _, linked := s.links[address]; !linked {
			one.remove()
		}
	}
	slices.SortStableFunc(s.found.Offers, func(a, b Offer) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(s.found.Companions, func(a, b Companion) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(s.found.PassedOver, func(a, b PassedOver) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// mayBeNew tells of a release that contradictory names keep from being placed
// whether one of the quarters that they name is not in the archive.
func (s *siteReader) mayBeNew(link Listed) bool {
	return link.contradicted && !link.Companion && slices.ContainsFunc(link.names, func(one nameEvidence) bool {
		return one.strength == nameQuarter && s.known.latest[one.quarter].IsZero()
	})
}

// fail notes a link's failure and decides whether further ones are tried.
func (s *siteReader) fail(link Listed, err error) {
	s.memory.keep(link.URL)
	s.found.Failed = append(s.found.Failed, Failure{Link: link, Err: fmt.Errorf("download %s: %w", link.URL, err)})
	if s.abandoned != nil {
		return
	}
	var final *refusal
	if errors.As(err, &final) && final.forAll {
		s.abandoned = err
	}
	if s.failures++; !errors.Is(err, ErrUnreachable) {
		s.failures = 0
	} else if s.failures >= s.limits.site.failuresInRow {
		s.abandoned = err
	}
}

// take gets one file, unless it is there, and looks into it.
func (s *siteReader) take(link Listed, path string) error {
	if pause := s.options.Pause; pause > 0 {
		if err := s.waitFor(pause, nil); err != nil {
			return err
		}
	}
	s.options.Progress(s.progress)
	known := s.knownOf(link)
	left, isLeft := s.takeOver(link.URL)
	if isLeft {
		known = slices.Insert(known, 0, left)
	}
	got, err := s.download(link.URL, path, known)
	if err != nil {
		return err
	}
	switch {
	case isLeft && got.unchanged == &known[0]:
		got = downloaded{etag: left.etag, lastModified: left.lastModified}
	case got.unchanged != nil:
		s.memory.keep(link.URL)
		if got.unchanged.problem != "" {
			s.passOver(link, *got.unchanged)
		} else {
			s.found.Unchanged = append(s.found.Unchanged, link)
		}
		return nil
	}
	offered := len(s.found.Offers) + len(s.found.Companions)
	err = s.look(link, path, got)
	if len(s.found.Offers)+len(s.found.Companions) > offered {
		s.found.staged = append(s.found.staged, path)
	} else {
		leftover{path: path}.remove() // of no use
	}
	return err
}

// look makes an offer or a companion of a download, as of a ZIP in a folder.
func (s *siteReader) look(link Listed, path string, got downloaded) error {
	now, files := s.options.Now(), rootFiles{filepath.Dir(path)}
	source := diskFile{files: files, name: filepath.Base(path)}
	reader := &folderReader{files: files, limits: s.limits, before: beforehand{at: now}, kept: &s.kept}
	if s.options.Archive != nil {
		reader.tell = s.options.Archive.tell
	}
	seen := reader.inspect(s.ctx, source)
	contents, sum, size := seen.contents, seen.sum, seen.size
	if err := seen.err; err != nil {
		if s.ctx.Err() != nil {
			return context.Cause(s.ctx)
		}
		return fmt.Errorf("the ZIP cannot be used: %w; or %s", rootCause(err), wayRound)
	}
	leftover{Address: link.URL, ETag: got.etag, LastModified: got.lastModified, Size: size, SHA256: sum, path: path}.write()
	one := validator{etag: got.etag, lastModified: got.lastModified, size: size, sha256: sum, problem: contents.problem}
	before, met := s.memory.get(link.URL)
	met = met && before.sha256 == sum && before.problem != "" && s.holds(before, link)
	switch {
	case met: // the site does not say that it is unchanged
		one.problem, one.doubt = before.problem, before.doubt
	case one.problem != "":
		one.Suspect = contents.suspect || !link.Companion
	case contents.main == nil && !link.Companion:
		one.problem, one.doubt = onlyCompanions, doubt{Suspect: true, Taken: true}
	}
	s.memory.put(link.URL, one)
	if one.problem != "" {
		s.passOver(link, one)
	}
	if met || contents.problem != "" {
		return nil
	}
	for _, one := range contents.notes {
		s.found.PassedOver = append(s.found.PassedOver, PassedOver{Path: link.URL + "/" + strings.ReplaceAll(one.Entry, `\`, "/"), Reason: one.Reason})
	}
	if contents.main == nil {
		companion := Companion{
			Path: link.URL, Name: link.Name, SHA256: sum, Size: size, Entries: contents.entries, notes: contents.notes,
			LastModified: got.lastModified, ETag: got.etag, zipped: true, source: content{zip: source},
		}
		companion.Quarter, companion.QuarterBasis = link.Quarter, link.QuarterBasis
		s.found.Companions = append(s.found.Companions, companion)
		return nil
	}
	offer := Offer{
		Path: link.URL, Name: link.Name, SHA256: sum, Size: size, Main: *contents.main, Second: contents.second,
		PublishedAt: contents.publishedAt, PublishedBasis: contents.publishedBasis,
		LastModified: got.lastModified, ETag: got.etag,
		Companions: contents.entries, notes: contents.notes, unpacked: contents.unpacked, source: content{zip: source},
	}
	if published := plausibleTime(got.lastModified); !published.IsZero() && !inFuture(published, now) {
		offer.PublishedAt, offer.PublishedBasis = published, PublishedByHTTP
	}
	evidence := slices.Clone(link.names)
	for _, file := range []*MainFile{&offer.Main, offer.Second} {
		if file != nil {
			evidence = append(evidence, evidenceOfName(BasisMainFileName, baseName(file.Name)))
		}
	}
	var conflict string
	offer.Quarter, offer.QuarterBasis, conflict = quarterFromEvidence(evidence)
	offer.QuarterConflict = onPage(conflict)
	s.found.Offers = append(s.found.Offers, offer)
	return nil
}
