package pipeline

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// What is read early is what is read later, and each file is given once. Files that were
// not begun by then are left to others.
func TestMainFilesAreReadEarly(t *testing.T) {
	ctx := context.Background()
	archive, err := extract.OpenArchive(t.TempDir())
	require.NoError(t, err)
	inventory, err := archive.ReadFolder(ctx, samples, time.Time{}, "")
	require.NoError(t, err)
	var told []extract.Archived
	archive.WhenPlaced(func(archived extract.Archived) { told = append(told, archived) })
	_, err = archive.Add(ctx, inventory.Offers, nil, samples, time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	archived, err := archive.Releases(ctx)
	require.NoError(t, err)
	require.Len(t, told, len(archived))

	early := newEarlyReading(&transform.TextReader{})
	for i := range told {
		require.Equal(t, archived[i].ID, told[i].ID, "in their order")
		early.placed(ctx, told[i])
	}
	require.Eventually(t, func() bool {
		early.guard.Lock()
		defer early.guard.Unlock()
		return len(early.results) == len(told)
	}, 10*time.Second, time.Millisecond)
	begun := early.end()
	for i := range archived {
		want := readMain(ctx, &transform.TextReader{}, &archived[i])
		require.NoError(t, want.unread)
		require.NoError(t, want.err)
		require.Equal(t, want.file.Records, (<-begun[archived[i].ID]).file.Records)
	}
	early.placed(ctx, told[0])
	require.Empty(t, early.end(), "each is given once")
	early.drop()
	early.drop()

	// Readers ahead read the others.
	early = newEarlyReading(&transform.TextReader{})
	early.results[archived[0].ID] = make(chan parsed, 1)
	early.results[archived[0].ID] <- parsed{file: &transform.File{Name: "early"}}
	var names []string
	results, ended := readAhead(ctx, newCores(1), archived[:2], early, func(name string) { names = append(names, name) })
	require.Equal(t, "early", (<-results[0]).file.Name)
	require.NotEqual(t, "early", (<-results[1]).file.Name)
	ended()
	require.Equal(t, []string{archived[0].ID.String(), archived[1].ID.String()}, names)
}

// More than a few files are not read early, and none once it has ended or the run has.
func TestEarlyReadingIsBounded(t *testing.T) {
	early := newEarlyReading(&transform.TextReader{})
	for i := range 2 * earlyFiles {
		result := early.begin(release.ID{Quarter: release.Quarter{Year: 2001 + i, Number: 1}, Revision: 1})
		require.Equal(t, i < earlyFiles, result != nil)
	}
	require.Len(t, early.end(), earlyFiles)
	require.Nil(t, early.begin(release.ID{}))

	ended, cancel := context.WithCancel(context.Background())
	cancel()
	early = newEarlyReading(&transform.TextReader{})
	early.placed(ended, extract.Archived{})
	early.drop()
	require.Empty(t, early.end())
}
