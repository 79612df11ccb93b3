package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hostile is what a file could hold to take over a terminal, or to break out of
// a cell.
const hostile = "a\x1b]0;title\x07b\x9b31mc\u202ed\ne|f`g<script>\xff"

func formats(t *testing.T, rows *table, width int) (text, csv, json, markdown string) {
	t.Helper()
	write := func(write func(*bytes.Buffer) error) string {
		var out bytes.Buffer
		require.NoError(t, write(&out))
		return out.String()
	}
	return write(func(out *bytes.Buffer) error { return rows.writeText(out, width) }),
		write(func(out *bytes.Buffer) error { return rows.writeCSV(out) }),
		write(func(out *bytes.Buffer) error { return writeJSON(out, rows.columns, rows.each()) }),
		write(func(out *bytes.Buffer) error { return rows.writeMarkdown(out) })
}

func TestTableFormats(t *testing.T) {
	rows := &table{
		columns: []column{{name: "code", title: "Code"}, {name: "values"}, {name: "count", right: true}, {name: "day"}},
		rows: [][]any{
			{"A0021", []string{"00", "13"}, 7, dateOnly(time.Date(2020, 1, 31, 0, 0, 0, 0, time.UTC))},
			{nil, nil, 1234, nil},
		},
	}
	text, csv, json, markdown := formats(t, rows, 80)
	require.Equal(t, ""+
		"Code   values    count  day\n"+
		"─────  ────────  ─────  ──────────\n"+
		"A0021  [00, 13]      7  2020-01-31\n"+
		"                  1234\n", text)
	require.Equal(t, "code,values,count,day\nA0021,00;13,7,2020-01-31\n,,1234,\n", csv)
	require.Equal(t, `[
  {"code": "A0021", "values": ["00","13"], "count": 7, "day": "2020-01-31"},
  {"code": null, "values": null, "count": 1234, "day": null}
]
`, json)
	require.Equal(t, "| code | values | count | day |\n|---|---|---:|---|\n| A0021 | [00, 13] | 7 | 2020-01-31 |\n|  |  | 1234 |  |\n", markdown)
}

func TestHostileTextStaysText(t *testing.T) {
	rows := &table{columns: columnsNamed("text"), rows: [][]any{{hostile}}}
	text, csv, json, markdown := formats(t, rows, 80)
	require.Equal(t, "text\n───────────────────────────────\na]0;titleb\uFFFD31mcd e|f`g<script>\uFFFD\n", text)
	require.Equal(t, "text\n\""+hostile+"\"\n", csv, "CSV gives text as it is")
	require.Equal(t, "| text |\n|---|\n| a]0;titleb\uFFFD31mcd e\\|f\\`g\\<script>\uFFFD |\n", markdown)
	for _, printed := range []string{text, json, markdown} {
		require.NotContains(t, printed, "\x1b")
		require.NotContains(t, printed, "\u202e")
	}
	require.Contains(t, json, `"a\u001b]0;title\u0007b`)
	require.Contains(t, json, `\u202e`)
}

func TestTableFitsItsWidth(t *testing.T) {
	description := strings.Repeat("Injection, something or other, per 10 mg, and more. ", 20)
	rows := &table{
		columns: []column{{title: "Code"}, {title: "Description"}, {title: "Other"}, {title: "File", spare: 1}},
		rows:    [][]any{{"J0570", description, "short", strings.Repeat("HCPC2025_OCT_ANWEB_", 3)}},
	}
	for _, width := range []int{40, 80, 120, 200} {
		text, _, _, _ := formats(t, rows, width)
		for line := range strings.Lines(text) {
			require.LessOrEqual(t, textWidth(strings.TrimRight(line, "\n")), width, "at width %d: %s", width, line)
		}
		require.Contains(t, text, "J0570")
		require.Equal(t, width < 120, strings.Contains(text, "Left out for want of width: file;"), "at width %d", width)
	}
}

func TestTooManyColumnsBecomeRecords(t *testing.T) {
	rows := &table{}
	row := make([]any, 30)
	for i := range row {
		rows.columns = append(rows.columns, column{name: "column_" + decimal(i)})
		row[i] = "value " + decimal(i)
	}
	rows.rows = [][]any{row}
	text, _, _, _ := formats(t, rows, 80)
	require.Contains(t, text, "column_29  value 29\n")
}

func TestUniqueKeys(t *testing.T) {
	_, _, json, _ := formats(t, &table{columns: columnsNamed("a", "a", "a_2"), rows: [][]any{{1, 2, 3}}}, 80)
	require.Equal(t, "[\n  {\"a\": 1, \"a_2\": 2, \"a_2_2\": 3}\n]\n", json)
}

func TestWrap(t *testing.T) {
	for _, example := range []struct {
		text  string
		width int
		lines []string
	}{
		{"one two three", 20, []string{"one two three"}},
		{"one two three", 8, []string{"one two", "three"}},
		{"- one two", 6, []string{"- one", "two"}},
		{"unbreakable", 4, []string{"unbr", "eaka", "ble"}},
		{"a unbreakable", 6, []string{"a", "unbrea", "kable"}},
		{"HCPC2025_OCT_ANWEB", 14, []string{"HCPC2025_OCT_", "ANWEB"}},
		{"a/b c", 4, []string{"a/b", "c"}},
		{"日本語 日本", 6, []string{"日本語", "日本"}},
		{"", 5, []string{""}},
	} {
		require.Equal(t, example.lines, wrap(example.text, example.width), "%q at %d", example.text, example.width)
	}
	// A word of any length is cut in one pass: else this takes a minute.
	require.Len(t, wrap(strings.Repeat("x", 2_000_000), 40), 50_000)
}

func TestThousands(t *testing.T) {
	for number, text := range map[int]string{0: "0", 999: "999", 1000: "1,000", 12_034: "12,034", 1_000_007: "1,000,007", -1096: "-1,096"} {
		require.Equal(t, text, thousands(number))
	}
}
