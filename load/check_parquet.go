package load

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
)

// parquetTemplate is what check_parquet.sql takes, all of it quoted.
type parquetTemplate struct {
	Source, Target string
	Columns        []string
	// Arguments are the columns of the code, of the date of service, of the day of
	// payment and of the modifiers, "" for none.
	Arguments     []string
	ResultColumns []parquetColumn
}

// parquetColumn is a column of the result in Parquet.
type parquetColumn struct {
	Name, Type string
	// Part is the place of its text among the parts of an answer, from 1.
	Part int
	// Words are all that the column can say, where these are few. The place of the
	// word, from 1, 0 for NULL, is then in the bits of the first part, from Shift on
	// as far as Mask goes.
	Words       []string
	Shift, Mask int
	words       []string
	places      map[string]int // of words that are too many to be searched
}

// manyWords are too many to be searched one by one.
const manyWords = 16

// place gives the place of a word from 1, 0 for "".
func (c *parquetColumn) place(word string) int {
	switch {
	case word == "":
		return 0
	case c.places != nil:
		return c.places[word]
	}
	return slices.Index(c.words, word) + 1
}

// parquetColumns are the columns of a result, in the order of resultColumns.
func parquetColumns(calendar *claimCalendar) []parquetColumn {
	few := map[string][]string{
		"hcpcs_verdict": verdictWords[:], "hcpcs_verdict_when_paid": verdictWords[:],
		"hcpcs_code_status": calendar.statuses(), "hcpcs_code_status_when_paid": calendar.statuses(),
		"hcpcs_release_when_paid": calendar.releases(),
	}
	columns := make([]parquetColumn, len(resultColumns))
	part, shift := 1, 0
	for i, name := range resultColumns {
		column := parquetColumn{Name: name, Type: "VARCHAR"}
		switch name {
		case "hcpcs_since":
			column.Type = "DATE"
		case "hcpcs_attested":
			column.Type = "BOOLEAN"
		}
		if words := few[name]; len(words) > 0 {
			column.words = words
			if len(words) > manyWords {
				column.places = make(map[string]int, len(words))
			}
			for i, word := range words {
				column.Words = append(column.Words, quoteText(word))
				if column.places != nil {
					column.places[word] = i + 1
				}
			}
			width := bits.Len(uint(len(words)))
			column.Shift, column.Mask = shift, 1<<width-1
			shift += width
		} else {
			part++
			column.Part = part
		}
		columns[i] = column
	}
	return columns
}

// unitSeparator stands between the parts of an answer.
const unitSeparator byte = 0x1f

// checkParquet lets DuckDB read and write the lines, and ask of each one what is
// to be said of it.
func checkParquet(ctx context.Context, db *database, calendar *claimCalendar, options CheckOptions, output string, check *ClaimCheck) error {
	if strings.ContainsAny(options.Input, "*?[") {
		return inputErrorf("%s: a name with *, ? or [ would mean several files: rename it", options.Input)
	}
	about := parquetTemplate{
		Source: "read_parquet(" + quoteText(options.Input) + ")", Target: quoteText(output),
		ResultColumns: parquetColumns(calendar),
	}
	columns, err := columnsOf(ctx, db, about.Source)
	if err != nil {
		return inputErrorf("%s cannot be read as Parquet: %w", options.Input, withoutClaimData(err))
	}
	if check.Columns, err = findClaimColumns(columns, &options); err != nil {
		return err
	}
	for _, name := range columns {
		about.Columns = append(about.Columns, quoteName(name))
	}
	for _, name := range append([]string{check.Columns.Code, check.Columns.Date, check.Columns.Paid}, check.Columns.Modifiers...) {
		if name != "" {
			name = quoteName(name)
		}
		about.Arguments = append(about.Arguments, name)
	}
	judges := parquetJudges{calendar: calendar, columns: about.ResultColumns, together: len(check.Columns.Modifiers) == 1}
	if err := db.addTextFunction("check_line", len(about.Arguments), judges.judgeLines); err != nil {
		return fmt.Errorf("preparing to check %s: %w", options.Input, err)
	}
	copied, err := db.conn.ExecContext(ctx, filledIn("check_parquet", about))
	if err != nil {
		return fmt.Errorf("checking %s: %w", options.Input, withoutClaimData(err))
	}
	judges.counts().into(check)
	if lines, err := copied.RowsAffected(); err != nil || lines != check.Lines {
		return errors.Join(err, fmt.Errorf("checking %s: %d lines were judged, and %d written", options.Input, check.Lines, lines))
	}
	check.MalformedLines = check.Counts["malformed"]
	return listMalformed(ctx, db, output, check)
}

// columnsOf gives the names of the columns of what can stand after FROM.
func columnsOf(ctx context.Context, db *database, source string) ([]string, error) {
	rows, err := db.conn.QueryContext(ctx, "SELECT * FROM "+source+" LIMIT 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close() // after reading, nothing can be lost
	return rows.Columns()
}

// filledIn gives a statement that is a template.
func filledIn(name string, about any) string {
	var statement strings.Builder
	if err := template.Must(template.New(name).Parse(statements.Statement(name))).Execute(&statement, about); err != nil {
		panic(fmt.Sprintf("load: %v", err)) // a mistake in the template
	}
	return statement.String()
}

// parquetJudges are the judges of a file's lines, each for some of them at a
// time.
type parquetJudges struct {
	calendar *claimCalendar
	columns  []parquetColumn
	together bool

	mutex sync.Mutex // guards what follows
	all   []*claimJudge
	idle  []*claimJudge
}

// judgeLines gives what answers some lines, and what is to be done after them.
func (p *parquetJudges) judgeLines() (answer func(cells []string, said []byte) []byte, done func()) {
	judge := p.take()
	line := claimLine{together: p.together}
	answer = func(cells []string, said []byte) []byte {
		line.code = append(line.code[:0], cells[0]...)
		line.date = append(line.date[:0], cells[1]...)
		line.paid = append(line.paid[:0], cells[2]...)
		line.modifiers = slices.Grow(line.modifiers[:0], len(cells)-3)[:len(cells)-3]
		for i, cell := range cells[3:] {
			line.modifiers[i] = append(line.modifiers[i][:0], cell...)
		}
		columns := judge.judge(&line)
		return p.appendAnswer(said, columns.columns())
	}
	return answer, func() { p.giveBack(judge) }
}

func (p *parquetJudges) take() *claimJudge {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if last := len(p.idle) - 1; last >= 0 {
		judge := p.idle[last]
		p.idle = p.idle[:last]
		return judge
	}
	judge := newClaimJudge(p.calendar)
	p.all = append(p.all, judge)
	return judge
}

func (p *parquetJudges) giveBack(judge *claimJudge) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.idle = append(p.idle, judge)
}

// counts gives what all judges counted, once they have done.
func (p *parquetJudges) counts() *claimCounts {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	counts := newClaimCounts()
	for _, judge := range p.all {
		counts.merge(judge.counts)
	}
	return counts
}

// appendAnswer appends an answer as check_parquet.sql takes it apart; no answer
// holds a control character.
func (p *parquetJudges) appendAnswer(to []byte, said [12]string) []byte {
	var words int64
	for i := range p.columns {
		if column := &p.columns[i]; column.Words != nil {
			words |= int64(column.place(said[i])) << column.Shift
		}
	}
	to = strconv.AppendInt(to, words, 10)
	for i := range p.columns {
		if p.columns[i].Words == nil {
			to = append(append(to, unitSeparator), said[i]...)
		}
	}
	return to
}

// listMalformed lists the first malformed lines of a result.
func listMalformed(ctx context.Context, db *database, output string, check *ClaimCheck) error {
	if check.MalformedLines == 0 {
		return nil
	}
	rows, err := db.conn.QueryContext(ctx, filledIn("check_malformed", quoteText(output)), MaxMalformed)
	if err != nil {
		return fmt.Errorf("listing the malformed lines: %w", withoutClaimData(err))
	}
	defer rows.Close() // after reading, nothing can be lost
	for rows.Next() {
		var line MalformedLine
		if err := rows.Scan(&line.Line, &line.Problem); err != nil {
			return err
		}
		check.Malformed = append(check.Malformed, line)
	}
	return rows.Err()
}

// withoutClaimData keeps the first line of what DuckDB says: the others show the
// line at fault.
func withoutClaimData(err error) error {
	first, _, _ := strings.Cut(err.Error(), "\n")
	if len(first) == len(err.Error()) {
		return err
	}
	return errors.New(first)
}

// quoteName makes an SQL identifier of any name.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteText makes a text literal. Paths and names have been looked at before:
// they are text that DuckDB takes as it is.
func quoteText(text string) string {
	literal, err := statements.Literal(text)
	if err != nil {
		panic(fmt.Sprintf("load: %v", err))
	}
	return literal
}
