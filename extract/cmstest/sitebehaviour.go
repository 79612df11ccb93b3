package cmstest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"
)

// Behaviour answers one request in place of the site.
type Behaviour func(site *Site, w http.ResponseWriter, request *http.Request)

// Well answers as if nothing was to go wrong: a place in a queue.
func Well() Behaviour {
	return func(site *Site, w http.ResponseWriter, request *http.Request) { site.serveWell(w, request) }
}

// Status answers with a status, and a page that says it.
func Status(status int) Behaviour {
	return func(_ *Site, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		if status != http.StatusNotModified {
			fmt.Fprintf(w, "<!DOCTYPE html><html><head><title>%d</title></head><body>%s</body></html>", status, http.StatusText(status))
		}
	}
}

// RetryAfter answers with a status and the header Retry-After: "7", or a date in
// http.TimeFormat.
func RetryAfter(status int, value string) Behaviour {
	return func(site *Site, w http.ResponseWriter, request *http.Request) {
		w.Header().Set("Retry-After", value)
		Status(status)(site, w, request)
	}
}

// HTML answers with status 200 and a page.
func HTML(title, body string) Behaviour {
	return func(_ *Site, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		fmt.Fprintf(w, "\n<!DOCTYPE html><html><head><title>%s</title></head><body>%s</body></html>", title, body)
	}
}

// LoginPage answers with status 200 and a form for name and password.
func LoginPage() Behaviour {
	return HTML("Enterprise portal", `<form action="/session" method="post"><input name="user"><input type="PASSWORD" name="word"></form>`)
}

// CutAt answers well, but ends the connection after so many bytes of the body
// have been sent. A shorter body is sent whole.
func CutAt(bytes int64) Behaviour {
	return func(site *Site, w http.ResponseWriter, request *http.Request) {
		site.serveWell(&cutWriter{ResponseWriter: w, left: bytes, then: func() { panic(http.ErrAbortHandler) }}, request)
	}
}

// StallAt answers well, but sends nothing more after so many bytes of the body,
// until the client goes.
func StallAt(bytes int64) Behaviour {
	return func(site *Site, w http.ResponseWriter, request *http.Request) {
		site.serveWell(&cutWriter{ResponseWriter: w, left: bytes, then: func() {
			<-request.Context().Done()
			panic(http.ErrAbortHandler)
		}}, request)
	}
}

// Silent accepts the request and never answers, until the client goes.
func Silent() Behaviour {
	return func(_ *Site, _ http.ResponseWriter, request *http.Request) {
		<-request.Context().Done()
		panic(http.ErrAbortHandler)
	}
}

// Slow answers well, in pieces of so many bytes with a time between them.
func Slow(piece int, between time.Duration) Behaviour {
	return func(site *Site, w http.ResponseWriter, request *http.Request) {
		site.serveWell(&slowWriter{ResponseWriter: w, piece: piece, between: between, gone: request.Context().Done()}, request)
	}
}

// Drop ends the connection without an answer.
func Drop() Behaviour {
	return func(*Site, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
}

// WrongLength answers well, but announces a length that is off by so many bytes:
// with a positive number the body ends before it, with a negative one it is cut
// to it.
func WrongLength(by int64) Behaviour {
	return func(site *Site, w http.ResponseWriter, request *http.Request) {
		site.serveWell(&lengthWriter{ResponseWriter: w, by: by}, request)
	}
}

// WithoutLength answers well, but in chunks, so that the length is unknown.
func WithoutLength() Behaviour {
	return func(site *Site, w http.ResponseWriter, request *http.Request) {
		site.serveWell(&cutWriter{ResponseWriter: w, left: 1 << 60, unsaid: true}, request)
	}
}

// WithHeader answers well, with one more header.
func WithHeader(name, value string) Behaviour {
	return func(site *Site, w http.ResponseWriter, request *http.Request) {
		w.Header().Set(name, value)
		site.serveWell(w, request)
	}
}

// Gzipped answers with the whole file packed, although nobody asked for that.
func Gzipped() Behaviour {
	return func(site *Site, w http.ResponseWriter, request *http.Request) {
		whole := request.Clone(request.Context())
		whole.Header.Del("Range")
		answer := httptest.NewRecorder()
		site.serveWell(answer, whole)
		if answer.Code != http.StatusOK {
			site.serveWell(w, whole)
			return
		}
		maps.Copy(w.Header(), answer.Header())
		WriteGzipped(w, answer.Body.Bytes())
	}
}

// WriteGzipped answers with a content packed.
func WriteGzipped(w http.ResponseWriter, content []byte) {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, err := writer.Write(content)
	must(err)
	must(writer.Close())
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Length", strconv.Itoa(packed.Len()))
	_, _ = w.Write(packed.Bytes()) // the client may be gone
}

// IgnoreRange answers any request with the whole file.
func IgnoreRange() Behaviour {
	return func(site *Site, w http.ResponseWriter, request *http.Request) {
		whole := request.Clone(request.Context())
		whole.Header.Del("Range")
		site.serveWell(w, whole)
	}
}

// IgnoreConditions answers with the file although the client has it.
func IgnoreConditions() Behaviour {
	return func(site *Site, w http.ResponseWriter, request *http.Request) {
		asked := request.Clone(request.Context())
		asked.Header.Del("If-None-Match")
		asked.Header.Del("If-Modified-Since")
		site.serveWell(w, asked)
	}
}

// IgnoreIfRange answers a request for a part with that part, whatever the file
// has become since.
func IgnoreIfRange() Behaviour {
	return func(site *Site, w http.ResponseWriter, request *http.Request) {
		asked := request.Clone(request.Context())
		asked.Header.Del("If-Range")
		site.serveWell(w, asked)
	}
}

// WrongPart answers a request for a part with the part that begins at a byte of
// its own choice.
func WrongPart(first int) Behaviour {
	return func(site *Site, w http.ResponseWriter, request *http.Request) {
		asked := request.Clone(request.Context())
		asked.Header.Set("Range", fmt.Sprintf("bytes=%d-", first))
		site.serveWell(w, asked)
	}
}

// After does something before it answers as another behaviour: publish the file
// anew between two requests, end a context.
func After(do func(), then Behaviour) Behaviour {
	return func(site *Site, w http.ResponseWriter, request *http.Request) {
		do()
		then(site, w, request)
	}
}

// RedirectTo sends elsewhere: to a path of the site, or an address.
func RedirectTo(target string) Behaviour {
	return func(_ *Site, w http.ResponseWriter, request *http.Request) {
		http.Redirect(w, request, target, http.StatusFound)
	}
}

// cutWriter does something when a number of bytes has been sent.
type cutWriter struct {
	http.ResponseWriter
	left   int64
	then   func()
	unsaid bool // leave the length out
}

func (w *cutWriter) WriteHeader(status int) {
	if w.unsaid {
		w.Header().Del("Content-Length")
	}
	w.ResponseWriter.WriteHeader(status)
	if w.unsaid || w.left == 0 {
		w.flush()
	}
	if w.left == 0 && status != http.StatusNotModified {
		w.then()
	}
}

func (w *cutWriter) Write(content []byte) (int, error) {
	if int64(len(content)) < w.left {
		w.left -= int64(len(content))
		return w.ResponseWriter.Write(content)
	}
	if _, err := w.ResponseWriter.Write(content[:w.left]); err != nil {
		return 0, err
	}
	w.flush()
	w.then()
	return len(content), nil
}

func (w *cutWriter) flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() } // the client may be gone

type slowWriter struct {
	http.ResponseWriter
	piece   int
	between time.Duration
	gone    <-chan struct{}
}

func (w *slowWriter) Write(content []byte) (int, error) {
	for rest := content; len(rest) > 0; {
		count, err := w.ResponseWriter.Write(rest[:min(w.piece, len(rest))])
		if err == nil {
			err = http.NewResponseController(w.ResponseWriter).Flush()
		}
		if err != nil {
			return 0, err
		}
		rest = rest[count:]
		select {
		case <-time.After(w.between):
		case <-w.gone:
			return 0, http.ErrAbortHandler
		}
	}
	return len(content), nil
}

type lengthWriter struct {
	http.ResponseWriter
	by   int64
	left int64 // to be written
}

func (w *lengthWriter) WriteHeader(status int) {
	length, err := strconv.ParseInt(strings.TrimSpace(w.Header().Get("Content-Length")), 10, 64)
	if err == nil && (status == http.StatusOK || status == http.StatusPartialContent) {
		w.left = max(length+w.by, 0)
		w.Header().Set("Content-Length", strconv.FormatInt(w.left, 10))
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *lengthWriter) Write(content []byte) (int, error) {
	count := min(int64(len(content)), w.left)
	w.left -= count
	if _, err := w.ResponseWriter.Write(content[:count]); err != nil {
		return 0, err
	}
	return len(content), nil
}
