package extract

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// downloaded is a file that was had, or one that need not be.
type downloaded struct {
	etag         string
	lastModified time.Time
	unchanged    *validator // the known file that it still is; nothing was downloaded then
}

// download gets a ZIP to a path: whole, under that name, or not at all.
func (s *siteReader) download(address, path string, known []validator) (downloaded, error) {
	part := path + stagedUnended
	file, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o644)
	if err != nil {
		return downloaded{}, localError{fmt.Errorf("create %s: %w: make its folder writable, or make room", part, rootCause(err))}
	}
	got, err := s.downloadTo(file, address, known)
	if err == nil && got.unchanged == nil { // what is noted of it is to be true after a crash
		if err = file.Sync(); err != nil {
			err = localError{fmt.Errorf("write %s: %w: make room", part, rootCause(err))}
		}
	}
	if closing := file.Close(); err == nil && closing != nil {
		err = localError{fmt.Errorf("write %s: %w: make room", part, rootCause(closing))}
	}
	if err != nil || got.unchanged != nil {
		os.Remove(part) // what stays is removed by the next run
		return got, err
	}
	if err := os.Rename(part, path); err != nil {
		os.Remove(part)
		return downloaded{}, localError{fmt.Errorf("rename %s: %w: make its folder writable", part, rootCause(err))}
	}
	return got, nil
}

func (s *siteReader) downloadTo(file *os.File, address string, known []validator) (downloaded, error) {
	t := &transfer{
		site: s, sink: fileSink{file}, known: known, total: -1, zip: true,
		limit: min(s.limits.zipBytes, s.limits.site.totalBytes-s.received),
	}
	err := t.run(address)
	s.received += t.received
	if err != nil {
		return downloaded{}, err
	}
	if err := t.verify(file); err != nil {
		return downloaded{}, err
	}
	return downloaded{etag: t.etag, lastModified: t.lastModified, unchanged: t.unchanged}, nil
}

// readPage gets the page, and the address that it came from in the end.
func (s *siteReader) readPage() ([]byte, *url.URL, error) {
	var text bytes.Buffer
	t := &transfer{site: s, sink: memorySink{&text}, total: -1, limit: s.limits.site.pageBytes}
	if err := t.run(s.page.String()); err != nil {
		var final *refusal
		if errors.As(err, &final) && final.kinds == nil { // it is not there
			err = fmt.Errorf("%w: %w", ErrPageChanged, err)
		}
		return nil, nil, err
	}
	return text.Bytes(), t.cameFrom, nil
}

// sink takes what comes; reset forgets it.
type sink interface {
	io.Writer
	reset() error
}

type fileSink struct{ *os.File }

func (f fileSink) reset() error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.Seek(0, io.SeekStart)
	return err
}

type memorySink struct{ *bytes.Buffer }

func (m memorySink) reset() error {
	m.Reset()
	return nil
}

// transfer gets one file in as many requests as it takes. Requests, waits and
// attempts are go-retryablehttp's; it hands each answer to receive, whose error
// counts like one of the connection. So a body that was cut short is one more
// attempt, and that one asks for the rest (RFC 9110, 14).
type transfer struct {
	site  *siteReader
	sink  sink
	known []validator // what the archive has from this address
	zip   bool        // nothing else will do; else any page
	limit int64       // bytes

	received     int64 // in the sink
	total        int64 // of the file; -1 when unknown
	etag         string
	lastModified time.Time
	strong       string // what names these very bytes, for If-Range; "" when nothing does
	digests      []digest
	cameFrom     *url.URL // after redirects
	unchanged    *validator

	asked time.Duration // Retry-After of the last answer
	next  time.Duration // wait before the next attempt
	cause error         // what was wrong with the last one
}

func (t *transfer) run(address string) error {
	request, err := retryablehttp.NewRequestWithContext(t.site.ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("it is no address: %w", urlCause(err))
	}
	request.Header.Set("User-Agent", t.site.options.UserAgent)
	request.Header.Set("Accept", "text/html, */*;q=0.5") // some sites turn away who does not say
	if t.zip {
		request.Header.Set("Accept", "application/zip, */*;q=0.5")
	}
	request.Header.Set("Accept-Encoding", "identity") // lengths and ranges count the file's own bytes
	ask(request.Header, t.known)
	request.SetResponseHandler(t.receive)
	client := &retryablehttp.Client{
		HTTPClient:   t.site.client,
		RetryMax:     t.site.limits.site.attempts - 1,
		CheckRetry:   t.again,
		Backoff:      t.backoff,
		PrepareRetry: t.prepare,
		ErrorHandler: t.giveUp,
	}
	_, err = client.Do(request)
	return err
}

// Failures that another attempt may mend.
var (
	errCut       = errors.New("the connection was cut")
	errMisfit    = errors.New("the parts do not fit together")
	errNotServed = errors.New("the site did not serve it")
)

// again decides whether there is another attempt. It is asked twice: about the
// answer, and about what receive made of it.
func (t *transfer) again(ctx context.Context, response *http.Response, err error) (bool, error) {
	var ours localError
	var final *refusal
	switch {
	case ctx.Err() != nil:
		return false, t.site.ended(context.Cause(ctx))
	case errors.As(err, &final), errors.As(err, &ours):
		return false, err
	case errors.Is(err, errCut), errors.Is(err, errMisfit), errors.Is(err, errStalled):
		t.cause, t.asked = err, 0
		return true, nil
	case err != nil:
		t.cause, t.asked = urlCause(err), 0
		more, terminal := retryablehttp.ErrorPropagatedRetryPolicy(ctx, nil, err) // knows certificates
		return more, terminal
	}
	switch code := response.StatusCode; {
	case code == http.StatusTooManyRequests, code == http.StatusRequestTimeout,
		code >= 500 && code != http.StatusNotImplemented && code != http.StatusHTTPVersionNotSupported:
		t.cause = fmt.Errorf("%w (HTTP %s)", errNotServed, response.Status)
		t.asked = retryAfter(response.Header, t.site.options.Now())
		return true, nil
	}
	return false, nil
}

// backoff decides how long to wait. The waiting itself is done in prepare, which
// can be interrupted, and be refused.
func (t *transfer) backoff(_, _ time.Duration, attempt int, _ *http.Response) time.Duration {
	t.next = max(t.site.limits.site.growing(attempt), t.asked)
	return 0
}

// prepare waits, and makes the next request one for the rest.
func (t *transfer) prepare(request *http.Request) error {
	if longest := t.site.limits.site.retryAfter; t.asked > longest {
		return &refusal{
			text:   fmt.Sprintf("%v, and the site asks to come back after %s; more than %s is not waited: run again then", t.cause, t.asked, longest),
			kinds:  []error{ErrUnreachable},
			forAll: true,
		}
	}
	if err := t.site.waitFor(t.next, t.cause); err != nil {
		return err
	}
	request.Header = request.Header.Clone() // the one before may still be in use
	request.Header.Del("Range")
	request.Header.Del("If-Range")
	if t.received > 0 && t.strong == "" {
		if err := t.forget(); err != nil {
			return err
		}
	}
	if t.received > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", t.received))
		request.Header.Set("If-Range", t.strong)
		request.Header.Del("If-None-Match")
		request.Header.Del("If-Modified-Since")
	}
	return nil
}

// giveUp words the last failure.
func (t *transfer) giveUp(response *http.Response, err error, attempts int) (*http.Response, error) {
	if response != nil && response.Body != nil {
		response.Body.Close()
	}
	var final *refusal
	var ours localError
	switch {
	case t.site.ctx.Err() != nil:
		return nil, t.site.ended(err)
	case errors.As(err, &final):
		return nil, final
	case errors.As(err, &ours):
		return nil, ours
	case err == nil:
		return nil, badStatus(response, attempts)
	}
	return nil, noConnection(err, attempts)
}

// receive takes one answer.
func (t *transfer) receive(response *http.Response) error {
	defer response.Body.Close()
	t.cameFrom = response.Request.URL
	switch code := response.StatusCode; {
	case code == http.StatusNotModified && len(t.known) > 0 && t.received == 0:
		t.unchanged = which(response.Header, t.known)
		return nil
	case code == http.StatusOK:
		if len(t.known) > 0 && t.received == 0 {
			if t.unchanged = unconditional(response, t.known); t.unchanged != nil {
				return nil
			}
		}
		if err := t.begin(response); err != nil {
			return err
		}
	case code == http.StatusPartialContent && t.received > 0:
		if misfit := t.continues(response); misfit != "" {
			if err := t.forget(); err != nil {
				return err
			}
			return fmt.Errorf("%w: %s", errMisfit, misfit)
		}
	case code == http.StatusRequestedRangeNotSatisfiable && t.received > 0:
		had := t.received
		if err := t.forget(); err != nil {
			return err
		}
		return fmt.Errorf("%w: the site has nothing behind byte %d", errMisfit, had)
	default:
		return badStatus(response, 1)
	}
	return t.copy(response)
}

// begin takes the first answer, or one that starts anew: the site ignored the
// range, or the file is another one by now.
func (t *transfer) begin(response *http.Response) error {
	if err := t.forget(); err != nil {
		return err
	}
	header := response.Header
	t.total = response.ContentLength
	t.etag, t.lastModified = header.Get("ETag"), lastModified(header)
	t.digests = digestsOf(header)
	sent, err := http.ParseTime(header.Get("Date"))
	switch {
	case validETag(t.etag) && !strings.HasPrefix(t.etag, "W/"):
		t.strong = t.etag
	case t.etag == "" && err == nil && !t.lastModified.IsZero() && sent.Sub(t.lastModified) >= time.Second: // RFC 9110, 8.8.2.2
		t.strong = header.Get("Last-Modified")
	}
	if t.total > t.limit {
		return t.tooLarge(fmt.Sprintf("it has %d bytes", t.total))
	}
	return nil
}

func (t *transfer) tooLarge(what string) error {
	if t.zip && t.limit < t.site.limits.zipBytes {
		return &refusal{fmt.Sprintf("%s, and this run has downloaded %d already, of at most %d: the next run goes on", what, t.site.received, t.site.limits.site.totalBytes), nil, true}
	}
	return &refusal{fmt.Sprintf("%s, more than the %d taken: it is no HCPCS release, nor a page of them; see in a browser what it is", what, t.limit), nil, false}
}

// forget starts anew.
func (t *transfer) forget() error {
	t.received, t.total, t.strong, t.digests = 0, -1, "", nil
	if err := t.sink.reset(); err != nil {
		return localError{fmt.Errorf("empty the staged file: %w", rootCause(err))}
	}
	return nil
}

var contentRange = regexp.MustCompile(`^bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)$`)

// continues tells why a part does not continue what is there; "" when it does.
func (t *transfer) continues(response *http.Response) string {
	parts := contentRange.FindStringSubmatch(response.Header.Get("Content-Range"))
	if parts == nil {
		return fmt.Sprintf("the site sent a part and called it %q", response.Header.Get("Content-Range"))
	}
	start, _ := strconv.ParseInt(parts[1], 10, 64) // at most 18 digits
	total, err := strconv.ParseInt(parts[3], 10, 64)
	etag, modified := response.Header.Get("ETag"), lastModified(response.Header)
	switch {
	case start != t.received:
		return fmt.Sprintf("from byte %d on was asked for, from byte %d on came", t.received, start)
	case err == nil && t.total >= 0 && total != t.total:
		return fmt.Sprintf("the file had %d bytes and now has %d", t.total, total)
	case etag != t.etag, !modified.IsZero() && !modified.Equal(t.lastModified):
		return "the file changed while it was downloaded"
	}
	if err == nil {
		t.total = total
	}
	return ""
}

// plain gives the body as the file is, where a site packs it although it was asked
// not to. Lengths, parts and hashes of the answer are those of the packed bytes, and
// count for nothing then.
func (t *transfer) plain(response *http.Response) (*bufio.Reader, error) {
	body := bufio.NewReaderSize(response.Body, 64*kibibyte)
	encoding := strings.ToLower(response.Header.Get("Content-Encoding"))
	switch {
	case encoding == "" || encoding == "identity" || t.received > 0:
		return body, nil
	case encoding != "gzip" && encoding != "x-gzip":
		return nil, &refusal{fmt.Sprintf("it came encoded as %q, although it was to come as it is: %s", encoding, wayRound), nil, false}
	}
	start, err := body.Peek(len(magicGZIP))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, t.cut(err)
	}
	if !bytes.Equal(start, magicGZIP) {
		return body, nil // it is called packed, and is not
	}
	t.total, t.strong, t.digests = -1, "", nil
	unpacked := &unpackedBody{packed: &countingReader{reader: body}, limits: t.site.limits}
	if unpacked.gzip, err = gzip.NewReader(unpacked.packed); err != nil {
		return nil, t.cut(err)
	}
	return bufio.NewReaderSize(unpacked, 64*kibibyte), nil
}

var magicGZIP = []byte{0x1f, 0x8b}

// unpackedBody unpacks, within the limits for what is packed.
type unpackedBody struct {
	packed *countingReader
	gzip   *gzip.Reader
	count  int64 // unpacked bytes
	limits limits
}

func (u *unpackedBody) Read(buffer []byte) (int, error) {
	count, err := u.gzip.Read(buffer)
	u.count += int64(count)
	if u.count > u.limits.ratioFreeBytes && u.count > u.limits.ratio*u.packed.count {
		return 0, &refusal{fmt.Sprintf("it unpacks to more than %d times its size: it is no HCPCS release, nor a page of them; see in a browser what it is", u.limits.ratio), nil, false}
	}
	return count, err
}

type countingReader struct {
	reader io.Reader
	count  int64
}

func (c *countingReader) Read(buffer []byte) (int, error) {
	count, err := c.reader.Read(buffer)
	c.count += int64(count)
	return count, err
}

// copy takes the body, and tells a whole one from one cut short.
func (t *transfer) copy(response *http.Response) error {
	body, err := t.plain(response)
	if err != nil {
		return err
	}
	if t.zip && t.received == 0 {
		start, err := body.Peek(len(magicZIP))
		if err != nil && !errors.Is(err, io.EOF) {
			return t.cut(err)
		}
		if !bytes.Equal(start, magicZIP) && !bytes.Equal(start, magicEmptyZIP) {
			start, _ = body.Peek(64 * kibibyte) // as much of it as there is
			return notAZIP(start, response.Header)
		}
	}
	into := &counted{transfer: t}
	_, err = io.Copy(into, io.LimitReader(body, t.limit-t.received+1))
	switch {
	case into.failed != nil:
		return localError{fmt.Errorf("write the staged file: %w: make room", rootCause(into.failed))}
	case t.received > t.limit:
		return t.tooLarge(fmt.Sprintf("it has more than %d bytes", t.limit))
	case err != nil:
		return t.cut(err)
	case t.total >= 0 && t.received < t.total:
		return t.cut(io.ErrUnexpectedEOF)
	case t.total >= 0 && t.received > t.total:
		had, total := t.received, t.total
		if err := t.forget(); err != nil {
			return err
		}
		return fmt.Errorf("%w: %d bytes came of %d", errMisfit, had, total)
	}
	return nil
}

func (t *transfer) cut(err error) error {
	var final *refusal
	if errors.As(err, &final) {
		return final
	}
	of := ""
	if t.total >= 0 {
		of = fmt.Sprintf(" of %d", t.total)
	}
	if errors.Is(err, errStalled) {
		return fmt.Errorf("%w after %d bytes%s: %w", errCut, t.received, of, err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w after %d bytes%s", errCut, t.received, of)
	}
	return fmt.Errorf("%w after %d bytes%s (%w)", errCut, t.received, of, err)
}

// counted writes into the sink and counts.
type counted struct {
	transfer *transfer
	failed   error
}

func (c *counted) Write(content []byte) (int, error) {
	t := c.transfer
	count, err := t.sink.Write(content)
	t.received += int64(count)
	c.failed = err
	if t.zip {
		progress := &t.site.progress
		progress.Received, progress.Size = t.received, t.total
		t.site.options.Progress(*progress)
	}
	return count, err
}

// digest is a hash of the whole file that the site sent with it.
type digest struct {
	header string
	hash   func() hash.Hash
	sum    string // base 64
}

var sha256Digest = regexp.MustCompile(`(?i)(?:^|[,\s])sha-256=:?([A-Za-z0-9+/]{43}=)`)

// digestsOf reads Repr-Digest (RFC 9530), Digest (RFC 3230) and Content-MD5 (RFC
// 1864) of an answer with the whole file.
func digestsOf(header http.Header) []digest {
	var found []digest
	for _, name := range []string{"Repr-Digest", "Digest"} {
		if parts := sha256Digest.FindStringSubmatch(strings.Join(header.Values(name), ",")); parts != nil {
			found = append(found, digest{name, sha256.New, parts[1]})
		}
	}
	if sum := header.Get("Content-MD5"); sum != "" {
		found = append(found, digest{"Content-MD5", md5.New, sum})
	}
	return found
}

// verify compares the file with the hashes that came with it.
func (t *transfer) verify(file io.ReaderAt) error {
	for _, one := range t.digests {
		hash := one.hash()
		if _, err := io.Copy(hash, contextReader{t.site.ctx, io.NewSectionReader(file, 0, t.received)}); err != nil {
			return localError{fmt.Errorf("read the staged file: %w", rootCause(err))}
		}
		if sum := base64.StdEncoding.EncodeToString(hash.Sum(nil)); sum != one.sum {
			return &refusal{fmt.Sprintf("its bytes do not have the hash that came with them (%s: %s instead of %s): run again; or %s", one.header, sum, one.sum, wayRound), []error{ErrUnreachable}, false}
		}
	}
	return nil
}
