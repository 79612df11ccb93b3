package transform

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// line writes a first line of a record, each part at its 1-based column.
func line(parts map[int]string) string {
	cells := []byte(strings.Repeat(" ", 320))
	for column, text := range parts {
		copy(cells[column-1:], text)
	}
	return string(cells)
}

// bandage is a procedure record with every field filled.
func bandage() map[int]string {
	return map[int]string{
		1: "A0001", 6: "00100", 11: "3", 12: "Bandage,  sterile", 92: "Bandage", 120: "34  46", 128: "A",
		129: "60-9", 147: "2100.5  2130", 171: "1861(s)", 181: "110220", 205: "A0002E0003", 230: "D", 231: "YY", 233: "20190101",
		241: "132", 244: "1", 245: "20180101", 253: "0014", 257: "D1A", 261: "9S", 266: "  4", 269: "20150101", 277: "20210101", 285: "20201231", 293: "D",
	}
}

func parseLines(t *testing.T, lines ...string) *File {
	t.Helper()
	file, err := ParseText("sample.txt", []byte(strings.Join(lines, "\r\n")+"\r\n"))
	require.NoError(t, err)
	return file
}

func rules(file *File) []Rule {
	var found []Rule
	for _, finding := range file.Findings {
		found = append(found, finding.Rule)
	}
	return found
}

func TestEveryFieldIsReadFromItsColumns(t *testing.T) {
	file := parseLines(t, line(bandage()))
	require.Empty(t, file.Findings)
	require.Len(t, file.Records, 1)
	record := file.Records[0]
	require.Equal(t, Record{
		Entry: &Entry{
			Code: "A0001", Kind: Procedure, ActionCode: "D", ActionEffectiveDate: "2021-01-01",
			Content: record.Content, // field by field below
		},
		SequenceNumber: "00100", SourceLine: 1,
	}, record)
	want := map[Field]string{
		LongDescription: "Bandage, sterile", ShortDescription: "Bandage", PricingIndicators: "34;46", MultiplePricingIndicator: "A",
		CoverageIssuesManualRefs: "60-9", MedicareCarriersManualRefs: "2100.5;2130", Statute: "1861(s)", LabCertifications: "110;220",
		CrossReferences: "A0002;E0003", CoverageCode: "D", ASCPaymentGroup: "YY", ASCPaymentGroupDate: "2019-01-01", MOGPaymentGroup: "132",
		MOGPaymentPolicy: "1", MOGEffectiveDate: "2018-01-01", ProcessingNote: "0014", Betos: "D1A", TypesOfService: "9;S",
		AnesthesiaBaseUnits: "4", CodeAddedDate: "2015-01-01", TerminationDate: "2020-12-31",
	}
	require.Len(t, want, FieldCount)
	for field, value := range want {
		require.Equal(t, value, record.Content.Text(field), field.String())
	}
}

// Every field has room of its own: filling the whole record with one character
// a field gives that character back, as often as the field is wide.
func TestFieldsDoNotOverlap(t *testing.T) {
	taken := map[int]string{}
	occupy := func(name string, begin, end int) {
		for column := begin; column <= end; column++ {
			require.Empty(t, taken[column], "column %d belongs to %s and to %s", column, taken[column], name)
			taken[column] = name
		}
	}
	occupy("code", codeBegin, codeEnd)
	occupy("sequence number", sequenceBegin, sequenceEnd)
	occupy("record type", recordTypePosition, recordTypePosition)
	occupy("action effective date", actionEffectiveDateBegin, actionEffectiveDateEnd)
	occupy("action code", actionCodePosition, actionCodePosition)
	for _, info := range Layout {
		width := info.End - info.Begin + 1
		for n := range info.Occurs {
			occupy(info.Name, info.Begin+n*width, info.End+n*width)
		}
	}
	for column := 1; column <= actionCodePosition; column++ {
		if column != 260 { // filler (record layout, 24)
			require.NotEmpty(t, taken[column], "column %d belongs to no field", column)
		}
	}
}

func TestDescriptionsOverSeveralLines(t *testing.T) {
	first := bandage()
	first[12] = "Bandage\tof  cotton"
	file := parseLines(t, line(first), "A0001002004  with   adhesive", "A0001003004"+strings.Repeat("x", 80)+"beyond", "A0001004004", "")
	require.Equal(t, "Bandage of cotton with adhesive "+strings.Repeat("x", 80), file.Records[0].Content[LongDescription])
	require.Equal(t, []Rule{RuleTab, RuleLineTooLong}, rules(file))
}

func TestModifiersAndOrder(t *testing.T) {
	modifier := map[int]string{4: "SS", 6: "00100", 11: "7", 12: "Suite", 92: "Suite", 230: "I", 269: "20040101", 277: "20040101", 293: "N"}
	file := parseLines(t, line(bandage()), line(modifier), "   SS002008of infusion")
	require.Equal(t, "A0001", file.Records[0].Code)
	require.Equal(t, "SS", file.Records[1].Code)
	require.Equal(t, Modifier, file.Records[1].Kind)
	require.Equal(t, "Suite of infusion", file.Records[1].Content[LongDescription])
	procedures, modifiers := file.Counts()
	require.Equal(t, [2]int{1, 1}, [2]int{procedures, modifiers})
}

func TestIrregularitiesBecomeFindings(t *testing.T) {
	with := func(column int, text string) string {
		parts := bandage()
		parts[column] = text
		return line(parts)
	}
	shifted := bandage()
	shifted[229], shifted[231], shifted[233] = " D", "20", "190101  "
	cases := []struct {
		name  string
		lines []string
		rule  Rule
		field string
	}{
		{"an unparseable date", []string{with(285, "20201331")}, RuleUnparseableDate, "termination_date"},
		{"letters for a date", []string{with(277, "2020Apr1")}, RuleUnparseableDate, "action_effective_date"},
		{"a date of year 20", []string{with(269, "00201231")}, RuleImplausibleDate, "code_added_date"},
		{"base units that are no number", []string{with(266, " x4")}, RuleUnparseableNumber, "anesthesia_base_units"},
		{"a coverage code of no list", []string{with(230, "Q")}, RuleUnknownValue, "coverage_code"},
		{"an action code of no list", []string{with(293, "Z")}, RuleUnknownValue, "action_code"},
		{"no action code", []string{with(293, " ")}, RuleMissingActionCode, "action_code"},
		{"no action effective date", []string{with(277, "        ")}, RuleMissingActionDate, "action_effective_date"},
		{"no added date", []string{with(269, "        ")}, RuleMissingAddedDate, "code_added_date"},
		{"no description", []string{with(12, strings.Repeat(" ", 20))}, RuleMissingDescription, "long_description"},
		{"processing note 0000", []string{with(253, "0000")}, RuleZeroProcessingNote, "processing_note"},
		{"the ASC fields two columns to the left", []string{line(shifted)}, RuleShiftedASC, "asc_payment_group"},
		{"an action before the code was added", []string{with(277, "20140101")}, RuleActionBeforeAdded, "action_effective_date"},
		{"a termination before the code was added", []string{with(285, "20141231")}, RuleTerminatedBeforeAdded, "termination_date"},
		{"a discontinuation with a stale date", []string{line(bandage())[:276] + "20150101" + line(bandage())[284:]}, RuleStaleDiscontinuation, "action_effective_date"},
		{"question marks for dashes", []string{with(12, "Bandage ? sterile")}, RuleLostCharacter, "long_description"},
		{"a cross-reference on a live code", []string{with(285, "        ")}, RuleLiveCrossReference, "cross_references"},
		{"a line that ends too early", []string{line(bandage())[:280]}, RuleLineTooShort, ""},
		{"a line a few characters too long", []string{line(bandage())[:294] + "N"}, RuleLineTooLong, ""},
		{"a tab", []string{with(12, "Bandage\tsterile")}, RuleTab, ""},
		{"a second record of a code", []string{line(bandage()), line(bandage())}, RuleDuplicateCode, ""},
		{"a continuation without a first line", []string{line(bandage()), "B0001002004of nothing"}, RuleOrphanContinuation, ""},
		{"a line that is no record", []string{line(bandage()), "Total: 1 record"}, RuleUnreadableLine, ""},
		{"a line of the record missing", []string{line(bandage()), "A0001003004of cotton"}, RuleSequenceBreak, "sequence_number"},
		{"a line of the record twice", []string{line(bandage()), "A0001002004of cotton", "A0001002004of cotton"}, RuleSequenceBreak, "sequence_number"},
		{"a procedure with a modifier's record type", []string{with(11, "7")}, RuleWrongRecordType, "record_type"},
		{"a modifier with a procedure's record type", []string{"   A1001003" + line(bandage())[11:]}, RuleWrongRecordType, "record_type"},
		{"a sequence number with blanks", []string{with(6, "  100")}, RuleCorruptSequence, "sequence_number"},
		{"a control character", []string{with(12, "Bandage\x00sterile")}, RuleControlCharacter, ""},
		{"a backtick in the first column", []string{"`  A1001007" + line(bandage())[11:]}, RuleCorruptCode, "code"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			file := parseLines(t, c.lines...)
			require.NotEmpty(t, file.Records)
			var fields []string
			for _, finding := range file.Findings {
				require.Equal(t, "sample.txt", finding.File)
				if finding.Rule == c.rule {
					fields = append(fields, finding.Field)
					require.Equal(t, len(c.lines), finding.Line)
				}
			}
			require.Equal(t, []string{c.field}, fields)
		})
	}
}

// A second record of a code counts for nothing, the lines that go on with it
// included; a line that goes on with the first one is its, wherever it stands.
func TestRecordsThatStandTwice(t *testing.T) {
	other := bandage()
	other[12], other[2] = "Something else   ", "0001"
	next := bandage()
	next[1] = "A0002"
	record, repeated := []string{line(bandage()), "A0001002004of cotton"}, []Rule{RuleDuplicateCode, RuleDuplicateCode}
	for name, c := range map[string]struct {
		lines []string
		found []Rule
	}{
		"at once":                {slices.Concat(record, record), repeated},
		"later":                  {slices.Concat(record, []string{line(next)}, record), repeated},
		"otherwise":              {slices.Concat(record, []string{line(other), "A0001002004of wool"}), repeated},
		"its first line only":    {[]string{record[0], record[0], record[1]}, []Rule{RuleDuplicateCode}},
		"between its lines":      {[]string{record[0], line(next), record[0], record[1]}, []Rule{RuleDuplicateCode}},
		"with one line too many": {slices.Concat(record, record, []string{"A0001003004and more"}), slices.Concat(repeated, []Rule{RuleDuplicateCode})},
	} {
		file := parseLines(t, c.lines...)
		require.Equal(t, "Bandage, sterile of cotton", file.Records[0].Content[LongDescription], name)
		require.Equal(t, c.found, rules(file), name)
	}
}

// The columns of the code say whose line it is; its record type says only whether
// it goes on.
func TestRecordTypesOfTheOtherKind(t *testing.T) {
	parts := bandage()
	parts[11] = "7"
	modifier := map[int]string{4: "SS", 6: "00100", 11: "3", 12: "Suite", 92: "Suite", 230: "I", 269: "20040101", 277: "20040101", 293: "N"}
	file := parseLines(t, line(parts), "A0001002008of cotton", line(modifier), "   SS002004of infusion")
	require.Len(t, file.Records, 2)
	require.Equal(t, "A0001", file.Records[0].Code)
	require.Equal(t, "Bandage, sterile of cotton", file.Records[0].Content[LongDescription])
	require.Equal(t, "SS", file.Records[1].Code)
	require.Equal(t, "Suite of infusion", file.Records[1].Content[LongDescription])
	require.Equal(t, slices.Repeat([]Rule{RuleWrongRecordType}, 4), rules(file))
	require.Zero(t, file.LinesUnreadable)
}

func TestLineEnds(t *testing.T) {
	want := parseLines(t, line(bandage()), "A0001002004of cotton")
	for _, end := range []string{"\n", "\r", "\r\r\n"} {
		file, err := ParseText("sample.txt", []byte(line(bandage())+end+"A0001002004of cotton"+end))
		require.NoError(t, err)
		require.Equal(t, want, file, "%q", end)
	}
}

// One line that is ended by a carriage return alone hides no record of a file
// whose other lines are ended as usual.
func TestSingleLinesEndedOtherwise(t *testing.T) {
	next := bandage()
	next[1] = "A0002"
	lines := []string{line(bandage()), "A0001002004of cotton", line(next), "A0002002004of silk"}
	want := parseLines(t, lines...)
	for after := 1; after < len(lines); after++ {
		text := strings.Join(lines[:after], "\r\n") + "\r" + strings.Join(lines[after:], "\r\n") + "\r\n"
		file, err := ParseText("sample.txt", []byte(text))
		require.NoError(t, err)
		require.Equal(t, want, file, "after line %d", after)
	}
	within := parseLines(t, line(bandage()), "A0001002004of\rcotton")
	require.Equal(t, want.Records[0].Content, within.Records[0].Content)
	require.Equal(t, []Rule{RuleControlCharacter}, rules(within))
}

// What is wrong is said, and what stands in the columns is loaded all the same.
func TestMisplacedFieldsStayAsTheyStand(t *testing.T) {
	parts := bandage()
	parts[231], parts[233] = "20", "190101  "
	record := parseLines(t, line(parts)).Records[0]
	require.Equal(t, "20", record.Content[ASCPaymentGroup])
	require.Empty(t, record.Content[ASCPaymentGroupDate])
	parts = bandage()
	parts[253], parts[266] = "0000", "  0"
	record = parseLines(t, line(parts)).Records[0]
	require.Equal(t, "0000", record.Content[ProcessingNote])
	require.Empty(t, record.Content[AnesthesiaBaseUnits])
}

func TestLinesOfAnyLength(t *testing.T) {
	for _, length := range []int{293, 294, 300, 320, 330} {
		parts := bandage()
		text := line(parts) + strings.Repeat(" ", 20)
		file := parseLines(t, text[:length])
		require.Empty(t, file.Findings, length)
		require.Equal(t, "D", file.Records[0].ActionCode, length)
	}
}

func TestPreamble(t *testing.T) {
	preamble := []string{"***Disclaimers\t\t\t", "", "-- Codes may be   codes.\xa0", "   no longer listed"}
	file := parseLines(t, append(preamble, line(bandage()))...)
	require.Empty(t, file.Findings)
	require.Equal(t, 5, file.Records[0].SourceLine)
	require.Equal(t, 1, file.LinesRead)
}

func TestEncodings(t *testing.T) {
	parts := bandage()
	parts[12] = "Bandage \x96 5\xb5m\xa0wide"
	windows := parseLines(t, line(parts))
	require.Equal(t, "Bandage – 5µm wide", windows.Records[0].Content[LongDescription])

	utf8 := strings.NewReplacer("\x96", "–", "\xb5", "µ", "\xa0", "\u00a0").Replace(line(parts))
	for name, text := range map[string]string{"with a mark": "\ufeff" + utf8, "without": utf8} {
		file, err := ParseText("sample.txt", []byte(text))
		require.NoError(t, err, name)
		require.Equal(t, windows.Records[0].Content, file.Records[0].Content, name)
	}

	lost, err := ParseText("sample.txt", []byte("\ufeff"+strings.Replace(line(bandage()), "Bandage,", "Bandag漢,", 1)))
	require.NoError(t, err)
	require.Equal(t, "Bandag?, sterile", lost.Records[0].Content[LongDescription])
	require.Equal(t, []Rule{RuleUnencodable}, rules(lost))
}

func TestFilesThatAreNone(t *testing.T) {
	for name, data := range map[string]string{
		"an empty file":         "",
		"a page":                "<!DOCTYPE html>\n<html><body>Access denied</body></html>\n",
		"UTF-16":                "\xff\xfeA\x000\x00",
		"a spreadsheet":         "PK\x03\x04" + strings.Repeat("\x00", 200),
		"the notes, not a file": "0001\r\nNOTE: bill with modifier\r\n",
	} {
		_, err := ParseText("HCPC2020.txt", []byte(data))
		require.ErrorContains(t, err, "reading HCPC2020.txt", name)
	}
}

// A finding quotes a line, not a megabyte of it.
func TestFindingsAreBounded(t *testing.T) {
	file := parseLines(t, line(bandage()), strings.Repeat("x", 1<<20))
	require.Len(t, file.Findings, 1)
	require.Len(t, file.Findings[0].RawText, maxRawText)
}

func FuzzParseText(f *testing.F) {
	f.Add([]byte(line(bandage()) + "\r\nA0001002004of cotton\r\n"))
	f.Add([]byte("***Disclaimers\t\r\n\r\n   A1001007Dressing" + strings.Repeat(" ", 400)))
	f.Add([]byte("\ufeff" + line(bandage())))
	f.Add([]byte("`  A1001007\n   A1002008\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := ParseText("fuzz.txt", data)
		if err != nil {
			require.Nil(t, file)
			return
		}
		for i := range file.Records {
			record := &file.Records[i]
			require.True(t, IsCode(record.Code))
			require.Positive(t, record.SourceLine)
			if i > 0 {
				require.Less(t, file.Records[i-1].Code, record.Code)
			}
			for field := range record.Content {
				require.Equal(t, record.Content[field], squeezeValues(record.Content[field]), Field(field).String())
			}
		}
		require.LessOrEqual(t, file.LinesUnreadable, file.LinesRead)
	})
}

// squeezeValues is what every loaded value is already.
func squeezeValues(value string) string {
	values := SplitValues(value)
	for i := range values {
		values[i] = squeeze(values[i])
	}
	return strings.Join(values, valueSeparator)
}
