package load

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
)

// ExportFormats are the formats of Export.
var ExportFormats = []string{"parquet", "csv", "json"}

// Export writes every table and view of the published file at path into a new
// folder, one file each: Parquet as it stands, JSON with a row a line, CSV with
// repeated values joined with semicolons; what has a code is sorted by it. The
// folder is as WriteFolder makes it;
// the names of its files are given.
func Export(ctx context.Context, path, folder, format string, resources Resources) (files []string, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("opening %s: %w", path, ErrNothingPublished)
	}
	err = WriteFolder(folder, func(beside string) error {
		files, err = exportTables(ctx, path, beside, format, resources)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("exporting: %w", err)
	}
	return files, nil
}

// WriteFolder makes a new folder with what write puts into the one that it is
// given. The folder appears whole or not at all; one that is there already and
// not empty is an InputError.
func WriteFolder(folder string, write func(beside string) error) (err error) {
	if folder, err = filepath.Abs(folder); err != nil {
		return err
	}
	if _, err := statements.Literal(folder); err != nil {
		return inputErrorf("the folder's name: %w", err)
	}
	entries, err := os.ReadDir(folder)
	switch {
	case err == nil && len(entries) > 0:
		return inputErrorf("%s is there already, and not empty: name a new folder", folder)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return inputErrorf("%s cannot become a folder: %w", folder, err)
	}
	beside, err := os.MkdirTemp(filepath.Dir(folder), "."+filepath.Base(folder)+".part-")
	if errors.Is(err, fs.ErrNotExist) {
		return inputErrorf("there is no folder %s in which to make %s", filepath.Dir(folder), filepath.Base(folder))
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", folder, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(beside)) }()
	if err := os.Chmod(beside, 0o755); err != nil {
		return err
	}
	if err := write(beside); err != nil {
		return fmt.Errorf("writing %s: %w", folder, err)
	}
	if err := syncAll(beside); err != nil {
		return fmt.Errorf("writing %s: %w", folder, err)
	}
	// An empty folder gives way; one that has filled in the meantime does not.
	if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing %s: %w", folder, err)
	}
	if err := os.Rename(beside, folder); err != nil {
		return fmt.Errorf("writing %s: %w", folder, err)
	}
	return syncPath(filepath.Dir(folder))
}

// syncedAtOnce is how many files are synced at the same time: waiting for one
// after the other takes longest where there are thousands of small ones.
const syncedAtOnce = 16

// syncAll syncs a folder and everything in it.
func syncAll(folder string) error {
	paths := make(chan string)
	failed := make([]error, syncedAtOnce)
	var running sync.WaitGroup
	for i := range failed {
		running.Go(func() {
			for path := range paths {
				failed[i] = errors.Join(failed[i], syncPath(path))
			}
		})
	}
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			paths <- path
		}
		return err
	})
	close(paths)
	running.Wait()
	return errors.Join(append(failed, err)...)
}

func syncPath(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// copyOptions say how a format is written. Parquet is in small groups of rows, so
// that there is something to skip: a group is what readers skip as a whole.
var copyOptions = map[string]string{
	"parquet": "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480",
	"csv":     "FORMAT csv, HEADER",
	"json":    "FORMAT json, ARRAY false",
}

func exportTables(ctx context.Context, path, folder, format string, resources Resources) (_ []string, err error) {
	// Two threads sort the large tables in twice the memory, and put so much of it
	// aside that they take longer.
	resources.Threads = 1
	db, err := openDatabase(ctx, resources)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	if err := db.attach(ctx, path, "hcpcs", " (READ_ONLY)"); err != nil {
		return nil, err
	}
	if err := checkSchema(ctx, db); err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	for _, statement := range []string{"SET allowed_directories = [" + quoteText(folder) + "]", statements.Statement("lock_down")} {
		if _, err := db.conn.ExecContext(ctx, statement); err != nil {
			return nil, err
		}
	}
	tables, err := exportedTables(ctx, db, format)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, table := range tables {
		file := table.name + "." + format
		copying := "COPY (SELECT " + strings.Join(table.selected, ", ") + " FROM " + quoteName(table.name) + table.order() + ") TO " +
			quoteText(filepath.Join(folder, file)) + " (" + copyOptions[format] + ", USE_TMP_FILE false)"
		if _, err := db.conn.ExecContext(ctx, copying); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		files = append(files, file)
	}
	return files, nil
}

// exportedTable is a table or view, with its columns and how they are selected.
type exportedTable struct {
	name              string
	columns, selected []string
}

// exportedTables gives every table and view, by name.
func exportedTables(ctx context.Context, db *database, format string) (tables []*exportedTable, err error) {
	rows, err := db.conn.QueryContext(ctx, statements.Statement("export_columns"))
	if err != nil {
		return nil, err
	}
	defer rows.Close() // after reading, nothing can be lost
	for rows.Next() {
		var name, column, dataType string
		if err := rows.Scan(&name, &column, &dataType); err != nil {
			return nil, err
		}
		if len(tables) == 0 || tables[len(tables)-1].name != name {
			tables = append(tables, &exportedTable{name: name})
		}
		table := tables[len(tables)-1]
		selected := quoteName(column)
		if format == "csv" && strings.HasSuffix(dataType, "[]") {
			selected = "array_to_string(" + selected + ", ';') AS " + selected
		}
		table.columns = append(table.columns, column)
		table.selected = append(table.selected, selected)
	}
	return tables, rows.Err()
}

// keyColumns tell the rows of a code apart, in the order in which they are
// sorted.
var keyColumns = []string{
	"quarter", "release_order", "first_release_order", "release", "file", "sheet", "line",
	"valid_from", "known_from_order", "known_from", "step", "via", "target", "path", "field", "rule", "raw_text",
}

// order sorts what has a code by it, so that readers skip what they do not look
// for, and the rows of a code by what tells them apart: the same rows give the
// same bytes. What has no code stands as it stands in the published file.
func (t *exportedTable) order() string {
	if !slices.Contains(t.columns, "code") {
		return ""
	}
	order := ` ORDER BY "code"`
	for _, key := range keyColumns {
		if slices.Contains(t.columns, key) {
			order += ", " + quoteName(key)
		}
	}
	return order
}
