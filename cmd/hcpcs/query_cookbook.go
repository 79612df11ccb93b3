package main

import (
	"regexp"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/sql"
)

// cookbookName is what names of queries look like; SQL has blanks.
var cookbookName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// fromCookbook gives the text of a query that is named, with the parameters that
// were given; named is false where the argument is SQL.
func fromCookbook(arguments []string) (text string, named bool, err error) {
	query, known := sql.QueryNamed(arguments[0])
	switch {
	case !known && cookbookName.MatchString(arguments[0]):
		return "", false, usagef("there is no query %q: there are %s; 'hcpcs query --list' says what each answers", arguments[0], list(queryNames(), "and"))
	case !known && len(arguments) > 1:
		return "", false, usagef("%q is one argument too many: SQL is one argument, in quotation marks", arguments[1])
	case !known:
		return "", false, nil
	}
	values := map[string]string{}
	for _, argument := range arguments[1:] {
		name, value, found := strings.Cut(argument, "=")
		if _, twice := values[name]; twice || !found {
			return "", true, usagef("%q: give each parameter once, as key=value, such as code=E7011", argument)
		}
		values[name] = value
	}
	if text, err = query.With(values); err != nil {
		return "", true, asUsage(err)
	}
	return text, true, nil
}

func queryNames() []string {
	var names []string
	for _, query := range sql.Queries() {
		names = append(names, query.Name)
	}
	return names
}

// listQueries prints the cookbook.
func (a *app) listQueries() error {
	queries := &table{columns: []column{{name: "name", title: "Name"}, {name: "question", title: "Question"}, {name: "parameters", title: "Parameters"}}}
	for _, query := range sql.Queries() {
		var parameters []string
		for _, parameter := range query.Parameters {
			parameters = append(parameters, parameter.Name+"="+parameter.Default)
		}
		var cell any = listOrNil(parameters)
		if a.config.Format == "table" {
			short := make(lines, len(parameters))
			for i := range parameters {
				short[i] = shorten(parameters[i], longestParameter)
			}
			cell = short
		}
		queries.rows = append(queries.rows, []any{query.Name, query.Question, cell})
	}
	return a.write(queries, nil)
}

// longestParameter bounds how much of a parameter is shown in a list.
const longestParameter = 30
