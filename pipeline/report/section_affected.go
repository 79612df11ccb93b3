package report

import (
	"fmt"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// fewChanges of a revision need no picture.
const fewChanges = 10

// affected says whom it concerns: the changes by family of codes, and how they
// lie in time, as pictures and in words.
func (m *material) affected() *Section {
	s := &Section{ID: "affected", Title: "Who is affected", Count: -1}
	news := m.where((*entry).isNews)
	if len(news) == 0 || m.isRevision() && len(news) < fewChanges {
		return nil
	}
	of := map[string]*familyCounts{}
	for _, e := range news {
		family := familyOf(e.Code)
		if of[family] == nil {
			of[family] = &familyCounts{}
		}
		of[family].count(e.what)
	}
	s.Intro = append(s.Intro, mostAffected(of))
	s.Charts = append(s.Charts, familyChart(of))
	if !m.isRevision() {
		if chart, ok := datesChart(m, news); ok {
			s.Charts = append(s.Charts, chart)
		}
		if chart, ok := sizesChart(m); ok {
			s.Charts = append(s.Charts, chart)
		}
	}
	return s
}

// familyCounts are the changes of a family of codes.
type familyCounts struct{ added, discontinued, revised, other int }

func (c *familyCounts) count(what transform.ChangeKind) {
	switch what {
	case transform.Added:
		c.added++
	case transform.Discontinued:
		c.discontinued++
	case transform.Changed:
		c.revised++
	default:
		c.other++
	}
}

func (c *familyCounts) total() int { return c.added + c.discontinued + c.revised + c.other }

// mostAffected names the families with the most changes.
func mostAffected(of map[string]*familyCounts) string {
	names := families(of)
	slices.SortStableFunc(names, func(a, b string) int { return of[b].total() - of[a].total() })
	const named = 3
	var parts []string
	for _, name := range names[:min(named, len(names))] {
		parts = append(parts, fmt.Sprintf("%s (%s; %s)", familyTitle(name), lowerFirst(familyMeaning(name)), counted(of[name].total(), "change")))
	}
	if len(names) > named {
		return "Most changes are in " + listing(parts) + "."
	}
	return "The changes are in " + listing(parts) + "."
}
