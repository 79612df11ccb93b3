package load

import (
	"context"
	"fmt"
	"strings"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// The comments of the published file. Each text has one place: a column's is its
// definition in package transform, a view's or macro's stands on top of its file
// in package sql, a decode table's is the title of its list, and the other
// tables' are here.

// tableComments says what one row of each table is.
var tableComments = map[string]string{
	"releases":            "CMS's releases: one row each. Those with state loaded are in the tables; one that is held back is a row here and nothing else. A revision of a quarter is a release of its own.",
	"release_dates":       "The dates of the loaded releases: one row each, with the dates for which it is CMS's latest word, and the day from which it counts as known.",
	"record_spans":        "The records of all codes: one row a code, record and unbroken span of releases that carry it unchanged. View release_records shows them release by release.",
	"record_places":       "What view record_lines stands upon: one row a release and code, in numbers, which take less than half the room of texts.",
	"sequence_numbers":    "What view record_lines stands upon: the sequence number of a release's codes, in one row without a code, and in a row each for those that have another one.",
	"code_numbers":        "What view record_lines stands upon: one row a code.",
	"code_history":        "Every code over two times: one row says that this record holds for these dates (valid_from to valid_to), according to these releases (known_from to known_to). As known at one release, the rows of a code cover all dates from its first day on, each once; rows with known_to NULL are what is known now. Sorted by code, except that the codes touched by the latest releases may stand at the end; the rows of a code stand together.",
	"code_changes":        "What each release changed against the release before: one row a release and code. Sorted by code, except that the codes touched by the latest releases may stand at the end; the rows of a code stand together.",
	"field_changes":       "Which fields those changes touched: one row a release, code and field. None for codes that were added, came back, vanished or aged off. Sorted by code, except that the codes touched by the latest releases may stand at the end; the rows of a code stand together.",
	"findings":            "What is wrong or doubtful in the files of the releases: one row each.",
	"transaction_reports": "CMS's transaction reports: one row a line that says what was done to a code; those that say that nothing was done are left out. Nothing is derived from them; they are a second witness.",
	"corrections":         "CMS's lists of corrections, in CMS's words: one row a correction. Nothing of them is interpreted.",
	"noc_codes":           "CMS's lists of codes for what is not otherwise classified: one row a line.",
	"processing_notes":    "The texts of the processing notes that records name by number: one row a note and list.",
	"companion_findings":  "What is wrong or doubtful in the files that came with the releases: one row each.",
	"code_values":         "What the values of CMS's fields mean: one row a list and value, in the order of the record layout. Each list is a view of its own, under the list's name.",
	"fields":              "The columns of all tables, as a printed code sheet explains them: one row each.",
	"database_info":       "What the file says of itself: one row.",
}

// writeComments puts a comment on every table, view, macro and column of the
// file in use. A column without a definition is an error.
func writeComments(ctx context.Context, db *database) error {
	var script strings.Builder
	comment := func(on, text string) error {
		literal, err := statements.Literal(text)
		if err != nil {
			return err
		}
		script.WriteString("COMMENT ON " + on + " IS " + literal + ";\n")
		return nil
	}
	for table, text := range tableComments {
		if err := comment("TABLE "+table, text); err != nil {
			return err
		}
	}
	for _, list := range transform.CodeLists() {
		if err := comment("VIEW "+list.Table, list.Title+decodeComment); err != nil {
			return err
		}
	}
	for _, object := range statements.Objects() {
		if err := comment(object.Kind+" "+object.Name, object.Comment); err != nil {
			return err
		}
	}
	rows, err := db.conn.QueryContext(ctx, statements.Statement("columns"))
	if err != nil {
		return err
	}
	defer rows.Close() // after reading, nothing can be lost
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			return err
		}
		text, err := columnComment(table, column)
		if err != nil {
			return err
		}
		if err := comment("COLUMN "+table+"."+column, text); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return db.script(ctx, script.String())
}

// decodeComment follows the title of a code list in the comment of its view.
const decodeComment = ": what each value means, one row a value, in the order of the record layout."

// columnComment gives a column's definition, the values it can have, and its
// source.
func columnComment(table, column string) (string, error) {
	definition, ok := transform.ColumnDefinition(table, column)
	if !ok {
		return "", fmt.Errorf("column %s.%s has no definition (transform/definitions.go)", table, column)
	}
	text := definition.Definition
	if field, isField := transform.FieldNamed(definition.Name); isField {
		if list, hasList := transform.ListOf(field); hasList {
			text += " Values: table " + list.Table + "."
		}
	}
	if column == "action_code" {
		text += " Values: table action_codes."
	}
	if enumeration, ok := transform.EnumerationOf(definition.Name); ok {
		var meanings []string
		for _, value := range enumeration.Values {
			meanings = append(meanings, value.Value+": "+strings.TrimSuffix(value.Meaning, "."))
		}
		text += " Values: " + strings.Join(meanings, "; ") + "."
	}
	return text + " Source: " + definition.Source + ".", nil
}
