package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// pandasScript is what a user would write instead of the program. Its folder says
// how it was kept fair.
const pandasScript = "cmd/bench/pandas/compare.py"

// findPandas gives a Python that has pandas, Debian's first; "" and why where
// there is none.
func findPandas(ctx context.Context) (python, why string) {
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		if exec.CommandContext(ctx, python, "-c", "import pandas").Run() == nil {
			return python, ""
		}
	}
	return "", "pandas is left out: there is no Python that has it (apt-get install python3-pandas)"
}

// work is what a comparison of releases comes to.
type work struct {
	Records     []int `json:"records"`     // of each release
	Differences []int `json:"differences"` // fields, for each pair of neighbours
}

// readWork reads what the pandas script prints.
func readWork(out string) (work, error) {
	var done work
	if err := json.Unmarshal([]byte(out), &done); err != nil {
		return work{}, fmt.Errorf("reading what pandas found: %w", err)
	}
	return done, nil
}

// ownWork asks the published file for the same numbers: of codes that stand in
// two neighbours the fields of content that differ.
func (b *bench) ownWork(ctx context.Context, data string) (work, error) {
	_, out, err := measure(ctx, b.program, "query", ownWorkQuery, "--format", "csv", "--data-dir", data)
	if err != nil {
		return work{}, err
	}
	return readOwnWork(out)
}

const ownWorkQuery = `
WITH kept AS (
    SELECT release, code FROM code_changes
    WHERE change NOT IN ('added', 'reappeared', 'reused')
    UNION ALL
    SELECT code_changes.release, code_changes.code FROM code_changes
    JOIN release_records ON release_records.release = code_changes.previous_release AND release_records.code = code_changes.code
    WHERE change = 'reused'
)
SELECT records, count(field) FILTER (field <> 'action_effective_date') AS differences
FROM releases
LEFT JOIN kept USING (release)
LEFT JOIN field_changes USING (release, code)
WHERE state = 'loaded'
GROUP BY release_order, records
ORDER BY release_order`

// readOwnWork reads the answer to ownWorkQuery.
func readOwnWork(out string) (work, error) {
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		return work{}, fmt.Errorf("reading what the program found: %w", err)
	}
	var done work
	for i, row := range rows {
		if i == 0 {
			continue // the header
		}
		records, err := strconv.Atoi(row[0])
		if err != nil {
			return work{}, fmt.Errorf("reading what the program found: %w", err)
		}
		differences, err := strconv.Atoi(row[1])
		if err != nil {
			return work{}, fmt.Errorf("reading what the program found: %w", err)
		}
		done.Records = append(done.Records, records)
		if i > 1 { // the first release has no neighbour before it
			done.Differences = append(done.Differences, differences)
		}
	}
	return done, nil
}

// differenceFrom says where two differ; "" where they do not.
func (w work) differenceFrom(other work) string {
	if len(w.Records) != len(other.Records) || len(w.Differences) != len(other.Differences) {
		return fmt.Sprintf("%d releases against %d", len(w.Records), len(other.Records))
	}
	for i := range w.Records {
		if w.Records[i] != other.Records[i] {
			return fmt.Sprintf("%d records in release %d against %d", w.Records[i], i+1, other.Records[i])
		}
	}
	for i := range w.Differences {
		if w.Differences[i] != other.Differences[i] {
			return fmt.Sprintf("%d fields differ between releases %d and %d against %d", w.Differences[i], i+1, i+2, other.Differences[i])
		}
	}
	return ""
}

func (w work) String() string {
	records, differences := 0, 0
	for _, count := range w.Records {
		records += count
	}
	for _, count := range w.Differences {
		differences += count
	}
	return fmt.Sprintf("%d releases, %d records, %d fields that differ between neighbours", len(w.Records), records, differences)
}
