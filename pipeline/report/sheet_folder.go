package report

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// WriteSheets writes a sheet for each code into a folder that is there and empty,
// in markdown: README.md lists the families of codes, each a folder of its own
// with an index README.md and a file CODE.md for each code; FIELDS.md says what
// the fields are. It gives the number
// of files.
func WriteSheets(ctx context.Context, published *load.Published, folder string) (files int, err error) {
	families := map[string][]*SheetSummary{}
	known := map[string]bool{}
	// The codes are known before the first link is written.
	var sheets []*CodeSheet
	err = published.Sheets(ctx, func(sheet *load.Sheet) error {
		known[sheet.Record.Code] = true
		sheets = append(sheets, NewCodeSheet(sheet))
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("gathering the sheets: %w", err)
	}
	links := SheetLinks{Definitions: "../" + definitionsFile, Sheet: func(code string) string {
		if !known[code] {
			return ""
		}
		return "../" + sheetPath(code)
	}}
	writeFile := func(name string, write func(io.Writer) error) error {
		var text bytes.Buffer
		if err := write(&text); err != nil {
			return err
		}
		files++
		return os.WriteFile(filepath.Join(folder, filepath.FromSlash(name)), text.Bytes(), 0o644)
	}
	for _, s := range sheets {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		family := familyOf(s.Record.Code)
		if families[family] == nil {
			if err := os.Mkdir(filepath.Join(folder, folderOf(family)), 0o755); err != nil {
				return 0, err
			}
		}
		families[family] = append(families[family], s.Summary())
		err := writeFile(sheetPath(s.Record.Code), func(out io.Writer) error {
			return SheetMarkdown(out, s, links)
		})
		if err != nil {
			return 0, err
		}
	}
	for family, summaries := range families {
		err := writeFile(path.Join(folderOf(family), "README.md"), func(out io.Writer) error {
			return SheetIndexMarkdown(out, familyTitle(family)+": "+familyMeaning(family), summaries, func(code string) string { return path.Base(sheetPath(code)) })
		})
		if err != nil {
			return 0, err
		}
	}
	if err := writeFile(definitionsFile, DefinitionsMarkdown); err != nil {
		return 0, err
	}
	err = writeFile("README.md", func(out io.Writer) error { return writeFamilies(out, families) })
	return files, err
}

// definitionsFile says what the fields of the sheets are.
const definitionsFile = "FIELDS.md"

func writeFamilies(out io.Writer, of map[string][]*SheetSummary) error {
	m := &markdown{out: out}
	m.line("# HCPCS Level II codes\n")
	var rows [][]string
	for _, family := range families(of) {
		rows = append(rows, []string{"[" + escaped(familyTitle(family)) + "](" + folderOf(family) + "/README.md)", number(len(of[family])), escaped(familyMeaning(family))})
	}
	m.table([]string{"Family", "Codes", "What they are for"}, rows)
	m.line("[What the fields are](%s)", definitionsFile)
	return m.err
}

// sheetPath is where the sheet of a code stands in the folder: with the code's
// own name where that can be no other, else with its bytes in hexadecimal digits.
func sheetPath(code string) string {
	name := code
	if !transform.IsCode(code) {
		name = "code-" + hex.EncodeToString([]byte(code))
	}
	return path.Join(folderOf(familyOf(code)), name+".md")
}

// folderOf is the folder of a family: its letter, or a word.
func folderOf(family string) string {
	if family == modifiers || len(family) == 1 && family[0] >= 'A' && family[0] <= 'Z' {
		return family
	}
	return "others"
}
