package pipeline

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
)

// ReportFiles are the files that a report was written to.
type ReportFiles struct {
	Name    string // 2025Q4r1, 2019Q1r1..2020Q3r1 or 2019Q1r1-to-2020Q3r1
	Subject string // its headline
	Page    string
	Text    string
	Book    string
}

// WriteReport builds the report of some releases from the published file, and
// writes it as a page, as text and as a workbook into the reports folder. Each
// file appears whole or not at all.
func WriteReport(ctx context.Context, config Config, scope report.Scope, around Surroundings) (files ReportFiles, err error) {
	maker := newReportMaker(around, config.openPublished)
	defer func() { err = errors.Join(err, maker.close()) }()
	made, err := maker.make(ctx, scope, config.Watch)
	if err != nil {
		return files, err
	}
	return writeReportFiles(config.Paths().Reports, made, writeWholeUnlocked)
}

// openPublished opens the analysts' file.
func (c *Config) openPublished(ctx context.Context) (*load.Published, error) {
	return load.OpenPublished(ctx, c.Paths().Published, c.Resources())
}

// madeReport is a report, built and written down in every form.
type madeReport struct {
	*report.Report
	page, text, book []byte
}

// reportMaker makes reports from the published file, which it opens when the
// first one is asked for.
type reportMaker struct {
	around    Surroundings
	open      func(ctx context.Context) (*load.Published, error)
	published *load.Published // nil until it is asked for
	made      map[madeFor]func() (*madeReport, error)
	// gathered is called when all is read that a report needs; nil: nothing is.
	gathered func(ctx context.Context) error
}

// madeFor tells reports apart.
type madeFor struct {
	scope string
	watch WatchConfig
}

func newReportMaker(around Surroundings, open func(ctx context.Context) (*load.Published, error)) *reportMaker {
	return &reportMaker{around: around, open: open, made: map[madeFor]func() (*madeReport, error){}}
}

func (m *reportMaker) file(ctx context.Context) (*load.Published, error) {
	var err error
	if m.published == nil {
		m.published, err = m.open(ctx)
	}
	return m.published, err
}

func (m *reportMaker) close() error {
	if m.published == nil {
		return nil
	}
	return m.published.Close()
}

// make makes a report for readers with a watch list. Readers with the same one
// get the same report.
func (m *reportMaker) make(ctx context.Context, scope report.Scope, watch WatchConfig) (*madeReport, error) {
	which := madeFor{scope.String(), watch}
	if made := m.made[which]; made != nil {
		return made()
	}
	published, err := m.file(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.begin(ctx, published, scope, watch); err != nil {
		return nil, err
	}
	return m.made[which]()
}

// begin builds a report from a file, and begins to write it down: nothing more is
// asked of the file then. What it leads to is given by make.
func (m *reportMaker) begin(ctx context.Context, from *load.Published, scope report.Scope, watch WatchConfig) error {
	list, err := watch.list()
	if err != nil {
		return err
	}
	built, err := report.Build(ctx, from, scope, report.Options{Watch: list, Version: m.around.Version, Generated: m.around.Now(), Gathered: m.gathered})
	if err != nil {
		return err
	}
	m.made[madeFor{scope.String(), watch}] = writtenDown(built)
	return nil
}

// writtenDown begins to write a report down in every form, and gives what waits for
// the end. What is built is only read from here on.
func writtenDown(built *report.Report) func() (*madeReport, error) {
	made := &madeReport{Report: built}
	book, pages := make(chan error, 1), make(chan error, 1)
	go func() {
		var err error
		made.book, err = report.Workbook(built)
		book <- err
	}()
	go func() {
		var err error
		made.text = report.Text(built)
		made.page, err = report.HTML(built)
		pages <- err
	}()
	return sync.OnceValues(func() (*madeReport, error) {
		if err := errors.Join(<-pages, <-book); err != nil {
			return nil, err
		}
		return made, nil
	})
}

// scopeOf is the report on releases that came in together.
func scopeOf(releases []release.ID) report.Scope {
	if len(releases) == 1 {
		return report.On(releases[0])
	}
	return report.OnSeveral(releases)
}

// writeReportFiles writes a report into a folder, which it makes.
func writeReportFiles(folder string, made *madeReport, write fileWriter) (ReportFiles, error) {
	stem := filepath.Join(folder, made.Name())
	files := ReportFiles{Name: made.Name(), Subject: made.Subject, Page: stem + ".html", Text: stem + ".txt", Book: stem + ".xlsx"}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return files, fmt.Errorf("writing the report: %w", err)
	}
	for name, content := range map[string][]byte{files.Page: made.page, files.Text: made.text, files.Book: made.book} {
		if err := write(name, content); err != nil {
			return files, fmt.Errorf("writing the report: %w", err)
		}
	}
	return files, nil
}

// fileWriter writes a file that appears whole or not at all: writeWhole or
// writeWholeUnlocked.
type fileWriter func(name string, content []byte) error

// writeWhole writes a file beside its place, and renames it there. It is for whoever
// holds the lock: what a killed run left is written over.
func writeWhole(name string, content []byte) error {
	return writeBeside(name+".new", name, content)
}

// writeWholeUnlocked does so for whoever does not hold the lock, beside a run and
// others that do not, under a name of this process's own.
func writeWholeUnlocked(name string, content []byte) error {
	return writeBeside(fmt.Sprintf("%s.%d.new", name, os.Getpid()), name, content)
}

func writeBeside(beside, name string, content []byte) error {
	file, err := os.Create(beside)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(beside, name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(beside))
	}
	return nil
}

// watchEntries splits a list of codes, prefixes and ranges.
func watchEntries(codes string) []string {
	return strings.FieldsFunc(codes, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
}

// list reads the codes of a configuration, and of the file that it names.
func (c *WatchConfig) list() (report.WatchList, error) {
	entries := watchEntries(c.Codes)
	if c.File != "" {
		file, err := os.Open(c.File)
		if err != nil {
			return report.WatchList{}, fmt.Errorf("reading the watch list: %w: name a CSV file of codes by watch.file", err)
		}
		defer file.Close() // after reading, nothing can be lost
		reader := csv.NewReader(file)
		reader.FieldsPerRecord = -1
		rows, err := reader.ReadAll()
		if err != nil {
			return report.WatchList{}, fmt.Errorf("reading the watch list %s: %w", c.File, err)
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
