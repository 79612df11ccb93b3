package report

import (
	"html/template"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// tableWriter writes the rows of tables and their cells as HTML. A page on four annual
// releases has eight thousand of them, which took html/template half of the time of a whole
// report; here the text of a release goes through text and attribute alone, which escape
// it, and all else that is written is a constant of this file.
type tableWriter struct {
	report *Report
	html   strings.Builder
}

// rowsHTML gives the rows of a table that the page shows.
func rowsHTML(r *Report, t *Table) template.HTML {
	w := &tableWriter{report: r}
	head := t.headColumn()
	for _, row := range t.inPage() {
		w.row(t, head, &row)
	}
	return template.HTML(w.html.String())
}

// cellHTML gives what stands in a cell.
func cellHTML(r *Report, c *Cell) template.HTML {
	w := &tableWriter{report: r}
	w.cell(c)
	return template.HTML(w.html.String())
}

// markup writes HTML of the program's own.
func (w *tableWriter) markup(html string) { w.html.WriteString(html) }

// text writes what stands between tags or in the quotes of an attribute.
func (w *tableWriter) text(text string) {
	const special = "\x00\"&'<>"
	if !strings.ContainsAny(text, special) {
		w.html.WriteString(text)
		return
	}
	w.html.WriteString(template.HTMLEscapeString(text))
}

func (w *tableWriter) attribute(name, value string) {
	w.markup(" " + name + `="`)
	w.text(value)
	w.markup(`"`)
}

func (w *tableWriter) row(t *Table, head int, row *Row) {
	w.markup("\n<tr")
	if row.Anchor {
		w.attribute("id", "c-"+row.Code)
	}
	if row.Own {
		w.attribute("class", "own")
	}
	w.markup(">")
	for i := range row.Cells {
		column, c := &t.Columns[i], &row.Cells[i]
		switch {
		case column.SheetOnly:
		case i == head:
			w.headCell(row, c)
		case c.isEmpty():
			w.markup(`<td class="blank"></td>`)
		default:
			w.markup("<td")
			w.attribute("class", cellKindName(c.Kind))
			if t.Stacked || !t.Compact && !unlabelled[column.Title] {
				w.attribute("data-label", column.Title)
			}
			w.markup(">")
			w.cell(c)
			w.markup("</td>")
		}
	}
	w.markup("</tr>")
}

// headCell writes the cell that heads a row; a row that links lead to has no link.
func (w *tableWriter) headCell(row *Row, c *Cell) {
	w.markup(`<th scope="row"`)
	w.attribute("class", cellKindName(c.Kind))
	w.markup(">")
	if row.Anchor {
		w.plainCode(row.Code)
	} else {
		w.cell(c)
	}
	if row.Own && c.Kind == CodeCell {
		w.markup(`<span class="mark"> on your list</span>`)
	}
	w.markup("</th>")
}

func (w *tableWriter) cell(c *Cell) {
	switch c.Kind {
	case CodeCell:
		w.code(c.Text)
	case DateCell:
		if c.Date != transform.NoDate {
			day := c.Date.String()
			w.markup("<time")
			w.attribute("datetime", day)
			w.markup(">")
			w.text(day)
			w.markup("</time>")
		}
	case NumberCell:
		w.text(number(c.Number))
	case InlineCell:
		for _, piece := range c.Inline() {
			w.text(piece.Text)
			if piece.Code != "" {
				w.code(piece.Code)
			}
		}
	case DiffCell:
		w.diff(c.Diff())
	case FieldsCell:
		for _, field := range c.Fields() {
			w.field(&field)
		}
	default:
		w.text(c.Text)
	}
	if c.Sub != "" {
		w.markup(`<div class="sub">`)
		w.text(c.Sub)
		w.markup("</div>")
	}
}

// code writes a code, which links to its entry where the page has one.
func (w *tableWriter) code(code string) {
	if !w.report.HasEntry(code) {
		w.plainCode(code)
		return
	}
	w.markup(`<a class="hc"`)
	w.attribute("href", "#c-"+template.URLQueryEscaper(code))
	w.markup(">")
	w.text(code)
	w.markup("</a>")
}

func (w *tableWriter) plainCode(code string) {
	w.markup(`<span class="hc">`)
	w.text(code)
	w.markup("</span>")
}

func (w *tableWriter) diff(d *Diff) {
	if d == nil {
		return
	}
	w.markup(`<span class="diff">`)
	for _, piece := range d.Pieces {
		if piece.Blank {
			w.markup(" ")
		}
		begin, end := "", ""
		switch piece.Op {
		case Gone:
			begin, end = "<del>", "</del>"
		case Come:
			begin, end = "<ins>", "</ins>"
		}
		w.markup(begin)
		w.text(piece.Text)
		w.markup(end)
	}
	w.markup("</span>")
}

func (w *tableWriter) field(f *FieldLine) {
	w.markup(`<div class="field"><b>`)
	w.text(f.Title)
	w.markup("</b> ")
	w.value(f.Old, f.OldMeaning)
	w.markup(` <span class="arrow" aria-label="is now">→</span> `)
	w.value(f.New, f.NewMeaning)
	w.markup("</div>")
}

// value writes a value of a field, and what it means.
func (w *tableWriter) value(text, meaning string) {
	if text == "" {
		w.markup(`<span class="none">none</span>`)
		return
	}
	w.markup(`<span class="value">`)
	w.text(text)
	w.markup("</span>")
	if meaning != "" {
		w.markup(` <span class="meaning">`)
		w.text(meaning)
		w.markup("</span>")
	}
}
