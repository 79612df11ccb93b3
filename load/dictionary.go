package load

import (
	"context"
	"fmt"
	"strings"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Dictionary writes the data dictionary in markdown: an introduction, then the
// tables, views and macros with the comments that stand in the file itself, then
// the cookbook's questions.
func (p *Published) Dictionary(ctx context.Context) (string, error) {
	var page strings.Builder
	page.WriteString(statements.Introduction())
	for _, part := range [...]struct{ title, statement string }{
		{"Tables", "dictionary_tables"}, {"Views", "dictionary_views"},
	} {
		page.WriteString("\n## " + part.title + "\n")
		if err := p.describeTables(ctx, &page, statements.Statement(part.statement)); err != nil {
			return "", fmt.Errorf("writing the dictionary: %w", err)
		}
	}
	page.WriteString("\n## Decode tables\n\nThey explain the values of CMS's fields, and are views of `code_values`: each has the columns of it but `list`.\n\n| table | what it explains |\n|---|---|\n")
	for _, list := range transform.CodeLists() {
		fmt.Fprintf(&page, "| `%s` | %s |\n", list.Table, list.Title)
	}
	if err := p.describeMacros(ctx, &page); err != nil {
		return "", fmt.Errorf("writing the dictionary: %w", err)
	}
	page.WriteString("\n## Cookbook\n\nEach is a file in `sql/queries`, runs as it stands in any DuckDB client, and is run by `hcpcs query NAME parameter=value`.\n\n| query | question | parameters |\n|---|---|---|\n")
	for _, query := range statements.Queries() {
		var parameters []string
		for _, parameter := range query.Parameters {
			parameters = append(parameters, "`"+parameter.Name+"`")
		}
		fmt.Fprintf(&page, "| `%s` | %s | %s |\n", query.Name, cell(query.Question), strings.Join(parameters, " "))
	}
	return page.String(), nil
}

// describeTables writes a section for each table of the rows: name, its comment,
// column, its type, its comment.
func (p *Published) describeTables(ctx context.Context, page *strings.Builder, question string) error {
	rows, err := p.db.conn.QueryContext(ctx, question)
	if err != nil {
		return err
	}
	defer rows.Close() // after reading, nothing can be lost
	last := ""
	for rows.Next() {
		var table, about, column, columnType, comment string
		if err := rows.Scan(&table, &about, &column, &columnType, &comment); err != nil {
			return err
		}
		if _, isDecode := transform.ListNamed(table); isDecode {
			continue // described by code_values
		}
		if table != last {
			fmt.Fprintf(page, "\n### %s\n\n%s\n\n| column | type | what it is |\n|---|---|---|\n", table, about)
			last = table
		}
		fmt.Fprintf(page, "| `%s` | %s | %s |\n", column, columnType, cell(comment))
	}
	return rows.Err()
}

func (p *Published) describeMacros(ctx context.Context, page *strings.Builder) error {
	page.WriteString("\n## Macros\n\nOptional arguments are named: `known := '2020Q1'`.\n\n| macro | gives | what it does |\n|---|---|---|\n")
	rows, err := p.db.conn.QueryContext(ctx, statements.Statement("dictionary_macros"))
	if err != nil {
		return err
	}
	defer rows.Close() // after reading, nothing can be lost
	comments := map[string]string{}
	for rows.Next() {
		var name, comment string
		if err := rows.Scan(&name, &comment); err != nil {
			return err
		}
		comments[name] = comment
	}
	for _, object := range statements.Objects() {
		comment, found := comments[object.Name]
		if !found {
			continue
		}
		gives := "a value"
		if object.Kind == "MACRO TABLE" {
			gives = "rows"
		}
		fmt.Fprintf(page, "| `%s` | %s | %s |\n", object.Signature, gives, cell(comment))
	}
	return rows.Err()
}

// cell makes a text fit for a cell of a markdown table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
