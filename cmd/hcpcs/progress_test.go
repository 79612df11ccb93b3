package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/pipeline"
)

func TestProgressInWords(t *testing.T) {
	for want, p := range map[string]pipeline.Progress{
		" 0 of 9":                            {Part: pipeline.Reading, Total: 9},
		" 3 of 9  2017Q1r1":                  {Part: pipeline.Loading, Name: "2017Q1r1", Done: 3, Total: 9},
		" file 2 of 5, 1.5 of 3.0 MB  a.zip": {Part: pipeline.Downloading, Name: "a.zip", Done: 1_500_000, Total: 3_000_000, Number: 2, Of: 5},
		" file 1 of 5, 0.0 MB  a.zip":        {Part: pipeline.Downloading, Name: "a.zip", Total: -1, Number: 1, Of: 5},
		" file 1 of 1, 0.0 MB  red[31m.zip ": {Part: pipeline.Downloading, Name: "red\x1b[31m\u202e.zip\r", Total: -1, Number: 1, Of: 1},
		" file 1 of 1, 0.0 MB, waiting 7s before another try  a.zip": {
			Part: pipeline.Downloading, Name: "a.zip", Total: -1, Number: 1, Of: 1, Waiting: 7 * time.Second},
	} {
		require.Equal(t, want, amount(p))
	}
	long := amount(pipeline.Progress{Part: pipeline.Loading, Name: "october-2025-alpha-numeric-hcpcs-file-updated-again.zip"})
	require.LessOrEqual(t, textWidth(long), len(" 0 of 0  ")+nameWidth)
	require.Contains(t, long, "…")
}
