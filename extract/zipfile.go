package extract

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/zip"
	"golang.org/x/text/encoding/charmap"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// EntryInfo is a file inside a ZIP, or a loose companion.
type EntryInfo struct {
	Name string `json:"name"` // with its folders, as the ZIP has it
	Kind Kind   `json:"kind"`
	Size int64  `json:"size"` // bytes, uncompressed
}

// MainFile is the file that holds the codes of a release.
type MainFile struct {
	Name   string `json:"name"`   // with its folders, as the ZIP has it; a loose file's base name
	Format string `json:"format"` // FormatText or FormatWorkbook
	SHA256 string `json:"sha256"` // of the file's bytes, in hexadecimal
	Size   int64  `json:"size"`   // bytes, uncompressed
}

// zipContents is what a look into a ZIP tells.
type zipContents struct {
	main, second    *MainFile
	publishedAt     time.Time
	publishedBasis  string
	entries         []EntryInfo // without the main files
	notes           []note      // entries that cannot be used
	text            []byte      // the bytes of the main file where it is a text
	unpacked        unpacked    // what else will be read again when the release is loaded
	problem         string      // why there is neither a release nor a companion; "" otherwise
	suspect         bool        // with problem: it may be a release nevertheless
	companionsWorth bool        // no main file, but companions
}

// note says why one entry of a ZIP is not used.
type note struct {
	Entry  string `json:"entry"`
	Reason string `json:"reason"`
}

// openZIP reads a ZIP's directory and refuses what CMS would not publish: more
// than the limits allow, names that lead out of a folder (nothing is ever
// extracted to disk, but such a ZIP was made to do harm), two entries of one
// name (readers disagree on which of them counts).
func openZIP(content io.ReaderAt, size int64, limits limits) (*zip.Reader, error) {
	if size > limits.zipBytes {
		return nil, fmt.Errorf("it has %d bytes, more than the %d read of a ZIP: it is no HCPCS release", size, limits.zipBytes)
	}
	budget := &budgetReader{content: content, left: limits.zipDirectoryBytes}
	reader, err := zip.NewReader(budget, size)
	if errors.Is(err, errBudget) {
		return nil, fmt.Errorf("its directory has more than %d bytes: it is no HCPCS release", limits.zipDirectoryBytes)
	}
	if err != nil {
		return nil, fmt.Errorf("it is truncated or damaged (%w): get it again", err)
	}
	budget.lifted = true
	if len(reader.File) > limits.zipEntries {
		return nil, fmt.Errorf("it has %d entries, more than the %d looked at: it is no HCPCS release", len(reader.File), limits.zipEntries)
	}
	names := map[string]bool{}
	total := uint64(0)
	for _, entry := range reader.File {
		entry.Name = utf8Name(entry.Name)
		if !safeName(entry.Name) {
			return nil, fmt.Errorf("its entry %q leads out of a folder: such a ZIP is not from CMS; get it again from cms.gov", entry.Name)
		}
		if names[entry.Name] {
			return nil, fmt.Errorf("it has two entries named %q and nothing says which one counts: get it again", entry.Name)
		}
		names[entry.Name] = true
		if entry.UncompressedSize64 > uint64(limits.entryBytes) {
			return nil, fmt.Errorf("its entry %q has %d bytes, more than the %d read of one: it is no HCPCS release", entry.Name, entry.UncompressedSize64, limits.entryBytes)
		}
		total += entry.UncompressedSize64
		if total > uint64(limits.zipTotalBytes) {
			return nil, fmt.Errorf("its entries have more than %d bytes together: it is no HCPCS release", limits.zipTotalBytes)
		}
		if entry.UncompressedSize64 > uint64(limits.ratioFreeBytes) &&
			entry.UncompressedSize64 > uint64(limits.ratio)*entry.CompressedSize64 {
			return nil, fmt.Errorf("its entry %q unpacks to more than %d times its size: it is no HCPCS release", entry.Name, limits.ratio)
		}
	}
	return reader, nil
}

// utf8Name gives a name as text. What is not UTF-8 is in code page 437, as ZIP
// has it of old; every byte is a character of its own there, so that no two
// names become one.
func utf8Name(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	var text strings.Builder
	for i := range len(name) {
		text.WriteRune(charmap.CodePage437.DecodeByte(name[i]))
	}
	return text.String()
}

// safeName tells whether an entry's name stays inside a folder, on any system.
func safeName(name string) bool {
	slashed := strings.ReplaceAll(name, `\`, "/")
	if strings.HasPrefix(slashed, "/") || strings.ContainsRune(name, 0) {
		return false
	}
	if len(slashed) >= 2 && slashed[1] == ':' { // a drive
		return false
	}
	for part := range strings.SplitSeq(slashed, "/") {
		if part == ".." {
			return false
		}
	}
	return true
}

var errBudget = errors.New("more bytes than allowed")

// budgetReader bounds what is read until it is lifted.
type budgetReader struct {
	content io.ReaderAt
	left    int64
	lifted  bool
}

func (r *budgetReader) ReadAt(buffer []byte, offset int64) (int, error) {
	if !r.lifted {
		if r.left -= int64(len(buffer)); r.left < 0 {
			return 0, errBudget
		}
	}
	return r.content.ReadAt(buffer, offset)
}

// inspectZIP finds the main files and companions of a ZIP. at is when it was
// fetched; zero: not known. An error means that nothing of it can be used.
func inspectZIP(ctx context.Context, content io.ReaderAt, size int64, at time.Time, limits limits) (zipContents, error) {
	reader, err := openZIP(content, size, limits)
	if err != nil {
		return zipContents{}, err
	}
	return (&zipInspection{limits: limits, at: at, modified: map[string]time.Time{}}).run(ctx, reader)
}

type zipInspection struct {
	limits   limits
	at       time.Time // when it was fetched
	contents zipContents
	mains    []MainFile
	text     []byte               // the bytes of a main file that is a text
	packed   unpacked             // those of companions that are workbooks
	modified map[string]time.Time // of main files, as their workbook says
	times    map[string]time.Time // of main files, as the ZIP says
	xls      []string             // .xls entries that may be main files
	lost     []note               // entries that cannot be read and may be main files
}

func (z *zipInspection) run(ctx context.Context, reader *zip.Reader) (zipContents, error) {
	z.times = map[string]time.Time{}
	for _, entry := range reader.File {
		if err := ctx.Err(); err != nil {
			return zipContents{}, err
		}
		if strings.HasSuffix(entry.Name, "/") || litter(entry.Name) {
			continue
		}
		if err := z.entry(ctx, entry); err != nil {
			return zipContents{}, err
		}
	}
	z.conclude()
	return z.contents, nil
}

// entry looks at one entry. Only an ended context is an error: what cannot be
// read becomes a note.
func (z *zipInspection) entry(ctx context.Context, entry *zip.File) error {
	info := EntryInfo{Name: entry.Name, Kind: KindOther, Size: int64(entry.UncompressedSize64)}
	pass := func(reason string) {
		z.contents.entries = append(z.contents.entries, info)
		z.contents.notes = append(z.contents.notes, note{entry.Name, reason})
	}
	lose := func(reason string) {
		pass(reason)
		extension := strings.ToLower(path.Ext(baseName(entry.Name)))
		if (extension == ".txt" || extension == ".xlsx") && kindOfName(baseName(entry.Name)) == KindOther {
			z.lost = append(z.lost, note{entry.Name, reason})
		}
	}
	damaged := func(err error) {
		if errors.Is(err, zip.ErrAlgorithm) {
			lose("it is packed by a method that is not read: unpack it and put the file into the folder")
			return
		}
		lose(fmt.Sprintf("it cannot be read (%v): the ZIP is damaged; get it again", err))
	}
	switch {
	case entry.Flags&1 != 0:
		lose("it is encrypted: unpack it with its password and put the file into the folder")
		return nil
	case !entry.Mode().IsRegular():
		pass("a link or a special file, which is not followed")
		return nil
	}
	whole := &unpackedEntry{ctx: ctx, entry: entry, limits: z.limits}
	found, err := sniff(ctx, whole.sniffable(), z.limits)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		damaged(err)
		return nil
	}
	switch {
	case found.zip:
		pass("a ZIP inside a ZIP is not opened: unpack it into the folder")
	case found.oldXLS:
		info.Kind = found.kind
		pass(found.unreadable)
		if found.kind == KindOther {
			z.xls = append(z.xls, entry.Name)
		}
	case found.unreadable != "" && info.Size > 0:
		lose(found.unreadable)
	case found.unreadable != "":
		pass(found.unreadable)
	case found.kind == kindMain:
		content, err := whole.read()
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			damaged(err)
			return nil
		}
		z.mains = append(z.mains, MainFile{Name: entry.Name, Format: found.format, SHA256: hashOf(content), Size: int64(len(content))})
		if found.format == FormatText {
			z.text = content
		}
		z.times[entry.Name] = plausibleTime(entry.Modified)
		z.modified[entry.Name] = found.modified
	default:
		info.Kind = found.kind
		z.contents.entries = append(z.contents.entries, info)
		if found.kind.companion() {
			z.packed = z.packed.with(entry.Name, whole.content) // nil where a look at its start was enough
		}
	}
	return nil
}

// conclude decides what the ZIP is as a whole.
func (z *zipInspection) conclude() {
	contents := &z.contents
	if lost := z.lostMain(); lost != nil {
		contents.problem, contents.suspect = fmt.Sprintf("its entry %s, which may be the main file: %s", lost.Entry, lost.Reason), true
		return
	}
	for i := range z.mains {
		one := &z.mains[i]
		place := &contents.main
		if one.Format == FormatWorkbook {
			place = &contents.second
		}
		if *place != nil {
			contents.problem, contents.suspect = fmt.Sprintf("two main files in one ZIP: %s and %s; put the right one into a folder of its own", (*place).Name, one.Name), true
			return
		}
		*place = one
	}
	if contents.main == nil { // no text: the workbook is the main file
		contents.main, contents.second = contents.second, nil
	}
	if contents.main == nil {
		z.withoutMain()
		return
	}
	if contents.main.Format == FormatText {
		contents.text = z.text
	}
	contents.unpacked = z.packed
	contents.publishedAt, contents.publishedBasis = published(z.at, z.times[contents.main.Name], z.modified, contents.main, contents.second)
	for i := range contents.notes {
		entry := contents.notes[i].Entry
		if slices.Contains(z.xls, entry) || slices.ContainsFunc(z.lost, func(lost note) bool { return lost.Entry == entry }) {
			contents.notes[i].Reason += "; the release is read from " + contents.main.Name
		}
	}
}

// lostMain finds an entry without which the ZIP is useless: one that cannot be
// read and may be the main file. Nothing is guessed from what is left then. A
// workbook beside a text that can be read is only its second format.
func (z *zipInspection) lostMain() *note {
	haveText := slices.ContainsFunc(z.mains, func(main MainFile) bool { return main.Format == FormatText })
	for i := range z.lost {
		if !haveText || strings.EqualFold(path.Ext(z.lost[i].Entry), ".txt") {
			return &z.lost[i]
		}
	}
	return nil
}

func (z *zipInspection) withoutMain() {
	contents := &z.contents
	if len(z.xls) > 0 {
		contents.problem, contents.suspect = fmt.Sprintf("it holds its codes as %s only, an .xls workbook, which is not read: get the release's .txt, or save the workbook as .xlsx", strings.Join(z.xls, " and ")), true
		return
	}
	for _, entry := range contents.entries {
		contents.companionsWorth = contents.companionsWorth || entry.Kind.companion()
	}
	if !contents.companionsWorth {
		contents.problem = "not a release: it holds neither a main file (fixed-width .txt, or .xlsx with the columns HCPC, SEQNUM, RECID) nor a file that comes with one"
		if len(contents.notes) > 0 {
			contents.problem += "; " + contents.notes[0].Entry + ": " + contents.notes[0].Reason
		}
	}
}

// The values of PublishedBasis (design.md, "published_at").
const (
	PublishedByHTTP     = "http_last_modified" // the Last-Modified header of the download
	PublishedByZIPEntry = "zip_entry"          // the main file's time in its ZIP; one without a zone counts as UTC
	PublishedByWorkbook = "xlsx_modified"      // dcterms:modified of the workbook
)

// published picks the publication time of a release: its main file's time in
// the ZIP, else the time at which a workbook of it was saved, else none. One that
// had not come when the file was fetched is passed over.
func published(fetched, inZIP time.Time, workbooks map[string]time.Time, files ...*MainFile) (time.Time, string) {
	if !inZIP.IsZero() && !inFuture(inZIP, fetched) {
		return inZIP, PublishedByZIPEntry
	}
	for _, file := range files {
		if file != nil && !workbooks[file.Name].IsZero() && !inFuture(workbooks[file.Name], fetched) {
			return workbooks[file.Name], PublishedByWorkbook
		}
	}
	return time.Time{}, ""
}

// inFuture tells whether a time cannot be one of publication, since the file was
// fetched before. Clocks and zones may be off by a day. Where it is not known when
// it was fetched, none is.
func inFuture(when, fetched time.Time) bool {
	return !fetched.IsZero() && when.After(fetched.Add(24*time.Hour))
}

// plausibleTime gives a time in UTC, or zero for one that no HCPCS file can
// have: tools that do not keep times write 1980 (the first year of a ZIP) or
// 1970.
func plausibleTime(when time.Time) time.Time {
	year := when.UTC().Year()
	if year <= 1980 || !(release.Quarter{Year: year, Number: 1}).Valid() {
		return time.Time{}
	}
	return when.UTC().Truncate(time.Second)
}

// litter tells files that operating systems leave behind.
func litter(name string) bool {
	for part := range strings.SplitSeq(strings.ReplaceAll(name, `\`, "/"), "/") {
		if part == "__MACOSX" || strings.HasPrefix(part, ".") && part != "." {
			return true
		}
	}
	base := strings.ToLower(path.Base(name))
	return base == "thumbs.db" || base == "desktop.ini"
}

// unpackedEntry is an entry that is unpacked once, when somebody needs it whole.
type unpackedEntry struct {
	ctx     context.Context
	entry   *zip.File
	limits  limits
	content []byte
}

func (u *unpackedEntry) read() (content []byte, err error) {
	if u.content == nil {
		u.content, err = readEntry(u.ctx, u.entry, u.limits)
	}
	return u.content, err
}

func (u *unpackedEntry) sniffable() sniffable {
	return sniffable{
		name:   baseName(u.entry.Name),
		size:   int64(u.entry.UncompressedSize64),
		nested: true,
		stream: u.entry.Open,
		random: func() (io.ReaderAt, func(), error) {
			content, err := u.read()
			return bytes.NewReader(content), func() {}, err
		},
	}
}

// readEntry reads an entry whole, whatever size it declares.
func readEntry(ctx context.Context, entry *zip.File, limits limits) ([]byte, error) {
	stream, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	return readAll(ctx, stream, int64(entry.UncompressedSize64), limits.entryBytes)
}

// readAll reads to the end, or fails beyond the limit. expected is the size that
// somebody states: room is made for it, within the limit, and it need not be so.
func readAll(ctx context.Context, stream io.Reader, expected, limit int64) ([]byte, error) {
	var content bytes.Buffer
	if err := readInto(ctx, &content, stream, expected, limit); err != nil {
		return nil, err
	}
	return content.Bytes(), nil
}

// readInto does so into an empty buffer.
func readInto(ctx context.Context, content *bytes.Buffer, stream io.Reader, expected, limit int64) error {
	content.Grow(int(min(max(expected, 0), limit)) + bytes.MinRead)
	if _, err := content.ReadFrom(io.LimitReader(contextReader{ctx, stream}, limit+1)); err != nil {
		return err
	}
	if int64(content.Len()) > limit {
		return fmt.Errorf("it has more than the %d bytes read of one file", limit)
	}
	return nil
}

// hashAll gives the SHA-256 in hexadecimal and the size, or fails beyond the
// limit.
func hashAll(ctx context.Context, stream io.Reader, limit int64) (sum string, size int64, err error) {
	hash := sha256.New()
	size, err = io.Copy(hash, io.LimitReader(contextReader{ctx, stream}, limit+1))
	if err != nil {
		return "", 0, err
	}
	if size > limit {
		return "", 0, fmt.Errorf("it has more than the %d bytes read of one file", limit)
	}
	return hex.EncodeToString(hash.Sum(nil)), size, nil
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// baseName is the last element of an entry's name; old tools wrote backslashes.
func baseName(name string) string { return path.Base(strings.ReplaceAll(name, `\`, "/")) }
