package extract

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A folder of the archive is listed once in a run, unless something in it changed,
// or had just changed.
func TestFoldersOfTheArchiveAreListedOnce(t *testing.T) {
	const name = "r1-0123456789ab-a.zip"
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	folder := t.TempDir()
	put := func(name string, changed time.Time) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("x"), 0o600))
		require.NoError(t, os.Chtimes(folder, changed, changed))
	}
	names := func(l *listings) (names []string) {
		files, err := l.list(folder)
		require.NoError(t, err)
		for _, file := range files {
			names = append(names, filepath.Base(file.path))
		}
		return names
	}
	put(name, at.Add(-time.Hour))
	var l listings
	l.begin(at)
	require.Equal(t, []string{name}, names(&l))

	// The time is that of before, as if nothing had changed: it is remembered.
	const another = "r2-0123456789ab-a.zip"
	put(another, at.Add(-time.Hour))
	require.Equal(t, []string{name}, names(&l))
	put(another, at.Add(-time.Minute))
	require.Equal(t, []string{name, another}, names(&l))

	// What had just changed when the run began may change again unnoticed.
	const third = "r3-0123456789ab-a.zip"
	put(another, at)
	require.Equal(t, []string{name, another}, names(&l))
	put(third, at)
	require.Equal(t, []string{name, another, third}, names(&l))

	// A new run lists anew; without a run nothing is remembered.
	put(name, at.Add(-time.Hour))
	l.begin(at)
	require.Len(t, names(&l), 3)
	require.NoError(t, os.Remove(filepath.Join(folder, third)))
	require.NoError(t, os.Chtimes(folder, at.Add(-time.Hour), at.Add(-time.Hour)))
	require.Len(t, names(&l), 3)
	require.Len(t, names(&listings{}), 2)
	l.begin(at)
	require.Len(t, names(&l), 2)
}
