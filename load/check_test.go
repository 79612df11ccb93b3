package load

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// publishSample publishes the sample releases (~0.5 s).
func publishSample(t *testing.T) string {
	t.Helper()
	w := openTestWarehouse(t, inMemory)
	releases := cmstest.SampleHistory().Releases
	for i := range releases {
		loadInto(t, w, &releases[i])
	}
	path := filepath.Join(t.TempDir(), "hcpcs.duckdb")
	require.NoError(t, w.Publish(context.Background(), path, nil))
	require.NoError(t, w.Close())
	return path
}

// checkText checks claim lines given as text, and gives the rows of the result,
// those columns of it that are asked for joined with |.
func checkText(t *testing.T, published, text string, options CheckOptions, columns string) (*ClaimCheck, []string) {
	t.Helper()
	folder := t.TempDir()
	options.Input, options.Output = filepath.Join(folder, "claims.csv"), filepath.Join(folder, "result.csv")
	require.NoError(t, os.WriteFile(options.Input, []byte(text), 0o600))
	checked, err := CheckClaims(context.Background(), published, options)
	require.NoError(t, err)
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 2, "nothing but the result is left behind")
	return checked, readResult(t, "read_csv("+quoteText(options.Output)+", all_varchar = true, header = true)", columns)
}

func readResult(t *testing.T, source, columns string) []string {
	t.Helper()
	db, err := openDatabase(context.Background(), Resources{})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.close()) }()
	rows, err := db.conn.QueryContext(context.Background(), "SELECT concat_ws('|', "+columns+") FROM "+source)
	require.NoError(t, err)
	defer rows.Close() // after reading, nothing can be lost
	var lines []string
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		lines = append(lines, line)
	}
	require.NoError(t, rows.Err())
	return lines
}

func TestCheckOddFiles(t *testing.T) {
	published := publishSample(t)
	for name, example := range map[string]struct {
		text    string
		options CheckOptions
		columns string
		result  []string
		leftOut int64
		lines   []int64 // malformed ones
	}{
		"byte order mark, CRLF, lower case and blanks": {
			text: "\xef\xbb\xbfHCPCS Code,Service-Date\r\n e7011 ,2020-03-31\r\nE7011, 2020-04-01\r\n", columns: "hcpcs_verdict, hcpcs_since, hcpcs_replaced_by",
			result: []string{"valid", "invalid|2020-04-01|E7012"},
		},
		"line ends inside quotation marks": {
			text: "note,code,dos\n\"a\nb\",E7011,2020-03-31\nx,E7011,never\n", columns: "note, hcpcs_verdict",
			result: []string{"a\nb|valid", "x|malformed"}, lines: []int64{4},
		},
		"a quotation mark that is not closed": {
			text: "code,dos,note\nE7011,2020-03-31,\"open\nE7011,2020-04-01,x\nE7011,2020-03-31,it's 5\" wide\nE7011,2020-03-31,\"a\"b\n", columns: "hcpcs_verdict, note",
			result: []string{"invalid|x", "valid|it's 5\" wide"}, leftOut: 2, lines: []int64{2, 5},
		},
		"blank lines, and a last line without an end": {
			text: "code,dos\n\nE7011,2020-03-31\r\n\r\nE7011,never", columns: "hcpcs_verdict", result: []string{"valid", "malformed"}, lines: []int64{5},
		},
		"a line that is too long": {
			text: "code,dos,note\nE7011,2020-03-31," + strings.Repeat("x", 3*longestLine) + "\nE7011,2020-04-01,y\nE7011,,z\n", columns: "hcpcs_verdict, note",
			result: []string{"invalid|y", "malformed|z"}, leftOut: 1, lines: []int64{2, 4},
		},
		"not in UTF-8": {
			text: "code,dos,note\nE7011,2020-03-31,caf\xe9\nE7011,2020-04-01,y\n", columns: "hcpcs_verdict", result: []string{"invalid"}, leftOut: 1, lines: []int64{2},
		},
		"dates in all their ways": {
			text:   "code,dos\nE7011,4/1/2020\nE7011,2020/4/1\nE7011,2020-04-01T10:30:00Z\nE7011,2020-04-01 00:00:00.000\nE7011,04-01-2020 9:05 AM\nE7011,20200401\nE7011,2020-02-30\nE7011,04/01/20\nE7011,2020-04-01x\nE7011,epoch\nE7011,1949-12-31\n",
			result: []string{"invalid", "invalid", "invalid", "invalid", "invalid", "invalid", "malformed", "malformed", "malformed", "malformed", "malformed"}, columns: "hcpcs_verdict",
			lines: []int64{8, 9, 10, 11, 12},
		},
		"more modifiers than are looked at": {
			text: "code,mods,dos\nE7013,K4 V8 K4 V8 K4 V8 K4,2020-05-01\n", columns: "hcpcs_verdict, hcpcs_reason",
			result: []string{"uncertain|more than 6 modifiers: the others were not checked"},
		},
		"a code with a control character": {
			text: "code,dos\nA\x1fB;\",2020-05-01\n", columns: "hcpcs_reason, hcpcs_description", result: []string{"A B;\" is in no release"},
		},
		"semicolons": {
			text: "code;dos;note\nE7011;04/01/2020;a,b\n", columns: "note, hcpcs_verdict", result: []string{"a,b|invalid"},
		},
		"what delimits is said, and lines are counted from there": {
			text: "sep=|\ncode|dos|a,b,c\nE7011|2020-03-31|x,y\nE7011|never|z\n", columns: "hcpcs_verdict", result: []string{"valid", "malformed"}, lines: []int64{4},
		},
		"only a header": {text: "code,dos\n", columns: "hcpcs_verdict"},
		"modifiers in one column": {
			text: "code,mods,dos\nE7013,\"k4,v8\",2020-05-01\nE7013,K4 ZZ,2020-05-01\n", columns: "hcpcs_verdict, hcpcs_modifiers",
			result: []string{"valid|K4 valid;V8 valid", "invalid|K4 valid;ZZ unknown_code"},
		},
		"numbers of a column that has gaps": {
			text:    "code,mod1,mod2,dos\n99213.0,59.0,,2020-05-01\nE7013,25.0,k4,2020-05-01\nE7013,5.9,59.00,2020-05-01\nE7013.0,.0,,2020-05-01\n",
			columns: "hcpcs_verdict, hcpcs_modifiers",
			result: []string{
				"other_code_set|59 other_code_set", "valid|25 other_code_set;K4 valid", "invalid|5.9 unknown_code;59.00 unknown_code", "invalid|.0 unknown_code",
			},
		},
		"a number where one column holds several modifiers": {
			text:    "code,mods,dos\nE7013,59.0,2020-05-01\nE7013,5925.0,2020-05-01\nE7013,\"59.0, 25.0\",2020-05-01\nE7013,\"59.05 K4.0\",2020-05-01\n",
			columns: "hcpcs_verdict, hcpcs_modifiers",
			result: []string{
				"valid|59 other_code_set", "valid|59 other_code_set;25 other_code_set", "valid|59 other_code_set;25 other_code_set",
				"invalid|59 other_code_set;05 other_code_set;K4 valid;0 unknown_code",
			},
		},
		"modifiers that are run together": {
			text:    "code,mods,dos\nE7013,k4v8,2020-05-01\nE7013,K4V859,2020-05-01\nE7013,K4V8K4ZZ,2020-05-01\nE7013,K4V,2020-05-01\nE7013,null,2020-05-01\nE7013,E7013,2020-05-01\nE7013,K4V8 59,2020-05-01\n",
			columns: "hcpcs_verdict, hcpcs_modifiers",
			result: []string{
				"valid|K4 valid;V8 valid", "valid|K4 valid;V8 valid;59 other_code_set", "invalid|K4 valid;V8 valid;K4 valid;ZZ unknown_code",
				"invalid|K4V unknown_code", "valid", "invalid|E7013 wrong_kind", "invalid|K4V8 unknown_code;59 other_code_set",
			},
		},
		"modifiers that are run together in one of several columns": {
			text: "code,mod1,mod2,dos\nE7013,K4V8,59,2020-05-01\n", columns: "hcpcs_verdict, hcpcs_modifiers", result: []string{"valid|K4 valid;V8 valid;59 other_code_set"},
		},
		"words for nothing": {
			text:    "code,mod1,mod2,dos\nE7013,NULL,nan,2020-05-01\nnull,,None,2020-05-01\nE7013,NUL,,2020-05-01\n",
			columns: "hcpcs_verdict, hcpcs_modifiers", result: []string{"valid", "no_code", "invalid|NUL unknown_code"},
		},
		"wrong number of cells": {
			text: "code,dos\nE7011,2020-03-31\nE7011\nE7011,2020-03-31,x\nE7011,2020-04-01\nE7011,20209999\n", columns: "hcpcs_verdict",
			result: []string{"valid", "invalid", "malformed"}, leftOut: 2, lines: []int64{3, 4, 6},
		},
		"a modifier in place of a code, and a code in place of a modifier": {
			text: "code,mod1,dos\nk4,,2020-05-01\nE7013,e7013,2020-05-01\nE7013,99213,2020-05-01\n25,25,2020-05-01\n,E7013,2010-01-01\n", columns: "hcpcs_verdict, coalesce(hcpcs_code_status, '-'), coalesce(hcpcs_reason, '-'), hcpcs_modifiers",
			result: []string{
				"invalid|wrong_kind|K4 is a modifier, not a procedure code", "invalid|valid|E7013 is a procedure code, not a modifier|E7013 wrong_kind",
				// Those of CPT are not for these files to tell apart.
				"valid|valid|-|99213 other_code_set", "other_code_set|other_code_set|25 is not HCPCS Level II (CPT or CDT): not for these files to say|25 other_code_set",
				"invalid|-|there is no code; E7013 is a procedure code, not a modifier|E7013 wrong_kind",
			},
		},
		"columns that are named": {
			text: "a,b,c\nE7011,2020-03-31,2020-02-01\n", options: CheckOptions{Code: "A", Date: "b", Paid: "c"}, columns: "hcpcs_verdict, hcpcs_verdict_when_paid, hcpcs_release_when_paid",
			result: []string{"valid|valid|2020Q1r1"},
		},
		"names that could be SQL": {
			text: "code,dos,\"it's \"\"; DROP\"\nE7011,2020-03-31,x\n", columns: `hcpcs_verdict, "it's ""; DROP"`, result: []string{"valid|x"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			checked, result := checkText(t, published, example.text, example.options, example.columns)
			require.Equal(t, example.result, result)
			require.EqualValues(t, len(example.result), checked.Lines)
			require.Equal(t, example.leftOut, checked.LeftOut)
			var lines []int64
			for _, line := range checked.Malformed {
				lines = append(lines, line.Line)
			}
			require.Equal(t, example.lines, lines)
		})
	}
}

// TestCheckSaysItsBounds: what is too much is said with the bound that was passed.
func TestCheckSaysItsBounds(t *testing.T) {
	published := publishSample(t)
	checked, _ := checkText(t, published, "code,dos,note\nE7011,2020-03-31,"+strings.Repeat("x", longestLine)+"\n", CheckOptions{}, "1")
	require.Equal(t, []MalformedLine{{Line: 2, Problem: "longer than " + strconv.Itoa(longestLine/1024/1024) + " MiB"}}, checked.Malformed)
	mods := strings.Repeat("K4 ", mostTogether)
	_, result := checkText(t, published, "code,mods,dos\nE7013,"+mods+",2020-05-01\nE7013,"+mods+"V8,2020-05-01\n", CheckOptions{}, "coalesce(hcpcs_reason, '')")
	require.Equal(t, []string{"", "more than " + strconv.Itoa(mostTogether) + " modifiers: the others were not checked"}, result)
}

// TestCheckAgrees: check says of each code what the macro claim_status says, now
// and when paid, unless it is a modifier, which is no code of a line, whatever its
// date; in the order of the file, and the same from CSV and from Parquet.
// The file has several blocks, and quotation marks and line ends in its cells.
func TestCheckAgrees(t *testing.T) { testCheckAgrees(t, publishSample(t), 1) }

// testCheckAgrees checks claims of every code, or of one code of so many.
func testCheckAgrees(t *testing.T, published string, oneOf int) {
	ctx := context.Background()
	folder := t.TempDir()
	db, err := openDatabase(ctx, Resources{})
	require.NoError(t, err)
	require.NoError(t, db.attach(ctx, published, "hcpcs", " (READ_ONLY)"))
	output := func(format string) string { return quoteText(filepath.Join(folder, "result."+format)) }
	var checks []*ClaimCheck
	for _, format := range []string{"csv", "parquet"} {
		_, err := db.conn.ExecContext(ctx, `COPY (
			SELECT row_number() OVER () AS line, code, DATE '2016-06-15' + CAST(hash(code || day) % 2200 AS INTEGER) AS dos, day AS paid_date,
			       list_value('K4', '25', 'ZZ', NULL)[1 + CAST(hash(code || day || 1) % 4 AS INTEGER)] AS modifier1,
			       list_value('V8', 'rt', '1P', 'P7')[1 + CAST(hash(code || day || 2) % 4 AS INTEGER)] AS modifier2,
			       repeat('a "quoted" word, and' || chr(10) || 'a line ', 1 + CAST(hash(code || day || 3) % 200 AS INTEGER)) AS note
			FROM (SELECT code FROM codes WHERE hash(code) % `+strconv.Itoa(oneOf)+` = 0 UNION ALL SELECT unnest(['99213', '0001F', '9921', 'Z9999', 'D0120', 'D012X', 'RT', '25', '1P', '8P', '4P', 'P6', 'P7', 'é', chr(31)])),
			     (SELECT unnest([DATE '2010-01-01', '2019-06-01', '2020-02-20', '2020-09-01', '2021-05-01']) AS day)
		) TO `+quoteText(filepath.Join(folder, "claims."+format)))
		require.NoError(t, err)
		checked, err := CheckClaims(ctx, published, CheckOptions{Input: filepath.Join(folder, "claims."+format), Output: filepath.Join(folder, "result."+format)})
		require.NoError(t, err)
		checked.Malformed = nil // by lines in one, by rows in the other
		checks = append(checks, checked)
		require.Greater(t, checked.Lines, int64(1000))
		var differing, disordered int
		require.NoError(t, db.conn.QueryRowContext(ctx, fmt.Sprintf(`
			SELECT count(*) FILTER (hcpcs_code_status IS DISTINCT FROM coalesce(misplaced, claim_status(code, dos)) OR hcpcs_code_status_when_paid IS DISTINCT FROM coalesce(misplaced, claim_status(code, dos, known := paid_date))
			           OR hcpcs_modifiers IS DISTINCT FROM concat_ws(';', modifier1 || ' ' || claim_status(modifier1, dos), upper(modifier2) || ' ' || claim_status(modifier2, dos))),
			       count(*) FILTER (CAST(line AS BIGINT) <> place)
			FROM (SELECT *, row_number() OVER () AS place, CASE WHEN code IN (SELECT code FROM codes WHERE kind = 'modifier') THEN 'wrong_kind' END AS misplaced FROM %s)`, output(format))).Scan(&differing, &disordered))
		require.Zero(t, differing)
		require.Zero(t, disordered)
	}
	info, err := os.Stat(filepath.Join(folder, "claims.csv"))
	require.NoError(t, err)
	require.Greater(t, info.Size(), int64(4*csvBlockSize))
	require.Equal(t, checks[0], checks[1], "the summaries")
	var differing int
	require.NoError(t, db.conn.QueryRowContext(ctx, `
		SELECT count(*) FROM (
			FROM (SELECT COLUMNS(*)::VARCHAR FROM read_csv(`+output("csv")+`, all_varchar = true, header = true, max_line_size = 4194304))
			EXCEPT ALL FROM (SELECT COLUMNS(*)::VARCHAR FROM `+output("parquet")+`))`).Scan(&differing))
	require.Zero(t, differing, "lines of which CSV and Parquet say something else")
	require.NoError(t, db.close())
}

// TestCheckCauses: the cause of a line's verdict is what gave it the verdict,
// whatever else is to be said of the line.
func TestCheckCauses(t *testing.T) {
	published := publishSample(t)
	const header = "code,mod1,mod2,dos\n"
	for line, cause := range map[string]CheckCause{
		"E7011,,,2020-04-01":      {"invalid", "E7011 ended: its last valid day was 2020-03-31", 1},
		"E7011,ZZ,,2020-04-01":    {"invalid", "E7011 ended: its last valid day was 2020-03-31; and more", 1},
		"E7013,ZZ,XX,2020-05-01":  {"invalid", "a code or modifier is in no release", 1},
		"Z9999,ZZ,,2019-06-01":    {"uncertain", "the date is before what the loaded releases can tell", 1},
		"Z9999,E7013,,2019-06-01": {"invalid", "a modifier stands in place of a procedure code, or the other way round", 1},
		"G7042,E7013,,2020-08-01": {"invalid", "a modifier stands in place of a procedure code, or the other way round", 1},
		"J7031,ZZ,,2019-06-01":    {"invalid", "J7031 ended: its last valid day was 2017-12-31; and more", 1},
		"G7042,,,2020-08-01":      {"uncertain", "G7042 is not in CMS's file since 2020Q3, and no release ended it", 1},
		",ZZ,,2020-05-01":         {"invalid", "a code or modifier is in no release", 1},
		"99213,ZZ,,2020-05-01":    {"invalid", "a code or modifier is in no release", 1},
		"99213,ZZ,,2022-05-01":    {"uncertain", "the release for the date is not loaded", 1},
		"C7152,ZZ,,2020-01-20":    {"invalid", "C7152 was not valid yet: it starts on 2020-04-01; and more", 1},
	} {
		checked, _ := checkText(t, published, header+line+"\n", CheckOptions{}, "1")
		require.Equal(t, []CheckCause{cause}, checked.Causes, line)
	}
	checked, _ := checkText(t, published, header+"E7011,,,2020-03-31\n99213,,,2020-03-31\n,,,2020-03-31\nE7011,,,never\n", CheckOptions{}, "1")
	require.Empty(t, checked.Causes, "of lines that are neither invalid nor uncertain")
}

// TestCheckKeepsLines: a line stands in the result as it stood in the file, what
// stands before the header and the line ends too, and whoever may not read the file
// may not read the result.
func TestCheckKeepsLines(t *testing.T) {
	published := publishSample(t)
	for name, example := range map[string]struct{ opening, header, delimiter, lineEnd string }{
		"line feeds":                     {"", `"code",dos,note`, ",", "\n"},
		"carriage returns before them":   {"", `"code",dos,note`, ",", "\r\n"},
		"a byte order mark":              {"\xef\xbb\xbf", "code,dos,note", ",", "\r\n"},
		"a line that says what delimits": {"sep=;\r\n", "code;dos;note", ";", "\r\n"},
		"both":                           {"\xef\xbb\xbfSEP=^\n", "code^dos^note", "^", "\n"},
		"delimiters in quotation marks":  {"", `code;dos;"note, or remark, or words, with ""them"", and; more"`, ";", "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			options := CheckOptions{Input: filepath.Join(folder, "claims.csv"), Output: filepath.Join(folder, "result.csv")}
			cells := func(cells ...string) string { return strings.Join(cells, example.delimiter) }
			lines := []string{
				cells(`"E7011"`, "2020-03-31", `""`), cells(" e7011", "2020-03-31", "=1+1"), cells("E7011", "2020-03-31", `"a`+example.lineEnd+`b"`), cells("E7011", "2020-03-31", ""),
			}
			// The last line has no end.
			text := example.opening + example.header + example.lineEnd + strings.Join(lines, example.lineEnd)
			require.NoError(t, os.WriteFile(options.Input, []byte(text), 0o600))
			_, err := CheckClaims(context.Background(), published, options)
			require.NoError(t, err)
			result, err := os.ReadFile(options.Output)
			require.NoError(t, err)
			want := example.opening + cells(append([]string{example.header}, resultColumns...)...) + example.lineEnd
			for _, line := range lines {
				want += cells(line, "valid", "valid", "", "", "", "true", "Mist engine first pattern", "", "", "", "", "") + example.lineEnd
			}
			require.Equal(t, want, string(result))
			info, err := os.Stat(options.Output)
			require.NoError(t, err)
			require.Equal(t, fs.FileMode(0o600), info.Mode())
		})
	}
}

// TestCheckStops: a check that is called off leaves nothing behind.
func TestCheckStops(t *testing.T) {
	published := publishSample(t)
	for _, format := range []string{"csv", "parquet"} {
		folder := t.TempDir()
		input := filepath.Join(folder, "claims."+format)
		db, err := openDatabase(context.Background(), Resources{})
		require.NoError(t, err)
		_, err = db.conn.ExecContext(context.Background(), `COPY (SELECT 'E7011' AS code, '2020-03-31' AS dos) TO `+quoteText(input))
		require.NoError(t, errors.Join(err, db.close()))
		ctx, stop := context.WithCancel(context.Background())
		stop()
		_, err = CheckClaims(ctx, published, CheckOptions{Input: input, Output: filepath.Join(folder, "result."+format)})
		require.ErrorIs(t, err, context.Canceled)
		entries, err := os.ReadDir(folder)
		require.NoError(t, err)
		require.Len(t, entries, 1)
	}
}

// TestCheckLastValidDay: the record of a terminated code changes later; the code
// has ended when it ended.
func TestCheckLastValidDay(t *testing.T) {
	published := publishSample(t)
	db, err := openDatabase(context.Background(), Resources{})
	require.NoError(t, err)
	require.NoError(t, db.attach(context.Background(), published, "hcpcs", " (READ_ONLY)"))
	var code, last string
	require.NoError(t, db.conn.QueryRowContext(context.Background(), `
		SELECT code, termination_date FROM claim_calendar
		WHERE claim_status = 'terminated' AND known_to_order = 99999999 AND termination_date < valid_from - 1
		ORDER BY code LIMIT 1`).Scan(&code, &last))
	require.NoError(t, db.close())
	_, result := checkText(t, published, "code,dos\n"+code+",2021-03-01\n", CheckOptions{}, "hcpcs_reason")
	require.Equal(t, []string{code + " ended: its last valid day was " + last[:10]}, result)
}

func TestCheckRefuses(t *testing.T) {
	published := publishSample(t)
	folder := t.TempDir()
	for name, example := range map[string]struct{ text, says string }{
		"empty.csv":      {"", "no first line"},
		"none.csv":       {"a,b\n1,2\n", "no column has a usual name"},
		"several.csv":    {"code,hcpcs,dos\n", "several columns could be meant"},
		"again.csv":      {"code,dos,hcpcs_verdict\n", "as results of this check have"},
		"twice.csv":      {"code,dos,Code\n", "two columns with the name"},
		"utf16.csv":      {"\xff\xfec\x00o\x00", "no text in UTF-8"},
		"broken.parquet": {"PAR1 it is not", "cannot be read as Parquet"},
		"st*r.parquet":   {"PAR1", "would mean several files"},
		"old.csv":        {"code,dos\rE7011,2020-01-01\r", "end with a carriage return alone"},
		"open.csv":       {"code,\"dos\nE7011,2020-01-01\n", "a quotation mark is not closed"},
		"packed.csv":     {"\x1f\x8b\x08", "is compressed: unpack it first"},
	} {
		input := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(input, []byte(example.text), 0o600))
		extension := filepath.Ext(name)
		_, err := CheckClaims(context.Background(), published, CheckOptions{Input: input, Output: strings.TrimSuffix(input, extension) + ".checked" + extension})
		var wrong InputError
		require.True(t, errors.As(err, &wrong), "%s: %v", name, err)
		require.Contains(t, err.Error(), example.says, name)
	}
}
