// Package sql holds every SQL statement of any length, as files:
//
//	migrations/  the warehouse's tables, one file a schema version
//	statements/  what the program runs, named by the function that runs it
//	views/       the views of the published file
//	macros/      the macros of the published file
//	queries/     a cookbook for analysts
//
// It says what is asked of the database; when, and with which values, is said
// by package load.
package sql

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed migrations statements views macros queries
var files embed.FS

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

// Views gives the statements that make the published views.
func Views() []string { return all("views") }

// Macros gives the statements that make the published macros.
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

// Query is one entry of the cookbook.
type Query struct {
	Name     string // the file's name without its ending
	Question string // the comment on top
	Text     string
}

// Queries gives the cookbook, sorted by name.
func Queries() []Query {
	entries, err := fs.ReadDir(files, "queries")
	if err != nil {
		panic(fmt.Sprintf("sql: %v", err))
	}
	var queries []Query
	for _, entry := range entries {
		name, isSQL := strings.CutSuffix(entry.Name(), ".sql")
		if !isSQL {
			continue
		}
		text, err := files.ReadFile(path.Join("queries", entry.Name()))
		if err != nil {
			panic(fmt.Sprintf("sql: %v", err))
		}
		queries = append(queries, Query{Name: name, Question: topComment(string(text)), Text: string(text)})
	}
	return queries
}

// topComment joins the comment lines with which a text begins.
func topComment(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		comment, isComment := strings.CutPrefix(strings.TrimSpace(line), "--")
		if !isComment {
			break
		}
		lines = append(lines, strings.TrimSpace(comment))
	}
	return strings.Join(lines, " ")
}
