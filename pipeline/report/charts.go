package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Chart is a picture as plain shapes, in units of about a pixel, and the same
// in words and as a table. No shape tells by its colour alone what it is.
type Chart struct {
	ID, Title, Description string
	Width, Height          int
	Bars                   []Bar
	Lines                  []Line
	Labels                 []Label
	Table                  Table
}

// Bar is a filled rectangle; Class names its colour.
type Bar struct {
	X, Y, Width, Height int
	Class               string
}

// Line is a stroke; Class names its kind.
type Line struct {
	X1, Y1, X2, Y2 int
	Class          string
}

// Label is text; Anchor is start, middle or end.
type Label struct {
	X, Y          int
	Anchor, Class string
	Text          string
}

// chartWidth is that of a narrow telephone, so that text stays readable there.
const chartWidth = 360

// familyChart shows the changes by kind and by family: a column of bars for
// each kind, all on one scale, each with its number.
func familyChart(of map[string]*familyCounts) Chart {
	kinds := []struct {
		title, class string
		count        func(*familyCounts) int
	}{
		{"Added", "added", func(c *familyCounts) int { return c.added }},
		{"Ended", "ended", func(c *familyCounts) int { return c.discontinued }},
		{"Revised", "revised", func(c *familyCounts) int { return c.revised }},
		{"Other", "other", func(c *familyCounts) int { return c.other }},
	}
	names := families(of)
	most := 1
	for k := len(kinds) - 1; k >= 0; k-- {
		used := false
		for _, name := range names {
			n := kinds[k].count(of[name])
			used, most = used || n > 0, max(most, n)
		}
		if !used {
			kinds = append(kinds[:k:k], kinds[k+1:]...)
		}
	}
	const labelWidth, rowHeight, barHeight, headHeight, numberWidth = 64, 19, 11, 24, 36
	c := Chart{
		ID: "chart-families", Title: "Changes by kind and by family of codes",
		Width: chartWidth, Height: headHeight + rowHeight*len(names) + 4,
		Table: Table{Compact: true, Columns: []Column{{Title: "Codes", SubTitle: "What they are for"}}},
	}
	width := (chartWidth - labelWidth) / len(kinds)
	for k, kind := range kinds {
		c.Labels = append(c.Labels, Label{labelWidth + k*width, 13, "start", "head", kind.title})
		c.Table.Columns = append(c.Table.Columns, Column{Title: kind.title, Kind: NumberCell})
	}
	var told []string
	for i, name := range names {
		y := headHeight + i*rowHeight
		c.Labels = append(c.Labels, Label{0, y + 10, "start", "", name})
		row := Row{Cells: []Cell{textOver(familyTitle(name), familyMeaning(name))}}
		var parts []string
		for k, kind := range kinds {
			n := kind.count(of[name])
			row.Cells = append(row.Cells, numberCell(n))
			if n == 0 {
				continue
			}
			x, length := labelWidth+k*width, max(2, n*(width-numberWidth)/most)
			c.Bars = append(c.Bars, Bar{x, y, length, barHeight, kind.class})
			c.Labels = append(c.Labels, Label{x + length + 4, y + 10, "start", "", number(n)})
			parts = append(parts, number(n)+" "+lowerFirst(kind.title))
		}
		told = append(told, name+": "+strings.Join(parts, ", "))
		c.Table.Rows = append(c.Table.Rows, row)
	}
	c.Table.Shown = len(c.Table.Rows)
	c.Description = strings.Join(told, "; ") + "."
	return c
}

// plot maps values to a rectangle of a chart.
type plot struct {
	left, right, top, bottom int
	fromX, toX, fromY, toY   int
}

func (p *plot) x(value int) int {
	if p.toX == p.fromX {
		return (p.left + p.right) / 2
	}
	return p.left + (value-p.fromX)*(p.right-p.left)/(p.toX-p.fromX)
}

func (p *plot) y(value int) int {
	return p.bottom - (value-p.fromY)*(p.bottom-p.top)/max(1, p.toY-p.fromY)
}

// timeAxis draws the axis with marks at quarters or years.
func (p *plot) timeAxis(c *Chart) {
	c.Lines = append(c.Lines, Line{p.left, p.bottom, p.right, p.bottom, "axis"})
	from, to := transform.Date(p.fromX).Time(), transform.Date(p.toX).Time()
	years := to.Year() - from.Year() + 1
	step := max(1, (years+6)/7)
	if years <= 2 {
		for at := release.QuarterOf(from); ; at = at.Next() {
			day := int(transform.DateOf(at.FirstDay()))
			if day > p.toX {
				return
			}
			if day >= p.fromX {
				p.mark(c, day, at.FirstDay().Format("Jan 2006"))
			}
		}
	}
	for year := from.Year(); year <= to.Year(); year++ {
		day := int(transform.DateOf(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)))
		if day >= p.fromX && year%step == 0 {
			p.mark(c, day, fmt.Sprint(year))
		}
	}
}

// mark puts a tick under the axis, and its label where the one before leaves
// room.
func (p *plot) mark(c *Chart, day int, text string) {
	x := p.x(day)
	c.Lines = append(c.Lines, Line{x, p.bottom, x, p.bottom + 4, "axis"})
	half := 3 * len(text)
	for i := range c.Labels {
		if l := &c.Labels[i]; l.Class == "tick" && x-half < l.X+3*len(l.Text)+6 {
			return
		}
	}
	c.Labels = append(c.Labels, Label{max(half+1, min(c.Width-half-1, x)), p.bottom + 16, "middle", "tick", text})
}

// datesChart shows on which days changes take effect, and where the quarter
// lies. It says no where all is on one day.
func datesChart(m *material, news []*entry) (Chart, bool) {
	of := map[transform.Date]int{}
	for _, e := range news {
		if e.Effective != transform.NoDate && e.what != transform.Vanished {
			of[e.Effective]++
		}
	}
	if len(of) < 2 {
		return Chart{}, false
	}
	dates := make([]transform.Date, 0, len(of))
	most := 0
	for date, n := range of {
		dates = append(dates, date)
		most = max(most, n)
	}
	slices.Sort(dates)
	start, end := m.quarterStart(), transform.DateOf(m.latest().ID.Quarter.Next().FirstDay())
	const height = 150
	c := Chart{ID: "chart-dates", Title: "When the changes take effect", Width: chartWidth, Height: height,
		Table: Table{Compact: true, Columns: []Column{{Title: "From", Kind: DateCell}, {Title: "Changes", Kind: NumberCell}}}}
	p := plot{left: 6, right: chartWidth - 8, top: 36, bottom: height - 22, fromX: int(min(dates[0], start)), toX: int(max(dates[len(dates)-1], end)), toY: most}
	c.Bars = append(c.Bars, Bar{p.x(int(start)), 18, max(2, p.x(int(end))-p.x(int(start))), p.bottom - 18, "quarter"})
	middle := (p.x(int(start)) + p.x(int(end))) / 2
	half := 3 * len("2025Q4")
	c.Labels = append(c.Labels, Label{min(max(middle, half), chartWidth-half), 13, "middle", "head", m.latest().ID.Quarter.String()})
	p.timeAxis(&c)
	for _, date := range dates {
		x := p.x(int(date))
		top := min(p.bottom-2, p.y(of[date]))
		c.Bars = append(c.Bars, Bar{x - 1, top, 3, p.bottom - top, barClass(date, start, end)})
		c.Table.Rows = append(c.Table.Rows, Row{Cells: []Cell{dateCell(date, ""), numberCell(of[date])}})
	}
	c.labelHighest(&p, dates, of)
	c.Table.Shown = len(c.Table.Rows)
	c.Description = describeDates(dates, of, start, end)
	return c, true
}

func barClass(date, start, end transform.Date) string {
	switch {
	case date < start:
		return "ended"
	case date >= end:
		return "other"
	}
	return "added"
}

// labelHighest writes the numbers over the highest bars, as long as they do not
// run into each other.
func (c *Chart) labelHighest(p *plot, dates []transform.Date, of map[transform.Date]int) {
	const labelled, apart = 6, 34
	highest := slices.Clone(dates)
	slices.SortStableFunc(highest, func(a, b transform.Date) int { return cmp.Compare(of[b], of[a]) })
	var taken []int
	for _, date := range highest {
		x := p.x(int(date))
		if len(taken) == labelled {
			return
		}
		if slices.ContainsFunc(taken, func(other int) bool { return max(x-other, other-x) < apart }) {
			continue
		}
		taken = append(taken, x)
		text := number(of[date])
		half := 4 * len(text)
		c.Labels = append(c.Labels, Label{max(half, min(chartWidth-half, x)), min(p.bottom-2, p.y(of[date])) - 4, "middle", "", text})
	}
}

func describeDates(dates []transform.Date, of map[transform.Date]int, start, end transform.Date) string {
	var before, within, after int
	for _, date := range dates {
		switch {
		case date < start:
			before += of[date]
		case date < end:
			within += of[date]
		default:
			after += of[date]
		}
	}
	text := fmt.Sprintf("Changes by the day from which they hold, %s to %s: %s within the quarter", longDate(dates[0]), longDate(dates[len(dates)-1]), number(within))
	if before > 0 {
		text += fmt.Sprintf(", %s before it", number(before))
	}
	if after > 0 {
		text += fmt.Sprintf(", %s after it", number(after))
	}
	return text + "."
}

// sizesChart shows the number of codes over the releases in hand, up to the one
// reported on. It says no where there are fewer than three.
func sizesChart(m *material) (Chart, bool) {
	var releases []load.Release
	for _, r := range m.all {
		if r.ID.Compare(m.latest().ID) > 0 {
			break
		}
		if n := len(releases); n > 0 && releases[n-1].ID.Quarter == r.ID.Quarter {
			r.Gap = releases[n-1].Gap
			releases[n-1] = r
			continue
		}
		releases = append(releases, r)
	}
	if len(releases) < 3 {
		return Chart{}, false
	}
	day := func(r *load.Release) int { return int(transform.DateOf(r.ID.Quarter.FirstDay())) }
	least, most := releases[0].Records, releases[0].Records
	for i := range releases {
		least, most = min(least, releases[i].Records), max(most, releases[i].Records)
	}
	low, high, step := niceRange(least, most)
	first, last := &releases[0], &releases[len(releases)-1]
	const height = 150
	c := Chart{ID: "chart-sizes", Title: "Codes in CMS's file, release by release", Width: chartWidth, Height: height,
		Table: Table{Compact: true, Columns: []Column{releaseColumn, {Title: "Codes", Kind: NumberCell}, {Title: "Procedures", Kind: NumberCell}, {Title: "Modifiers", Kind: NumberCell}}}}
	p := plot{left: 42, right: chartWidth - 12, top: 20, bottom: height - 22, fromX: day(first), toX: day(last), fromY: low, toY: high}
	for value := low; value <= high; value += step {
		y := p.y(value)
		if value > low {
			c.Lines = append(c.Lines, Line{p.left, y, p.right, y, "grid"})
		}
		c.Labels = append(c.Labels, Label{p.left - 5, y + 4, "end", "", number(value)})
	}
	p.timeAxis(&c)
	for i := range releases {
		r := &releases[i]
		x, y := p.x(day(r)), p.y(r.Records)
		if i > 0 {
			class := "series"
			if r.Gap {
				class = "series gap"
			}
			c.Lines = append(c.Lines, Line{p.x(day(&releases[i-1])), p.y(releases[i-1].Records), x, y, class})
		}
		if len(releases) <= 40 {
			c.Bars = append(c.Bars, Bar{x - 2, y - 2, 4, 4, "point"})
		}
		c.Table.Rows = append(c.Table.Rows, Row{Cells: []Cell{textCell(r.ID.String()), numberCell(r.Records), numberCell(r.Procedures), numberCell(r.Modifiers)}})
	}
	c.Labels = append(c.Labels, Label{p.right, p.y(last.Records) - 7, "end", "head", number(last.Records)})
	c.Table.Shown = len(c.Table.Rows)
	c.Description = fmt.Sprintf("From %s codes in %s to %s in %s.", number(first.Records), first.ID.Quarter, number(last.Records), last.ID.Quarter)
	if slices.ContainsFunc(releases, func(r load.Release) bool { return r.Gap }) {
		c.Description += " Broken lines: releases in between are missing."
	}
	return c, true
}

// niceRange gives round bounds and a round step for an axis of some four steps.
func niceRange(least, most int) (low, high, step int) {
	step = 1
	if span := most - least; span > 4 {
		magnitude := int(math.Pow10(int(math.Log10(float64(span) / 3))))
		step = magnitude
		for _, factor := range []int{1, 2, 5, 10} {
			if step = factor * magnitude; span/step <= 4 {
				break
			}
		}
	}
	low = least / step * step
	high = (most + step - 1) / step * step
	if high == low {
		high = low + step
	}
	return low, high, step
}
