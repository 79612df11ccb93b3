package pipeline

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// The report that a run makes while the file is being published is the one that is
// made from the published file, to the byte.
func TestSampleReportBeforeThePublicationIsTheSame(t *testing.T) {
	config := configFor(t, samples)
	at := quietly
	at.Now = func() time.Time { return time.Date(2021, 6, 1, 12, 0, 0, 0, time.UTC) }
	summary, err := Run(context.Background(), config, nil, at)
	require.NoError(t, err)
	require.Len(t, summary.Reports, 1)
	first := summary.Reports[0]
	var before [3]string
	for i, name := range [...]string{first.Page, first.Text, first.Book} {
		before[i] = bytesOf(t, name)
		require.NoError(t, os.Remove(name))
	}
	var ids []release.ID
	for i := range summary.Loaded {
		ids = append(ids, summary.Loaded[i].Release.ID)
	}
	again, err := WriteReport(context.Background(), config, scopeOf(ids), at)
	require.NoError(t, err)
	require.Equal(t, first, again)
	for i, name := range [...]string{first.Page, first.Text, first.Book} {
		require.Equal(t, before[i], bytesOf(t, name), name)
	}
}

// A report that is written beside a run is whole, and so is that of the run, which
// writes over what a killed one left.
func TestFilesWrittenAtOnceAreWhole(t *testing.T) {
	name := filepath.Join(t.TempDir(), "report.html")
	writeFile(t, name+".new", []byte("left"))
	var writers sync.WaitGroup
	for i, write := range []fileWriter{writeWhole, writeWholeUnlocked} {
		writers.Go(func() {
			for range 100 {
				if err := write(name, bytes.Repeat([]byte{'a' + byte(i)}, 100_000)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	content := bytesOf(t, name)
	require.Equal(t, strings.Repeat(content[:1], 100_000), content)
	entries, err := os.ReadDir(filepath.Dir(name))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}
