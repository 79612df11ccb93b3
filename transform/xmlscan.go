package transform

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// xmlScanner walks over the tags of an XML text, without copying. It knows what
// workbooks need: elements, attributes and character data; names come without
// the prefix of their name space. What is not well-formed ends the walk.
type xmlScanner struct {
	text  string
	after int // where the tag that was met ends
	begin int // where it begins

	name string // of the element
	// end tells an end tag; an element without content is both its own start and
	// its end, and empty.
	end, empty bool
	attributes string // as they stand
	// content is the text between the last start tag and this end tag, as it
	// stands; "" unless the two belong together.
	content string

	opened string // name of the last start tag
	inside int    // where its content begins
}

// next goes to the next tag, and tells whether there is one.
func (s *xmlScanner) next() bool {
	for {
		open := strings.IndexByte(s.text[s.after:], '<')
		if open < 0 {
			return false
		}
		s.begin = s.after + open
		rest := s.text[s.begin:]
		if skip, ok := skipMarkup(rest); skip > 0 {
			if !ok {
				return false
			}
			s.after = s.begin + skip
			continue
		}
		length, name := tagLength(rest)
		if length < 3 {
			return false
		}
		s.after = s.begin + length
		s.tag(rest[:length], name)
		return true
	}
}

// plainString takes a whole shared string in one step, where one follows that is
// written as spreadsheets write all those without formats: <si><t>text</t></si>. It
// gives the text as it stands; false, and stays, where anything else follows.
func (s *xmlScanner) plainString() (text string, ok bool) {
	rest, ok := strings.CutPrefix(s.text[s.after:], "<si><t")
	if !ok {
		return "", false
	}
	rest, _ = strings.CutPrefix(rest, ` xml:space="preserve"`)
	if rest, ok = strings.CutPrefix(rest, ">"); !ok {
		return "", false
	}
	end := strings.IndexByte(rest, '<')
	if end < 0 {
		return "", false
	}
	text = rest[:end]
	if rest, ok = strings.CutPrefix(rest[end:], "</t></si>"); !ok {
		return "", false
	}
	s.after, s.opened = len(s.text)-len(rest), ""
	return text, true
}

// xmlCell is a cell of a sheet: its column from 0, and its kind and value as they
// stand; an empty one has no value.
type xmlCell struct {
	column      int
	kind, value string
	empty       bool
}

// cell takes a whole cell in one step, where one follows that is written as
// spreadsheets write nearly all of them: <c r="B2" s="1" t="s"><v>12</v></c>, or
// <c r="B2" s="1"/>. It gives false, and stays, where anything else follows.
func (s *xmlScanner) cell() (cell xmlCell, ok bool) {
	rest, ok := strings.CutPrefix(s.text[s.after:], `<c r="`)
	if !ok {
		return cell, false
	}
	letters := skip(rest, 'A', 'Z')
	digits := skip(rest[letters:], '0', '9')
	if cell.column = columnOf(rest[:letters], -1); cell.column < 0 {
		return cell, false
	}
	if rest, ok = strings.CutPrefix(rest[letters+digits:], `"`); !ok {
		return cell, false
	}
	if style, styled := strings.CutPrefix(rest, ` s="`); styled {
		if rest, ok = strings.CutPrefix(style[skip(style, '0', '9'):], `"`); !ok {
			return cell, false
		}
	}
	if shared, isShared := strings.CutPrefix(rest, ` t="s"`); isShared {
		rest, cell.kind = shared, "s"
	}
	if after, empty := strings.CutPrefix(rest, "/>"); empty {
		rest, cell.empty = after, true
	} else {
		if rest, ok = strings.CutPrefix(rest, "><v>"); !ok {
			return cell, false
		}
		end := skip(rest, '0', '9')
		cell.value = rest[:end]
		if rest, ok = strings.CutPrefix(rest[end:], "</v></c>"); !ok {
			return cell, false
		}
	}
	s.after, s.opened = len(s.text)-len(rest), ""
	return cell, true
}

// skip gives how many bytes at the start of a text lie between two.
func skip(text string, from, to byte) int {
	for i := range len(text) {
		if text[i] < from || text[i] > to {
			return i
		}
	}
	return len(text)
}

// tag takes a tag, < and > included; its name ends at nameEnd.
func (s *xmlScanner) tag(tag string, nameEnd int) {
	s.end = tag[1] == '/'
	s.empty = !s.end && tag[len(tag)-2] == '/'
	s.name, s.attributes = strings.Trim(tag[1:nameEnd], "/"), strings.TrimRight(tag[nameEnd:len(tag)-1], "/")
	if colon := strings.IndexByte(s.name, ':'); colon >= 0 {
		s.name = s.name[colon+1:]
	}
	s.content = ""
	switch {
	case s.empty:
		s.opened = ""
	case s.end:
		if s.opened == s.name {
			s.content = s.text[s.inside:s.begin]
		}
		s.opened = ""
	default:
		s.opened, s.inside = s.name, s.after
	}
}

// skipMarkup gives the length of a comment, a processing instruction, a
// declaration or a section of raw characters at the start of a text, 0 where it
// is a tag; false where it does not end.
func skipMarkup(text string) (length int, ok bool) {
	closing := ""
	switch {
	case strings.HasPrefix(text, "<!--"):
		closing = "-->"
	case strings.HasPrefix(text, "<![CDATA["):
		closing = "]]>"
	case strings.HasPrefix(text, "<?"):
		closing = "?>"
	case strings.HasPrefix(text, "<!"):
		closing = ">"
	default:
		return 0, true
	}
	at := strings.Index(text, closing)
	return max(1, at+len(closing)), at >= 0
}

// tagLength gives the length of the tag at the start of a text, and where its
// name ends; > may stand in the value of an attribute.
func tagLength(text string) (length, nameEnd int) {
	quote := byte(0)
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			if nameEnd == 0 {
				nameEnd = i
			}
			return i + 1, nameEnd
		case nameEnd == 0 && isXMLBlank(c):
			nameEnd = i
		}
	}
	return 0, 0
}

func isXMLBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// attribute gives the value of an attribute by its name without a prefix, "" for
// none.
func (s *xmlScanner) attribute(name string) string {
	for rest := s.attributes; rest != ""; {
		var key, value string
		if key, value, rest = nextAttribute(rest); key == name {
			return unescape(value)
		}
	}
	return ""
}

// cellAttributes gives what a cell says of itself: its reference and its kind.
func (s *xmlScanner) cellAttributes() (reference, kind string) {
	for rest := s.attributes; rest != ""; {
		var key, value string
		switch key, value, rest = nextAttribute(rest); key {
		case "r":
			reference = unescape(value)
		case "t":
			kind = unescape(value)
		}
	}
	return reference, kind
}

// nextAttribute takes the first of some attributes: its name without a prefix, its
// value as it stands, and the others; no name, and no others, where none is left.
func nextAttribute(attributes string) (key, value, rest string) {
	begin, end := 0, 0 // of its name
	for i := 0; ; i++ {
		switch {
		case i == len(attributes):
			return "", "", ""
		case attributes[i] == '=':
			key, rest = attributes[begin:max(begin, end)], attributes[i+1:]
		case attributes[i] == ':':
			begin = i + 1
			continue
		case !isXMLBlank(attributes[i]):
			if i > 0 && isXMLBlank(attributes[i-1]) {
				begin = i
			}
			end = i + 1
			continue
		default:
			continue
		}
		break
	}
	for rest != "" && isXMLBlank(rest[0]) {
		rest = rest[1:]
	}
	if rest == "" || (rest[0] != '"' && rest[0] != '\'') {
		return "", "", ""
	}
	length := strings.IndexByte(rest[1:], rest[0])
	if length < 0 {
		return "", "", ""
	}
	return key, rest[1 : 1+length], rest[length+2:]
}

// unescape turns references (&amp; &#8217;), raw sections and the spreadsheet's
// own escapes (_x000D_) into characters. Text without any is given back as it
// is.
func unescape(text string) string {
	if strings.IndexByte(text, '&') < 0 && strings.IndexByte(text, '<') < 0 && !strings.Contains(text, "_x") {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	for i := 0; i < len(text); {
		character, length := reference(text[i:])
		if length == 0 {
			out.WriteByte(text[i])
			i++
			continue
		}
		out.WriteString(character)
		i += length
	}
	return out.String()
}

var namedReferences = map[string]string{"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'"}

// reference reads a reference, a raw section or an escape at the start of a
// text: what it stands for and how long it is, 0 where there is none.
func reference(text string) (stands string, length int) {
	switch {
	case text[0] == '&':
		end := strings.IndexByte(text[:min(len(text), 12)], ';')
		if end < 0 {
			return "", 0
		}
		name := text[1:end]
		if stands, known := namedReferences[name]; known {
			return stands, end + 1
		}
		if digits, numeric := strings.CutPrefix(name, "#"); numeric {
			base := 10
			if hex, isHex := strings.CutPrefix(strings.ToLower(digits), "x"); isHex {
				digits, base = hex, 16
			}
			return characterOf(digits, base, end+1)
		}
	case strings.HasPrefix(text, "<![CDATA["):
		if end := strings.Index(text, "]]>"); end >= 0 {
			return text[len("<![CDATA["):end], end + len("]]>")
		}
	case len(text) >= 7 && text[0] == '_' && text[1] == 'x' && text[6] == '_':
		return characterOf(text[2:6], 16, 7)
	}
	return "", 0
}

func characterOf(digits string, base, length int) (string, int) {
	code, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !utf8.ValidRune(rune(code)) {
		return "", 0
	}
	return string(rune(code)), length
}
