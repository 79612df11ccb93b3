package cmstest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"strings"
	"time"
)

// hostileAt is the time of the entries of hostile ZIPs.
var hostileAt = time.Date(2020, time.March, 31, 13, 0, 0, 0, time.UTC)

// BombZIP is a ZIP of a few kilobytes whose entry unpacks to so many mebibytes.
func BombZIP(mebibytes int) []byte {
	return ZIP(hostileAt, File{"HCPC2020_APR_ANWEB.txt", make([]byte, mebibytes<<20)})
}

// EscapingZIP is a ZIP with an entry whose name leads out of the folder it is
// unpacked in: "../../evil.txt", "/etc/evil.txt".
func EscapingZIP(name string, files ...File) []byte {
	return ZIP(hostileAt, append(files, File{name, []byte("This must never be written.")})...)
}

// EncryptedZIP is a ZIP of files whose entries say that they are encrypted.
func EncryptedZIP(files ...File) []byte {
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for _, file := range files {
		entry, err := archive.CreateRaw(&zip.FileHeader{
			Name: file.Name, Method: zip.Store, Modified: hostileAt, Flags: 1, CRC32: crc32.ChecksumIEEE(file.Content),
			CompressedSize64: uint64(len(file.Content)), UncompressedSize64: uint64(len(file.Content)),
		})
		must(err)
		garbled := bytes.Clone(file.Content)
		for i := range garbled {
			garbled[i] ^= 0x5a
		}
		_, err = entry.Write(garbled)
		must(err)
	}
	must(archive.Close())
	return packed.Bytes()
}

// ManyEntriesZIP is a ZIP with so many entries, all empty. 10,000 cost some 20
// ms.
func ManyEntriesZIP(count int) []byte {
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for i := range count {
		_, err := archive.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("entry-%05d.txt", i), Method: zip.Store, Modified: hostileAt})
		must(err)
	}
	must(archive.Close())
	return packed.Bytes()
}

// LaughsXLSX is a workbook whose sheet and string table define entities that
// unfold to a billion words.
func LaughsXLSX() []byte {
	var entities strings.Builder
	entities.WriteString(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY laugh0 "laugh">`)
	for i := 1; i <= 9; i++ {
		fmt.Fprintf(&entities, `<!ENTITY laugh%d "%s">`, i, strings.Repeat(fmt.Sprintf("&laugh%d;", i-1), 10))
	}
	entities.WriteString("]>")
	const (
		main      = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
		relations = `xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	)
	return ZIP(hostileAt,
		File{"[Content_Types].xml", []byte(`<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`)},
		File{"xl/workbook.xml", []byte(`<workbook ` + main + ` ` + relations + `><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>`)},
		File{"xl/_rels/workbook.xml.rels", []byte(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`)},
		File{"xl/sharedStrings.xml", []byte(entities.String() + `<sst ` + main + `><si><t>&laugh9;</t></si></sst>`)},
		File{"xl/worksheets/sheet1.xml", []byte(entities.String() + `<worksheet ` + main + `><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&laugh9;</t></is></c><c r="B1" t="s"><v>0</v></c></row></sheetData></worksheet>`)},
	)
}
