package pipeline

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/load"
)

func TestNextRelease(t *testing.T) {
	for _, c := range []struct {
		latest, now, next string
		due               Due
	}{
		{"2025Q4r1", "2025-10-05", "2026Q1", NotYet},
		{"2025Q4r2", "2025-12-05", "2026Q1", DueNow},
		{"2025Q4r1", "2025-12-24", "2026Q1", DueNow},
		{"2025Q4r1", "2025-12-25", "2026Q1", Overdue}, // a week before its quarter
		{"2025Q4r1", "2026-01-01", "2026Q1", Overdue},
		{"2018Q1r1", "2018-06-01", "2019Q1", NotYet}, // one release a year until 2020
		{"2020Q1r1", "2020-03-20", "2020Q2", DueNow},
	} {
		now, err := time.Parse(time.DateOnly, c.now)
		require.NoError(t, err)
		next, due := NextRelease([]load.Release{{ID: id(t, c.latest)}}, 7, now)
		require.Equal(t, c.next, next.String())
		require.Equal(t, c.due, due, c.now)
	}
	next, _ := NextRelease(nil, 7, time.Time{})
	require.True(t, next.IsZero())
}
