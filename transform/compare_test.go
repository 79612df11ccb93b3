package transform

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

func TestEveryFieldIsComparedAndObserved(t *testing.T) {
	want := map[Field]Actions{
		LongDescription: "C", ShortDescription: "S", PricingIndicators: "P", MultiplePricingIndicator: "P",
		CoverageIssuesManualRefs: "F", MedicareCarriersManualRefs: "F", Statute: "F", LabCertifications: "F", CrossReferences: "F",
		CoverageCode: "F", ASCPaymentGroup: "P", ASCPaymentGroupDate: "P", MOGPaymentGroup: "P", MOGPaymentPolicy: "P",
		MOGEffectiveDate: "P", ProcessingNote: "F", Betos: "T", TypesOfService: "T", AnesthesiaBaseUnits: "P",
		CodeAddedDate: "F", TerminationDate: "D",
	}
	for i := range FieldCount {
		field := Field(i)
		before, after := &Content{}, &Content{}
		require.Equal(t, Difference{Similarity: 1}, Compare(before, after))
		after[field] = "2020-01-01"
		difference := Compare(before, after)
		require.Equal(t, []FieldChange{{Field: field.String(), New: "2020-01-01"}}, difference.Fields)
		require.Equal(t, want[field], difference.Observed, field.String())
		back := Compare(after, before)
		require.Equal(t, []FieldChange{{Field: field.String(), Old: "2020-01-01"}}, back.Fields)
		if field == TerminationDate {
			require.Equal(t, Actions("R"), back.Observed)
		}
	}
}

func TestComparisonShowsRepeatedValuesInOrder(t *testing.T) {
	before, after := &Content{}, &Content{}
	before[CrossReferences] = "A0001" + valueSeparator + "A0002"
	after[CrossReferences] = "A0002" + valueSeparator + "A0001"
	require.Equal(t, []FieldChange{{Field: "cross_references", Old: "A0001;A0002", New: "A0002;A0001"}}, Compare(before, after).Fields)
}

func TestAgreement(t *testing.T) {
	for _, c := range []struct {
		declared string
		observed Actions
		want     Agreement
	}{
		{"A", "A", Agrees}, {"A", "ACFS", Agrees}, {"A", "C", Contradicted}, {"A", "", Overstated},
		{"B", "CF", Agrees}, {"B", "CFS", Agrees}, {"B", "CFP", Understated}, {"B", "C", Contradicted}, {"B", "F", Contradicted},
		{"C", "C", Agrees}, {"C", "CS", Agrees}, {"C", "CF", Understated}, {"C", "S", Contradicted},
		{"D", "D", Agrees}, {"D", "DFP", Agrees}, {"D", "CD", Understated}, {"D", "F", Contradicted}, {"D", "A", Contradicted},
		{"F", "F", Agrees}, {"F", "FP", Understated}, {"F", "T", Contradicted},
		{"P", "P", Agrees}, {"P", "PS", Understated}, {"S", "S", Agrees}, {"S", "CS", Understated},
		{"T", "T", Agrees}, {"T", "", Overstated}, {"R", "R", Agrees}, {"R", "CFRS", Agrees}, {"R", "P", Contradicted},
		{"N", "", Agrees}, {"N", "C", Undeclared}, {"", "P", Undeclared}, {"Z", "P", Contradicted},
	} {
		require.Equal(t, c.want, Agree(c.declared, c.observed), "%s declared, %s observed", c.declared, c.observed)
	}
}

func quarter(t *testing.T, text string) release.ID {
	t.Helper()
	id, err := release.ParseID(text)
	require.NoError(t, err)
	if id.Revision == 0 {
		id.Revision = 1
	}
	return id
}

func TestTiming(t *testing.T) {
	steps := Steps([]release.ID{quarter(t, "2020Q1"), quarter(t, "2020Q2"), quarter(t, "2020Q4")})
	for _, c := range []struct {
		step      int
		effective string
		want      Timing
		days      int
	}{
		{1, "2020-04-01", OnTime, 0}, {1, "2020-06-30", OnTime, 90}, {1, "2020-03-31", Retroactive, -1},
		{1, "2020-07-01", Upcoming, 91}, {1, "", NoTiming, 0},
		{0, "2020-01-01", NoTiming, 0}, // the baseline
		{2, "2020-10-01", NoTiming, 0}, // after a gap
	} {
		timing, days := steps[c.step].timing(ParseDate(c.effective))
		require.Equal(t, c.want, timing, c.effective)
		require.Equal(t, c.days, days, c.effective)
	}
}
