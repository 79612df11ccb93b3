package main

import (
	"fmt"
	"io"
	"strings"
)

// document is a result for people that is more than one table: a code's sheet,
// what a run did. It is printed as text or as Markdown.
type document struct{ blocks []block }

// block is a heading, a paragraph, a list of pairs or a table.
type block struct {
	heading   string
	paragraph string
	items     []string
	pairs     []pair
	table     *table
}

// pair is a title and what it stands for, each line to be wrapped by itself.
type pair struct {
	title string
	value lines
}

func (d *document) heading(text string)   { d.blocks = append(d.blocks, block{heading: text}) }
func (d *document) paragraph(text string) { d.blocks = append(d.blocks, block{paragraph: text}) }
func (d *document) items(texts []string)  { d.blocks = append(d.blocks, block{items: texts}) }
func (d *document) pairs(pairs []pair)    { d.blocks = append(d.blocks, block{pairs: pairs}) }
func (d *document) table(t *table)        { d.blocks = append(d.blocks, block{table: t}) }

func (d *document) paragraphf(format string, arguments ...any) {
	d.paragraph(fmt.Sprintf(format, arguments...))
}

// print prints the document in format markdown or, in any other, as text.
func (a *app) print(d *document) error {
	if a.config.Format == "markdown" {
		return d.writeMarkdown(a.out)
	}
	return d.writeText(a.out, a.width())
}

func (d *document) writeText(out io.Writer, width int) error {
	for i, b := range d.blocks {
		if i > 0 && !d.blocks[i-1].leads() {
			if _, err := fmt.Fprintln(out); err != nil {
				return err
			}
		}
		if err := b.writeText(out, width); err != nil {
			return err
		}
	}
	return nil
}

// leads tells whether a block belongs to the next one: a heading, or a paragraph
// that ends in a colon.
func (b *block) leads() bool { return b.heading != "" || strings.HasSuffix(b.paragraph, ":") }

func (b *block) writeText(out io.Writer, width int) error {
	switch {
	case b.table != nil:
		return b.table.writeText(out, width)
	case b.pairs != nil:
		return writePairs(out, b.pairs, width)
	case b.items != nil:
		for _, item := range b.items {
			if err := writeHanging(out, "- ", clean(item, false), width); err != nil {
				return err
			}
		}
		return nil
	case b.heading != "":
		heading := clean(b.heading, false)
		rule := strings.Repeat("─", min(textWidth(heading), width))
		_, err := fmt.Fprintf(out, "%s\n%s\n", strings.Join(wrap(heading, width), "\n"), rule)
		return err
	}
	_, err := fmt.Fprintln(out, strings.Join(wrap(clean(b.paragraph, false), width), "\n"))
	return err
}

// writePairs writes titles in one column and what they stand for in another.
func writePairs(out io.Writer, pairs []pair, width int) error {
	widest := 0
	for _, p := range pairs {
		widest = max(widest, textWidth(clean(p.title, false)))
	}
	widest = min(widest, width/2)
	for _, p := range pairs {
		titles := wrap(clean(p.title, false), widest)
		var values []string
		for _, line := range p.value {
			values = append(values, wrap(clean(line, false), width-widest-len(gap))...)
		}
		for i := range max(len(titles), len(values)) {
			title, value := "", ""
			if i < len(titles) {
				title = titles[i]
			}
			if i < len(values) {
				value = values[i]
			}
			line := title + strings.Repeat(" ", max(widest-textWidth(title), 0)) + gap + value
			if _, err := fmt.Fprintln(out, strings.TrimRight(line, " ")); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeHanging writes a wrapped text with a mark before its first line.
func writeHanging(out io.Writer, mark, text string, width int) error {
	for i, line := range wrap(text, width-len(mark)) {
		if i > 0 {
			mark = strings.Repeat(" ", len(mark))
		}
		if _, err := fmt.Fprintln(out, mark+line); err != nil {
			return err
		}
	}
	return nil
}

func (d *document) writeMarkdown(out io.Writer) error {
	for i, b := range d.blocks {
		if i > 0 {
			if _, err := fmt.Fprintln(out); err != nil {
				return err
			}
		}
		if err := b.writeMarkdown(out, i == 0); err != nil {
			return err
		}
	}
	return nil
}

func (b *block) writeMarkdown(out io.Writer, first bool) error {
	switch {
	case b.table != nil:
		return b.table.titled().writeMarkdown(out)
	case b.pairs != nil:
		pairs := &table{columns: columnsNamed("field", "value")}
		for _, p := range b.pairs {
			pairs.rows = append(pairs.rows, []any{p.title, p.value})
		}
		return pairs.writeMarkdown(out)
	case b.items != nil:
		for _, item := range b.items {
			if _, err := fmt.Fprintf(out, "- %s\n", markdownCell(item)); err != nil {
				return err
			}
		}
		return nil
	case b.heading != "" && first:
		_, err := fmt.Fprintf(out, "# %s\n", markdownCell(b.heading))
		return err
	case b.heading != "":
		_, err := fmt.Fprintf(out, "## %s\n", markdownCell(b.heading))
		return err
	}
	_, err := fmt.Fprintln(out, markdownCell(b.paragraph))
	return err
}

// titled gives the table with the headers that people see.
func (t *table) titled() *table {
	titled := &table{columns: make([]column, len(t.columns)), rows: t.rows}
	for i, column := range t.columns {
		column.name = column.heading()
		titled.columns[i] = column
	}
	return titled
}
