package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Look reads what is about to be published, on a goroutine of its own. It must not keep
// the Published.
type Look func(ctx context.Context, preview *Published)

// beginLook shows to look what is about to be published at path, while it is written,
// and gives what waits for the end.
func (w *Warehouse) beginLook(ctx context.Context, path string, look Look) (wait func() error, err error) {
	if look == nil {
		return func() error { return nil }, nil
	}
	preview, err := w.preview(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("looking at what is there: %w", err)
	}
	ended := make(chan error, 1)
	go func() {
		look(ctx, preview)
		ended <- preview.db.disconnect(ctx)
	}()
	return func() error { return <-ended }, nil
}

// preview gives for the published file what it will hold, as far as a report on the
// releases that were just loaded asks: the tables of facts are those of the warehouse,
// read over a connection of its own, and what follows from them is in memory.
func (w *Warehouse) preview(ctx context.Context, path string) (*Published, error) {
	db, err := w.db.connect(ctx)
	if err != nil {
		return nil, err
	}
	p := &Published{db: db, path: path, releases: slices.Clone(w.releases), borrowed: true}
	p.book, p.derived = w.codes.records(p), w.codes.changes()
	if err := p.db.use(ctx, "warehouse"); err != nil {
		return nil, errors.Join(err, db.disconnect(ctx))
	}
	return p, nil
}

// changes gives what the releases that were loaded changed, by release.
func (b *codeBook) changes() map[release.ID][]*transform.Change {
	changes := make(map[release.ID][]*transform.Change, len(b.told))
	for id := range b.told {
		changes[id] = nil
	}
	for _, d := range b.derivations {
		for i := range d.changes {
			if change := &d.changes[i]; b.told[change.release] {
				changes[change.release] = append(changes[change.release], change.Change)
			}
		}
	}
	return changes
}

// errNotDerived says that a preview lacks the changes of a release.
var errNotDerived = errors.New("what it changed is in the tables, and not in memory")

// derivedChanges gives what each of some releases changed as ChangesOf does, from
// memory.
func (p *Published) derivedChanges(comparisons []Comparison) error {
	for i := range comparisons {
		comparison := &comparisons[i]
		derived, found := p.derived[comparison.Release.ID]
		if !found {
			return fmt.Errorf("%s: %w", comparison.Release.ID, errNotDerived)
		}
		for _, change := range derived {
			copied := *change // it is written into the published file meanwhile
			copied.Fields = slices.Clone(copied.Fields)
			transform.SortFields(copied.Fields)
			comparison.Changes = append(comparison.Changes, &copied)
		}
		slices.SortFunc(comparison.Changes, func(a, b *transform.Change) int { return strings.Compare(a.Code, b.Code) })
	}
	return nil
}
