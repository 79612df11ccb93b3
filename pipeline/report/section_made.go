package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
)

// made says how the report was made: from which files, and by what.
func (m *material) made() *Section {
	s := &Section{ID: "made", Title: "How this report was made", Count: -1, Background: true}
	s.Intro = append(s.Intro, m.method())
	program := "hcpcs"
	if m.options.Version != "" {
		program += " " + m.options.Version
	}
	made := "Made by " + program
	if !m.options.Generated.IsZero() {
		made += " on " + moment(m.options.Generated)
	}
	s.Intro = append(s.Intro, made+".")
	s.Tables = []Table{m.files()}
	return s
}

// method says what was compared with what.
func (m *material) method() string {
	const fromRecords = " What changed is read from the two records of each code, not from CMS's action codes."
	latest := m.latest()
	switch {
	case m.isNet():
		return fmt.Sprintf("Release %s was compared with %s, as if none had been between.", latest.ID, m.net) + fromRecords
	case m.several():
		return "Each release was compared with the one before it." + fromRecords
	case m.isBaseline():
		return fmt.Sprintf("Release %s is the first one in hand and was compared with nothing.", latest.ID)
	}
	return fmt.Sprintf("Release %s was compared with the one before it, %s.", latest.ID, latest.Previous) + fromRecords
}

func (m *material) files() Table {
	t := Table{Title: "Releases and files", Sheet: "Releases", Stacked: true, Columns: []Column{
		releaseColumn, {Title: "File"}, {Title: "Published", SubTitle: "According to"}, {Title: "Compared with"}, {Title: "Codes", Kind: NumberCell},
		{Title: "Found at"}, {Title: "Fetched"}, {Title: "SHA-256 of the file"},
	}}
	for _, r := range slices.Backward(m.releases) {
		before := r.Previous.String()
		switch {
		case r.ID == m.net:
			before = ""
		case m.isNet():
			before = m.net.String()
		case r.Previous == release.ID{}:
			before = "nothing: the first one in hand"
		case r.Gap:
			before += ", releases missing between"
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			textCell(r.ID.String()), textCell(r.FileName), textOver(published(&r), r.PublishedBasis), textCell(before), numberCell(r.Records),
			textCell(r.Source), textCell(moment(r.FetchedAt)), textCell(r.SHA256),
		}})
	}
	return t
}

func published(r *load.Release) string {
	if r.PublishedAt.IsZero() {
		return "not known"
	}
	return moment(r.PublishedAt)
}

func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02 15:04 UTC")
}
