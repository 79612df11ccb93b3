package sql

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// Query is one entry of the cookbook: a file that begins with its question,
// goes on with its parameters as SET VARIABLE lines, and ends with one SELECT.
// It runs in any DuckDB client as it stands.
type Query struct {
	Name       string // the file's name without its ending
	Question   string // the comment on top, up to its question mark
	Note       string // what that comment says besides
	Parameters []Parameter
	Text       string // the whole file
}

// Parameter is a variable that a query reads; its value is text.
type Parameter struct {
	Name    string
	Default string
	Note    string // the comment beside it
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
		queries = append(queries, readQuery(name, string(text)))
	}
	return queries
}

// QueryNamed finds an entry of the cookbook.
func QueryNamed(name string) (Query, bool) {
	for _, query := range Queries() {
		if query.Name == name {
			return query, true
		}
	}
	return Query{}, false
}

// parameterLine is how a query gives a parameter its value.
var parameterLine = regexp.MustCompile(`(?m)^SET VARIABLE (\w+) = '((?:[^'\n]|'')*)';(?: -- (.*))?$`)

func readQuery(name, text string) Query {
	query := Query{Name: name, Text: text}
	query.Question, query.Note, _ = strings.Cut(topComment(text), "?")
	query.Question, query.Note = query.Question+"?", strings.TrimSpace(query.Note)
	for _, line := range parameterLine.FindAllStringSubmatch(text, -1) {
		query.Parameters = append(query.Parameters, Parameter{
			Name: line[1], Default: strings.ReplaceAll(line[2], "''", "'"), Note: line[3],
		})
	}
	return query
}

// With gives the query's text with other values for its parameters. Values are
// text and stay text, whatever is in them. A parameter that the query does not
// have is an error that names those it has.
func (q Query) With(values map[string]string) (string, error) {
	for name := range values {
		if !q.has(name) {
			return "", fmt.Errorf("query %s has no parameter %q: %s", q.Name, name, q.listParameters())
		}
	}
	literals := make(map[string]string, len(values))
	for name, value := range values {
		literal, err := Literal(value)
		if err != nil {
			return "", fmt.Errorf("parameter %s of query %s: %w", name, q.Name, err)
		}
		literals[name] = literal
	}
	return parameterLine.ReplaceAllStringFunc(q.Text, func(line string) string {
		name := parameterLine.FindStringSubmatch(line)[1]
		if literal, given := literals[name]; given {
			return "SET VARIABLE " + name + " = " + literal + ";"
		}
		return line
	}), nil
}

func (q Query) has(name string) bool {
	for _, parameter := range q.Parameters {
		if parameter.Name == name {
			return true
		}
	}
	return false
}

func (q Query) listParameters() string {
	if len(q.Parameters) == 0 {
		return "it has none"
	}
	names := make([]string, len(q.Parameters))
	for i, parameter := range q.Parameters {
		names[i] = parameter.Name
	}
	return "it has " + strings.Join(names, ", ")
}
