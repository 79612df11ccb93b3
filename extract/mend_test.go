package extract

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var checkedAt = time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)

func mustCheck(t *testing.T, archive *Archive) []Lost {
	t.Helper()
	lost, err := archive.Check(context.Background(), checkedAt, filepath.Join(t.TempDir(), "none"))
	require.NoError(t, err)
	return lost
}

// A damaged file is set aside and a lost one is noticed; each is taken again
// from a source that has it, into the place, the number and the sidecar that it
// had.
func TestDamagedFilesAreTakenFromTheSourceAgain(t *testing.T) {
	root := crashSource(t) // a ZIP, the same in another ZIP, a loose text, a companion
	archive := newArchive(t)
	addFolder(t, archive, root)
	whole := treeOf(t, archive.dir)
	require.Empty(t, mustCheck(t, archive))
	require.Equal(t, whole, treeOf(t, archive.dir))

	files, err := filepath.Glob(filepath.Join(archive.dir, "*", "*"))
	require.NoError(t, err)
	damages := map[string]func(t *testing.T, path string, content []byte){
		"a flipped bit": func(t *testing.T, path string, content []byte) {
			content[len(content)/2] ^= 1
			require.NoError(t, os.WriteFile(path, content, 0o644))
		},
		"cut short": func(t *testing.T, path string, content []byte) {
			require.NoError(t, os.WriteFile(path, content[:len(content)-1], 0o644))
		},
		"gone": func(t *testing.T, path string, _ []byte) { require.NoError(t, os.Remove(path)) },
	}
	for _, path := range files {
		if strings.HasSuffix(path, sidecarExtension) {
			continue
		}
		for what, damage := range damages {
			t.Run(what+" "+filepath.Base(path), func(t *testing.T) {
				content, err := os.ReadFile(path)
				require.NoError(t, err)
				damage(t, path, content)
				lost := mustCheck(t, archive)
				require.Len(t, lost, 1)
				require.Equal(t, path, lost[0].Path)
				require.Equal(t, lost, mustCheckAgain(t, archive, lost))
				require.NoFileExists(t, path)
				if what != "gone" {
					require.FileExists(t, lost[0].SetAside, "nothing is deleted")
					require.Equal(t, "damaged-20310506T070809-"+filepath.Base(path), filepath.Base(lost[0].SetAside))
					require.NoError(t, os.Remove(lost[0].SetAside))
				}
				added := addFolder(t, archive, root)
				restored := 0
				for _, offer := range added.Offers {
					if offer.Outcome == OutcomeRestored {
						restored++
					} else {
						require.Equal(t, OutcomeKnown, offer.Outcome)
					}
				}
				for _, companion := range added.Companions {
					if companion.Outcome == OutcomeRestored {
						restored++
					}
				}
				require.Equal(t, 1, restored)
				require.Empty(t, mustCheck(t, archive))
				require.Equal(t, contentsOnly(whole), contentsOnly(treeOf(t, archive.dir)))
			})
		}
	}
}

// mustCheckAgain: what is lost is said again, and nothing is set aside twice.
func mustCheckAgain(t *testing.T, archive *Archive, lost []Lost) []Lost {
	t.Helper()
	again := mustCheck(t, archive)
	require.Len(t, again, 1)
	require.Empty(t, again[0].SetAside)
	again[0].SetAside = lost[0].SetAside
	return again
}

// contentsOnly drops the times of treeOf.
func contentsOnly(tree map[string]string) map[string]string {
	contents := map[string]string{}
	for name, content := range tree {
		contents[name], _, _ = strings.Cut(content, " ")
	}
	return contents
}

// Without a source, the number is not given again, the rest can be read, and the
// main file comes from another ZIP around it where there is one.
func TestALostFileWithoutASource(t *testing.T) {
	archive := newArchive(t)
	addFolder(t, archive, crashSource(t))
	releases := mustReleases(t, archive)
	require.Len(t, releases, 2)
	for _, one := range releases {
		require.NoError(t, os.Remove(one.Path))
	}
	other := folderOf(t, map[string][]byte{"2031Q1/c.zip": releaseZIP(t, "c.txt", "plums and pears", day(2031, 1, 9))})
	added := addFolder(t, archive, other)
	require.Equal(t, []string{"c.zip: new 2031Q1r3"}, outcomes(added.Offers))
	releases = mustReleases(t, archive)
	require.Len(t, releases, 3)
	require.True(t, releases[0].Missing)
	_, err := releases[1].ReadMain(context.Background())
	require.ErrorContains(t, err, "read 2031Q1r2 from the archive: ")
	require.ErrorContains(t, err, "or give 'hcpcs run' a source that has it")
	_, err = releases[2].ReadMain(context.Background())
	require.NoError(t, err)
}

// A file that is damaged does not stop its release where another ZIP has the
// same main file.
func TestAnotherZIPAroundTheSameMainFile(t *testing.T) {
	archive := newArchive(t)
	content := zipOf(t, zipEntry{"a.txt", mainText("peas"), day(2031, 1, 2)})
	again := zipOf(t, zipEntry{"a.txt", mainText("peas"), day(2031, 1, 2)}, zipEntry{"README.txt", "read", day(2031, 1, 2)})
	addFolder(t, archive, folderOf(t, map[string][]byte{"2031Q1/a.zip": content, "2031Q1/b.zip": again}))
	releases := mustReleases(t, archive)
	require.Len(t, releases, 1)
	require.Len(t, releases[0].Repackaged, 1)
	require.NoError(t, os.Remove(releases[0].Path))
	require.Len(t, mustCheck(t, archive), 1)
	text, err := mustReleases(t, archive)[0].ReadMain(context.Background())
	require.NoError(t, err)
	require.Equal(t, mainText("peas"), string(text))
}
