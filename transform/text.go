package transform

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// windows1252 is the encoding of CMS's text files (domain.md, 10).
var windows1252 = charmap.Windows1252

// decodeText turns Windows 1252 into UTF-8. Text of ASCII characters only is
// given back as it is, without copying.
func decodeText(raw string) string {
	for i := range len(raw) {
		if raw[i] >= utf8.RuneSelf {
			var decoded strings.Builder
			decoded.Grow(len(raw) + 8)
			for j := range len(raw) {
				decoded.WriteRune(windows1252.DecodeByte(raw[j]))
			}
			return decoded.String()
		}
	}
	return raw
}

// squeeze trims text and makes every run of white space one blank. Tabs,
// non-breaking blanks and control characters are white space too. Text that is
// so already is given back without copying.
func squeeze(text string) string {
	for len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	for len(text) > 0 && text[len(text)-1] == ' ' {
		text = text[:len(text)-1]
	}
	clean := true
	for i := range len(text) {
		if c := text[i]; c >= utf8.RuneSelf || c < ' ' || c == 0x7f || (c == ' ' && text[i-1] == ' ') {
			clean = false
			break
		}
	}
	if clean {
		return text
	}
	var squeezed strings.Builder
	squeezed.Grow(len(text))
	pending := false
	for _, r := range text {
		if isBlank(r) {
			pending = squeezed.Len() > 0
			continue
		}
		if pending {
			squeezed.WriteByte(' ')
			pending = false
		}
		squeezed.WriteRune(r)
	}
	return squeezed.String()
}

func isBlank(r rune) bool {
	return r <= ' ' || (r >= 0x7f && r <= 0xa0) || r == 0x2007 || r == 0x202f || r == 0xfeff || r == 0x200b || r == 0x3000
}

var utf8Mark = []byte{0xef, 0xbb, 0xbf}

// toWindows1252 gives the bytes of a text file in CMS's encoding, one byte a
// character, so that columns can be counted. Files in UTF-8, which people
// make by saving them anew, are recognised by their mark or by being valid
// UTF-8 with characters beyond ASCII. lost lists the offsets, in the result, of
// characters that the encoding does not have; a question mark stands there.
func toWindows1252(data []byte) (encoded []byte, lost []int, err error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return nil, nil, fmt.Errorf("the file is in UTF-16; save it as plain text (Windows 1252 or UTF-8), or take CMS's own file")
	case bytes.Count(data, []byte{0}) > len(data)/100: // a stray NUL is a blank, no more
		return nil, nil, fmt.Errorf("the file holds binary data, not text")
	}
	marked := bytes.HasPrefix(data, utf8Mark)
	data = bytes.TrimPrefix(data, utf8Mark)
	if isASCII(data) || (!marked && !utf8.Valid(data)) {
		return data, nil, nil
	}
	encoded = make([]byte, 0, len(data))
	for _, r := range string(data) {
		b, ok := windows1252.EncodeRune(r)
		if !ok {
			lost = append(lost, len(encoded))
			b = '?'
		}
		encoded = append(encoded, b)
	}
	return encoded, lost, nil
}

func isASCII(data []byte) bool {
	const beyond = 0x8080808080808080 // eight bytes at once
	for ; len(data) >= 8; data = data[8:] {
		if binary.LittleEndian.Uint64(data)&beyond != 0 {
			return false
		}
	}
	for _, b := range data {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
