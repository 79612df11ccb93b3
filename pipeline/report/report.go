package report

import (
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Report is all that is said, in the order in which it is said. Its text is
// free of control and direction characters.
type Report struct {
	// Subject is the subject of the mail, one line.
	Subject string
	// Title heads the page; Kicker stands above it.
	Kicker, Title string
	// Lead is the headline in words, a sentence each.
	Lead []string
	// Figures are the headline in numbers.
	Figures []Figure
	// Notices say what cannot be verified, and what else bears on all below.
	Notices []Notice
	// Sections in order. One with nothing to say is not among them, or has its
	// Empty line.
	Sections []Section
	Counts   Counts
	// Releases are those that the report is about, in order.
	Releases []load.Release
	// Watched tells whether a watch list was given.
	Watched   bool
	Generated time.Time
	Version   string

	net     bool            // the comparison of two releases
	entries map[string]bool // codes whose entry stands in the page
}

// Counts are codes; in a report on several releases, of all of them together.
type Counts struct {
	Added, Discontinued, Reactivated, Reused, Revised int
	Returned, Vanished                                int
	// AgedOff are codes dropped years after they ended; Typographic those of
	// which letter case or punctuation changed only; DateOnly and DeclaredOnly
	// as in transform.ChangeKind. They are no news to those who bill.
	// EmptyNotes are codes of which processing note 0000 came or went.
	AgedOff, Typographic, DateOnly, DeclaredOnly, EmptyNotes int
	// Retroactive and Upcoming count the changes that are news.
	Retroactive, Upcoming int
	// Watched counts the changes that are news and on the watch list.
	Watched int
}

// News is the number of changes that matter to those who bill.
func (c *Counts) News() int {
	return c.Added + c.Discontinued + c.Reactivated + c.Reused + c.Revised + c.Returned + c.Vanished
}

// Figure is one number of the headline.
type Figure struct {
	Number int
	Label  string
	// Section is the ID of the section with the details, "" for none.
	Section string
}

// Notice is a paragraph with a heading.
type Notice struct{ Title, Text string }

// Section is one part of the report, and one sheet or more of the workbook.
type Section struct {
	ID, Title string
	// Count is the number of codes that it is about, shown in the contents;
	// negative where a number would say nothing.
	Count  int
	Intro  []string
	Tables []Table
	Charts []Chart
	// Empty is the one line of a section with nothing to show.
	Empty string
	// Background marks what the mail only points to.
	Background bool
}

// Table is a list of rows of the same kind.
type Table struct {
	// Title is its heading and caption, "" where the section's title does.
	Title string
	Intro []string
	// Sheet is the name of its sheet in the workbook, "" for none.
	Sheet string
	// SheetOnly keeps it out of the page, the text and the mail.
	SheetOnly bool
	Columns   []Column
	Rows      []Row
	// Shown is the number of rows that the page shows, the first ones. Where it
	// is less than len(Rows), Summary stands in for the others, and they are
	// whole in the workbook.
	Shown   int
	Summary *Table
	// Excerpt are those of the other rows that are entries, since the page names
	// their codes elsewhere: it shows them as well.
	Excerpt []Row
	// Stacked marks few rows of many cells, which are shown one under the other.
	Stacked bool
	// Compact marks short cells only: numbers, dates, words.
	Compact bool
	// Entries marks rows that are what links to a code lead to.
	Entries bool
}

// Column heads the cells of one place in the rows.
type Column struct {
	Title string
	// SubTitle names what stands beneath the cells as Sub, "" where nothing does.
	SubTitle string
	Kind     CellKind
	// SheetOnly keeps it out of the page, the text and the mail.
	SheetOnly bool
}

// Row is one line of a table.
type Row struct {
	// Code is what the row is about, "" for none.
	Code string
	// Anchor tells that links to Code lead to this row.
	Anchor bool
	Own    bool // on the reader's list
	Cells  []Cell

	release release.ID // of the change that it tells of
}

// CellKind says what a cell holds.
type CellKind uint8

const (
	TextCell   CellKind = iota // Text
	CodeCell                   // Text, a code
	DateCell                   // Date
	NumberCell                 // Number
	InlineCell                 // Inline
	DiffCell                   // Diff
	FieldsCell                 // Fields
)

// Cell is one value, with what stands beneath it. A report on many releases has
// a million: what few of them hold stands apart.
type Cell struct {
	Kind   CellKind
	Date   transform.Date
	Number int
	Text   string
	Sub    string
	more   *moreOfCell
}

type moreOfCell struct {
	inline []Inline
	diff   *Diff
	fields []FieldLine
}

// Inline is the running text of an InlineCell.
func (c Cell) Inline() []Inline {
	if c.more == nil {
		return nil
	}
	return c.more.inline
}

// Diff is what changed in the text of a DiffCell, nil where nothing did.
func (c Cell) Diff() *Diff {
	if c.more == nil {
		return nil
	}
	return c.more.diff
}

// Fields are the changes of a FieldsCell.
func (c Cell) Fields() []FieldLine {
	if c.more == nil {
		return nil
	}
	return c.more.fields
}

// Inline is a piece of running text, or a code.
type Inline struct {
	Text string
	Code string // links to its entry where there is one
}

// FieldLine is a field that changed, with the meaning of its values.
type FieldLine struct {
	Title                  string
	Old, New               string // "" for none
	OldMeaning, NewMeaning string
}

// HasEntry tells whether the page has an entry of a code.
func (r *Report) HasEntry(code string) bool { return r.entries[code] }

// Section finds a section by its ID, nil where there is none.
func (r *Report) Section(id string) *Section {
	for i := range r.Sections {
		if r.Sections[i].ID == id {
			return &r.Sections[i]
		}
	}
	return nil
}

// Name is what the report's files are named after: a release (2025Q4r1), the
// first and the last of several (2019Q1r1..2020Q3r1), or the two of a comparison
// (2019Q1r1-to-2020Q3r1), which is another report than that on all between them.
func (r *Report) Name() string {
	first, last := r.Releases[0].ID, r.Releases[len(r.Releases)-1].ID
	switch {
	case r.net:
		return first.String() + "-to-" + last.String()
	case first == last:
		return last.String()
	}
	return first.String() + ".." + last.String()
}

// Latest is the last of the releases that the report is about.
func (r *Report) Latest() release.ID { return r.Releases[len(r.Releases)-1].ID }

// isEmpty tells whether there is nothing to read or count in a cell.
func (c *Cell) isEmpty() bool {
	if c.Sub != "" {
		return false
	}
	switch c.Kind {
	case DateCell:
		return c.Date == transform.NoDate
	case NumberCell:
		return c.Number == 0
	case InlineCell:
		return len(c.Inline()) == 0
	case DiffCell:
		return c.Diff() == nil
	case FieldsCell:
		return len(c.Fields()) == 0
	}
	return c.Text == ""
}

func textCell(text string) Cell { return Cell{Kind: TextCell, Text: clean(text)} }

func textOver(text, sub string) Cell {
	return Cell{Kind: TextCell, Text: clean(text), Sub: clean(sub)}
}

func codeCell(code string) Cell { return Cell{Kind: CodeCell, Text: clean(code)} }

func dateCell(date transform.Date, sub string) Cell {
	return Cell{Kind: DateCell, Date: date, Sub: clean(sub)}
}

func numberCell(number int) Cell { return Cell{Kind: NumberCell, Number: number} }

func inlineCell(inline []Inline) Cell { return richCell(InlineCell, moreOfCell{inline: inline}) }

func diffCell(diff *Diff) Cell { return richCell(DiffCell, moreOfCell{diff: diff}) }

func fieldsCell(fields []FieldLine) Cell { return richCell(FieldsCell, moreOfCell{fields: fields}) }

func richCell(kind CellKind, more moreOfCell) Cell {
	if more.inline == nil && more.diff == nil && more.fields == nil {
		return Cell{Kind: kind}
	}
	kept := more // what is empty takes no room
	return Cell{Kind: kind, more: &kept}
}
