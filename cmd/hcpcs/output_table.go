package main

import (
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// gap is what stands between two columns.
const gap = "  "

// longestUnbroken is the width of words that are never broken: codes, dates and
// releases stay whole.
const longestUnbroken = 16

// writeText writes a table for people, as wide as the terminal at the most. Where
// its columns do not fit, spare ones are left out, and said; where that is not
// enough each row is written as a list of its values.
func (t *table) writeText(out io.Writer, width int) error {
	fitting, left := t.fitting(width)
	if fitting == nil {
		return t.writeRecords(out, width)
	}
	if err := fitting.draw(out, width); err != nil {
		return err
	}
	if len(left) == 0 {
		return nil
	}
	note := fmt.Sprintf("Left out for want of width: %s; --format csv has all.", list(left, "and"))
	_, err := fmt.Fprintf(out, "\n%s\n", strings.Join(wrap(note, width), "\n"))
	return err
}

// fitting leaves out spare columns until the others fit, without breaking a word
// if that can be; nil where they cannot. left are the titles of what was left
// out.
func (t *table) fitting(width int) (fitting *table, left []string) {
	most := 0
	for i := range t.columns {
		most = max(most, t.columns[i].spare)
	}
	for _, unbroken := range [...]int{width, longestUnbroken} {
		for spare := most; spare >= 0; spare-- {
			narrowed := t.without(spare)
			if narrowed.widths(width, unbroken) == nil {
				continue
			}
			for i := range t.columns {
				if t.columns[i].spare > spare {
					left = append(left, strings.ToLower(t.columns[i].heading()))
				}
			}
			return narrowed, left
		}
	}
	return nil, nil
}

// without gives the table less its columns that are more spare than that.
func (t *table) without(spare int) *table {
	kept := &table{rows: make([][]any, len(t.rows))}
	for i, column := range t.columns {
		if column.spare > spare {
			continue
		}
		kept.columns = append(kept.columns, column)
		for row := range t.rows {
			kept.rows[row] = append(kept.rows[row], t.rows[row][i])
		}
	}
	return kept
}

func (c *column) heading() string {
	if c.title != "" {
		return c.title
	}
	return c.name
}

// cell gives the lines of a value, not wrapped yet.
func cell(value any) []string {
	if several, ok := value.(lines); ok {
		cleaned := make([]string, len(several))
		for i := range several {
			cleaned[i] = clean(several[i], false)
		}
		return cleaned
	}
	return []string{clean(readable(value), false)}
}

// widths shares a width out among the columns: each gets what it needs, and
// where that is too much the widest ones are narrowed until all fit. nil where
// they cannot without breaking a word shorter than unbroken.
func (t *table) widths(width, unbroken int) []int {
	natural, least := make([]int, len(t.columns)), make([]int, len(t.columns))
	for i := range t.columns {
		heading := clean(t.columns[i].heading(), false)
		natural[i], least[i] = textWidth(heading), longestWord(heading)
		for row := range t.rows {
			for _, line := range cell(t.rows[row][i]) {
				natural[i] = max(natural[i], textWidth(line))
				least[i] = max(least[i], min(longestWord(line), unbroken))
			}
		}
		if t.columns[i].right {
			least[i] = natural[i]
		}
	}
	available := width - len(gap)*(len(t.columns)-1)
	atMost := func(limit int) (widths []int, sum int) {
		widths = make([]int, len(natural))
		for i := range natural {
			widths[i] = min(natural[i], max(limit, least[i]))
			sum += widths[i]
		}
		return widths, sum
	}
	if _, sum := atMost(0); sum > available {
		return nil
	}
	// The largest limit under which they fit.
	limit := sort.Search(slices.Max(append(natural, 0)), func(limit int) bool {
		_, sum := atMost(limit + 1)
		return sum > available
	})
	widths, sum := atMost(limit)
	for i := range widths { // what is left over, a column each
		if sum < available && widths[i] < natural[i] {
			widths[i]++
			sum++
		}
	}
	return widths
}

// draw draws the table into a width into which it fits.
func (t *table) draw(out io.Writer, width int) error {
	widths := t.widths(width, width)
	if widths == nil {
		widths = t.widths(width, longestUnbroken)
	}
	writer := pretty.NewWriter()
	style := pretty.StyleLight
	style.Options = pretty.Options{SeparateHeader: true, SeparateColumns: true}
	style.Format = pretty.FormatOptions{Header: text.FormatDefault, Row: text.FormatDefault}
	style.Box.PaddingLeft, style.Box.PaddingRight = "", ""
	style.Box.MiddleVertical, style.Box.MiddleSeparator = gap, gap
	writer.SetStyle(style)

	header := make(pretty.Row, len(t.columns))
	configs := make([]pretty.ColumnConfig, len(t.columns))
	for i := range t.columns {
		header[i] = strings.Join(wrap(clean(t.columns[i].heading(), false), widths[i]), "\n")
		configs[i] = pretty.ColumnConfig{Number: i + 1, WidthMin: widths[i], VAlign: text.VAlignTop, VAlignHeader: text.VAlignBottom}
		if t.columns[i].right {
			configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
		}
	}
	writer.SetColumnConfigs(configs)
	writer.AppendHeader(header)
	rows, tall := t.wrapped(widths)
	for i, row := range rows {
		if i > 0 && tall {
			writer.AppendRow(blankRow(len(row))) // a blank line tells tall rows apart
		}
		writer.AppendRow(row)
	}
	for line := range strings.SplitSeq(writer.Render(), "\n") {
		if _, err := fmt.Fprintln(out, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	return nil
}

func blankRow(columns int) pretty.Row {
	row := make(pretty.Row, columns)
	for i := range row {
		row[i] = ""
	}
	return row
}

// wrapped breaks the values into the lines of their columns, and tells whether
// many a row has more than two.
func (t *table) wrapped(widths []int) (rows []pretty.Row, tall bool) {
	many := 0
	for _, values := range t.rows {
		row := make(pretty.Row, len(values))
		height := 1
		for i, value := range values {
			var wrapped []string
			for _, line := range cell(value) {
				wrapped = append(wrapped, wrap(line, widths[i])...)
			}
			height = max(height, len(wrapped))
			row[i] = strings.Join(wrapped, "\n")
		}
		if height > 2 {
			many++
		}
		rows = append(rows, row)
	}
	return rows, many*4 > len(rows)
}

// writeRecords writes each row as a list of its values.
func (t *table) writeRecords(out io.Writer, width int) error {
	for i, values := range t.rows {
		if i > 0 {
			if _, err := fmt.Fprintln(out); err != nil {
				return err
			}
		}
		pairs := make([]pair, len(values))
		for j, value := range values {
			pairs[j] = pair{title: t.columns[j].heading(), value: cell(value)}
		}
		if err := writePairs(out, pairs, width); err != nil {
			return err
		}
	}
	return nil
}
