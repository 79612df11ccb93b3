// Package sql holds every SQL statement of any length, as files:
//
//	migrations/  the warehouse's tables, one file a schema version
//	statements/  what the program runs, named by the function that runs it
//	views/       the views of the published file
//	macros/      the macros of the published file
//	queries/     a cookbook for analysts (queries.go)
//
// and introduction.md, the beginning of the data dictionary (DICTIONARY.md is
// written from it and from a published file).
//
// It says what is asked of the database; when, and with which values, is said
// by package load.
package sql

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed migrations statements views macros queries introduction.md
var files embed.FS

// Introduction gives the text before the data dictionary, in markdown.
func Introduction() string {
	text, err := files.ReadFile("introduction.md")
	if err != nil {
		panic(fmt.Sprintf("sql: %v", err))
	}
	return string(text)
}

// Statement gives the text of statements/<name>.sql. A name that does not exist
// is a mistake in the program, and panics.
func Statement(name string) string {
	text, err := files.ReadFile(path.Join("statements", name+".sql"))
	if err != nil {
		panic(fmt.Sprintf("sql: no statement %q", name))
	}
	return string(text)
}

// Migrations gives the schema's statements in order: the first one makes
// version 1 of it.
func Migrations() []string { return all("migrations") }

// Views gives the statements that make the published views, each after those
// that it needs.
func Views() []string { return all("views") }

// Macros gives the statements that make the published macros, each after those
// that it needs.
func Macros() []string { return all("macros") }

// all gives the files of a folder in the order of their names.
func all(folder string) []string {
	names, err := fs.Glob(files, path.Join(folder, "*.sql"))
	if err != nil || len(names) == 0 {
		panic(fmt.Sprintf("sql: no statements in %s", folder))
	}
	slices.Sort(names)
	texts := make([]string, len(names))
	for i, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(fmt.Sprintf("sql: %v", err))
		}
		texts[i] = string(text)
	}
	return texts
}

// An Object is a published view or macro.
type Object struct {
	Kind      string // VIEW, MACRO or MACRO TABLE, as COMMENT ON wants it
	Name      string
	Signature string // of a macro: its name with its parameters
	Comment   string // the comment on top of its file
}

var createObject = regexp.MustCompile(`(?m)^CREATE (VIEW|MACRO) (\w+)(\(.*\))? AS( TABLE)?`)

// Objects gives the published views, then the macros, each in the order in
// which they are made.
func Objects() []Object {
	var objects []Object
	for _, text := range append(Views(), Macros()...) {
		found := createObject.FindStringSubmatch(text)
		if found == nil {
			panic(fmt.Sprintf("sql: no view or macro in %.60q", text))
		}
		objects = append(objects, Object{
			Kind: found[1] + found[4], Name: found[2], Signature: found[2] + found[3], Comment: topComment(text),
		})
	}
	return objects
}

// topComment gives the comment with which a text begins, its lines joined with
// blanks.
func topComment(text string) string {
	var lines []string
	for {
		line, after, _ := strings.Cut(text, "\n")
		words, isComment := strings.CutPrefix(line, "--")
		if !isComment {
			return strings.Join(lines, " ")
		}
		lines = append(lines, strings.TrimSpace(words))
		text = after
	}
}

// Literal makes an SQL text literal of any text, for the statements of DuckDB
// that take no parameters (COMMENT ON, SET VARIABLE). A text that DuckDB would
// not take as it is (not UTF-8, or with a NUL character) is an error.
func Literal(text string) (string, error) {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return "", fmt.Errorf("%.60q is not text in UTF-8, or holds a NUL character", text)
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'", nil
}
