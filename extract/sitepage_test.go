package extract

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

func mustURL(t testing.TB, text string) *url.URL {
	t.Helper()
	address, err := url.Parse(text)
	require.NoError(t, err)
	return address
}

// linksIn lists the links of a page at CMS in short.
func linksIn(t testing.TB, page string) []string {
	t.Helper()
	address := mustURL(t, CMSPage)
	listed, err := linksOf([]byte(page), address, newHostRules(address, nil), 100)
	require.NoError(t, err)
	var lines []string
	for _, one := range listed {
		line := one.Name
		switch {
		case one.Problem != "":
			line += " ? " + one.Problem
		case one.Companion:
			line += " companion " + one.Quarter.String() + " by " + one.QuarterBasis
		default:
			line += " " + one.Quarter.String() + " by " + one.QuarterBasis
		}
		if !one.Updated.IsZero() {
			line += ", updated " + one.Updated.Format(time.DateOnly)
		}
		lines = append(lines, line)
	}
	return lines
}

// Every layout of the page gives the same links.
func TestLayouts(t *testing.T) {
	for _, layout := range cmstest.Layouts() {
		v := newVisit(t)
		v.SetLayout(layout)
		annual := cmstest.SiteFile{Path: "/Downloads/2019-Alpha-Numeric-HCPCS-File.zip", Content: releaseZIP(t, "HCPC2019_CONTR_ANWEB.txt", "beans", day(2018, 11, 9)), Text: "2019 Alpha-Numeric HCPCS File (ZIP)", Heading: "2019"}
		v.Publish(cmstest.SiteFile{Path: "/Downloads/11anweb.zip", Content: releaseZIP(t, "11anweb_V3.txt", "peas", day(2010, 12, 9)), Text: "2011 Alpha-Numeric HCPCS File", Heading: "2011"})
		v.Publish(annual)
		v.Publish(cmstest.SiteFile{Path: "/Downloads/2019-HCPCS-Alpha-Numeric-Corrections.zip", Content: zipOf(t, zipEntry{name: "2019_corrections.txt", content: "x"}), Text: "2019 HCPCS Alpha-Numeric Corrections (ZIP)", Heading: "2019"})
		april := v.put(t, "2026Q2", "plums", day(2026, 3, 10))
		april.Path, april.Heading = "/files/zip/april-2026-alpha-numeric-hcpcs-files.ZIP", "2026"
		v.Withdraw("/files/zip/april-2026-alpha-numeric-hcpcs-file.zip")
		v.Publish(april)
		july := v.put(t, "2026Q3", "pears", day(2026, 6, 10))
		july.Note, july.Heading = " - Updated 07/02/2026", "2026"
		v.Publish(july)

		inventory := v.read(t)
		require.NoError(t, inventory.Incomplete())
		require.ElementsMatch(t, []string{
			"2011Q1 11anweb.zip: 11anweb_V3.txt",
			"2019Q1 2019-Alpha-Numeric-HCPCS-File.zip: HCPC2019_CONTR_ANWEB.txt",
			"2026Q2 april-2026-alpha-numeric-hcpcs-files.ZIP: HCPC2026_APR_ANWEB.txt",
			"2026Q3 july-2026-alpha-numeric-hcpcs-file.zip: HCPC2026_JUL_ANWEB.txt",
		}, offered(inventory), "layout %d", layout)
		require.Equal(t, []string{"2019Q1 2019-HCPCS-Alpha-Numeric-Corrections.zip: corrections"}, companionNames(inventory))
		require.Empty(t, inventory.PassedOver, "layout %d", layout)
		listed, err := ListSite(t.Context(), v.options)
		require.NoError(t, err)
		require.Equal(t, "2026Q3", listed[0].Quarter.String())
		require.Equal(t, time.Date(2026, 7, 2, 0, 0, 0, 0, time.UTC), listed[0].Updated, "layout %d", layout)
		require.True(t, listed[1].Updated.IsZero(), "layout %d", layout)
	}
}

func TestLinksOfPages(t *testing.T) {
	for what, c := range map[string]struct {
		page string
		want []string
	}{
		"the quarter from the text": {
			`<a href="/files/zip/file-1.zip">October&nbsp;2025 Alpha-Numeric HCPCS File (ZIP)</a>`,
			[]string{"file-1.zip 2025Q4 by link text"},
		},
		"from the title": {
			`<a href="/files/zip/anweb.zip" title="October 2025 Alpha-Numeric">HCPCS (ZIP)</a>`,
			[]string{"anweb.zip 2025Q4 by link title"},
		},
		"from what screen readers say": {
			`<a href="/files/zip/anweb.zip" aria-label="Download the October 2025 file">HCPCS (ZIP)</a>`,
			[]string{"anweb.zip 2025Q4 by link title"},
		},
		"from the address": {
			`<a href="/files/zip/october-2025-alpha-numeric-hcpcs-files.zip">Download</a>`,
			[]string{"october-2025-alpha-numeric-hcpcs-files.zip 2025Q4 by file name"},
		},
		"from the heading": {
			`<h2>October 2025</h2><p>About it.</p><a href="/files/zip/anweb.zip">Alpha-Numeric HCPCS File (ZIP)</a>`,
			[]string{"anweb.zip 2025Q4 by heading above the link"},
		},
		"a month below a year": {
			`<h2>2025</h2><h3>Files</h3><a href="/a/anweb.zip">October Alpha-Numeric HCPCS File</a><h3>July</h3><a href="/b/anweb.zip">Alpha-Numeric HCPCS File</a>
			 <h2>2024</h2><a href="/c/anweb.zip">October Alpha-Numeric HCPCS File</a><a href="/d/anweb.zip">Alpha-Numeric HCPCS File</a>`,
			[]string{"anweb.zip 2025Q4 by heading above the link", "anweb.zip 2025Q3 by heading above the link",
				"anweb.zip 2024Q4 by heading above the link", "anweb.zip ? nothing on the page tells its quarter, and it is not guessed: " + placeYourself},
		},
		"a caption holds for its table": {
			`<table><caption>October 2025</caption><tr><td><a href="/a/anweb.zip">Alpha-Numeric HCPCS File</a></td></tr></table>
			 <a href="/b/anweb.zip">Alpha-Numeric HCPCS File</a>`,
			[]string{"anweb.zip 2025Q4 by heading above the link", "anweb.zip ? nothing on the page tells its quarter, and it is not guessed: " + placeYourself},
		},
		"a heading does not overrule": {
			`<h2>July 2025</h2><a href="/a/anweb.zip">October 2025 Alpha-Numeric HCPCS File</a>
			 <a href="/b/anweb.zip">January and April 2025 Alpha-Numeric HCPCS File</a>`,
			[]string{"anweb.zip 2025Q4 by link text", "anweb.zip ? nothing on the page tells its quarter, and it is not guessed: " + placeYourself},
		},
		"a year alone": {
			`<a href="/x/file.zip">2018 Alpha-Numeric HCPCS File</a> <a href="/y/file.zip">2024 Alpha-Numeric HCPCS File</a>`,
			[]string{"file.zip 2018Q1 by link text", "file.zip ? nothing on the page tells its quarter, and it is not guessed: " + placeYourself},
		},
		"text and address disagree": {
			`<a href="/files/zip/july-2025-alpha-numeric-hcpcs-file.zip">October 2025 Alpha-Numeric HCPCS File</a> <a href="11anweb.zip">x</a>`,
			[]string{`july-2025-alpha-numeric-hcpcs-file.zip ? what the page says of it contradicts itself: the link text "October 2025 Alpha-Numeric HCPCS File" says 2025Q4, the file name "july-2025-alpha-numeric-hcpcs-file.zip" says 2025Q3; ` + placeYourself,
				"11anweb.zip 2011Q1 by file name"},
		},
		"one address twice": {
			`<a href="/x/a.zip">October 2025 Alpha-Numeric HCPCS File</a> <a href="/x/a.zip#top">Here</a> <a href="//WWW.CMS.gov/x/a.zip">(ZIP) Alpha-Numeric</a>`,
			[]string{"a.zip 2025Q4 by link text"},
		},
		"updates": {
			`<p><a href="/1/anweb.zip">October 2025 Alpha-Numeric HCPCS File (ZIP) - Updated 10/02/2025</a></p>
			 <p><a href="/2/anweb.zip">July 2025 Alpha-Numeric HCPCS File (ZIP)</a> &#8211; <em>Updated: July 8, 2025; updated 7/3/25</em></p>
			 <p><a href="/3/anweb.zip">April 2025 HCPCS</a> (revised on 04/01/2025)<br><a href="/4/anweb.zip">January 2025 HCPCS</a> posted 99/99/2025</p>`,
			[]string{"anweb.zip 2025Q4 by link text, updated 2025-10-02", "anweb.zip 2025Q3 by link text, updated 2025-07-08",
				"anweb.zip 2025Q2 by link text, updated 2025-04-01", "anweb.zip 2025Q1 by link text"},
		},
		"letters set apart": {
			`<a href="/x/anweb.zip"><strong>O</strong>ctober<span>2025</span><br>Alpha&#8209;Numeric HCPCS File<script>April 2020</script></a>`,
			[]string{"anweb.zip 2025Q4 by link text"},
		},
		"behind a license": {
			`<a href="/apps/ama/license.asp?file=/files/zip/october-2025-alpha-numeric-hcpcs-file.zip">October 2025 (ZIP)</a>`,
			[]string{"october-2025-alpha-numeric-hcpcs-file.zip 2025Q4 by link text"},
		},
		"no name in the address": {
			`<a href="/media/4711/download?inline">October 2025 Alpha-Numeric HCPCS File (ZIP, 2 MB)</a>`,
			[]string{"October 2025 Alpha-Numeric HCPCS File.zip 2025Q4 by link text"},
		},
		"old addresses": {
			`<base href="http://www.cms.gov/Medicare/"><a href="Downloads/INDEX.ZIP">Index</a><a href="Downloads/12ANWEB.ZIP">x</a>`,
			[]string{"12ANWEB.ZIP 2012Q1 by file name"},
		},
		"companions and others": {
			`<a href="/x/october-2025-alpha-numeric-hcpcs-file.zip">x</a> <a href="/x/2019-HCPCS-NOC-Codes.zip">NOC</a>
			 <a href="/x/noc.zip">2020 HCPCS NOC codes, April</a> <a href="/x/corrections.zip">HCPCS Corrections</a>
			 <a href="/x/hcpcs-2026-stuff.zip">HCPCS stuff</a> <a href="/x/hcpcs-record-layout.zip">HCPCS record layout</a>
			 <a href="/x/alpha-numeric-hcpcs-october-2025.pdf">Alpha-Numeric HCPCS, October 2025 (ZIP)</a>
			 <a href="javascript:open('a.zip')">HCPCS (ZIP)</a> <a href="::">x</a> <a href="">y</a> <a name="z">z</a>`,
			[]string{"october-2025-alpha-numeric-hcpcs-file.zip 2025Q4 by file name", "2019-HCPCS-NOC-Codes.zip companion 2019Q1 by file name",
				"noc.zip companion 2020Q2 by link text", "corrections.zip ? nothing on the page tells its quarter, and it is not guessed: " + placeYourself,
				"hcpcs-2026-stuff.zip ? not recognised as a release or as a file that comes with one: if it is, " + wayRound},
		},
		"elsewhere": {
			`<a href="https://downloads.cms.gov/october-2025-alpha-numeric-hcpcs-file.zip">x</a> <a href="https://example.com/july-2025-alpha-numeric-hcpcs-file.zip">x</a>`,
			[]string{"october-2025-alpha-numeric-hcpcs-file.zip 2025Q4 by file name",
				"july-2025-alpha-numeric-hcpcs-file.zip ? it is not downloaded: the host example.com is none of those that releases are taken from (www.cms.gov, cms.gov, downloads.cms.gov): if it is right, name it in site.hosts; or " + wayRound},
		},
	} {
		t.Run(what, func(t *testing.T) { require.Equal(t, c.want, linksIn(t, c.page)) })
	}
}

func TestOldAddressesAreReadOverHTTPS(t *testing.T) {
	address := mustURL(t, CMSPage)
	listed, err := linksOf([]byte(`<a href="http://WWW.cms.gov/a/11anweb.zip">x</a>`), address, newHostRules(address, nil), 1)
	require.NoError(t, err)
	require.Equal(t, "https://www.cms.gov/a/11anweb.zip", listed[0].URL)
}

// Further hosts take none of CMS's away.
func TestFurtherHostsBesideCMS(t *testing.T) {
	rules := newHostRules(mustURL(t, CMSPage), []string{"files.example.org"})
	for _, host := range []string{"www.cms.gov", "downloads.cms.gov", "files.example.org"} {
		require.NoError(t, rules.check(mustURL(t, "https://"+host+"/x.zip")), host)
	}
	require.ErrorContains(t, rules.check(mustURL(t, "https://example.org/x.zip")), "name it in site.hosts")
	elsewhere := newHostRules(mustURL(t, "https://example.org/"), []string{"files.example.org"})
	require.Error(t, elsewhere.check(mustURL(t, "https://www.cms.gov/x.zip")))
}

func TestHostRules(t *testing.T) {
	page := mustURL(t, "https://Files.Example.com:443/page")
	rules := newHostRules(page, []string{"cdn.example.com", "127.0.0.1:8080"})
	for address, allowed := range map[string]bool{
		"https://files.example.com/x":            true,
		"https://FILES.example.com./x":           true,
		"https://files.example.com:443/x":        true,
		"https://files.example.com:8443/x":       false,
		"https://cdn.example.com/x":              true,
		"https://evil.cdn.example.com/x":         false,
		"https://cdn.example.com.evil.test/x":    false,
		"https://cdn.example.com@evil.test/x":    false,
		"http://127.0.0.1:8080/x":                true,
		"http://127.0.0.1:8081/x":                false,
		"http://cdn.example.com/x":               false,
		"file:///etc/passwd":                     false,
		"https://www.cms.gov/not-for-this-page":  false,
		"https://files.example.com:443@evil.org": false,
	} {
		parsed, err := url.Parse(address)
		if err != nil {
			require.False(t, allowed, address)
			continue
		}
		require.Equal(t, allowed, rules.check(parsed) == nil, "%s: %v", address, rules.check(parsed))
	}
	for host, want := range map[string]bool{"localhost": true, "127.0.0.9": true, "::1": true, "10.0.0.1": false, "localhost.example.com": false} {
		require.Equal(t, want, loopback(host), host)
	}
}

// Whatever a page holds: links or an error, and no panic.
func FuzzLinksOf(f *testing.F) {
	f.Add(`<h2>2025</h2><table><caption>October</caption><tr><td><a href="/x/anweb.zip" title="y">Alpha-Numeric (ZIP) updated 1/2/2025</a></table>`)
	f.Add(strings.Repeat("<a href=x.zip>", 100))
	f.Add(`<base href="http://[::1"><a href="http://%zz/hcpcs.zip">`)
	address := mustURL(f, CMSPage)
	f.Fuzz(func(t *testing.T, page string) {
		listed, err := linksOf([]byte(page), address, newHostRules(address, nil), 10)
		if err != nil {
			return
		}
		require.NotEmpty(t, listed)
		for _, one := range listed {
			require.NotEmpty(t, one.URL)
			require.NotEmpty(t, one.Name)
			if one.Problem == "" {
				require.True(t, one.Quarter.Valid())
				require.NoError(t, newHostRules(address, nil).check(mustURL(t, one.URL)))
			}
		}
	})
}
