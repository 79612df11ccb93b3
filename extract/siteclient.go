package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// hostRules say which addresses may be asked.
type hostRules struct{ hosts []string }

func newHostRules(page *url.URL, allowed []string) hostRules {
	hosts := []string{hostOf(page)}
	if slices.Contains(cmsHosts, hosts[0]) {
		allowed = slices.Concat(cmsHosts, allowed)
	}
	for _, host := range allowed {
		if parsed, err := url.Parse("https://" + host); err == nil {
			host = hostOf(parsed)
		}
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hostRules{hosts}
}

// hostOf is a host in small letters, with its port unless that is the usual one.
func hostOf(address *url.URL) string {
	host := strings.TrimSuffix(strings.ToLower(address.Hostname()), ".")
	port := address.Port()
	if port == "" || port == "443" && address.Scheme == "https" || port == "80" && address.Scheme == "http" {
		return host
	}
	return net.JoinHostPort(host, port)
}

// check gives why an address is not asked, or nil.
func (r hostRules) check(address *url.URL) error {
	switch {
	case address.Scheme != "https" && address.Scheme != "http":
		return fmt.Errorf("its scheme is %q: only https can be read", address.Scheme)
	case address.Scheme == "http" && !loopback(address.Hostname()):
		return errors.New("plain http is not read, because anyone on the way could change it: write https")
	case address.User != nil:
		return errors.New("it carries a user name: write the address without")
	case !slices.Contains(r.hosts, hostOf(address)):
		return fmt.Errorf("the host %s is none of those that releases are taken from (%s): if it is right, name it in site.hosts", hostOf(address), strings.Join(r.hosts, ", "))
	}
	return nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address := net.ParseIP(host)
	return address != nil && address.IsLoopback()
}

// newClient makes the HTTP client of one visit. It keeps no cookies.
func (s *siteReader) newClient() *http.Client {
	transport := s.options.Transport
	if transport == nil {
		transport = &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: s.limits.site.stall}).DialContext,
			TLSHandshakeTimeout:    s.limits.site.stall,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: s.limits.site.headerBytes,
		}
	}
	return &http.Client{Transport: stallGuard{transport, s.limits.site.stall}, CheckRedirect: s.redirect}
}

func (s *siteReader) redirect(next *http.Request, before []*http.Request) error {
	from := before[len(before)-1].URL
	if len(before) > s.limits.site.redirects {
		return &refusal{
			text:  fmt.Sprintf("the site sends from one address to the next, more than %d times, lastly to %s: open it in a browser, and if it works there, %s", s.limits.site.redirects, next.URL.Redacted(), wayRound),
			kinds: []error{ErrUnreachable},
		}
	}
	if err := s.hosts.check(next.URL); err != nil {
		return &refusal{
			text:  fmt.Sprintf("%s sends to %s, which is not followed: %v; or %s", from.Redacted(), next.URL.Redacted(), err, wayRound),
			kinds: []error{ErrRefused, ErrUnreachable},
		}
	}
	return nil
}

var errStalled = errors.New("nothing came any more")

// stallGuard gives a connection up on which nothing comes for a time.
type stallGuard struct {
	next  http.RoundTripper
	after time.Duration
}

func (g stallGuard) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(request.Context())
	timer := time.AfterFunc(g.after, func() { cancel(fmt.Errorf("%w for %s", errStalled, g.after)) })
	response, err := g.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		timer.Stop()
		if cause := context.Cause(ctx); errors.Is(cause, errStalled) {
			err = cause
		}
		cancel(nil)
		return nil, err
	}
	response.Body = &guardedBody{ReadCloser: response.Body, ctx: ctx, cancel: cancel, timer: timer, after: g.after}
	return response, nil
}

type guardedBody struct {
	io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	after  time.Duration
}

func (b *guardedBody) Read(buffer []byte) (int, error) {
	b.timer.Reset(b.after)
	count, err := b.ReadCloser.Read(buffer)
	b.timer.Stop() // what is done with the bytes takes its own time
	if err != nil && !errors.Is(err, io.EOF) {
		if cause := context.Cause(b.ctx); errors.Is(cause, errStalled) {
			err = cause
		}
	}
	return count, err
}

func (b *guardedBody) Close() error {
	b.timer.Stop()
	b.cancel(nil)
	return b.ReadCloser.Close()
}

// growing is the wait before a further attempt, counted from 0: twice as long
// each time, up to a longest, less a random half, so that programs that were
// turned away together do not come back together.
func (l siteLimits) growing(attempt int) time.Duration {
	base := l.longestWait
	if attempt < 32 && l.firstWait<<attempt < l.longestWait {
		base = l.firstWait << attempt
	}
	if base < 2 {
		return base
	}
	return base - rand.N(base/2)
}

// retryAfter reads the header of that name, which is a number of seconds or a
// date (RFC 9110, 10.2.3); 0 when it says nothing, or that it is time.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		const year = 365 * 24 * 60 * 60
		return time.Duration(min(max(seconds, 0), year)) * time.Second
	}
	when, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(when.Sub(now), 0)
}

// waitFor waits, unless the budget would be over before.
func (s *siteReader) waitFor(wait time.Duration, because error) error {
	if s.options.Now().Add(wait).After(s.deadline) {
		return s.budgetOver(because)
	}
	if because != nil {
		progress := s.progress
		progress.Waiting, progress.Because = wait, because
		s.options.Progress(progress)
	}
	if err := s.options.Wait(s.ctx, wait); err != nil {
		return s.ended(err)
	}
	return nil
}

// ended words why the visit ended, when it did; else it gives err.
func (s *siteReader) ended(err error) error {
	switch {
	case s.caller.Err() != nil:
		return s.caller.Err()
	case s.ctx.Err() != nil:
		return s.budgetOver(nil)
	}
	return err
}

var errBudgetOver = errors.New("the time for downloads is over")

func (s *siteReader) budgetOver(because error) error {
	text := fmt.Sprintf("the time for downloads, %s, is over: the next run goes on; or %s", s.options.Budget, wayRound)
	if because != nil {
		text = fmt.Sprintf("%v; %s", because, text)
	}
	return &refusal{text: text, kinds: []error{ErrUnreachable, errBudgetOver}, forAll: true}
}
