package extract

import "time"

// Sizes are in bytes. A kibibyte is 1,024 bytes, a mebibyte 1,048,576.
const (
	kibibyte = 1 << 10
	mebibyte = 1 << 20
)

// WorkbookBytes and WorkbookPartBytes bound the uncompressed size of a workbook that
// is read for its rows, in all and in each of its parts: four times what an entry of
// a ZIP may have, of which a sheet can be half. CMS's largest sheet has 14 MiB.
const (
	WorkbookBytes     = 512 * mebibyte
	WorkbookPartBytes = 256 * mebibyte
)

// sniffLines: lines of a text in which a header is looked for, as many as rows of a
// sheet (limits.sniffRows).
const sniffLines = 40

// linksHeard: names of one address that is linked again and again that are minded.
const linksHeard = 30

// smallPartBytes: uncompressed size of a part of a workbook that is read whole to tell
// what it is, such as the list of its sheets.
const smallPartBytes = mebibyte

// stringBytes: uncompressed size of one string of a workbook's table. A cell has
// 32,767 characters at most.
const stringBytes = 4 * mebibyte

// limits bounds what is read from files that somebody else made. A limit that
// is met makes one file a row of what was passed over, with the limit in words;
// the other files are read. CMS's ZIPs so far are 1 to 3 MiB with up to a dozen
// entries of up to 4 MiB each (a sheet inside a workbook: 14 MiB); every limit
// leaves at least a tenfold room.
type limits struct {
	// zipBytes: size of a ZIP as it lies on disk.
	zipBytes int64
	// zipInMemoryBytes: size of a ZIP up to which it is read into memory to be looked
	// into.
	zipInMemoryBytes int64
	// zipDirectoryBytes: what may be read to learn a ZIP's entries. It bounds
	// the memory that a directory of millions of entries would take before
	// they can be counted.
	zipDirectoryBytes int64
	// zipEntries: entries of a ZIP, directories included.
	zipEntries int
	// entryBytes: uncompressed size of one entry of a ZIP, or of a loose file.
	// It is read into memory when the release is loaded.
	entryBytes int64
	// zipTotalBytes: uncompressed size of all entries of a ZIP, or of all parts
	// of a workbook, as declared.
	zipTotalBytes int64
	// ratio: uncompressed bytes for one compressed byte of an entry, or of what a
	// site packed for the way. CMS's fixed-width files reach 14; deflate cannot
	// exceed 1,032.
	ratio int64
	// ratioFreeBytes: what has up to this uncompressed size may have any ratio,
	// because it cannot do harm.
	ratioFreeBytes int64
	// keptBytes: companions that are workbooks and are kept in memory from the look
	// into their ZIPs until they are loaded, all together. The others are unpacked
	// again. CMS's have 0.5 MiB.
	keptBytes int64
	// folderFiles: files and folders below the root of a folder source. More
	// means that the root is not a folder of releases.
	folderFiles int
	// folderDepth: folders below the root, one in the other.
	folderDepth int
	// sniffTextBytes: start of a text file that is looked at to tell what it
	// is. The longest preamble so far is 2 KiB (domain.md 11).
	sniffTextBytes int64
	// sniffRows: rows of a sheet in which a header is looked for, as many as when
	// it is read. Headers stood in rows 1 to 11 so far.
	sniffRows int
	// sniffSheets: sheets of a workbook that are looked at.
	sniffSheets int
	// sniffSheetBytes: uncompressed start of a sheet that is read for its
	// first rows.
	sniffSheetBytes int64
	// sharedStringsBytes: uncompressed start of a workbook's string table that
	// is read for the strings of those rows.
	sharedStringsBytes int64
	// sidecarBytes: size of a sidecar of the archive.
	sidecarBytes int64
	// checkedBytes: size of the file that remembers which files of the archive
	// were whole. A file of the archive takes 250 bytes of it.
	checkedBytes int64
	// readAgain: after this time a file of the archive is read again even where
	// nothing about it changed: disks lose bits without a word.
	readAgain time.Duration
	// site bounds what is asked of a site and taken from it.
	site siteLimits
}

// siteLimits bounds the dealings with a site. One that is met makes a failure
// of one link, or, where the page itself or the whole run is concerned, ends the
// downloads; what was complete before is used.
type siteLimits struct {
	// pageBytes: size of the page. CMS's has 100 KiB.
	pageBytes int64
	// pageLinks: addresses on a page that are recognised as releases or
	// companions. Forty years of quarters and their companions are 500.
	pageLinks int
	// attempts: requests for one file, the first included, whether nothing, an
	// error of the server or a part of the file came.
	attempts int
	// redirects: followed from one address.
	redirects int
	// headerBytes: of one answer.
	headerBytes int64
	// totalBytes: downloaded in one run, over all files.
	totalBytes int64
	// failuresInRow: links that cannot be reached one after the other, after
	// which the others are not tried: the site is down or wants no visitors.
	failuresInRow int
	// validators: ETags sent with one request, the newest of those that the
	// archive has from the address.
	validators int
	// budget: time for everything, waits included, unless SiteOptions.Budget
	// says otherwise.
	budget time.Duration
	// stall: time in which nothing comes, neither headers nor a byte of the
	// body, after which the connection is given up.
	stall time.Duration
	// firstWait, longestWait: before the second attempt, twice as long before
	// each further one, up to the longest; a random half of it is taken off.
	firstWait, longestWait time.Duration
	// retryAfter: the longest Retry-After that is waited for. When the site
	// asks for more, the run ends, and the next one tries again.
	retryAfter time.Duration
	// pause: between two files, unless SiteOptions.Pause says otherwise.
	pause time.Duration
	// memoryBytes: size of the file in which addresses are remembered.
	memoryBytes int64
	// noteBytes: size of the note beside a download.
	noteBytes int64
}

var defaultLimits = limits{
	zipBytes:           256 * mebibyte,
	zipInMemoryBytes:   8 * mebibyte,
	zipDirectoryBytes:  4 * mebibyte,
	zipEntries:         1_000,
	entryBytes:         128 * mebibyte,
	zipTotalBytes:      512 * mebibyte,
	ratio:              250,
	ratioFreeBytes:     8 * mebibyte,
	keptBytes:          8 * mebibyte,
	folderFiles:        20_000,
	folderDepth:        16,
	sniffTextBytes:     64 * kibibyte,
	sniffRows:          sniffLines,
	sniffSheets:        8,
	sniffSheetBytes:    4 * mebibyte,
	sharedStringsBytes: 64 * mebibyte,
	sidecarBytes:       4 * mebibyte,
	checkedBytes:       4 * mebibyte,
	readAgain:          30 * 24 * time.Hour,
	site: siteLimits{
		pageBytes:     8 * mebibyte,
		pageLinks:     1_000,
		attempts:      6,
		redirects:     5,
		headerBytes:   256 * kibibyte,
		totalBytes:    2048 * mebibyte,
		failuresInRow: 3,
		validators:    16,
		budget:        30 * time.Minute,
		stall:         time.Minute,
		firstWait:     time.Second,
		longestWait:   time.Minute,
		retryAfter:    5 * time.Minute,
		pause:         time.Second,
		memoryBytes:   4 * mebibyte,
		noteBytes:     64 * kibibyte,
	},
}
