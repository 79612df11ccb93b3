// Package report makes what a person reads after a release: the change report.
//
// Build takes a published file and says which releases it is about, and gives a
// Report: pure data in which everything is decided, the sections and their
// order, the rows, the counts, the words. HTML, Text, Workbook and MailHTML
// write a Report down; they decide nothing but layout. The same published file
// and options give the same bytes.
//
// It asks for no time, opens no file and sends nothing: the published file, the
// program's version and the moment come in as arguments, and what is written
// goes out as bytes.
package report
