// Package extract gets CMS's HCPCS Level II releases, unchanged, into the
// archive. In come folders of files as users keep them (ReadFolder) and CMS's
// page with links to ZIPs (ReadSite); out come an inventory of releases and
// companions, and, after Archive.Add, one ZIP for each release with a sidecar
// that says where and when it came from.
//
// It knows URLs, HTTP, file names, ZIPs, quarters and revisions. It does not
// parse records, has no clock (times come in as arguments) and writes nothing
// but the archive and, for downloads, the staging folder that it is given.
package extract

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// Inventory is what a source offers.
type Inventory struct {
	// Offers has one element for each main file found, in order of Path.
	Offers []Offer
	// Companions came by themselves: loose, or in ZIPs without a main file. In
	// order of Path.
	Companions []Companion
	// PassedOver lists every file that is not used, in order of Path.
	PassedOver []PassedOver
	// Unchanged lists the links of a page whose files did not change since they
	// were archived; nothing was downloaded. Empty for folders.
	Unchanged []Listed
	// Failed lists the links of a page whose files could not be had this time.
	// What they offer is missing above. Empty for folders.
	Failed []Failure

	staged []string    // files that Close removes
	site   *siteReader // nil for folders
}

// Offer is a release as found: one main file and what came with it.
type Offer struct {
	Path   string // where it was found: the root as given, joined with the place below it; the address of a download
	Name   string // base name of the ZIP, or of the loose main file
	SHA256 string // of the ZIP, in hexadecimal; of the main file when it is loose
	Size   int64  // of the ZIP or the loose main file, in bytes

	// Quarter is zero when no name tells it: the caller asks the content and
	// sets Quarter before it gives the offer to the archive.
	Quarter      release.Quarter
	QuarterBasis string // one of the names that Basis… list, or ""
	// QuarterConflict says in words which names contradict each other. Quarter
	// is zero then, and the release must not be loaded.
	QuarterConflict string

	Main   MainFile  // the text where there is one, else the workbook
	Second *MainFile // the same release in the other format, or nil

	PublishedAt    time.Time // UTC; zero when unknown (design.md, "published_at")
	PublishedBasis string    // PublishedByHTTP, PublishedByZIPEntry, PublishedByWorkbook, or ""
	LastModified   time.Time // the HTTP header; zero for folders
	ETag           string    // the HTTP header; "" for folders

	Companions []EntryInfo // the other files of the same ZIP

	notes  []note  // what of the same ZIP cannot be used
	folder string  // the folder it lies in
	source content // how to read it

	unpacked unpacked // what of it is kept in memory
}

// ReadMain gives the main file's bytes. It fails when the file is gone or is
// not the one that was listed.
func (o Offer) ReadMain(ctx context.Context) ([]byte, error) {
	return o.source.read(ctx, o.Path, o.Main)
}

// Companion is a file that comes with releases but was found without one: a
// loose file, or a ZIP without a main file.
type Companion struct {
	Path   string // where it was found, as in Offer
	Name   string // base name
	SHA256 string // of the file, in hexadecimal
	Size   int64  // bytes

	Quarter         release.Quarter // zero when no name tells it
	QuarterBasis    string
	QuarterConflict string // as in Offer

	Entries []EntryInfo // the ZIP's entries, or the loose file itself

	LastModified time.Time // the HTTP header; zero for folders
	ETag         string    // the HTTP header; "" for folders

	notes     []note // what of the ZIP cannot be used
	zipped    bool
	folder    string // the folder it lies in
	onlyOffer string // Path of the only offer in that folder, or ""
	source    content
}

// PassedOver is a file that is not used.
type PassedOver struct {
	Path   string // an entry of a ZIP is joined to the ZIP's path
	Reason string // and what to do about it
	// Suspect marks what may be or hold a release: somebody should look at it.
	Suspect bool
}

// ReadFolder lists what a folder of releases holds, as it lies there: ZIPs,
// loose .txt and .xlsx, companions, in folders named by quarter or not. It
// reads the files and changes nothing. What cannot be used is passed over with
// a reason; an error means that the folder itself cannot be read, holds far too
// many files, or that ctx ended.
func ReadFolder(ctx context.Context, root string) (Inventory, error) {
	return readRoot(ctx, root, beforehand{})
}

// ReadFolder is ReadFolder for what goes into this archive: a ZIP that is there
// already, by its bytes, is not looked into again, nor is it read where the file
// named memory remembers it, unchanged since and read not too long ago
// (limits.readAgain).
func (a *Archive) ReadFolder(ctx context.Context, root string, at time.Time, memory string) (Inventory, error) {
	known, err := a.knownZIPs(ctx)
	if err != nil {
		return Inventory{}, err
	}
	before := beforehand{tell: a.tell, zips: known, checked: loadChecked(memory, a.limits.checkedBytes), at: at}
	inventory, err := readRoot(ctx, root, before)
	if err == nil && !a.planned {
		// Where that cannot be remembered, the next run reads more, and nothing else.
		_ = before.checked.save(memory)
	}
	return inventory, err
}

// beforehand is what is known of a folder's files before they are read.
type beforehand struct {
	zips    map[string]zipContents // by SHA-256, of ZIPs that need not be looked into
	checked *checkedFiles          // the SHA-256 of files; nil for none
	at      time.Time              // when they are read; zero: not known
	tell    func(MainFile, []byte) // see Archive.WhenUnpacked
}

func readRoot(ctx context.Context, root string, before beforehand) (Inventory, error) {
	absolute, err := filepath.Abs(root)
	if err != nil {
		return Inventory{}, fmt.Errorf("read the folder %s: %w", root, err)
	}
	info, err := os.Stat(absolute)
	if err != nil {
		return Inventory{}, fmt.Errorf("read the folder %s: %w: give a folder that holds HCPCS releases", root, err)
	}
	if !info.IsDir() {
		return Inventory{}, fmt.Errorf("read the folder %s: it is a file: give the folder it lies in", root)
	}
	reader := &folderReader{files: rootFiles{absolute}, root: root, rootName: filepath.Base(absolute), limits: defaultLimits, before: before, absolute: absolute, kept: &atomic.Int64{}, tell: before.tell}
	return reader.read(ctx)
}

// read lists what the folder holds, over any file system whose files implement
// io.ReaderAt.
func (r *folderReader) read(ctx context.Context) (Inventory, error) {
	entries, err := fs.ReadDir(r.files, ".")
	if err != nil {
		return Inventory{}, fmt.Errorf("read the folder %s: %w: give a folder that can be read", r.root, err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer func() { stop(); r.looking.Wait() }() // of what was looked into ahead and not asked for
	r.lookAhead(ctx)
	if err := r.directory(ctx, ".", entries, 0); err != nil {
		return Inventory{}, fmt.Errorf("read the folder %s: %w", r.root, err)
	}
	found := r.found
	slices.SortStableFunc(found.Offers, func(a, b Offer) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(found.Companions, func(a, b Companion) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(found.PassedOver, func(a, b PassedOver) int { return strings.Compare(a.Path, b.Path) })
	return found, nil
}

// rootFiles is a folder out of which no path and no link leads.
type rootFiles struct{ folder string }

func (r rootFiles) Open(name string) (fs.File, error) {
	root, err := os.OpenRoot(r.folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Open(filepath.FromSlash(name))
}

func (r rootFiles) Stat(name string) (fs.FileInfo, error) {
	root, err := os.OpenRoot(r.folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Stat(filepath.FromSlash(name))
}

type folderReader struct {
	files    fs.FS
	root     string // as the user gave it
	rootName string
	limits   limits
	count    int // files and folders met
	found    Inventory
	ahead    map[string]chan inspection // by name, of the ZIPs that are looked into ahead
	looking  sync.WaitGroup             // those who look ahead
	absolute string                     // the root's path, for before.checked
	before   beforehand
	kept     *atomic.Int64 // bytes of unpacked workbooks in memory; nil: none are kept
	tell     func(MainFile, []byte)
}

// looseFiles is what one folder holds outside of ZIPs.
type looseFiles struct {
	mains []looseMain
	xls   []string // names of .xls that may be main files
}

// directory reads one folder and those below it. name is slash-separated and
// relative to the root.
func (r *folderReader) directory(ctx context.Context, name string, entries []fs.DirEntry, depth int) error {
	loose := looseFiles{}
	offersBefore, companionsBefore := len(r.found.Offers), len(r.found.Companions)
	var folders []string
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.count++; r.count > r.limits.folderFiles {
			return fmt.Errorf("it holds more than %d files: give a folder that holds HCPCS releases only", r.limits.folderFiles)
		}
		child := path.Join(name, entry.Name())
		switch {
		case litter(entry.Name()):
			if !knownLitter(entry.Name()) {
				r.pass(child, "hidden: its name starts with a dot; rename it if it is a release")
			}
		case entry.IsDir():
			folders = append(folders, child)
		default:
			if err := r.file(ctx, child, entry.Type()&fs.ModeSymlink != 0, &loose); err != nil {
				return err
			}
		}
	}
	r.looseOffers(name, loose)
	r.markOnlyOffer(offersBefore, companionsBefore)
	for _, folder := range folders {
		if depth+1 > r.limits.folderDepth {
			r.suspect(folder, fmt.Sprintf("more than %d folders deep, which is not looked at: move its releases up", r.limits.folderDepth))
			continue
		}
		below, err := fs.ReadDir(r.files, folder)
		if err != nil {
			r.suspect(folder, fmt.Sprintf("the folder cannot be read (%v): give permission to read it, or move it away", rootCause(err)))
			continue
		}
		if err := r.directory(ctx, folder, below, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// markOnlyOffer tells the companions of a folder which release they belong to
// when there is only one.
func (r *folderReader) markOnlyOffer(offersBefore, companionsBefore int) {
	offers := r.found.Offers[offersBefore:]
	if len(offers) != 1 {
		return
	}
	for i := range r.found.Companions[companionsBefore:] {
		r.found.Companions[companionsBefore+i].onlyOffer = offers[0].Path
	}
}

// file looks at one file; a link to a file inside the root is followed. Only an
// ended context is an error.
func (r *folderReader) file(ctx context.Context, name string, link bool, loose *looseFiles) error {
	info, err := fs.Stat(r.files, name)
	switch {
	case err != nil && link:
		r.suspect(name, fmt.Sprintf("a link out of the folder or to nothing, which is not followed (%v): put the file itself here", rootCause(err)))
		return nil
	case err != nil:
		r.suspect(name, fmt.Sprintf("the file cannot be read (%v): give permission to read it, or get it again", rootCause(err)))
		return nil
	case info.IsDir():
		r.suspect(name, "a link to a folder, which is not followed: put the folder itself here")
		return nil
	case !info.Mode().IsRegular():
		r.pass(name, "not a regular file")
		return nil
	}
	source := diskFile{files: r.files, name: name}
	found, err := sniff(ctx, source.sniffable(info.Size()), r.limits)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.suspect(name, fmt.Sprintf("the file cannot be read (%v): give permission to read it, or get it again", rootCause(err)))
		return nil
	}
	switch {
	case found.zip:
		return r.zip(ctx, source)
	case found.oldXLS && found.kind == KindOther:
		loose.xls = append(loose.xls, name)
	case found.oldXLS:
		r.pass(name, found.unreadable+": save it as .xlsx without a password")
	case found.unreadable != "" && releaseExtension(name):
		r.suspect(name, found.unreadable)
	case found.unreadable != "":
		r.pass(name, found.unreadable)
	case found.kind == kindMain:
		return r.looseMain(ctx, source, found, loose)
	case found.kind.companion():
		return r.looseCompanion(ctx, source, found.kind)
	case found.kind == KindOther:
		r.pass(name, "not a release: neither a main file (fixed-width .txt, or .xlsx with the columns HCPC, SEQNUM, RECID) nor a file that comes with one")
	default:
		r.pass(name, fmt.Sprintf("a %s: nothing to load", strings.ReplaceAll(string(found.kind), "_", " ")))
	}
	return nil
}

// zip looks into a ZIP.
func (r *folderReader) zip(ctx context.Context, source diskFile) error {
	found := r.inspect(ctx, source)
	contents, sum, size, err := found.contents, found.sum, found.size, found.err
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.suspect(source.name, fmt.Sprintf("the ZIP cannot be used: %v", rootCause(err)))
		return nil
	}
	named := namedAsRelease(source.name)
	switch {
	case contents.problem != "" && (contents.suspect || named):
		r.suspect(source.name, contents.problem)
		return nil
	case contents.problem != "":
		r.pass(source.name, contents.problem)
		return nil
	case contents.main == nil && named:
		r.suspect(source.name, onlyCompanions)
	}
	for _, one := range contents.notes {
		r.pass(path.Join(source.name, strings.ReplaceAll(one.Entry, `\`, "/")), one.Reason)
	}
	if contents.main == nil {
		companion := Companion{
			Path: r.path(source.name), Name: path.Base(source.name), SHA256: sum, Size: size,
			Entries: contents.entries, notes: contents.notes, zipped: true, folder: path.Dir(source.name),
			source: content{zip: source},
		}
		r.addCompanion(companion)
		return nil
	}
	offer := Offer{
		Path: r.path(source.name), Name: path.Base(source.name), SHA256: sum, Size: size,
		Main: *contents.main, Second: contents.second,
		PublishedAt: contents.publishedAt, PublishedBasis: contents.publishedBasis,
		Companions: contents.entries, notes: contents.notes, unpacked: contents.unpacked, folder: path.Dir(source.name),
		source: content{zip: source},
	}
	r.addOffer(offer)
	return nil
}

func (r *folderReader) looseCompanion(ctx context.Context, source diskFile, kind Kind) error {
	sum, size, err := source.hash(ctx, r.limits)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.suspect(source.name, fmt.Sprintf("the file cannot be read (%v): get it again", rootCause(err)))
		return nil
	}
	base := path.Base(source.name)
	r.addCompanion(Companion{
		Path: r.path(source.name), Name: base, SHA256: sum, Size: size,
		Entries: []EntryInfo{{Name: base, Kind: kind, Size: size}}, folder: path.Dir(source.name),
		source: content{loose: map[string]diskFile{base: source}},
	})
	return nil
}

// addOffer settles the offer's quarter: folder, file and main file names must
// not contradict each other.
func (r *folderReader) addOffer(offer Offer) {
	evidence := []nameEvidence{r.folderEvidence(offer.folder), evidenceOfName(BasisFileName, offer.Name)}
	for _, file := range []*MainFile{&offer.Main, offer.Second} {
		if file != nil && file.Name != offer.Name {
			evidence = append(evidence, evidenceOfName(BasisMainFileName, baseName(file.Name)))
		}
	}
	offer.Quarter, offer.QuarterBasis, offer.QuarterConflict = quarterFromEvidence(r.withRoot(evidence))
	r.found.Offers = append(r.found.Offers, offer)
}

// addCompanion settles the companion's quarter. Entries' names count only
// where neither the folder nor the file tells it.
func (r *folderReader) addCompanion(companion Companion) {
	evidence := []nameEvidence{r.folderEvidence(companion.folder), evidenceOfName(BasisFileName, companion.Name)}
	if evidence[0].strength == nameSilent && evidence[1].strength == nameSilent {
		for _, entry := range companion.Entries {
			evidence = append(evidence, evidenceOfName(BasisMainFileName, baseName(entry.Name)))
		}
	}
	companion.Quarter, companion.QuarterBasis, companion.QuarterConflict = quarterFromEvidence(r.withRoot(evidence))
	r.found.Companions = append(r.found.Companions, companion)
}

// folderEvidence is what the nearest telling folder says, the root included
// when its name is a quarter and nothing else.
func (r *folderReader) folderEvidence(folder string) nameEvidence {
	for ; folder != "."; folder = path.Dir(folder) {
		if quarter, _, told := quarterFromFolderName(path.Base(folder)); told {
			return nameEvidence{basis: BasisFolderName, name: path.Base(folder), quarter: quarter, strength: nameQuarter}
		}
	}
	if quarter, exact, told := quarterFromFolderName(r.rootName); told && exact {
		return nameEvidence{basis: BasisFolderName, name: r.rootName, quarter: quarter, strength: nameQuarter}
	}
	return nameEvidence{basis: BasisFolderName}
}

// withRoot adds the root's name where nothing else tells the quarter. It never
// contradicts: "hcpcs october 2025" may hold releases of many quarters.
func (r *folderReader) withRoot(evidence []nameEvidence) []nameEvidence {
	for _, one := range evidence {
		if one.strength != nameSilent {
			return evidence
		}
	}
	if quarter, _, told := quarterFromFolderName(r.rootName); told {
		evidence = append(evidence, nameEvidence{basis: BasisFolderName, name: r.rootName, quarter: quarter, strength: nameQuarter})
	}
	return evidence
}

func (r *folderReader) pass(name, reason string) {
	r.found.PassedOver = append(r.found.PassedOver, PassedOver{Path: r.path(name), Reason: reason})
}

// suspect is pass for what may be or hold a release.
func (r *folderReader) suspect(name, reason string) {
	r.found.PassedOver = append(r.found.PassedOver, PassedOver{Path: r.path(name), Reason: reason, Suspect: true})
}

// path is a place for messages: the root as the user gave it, and below.
func (r *folderReader) path(name string) string {
	return filepath.Join(r.root, filepath.FromSlash(name))
}

// onlyCompanions is said of a ZIP that namedAsRelease tells to be a release.
const onlyCompanions = "it is named as a release and holds no main file, only files that come with one, which are taken; get the ZIP again if CMS's has a main file"

// namedAsRelease tells a ZIP that is named by its quarter, and not as a
// companion: april-2020-alpha-numeric-hcpcs-file.zip.
func namedAsRelease(name string) bool {
	base := path.Base(name)
	_, told := QuarterFromName(base)
	return told && kindOfName(strings.TrimSuffix(base, path.Ext(base))) == KindOther
}

// releaseExtension tells whether a release can be in a file of this name.
func releaseExtension(name string) bool {
	return slices.Contains([]string{".zip", ".txt", ".xlsx", ".xls", ""}, strings.ToLower(path.Ext(name)))
}

// knownLitter is passed over in silence; other hidden files may be somebody's.
func knownLitter(base string) bool {
	return !strings.HasPrefix(base, ".") || base == ".DS_Store" || strings.HasPrefix(base, "._")
}

// rootCause drops the path from an error of the file system: the message names
// it already.
func rootCause(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
