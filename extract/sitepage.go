package extract

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// linksOf lists what a page links of releases and companions, in the order of
// the page, one element for each address. Links to anything else are left alone.
// It fails when nothing is recognised.
func linksOf(text []byte, address *url.URL, hosts hostRules, limit int) ([]Listed, error) {
	if bytes.HasPrefix(text, magicZIP) {
		return nil, fmt.Errorf("it is a ZIP, not a page that links ZIPs: give the page's address, or %s", wayRound)
	}
	document, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("it is no web page (%w): give the address of the page that links the releases", err)
	}
	page := &sitePage{address: baseOf(document, address), hosts: hosts, limit: limit, byURL: map[string]*found{}}
	document.Find("h1, h2, h3, h4, h5, h6, caption, a[href]").Each(func(_ int, node *goquery.Selection) {
		if goquery.NodeName(node) == "a" {
			page.link(node)
		} else {
			page.heading(node)
		}
	})
	if len(page.order) > limit {
		return nil, fmt.Errorf("%w: it has %d links to HCPCS files, more than the %d looked at: see in a browser whether it is the right page", ErrPageChanged, len(page.order), limit)
	}
	listed := page.listed()
	placed := slices.ContainsFunc(listed, func(one Listed) bool { return !one.Companion && one.Problem == "" })
	if placed {
		return listed, nil
	}
	if refused := refusingPage(document); refused != nil && len(listed) == 0 {
		return nil, refused
	}
	if page.links == 0 {
		return nil, fmt.Errorf("%w: it holds no link at all (title: %q): open it in a browser; if it looks right there, the program must learn its new form, and until then %s",
			ErrPageChanged, squeeze(document.Find("title").First().Text()), wayRound)
	}
	example := ""
	if len(listed) > 0 {
		example = fmt.Sprintf(", the first of %d doubtful ones being %q, %s", len(listed), listed[0].Text, listed[0].Problem)
	}
	return nil, fmt.Errorf("%w: none of its %d links is recognised as the alpha-numeric HCPCS file of a quarter%s: open it in a browser; if the releases are there, the program must learn its new form, and until then %s; if they are not, set the page's new address",
		ErrPageChanged, page.links, example, wayRound)
}

// baseOf is the address to which the page's links are relative.
func baseOf(document *goquery.Document, address *url.URL) *url.URL {
	base, ok := document.Find("base[href]").First().Attr("href")
	if !ok {
		return address
	}
	resolved, err := address.Parse(strings.TrimSpace(base))
	if err != nil {
		return address
	}
	return resolved
}

type sitePage struct {
	address  *url.URL
	hosts    hostRules
	limit    int // of addresses; one more is noted, to be told
	links    int
	headings [captionLevel + 1]string // by level; those below the present one are ""
	byURL    map[string]*found
	order    []*found
}

// captionLevel is the level of a table's caption: below h6.
const captionLevel = 6

// found is an address with what all links to it say.
type found struct {
	Listed
	texts []string // of links and titles
	above []string // headings over the first link, the nearest first
}

// heading notes a heading.
func (p *sitePage) heading(node *goquery.Selection) {
	level := captionLevel
	if name := goquery.NodeName(node); name != "caption" {
		level = int(name[1]-'0') - 1
	}
	for i := level; i < len(p.headings); i++ {
		p.headings[i] = ""
	}
	p.headings[level] = textOf(node)
}

// link notes a link, if it leads to a release or a companion.
func (p *sitePage) link(node *goquery.Selection) {
	href, _ := node.Attr("href")
	href = strings.TrimSpace(href)
	if href == "" || strings.HasPrefix(href, "#") {
		return
	}
	p.links++
	address, err := p.address.Parse(href)
	if err != nil || address.Host == "" {
		return
	}
	address.Fragment, address.RawFragment = "", ""
	address.Host = strings.ToLower(address.Host)
	text := textOf(node)
	titles := []string{squeeze(node.AttrOr("title", "")), squeeze(node.AttrOr("aria-label", ""))}
	name := fileOf(address, text)
	if name == "" {
		return
	}
	kind := linkOther
	for _, said := range slices.Concat([]string{name, text}, titles) {
		if kind = kindOfLink(said); kind != linkOther {
			break
		}
	}
	hcpcs := slices.ContainsFunc(slices.Concat([]string{name, text}, titles), func(said string) bool { return strings.Contains(strings.ToLower(said), "hcpc") })
	if kind == linkLeftAlone || kind == linkOther && !hcpcs {
		return
	}
	if address.Scheme == "http" && !loopback(address.Hostname()) { // old links; the site has long served https
		address.Scheme = "https"
	}
	one := p.byURL[address.String()]
	if one == nil && len(p.order) > p.limit || one != nil && len(one.names) > linksHeard {
		return
	}
	if one == nil {
		one = &found{Listed: Listed{URL: address.String(), Name: name, Text: text, Companion: kind == linkCompanion}}
		inTable := node.Closest("table").Length() > 0
		for level, heading := range slices.Backward(p.headings[:]) {
			if heading != "" && (level < captionLevel || inTable) {
				one.above = append(one.above, heading)
			}
		}
		if kind == linkOther {
			one.Problem = "not recognised as a release or as a file that comes with one: if it is, " + wayRound
		} else if err := p.hosts.check(address); err != nil {
			one.Problem = fmt.Sprintf("it is not downloaded: %v; or %s", err, wayRound)
		}
		one.names = append(one.names, evidenceOfName(BasisFileName, name))
		p.byURL[address.String()] = one
		p.order = append(p.order, one)
	}
	one.texts = append(one.texts, text)
	one.names = append(one.names, evidenceOfName(BasisLinkText, text))
	for _, title := range titles {
		if title != "" {
			one.texts = append(one.texts, title)
			one.names = append(one.names, evidenceOfName(BasisLinkTitle, title))
		}
	}
	if updated := updatedIn(textAround(node)); updated.After(one.Updated) {
		one.Updated = updated
	}
}

// listed places the links.
func (p *sitePage) listed() []Listed {
	var listed []Listed
	for _, one := range p.order {
		one.names = append(one.names, one.headingEvidence()...)
		precedence := map[string]int{BasisLinkText: 1, BasisLinkTitle: 2, BasisFileName: 3, BasisHeading: 4}
		slices.SortStableFunc(one.names, func(a, b nameEvidence) int { return cmp.Compare(precedence[a.basis], precedence[b.basis]) })
		var conflict string
		one.Quarter, one.QuarterBasis, conflict = quarterFromEvidence(one.names)
		switch {
		case one.Problem != "":
		case conflict != "":
			one.Problem, one.contradicted = "what the page says of it contradicts itself: "+onPage(conflict), true
		case one.Quarter.IsZero():
			one.Problem = "nothing on the page tells its quarter, and it is not guessed: " + placeYourself
		}
		listed = append(listed, one.Listed)
	}
	return listed
}

// onPage is a contradiction of names with what to do about it on a page, where
// nobody can rename anything.
func onPage(conflict string) string {
	if conflict == "" {
		return ""
	}
	return strings.TrimSuffix(conflict, agreeHint) + "; " + placeYourself
}

const placeYourself = "download it in a browser, put it into a folder named by its quarter, such as 2025Q4, and run 'hcpcs run --source FOLDER' on the folder above"

// headingEvidence is what the headings above a link tell where the link and its
// address tell nothing: alone ("July 2026"), or a month beside a year. Whatever
// the link does say must fit.
func (f *found) headingEvidence() []nameEvidence {
	for _, one := range f.names {
		if one.strength != nameSilent {
			return nil
		}
	}
	said := strings.Join(append(slices.Clone(f.texts), knownExtension.ReplaceAllString(f.Name, "")), " ")
	for i, heading := range f.above {
		upper := append([]string{""}, f.above[i+1:]...)
		for _, above := range upper {
			words := squeeze(above + " " + heading)
			if quarter, strength := quarterInName(words + " " + said); strength == nameQuarter {
				return []nameEvidence{{basis: BasisHeading, name: words, quarter: quarter, strength: strength}}
			}
		}
	}
	return nil
}

// fileOf is the name of the ZIP to which an address leads, "" when it leads to
// something else. Where the address does not tell, as "/media/1234/download" or
// one of a page behind which the file lies, its query or the link's text does.
func fileOf(address *url.URL, text string) string {
	if base := path.Base(address.Path); strings.EqualFold(path.Ext(base), ".zip") {
		return base
	}
	for _, values := range address.Query() {
		for _, value := range values {
			if base := baseName(value); strings.EqualFold(path.Ext(base), ".zip") {
				return base
			}
		}
	}
	if extension := path.Ext(address.Path); len(extension) > 1 && len(extension) <= 5 && !strings.HasPrefix(strings.ToLower(extension), ".as") {
		return "" // .pdf, .xlsx
	}
	if zipWord.MatchString(text) && kindOfLink(text) != linkOther {
		return squeeze(zipWord.ReplaceAllString(text, " ")) + ".zip"
	}
	return ""
}

var zipWord = regexp.MustCompile(`(?i)[(\[]\s*zip\b[^)\]]*[)\]]`)

type linkKind int

const (
	linkOther     linkKind = iota // the words say nothing
	linkRelease                   // the alpha-numeric file of a quarter
	linkCompanion                 // a file that comes with it
	linkLeftAlone                 // something else about HCPCS
)

// linkKinds are tried in order: "2019 HCPCS Alpha-Numeric Corrections" are
// corrections. What a file is in the end its content says.
var linkKinds = []struct {
	pattern *regexp.Regexp
	kind    linkKind
}{
	{regexp.MustCompile(`(?i)layout|rec(?:ord)?[ _-]?format`), linkLeftAlone},
	{regexp.MustCompile(`(?i)corrections?\b|(?:^|[^a-z])noc(?:[^a-z]|$)|not otherwise classified`), linkCompanion},
	{regexp.MustCompile(`(?i)(?:^|[^a-z])trans(?:action)?[ _-]?(?:report|alpha)|proc(?:essing)?[ _-]?notes?`), linkCompanion},
	{regexp.MustCompile(`(?i)(?:^|[^a-z])index(?:[^a-z]|$)|table[ _-]of[ _-]drugs|drug[ _-]table|crosswalk`), linkLeftAlone},
	{regexp.MustCompile(`(?i)alpha[^a-z0-9]{0,3}numeric|anweb`), linkRelease},
}

func kindOfLink(said string) linkKind {
	for _, one := range linkKinds {
		if one.pattern.MatchString(said) {
			return one.kind
		}
	}
	return linkOther
}

// inline elements stand inside of words; others separate them.
var inline = []string{"a", "b", "strong", "i", "em", "u", "font", "sub", "sup", "wbr", "small", "mark", "ins"}

// textOf is an element's text, white space squeezed.
func textOf(node *goquery.Selection) string {
	var text strings.Builder
	for _, one := range node.Nodes {
		writeText(&text, one)
	}
	return squeeze(text.String())
}

func writeText(text *strings.Builder, node *html.Node) {
	switch {
	case node.Type == html.TextNode:
		text.WriteString(node.Data)
	case node.Type == html.ElementNode && (node.Data == "script" || node.Data == "style"):
		return
	}
	apart := node.Type == html.ElementNode && !slices.Contains(inline, node.Data)
	if apart {
		text.WriteByte(' ')
	}
	for child := range node.ChildNodes() {
		writeText(text, child)
	}
	if apart {
		text.WriteByte(' ')
	}
}

// textAround is a link's text with what stands behind it: in its row or
// paragraph when that holds no other link, else up to the next one.
func textAround(node *goquery.Selection) string {
	if around := node.Closest("tr, li, p, dd"); around.Length() > 0 && around.Find("a[href]").Length() == 1 {
		return textOf(around)
	}
	var text strings.Builder
	writeText(&text, node.Nodes[0])
	for next := node.Nodes[0].NextSibling; next != nil; next = next.NextSibling {
		if next.Type == html.ElementNode && (next.Data == "a" || next.Data == "br" || !slices.Contains(inline, next.Data) && next.Data != "span") {
			break
		}
		writeText(&text, next)
	}
	return squeeze(text.String())
}

var updatedNote = regexp.MustCompile(`(?i)\b(?:updated|revised|re-?posted|posted|corrected)\b[^0-9a-z]*(?:on[^0-9a-z]+)?([0-9]{1,2}/[0-9]{1,2}/(?:[0-9]{4}|[0-9]{2})\b|[a-z]{3,9}\.? [0-9]{1,2},? [0-9]{4})`)

// updatedIn is the latest day in notes like "Updated 07/02/2026", or zero.
func updatedIn(text string) time.Time {
	var latest time.Time
	for _, parts := range updatedNote.FindAllStringSubmatch(text, -1) {
		written := strings.NewReplacer(".", "", ",", "").Replace(parts[1])
		for _, layout := range []string{"1/2/2006", "1/2/06", "January 2 2006", "Jan 2 2006"} {
			day, err := time.Parse(layout, written)
			if err == nil && (release.Quarter{Year: day.Year(), Number: 1}).Valid() && day.After(latest) {
				latest = day
			}
		}
	}
	return latest
}
