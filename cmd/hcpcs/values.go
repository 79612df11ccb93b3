package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A value of a table is nil for NULL, a string, a number, a bool, a []string, or
// whatever the database gives: times, lists, structures, large numbers. Here is
// how each is written in each format.

// lines is a value for people only: several lines, each to be wrapped by itself.
type lines []string

// dateOnly is a day: a time of which the clock means nothing.
type dateOnly time.Time

func decimal(number int) string { return strconv.Itoa(number) }

// csvText writes a value for CSV: NULL as nothing, lists joined with ";".
func csvText(value any) string {
	switch v := value.(type) {
	case []string:
		return strings.Join(v, ";")
	case []any:
		texts := make([]string, len(v))
		for i := range v {
			texts[i] = csvText(v[i])
		}
		return strings.Join(texts, ";")
	}
	return plainText(value)
}

// readable writes a value for people: NULL as nothing, lists as [a, b].
func readable(value any) string {
	switch v := value.(type) {
	case lines:
		return strings.Join(v, "\n")
	case []string:
		return "[" + strings.Join(v, ", ") + "]"
	case []any:
		texts := make([]string, len(v))
		for i := range v {
			texts[i] = readableInside(v[i])
		}
		return "[" + strings.Join(texts, ", ") + "]"
	}
	return plainText(value)
}

// readableInside writes a value inside another one, where NULL has to be said.
func readableInside(value any) string {
	if value == nil {
		return "NULL"
	}
	return readable(value)
}

// plainText writes what is no list.
func plainText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32)
	case dateOnly:
		return time.Time(v).Format(time.DateOnly)
	case time.Time:
		return v.Format("2006-01-02 15:04:05.999999")
	case []byte:
		return hex.EncodeToString(v)
	case map[string]any:
		return structText(v)
	}
	if pointer := pointerTo(value); pointer != nil {
		return strings.TrimPrefix(pointer.String(), "OrderedMap") // as the driver names a MAP
	}
	if text, err := json.Marshal(value); err == nil { // an INTERVAL
		return string(text)
	}
	return fmt.Sprint(value)
}

// structText writes a structure as the database does, its fields sorted by name.
func structText(structure map[string]any) string {
	names := sortedKeys(structure)
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = name + ": " + readableInside(structure[name])
	}
	return "{" + strings.Join(texts, ", ") + "}"
}

func sortedKeys(structure map[string]any) []string {
	names := make([]string, 0, len(structure))
	for name := range structure {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// pointerTo finds the String method of types that have it on the pointer.
func pointerTo(value any) fmt.Stringer {
	pointer := reflect.New(reflect.TypeOf(value))
	pointer.Elem().Set(reflect.ValueOf(value))
	stringer, _ := pointer.Interface().(fmt.Stringer)
	return stringer
}

// jsonValue gives what encoding/json writes for a value: NULL as null, lists as
// arrays, days as "2020-04-01", numbers of any size as numbers.
func jsonValue(value any) any {
	switch v := value.(type) {
	case nil, string, bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return v
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return plainText(v)
		}
		return v
	case float32:
		if wide := float64(v); math.IsNaN(wide) || math.IsInf(wide, 0) {
			return plainText(v)
		}
		return v
	case []string:
		if v == nil {
			return nil
		}
		return v
	case []any:
		values := make([]any, len(v))
		for i := range v {
			values[i] = jsonValue(v[i])
		}
		return values
	case map[string]any:
		values := make(map[string]any, len(v))
		for name := range v {
			values[name] = jsonValue(v[name])
		}
		return values
	}
	text := plainText(value)
	if isNumber(value) && json.Valid([]byte(text)) {
		return json.Number(text)
	}
	return text
}

// isNumber tells numbers of other types (decimals, integers of 128 bits) from
// what only looks like one.
func isNumber(value any) bool {
	switch value.(type) {
	case dateOnly, time.Time, []byte:
		return false
	}
	_, isFloat := value.(interface{ Float64() float64 })
	_, isInteger := value.(interface{ IsInt64() bool })
	return isFloat || isInteger
}
