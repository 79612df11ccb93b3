package pipeline

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// What is read while the source is looked into is what is read from the archive, and
// each file is given once. Readers ahead read the others.
func TestMainFilesAreReadEarly(t *testing.T) {
	ctx := context.Background()
	archive, err := extract.OpenArchive(t.TempDir())
	require.NoError(t, err)
	early := newEarlyReading()
	archive.WhenUnpacked(early.unpacked)
	inventory, err := archive.ReadFolder(ctx, samples, time.Time{}, "")
	require.NoError(t, err)
	_, err = archive.Add(ctx, inventory.Offers, nil, samples, time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	archived, err := archive.Releases(ctx)
	require.NoError(t, err)
	require.Len(t, early.results, len(archived))

	other := *archived[0].Second // which is in the archive only
	archived[0].Main = other
	var names []string
	results, ended := readAhead(ctx, newCores(2), archived, early, func(name string) { names = append(names, name) })
	require.Empty(t, early.end(), "each is given once")
	for i := range archived {
		got, want := <-results[i], readMain(ctx, &transform.TextReader{}, &archived[i])
		require.NoError(t, want.unread)
		require.NoError(t, want.err)
		require.Equal(t, want.file, got.file)
	}
	ended()
	require.Len(t, names, len(archived))
	early.drop()
	early.drop()
}

// What is read early is bounded, and nothing is once it has ended.
func TestEarlyReadingIsBounded(t *testing.T) {
	one := func(n, size int) earlyText {
		return earlyText{extract.MainFile{Name: "a.txt", Format: extract.FormatText, SHA256: fmt.Sprint(n)}, make([]byte, size), make(chan parsed, 1)}
	}
	early := newEarlyReading()
	early.running = true // somebody is at work, and is slow
	for n := range earlyWaiting {
		require.True(t, early.take(one(n, 1000)))
	}
	require.False(t, early.take(one(100, 1000)), "it is read by who tells of it")
	require.Len(t, early.waiting, earlyWaiting)
	require.True(t, early.take(one(100, 1000)), "it is known")
	require.True(t, early.take(one(101, earlyBytes)), "it is too much")
	require.Len(t, early.results, earlyWaiting+1)

	early.running = false
	read := early.waiting
	early.reading.Go(early.read)
	begun := early.end()
	require.Len(t, begun, earlyWaiting+1)
	for n := range earlyWaiting {
		require.ErrorContains(t, (<-begun[earlyName{fmt.Sprint(n), "a.txt"}]).err, "a.txt")
	}
	early.unpacked(extract.MainFile{SHA256: "200"}, nil)
	early.drop()
	require.Empty(t, early.end())
	require.Empty(t, early.waiting)
	for _, one := range read {
		require.Nil(t, one.text, "it is let go")
	}
}

// The same text in two packages is read for each under its own name, which findings say.
func TestTextsReadEarlyAreToldApart(t *testing.T) {
	text := append(sampleReleases()[0].TXT(cmstest.TXTOptions{}), "a line that is no record\r\n"...)
	early := newEarlyReading()
	for _, name := range []string{"a/one.txt", "another.txt", "one.txt"} {
		early.unpacked(extract.MainFile{Name: name, Format: extract.FormatText, SHA256: "the same"}, text)
	}
	begun := early.end()
	require.Len(t, begun, 2)
	for name, result := range begun {
		findings := (<-result).file.Findings
		require.NotEmpty(t, findings)
		require.Equal(t, name.name, findings[0].File)
	}
	early.drop()
}
