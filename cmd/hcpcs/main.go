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
	os.Exit(execute(untilAsked(), surroundings{
		arguments: os.Args[1:], environ: os.Environ(), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
	}))
}

// untilAsked gives a context that ends when the program is asked to stop, by
// Ctrl-C or SIGTERM. Whoever sees its end may count on it that a second signal
// ends the program at once: nobody listens to signals any more by then.
func untilAsked() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals)
		select {
		case second := <-signals: // it came before nobody listened
			if self, err := os.FindProcess(os.Getpid()); err == nil {
				_ = self.Signal(second) // where that fails, the first one has to do
			}
		default:
		}
		cancel()
	}()
	return ctx
}

// surroundings are what the command line takes from outside.
type surroundings struct {
	arguments      []string // without the program's name
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
}
