package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// usage is what a process took of the machine.
type usage struct {
	wall time.Duration
	cpu  time.Duration // user and system, over all cores
	peak int64         // of resident memory, in bytes
}

// measure runs a program to its end, with nothing on its standard input, and
// gives what it took and what it wrote to standard output.
//
// Linux counts a process's peak from that of the process that started it: this
// one therefore has to stay smaller than whatever it measures (see ownPeak).
func measure(ctx context.Context, program string, arguments ...string) (usage, string, error) {
	command := exec.CommandContext(ctx, program, arguments...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	// What earlier steps wrote would be written out while this one runs.
	syscall.Sync()
	start := time.Now()
	err := command.Run()
	wall := time.Since(start)
	if err != nil {
		return usage{}, "", fmt.Errorf("%s %s: %w: %s", filepath.Base(program), strings.Join(arguments, " "), err, lastLines(errs.String()))
	}
	taken, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return usage{}, "", errors.New("this system does not tell what a process took of memory")
	}
	return usage{wall: wall, cpu: command.ProcessState.UserTime() + command.ProcessState.SystemTime(), peak: peakBytes(taken)}, out.String(), nil
}

// peakBytes: macOS counts bytes, the others kilobytes.
func peakBytes(taken *syscall.Rusage) int64 {
	if runtime.GOOS == "darwin" {
		return int64(taken.Maxrss)
	}
	return int64(taken.Maxrss) << 10
}

// ownPeak is this program's own peak of memory: no smaller one can be measured.
func ownPeak() int64 {
	var taken syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &taken); err != nil {
		return 0
	}
	return peakBytes(&taken)
}

// lastLines keeps the end of what a program said before it failed.
func lastLines(text string) string {
	const most = 2000
	text = strings.TrimSpace(text)
	if len(text) > most {
		return "…" + text[len(text)-most:]
	}
	return text
}

// copyFile copies a file and waits until it is on disk.
func copyFile(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if _, err := io.Copy(target, source); err != nil {
		return err
	}
	return target.Sync()
}

// cloneData copies a data folder. The archive's files, which nothing ever
// overwrites, become hard links; databases are copied.
func cloneData(from, to string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		switch {
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case strings.HasPrefix(relative, "archive"+string(filepath.Separator)):
			return link(path, target)
		}
		return copyFile(path, target)
	})
}
