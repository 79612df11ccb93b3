package extract

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
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
}

// knownAddresses is what the archive took from where, newest first.
type knownAddresses struct {
	byURL  map[string][]validator
	hashes map[string]bool // of everything in the archive
}

func addressesOf(ctx context.Context, archive *Archive) (knownAddresses, error) {
	known := knownAddresses{byURL: map[string][]validator{}, hashes: map[string]bool{}}
	if archive == nil {
		return known, nil
	}
	held, err := archive.holdings(ctx)
	if err != nil {
		return known, err
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
// as far as the archive has it or it is of no use, then the archive's.
func (s *siteReader) knownOf(address string) []validator {
	var known []validator
	if remembered, ok := s.memory.get(address); ok && (remembered.problem != "" || s.known.hashes[remembered.sha256]) {
		known = append(known, remembered)
	}
	known = append(known, s.known.byURL[address]...)
	return known[:min(len(known), s.limits.site.validators)]
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
	return validator{etag: one.ETag, lastModified: one.LastModified, size: one.Size, sha256: one.SHA256, problem: one.Problem}, ok
}

func (m *siteMemory) put(address string, one validator) {
	m.next[address] = remembered{ETag: one.etag, LastModified: one.lastModified, Size: one.size, SHA256: one.sha256, Problem: one.problem}
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
