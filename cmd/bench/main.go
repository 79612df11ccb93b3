// Command bench measures the program: whole processes by what the system counts
// for them, stages by the project's Go benchmarks, on CMS's own releases where
// they lie beside the project and on generated histories, and in the same run
// what they are held against: pandas, and the least that the work can cost.
//
//	make bench          # 10, 40 and 100 quarters; wants a quiet machine
//	make bench-short    # 3 and 10 quarters
//
// Results go to standard output: all that was measured with its spread, a short
// table, the goals, and what moved by more than noise since the committed
// figures. They are also written to a file in the Go benchmark format, which
// benchstat compares. No result makes it fail; it fails where something cannot be
// measured, or where pandas and the program did not do the same work.
//
// What is measured, by the names in the file:
//
//	Backfill        hcpcs run on a folder of ZIPs, from nothing to published,
//	                transaction reports read; file-bytes is the published file
//	Add             hcpcs run on a folder with the next release
//	Publish         hcpcs run with nothing new, where the published file is gone
//	NothingNew      hcpcs run with nothing new; source=newest is a folder with the
//	                last release, source=all one with all of them
//	Show, Changes   hcpcs show CODE, hcpcs changes
//	Check           hcpcs check on generated claim lines
//	Unzip           the floor of reading: the texts unzipped one after the other
//	                in this process, and dropped
//	Write           the floor of writing (see BenchmarkWrite in load): what=tables
//	                are the published file's rows, each table written once;
//	                what=every-row every code of every release
//	Pandas          pandas/compare.py: the texts read, stitched, compared
//	CodesAsOf, LoadStage, PublishStage, ParseText
//	                stages of the program, by the project's Go benchmarks
//
// It belongs to the commands and not to a package of the flow: it runs the program
// from outside and imports nothing of it but the generator of test releases. It
// stays small so that memory can be measured; see measure.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// options are what the command line says.
type options struct {
	program  string
	folder   string
	releases string
	out      string
	quarters []int
	rounds   int
	lines    int
	short    bool
	update   bool
}

func (o *options) longest() (most int) {
	for _, quarters := range o.quarters {
		most = max(most, quarters)
	}
	return most
}

// committedFigures are those of the last measurement that was committed.
const committedFigures = "cmd/bench/figures.txt"

func main() {
	if len(os.Args) > 1 && os.Args[1] == generateCommand {
		if err := generate(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	options, err := readOptions(os.Args[1:], os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err = bringAbout(ctx, options)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func readOptions(arguments []string, errs io.Writer) (options, error) {
	var o options
	var quarters string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.program, "program", "bin/hcpcs", "the program to measure")
	flags.StringVar(&o.folder, "dir", "bin/bench", "folder for generated releases, which are kept, and for what is loaded, which is not")
	flags.StringVar(&o.releases, "releases", defaultReleases(), "folder of CMS's own releases; left out where it is not there")
	flags.StringVar(&o.out, "out", "", "file for the figures (default figures.txt in -dir)")
	flags.StringVar(&quarters, "quarters", "", "sizes of the generated histories (default 10,40,100; with -short 3,10)")
	flags.IntVar(&o.rounds, "rounds", 0, "how often everything is measured (default 5; with -short 2); above 50 quarters half as often")
	flags.IntVar(&o.lines, "lines", 0, "claim lines to check (default 1000000; with -short 100000)")
	flags.BoolVar(&o.short, "short", false, "the short form, under a minute: what must be measured on small histories")
	flags.BoolVar(&o.update, "update", false, "commit to it: write "+committedFigures+" and the README's section on speed")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	if o.update && (o.short || quarters != "" || o.lines != 0) {
		return o, errors.New("-update wants the full form, without -short, -quarters and -lines: the committed figures and the README show that")
	}
	defaults := struct {
		quarters      string
		rounds, lines int
	}{"10,40,100", 5, 1_000_000}
	if o.short {
		defaults.quarters, defaults.rounds, defaults.lines = "3,10", 2, 100_000
	}
	if quarters == "" {
		quarters = defaults.quarters
	}
	if o.rounds == 0 {
		o.rounds = defaults.rounds
	}
	if o.lines == 0 {
		o.lines = defaults.lines
	}
	if o.out == "" {
		o.out = filepath.Join(o.folder, "figures.txt")
	}
	for _, text := range strings.Split(quarters, ",") {
		count, err := strconv.Atoi(text)
		if err != nil || count < 1 {
			return o, fmt.Errorf("-quarters %s: %q is no number of quarters", quarters, text)
		}
		o.quarters = append(o.quarters, count)
	}
	if o.rounds < 1 || o.lines < 1 {
		return o, errors.New("-rounds and -lines start at 1")
	}
	return o, nil
}

func defaultReleases() string {
	if folder := os.Getenv("HCPCS_REAL_RELEASES"); folder != "" {
		return folder
	}
	return "../shared/releases"
}

// bringAbout measures, prints and writes.
func bringAbout(ctx context.Context, options options) (err error) {
	b := &bench{options: options, log: os.Stderr, figures: newFigures(
		about{"goos", runtime.GOOS}, about{"goarch", runtime.GOARCH},
		about{"machine", machine()}, about{"commit", commit(ctx)},
	)}
	if b.program, err = filepath.Abs(options.program); err != nil {
		return err
	}
	if _, err := os.Stat(b.program); err != nil {
		return fmt.Errorf("the program is not there: %w: build it with make build", err)
	}
	if b.folder, err = filepath.Abs(options.folder); err != nil {
		return err
	}
	b.work = filepath.Join(b.folder, "work")
	if err := errors.Join(os.RemoveAll(b.work), os.MkdirAll(b.work, 0o755)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.work)) }()
	if b.stages, err = buildStages(ctx, b.work); err != nil {
		return err
	}
	b.say("generated releases")
	if b.history, err = openHistory(ctx, b.folder, max(options.longest(), 10)+1, options.lines); err != nil {
		return err
	}
	if b.annual, err = realReleases(options.releases); err != nil {
		fmt.Fprintf(b.log, "CMS's own releases are left out: %v\n", err)
	} else if b.real, err = filepath.Abs(options.releases); err != nil {
		return err
	}
	var why string
	if b.python, why = findPandas(ctx); why != "" {
		fmt.Fprintln(b.log, why)
	}
	if options.update && (b.real == "" || b.python == "") {
		return errors.New("-update wants the full form: CMS's own releases and pandas have to be there")
	}
	if err := b.run(ctx); err != nil {
		return err
	}
	return b.conclude(os.Stdout)
}

// conclude prints the results, and writes them where they belong.
func (b *bench) conclude(out io.Writer) error {
	if err := b.figures.writeFile(b.options.out); err != nil {
		return err
	}
	sizes := b.sizes()
	goals, left := goalsTable(b.figures)
	fmt.Fprintf(out, "%s at %s\n\n%s\n\n%s\n", b.figures.get("machine"), b.figures.get("commit"),
		everything(b.figures).Render(), summary(b.figures, sizes).Render())
	if goals.Length() > 0 {
		fmt.Fprintf(out, "\n%s\n", goals.Render())
	}
	if said := checkedLines(b.figures); said != "" {
		fmt.Fprintf(out, "\n%s\n", said)
	}
	if left > 0 {
		fmt.Fprintf(out, "%d more goals are of the full form: make bench\n", left)
	}
	for _, name := range b.figures.names {
		if peaks := b.figures.of(name, peakMemory); len(peaks) > 0 && int64(peaks.least()) <= ownPeak() {
			fmt.Fprintf(out, "The peak memory of %s is no larger than this program's own, and therefore not known.\n", name)
		}
	}
	committed, err := readFiguresFile(committedFigures)
	switch {
	case errors.Is(err, os.ErrNotExist):
		fmt.Fprintf(out, "\nThere are no committed figures yet: -update writes %s.\n", committedFigures)
	case err != nil:
		return err
	default:
		fmt.Fprintf(out, "\n%s", describeMoves(committed, b.figures))
	}
	fmt.Fprintf(out, "\nFor benchstat: %s\n", b.options.out)
	if !b.options.update {
		return nil
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		return err
	}
	text, err := replaceSpeed(string(readme), speedSection(b.figures, sizes))
	if err != nil {
		return err
	}
	return errors.Join(b.figures.writeFile(committedFigures), os.WriteFile("README.md", []byte(text), 0o644))
}

// sizes are the columns of the short table.
func (b *bench) sizes() []size {
	var sizes []size
	if b.real != "" {
		sizes = append(sizes, size{"CMS's ZIPs of 2017 to 2020", "/releases=annual"})
		if !b.options.short {
			sizes = append(sizes, size{"all nine of CMS's", "/releases=all"})
		}
	}
	for _, quarters := range b.options.quarters {
		sizes = append(sizes, size{fmt.Sprintf("%d quarters", quarters), fmt.Sprintf("/quarters=%d", quarters)})
	}
	return sizes
}

// commit names the version of the project, as git has it.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--exclude", "*").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// machine describes where this runs: processor, cores, memory.
func machine() string {
	words := []string{fmt.Sprintf("%d cores", runtime.NumCPU())}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if name := valueOf(string(text), "model name"); name != "" {
			words = append([]string{name}, words...)
		}
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		if kilobytes, err := strconv.Atoi(strings.TrimSuffix(valueOf(string(text), "MemTotal"), " kB")); err == nil {
			words = append(words, fmt.Sprintf("%d GiB", (kilobytes+1<<19)>>20))
		}
	}
	return strings.Join(append(words, runtime.GOOS+"/"+runtime.GOARCH, runtime.Version()), ", ")
}

// valueOf finds "key : value" in a text of such lines.
func valueOf(text, key string) string {
	for line := range strings.Lines(text) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == key {
			return strings.Join(strings.Fields(value), " ")
		}
	}
	return ""
}
