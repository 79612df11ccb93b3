// Command hcpcs watches CMS's quarterly HCPCS Level II releases, works out what
// changed and from when, and answers questions about it.
//
// In come arguments, environment and configuration file; out go results on
// standard output, everything else on standard error, and an exit code. What a
// command does is done by package pipeline, what it knows is kept by package
// load: here it is only asked for and printed, in one file a command.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second Ctrl-C ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(execute(ctx, surroundings{
		arguments: os.Args[1:], environ: os.Environ(), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
	}))
}

// surroundings are what the command line takes from outside.
type surroundings struct {
	arguments      []string // without the program's name
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
}
