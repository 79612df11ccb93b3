package transform

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// readBoth reads a file alone, and after others: both must say the same.
func readBoth(t require.TestingT, data []byte, before ...[]byte) (after *File) {
	var texts TextReader
	for _, earlier := range before {
		_, _ = texts.Read("earlier.txt", earlier) // no main file, perhaps: then it is passed over
	}
	alone, aloneErr := ParseText("file.txt", data)
	after, afterErr := texts.Read("file.txt", data)
	require.Equal(t, aloneErr, afterErr)
	require.Equal(t, alone, after)
	return after
}

// Lines that a release has, and some that it should not have. %s is a sequence
// number.
var drawnLines = []string{
	line(map[int]string{1: "A0001%s3Bandage", 92: "Bandage", 269: "20150101", 277: "20150101", 293: "N"}),
	line(map[int]string{1: "A0001%s3Bandage", 92: "Bandages", 269: "20150101", 277: "20150101", 293: "N"}),
	line(map[int]string{1: "A0001%s3Bandage ? ", 92: "Bandage", 269: "20150101", 277: "20150101", 293: "N"}),
	"A0001%s4of cotton", "A0001%s4of wool", "A0001%s4 ? ", "A0001%s4",
	line(map[int]string{1: "A0002%s3Dressing", 92: "Dressing", 269: "20150101", 277: "20150101", 293: "C"}),
	line(map[int]string{1: "A0002%s3Dressing", 92: "Dressing", 269: "2015010X", 277: "20150101", 293: "C"}),
	"A0002%s4\tof silk", "A0002%s4of silk",
	line(map[int]string{1: "   A1%s7Left side", 92: "Left", 269: "20150101", 277: "20150101", 293: "N"}),
	line(map[int]string{1: "`  A1%s7Left side", 92: "Left", 269: "20150101", 277: "20150101", 293: "N"}),
	"   A1%s8of the body", "A0001%s8of linen", "   A1%s4of the arm", "A0001%s4of \x00jute", "",
	line(map[int]string{1: "A0002%s7Dressing", 92: "Dressing", 269: "20150101", 277: "20150101", 293: "C"}),
	line(map[int]string{1: "   A1%s3Left side", 92: "Left", 269: "20150101", 277: "20150101", 293: "N"}),
	"no record at all", "A0001%s3", "A0001%s3\xa0",
}

func drawText(t *rapid.T, lines []string) []byte {
	var text strings.Builder
	sequence := rapid.SampledFrom([]string{"00100", "00200", "00300", "0020 ", "  200"})
	ending := rapid.SampledFrom([]string{"\r\n", "\r\n", "\n", "\r"}).Draw(t, "ending")
	for _, one := range lines {
		if strings.Contains(one, "%s") {
			one = fmt.Sprintf(one, sequence.Draw(t, "sequence"))
		}
		text.WriteString(one + ending)
	}
	if rapid.Bool().Draw(t, "without the last line end") {
		return []byte(strings.TrimSuffix(text.String(), ending))
	}
	return []byte(text.String())
}

func TestTextReaderTakesOverWhatItWouldRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom(drawnLines), 1, 8).Draw(t, "lines")
		before := drawText(t, lines)
		now := slices.Clone(lines)
		for range rapid.IntRange(0, 2).Draw(t, "edits") {
			at := rapid.IntRange(0, len(now)-1).Draw(t, "at")
			one := rapid.SampledFrom(drawnLines).Draw(t, "line")
			if rapid.Bool().Draw(t, "inserted") {
				now = slices.Insert(now, at, one)
			} else {
				now[at] = one
			}
		}
		readBoth(t, drawText(t, now), before)
		readBoth(t, drawText(t, now), before, before)
	})
}

// It does take over: all but what changed, whatever is inserted before it, and
// over any number of releases.
func TestTextReaderSharesWhatStays(t *testing.T) {
	first := []string{
		"Disclaimer", line(bandage()), "A0001002004of cotton",
		line(map[int]string{1: "A0003002003Dressing", 92: "Dressing", 269: "20150101", 277: "20150101", 293: "N"}),
		line(map[int]string{1: "A0004003003Tape", 92: "Tape", 269: "20150101", 277: "20150101", 293: "N"}), "A0004004004of silk",
	}
	second := slices.Insert(slices.Clone(first), 3,
		line(map[int]string{1: "A0002002003Gauze", 92: "Gauze", 269: "20150101", 277: "20150101", 293: "A"}))
	second[4] = strings.Replace(second[4], "00200", "00300", 1)
	second[5] = strings.Replace(second[5], "Tape ", "Tapes", 1)
	var texts TextReader
	read := func(lines []string) *File {
		file, err := texts.Read("file.txt", []byte(strings.Join(lines, "\r\n")+"\r\n"))
		require.NoError(t, err)
		return file
	}
	one, two, three := read(first), read(second), read(second)
	require.Len(t, one.Records, 3)
	require.Len(t, two.Records, 4)
	require.Same(t, one.Records[0].Entry, two.Records[0].Entry)
	require.Same(t, one.Records[1].Entry, two.Records[2].Entry)
	require.Equal(t, "00300", two.Records[2].SequenceNumber)
	require.Equal(t, "00200", one.Records[1].SequenceNumber)
	require.Equal(t, 5, two.Records[2].SourceLine)
	require.NotSame(t, one.Records[2].Entry, two.Records[3].Entry)
	require.Equal(t, "Tapes of silk", two.Records[3].Content[LongDescription])
	require.Equal(t, "Tape of silk", one.Records[2].Content[LongDescription])
	for i := range two.Records {
		require.Same(t, two.Records[i].Entry, three.Records[i].Entry)
	}
}

// Where a record that was taken over goes on elsewhere in its file, that of the file
// before stays as it was.
func TestTextReaderLeavesTheFileBeforeAsItWas(t *testing.T) {
	lines := []string{
		line(bandage()), "A0001002004of cotton",
		line(map[int]string{1: "A0003001003Dressing", 92: "Dressing", 269: "20150101", 277: "20150101", 293: "N"}),
	}
	var texts TextReader
	read := func(lines ...string) *File {
		file, err := texts.Read("file.txt", []byte(strings.Join(lines, "\r\n")+"\r\n"))
		require.NoError(t, err)
		return file
	}
	before, now := read(lines...), read(append(lines, "A0001003004and silk")...)
	require.Equal(t, "Bandage, sterile of cotton and silk", now.Records[0].Content[LongDescription])
	require.Equal(t, "Bandage, sterile of cotton", before.Records[0].Content[LongDescription])
	require.Same(t, before.Records[1].Entry, now.Records[1].Entry)
}

// A record with findings is read each time, since its findings are to be said
// each time; that is so beyond the number of findings that are kept, too.
func TestTextReaderSaysFindingsAgain(t *testing.T) {
	doubtful := line(map[int]string{1: "A0001001003Bandage", 92: "Bandage", 269: "2015010X", 277: "20150101", 293: "N"}) + "\n"
	file := readBoth(t, []byte(doubtful), []byte(doubtful))
	require.Equal(t, []Rule{RuleUnparseableDate, RuleMissingAddedDate}, rules(file))

	many := []byte(strings.Repeat("A0001001003Bandage\n", maxFindings+1) + doubtful)
	readBoth(t, []byte(doubtful), many)
	readBoth(t, many, many)
}

// Several at once, as a backfill reads them; the race detector looks on.
func TestTextReaderByManyAtOnce(t *testing.T) {
	generator := cmstest.NewGenerator(cmstest.SizeOfCMS(4))
	var releases [][]byte
	for range 4 {
		release, _, more := generator.Next()
		require.True(t, more)
		releases = append(releases, release.TXT(cmstest.TXTOptions{}))
	}
	var texts TextReader
	var group sync.WaitGroup
	files := make([]*File, len(releases))
	for i := range releases {
		group.Go(func() { files[i], _ = texts.Read("file.txt", releases[i]) })
	}
	group.Wait()
	for i := range releases {
		alone, err := ParseText("file.txt", releases[i])
		require.NoError(t, err)
		require.Equal(t, alone, files[i])
	}
}

func FuzzTextReader(f *testing.F) {
	plain := line(bandage()) + "\r\nA0001002004of cotton\r\n"
	f.Add([]byte(plain), []byte(plain))
	f.Add([]byte(plain), []byte(plain+"A0001003004of wool\r\n"))
	f.Add([]byte(plain+plain), []byte("\ufeff"+plain))
	f.Add([]byte(plain), []byte("   A1001007\n"+plain+"\u2603\r\n"))
	f.Fuzz(func(t *testing.T, before, data []byte) { readBoth(t, data, before) })
}

// On CMS's own releases that have a text, in their order: what is taken over is
// what would be read.
func TestTextReaderOnRealReleases(t *testing.T) {
	folder := companionFolder(t)
	quarters, err := os.ReadDir(folder)
	require.NoError(t, err)
	var texts TextReader
	taken, files := 0, 0
	var last *File
	for _, quarter := range quarters {
		if !quarter.IsDir() {
			continue
		}
		for name, data := range companionFiles(t, filepath.Join(folder, quarter.Name())) {
			if !strings.HasSuffix(strings.ToLower(name), ".txt") || !bytes.Contains(data, []byte("A0021")) || len(data) < 1<<20 {
				continue
			}
			alone, err := ParseText(name, data)
			require.NoError(t, err, name)
			file, err := texts.Read(name, data)
			require.NoError(t, err, name)
			require.Equal(t, alone, file, name)
			if last != nil {
				for i := range file.Records {
					at, found := slices.BinarySearchFunc(last.Records, file.Records[i].Code, func(r Record, code string) int { return strings.Compare(r.Code, code) })
					if found && last.Records[at].Content == file.Records[i].Content {
						taken++
					}
				}
			}
			last = file
			files++
		}
	}
	require.Equal(t, 6, files)
	t.Logf("%d records were taken over", taken)
	require.Greater(t, taken, 15_000)
}
