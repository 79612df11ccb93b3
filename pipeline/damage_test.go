package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/load"
)

// twoReleases is a data folder with one release loaded, and a source that has it
// and the next one. Loading and publishing take some 0.5 s.
func twoReleases(t *testing.T) (first, both Config) {
	t.Helper()
	releases := sampleReleases()
	one, two := t.TempDir(), t.TempDir()
	for _, folder := range []string{one, two} {
		writeFile(t, filepath.Join(folder, "2020Q1", "HCPC2020_ANWEB.txt"), releases[0].TXT(cmstest.TXTOptions{}))
	}
	writeFile(t, filepath.Join(two, "april-2020-alpha-numeric-hcpcs-file.zip"),
		zipOf(t, map[string][]byte{"HCPC2020_APR_ANWEB.txt": releases[1].TXT(cmstest.TXTOptions{})}))
	first = configFor(t, one)
	both = first
	both.Source = two
	return first, both
}

// sometime is a run's surroundings at a time that is the same in every run.
func sometime() Surroundings {
	around := quietly
	around.Now = func() time.Time { return time.Date(2020, 4, 2, 3, 4, 5, 0, time.UTC) }
	return around
}

func mustRunSometime(t *testing.T, config Config) Summary {
	t.Helper()
	summary, err := Run(context.Background(), config, nil, sometime())
	require.NoError(t, err)
	return summary
}

// copyOf is a configuration for a copy of the data folder.
func copyOf(t *testing.T, config Config) Config {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "data")
	require.NoError(t, os.CopyFS(folder, os.DirFS(config.DataDir)))
	config.DataDir = folder
	return config
}

// filesOf gives the files of a folder by path.
func filesOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files[path] = bytesOf(t, path)
		}
		return err
	}))
	return files
}

func flipBit(t *testing.T, path string, at int64, bit int) {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	content[at] ^= 1 << bit
	require.NoError(t, os.WriteFile(path, content, 0o644))
}

// A release that a killed run left without its sidecar, and that the source does not
// bring again, is loaded from its ZIP; the log says where it came from.
func TestAReleaseLeftWithoutItsSidecar(t *testing.T) {
	first, _ := twoReleases(t)
	mustRunSometime(t, first)
	sidecars, err := filepath.Glob(filepath.Join(first.Paths().Archive, "*", "*.json"))
	require.NoError(t, err)
	require.Len(t, sidecars, 1)
	killed := configFor(t, t.TempDir())
	require.NoError(t, os.CopyFS(killed.Paths().Archive, os.DirFS(first.Paths().Archive)))
	require.NoError(t, os.Remove(filepath.Join(killed.Paths().Archive, strings.TrimPrefix(sidecars[0], first.Paths().Archive))))
	var log bytes.Buffer
	around := sometime()
	around.Log = slog.New(slog.NewTextHandler(&log, nil))
	summary, err := Run(context.Background(), killed, nil, around)
	require.NoError(t, err)
	require.Len(t, summary.Loaded, 1)
	require.Contains(t, log.String(), `msg="archived, from a ZIP that a killed run had left without a sidecar" release=`+summary.Loaded[0].Release.ID.String())
}

// A warehouse with a flipped bit, in each of its blocks and headers, gives the
// same tables: DuckDB notices it at once, or when the run comes to the place;
// then the warehouse is set aside, and all is derived anew from the archive. Or
// nothing needs the place, and nothing is wrong.
func TestAFlippedBitInTheWarehouse(t *testing.T) {
	first, both := twoReleases(t)
	mustRunSometime(t, first)
	undisturbed := copyOf(t, both)
	mustRunSometime(t, undisturbed)
	want := tablesOf(t, undisturbed)

	info, err := os.Stat(first.Paths().Warehouse)
	require.NoError(t, err)
	const header, block = 3 * 4096, 16 << 10 // of the warehouse's file
	positions := []int64{10, 4096 + 20, 2*4096 + 20}
	for at := int64(header); at < info.Size(); at += 6 * block {
		positions = append(positions, at+at*31%block) // anywhere in the block
	}
	require.Greater(t, len(positions), 8)
	noticed := make([]bool, len(positions))
	t.Run("at", func(t *testing.T) {
		for i, at := range positions {
			t.Run(fmt.Sprint(at), func(t *testing.T) {
				t.Parallel()
				config := copyOf(t, both)
				flipBit(t, config.Paths().Warehouse, min(at, info.Size()-1), i%8)
				summary := mustRunSometime(t, config)
				require.Equal(t, want, tablesOf(t, config))
				aside, err := filepath.Glob(config.Paths().Warehouse + ".damaged-20200402T030405")
				require.NoError(t, err)
				noticed[i] = len(aside) == 1
				require.Equal(t, noticed[i], strings.HasPrefix(summary.Rederived, "the warehouse was damaged, and is set aside as "), summary.Rederived)
				if noticed[i] {
					require.Len(t, summary.Loaded, 2)
				}
			})
		}
	})
	count := 0
	for _, one := range noticed {
		if one {
			count++
		}
	}
	t.Logf("noticed in %d of %d places", count, len(positions))
	require.Greater(t, count, len(positions)/2)
}

// A published file that is damaged, gone, or written to by somebody is published
// again; a log beside it does not outlive that.
func TestADamagedPublishedFile(t *testing.T) {
	config, _ := twoReleases(t)
	mustRunSometime(t, config)
	want := tablesOf(t, config)
	path := config.Paths().Published
	for what, damage := range map[string]func(){
		"gone":        func() { require.NoError(t, os.Remove(path)) },
		"flipped bit": func() { flipBit(t, path, 700_000, 3) },
		"cut short":   func() { require.NoError(t, os.Truncate(path, 300_000)) },
		"junk, and a log": func() {
			require.NoError(t, os.WriteFile(path, []byte("junk"), 0o644))
			require.NoError(t, os.WriteFile(path+".wal", []byte("of another file"), 0o644))
		},
	} {
		damage()
		summary := mustRunSometime(t, config)
		require.True(t, summary.Published, what)
		require.Empty(t, summary.Loaded, what)
		require.Empty(t, summary.Rederived, what)
		require.Equal(t, want, tablesOf(t, config), what)
		require.NoFileExists(t, path+".wal", what)
		again := mustRunSometime(t, config)
		require.True(t, again.NothingNew(), what)
	}
	// Who reads it meanwhile is told what to do.
	flipBit(t, path, 700_000, 3)
	result, err := Verify(context.Background(), config, sometime())
	if err == nil { // DuckDB does not need the place
		require.Equal(t, 1, result.Failed())
		return
	}
	require.True(t, load.IsDamaged(err), "%v", err)
}

// A damaged file of the archive is taken from the source again, with the number
// that it had, and nothing else changes.
func TestADamagedArchiveFile(t *testing.T) {
	_, both := twoReleases(t)
	mustRunSometime(t, both)
	want, published := tablesOf(t, both), bytesOf(t, both.Paths().Published)
	zips, err := filepath.Glob(filepath.Join(both.Paths().Archive, "*", "*.zip"))
	require.NoError(t, err)
	require.Len(t, zips, 2)
	for _, path := range zips {
		whole := bytesOf(t, path)
		flipBit(t, path, int64(len(whole)/2), 1)
		result, err := Verify(context.Background(), both, sometime())
		require.NoError(t, err)
		require.Equal(t, 1, result.Failed())

		summary := mustRunSometime(t, both)
		require.Len(t, summary.Restored, 1)
		require.Empty(t, summary.Loaded)
		require.Equal(t, whole, bytesOf(t, path))
		require.True(t, published == bytesOf(t, both.Paths().Published))
	}

	// The source does not have it any more: what is loaded stays and is served, new
	// releases come in, and every run says so.
	flipBit(t, zips[0], 100, 1)
	elsewhere := both
	elsewhere.Source = t.TempDir()
	writeFile(t, filepath.Join(elsewhere.Source, "july-2020.zip"),
		zipOf(t, map[string][]byte{"HCPC2020_JUL_ANWEB.txt": sampleReleases()[2].TXT(cmstest.TXTOptions{})}))
	summary, err := Run(context.Background(), elsewhere, nil, sometime())
	require.ErrorIs(t, err, ErrArchive)
	require.ErrorContains(t, err, zips[0]+" (2020Q1r1): damaged or gone; restore it from a backup, or give 'hcpcs run' a source that has it")
	require.Len(t, summary.Loaded, 1)
	require.True(t, summary.Published)
	_, err = Run(context.Background(), elsewhere, nil, sometime())
	require.ErrorIs(t, err, ErrArchive)

	// A rebuild would lose it: it does not even begin.
	before := tablesOf(t, elsewhere)
	_, err = Rebuild(context.Background(), elsewhere, sometime())
	require.ErrorIs(t, err, ErrArchive)
	require.Equal(t, before, tablesOf(t, elsewhere))

	// Where the warehouse is gone besides, what is published is served on, until
	// the file is back.
	require.NoError(t, os.Remove(elsewhere.Paths().Warehouse))
	_, err = Run(context.Background(), elsewhere, nil, sometime())
	require.ErrorContains(t, err, zips[0])
	require.Equal(t, before, tablesOf(t, elsewhere))
	both.Source, elsewhere.Source = elsewhere.Source, both.Source
	require.Len(t, mustRunSometime(t, elsewhere).Restored, 1)
	require.Equal(t, before, tablesOf(t, both))
	require.NotEqual(t, want, before)
}

// A sidecar that is damaged is said: that of a release is set aside and made again,
// that of a companion has to be moved away. Gone, with its ZIP or without, it is
// written again by the next run whose source has the file, as it was: number, hash,
// and what is known of it.
func TestALostSidecar(t *testing.T) {
	_, both := twoReleases(t)
	for _, name := range []string{"2020-hcpcs-alpha-numeric-corrections.zip", "2020-hcpcs-noc-codes.zip"} {
		writeFile(t, filepath.Join(both.Source, "2020Q1", name), []byte(bytesOf(t, filepath.Join(samples, "2020Q1", name))))
	}
	mustRunSometime(t, both)
	later := sometime()
	later.Now = func() time.Time { return time.Date(2020, 5, 6, 7, 8, 9, 0, time.UTC) }
	want, whole := tablesOf(t, both), filesOf(t, both.Paths().Archive)
	sidecars, err := filepath.Glob(filepath.Join(both.Paths().Archive, "*", "*.json"))
	require.NoError(t, err)
	require.Len(t, sidecars, 4)
	for _, sidecar := range sidecars {
		for _, withFile := range []bool{false, true} {
			require.NoError(t, os.Truncate(sidecar, 100))
			_, err = Verify(context.Background(), both, later)
			require.ErrorContains(t, err, sidecar)
			require.Equal(t, 1, strings.Count(err.Error(), sidecar), "said once")
			ofCompanion := strings.Contains(sidecar, "companion-")
			if ofCompanion {
				_, err := Run(context.Background(), both, nil, later)
				require.ErrorContains(t, err, sidecar+": it is damaged: unexpected end of JSON input: restore it from a backup, or move it away, and the next run that finds the same file writes it again")
			}
			if ofCompanion || withFile {
				require.NoError(t, os.Remove(sidecar))
			}
			if withFile {
				require.NoError(t, os.Remove(strings.TrimSuffix(sidecar, ".json")))
			}
			summary, err := Run(context.Background(), both, nil, later)
			require.NoError(t, err, sidecar)
			require.Empty(t, summary.Loaded)
			require.Equal(t, want, tablesOf(t, both))
			if ofCompanion {
				require.Len(t, summary.NewCompanions, 1)
			} else {
				for path, content := range filesOf(t, both.Paths().Archive) {
					require.True(t, whole[path] == content || strings.Contains(path, "companion-") || strings.Contains(path, "damaged-"), path)
				}
				require.Len(t, summary.Restored, 1)
				aside, err := filepath.Glob(filepath.Join(filepath.Dir(sidecar), "damaged-*"+filepath.Base(sidecar)))
				require.NoError(t, err)
				require.Len(t, aside, 1, "nothing is thrown away")
			}
			again, err := Run(context.Background(), both, nil, later)
			require.NoError(t, err)
			require.True(t, again.NothingNew())
			result, err := Verify(context.Background(), both, later)
			require.NoError(t, err)
			require.Zero(t, result.Failed())
		}
	}
	_, err = Rebuild(context.Background(), both, later)
	require.NoError(t, err)
	require.Equal(t, want, tablesOf(t, both))
}

// What a rebuild would make otherwise does not hold: a companion that is gone, and
// a sidecar that says something else.
func TestVerifyComparesTablesWithTheArchive(t *testing.T) {
	config := configFor(t, filepath.Join(t.TempDir(), "source"))
	require.NoError(t, os.CopyFS(config.Source, os.DirFS(filepath.Join(samples, "2020Q1"))))
	mustRun(t, config)
	failed := func(config Config) map[string]int {
		result, err := Verify(context.Background(), config, quietly)
		require.NoError(t, err)
		checks := map[string]int{}
		for _, check := range result.Checks {
			require.LessOrEqual(t, check.Failed, check.Checked)
			if check.Failed > 0 {
				checks[check.Name] = check.Failed
			}
		}
		require.Equal(t, len(checks) == 0, result.Advice() == "")
		return checks
	}
	require.Empty(t, failed(config))
	for _, ending := range []string{".zip.json", ".zip", ".zip*"} {
		damaged := copyOf(t, config)
		files, err := filepath.Glob(filepath.Join(damaged.Paths().Archive, "2020Q1", "companion-*-noc-codes"+ending))
		require.NoError(t, err)
		for _, path := range files {
			require.NoError(t, os.Remove(path))
		}
		want := map[string]int{"in the archive": 1}
		if ending == ".zip" { // its sidecar is there: the file itself is missed
			want = map[string]int{"archive": 1}
		}
		require.Equal(t, want, failed(damaged))
	}
	for _, fact := range []string{"published_at", "fetched_at"} {
		damaged := copyOf(t, config)
		files, err := filepath.Glob(filepath.Join(damaged.Paths().Archive, "2020Q1", "r1-*.json"))
		require.NoError(t, err)
		text := regexp.MustCompile(`"`+fact+`": "....`).ReplaceAllString(bytesOf(t, files[0]), `"`+fact+`": "2007`)
		writeFile(t, files[0], []byte(text))
		require.Equal(t, map[string]int{"sidecars": 1}, failed(damaged), fact)
	}
}

// The number of a release that is gone from the archive is given to nothing else,
// and nothing is loaded until the source has it.
func TestANumberIsKept(t *testing.T) {
	_, both := twoReleases(t)
	mustRunSometime(t, both)
	want := tablesOf(t, both)
	files, err := filepath.Glob(filepath.Join(both.Paths().Archive, "2020Q2", "*"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	for _, path := range files {
		require.NoError(t, os.Remove(path))
	}
	revised := both
	revised.Source = t.TempDir()
	writeFile(t, filepath.Join(revised.Source, "2020Q2", "HCPC2020_APR_ANWEB_v2.xlsx"), sampleReleases()[1].XLSX(cmstest.XLSXOptions{}))
	for range 2 {
		_, err := Run(context.Background(), revised, nil, sometime())
		require.ErrorIs(t, err, ErrArchive)
		require.ErrorContains(t, err, "lacks 2020Q2r1, which "+both.Paths().Warehouse+" has: bring it back from a backup, or give 'hcpcs run' a source that has it; or, to begin anew")
		require.Equal(t, want, tablesOf(t, both))
	}
	_, err = Rebuild(context.Background(), both, sometime())
	require.ErrorContains(t, err, "or give 'hcpcs run' a source that has it")
	revision, err := filepath.Glob(filepath.Join(both.Paths().Archive, "2020Q2", "r2-*.zip"))
	require.NoError(t, err)
	require.Len(t, revision, 1)

	summary := mustRunSometime(t, both)
	require.Len(t, summary.Restored, 1)
	require.Len(t, summary.Loaded, 1)
	require.Equal(t, id(t, "2020Q2r2"), summary.Loaded[0].Release.ID)
	for _, path := range files {
		require.FileExists(t, path)
	}
}

// Without its archive, or with another one, a warehouse is of no use: numbers of
// revisions would be given anew. Nothing is changed, and what to do is said.
func TestTheArchiveIsGone(t *testing.T) {
	first, both := twoReleases(t)
	mustRunSometime(t, both)
	want := tablesOf(t, both)
	archive := both.Paths().Archive
	require.NoError(t, os.Rename(archive, archive+".elsewhere"))
	for range 2 {
		_, err := Run(context.Background(), both, nil, sometime())
		require.ErrorIs(t, err, ErrArchive)
		require.ErrorContains(t, err, archive+" lacks 2020Q1r1, 2020Q2r1, which "+both.Paths().Warehouse+" has: bring it back from a backup")
		require.Equal(t, want, tablesOf(t, both))
		_, err = Rebuild(context.Background(), both, sometime())
		require.ErrorIs(t, err, ErrArchive)
		entries, err := os.ReadDir(archive)
		require.True(t, errors.Is(err, fs.ErrNotExist) || len(entries) == 0, "nothing is archived")
	}
	// Nor where only the published file is left.
	require.NoError(t, os.Rename(both.Paths().Warehouse, both.Paths().Warehouse+".elsewhere"))
	_, err := Run(context.Background(), first, nil, sometime())
	require.ErrorContains(t, err, "which "+both.Paths().Published+" has")
	require.Equal(t, want, tablesOf(t, both))

	// The archive is all that is needed.
	require.NoError(t, os.RemoveAll(archive))
	require.NoError(t, os.Rename(archive+".elsewhere", archive))
	require.Len(t, mustRunSometime(t, both).Loaded, 2)
	require.Equal(t, want, tablesOf(t, both))

	// Or, with everything out of the way, another beginning.
	for _, path := range []string{archive, both.Paths().Warehouse, both.Paths().Published} {
		require.NoError(t, os.Rename(path, path+".old"))
	}
	require.Len(t, mustRunSometime(t, first).Loaded, 1)
}
