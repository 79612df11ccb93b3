package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/zip"
	"github.com/xuri/excelize/v2"
)

// Workbook writes the report as an .xlsx file: a sheet a table, all rows,
// headers that stay in sight, filters. Dates are dates, numbers are numbers,
// all else is text, also where it begins with = + - or @: no cell is a formula.
func Workbook(r *Report) ([]byte, error) {
	book := excelize.NewFile().SetZipWriter(func(to io.Writer) excelize.ZipWriter { return zip.NewWriter(to) })
	w := &bookWriter{book: book}
	err := w.write(r)
	var content bytes.Buffer
	if err == nil {
		err = book.Write(&content)
	}
	if closing := book.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return nil, fmt.Errorf("writing the workbook: %w", err)
	}
	return inOrder(content.Bytes())
}

// inOrder puts the parts of a workbook in the order of their names, since they
// are written in any: the same report gives the same bytes.
func inOrder(content []byte) ([]byte, error) {
	parts, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, fmt.Errorf("ordering the workbook: %w", err)
	}
	slices.SortFunc(parts.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	var ordered bytes.Buffer
	writer := zip.NewWriter(&ordered)
	for _, part := range parts.File {
		if err := writer.Copy(part); err != nil {
			return nil, fmt.Errorf("ordering the workbook: %w", err)
		}
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("ordering the workbook: %w", err)
	}
	return ordered.Bytes(), nil
}

type bookWriter struct {
	book                     *excelize.File
	head, text, date, number int // styles
	tables                   int
}

func (w *bookWriter) write(r *Report) error {
	if err := w.styles(); err != nil {
		return err
	}
	if err := w.summary(r); err != nil {
		return err
	}
	for i := range r.Sections {
		for j := range r.Sections[i].Tables {
			t := &r.Sections[i].Tables[j]
			if t.Sheet == "" || len(t.Rows) == 0 {
				continue
			}
			if err := w.sheet(t); err != nil {
				return fmt.Errorf("sheet %q: %w", t.Sheet, err)
			}
		}
	}
	made := r.Generated.Format(time.RFC3339)
	return w.book.SetDocProps(&excelize.DocProperties{Title: r.Subject, Creator: strings.TrimSpace("hcpcs " + r.Version), Created: made, Modified: made, LastModifiedBy: "hcpcs"})
}

func (w *bookWriter) styles() error {
	const asText = 49 // "@": what is typed over it stays text, too
	iso := "yyyy-mm-dd"
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	for _, style := range []struct {
		into *int
		of   excelize.Style
	}{
		{&w.head, excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: asText, Alignment: &excelize.Alignment{Vertical: "bottom", WrapText: true}}},
		{&w.text, excelize.Style{NumFmt: asText, Alignment: top}},
		{&w.date, excelize.Style{CustomNumFmt: &iso, Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left"}}},
		{&w.number, excelize.Style{NumFmt: 3, Alignment: &excelize.Alignment{Vertical: "top"}}},
	} {
		id, err := w.book.NewStyle(&style.of)
		if err != nil {
			return err
		}
		*style.into = id
	}
	return nil
}

// summary writes the first sheet: the headline, and what must be known to read
// the others.
func (w *bookWriter) summary(r *Report) error {
	const name = "Summary"
	if err := w.book.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	sheet, err := w.book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := sheet.SetColWidth(1, 1, 24); err != nil {
		return err
	}
	if err := sheet.SetColWidth(2, 2, 100); err != nil {
		return err
	}
	rows := [][]any{{w.styled(w.head, r.Kicker), w.styled(w.head, r.Title)}}
	for i, sentence := range r.Lead {
		label := ""
		if i == 0 {
			label = "In words"
		}
		rows = append(rows, []any{w.styled(w.text, label), w.styled(w.text, sentence)})
	}
	for _, f := range r.Figures {
		rows = append(rows, []any{w.styled(w.text, sentenceStart(f.Label)), excelize.Cell{StyleID: w.number, Value: f.Number}})
	}
	for _, notice := range r.Notices {
		rows = append(rows, []any{w.styled(w.text, notice.Title), w.styled(w.text, notice.Text)})
	}
	for i := range r.Sections {
		s := &r.Sections[i]
		for _, said := range append(s.Intro[:len(s.Intro):len(s.Intro)], s.Empty) {
			if said != "" {
				rows = append(rows, []any{w.styled(w.text, s.Title), w.styled(w.text, said)})
			}
		}
	}
	for i, row := range rows {
		if err := sheet.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			return err
		}
	}
	return sheet.Flush()
}

func (w *bookWriter) styled(style int, text string) excelize.Cell {
	return excelize.Cell{StyleID: style, Value: text}
}

// bookColumn is a column of a sheet: a column of the table has one or more.
type bookColumn struct {
	title string
	width float64
	// cell gives its value of a row; line counts the fields of a FieldsCell,
	// which have a row each.
	cell func(row *Row, line int) any
}

func (w *bookWriter) sheet(t *Table) error {
	if _, err := w.book.NewSheet(t.Sheet); err != nil {
		return err
	}
	sheet, err := w.book.NewStreamWriter(t.Sheet)
	if err != nil {
		return err
	}
	columns := w.columns(t)
	for i, column := range columns {
		if err := sheet.SetColWidth(i+1, i+1, column.width); err != nil {
			return err
		}
	}
	if err := sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	head := make([]any, len(columns))
	for i, column := range columns {
		head[i] = w.styled(w.head, column.title)
	}
	if err := sheet.SetRow("A1", head); err != nil {
		return err
	}
	number := 1
	for i := range t.Rows {
		row := &t.Rows[i]
		for line := range linesOf(row) {
			number++
			cells := make([]any, len(columns))
			for c := range columns {
				cells[c] = columns[c].cell(row, line)
			}
			if err := sheet.SetRow(fmt.Sprintf("A%d", number), cells); err != nil {
				return err
			}
		}
	}
	last, err := excelize.CoordinatesToCellName(len(columns), number)
	if err != nil {
		return err
	}
	w.tables++
	striped := false
	if err := sheet.AddTable(&excelize.Table{
		Range: "A1:" + last, Name: fmt.Sprintf("hcpcs_%d", w.tables), StyleName: "TableStyleLight1", ShowRowStripes: &striped,
	}); err != nil {
		return err
	}
	return sheet.Flush()
}

// linesOf is the number of rows that a row takes: one for each changed field.
func linesOf(row *Row) int {
	lines := 1
	for i := range row.Cells {
		lines = max(lines, len(row.Cells[i].Fields()))
	}
	return lines
}

func (w *bookWriter) columns(t *Table) []bookColumn {
	var columns []bookColumn
	taken := map[string]bool{}
	add := func(title string, width float64, cell func(row *Row, line int) any) {
		unique := title
		for n := 2; taken[strings.ToLower(unique)]; n++ {
			unique = fmt.Sprintf("%s %d", title, n)
		}
		taken[strings.ToLower(unique)] = true
		columns = append(columns, bookColumn{unique, width, cell})
	}
	text := func(title string, width float64, of func(row *Row, line int) string) {
		add(title, width, func(row *Row, line int) any { return w.styled(w.text, of(row, line)) })
	}
	for i, column := range t.Columns {
		switch column.Kind {
		case DateCell:
			add(column.Title, 12, func(row *Row, _ int) any {
				if day, ok := row.Cells[i].day(); ok {
					return excelize.Cell{StyleID: w.date, Value: day.Time()}
				}
				return nil
			})
		case NumberCell:
			add(column.Title, 10, func(row *Row, _ int) any {
				if row.Cells[i].Kind != NumberCell {
					return nil // there is none
				}
				return excelize.Cell{StyleID: w.number, Value: row.Cells[i].Number}
			})
		case DiffCell:
			diff := func(row *Row) *Diff {
				if row.Cells[i].Diff() == nil {
					return &Diff{}
				}
				return row.Cells[i].Diff()
			}
			text(column.Title+" before", 44, func(row *Row, _ int) string { return diff(row).Old })
			text(column.Title+" after", 44, func(row *Row, _ int) string { return diff(row).New })
			add(column.Title+" word by word", 60, func(row *Row, _ int) any {
				return excelize.Cell{StyleID: w.text, Value: richText(diff(row))}
			})
		case FieldsCell:
			field := func(of func(*FieldLine) string) func(*Row, int) string {
				return func(row *Row, line int) string {
					if line >= len(row.Cells[i].Fields()) {
						return ""
					}
					return of(&row.Cells[i].Fields()[line])
				}
			}
			text("Field", 28, field(func(f *FieldLine) string { return f.Title }))
			text("Before", 18, field(func(f *FieldLine) string { return f.Old }))
			text("After", 18, field(func(f *FieldLine) string { return f.New }))
			text("Before means", 36, field(func(f *FieldLine) string { return f.OldMeaning }))
			text("After means", 36, field(func(f *FieldLine) string { return f.NewMeaning }))
		default:
			text(column.Title, textColumnWidth(t, i), func(row *Row, _ int) string { return row.Cells[i].plain() })
		}
		if column.SubTitle != "" {
			text(column.SubTitle, 30, func(row *Row, _ int) string { return row.Cells[i].Sub })
		}
	}
	return columns
}

// textColumnWidth fits a column to its longest text, within bounds.
func textColumnWidth(t *Table, column int) float64 {
	longest := utf8.RuneCountInString(t.Columns[column].Title)
	for i := range t.Rows {
		longest = max(longest, utf8.RuneCountInString(t.Rows[i].Cells[column].plain()))
	}
	return float64(min(60, longest+3))
}

// maxCellText is what a cell of a workbook can hold, in characters.
const maxCellText = 32767

// richText shows a text word by word: what went struck, what came underlined.
func richText(d *Diff) any {
	if len(d.Pieces) == 0 || len(d.Old)+len(d.New)+len(d.Pieces) > maxCellText {
		return d.Marked()
	}
	var runs []excelize.RichTextRun
	for _, piece := range d.Pieces {
		text := piece.Text
		if piece.Blank {
			text = " " + text
		}
		run := excelize.RichTextRun{Text: text}
		switch piece.Op {
		case Gone:
			run.Font = &excelize.Font{Strike: true, Color: "A1260D"}
		case Come:
			run.Font = &excelize.Font{Underline: "single", Bold: true, Color: "0B5B3B"}
		}
		runs = append(runs, run)
	}
	return runs
}
