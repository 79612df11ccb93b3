package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// printSummary prints what a run did.
func (a *app) printSummary(s *pipeline.Summary) error {
	switch a.config.Format {
	case "json":
		return writeObject(a.out, a.summaryObject(s))
	case "csv":
		return loadedTable(s).writeCSV(a.out)
	case "markdown":
		return loadedTable(s).writeMarkdown(a.out)
	}
	return a.summaryDocument(s).writeText(a.out, a.width())
}

// loadedTable has a row for each release that a run loaded.
func loadedTable(s *pipeline.Summary) *table {
	t := &table{columns: append(
		columnsNamed("release", "previous_release", "records", "procedures", "modifiers", "findings", "changes"), changeColumns()...)}
	for i := range t.columns {
		t.columns[i].right = i > 1
	}
	for i := range s.Loaded {
		loading := &s.Loaded[i]
		r := &loading.Release
		row := []any{r.ID.String(), releaseOrNil(r.Previous), r.Records, r.Procedures, r.Modifiers, loading.Findings, totalChanges(loading)}
		for _, kind := range transform.ChangeKinds {
			row = append(row, loading.Changes[kind])
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func changeColumns() []column {
	columns := make([]column, len(transform.ChangeKinds))
	for i, kind := range transform.ChangeKinds {
		columns[i].name = string(kind)
	}
	return columns
}

func totalChanges(loading *load.Loading) int {
	total := 0
	for _, count := range loading.Changes {
		total += count
	}
	return total
}

// summaryDocument says it in words.
func (a *app) summaryDocument(s *pipeline.Summary) *document {
	d := &document{}
	if s.Rederived != "" {
		d.paragraphf("Everything was derived anew from the archive: %s.", s.Rederived)
	}
	if len(s.Loaded) > 0 {
		d.paragraphf("Loaded %s from %s in %s:", plural(len(s.Loaded), "release", "releases"), s.Source, duration(s.Took))
		d.table(loadedForPeople(s))
	}
	a.describeHeld(d, s)
	if len(s.Placed) > 0 {
		d.paragraph("Quarters that no name tells, taken from the content:")
		d.items(s.Placed)
	}
	if len(s.Repackaged) > 0 {
		d.paragraph("Other ZIPs around a main file that was there already; they are archived, and are no revisions:")
		items := make([]string, len(s.Repackaged))
		for i, offer := range s.Repackaged {
			items[i] = fmt.Sprintf("%s: %s", offer.ID, below(s.Source, offer.Path))
		}
		d.items(items)
	}
	if len(s.Restored) > 0 {
		d.paragraph("Taken from the source again, since the archive's own file was damaged or gone:")
		items := make([]string, len(s.Restored))
		for i, path := range s.Restored {
			items[i] = below(s.Source, path)
		}
		d.items(items)
	}
	if len(s.NewCompanions) > 0 {
		d.paragraphf("Archived %s of releases, found alone:", plural(len(s.NewCompanions), "companion", "companions"))
		items := make([]string, len(s.NewCompanions))
		for i, companion := range s.NewCompanions {
			items[i] = fmt.Sprintf("%s: %s", companion.Quarter, below(s.Source, companion.Path))
		}
		d.items(items)
	}
	if len(s.Failed) > 0 {
		failed := make([]string, len(s.Failed))
		for i, failure := range s.Failed {
			failed[i] = failure.Link.URL + ": " + failure.Err.Error()
		}
		d.paragraphf("Could not get %s; the next run tries again:", plural(len(failed), "file", "files"))
		d.items(failed)
	}
	if len(s.Duplicates) > 0 {
		again := make([]string, len(s.Duplicates))
		for i, offer := range s.Duplicates {
			again[i] = offer.Path + ": " + offer.ID.String()
		}
		d.paragraph("There already, under another name; they are no revisions:")
		d.items(again)
	}
	a.describePassedOver(d, s)
	for _, report := range s.Reports {
		d.paragraphf("Wrote the report %s: %s", report.Subject, report.Page)
	}
	describeMailings(d, s.Mailings)
	if s.NothingNew() {
		d.paragraphf("Nothing new at %s (%s): %s", s.Source, duration(s.Took), inTables(s))
		return d
	}
	if s.Published {
		d.paragraphf("Published %s: %s", a.config.Paths().Published, inTables(s))
	} else {
		d.paragraphf("The published file %s is as it was: %s", a.config.Paths().Published, inTables(s))
	}
	return d
}

// inTables says how much is in the published file.
func inTables(s *pipeline.Summary) string {
	if s.Releases == 0 {
		return "no release is loaded yet."
	}
	return fmt.Sprintf("%s, the latest of them %s with %s.", plural(s.Releases, "release", "releases"), s.Latest.ID, plural(s.Latest.Records, "code", "codes"))
}

// loadedForPeople has a row for each release loaded, and one for all of them.
func loadedForPeople(s *pipeline.Summary) *table {
	t := &table{columns: []column{
		{title: "Release"}, {title: "Records", right: true}, {title: "Procedures", right: true}, {title: "Modifiers", right: true},
		{title: "Findings", right: true}, {title: "Changes"},
	}}
	all := map[transform.ChangeKind]int{}
	records, findings := 0, 0
	for i := range s.Loaded {
		loading := &s.Loaded[i]
		r := &loading.Release
		changes := countsByKind(loading.Changes)
		if r.Previous.Quarter.IsZero() {
			changes = "the first release: " + changes
		}
		t.rows = append(t.rows, []any{r.ID.String(), thousands(r.Records), thousands(r.Procedures), thousands(r.Modifiers), thousands(loading.Findings), changes})
		records += r.Records
		findings += loading.Findings
		for kind, count := range loading.Changes {
			all[kind] += count
		}
	}
	if len(s.Loaded) > 1 {
		t.rows = append(t.rows, []any{"in all", thousands(records), nil, nil, thousands(findings), countsByKind(all)})
	}
	return t
}

// countsByKind gives "51 added, 9 discontinued".
func countsByKind(counts map[transform.ChangeKind]int) string {
	var words []string
	for _, kind := range transform.ChangeKinds {
		if counts[kind] > 0 {
			words = append(words, thousands(counts[kind])+" "+inWords(string(kind)))
		}
	}
	if words == nil {
		return "no change"
	}
	return strings.Join(words, ", ")
}

func (a *app) describeHeld(d *document, s *pipeline.Summary) {
	if len(s.Held) == 0 {
		return
	}
	d.paragraphf("Held back for review, archived and not loaded, %s:", plural(len(s.Held), "release", "releases"))
	items := make([]string, len(s.Held))
	for i := range s.Held {
		held := &s.Held[i]
		items[i] = fmt.Sprintf("%s (%s): %s. What to do: %s", held.ID, held.FileName, held.HeldBecause, pipeline.HeldAdvice(held))
	}
	d.items(items)
}

// shownPerReason bounds the files named for one reason, where not all are asked
// for.
const shownPerReason = 3

// describePassedOver lists the files that were not used, by reason.
func (a *app) describePassedOver(d *document, s *pipeline.Summary) {
	suspects := slices.DeleteFunc(slices.Clone(s.PassedOver), func(file extract.PassedOver) bool { return !file.Suspect })
	others := slices.DeleteFunc(slices.Clone(s.PassedOver), func(file extract.PassedOver) bool { return file.Suspect })
	if len(suspects) > 0 {
		d.paragraphf("Passed over %s that may hold a release; look at what became of it:", plural(len(suspects), "file", "files"))
		d.items(a.byReason(s, suspects))
	}
	if len(others) > 0 {
		d.paragraphf("Passed over %s:", plural(len(others), "file", "files"))
		d.items(a.byReason(s, others))
	}
}

// byReason has a line for each reason, and the files of which it is said.
func (a *app) byReason(s *pipeline.Summary, passed []extract.PassedOver) []string {
	var reasons []string
	byReason := map[string][]string{}
	for _, file := range passed {
		if byReason[file.Reason] == nil {
			reasons = append(reasons, file.Reason)
		}
		byReason[file.Reason] = append(byReason[file.Reason], below(s.Source, file.Path))
	}
	items := make([]string, len(reasons))
	for i, reason := range reasons {
		files := byReason[reason]
		if more := len(files) - shownPerReason; more > 0 && !a.config.Verbose {
			files = append(slices.Clone(files[:shownPerReason]), fmt.Sprintf("%d more (--verbose lists them)", more))
		}
		items[i] = list(files, "and") + ": " + reason
	}
	return items
}

// below gives a path as it lies in the source.
func below(source, path string) string {
	if within, err := filepath.Rel(source, path); err == nil && filepath.IsLocal(within) {
		return within
	}
	return path
}

// duration rounds to what people care for.
func duration(took time.Duration) string {
	if took < 10*time.Second {
		return took.Round(10 * time.Millisecond).String()
	}
	return took.Round(time.Second).String()
}

// The JSON of a summary; its keys are a contract.
type (
	summaryJSON struct {
		Source        string          `json:"source"`
		Started       string          `json:"started"`
		Seconds       float64         `json:"seconds"`
		NothingNew    bool            `json:"nothing_new"`
		Rederived     *string         `json:"rederived"`
		Loaded        []loadedJSON    `json:"loaded"`
		Held          []heldJSON      `json:"held"`
		PassedOver    []passedJSON    `json:"passed_over"`
		SourceReached bool            `json:"source_reached"`
		Failed        []failedJSON    `json:"failed"`
		Repackaged    []packageJSON   `json:"repackaged"`
		Duplicates    []packageJSON   `json:"duplicates"`
		NewCompanions []companionJSON `json:"new_companions"`
		Restored      []string        `json:"restored_in_archive"`
		Placed        []string        `json:"quarter_from_content"`
		Reports       []reportJSON    `json:"reports"`
		Mails         []mailJSON      `json:"mails"`
		Published     bool            `json:"published"`
		PublishedFile string          `json:"published_file"`
		Releases      int             `json:"releases"`
		Latest        *string         `json:"latest_release"`
		Codes         int             `json:"codes_in_latest_release"`
	}
	loadedJSON struct {
		Release         string                       `json:"release"`
		PreviousRelease *string                      `json:"previous_release"`
		Records         int                          `json:"records"`
		Procedures      int                          `json:"procedures"`
		Modifiers       int                          `json:"modifiers"`
		Findings        int                          `json:"findings"`
		Changes         map[transform.ChangeKind]int `json:"changes"`
		Late            bool                         `json:"late"`
	}
	heldJSON struct {
		Release  string `json:"release"`
		FileName string `json:"file_name"`
		Because  string `json:"held_because"`
	}
	passedJSON struct {
		File    string `json:"file"`
		Reason  string `json:"reason"`
		Suspect bool   `json:"may_hold_release"`
	}
	failedJSON struct {
		Quarter *string `json:"quarter"`
		URL     string  `json:"url"`
		Problem string  `json:"problem"`
	}
	packageJSON struct {
		Release string `json:"release"`
		File    string `json:"file"`
	}
	companionJSON struct {
		Quarter string `json:"quarter"`
		File    string `json:"file"`
	}
	reportJSON struct {
		Report   string `json:"report"`
		Subject  string `json:"subject"`
		Page     string `json:"page"`
		Text     string `json:"text"`
		Workbook string `json:"workbook"`
	}
	mailJSON struct {
		Report      string  `json:"report"`
		Group       string  `json:"group"`
		State       string  `json:"state"`
		DeliveredTo int     `json:"delivered_to"`
		Problem     *string `json:"problem"`
		File        *string `json:"file"`
	}
)

func (a *app) summaryObject(s *pipeline.Summary) summaryJSON {
	object := summaryJSON{
		Source: s.Source, Started: s.Started.UTC().Format(time.RFC3339), Seconds: s.Took.Seconds(), NothingNew: s.NothingNew(),
		Rederived: nilIfEmpty(s.Rederived), Published: s.Published, PublishedFile: a.config.Paths().Published, Releases: s.Releases,
		Latest: releasePointer(s.Latest.ID), Codes: s.Latest.Records,
		Loaded: []loadedJSON{}, Held: []heldJSON{}, PassedOver: []passedJSON{}, SourceReached: !s.Unreached,
		Failed: []failedJSON{}, Repackaged: []packageJSON{}, Duplicates: []packageJSON{},
		Reports: []reportJSON{}, Mails: []mailJSON{},
		NewCompanions: []companionJSON{}, Placed: append([]string{}, s.Placed...), Restored: append([]string{}, s.Restored...),
	}
	for i := range s.Loaded {
		r := &s.Loaded[i].Release
		object.Loaded = append(object.Loaded, loadedJSON{
			r.ID.String(), releasePointer(r.Previous), r.Records, r.Procedures, r.Modifiers, s.Loaded[i].Findings, s.Loaded[i].Changes, s.Loaded[i].Late})
	}
	for _, held := range s.Held {
		object.Held = append(object.Held, heldJSON{held.ID.String(), held.FileName, held.HeldBecause})
	}
	for _, passed := range s.PassedOver {
		object.PassedOver = append(object.PassedOver, passedJSON{passed.Path, passed.Reason, passed.Suspect})
	}
	for _, failure := range s.Failed {
		object.Failed = append(object.Failed, failedJSON{quarterPointer(failure.Link.Quarter), failure.Link.URL, failure.Err.Error()})
	}
	for _, offer := range s.Repackaged {
		object.Repackaged = append(object.Repackaged, packageJSON{offer.ID.String(), offer.Path})
	}
	for _, offer := range s.Duplicates {
		object.Duplicates = append(object.Duplicates, packageJSON{offer.ID.String(), offer.Path})
	}
	for _, companion := range s.NewCompanions {
		object.NewCompanions = append(object.NewCompanions, companionJSON{companion.Quarter.String(), companion.Path})
	}
	for _, r := range s.Reports {
		object.Reports = append(object.Reports, reportJSON{r.Name, r.Subject, r.Page, r.Text, r.Book})
	}
	for _, m := range s.Mailings {
		object.Mails = append(object.Mails, mailJSON{m.Report, m.Group, string(m.State), m.Recipients, nilIfEmpty(m.Problem), nilIfEmpty(m.File)})
	}
	return object
}
