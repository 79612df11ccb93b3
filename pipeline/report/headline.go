package report

import (
	"fmt"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// The headline: subject, title, and what is said in words and numbers.

// subject is the mail's subject: what, how many, and how many of the reader's.
// Nothing in it comes from a file but numbers and release names.
func (m *material) subject() string {
	subject := "HCPCS " + m.scopeName() + ": "
	counts := m.countWords(true)
	switch {
	case m.isBaseline():
		subject += fmt.Sprintf("first release, %s codes", number(m.latest().Records))
		if len(counts) > 0 {
			subject += "; CMS declares " + strings.Join(counts, ", ")
		}
	case len(counts) == 0:
		subject += "no changes"
	default:
		subject += strings.Join(counts, ", ")
	}
	if m.counts.Watched > 0 {
		subject += fmt.Sprintf(" (%s on your list)", number(m.counts.Watched))
	}
	return subject
}

// scopeName names the releases in the subject: 2025Q4, 2025Q4 revision 2,
// 2019Q1 to 2020Q3.
func (m *material) scopeName() string {
	last := m.latest().ID
	first := m.releases[0].ID
	switch {
	case m.isNet():
		return releaseTitle(first) + " to " + releaseTitle(last)
	case m.several():
		return fmt.Sprintf("%s to %s (%d releases)", releaseTitle(first), releaseTitle(last), len(m.releases))
	}
	return releaseTitle(last)
}

// countWords says how many codes were added, discontinued and so on: the kinds
// that happened, or where all is set the three main ones in any case.
func (m *material) countWords(all bool) []string {
	c := &m.counts
	all = all && c.News() > 0 && !m.isRevision()
	var words []string
	for _, one := range []struct {
		n    int
		word string
		main bool
	}{
		{c.Added, "added", true}, {c.Discontinued, "discontinued", true}, {c.Reactivated, "re-activated", false}, {c.Reused, "reused", false},
		{c.Revised, "revised", true}, {c.Returned, "back", false}, {c.Vanished, "left out", false},
	} {
		if one.n > 0 || all && one.main {
			words = append(words, number(one.n)+" "+one.word)
		}
	}
	return words
}

func (m *material) kicker() string {
	switch {
	case m.isNet():
		return "HCPCS Level II · comparison of two releases"
	case m.isRevision():
		return "HCPCS Level II · revision of a release"
	}
	return "HCPCS Level II · change report"
}

func (m *material) title() string {
	first, last := m.releases[0].ID, m.latest().ID
	switch {
	case (m.isNet() || m.several()) && first.Quarter == last.Quarter:
		return fmt.Sprintf("%s, revisions %d to %d", quarterTitle(last.Quarter), first.Revision, last.Revision)
	case m.isNet(), m.several():
		return fmt.Sprintf("%s to %s", quarterTitle(first.Quarter), quarterTitle(last.Quarter))
	case m.isRevision():
		return fmt.Sprintf("%s, revision %d", quarterTitle(last.Quarter), last.Revision)
	}
	return fmt.Sprintf("%s (%s)", quarterTitle(last.Quarter), last.Quarter)
}

// lead is the headline in words.
func (m *material) lead() []string {
	latest := m.latest()
	title := quarterTitle(latest.ID.Quarter)
	deeds := m.deeds()
	if deeds == "" {
		deeds = "changes nothing that matters to billing"
	}
	var said []string
	switch {
	case m.isBaseline():
		said = append(said, fmt.Sprintf("The release of %s is the first one in hand. By its action codes it %s.", title, deeds))
	case m.isRevision():
		said = append(said, fmt.Sprintf("CMS published its release of %s again. Revision %d %s; all else stands as in revision %d.",
			title, latest.ID.Revision, deeds, latest.Previous.Revision))
	case m.isNet() && m.net.Quarter == latest.ID.Quarter:
		said = append(said, fmt.Sprintf("Held against revision %d of the release of %s, revision %d %s.", m.net.Revision, title, latest.ID.Revision, deeds))
	case m.isNet():
		said = append(said, fmt.Sprintf("Held against the release of %s, that of %s %s.", quarterTitle(m.net.Quarter), title, deeds))
	case m.several():
		said = append(said, m.cameIn()+" "+m.summedUp())
	default:
		said = append(said, fmt.Sprintf("The release of %s, in force from %s, %s.", title, longDate(m.quarterStart()), deeds))
	}
	if m.counts.Watched > 0 {
		said = append(said, fmt.Sprintf("%s %s your list.", sentenceStart(counted(m.counts.Watched, "change")), verb(m.counts.Watched, "touches", "touch")))
	} else if !m.options.Watch.IsEmpty() {
		said = append(said, "Nothing on your list is touched.")
	}
	if timing := m.timingSentence(); timing != "" && !m.several() {
		said = append(said, timing)
	}
	return append(said, fmt.Sprintf("The file%s holds %s codes: %s procedure codes and %s modifiers.",
		m.ofLatest(), number(latest.Records), number(latest.Procedures), number(latest.Modifiers)))
}

// cameIn says of which quarters the releases of a report on several are.
func (m *material) cameIn() string {
	first, last := m.releases[0].ID.Quarter, m.latest().ID.Quarter
	if first == last {
		return fmt.Sprintf("%s releases came in, all of %s.", number(len(m.releases)), quarterTitle(last))
	}
	return fmt.Sprintf("%s releases came in, from %s to %s.", number(len(m.releases)), quarterTitle(first), quarterTitle(last))
}

func (m *material) summedUp() string {
	counts := m.countWords(false)
	if len(counts) == 0 {
		return "Summed over all of them, nothing changed that matters to billing."
	}
	return fmt.Sprintf("Summed over all of them, codes: %s.", listing(counts))
}

func (m *material) ofLatest() string {
	if m.several() || m.isNet() {
		return " of " + quarterTitle(m.latest().ID.Quarter)
	}
	return ""
}

// deeds says what the release does: "adds 76 codes, discontinues 7 and revises
// 14"; "" where it does nothing.
func (m *material) deeds() string {
	c := &m.counts
	var deeds []string
	for _, one := range []struct {
		n          int
		verb, rest string
	}{
		{c.Added, "adds", ""}, {c.Discontinued, "discontinues", ""}, {c.Reactivated, "re-activates", ""}, {c.Reused, "gives", " a new meaning"},
		{c.Revised, "revises", ""}, {c.Returned, "brings back", ""}, {c.Vanished, "leaves out", " without ending them"},
	} {
		if one.n == 0 {
			continue
		}
		codes := number(one.n)
		if len(deeds) == 0 {
			codes = counted(one.n, "code")
		}
		deeds = append(deeds, one.verb+" "+codes+one.rest)
	}
	return listing(deeds)
}

func sentenceStart(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// timingSentence says how many changes reach back and how many are to come.
func (m *material) timingSentence() string {
	earliest := transform.NoDate
	for _, e := range m.entries {
		if !e.isNews() {
			continue
		}
		if reaches := m.reaches(e); len(reaches) > 0 && (earliest == transform.NoDate || reaches[0].from < earliest) {
			earliest = reaches[0].from
		}
	}
	var said string
	switch n := m.counts.Retroactive; {
	case n == 1:
		said = fmt.Sprintf("1 change reaches back, to %s.", longDate(earliest))
	case n > 1:
		said = fmt.Sprintf("%s reach back, the farthest to %s.", counted(n, "change"), longDate(earliest))
	}
	if n := m.counts.Upcoming; n > 0 {
		said += fmt.Sprintf(" %s %s effect after the quarter.", counted(n, "change"), verb(n, "takes", "take"))
	}
	return strings.TrimSpace(said)
}

// figures are the headline in numbers; each leads to its section.
func (m *material) figures(r *Report) []Figure {
	c := &m.counts
	var figures []Figure
	add := func(n int, label, id string, always bool) {
		if n == 0 && !always {
			return
		}
		if r.Section(id) == nil {
			id = ""
		}
		figures = append(figures, Figure{n, label, id})
	}
	revised := "descriptions"
	if m.isBaseline() {
		revised = "revised"
	}
	main := !m.isRevision()
	add(c.Added, "added", "added", main)
	add(c.Discontinued, "discontinued", "discontinued", main)
	add(c.Reactivated, "re-activated", "reactivated", false)
	add(c.Reused, "reused", "reused", false)
	add(c.Revised, "revised", revised, true)
	add(c.Returned+c.Vanished, "left out or back", "absent", false)
	add(c.Watched, "on your list", "yours", !m.options.Watch.IsEmpty())
	return figures
}

// notices say what is outdated, and what cannot be verified, and why.
func (m *material) notices() []Notice {
	var notices []Notice
	if outdated, ok := m.outdatedNotice(); ok {
		notices = append(notices, outdated)
	}
	latest := m.latest()
	switch {
	case m.isBaseline():
		notices = append(notices, Notice{
			"Nothing to compare with",
			"No earlier release is in hand. What follows is what CMS's action codes declare, unverified. Codes that CMS marks “no maintenance” may have changed all the same, and how a field read before cannot be shown.",
		})
	case m.hasGap():
		missing := release.Missing(latest.Previous.Quarter, latest.ID.Quarter)
		notices = append(notices, Notice{
			counted(len(missing), "release") + " missing",
			fmt.Sprintf("Between %s and %s no release is in hand for %s. Everything that changed since %s is shown as a change of this release. Whether CMS declared it, whether it reaches back, and what changed and changed back in between cannot be told.",
				latest.Previous.Quarter, latest.ID.Quarter, quarterRange(missing), latest.Previous.Quarter),
		})
	case m.isNet():
		notices = append(notices, Notice{
			"A net difference",
			"What changed and changed back between the two releases is not shown, and CMS's action codes cannot be held against it: they speak of one release each.",
		})
	case m.isRevision():
		notices = append(notices, Notice{
			"A revision",
			fmt.Sprintf("CMS published this quarter's file before. Only what differs from %s is shown; the report on %s holds the rest.", latest.Previous, latest.Previous),
		})
	}
	if m.several() {
		notices = append(notices, m.severalNotices()...)
	}
	return notices
}

func (m *material) severalNotices() []Notice {
	var notices []Notice
	if m.releases[0].Previous == (release.ID{}) {
		text := fmt.Sprintf("%s is the first one in hand: there is nothing to compare it with.", m.releases[0].ID)
		if m.baseline > 0 {
			text += fmt.Sprintf(" The %s that CMS declares in it %s not counted here.", counted(m.baseline, "action"), verb(m.baseline, "is", "are"))
		}
		notices = append(notices, Notice{"The first release", text})
	}
	var gaps []string
	for _, r := range m.releases {
		if r.Gap {
			gaps = append(gaps, fmt.Sprintf("%s to %s", r.Previous.Quarter, r.ID.Quarter))
		}
	}
	if n := len(m.between); n > 0 {
		names := make([]string, n)
		for i, r := range m.between {
			names[i] = r.ID.String()
		}
		latest := m.latest().ID
		notices = append(notices, Notice{
			"Releases between are not told here",
			fmt.Sprintf("%s %s between the releases of this report and %s not told in it. What is to be done goes by %s, the newest that is told: what was changed again by then is left out of it.",
				rangeOf(names), verb(n, "lies", "lie"), verb(n, "is", "are"), latest),
		})
	}
	if len(gaps) > 0 {
		notices = append(notices, Notice{
			"Releases missing",
			fmt.Sprintf("Between some releases others are missing (%s). What changed in between is shown as a change of the later one; whether CMS declared it and whether it reaches back cannot be told.", strings.Join(gaps, ", ")),
		})
	}
	return notices
}

// quarterRange names quarters that follow each other.
func quarterRange(quarters []release.Quarter) string {
	names := make([]string, len(quarters))
	for i, q := range quarters {
		names[i] = q.String()
	}
	return rangeOf(names)
}

// rangeOf gives the first and the last of many names.
func rangeOf(names []string) string {
	if len(names) > 3 {
		return names[0] + " to " + names[len(names)-1]
	}
	return listing(names)
}
