package pipeline

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
)

// ReportFiles are the files that a report was written to.
type ReportFiles struct {
	Name    string // 2025Q4r1, or 2019Q1r1..2020Q3r1
	Subject string // its headline
	Page    string
	Text    string
	Book    string
}

// WriteReport builds the report of some releases from the published file, and
// writes it as a page, as text and as a workbook into the reports folder. Each
// file appears whole or not at all.
func WriteReport(ctx context.Context, config Config, scope report.Scope, around Surroundings) (files ReportFiles, err error) {
	watch, err := config.watchList()
	if err != nil {
		return files, err
	}
	paths := config.Paths()
	published, err := load.OpenPublished(ctx, paths.Published, config.Resources())
	if err != nil {
		return files, err
	}
	defer func() { err = errors.Join(err, published.Close()) }()
	built, err := report.Build(ctx, published, scope, report.Options{Watch: watch, Version: around.Version, Generated: around.Now()})
	if err != nil {
		return files, err
	}
	page, err := report.HTML(built)
	if err != nil {
		return files, err
	}
	book, err := report.Workbook(built)
	if err != nil {
		return files, err
	}
	if err := os.MkdirAll(paths.Reports, 0o755); err != nil {
		return files, fmt.Errorf("writing the report: %w", err)
	}
	stem := filepath.Join(paths.Reports, built.Name())
	files = ReportFiles{Name: built.Name(), Subject: built.Subject, Page: stem + ".html", Text: stem + ".txt", Book: stem + ".xlsx"}
	for name, content := range map[string][]byte{files.Page: page, files.Text: report.Text(built), files.Book: book} {
		if err := writeWhole(name, content); err != nil {
			return files, fmt.Errorf("writing the report: %w", err)
		}
	}
	return files, nil
}

// writeWhole writes a file beside its place, and renames it there.
func writeWhole(name string, content []byte) error {
	beside := name + ".new"
	file, err := os.Create(beside)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(beside))
	}
	return os.Rename(beside, name)
}

// watchList reads the reader's own codes: those of the configuration, and of the
// file that it names.
func (c *Config) watchList() (report.WatchList, error) {
	entries := c.watchCodes()
	if c.Watch.File != "" {
		file, err := os.Open(c.Watch.File)
		if err != nil {
			return report.WatchList{}, fmt.Errorf("reading the watch list: %w: name a CSV file of codes by watch.file", err)
		}
		defer file.Close() // after reading, nothing can be lost
		reader := csv.NewReader(file)
		reader.FieldsPerRecord = -1
		rows, err := reader.ReadAll()
		if err != nil {
			return report.WatchList{}, fmt.Errorf("reading the watch list %s: %w", c.Watch.File, err)
		}
		for i, row := range rows {
			if len(row) > 0 && (i > 0 || !isHeader(row[0])) {
				entries = append(entries, strings.TrimSpace(row[0]))
			}
		}
	}
	list, err := report.ParseWatchList(entries)
	if err != nil {
		return list, fmt.Errorf("reading the watch list: %w", err)
	}
	return list, nil
}

// isHeader tells whether the first cell of a list names its column.
func isHeader(cell string) bool {
	return strings.Contains(strings.ToLower(cell), "code") || strings.Contains(strings.ToLower(cell), "hcpc")
}

func (c *Config) watchCodes() []string {
	return strings.FieldsFunc(c.Watch.Codes, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
}
