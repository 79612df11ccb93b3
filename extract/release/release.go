// Package release names HCPCS releases: the quarter for which CMS publishes a
// file, and the revision of that quarter's file. It holds values and their
// order only: no files, no network, no clock.
package release

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Quarter is a calendar quarter. CMS's releases take effect on its first day:
// January is the first quarter, April the second, July the third, October the
// fourth (domain.md, "A release"). The zero Quarter means that it is not known.
type Quarter struct {
	Year   int // four digits
	Number int // 1 to 4
}

// firstYear and lastYear bound the years in which a quarter is believed: HCPCS
// exists since 1978, and a year beyond 2199 is a misread number.
const (
	firstYear = 1978
	lastYear  = 2199
)

var quarterPattern = regexp.MustCompile(`^(\d{4})[qQ]([1-4])$`)

// ParseQuarter reads "2025Q4" (either case of Q).
func ParseQuarter(text string) (Quarter, error) {
	parts := quarterPattern.FindStringSubmatch(text)
	if parts == nil {
		return Quarter{}, fmt.Errorf("%q is not a quarter: write it as 2025Q4", text)
	}
	year, _ := strconv.Atoi(parts[1])
	number, _ := strconv.Atoi(parts[2])
	quarter := Quarter{Year: year, Number: number}
	if !quarter.Valid() {
		return Quarter{}, fmt.Errorf("%q is not a quarter: the year must lie in %d to %d", text, firstYear, lastYear)
	}
	return quarter, nil
}

// QuarterOf gives the quarter in which a date lies.
func QuarterOf(date time.Time) Quarter {
	return Quarter{Year: date.Year(), Number: (int(date.Month())-1)/3 + 1}
}

// String gives "2025Q4".
func (q Quarter) String() string {
	if q.Year < 1000 || q.Year > 9999 { // none that is valid
		return fmt.Sprintf("%04dQ%d", q.Year, q.Number)
	}
	return strconv.Itoa(q.Year) + "Q" + strconv.Itoa(q.Number)
}

// IsZero tells whether the quarter is not known.
func (q Quarter) IsZero() bool { return q == Quarter{} }

// Valid tells whether the quarter can be one of an HCPCS release.
func (q Quarter) Valid() bool {
	return q.Number >= 1 && q.Number <= 4 && q.Year >= firstYear && q.Year <= lastYear
}

// FirstDay is the day on which the quarter's release takes effect, as midnight
// UTC.
func (q Quarter) FirstDay() time.Time {
	return time.Date(q.Year, time.Month(3*(q.Number-1)+1), 1, 0, 0, 0, 0, time.UTC)
}

// Next is the quarter after this one.
func (q Quarter) Next() Quarter {
	if q.Number == 4 {
		return Quarter{Year: q.Year + 1, Number: 1}
	}
	return Quarter{Year: q.Year, Number: q.Number + 1}
}

// Compare orders quarters in time: negative, zero or positive.
func (q Quarter) Compare(other Quarter) int {
	if q.Year != other.Year {
		return q.Year - other.Year
	}
	return q.Number - other.Number
}

// Expected tells whether CMS publishes a release for this quarter: each first
// quarter until 2020, every quarter since (design.md, "Expected releases").
func (q Quarter) Expected() bool { return q.Year >= 2020 || q.Number == 1 }

// NextExpected is the first quarter after this one for which CMS publishes a
// release.
func (q Quarter) NextExpected() Quarter {
	next := q.Next()
	for !next.Expected() {
		next = next.Next()
	}
	return next
}

// Missing lists the quarters strictly between two releases for which one was
// to be expected.
func Missing(previous, next Quarter) []Quarter {
	var missing []Quarter
	for quarter := previous.NextExpected(); quarter.Compare(next) < 0; quarter = quarter.NextExpected() {
		missing = append(missing, quarter)
	}
	return missing
}

// ID names one release: a quarter and the number of its revision, which counts
// from 1. Revision 0 means the latest one of the quarter.
type ID struct {
	Quarter  Quarter
	Revision int
}

// MaxRevision is the highest number a revision can have, so that Order stays
// unambiguous.
const MaxRevision = 999

var idPattern = regexp.MustCompile(`^(\d{4}[qQ][1-4])(?:[rR]([1-9]\d{0,2}))?$`)

// ParseID reads "2025Q4r1", or "2025Q4" for the latest revision (Revision 0).
func ParseID(text string) (ID, error) {
	parts := idPattern.FindStringSubmatch(text)
	if parts == nil {
		return ID{}, fmt.Errorf("%q is not a release: write it as 2025Q4 (its latest revision) or 2025Q4r1", text)
	}
	quarter, err := ParseQuarter(parts[1])
	if err != nil {
		return ID{}, fmt.Errorf("%q is not a release: %w", text, err)
	}
	revision := 0
	if parts[2] != "" {
		revision, _ = strconv.Atoi(parts[2])
	}
	return ID{Quarter: quarter, Revision: revision}, nil
}

// String gives "2025Q4r1", or "2025Q4" where the revision is 0.
func (id ID) String() string {
	if id.Revision == 0 {
		return id.Quarter.String()
	}
	return id.Quarter.String() + "r" + strconv.Itoa(id.Revision)
}

// Order is a number that sorts releases by quarter, then revision. It stays
// the same whatever other releases arrive: 2025Q4r1 is 20254001.
func (id ID) Order() int {
	return id.Quarter.Year*10_000 + id.Quarter.Number*1_000 + id.Revision
}

// Compare orders releases by quarter, then revision.
func (id ID) Compare(other ID) int { return id.Order() - other.Order() }
