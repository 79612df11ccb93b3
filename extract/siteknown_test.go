package extract

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// A file that the archive has from elsewhere, and one of no use, are downloaded
// once, not by every run.
func TestRememberedAddresses(t *testing.T) {
	v := newVisit(t)
	file := v.put(t, "2031Q1", "beans", day(2030, 12, 10))
	old := cmstest.SiteFile{Path: "/files/zip/2009-Alpha-Numeric-HCPCS-File.zip", Text: "2009 Alpha-Numeric HCPCS File (ZIP)",
		Content: zipOf(t, zipEntry{name: "09anweb.xls", content: string(magicCompound) + "x"})}
	v.Publish(old)
	v.options.Archive = newArchive(t)
	addFolder(t, v.options.Archive, folderOf(t, map[string][]byte{"2031Q1.zip": file.Content}))

	inventory := v.read(t)
	require.Equal(t, OutcomeKnown, v.archive(t, inventory).Offers[0].Outcome)
	require.Len(t, inventory.PassedOver, 1)
	reason := inventory.PassedOver[0]
	require.Equal(t, v.URL(old.Path), reason.Path)
	require.Contains(t, reason.Reason, "09anweb.xls only, an .xls workbook")
	require.True(t, reason.Suspect)

	v.Forget()
	inventory = v.read(t)
	require.Empty(t, inventory.Offers)
	require.Len(t, inventory.Unchanged, 1)
	require.Equal(t, []PassedOver{reason}, inventory.PassedOver, "said again")
	require.Equal(t, []int{304}, v.Statuses(file.Path))
	require.Equal(t, []int{304}, v.Statuses(old.Path))

	// Another version of the program may know what to do with it.
	v.Forget()
	v.options.UserAgent = "hcpcs/next"
	v.read(t)
	require.Equal(t, []int{304}, v.Statuses(file.Path))
	require.Equal(t, []int{200}, v.Statuses(old.Path))

	// An address whose file failed is not forgotten.
	v.MisbehaveAlways(file.Path, cmstest.Status(403))
	v.read(t)
	v.MisbehaveAlways(file.Path, nil)
	v.Forget()
	v.read(t)
	require.Equal(t, []int{304}, v.Statuses(file.Path))

	// A memory that is none does no harm.
	for _, text := range []string{"", "{", `{"memory_version":9}`, `{"memory_version":1}`} {
		require.NoError(t, os.WriteFile(v.options.Memory, []byte(text), 0o644))
		require.Len(t, v.read(t).Offers, 1, text)
	}
	v.limits.site.memoryBytes = 10
	require.Len(t, v.read(t).Offers, 1)
	v.options.Memory = filepath.Join(v.options.Memory, "below-a-file")
	_, err := readSite(context.Background(), v.options, v.limits)
	require.ErrorContains(t, err, "remember the site's files in")
	require.Empty(t, v.staged(t))
}

// What the archive refused by more than its bytes is looked at again when the page
// or the archive says otherwise, and only then.
func TestRememberedRefusals(t *testing.T) {
	v := newVisit(t)
	text := zipOf(t, zipEntry{name: "anweb.txt", content: mainText("beans")})
	file := cmstest.SiteFile{Path: "/files/zip/anweb.zip", Content: text, ModifiedAt: day(2031, 3, 10), Text: "July 2031 Alpha-Numeric HCPCS File (ZIP)"}
	v.Publish(file)
	v.options.Archive = newArchive(t)
	addFolder(t, v.options.Archive, folderOf(t, map[string][]byte{"2031Q2.zip": text}))
	meet := func() []PassedOver {
		v.Forget()
		inventory := v.read(t)
		added := v.archive(t, inventory)
		require.NoError(t, inventory.RememberRefused(context.Background(), added.Offers, v.clock))
		return append(inventory.PassedOver, added.PassedOver()...)
	}
	first := meet()
	require.Len(t, first, 1)
	require.Contains(t, first[0].Reason, "as 2031Q3 it would be the same file as 2031Q2r1 in the archive")
	require.True(t, first[0].Suspect)
	require.Equal(t, first, meet())
	require.Equal(t, []int{304}, v.Statuses(file.Path))

	// A site that tells nothing of a file gives it each time.
	silent := file
	silent.WithoutETag, silent.ModifiedAt = true, time.Time{}
	v.Publish(silent)
	require.Equal(t, first, meet())
	require.Equal(t, first, meet())
	require.Equal(t, []int{200}, v.Statuses(file.Path))
	v.Publish(file)
	require.Equal(t, first, meet())

	// The archive got another release.
	addFolder(t, v.options.Archive, folderOf(t, map[string][]byte{"2031Q1.zip": releaseZIP(t, "a.txt", "peas", day(2031, 1, 1))}))
	require.Equal(t, first, meet())
	require.Equal(t, []int{200}, v.Statuses(file.Path))
	require.Equal(t, first, meet())
	require.Equal(t, []int{304}, v.Statuses(file.Path))

	// The page is mended.
	file.Text = "April 2031 Alpha-Numeric HCPCS File (ZIP)"
	v.Publish(file)
	require.Empty(t, meet())
	require.Equal(t, []int{200}, v.Statuses(file.Path), "what is said of it is another thing")
	require.Empty(t, meet())
	require.Equal(t, []int{304}, v.Statuses(file.Path))
}

// A ZIP that is linked as a release and holds companions only is said each time,
// although they are in the archive.
func TestLinkedReleaseWithoutMainFile(t *testing.T) {
	v := newVisit(t)
	v.Publish(cmstest.SiteFile{Path: "/files/zip/anweb.zip", Text: "July 2031 Alpha-Numeric HCPCS File (ZIP)", ModifiedAt: day(2031, 3, 10),
		Content: zipOf(t, zipEntry{name: "proc_notes.txt", content: "PROCESSING NOTES"})})
	want := []PassedOver{{Path: v.URL("/files/zip/anweb.zip"), Reason: onlyCompanions, Suspect: true}}
	for n := range 3 {
		v.Forget()
		inventory := v.read(t)
		require.Equal(t, want, inventory.PassedOver)
		require.Len(t, inventory.Companions, min(1, max(0, 1-n)))
		v.archive(t, inventory)
	}
	require.Equal(t, []int{304}, v.Statuses("/files/zip/anweb.zip"))

	// The companions are gone from the archive, and wanted again.
	archived, err := v.options.Archive.Companions(context.Background())
	require.NoError(t, err)
	require.NoError(t, os.Remove(archived[0].Path))
	inventory := v.read(t)
	require.Len(t, inventory.Companions, 1)
	require.Equal(t, OutcomeRestored, v.archive(t, inventory).Companions[0].Outcome)
}

// A link that names two quarters may be a release that is not here, until both are.
func TestContradictoryLink(t *testing.T) {
	v := newVisit(t)
	v.put(t, "2031Q3", "beans", day(2031, 6, 10))
	v.Publish(cmstest.SiteFile{Path: "/files/zip/october-2031-alpha-numeric-hcpcs-file.zip", Text: "July 2031 Alpha-Numeric HCPCS File (ZIP)"})
	suspect := func() bool {
		inventory := v.read(t)
		v.archive(t, inventory)
		require.Len(t, inventory.PassedOver, 1)
		return inventory.PassedOver[0].Suspect
	}
	require.True(t, suspect())
	require.True(t, suspect())
	addFolder(t, v.options.Archive, folderOf(t, map[string][]byte{"2031Q4.zip": releaseZIP(t, "a.txt", "peas", day(2031, 9, 1))}))
	require.False(t, suspect())
}
