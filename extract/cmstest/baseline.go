package cmstest

import "time"

// familyPointers are the families, for drawing one.
var familyPointers = func() []*family {
	pointers := make([]*family, len(families))
	for i := range families {
		pointers[i] = &families[i]
	}
	return pointers
}()

// baseline makes up the first release: mostly codes of all ages that are
// alive, some added or discontinued this quarter, and some terminated up to
// four and a half years ago.
func (g *Generator) baseline() {
	random := g.words.random
	for i := range g.options.Codes {
		code, family := g.newCode(i%20 == 19)
		fresh := &entry{family: family, listed: true, record: g.newRecord(code, family, "")}
		fresh.column = fresh.record.column()
		record := &fresh.record
		record.ActionCode = "N"
		record.CodeAddedDate = date(g.firstDay, -800-random.IntN(12_000))
		record.ActionEffectiveDate = record.CodeAddedDate
		if g.words.chance(0.3) {
			record.ActionEffectiveDate = shifted(record.CodeAddedDate, 30+random.IntN(700))
		}
		switch draw := random.Float64(); {
		case draw < 0.02:
			record.ActionCode = "A"
			record.CodeAddedDate = g.firstDay.Format(time.DateOnly)
			record.ActionEffectiveDate = record.CodeAddedDate
		case draw < 0.03:
			record.ActionCode = "D"
			record.ActionEffectiveDate = g.firstDay.Format(time.DateOnly)
			record.TerminationDate = date(g.firstDay, -1)
		case draw < 0.07:
			record.CodeAddedDate = date(g.firstDay, -1800-random.IntN(10_000))
			record.ActionEffectiveDate = date(g.firstDay, -random.IntN(1640))
			record.TerminationDate = shifted(record.ActionEffectiveDate, -1)
		}
		g.entries = append(g.entries, fresh)
	}
	g.sort()
}

// newRecord makes up a record without dates and action, whose meaning has
// nothing to do with another description where one is given.
func (g *Generator) newRecord(code string, of *family, unlike string) Code {
	w := g.words
	record := Code{Code: code, LongDescription: w.long(of), CoverageCode: pick(w.random, of.coverage)}
	if unlike != "" {
		record.LongDescription = w.another(unlike, of)
	}
	record.ShortDescription = w.short(record.LongDescription)
	if record.IsModifier() {
		return record
	}
	price := pick(w.random, of.prices)
	record.PricingIndicators = []string{price}
	record.MultiplePricingIndicator = multiplePricing(price)
	record.Betos = pick(w.random, of.betos)
	record.TypesOfService = []string{pick(w.random, of.typesOfService)}
	for _, more := range of.typesOfService {
		if more != record.TypesOfService[0] && len(record.TypesOfService) < 5 && w.chance(0.1) {
			record.TypesOfService = append(record.TypesOfService, more)
		}
	}
	if w.chance(0.08) {
		record.CoverageIssuesManualRefs = []string{pick(w.random, []string{"60-77", "50-3", "35-88"})}
	}
	if w.chance(0.15) {
		record.MedicareCarriersManualRefs = []string{pick(w.random, []string{"2055", "2113.4", "4180"})}
	}
	if w.chance(0.06) {
		record.Statute = pick(w.random, []string{"1833(t)", "1861S2J", "1862(a)(9)"})
	}
	if w.chance(0.02) {
		record.LabCertifications = []string{"310", "330"}
	}
	if w.chance(0.08) {
		record.ProcessingNote = pick(w.random, []string{"0007", "0041", "0103"})
	}
	if w.chance(0.06) {
		record.ASCPaymentGroup, record.ASCPaymentGroupDate = "YY", date(g.firstDay, -w.random.IntN(3000))
	}
	return record
}
