package report

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// textWidth is the number of columns of the text.
const textWidth = 78

// Text writes the report as plain text in UTF-8, 78 columns wide. What went
// from a description stands as [-words-], what came as {+words+}.
func Text(r *Report) []byte {
	w := &textWriter{}
	w.report(r)
	return []byte(w.text.String())
}

// MailText writes the report as the plain part of a mail: as MailHTML, it has as many
// rows of each table as leave it under MaxMail bytes. All of them are in the page,
// which goes with it.
func MailText(r *Report) []byte {
	for _, rows := range mailRows {
		w := &textWriter{inMail: true, rows: rows}
		w.report(r)
		if w.text.Len() < MaxMail || rows == 0 {
			return []byte(w.text.String())
		}
	}
	return nil // the last number of rows is none
}

func (w *textWriter) report(r *Report) {
	w.line(r.Kicker)
	w.heading(r.Title, '=')
	for _, sentence := range r.Lead {
		w.wrapped(sentence, "", "")
	}
	w.blank()
	for _, f := range r.Figures {
		w.line(fmt.Sprintf("%8s  %s", number(f.Number), f.Label))
	}
	for _, notice := range r.Notices {
		w.blank()
		w.wrapped(strings.ToUpper(notice.Title)+". "+notice.Text, "", "")
	}
	var further []string
	for i := range r.Sections {
		s := &r.Sections[i]
		if w.inMail && s.Background {
			further = append(further, s.Title)
			continue
		}
		w.most = w.rows
		if s.ID == "todo" || s.ID == "yours" {
			w.most *= mailUrgent
		}
		w.section(s)
	}
	if further != nil {
		w.blank()
		w.blank()
		w.wrapped(fmt.Sprintf("The page %s.html, which is attached, also has: %s. The workbook has every row.", r.Name(), strings.Join(further, "; ")), "", "")
	}
}

type textWriter struct {
	text strings.Builder
	// inMail leaves out what the mail only points to, and shows as many rows of a
	// table as most says, which follows from rows.
	inMail     bool
	rows, most int
}

func (w *textWriter) line(text string) {
	w.text.WriteString(strings.TrimRight(text, " "))
	w.text.WriteByte('\n')
}

func (w *textWriter) blank() { w.text.WriteByte('\n') }

func (w *textWriter) heading(title string, rule byte) {
	w.wrapped(title, "", "")
	w.line(strings.Repeat(string(rule), min(textWidth, utf8.RuneCountInString(title))))
	w.blank()
}

// wrapped breaks text into lines, the first one after first and the others
// after rest. A word longer than a line is broken.
func (w *textWriter) wrapped(text, first, rest string) {
	line, empty := first, true
	width := utf8.RuneCountInString(first)
	for word := range strings.FieldsSeq(text) {
		length := utf8.RuneCountInString(word)
		if !empty && width+1+length > textWidth {
			w.line(line)
			line, width, empty = rest, utf8.RuneCountInString(rest), true
		}
		for width+length > textWidth && empty {
			room := textWidth - width
			head := string([]rune(word)[:room])
			w.line(line + head)
			word, length = word[len(head):], length-room
			line, width = rest, utf8.RuneCountInString(rest)
		}
		if !empty {
			line += " "
			width++
		}
		line += word
		width += length
		empty = false
	}
	w.line(line)
}

func (w *textWriter) section(s *Section) {
	w.blank()
	w.blank()
	title := s.Title
	if s.Count > 0 {
		title += " (" + number(s.Count) + ")"
	}
	w.heading(strings.ToUpper(title), '-')
	if s.Empty != "" {
		w.wrapped(s.Empty, "", "")
	}
	for _, intro := range s.Intro {
		w.wrapped(intro, "", "")
	}
	if s.ID == "descriptions" && len(s.Tables) > 0 {
		w.wrapped("Here [-what went-] stands in square brackets and {+what came+} in braces.", "", "")
	}
	for i := range s.Charts {
		chart := &s.Charts[i]
		w.blank()
		w.wrapped(chart.Title+".", "", "")
		if chart.ID == "chart-families" {
			w.aligned(&chart.Table)
		} else {
			w.wrapped(chart.Description, "", "")
		}
	}
	for i := range s.Tables {
		if t := &s.Tables[i]; !t.SheetOnly {
			if t.Title == "" && len(s.Intro) > 0 {
				w.blank()
			}
			w.table(t)
		}
	}
}

func (w *textWriter) table(t *Table) {
	if t.Title != "" {
		w.blank()
		w.heading(t.Title, '.')
	}
	for _, intro := range t.Intro {
		w.wrapped(intro, "", "")
	}
	if len(t.Intro) > 0 {
		w.blank()
	}
	if t.Summary != nil {
		w.aligned(t.Summary)
		w.blank()
		w.wrapped(remaining(t), "", "")
		w.blank()
	}
	if t.Compact {
		if w.inMail && len(t.Rows) > w.most {
			w.wrapped(fmt.Sprintf("%s rows in the page, which is attached.", number(len(t.Rows))), "  ", "  ")
			return
		}
		w.aligned(t)
		return
	}
	shown := t.Shown
	if w.inMail {
		shown = min(shown, w.most)
	}
	for i := range t.Rows[:shown] {
		c := cardOf(t, &t.Rows[i])
		w.card(&c)
	}
	if shown < t.Shown {
		w.wrapped(fmt.Sprintf("… and %s more in the page, which is attached.", number(t.Shown-shown)), "  ", "  ")
	}
}

// remaining says where the rows are that are not shown.
func remaining(t *Table) string {
	text := fmt.Sprintf("%s rows are too many to show here.", number(len(t.Rows)))
	if t.Shown > 0 {
		text = fmt.Sprintf("The first %s of %s rows follow, those of the latest release.", number(t.Shown), number(len(t.Rows)))
	}
	return text + fmt.Sprintf(" They stand whole in the workbook, sheet “%s”.", t.Sheet)
}

const cardIndent = "         "

func (w *textWriter) card(c *card) {
	first := fmt.Sprintf("  %-6s ", c.Head)
	facts := strings.Join(c.Facts, "; ")
	if c.Own {
		facts = strings.TrimSuffix("ON YOUR LIST; "+facts, "; ")
	}
	switch {
	case facts != "":
		w.wrapped(facts, first, cardIndent)
	case len(c.Lines) > 0:
		w.cardLine(&c.Lines[0], first)
		c.Lines = c.Lines[1:]
	default:
		w.line(first)
	}
	for i := range c.Lines {
		w.cardLine(&c.Lines[i], cardIndent)
	}
}

func (w *textWriter) cardLine(l *cardLine, first string) {
	if l.Cell.Kind == FieldsCell {
		for i := range l.Cell.Fields() {
			w.wrapped(l.Cell.Fields()[i].plain(), first, cardIndent+"  ")
			first = cardIndent
		}
		return
	}
	text := l.Cell.plain()
	if l.Label != "" {
		text = l.Label + ": " + text
		if l.Cell.Sub != "" {
			text += " (" + l.Cell.Sub + ")"
		}
	}
	w.wrapped(text, first, cardIndent)
	if l.Cell.Sub != "" && l.Label == "" {
		w.wrapped("("+l.Cell.Sub+")", cardIndent, cardIndent)
	}
}

// aligned writes a table of short cells in columns; what is long, beneath or
// running text, comes last.
func (w *textWriter) aligned(t *Table) {
	widths := make([]int, len(t.Columns))
	trailing := func(i int) bool {
		kind := t.Columns[i].Kind
		return kind == InlineCell || kind == TextCell && i > 0
	}
	for i, column := range t.Columns {
		widths[i] = utf8.RuneCountInString(column.Title)
		for j := range t.Rows {
			if text := t.Rows[j].Cells[i].plain(); !trailing(i) {
				widths[i] = max(widths[i], min(44, utf8.RuneCountInString(text)))
			}
		}
	}
	write := func(text func(i int) string, tail string) {
		line := " "
		for i := range t.Columns {
			if trailing(i) {
				continue
			}
			value := text(i)
			if value == "0" {
				value = ""
			}
			if t.Columns[i].Kind == NumberCell {
				line += fmt.Sprintf(" %*s", widths[i], value)
			} else if utf8.RuneCountInString(value) > widths[i] {
				w.wrapped(value, "  ", "    ")
				line = " " + fmt.Sprintf(" %-*s", widths[i], "")
			} else {
				line += fmt.Sprintf(" %-*s", widths[i], value)
			}
		}
		if tail == "" {
			w.line(line)
			return
		}
		line += "  "
		indent := strings.Repeat(" ", min(utf8.RuneCountInString(line), 40))
		w.wrapped(tail, line, indent)
	}
	write(func(i int) string { return t.Columns[i].Title }, "")
	for j := range t.Rows {
		cells := t.Rows[j].Cells
		var tail []string
		for i := range cells {
			if text := cells[i].plain(); trailing(i) && text != "" {
				tail = append(tail, text)
			}
			if cells[i].Sub != "" {
				tail = append(tail, cells[i].Sub)
			}
		}
		write(func(i int) string { return cells[i].plain() }, strings.Join(tail, "; "))
	}
}
