package main

import (
	"fmt"
	"strconv"
	"strings"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// written gives a value as people read it.
func written(value float64, unit string) string {
	switch unit {
	case seconds, cpuSeconds:
		switch {
		case value < 0.1:
			return fmt.Sprintf("%.1f ms", 1000*value)
		case value < 10:
			return fmt.Sprintf("%.2f s", value)
		}
		return fmt.Sprintf("%.1f s", value)
	case peakMemory, fileBytes:
		return fmt.Sprintf("%.1f MB", value/1e6)
	}
	return fmt.Sprintf("%.3g", value)
}

// everything is the table of all that was measured, with its spread.
func everything(f *figures) pretty.Writer {
	table := pretty.NewWriter()
	table.SetStyle(pretty.StyleLight)
	table.AppendHeader(pretty.Row{"what", "time", "least", "most", "runs", "cpu", "peak memory", "file"})
	for _, name := range f.names {
		row := pretty.Row{name}
		if times := f.of(name, seconds); len(times) > 0 {
			row = append(row, written(times.median(), seconds), written(times.least(), seconds), written(times.most(), seconds), len(times))
		} else {
			row = append(row, "", "", "", "")
		}
		for _, unit := range []string{cpuSeconds, peakMemory, fileBytes} {
			cell := ""
			if values := f.of(name, unit); len(values) > 0 {
				cell = written(values.median(), unit)
			}
			row = append(row, cell)
		}
		table.AppendRow(row)
	}
	return table
}

// line is a row of the short table: a name without its size, and what of it.
type line struct{ title, name, unit string }

// lines are the rows of the short table, its columns being sizes.
var lines = []line{
	{"backfill from ZIPs", "Backfill", seconds},
	{"its peak memory", "Backfill", peakMemory},
	{"unzipping their texts, nothing else", "Unzip", seconds},
	{"writing the tables' rows, nothing else", "Write/what=tables", seconds},
	{"writing every code of every release", "Write/what=every-row", seconds},
	{"pandas, `read_fwf`: texts compared, nothing else", "Pandas/reader=fwf", seconds},
	{"pandas, slices: the same", "Pandas/reader=slices", seconds},
	{"adding one release", "Add", seconds},
	{"nothing new, a folder with the newest", "NothingNew/source=newest", seconds},
	{"nothing new, a folder with all", "NothingNew/source=all", seconds},
	{"publishing anew", "Publish", seconds},
	{"the published file", "Backfill", fileBytes},
	{"`hcpcs show`", "Show", seconds},
	{"`hcpcs changes`", "Changes", seconds},
	{"`codes_as_of`, warm, as known now", "CodesAsOf/known=now", seconds},
	{"`codes_as_of`, warm, as known then", "CodesAsOf/known=then", seconds},
}

// size is a column of the short table.
type size struct{ title, suffix string }

// summary is the short table: what in rows, sizes in columns.
func summary(f *figures, sizes []size) pretty.Writer {
	table := pretty.NewWriter()
	table.SetStyle(pretty.StyleLight)
	header := pretty.Row{""}
	for _, size := range sizes {
		header = append(header, size.title)
	}
	table.AppendHeader(header)
	for _, line := range lines {
		row, any := pretty.Row{line.title}, false
		for _, size := range sizes {
			cell := ""
			if values := f.of(line.name+size.suffix, line.unit); len(values) > 0 {
				cell, any = written(values.median(), line.unit), true
			}
			row = append(row, cell)
		}
		if any {
			table.AppendRow(row)
		}
	}
	return table
}

// goalsTable lists the goals of which everything was measured, and how many are
// left out.
func goalsTable(f *figures) (table pretty.Writer, left int) {
	table = pretty.NewWriter()
	table.SetStyle(pretty.StyleLight)
	table.AppendHeader(pretty.Row{"goal", "limit", "result", "met"})
	for i := range goals {
		goal := &goals[i]
		result, ok := goal.result(f)
		if !ok {
			left++
			continue
		}
		met := "no"
		if goal.isMet(result) {
			met = "yes"
		}
		table.AppendRow(pretty.Row{goal.what, goal.writtenLimit(), goal.written(result), met})
	}
	return table, left
}

// speedHeading begins the README's section that is written from figures.
const speedHeading = "## Speed\n"

// speedSection is that section, up to the next heading.
func speedSection(f *figures, sizes []size) string {
	goals, _ := goalsTable(f)
	var text strings.Builder
	text.WriteString(speedHeading + "\n")
	text.WriteString(wrap(fmt.Sprintf("Measured by `make bench` at %s on %s: medians of whole processes, on CMS's own releases and on generated quarters of 9,000 codes with about 150 changes each, in ZIPs like CMS's. [cmd/bench](cmd/bench/main.go) says what each line is, and its pandas folder [how that was kept fair](cmd/bench/pandas/README.md).", f.get("commit"), f.get("machine"))))
	text.WriteString("\n" + summary(f, sizes).RenderMarkdown() + "\n")
	if said := checkedLines(f); said != "" {
		text.WriteString("\n" + wrap(said))
	}
	text.WriteString("\n" + goals.RenderMarkdown() + "\n\n")
	return text.String()
}

// wrap breaks a paragraph into lines as long as the README's.
func wrap(paragraph string) string {
	const longest = 84
	var text strings.Builder
	width := 0
	for _, word := range strings.Fields(paragraph) {
		switch {
		case width > 0 && width+1+len(word) > longest:
			text.WriteString("\n")
			width = 0
		case width > 0:
			text.WriteString(" ")
			width++
		}
		text.WriteString(word)
		width += len(word)
	}
	return text.String() + "\n"
}

// checkedLines says how fast claim lines are checked; "" where they were not.
func checkedLines(f *figures) string {
	for _, name := range f.names {
		rest, isCheck := strings.CutPrefix(name, "Check/lines=")
		times := f.of(name, seconds)
		if !isCheck || len(times) == 0 {
			continue
		}
		text, quarters, _ := strings.Cut(rest, "/quarters=")
		lines, err := strconv.Atoi(text)
		if err != nil {
			continue
		}
		return message.NewPrinter(language.English).Sprintf("`hcpcs check` takes %s for %d claim lines against %s quarters: %.0f lines a second, start and all.",
			written(times.median(), seconds), lines, quarters, float64(lines)/times.median())
	}
	return ""
}

// replaceSpeed puts a new section in the place of the README's.
func replaceSpeed(readme, section string) (string, error) {
	before, rest, found := strings.Cut(readme, speedHeading)
	if !found {
		return "", fmt.Errorf("the README has no section %q", strings.TrimSpace(speedHeading))
	}
	after := ""
	if next := strings.Index(rest, "\n## "); next >= 0 {
		after = rest[next+1:]
	}
	return before + section + after, nil
}
