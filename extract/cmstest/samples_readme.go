package cmstest

import (
	"bytes"
	"fmt"
	"strings"
)

// samplesReadme writes the page that says what is in testdata/releases, from
// the same tables as the files.
func samplesReadme(history History) []byte {
	var page bytes.Buffer
	page.WriteString(`# Sample releases

Six quarters of HCPCS releases in CMS's exact form, small and invented: codes, words, notes and disclaimers are made up,
and nobody may bill by them. The fourth quarter was published twice. Around the codes below stand others that were generated,
of which CMS declares every change.

Written by ` + "`go run ./extract/cmstest/writesamples testdata/releases`" + `; a test checks that they are what it writes. Do not edit them by hand.

` + "`changes.csv`" + ` lists what was changed from each release to the next, written down when it was changed and not found by comparing:
a row for each changed field, and one row with an empty field where a whole record came or went or an action was declared for nothing.
Where nothing but the action effective date moved, that is the field. The first release is the baseline and has no rows.

## Releases

| release | file | published | codes |
|---|---|---|---|
`)
	for i, sample := range samples {
		r := history.Releases[i]
		fmt.Fprintf(&page, "| %s | %s | %s | %d |\n", sample.id, sample.path, r.PublishedAt.Format("2006-01-02 15:04"), len(r.Codes))
	}
	fmt.Fprintf(&page, "| | %s | corrections in two lists | |\n", correctionsPath)
	fmt.Fprintf(&page, "| | %s | codes for what is not otherwise classified | |\n", nocPath)

	page.WriteString(`
## Irregularities of codes

Numbers are those of "How the data misbehaves"; a dash is something regular that is worth a look.

| number | code | releases | what happens |
|---|---|---|---|
`)
	for _, story := range stories {
		var when []string
		for _, step := range story.steps {
			when = append(when, step.release)
		}
		fmt.Fprintf(&page, "| %s | %s | %s | %s |\n", orDash(story.numbers), story.code, orDash(strings.Join(when, ", ")), story.about)
	}

	page.WriteString(`
## Irregularities of files

| number | release | file | what it is |
|---|---|---|---|
`)
	for _, sample := range samples {
		for _, odd := range sample.odd {
			fmt.Fprintf(&page, "| %s | %s | %s | %s |\n", odd.numbers, sample.id, odd.file, odd.what)
		}
	}
	fmt.Fprintf(&page, "| 15 | | %s | the second list takes back what the first says of S7231 |\n", correctionsPath)
	return page.Bytes()
}

func orDash(text string) string {
	if text == "" {
		return "—"
	}
	return text
}
