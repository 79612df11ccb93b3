package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
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
	content, err := workbook(r, manyLines)
	if err != nil {
		return nil, fmt.Errorf("writing the workbook: %w", err)
	}
	return content, nil
}

// manyLines is how many a sheet has that is written in a book of its own.
const manyLines = 4000

// workbook writes each sheet of many lines in a book of its own, one after another, and
// puts them, packed, into that of the report: a book holds all that is written into it
// until its end, and the sheets on a hundred releases have 44 MB.
func workbook(r *Report, many int) ([]byte, error) {
	var sheets []bookSheet
	parts, err := writeBook(func(w *bookWriter) error {
		sheets = w.sheets(r, many)
		return w.write(r, sheets)
	})
	if err != nil {
		return nil, err
	}
	for i := range sheets {
		s := &sheets[i]
		if !s.long {
			continue
		}
		alone, err := writeBook(func(w *bookWriter) error { return w.sheet(s, s.table.Rows) })
		if err != nil {
			return nil, fmt.Errorf("sheet %q: %w", s.table.Sheet, err)
		}
		part, place := alone[sheetPart(1)], sheetPart(i+1)
		if part == nil || parts[place] == nil {
			return nil, fmt.Errorf("sheet %q: there is no part %s to be put in place of %s", s.table.Sheet, sheetPart(1), place)
		}
		part.Name = place
		parts[place] = part
	}
	return packed(parts)
}

// sheetPart names the part of the sheet that was added to a new book as the n-th one;
// a new book has one.
func sheetPart(n int) string { return fmt.Sprintf("xl/worksheets/sheet%d.xml", n+1) }

// bookSheet is a sheet of the workbook, which any book can have: all have the same
// styles.
type bookSheet struct {
	table   *Table
	columns []bookColumn
	lines   int // of its rows
	long    bool
}

// sheets gives those of a report; those with many lines are long.
func (w *bookWriter) sheets(r *Report, many int) []bookSheet {
	var sheets []bookSheet
	for i := range r.Sections {
		for j := range r.Sections[i].Tables {
			t := &r.Sections[i].Tables[j]
			if t.Sheet == "" || len(t.Rows) == 0 {
				continue
			}
			s := bookSheet{table: t, columns: w.columns(t)}
			for n := range t.Rows {
				s.lines += linesOf(&t.Rows[n])
			}
			s.long = s.lines >= many
			sheets = append(sheets, s)
		}
	}
	return sheets
}

// writeBook writes a book, and gives its parts by their names.
func writeBook(write func(*bookWriter) error) (map[string]*zip.File, error) {
	w := &bookWriter{book: excelize.NewFile().SetZipWriter(func(to io.Writer) excelize.ZipWriter { return zip.NewWriter(to) })}
	err := w.styles()
	if err == nil {
		err = write(w)
	}
	var content bytes.Buffer
	if err == nil {
		err = w.book.Write(&content)
	}
	if err = errors.Join(err, w.book.Close()); err != nil {
		return nil, err
	}
	reader, err := zip.NewReader(bytes.NewReader(content.Bytes()), int64(content.Len()))
	if err != nil {
		return nil, err
	}
	parts := make(map[string]*zip.File, len(reader.File))
	for _, part := range reader.File {
		parts[part.Name] = part
	}
	return parts, nil
}

// packed makes a book of its parts, in the order of their names: the same report gives
// the same bytes.
func packed(parts map[string]*zip.File) ([]byte, error) {
	var content bytes.Buffer
	writer := zip.NewWriter(&content)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if err := writer.Copy(parts[name]); err != nil {
			return nil, err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return content.Bytes(), nil
}

type bookWriter struct {
	book                     *excelize.File
	head, text, date, number int // styles
	tables                   int
}

// write writes all of a report but the lines of its long sheets.
func (w *bookWriter) write(r *Report, sheets []bookSheet) error {
	if err := w.summary(r); err != nil {
		return err
	}
	for i := range sheets {
		s := &sheets[i]
		rows := s.table.Rows
		if s.long {
			rows = nil
		}
		if err := w.sheet(s, rows); err != nil {
			return fmt.Errorf("sheet %q: %w", s.table.Sheet, err)
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

// sheet adds a sheet, with those rows of its table that are given.
func (w *bookWriter) sheet(s *bookSheet, rows []Row) error {
	name, columns := s.table.Sheet, s.columns
	if _, err := w.book.NewSheet(name); err != nil {
		return err
	}
	sheet, err := w.book.NewStreamWriter(name)
	if err != nil {
		return err
	}
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
	for i := range rows {
		row := &rows[i]
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
	last, err := excelize.CoordinatesToCellName(len(columns), 1+s.lines)
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
