package cmstest

import (
	"fmt"
	"html"
	"strings"
)

// Layout is a shape of the page that links the releases. Every shape holds links
// to other things as well.
type Layout int

// The layouts.
const (
	LayoutTable    Layout = iota // a table, a row for each link
	LayoutHeadings               // lists under headings, a new one for each SiteFile.Heading
	LayoutAnnual                 // paragraphs, as until 2020
	LayoutDrupal                 // every link in wrappers, its text in pieces
	LayoutAbsolute               // a list, with absolute addresses
	LayoutRelative               // a list, with addresses relative to the page
	LayoutCapitals               // a list whose tags and attributes are in capitals, the host in the address too
	layouts
)

// Layouts lists all layouts.
func Layouts() []Layout {
	all := make([]Layout, layouts)
	for i := range all {
		all[i] = Layout(i)
	}
	return all
}

// render writes the page; the caller holds the mutex.
func (s *Site) render() string {
	var page strings.Builder
	page.WriteString(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Quarterly Update | Stand-in</title></head>
<body>
<nav><ul><li><a href="/">Home</a></li><li><a href="#main">Skip to the files</a></li><li><a href="/medicare/coding-billing">Coding &amp; billing</a></li></ul></nav>
<main id="main"><h1>HCPCS Quarterly Update</h1>
<p>The files below are made up. Questions go to <a href="mailto:nobody@example.com">nobody</a>.</p>
<!-- <a href="/files/zip/january-2030-alpha-numeric-hcpcs-file.zip">January 2030 Alpha-Numeric HCPCS File (ZIP)</a> -->
`)
	before, after := s.around()
	page.WriteString(before)
	heading := ""
	for _, file := range s.files {
		if file.Unlinked {
			continue
		}
		if s.layout == LayoutHeadings && file.Heading != heading {
			if heading != "" {
				page.WriteString("</ul>\n")
			}
			heading = file.Heading
			fmt.Fprintf(&page, "<h2><span>%s</span></h2>\n<ul>\n", html.EscapeString(heading))
		}
		page.WriteString(s.link(file))
	}
	page.WriteString(after)
	page.WriteString(`<h2>Other files</h2>
<p><a href="/files/document/2026-record-layout.pdf">2026 HCPCS record layout (PDF)</a>,
<a href="/files/zip/2026-hcpcs-alpha-numeric-index.zip">2026 HCPCS Alpha-Numeric Index (ZIP)</a>,
<a href="/files/zip/2026-clinical-lab-fees.zip">2026 fee schedule (ZIP)</a></p>
</main></body></html>
`)
	return page.String()
}

func (s *Site) around() (before, after string) {
	switch s.layout {
	case LayoutTable:
		return "<table class=\"table\"><thead><tr><th>File</th><th>Note</th></tr></thead><tbody>\n", "</tbody></table>\n"
	case LayoutHeadings:
		return "", "</ul>\n"
	case LayoutAnnual, LayoutDrupal:
		return "<div>\n", "</div>\n"
	case LayoutCapitals:
		return "<UL>\n", "</UL>\n"
	}
	return "<ul>\n", "</ul>\n"
}

func (s *Site) link(file SiteFile) string {
	href, text, note := html.EscapeString(s.href(file)), html.EscapeString(file.Text), html.EscapeString(file.Note)
	title := ""
	if file.Title != "" {
		title = ` title="` + html.EscapeString(file.Title) + `"`
	}
	switch s.layout {
	case LayoutTable:
		return fmt.Sprintf("<tr><td><a href=\"%s\"%s>%s</a></td><td>%s</td></tr>\n", href, title, text, note)
	case LayoutAnnual:
		return fmt.Sprintf("<p><a href=\"%s\"%s>%s</a> [ZIP, 1MB]%s</p>\n", href, title, text, note)
	case LayoutDrupal:
		first, rest, _ := strings.Cut(text, " ")
		return fmt.Sprintf(`<div class="field field--name-field-link"><div class="field__item"><article class="media"><a href="%s"%s
   data-entity-type="media" rel="noopener"><span class="field__item">%s</span><span class="field__item">
   %s</span><svg aria-hidden="true"><title>file</title></svg><span class="visually-hidden">(opens in a new window)</span></a>%s</article></div></div>
`, href, title, first, rest, note)
	case LayoutCapitals:
		return fmt.Sprintf("<LI><A HREF=\"%s\"%s><B>%s</B></A>%s</LI>\n", href, strings.ToUpper(title), text, note)
	}
	return fmt.Sprintf("<li><a href=\"%s\"%s>%s</a>%s</li>\n", href, title, text, note)
}

func (s *Site) href(file SiteFile) string {
	if file.Href != "" {
		return file.Href
	}
	switch s.layout {
	case LayoutAbsolute:
		return s.URL(file.Path)
	case LayoutRelative:
		return "../../.." + file.Path
	case LayoutCapitals:
		return "HTTP://" + strings.ToUpper(s.Host()) + file.Path
	}
	return file.Path
}
