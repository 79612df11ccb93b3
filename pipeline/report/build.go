package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
)

// Scope says which releases a report is about: see On, Between and OnSeveral.
// A revision number 0 stands for the latest revision of its quarter.
type Scope struct {
	from     release.ID // of a net comparison, else zero
	releases []release.ID
}

// On is what one release changed against the one before it.
func On(id release.ID) Scope { return Scope{releases: []release.ID{id}} }

// Between is the net difference of two releases, as if none had been between.
func Between(from, to release.ID) Scope { return Scope{from: from, releases: []release.ID{to}} }

// OnSeveral is what each of several releases changed, in one report: a backfill,
// or what came in since the last run. In any order.
func OnSeveral(ids []release.ID) Scope { return Scope{releases: ids} }

// String tells scopes apart: 2025Q4r1, 2019Q1..2020Q3, or several releases with
// blanks between them.
func (s Scope) String() string {
	names := make([]string, len(s.releases))
	for i, id := range s.releases {
		names[i] = id.String()
	}
	text := strings.Join(names, " ")
	if s.from != (release.ID{}) {
		text = s.from.String() + ".." + text
	}
	return text
}

// Resolve gives the scope with each release's revision, as they are loaded. The
// error is a load.UnknownReleaseError.
func (s Scope) Resolve(published *load.Published) (Scope, error) {
	resolved := Scope{releases: slices.Clone(s.releases)}
	for i, id := range s.releases {
		r, err := published.Resolve(id)
		if err != nil {
			return s, err
		}
		resolved.releases[i] = r.ID
	}
	if s.from != (release.ID{}) {
		r, err := published.Resolve(s.from)
		if err != nil {
			return s, err
		}
		resolved.from = r.ID
	}
	return resolved, nil
}

// Single gives the release that the report is about, where it is one, compared
// with the one before it.
func (s Scope) Single() (release.ID, bool) {
	if len(s.releases) != 1 || s.from != (release.ID{}) {
		return release.ID{}, false
	}
	return s.releases[0], true
}

// Argument is what 'hcpcs report' takes to mail the report again. Of several
// releases it is the last: what waits for it tells of all of them.
func (s Scope) Argument() string {
	last := slices.MaxFunc(s.releases, release.ID.Compare)
	if s.from != (release.ID{}) {
		return s.from.String() + ".." + last.String()
	}
	return last.String()
}

// Options are what a report takes from outside.
type Options struct {
	// Watch is the reader's own codes. The zero WatchList: none were given.
	Watch WatchList
	// Version of the program, as it is to be printed.
	Version string
	// Generated is when the report is made.
	Generated time.Time
	// Gathered is called when all is read that the report needs. nil: nothing is.
	Gathered func(ctx context.Context) error
}

// Build makes the report. An error that wraps a load.UnknownReleaseError means
// that a release asked for is not loaded, one that wraps ErrNetOrder that two are
// in the wrong order. A report on several releases has published forget its records.
func Build(ctx context.Context, published *load.Published, scope Scope, options Options) (*Report, error) {
	m, err := gather(ctx, published, scope, options)
	if err == nil && options.Gathered != nil {
		err = options.Gathered(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("making the report: %w", err)
	}
	r := &Report{
		Subject: m.subject(), Kicker: m.kicker(), Title: m.title(), Lead: m.lead(), Notices: m.notices(),
		Counts: m.counts, Releases: m.releases, net: m.isNet(), Watched: !options.Watch.IsEmpty(),
		Generated: options.Generated.UTC(), Version: clean(options.Version),
	}
	for _, section := range []*Section{
		m.todo(), m.yours(), m.affected(),
		m.added(), m.discontinued(), m.reactivated(), m.reused(),
		m.descriptions(), m.payment(), m.coverage(), m.miscellaneous(), m.declaredRevisions(),
		m.byDate(), m.agreement(), m.absent(), m.corrections(), m.doubtful(), m.made(),
	} {
		if section != nil {
			r.Sections = append(r.Sections, *section)
		}
	}
	r.finish(m)
	r.Figures = m.figures(r)
	if m.several() { // they may be all there are, and the report has yet to be written down
		published.ForgetRecords()
	}
	return r, nil
}

// MaxRows is the number of rows of a table up to which the page shows all of
// them. Of a longer one it shows those whose codes it names elsewhere.
const MaxRows = 300

// finish decides what is left to decide for all tables alike: which rows the
// page shows, which columns are of use, which rows are entries.
func (r *Report) finish(m *material) {
	for s := range r.Sections {
		for t := range r.Sections[s].Tables {
			table := &r.Sections[s].Tables[t]
			table.dropEmptyColumns()
			table.limit(m)
			for i := range table.Rows {
				row := &table.Rows[i]
				row.Own = row.Code != "" && r.Sections[s].ID != "yours" && m.options.Watch.Has(row.Code)
			}
		}
	}
	r.setEntries()
}

// dropEmptyColumns takes out columns in which no row has anything.
func (t *Table) dropEmptyColumns() {
	if len(t.Rows) == 0 || t.SheetOnly {
		return
	}
	for at := len(t.Columns) - 1; at >= 0; at-- {
		used, usedSub := t.Columns[at].Kind == NumberCell, false
		for i := range t.Rows {
			cell := &t.Rows[i].Cells[at]
			used = used || !cell.isEmpty()
			usedSub = usedSub || cell.Sub != ""
		}
		if !usedSub {
			t.Columns[at].SubTitle = ""
		}
		if used {
			continue
		}
		t.Columns = append(t.Columns[:at:at], t.Columns[at+1:]...)
		for i := range t.Rows {
			cells := t.Rows[i].Cells
			t.Rows[i].Cells = append(cells[:at:at], cells[at+1:]...)
		}
	}
}

// limit sums a long table up. Where it covers several releases, the rows of the
// latest are shown where they stand first, as long as they are few enough.
func (t *Table) limit(m *material) {
	t.Shown = len(t.Rows)
	if t.SheetOnly {
		t.Shown = 0
		return
	}
	if len(t.Rows) <= MaxRows {
		return
	}
	t.Shown = 0
	if m.several() && t.Columns[0].Title == releaseColumn.Title {
		latest := m.latest().ID.String()
		for t.Shown < len(t.Rows) && t.Rows[t.Shown].Cells[0].Text == latest {
			t.Shown++
		}
		isLatest := func(row Row) bool { return row.Cells[0].Text == latest }
		if t.Shown > MaxRows || slices.ContainsFunc(t.Rows[t.Shown:], isLatest) {
			t.Shown = 0
		}
	}
	t.Summary = m.summaryOf(t)
}

// ErrNetOrder says that a net comparison was asked for backwards, or of a release
// with itself.
var ErrNetOrder = errors.New("the first release of a comparison must come before the second")
