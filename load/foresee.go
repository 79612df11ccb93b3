package load

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// foreseen is what was begun for the next publication.
type foreseen struct {
	from, to string
	ended    chan struct{}
	// What there is when it has ended: a copy of the published file, to be added
	// to, and the SHA-256 of what was copied, in hex; or, where no file was
	// published, the frame of a new one, attached as published.
	sum    string
	framed bool
	err    error
}

// ForeseePublication begins, beside the loading of releases, what a publication at
// path needs whatever they say. A file that is published there is copied, for
// Publish to add to it: it grows with history. Where there is none, the frame of a
// new one is made, in DuckDB, over a connection of its own. Publish is right without
// it, and whatever became of the file meanwhile.
func (w *Warehouse) ForeseePublication(ctx context.Context, path string) error {
	if err := w.dropForeseen(); err != nil {
		return err
	}
	f := &foreseen{from: path, to: besidePublished(path), ended: make(chan struct{})}
	if err := removeDatabase(f.to); err != nil {
		return fmt.Errorf("clearing what an earlier run left: %w", err)
	}
	_, err := os.Stat(path)
	isNew := errors.Is(err, fs.ErrNotExist)
	go func() {
		defer close(f.ended)
		if isNew {
			f.err = w.beginFrame(ctx, f)
		} else {
			f.sum, f.err = copyFile(f.from, f.to)
		}
	}()
	w.foreseen = f
	return nil
}

func (w *Warehouse) beginFrame(ctx context.Context, f *foreseen) (err error) {
	conn, err := w.db.pool.Conn(ctx)
	if err != nil {
		return err
	}
	db := &database{pool: w.db.pool, conn: conn}
	if err := db.attach(ctx, f.to, "published", storageOptions); err != nil {
		return errors.Join(err, conn.Close())
	}
	err = db.inTransaction(ctx, func() error { return makeFrame(ctx, db) })
	after := context.WithoutCancel(ctx)
	err = errors.Join(err, db.use(after, "memory"))
	if err != nil {
		err = errors.Join(err, db.detach(after, "published"))
	}
	f.framed = err == nil
	return errors.Join(err, conn.Close())
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
	<-w.foreseen.ended
	return w.foreseen.sum, w.foreseen.err
}

// takeFrame waits for what was begun for a new file, and tells whether the file is
// attached as published, with its frame in it. Else nothing of it is left.
func (w *Warehouse) takeFrame(file string) (framed bool, err error) {
	if w.isForeseen(file) {
		<-w.foreseen.ended
		if w.foreseen.framed {
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
	<-f.ended
	var detached error
	if f.framed {
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
