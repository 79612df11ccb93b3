package load

import (
	"context"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// The frame of a published file is all of it that is the same whatever the releases say.
// It takes some four hundred statements to make, a twelfth of the time of a first run over
// four releases: therefore it is kept, as they make it, under the name of the program's form.
// Where that has another name, somebody changed what it is made of: it is made anew then,
// as it should be, and a test says that it is to be written again ('make frame').
//
//go:embed frame
var embedded embed.FS

const frameFolder = "frame"

var keptFrames fs.FS = embedded

// frameName is the name of the frame that is kept, of some form.
func frameName(form string) string { return form[:16] + ".duckdb" }

// storageOptions let DuckDB 1.1 and later open the published file. Each column of
// each table takes whole blocks, which are 256 KiB by default: most of a small
// file, and a seventh of one of a hundred quarters, would be empty. There is no log of a
// file that is thrown away where it is not written to its end.
const (
	storageOptions = " (STORAGE_VERSION 'v1.0.0', BLOCK_SIZE 65536, RECOVERY_MODE no_wal_writes)"
	withoutLog     = " (RECOVERY_MODE no_wal_writes)"
)

// openFrame makes a file with nothing but the frame, and opens it as published.
func openFrame(ctx context.Context, db *database, file string) error {
	kept, err := fs.ReadFile(keptFrames, frameFolder+"/"+frameName(form()))
	if errors.Is(err, fs.ErrNotExist) {
		return openNewFrame(ctx, db, file)
	}
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, kept, 0o666); err != nil {
		return err
	}
	return db.open(ctx, file, "published", withoutLog)
}

// openNewFrame does so from the statements.
func openNewFrame(ctx context.Context, db *database, file string) error {
	used, err := db.readTexts(ctx, `SELECT current_database()`)
	if err != nil {
		return err
	}
	if err := db.open(ctx, file, "published", storageOptions); err != nil {
		return err
	}
	err = db.inTransaction(ctx, func() error { return makeFrame(ctx, db) })
	after := context.WithoutCancel(ctx)
	err = errors.Join(err, db.use(after, used[0]))
	if err != nil {
		err = errors.Join(err, db.detach(after, "published"))
	}
	return err
}

// makeFrame makes all of a published file that is the same whatever the releases
// say: tables, views, macros, what explains values, and comments. The file is
// attached as published.
func makeFrame(ctx context.Context, db *database) error {
	if err := db.use(ctx, "published"); err != nil {
		return err
	}
	if err := db.execute(ctx, "published_tables"); err != nil {
		return err
	}
	if err := appendExplanations(ctx, db); err != nil {
		return err
	}
	if err := db.execute(ctx, "decode_views"); err != nil {
		return err
	}
	if err := db.script(ctx, strings.Join(append(statements.Views(), statements.Macros()...), "\n")); err != nil {
		return fmt.Errorf("views and macros: %w", err)
	}
	if err := writeComments(ctx, db); err != nil {
		return fmt.Errorf("comments: %w", err)
	}
	return nil
}

// appendExplanations fills the decode tables, and the list of fields.
func appendExplanations(ctx context.Context, db *database) error {
	var values [][]driver.Value
	for _, list := range transform.CodeLists() {
		for _, v := range list.Values {
			values = append(values, []driver.Value{list.Table, v.Value, v.Meaning, text(v.Group), isoDate(v.ValidFrom), isoDate(v.ValidTo), text(v.Note)})
		}
	}
	if err := db.appendRows(ctx, "published", "code_values", rowsOf(values, asTheyAre)); err != nil {
		return err
	}
	return db.appendRows(ctx, "published", "fields", rowsOf(transform.Definitions(), func(row []driver.Value, d *transform.Definition) []driver.Value {
		return append(row, d.Name, d.Title, d.Definition, text(d.Source))
	}))
}
