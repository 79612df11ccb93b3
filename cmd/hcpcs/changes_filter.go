package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// filterFlags are the filters of a list of changes, as given.
type filterFlags struct {
	actions, kinds, fields, codes []string
	effectiveFrom, effectiveTo    string
}

func (f *filterFlags) add(command *cobra.Command) {
	flags := command.Flags()
	flags.StringSliceVar(&f.actions, "action", nil, "only codes with one of these declared action codes, such as A,C")
	flags.StringSliceVar(&f.kinds, "change", nil, "only these kinds of change, such as added,discontinued")
	flags.StringSliceVar(&f.fields, "field", nil, "only changes of these fields, such as long_description")
	flags.StringSliceVar(&f.codes, "code", nil, "only these codes, or codes that begin so, such as J0570,G0,SS")
	flags.StringVar(&f.effectiveFrom, "effective-from", "", "only changes that hold from this day on or a later one, such as 2020-01-01")
	flags.StringVar(&f.effectiveTo, "effective-to", "", "only changes that hold from this day on or an earlier one, such as 2020-03-31")
	completeValues(command, "action", actionCodes())
	completeValues(command, "change", changeKinds())
	completeValues(command, "field", fieldNames())
}

// changeFilter tells which changes are wanted; an empty list wants all.
type changeFilter struct {
	actions, kinds, fields, codes []string
	from, to                      transform.Date // NoDate where not set
}

// parse checks the values: a wrong one is an error that says what is allowed.
func (f *filterFlags) parse() (changeFilter, error) {
	filter := changeFilter{from: transform.NoDate, to: transform.NoDate}
	for _, one := range []struct {
		flag    string
		given   []string
		adapt   func(string) string
		allowed []string
		into    *[]string
	}{
		{"--action", f.actions, strings.ToUpper, actionCodes(), &filter.actions},
		{"--change", f.kinds, strings.ToLower, changeKinds(), &filter.kinds},
		{"--field", f.fields, strings.ToLower, fieldNames(), &filter.fields},
	} {
		for _, value := range one.given {
			value = one.adapt(strings.TrimSpace(value))
			if !slices.Contains(one.allowed, value) {
				return filter, usagef("%s %q: choose from %s", one.flag, value, strings.Join(one.allowed, ", "))
			}
			*one.into = append(*one.into, value)
		}
	}
	for _, code := range f.codes {
		code = strings.ToUpper(strings.TrimSpace(code))
		if !codePrefix.MatchString(code) {
			return filter, usagef("--code %q: write a code (J0570), a modifier (SS), or the beginning of one (G0)", code)
		}
		filter.codes = append(filter.codes, code)
	}
	var err error
	if filter.from, err = parseDay("--effective-from", f.effectiveFrom); err != nil {
		return filter, err
	}
	if filter.to, err = parseDay("--effective-to", f.effectiveTo); err != nil {
		return filter, err
	}
	if filter.from != transform.NoDate && filter.to != transform.NoDate && filter.from > filter.to {
		return filter, usagef("--effective-from %s is later than --effective-to %s", filter.from, filter.to)
	}
	return filter, nil
}

var codePrefix = regexp.MustCompile(`^([A-Z][0-9]{0,4}|[A-Z0-9]{1,2})$`)

// parseDay reads 2020-01-31; "" is NoDate.
func parseDay(flag, text string) (transform.Date, error) {
	if text == "" {
		return transform.NoDate, nil
	}
	day := transform.ParseDate(strings.TrimSpace(text))
	if day == transform.NoDate {
		return day, usagef("%s %q is no date: write it as 2020-01-31", flag, text)
	}
	return day, nil
}

func (f *changeFilter) isSet() bool {
	return f.actions != nil || f.kinds != nil || f.fields != nil || f.codes != nil || f.from != transform.NoDate || f.to != transform.NoDate
}

// apply gives the changes that are wanted; where fields are, with no other field.
func (f *changeFilter) apply(changes []*transform.Change) []*transform.Change {
	wanted := make([]*transform.Change, 0, len(changes))
	for _, change := range changes {
		if !f.wants(change) {
			continue
		}
		if f.fields != nil {
			narrowed := *change
			narrowed.Fields = slices.DeleteFunc(slices.Clone(change.Fields), func(field transform.FieldChange) bool { return !slices.Contains(f.fields, field.Field) })
			if len(narrowed.Fields) == 0 {
				continue
			}
			change = &narrowed
		}
		wanted = append(wanted, change)
	}
	return wanted
}

func (f *changeFilter) wants(change *transform.Change) bool {
	switch {
	case f.actions != nil && !slices.Contains(f.actions, change.ActionCode),
		f.kinds != nil && !slices.Contains(f.kinds, string(change.What)),
		f.codes != nil && !slices.ContainsFunc(f.codes, func(prefix string) bool { return strings.HasPrefix(change.Code, prefix) }),
		f.from != transform.NoDate && (change.Effective == transform.NoDate || change.Effective < f.from),
		f.to != transform.NoDate && (change.Effective == transform.NoDate || change.Effective > f.to):
		return false
	}
	return true
}

func actionCodes() []string {
	for _, codes := range transform.CodeLists() {
		if codes.Table == "action_codes" {
			values := make([]string, len(codes.Values))
			for i, value := range codes.Values {
				values[i] = value.Value
			}
			return values
		}
	}
	return nil
}

func changeKinds() []string {
	kinds := make([]string, len(transform.ChangeKinds))
	for i, kind := range transform.ChangeKinds {
		kinds[i] = string(kind)
	}
	return kinds
}

// fieldNames are the fields that can differ: those of the record, and what shows
// that only the action effective date moved.
func fieldNames() []string {
	names := make([]string, 0, transform.FieldCount+1)
	for i := range transform.Layout {
		names = append(names, transform.Layout[i].Name)
	}
	return append(names, "action_effective_date")
}
