package load

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/hcpcstrack/hcpcstrack/transform"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
)

// claimCalendar is view claim_calendar in memory, for codes that are looked up by
// the million: some 50 MB for a hundred quarters. Nothing in it changes once it
// is read.
type claimCalendar struct {
	codes map[string]*calendarCode
	days  []calendarDay // one after the other, from firstClaimDay on
}

// calendarCode is what is known of one code.
type calendarCode struct {
	kind transform.Kind
	now  []calendarStretch // as known now, in order of dates, without overlap
	ever []calendarRectangle
}

// calendarStretch are dates on which the same is to be said of a code. Its texts
// are "" where there is nothing to say.
type calendarStretch struct {
	from, to   transform.Date // to is exclusive
	status     string         // see macro claim_status
	reason     string         // why the code is not valid
	since      string         // the first day on which it is not
	replacedBy string
	// attested is "true" or "false", "" for dates that are in no record.
	attested    string
	description string
}

// calendarRectangle are dates on which the same was said of a code by the
// releases from knownFrom up to but not including knownTo, by their places in
// order.
type calendarRectangle struct {
	from, to           transform.Date
	knownFrom, knownTo int32
	status             string
}

// calendarDay is what is known of a day.
type calendarDay struct {
	// coveredBy is the place of the first release that says which codes there
	// were on the day, never where none does.
	coveredBy     int32
	beforeRecords bool
	// knownPlace and knownRelease are the latest release known on the day, -1 and
	// "" before the first one.
	knownPlace   int32
	knownRelease string
}

// Places in the order of releases, as release_order has them: known now is after
// the last release, and never after that.
const (
	never    = 99999999
	knownNow = never - 1
)

// firstClaimDay is the first day that can be one of claims; the last one is the
// last for which the calendar has a day (see check_days.sql).
var firstClaimDay = transform.ParseDate("1950-01-01")

func readClaimCalendar(ctx context.Context, db *database) (*claimCalendar, error) {
	c := &claimCalendar{codes: map[string]*calendarCode{}}
	if err := c.readDays(ctx, db); err != nil {
		return nil, fmt.Errorf("reading the days of the calendar: %w", err)
	}
	if err := c.readCodes(ctx, db); err != nil {
		return nil, fmt.Errorf("reading the calendar of the codes: %w", err)
	}
	return c, nil
}

func (c *claimCalendar) readDays(ctx context.Context, db *database) error {
	rows, err := db.conn.QueryContext(ctx, statements.Statement("check_days"))
	if err != nil {
		return err
	}
	defer rows.Close() // after reading, nothing can be lost
	for rows.Next() {
		var day calendarDay
		if err := rows.Scan(&day.coveredBy, &day.beforeRecords, &day.knownPlace, &day.knownRelease); err != nil {
			return err
		}
		c.days = append(c.days, day)
	}
	return rows.Err()
}

func (c *claimCalendar) readCodes(ctx context.Context, db *database) error {
	rows, err := db.conn.QueryContext(ctx, statements.Statement("check_calendar"))
	if err != nil {
		return err
	}
	defer rows.Close() // after reading, nothing can be lost
	// Most texts are among many alike: each is kept once.
	kept := map[string]string{}
	keep := func(text *string) {
		if known, found := kept[*text]; found {
			*text = known
		} else {
			kept[*text] = *text
		}
	}
	for rows.Next() {
		var now bool
		var code string
		var of calendarStretch
		var knownFrom, knownTo int32
		if err := rows.Scan(&now, &code, &of.status, &of.from, &of.to, &knownFrom, &knownTo,
			&of.description, &of.attested, &of.reason, &of.since, &of.replacedBy); err != nil {
			return err
		}
		for _, text := range [...]*string{&of.status, &of.description, &of.attested, &of.reason, &of.since, &of.replacedBy} {
			keep(text)
		}
		if of.to == transform.OpenEnd {
			of.to = math.MaxInt32
		}
		known := c.codes[code]
		if known == nil {
			known = &calendarCode{kind: transform.KindOf(code)}
			c.codes[code] = known
		}
		if now {
			known.now = append(known.now, of)
		} else {
			known.ever = append(known.ever, calendarRectangle{of.from, of.to, knownFrom, knownTo, of.status})
		}
	}
	return rows.Err()
}

// day gives what is known of a day, nil for one that can be none of claims.
func (c *claimCalendar) day(day transform.Date) *calendarDay {
	place := int(day) - int(firstClaimDay)
	if day == transform.NoDate || place < 0 || place >= len(c.days) {
		return nil
	}
	return &c.days[place]
}

// on gives what is to be said of the code on a day as known now, nil for nothing.
func (c *calendarCode) on(day transform.Date) *calendarStretch {
	if c == nil {
		return nil
	}
	for i := range c.now {
		if day >= c.now[i].from && day < c.now[i].to {
			return &c.now[i]
		}
	}
	return nil
}

// knownOn gives the status of the code on a day, as known at the release at a
// place; "" where that release and those before it have nothing of the code.
func (c *calendarCode) knownOn(day transform.Date, place int32) string {
	if c == nil {
		return ""
	}
	for i := range c.ever {
		if r := &c.ever[i]; day >= r.from && day < r.to && place >= r.knownFrom && place < r.knownTo {
			return r.status
		}
	}
	return ""
}

// statuses are all that can be said of a code.
func (c *claimCalendar) statuses() []string {
	statuses := map[string]bool{wrongKind: true}
	for _, status := range statusesOfUnknown {
		statuses[status] = true
	}
	for _, code := range c.codes {
		for i := range code.now {
			statuses[code.now[i].status] = true
		}
		for i := range code.ever {
			statuses[code.ever[i].status] = true
		}
	}
	return slices.Sorted(maps.Keys(statuses))
}

// releases are all that were the latest known on any day.
func (c *claimCalendar) releases() []string {
	releases := map[string]bool{}
	for i := range c.days {
		if release := c.days[i].knownRelease; release != "" {
			releases[release] = true
		}
	}
	return slices.Sorted(maps.Keys(releases))
}
