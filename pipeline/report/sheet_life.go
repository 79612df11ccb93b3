package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// lifePictures show a code's life over both times, once for wide and once for
// narrow screens: dates from left to right, and from top to bottom the releases
// that said something new. Each row is what was known from that release on.
type lifePictures struct {
	// Description says the same in words.
	Description  []string
	Wide, Narrow Chart
}

// The widths of the pictures, in pixels.
const (
	wideLife   = 760
	narrowLife = 340
)

// knownRow is what was known of a code from one release on.
type knownRow struct {
	from      release.ID
	stretches []transform.Stretch
}

// newLife draws the life of a code, and lists its stretches.
func newLife(s *CodeSheet) (lifePictures, Table) {
	rows := knownRows(s)
	records := numberRecords(s.History)
	pictures := lifePictures{Wide: drawLife(s, rows, records, wideLife), Narrow: drawLife(s, rows, records, narrowLife)}
	for i, row := range rows {
		pictures.Description = append(pictures.Description, describeKnown(row, records, i == 0))
	}
	t := Table{Title: "What was true on which dates, and according to which releases", Columns: []Column{
		{Title: "Valid from", SubTitle: "Why", Kind: DateCell}, {Title: "Valid to"}, {Title: "Known from"}, {Title: "Known to"}, {Title: "Record", Kind: NumberCell}, {Title: "State"},
	}}
	for i := range s.History {
		r := &s.History[i]
		to, until := r.To.String(), "still"
		if r.To == transform.OpenEnd {
			to = "open"
		}
		if r.KnownTo != (release.ID{}) {
			until = releaseTitle(r.KnownTo)
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			dateCell(r.From, basisWords[r.Basis]), textCell(to), textCell(releaseTitle(r.KnownFrom)), textCell(until),
			numberCell(records[*r.Content]), textCell(stretchWords(&r.Stretch)),
		}})
	}
	t.Shown = len(t.Rows)
	return pictures, t
}

// basisWords say where the start of a stretch comes from.
var basisWords = map[transform.Basis]string{
	transform.BasisAdded: "added date", transform.BasisAction: "action effective date", transform.BasisTermination: "day after the termination date",
	transform.BasisCorrection: "correction", transform.BasisRelease: "first day of the quarter", transform.BasisAbsence: "left out from then on",
}

// knownRows gives what was known from each release on that said something new.
func knownRows(s *CodeSheet) []knownRow {
	var told []release.ID
	for i := range s.History {
		for _, id := range []release.ID{s.History[i].KnownFrom, s.History[i].KnownTo} {
			if id != (release.ID{}) && !slices.Contains(told, id) {
				told = append(told, id)
			}
		}
	}
	slices.SortFunc(told, release.ID.Compare)
	rows := make([]knownRow, len(told))
	for i, id := range told {
		rows[i] = knownRow{id, s.KnownAt(id)}
	}
	return rows
}

// numberRecords numbers the different records of a code in the order in which
// they became known.
func numberRecords(history []transform.Rectangle) map[transform.Content]int {
	numbers := map[transform.Content]int{}
	for i := range history {
		if content := *history[i].Content; numbers[content] == 0 {
			numbers[content] = len(numbers) + 1
		}
	}
	return numbers
}

// stretchWords says what is true of a code for some dates.
func stretchWords(s *transform.Stretch) string {
	words := "valid"
	switch {
	case !s.Listed:
		words = "left out of CMS's file, not ended"
		if s.Status == transform.Terminated {
			words = "ended, and left out of CMS's file"
		}
	case s.Status == transform.Terminated:
		words = "ended"
	}
	if !s.Attested && s.Listed {
		words += "; the record of these dates is in no file"
	}
	if s.Life > 1 {
		words += "; life " + strconv.Itoa(s.Life)
	}
	return words
}

func describeKnown(row knownRow, records map[transform.Content]int, first bool) string {
	var parts []string
	for i := range row.stretches {
		s := &row.stretches[i]
		to := " to " + (s.To - 1).String()
		if s.To == transform.OpenEnd {
			to = " on"
		}
		parts = append(parts, fmt.Sprintf("from %s%s %s (record %d)", s.From, to, stretchWords(s), records[*s.Content]))
	}
	since := "From release " + releaseTitle(row.from) + " on, known: "
	if first {
		since = "First seen in release " + releaseTitle(row.from) + ": "
	}
	return since + strings.Join(parts, "; ") + "."
}

// drawLife draws the rows in a width. What a bar stands for is written in it, or
// to be seen in its shape: dead is hollow, left out is thin, unattested is dashed.
func drawLife(s *CodeSheet, rows []knownRow, records map[transform.Content]int, width int) Chart {
	const labelWidth, rowHeight, barHeight, headHeight, axisHeight = 62, 24, 16, 6, 24
	c := Chart{
		ID: "life-" + strconv.Itoa(width), Title: "The life of " + clean(s.Record.Code) + " over both times",
		Width: width, Height: headHeight + rowHeight*len(rows) + axisHeight,
	}
	p := plot{left: labelWidth, right: width - 12, top: headHeight, bottom: headHeight + rowHeight*len(rows)}
	from, to := datesOf(s)
	p.fromX, p.toX = int(from), int(to)
	p.timeAxis(&c)
	for i, row := range rows {
		y := headHeight + i*rowHeight
		c.Labels = append(c.Labels, Label{0, y + 14, "start", "tick", releaseTitle(row.from)})
		for j := range row.stretches {
			stretch := &row.stretches[j]
			left, right := p.x(max(int(stretch.From), p.fromX)), p.right
			if stretch.To != transform.OpenEnd {
				right = p.x(min(int(stretch.To), p.toX))
			}
			bar := Bar{left, y + 2, max(2, right-left-1), barHeight, "valid"}
			word := strconv.Itoa(records[*stretch.Content]) + " valid"
			switch {
			case !stretch.Listed:
				bar.Class, bar.Y, bar.Height, word = "absent", y+8, 4, ""
			case stretch.Status == transform.Terminated:
				bar.Class, word = "dead", "ended"
			case !stretch.Attested:
				bar.Class, word = "unattested", "not attested"
			}
			c.Bars = append(c.Bars, bar)
			for _, shorter := range []string{word, strings.TrimSuffix(word, " valid")} {
				if needed := 7*len(shorter) + 6; shorter != "" && needed <= bar.Width {
					c.Labels = append(c.Labels, Label{left + 4, y + 14, "start", "in-" + bar.Class, shorter})
					break
				}
			}
		}
	}
	return c
}

// datesOf gives the dates that a picture of a life spans: from its first day to a
// year after the last thing that happened or was said.
func datesOf(s *CodeSheet) (from, to transform.Date) {
	from, to = transform.OpenEnd, transform.DateOf(s.Latest.Quarter.FirstDay())
	for i := range s.History {
		r := &s.History[i]
		from, to = min(from, r.From), max(to, r.From)
		if r.To != transform.OpenEnd {
			to = max(to, r.To)
		}
	}
	const year = 365
	return from, to + year
}
