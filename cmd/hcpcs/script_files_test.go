package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding/charmap"
)

// Commands of the scripts that make files, good ones and bad ones.

// unzip ZIP PATTERN FOLDER: puts the entries whose name matches into a folder.
func unzip(ts *testscript.TestScript, _ bool, arguments []string) {
	archive, err := zip.OpenReader(ts.MkAbs(arguments[0]))
	ts.Check(err)
	defer archive.Close()
	found := false
	for _, entry := range archive.File {
		if matches, err := path.Match(arguments[1], path.Base(entry.Name)); err != nil || !matches {
			continue
		}
		content, err := entry.Open()
		ts.Check(err)
		data, err := io.ReadAll(content)
		ts.Check(err)
		writeScriptFile(ts, filepath.Join(arguments[2], path.Base(entry.Name)), data)
		found = true
	}
	if !found {
		ts.Fatalf("%s holds nothing like %s", arguments[0], arguments[1])
	}
}

// zip ZIP FILE…: makes a ZIP of files.
func zipFiles(ts *testscript.TestScript, _ bool, arguments []string) {
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for _, name := range arguments[1:] {
		entry, err := archive.Create(filepath.Base(name))
		ts.Check(err)
		_, err = entry.Write(readScriptFile(ts, name))
		ts.Check(err)
	}
	ts.Check(archive.Close())
	writeScriptFile(ts, arguments[0], packed.Bytes())
}

// halve FILE: takes the second half of a file away.
func halve(ts *testscript.TestScript, _ bool, arguments []string) {
	content := readScriptFile(ts, arguments[0])
	writeScriptFile(ts, arguments[0], content[:len(content)/2])
}

// to-utf8 FILE: writes a text of CMS's, which is in Windows 1252, anew as UTF-8
// with a byte-order mark.
func toUTF8(ts *testscript.TestScript, _ bool, arguments []string) {
	text, err := charmap.Windows1252.NewDecoder().Bytes(readScriptFile(ts, arguments[0]))
	ts.Check(err)
	writeScriptFile(ts, arguments[0], append([]byte("\ufeff"), text...))
}

// flip FILE: turns over a bit in the middle of a file.
func flip(ts *testscript.TestScript, _ bool, arguments []string) {
	content := readScriptFile(ts, arguments[0])
	content[len(content)/2] ^= 4
	writeScriptFile(ts, arguments[0], content)
}

// repeat LINE TIMES HEADER FILE: writes a file of a header and of one line, over
// and over.
func repeat(ts *testscript.TestScript, _ bool, arguments []string) {
	times, err := strconv.Atoi(arguments[1])
	ts.Check(err)
	writeScriptFile(ts, arguments[3], []byte(arguments[2]+"\n"+strings.Repeat(arguments[0]+"\n", times)))
}

func readScriptFile(ts *testscript.TestScript, name string) []byte {
	content, err := os.ReadFile(ts.MkAbs(name))
	ts.Check(err)
	return content
}

func writeScriptFile(ts *testscript.TestScript, name string, content []byte) {
	name = ts.MkAbs(name)
	ts.Check(os.MkdirAll(filepath.Dir(name), 0o755))
	ts.Check(os.WriteFile(name, content, 0o644))
}
