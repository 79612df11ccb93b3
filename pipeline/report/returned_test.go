package report_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// A code that was left out and is back may be another than it was: that its
// release before has no record of it makes the end no less an end.
func TestCodeThatIsBackAndChanged(t *testing.T) {
	const end = transform.TerminationDate
	for name, test := range map[string]struct {
		before, back                  edit
		stop, meaning, reaches, yours string // "": it is not in that table
		also                          []report.FieldLine
	}{
		"ended": {
			code("A0001", "N", ""), code("A0001", "D", "2020-06-01", end, "2020-05-31", transform.CrossReferences, "A0009"),
			"2020-05-31", "", "no longer valid: paid claims may have to be returned", "back in the file, last day 2020-05-31", nil,
		},
		"ends later": {
			code("A0001", "N", ""), code("A0001", "D", "2021-01-01", end, "2020-12-31", transform.CrossReferences, "A0009"),
			"2020-12-31", "", "", "back in the file, last day 2020-12-31", nil,
		},
		"ended on a later day than was said": {
			code("A0001", "N", "", end, "2020-03-31", transform.CrossReferences, "A0009"), code("A0001", "D", "2020-06-01", end, "2020-05-31", transform.CrossReferences, "A0009"),
			"2020-05-31", "", "valid until 2020-05-31, and not just until 2020-03-31: denied claims can be filed again", "back in the file, last day 2020-05-31", nil,
		},
		"with the end that it had": {
			code("A0001", "N", "", end, "2020-05-31"), code("A0001", "N", "", end, "2020-05-31"),
			"", "", "", "back in the file", nil,
		},
		"no longer ended": {
			code("A0001", "N", "", end, "2020-01-31"), code("A0001", "R", "2020-04-01", end, ""),
			"", "", "valid again: denied claims can be filed again", "back in the file: termination date",
			[]report.FieldLine{{Title: "Termination date", Old: "2020-01-31"}},
		},
		"paid otherwise": {
			code("A0001", "N", ""), code("A0001", "P", "2020-04-01", transform.PricingIndicators, "11"),
			"", "", "paid otherwise: check amounts", "back in the file: payment",
			[]report.FieldLine{{Title: "Pricing indicators", New: "11", NewMeaning: "National relative value units"}},
		},
		"described otherwise": {
			code("A0001", "N", ""), code("A0001", "C", "2020-07-01", transform.LongDescription, "Bicycles and umbrellas for rent in the park"),
			"", "another description, declared as a plain change", "", "back in the file: long description",
			[]report.FieldLine{{Title: "Long description", Old: "Something carried for those who need it, item A0001", New: "Bicycles and umbrellas for rent in the park"}},
		},
		"as it was": {
			code("A0001", "N", ""), code("A0001", "N", ""),
			"", "", "", "back in the file", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := series{}
			s.release(t, "2020Q1", code("A0009", "N", ""), test.before)
			s.release(t, "2020Q2", leftOut("A0001"))
			s.release(t, "2020Q3", test.back)
			r := build(t, s.publish(t), report.On(id(t, "2020Q3")), "A0001")
			require.Equal(t, test.yours, row(t, r, "yours", "", "A0001")["Change"].Text)
			require.Equal(t, test.also, row(t, r, "absent", "Back in the file", "A0001")["Also changed"].Fields())
			if test.stop == "" {
				require.Empty(t, codesIn(r, "todo", stopBilling))
			} else {
				require.Equal(t, test.stop, row(t, r, "todo", stopBilling, "A0001")["Last day"].Date.String())
				require.Equal(t, "A0009", running(row(t, r, "todo", stopBilling, "A0001")["Bill instead"].Inline()))
				require.Equal(t, test.stop, row(t, r, "absent", "Back in the file", "A0001")["Last day"].Date.String())
			}
			if test.meaning == "" {
				require.Empty(t, codesIn(r, "todo", checkMeaning))
			} else {
				require.Equal(t, test.meaning, row(t, r, "todo", checkMeaning, "A0001")["Why"].Text)
			}
			if test.reaches == "" {
				require.Empty(t, codesIn(r, "todo", reachingBack))
			} else {
				require.Equal(t, test.reaches, row(t, r, "todo", reachingBack, "A0001")["What it means for claims since then"].Text)
			}
		})
	}
}
