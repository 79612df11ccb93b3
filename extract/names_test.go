package extract

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQuarterFromName(t *testing.T) {
	for name, want := range map[string]string{
		// links and ZIPs
		"july-2026-alpha-numeric-hcpcs-file.zip":                             "2026Q3",
		"october-2023-alpha-numeric-hcpcs-files.zip":                         "2023Q4",
		"april-2021-alpha-numeric-hcpcs-file-0.zip":                          "2021Q2",
		"July 2026 Alpha-Numeric HCPCS File (ZIP) - Updated 07/02/2026":      "2026Q3",
		"October 2026 Alpha-Numeric HCPCS File (ZIP) - Updated July 2, 2026": "2026Q4",
		"2019-Alpha-Numeric-HCPCS-File.zip":                                  "2019Q1",
		"2020-Alpha-Numeric-HCPCS-File.zip":                                  "2020Q1",
		"11anweb.zip":                                                        "2011Q1",
		"january-2020-alpha-numeric-hcpcs-file-effective-january-1-2020.zip": "2020Q1",
		// main files
		"HCPC2025_OCT_ANWEB_v3.txt":         "2025Q4",
		"HCPC2026_JAN_ANWEB_12082025.txt":   "2026Q1",
		"HCPC2026_OCT_ANWEB_09232026.xlsx":  "2026Q4",
		"HCPC2026_JUL_ANWEB_07_02_2026.txt": "2026Q3",
		"HCPC2020_ANWEB_w_disclaimer.txt":   "2020Q1",
		"HCPC2018_CONTR_ANWEB_disc.txt":     "2018Q1",
		"HCPC17_CONTR_ANWEB.txt":            "2017Q1",
		"HCPC2013_A-N.txt":                  "2013Q1",
		"11anweb_V3.txt":                    "2011Q1",
		"99anweb.txt":                       "1999Q1",
		"HCPC18_Trans_Report_Alpha.xlsx":    "2018Q1",
		// quarters as such
		"2020Q2":           "2020Q2",
		"2020q2":           "2020Q2",
		"2020-Q2":          "2020Q2",
		"2020_Q3.zip":      "2020Q3",
		"Q2 2020":          "2020Q2",
		"2Q2020":           "2020Q2",
		"2nd quarter 2021": "2021Q2",
		"2020Q3_JUL.txt":   "2020Q3",
		"hcpcs Apr 2022":   "2022Q2",
		"OCT2024.xlsx":     "2024Q4",
		// nothing that can be relied on
		"anweb.xlsx":                        "",
		"":                                  "",
		"HCPC2021_ANWEB.txt":                "", // a year alone, after the annual files
		"2025-Alpha-Numeric-HCPCS-File.zip": "",
		"october-hcpcs.zip":                 "", // no year
		"HCPC2018_MAR_ANWEB.txt":            "", // no release takes effect in March
		"may-2022-hcpcs.zip":                "",
		"jan-and-apr-2022.zip":              "", // two months
		"october-2024-and-2025.zip":         "", // two years
		"2020Q2-to-2020Q4":                  "",
		"2020Q2 october 2020":               "",
		"2018-10.zip":                       "", // perhaps a month
		"hcpcs 2020-04-01.zip":              "", // a date
		"2020Q5":                            "",
		"HCPC9999_ANWEB.txt":                "",
		"12082025.txt":                      "",
		"notes 1833.txt":                    "",
		"marketing.txt":                     "",
		"HCPC2020_SEPT_ANWEB.txt":           "",
	} {
		got, told := QuarterFromName(name)
		text := ""
		if told {
			text = got.String()
		}
		require.Equal(t, want, text, "%q", name)
	}
}

func TestQuarterFromFolderName(t *testing.T) {
	for name, want := range map[string]struct {
		quarter string
		exact   bool
	}{
		"2020Q2":              {"2020Q2", true},
		"Q2 2020":             {"2020Q2", true},
		"hcpcs_2020Q2_files":  {"2020Q2", false},
		"October 2025 update": {"2025Q4", false},
		"2019":                {"", false}, // may hold every quarter of the year
		"2020":                {"", false},
		"releases":            {"", false},
	} {
		got, exact, told := quarterFromFolderName(name)
		text := ""
		if told {
			text = got.String()
		}
		require.Equal(t, want.quarter, text, "%q", name)
		require.Equal(t, want.exact, exact, "%q", name)
	}
}

func TestVersionFromName(t *testing.T) {
	date := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	for name, want := range map[string]Version{
		"HCPC2025_OCT_ANWEB.txt":                          {},
		"HCPC2025_OCT_ANWEB_v3.txt":                       {Number: 3},
		"11anweb_V3.txt":                                  {Number: 3},
		"V4_HCPC2018_Corrections.xlsx":                    {Number: 4},
		"hcpcs version 12.zip":                            {Number: 12},
		"HCPC2026_JAN_ANWEB_12082025.txt":                 {Date: date(2025, 12, 8)},
		"HCPC2026_OCT_ANWEB_09232026.xlsx":                {Date: date(2026, 9, 23)},
		"HCPC2026_OCT_ANWEB_20260923.xlsx":                {Date: date(2026, 9, 23)},
		"hcpcs 2026-09-23 v2.zip":                         {Number: 2, Date: date(2026, 9, 23)},
		"July 2026 HCPCS File (ZIP) - Updated 07/02/2026": {Date: date(2026, 7, 2)},
		"HCPC2026_JAN_ANWEB_99999999.txt":                 {},
		"v2025.txt":                                       {},
	} {
		require.Equal(t, want, VersionFromName(name), "%q", name)
	}
}

func TestVersionOrder(t *testing.T) {
	ordered := []string{"a.txt", "a_v2.txt", "a_V3.txt", "a_v10.txt", "a_09102026.txt", "a_09232026.txt", "a_09232026_v2.txt"}
	for i := range ordered[1:] {
		require.Negative(t, VersionFromName(ordered[i]).Compare(VersionFromName(ordered[i+1])), "%s before %s", ordered[i], ordered[i+1])
	}
}

func TestKindOfName(t *testing.T) {
	for name, want := range map[string]Kind{
		"HCPC2018_Corrections_README.txt":          KindReadme,
		"HCPCREAD_11.txt":                          KindReadme,
		"README.md":                                KindReadme,
		"HCPC2025_recordlayout.txt":                KindRecordLayout,
		"2011_Corrections_alpha.xlsx":              KindCorrections,
		"NOC_Codes_2019.prn":                       KindNOCCodes,
		"proc_notes_2020.txt":                      KindProcessingNotes,
		"Changes_by_HCPC.prn":                      KindTransactionReport,
		"HCPCS2017_Trans Report_ChangesbyHCPC.prn": KindTransactionReport,
		"trans_alpha.xls":                          KindTransactionReport,
		"HCPC2020_ANWEB_w_disclaimer.xls":          KindOther,
		"trans_alpha.xlsx.json":                    KindOther,
		"innocent.txt":                             KindOther,
	} {
		require.Equal(t, want, kindOfName(name), name)
	}
}
