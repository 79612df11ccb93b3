package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
)

// Sheet is all that is known of one code.
type Sheet struct {
	// Record is the record as last listed, in release Last.
	Record transform.Record
	Status string // active, future, terminated, unlisted: see view codes
	Life   int
	First  release.ID // the release in which the code was first seen
	Last   release.ID // the last release that lists it
	// Latest is the latest release loaded.
	Latest release.ID
	// ProcessingNoteText is the text behind the processing note number, NOCList
	// the quarter of the latest list of codes for what is not otherwise
	// classified that names the code; "" where there is none.
	ProcessingNoteText, NOCList string
	// Comparisons are the releases that changed the code, each with that one
	// change, in order.
	Comparisons []Comparison
	// History is what became known of it, in that order.
	History []transform.Rectangle
	// Replacements are the steps to what replaced it; Replaces, the codes whose
	// replacement it is.
	Replacements []CrosswalkStep
	Replaces     []string
}

// CrosswalkStep is one step from a terminated code to what replaced it.
type CrosswalkStep struct {
	Step         int // from 1
	Via          string
	Target       string
	TargetStatus string // see view crosswalk
}

// UnknownCodeError says that no loaded release has a code.
type UnknownCodeError struct {
	Code     string
	Releases int
}

// OfOtherCodeSet tells whether the code has the form of one of CPT or CDT.
func (e *UnknownCodeError) OfOtherCodeSet() bool { return isOfOtherCodeSet(e.inCapitals()) }

func (e *UnknownCodeError) inCapitals() []byte {
	return []byte(strings.ToUpper(strings.TrimSpace(e.Code)))
}

func (e *UnknownCodeError) Error() string {
	if e.OfOtherCodeSet() {
		return reasonOfUnknown(e.inCapitals(), otherCodeSet)
	}
	if !transform.IsCode(e.Code) {
		return fmt.Sprintf("%q is no HCPCS Level II code: a procedure code is a letter and four digits (A0021), a modifier two characters (SS)", e.Code)
	}
	return fmt.Sprintf("code %s is in none of the %d releases loaded", e.Code, e.Releases)
}

// Sheet gathers all that is known of a code, which must be in upper case. The
// error for a code in no release is an UnknownCodeError.
func (p *Published) Sheet(ctx context.Context, code string) (*Sheet, error) {
	var found *Sheet
	err := p.sheets(ctx, code, code, func(sheet *Sheet) error {
		found = sheet
		return nil
	})
	if err == nil && found == nil {
		err = &UnknownCodeError{Code: code, Releases: len(p.loaded())}
	}
	if err != nil {
		return nil, fmt.Errorf("looking up %s: %w", code, err)
	}
	return found, nil
}

// Sheets gathers all that is known of every code, and gives the sheets in order
// of codes. An error of each ends it.
func (p *Published) Sheets(ctx context.Context, each func(*Sheet) error) error {
	return p.sheets(ctx, "", afterAllCodes, each)
}

// afterAllCodes sorts after every code: these are capitals and digits.
const afterAllCodes = "~"

// sheets gathers the sheets of the codes from one to another. A span of codes is
// what DuckDB can skip rows by, in every part of a statement.
func (p *Published) sheets(ctx context.Context, from, to string, each func(*Sheet) error) error {
	loaded := p.loaded()
	if len(loaded) == 0 {
		return nil
	}
	var one []string
	if from == to {
		one = []string{from}
	}
	spans, err := readSpans(ctx, p.db, one)
	if err != nil {
		return err
	}
	places, err := p.readPlaces(ctx, from, to)
	if err != nil {
		return err
	}
	steps, err := p.readCrosswalk(ctx, from, to)
	if err != nil {
		return err
	}
	ids := make([]release.ID, len(loaded))
	for i := range loaded {
		ids[i] = loaded[i].ID
	}
	order := transform.Steps(ids)
	for _, code := range slices.Sorted(maps.Keys(spans)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		sheet := newSheet(code, spans[code], loaded, order)
		place := places[code]
		sheet.Status, sheet.ProcessingNoteText, sheet.NOCList = place.status, place.note, place.nocList
		sheet.Record.SequenceNumber, sheet.Record.SourceLine = place.sequenceNumber, place.sourceLine
		sheet.Replacements, sheet.Replaces = steps.from[code], steps.to[code]
		if err := each(sheet); err != nil {
			return err
		}
	}
	return nil
}

// newSheet works out what its records say of a code.
func newSheet(code string, ofCode []span, loaded []Release, steps []transform.Step) *Sheet {
	latest := loaded[len(loaded)-1].ID
	last := ofCode[len(ofCode)-1]
	sheet := &Sheet{Record: *last.record, First: ofCode[0].first, Last: last.last, Latest: latest}
	if sheet.Last == (release.ID{}) {
		sheet.Last = latest
	}
	// History and changes are a function of the records: derived here as they
	// were for the tables.
	history := transform.NewHistory(code)
	for i := range steps {
		if change := history.Apply(&steps[i], at(ofCode, steps[i].ID)); change != nil {
			sheet.Comparisons = append(sheet.Comparisons, Comparison{Release: loaded[i], Previous: steps[i].Previous, Changes: []*transform.Change{change}})
		}
	}
	sheet.History, sheet.Life = history.Rectangles, history.Life()
	return sheet
}

// placeOfCode is where a code stands now, and in the last file that has it.
type placeOfCode struct {
	status, sequenceNumber string
	sourceLine             int
	note, nocList          string
}

func (p *Published) readPlaces(ctx context.Context, from, to string) (map[string]placeOfCode, error) {
	rows, err := p.db.conn.QueryContext(ctx, statements.Statement("place_of_codes"), from, to)
	if err != nil {
		return nil, err
	}
	defer rows.Close() // after reading, nothing can be lost
	places := map[string]placeOfCode{}
	for rows.Next() {
		var code string
		var place placeOfCode
		if err := rows.Scan(&code, &place.status, &place.sequenceNumber, &place.sourceLine, &place.note, &place.nocList); err != nil {
			return nil, err
		}
		places[code] = place
	}
	return places, rows.Err()
}

// crosswalkSteps are the steps of view crosswalk, by the code that they start
// from, and the codes from which a way leads to a code.
type crosswalkSteps struct {
	from map[string][]CrosswalkStep
	to   map[string][]string
}

func (p *Published) readCrosswalk(ctx context.Context, from, to string) (crosswalkSteps, error) {
	steps := crosswalkSteps{from: map[string][]CrosswalkStep{}, to: map[string][]string{}}
	rows, err := p.db.conn.QueryContext(ctx, statements.Statement("crosswalk_of_codes"), from, to)
	if err != nil {
		return steps, err
	}
	defer rows.Close() // after reading, nothing can be lost
	for rows.Next() {
		var from string
		var step CrosswalkStep
		if err := rows.Scan(&from, &step.Step, &step.Via, &step.Target, &step.TargetStatus); err != nil {
			return steps, err
		}
		steps.from[from] = append(steps.from[from], step)
		if from != step.Target && !slices.Contains(steps.to[step.Target], from) {
			steps.to[step.Target] = append(steps.to[step.Target], from)
		}
	}
	return steps, rows.Err()
}

// KnownAt gives the stretches of a code as they were known at a release, in
// order of dates.
func (s *Sheet) KnownAt(id release.ID) []transform.Stretch {
	var stretches []transform.Stretch
	for _, r := range s.History {
		if r.KnownFrom.Compare(id) <= 0 && (r.KnownTo == (release.ID{}) || r.KnownTo.Compare(id) > 0) {
			stretches = append(stretches, r.Stretch)
		}
	}
	slices.SortFunc(stretches, func(a, b transform.Stretch) int { return int(a.From) - int(b.From) })
	return stretches
}
