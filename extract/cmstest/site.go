package cmstest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// PagePath is where a Site has the page that links the releases.
const PagePath = "/medicare/coding-billing/healthcare-common-procedure-system/quarterly-update"

// Site stands in for CMS's site: over real HTTP on a loopback address it serves
// the page that links the releases, in several shapes, and the ZIPs, with ETag,
// Last-Modified and ranges. It can be told to misbehave, and remembers what was
// asked. Its methods may be called from any goroutine, and while it is serving.
// Starting and closing one costs less than a millisecond.
type Site struct {
	server *httptest.Server

	mutex    sync.Mutex
	layout   Layout
	files    []SiteFile // the first is the newest
	page     string     // instead of one in the layout
	queues   map[string][]Behaviour
	always   map[string]Behaviour
	requests []SiteRequest
}

// SiteFile is a file on the site, and the link to it.
type SiteFile struct {
	Path       string // on the site: "/files/zip/april-2020-alpha-numeric-hcpcs-file.zip"
	Content    []byte
	ModifiedAt time.Time // Last-Modified; none when zero
	// WithoutETag leaves the ETag out; else it is made from the content.
	WithoutETag bool

	Text    string // of the link
	Title   string // of the link; none when ""
	Note    string // behind the link: " - Updated 07/02/2026"
	Heading string // above the link, in layouts that have headings: "2026"
	// Href is the link as the page writes it. When "", it is made from Path.
	Href string
	// Unlinked leaves the file out of the page.
	Unlinked bool
}

// ETag is the file's strong ETag.
func (f SiteFile) ETag() string {
	sum := sha256.Sum256(f.Content)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// SiteRequest is a request that the site answered, or began to.
type SiteRequest struct {
	Path   string
	Status int // 0 when the connection was ended without an answer
	Header http.Header
	Bytes  int64 // of the body that were sent
}

// NewSite starts a site with an empty page. The caller closes it.
func NewSite() *Site {
	site := &Site{layout: LayoutTable, queues: map[string][]Behaviour{}, always: map[string]Behaviour{}}
	site.server = httptest.NewServer(http.HandlerFunc(site.serve))
	return site
}

// Close ends the site, and the connections to it.
func (s *Site) Close() {
	s.server.CloseClientConnections()
	s.server.Close()
}

// PageURL is the address of the page.
func (s *Site) PageURL() string { return s.server.URL + PagePath }

// URL is the address of a path.
func (s *Site) URL(path string) string { return s.server.URL + path }

// Host is the site's address and port.
func (s *Site) Host() string { return strings.TrimPrefix(s.server.URL, "http://") }

// SetLayout chooses the page's shape.
func (s *Site) SetLayout(layout Layout) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.layout = layout
}

// SetPage serves a page as it is given, instead of one made from the files.
func (s *Site) SetPage(page string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.page = page
}

// Publish puts a file on the site and its link on top of the page. A file of
// the same path is replaced, its link staying where it is: so CMS publishes a
// quarter again.
func (s *Site) Publish(file SiteFile) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if at := slices.IndexFunc(s.files, func(other SiteFile) bool { return other.Path == file.Path }); at >= 0 {
		s.files[at] = file
		return
	}
	s.files = slices.Insert(s.files, 0, file)
}

// PublishRelease publishes a release's ZIP under the name, with the link and at
// the time that CMS would give them.
func (s *Site) PublishRelease(r *Release, options ZIPOptions) SiteFile {
	file := SiteFile{
		Path: "/files/zip/" + ZIPName(r.ID.Quarter), Content: r.ZIP(options), ModifiedAt: r.PublishedAt,
		Text: fmt.Sprintf("%s %d Alpha-Numeric HCPCS File (ZIP)", month(r.ID.Quarter), r.ID.Quarter.Year),
	}
	if r.ID.Revision > 1 {
		file.Note = " - Updated " + r.PublishedAt.Format("01/02/2006")
	}
	s.Publish(file)
	return file
}

// Withdraw takes a file from the site.
func (s *Site) Withdraw(path string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.files = slices.DeleteFunc(s.files, func(file SiteFile) bool { return file.Path == path })
}

// Misbehave has the next requests for a path answered by the behaviours, one
// each, in their order, after those that are waiting already.
func (s *Site) Misbehave(path string, behaviours ...Behaviour) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.queues[path] = append(s.queues[path], behaviours...)
}

// MisbehaveAlways has every request for a path answered by a behaviour; nil ends
// it.
func (s *Site) MisbehaveAlways(path string, behaviour Behaviour) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.always[path] = behaviour
}

// Requests lists the requests since the start or the last Forget.
func (s *Site) Requests() []SiteRequest {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.requests)
}

// Count is how often a path was answered with a status; 0 for any status.
func (s *Site) Count(path string, status int) int {
	count := 0
	for _, request := range s.Requests() {
		if request.Path == path && (status == 0 || request.Status == status) {
			count++
		}
	}
	return count
}

// Statuses are the statuses of the requests for a path, in their order.
func (s *Site) Statuses(path string) []int {
	var statuses []int
	for _, request := range s.Requests() {
		if request.Path == path {
			statuses = append(statuses, request.Status)
		}
	}
	return statuses
}

// Forget forgets the requests.
func (s *Site) Forget() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.requests = nil
}

// serve answers one request.
func (s *Site) serve(w http.ResponseWriter, request *http.Request) {
	path := request.URL.Path
	s.mutex.Lock()
	at := len(s.requests)
	s.requests = append(s.requests, SiteRequest{Path: path, Header: request.Header.Clone()})
	behaviour := s.always[path]
	if queue := s.queues[path]; len(queue) > 0 {
		behaviour, s.queues[path] = queue[0], queue[1:]
	}
	s.mutex.Unlock()

	watched := &watchedWriter{ResponseWriter: w, site: s, at: at}
	if behaviour != nil {
		behaviour(s, watched, request)
		return
	}
	s.serveWell(watched, request)
}

// serveWell answers as CMS does on a good day.
func (s *Site) serveWell(w http.ResponseWriter, request *http.Request) {
	path := request.URL.Path
	s.mutex.Lock()
	page := s.page
	if page == "" && path == PagePath {
		page = s.render()
	}
	at := slices.IndexFunc(s.files, func(file SiteFile) bool { return file.Path == path })
	var file SiteFile
	if at >= 0 {
		file = s.files[at]
	}
	s.mutex.Unlock()

	switch {
	case path == PagePath:
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		fmt.Fprint(w, page)
	case at < 0:
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, "<!DOCTYPE html><html><head><title>Page not found</title></head><body>Nothing is here.</body></html>")
	default:
		w.Header().Set("Content-Type", "application/zip")
		if !file.WithoutETag {
			w.Header().Set("ETag", file.ETag())
		}
		http.ServeContent(w, request, "", file.ModifiedAt, bytes.NewReader(file.Content))
	}
}

// watchedWriter notes what is answered, before it is sent.
type watchedWriter struct {
	http.ResponseWriter
	site *Site
	at   int
	told bool
}

func (w *watchedWriter) WriteHeader(status int) {
	if !w.told {
		w.told = true
		w.note(func(request *SiteRequest) { request.Status = status })
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(content []byte) (int, error) {
	if !w.told {
		w.WriteHeader(http.StatusOK)
	}
	w.note(func(request *SiteRequest) { request.Bytes += int64(len(content)) })
	return w.ResponseWriter.Write(content)
}

// note alters the request's record, unless it was forgotten.
func (w *watchedWriter) note(alter func(*SiteRequest)) {
	w.site.mutex.Lock()
	defer w.site.mutex.Unlock()
	if w.at < len(w.site.requests) {
		alter(&w.site.requests[w.at])
	}
}

// Unwrap is for http.ResponseController.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
