package load

import (
	"database/sql/driver"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// The rows of the tables, in the order of their columns (sql/migrations).

// rowsOf gives the rows of a slice one by one: row appends one to an empty one, which is
// used again for the next.
func rowsOf[T any](values []T, row func(row []driver.Value, value *T) []driver.Value) iter.Seq[[]driver.Value] {
	return func(yield func([]driver.Value) bool) {
		var last []driver.Value
		for i := range values {
			last = row(last[:0], &values[i])
			if !yield(last) {
				return
			}
		}
	}
}

func asTheyAre(_ []driver.Value, row *[]driver.Value) []driver.Value { return *row }

func text(value string) driver.Value {
	if value == "" {
		return nil
	}
	return value
}

// utf8Text makes text of a name that the file system gave, which can be any
// bytes.
func utf8Text(name string) string { return strings.ToValidUTF8(name, "\uFFFD") }

func date(day transform.Date) driver.Value {
	if day == transform.NoDate {
		return nil
	}
	return day.Time()
}

func isoDate(value string) driver.Value {
	return date(transform.ParseDate(value))
}

func list(values []string) driver.Value {
	if len(values) == 0 {
		return nil
	}
	return values
}

func moment(value time.Time) driver.Value {
	if value.IsZero() {
		return nil
	}
	return value.UTC()
}

func releaseName(id release.ID) driver.Value {
	if id == (release.ID{}) {
		return nil
	}
	return id.String()
}

// releaseNames are the names of the releases that many rows name.
type releaseNames map[release.ID]driver.Value

func (n releaseNames) of(id release.ID) driver.Value {
	name, known := n[id]
	if !known {
		name = releaseName(id)
		n[id] = name
	}
	return name
}

// appendContent adds the record's columns to a row.
func appendContent(row []driver.Value, content *transform.Content) []driver.Value {
	for i := range transform.Layout {
		info := &transform.Layout[i]
		value := content[i]
		switch {
		case value == "":
			row = append(row, nil)
		case info.Kind == transform.ListField:
			row = append(row, content.Values(info.Field))
		case info.Kind == transform.DateField:
			row = append(row, isoDate(value))
		case info.Kind == transform.IntegerField:
			number, _ := strconv.ParseInt(value, 10, 32) // digits, three at most
			row = append(row, int32(number))
		default:
			row = append(row, value)
		}
	}
	return row
}

func releaseRow(row []driver.Value, r *Release) []driver.Value {
	row = append(row, r.ID.String(), int32(r.ID.Order()), r.ID.Quarter.String(), int32(r.ID.Revision), r.ID.Quarter.FirstDay(),
		moment(r.PublishedAt), text(r.PublishedBasis), r.FetchedAt.UTC(), utf8Text(r.Source), utf8Text(r.FileName), r.SHA256, r.Format,
		int32(r.Records), int32(r.Procedures), int32(r.Modifiers), releaseName(r.Previous), nil, string(r.State), text(r.HeldBecause))
	if r.State == Loaded && r.Previous != (release.ID{}) {
		row[16] = r.Gap
	}
	return row
}

func spanRow(row []driver.Value, s *span, names releaseNames) []driver.Value {
	row = append(row, s.record.Code, string(s.record.Kind), names.of(s.first), names.of(s.last), int32(s.first.Order()), nil,
		text(s.record.ActionCode), isoDate(s.record.ActionEffectiveDate))
	if s.last != (release.ID{}) {
		row[5] = int32(s.last.Order())
	}
	return appendContent(row, s.record.Content)
}

// codeNumber gives a code of letters and digits as a number; other codes have other
// numbers, and a code has the same one in all warehouses.
func codeNumber(code string) int32 {
	number := int32(0)
	for i := range len(code) {
		digit := int32(code[i]-'0') + 1
		if code[i] >= 'A' {
			digit = int32(code[i]-'A') + 11
		}
		number = 37*number + digit
	}
	return number
}

// historyRow takes the publication times of the releases from published.
func historyRow(row []driver.Value, history *transform.History, r *transform.Rectangle, published map[release.ID]time.Time, names releaseNames) []driver.Value {
	row = append(row, history.Code, string(history.Kind), int32(r.Life), string(r.Status), r.Listed, r.Attested,
		date(r.From), date(r.To), names.of(r.KnownFrom), names.of(r.KnownTo),
		moment(published[r.KnownFrom]), moment(published[r.KnownTo]), string(r.Basis))
	return appendContent(row, r.Content)
}

func changeRow(row []driver.Value, change *releaseChange, names releaseNames) []driver.Value {
	row = append(row, names.of(change.release), names.of(change.previous), change.Code, string(change.Kind), string(change.What),
		int32(change.Life), text(change.ActionCode), list(change.Observed.List()), text(string(change.Agreement)),
		date(change.Effective), text(string(change.Timing)), nil, nil, list(change.Replacements))
	if change.Timing != transform.NoTiming {
		row[11] = int32(change.TimingDays)
	}
	if change.Similarity >= 0 {
		row[12] = change.Similarity
	}
	return row
}

func fieldRow(row []driver.Value, change *releaseChange, field *transform.FieldChange, names releaseNames) []driver.Value {
	return append(row, names.of(change.release), names.of(change.previous), change.Code, string(change.Kind),
		field.Field, text(field.Old), text(field.New), field.Typographic)
}

func findingRow(id release.ID, finding *transform.Finding) []driver.Value {
	row := []driver.Value{id.String(), finding.File, nil, text(finding.Code), text(finding.Field), string(finding.Rule),
		text(strings.ToValidUTF8(finding.RawText, "?"))}
	if finding.Line > 0 {
		row[2] = int32(finding.Line)
	}
	return row
}
