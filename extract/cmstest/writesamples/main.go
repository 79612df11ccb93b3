// Command writesamples writes the project's sample releases into a folder:
//
//	go run ./extract/cmstest/writesamples testdata/releases
//
// It replaces the files it writes and leaves all others alone.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: writesamples FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "writesamples:", err)
		os.Exit(1)
	}
}

func write(folder string) error {
	for _, file := range cmstest.Samples() {
		path := filepath.Join(folder, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("making the folder of %s: %w", path, err)
		}
		if err := os.WriteFile(path, file.Content, 0o644); err != nil {
			return fmt.Errorf("writing a sample: %w", err)
		}
	}
	return nil
}
