package pipeline

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/load"
)

// The two formats of a release are compared also where the second one came later, as
// another package of it: a text of which nothing else is read says so when it differs.
func TestFormatsThatCameOneAfterTheOther(t *testing.T) {
	released := sampleReleases()[1]
	text, workbook := released.TXT(cmstest.TXTOptions{}), released.XLSX(cmstest.XLSXOptions{})
	const before, after = "Novel fever test visit", "Novel cough test visit"
	require.Equal(t, 1, bytes.Count(text, []byte(before)))
	otherText := bytes.Replace(text, []byte(before), []byte(after), 1)
	for _, c := range []struct {
		name          string
		first, second string
		text          []byte
		want          []load.Difference
	}{
		{"the workbook, then its text", ".xlsx", ".txt", text, nil},
		{"the text, then its workbook", ".txt", ".xlsx", text, nil},
		{"the workbook, then another text", ".xlsx", ".txt", otherText, []load.Difference{{
			Release: "2020Q2r1", File: "HCPC2020_APR_ANWEB.txt", Code: "K4",
			What: `has short_description "Novel cough test visit" in the text and "Novel fever test visit" in the workbook`,
		}}},
		{"another text, then the workbook", ".txt", ".xlsx", otherText, []load.Difference{{
			Release: "2020Q2r1", File: "HCPC2020_APR_ANWEB.xlsx", Code: "K4",
			What: `has short_description "Novel cough test visit" in the text and "Novel fever test visit" in the workbook`,
		}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := configFor(t, t.TempDir())
			file := filepath.Join(config.Source, "2020Q2", "HCPC2020_APR_ANWEB")
			content := map[string][]byte{".txt": c.text, ".xlsx": workbook}
			writeFile(t, file+c.first, content[c.first])
			require.Len(t, mustRunSometime(t, config).Loaded, 1)
			writeFile(t, file+c.second, content[c.second])
			summary := mustRunSometime(t, config)
			require.Len(t, summary.Repackaged, 1)
			require.Empty(t, summary.Loaded)

			result, err := Verify(context.Background(), config, sometime())
			require.NoError(t, err)
			require.Zero(t, result.Failed())
			require.Equal(t, c.want, result.Differences)
			at := slices.IndexFunc(result.Checks, func(check load.Check) bool { return check.Name == "formats" })
			require.Equal(t, len(released.Codes), result.Checks[at].Checked)
		})
	}
}
