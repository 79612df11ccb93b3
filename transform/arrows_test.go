package transform

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/hcpcstrack/hcpcstrack"

// mayImport says for each package of the project which others it may import.
// What is not here may import nothing of the project. transform may see names
// of releases, and nothing that reads or writes.
var mayImport = map[string][]string{
	"extract/release":              {},
	"sql":                          {},
	"extract/cmstest":              {"extract/release"},
	"extract/cmstest/writesamples": {"extract/cmstest"},
	"extract":                      {"extract/release"},
	"transform":                    {"extract/release"},
	"load":                         {"extract/release", "sql", "transform"},
	"pipeline/report":              {"extract/release", "transform", "load"},
	"pipeline/mail":                {},
	"pipeline/mail/mailtest":       {},
	"pipeline":                     {"extract/release", "extract", "transform", "load", "sql", "pipeline/report", "pipeline/mail"},
	"cmd/bench":                    {"extract/release", "extract/cmstest"},
	"cmd/hcpcs":                    {"extract/release", "extract", "transform", "load", "sql", "pipeline", "pipeline/report", "pipeline/mail"},
}

// impure are packages of the standard library that transform must not import:
// it has no files, no network, no clock of its own and no processes.
var impure = []string{"os", "os/exec", "net", "net/http", "io/fs", "path/filepath", "database/sql", "log", "log/slog"}

const driver = "github.com/duckdb/duckdb-go/v2"

// TestImportArrows: a package imports those before it in the flow, never one
// after it; transform imports nothing that does I/O; one file imports the
// DuckDB driver.
func TestImportArrows(t *testing.T) {
	root := ".."
	seen := map[string]bool{}
	var withDriver []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "data") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		relative, err := filepath.Rel(root, path)
		require.NoError(t, err)
		folder := filepath.ToSlash(filepath.Dir(relative))
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		require.NoError(t, err)
		seen[folder] = true
		allowed, known := mayImport[folder]
		require.True(t, known, "package %s has no place among the arrows: add it to mayImport", folder)
		for _, one := range file.Imports {
			imported, err := strconv.Unquote(one.Path.Value)
			require.NoError(t, err)
			if imported == driver {
				withDriver = append(withDriver, filepath.ToSlash(relative))
			}
			if folder == "transform" {
				require.NotContains(t, impure, imported, "%s imports %s", relative, imported)
			}
			if ours, isOurs := strings.CutPrefix(imported, module+"/"); isOurs {
				require.True(t, slices.Contains(allowed, ours), "%s imports %s, which comes after it", relative, ours)
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.True(t, seen["transform"] && seen["load"] && seen["extract"])
	require.Equal(t, []string{"load/duckdb.go"}, withDriver)
}
