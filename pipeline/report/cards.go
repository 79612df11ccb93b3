package report

import (
	"strings"
	"unicode/utf8"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// card is a row as text and mail show it: what heads it, the short facts beside
// that, and lines of running text below.
type card struct {
	Head  string
	Own   bool
	Facts []string
	Lines []cardLine
}

// cardLine is a cell under its label, "" where it needs none.
type cardLine struct {
	Label string
	Cell  Cell
}

// unlabelled are the columns whose cells speak for themselves.
var unlabelled = map[string]bool{
	describeColumn.Title: true, shortColumn.Title: true, "Change": true, "What it means for claims since then": true, "What changed": true,
	"Why": true, "Long description": true,
}

// maxFact is the number of characters up to which running text is a fact.
const maxFact = 40

func cardOf(t *Table, row *Row) card {
	head := t.headColumn()
	c := card{Head: headText(&row.Cells[head]), Own: row.Own}
	for i := range row.Cells {
		cell := row.Cells[i]
		title := t.Columns[i].Title
		switch {
		case i == head || cell.isEmpty() || t.Columns[i].SheetOnly:
		case title == releaseColumn.Title:
			c.Facts = append(c.Facts, cell.Text)
		case cell.Kind == DateCell || cell.Kind == NumberCell:
			c.Facts = append(c.Facts, factOf(title, &cell))
		case title == "Change" && cell.Sub == "" && utf8.RuneCountInString(cell.Text) <= maxFact:
			c.Facts = append(c.Facts, cell.Text)
		case cell.Kind == InlineCell && utf8.RuneCountInString(cell.plain()) <= maxFact:
			c.Facts = append(c.Facts, lowerFirst(title)+": "+cell.plain())
		default:
			label := title
			if unlabelled[title] {
				label = ""
			}
			c.Lines = append(c.Lines, cardLine{label, cell})
		}
	}
	return c
}

func headText(cell *Cell) string {
	if cell.Kind == DateCell {
		return cell.Date.String()
	}
	return cell.Text
}

func factOf(title string, cell *Cell) string {
	value := number(cell.Number)
	if cell.Kind == DateCell {
		value = cell.Date.String()
	}
	fact := strings.TrimSpace(lowerFirst(title) + " " + value)
	if cell.Sub != "" {
		fact += " (" + cell.Sub + ")"
	}
	return fact
}

// plain gives a cell as text on one line; its Sub is left to the caller.
func (c *Cell) plain() string {
	switch c.Kind {
	case DateCell:
		return c.Date.String()
	case NumberCell:
		return number(c.Number)
	case InlineCell:
		return plainText(c.Inline())
	case DiffCell:
		if c.Diff() == nil {
			return ""
		}
		return c.Diff().Marked()
	case FieldsCell:
		lines := make([]string, len(c.Fields()))
		for i := range c.Fields() {
			lines[i] = c.Fields()[i].plain()
		}
		return strings.Join(lines, "; ")
	}
	return c.Text
}

// plain gives "Coverage code: C (…) -> D (…)".
func (f *FieldLine) plain() string {
	return f.Title + ": " + valueText(f.Old, f.OldMeaning) + " -> " + valueText(f.New, f.NewMeaning)
}

func valueText(value, meaning string) string {
	switch {
	case value == "":
		return "none"
	case meaning == "":
		return value
	}
	return value + " (" + meaning + ")"
}

// day is the day of a cell, and whether it has one.
func (c *Cell) day() (transform.Date, bool) { return c.Date, c.Date != transform.NoDate }
