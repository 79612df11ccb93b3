package report_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// screenshotFolder is where the browser test leaves pictures of its pages, for
// people to look at; none are kept where it is not set.
const screenshotFolder = "HCPCS_SCREENSHOTS"

// browser starts Debian's chromium, or skips the test where there is none.
// Starting it takes about a second.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no chromium here: 'apt-get install chromium' to look at pages in a browser")
	}
	flags := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()),
	}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "hide-scrollbars"} {
		flags = append(flags, chromedp.Flag(flag, true))
	}
	timed, cancelTime := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancelTime)
	allocator, cancelAllocator := chromedp.NewExecAllocator(timed, flags...)
	t.Cleanup(cancelAllocator)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx, chromedp.Stop()))
	return ctx
}

// watcher collects what a page does that it must not do.
type watcher struct {
	mutex    sync.Mutex
	page     string
	offences []string
}

func (w *watcher) see(event any) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		w.offences = append(w.offences, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		w.offences = append(w.offences, fmt.Sprintf("console: %s", e.Type))
	case *cdplog.EventEntryAdded:
		w.offences = append(w.offences, "log: "+e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; u != w.page && !strings.HasPrefix(u, "data:,") {
			w.offences = append(w.offences, "request: "+u)
		}
	}
}

func TestPagesInABrowser(t *testing.T) {
	ctx := browser(t)
	w := &watcher{}
	require.NoError(t, chromedp.Listen(ctx, w.see))
	for name, page := range browserPages(t) {
		file := filepath.Join(t.TempDir(), name+".html")
		require.NoError(t, os.WriteFile(file, page, 0o600))
		address := (&url.URL{Scheme: "file", Path: file}).String()
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{360, 780, 1280} {
				t.Run(fmt.Sprintf("%s/%s/%d", name, scheme, width), func(t *testing.T) {
					w.begin(address)
					_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride,
						emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 700})
					require.NoError(t, err)
					_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia,
						emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
					require.NoError(t, err)
					require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(address)))
					look, err := chromedp.Run(ctx, chromedp.Evaluate[appearance](lookAround))
					require.NoError(t, err)

					require.LessOrEqual(t, look.Scroll, look.Client, "the page scrolls sideways because of %q", look.Wide)
					require.Empty(t, look.Wide, "beyond the right edge")
					require.Empty(t, look.Astray, "links that lead nowhere")
					if name != "mail" { // which leaves its background to the mail program
						require.Equal(t, scheme == "dark", look.Background != "rgb(255, 255, 255)", look.Background)
					}
					require.Empty(t, w.end())
					keepScreenshot(t, ctx, fmt.Sprintf("%s-%s-%d.png", name, scheme, width))
				})
			}
		}
	}
}

// A description of thousands of characters takes what room there is, and leaves
// the columns beside it wide enough to be read, on a screen and on paper.
func TestLongDescriptionsLeaveRoom(t *testing.T) {
	ctx := browser(t)
	long := strings.Repeat("for those who need it at home or elsewhere, whichever comes first; ", 65)
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", "", transform.LongDescription, long), code("A0002", "N", ""))
	s.release(t, "2020Q2",
		code("A0001", "D", "2020-04-01", transform.TerminationDate, "2020-03-31", transform.CrossReferences, "A0002"),
		code("A0002", "C", "2020-04-01", transform.LongDescription, long),
		code("A0003", "A", "2020-04-01", transform.LongDescription, long, transform.CodeAddedDate, "2020-04-01"),
		code("A0004", "A", "2020-04-01", transform.CodeAddedDate, "2020-04-01", transform.TerminationDate, "2020-12-31"))
	s.release(t, "2020Q3", code("A0003", "D", "2020-07-01", transform.TerminationDate, "2020-06-30"))
	published := s.publish(t)
	const narrow = `[...document.querySelectorAll('.wide thead th, .wide td.text, .wide td.inline, .wide td.diff, .wide td.fields, td[valign]')]
		.filter(e => getComputedStyle(e).display == 'table-cell' && e.innerText.length > 2 && e.clientWidth < Math.min(e.innerText.length, 8) * 4)
		.map(e => e.innerText)`
	for name, r := range map[string]*report.Report{
		"one":     build(t, published, report.On(id(t, "2020Q2")), "A"),
		"several": build(t, published, report.OnSeveral([]release.ID{id(t, "2020Q2r1"), id(t, "2020Q3r1")}), "A"),
	} {
		page, err := report.HTML(r)
		require.NoError(t, err)
		mail, err := report.MailHTML(r)
		require.NoError(t, err)
		for kind, content := range map[string][]byte{"page": page, "mail": mail} {
			file := filepath.Join(t.TempDir(), name+kind+".html")
			require.NoError(t, os.WriteFile(file, content, 0o600))
			for _, medium := range []struct {
				media string
				width int64
			}{{"screen", 360}, {"screen", 800}, {"screen", 1280}, {"print", 740}} {
				_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride,
					emulation.SetDeviceMetricsOverrideParams{Width: medium.width, Height: 900, DeviceScaleFactor: 1})
				require.NoError(t, err)
				_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium.media})
				require.NoError(t, err)
				require.NoError(t, chromedp.Do(ctx, chromedp.Navigate((&url.URL{Scheme: "file", Path: file}).String())))
				found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](narrow))
				require.NoError(t, err)
				require.Empty(t, found, "%s, %s, %s at %d", name, kind, medium.media, medium.width)
				look, err := chromedp.Run(ctx, chromedp.Evaluate[appearance](lookAround))
				require.NoError(t, err)
				require.Empty(t, look.Wide, "%s, %s, %s at %d: beyond the right edge", name, kind, medium.media, medium.width)
				keepScreenshot(t, ctx, fmt.Sprintf("room-%s-%s-%s-%d.png", name, kind, medium.media, medium.width))
			}
		}
	}
}

// appearance is how a page looks, with everything on it opened.
type appearance struct {
	Scroll, Client int64
	Background     string
	Wide, Astray   []string
}

const lookAround = `(() => {
	document.querySelectorAll('details').forEach(d => d.open = true);
	const root = document.documentElement;
	const start = e => e.outerHTML.slice(0, 120);
	return {
		Scroll: root.scrollWidth, Client: root.clientWidth, Background: getComputedStyle(document.body).backgroundColor,
		Wide: [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('svg')).slice(0, 5).map(start),
		Astray: [...document.querySelectorAll('a')].filter(a => !document.getElementById(a.getAttribute('href').slice(1))).slice(0, 5).map(start),
	};
})()`

func keepScreenshot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	into := os.Getenv(screenshotFolder)
	if into == "" {
		return
	}
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(into, name), picture, 0o600))
}

// begin starts to watch a page.
func (w *watcher) begin(page string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.page, w.offences = page, nil
}

// end gives what the page did that it must not do.
func (w *watcher) end() []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.offences
}

// browserPages are pages of several kinds, and a mail.
func browserPages(t *testing.T) map[string][]byte {
	t.Helper()
	pages := map[string][]byte{}
	reports := sampleReports(t)
	for name, r := range map[string]*report.Report{"release": reports["release"], "backfill": reports["backfill"], "hostile": hostileReport(t)} {
		page, err := report.HTML(r)
		require.NoError(t, err)
		pages[name] = page
	}
	long, err := longPublished()
	require.NoError(t, err)
	pages["long"], err = report.HTML(build(t, long, report.On(id(t, "2021Q2"))))
	require.NoError(t, err)
	hostile, err := hostilePublished()
	require.NoError(t, err)
	for name, sheet := range map[string]*report.CodeSheet{
		"sheet": sheetOf(t, sample(t), "K4"), "sheet-ended": sheetOf(t, sample(t), "E7011"), "sheet-hostile": sheetOf(t, hostile, "A0003"),
	} {
		page, err := report.SheetHTML(sheet)
		require.NoError(t, err)
		pages[name] = page
	}
	mail, err := report.MailHTML(hostileReport(t))
	require.NoError(t, err)
	pages["mail"] = mail
	return pages
}
