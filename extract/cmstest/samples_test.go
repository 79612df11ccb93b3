package cmstest

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

const samplesFolder = "../../testdata/releases"

// TestSamplesAreWritten compares the committed samples with what the program
// writes, byte for byte. A new Go release may compress in another way; write
// them again then.
func TestSamplesAreWritten(t *testing.T) {
	t.Parallel()
	var names []string
	size := 0
	for _, file := range Samples() {
		committed, err := os.ReadFile(filepath.Join(samplesFolder, file.Name))
		require.NoError(t, err)
		require.True(t, bytes.Equal(file.Content, committed), "%s differs: run go run ./extract/cmstest/writesamples testdata/releases", file.Name)
		names = append(names, file.Name)
		size += len(file.Content)
	}
	require.Less(t, size, 1<<20)

	err := filepath.WalkDir(samplesFolder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(samplesFolder, path)
		require.NoError(t, err)
		require.Contains(t, names, filepath.ToSlash(name), "nobody writes it")
		return nil
	})
	require.NoError(t, err)
}

// TestSampleChanges compares the hand-written list of changes with what a plain
// comparison finds.
func TestSampleChanges(t *testing.T) {
	t.Parallel()
	history := SampleHistory()
	require.Len(t, history.Releases, 7)
	requireSameChanges(t, plainChanges(history.Releases), sorted(history.Changes))
	requireWellFormed(t, history)

	var kinds []string
	for _, change := range history.Changes {
		kinds = append(kinds, change.Kind)
		if change.Release.String() == q4v2 {
			require.Equal(t, "J7261", change.Code)
			require.Equal(t, "long_description", change.Field)
		}
	}
	for _, kind := range []string{Added, Reappeared, Reused, Changed, Discontinued, Reactivated, Vanished, AgedOff, DateOnly, DeclaredOnly} {
		require.Contains(t, kinds, kind)
	}

	listed, err := csv.NewReader(bytes.NewReader(changesCSV(history.Changes))).ReadAll()
	require.NoError(t, err)
	require.Len(t, listed, 1+len(history.Changes))
	require.Contains(t, listed, []string{"2020Q2r1", "2020Q1r1", "E7101", "changed", "pricing_indicators", "32", "36"})
	require.Contains(t, listed, []string{"2021Q1r1", "2020Q4r2", "Q7032", "reused", "", "", ""})
}

// TestStoriesHoldTogether checks what the table of stories takes for granted.
func TestStoriesHoldTogether(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, sample := range samples {
		ids = append(ids, sample.id)
	}
	var codes []string
	for _, story := range stories {
		require.NotContains(t, codes, story.code, "told twice")
		codes = append(codes, story.code)
		last := -1
		for _, step := range story.steps {
			at := slices.Index(ids, step.release)
			require.Greater(t, at, last, "%s: %s", story.code, step.release)
			last = at
			for _, set := range []content{step.set, step.workbook} {
				for name := range set {
					require.Contains(t, append(columnNames, ActionEffectiveDate), name)
				}
			}
		}
		if story.listed != "" {
			require.Equal(t, Added, story.steps[0].kind, story.code)
			require.Equal(t, story.listed, story.steps[0].release, story.code)
		}
	}
}

// TestEveryIrregularityIsThere looks for each irregularity of domain.md in the
// files as written, and for its number in the table.
func TestEveryIrregularityIsThere(t *testing.T) {
	t.Parallel()
	packed := map[string]map[string][]byte{} // ZIP → entry → content
	readme := ""
	for _, file := range Samples() {
		if strings.HasSuffix(file.Name, ".zip") {
			packed[file.Name] = unpacked(t, file.Content)
		}
		if file.Name == "README.md" {
			readme = string(file.Content)
		}
	}
	for number := 1; number <= 15; number++ {
		require.Regexp(t, `(?m)^\| ([\d, ]+, )?`+strconv.Itoa(number)+`(, [\d, ]+)? \|`, readme)
	}
	main := func(id, ending string) []byte {
		at := slices.IndexFunc(samples, func(s sample) bool { return s.id == id })
		for name, content := range packed[samples[at].path] {
			if strings.Contains(name, "ANWEB") && strings.HasSuffix(name, ending) {
				return content
			}
		}
		t.Fatalf("%s has no %s", id, ending)
		return nil
	}
	record := func(id, code string) string {
		line := regexp.MustCompile(`(?m)^` + code + `00100[37].*\r$`).Find(main(id, ".txt"))
		require.NotNil(t, line, "%s of %s", code, id)
		return strings.TrimSuffix(string(line), "\r")
	}

	first := lines(t, main(q1, ".txt"))
	require.True(t, strings.HasPrefix(first[0], "`  "))
	require.Len(t, first[0], 293)
	lengths := map[int]bool{}
	for _, line := range slices.Concat(first, lines(t, main(q2, ".txt")), lines(t, main(q4, ".txt"))) {
		lengths[len(line)] = true
	}
	for _, length := range []int{290, 293, 294, 91, 316, 320} {
		require.True(t, lengths[length], length)
	}
	require.Contains(t, record(q1, "   T7"), "Ride\twithout")
	require.Contains(t, record(q1, "V7211"), "LENS, BIFOCAL")
	require.Contains(t, record(q2, "V7211"), "Lens, bifocal")
	require.Equal(t, "D20190701  ", record(q2, "C7151")[229:240])
	require.Equal(t, "DYY20190701", record(q3, "C7151")[229:240])
	require.Equal(t, "0000", record(q2, "   X7")[252:256])
	require.Contains(t, record(q3, "G7201"), "1951?1965, at week 6 ? 20")
	require.Contains(t, record(q4, "G7201"), "1951\x961965, at week 6 \x96 20")
	require.Equal(t, "        ", record(q2, "G7161")[276:284])
	require.Equal(t, "20200601", record(q3, "Q7163")[276:284])
	require.Equal(t, "CPT  ", record(q3, "J7021")[204:209])
	require.Equal(t, "E7014E7015A7023", record(q1of2, "E7013")[204:219])
	preambles := map[string]int{q1: 0, q2: 11, q3: 0, q4: 8, q4v2: 8, q1of2: 1}
	for id, want := range preambles {
		have := 0
		for _, line := range lines(t, main(id, ".txt")) {
			if len(line) > 11 && strings.ContainsRune("3478", rune(line[10])) && regexp.MustCompile(`^\d{5}$`).MatchString(line[5:10]) {
				break
			}
			have++
		}
		require.Equal(t, want, have, id)
	}
	require.Contains(t, string(main(q2, ".txt")), "\xa0")

	header := func(id string) int {
		file := open(t, main(id, ".xlsx"))
		return slices.IndexFunc(rows(t, file, file.GetSheetList()[0]), func(row []string) bool { return len(row) > 0 && row[0] == "HCPC" }) + 1
	}
	require.Equal(t, []int{1, 11, 8}, []int{header(q1), header(q2), header(q4)})
	inflated, err := open(t, main(q3, ".xlsx")).GetSheetDimension("A")
	require.NoError(t, err)
	require.Equal(t, "A1:AV16965", inflated)

	row := func(id, code string, number int) []string {
		file := open(t, main(id, ".xlsx"))
		for _, row := range rows(t, file, file.GetSheetList()[0]) {
			if len(row) > 3 && row[0] == code {
				if number--; number == 0 {
					return row
				}
			}
		}
		return nil
	}
	require.Equal(t, []string{"0020", "4"}, row(q3, "G7221", 2)[1:3])
	require.Contains(t, row(q3, "G7201", 1)[3], "1951–1965")
	effective := slices.Index(xlsxHeaders, "ACT EFF DT")
	require.Equal(t, "20201001", row(q4, "A7132", 1)[effective])
	require.Equal(t, "20050101", record(q4, "A7132")[276:284])
	require.Equal(t, []string{"20", "190701"}, row(q2, "C7151", 1)[31:33])

	july := unpackedReport(t, packed, q3)
	require.Contains(t, rows(t, july, "Changes by Action Code")[10], "ACTION CD")
	require.True(t, slices.ContainsFunc(rows(t, july, "Changes by HCPC code"), func(row []string) bool {
		return len(row) > 1 && row[0] == "L7303" && row[1] == "Long/Short Description Change"
	}))
	require.Equal(t, "Changes by HCPCS Code", unpackedReport(t, packed, q2).GetSheetList()[0])

	require.Len(t, packed[correctionsPath], 2)
	require.Len(t, packed[nocPath], 1)
}

func unpackedReport(t *testing.T, packed map[string]map[string][]byte, id string) *excelize.File {
	t.Helper()
	at := slices.IndexFunc(samples, func(s sample) bool { return s.id == id })
	for name, content := range packed[samples[at].path] {
		if strings.Contains(name, "Trans") {
			return open(t, content)
		}
	}
	t.Fatalf("%s has no transaction report", id)
	return nil
}

func unpacked(t *testing.T, content []byte) map[string][]byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	entries := map[string][]byte{}
	for _, entry := range archive.File {
		reader, err := entry.Open()
		require.NoError(t, err)
		entries[entry.Name], err = io.ReadAll(reader)
		require.NoError(t, err)
	}
	return entries
}
