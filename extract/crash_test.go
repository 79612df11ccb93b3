package extract

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// killed is what a fault panics with to end Add as a killed process would:
// nothing is cleaned up.
type killed struct{}

// addUntil runs Add and kills it before the given step; it tells whether it got
// that far.
func addUntil(archive *Archive, inventory Inventory, root string, lastStep int) (wasKilled bool) {
	defer func() {
		if cause := recover(); cause != nil {
			if _, ok := cause.(killed); !ok {
				panic(cause)
			}
			wasKilled = true
		}
	}()
	step := 0
	archive.fault = func(string) error {
		if step++; step > lastStep {
			panic(killed{})
		}
		return nil
	}
	_, _ = archive.Add(context.Background(), inventory.Offers, inventory.Companions, root, fetched)
	return false
}

func crashSource(t *testing.T) string {
	return folderOf(t, map[string][]byte{
		"2031Q1/a.zip":           releaseZIP(t, "a.txt", "peas", day(2031, 1, 2)),
		"2031Q1/a_again.zip":     zipOf(t, zipEntry{"a.txt", preamble + mainText("peas"), day(2031, 1, 3)}),
		"2031Q1/b_v2.txt":        []byte(mainText("plums")),
		"2031Q3/corrections.zip": zipOf(t, zipEntry{name: "corrections.txt", content: "x"}),
	})
}

// contentOf is treeOf without times.
func contentOf(t *testing.T, root string) map[string]string {
	tree := treeOf(t, root)
	for name, content := range tree {
		tree[name], _, _ = strings.Cut(content, " ")
	}
	return tree
}

// Killed before any step, the next run makes the archive what it would have
// been, and what is visible in between is whole.
func TestKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	root := crashSource(t)
	inventory := mustReadFolder(t, root)
	whole := newArchive(t)
	addFolder(t, whole, root)
	want := contentOf(t, whole.dir)
	require.Len(t, want, 8)

	for step := 0; ; step++ {
		archive := newArchive(t)
		if !addUntil(archive, inventory, root, step) {
			require.Greater(t, step, 40, "every write, sync and rename is a step")
			break
		}
		reopened, err := OpenArchive(archive.dir)
		require.NoError(t, err)
		for _, one := range mustReleases(t, reopened) {
			require.NoError(t, one.Verify(context.Background()), "step %d", step)
		}
		added := addFolder(t, reopened, root)
		require.Equal(t, want, contentOf(t, archive.dir), "step %d", step)
		require.Empty(t, added.Completed, "step %d: the offers brought it again", step)
		require.Empty(t, added.PassedOver(), "step %d", step)
		var ids []string
		for _, offer := range added.Offers {
			ids = append(ids, offer.ID.String())
		}
		require.Equal(t, []string{"2031Q1r1", "2031Q1r1", "2031Q1r2"}, ids, "step %d", step)
	}
}

// Where the source no longer brings the file, the ZIP alone is completed, and
// its number is not given again.
func TestAnUnfinishedReleaseIsCompletedFromItsZIP(t *testing.T) {
	root := folderOf(t, map[string][]byte{"2031Q1/a.zip": releaseZIP(t, "HCPC2031_JAN.txt", "beans", day(2031, 1, 1))})
	archive := newArchive(t)
	addFolder(t, archive, root)
	before := mustReleases(t, archive)[0]
	require.NoError(t, os.Remove(before.Path+".json"))
	require.Empty(t, mustReleases(t, archive), "not there until its sidecar is")

	added := addFolder(t, archive, folderOf(t, map[string][]byte{"2031Q1/b.zip": releaseZIP(t, "HCPC2031_JAN.txt", "peas", day(2030, 1, 1))}))
	require.Equal(t, []string{"b.zip: new 2031Q1r2"}, outcomes(added.Offers))
	require.Len(t, added.Completed, 1)
	require.Equal(t, before.ID, added.Completed[0])
	require.Equal(t, []string{"2031Q1r1 HCPC2031_JAN.txt beans", "2031Q1r2 HCPC2031_JAN.txt peas"}, holding(t, archive))
	after := mustReleases(t, archive)[0]
	require.Equal(t, before.Main, after.Main)
	require.Equal(t, before.Entries, after.Entries)
	require.Equal(t, before.PublishedAt, after.PublishedAt)
	require.Equal(t, "completed from the archive", after.Source)
	require.Equal(t, "a.zip", after.Name)

	// A damaged one is not taken for a release.
	require.NoError(t, os.Remove(after.Path+".json"))
	content, err := os.ReadFile(after.Path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(after.Path, append(content, 0), 0o644))
	_, err = archive.Add(context.Background(), nil, nil, "", fetched)
	require.ErrorContains(t, err, "complete "+after.Path+" in the archive: ")
	require.ErrorContains(t, err, "restore the file from a backup, or move it away")
}

func TestLeftoversAreRemoved(t *testing.T) {
	archive, _ := archiveWith(t, map[string][]byte{"2031Q1.zip": releaseZIP(t, "a.txt", "beans", day(2031, 1, 1))})
	before := treeOf(t, archive.dir)
	leftover := filepath.Join(archive.dir, "2031Q1", "r2-0123456789ab-a.zip.tmp")
	require.NoError(t, os.WriteFile(leftover, []byte("half"), 0o644))
	require.Len(t, mustReleases(t, archive), 1)
	require.FileExists(t, leftover, "who only reads removes nothing: a run may be writing it")
	_, err := archive.Add(context.Background(), nil, nil, "", fetched)
	require.NoError(t, err)
	require.Equal(t, before, treeOf(t, archive.dir))
}

// A full disk at any step: an error, nothing half-visible, and the next run
// goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	root := crashSource(t)
	inventory := mustReadFolder(t, root)
	for _, failing := range []string{"create", "write", "sync", "close", "rename", "sync folder"} {
		for nth := 1; nth <= 2; nth++ {
			archive := newArchive(t)
			count := 0
			archive.fault = func(step string) error {
				if step == failing {
					if count++; count >= nth {
						return syscall.ENOSPC
					}
				}
				return nil
			}
			_, err := archive.Add(context.Background(), inventory.Offers, inventory.Companions, root, fetched)
			require.ErrorIs(t, err, syscall.ENOSPC, "%s %d", failing, nth)
			require.ErrorContains(t, err, "make room", "%s %d", failing, nth)
			for name := range treeOf(t, archive.dir) {
				require.NotContains(t, name, leftoverEnding, "%s %d", failing, nth)
			}
			for _, one := range mustReleases(t, archive) {
				require.NoError(t, one.Verify(context.Background()), "%s %d", failing, nth)
			}
			archive.fault = func(string) error { return nil }
			addFolder(t, archive, root)
			require.Equal(t, []string{"2031Q1r1 a.txt peas, again in a_again.zip", "2031Q1r2 b_v2.txt plums"}, holding(t, archive), "%s %d", failing, nth)
		}
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	archive := newArchive(t)
	content := releaseZIP(t, "a.txt", "beans", day(2031, 1, 1))
	root := folderOf(t, map[string][]byte{"2031Q1/a.zip": content, "2031Q1/noc.txt": []byte("NOC CODES")})
	folder := filepath.Join(archive.dir, "2031Q1")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	foreign := filepath.Join(folder, "companion-"+hashOf([]byte("NOC CODES"))[:12]+"-noc.txt")
	require.NoError(t, os.WriteFile(foreign, []byte("something else"), 0o644))
	inventory := mustReadFolder(t, root)
	_, err := archive.Add(context.Background(), inventory.Offers, inventory.Companions, root, fetched)
	require.ErrorContains(t, err, "complete "+foreign+" in the archive")
	kept, err := os.ReadFile(foreign)
	require.NoError(t, err)
	require.Equal(t, "something else", string(kept))
	err = archive.place(foreign, nil)
	require.ErrorContains(t, err, "nothing in the archive is overwritten")
}

// Several quarters are written at the same time, each as it would be alone; where the disk
// is full meanwhile, all that is visible is whole, and the next run goes on.
func TestQuartersAtOnce(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{}
	var want []string
	for year := 2031; year <= 2034; year++ {
		for quarter := 1; quarter <= 4; quarter++ {
			folder := fmt.Sprintf("%dQ%d", year, quarter)
			files[folder+"/a.zip"] = releaseZIP(t, "a.txt", "peas of "+folder, day(year, time.Month(3*quarter), 2))
			files[folder+"/b.zip"] = releaseZIP(t, "b.txt", "plums of "+folder, day(year, time.Month(3*quarter), 3))
			want = append(want, folder+"r1 a.txt peas", folder+"r2 b.txt plums")
		}
	}
	root := folderOf(t, files)
	inventory := mustReadFolder(t, root)
	for _, steps := range []int64{0, 1, 30, 100, 1000} {
		archive := newArchive(t)
		var done atomic.Int64
		archive.fault = func(string) error {
			if done.Add(1) > steps {
				return syscall.ENOSPC
			}
			return nil
		}
		_, err := archive.Add(context.Background(), inventory.Offers, inventory.Companions, root, fetched)
		if steps < 1000 {
			require.ErrorIs(t, err, syscall.ENOSPC)
		} else {
			require.NoError(t, err)
		}
		for name := range treeOf(t, archive.dir) {
			require.NotContains(t, name, leftoverEnding)
		}
		for _, one := range mustReleases(t, archive) {
			require.NoError(t, one.Verify(context.Background()))
		}
		archive.fault = func(string) error { return nil }
		addFolder(t, archive, root)
		require.Equal(t, want, holding(t, archive), steps)
	}
}
