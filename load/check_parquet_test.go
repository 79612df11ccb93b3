package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"
)

// writeParquet writes the rows of a query as a Parquet file.
func writeParquet(t *testing.T, path, query string) {
	t.Helper()
	db, err := openDatabase(context.Background(), Resources{})
	require.NoError(t, err)
	_, err = db.conn.ExecContext(context.Background(), "COPY ("+query+") TO "+quoteText(path)+" (FORMAT parquet)")
	require.NoError(t, errors.Join(err, db.close()))
}

// checkQuery checks the rows of a query as a Parquet file, and gives the rows of
// the result as checkText does.
func checkQuery(t *testing.T, published, query string, options CheckOptions, columns string) (*ClaimCheck, []string) {
	t.Helper()
	folder := t.TempDir()
	options.Input, options.Output = filepath.Join(folder, "claims.parquet"), filepath.Join(folder, "result.parquet")
	writeParquet(t, options.Input, query)
	checked, err := CheckClaims(context.Background(), published, options)
	require.NoError(t, err)
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 2, "nothing but the result is left behind")
	return checked, readResult(t, "read_parquet("+quoteText(options.Output)+")", columns)
}

// TestCheckParquetTypes: whatever the types of its columns, a Parquet file gives
// what the same lines give as CSV, which writes them out as text.
func TestCheckParquetTypes(t *testing.T) {
	published := publishSample(t)
	const said = `coalesce(hcpcs_verdict, '-'), coalesce(hcpcs_code_status, '-'), coalesce(hcpcs_reason, '-'), coalesce(CAST(hcpcs_since AS VARCHAR), '-'),
		coalesce(hcpcs_replaced_by, '-'), coalesce(CAST(hcpcs_attested AS VARCHAR), '-'), coalesce(hcpcs_description, '-'), coalesce(hcpcs_modifiers, '-'),
		coalesce(hcpcs_verdict_when_paid, '-'), coalesce(hcpcs_code_status_when_paid, '-'), coalesce(hcpcs_modifiers_when_paid, '-'), coalesce(hcpcs_release_when_paid, '-')`
	// The types of the code, the modifier, the date of service and the day of
	// payment: %[1]s to %[4]s.
	const lines = `SELECT CAST(code AS %[1]s) AS code, CAST(modifier AS %[2]s) AS modifier, CAST(dos AS %[3]s) AS dos, CAST(paid AS %[4]s) AS paid_date
		FROM (VALUES ('E7011', 'K4', %[5]s, %[6]s), ('E7012', 'V8', %[6]s, NULL), ('C7121', NULL, %[5]s, %[6]s), ('Z9999', 'ZZ', %[6]s, %[6]s),
		             (NULL, 'K4', %[6]s, %[5]s), ('99213', '25', %[6]s, %[6]s), ('E7011', NULL, NULL, %[6]s), ('G7042', 'K4', %[6]s, NULL)) AS lines(code, modifier, dos, paid)`
	const before, after, numberBefore, numberAfter = "DATE '2020-02-03'", "DATE '2020-08-20'", "20200203", "20200820"
	for name, types := range map[string][6]string{
		"dates":              {"VARCHAR", "VARCHAR", "DATE", "DATE", before, after},
		"time stamps":        {"VARCHAR", "VARCHAR", "TIMESTAMP", "TIMESTAMP_NS", before, after},
		"time stamps in UTC": {"VARCHAR", "VARCHAR", "TIMESTAMPTZ", "TIMESTAMPTZ", "TIMESTAMPTZ '2020-02-03 00:00:00+00'", "TIMESTAMPTZ '2020-08-20 23:59:59+00'"},
		"texts":              {"VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR", "'2/3/2020'", "'2020-08-20T10:00:00Z'"},
		"whole numbers":      {"VARCHAR", "VARCHAR", "INTEGER", "BIGINT", numberBefore, numberAfter},
		"floating numbers":   {"VARCHAR", "VARCHAR", "DOUBLE", "DECIMAL(10, 1)", numberBefore, numberAfter},
		"enumerations": {
			"ENUM('E7011', 'E7012', 'C7121', 'Z9999', '99213', 'G7042')", "ENUM('K4', 'V8', 'ZZ', '25')", "DATE", "VARCHAR", before, after,
		},
	} {
		t.Run(name, func(t *testing.T) {
			query := fmt.Sprintf(lines, types[0], types[1], types[2], types[3], types[4], types[5])
			fromParquet, result := checkQuery(t, published, query, CheckOptions{}, said)
			require.Len(t, result, 8)
			require.Equal(t, "valid|valid|-|-|-|true|Mist engine battery|V8 valid|-|-|-|-", result[1])
			require.Equal(t, "malformed|-|there is no date of service|-|-|-|-|-|-|-|-|-", result[6])

			var text strings.Builder
			text.WriteString("code,modifier,dos,paid_date\n")
			for _, line := range textsOf(t, query) {
				text.WriteString(line + "\n")
			}
			fromText, expected := checkText(t, published, text.String(), CheckOptions{}, said)
			require.Equal(t, expected, result)
			require.Equal(t, fromText.Counts, fromParquet.Counts)
			require.Equal(t, fromText.Causes, fromParquet.Causes)
			require.Equal(t, []MalformedLine{{7, "there is no date of service"}}, fromParquet.Malformed)
		})
	}
}

// textsOf gives the rows of a query as lines of CSV.
func textsOf(t *testing.T, query string) []string {
	t.Helper()
	return readResult(t, "(SELECT concat(code, ',', modifier, ',', dos, ',', paid_date) AS line FROM ("+query+"))", "line")
}

// TestCheckParquetColumns: the columns of the input stand in the result as they
// stood in it, whatever they hold and are called.
func TestCheckParquetColumns(t *testing.T) {
	published := publishSample(t)
	folder := t.TempDir()
	input, output := filepath.Join(folder, "it's.parquet"), filepath.Join(folder, "result.parquet")
	writeParquet(t, input, `
		SELECT {'a': [line, NULL], 'b': {'c': line::VARCHAR}} AS "select", map {'k': line} AS "a ""quoted"" name; DROP", [[line], []] AS "ünïcode {{.}}",
		       CASE line % 3 WHEN 0 THEN 'E7011' WHEN 1 THEN ' e7012 ' END AS code, DATE '2020-01-01' + CAST(line % 300 AS INTEGER) AS dos,
		       line::DECIMAL(30, 5) AS "1", '\xff\x00'::BLOB AS "hcpc_line", NULL::VARCHAR AS "hcpcs said", line * 1.5::DOUBLE AS "HCPCS Reason", uuid() AS id
		FROM range(300000) lines(line)`)
	checked, err := CheckClaims(context.Background(), published, CheckOptions{Input: input, Output: output})
	require.NoError(t, err)
	require.EqualValues(t, 300_000, checked.Lines)
	db, err := openDatabase(context.Background(), Resources{MemoryLimit: "1GB"})
	require.NoError(t, err)
	var types string
	require.NoError(t, db.conn.QueryRowContext(context.Background(), `
		SELECT string_agg(column_name || ' ' || column_type, ', ') FROM (DESCRIBE FROM read_parquet(`+quoteText(output)+`)) WHERE column_name LIKE 'hcpcs\__%' ESCAPE '\'`).Scan(&types))
	require.Equal(t, "hcpcs_verdict VARCHAR, hcpcs_code_status VARCHAR, hcpcs_reason VARCHAR, hcpcs_since DATE, hcpcs_replaced_by VARCHAR, hcpcs_attested BOOLEAN, "+
		"hcpcs_description VARCHAR, hcpcs_modifiers VARCHAR, hcpcs_verdict_when_paid VARCHAR, hcpcs_code_status_when_paid VARCHAR, hcpcs_modifiers_when_paid VARCHAR, "+
		"hcpcs_release_when_paid VARCHAR", types)
	// file_row_number pairs the lines: one that moved would differ.
	const hidden = "COLUMNS(c -> c NOT LIKE 'hcpcs\\__%' ESCAPE '\\')"
	var differing int
	require.NoError(t, db.conn.QueryRowContext(context.Background(), `
		SELECT count(*) FROM (
			(SELECT `+hidden+` FROM read_parquet(`+quoteText(input)+`, file_row_number = true)
			 EXCEPT ALL SELECT `+hidden+` FROM read_parquet(`+quoteText(output)+`, file_row_number = true)))`).Scan(&differing))
	require.Zero(t, differing)
	require.NoError(t, db.close())
}

// TestCheckParquetWithout: no lines, no modifiers, no day of payment.
func TestCheckParquetWithout(t *testing.T) {
	published := publishSample(t)
	checked, result := checkQuery(t, published, `SELECT 'E7011' AS code, DATE '2020-03-31' AS dos WHERE false`, CheckOptions{}, "hcpcs_verdict")
	require.Empty(t, result)
	require.Zero(t, checked.Lines)
	checked, result = checkQuery(t, published, `SELECT 'E7011' AS code, DATE '2020-03-31' AS dos`, CheckOptions{},
		"hcpcs_verdict, hcpcs_modifiers, hcpcs_verdict_when_paid, hcpcs_code_status_when_paid, hcpcs_modifiers_when_paid, hcpcs_release_when_paid")
	require.Equal(t, []string{"valid"}, result, "NULL is left out")
	require.Empty(t, checked.Columns.Paid)
	for _, name := range []string{"hcpcs_since", "HCPCS_Release_When_Paid", "hcpcs__said"} {
		folder := t.TempDir()
		input := filepath.Join(folder, "claims.parquet")
		writeParquet(t, input, `SELECT 'E7011' AS code, DATE '2020-03-31' AS dos, 1 AS `+quoteName(name))
		_, err := CheckClaims(context.Background(), published, CheckOptions{Input: input, Output: filepath.Join(folder, "result.parquet")})
		var wrong InputError
		require.ErrorAs(t, err, &wrong)
		require.ErrorContains(t, err, "has a column "+name+", as results of this check have")
	}
}

// TestCheckTimeZone: the day of a time stamp with a time zone is its day in UTC,
// wherever the machine stands. DuckDB asks for that once a process: the test
// starts itself anew on Hawaii (~2 s).
func TestCheckTimeZone(t *testing.T) {
	const there = "HCPCS_TEST_ON_HAWAII"
	if os.Getenv(there) == "" {
		again := exec.Command(os.Args[0], "-test.run=^TestCheckTimeZone$", "-test.count=1")
		again.Env = append(os.Environ(), "TZ=Pacific/Honolulu", there+"=yes")
		output, err := again.CombinedOutput()
		require.NoError(t, err, "%s", output)
		return
	}
	require.Equal(t, []string{"2020-03-31 14:00:00-10"}, readResult(t, "(SELECT TIMESTAMPTZ '2020-04-01 00:00:00+00' AS x)", "x"), "the clock is Hawaii's")
	_, result := checkQuery(t, publishSample(t), `SELECT 'E7011' AS code, unnest([TIMESTAMPTZ '2020-03-31 23:59:59+00', '2020-04-01 00:00:00+00']) AS dos`, CheckOptions{}, "hcpcs_verdict")
	require.Equal(t, []string{"valid", "invalid"}, result)
}

// TestCheckAfterKill: what a killed check has left is removed by the next one into
// the same result; what is being written, and what only looks like it, stays.
func TestCheckAfterKill(t *testing.T) {
	published := publishSample(t)
	folder := t.TempDir()
	options := CheckOptions{Input: filepath.Join(folder, "claims.csv"), Output: filepath.Join(folder, "result.csv")}
	require.NoError(t, os.WriteFile(options.Input, []byte("code,dos\nE7011,2020-03-31\n"), 0o600))
	for _, name := range []string{"result.csv.part-1", "result.csv.part-22", "result.csv.part-mine", "other.csv.part-3"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("claims"), 0o600))
	}
	writing := flock.New(filepath.Join(folder, "result.csv.part-22"))
	locked, err := writing.TryLock()
	require.NoError(t, err)
	require.True(t, locked)
	_, err = CheckClaims(context.Background(), published, options)
	require.NoError(t, err)
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	require.Equal(t, []string{"claims.csv", "other.csv.part-3", "result.csv", "result.csv.part-22", "result.csv.part-mine"}, names)
	require.NoError(t, writing.Unlock())

	// A check under way holds such a lock.
	beside, err := createBeside(options)
	require.NoError(t, err)
	removeAbandoned(options.Output)
	require.FileExists(t, beside.Name())
	require.NoFileExists(t, writing.Path())
	require.NoError(t, errors.Join(beside.Close(), beside.remove()))
	require.NoFileExists(t, beside.Name())
}

// TestCheckListsMalformed: both formats list as many malformed lines, and count
// them all.
func TestCheckListsMalformed(t *testing.T) {
	published := publishSample(t)
	fromText, _ := checkText(t, published, "code,dos\nE7011,2020-03-31\n"+strings.Repeat("E7011,never\nE7011\n", MaxMalformed/2+1), CheckOptions{}, "count(*)")
	require.Len(t, fromText.Malformed, MaxMalformed)
	require.EqualValues(t, MaxMalformed+2, fromText.MalformedLines)
	require.EqualValues(t, MaxMalformed/2+1, fromText.LeftOut)
	require.EqualValues(t, MaxMalformed+2, fromText.Malformed[MaxMalformed-1].Line)
	fromParquet, _ := checkQuery(t, published, fmt.Sprintf(`SELECT 'E7011' AS code, CASE WHEN line = 0 THEN '2020-03-31' ELSE 'never' END AS dos FROM range(%d) lines(line)`, MaxMalformed+3), CheckOptions{}, "count(*)")
	require.Len(t, fromParquet.Malformed, MaxMalformed)
	require.EqualValues(t, MaxMalformed+2, fromParquet.MalformedLines)
	require.EqualValues(t, 2, fromParquet.Malformed[0].Line)
	require.EqualValues(t, MaxMalformed+1, fromParquet.Malformed[MaxMalformed-1].Line)
}

// TestCheckParquetWords: a word is found by its place, be they few or many.
func TestCheckParquetWords(t *testing.T) {
	calendar := &claimCalendar{}
	for i := range 3 * manyWords {
		calendar.days = append(calendar.days, calendarDay{knownRelease: fmt.Sprintf("%dQ1r1", 2000+i)})
	}
	taken := 0
	for _, column := range parquetColumns(calendar) {
		if column.Words == nil {
			continue
		}
		require.Zero(t, column.place(""), column.Name)
		for i, word := range column.Words {
			require.Equal(t, i+1, column.place(strings.Trim(word, "'")), column.Name)
		}
		require.LessOrEqual(t, len(column.Words), column.Mask)
		require.Zero(t, taken&(column.Mask<<column.Shift), "%s shares its bits", column.Name)
		taken |= column.Mask << column.Shift
	}
	require.NotZero(t, taken)
}

// TestCheckParquetJudges: DuckDB asks from several goroutines at once. Each gets
// the same answers, and every line is counted.
func TestCheckParquetJudges(t *testing.T) {
	const asking, times = 4, 100
	ctx := context.Background()
	db, err := openDatabase(ctx, Resources{})
	require.NoError(t, err)
	require.NoError(t, db.attach(ctx, publishSample(t), "hcpcs", " (READ_ONLY)"))
	calendar, err := readClaimCalendar(ctx, db)
	require.NoError(t, errors.Join(err, db.close()))
	lines := [][]string{{"E7011", "2020-03-31", "", "ZZ"}, {"E7011", "2020-04-01", "2020-01-02", ""}, {"99213", "never", "", "25"}}
	answers := func(judges *parquetJudges) []string {
		answer, done := judges.judgeLines()
		defer done()
		var said []string
		for range times {
			for _, line := range lines {
				said = append(said, string(answer(line, nil)))
			}
		}
		return said
	}
	columns := parquetColumns(calendar)
	alone := &parquetJudges{calendar: calendar, columns: columns}
	want := answers(alone)
	together := &parquetJudges{calendar: calendar, columns: columns}
	got := make([][]string, asking)
	var running sync.WaitGroup
	for i := range got {
		running.Go(func() { got[i] = answers(together) })
	}
	running.Wait()
	for _, said := range got {
		require.Equal(t, want, said)
	}
	var one, all ClaimCheck
	alone.counts().into(&one)
	together.counts().into(&all)
	require.EqualValues(t, times*len(lines), one.Lines)
	require.Equal(t, asking*one.Lines, all.Lines)
	for verdict, count := range one.Counts {
		require.Equal(t, asking*count, all.Counts[verdict], verdict)
	}
}
