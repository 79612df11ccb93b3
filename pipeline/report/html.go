package report

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"slices"
)

//go:embed templates
var templateFiles embed.FS

// pageTemplates make the page. Values are escaped by html/template, and in tables by
// tableWriter; only the style sheet, a file of ours, is taken as it stands.
var pageTemplates = template.Must(template.New("page").Funcs(template.FuncMap{
	"number": number,
	"style":  func() template.CSS { return template.CSS(readTemplate("page.css")) },
	"kind":   cellKindName,
	"box":    func(c Chart) string { return fmt.Sprintf("0 0 %d %d", c.Width, c.Height) },
	"of":     func(r *Report, value any) withReport { return withReport{r, value} },

	"rows":      rowsHTML,
	"hidden":    func(t Table) int { return len(t.Rows) - t.Shown },
	"remaining": remainingInPage,
	// captioned gives a table its section's title where it has none.
	"captioned": captioned,
}).ParseFS(templateFiles, "templates/page.gohtml", "templates/table.gohtml"))

// withReport hands the report down to a part of the page.
type withReport struct {
	Report *Report
	Value  any
}

func captioned(table any, title string) (*Table, error) {
	var t Table
	switch given := table.(type) {
	case Table:
		t = given
	case *Table:
		t = *given
	default:
		return nil, fmt.Errorf("a caption for %T", table)
	}
	if t.Title == "" {
		t.Title = title
	}
	t.leaveOutEmptyColumns()
	return &t, nil
}

// inPage gives the rows that the page shows.
func (t *Table) inPage() []Row { return slices.Concat(t.Rows[:t.Shown], t.Excerpt) }

// leaveOutEmptyColumns keeps columns out of the page that only rows use which it
// does not show.
func (t *Table) leaveOutEmptyColumns() {
	rows := t.inPage()
	if len(rows) == len(t.Rows) {
		return
	}
	t.Columns = slices.Clone(t.Columns)
	for i := range t.Columns {
		if t.Columns[i].Kind != NumberCell && !slices.ContainsFunc(rows, func(row Row) bool { return !row.Cells[i].isEmpty() }) {
			t.Columns[i].SheetOnly = true
		}
	}
}

// headColumn is the place of the cell that heads a row: its code, else the
// first one.
func (t *Table) headColumn() int {
	return max(0, slices.IndexFunc(t.Columns, func(c Column) bool { return c.Kind == CodeCell }))
}

func readTemplate(name string) string {
	text, err := templateFiles.ReadFile("templates/" + name)
	if err != nil {
		panic("report: " + err.Error()) // embedded: a mistake in the program
	}
	return string(text)
}

// HTML writes the report as one page that needs nothing else: no scripts, no
// other file, readable in the dark, on paper and on a telephone.
func HTML(r *Report) ([]byte, error) {
	var page bytes.Buffer
	if err := pageTemplates.ExecuteTemplate(&page, "page.gohtml", r); err != nil {
		return nil, fmt.Errorf("writing the page: %w", err)
	}
	return page.Bytes(), nil
}

// remainingInPage says where the rows are that the page does not show.
func remainingInPage(t Table) string {
	text := number(len(t.Rows)) + " rows are too many for a page."
	if t.Shown > 0 {
		text = fmt.Sprintf("The first %s of %s rows follow, those of the latest release.", number(t.Shown), number(len(t.Rows)))
	}
	text += fmt.Sprintf(" They stand whole in the workbook, sheet “%s”.", t.Sheet)
	switch n := len(t.Excerpt); {
	case n > 0 && t.Shown > 0:
		text += fmt.Sprintf(" After them %s that this page names elsewhere.", counted(n, "code"))
	case n == 1:
		text += " The one code that this page names elsewhere follows."
	case n > 1:
		text += fmt.Sprintf(" The %s that this page names elsewhere follow.", counted(n, "code"))
	}
	return text
}

func cellKindName(kind CellKind) string {
	switch kind {
	case CodeCell:
		return "code"
	case DateCell:
		return "date"
	case NumberCell:
		return "number"
	case InlineCell:
		return "inline"
	case DiffCell:
		return "diff"
	case FieldsCell:
		return "fields"
	}
	return "text"
}
