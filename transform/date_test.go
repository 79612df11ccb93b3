package transform

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A date is read where it is a day of the calendar, as DateOn has them, and is
// written as it was read.
func TestParseDate(t *testing.T) {
	for _, text := range []string{"0001-01-01", "1899-12-30", "1969-12-31", "1970-01-01", "2000-02-29", "2020-04-01", "9999-12-31"} {
		date := ParseDate(text)
		require.Equal(t, text, date.String())
		day, err := time.Parse(time.DateOnly, text)
		require.NoError(t, err)
		require.Equal(t, DateOf(day), date, text)
		require.Equal(t, DateOn(day.Year(), int(day.Month()), day.Day()), date, text)
	}
	require.Equal(t, OpenEnd, ParseDate("9999-12-31"))
	for _, text := range []string{"", "0000-01-01", "0000-12-31", "1900-02-29", "2020-02-30", "2020-13-01", "2020-00-01", "2020-01-00", "20200401", "2020-4-1", "2020/04/01", "2020-04-01 "} {
		require.Equal(t, NoDate, ParseDate(text), text)
	}
}
