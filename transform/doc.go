// Package transform turns the bytes of a release into records, and a sequence
// of releases into what changed and what was true when.
//
// What comes in are bytes (ParseText, ParseWorkbook) and the releases before
// (History.Apply); what goes out are values: records, findings, changes,
// rectangles of the two times. Everything is a pure function of its arguments:
// there is no file, no network, no clock and no SQL in here. A TextReader
// remembers the file that it read before, which saves work and changes no result.
//
// A newcomer finds the record layout in layout.go, one table from which
// parsing, comparison, column names and definitions are read; the rules that
// say what is wrong with a file in finding.go; the comparison of two records in
// compare.go; and the two times in history.go.
package transform
