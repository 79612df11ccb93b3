package extract

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// lastAnnualYear is the last year of which the year alone names a release:
// until January 2020 CMS published one file a year, for the first quarter
// (domain.md, "A release").
const lastAnnualYear = 2020

// nameStrength says how much of a quarter a name tells.
type nameStrength int

const (
	nameSilent   nameStrength = iota // nothing, or something ambiguous
	nameYearOnly                     // a year up to 2020: the annual file
	nameQuarter                      // the quarter itself, or month and year
)

// QuarterFromName reads the quarter from the name of a file (without its
// folders) or from the text of a link: "2020Q2", "Q2 2020", "july-2026-alpha-numeric-hcpcs-file.zip",
// "HCPC2025_OCT_ANWEB_v3.txt", "11anweb.zip". A year alone is its first
// quarter up to 2020 and tells nothing after it. Dates (a trailing 12082025,
// "Updated 07/02/2026") are versions, not quarters. Months other than January,
// April, July and October name no quarter; neither does a name that could mean
// two. Then the answer is false, and the content has to tell.
func QuarterFromName(name string) (release.Quarter, bool) {
	quarter, strength := quarterInName(name)
	return quarter, strength != nameSilent
}

// quarterFromFolderName is QuarterFromName for folders, where a year alone
// tells nothing: a folder "2020" may hold every quarter of the year. exact
// says that the name is a quarter and nothing else.
func quarterFromFolderName(name string) (quarter release.Quarter, exact, told bool) {
	quarter, strength := quarterInName(name)
	if strength != nameQuarter {
		return release.Quarter{}, false, false
	}
	words := wordPattern.FindAllString(strings.ToLower(name), -1)
	return quarter, len(words) == 3 && slices.Contains(words, "q"), true
}

var (
	wordPattern = regexp.MustCompile(`[a-z]+|[0-9]+`)
	// knownExtension is cut off; another dot belongs to the name.
	knownExtension = regexp.MustCompile(`(?i)\.(zip|txt|xlsx|xls|prn|csv|pdf|docx?)$`)
	// separatedDate is 07/02/2026, 12_08_2025 or 2026-07-02.
	separatedDate = regexp.MustCompile(`([0-9]{1,2})[/_.-]([0-9]{1,2})[/_.-]([0-9]{4})|([0-9]{4})[/_.-]([0-9]{1,2})[/_.-]([0-9]{1,2})`)
	// shortYear is the two-digit year of 11anweb.zip and HCPC17_CONTR_ANWEB.txt.
	shortYear = regexp.MustCompile(`(?:^|[^0-9a-z])([0-9]{2})anweb|hcpcs?([0-9]{2})(?:[^0-9]|$)`)
)

// datedFrom are the words after which a name speaks of its publication.
var datedFrom = []string{"updated", "posted", "published", "revised"}

var quarterMonths = map[string]int{
	"january": 1, "jan": 1, "april": 2, "apr": 2, "july": 3, "jul": 3, "october": 4, "oct": 4,
}

var otherMonths = []string{
	"february", "feb", "march", "mar", "may", "june", "jun", "august", "aug",
	"september", "sept", "sep", "november", "nov", "december", "dec",
}

func quarterInName(name string) (release.Quarter, nameStrength) {
	text := separatedDate.ReplaceAllString(nameText(name), " date ")
	words := wordPattern.FindAllString(text, -1)
	if cut := slices.IndexFunc(words, func(word string) bool { return slices.Contains(datedFrom, word) }); cut >= 0 {
		words = words[:cut]
	}
	told := map[release.Quarter]bool{}
	for _, quarter := range quartersByLetter(words) {
		told[quarter] = true
	}
	years, months, foreign := yearsAndMonths(text, words)
	if len(months) == 1 && len(years) == 1 && !foreign {
		told[release.Quarter{Year: years[0], Number: months[0]}] = true
	}
	if len(told) == 1 {
		for quarter := range told {
			return quarter, nameQuarter
		}
	}
	if len(told) > 1 || len(months) > 0 || foreign || len(years) != 1 {
		return release.Quarter{}, nameSilent
	}
	if years[0] > lastAnnualYear || besideSmallNumber(words, years[0]) || slices.ContainsFunc(words, quarterWord) {
		return release.Quarter{}, nameSilent
	}
	return release.Quarter{Year: years[0], Number: 1}, nameYearOnly
}

// nameText is a base name without its extension, in small letters.
func nameText(name string) string {
	return strings.ToLower(knownExtension.ReplaceAllString(name, ""))
}

// quartersByLetter finds 2020Q2, Q2 2020, 2Q2020, "2nd quarter 2020".
func quartersByLetter(words []string) []release.Quarter {
	at := func(i int) string {
		if i < 0 || i >= len(words) {
			return ""
		}
		return words[i]
	}
	var found []release.Quarter
	add := func(yearWord, numberWord string) bool {
		year, number := fourDigitYear(yearWord), smallNumber(numberWord)
		quarter := release.Quarter{Year: year, Number: number}
		if !quarter.Valid() {
			return false
		}
		found = append(found, quarter)
		return true
	}
	for i, word := range words {
		if !quarterWord(word) {
			continue
		}
		if add(at(i-1), at(i+1)) || add(at(i+2), at(i+1)) || add(at(i+1), at(i-1)) {
			continue
		}
		if slices.Contains([]string{"st", "nd", "rd", "th"}, at(i-1)) {
			add(at(i+1), at(i-2))
		}
	}
	return found
}

func quarterWord(word string) bool { return word == "q" || word == "qtr" || word == "quarter" }

// yearsAndMonths lists the distinct years and quarter months of a name;
// foreign says that it holds a month in which no release takes effect.
func yearsAndMonths(text string, words []string) (years, months []int, foreign bool) {
	for _, word := range words {
		if year := fourDigitYear(word); year != 0 && !slices.Contains(years, year) {
			years = append(years, year)
		}
		if month := quarterMonths[word]; month != 0 && !slices.Contains(months, month) {
			months = append(months, month)
		}
		foreign = foreign || slices.Contains(otherMonths, word)
	}
	if len(years) == 0 {
		if parts := shortYear.FindStringSubmatch(text); parts != nil {
			year := smallNumber(parts[1] + parts[2])
			if year < 78 { // HCPCS exists since 1978
				year += 100
			}
			years = append(years, 1900+year)
		}
	}
	return years, months, foreign
}

// besideSmallNumber tells 2018-10 from 2018: a number of up to two digits next
// to the year may be a month.
func besideSmallNumber(words []string, year int) bool {
	for i, word := range words {
		if fourDigitYear(word) != year {
			continue
		}
		for _, neighbour := range []int{i - 1, i + 1} {
			if neighbour >= 0 && neighbour < len(words) && len(words[neighbour]) <= 2 && smallNumber(words[neighbour]) > 0 {
				return true
			}
		}
	}
	return false
}

// fourDigitYear gives 0 for anything that is not a year of HCPCS.
func fourDigitYear(word string) int {
	if len(word) != 4 {
		return 0
	}
	year, err := strconv.Atoi(word)
	if err != nil || !(release.Quarter{Year: year, Number: 1}).Valid() {
		return 0
	}
	return year
}

func smallNumber(word string) int {
	number, err := strconv.Atoi(word)
	if err != nil {
		return 0
	}
	return number
}

// Version is what a name says about which of several publications of one
// quarter a file is: the number of "_v3", the date of "_09232026". Both are
// zero where the name says nothing.
type Version struct {
	Number int
	Date   time.Time // midnight UTC
}

// VersionFromName reads "_v3", "_V3", "V4_", "version 2", and dates written as
// 12082025, 20251208, 12/08/2025 or 2025-12-08.
func VersionFromName(name string) Version {
	var version Version
	text := nameText(name)
	for _, parts := range separatedDate.FindAllStringSubmatch(text, -1) {
		if parts[1] != "" {
			version.Date = laterDate(version.Date, parts[3], parts[1], parts[2])
		} else {
			version.Date = laterDate(version.Date, parts[4], parts[5], parts[6])
		}
	}
	words := wordPattern.FindAllString(text, -1)
	for i, word := range words {
		if len(word) == 8 && smallNumber(word) > 0 {
			version.Date = laterDate(version.Date, word[4:], word[:2], word[2:4])
			version.Date = laterDate(version.Date, word[:4], word[4:6], word[6:])
		}
		if slices.Contains([]string{"v", "ver", "version", "rev"}, word) && i+1 < len(words) && len(words[i+1]) <= 3 {
			version.Number = max(version.Number, smallNumber(words[i+1]))
		}
	}
	return version
}

func laterDate(known time.Time, year, month, day string) time.Time {
	date, err := time.Parse("2006-1-2", year+"-"+month+"-"+day)
	if err != nil || fourDigitYear(year) == 0 || date.Before(known) {
		return known
	}
	return date
}

// Compare orders versions: none, then numbers, then dates. Negative, zero or
// positive.
func (v Version) Compare(other Version) int {
	if order := v.Date.Compare(other.Date); order != 0 {
		return order
	}
	return v.Number - other.Number
}
