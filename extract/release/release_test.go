package release

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseID(t *testing.T) {
	for text, want := range map[string]ID{
		"2025Q4":     {Quarter{2025, 4}, 0},
		"2025q4":     {Quarter{2025, 4}, 0},
		"2025Q4r1":   {Quarter{2025, 4}, 1},
		"2025Q4R12":  {Quarter{2025, 4}, 12},
		"1978Q1r999": {Quarter{1978, 1}, 999},
	} {
		got, err := ParseID(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		again, err := ParseID(got.String())
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
	for _, text := range []string{"", "2025", "2025Q5", "2025Q0", "2025Q4r", "2025Q4r0", "2025Q4r1000", "25Q4", "1977Q4", "2200Q1", "2025Q4 ", "2025Q4r1;"} {
		_, err := ParseID(text)
		require.ErrorContains(t, err, "is not a", text)
	}
}

func TestQuarters(t *testing.T) {
	quarter := Quarter{2020, 2}
	require.Equal(t, "2020-04-01", quarter.FirstDay().Format(time.DateOnly))
	require.Equal(t, Quarter{2020, 2}, QuarterOf(time.Date(2020, 6, 30, 23, 59, 0, 0, time.UTC)))
	require.Equal(t, Quarter{2021, 1}, Quarter{2020, 4}.Next())
	require.Negative(t, Quarter{2019, 4}.Compare(Quarter{2020, 1}))
	require.Positive(t, Quarter{2020, 2}.Compare(Quarter{2020, 1}))
	require.True(t, Quarter{}.IsZero())
	require.False(t, Quarter{2020, 5}.Valid())
}

// Until 2020 CMS published once a year, since then each quarter.
func TestExpectedReleases(t *testing.T) {
	require.Equal(t, Quarter{2019, 1}, Quarter{2018, 1}.NextExpected())
	require.Equal(t, Quarter{2020, 1}, Quarter{2019, 3}.NextExpected())
	require.Equal(t, Quarter{2020, 2}, Quarter{2020, 1}.NextExpected())
	require.Empty(t, Missing(Quarter{2018, 1}, Quarter{2019, 1}))
	require.Empty(t, Missing(Quarter{2020, 1}, Quarter{2020, 1}))
	require.Equal(t, []Quarter{{2012, 1}, {2013, 1}, {2014, 1}, {2015, 1}}, Missing(Quarter{2011, 1}, Quarter{2016, 1}))
	require.Equal(t, []Quarter{{2020, 1}, {2020, 2}}, Missing(Quarter{2019, 1}, Quarter{2020, 3}))
}

func TestOrderOfReleases(t *testing.T) {
	order := []ID{{Quarter{2019, 4}, 12}, {Quarter{2020, 1}, 1}, {Quarter{2020, 1}, 2}, {Quarter{2020, 1}, 10}, {Quarter{2020, 2}, 1}}
	for i := 1; i < len(order); i++ {
		require.Negative(t, order[i-1].Compare(order[i]))
	}
	require.Equal(t, 20254001, ID{Quarter{2025, 4}, 1}.Order())
}
