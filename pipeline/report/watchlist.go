package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// WatchList is the codes that a reader cares about. The zero WatchList holds
// none.
type WatchList struct {
	codes    map[string]bool
	prefixes []string
	ranges   [][2]string
}

var (
	watchCode = regexp.MustCompile(`^(?:[A-Z0-9]{2}|[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z])$`)
	// A prefix is of procedure codes. Two characters are a modifier, unless a *
	// follows.
	watchPrefix = regexp.MustCompile(`^(?:[A-Z]|[A-Z][0-9]{2,3}|[A-Z][0-9]{0,3}\*)$`)
	watchRange  = regexp.MustCompile(`^([A-Z][0-9]{4}|[A-Z0-9]{2}) ?- ?([A-Z][0-9]{4}|[A-Z0-9]{2})$`)
)

// ParseWatchList reads entries of four kinds, in either letter case: a code
// (J0570, a modifier QW, a CPT code, which never turns up in CMS's file), a
// prefix (J, J05, J0*), and a range with both ends in it (E0100-E0199). Blank
// ones are passed over. The error names the first entry that is none of these.
func ParseWatchList(entries []string) (WatchList, error) {
	list := WatchList{codes: map[string]bool{}}
	for _, entry := range entries {
		text := strings.ToUpper(strings.TrimSpace(entry))
		ends := watchRange.FindStringSubmatch(text)
		switch {
		case text == "":
		case watchCode.MatchString(text):
			list.codes[text] = true
		case watchPrefix.MatchString(text):
			list.prefixes = append(list.prefixes, strings.TrimSuffix(text, "*"))
		case ends != nil && len(ends[1]) == len(ends[2]) && ends[1] <= ends[2]:
			list.ranges = append(list.ranges, [2]string{ends[1], ends[2]})
		case ends != nil:
			return WatchList{}, fmt.Errorf("the watch list's range %q ends before it begins, or mixes codes and modifiers", entry)
		default:
			return WatchList{}, fmt.Errorf("the watch list's entry %q is no code (J0570, QW), no prefix (J, J05) and no range (E0100-E0199)", entry)
		}
	}
	return list, nil
}

// IsEmpty tells whether nothing is on the list.
func (w *WatchList) IsEmpty() bool {
	return len(w.codes) == 0 && len(w.prefixes) == 0 && len(w.ranges) == 0
}

// Has tells whether a code is on the list.
func (w *WatchList) Has(code string) bool {
	if w.codes[code] {
		return true
	}
	if len(code) == len("J0570") {
		for _, prefix := range w.prefixes {
			if strings.HasPrefix(code, prefix) {
				return true
			}
		}
	}
	for _, ends := range w.ranges {
		if len(code) == len(ends[0]) && ends[0] <= code && code <= ends[1] {
			return true
		}
	}
	return false
}

// named gives the codes that the list names one by one, sorted.
func (w *WatchList) named() []string {
	codes := make([]string, 0, len(w.codes))
	for code := range w.codes {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}
