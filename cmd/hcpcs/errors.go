package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline"
)

// The exit codes; they are a contract with whatever schedules the program.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitHeld        = 3 // a release is held back for review; all else was done
	exitUnreachable = 4 // the source could not be reached
	exitLocked      = 5 // another run holds the lock
	exitUndelivered = 6 // a report could not be delivered; all else was done
)

// usageError is a mistake in what was asked for.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, arguments ...any) error {
	return usageError{fmt.Errorf(format, arguments...)}
}

func asUsage(err error) error {
	if isUsage(err) {
		return err
	}
	return usageError{err}
}

func isUsage(err error) bool {
	var usage usageError
	return errors.As(err, &usage)
}

// queryError is what DuckDB says of a question: several lines, the place of the
// mistake marked below it.
type queryError struct{ error }

func (e queryError) Unwrap() error { return e.error }

// conclude says what went wrong, and gives the exit code.
func (a *app) conclude(ctx context.Context, command *cobra.Command, err error) int {
	if err == nil {
		return exitDone
	}
	if command.Name() == "help" {
		command = command.Root()
	}
	code, text := judge(ctx, command.CommandPath(), &a.config, err)
	if a.config.LogFormat == "json" {
		slog.New(a.logHandler()).LogAttrs(context.WithoutCancel(ctx), slog.LevelError, text, slog.String("command", command.CommandPath()), slog.Int("exit_code", code))
		return code
	}
	// Where even standard error cannot be written the exit code has to do.
	_, _ = fmt.Fprintf(a.stderr, "hcpcs: %s\n", text)
	return code
}

// judge gives an error its exit code, and words that say what to do.
func judge(ctx context.Context, command string, config *pipeline.Config, err error) (code int, text string) {
	text = oneLine(err.Error())
	var query queryError
	switch {
	case isUsage(err):
		return exitUsage, fmt.Sprintf("%s; see '%s --help'", text, command)
	case ctx.Err() != nil:
		return exitFailed, "interrupted: what was finished before stays; give the command again to go on"
	case errors.Is(err, pipeline.ErrLocked):
		return exitLocked, text
	case errors.Is(err, pipeline.ErrHeld):
		// Every run ends so until it is accepted, whatever else went wrong.
		return exitHeld, text + "; 'hcpcs releases' says why, and what to do"
	case errors.Is(err, pipeline.ErrUnreachable):
		return exitUnreachable, text
	case errors.Is(err, pipeline.ErrUndelivered):
		return exitUndelivered, text + "; 'hcpcs releases' lists what waits"
	case errors.Is(err, load.ErrNothingPublished):
		return exitFailed, text + "; load releases first: 'hcpcs run', or name the folder that has them with --data-dir"
	case errors.Is(err, errResult): // where it goes is for the one who gave the command to know
	case pipeline.IsDiskFull(err):
		return exitFailed, fmt.Sprintf("the disk is full: %.300s; make room in %s, and give the command again: what was there before is as it was", firstOf(text), config.DataDir)
	case load.IsDamaged(err):
		return exitFailed, text + "; the file is damaged: 'hcpcs run' makes it again from the archive"
	case load.IsOutOfMemory(err):
		return exitFailed, outOfMemory(text, config.MemoryLimit)
	case errors.As(err, &query):
		return exitFailed, clean(err.Error(), true)
	}
	return exitFailed, text
}

// memoryAdvice is what DuckDB advises where memory is wanting: settings that are not
// to be changed here.
var memoryAdvice = regexp.MustCompile(`; Possible solutions:.*how_to_tune_workloads`)

// outOfMemory says how DuckDB is given more memory. What check reads has a limit of
// its own, which it names.
func outOfMemory(text, limit string) string {
	text = memoryAdvice.ReplaceAllString(text, "")
	if strings.Contains(text, "--memory") {
		return text
	}
	return fmt.Sprintf("%s; DuckDB may take %s: give it more by memory_limit, as with HCPCS_MEMORY_LIMIT=1GB in the environment", text, limit)
}

// errResult says that what goes to standard output could not be written there.
var errResult = errors.New("writing the result")

// firstOf gives the first of several errors on a line: where the disk is full,
// the others follow from it.
func firstOf(text string) string {
	first, _, _ := strings.Cut(text, "; ")
	return first
}

// oneLine puts an error of several lines on one, without what a terminal could
// take for a command.
func oneLine(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	return clean(strings.Join(lines, "; "), false)
}
