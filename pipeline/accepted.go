package pipeline

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/load"
)

// acceptedFile stands in the archive, since the archive is all that is needed to
// make the rest again: a line for each release that somebody accepted although
// it did not look right, as "2025Q4r2 <SHA-256 of its main file>".
const acceptedFile = "accepted.txt"

// isAccepted tells whether a release was accepted, by this run or an earlier one,
// and remembers it before the release is loaded: a rebuild does not ask again.
func (r *run) isAccepted(row load.Release) (bool, error) {
	path := filepath.Join(r.paths.Archive, acceptedFile)
	line := row.ID.String() + " " + row.SHA256
	lines, err := readLines(path)
	if err != nil {
		return false, fmt.Errorf("reading which releases were accepted: %w", err)
	}
	if slices.Contains(lines, line) {
		return true, nil
	}
	if !slices.Contains(r.accept, row.ID) {
		return false, nil
	}
	content := strings.Join(append(lines, line), "\n") + "\n"
	if err := writeWhole(path, []byte(content)); err != nil {
		return false, fmt.Errorf("remembering that %s is accepted: %w", row.ID, err)
	}
	return true, nil
}

func readLines(path string) ([]string, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close() // after reading, nothing can be lost
	var lines []string
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	return lines, scanner.Err()
}
