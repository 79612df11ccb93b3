package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// The units of what is measured. Those of the Go benchmark format's own words are
// spelled as there, so that benchstat compares the files.
const (
	seconds    = "sec/op"
	cpuSeconds = "user+sys-sec/op"
	peakMemory = "peak-RSS-bytes"
	fileBytes  = "file-bytes"
	// relative is the time as a multiple of the reference's at that moment: it says
	// about the same on a slower machine.
	relative = "x-unzip"
)

// referenceName is the stage that others are held against: unzipping ten
// quarters, which no change of the program can move.
const referenceName = "Unzip/quarters=10"

// figures are what a run has measured: for each name and unit the values, in the
// order of the rounds.
type figures struct {
	// about says where and with what: the file's configuration lines.
	about  []about
	names  []string // in the order of their first appearance
	values map[string]map[string][]float64
}

type about struct{ key, value string }

func newFigures(describing ...about) *figures {
	return &figures{about: describing, values: map[string]map[string][]float64{}}
}

// add appends a value to those of a name and unit.
func (f *figures) add(name, unit string, value float64) {
	if f.values[name] == nil {
		f.values[name] = map[string][]float64{}
		f.names = append(f.names, name)
	}
	f.values[name][unit] = append(f.values[name][unit], value)
}

// addUsage appends what a process took.
func (f *figures) addUsage(name string, taken usage) {
	f.add(name, seconds, taken.wall.Seconds())
	f.add(name, cpuSeconds, taken.cpu.Seconds())
	f.add(name, peakMemory, float64(taken.peak))
}

// of gives the values of a name and unit; none where it was not measured.
func (f *figures) of(name, unit string) sample { return sample(f.values[name][unit]) }

// get gives what is said of the run under a key, "" where nothing is.
func (f *figures) get(key string) string {
	for _, one := range f.about {
		if one.key == key {
			return one.value
		}
	}
	return ""
}

// sample are values of one thing, measured several times.
type sample []float64

// median is the middle value, or the mean of the two in the middle; 0 of none.
func (s sample) median() float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

func (s sample) least() float64 { return slices.Min(s) }
func (s sample) most() float64  { return slices.Max(s) }

// units is the order in which the values of a name are written.
var units = []string{seconds, cpuSeconds, peakMemory, fileBytes, relative}

// write writes the figures in the Go benchmark format: a line for each round, as
// benchstat wants it. A unit with fewer values than rounds is written on the
// first lines.
func (f *figures) write(out io.Writer) error {
	writer := benchfmt.NewWriter(out)
	for _, name := range f.names {
		rounds := 0
		for _, values := range f.values[name] {
			rounds = max(rounds, len(values))
		}
		for round := range rounds {
			result := benchfmt.Result{Name: benchfmt.Name(name), Iters: 1}
			for _, one := range f.about {
				result.Config = append(result.Config, benchfmt.Config{Key: one.key, Value: []byte(one.value), File: true})
			}
			for _, unit := range units {
				if values := f.values[name][unit]; round < len(values) {
					result.Values = append(result.Values, benchfmt.Value{Value: values[round], Unit: unit})
				}
			}
			if err := writer.Write(&result); err != nil {
				return err
			}
		}
	}
	return nil
}

// readFigures reads what write wrote, and what go test prints of benchmarks,
// whose names end in the number of cores, which is left off.
func readFigures(in io.Reader, name string) (*figures, error) {
	f := newFigures()
	reader := benchfmt.NewReader(in, name)
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, fmt.Errorf("reading figures: %w", record)
		case *benchfmt.Result:
			if f.about == nil {
				for _, config := range record.Config {
					if config.File {
						f.about = append(f.about, about{config.Key, string(config.Value)})
					}
				}
			}
			for _, value := range record.Values {
				f.add(withoutCores(record.Name), value.Unit, value.Value)
			}
		}
	}
	if err := reader.Err(); err != nil {
		return nil, fmt.Errorf("reading figures: %w", err)
	}
	return f, nil
}

func withoutCores(name benchfmt.Name) string {
	base, parts := name.Parts()
	whole := string(base)
	for _, part := range parts {
		if !strings.HasPrefix(string(part), "-") {
			whole += string(part)
		}
	}
	return whole
}

func readFiguresFile(path string) (*figures, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := readFigures(file, path)
	return f, errors.Join(err, file.Close())
}

func (f *figures) writeFile(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(f.write(file), file.Close())
}
