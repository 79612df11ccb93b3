package main

import "fmt"

// goal is a figure, or a quotient of two, that is to stay below a limit.
type goal struct {
	what string
	// over and under are added up each; no under: over is the figure itself.
	over, under []figure
	limit       float64
	// faster turns the quotient round: under must be at least limit times over.
	faster bool
}

type figure struct{ name, unit string }

func timeOf(names ...string) []figure {
	all := make([]figure, len(names))
	for i, name := range names {
		all[i] = figure{name, seconds}
	}
	return all
}

// goals are those of the full form.
var goals = []goal{
	{what: "backfill of 40 quarters, times unzipping them and writing the tables", limit: 3,
		over: timeOf("Backfill/quarters=40"), under: timeOf("Unzip/quarters=40", "Write/what=tables/quarters=40")},
	{what: "backfill of 40 quarters, times faster than pandas (read_fwf)", limit: 4, faster: true,
		over: timeOf("Backfill/quarters=40"), under: timeOf("Pandas/reader=fwf/quarters=40")},
	{what: "backfill of 40 quarters, times faster than pandas (slices)", limit: 4, faster: true,
		over: timeOf("Backfill/quarters=40"), under: timeOf("Pandas/reader=slices/quarters=40")},
	{what: "adding one to 100 quarters, times adding it to 10", limit: 1.3,
		over: timeOf("Add/quarters=100"), under: timeOf("Add/quarters=10")},
	{what: "nothing new, 100 quarters loaded, a folder with the newest", limit: 0.3, over: timeOf("NothingNew/source=newest/quarters=100")},
	{what: "nothing new, 100 quarters loaded, a folder with all of them", limit: 0.3, over: timeOf("NothingNew/source=all/quarters=100")},
	{what: "peak memory of the backfill of 10 quarters", limit: 400e6, over: []figure{{"Backfill/quarters=10", peakMemory}}},
	{what: "peak memory of the backfill of 40 quarters", limit: 400e6, over: []figure{{"Backfill/quarters=40", peakMemory}}},
	{what: "peak memory of the backfill of 100 quarters", limit: 400e6, over: []figure{{"Backfill/quarters=100", peakMemory}}},
	{what: "the same, times that of 40 quarters", limit: 1.1,
		over: []figure{{"Backfill/quarters=100", peakMemory}}, under: []figure{{"Backfill/quarters=40", peakMemory}}},
	{what: "the same, times that of 10 quarters", limit: 1.1,
		over: []figure{{"Backfill/quarters=100", peakMemory}}, under: []figure{{"Backfill/quarters=10", peakMemory}}},
	{what: "published file of 100 quarters", limit: 20e6, over: []figure{{"Backfill/quarters=100", fileBytes}}},
	{what: "codes_as_of, 100 quarters, warm, as known now", limit: 0.030, over: timeOf("CodesAsOf/known=now/quarters=100")},
	{what: "codes_as_of, 100 quarters, warm, as known then", limit: 0.030, over: timeOf("CodesAsOf/known=then/quarters=100")},
	{what: "show, 100 quarters", limit: 0.3, over: timeOf("Show/quarters=100")},
	{what: "annual ZIPs of 2017 to 2020, share of pandas' time (read_fwf)", limit: 0.5,
		over: timeOf("Backfill/releases=annual"), under: timeOf("Pandas/reader=fwf/releases=annual")},
	{what: "annual ZIPs of 2017 to 2020, share of pandas' time (slices)", limit: 0.5,
		over: timeOf("Backfill/releases=annual"), under: timeOf("Pandas/reader=slices/releases=annual")},
	{what: "peak memory of the annual ZIPs of 2017 to 2020", limit: 300e6, over: []figure{{"Backfill/releases=annual", peakMemory}}},
}

// result gives what a goal comes to, from medians; false where something of it
// was not measured.
func (g *goal) result(f *figures) (float64, bool) {
	over, ok := sum(f, g.over)
	if !ok || g.under == nil {
		return over, ok
	}
	under, ok := sum(f, g.under)
	if g.faster {
		return under / over, ok
	}
	return over / under, ok
}

func sum(f *figures, parts []figure) (float64, bool) {
	total := 0.0
	for _, part := range parts {
		values := f.of(part.name, part.unit)
		if len(values) == 0 {
			return 0, false
		}
		total += values.median()
	}
	return total, true
}

func (g *goal) isMet(result float64) bool {
	if g.faster {
		return result >= g.limit
	}
	return result <= g.limit
}

// written gives the result, or the limit, as people read it.
func (g *goal) written(value float64) string {
	if g.under != nil {
		return fmt.Sprintf("%.2f", value)
	}
	return written(value, g.over[0].unit)
}

func (g *goal) writtenLimit() string {
	if g.faster {
		return "at least " + g.written(g.limit)
	}
	return "at most " + g.written(g.limit)
}
