package report

import (
	"cmp"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// A code's entry is the row to which links to it lead: where its change stands
// in full. Whatever the page names as changed has one, also where the table it
// stands in is summed up: then the page shows that row of it all the same.

// place is where a row stands.
type place struct {
	section, table, row int
	release             release.ID
	// aside marks a table that is about something else than what changed.
	aside bool
	shown bool
}

// compare orders the places of a code's rows, the best entry first: the latest
// change, told in full, in sight, and early in the page.
func (p *place) compare(other *place) int {
	return cmp.Or(
		other.release.Compare(p.release), falseFirst(p.aside, other.aside), falseFirst(!p.shown, !other.shown),
		cmp.Compare(p.section, other.section), cmp.Compare(p.table, other.table), cmp.Compare(p.row, other.row),
	)
}

func falseFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// setEntries decides for each code that the page names where its entry is, and
// fills the excerpts of tables that are summed up.
func (r *Report) setEntries() {
	best := r.bestEntries()
	taken := map[string]bool{}
	excerpts := map[*Table][]int{}
	var name func(row *Row, columns []Column)
	visit := func(code string) {
		at := best[code]
		if at == nil || taken[code] {
			return
		}
		taken[code] = true
		t := &r.Sections[at.section].Tables[at.table]
		t.Rows[at.row].Anchor = true
		if !at.shown {
			excerpts[t] = append(excerpts[t], at.row)
			name(&t.Rows[at.row], t.Columns)
		}
	}
	name = func(row *Row, columns []Column) {
		visit(row.Code)
		for i := range row.Cells {
			if columns[i].SheetOnly {
				continue
			}
			for _, piece := range row.Cells[i].Inline() {
				visit(piece.Code)
			}
		}
	}
	for s := range r.Sections {
		for t := range r.Sections[s].Tables {
			table := &r.Sections[s].Tables[t]
			for i := range table.Rows[:table.Shown] {
				name(&table.Rows[i], table.Columns)
			}
		}
	}
	r.entries = taken
	for t, rows := range excerpts {
		slices.Sort(rows)
		for _, row := range rows {
			t.Excerpt = append(t.Excerpt, t.Rows[row])
		}
	}
}

// bestEntries finds the best place for the entry of each code that changed.
func (r *Report) bestEntries() map[string]*place {
	best := map[string]*place{}
	for s := range r.Sections {
		for t := range r.Sections[s].Tables {
			table := &r.Sections[s].Tables[t]
			if !table.Entries {
				continue
			}
			for i := range table.Rows {
				at := &place{s, t, i, table.Rows[i].release, r.Sections[s].Background, i < table.Shown}
				if code := table.Rows[i].Code; best[code] == nil || at.compare(best[code]) < 0 {
					best[code] = at
				}
			}
		}
	}
	return best
}
