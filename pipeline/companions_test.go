package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// A list that CMS publishes again stands for the one before: the tables have the
// rows of the later file alone, whether they came one by one or all at once.
func TestACompanionPublishedAgain(t *testing.T) {
	ctx := context.Background()
	releases := sampleReleases()
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "2020Q1", "HCPC2020_JAN_ANWEB.txt"), releases[0].TXT(cmstest.TXTOptions{}))
	list := filepath.Join(folder, "2020Q1", "NOC_Codes.xlsx")
	config := configFor(t, folder)
	around := sometime()
	now := around.Now()
	around.Now = func() time.Time { return now }
	noc := func() []any {
		published, err := load.OpenPublished(ctx, config.Paths().Published, config.Resources())
		require.NoError(t, err)
		defer func() { require.NoError(t, published.Close()) }()
		rows, err := askAll(ctx, published, "SELECT count(*), count(DISTINCT code) FROM noc_codes")
		require.NoError(t, err)
		return rows[0]
	}
	var counts [][]any
	for day, of := range []int{0, len(releases) - 1} {
		now = now.AddDate(0, 0, day)
		writeFile(t, list, releases[of].NOCCodes())
		_, err := Run(ctx, config, nil, around)
		require.NoError(t, err)
		counts = append(counts, noc())
	}
	for _, count := range counts {
		require.Positive(t, count[0])
		require.Equal(t, count[1], count[0], "each code once")
	}
	require.NotEqual(t, counts[0], counts[1])

	tables := tablesOf(t, config)
	verified, err := Verify(ctx, config, around)
	require.NoError(t, err)
	require.Zero(t, verified.Failed(), verified.Checks)
	_, err = Rebuild(ctx, config, around)
	require.NoError(t, err)
	require.Equal(t, tables, tablesOf(t, config))
}

// Of several lists of one name that come at the same time nothing says which one
// counts: all of them do, and none of what came before.
func TestCompanionsOfOneNameAtOnce(t *testing.T) {
	ctx := context.Background()
	releases := sampleReleases()
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "2020Q1", "HCPC2020_JAN_ANWEB.txt"), releases[0].TXT(cmstest.TXTOptions{}))
	config := configFor(t, folder)
	around := sometime()
	now := around.Now()
	around.Now = func() time.Time { return now }
	put := func(name string, list []byte) {
		writeFile(t, filepath.Join(folder, "2020Q1", name+"-noc-codes.zip"), zipOf(t, map[string][]byte{"NOC_Codes.xlsx": list, name + ".txt": []byte(name)}))
	}
	put("first", releases[0].NOCCodes())
	_, err := Run(ctx, config, nil, around)
	require.NoError(t, err)

	want := 0
	for i := range 2 * companionsAtOnce { // more than are loaded in one transaction
		list := releases[i%len(releases)].NOCCodes()
		codes, _, err := transform.ParseNOCCodes("NOC_Codes.xlsx", list, workbookLimits)
		require.NoError(t, err)
		want += len(codes)
		put(fmt.Sprintf("later%d", i), list)
	}
	now = now.AddDate(0, 0, 1)
	_, err = Run(ctx, config, nil, around)
	require.NoError(t, err)
	tables := tablesOf(t, config)
	require.Contains(t, tables["noc_codes"], fmt.Sprintf("%d ", want))
	_, err = Rebuild(ctx, config, around)
	require.NoError(t, err)
	require.Equal(t, tables, tablesOf(t, config))
}

// A companion of which nothing can be read is a finding, which stays.
func TestACompanionThatCannotBeRead(t *testing.T) {
	ctx := context.Background()
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "2020Q1", "HCPC2020_JAN_ANWEB.txt"), sampleReleases()[0].TXT(cmstest.TXTOptions{}))
	book := excelize.NewFile()
	require.NoError(t, book.SetCellStr("Sheet1", "A1", "NOC CODES - HCPCS 2020"))
	var list bytes.Buffer
	require.NoError(t, book.Write(&list))
	writeFile(t, filepath.Join(folder, "2020Q1", "NOC_Codes.xlsx"), list.Bytes())
	config := configFor(t, folder)
	mustRunSometime(t, config)
	published, err := load.OpenPublished(ctx, config.Paths().Published, config.Resources())
	require.NoError(t, err)
	defer func() { require.NoError(t, published.Close()) }()
	rows, err := askAll(ctx, published, "SELECT quarter, file, rule, raw_text LIKE '%holds no list of NOC codes%' FROM companion_findings")
	require.NoError(t, err)
	require.Equal(t, [][]any{{"2020Q1", "NOC_Codes.xlsx", "unreadable_file", true}}, rows)
}
