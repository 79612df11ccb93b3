package extract

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding/unicode"
)

// Kind says what a file of a release is, the main file aside.
type Kind string

// The kinds of files that come with a release (domain.md, "A release").
const (
	KindTransactionReport Kind = "transaction_report" // every code with what changed, in CMS's words
	KindCorrections       Kind = "corrections"        // prose
	KindNOCCodes          Kind = "noc_codes"          // codes for what is not otherwise classified
	KindProcessingNotes   Kind = "processing_notes"   // what the processing note numbers mean
	KindReadme            Kind = "readme"
	KindRecordLayout      Kind = "record_layout"
	KindOther             Kind = "other"

	// kindMain is the file of the codes themselves. It is never given out: a
	// main file is a MainFile.
	kindMain Kind = "main"
)

// companion tells whether a file of this kind is worth keeping without a
// release around it.
func (k Kind) companion() bool {
	return k == KindTransactionReport || k == KindCorrections || k == KindNOCCodes || k == KindProcessingNotes
}

// The formats of a main file.
const (
	FormatText     = "txt"  // fixed width
	FormatWorkbook = "xlsx" // one row per code
)

// sniffed is what a look into a file tells.
type sniffed struct {
	kind       Kind
	format     string    // of a main file
	modified   time.Time // dcterms:modified of a workbook, zero when it has none
	unreadable string    // why the file cannot be used whatever its kind; "" when it can
	oldXLS     bool      // an .xls workbook (or an encrypted one)
	zip        bool      // a ZIP that is no workbook
}

// sniffable is a file to look into: one on disk, or an entry of a ZIP.
type sniffable struct {
	name string // for its kind, where the content leaves it open
	size int64
	// nested says that the file is an entry of a ZIP: a ZIP in it is not opened.
	nested bool
	// stream reads the file from its start.
	stream func() (io.ReadCloser, error)
	// random gives the file at any offset; the caller calls the second result
	// when done. It may read the whole file into memory.
	random func() (io.ReaderAt, func(), error)
}

var (
	magicZIP      = []byte("PK\x03\x04")
	magicEmptyZIP = []byte("PK\x05\x06")
	magicCompound = []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") // .xls, encrypted .xlsx
)

// sniff tells what a file is: by its content first, by its name only for the
// kind of a companion. An error means that the file could not be read.
func sniff(ctx context.Context, file sniffable, limits limits) (sniffed, error) {
	if file.size == 0 {
		return sniffed{kind: KindOther, unreadable: "the file is empty: get it again"}, nil
	}
	magic, err := readStart(ctx, file, int64(len(magicZIP)))
	if err != nil {
		return sniffed{}, err
	}
	if bytes.Equal(magic, magicZIP) || bytes.Equal(magic, magicEmptyZIP) {
		found, err := sniffPacked(ctx, file, limits)
		if err == nil && !found.zip && found.unreadable == "" && file.size > limits.entryBytes {
			found = tooLarge(file, limits)
		}
		return found, err
	}
	start, err := readStart(ctx, file, limits.sniffTextBytes)
	if err != nil {
		return sniffed{}, err
	}
	switch {
	case file.size > limits.entryBytes:
		return tooLarge(file, limits), nil
	case bytes.HasPrefix(start, magicCompound):
		return sniffed{
			kind:       kindOfName(file.name),
			unreadable: "an .xls workbook (or a password-protected one), which is not read",
			oldXLS:     true,
		}, nil
	}
	if looksLikeWebPage(start) {
		return sniffed{kind: KindOther, unreadable: "a web page under a file's name: the site answered with a page instead of the file; download it again"}, nil
	}
	kind := kindOfText(start, file.name)
	switch {
	case kind == kindMain:
		return sniffed{kind: kind, format: FormatText}, nil
	case !file.nested && isMainInUTF16(start): // in a ZIP its workbook may be read instead
		return sniffed{kind: KindOther, unreadable: "a main file in UTF-16, which is not read: save it as plain text (Windows 1252 or UTF-8), or take CMS's own file"}, nil
	}
	return sniffed{kind: kind}, nil
}

// isMainInUTF16 tells the start of a main file that somebody opened and saved anew
// as "Unicode".
func isMainInUTF16(start []byte) bool {
	text, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(start)
	return err == nil && kindOfText(text, "") == kindMain
}

func tooLarge(file sniffable, limits limits) sniffed {
	return sniffed{kind: KindOther, unreadable: fmt.Sprintf("it has %d bytes, more than the %d read of one file: it is no HCPCS file", file.size, limits.entryBytes)}
}

func readStart(ctx context.Context, file sniffable, limit int64) ([]byte, error) {
	stream, err := file.stream()
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	return io.ReadAll(io.LimitReader(contextReader{ctx, stream}, limit))
}

// sniffPacked tells a workbook (a ZIP inside) from other ZIPs.
func sniffPacked(ctx context.Context, file sniffable, limits limits) (sniffed, error) {
	if file.nested && strings.EqualFold(path.Ext(file.name), ".zip") {
		return sniffed{kind: KindOther, zip: true}, nil
	}
	content, done, err := file.random()
	if err != nil {
		return sniffed{}, err
	}
	defer done()
	book, err := openWorkbook(content, file.size, limits)
	switch {
	case errors.Is(err, errPlainZIP):
		return sniffed{kind: KindOther, zip: true}, nil
	case errors.Is(err, errOtherDocument):
		return sniffed{kind: kindOfName(file.name)}, nil
	case err != nil:
		if ctx.Err() != nil {
			return sniffed{}, ctx.Err()
		}
		what := "workbook"
		if strings.EqualFold(path.Ext(file.name), ".zip") {
			what = "ZIP"
		}
		return sniffed{kind: KindOther, unreadable: fmt.Sprintf("the %s cannot be used: %v", what, err)}, nil
	}
	kind, err := kindOfSheets(ctx, book, file.name)
	if err != nil {
		if ctx.Err() != nil {
			return sniffed{}, ctx.Err()
		}
		return sniffed{kind: KindOther, unreadable: fmt.Sprintf("the workbook cannot be read (%v): it is damaged; get it again", err)}, nil
	}
	found := sniffed{kind: kind, modified: book.modified()}
	if kind == kindMain {
		found.format = FormatWorkbook
	}
	return found, nil
}

var (
	// recordStart is columns 1 to 11 of a main file: the code (a modifier is 3
	// blanks and 2 characters), the sequence number and the record type
	// (domain.md, "The record").
	recordStart = regexp.MustCompile(`^(?:   [0-9A-Z]{2}|[A-Z][0-9]{4})[0-9]{5}[3478]`)
	webPage     = regexp.MustCompile(`(?i)^\s*(?:<!doctype html|<html|<head|<script)`)
)

func looksLikeWebPage(start []byte) bool {
	return webPage.Match(bytes.TrimPrefix(start, []byte("\xef\xbb\xbf")))
}

// kindOfText classifies the start of a text file. It is a main file when, from
// the first line in record form on, most lines have that form: a preamble may
// come first, and single lines may be corrupt (domain.md 9 and 11).
func kindOfText(start []byte, name string) Kind {
	records, others := 0, 0
	kind := Kind("")
	lines := bytes.FieldsFunc(start, func(r rune) bool { return r == '\n' || r == '\r' })
	for i, line := range lines {
		switch {
		case recordStart.Match(line):
			records++
		case records > 0 && len(bytes.TrimSpace(line)) > 0:
			others++
		}
		if kind == "" && i < sniffLines {
			kind = kindOfHeader([]string{string(line)})
		}
	}
	if records > 0 && records >= others {
		return kindMain
	}
	if bytes.IndexByte(start, 0) >= 0 {
		return kindOfName(name) // no text, for all that is known
	}
	if kind != "" && kindOfName(name) != KindReadme {
		return kind
	}
	return kindOfName(name)
}

// kindOfSheets classifies a workbook by the headers in its sheets, which need not
// stand in the first row (domain.md, "The record"): it is a main file where one of
// them is that of one, else what the first header or title of a known kind says.
func kindOfSheets(ctx context.Context, book *workbook, name string) (Kind, error) {
	found := Kind("")
	for _, sheet := range book.sheets {
		cells, err := book.firstRows(sheet)
		if err != nil {
			return "", err
		}
		ofSheet := Kind("")
		for _, part := range likelyFirst(cells) {
			if found != "" || ofSheet == KindTransactionReport { // only a main file is looked for any more
				part = slices.DeleteFunc(slices.Clone(part), func(row []cell) bool { return len(row) < fewestMainColumns })
			}
			rows, err := book.texts(ctx, part)
			if err != nil {
				return "", err
			}
			for _, row := range rows {
				switch kind := kindOfHeader(row); {
				case kind == kindMain:
					return kind, nil
				case kind == KindTransactionReport && ofSheet != kind, ofSheet == "":
					ofSheet = kind
				}
			}
		}
		found = cmp.Or(found, ofSheet)
	}
	return cmp.Or(found, kindOfName(name)), nil
}

// likelyRows are those of a sheet in which the header of CMS's workbooks mostly stands.
const likelyRows = 4

// likelyFirst divides the rows of a sheet into those to be looked at first, which may
// tell enough, and the others: their texts can lie anywhere in a table of many thousand,
// which is unpacked as far as the last of them. Where those of the first rows lie at its
// end, as in many of CMS's, the table is unpacked once for all.
func likelyFirst(cells [][]cell) [][][]cell {
	likely := min(len(cells), likelyRows)
	first, others := cells[:likely], cells[likely:]
	if lastText(first) > lastText(others)/2 {
		return [][][]cell{cells}
	}
	return [][][]cell{first, others}
}

// lastText is the place of the last text of rows in the string table.
func lastText(cells [][]cell) int {
	last := -1
	for _, row := range cells {
		for _, one := range row {
			last = max(last, one.shared)
		}
	}
	return last
}

// fewestMainColumns is less than the 48 that a main file's workbook has, and more
// than any companion's.
const fewestMainColumns = 30

// headerSeparators count for nothing in a header, as when it is read.
var headerSeparators = strings.NewReplacer(" ", "", "_", "", "-", "")

// kindOfHeader tells what file a header row or a title belongs to; "" when it
// is neither. A line of text is a row of one cell.
func kindOfHeader(cells []string) Kind {
	var hcpc, sequence, record, change, code, action, effective bool
	for _, cell := range cells {
		text := strings.ToUpper(strings.Join(strings.Fields(cell), " "))
		key := headerSeparators.Replace(text)
		hcpc = hcpc || strings.HasPrefix(text, "HCPC")
		change = change || strings.Contains(text, "TYPE OF CHANGE") || strings.Contains(text, "ACTION CD")
		sequence = sequence || key == "SEQNUM"
		record = record || key == "RECID"
		code = code || text == "CODE" || strings.HasPrefix(text, "CODE ACTION ")
		action = action || text == "ACTION" || strings.HasPrefix(text, "CODE ACTION ")
		effective = effective || strings.Contains(text, "EFF DATE") || strings.Contains(text, "EFFECTIVE")
		switch {
		case len(text) > 80:
		case strings.HasPrefix(text, "NOC CODES"):
			return KindNOCCodes
		case text == "PROCESSING NOTES":
			return KindProcessingNotes
		case strings.HasSuffix(text, "HCPCS CORRECTIONS"):
			return KindCorrections
		}
	}
	switch {
	case hcpc && sequence && record:
		return kindMain
	case hcpc && change && !sequence && !record:
		return KindTransactionReport
	case code && action && effective:
		return KindCorrections
	}
	return ""
}

// nameKinds are tried in order: HCPC2018_Corrections_README.txt is a README.
var nameKinds = []struct {
	pattern *regexp.Regexp
	kind    Kind
}{
	{regexp.MustCompile(`(?i)read[ _-]?me|hcpcs?_?read|^read`), KindReadme},
	{regexp.MustCompile(`(?i)layout|rec(?:ord)?[ _-]?format`), KindRecordLayout},
	{regexp.MustCompile(`(?i)corr(?:ection|_|-|\b)`), KindCorrections},
	{regexp.MustCompile(`(?i)(?:^|[^a-z])noc(?:[^a-z]|$)`), KindNOCCodes},
	{regexp.MustCompile(`(?i)proc(?:essing|ess)?[ _-]?notes?`), KindProcessingNotes},
	{regexp.MustCompile(`(?i)(?:^|[^a-z])trans(?:action)?(?:[^a-z]|$)|changes?[ _-]?by`), KindTransactionReport},
}

// nameKindExtensions are those under which CMS publishes companions, and those
// of README files. Another file's name says nothing.
var nameKindExtensions = []string{".txt", ".prn", ".csv", ".xlsx", ".xls", ".doc", ".docx", ".pdf", ".md", ""}

// kindOfName is the kind of a companion by its name alone.
func kindOfName(name string) Kind {
	base := path.Base(name)
	if !slices.Contains(nameKindExtensions, strings.ToLower(path.Ext(base))) {
		return KindOther
	}
	for _, one := range nameKinds {
		if one.pattern.MatchString(base) {
			return one.kind
		}
	}
	return KindOther
}

// contextReader stops reading when the context ends.
type contextReader struct {
	ctx    context.Context
	reader io.Reader
}

func (r contextReader) Read(buffer []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.reader.Read(buffer)
}
