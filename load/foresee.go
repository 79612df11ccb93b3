package load

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// foreseen is what was begun for the next publication.
type foreseen struct {
	from, to string
	isNew    bool          // no file was published
	ended    chan struct{} // closed when what was begun has ended; nil: nothing was
	// What there is then: a copy of the published file, to be added to, and the SHA-256
	// of what was copied, in hex; or a new file, open as published, with the rows that
	// follow from what is loaded.
	sum     string
	hasRows bool
	err     error
}

// await waits for the end of what was begun.
func (f *foreseen) await() {
	if f.ended != nil {
		<-f.ended
	}
}

// ForeseePublication begins, beside the loading of releases, what a publication at
// path needs whatever they say: a file that is published there is copied, for
// Publish to add to it, since it grows with history. Where there is none, ForeseeRows
// can begin one. Publish is right without it, and whatever became of the file meanwhile.
func (w *Warehouse) ForeseePublication(path string) error {
	if err := w.dropForeseen(); err != nil {
		return err
	}
	_, err := os.Stat(path)
	f := &foreseen{from: path, to: besidePublished(path), isNew: errors.Is(err, fs.ErrNotExist)}
	if err := removeDatabase(f.to); err != nil {
		return fmt.Errorf("clearing what an earlier run left: %w", err)
	}
	if !f.isNew {
		f.ended = make(chan struct{})
		go func() {
			defer close(f.ended)
			f.sum, f.err = copyFile(f.from, f.to)
		}()
	}
	w.foreseen = f
	return nil
}

// ForeseeRows begins to write what follows from the releases that are loaded into a new
// file, while they are committed: it comes of what is in memory, and is most of what the
// file holds. A release that is loaded afterwards has it forgotten. It does nothing where
// a file is published already, or where not all is in memory. Publish is right without
// it.
func (w *Warehouse) ForeseeRows(ctx context.Context) {
	f := w.foreseen
	if f == nil || f.ended != nil || w.codes == nil || len(w.codes.derivations) != len(w.codes.last) {
		return
	}
	derivations := w.codes.ofCodes(slices.Sorted(maps.Keys(w.codes.last)))
	published := w.published()
	f.ended = make(chan struct{})
	go func() {
		defer close(f.ended)
		f.err = w.beginNewFile(ctx, f.to, derivations, published)
		f.hasRows = f.err == nil
	}()
}

// beginNewFile writes a new file over a connection of its own.
func (w *Warehouse) beginNewFile(ctx context.Context, file string, derivations []*derivation, published map[release.ID]time.Time) error {
	db, err := w.db.connect(ctx)
	if err != nil {
		return err
	}
	err = writeNewFile(ctx, db, file, derivations, published)
	return errors.Join(err, db.disconnect(ctx))
}

// forgetRows forgets a new file whose rows are no longer those that follow from what is
// loaded.
func (w *Warehouse) forgetRows() error {
	f := w.foreseen
	if f == nil || !f.isNew || f.ended == nil {
		return nil
	}
	if err := w.dropForeseen(); err != nil {
		return err
	}
	w.foreseen = &foreseen{from: f.from, to: f.to, isNew: true} // they can be begun again
	return nil
}

// isForeseen tells whether something was begun for a file in the making.
func (w *Warehouse) isForeseen(file string) bool { return w.foreseen != nil && w.foreseen.to == file }

// copyOf copies the published file, or waits for the copy that was begun. It
// gives the SHA-256 of what was copied, in hex, "" where a new file was begun
// instead.
func (w *Warehouse) copyOf(published, file string) (sum string, err error) {
	if !w.isForeseen(file) {
		return copyFile(published, file)
	}
	w.foreseen.await()
	return w.foreseen.sum, w.foreseen.err
}

// takeNewFile waits for the new file that was begun, and tells whether it is open, with
// its rows. Else nothing is left of it.
func (w *Warehouse) takeNewFile(file string) (hasRows bool, err error) {
	if w.isForeseen(file) {
		w.foreseen.await()
		if w.foreseen.hasRows {
			w.foreseen = nil
			return true, nil
		}
	}
	return false, errors.Join(w.dropForeseen(), removeDatabase(file))
}

// dropForeseen forgets what was begun for a publication.
func (w *Warehouse) dropForeseen() error {
	f := w.foreseen
	if f == nil {
		return nil
	}
	w.foreseen = nil
	f.await()
	var detached error
	if f.hasRows {
		detached = w.db.detach(context.Background(), "published")
	}
	return errors.Join(detached, removeDatabase(f.to))
}

// copyFile copies a file, and gives the SHA-256 of what was copied, in hex.
func copyFile(from, to string) (sum string, err error) {
	file, err := os.Create(to)
	if err != nil {
		return "", err
	}
	sum, err = copyAndHash(from, file)
	return sum, errors.Join(err, file.Close())
}
