package extract

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// wayRound is what to do when the site does not give a file to the program.
const wayRound = "download the ZIP in a browser, put it into a folder and run 'hcpcs run --source FOLDER'"

// refusal is an answer that another attempt would not change.
type refusal struct {
	text   string
	kinds  []error // of the sentinels
	forAll bool    // it holds for the site's other files as well
}

func (r *refusal) Error() string   { return r.text }
func (r *refusal) Unwrap() []error { return r.kinds }

// localError is a failure on this computer: no other file would fare better.
type localError struct{ error }

func (e localError) Unwrap() error { return e.error }

// badStatus words a status other than success.
func badStatus(response *http.Response, attempts int) error {
	status := "HTTP " + strings.TrimSpace(response.Status)
	if attempts > 1 {
		status = fmt.Sprintf("%s, at the last of %d attempts", status, attempts)
	}
	switch code := response.StatusCode; {
	case code == http.StatusUnauthorized, code == http.StatusProxyAuthRequired:
		return &refusal{fmt.Sprintf("the site asks for a login (%s): %s", status, wayRound), []error{ErrRefused, ErrUnreachable}, false}
	case code == http.StatusForbidden, code == http.StatusUnavailableForLegalReasons:
		return &refusal{fmt.Sprintf("the site refuses programs, or this one (%s): %s", status, wayRound), []error{ErrRefused, ErrUnreachable}, false}
	case code == http.StatusNotFound, code == http.StatusGone:
		return &refusal{fmt.Sprintf("there is nothing at this address (%s): look on CMS's page in a browser whether it has moved; if it is there, %s", status, wayRound), nil, false}
	case code == http.StatusTooManyRequests:
		return &refusal{fmt.Sprintf("the site was asked too often (%s): run again later", status), []error{ErrUnreachable}, false}
	case code >= 500, code == http.StatusRequestTimeout:
		return &refusal{fmt.Sprintf("the site has a fault of its own (%s): run again later; or %s", status, wayRound), []error{ErrUnreachable}, false}
	}
	return &refusal{fmt.Sprintf("the site answered %s, which is not understood: %s", status, wayRound), []error{ErrUnreachable}, false}
}

var (
	loginWords     = regexp.MustCompile(`(?i)\b(?:log ?in|sign ?in|single sign.on)\b`)
	challengeWords = regexp.MustCompile(`(?i)captcha|are (?:you )?(?:a )?human|access denied|request (?:was )?(?:blocked|rejected)|unusual traffic|just a moment|pardon our interruption|checking your browser`)
	licenseWords   = regexp.MustCompile(`(?i)license|end user agreement`)
)

// notAZIP words a success that brought something other than a ZIP.
func notAZIP(start []byte, header http.Header) error {
	isPage := looksLikeWebPage(start) || strings.HasPrefix(header.Get("Content-Type"), "text/html")
	if !isPage {
		return &refusal{fmt.Sprintf("what came is no ZIP (it begins with %q): %s", start[:min(len(start), 16)], wayRound), nil, false}
	}
	document, err := goquery.NewDocumentFromReader(bytes.NewReader(start))
	if err != nil {
		return &refusal{"a web page came instead of the ZIP: " + wayRound, nil, false}
	}
	title := squeeze(document.Find("title").First().Text())
	text := squeeze(title + " " + document.Find("body").Text())
	if refused := refusingPage(document); refused != nil {
		return refused
	}
	if licenseWords.MatchString(text) {
		return &refusal{fmt.Sprintf("a license to be accepted by a person came instead of the ZIP (title: %q): %s", title, wayRound), []error{ErrRefused, ErrUnreachable}, false}
	}
	return &refusal{fmt.Sprintf("a web page came instead of the ZIP (title: %q): %s", title, wayRound), nil, false}
}

// refusingPage tells a login page, and one that wants a person, from others; nil
// when it is neither.
func refusingPage(document *goquery.Document) error {
	title := squeeze(document.Find("title").First().Text())
	text := squeeze(title + " " + document.Find("body").Text())
	switch {
	case document.Find(`input[type="password" i]`).Length() > 0, loginWords.MatchString(title):
		return &refusal{fmt.Sprintf("a login page came instead (title: %q): %s", title, wayRound), []error{ErrRefused, ErrUnreachable}, false}
	case challengeWords.MatchString(text):
		return &refusal{fmt.Sprintf("a page came that keeps programs out (title: %q): %s", title, wayRound), []error{ErrRefused, ErrUnreachable}, false}
	}
	return nil
}

// noConnection words an error below HTTP.
func noConnection(err error, attempts int) error {
	tried := ""
	if attempts > 1 {
		tried = fmt.Sprintf(", at the last of %d attempts", attempts)
	}
	return fmt.Errorf("%w: %w%s: see whether the network works, and run again later; or %s", ErrUnreachable, urlCause(err), tried, wayRound)
}

// urlCause drops the address from an error of net/url and net/http: the message
// names it already.
func urlCause(err error) error {
	var urlError *url.Error
	if errors.As(err, &urlError) {
		return urlError.Err
	}
	return err
}

func squeeze(text string) string { return strings.Join(strings.Fields(text), " ") }
