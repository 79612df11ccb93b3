package main

import (
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// What is empty in the program is NULL in a table and null in JSON.

func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func nilIfEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func releaseOrNil(id release.ID) any {
	if id == (release.ID{}) {
		return nil
	}
	return id.String()
}

func releasePointer(id release.ID) *string {
	if id == (release.ID{}) {
		return nil
	}
	return nilIfEmpty(id.String())
}

func quarterPointer(quarter release.Quarter) *string {
	if quarter.IsZero() {
		return nil
	}
	return nilIfEmpty(quarter.String())
}

func dateOrNil(day transform.Date) any { return nullable(day.String()) }

// timestamp gives a moment in UTC, to the second.
func timestamp(moment time.Time) any {
	if moment.IsZero() {
		return nil
	}
	return moment.UTC().Format(time.RFC3339)
}

// inWords makes words of a value that a contract writes with underscores.
func inWords(value string) string { return strings.ReplaceAll(value, "_", " ") }
