package cmstest

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// File is a named file, as it stands in a ZIP or a folder.
type File struct {
	Name    string
	Content []byte
}

// ZIP packs files in the order given, all with the same time, so that the same
// input gives the same bytes. It compresses for speed: a text of 9,000 records
// is mostly blanks and shrinks to a tenth even so.
func ZIP(at time.Time, files ...File) []byte { return pack(at, flate.BestSpeed, files) }

func pack(at time.Time, level int, files []File) []byte {
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	archive.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, level)
	})
	for _, file := range files {
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: file.Name, Method: zip.Deflate, Modified: at.UTC()})
		must(err)
		_, err = entry.Write(file.Content)
		must(err)
	}
	must(archive.Close())
	return packed.Bytes()
}

// must guards writes into memory, which fail on nothing but a mistake here.
func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("cmstest: %v", err))
	}
}

// ZIPOptions say what is in a release's ZIP besides the text of its main file.
// The zero value gives that text alone.
type ZIPOptions struct {
	TXT TXTOptions
	// WithoutTXT leaves the text out, as in the ZIPs that only hold a workbook.
	WithoutTXT bool
	// XLSX and TransactionReport are written when set.
	XLSX              *XLSXOptions
	TransactionReport *TransactionReportOptions
	// Version is the number at the end of the main file's name, as in "_v2";
	// none below 2.
	Version int
	// MainName is the main file's name without its ending, where it is not the
	// one of MainFileName: "HCPC2018_CONTR_ANWEB_disc".
	MainName string
	// Companions are put behind the files named above.
	Companions []File
}

// ZIP packs the release as CMS publishes it, under CMS's names, the entries'
// time being PublishedAt.
func (r *Release) ZIP(options ZIPOptions) []byte {
	name := options.MainName
	if name == "" {
		name = MainFileName(r.ID.Quarter, options.Version)
	}
	var files []File
	if !options.WithoutTXT {
		files = append(files, File{name + ".txt", r.TXT(options.TXT)})
	}
	if options.XLSX != nil {
		files = append(files, File{name + ".xlsx", r.XLSX(*options.XLSX)})
	}
	if options.TransactionReport != nil {
		files = append(files, File{TransactionReportName(r.ID.Quarter), r.TransactionReport(*options.TransactionReport)})
	}
	return ZIP(r.PublishedAt, append(files, options.Companions...)...)
}

// months are the names of the quarters' first months, from the first quarter.
var months = [4]string{"January", "April", "July", "October"}

func month(quarter release.Quarter) string { return months[quarter.Number-1] }

// MainFileName gives the main file's name without its ending, as CMS has
// written it since 2020: "HCPC2020_APR_ANWEB", with "_v2" for a later version.
func MainFileName(quarter release.Quarter, version int) string {
	name := fmt.Sprintf("HCPC%d_%s_ANWEB", quarter.Year, strings.ToUpper(month(quarter)[:3]))
	if version > 1 {
		name += fmt.Sprintf("_v%d", version)
	}
	return name
}

// TransactionReportName gives the name of the transaction report:
// "HCPC2020_APR_Trans_Alpha.xlsx".
func TransactionReportName(quarter release.Quarter) string {
	return fmt.Sprintf("HCPC%d_%s_Trans_Alpha.xlsx", quarter.Year, strings.ToUpper(month(quarter)[:3]))
}

// ZIPName gives the name under which CMS links a quarter's ZIP:
// "april-2020-alpha-numeric-hcpcs-file.zip". A new revision keeps it.
func ZIPName(quarter release.Quarter) string {
	return fmt.Sprintf("%s-%d-alpha-numeric-hcpcs-file.zip", strings.ToLower(month(quarter)), quarter.Year)
}
