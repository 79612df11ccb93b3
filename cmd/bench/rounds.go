package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// bench is a measurement under way.
type bench struct {
	options options
	program string // absolute
	folder  string // of what is kept from one measurement to the next
	work    string // of what is not
	history *history
	real    string // the folder of CMS's releases, "" where there is none
	annual  []zipped
	python  string // "" where it or pandas is not there
	stages  stages
	figures *figures
	log     io.Writer
}

// set is some releases that are loaded together, and the data folder that the
// backfill makes of them, which the steps after it take as it is.
type set struct {
	suffix   string // of the names: "/quarters=40"
	source   string // a folder that holds the releases and nothing else
	data     string
	releases []zipped
	quarters int // 0: CMS's own
	rounds   int
}

// sets lays out the folders to load from.
func (b *bench) sets() ([]*set, error) {
	var sets []*set
	if b.real != "" {
		annual := &set{suffix: "/releases=annual", releases: b.annual, rounds: b.options.rounds}
		annual.source = filepath.Join(b.work, "annual")
		if err := lay(annual.source, annual.releases); err != nil {
			return nil, err
		}
		sets = append(sets, annual)
		if !b.options.short {
			sets = append(sets, &set{suffix: "/releases=all", source: b.real, rounds: b.options.rounds})
		}
	}
	for _, quarters := range b.options.quarters {
		one := &set{
			suffix: fmt.Sprintf("/quarters=%d", quarters), quarters: quarters, rounds: b.options.rounds,
			source: filepath.Join(b.work, fmt.Sprintf("all-%d", quarters)), releases: b.history.first(quarters),
		}
		if quarters > 50 || b.options.short && quarters < 10 { // long ones vary less, short ones say less
			one.rounds = (b.options.rounds + 1) / 2
		}
		if err := errors.Join(lay(one.source, one.releases),
			lay(b.newest(one), one.releases[quarters-1:]),
			lay(b.next(one), []zipped{b.history.release(quarters)})); err != nil {
			return nil, err
		}
		sets = append(sets, one)
	}
	for _, one := range sets {
		one.data = filepath.Join(b.work, "data"+strings.NewReplacer("/", "-", "=", "-").Replace(one.suffix))
	}
	return sets, nil
}

// newest is a folder with the last of a set's releases, next one with the
// release after it.
func (b *bench) newest(s *set) string {
	return filepath.Join(b.work, fmt.Sprintf("newest-%d", s.quarters))
}
func (b *bench) next(s *set) string {
	return filepath.Join(b.work, fmt.Sprintf("next-%d", s.quarters))
}

// run measures everything, round by round, so that what disturbs the machine for
// a while disturbs all of it.
func (b *bench) run(ctx context.Context) error {
	sets, err := b.sets()
	if err != nil {
		return err
	}
	for round := range b.options.rounds {
		for _, set := range sets {
			if round >= set.rounds {
				continue
			}
			if err := b.round(ctx, set, round); err != nil {
				return err
			}
		}
		if err := b.stage(ctx, b.stages.transform, "^BenchmarkParseText$", "10x", nil, ""); err != nil {
			return err
		}
	}
	return nil
}

// refer measures the stage that others are held against, before each of them:
// what slows the machine down for a while slows down both.
func (b *bench) refer() error {
	took, err := unzip(b.history.first(10))
	if err != nil {
		return err
	}
	b.figures.add(referenceName, seconds, took.Seconds())
	return nil
}

// relate adds to what was measured the multiple of the reference, of which the
// last three times count.
func (b *bench) relate(name string, value float64) {
	references := b.figures.of(referenceName, seconds)
	b.figures.add(name, relative, value/references[max(0, len(references)-3):].median())
}

// process measures a process under a name.
func (b *bench) process(ctx context.Context, name, program string, arguments ...string) (string, error) {
	b.say(name)
	if err := b.refer(); err != nil {
		return "", err
	}
	taken, out, err := measure(ctx, program, arguments...)
	if err != nil {
		return "", err
	}
	b.figures.addUsage(name, taken)
	b.relate(name, taken.wall.Seconds())
	return out, nil
}

// hcpcs measures a command of the program on a data folder.
func (b *bench) hcpcs(ctx context.Context, name, data string, arguments ...string) error {
	_, err := b.process(ctx, name, b.program, append(arguments, "--data-dir", data)...)
	return err
}

// round is one round of a set: the backfill, what it is held against, and what
// is asked of the data that it makes.
func (b *bench) round(ctx context.Context, s *set, round int) error {
	if err := os.RemoveAll(s.data); err != nil {
		return err
	}
	if err := b.hcpcs(ctx, "Backfill"+s.suffix, s.data, "run", "--quiet", "--source", s.source); err != nil {
		return err
	}
	published, err := os.Stat(filepath.Join(s.data, "hcpcs.duckdb"))
	if err != nil {
		return err
	}
	b.figures.add("Backfill"+s.suffix, fileBytes, float64(published.Size()))
	if s.releases != nil {
		if err := b.floor(ctx, s); err != nil {
			return err
		}
		if err := b.pandas(ctx, s, round); err != nil {
			return err
		}
	}
	if s.quarters == 0 {
		return b.nothingNew(ctx, s, "", s.source)
	}
	for _, step := range []func(context.Context, *set) error{b.add, b.ask, b.check} {
		if err := step(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) floor(ctx context.Context, s *set) error {
	if name := "Unzip" + s.suffix; name != referenceName {
		b.say(name)
		if err := b.refer(); err != nil {
			return err
		}
		took, err := unzip(s.releases)
		if err != nil {
			return err
		}
		b.figures.add(name, seconds, took.Seconds())
		b.relate(name, took.Seconds())
	}
	pattern := "^BenchmarkWrite$"
	if b.options.short {
		pattern += "/./^what=tables$"
	}
	return b.stage(ctx, b.stages.load, pattern, "1x", s, s.suffix)
}

// pandas measures both ways of it, in the short form once, and holds what it finds against what the
// program found: the same number of records, and of fields that differ.
func (b *bench) pandas(ctx context.Context, s *set, round int) error {
	if b.python == "" || b.options.short && (round > 0 || s.rounds < b.options.rounds) {
		return nil
	}
	for _, reader := range []string{"fwf", "slices"} {
		arguments := []string{pandasScript, reader}
		for _, one := range s.releases {
			arguments = append(arguments, one.archive, one.member)
		}
		out, err := b.process(ctx, "Pandas/reader="+reader+s.suffix, b.python, arguments...)
		if err != nil {
			return err
		}
		if round > 0 {
			continue
		}
		theirs, err := readWork(out)
		if err != nil {
			return err
		}
		ours, err := b.ownWork(ctx, s.data)
		if err != nil {
			return err
		}
		if difference := ours.differenceFrom(theirs); difference != "" {
			return fmt.Errorf("pandas (%s) and the program did not do the same work on %s: %s", reader, strings.TrimPrefix(s.suffix, "/"), difference)
		}
		fmt.Fprintf(b.log, "  the same work: %s\n", theirs)
	}
	return nil
}

// add measures what changes the data, each time on a copy: one release more, and
// publishing what is loaded, where the published file is gone. A run that finds
// nothing new comes before the release, as on a machine where one comes every
// day: what it remembers of the archive's files goes by their paths, and is not
// copied with them.
func (b *bench) add(ctx context.Context, s *set) error {
	copied := filepath.Join(b.work, "copy")
	if err := cloneData(s.data, copied); err != nil {
		return err
	}
	if _, _, err := measure(ctx, b.program, "run", "--quiet", "--source", b.newest(s), "--data-dir", copied); err != nil {
		return err
	}
	if err := b.hcpcs(ctx, "Add"+s.suffix, copied, "run", "--quiet", "--source", b.next(s)); err != nil {
		return err
	}
	if err := cloneData(s.data, copied); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(copied, "hcpcs.duckdb")); err != nil {
		return err
	}
	if err := b.hcpcs(ctx, "Publish"+s.suffix, copied, "run", "--quiet", "--source", b.newest(s)); err != nil {
		return err
	}
	return os.RemoveAll(copied)
}

// ask measures what leaves the data as it is. It is short, and in the full form
// done several times a round.
func (b *bench) ask(ctx context.Context, s *set) error {
	code, err := b.oftenChanged(ctx, s.data)
	if err != nil {
		return err
	}
	times := 3
	if b.options.short {
		times = 1
	}
	for range times {
		if err := b.nothingNew(ctx, s, "/source=newest", b.newest(s)); err != nil {
			return err
		}
		if err := b.nothingNew(ctx, s, "/source=all", s.source); err != nil {
			return err
		}
		if err := b.hcpcs(ctx, "Show"+s.suffix, s.data, "show", code); err != nil {
			return err
		}
		if err := b.hcpcs(ctx, "Changes"+s.suffix, s.data, "changes"); err != nil {
			return err
		}
	}
	if err := b.stage(ctx, b.stages.load, "^BenchmarkCodesAsOf$", "10x", s, s.suffix); err != nil || b.options.short {
		return err
	}
	return b.stage(ctx, b.stages.load, "^Benchmark(LoadStage|PublishStage)$", "1x", s, "")
}

// oftenChanged gives the code of which there is most to show.
func (b *bench) oftenChanged(ctx context.Context, data string) (string, error) {
	_, out, err := measure(ctx, b.program, "query", "SELECT code FROM code_changes GROUP BY code ORDER BY count(*) DESC, code LIMIT 1",
		"--format", "csv", "--data-dir", data)
	if err != nil {
		return "", err
	}
	_, code, _ := strings.Cut(strings.TrimSpace(out), "\n")
	return code, nil
}

func (b *bench) nothingNew(ctx context.Context, s *set, suffix, source string) error {
	return b.hcpcs(ctx, "NothingNew"+suffix+s.suffix, s.data, "run", "--quiet", "--source", source)
}

// check measures claim lines against the longest history.
func (b *bench) check(ctx context.Context, s *set) error {
	if s.quarters != b.options.longest() {
		return nil
	}
	name := fmt.Sprintf("Check/lines=%d%s", b.options.lines, s.suffix)
	return b.hcpcs(ctx, name, s.data, "check", b.history.claims(b.options.lines), "--output", filepath.Join(b.work, "checked.csv"), "--force")
}

// stage runs a Go benchmark of the project on a set's data.
func (b *bench) stage(ctx context.Context, binary, pattern, times string, s *set, suffix string) error {
	var environment []string
	if s != nil {
		quarters := s.quarters
		if quarters == 0 {
			quarters = len(s.releases)
		}
		environment = []string{"HCPCS_BENCH_DATA=" + s.data, "HCPCS_BENCH_QUARTERS=" + strconv.Itoa(quarters)}
	}
	b.say(strings.Trim(pattern, "^$") + " " + strings.Trim(suffix, "/"))
	if err := b.refer(); err != nil {
		return err
	}
	measured, err := runStage(ctx, binary, pattern, times, environment)
	if err != nil {
		return err
	}
	for _, name := range measured.names {
		// The sub-benchmark that says how many quarters there are goes last, as in
		// all other names.
		as := name
		if s != nil {
			as = quartersLast(name, suffix)
		}
		for _, unit := range units {
			for _, value := range measured.of(name, unit) {
				b.figures.add(as, unit, value)
				if unit == seconds {
					b.relate(as, value)
				}
			}
		}
	}
	return nil
}

// say tells where the measurement is.
func (b *bench) say(what string) {
	fmt.Fprintf(b.log, "%s  %s\n", time.Now().Format(time.TimeOnly), what)
}
