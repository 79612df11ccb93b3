package cmstest

import "unicode/utf8"

// cp1252Bytes are the characters above ASCII that Windows code page 1252 has
// outside Latin-1. CMS's text files are in it (domain.md 10).
var cp1252Bytes = map[rune]byte{
	'€': 0x80, '‚': 0x82, 'ƒ': 0x83, '„': 0x84, '…': 0x85, '†': 0x86, '‡': 0x87,
	'ˆ': 0x88, '‰': 0x89, 'Š': 0x8A, '‹': 0x8B, 'Œ': 0x8C, 'Ž': 0x8E,
	'‘': 0x91, '’': 0x92, '“': 0x93, '”': 0x94, '•': 0x95, '–': 0x96, '—': 0x97,
	'˜': 0x98, '™': 0x99, 'š': 0x9A, '›': 0x9B, 'œ': 0x9C, 'ž': 0x9E, 'Ÿ': 0x9F,
}

// appendCP1252 appends text in code page 1252, one byte for each character; a
// character the page lacks becomes "?", as CMS's own export does it.
func appendCP1252(line []byte, text string) []byte {
	for at, character := range text {
		if character >= utf8.RuneSelf {
			return appendBeyondASCII(append(line, text[:at]...), text[at:])
		}
	}
	return append(line, text...)
}

func appendBeyondASCII(line []byte, text string) []byte {
	for _, character := range text {
		switch {
		case character < utf8.RuneSelf || character >= 0xA0 && character <= 0xFF:
			line = append(line, byte(character))
		case cp1252Bytes[character] != 0:
			line = append(line, cp1252Bytes[character])
		default:
			line = append(line, '?')
		}
	}
	return line
}
