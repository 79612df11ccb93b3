package transform

import "github.com/hcpcstrack/hcpcstrack/extract/release"

// Status of a code on a date.
type Status string

const (
	Active     Status = "active"     // up to and including its termination date
	Terminated Status = "terminated" // after it
)

// Basis says where the start of a rectangle comes from.
type Basis string

const (
	BasisAdded       Basis = "added"       // the code's added date
	BasisAction      Basis = "action"      // the action effective date
	BasisTermination Basis = "termination" // the day after the termination date
	BasisCorrection  Basis = "correction"  // a revision: where the revised record started
	BasisRelease     Basis = "release"     // no usable date: a quarter's first day
	BasisAbsence     Basis = "absence"     // the quarter from which the code is left out
)

// Stretch is what is known of a code for some dates: From is inclusive, To
// exclusive.
type Stretch struct {
	Life   int
	Status Status
	// Listed is false from the quarter on in which CMS left the code out.
	Listed bool
	// Attested is false where the code existed, and its record then is not in
	// the files.
	Attested bool
	From, To Date
	Basis    Basis
	Content  *Content
}

// Equal tells whether two stretches say the same of the same dates.
func (s *Stretch) Equal(other *Stretch) bool {
	return s.From == other.From && s.To == other.To && s.Basis == other.Basis && s.alike(other)
}

// alike tells whether two stretches say the same, be it of other dates.
func (s *Stretch) alike(other *Stretch) bool {
	return s.Life == other.Life && s.Status == other.Status && s.Listed == other.Listed &&
		s.Attested == other.Attested && s.Content.Equal(other.Content)
}

// Rectangle is a stretch of dates, and the releases according to which it is
// so: KnownFrom is inclusive, KnownTo exclusive, and the zero ID while it is
// still believed.
type Rectangle struct {
	Stretch
	KnownFrom, KnownTo release.ID
}
