package load

import (
	"bytes"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// parseClaimDay reads a day as claim files write it: 2020-01-31 (also with / and
// with single digits), 20200131 or 1/31/2020 (also with -), and behind it, after
// a blank or a T, a time of day, which does not matter. 20200131.0 is what spread
// sheets and data frames make of a column of such numbers that has gaps. NoDate
// is what is no day.
func parseClaimDay(text []byte) transform.Date {
	if len(text) >= 8 && allDigits(text[:8]) {
		rest := text[8:]
		if bytes.HasPrefix(rest, []byte(".")) {
			rest = bytes.TrimRight(rest[1:], "0")
		}
		return dayOf(digits(text[:4]), digits(text[4:6]), digits(text[6:8]), rest)
	}
	first, rest := leadingDigits(text)
	if len(first) == 0 || len(rest) == 0 || rest[0] != '-' && rest[0] != '/' {
		return transform.NoDate
	}
	separator := rest[0]
	second, rest := leadingDigits(rest[1:])
	if len(rest) == 0 || rest[0] != separator {
		return transform.NoDate
	}
	third, rest := leadingDigits(rest[1:])
	switch {
	case len(first) == 4 && shortNumber(second) && shortNumber(third):
		return dayOf(digits(first), digits(second), digits(third), rest)
	case shortNumber(first) && shortNumber(second) && len(third) == 4:
		return dayOf(digits(third), digits(first), digits(second), rest)
	}
	return transform.NoDate
}

// dayOf gives a day of the calendar, if nothing but a time of day follows it.
func dayOf(year, month, day int, rest []byte) transform.Date {
	if len(rest) > 0 && (len(rest) < 2 || rest[0] != ' ' && rest[0] != 'T' || !isDigit(rest[1]) ||
		len(bytes.Trim(rest[1:], "0123456789:.+- TZAPMapm")) > 0) {
		return transform.NoDate
	}
	return transform.DateOn(year, month, day)
}

func shortNumber(text []byte) bool { return len(text) == 1 || len(text) == 2 }

func leadingDigits(text []byte) (number, rest []byte) {
	end := 0
	for end < len(text) && isDigit(text[end]) {
		end++
	}
	return text[:end], text[end:]
}

// digits reads a few digits.
func digits(text []byte) int {
	number := 0
	for _, b := range text {
		number = number*10 + int(b-'0')
	}
	return number
}
