package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	require.NoError(t, w.Publish(context.Background(), path))
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
	checked, err := CheckClaims(context.Background(), published, Resources{TemporaryFolder: folder}, options)
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
			result: []string{"a\nb|valid", "x|malformed"}, lines: []int64{3},
		},
		"semicolons": {
			text: "code;dos;note\nE7011;04/01/2020;a,b\n", columns: "note, hcpcs_verdict", result: []string{"a,b|invalid"},
		},
		"only a header": {text: "code,dos\n", columns: "hcpcs_verdict"},
		"modifiers in one column": {
			text: "code,mods,dos\nE7013,\"k4,v8\",2020-05-01\nE7013,K4 ZZ,2020-05-01\n", columns: "hcpcs_verdict, hcpcs_modifiers",
			result: []string{"valid|K4 valid;V8 valid", "invalid|K4 valid;ZZ unknown_code"},
		},
		"wrong number of cells": {
			text: "code,dos\nE7011,2020-03-31\nE7011\nE7011,2020-03-31,x\nE7011,2020-04-01\nE7011,20209999\n", columns: "hcpcs_verdict",
			result: []string{"valid", "invalid", "malformed"}, leftOut: 2, lines: []int64{3, 4, 6},
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

// TestCheckAgrees: check says of each code what the macro claim_status says, now
// and when paid, in the order of the file, from CSV and from Parquet.
func TestCheckAgrees(t *testing.T) {
	ctx := context.Background()
	published := publishSample(t)
	folder := t.TempDir()
	db, err := openDatabase(ctx, Resources{})
	require.NoError(t, err)
	require.NoError(t, db.attach(ctx, published, "hcpcs", " (READ_ONLY)"))
	for _, format := range []string{"csv", "parquet"} {
		_, err := db.conn.ExecContext(ctx, `COPY (
			SELECT row_number() OVER () AS line, code, DATE '2016-06-15' + CAST(hash(code || day) % 2200 AS INTEGER) AS dos, day AS paid_date
			FROM (SELECT code FROM codes UNION ALL SELECT unnest(['99213', 'Z9999', 'D0120', 'RT'])), (SELECT unnest([DATE '2019-06-01', '2020-02-20', '2020-09-01', '2021-05-01']) AS day)
		) TO `+quoteText(filepath.Join(folder, "claims."+format)))
		require.NoError(t, err)
		output := filepath.Join(folder, "result."+format)
		checked, err := CheckClaims(ctx, published, Resources{TemporaryFolder: folder}, CheckOptions{Input: filepath.Join(folder, "claims."+format), Output: output})
		require.NoError(t, err)
		require.Greater(t, checked.Lines, int64(1000))
		var differing, disordered int
		require.NoError(t, db.conn.QueryRowContext(ctx, fmt.Sprintf(`
			SELECT count(*) FILTER (hcpcs_code_status IS DISTINCT FROM claim_status(code, dos) OR hcpcs_code_status_when_paid IS DISTINCT FROM claim_status(code, dos, known := paid_date)),
			       count(*) FILTER (CAST(line AS BIGINT) <> place)
			FROM (SELECT *, row_number() OVER () AS place FROM %s)`, quoteText(output))).Scan(&differing, &disordered))
		require.Zero(t, differing)
		require.Zero(t, disordered)
	}
	require.NoError(t, db.close())
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
		"st*r.csv":       {"code,dos\n", "would mean several files"},
	} {
		input := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(input, []byte(example.text), 0o600))
		extension := filepath.Ext(name)
		_, err := CheckClaims(context.Background(), published, Resources{}, CheckOptions{Input: input, Output: strings.TrimSuffix(input, extension) + ".checked" + extension})
		var wrong InputError
		require.True(t, errors.As(err, &wrong), "%s: %v", name, err)
		require.Contains(t, err.Error(), example.says, name)
	}
}

// TestExport: the same rows in every format, and a folder that is not empty is
// left alone.
func TestExport(t *testing.T) {
	ctx := context.Background()
	published := publishSample(t)
	parent := t.TempDir()
	for _, format := range ExportFormats {
		folder := filepath.Join(parent, format)
		files, err := Export(ctx, published, folder, format, Resources{})
		require.NoError(t, err)
		require.Contains(t, files, "code_history."+format)
		source := quoteText(filepath.Join(folder, "crosswalk."+format))
		columns := map[string]string{"csv": "code, path", "json": "code, array_to_string(path, ';')", "parquet": "code, array_to_string(path, ';')"}[format]
		if format == "json" {
			text, err := os.ReadFile(filepath.Join(folder, "crosswalk.json"))
			require.NoError(t, err)
			require.Contains(t, string(text), `"path":["E7011","E7012"]}`)
		} else {
			require.Contains(t, readResult(t, source, columns), "E7011|E7011;E7012")
		}
		_, err = Export(ctx, published, folder, format, Resources{})
		require.ErrorContains(t, err, "is there already, and not empty")
	}
	entries, err := os.ReadDir(parent)
	require.NoError(t, err)
	require.Len(t, entries, len(ExportFormats), "nothing is left beside")
}
