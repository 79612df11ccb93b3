package load

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// listed is a record as a release lists it, its fields by their columns.
type listed map[string]string

func publishListed(t *testing.T, releases map[string][]listed, order ...string) string {
	t.Helper()
	w := openTestWarehouse(t, inMemory)
	for _, name := range order {
		id, err := release.ParseID(name)
		require.NoError(t, err)
		file := &transform.File{Name: name + ".txt"}
		for _, fields := range releases[name] {
			record := transform.Record{Entry: &transform.Entry{
				Code: fields["code"], Kind: transform.KindOf(fields["code"]), ActionCode: fields["action_code"],
				ActionEffectiveDate: fields["action_effective_date"], Content: &transform.Content{},
			}}
			for i := range transform.Layout {
				record.Content[i] = fields[transform.Layout[i].Name]
			}
			file.Records = append(file.Records, record)
		}
		_, err = w.Load(context.Background(), Release{ID: id, FetchedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Source: "a test", FileName: file.Name, Format: "txt"}, file)
		require.NoError(t, err)
	}
	path := filepath.Join(t.TempDir(), "hcpcs.duckdb")
	require.NoError(t, w.Publish(context.Background(), path, nil))
	require.NoError(t, w.Close())
	return path
}

// What replaced one life of a code says nothing of another, and a target is the
// life that followed the end.
func TestReplacementsOfLives(t *testing.T) {
	live := func(code, description, added string) listed {
		return listed{"code": code, "long_description": description, "short_description": description, "action_code": "N",
			"action_effective_date": added, "code_added_date": added}
	}
	ended := func(code, description, added, last, target string) listed {
		record := live(code, description, added)
		record["action_code"], record["termination_date"], record["cross_references"] = "D", last, target
		return record
	}
	reactivated := live("E0003", "Pump", "2010-01-01")
	reactivated["action_code"], reactivated["action_effective_date"] = "R", "2020-04-01"
	others := []listed{live("A0001", "Mask", "2010-01-01"), live("A0002", "Sensor", "2010-01-01")}
	with := func(records ...listed) []listed { return append(others[:2:2], records...) }
	injection := ended("E0004", "Injection", "2010-01-01", "2018-12-31", "J0001")
	path := publishListed(t, map[string][]listed{
		"2019Q1r1": with(live("E0001", "Nasal mask", "2010-01-01"), live("E0003", "Pump", "2010-01-01"), injection,
			live("J0001", "Injection of one brand", "2019-01-01")),
		"2020Q1r1": with(ended("E0001", "Nasal mask", "2010-01-01", "2019-12-31", "A0001"), ended("E0003", "Pump", "2010-01-01", "2019-12-31", "A0002"), injection,
			live("J0001", "Quite another thing", "2020-01-01")),
		"2020Q2r1": with(live("E0001", "Glucose sensor", "2020-04-01"), reactivated, injection, live("J0001", "Quite another thing", "2020-01-01")),
		"2020Q3r1": with(ended("E0001", "Glucose sensor", "2020-04-01", "2020-06-30", "A0002"), live("E0003", "Pump", "2010-01-01"), injection,
			live("J0001", "Quite another thing", "2020-01-01")),
	}, "2019Q1r1", "2020Q1r1", "2020Q2r1", "2020Q3r1")

	published, err := OpenPublished(context.Background(), path, Resources{})
	require.NoError(t, err)
	defer func() { require.NoError(t, published.Close()) }()
	for query, want := range map[string][]string{
		"SELECT concat_ws(' ', code, life, termination_date, target, target_life, target_status) FROM crosswalk ORDER BY ALL": {
			"E0001 1 2019-12-31 A0001 1 active", "E0001 2 2020-06-30 A0002 1 active", "E0003 1 2019-12-31 A0002 1 active", "E0004 1 2018-12-31 J0001 1 terminated",
		},
		"SELECT concat_ws(' ', target, short_description) FROM replacements('E0001')": {"A0002 Sensor"},
		"SELECT concat_ws(' ', target, short_description) FROM replacements('E0003')": nil,
		"SELECT concat_ws(' ', target, short_description) FROM replacements('E0004')": {"J0001"},
	} {
		texts, err := published.db.readTexts(context.Background(), query)
		require.NoError(t, err)
		require.Equal(t, want, texts, query)
	}
	sheet, err := published.Sheet(context.Background(), "A0002")
	require.NoError(t, err)
	require.Equal(t, []string{"E0001"}, sheet.Replaces)

	_, result := checkText(t, path, "code,dos\nE0001,2020-03-01\nE0001,2020-08-01\nE0003,2020-02-01\nE0004,2019-06-01\nE0004,2020-02-01\n",
		CheckOptions{}, "code, dos, hcpcs_code_status, coalesce(hcpcs_replaced_by, '')")
	require.Equal(t, []string{
		"E0001|2020-03-01|terminated|A0001", "E0001|2020-08-01|terminated|A0002", "E0003|2020-02-01|terminated|A0002",
		"E0004|2019-06-01|terminated|J0001", "E0004|2020-02-01|terminated|",
	}, result)
}
