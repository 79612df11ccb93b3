package report_test

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// series is a few releases, each made of the one before it by edits. It opens a
// database, which takes some 50 ms.
type series struct {
	records  map[string]transform.Record
	releases []load.Release
	files    []*transform.File
}

// edit is what a release says otherwise than the one before it.
type edit func(map[string]transform.Record)

// code sets what is declared of a code, and some fields of its record: their
// numbers and values, one after the other. A code that was not there is added.
func code(name, action, effective string, fields ...any) edit {
	return func(records map[string]transform.Record) {
		content := transform.Content{}
		record, known := records[name]
		if known {
			content = *record.Content
		} else {
			content[transform.LongDescription] = "Something carried for those who need it, item " + name
			content[transform.ShortDescription] = "Carried " + name
			content[transform.CodeAddedDate] = "2010-01-01"
		}
		for i := 0; i < len(fields); i += 2 {
			content[fields[i].(transform.Field)] = fields[i+1].(string)
		}
		records[name] = transform.Record{Entry: &transform.Entry{Code: name, Kind: transform.KindOf(name), ActionCode: action, ActionEffectiveDate: effective, Content: &content}}
	}
}

func leftOut(name string) edit {
	return func(records map[string]transform.Record) { delete(records, name) }
}

// release adds a release. What no edit is about carries N.
func (s *series) release(t *testing.T, name string, edits ...edit) {
	t.Helper()
	if s.records == nil {
		s.records = map[string]transform.Record{}
	}
	for _, record := range s.records {
		record.ActionCode = "N"
	}
	for _, edit := range edits {
		edit(s.records)
	}
	file := &transform.File{Name: name + ".txt"}
	for code, record := range s.records {
		record = copyOf(record)
		record.Code, record.SequenceNumber = code, "00100"
		file.Records = append(file.Records, record)
	}
	slices.SortFunc(file.Records, func(a, b transform.Record) int { return cmp.Compare(a.Code, b.Code) })
	for i := range file.Records {
		file.Records[i].SourceLine = i + 1
	}
	s.files = append(s.files, file)
	of := id(t, name)
	of.Revision = max(of.Revision, 1)
	s.releases = append(s.releases, load.Release{ID: of, FetchedAt: made, Source: "a test", FileName: file.Name, SHA256: name, Format: "txt"})
}

func (s *series) publish(t *testing.T) *load.Published {
	t.Helper()
	published, err := publish(context.WithoutCancel(t.Context()), strings.ReplaceAll(t.Name(), string(filepath.Separator), "-"), s.releases, s.files)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, published.Close()) })
	return published
}

// on is the report on those of its releases that are named.
func on(t *testing.T, published *load.Published, names ...string) *report.Report {
	t.Helper()
	ids := make([]release.ID, len(names))
	for i, name := range names {
		ids[i] = id(t, name)
	}
	return build(t, published, report.OnSeveral(ids))
}

// codesIn gives the codes of a table of the report, none where there is no such
// table.
func codesIn(r *report.Report, section, table string) []string {
	var codes []string
	if s := r.Section(section); s != nil {
		for _, one := range s.Tables {
			for _, line := range one.Rows {
				if one.Title == table {
					codes = append(codes, line.Code)
				}
			}
		}
	}
	return codes
}

// The tables of what is to be done.
const (
	stopBilling  = "Stop billing"
	checkMeaning = "Check the meaning"
	reachingBack = "Reaching back: look at claims again"
	stillToCome  = "Still to come"
)

// tableOf gives a table of the report.
func tableOf(t *testing.T, r *report.Report, section, table string) *report.Table {
	t.Helper()
	s := r.Section(section)
	require.NotNil(t, s, section)
	for i := range s.Tables {
		if s.Tables[i].Title == table {
			return &s.Tables[i]
		}
	}
	require.Failf(t, "no table", "%q in %s", table, section)
	return nil
}
