package transform

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// TestHistoryCases runs testdata/history/*.txt, one rule a file. A case has a
// sentence on top, then one line a release, then the rectangles that they must
// give:
//
//	2020Q1 added=2011-01-01 action=N effective=2011-01-01 "First meaning"
//	2020Q2 absent
//	--
//	1 active 2011-01-01..9999-12-31 known 2020Q1r1..2020Q2r1 added "First meaning"
//
// A rectangle's line names the life, the status, valid from and to, known from
// and to, the basis, the description, and what else the record holds beside its
// dates; (unattested) and (unlisted) stand where they hold. Every release that
// is named exists, and none between.
func TestHistoryCases(t *testing.T) {
	files, err := filepath.Glob("testdata/history/*.txt")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 20)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			given, want, found := strings.Cut(string(text), "\n--\n")
			require.True(t, found, "the case has no line -- before its rectangles")
			ids, records := parseCase(t, given)
			require.Equal(t, strings.TrimSpace(want), strings.TrimSpace(historyText(ids, records)))
		})
	}
}

func historyText(ids []release.ID, records []*Record) string {
	history := NewHistory("A0001")
	steps := Steps(ids)
	for i := range steps {
		history.Apply(&steps[i], records[i])
	}
	var out strings.Builder
	for _, r := range history.Rectangles {
		known := r.KnownFrom.String() + ".."
		if r.KnownTo != (release.ID{}) {
			known += r.KnownTo.String()
		}
		fmt.Fprintf(&out, "%d %s %s..%s known %s %s %q", r.Life, r.Status, r.From, r.To, known, r.Basis, r.Content[LongDescription])
		for i := range Layout {
			switch field := Field(i); {
			case field == LongDescription || r.Content[i] == "":
			case field == CodeAddedDate && r.Content[i] == firstAdded(history, r.Life):
			default:
				fmt.Fprintf(&out, " %s=%s", field, r.Content.Text(field))
			}
		}
		if !r.Attested {
			out.WriteString(" (unattested)")
		}
		if !r.Listed {
			out.WriteString(" (unlisted)")
		}
		out.WriteString("\n")
	}
	return out.String()
}

// firstAdded is the added date that the life had first, so that only a date
// that moved is shown.
func firstAdded(history *History, life int) string {
	for _, r := range history.Rectangles {
		if r.Life == life {
			return r.Content[CodeAddedDate]
		}
	}
	return ""
}

func parseCase(t *testing.T, text string) (ids []release.ID, records []*Record) {
	for line := range strings.Lines(text) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		id, err := release.ParseID(name)
		if err != nil {
			continue // a sentence
		}
		if id.Revision == 0 {
			id.Revision = 1
		}
		ids = append(ids, id)
		if rest == "absent" {
			records = append(records, nil)
			continue
		}
		before, description, found := strings.Cut(rest, `"`)
		require.True(t, found, "no description in %q", line)
		record := &Record{Entry: &Entry{Code: "A0001", Kind: Procedure, ActionCode: NoMaintenance, Content: &Content{}}}
		record.Content[LongDescription] = strings.TrimSuffix(description, `"`)
		for _, setting := range strings.Fields(before) {
			key, value, _ := strings.Cut(setting, "=")
			switch key {
			case "action":
				record.ActionCode = value
			case "effective":
				record.ActionEffectiveDate = value
			case "added":
				record.Content[CodeAddedDate] = value
			case "terminated":
				record.Content[TerminationDate] = value
			default:
				field, known := FieldNamed(key)
				require.True(t, known, "%q in %q is no field", key, line)
				record.Content[field] = value
			}
		}
		records = append(records, record)
	}
	return ids, records
}
