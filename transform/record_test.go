package transform

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Records are given in order however they stand in a file, and the file's stay as they
// stand.
func TestSortedRecords(t *testing.T) {
	for _, codes := range []string{
		"", "A0001", "A0001 A0002 B0001", "A1 B1 A0001 B0001", "A0001 B0001 A1 B1", "B0001 A0001",
		"C0001 B0001 A0001", "A0001 C0001 B0001 D0001 A1", "A0003 A0004 A0001 A0002 A0000",
	} {
		var records []Record
		for line, code := range strings.Fields(codes) {
			records = append(records, Record{Entry: &Entry{Code: code}, SourceLine: line})
		}
		given := slices.Clone(records)
		sorted := sortedRecords(records)
		require.Equal(t, given, records, codes)
		slices.SortFunc(given, func(a, b Record) int { return strings.Compare(a.Code, b.Code) })
		require.ElementsMatch(t, given, sorted, codes)
		require.True(t, slices.IsSortedFunc(sorted, func(a, b Record) int { return strings.Compare(a.Code, b.Code) }), codes)
	}
}
