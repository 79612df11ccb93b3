package extract

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

func TestStagingIsCleared(t *testing.T) {
	v := newVisit(t)
	file := v.put(t, "2031Q1", "beans", day(2030, 12, 10))
	name := stagedName(v.URL(file.Path))
	require.NoError(t, os.MkdirAll(v.options.Staging, 0o755))
	left := filepath.Join(v.options.Staging, stagedName("elsewhere")+stagedUnended)
	other := filepath.Join(v.options.Staging, "other.zip")
	require.NoError(t, os.WriteFile(left, []byte("half"), 0o644))
	require.NoError(t, os.WriteFile(other, []byte("not ours"), 0o644))
	inventory := v.read(t)
	require.Equal(t, []string{name, name + stagedNote, "other.zip"}, v.staged(t))
	require.NoError(t, inventory.Close())
	require.NoError(t, inventory.Close(), "twice does no harm")
	require.Equal(t, []string{"other.zip"}, v.staged(t))
	_, err := inventory.Offers[0].ReadMain(context.Background())
	require.Error(t, err)

	v.options.Staging = other
	_, err = readSite(context.Background(), v.options, v.limits)
	require.ErrorContains(t, err, "prepare the folder for downloads "+other)
	v.options.Staging = ""
	_, err = readSite(context.Background(), v.options, v.limits)
	require.EqualError(t, err, "prepare the folder for downloads: none is given")
}

// What was downloaded whole before an interrupt is taken over by the next run, and
// not downloaded again, while it is what the site has and what is on the disk.
func TestInterrupted(t *testing.T) {
	for what, c := range map[string]struct {
		between func(v *visit, file cmstest.SiteFile, staged string)
		word    string
		status  int
	}{
		"unchanged": {func(*visit, cmstest.SiteFile, string) {}, "beans", 304},
		"the site has another": {func(v *visit, _ cmstest.SiteFile, _ string) {
			v.put(t, "2031Q1", "plums", day(2030, 12, 11))
		}, "plums", 200},
		"the file is damaged": {func(_ *visit, file cmstest.SiteFile, staged string) {
			require.NoError(t, os.WriteFile(staged, make([]byte, len(file.Content)), 0o644))
		}, "beans", 200},
		"the file is gone": {func(_ *visit, _ cmstest.SiteFile, staged string) { require.NoError(t, os.Remove(staged)) }, "beans", 200},
		"the note is torn": {func(_ *visit, _ cmstest.SiteFile, staged string) {
			require.NoError(t, os.WriteFile(staged+stagedNote, []byte(`{"addr`), 0o644))
		}, "beans", 200},
		"the site tells nothing of it": {func(v *visit, file cmstest.SiteFile, staged string) {
			var note map[string]any
			text, err := os.ReadFile(staged + stagedNote)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &note))
			delete(note, "etag")
			delete(note, "last_modified")
			text, err = json.Marshal(note)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(staged+stagedNote, text, 0o644))
		}, "beans", 200},
	} {
		v := newVisit(t)
		file := v.put(t, "2031Q1", "beans", day(2030, 12, 10))
		second := v.put(t, "2030Q4", "peas", day(2030, 9, 10))
		ctx, cancel := context.WithCancel(context.Background())
		v.Misbehave(second.Path, cmstest.After(cancel, cmstest.StallAt(100)))
		inventory, err := readSite(ctx, v.options, v.limits)
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, ErrUnreachable)
		require.Empty(t, inventory.Offers)
		name := stagedName(v.URL(file.Path))
		require.Equal(t, []string{name, name + stagedNote}, v.staged(t), "the one that was whole")

		_, err = ListSite(ctx, v.options)
		require.ErrorIs(t, err, context.Canceled)

		c.between(v, file, filepath.Join(v.options.Staging, name))
		v.Forget()
		inventory = v.read(t)
		require.Len(t, inventory.Offers, 2, what)
		require.Equal(t, []int{c.status}, v.Statuses(file.Path), what)
		offer := inventory.Offers[0]
		if offer.Path != v.URL(file.Path) {
			offer = inventory.Offers[1]
		}
		text, err := offer.ReadMain(context.Background())
		require.NoError(t, err)
		require.Contains(t, string(text), c.word, what)
		require.NotEmpty(t, offer.ETag)
		require.Equal(t, PublishedByHTTP, offer.PublishedBasis)
		v.archive(t, inventory)
		require.NoError(t, inventory.Close())
		require.Empty(t, v.staged(t), what)
	}
}

// What an interrupted run left of a file that is in the archive by now, or on the
// page no more, goes.
func TestLeftDownloadsOfNoUseAreRemoved(t *testing.T) {
	v := newVisit(t)
	file := v.put(t, "2031Q1", "beans", day(2030, 12, 10))
	v.archive(t, v.read(t))
	require.NoError(t, v.last.Close())
	leave := func(address string, content []byte) {
		left := leftover{Address: address, Size: int64(len(content)), SHA256: hashOf(content), ETag: file.ETag(),
			path: filepath.Join(v.options.Staging, stagedName(address))}
		require.NoError(t, os.WriteFile(left.path, content, 0o644))
		left.write()
	}
	leave(v.URL(file.Path), file.Content)
	leave(v.URL("/files/zip/gone.zip"), []byte("gone"))
	require.Len(t, v.staged(t), 4)
	require.Len(t, v.read(t).Unchanged, 1)
	require.Empty(t, v.staged(t))
}

// Whatever byte a download is killed at, the archive does not see it, and the
// next run gets the file.
func TestKilledDownload(t *testing.T) {
	v := newVisit(t)
	file := v.put(t, "2031Q1", "beans", day(2030, 12, 10))
	v.options.Archive = newArchive(t)
	for _, at := range []int64{0, 1, 3, 50, int64(len(file.Content)) - 1} {
		v.Misbehave(file.Path, cmstest.CutAt(at))
		v.options.Wait = func(context.Context, time.Duration) error { panic(killed{}) }
		require.PanicsWithValue(t, killed{}, func() { _, _ = readSite(context.Background(), v.options, v.limits) })
		require.Equal(t, []string{stagedName(v.URL(file.Path)) + stagedUnended}, v.staged(t))
		require.Empty(t, mustReleases(t, v.options.Archive))
	}
	v.options.Wait = nil
	inventory := v.read(t)
	require.Equal(t, []string{stagedName(v.URL(file.Path)), stagedName(v.URL(file.Path)) + stagedNote}, v.staged(t))
	require.Equal(t, OutcomeNew, v.archive(t, inventory).Offers[0].Outcome)
}
