package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// duplicatesFile stands in the archive and remembers which other names of
// archived releases were said already: a line each, "2025Q4r1 <name>".
const duplicatesFile = "other_names.txt"

// findDuplicates lists the offers that are releases in the archive under another
// name: no revisions, and said once.
func (r *run) findDuplicates(ctx context.Context, offers []extract.AddedOffer) error {
	archived, err := r.archive.Releases(ctx)
	if err != nil {
		return err
	}
	names := map[release.ID][]string{}
	for _, one := range archived {
		names[one.ID] = append(names[one.ID], one.Name)
		for _, again := range one.Repackaged {
			names[one.ID] = append(names[one.ID], again.Name)
		}
	}
	path := filepath.Join(r.paths.Archive, duplicatesFile)
	said, err := readLines(path)
	if err != nil {
		return fmt.Errorf("reading which other names were met: %w", err)
	}
	before := len(said)
	for _, offer := range offers {
		line := offer.ID.String() + " " + utf8Name(offer.Name)
		if offer.Outcome != extract.OutcomeKnown || slices.Contains(names[offer.ID], offer.Name) || slices.Contains(said, line) {
			continue
		}
		said = append(said, line)
		r.summary.Duplicates = append(r.summary.Duplicates, offer)
	}
	if len(said) == before {
		return nil
	}
	if err := writeWhole(path, []byte(strings.Join(said, "\n")+"\n")); err != nil {
		return fmt.Errorf("remembering other names: %w", err)
	}
	return nil
}

// utf8Name makes one line of text of a file's name, which can be any bytes.
func utf8Name(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(name, "\uFFFD"))
}
