package main

import (
	"fmt"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// changesOfCode shows what each release changed of one code.
func changesOfCode(comparisons []load.Comparison) *table {
	t := &table{columns: []column{{title: "Release"}, {title: "Change"}, {title: "Effective"}, {title: "Declared"}, {title: "What"}}}
	for i := range comparisons {
		change := comparisons[i].Changes[0]
		what := whatLines(change, nil)
		switch {
		case comparisons[i].Previous == release.ID{}:
			what = lines{"The first release in hand: there is nothing to compare it with."}
		case len(what) == 0:
			what = lines{transform.MeaningOf("change", change.What)}
		}
		t.rows = append(t.rows, []any{
			comparisons[i].Release.ID.String(), inWords(string(change.What)), effectiveLines(change), declaredLines(change), what,
		})
	}
	return t
}

// lifeTable shows the rectangles of a history, in the order in which they became
// known. What differs is said against the one before in that order.
func lifeTable(history []transform.Rectangle) *table {
	t := &table{columns: []column{
		{title: "Valid from"}, {title: "Valid to"}, {title: "Known from"}, {title: "Known to"}, {title: "Status"}, {title: "Record"},
	}}
	for i := range history {
		r := &history[i]
		var record lines
		if i == 0 || r.Life != history[i-1].Life {
			record = lines{shorten(r.Content[transform.LongDescription], describedUpTo)}
		} else if differing := differingFields(history[i-1].Content, r.Content); differing != nil {
			record = append(lines{"against the row above:"}, differing...)
		} else {
			record = lines{"as in the row above"}
		}
		t.rows = append(t.rows, []any{
			r.From.String(), openWords(r.To), r.KnownFrom.String(), knownToWords(r.KnownTo), stretchLines(&r.Stretch), record,
		})
	}
	return t
}

func openWords(to transform.Date) string {
	if to == transform.OpenEnd {
		return "open"
	}
	return to.String()
}

func knownToWords(to release.ID) string {
	if to == (release.ID{}) {
		return "now"
	}
	return to.String()
}

// stretchLines gives a stretch's status, and what is doubtful about it.
func stretchLines(s *transform.Stretch) lines {
	text := lines{string(s.Status)}
	if s.Life > 1 {
		text[0] += fmt.Sprintf(", life %d", s.Life)
	}
	if !s.Listed {
		text = append(text, "not listed")
	}
	if !s.Attested {
		text = append(text, "not attested")
	}
	return append(text, "start: "+string(s.Basis))
}

// differingFields shows how one record differs from another.
func differingFields(before, after *transform.Content) []string {
	difference := transform.Compare(before, after)
	var text []string
	for i := range difference.Fields {
		text = append(text, fieldLines(&difference.Fields[i])...)
	}
	return text
}

// The JSON of a code's sheet; its keys are a contract.
type (
	sheetJSON struct {
		Code         string        `json:"code"`
		Kind         string        `json:"kind"`
		Status       string        `json:"status"`
		StatusText   string        `json:"status_text"`
		Life         int           `json:"life"`
		FirstRelease string        `json:"first_release"`
		LastRelease  string        `json:"last_release"`
		Latest       string        `json:"latest_release"`
		LastChanged  *string       `json:"last_changed"`
		ActionCode   *string       `json:"action_code"`
		ActionDate   *string       `json:"action_effective_date"`
		Fields       []factJSON    `json:"fields"`
		Replacements []stepJSON    `json:"replacements"`
		Replaces     []string      `json:"replaces"`
		Changes      []changeJSON  `json:"changes"`
		History      []stretchJSON `json:"history"`
	}
	factJSON struct {
		Field      string `json:"field"`
		Title      string `json:"title"`
		Value      any    `json:"value"`
		Meaning    any    `json:"meaning"`
		Definition string `json:"definition"`
	}
	stepJSON struct {
		Step         int    `json:"step"`
		Via          string `json:"via"`
		Target       string `json:"target"`
		TargetStatus string `json:"target_status"`
	}
	stretchJSON struct {
		Life      int            `json:"life"`
		Status    string         `json:"status"`
		Listed    bool           `json:"listed"`
		Attested  bool           `json:"attested"`
		ValidFrom string         `json:"valid_from"`
		ValidTo   string         `json:"valid_to"`
		KnownFrom string         `json:"known_from"`
		KnownTo   *string        `json:"known_to"`
		Basis     string         `json:"valid_from_basis"`
		Record    map[string]any `json:"record"`
	}
)

func sheetObject(v *report.CodeSheet) sheetJSON {
	s := v.Sheet
	object := sheetJSON{
		Code: s.Record.Code, Kind: string(s.Record.Kind), Status: s.Status, StatusText: report.StatusWords(s), Life: s.Life,
		FirstRelease: s.First.String(), LastRelease: s.Last.String(), Latest: s.Latest.String(), LastChanged: releasePointer(v.LastChanged),
		ActionCode: nilIfEmpty(s.Record.ActionCode), ActionDate: nilIfEmpty(s.Record.ActionEffectiveDate),
		Fields: factObjects(s.Record.Content), Replacements: []stepJSON{}, Replaces: append([]string{}, s.Replaces...),
		Changes: []changeJSON{}, History: []stretchJSON{},
	}
	for _, step := range s.Replacements {
		object.Replacements = append(object.Replacements, stepJSON(step))
	}
	for i := range s.Comparisons {
		object.Changes = append(object.Changes, changeObject(&s.Comparisons[i], s.Comparisons[i].Changes[0]))
	}
	for i := range s.History {
		object.History = append(object.History, stretchObject(&s.History[i]))
	}
	return object
}

// factObjects gives every field of a record with its meaning and definition.
func factObjects(content *transform.Content) []factJSON {
	objects := make([]factJSON, 0, transform.FieldCount)
	for i := range transform.Layout {
		info := &transform.Layout[i]
		f := report.FieldFact(content, info.Field)
		definition, _ := transform.DefinitionOf(info.Name)
		object := factJSON{Field: info.Name, Title: info.Title, Value: contentValue(content, info), Definition: definition.Definition}
		if _, decoded := transform.ListOf(info.Field); decoded && len(f.Values) > 0 {
			object.Meaning = f.Meanings[0]
			if info.Kind == transform.ListField {
				object.Meaning = f.Meanings
			}
		}
		objects = append(objects, object)
	}
	return objects
}

// contentValue gives a field as JSON has it: a list as an array, NULL as null.
func contentValue(content *transform.Content, info *transform.FieldInfo) any {
	if info.Kind == transform.ListField {
		return listOrNil(content.Values(info.Field))
	}
	return nullable(content[info.Field])
}

func stretchObject(r *transform.Rectangle) stretchJSON {
	object := stretchJSON{
		Life: r.Life, Status: string(r.Status), Listed: r.Listed, Attested: r.Attested,
		ValidFrom: r.From.String(), ValidTo: r.To.String(), KnownFrom: r.KnownFrom.String(), KnownTo: releasePointer(r.KnownTo),
		Basis: string(r.Basis), Record: make(map[string]any, transform.FieldCount),
	}
	for i := range transform.Layout {
		info := &transform.Layout[i]
		object.Record[info.Name] = contentValue(r.Content, info)
	}
	return object
}
