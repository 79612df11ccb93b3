package report

import (
	"fmt"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// A report on a release that came in late, or is asked for later, tells what was
// so as of that release. Whoever acts on it must know that newer ones are loaded.

// newest is the last of the releases that are loaded after those of the report;
// no where there is none.
func (m *material) newest() (load.Release, bool) {
	last := m.all[len(m.all)-1]
	return last, last.ID.Compare(m.latest().ID) > 0
}

// maxOutdated is the number of codes named that newer releases changed again;
// more are only counted.
const maxOutdated = 20

func (m *material) outdatedNotice() (Notice, bool) {
	newest, ok := m.newest()
	if !ok {
		return Notice{}, false
	}
	id := m.latest().ID
	text := fmt.Sprintf("The latest is %s. What follows is what was so as of %s, and may be so no longer.", newest.ID, id)
	changed, otherwise := m.standingOtherwise(newest.ID)
	switch {
	case changed == 1 && len(otherwise) == 1:
		text += fmt.Sprintf(" The code that changed here, %s, stands otherwise in %s.", otherwise[0], newest.ID)
	case changed == 1:
		text += fmt.Sprintf(" The code that changed here stands the same in %s.", newest.ID)
	case changed > 0 && len(otherwise) == changed:
		text += fmt.Sprintf(" The %s that changed here all stand otherwise in %s: %s.", counted(changed, "code"), newest.ID, named(otherwise, maxOutdated))
	case len(otherwise) > 0:
		text += fmt.Sprintf(" Of the %s that changed here, %s %s otherwise in %s: %s.", counted(changed, "code"),
			number(len(otherwise)), verb(len(otherwise), "stands", "stand"), newest.ID, named(otherwise, maxOutdated))
	case changed > 0:
		text += fmt.Sprintf(" The %s that changed here stand the same in %s.", counted(changed, "code"), newest.ID)
	}
	if before, late := m.cameAfter(); late {
		text += fmt.Sprintf(" %s came in after %s, and what later releases changed was worked out anew.", id, before)
	}
	return Notice{"Newer releases are loaded", text}, true
}

// cameAfter gives the newest release that was here before the latest of the report,
// which has its place before it; no where there is none.
func (m *material) cameAfter() (newer release.ID, late bool) {
	latest := m.latest()
	for i := range m.all {
		if r := &m.all[i]; r.ID.Compare(latest.ID) > 0 && r.FetchedAt.Before(latest.FetchedAt) {
			newer, late = r.ID, true
		}
	}
	return newer, late
}

// standingOtherwise counts the codes of the changes that are news, and finds
// those whose record is another one, or gone, in a newer release.
func (m *material) standingOtherwise(newest release.ID) (changed int, otherwise []string) {
	seen := map[string]bool{}
	for _, e := range m.entries {
		if !e.isNews() || seen[e.Code] {
			continue
		}
		seen[e.Code] = true
		if !sameContent(m.book.In(e.Code, m.latest().ID), m.book.In(e.Code, newest)) {
			otherwise = append(otherwise, e.Code)
		}
	}
	return len(seen), otherwise
}

// sameContent compares the records of a code in two releases, nil where it is in
// none.
func sameContent(a, b *transform.Record) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Content.Equal(b.Content)
}
