package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

func TestHowAChangedFieldIsShown(t *testing.T) {
	for _, c := range []struct {
		field transform.FieldChange
		want  []string
	}{
		{transform.FieldChange{Field: "coverage_code", Old: "", New: "C"}, []string{"Coverage code: none → C"}},
		{transform.FieldChange{Field: "cross_references", Old: "E7012", New: "E7013;E7014"}, []string{"Cross-reference codes: E7012 → E7013; E7014"}},
		// A semicolon in a text separates nothing.
		{transform.FieldChange{Field: "short_description", Old: "Taxi ride;far", New: "Taxi; far"}, []string{"Short description: Taxi ride;far → Taxi; far"}},
		{
			transform.FieldChange{Field: "long_description", Old: "PATIENT TRANSPORTATION; TAXI", New: "Patient transportation; taxi", Typographic: true},
			[]string{"Long description (typography only):", "- PATIENT TRANSPORTATION; TAXI", "+ Patient transportation; taxi"},
		},
		{
			transform.FieldChange{Field: "long_description", Old: "Ride in a taxi; one way, each", New: "Ride in a cab; one way, each"},
			[]string{"Long description: Ride in a [-taxi;-] {+cab;+} one way, each"},
		},
	} {
		require.Equal(t, c.want, fieldLines(&c.field))
	}
}
