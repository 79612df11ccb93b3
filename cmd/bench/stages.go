package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// stages are the test binaries that hold the project's Go benchmarks.
type stages struct{ transform, load string }

// buildStages builds them, as go test would.
func buildStages(ctx context.Context, folder string) (stages, error) {
	built := stages{filepath.Join(folder, "transform.test"), filepath.Join(folder, "load.test")}
	for binary, name := range map[string]string{built.transform: "./transform", built.load: "./load"} {
		command := exec.CommandContext(ctx, "go", "test", "-c", "-o", binary, name)
		command.Stderr = os.Stderr
		if err := command.Run(); err != nil {
			return stages{}, fmt.Errorf("building the benchmarks of %s: %w", name, err)
		}
	}
	return built, nil
}

// runStage runs the benchmarks of a test binary that a pattern matches, a number
// of times ("10x"), and gives what they print.
func runStage(ctx context.Context, binary, pattern, times string, environment []string) (*figures, error) {
	command := exec.CommandContext(ctx, binary, "-test.run", "^$", "-test.bench", pattern, "-test.benchtime", times)
	command.Env = append(os.Environ(), environment...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("the benchmark %s: %w: %s", pattern, err, lastLines(out.String()))
	}
	measured, err := readFigures(&out, pattern)
	if err != nil {
		return nil, err
	}
	if len(measured.names) == 0 {
		return nil, fmt.Errorf("the benchmark %s is not there", pattern)
	}
	return measured, nil
}

var quartersPart = regexp.MustCompile(`/quarters=\d+`)

// quartersLast puts a suffix in place of the part of a name that says how many
// quarters there are, or moves that part to the end.
func quartersLast(name, suffix string) string {
	part := quartersPart.FindString(name)
	if suffix == "" {
		suffix = part
	}
	return strings.Replace(name, part, "", 1) + suffix
}
