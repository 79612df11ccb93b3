package main

import (
	"io"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// changeList is a list of changes to be printed.
type changeList struct {
	comparison load.Comparison
	net        bool                // other releases lie between the two
	changes    []*transform.Change // those of the comparison that are wanted
	filtered   bool
	records    *load.RecordBook // for people only
}

func (l *changeList) isBaseline() bool { return l.comparison.Previous == release.ID{} }

// contract is the table of the changes, a row for each changed field, and one
// with an empty field for changes that have none. Its columns are a contract
// (design.md, "Command line").
func (l *changeList) contract() *table {
	t := &table{columns: columnsNamed("release", "previous_release", "code", "kind", "change", "field", "old_value", "new_value",
		"action_code", "observed_actions", "agreement", "effective_date", "timing")}
	for _, change := range l.changes {
		fields := change.Fields
		if len(fields) == 0 {
			fields = []transform.FieldChange{{}}
		}
		for _, field := range fields {
			t.rows = append(t.rows, []any{
				l.comparison.Release.ID.String(), releaseOrNil(l.comparison.Previous), change.Code, string(change.Kind), string(change.What),
				nullable(field.Field), nullable(field.Old), nullable(field.New), nullable(change.ActionCode), listOrNil(change.Observed.List()),
				nullable(string(change.Agreement)), dateOrNil(change.Effective), nullable(string(change.Timing)),
			})
		}
	}
	return t
}

// listOrNil gives an empty list as NULL.
func listOrNil(values []string) any {
	if len(values) == 0 {
		return nil
	}
	return values
}

// The JSON of a change; its keys are a contract.
type (
	changeJSON struct {
		Release         string      `json:"release"`
		PreviousRelease *string     `json:"previous_release"`
		Code            string      `json:"code"`
		Kind            string      `json:"kind"`
		Change          string      `json:"change"`
		Life            int         `json:"life"`
		ActionCode      *string     `json:"action_code"`
		ObservedActions []string    `json:"observed_actions"`
		Agreement       *string     `json:"agreement"`
		EffectiveDate   *string     `json:"effective_date"`
		Timing          *string     `json:"timing"`
		TimingDays      *int        `json:"timing_days"`
		Similarity      *float64    `json:"description_similarity"`
		Replacements    []string    `json:"replacements"`
		Fields          []fieldJSON `json:"fields"`
	}
	fieldJSON struct {
		Field       string  `json:"field"`
		OldValue    *string `json:"old_value"`
		NewValue    *string `json:"new_value"`
		Typographic bool    `json:"typographic"`
	}
)

func (l *changeList) writeJSON(out io.Writer) error {
	objects := make([]changeJSON, len(l.changes))
	for i, change := range l.changes {
		objects[i] = changeObject(&l.comparison, change)
	}
	return writeObject(out, objects)
}

func changeObject(comparison *load.Comparison, change *transform.Change) changeJSON {
	object := changeJSON{
		Release: comparison.Release.ID.String(), PreviousRelease: releasePointer(comparison.Previous),
		Code: change.Code, Kind: string(change.Kind), Change: string(change.What), Life: change.Life,
		ActionCode: nilIfEmpty(change.ActionCode), ObservedActions: change.Observed.List(), Agreement: nilIfEmpty(string(change.Agreement)),
		EffectiveDate: nilIfEmpty(change.Effective.String()), Timing: nilIfEmpty(string(change.Timing)),
		Replacements: change.Replacements, Fields: []fieldJSON{},
	}
	if change.Timing != transform.NoTiming {
		object.TimingDays = &change.TimingDays
	}
	if change.Similarity >= 0 {
		object.Similarity = &change.Similarity
	}
	for _, field := range change.Fields {
		object.Fields = append(object.Fields, fieldJSON{field.Field, nilIfEmpty(field.Old), nilIfEmpty(field.New), field.Typographic})
	}
	return object
}
