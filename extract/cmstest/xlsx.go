package cmstest

import (
	"slices"
	"strings"
)

// xlsxHeaders are the 48 columns of the main workbook, in CMS's order.
var xlsxHeaders = strings.Split("HCPC|SEQNUM|RECID|LONG DESCRIPTION|SHORT DESCRIPTION|"+
	"PRICE1|PRICE2|PRICE3|PRICE4|MULT_PI|CIM1|CIM2|CIM3|MCM1|MCM2|MCM3|STATUTE|"+
	"LABCERT1|LABCERT2|LABCERT3|LABCERT4|LABCERT5|LABCERT6|LABCERT7|LABCERT8|"+
	"XREF1|XREF2|XREF3|XREF4|XREF5|COV|ASC_GRP|ASC_DT|OPPS|OPPS_PI|OPPS_DT|PROCNOTE|BETOS|"+
	"TOS1|TOS2|TOS3|TOS4|TOS5|ANEST_BU|ADD DT|ACT EFF DT|TERM DT|ACTION CD", "|")

// XLSXOptions are the irregularities a workbook is written with; the zero
// value gives a sheet "A" with its header in row 1.
type XLSXOptions struct {
	SheetName string
	// Disclaimer is written above the header, a row each, from row 1 on.
	Disclaimer []string
	// HeaderRow is where the header stands: 1 by default, 8 or 11 below a
	// disclaimer (domain.md 12).
	HeaderRow int
	// UsedRows inflates the range the sheet claims to use (16,965 rows for
	// 7,159 in 2020Q3).
	UsedRows int
	// Numbers names columns by their headers in which single codes' values are
	// stored as numbers among the others' strings.
	Numbers map[string][]string // code → headers
	// Split lists codes given as two rows: the first with the first half of the
	// long description, the second of type 4 with nothing but its rest.
	Split []string
	// EmptyStrings stores blank cells as empty strings (2025) instead of
	// leaving them out.
	EmptyStrings bool
	// MisplacedASC is as in TXTOptions.
	MisplacedASC []string
	// Differing are records that stand here in another form than in the text
	// of the same release (domain.md 13).
	Differing []Code
}

// XLSX writes the release's main file as a workbook: one row for each code and
// 48 columns, sequence numbers four digits long ("0010"), all values strings.
func (r *Release) XLSX(options XLSXOptions) []byte {
	main := sheet{name: options.SheetName, columns: len(xlsxHeaders), lastRow: options.UsedRows}
	if main.name == "" {
		main.name = "A"
	}
	headerRow := max(options.HeaderRow, len(options.Disclaimer)+1)
	for i, line := range options.Disclaimer {
		main.rows = append(main.rows, sheetRow{i + 1, texts(line)})
	}
	main.rows = append(main.rows, sheetRow{headerRow, texts(xlsxHeaders...)})

	differing := map[string]Code{}
	for _, code := range options.Differing {
		differing[code.Code] = code
	}
	add := func(values []string, numbers []string) {
		main.rows = append(main.rows, sheetRow{main.rows[len(main.rows)-1].number + 1, options.cells(values, numbers)})
	}
	for _, code := range r.Codes {
		if other, ok := differing[code.Code]; ok {
			code = other
		}
		if slices.Contains(options.MisplacedASC, code.Code) {
			code = MisplaceASC(code)
		}
		numbers := options.Numbers[code.Code]
		if !slices.Contains(options.Split, code.Code) {
			add(xlsxRow(&code, code.LongDescription), numbers)
			continue
		}
		first, rest := halves(code.LongDescription)
		add(xlsxRow(&code, first), numbers)
		add([]string{code.column(), "0020", string(code.recordType() + 1), rest}, nil)
	}
	return workbook(r.PublishedAt, main)
}

// xlsxRow gives the 48 values of a code's row.
func xlsxRow(code *Code, longDescription string) []string {
	row := make([]string, 0, len(xlsxHeaders))
	put := func(values ...string) { row = append(row, values...) }
	putAll := func(occurs int, values []string) {
		row = append(row, values...)
		row = append(row, make([]string, occurs-len(values))...)
	}
	put(code.column(), code.sequence()[:4], string(code.recordType()), longDescription, code.ShortDescription)
	putAll(4, code.PricingIndicators)
	put(code.MultiplePricingIndicator)
	putAll(3, code.CoverageIssuesManualRefs)
	putAll(3, code.MedicareCarriersManualRefs)
	put(code.Statute)
	putAll(8, code.LabCertifications)
	putAll(5, code.CrossReferences)
	put(code.CoverageCode, code.ASCPaymentGroup, dateDigits(code.ASCPaymentGroupDate))
	put(code.MOGPaymentGroup, code.MOGPaymentPolicy, dateDigits(code.MOGEffectiveDate))
	put(code.ProcessingNote, code.Betos)
	putAll(5, code.TypesOfService)
	put(anesthesiaColumns(code, false))
	put(dateDigits(code.CodeAddedDate), dateDigits(code.ActionEffectiveDate), dateDigits(code.TerminationDate), code.ActionCode)
	return row
}

func (o *XLSXOptions) cells(values, numbers []string) []cell {
	cells := make([]cell, 0, len(values))
	for i, value := range values {
		if value == "" && !o.EmptyStrings {
			continue
		}
		cells = append(cells, cell{i, value, value != "" && slices.Contains(numbers, xlsxHeaders[i])})
	}
	return cells
}

// halves splits a text at the blank nearest behind its middle.
func halves(text string) (first, rest string) {
	at := strings.IndexByte(text[len(text)/2:], ' ')
	if at < 0 {
		return text, ""
	}
	at += len(text) / 2
	return text[:at], text[at+1:]
}
