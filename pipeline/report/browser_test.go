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

	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
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
			for _, width := range []int64{360, 1280} {
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
