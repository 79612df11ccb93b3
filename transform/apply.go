package transform

import "fmt"

// CheckApplied tells whether a change, applied to the record of the release
// before, gives the record of the next one: every field that it names holds the
// old value before and the new value after, and no other field differs. nil
// stands for a code that is absent, and for no change. It gives "" where all is
// well, else what is not.
func CheckApplied(previous, next *Record, change *Change) string {
	if change == nil {
		switch {
		case previous == nil && next == nil:
			return ""
		case previous == nil || next == nil:
			return "it came or went without a change"
		case !previous.Content.Equal(next.Content):
			return "its record differs without a change"
		}
		return ""
	}
	switch {
	case next == nil:
		if previous == nil || (change.What != Vanished && change.What != AgedOff) {
			return fmt.Sprintf("%s, but it is absent", change.What)
		}
		return ""
	case previous == nil:
		if change.What != Added && change.What != Reappeared && change.What != Reused {
			return fmt.Sprintf("%s, but it was absent before", change.What)
		}
		return ""
	}
	named := map[string]bool{}
	for _, field := range change.Fields {
		named[field.Field] = true
		before, after := previous.text(field.Field), next.text(field.Field)
		if before != field.Old || after != field.New {
			return fmt.Sprintf("%s goes from %q to %q, not from %q to %q", field.Field, before, after, field.Old, field.New)
		}
	}
	for i := range Layout {
		if !named[Layout[i].Name] && previous.Content[i] != next.Content[i] {
			return fmt.Sprintf("%s differs without a change", Layout[i].Name)
		}
	}
	return ""
}

// text gives a column of a record as people read it.
func (r *Record) text(column string) string {
	if column == actionEffectiveDateColumn {
		return r.ActionEffectiveDate
	}
	field, _ := FieldNamed(column)
	return r.Content.Text(field)
}
