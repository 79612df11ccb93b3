package report

// WorkbookOf is Workbook, with a book of its own for each sheet of so many lines.
var WorkbookOf = workbook
