package transform

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// ProcessingNoteText is one of the notes to which the processing note number of
// a record points (record layout, "Processing Note Number").
type ProcessingNoteText struct {
	Number string // four digits, as in the record's field
	Text   string // its lines, each squeezed, joined with one blank
	Line   int    // of its number, from 1
}

var (
	// noteHeading is the first line of a note, "0001--TEXT".
	noteHeading = regexp.MustCompile(`^\s*([0-9]{4})--(.*)$`)
	// otherHeading is one with other dashes, or blanks around them. A line of a note
	// can look so: it is one only where its number is the next.
	otherHeading = regexp.MustCompile(`^\s*([0-9]{4})\s*[-–—]{1,2}\s*(.*)$`)
	// noteFurniture is what stands in the file beside the notes: its title, and
	// the rule below it.
	noteFurniture = regexp.MustCompile(`^(?:PROCESSING NOTES|[_=-]{5,})$`)
	// noteBorder is the right edge of the frame that some lines have.
	noteBorder = regexp.MustCompile(`(?:^|\s)\*\s*$`)
)

// ParseProcessingNotes reads the text file of processing notes that comes with a
// release (proc_notes_2011.txt to proc_notes_2020.txt), in its order. The first
// line of a note has its number, those after it go on until the next number;
// blank lines, the title and the frame's right edge are left out. Notes that
// CMS has deleted say so in their text. name is used in findings and errors
// only.
//
// A second note of the same number is a finding and is left out. An error means
// that the file holds no text, or no note.
func ParseProcessingNotes(name string, data []byte) ([]ProcessingNoteText, []Finding, error) {
	text, err := companionText(data)
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", name, err)
	}
	var notes []ProcessingNoteText
	var parts []string // of the note being read
	var findings []Finding
	seen := map[string]bool{}
	finish := func() {
		if len(parts) > 0 {
			notes[len(notes)-1].Text = strings.Join(parts, " ")
			parts = nil
		}
	}
	leftOut := true // before the first note, and in one that is left out
	last := ""      // number of the note before
	at := 0
	for line := range strings.Lines(text) {
		at++
		if strings.HasSuffix(strings.TrimRight(line, "\t\n\f\r "), "*") {
			line = noteBorder.ReplaceAllString(line, "")
		}
		heading := noteHeading.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if heading == nil && last != "" {
			heading = otherHeading.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
			if heading != nil && heading[1] != fmt.Sprintf("%04d", number(last)+1) {
				heading = nil
			}
		}
		if heading != nil {
			last = heading[1]
			finish()
			line = heading[2]
			if leftOut = seen[heading[1]]; leftOut {
				findings = append(findings, Finding{
					File: name, Line: at, Field: ProcessingNote.String(), Rule: RuleDuplicateCode, RawText: bounded(heading[0]),
				})
			} else {
				seen[heading[1]] = true
				notes = append(notes, ProcessingNoteText{Number: heading[1], Line: at})
			}
		}
		if line = squeeze(line); !leftOut && line != "" && !noteFurniture.MatchString(line) {
			parts = append(parts, line)
		}
	}
	finish()
	if len(notes) == 0 {
		return nil, nil, fmt.Errorf("reading %s: it holds no processing note: a note begins with four digits and two hyphens, as in 0001--", name)
	}
	return notes, findings, nil
}

// companionText gives the text of a file in CMS's encoding or in UTF-8.
func companionText(data []byte) (string, error) {
	encoded, lost, err := toWindows1252(data)
	switch {
	case err != nil:
		return "", err
	case len(lost) > 0: // UTF-8, with characters that CMS's encoding does not have
		return strings.ToValidUTF8(string(bytes.TrimPrefix(data, utf8Mark)), "\ufffd"), nil
	}
	return decodeText(string(encoded)), nil
}
