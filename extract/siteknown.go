package extract

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// validator is what a site said about a file that it gave, by which it can tell
// whether the file is still the same.
type validator struct {
	etag         string
	lastModified time.Time
	size         int64
	sha256       string
	fetchedAt    time.Time
	problem      string // why the file is of no use; "" when the archive has it
	doubt               // with problem
}

// doubt is what else is known of a file that is of no use.
type doubt struct {
	// Suspect: it may hold a release.
	Suspect bool `json:"may_hold_release,omitempty"`
	// Since is when it was met; zero until what came with it is archived.
	Since time.Time `json:"since,omitzero"`
	// Taken: the archive has what else is in it, or it is wanted again.
	Taken bool `json:"taken,omitempty"`
	// JudgedBy is what the archive refused it by besides its bytes: what the page
	// says of it, and what else is archived. "" where its bytes suffice.
	JudgedBy string `json:"judged_by,omitempty"`
}

// knownAddresses is what the archive took from where, newest first.
type knownAddresses struct {
	byURL  map[string][]validator
	hashes map[string]bool               // of everything in the archive
	latest map[release.Quarter]time.Time // when a release of the quarter was archived last
}

func addressesOf(ctx context.Context, archive *Archive) (knownAddresses, error) {
	known := knownAddresses{byURL: map[string][]validator{}, hashes: map[string]bool{}, latest: map[release.Quarter]time.Time{}}
	if archive == nil {
		return known, nil
	}
	held, err := archive.holdings(ctx)
	if err != nil {
		return known, err
	}
	for _, one := range held.releases {
		if one.FetchedAt.After(known.latest[one.quarter]) {
			known.latest[one.quarter] = one.FetchedAt
		}
	}
	for _, one := range slices.Concat(held.releases, held.companions) {
		if one.missing {
			continue // it is wanted again
		}
		known.hashes[one.SHA256] = true
		known.byURL[one.FoundAt] = append(known.byURL[one.FoundAt], validator{
			etag: one.ETag, lastModified: one.LastModified, size: one.Size, sha256: one.SHA256, fetchedAt: one.FetchedAt,
		})
	}
	for _, validators := range known.byURL {
		slices.SortStableFunc(validators, func(a, b validator) int { return b.fetchedAt.Compare(a.fetchedAt) })
	}
	return known, nil
}

func (k knownAddresses) fetchedAt(address string) time.Time {
	if validators := k.byURL[address]; len(validators) > 0 {
		return validators[0].fetchedAt
	}
	return time.Time{}
}

// knownOf is what was had from an address, newest first: what the memory holds,
// as far as it still holds, then the archive's.
func (s *siteReader) knownOf(link Listed) []validator {
	var known []validator
	if remembered, ok := s.memory.get(link.URL); ok && s.holds(remembered, link) {
		known = append(known, remembered)
	}
	known = append(known, s.known.byURL[link.URL]...)
	return known[:min(len(known), s.limits.site.validators)]
}

// holds tells whether what is remembered of a link's file would be found again:
// the archive has it, or it is of no use still.
func (s *siteReader) holds(remembered validator, link Listed) bool {
	if remembered.problem == "" || remembered.Taken {
		return s.known.hashes[remembered.sha256]
	}
	return remembered.JudgedBy == "" || remembered.JudgedBy == s.known.judging(link)
}

// judging sums up what the archive judges a link's file by, besides its bytes.
func (k knownAddresses) judging(link Listed) string {
	var said strings.Builder
	for _, one := range link.names {
		fmt.Fprintf(&said, "%s %q\n", one.basis, one.name)
	}
	for _, sum := range slices.Sorted(maps.Keys(k.hashes)) {
		said.WriteString(sum)
	}
	return hashOf([]byte(said.String()))
}

// passOver reports a file that is of no use. It no longer may hold a release
// that is wanted when its quarter's came from elsewhere after it was met.
func (s *siteReader) passOver(link Listed, one validator) {
	settled := !one.Since.IsZero() && s.known.latest[link.Quarter].After(one.Since)
	s.found.PassedOver = append(s.found.PassedOver, PassedOver{Path: link.URL, Reason: one.problem, Suspect: one.Suspect && !settled})
}

// RememberRefused makes the next ReadSite report what the archive refused, and
// not download it again while the site says that it is unchanged. offers are
// what Archive.Add said of the inventory's, and at is when.
func (i Inventory) RememberRefused(ctx context.Context, offers []AddedOffer, at time.Time) error {
	if i.site == nil {
		return nil
	}
	return i.site.rememberRefused(ctx, offers, at)
}

func (s *siteReader) rememberRefused(ctx context.Context, offers []AddedOffer, at time.Time) error {
	known, err := addressesOf(ctx, s.options.Archive)
	if err != nil {
		return err
	}
	changed := false
	for _, offer := range offers {
		one, ok := s.memory.next[offer.Path]
		if !ok || offer.Reason == "" || offer.unread {
			continue
		}
		one.Problem = offer.Reason
		one.doubt = doubt{Suspect: true, JudgedBy: known.judging(s.links[offer.Path])}
		s.memory.next[offer.Path], changed = one, true
	}
	for address, one := range s.memory.next {
		if one.Suspect && one.Since.IsZero() {
			one.Since = at.UTC()
			s.memory.next[address], changed = one, true
		}
	}
	if !changed {
		return nil
	}
	return s.memory.save(s.options.Memory)
}

// ask makes a request conditional on what is known: any file that was had from
// the address is no news, the newest even where only its time is known.
func ask(header http.Header, known []validator) {
	var etags []string
	for _, one := range known {
		if validETag(one.etag) && !slices.Contains(etags, one.etag) {
			etags = append(etags, one.etag)
		}
	}
	if len(etags) > 0 {
		header.Set("If-None-Match", strings.Join(etags, ", "))
	}
	if len(known) > 0 && !known[0].lastModified.IsZero() {
		header.Set("If-Modified-Since", known[0].lastModified.UTC().Format(http.TimeFormat))
	}
}

// which of the known files an answer speaks of: the one with its ETag, else the
// newest.
func which(header http.Header, known []validator) *validator {
	for i := range known {
		if sameETag(known[i].etag, header.Get("ETag")) {
			return &known[i]
		}
	}
	return &known[0]
}

// unconditional finds the file that a site gives although it was told that it is
// known: by its ETag, or, where there is none, by time and length together.
func unconditional(response *http.Response, known []validator) *validator {
	etag, modified := response.Header.Get("ETag"), lastModified(response.Header)
	for i := range known {
		one := &known[i]
		if sameETag(one.etag, etag) {
			return one
		}
		if i == 0 && etag == "" && !modified.IsZero() && modified.Equal(one.lastModified) && response.ContentLength == one.size {
			return one
		}
	}
	return nil
}

func validETag(etag string) bool {
	opaque := strings.TrimPrefix(etag, "W/")
	return len(opaque) > 2 && strings.HasPrefix(opaque, `"`) && strings.HasSuffix(opaque, `"`) && !strings.ContainsAny(opaque, "\r\n")
}

// sameETag compares weakly, as If-None-Match does (RFC 9110, 8.8.3.2).
func sameETag(one, other string) bool {
	return validETag(one) && strings.TrimPrefix(one, "W/") == strings.TrimPrefix(other, "W/")
}

func lastModified(header http.Header) time.Time {
	when, err := http.ParseTime(header.Get("Last-Modified"))
	if err != nil {
		return time.Time{}
	}
	return when.UTC()
}

// siteMemory remembers what came from an address where no sidecar says it: a
// file that the archive has from elsewhere, or one of no use. What another
// version of the program found of no use is looked at again.
type siteMemory struct {
	program   string
	addresses map[string]remembered // as they were
	next      map[string]remembered // as they will be: addresses that are on the page no more are forgotten
}

type remembered struct {
	ETag         string    `json:"etag,omitempty"`
	LastModified time.Time `json:"last_modified,omitzero"`
	Size         int64     `json:"size"`
	SHA256       string    `json:"sha256"`
	Problem      string    `json:"problem,omitempty"`
	doubt
}

type memoryFile struct {
	Version   int                   `json:"memory_version"`
	Program   string                `json:"program"`
	Addresses map[string]remembered `json:"addresses"`
}

const memoryVersion = 1

// loadMemory reads the file; one that cannot be read is as good as none, because
// it saves downloads and nothing else.
func loadMemory(path, program string, limit int64) *siteMemory {
	memory := &siteMemory{program: program, next: map[string]remembered{}}
	var content memoryFile
	if !readRemembered(path, limit, &content) || content.Version != memoryVersion {
		return memory
	}
	memory.addresses = content.Addresses
	if content.Program != program {
		for address, one := range memory.addresses {
			if one.Problem != "" {
				delete(memory.addresses, address)
			}
		}
	}
	return memory
}

func (m *siteMemory) get(address string) (validator, bool) {
	one, ok := m.addresses[address]
	return validator{etag: one.ETag, lastModified: one.LastModified, size: one.Size, sha256: one.SHA256, problem: one.Problem, doubt: one.doubt}, ok
}

func (m *siteMemory) put(address string, one validator) {
	m.next[address] = remembered{ETag: one.etag, LastModified: one.lastModified, Size: one.size, SHA256: one.sha256, Problem: one.problem, doubt: one.doubt}
}

// keep takes over what was remembered of an address.
func (m *siteMemory) keep(address string) {
	if one, ok := m.addresses[address]; ok {
		m.next[address] = one
	}
}

// save writes what is remembered from now on.
func (m *siteMemory) save(path string) error {
	return writeRemembered(path, "the site's files", memoryFile{Version: memoryVersion, Program: m.program, Addresses: m.next})
}
