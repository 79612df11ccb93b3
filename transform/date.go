package transform

import "time"

// Date is a calendar day, as the number of days since 1970-01-01. Valid time is
// reckoned in it.
type Date int32

const (
	// NoDate stands for NULL.
	NoDate Date = -1 << 31
	// OpenEnd is 9999-12-31, the end of what has no end.
	OpenEnd Date = 2932896
)

const isoDate = "2006-01-02"

// DateOf gives the day of a time.
func DateOf(moment time.Time) Date {
	year, month, day := moment.Date()
	return daysFromCivil(year, int(month), day)
}

const secondsPerDay = 24 * 60 * 60

// Time gives midnight UTC of the day.
func (d Date) Time() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// DateOn gives a day of the Gregorian calendar, NoDate for what is none
// (February 30th).
func DateOn(year, month, day int) Date {
	if year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return NoDate
	}
	return daysFromCivil(year, month, day)
}

// String gives 2020-04-01, and "" for NoDate.
func (d Date) String() string {
	if d == NoDate {
		return ""
	}
	return d.Time().Format(isoDate)
}

// ParseDate reads 2020-04-01; anything else is NoDate.
func ParseDate(text string) Date {
	if len(text) != len(isoDate) || text[4] != '-' || text[7] != '-' ||
		!isDigits(text[:4]) || !isDigits(text[5:7]) || !isDigits(text[8:]) {
		return NoDate
	}
	return DateOn(number(text[:4]), number(text[5:7]), number(text[8:]))
}

// daysFromCivil counts the days from 1970-01-01 to a day of the Gregorian
// calendar. Years are reckoned from March, so that the leap day is the last of
// its year.
func daysFromCivil(year, month, day int) Date {
	if month <= 2 {
		year--
		month += 12
	}
	const to1970 = 719468 // from March 1st of year 0
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	return Date(365*year + year/4 - year/100 + year/400 + dayOfYear - to1970)
}

// canonicalDate turns YYYYMMDD into 2020-04-01. It gives "" and true for what
// means no date (blank, or zeros), and false for what is no date at all.
func canonicalDate(text string) (string, bool) {
	if text == "" || isZeros(text) {
		return "", true
	}
	if len(text) != len("20060102") || !isDigits(text) {
		return "", false
	}
	year, month, day := number(text[0:4]), number(text[4:6]), number(text[6:8])
	if year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return "", false
	}
	return text[0:4] + "-" + text[4:6] + "-" + text[6:8], true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// plausible tells whether a date can be one of HCPCS: not year 0020, not 2919.
// What cannot be moves nothing in history and is a finding.
func plausible(date Date) bool {
	return date >= earliestPlausible && date <= latestPlausible
}

// IsPlausible tells whether a date can be one of HCPCS: not year 0020, not 2919.
func (d Date) IsPlausible() bool { return plausible(d) }

var (
	earliestPlausible = ParseDate("1950-01-01")
	latestPlausible   = ParseDate("2199-12-31")
)

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

func isZeros(text string) bool {
	for i := range len(text) {
		if text[i] != '0' {
			return false
		}
	}
	return text != ""
}

// number reads ASCII digits.
func number(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}
