package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// column is one column of a table.
type column struct {
	// name is the contract: the header of CSV and Markdown, the key of JSON.
	name string
	// title is the header that people see; "" is name.
	title string
	// right puts the values to the right, as numbers are.
	right bool
	// spare columns are left out of a table for people that would be too wide,
	// the highest number first; 0 always stays.
	spare int
}

// table is a result of rows and columns.
type table struct {
	columns []column
	rows    [][]any // see values.go
}

// columnsNamed makes columns that have a name and nothing more.
func columnsNamed(names ...string) []column {
	columns := make([]column, len(names))
	for i, name := range names {
		columns[i].name = name
	}
	return columns
}

// addNamed adds a row that has the values of some columns, by their names; NULL in the
// others.
func (t *table) addNamed(values map[string]any) {
	row := make([]any, len(t.columns))
	for name, value := range values {
		row[slices.IndexFunc(t.columns, func(c column) bool { return c.name == name })] = value // it has such a column
	}
	t.rows = append(t.rows, row)
}

// write prints the table in one of the formats; people is what is printed in
// format table, nil for the table itself.
func (a *app) write(t *table, people func(io.Writer, int) error) error {
	if write := rowWriters[a.config.Format]; write != nil {
		return write(a.out, t.columns, t.each())
	}
	if people == nil {
		people = t.writeText
	}
	return people(a.out, a.width())
}

// The width of a table for people where nothing tells it, and the least that is
// believed.
const (
	defaultWidth = 120
	leastWidth   = 40
)

// width is how many columns a table for people may take: the terminal's, or what
// COLUMNS says where the result goes elsewhere.
func (a *app) width() int {
	if file, ok := a.stdout.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return max(width, leastWidth)
		}
	}
	if width, err := strconv.Atoi(lookup(a.environ, "COLUMNS")); err == nil && width > 0 {
		return max(width, leastWidth)
	}
	return defaultWidth
}

// rowWriters write rows as they come, in the formats that allow it. next gives one
// row after the other, nil at the end.
var rowWriters = map[string]func(out io.Writer, columns []column, next func() ([]any, error)) error{
	"csv": writeCSV, "json": writeJSON, "markdown": writeMarkdown,
}

// each gives one row after the other, nil at the end.
func (t *table) each() func() ([]any, error) {
	rest := t.rows
	return func() ([]any, error) {
		if len(rest) == 0 {
			return nil, nil
		}
		row := rest[0]
		rest = rest[1:]
		return row, nil
	}
}

func (t *table) writeCSV(out io.Writer) error { return writeCSV(out, t.columns, t.each()) }

func (t *table) writeMarkdown(out io.Writer) error { return writeMarkdown(out, t.columns, t.each()) }

// writeCSV writes a header, always, and the rows. Text is given as it is.
func writeCSV(out io.Writer, columns []column, next func() ([]any, error)) error {
	writer := csv.NewWriter(out)
	row := make([]string, len(columns))
	for i := range columns {
		row[i] = columns[i].name
	}
	if err := writer.Write(row); err != nil {
		return err
	}
	for {
		values, err := next()
		if values == nil {
			writer.Flush()
			return errors.Join(err, writer.Error())
		}
		for i := range row {
			row[i] = csvText(values[i])
		}
		if err := writer.Write(row); err != nil {
			return err
		}
	}
}

// writeJSON writes an array with one object for each row, a row a line, its keys
// in the order of the columns.
func writeJSON(out io.Writer, columns []column, next func() ([]any, error)) error {
	names := uniqueNames(columns)
	var text bytes.Buffer
	text.WriteString("[")
	for first := true; ; first = false {
		values, err := next()
		if err != nil {
			return err
		}
		if values == nil {
			if !first {
				text.WriteString("\n")
			}
			text.WriteString("]\n")
			_, err := out.Write(text.Bytes())
			return err
		}
		if !first {
			text.WriteString(",")
		}
		text.WriteString("\n  {")
		for j, name := range names {
			if j > 0 {
				text.WriteString(", ")
			}
			if err := appendJSON(&text, name); err != nil {
				return err
			}
			text.WriteString(": ")
			if err := appendJSON(&text, jsonValue(values[j])); err != nil {
				return fmt.Errorf("writing %s as JSON: %w", name, err)
			}
		}
		text.WriteString("}")
		if _, err := out.Write(text.Bytes()); err != nil {
			return err
		}
		text.Reset()
	}
}

// uniqueNames gives the columns' names, made different where two are the same: an
// object has each key once.
func uniqueNames(columns []column) []string {
	names := make([]string, len(columns))
	taken := map[string]bool{}
	for i, column := range columns {
		name := column.name
		for n := 2; taken[name]; n++ {
			name = column.name + "_" + decimal(n)
		}
		names[i], taken[name] = name, true
	}
	return names
}

// appendJSON writes one value without white space.
func appendJSON(text *bytes.Buffer, value any) error {
	encoded, err := encodeJSON(value, "")
	text.Write(bytes.TrimRight(encoded, "\n"))
	return err
}

// writeObject writes a structure as JSON for people and programs alike.
func writeObject(out io.Writer, value any) error {
	encoded, err := encodeJSON(value, "  ")
	if err != nil {
		return err
	}
	_, err = out.Write(encoded)
	return err
}

// encodeJSON writes <, > and & as they are, and escapes what JSON allows and a
// terminal could obey.
func encodeJSON(value any, indent string) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	if bytes.IndexFunc(text.Bytes(), obeyed) < 0 {
		return text.Bytes(), nil
	}
	var escaped bytes.Buffer
	for _, r := range text.String() {
		if obeyed(r) {
			fmt.Fprintf(&escaped, `\u%04x`, r)
			continue
		}
		escaped.WriteRune(r)
	}
	return escaped.Bytes(), nil
}

// obeyed: control characters that JSON need not escape, and those that turn the
// direction of writing.
func obeyed(r rune) bool {
	return r >= 0x7f && r <= 0xffff && unicode.In(r, unicode.Cc, unicode.Cf)
}

// writeMarkdown writes a table of Markdown.
func writeMarkdown(out io.Writer, columns []column, next func() ([]any, error)) error {
	var text bytes.Buffer
	for i := range columns {
		text.WriteString("| " + markdownCell(columns[i].name) + " ")
	}
	text.WriteString("|\n")
	for i := range columns {
		if columns[i].right {
			text.WriteString("|---:")
		} else {
			text.WriteString("|---")
		}
	}
	text.WriteString("|\n")
	for {
		if _, err := out.Write(text.Bytes()); err != nil {
			return err
		}
		text.Reset()
		values, err := next()
		if values == nil {
			return err
		}
		for _, value := range values {
			text.WriteString("| " + markdownValue(value) + " ")
		}
		text.WriteString("|\n")
	}
}

func markdownValue(value any) string {
	if several, ok := value.(lines); ok {
		cells := make([]string, len(several))
		for i := range several {
			cells[i] = markdownCell(several[i])
		}
		return strings.Join(cells, "<br>")
	}
	return markdownCell(readable(value))
}

var markdownEscapes = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "`", "\\`", "<", `\<`, "*", `\*`, "](", `]\(`, "&", `\&`)

// markdownCell makes text show as it is, whatever it holds.
func markdownCell(text string) string {
	return markdownEscapes.Replace(strings.TrimSpace(clean(text, false)))
}
