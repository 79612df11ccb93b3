package report

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"math"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"
)

// MaxMail bounds the HTML part of a mail, in bytes: mail programs cut longer
// ones. It holds also for the part as it is sent, as quoted-printable, which is
// somewhat longer.
const MaxMail = 100_000

// mailRows are the numbers of rows a table that are tried, until the mail is
// short enough. With none it says only how many there are.
var mailRows = []int{60, 40, 25, 15, 10, 6, 4, 2, 1, 0}

// mailUrgent is how many times as many rows are shown of what is to be done and
// of the reader's own codes.
const mailUrgent = 4

// maxMailText is the number of characters of a description that the mail shows.
const maxMailText = 400

var mailTemplates = template.Must(template.New("mail").Funcs(template.FuncMap{
	"number": number,
	"kind":   cellKindName,
	"cut":    cutText,
	"pieces": cutPieces,
	"plain":  func(c Cell) string { return c.plain() },
	"last":   func(i, n int) bool { return i == n-1 },
	"value":  func(text, meaning string) fieldValue { return fieldValue{text, meaning} },
}).ParseFS(templateFiles, "templates/mail.gohtml"))

// MailHTML writes the report as the HTML part of a mail: styles inline, tables
// for layout, nothing loaded, under MaxMail bytes whatever the release. What
// does not fit is in the page, which goes with it.
func MailHTML(r *Report) ([]byte, error) {
	for _, rows := range mailRows {
		var mail bytes.Buffer
		if err := mailTemplates.ExecuteTemplate(&mail, "mail.gohtml", newMail(r, rows)); err != nil {
			return nil, fmt.Errorf("writing the mail: %w", err)
		}
		if encodedLength(mail.Bytes()) < MaxMail {
			return mail.Bytes(), nil
		}
	}
	return nil, fmt.Errorf("writing the mail: it has more than %d bytes without any rows", MaxMail)
}

// encodedLength is the number of bytes of a text as quoted-printable.
func encodedLength(text []byte) int {
	var encoded bytes.Buffer
	writer := quotedprintable.NewWriter(&encoded)
	_, err := writer.Write(text)
	if err := errors.Join(err, writer.Close()); err != nil {
		return math.MaxInt // never: it is written into memory
	}
	return encoded.Len()
}

// mail is what its template shows.
type mail struct {
	*Report
	Parts []mailSection
	// Further are the titles of the sections that only the page has.
	Further []string
}

type mailSection struct {
	Title  string
	Count  int
	Intro  []string
	Bars   []mailBar
	Heads  []string
	Tables []mailTable
}

type mailTable struct {
	Title string
	Intro []string
	Cards []card
	More  int // rows that are not shown
	All   int
}

// mailBar is a family of codes in the bar table.
type mailBar struct {
	Name    string
	Width   int // in pixels
	Numbers []string
}

func newMail(r *Report, rows int) *mail {
	m := &mail{Report: r}
	for i := range r.Sections {
		s := &r.Sections[i]
		if s.Background {
			m.Further = append(m.Further, s.Title)
			continue
		}
		part := mailSection{Title: s.Title, Count: s.Count, Intro: s.Intro}
		if s.Empty != "" {
			part.Intro = append([]string{s.Empty}, s.Intro...)
		}
		for c := range s.Charts {
			if s.Charts[c].ID == "chart-families" {
				part.Heads, part.Bars = mailBars(&s.Charts[c].Table)
			}
		}
		most := rows
		if s.ID == "todo" || s.ID == "yours" {
			most *= mailUrgent
		}
		for t := range s.Tables {
			if !s.Tables[t].SheetOnly {
				part.Tables = append(part.Tables, newMailTable(&s.Tables[t], most))
			}
		}
		m.Parts = append(m.Parts, part)
	}
	return m
}

func newMailTable(t *Table, rows int) mailTable {
	table := mailTable{Title: t.Title, Intro: t.Intro, All: len(t.Rows)}
	if len(t.Rows) > 2*MaxRows {
		rows = 0 // a few of very many say nothing
	}
	for i := range t.Rows[:min(rows, len(t.Rows))] {
		table.Cards = append(table.Cards, cardOf(t, &t.Rows[i]))
	}
	table.More = len(t.Rows) - len(table.Cards)
	return table
}

// mailBars turns the table of the families' chart into bars of their totals.
func mailBars(t *Table) (heads []string, bars []mailBar) {
	const widest = 150
	for _, column := range t.Columns[1:] {
		heads = append(heads, column.Title)
	}
	most := 1
	totals := make([]int, len(t.Rows))
	for i := range t.Rows {
		for _, cell := range t.Rows[i].Cells[1:] {
			totals[i] += cell.Number
		}
		most = max(most, totals[i])
	}
	for i := range t.Rows {
		bar := mailBar{Name: t.Rows[i].Cells[0].Text, Width: max(2, totals[i]*widest/most)}
		for _, cell := range t.Rows[i].Cells[1:] {
			bar.Numbers = append(bar.Numbers, number(cell.Number))
		}
		bars = append(bars, bar)
	}
	return heads, bars
}

// cutText shortens text for the mail, and shows that it did.
func cutText(text string) string {
	if utf8.RuneCountInString(text) <= maxMailText {
		return text
	}
	return string([]rune(text)[:maxMailText]) + " …"
}

// maxMailDiff is the number of characters of a description, word by word, that
// the mail shows.
const maxMailDiff = 2 * maxMailText

// cutPieces shortens a description word by word. What came is shown before what
// went and what stayed, of which it leaves half the room at most; each cut is
// marked.
func cutPieces(d *Diff) []Piece {
	if d == nil {
		return nil
	}
	left := d.room(maxMailDiff)
	cut := map[Op]bool{}
	var kept []Piece
	for _, piece := range d.Pieces {
		if piece.Op == Elided {
			kept = append(kept, piece)
			continue
		}
		length := utf8.RuneCountInString(piece.Text)
		switch {
		case length <= left[piece.Op]:
			left[piece.Op] -= length
		case cut[piece.Op] && piece.Op != Same:
			continue // the mark is there
		default:
			piece.Text = strings.TrimPrefix(string([]rune(piece.Text)[:left[piece.Op]])+" …", " ")
			cut[piece.Op], left[piece.Op] = true, 0
		}
		kept = append(kept, piece)
		if cut[Come] {
			break // all else would tell nothing new
		}
	}
	return kept
}

// room shares a number of characters out among what came, what went and what
// stayed.
func (d *Diff) room(all int) map[Op]int {
	need := map[Op]int{}
	for _, piece := range d.Pieces {
		need[piece.Op] += utf8.RuneCountInString(piece.Text)
	}
	come := min(need[Come], all-min(need[Gone]+need[Same], all/2))
	gone := min(need[Gone], all-come-min(need[Same], (all-come)/2))
	return map[Op]int{Come: come, Gone: gone, Same: all - come - gone}
}

// fieldValue is a value of a field, and what it means.
type fieldValue struct{ Text, Meaning string }

// OpName is the name of a piece's kind in the templates.
func (o Op) OpName() string {
	return [...]string{"same", "gone", "come", "elided"}[o]
}
