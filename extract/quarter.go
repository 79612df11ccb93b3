package extract

import (
	"fmt"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// The values of QuarterBasis: what told the quarter.
const (
	BasisFolderName   = "folder name"
	BasisFileName     = "file name"
	BasisMainFileName = "main file name"
	BasisLinkText     = "link text"              // of the link on a page
	BasisLinkTitle    = "link title"             // its title, or what it is called for screen readers
	BasisHeading      = "heading above the link" // together with its text
	BasisContent      = "content"                // for callers that asked the records
	BasisBeside       = "release in same folder" // of a companion whose names tell nothing
)

// nameEvidence is what one name says about a quarter.
type nameEvidence struct {
	basis    string
	name     string
	quarter  release.Quarter
	strength nameStrength
}

func evidenceOfName(basis, name string) nameEvidence {
	quarter, strength := quarterInName(name)
	return nameEvidence{basis: basis, name: name, quarter: quarter, strength: strength}
}

// quarterFromEvidence weighs names, given in order of precedence: it answers
// with the quarter that they tell and the first name that tells it, or with the
// words of their contradiction. A year alone gives way to a quarter of that
// year, because it names the annual file only where nothing says otherwise.
// design.md: "never guessed silently".
func quarterFromEvidence(evidence []nameEvidence) (quarter release.Quarter, basis, conflict string) {
	var chosen *nameEvidence
	for i := range evidence {
		if evidence[i].strength != nameSilent && (chosen == nil || evidence[i].strength > chosen.strength) {
			chosen = &evidence[i]
		}
	}
	if chosen == nil {
		return release.Quarter{}, "", ""
	}
	for _, other := range evidence {
		agrees := other.strength == nameSilent || other.quarter == chosen.quarter ||
			other.strength == nameYearOnly && other.quarter.Year == chosen.quarter.Year
		if !agrees {
			return release.Quarter{}, "", conflictWords(evidence)
		}
	}
	return chosen.quarter, chosen.basis, ""
}

func conflictWords(evidence []nameEvidence) string {
	var says []string
	for _, one := range evidence {
		if one.strength != nameSilent {
			says = append(says, fmt.Sprintf("the %s %q says %s", one.basis, one.name, one.quarter))
		}
	}
	return strings.Join(says, ", ") + agreeHint
}

const agreeHint = ": move or rename it so that they agree"
