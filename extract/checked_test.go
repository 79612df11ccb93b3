package extract

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A file of the archive that was whole is read again when it changed, when it
// changed so late that its time does not tell, after a month, when nothing is
// remembered, or when it is not the one that is remembered; not else.
func TestCheckReadsWhatChanged(t *testing.T) {
	ctx := context.Background()
	archive := newArchive(t)
	addFolder(t, archive, crashSource(t))
	path := mustReleases(t, archive)[0].Path
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	damaged := append([]byte(nil), content...)
	damaged[len(damaged)/2] ^= 1
	written := checkedAt.Add(-time.Hour)
	memory := filepath.Join(t.TempDir(), "checked.json")
	write := func(content []byte, modified time.Time) {
		require.NoError(t, os.WriteFile(path, content, 0o644))
		require.NoError(t, os.Chtimes(path, modified, modified))
	}
	check := func(at time.Time, memory string) int {
		lost, err := archive.Check(ctx, at, memory)
		require.NoError(t, err)
		for _, one := range lost {
			require.Equal(t, path, one.Path)
			require.NoError(t, os.Remove(one.SetAside))
		}
		return len(lost)
	}
	for what, c := range map[string]struct {
		modified time.Time // of the whole file, then of the damaged one
		again    time.Time
		now      time.Time
		forget   func()
		lost     int
	}{
		"nothing about it changed": {modified: written, again: written, now: checkedAt.Add(29 * 24 * time.Hour)},
		"its time":                 {modified: written, again: written.Add(time.Nanosecond), now: checkedAt.Add(time.Hour), lost: 1},
		"too late to tell":         {modified: checkedAt.Add(-time.Second), again: checkedAt.Add(-time.Second), now: checkedAt.Add(time.Hour), lost: 1},
		"a month ago":              {modified: written, again: written, now: checkedAt.Add(30 * 24 * time.Hour), lost: 1},
		"the clock went back":      {modified: written, again: written, now: checkedAt.Add(-time.Minute), lost: 1},
		"no memory":                {modified: written, again: written, now: checkedAt.Add(time.Hour), lost: 1, forget: func() { require.NoError(t, os.Remove(memory)) }},
		"a memory of nonsense":     {modified: written, again: written, now: checkedAt.Add(time.Hour), lost: 1, forget: func() { require.NoError(t, os.WriteFile(memory, []byte("{"), 0o644)) }},
	} {
		t.Run(what, func(t *testing.T) {
			require.NoError(t, os.RemoveAll(memory))
			write(content, c.modified)
			require.Zero(t, check(checkedAt, memory))
			require.FileExists(t, memory)
			if c.forget != nil {
				c.forget()
			}
			write(damaged, c.again)
			require.Equal(t, c.lost, check(c.now, memory))
			write(damaged, c.again)
			require.Equal(t, 1, check(c.now, ""), "without a memory everything is read")
		})
	}

	// Whole files alone are remembered, and where that is not possible, nothing is
	// the worse for it.
	require.NoError(t, os.RemoveAll(memory))
	write(damaged, written)
	require.Equal(t, 1, check(checkedAt, filepath.Join(memory, "not", "there")))
	write(damaged, written)
	require.Equal(t, 1, check(checkedAt, memory))
	write(damaged, written)
	require.Equal(t, 1, check(checkedAt, memory))
}

// A sidecar is read once, and again when it was replaced.
func TestAReplacedSidecarIsReadAgain(t *testing.T) {
	archive := newArchive(t)
	addFolder(t, archive, crashSource(t))
	path := mustReleases(t, archive)[0].Path + sidecarExtension
	require.NotEmpty(t, mustReleases(t, archive))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path+".new", append(content, "nonsense"...), 0o644))
	require.NoError(t, os.Rename(path+".new", path))
	_, err = archive.Releases(context.Background())
	require.ErrorContains(t, err, path)
}

// Whoever looks into ZIPs ahead has ended when the folder is read, also of those for
// which nobody asks, and what is hidden is not looked into: a second run of the folder
// remembers the same files.
func TestNobodyLooksIntoAFolderThatWasRead(t *testing.T) {
	ctx := context.Background()
	archive := newArchive(t)
	source := crashSource(t)
	addFolder(t, archive, source)
	var zips []string
	require.NoError(t, filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".zip" {
			zips = append(zips, path)
		}
		return err
	}))
	require.NotEmpty(t, zips)
	content, err := os.ReadFile(zips[0])
	require.NoError(t, err)
	written := checkedAt.Add(-time.Hour)
	for _, path := range zips {
		require.NoError(t, os.Chtimes(path, written, written))
	}
	for i := range 20 {
		path := filepath.Join(filepath.Dir(zips[0]), fmt.Sprintf(".hidden%d.zip", i))
		require.NoError(t, os.WriteFile(path, content, 0o644))
		require.NoError(t, os.Chtimes(path, written, written))
	}
	memory := filepath.Join(t.TempDir(), "checked.json")
	_, err = archive.ReadFolder(ctx, source, checkedAt, memory)
	require.NoError(t, err)
	remembered, err := os.ReadFile(memory)
	require.NoError(t, err)
	require.NotContains(t, string(remembered), ".hidden")
	require.Contains(t, string(remembered), zips[0])
}
