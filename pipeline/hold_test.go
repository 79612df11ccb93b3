package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// damages are what can befall a good release as a whole, and what a review says
// of it.
var damages = []struct {
	name   string
	damage func(text string) string
	says   string
}{
	{"only a third is there", func(text string) string { return firstLines(text, 1, 3) }, "are missing without having been terminated"},
	{"a third is missing", func(text string) string { return firstLines(text, 2, 3) }, "are missing without having been terminated"},
	{"lines that are none", func(text string) string {
		return eachRecord(text, func(i int, line string) string { return when(i%10 == 0, "x"+line[1:3]+"-"+line[4:], line) })
	}, "lines are unreadable, too short or too long"},
	{"lines cut short", func(text string) string {
		return eachRecord(text, func(i int, line string) string { return when(i%10 == 0, line[:200], line) })
	}, "lines are unreadable, too short or too long"},
	{"dates that are none", func(text string) string {
		return eachRecord(text, func(i int, line string) string { return when(i%10 == 0, line[:268]+"20209999"+line[276:], line) })
	}, "records have a date that is none"},
	{"dates of another calendar", func(text string) string {
		return eachRecord(text, func(_ int, line string) string { return line[:268] + "00200101" + line[276:] })
	}, "records have a date that is none"},
	{"values of no code list", func(text string) string {
		return eachRecord(text, func(_ int, line string) string { return line[:229] + "?" + line[230:] })
	}, "records have a value that no code list of CMS's has"},
	{"columns shifted as in the C-codes of 2018", func(text string) string {
		return eachRecord(text, func(_ int, line string) string { return line[:230] + line[232:242] + "  " + line[242:] })
	}, "records have a "},
	{"other descriptions", func(text string) string {
		return eachRecord(text, func(i int, line string) string {
			return line[:11] + fmt.Sprintf("%-60.60s", fmt.Sprintf("Other words altogether, number %d", i)) + line[71:]
		})
	}, "by more than typography"},
	{"the actions of another year", func(text string) string {
		return eachRecord(text, func(_ int, line string) string { return line[:276] + "20100101" + line[284:] })
	}, "declared actions take effect outside the time around 2020Q"},
	{"the actions of the next quarter", func(text string) string {
		return eachRecord(text, func(_ int, line string) string { return line[:276] + "20200701" + line[284:] })
	}, "declared actions take effect in 2020Q3, not in 2020Q"},
}

func when(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

func firstLines(text string, share, of int) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(lines[:len(lines)*share/of], "")
}

// eachRecord changes the first line of each record.
func eachRecord(text string, change func(i int, line string) string) string {
	var out strings.Builder
	count := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		body := strings.TrimRight(line, "\r\n")
		if len(body) >= 284 && (body[10] == '3' || body[10] == '7') {
			out.WriteString(change(count, body) + line[len(body):])
			count++
			continue
		}
		out.WriteString(line)
	}
	return out.String()
}

// Each kind of damage, made from a good release, is held, with what was seen
// against what is accepted. Nothing of it is in the tables but its row in
// releases; each run says so until it is accepted; then it is loaded.
func TestEachKindOfDamageIsHeld(t *testing.T) {
	releases := manyDeclared(t)
	one, two := releases[0].TXT(cmstest.TXTOptions{}), string(releases[1].TXT(cmstest.TXTOptions{}))
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "2020Q1", "HCPC2020_ANWEB.txt"), one)
	first := configFor(t, folder)
	mustRunSometime(t, first)
	before := tablesOf(t, first)

	whole := copyOf(t, first)
	whole.Source = t.TempDir()
	writeFile(t, filepath.Join(whole.Source, "2020Q2", "HCPC2020_APR_ANWEB.txt"), []byte(two))
	require.Len(t, mustRunSometime(t, whole).Loaded, 1, "undamaged, it is loaded")

	for _, c := range damages {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			damaged := c.damage(two)
			require.NotEqual(t, two, damaged)
			config := copyOf(t, first)
			config.Source = t.TempDir()
			writeFile(t, filepath.Join(config.Source, "2020Q2", "HCPC2020_APR_ANWEB.txt"), []byte(damaged))
			for range 2 {
				summary, err := Run(context.Background(), config, nil, sometime())
				require.ErrorIs(t, err, ErrHeld)
				require.Empty(t, summary.Loaded)
				require.Len(t, summary.Held, 1)
				require.Contains(t, summary.Held[0].HeldBecause, c.says)
				require.Regexp(t, `[0-9]+ of [0-9]+ .* \([0-9.]+ %; up to [0-9.]+ % is accepted\)`, summary.Held[0].HeldBecause)
			}
			requireOnlyItsRow(t, config, before, "2020Q2r1")
			summary, err := Run(context.Background(), config, []release.ID{id(t, "2020Q2r1")}, sometime())
			require.NoError(t, err)
			require.Len(t, summary.Loaded, 1)
		})
	}
}

// Whoever gets the text of a release whose workbook cannot be read has it loaded.
func TestTheTextOfAWorkbookThatCannotBeRead(t *testing.T) {
	released := sampleReleases()[1]
	book, err := excelize.OpenReader(bytes.NewReader(released.XLSX(cmstest.XLSXOptions{})))
	require.NoError(t, err)
	sheet := book.GetSheetName(0)
	places, err := book.SearchSheet(sheet, "TERM DT")
	require.NoError(t, err)
	require.Len(t, places, 1)
	require.NoError(t, book.SetCellValue(sheet, places[0], "TERMINATED"))
	var workbook bytes.Buffer
	require.NoError(t, book.Write(&workbook))

	config := configFor(t, t.TempDir())
	folder := filepath.Join(config.Source, "2020Q2")
	writeFile(t, filepath.Join(folder, "HCPC2020_APR_ANWEB.xlsx"), workbook.Bytes())
	summary, err := Run(context.Background(), config, nil, sometime())
	require.ErrorIs(t, err, ErrHeld)
	require.Contains(t, summary.Held[0].HeldBecause, "TERM DT")

	writeFile(t, filepath.Join(folder, "HCPC2020_APR_ANWEB.txt"), released.TXT(cmstest.TXTOptions{}))
	plan, err := Plan(context.Background(), config, nil, sometime())
	require.NoError(t, err)
	require.Contains(t, plan, Planned{"load", "2020Q2r2", "unless it does not look right"})
	summary, err = Run(context.Background(), config, nil, sometime())
	require.NoError(t, err, "what waited for it is no matter any more")
	require.Empty(t, summary.Held)
	require.Empty(t, summary.Repackaged)
	require.Len(t, summary.Loaded, 1)
	require.Equal(t, "2020Q2r2", summary.Loaded[0].Release.ID.String())
	require.Len(t, released.Codes, summary.Loaded[0].Release.Records)
	status, err := ReadStatus(config)
	require.NoError(t, err)
	require.Zero(t, status.Held)
	_, err = Run(context.Background(), config, []release.ID{{Quarter: release.Quarter{Year: 2020, Number: 2}, Revision: 1}}, sometime())
	require.ErrorContains(t, err, "it cannot be loaded")
}

// manyDeclared are two good releases; the second declares enough for its dates
// to be judged.
func manyDeclared(t *testing.T) []cmstest.Release {
	t.Helper()
	releases := cmstest.Generate(cmstest.Options{Seed: 4, Quarters: 2, Codes: 200, ChangesPerQuarter: 25}).Releases
	declared := slices.DeleteFunc(slices.Clone(releases[1].Codes), func(code cmstest.Code) bool { return code.ActionCode == "N" })
	require.Greater(t, len(declared), 15)
	return releases
}

// requireOnlyItsRow: of a held release there is its row, and nothing else.
func requireOnlyItsRow(t *testing.T, config Config, before map[string]any, held string) {
	t.Helper()
	after := tablesOf(t, config)
	for table := range before {
		if table != "releases" {
			require.Equal(t, before[table], after[table], table)
		}
	}
	published, err := load.OpenPublished(context.Background(), config.Paths().Published, config.Resources())
	require.NoError(t, err)
	defer func() { require.NoError(t, published.Close()) }()
	rows, err := askAll(context.Background(), published, `SELECT state, held_because IS NOT NULL, (SELECT count(*) FROM releases) FROM releases WHERE release = '`+held+`'`)
	require.NoError(t, err)
	require.Equal(t, [][]any{{"held", true, int64(2)}}, rows)
}

// Columns that are shifted throughout, from whatever column on and in either
// direction, are noticed.
func TestShiftedColumnsAreHeld(t *testing.T) {
	releases := manyDeclared(t)
	before := parsedText(t, releases[0].TXT(cmstest.TXTOptions{}))
	good := string(releases[1].TXT(cmstest.TXTOptions{}))
	require.Empty(t, reviewOf(t, before, good, "2020Q1", "2020Q2"))
	for _, column := range []int{11, 91, 119, 127, 128, 146, 170, 180, 229, 230, 232, 240, 244, 252, 256, 268} { // from 0
		for _, by := range []int{-4, -3, -2, -1, 1, 2, 3, 4} {
			shifted := eachRecord(good, func(_ int, line string) string {
				if by > 0 {
					return line[:column] + strings.Repeat(" ", by) + line[column:]
				}
				return line[:column] + line[column-by:]
			})
			require.NotEmpty(t, reviewOf(t, before, shifted, "2020Q1", "2020Q2"), "shifted by %d from column %d on", by, column+1)
		}
	}
}

// A twentieth of a long list may be gone, and a quarter of a short one: there, a few
// codes are a large share.
func TestHowManyCodesMayBeGone(t *testing.T) {
	for _, c := range []struct {
		codes, gone int
		held        bool
	}{{3000, 150, false}, {3000, 151, true}, {1000, 99, false}, {1000, 100, true}, {200, 45, false}, {200, 60, true}} {
		codes := cmstest.Generate(cmstest.Options{Seed: 5, Quarters: 1, Codes: 2 * c.codes}).Releases[0]
		codes.Codes = slices.DeleteFunc(codes.Codes, func(code cmstest.Code) bool { return code.TerminationDate != "" })[:c.codes]
		before := parsedText(t, codes.TXT(cmstest.TXTOptions{}))
		require.Len(t, before.Records, c.codes)
		codes.Codes = codes.Codes[c.gone:]
		reasons := reviewOf(t, before, string(codes.TXT(cmstest.TXTOptions{})), "2020Q1", "2020Q2")
		require.Equal(t, c.held, strings.Contains(strings.Join(reasons, "; "), "are missing without having been terminated"), "%d of %d: %v", c.gone, c.codes, reasons)
	}
}

func parsedText(t *testing.T, text []byte) *transform.File {
	t.Helper()
	file, err := transform.ParseText("HCPC.txt", text)
	require.NoError(t, err)
	return file
}

// reviewOf reviews a text against the release before it with the default limits.
func reviewOf(t *testing.T, before *transform.File, text, previous, quarter string) []string {
	t.Helper()
	file, err := transform.ParseText("HCPC.txt", []byte(text))
	if err != nil {
		return []string{err.Error()}
	}
	touched := make([]*transform.Record, len(before.Records))
	for i := range before.Records {
		touched[i] = &before.Records[i]
	}
	return transform.Review(id(t, quarter+"r1").Quarter, file,
		transform.Before{Quarter: id(t, previous+"r1").Quarter, Records: len(before.Records), Touched: touched}, transform.DefaultReviewLimits)
}

// The same of CMS's own releases: good as they are, held when damaged, and held
// under the name of another year.
func TestRealReleasesDamagedAreHeld(t *testing.T) {
	data := loadRealReleases(t)
	archive, err := extract.OpenArchive(data.config.Paths().Archive)
	require.NoError(t, err)
	archived, err := archive.Releases(context.Background())
	require.NoError(t, err)
	texts := map[string]string{}
	for _, one := range archived {
		if one.Main.Format == extract.FormatText {
			text, err := one.ReadMain(context.Background())
			require.NoError(t, err)
			texts[one.ID.String()] = string(text)
		}
	}
	before, good := parsedText(t, []byte(texts["2019Q1r1"])), texts["2020Q1r1"]
	require.Empty(t, reviewOf(t, before, good, "2019Q1", "2020Q1"))
	for _, c := range damages {
		require.Contains(t, strings.Join(reviewOf(t, before, c.damage(good), "2019Q1", "2020Q1"), "; "), c.says, c.name)
	}
	for name, text := range texts {
		of := id(t, name).Quarter
		for _, years := range []int{-1, 1} {
			named := release.Quarter{Year: of.Year + years, Number: of.Number}
			require.Contains(t, strings.Join(transform.Review(named, parsedText(t, []byte(text)), transform.Before{}, transform.DefaultReviewLimits), "; "),
				"declared actions take effect outside the time around "+named.String(), name)
		}
	}
}

// An error names the releases that are held back, as long as they are few.
func TestHeldNames(t *testing.T) {
	held := make([]load.Release, 7)
	for i := range held {
		held[i].ID = release.ID{Quarter: release.Quarter{Year: 2020 + i/4, Number: i%4 + 1}, Revision: 1}
	}
	require.Equal(t, "2020Q1r1", heldNames(held[:1]))
	require.Equal(t, "2020Q1r1, 2020Q2r1, 2020Q3r1, 2020Q4r1, 2021Q1r1", heldNames(held[:5]))
	require.Equal(t, "2020Q1r1, 2020Q2r1, 2020Q3r1, 2020Q4r1, 2021Q1r1 and 2 more", heldNames(held))
}
