package cmstest

import "github.com/hcpcstrack/hcpcstrack/extract/release"

// Options say what history a Generator invents.
type Options struct {
	// Seed decides everything that is drawn: the same options give the same
	// history, byte for byte.
	Seed uint64
	// First is the quarter of the baseline; 2020Q1 by default. Each next
	// release is of the next quarter for which CMS publishes one.
	First release.Quarter
	// Quarters is how many such quarters the history spans, the first and those
	// left out counted, revisions not; 4 by default.
	Quarters int
	// Codes is how many codes the baseline lists, a twentieth of them
	// modifiers; 300 by default. Real releases list about 9,000.
	Codes int
	// ChangesPerQuarter is how many codes are touched from one quarter to the
	// next, as far as there are enough fit for it; 20 by default. Real quarters
	// touch about 150. Codes that age off come on top.
	ChangesPerQuarter int
	// Steady keeps the number of codes listed about that of the baseline, however
	// many quarters there are: where there are more, half of the additions give way
	// to discontinuations.
	Steady bool
	// Without lists codes that are never made up.
	Without []string
	// Rates switch the irregularities on. With the zero value CMS is well
	// behaved: it adds, discontinues and changes codes, and declares all of it.
	Rates Rates
}

// Rates say how often CMS misbehaves, each as a probability from 0 (never) to
// 1. Numbers refer to domain.md, "How the data misbehaves".
type Rates struct {
	// For each quarter after the first: Gap leaves it out; Republish gives it
	// one more revision, which changes content without touching an action code
	// or date, and is asked again after each revision.
	Gap, Republish float64
	// AgedOff drops a code terminated four years or more ago (5); asked for
	// each such code in each quarter.
	AgedOff float64

	// What share of the touched codes undergoes something out of the ordinary
	// instead of an addition, change or discontinuation. Where the shares add
	// up to more than 1, they are scaled down to it.
	Reuse                float64 // a new meaning from a new added date on, in place or after an absence (6)
	Vanish               float64 // a live code is left out (5)
	Return               float64 // an absent code is listed again, sometimes altered (5)
	Reactivation         float64 // a termination date goes, and CMS declares R
	WithdrawnTermination float64 // a termination date goes as if it had never been, without R
	MovedTermination     float64 // a termination date becomes another
	MovedAddedDate       float64 // the added date moves, the meaning staying (7)
	AddedDead            float64 // a code is first listed when already terminated
	ChangedDead          float64 // a terminated code is altered, such as by a cross-reference
	NewMeaning           float64 // a new meaning declared as a plain C, the added date unmoved (6, modifier CS)
	UnknownValue         float64 // a value that is in no code list
	DateOnly             float64 // nothing but the action effective date moves, or goes blank (3)
	DeclaredOnly         float64 // an action is declared, and nothing has changed (3)

	// How a change is declared and dated.
	Retroactive  float64 // effective before the quarter (3)
	Future       float64 // effective in a later quarter (3)
	SilentN      float64 // N and the old action effective date, although changed (1)
	Understated  float64 // more has changed than the letter says (2)
	Contradicted float64 // a letter that stands for something else
	StaleDate    float64 // a letter with the old action effective date (3)
	BlankDate    float64 // a blank action effective date (3)
}

// RealisticRates are about what was measured on CMS's releases.
func RealisticRates() Rates {
	return Rates{
		Republish: 0.2, AgedOff: 0.3,
		Reuse: 0.01, Vanish: 0.01, Return: 0.01, Reactivation: 0.01, WithdrawnTermination: 0.01, MovedTermination: 0.01,
		MovedAddedDate: 0.01, AddedDead: 0.005, ChangedDead: 0.02, NewMeaning: 0.01, UnknownValue: 0.005, DateOnly: 0.02, DeclaredOnly: 0.02,
		Retroactive: 0.05, Future: 0.03, SilentN: 0.1, Understated: 0.05, Contradicted: 0.01, StaleDate: 0.03, BlankDate: 0.01,
	}
}

// EverySwitch has each switch on at a high rate, for property tests on small
// histories.
func EverySwitch() Rates {
	return Rates{
		Gap: 0.15, Republish: 0.3, AgedOff: 0.5,
		Reuse: 0.08, Vanish: 0.08, Return: 0.08, Reactivation: 0.05, WithdrawnTermination: 0.05, MovedTermination: 0.05,
		MovedAddedDate: 0.06, AddedDead: 0.03, ChangedDead: 0.05, NewMeaning: 0.05, UnknownValue: 0.04, DateOnly: 0.05, DeclaredOnly: 0.05,
		Retroactive: 0.2, Future: 0.2, SilentN: 0.2, Understated: 0.2, Contradicted: 0.1, StaleDate: 0.1, BlankDate: 0.1,
	}
}

// SizeOfCMS is a history as large as CMS's own: 9,000 codes in each release, about
// 150 changes a quarter, misbehaving as measured. A quarter is one release, so that
// quarters can be counted, and a longer history begins with the shorter one.
// Whatever is measured is measured on it.
func SizeOfCMS(quarters int) Options {
	rates := RealisticRates()
	rates.Republish = 0
	return Options{Seed: 1, Quarters: quarters, Codes: 9000, ChangesPerQuarter: 150, Steady: true, Rates: rates}
}

func (o Options) withDefaults() Options {
	if o.First.IsZero() {
		o.First = release.Quarter{Year: 2020, Number: 1}
	}
	if o.Quarters == 0 {
		o.Quarters = 4
	}
	if o.Codes == 0 {
		o.Codes = 300
	}
	if o.ChangesPerQuarter == 0 {
		o.ChangesPerQuarter = 20
	}
	return o
}
