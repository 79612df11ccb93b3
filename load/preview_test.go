package load

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// What a report asks of the releases that were just loaded can be asked before they are
// published, and is answered as it is afterwards.
func TestPreviewOfWhatIsPublished(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "hcpcs.duckdb")
	rapid.Check(t, func(t *rapid.T) {
		require.NoError(t, removeDatabase(path))
		history := smallHistory(rapid.Uint64Range(1, 1<<20).Draw(t, "seed"))
		order := indexes(len(history.Releases))
		if rapid.Bool().Draw(t, "one comes late") {
			order[1], order[2] = order[2], order[1]
		}
		w := openTestWarehouse(t, inMemory)
		for len(order) > 0 { // the first time the file is written whole, then it is added to
			together := order[:min(rapid.IntRange(1, 3).Draw(t, "together"), len(order))]
			order = order[len(together):]
			ids := map[release.ID]bool{}
			for _, i := range together {
				loadInto(t, w, &history.Releases[i])
				ids[history.Releases[i].ID] = true
			}
			loaded := func(p *Published) []Release {
				return slices.DeleteFunc(p.loaded(), func(r Release) bool { return !ids[r.ID] })
			}
			var seen answers
			var unknown error
			require.NoError(t, w.Publish(ctx, path, func(ctx context.Context, preview *Published) {
				book := preview.RecordBook()
				preview.ForgetRecords() // which the warehouse has in memory
				require.Same(t, book, preview.RecordBook())
				seen = askForReport(t, preview, loaded(preview))
				_, unknown = preview.ChangesOf(ctx, []Release{{ID: release.ID{Quarter: history.Releases[0].ID.Quarter, Revision: 99}}})
			}))
			require.ErrorIs(t, unknown, errNotDerived)
			published, err := w.OpenPublished(ctx, path)
			require.NoError(t, err)
			require.Equal(t, askForReport(t, published, loaded(published)), seen)
			require.Len(t, seen.changes, len(together))
			require.NoError(t, published.Close())
		}
		require.NoError(t, w.Close())
	})
}

// answers are what a report asks for.
type answers struct {
	releases    []Release
	changes     []Comparison
	records     map[string][]*transform.Record // of the codes changed and those they lead to
	findings    map[release.ID][]transform.Finding
	corrections map[release.ID][]CorrectionOf
}

func askForReport(t requirement, p *Published, of []Release) (a answers) {
	t.Helper()
	ctx := context.Background()
	ids := make([]release.ID, len(of))
	for i := range of {
		ids[i] = of[i].ID
	}
	var err error
	a.releases = p.Releases()
	a.changes, err = p.ChangesOf(ctx, of)
	require.NoError(t, err)
	a.findings, err = p.FindingsOf(ctx, ids)
	require.NoError(t, err)
	a.corrections, err = p.CorrectionsOf(ctx, ids)
	require.NoError(t, err)
	a.records = map[string][]*transform.Record{}
	codes := []string{"99213"} // which is none of these
	for _, comparison := range a.changes {
		for _, change := range comparison.Changes {
			codes = append(codes, change.Code)
			codes = append(codes, change.Replacements...)
		}
	}
	book := p.RecordBook()
	require.NoError(t, book.ReadReached(ctx, codes))
	for _, code := range codes {
		a.records[code] = nil
		for _, id := range ids {
			record := book.In(code, id)
			if record != nil { // where it stands in the file is not asked for
				without := *record
				without.SequenceNumber, without.SourceLine = "", 0
				record = &without
			}
			last, _ := book.Last(code, id)
			require.Equal(t, record == nil, last == nil || book.In(code, id) == nil)
			a.records[code] = append(a.records[code], record)
		}
	}
	return a
}
