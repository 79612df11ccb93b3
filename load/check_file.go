package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
)

// claimFile is a file of claim lines: how it is read, and which columns it has.
type claimFile struct {
	parquet   bool
	delimiter string
	columns   []string
	source    string // for FROM
}

// longestHeader bounds what is read to find the columns of a CSV file, in bytes;
// longestLine is the longest line of it that DuckDB takes.
const (
	longestHeader = 1 << 20
	longestLine   = "1048576"
)

// open finds out which columns the file has.
func (c *claimChecker) open(ctx context.Context) (claimFile, error) {
	file := claimFile{parquet: isParquet(c.options.Input)}
	if strings.ContainsAny(c.options.Input, "*?[") {
		return file, inputErrorf("%s: a name with *, ? or [ would mean several files: rename it", c.options.Input)
	}
	var err error
	if file.parquet {
		file.source = "read_parquet(" + quoteText(c.options.Input) + ")"
		err = c.readParquetHeader(ctx, &file)
	} else {
		err = file.readHeader(c.options.Input)
	}
	if err != nil {
		return file, err
	}
	seen := map[string]bool{}
	for _, name := range file.columns {
		lower := strings.ToLower(name)
		if _, err := statements.Literal(name); err != nil {
			return file, inputErrorf("a column's name in %s: %w", c.options.Input, err)
		}
		switch {
		case strings.HasPrefix(lower, "hcpcs__") || slices.Contains(resultColumns, lower):
			return file, inputErrorf("%s has a column %s, as results of this check have: check the file that it was made from", c.options.Input, name)
		case seen[lower]:
			return file, inputErrorf("%s has two columns with the name %s: rename one", c.options.Input, name)
		}
		seen[lower] = true
	}
	if !file.parquet {
		file.source = file.readCSV(c.options.Input, file.columns, ", store_rejects = true, rejects_table = 'claim_errors', rejects_scan = 'claim_scans'")
	}
	return file, nil
}

func (c *claimChecker) readParquetHeader(ctx context.Context, file *claimFile) error {
	rows, err := c.db.conn.QueryContext(ctx, "SELECT * FROM "+file.source+" LIMIT 0")
	if err != nil {
		return inputErrorf("%s cannot be read as Parquet: %w", c.options.Input, withoutClaimData(err))
	}
	defer rows.Close() // after reading, nothing can be lost
	file.columns, err = rows.Columns()
	return err
}

// readHeader reads the names of a CSV file's columns, which say what delimits
// them.
func (f *claimFile) readHeader(path string) error {
	opened, err := os.Open(path)
	if err != nil {
		return inputErrorf("opening the claim lines: %w", err)
	}
	defer opened.Close() // only read
	reader := bufio.NewReader(io.LimitReader(opened, longestHeader))
	start, err := reader.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")), bytes.IndexByte(start, 0) >= 0:
		return inputErrorf("%s is no text in UTF-8: save it as CSV in UTF-8", path)
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return inputErrorf("%s is a workbook or ZIP: save the claim lines as CSV", path)
	case bytes.HasPrefix(start, []byte("PAR1")):
		return inputErrorf("%s is a Parquet file: give it the ending .parquet", path)
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		if _, err := reader.Discard(3); err != nil {
			return err
		}
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		return err
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	if len(bytes.TrimSpace(line)) == 0 {
		return inputErrorf("%s has no first line with the names of the columns", path)
	}
	if !utf8.Valid(line) {
		return inputErrorf("%s is no text in UTF-8: save it as CSV in UTF-8", path)
	}
	f.delimiter = delimiterOf(string(line))
	names := csv.NewReader(bytes.NewReader(text))
	names.Comma, names.FieldsPerRecord = rune(f.delimiter[0]), -1
	if f.columns, err = names.Read(); err != nil {
		return inputErrorf("reading the names of the columns of %s: %w", path, err)
	}
	for i := range f.columns {
		if strings.TrimSpace(f.columns[i]) == "" {
			f.columns[i] = fmt.Sprintf("column_%d", i+1)
		}
	}
	return nil
}

// delimiterOf is what stands most often between names.
func delimiterOf(header string) string {
	best, most := ",", 0
	for _, candidate := range [...]string{",", ";", "\t", "|"} {
		if count := strings.Count(header, candidate); count > most {
			best, most = candidate, count
		}
	}
	return best
}

// quoteText makes a text literal. Paths and names have been looked at before:
// they are text that DuckDB takes as it is.
func quoteText(text string) string {
	literal, err := statements.Literal(text)
	if err != nil {
		panic(fmt.Sprintf("load: %v", err))
	}
	return literal
}

// readCSV reads the columns as text. Nothing of the dialect is left to be
// guessed.
func (f *claimFile) readCSV(path string, columns []string, options string) string {
	types := make([]string, len(columns))
	for i, name := range columns {
		types[i] = quoteText(name) + ": 'VARCHAR'"
	}
	return "read_csv(" + quoteText(path) + ", auto_detect = false, header = true, delim = " + quoteText(f.delimiter) +
		`, quote = '"', escape = '"', max_line_size = ` + longestLine + ", buffer_size = 8388608, columns = {" + strings.Join(types, ", ") + "}" + options + ")"
}

// targetFormat is how COPY writes the result: as the input is.
func (f *claimFile) targetFormat() string {
	if f.parquet {
		return "FORMAT parquet, COMPRESSION zstd"
	}
	return "FORMAT csv, HEADER, DELIMITER " + quoteText(f.delimiter)
}

// again reads the result.
func (f *claimFile) again(path string) string {
	if f.parquet {
		return "read_parquet(" + quoteText(path) + ")"
	}
	return f.readCSV(path, append(slices.Clone(f.columns), resultColumns...), "")
}

// lineOf gives the number in the file of a line of the result, given the numbers
// of the lines that were left out, in order.
func (f *claimFile) lineOf(row int64, leftOut []int64) int64 {
	if f.parquet {
		return row
	}
	line := row + 1
	for _, number := range leftOut {
		if number <= line {
			line++
		}
	}
	return line
}

// ClaimColumns are the columns in which claim lines say what they say.
type ClaimColumns struct {
	Code, Date string
	Modifiers  []string // none: there is none
	Paid       string   // "": there is none
}

// The usual names of the columns, without regard to letter case, blanks, points,
// hyphens and underscores.
var (
	codeNames     = []string{"code", "hcpcs", "hcpcscode", "hcpcscd", "procedurecode", "proccode", "proccd", "procedurecd", "cpthcpcs", "hcpcscpt", "cptcode", "cpt"}
	dateNames     = []string{"servicedate", "dateofservice", "dos", "fromdate", "servicefromdate", "servicedatefrom", "servicestartdate", "dosfrom", "fromdos", "svcdate", "servicedt", "clmfromdt", "linefromdate", "line1stexpnsdt"}
	paidNames     = []string{"paiddate", "paymentdate", "datepaid", "paidon", "paiddt", "paydate", "adjudicationdate"}
	modifierNames = []string{"modifiers", "modifier", "mods", "mod", "hcpcsmodifiers", "hcpcsmodifier"}
	numberedNames = []string{"modifier", "mod", "hcpcsmod", "hcpcsmodifier", "proceduremodifier", "procmod", "modifiercode", "modcd", "mdfrcd", "hcpcsmdfrcd"}
)

// findClaimColumns takes the columns that were named, and finds the others.
func findClaimColumns(columns []string, options *CheckOptions) (ClaimColumns, error) {
	var found ClaimColumns
	var err error
	if found.Code, err = findColumn(columns, "--code", options.Code, codeNames, true); err != nil {
		return found, err
	}
	if found.Date, err = findColumn(columns, "--date", options.Date, dateNames, true); err != nil {
		return found, err
	}
	if found.Paid, err = findColumn(columns, "--paid", options.Paid, paidNames, false); err != nil {
		return found, err
	}
	if len(options.Modifiers) > 0 {
		for _, name := range options.Modifiers {
			column, err := findColumn(columns, "--modifiers", name, nil, true)
			if err != nil {
				return found, err
			}
			found.Modifiers = append(found.Modifiers, column)
		}
		return found, nil
	}
	for _, column := range columns {
		name := plainName(column)
		before := strings.TrimRight(name, "123456789")
		if slices.Contains(modifierNames, name) || (len(name)-len(before) == 1 && slices.Contains(numberedNames, before)) ||
			(len(name) > 2 && slices.Contains([]string{"1stmdfrcd", "2ndmdfrcd", "3rdmdfrcd", "4thmdfrcd"}, strings.TrimPrefix(name, "hcpcs"))) {
			found.Modifiers = append(found.Modifiers, column)
		}
	}
	return found, nil
}

func findColumn(columns []string, flag, named string, usual []string, needed bool) (string, error) {
	if named != "" {
		for _, column := range columns {
			if strings.EqualFold(strings.TrimSpace(column), strings.TrimSpace(named)) {
				return column, nil
			}
		}
		return "", inputErrorf("%s %s: there is no such column; there are: %s", flag, named, strings.Join(columns, ", "))
	}
	var matching []string
	for _, name := range usual {
		for _, column := range columns {
			if plainName(column) == name {
				matching = append(matching, column)
			}
		}
	}
	switch {
	case len(matching) == 1:
		return matching[0], nil
	case len(matching) > 1:
		return "", inputErrorf("several columns could be meant: %s; say which with %s", strings.Join(matching, ", "), flag)
	case needed:
		return "", inputErrorf("no column has a usual name: name one with %s; there are: %s", flag, strings.Join(columns, ", "))
	}
	return "", nil
}

// plainName is a name in small letters, without what stands between its words.
func plainName(name string) string {
	return strings.NewReplacer("_", "", " ", "", "-", "", ".", "").Replace(strings.ToLower(strings.TrimSpace(name)))
}
