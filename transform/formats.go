package transform

import "fmt"

// FormatDifference is something that the text and the workbook of one release
// say differently of a code.
type FormatDifference struct {
	Code string
	What string // in words
}

// CompareFormats lists where two readings of one release differ, both sorted by
// code. Sequence numbers are not compared: CMS writes them with five digits in
// the text, with four in the workbook.
func CompareFormats(text, workbook []Record) []FormatDifference {
	var differences []FormatDifference
	list := func(code, what string, args ...any) {
		differences = append(differences, FormatDifference{code, fmt.Sprintf(what, args...)})
	}
	for len(text) > 0 || len(workbook) > 0 {
		switch {
		case len(workbook) == 0 || (len(text) > 0 && text[0].Code < workbook[0].Code):
			list(text[0].Code, "is in the text only")
			text = text[1:]
		case len(text) == 0 || workbook[0].Code < text[0].Code:
			list(workbook[0].Code, "is in the workbook only")
			workbook = workbook[1:]
		default:
			compareReadings(&text[0], &workbook[0], list)
			text, workbook = text[1:], workbook[1:]
		}
	}
	return differences
}

func compareReadings(text, workbook *Record, list func(code, what string, args ...any)) {
	compare := func(column, inText, inWorkbook string) {
		if inText != inWorkbook {
			list(text.Code, "has %s %q in the text and %q in the workbook", column, inText, inWorkbook)
		}
	}
	compare("action_code", text.ActionCode, workbook.ActionCode)
	compare(actionEffectiveDateColumn, text.ActionEffectiveDate, workbook.ActionEffectiveDate)
	for i := range Layout {
		compare(Layout[i].Name, text.Content.Text(Field(i)), workbook.Content.Text(Field(i)))
	}
}
