package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// markdown writes markdown; what is written of others shows as it is, whatever it
// holds. It keeps the first error.
type markdown struct {
	out io.Writer
	err error
}

func (m *markdown) line(format string, arguments ...any) {
	if m.err == nil {
		_, m.err = fmt.Fprintf(m.out, format+"\n", arguments...)
	}
}

// table writes rows of cells that are markdown already.
func (m *markdown) table(titles []string, rows [][]string) {
	m.line("| %s |", strings.Join(titles, " | "))
	m.line("|%s", strings.Repeat("---|", len(titles)))
	for _, row := range rows {
		m.line("| %s |", strings.Join(row, " | "))
	}
	m.line("")
}

var markdownEscapes = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "#", `\#`, "|", `\|`, "~", `\~`, "&", `\&`, "!", `\!`, "://", `:\//`)

func escaped(text string) string { return markdownEscapes.Replace(clean(text)) }

// SheetLinks are what a sheet in markdown can point to.
type SheetLinks struct {
	// Sheet gives the address of another code's sheet, "" where it has none; nil
	// where there are no others.
	Sheet func(code string) string
	// Definitions is the address of what DefinitionsMarkdown writes; where it is
	// "", the sheet itself says what its fields are.
	Definitions string
}

// SheetMarkdown writes the sheet in markdown.
func SheetMarkdown(out io.Writer, s *CodeSheet, links SheetLinks) error {
	m := &markdown{out: out}
	p := newSheetPage(s)
	m.line("# %s %s\n", escaped(p.Code), escaped(p.Title))
	if p.Lead != "" {
		m.line("%s\n", escaped(p.Lead))
	}
	m.line("**%s** %s.\n", escaped(p.Status), escaped(p.Kicker))

	linked := func(code string) string {
		if links.Sheet != nil {
			if address := links.Sheet(code); address != "" {
				return "[" + escaped(code) + "](" + address + ")"
			}
		}
		return escaped(code)
	}
	if len(s.Replacements) > 0 {
		m.line("## Replaced by\n")
		var rows [][]string
		for _, step := range s.Replacements {
			rows = append(rows, []string{fmt.Sprint(step.Step), linked(step.Via), linked(step.Target), escaped(TargetWords(step.TargetStatus))})
		}
		m.table([]string{"Step", "From", "To", "Which is"}, rows)
	}
	if len(s.Replaces) > 0 {
		m.line("## Replaces\n")
		codes := make([]string, len(s.Replaces))
		for i, code := range s.Replaces {
			codes[i] = linked(code)
		}
		m.line("%s\n", listing(codes))
	}

	m.line("## Fields\n")
	titles := []string{"Field", "Value", "What the field is"}
	var facts [][]string
	for i := range p.Facts {
		fact := []string{escaped(p.Facts[i].Title), p.Facts[i].markdown(), escaped(p.Facts[i].Definition)}
		if links.Definitions != "" {
			fact = fact[:2]
		}
		if links.Definitions != "" && p.Facts[i].Definition != "" {
			fact[0] = "[" + fact[0] + "](" + links.Definitions + "#" + anchorOf(p.Facts[i].Title) + ")"
		}
		facts = append(facts, fact)
	}
	if links.Definitions != "" {
		titles = titles[:2]
	}
	m.table(titles, facts)
	if p.Empty != "" {
		m.line("Fields without a value: %s.\n", escaped(p.Empty))
	}
	m.line("## Life\n")
	m.line("What was true on which dates, and according to which releases; “to” is the first day, or the first release, that no longer says so. Numbers tell one record from another.\n")
	m.life(&p.Stretches)
	m.changes(p)
	return m.err
}

func (m *markdown) life(t *Table) {
	titles := make([]string, len(t.Columns))
	for i := range t.Columns {
		titles[i] = t.Columns[i].Title
	}
	rows := make([][]string, len(t.Rows))
	for i := range t.Rows {
		for j := range t.Rows[i].Cells {
			cell := &t.Rows[i].Cells[j]
			text := cell.plain()
			if cell.Sub != "" {
				text += " (" + cell.Sub + ")"
			}
			rows[i] = append(rows[i], escaped(text))
		}
	}
	m.table(titles, rows)
}

func (m *markdown) changes(p *sheetPage) {
	m.line("## Changes, release by release\n")
	if len(p.Changes) == 0 {
		m.line("None: every release from %s on has it unchanged.", p.First)
	}
	for i := range p.Changes {
		change := &p.Changes[i]
		m.line("### %s: %s\n", change.Release, change.Title)
		notes := change.Notes
		if change.Baseline {
			notes = append(notes, "The first release in hand: there is nothing to compare it with")
		}
		for _, note := range notes {
			m.line("- %s", escaped(note))
		}
		for j := range change.Fields {
			m.line("- **%s**%s: %s", escaped(change.Fields[j].Title), typographyWords(change.Fields[j].Typographic), change.Fields[j].markdown())
		}
		m.line("")
	}
}

func typographyWords(typographic bool) string {
	if typographic {
		return " (typography only)"
	}
	return ""
}

// markdown gives the values with their meanings, one to a line.
func (f *sheetFact) markdown() string {
	if len(f.Values) == 0 {
		return "none"
	}
	values := make([]string, len(f.Values))
	for i, value := range f.Values {
		values[i] = escaped(value)
		if f.Meanings[i] != "" {
			values[i] += " — " + escaped(f.Meanings[i])
		}
	}
	return strings.Join(values, "<br>")
}

// markdown gives a field before and after: what went struck out, what came in
// bold.
func (f *changedField) markdown() string {
	if f.Cell.Kind != DiffCell {
		line := &f.Cell.Fields()[0]
		return escaped(valueText(line.Old, line.OldMeaning)) + " → " + escaped(valueText(line.New, line.NewMeaning))
	}
	var text strings.Builder
	for _, piece := range f.Cell.Diff().Pieces {
		if piece.Blank {
			text.WriteByte(' ')
		}
		switch piece.Op {
		case Gone:
			text.WriteString("~~" + escaped(piece.Text) + "~~")
		case Come:
			text.WriteString("**" + escaped(piece.Text) + "**")
		default:
			text.WriteString(escaped(piece.Text))
		}
	}
	return text.String()
}

// DefinitionsMarkdown writes what the fields of a sheet are.
func DefinitionsMarkdown(out io.Writer) error {
	m := &markdown{out: out}
	m.line("# What the fields are\n")
	for _, definition := range transform.Definitions() {
		if strings.Contains(definition.Name, ".") {
			continue // of one table only
		}
		m.line("## %s\n", escaped(definition.Title))
		m.line("%s\n", escaped(definition.Definition))
		if definition.Source != "" {
			m.line("Column %s. Source: %s.\n", escaped(definition.Name), escaped(definition.Source))
		}
	}
	return m.err
}

// anchorOf is the name that a heading has in an address: in small letters, with
// hyphens for blanks and without signs.
func anchorOf(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, title)
}

// SheetIndexMarkdown writes a list of codes with what they are, each with a link
// to its sheet.
func SheetIndexMarkdown(out io.Writer, title string, sheets []*SheetSummary, link func(code string) string) error {
	m := &markdown{out: out}
	m.line("# %s\n", escaped(title))
	rows := make([][]string, len(sheets))
	for i, s := range sheets {
		rows[i] = []string{"[" + escaped(s.Code) + "](" + link(s.Code) + ")", escaped(s.Status), escaped(s.Description)}
	}
	m.table([]string{"Code", "Status", "Description"}, rows)
	return m.err
}

// SheetSummary is a line of an index.
type SheetSummary struct{ Code, Status, Description string }

// Summary sums up a sheet for an index.
func (s *CodeSheet) Summary() *SheetSummary {
	content := s.Record.Content
	return &SheetSummary{s.Record.Code, s.Status, cmp.Or(content[transform.ShortDescription], content[transform.LongDescription])}
}
