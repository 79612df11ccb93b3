package report_test

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

var update = flag.Bool("update", false, "write the golden files anew")

// made is when the reports of the tests are made.
var made = time.Date(2021, 4, 1, 9, 30, 0, 0, time.UTC)

// folder holds the databases of all tests; each is opened once, which takes
// some 50 ms.
var folder string

func TestMain(m *testing.M) {
	flag.Parse()
	var err error
	if folder, err = os.MkdirTemp("", "report"); err != nil {
		panic(err)
	}
	status := m.Run()
	if err := os.RemoveAll(folder); err != nil {
		panic(err)
	}
	os.Exit(status)
}

// samples is the published file of the project's sample releases.
var samples = sync.OnceValues(func() (*load.Published, error) {
	ctx := context.Background()
	inventory, err := extract.ReadFolder(ctx, filepath.Join("..", "..", "testdata", "releases"))
	if err != nil {
		return nil, err
	}
	offers := inventory.Offers
	slices.SortFunc(offers, func(a, b extract.Offer) int {
		return cmp.Or(a.Quarter.Compare(b.Quarter), a.PublishedAt.Compare(b.PublishedAt))
	})
	var releases []load.Release
	var files []*transform.File
	for i := range offers {
		data, err := offers[i].ReadMain(ctx)
		if err != nil {
			return nil, err
		}
		file, err := transform.ParseText(filepath.Base(offers[i].Main.Name), data)
		if err != nil {
			return nil, err
		}
		id := release.ID{Quarter: offers[i].Quarter, Revision: 1}
		if n := len(releases); n > 0 && releases[n-1].ID.Quarter == id.Quarter {
			id.Revision = releases[n-1].ID.Revision + 1
		}
		releases = append(releases, load.Release{
			ID: id, PublishedAt: offers[i].PublishedAt, PublishedBasis: offers[i].PublishedBasis, FetchedAt: made, Source: filepath.Base(offers[i].Path),
			FileName: file.Name, SHA256: offers[i].Main.SHA256, Format: offers[i].Main.Format,
		})
		files = append(files, file)
	}
	return publish(ctx, "samples", releases, files)
})

// publish loads releases and opens what is published of them.
func publish(ctx context.Context, name string, releases []load.Release, files []*transform.File) (*load.Published, error) {
	resources := load.Resources{TemporaryFolder: folder}
	warehouse, err := load.OpenWarehouse(ctx, filepath.Join(folder, name+"-warehouse.duckdb"), resources)
	if err != nil {
		return nil, err
	}
	for i := range releases {
		if _, err := warehouse.Load(ctx, releases[i], files[i]); err != nil {
			return nil, err
		}
	}
	published := filepath.Join(folder, name+".duckdb")
	if err := warehouse.Publish(ctx, published, nil); err != nil {
		return nil, err
	}
	if err := warehouse.Close(); err != nil {
		return nil, err
	}
	return load.OpenPublished(ctx, published, resources)
}

func sample(t *testing.T) *load.Published {
	t.Helper()
	published, err := samples()
	require.NoError(t, err)
	return published
}

func id(t *testing.T, name string) release.ID {
	t.Helper()
	parsed, err := release.ParseID(name)
	require.NoError(t, err)
	return parsed
}

func watchList(t *testing.T, entries ...string) report.WatchList {
	t.Helper()
	list, err := report.ParseWatchList(entries)
	require.NoError(t, err)
	return list
}

func build(t *testing.T, published *load.Published, scope report.Scope, watch ...string) *report.Report {
	t.Helper()
	r, err := report.Build(t.Context(), published, scope, report.Options{Watch: watchList(t, watch...), Version: "1.0.0", Generated: made})
	require.NoError(t, err)
	return r
}

// sampleReports are reports of every kind on the sample releases.
func sampleReports(t *testing.T) map[string]*report.Report {
	t.Helper()
	published := sample(t)
	var all []release.ID
	for _, r := range published.Releases() {
		all = append(all, r.ID)
	}
	return map[string]*report.Report{
		"baseline": build(t, published, report.On(id(t, "2020Q1"))),
		"release":  build(t, published, report.On(id(t, "2020Q3")), "J", "E7091-E7100", "G7042", "C7022", "A7051", "E7011", "99213", "Q9999"),
		"revision": build(t, published, report.On(id(t, "2020Q4r2"))),
		"net":      build(t, published, report.Between(id(t, "2020Q1"), id(t, "2021Q2"))),
		"backfill": build(t, published, report.OnSeveral(all), "J"),
	}
}

// asSent is the length of a part of a mail as it goes over the wire.
func asSent(t *testing.T, part []byte) int {
	t.Helper()
	var encoded bytes.Buffer
	writer := quotedprintable.NewWriter(&encoded)
	_, err := writer.Write(part)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return encoded.Len()
}

// golden compares with a file of testdata, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o600))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "if it is meant to be so: go test ./pipeline/report -update")
}
