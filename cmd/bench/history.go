package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// history is a generated history on disk, as ZIPs in CMS's form.
type history struct {
	folder   string
	quarters []release.Quarter
}

// zipped is a release in its ZIP, and the name of its main file there.
type zipped struct{ archive, member string }

func (h *history) release(place int) zipped {
	quarter := h.quarters[place]
	return zipped{filepath.Join(h.folder, quarter.String(), cmstest.ZIPName(quarter)), cmstest.MainFileName(quarter, 1) + ".txt"}
}

// first gives the first releases of the history.
func (h *history) first(count int) []zipped {
	releases := make([]zipped, count)
	for i := range releases {
		releases[i] = h.release(i)
	}
	return releases
}

// claims is a file of generated claim lines.
func (h *history) claims(lines int) string {
	return filepath.Join(h.folder, fmt.Sprintf("claims-%d.csv", lines))
}

// openHistory finds the generated releases and claim lines below a folder. What
// is not there yet is written, and what another version of the generator wrote is
// removed.
//
// The writing is done by another process: what a process takes of memory is
// counted from that of the process that starts it, which has to stay small.
func openHistory(ctx context.Context, below string, quarters, lines int) (*history, error) {
	version, err := generatorVersion()
	if err != nil {
		return nil, err
	}
	h := &history{folder: filepath.Join(below, "generated-"+version)}
	h.name(quarters)
	if h.isWhole(lines) {
		return h, nil
	}
	if err := removeOthers(below, h.folder); err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, program, generateCommand, h.folder, strconv.Itoa(quarters), strconv.Itoa(lines))
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("writing generated releases to %s: %w", h.folder, err)
	}
	if !h.isWhole(lines) {
		return nil, fmt.Errorf("writing generated releases to %s: the generator names them otherwise than expected", h.folder)
	}
	return h, nil
}

// removeOthers removes what other versions of the generator have written.
func removeOthers(below, kept string) error {
	folders, err := filepath.Glob(filepath.Join(below, "generated-*"))
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if folder == kept {
			continue
		}
		if err := os.RemoveAll(folder); err != nil {
			return fmt.Errorf("removing what another version of the generator wrote: %w", err)
		}
	}
	return nil
}

// name names the quarters of a generated history, which starts in 2020Q1.
func (h *history) name(quarters int) {
	quarter := release.Quarter{Year: 2020, Number: 1}
	for range quarters {
		h.quarters = append(h.quarters, quarter)
		quarter = quarter.NextExpected()
	}
}

// isWhole: files are renamed into place, so what is there is whole.
func (h *history) isWhole(lines int) bool {
	for i := range h.quarters {
		if _, err := os.Stat(h.release(i).archive); err != nil {
			return false
		}
	}
	_, err := os.Stat(h.claims(lines))
	return err == nil
}

// generatorSource holds all that decides what is generated.
const generatorSource = "extract/cmstest"

// generatorVersion names the generator by its source.
func generatorVersion() (string, error) {
	files, err := filepath.Glob(filepath.Join(generatorSource, "*.go"))
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", fmt.Errorf("there is no %s here: run it in the top folder of the project", generatorSource)
	}
	sum := sha256.New()
	for _, file := range append(files, "cmd/bench/history.go") {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%d %s\n%s", len(text), filepath.Base(file), text)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], nil
}

// generateCommand makes this program write a generated history and nothing else:
// its folder, how many quarters, how many claim lines.
const generateCommand = "generate"

func generate(arguments []string) error {
	if len(arguments) != 3 {
		return errors.New("generate wants a folder, a number of quarters and a number of claim lines")
	}
	folder := arguments[0]
	quarters, err := strconv.Atoi(arguments[1])
	if err != nil {
		return err
	}
	lines, err := strconv.Atoi(arguments[2])
	if err != nil {
		return err
	}
	generator := cmstest.NewGenerator(cmstest.SizeOfCMS(quarters))
	var codes []cmstest.Code
	work := make(chan cmstest.Release)
	failures := make(chan error, quarters)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for next := range work {
				failures <- writeRelease(folder, &next)
			}
		})
	}
	for next, _, more := generator.Next(); more; next, _, more = generator.Next() {
		if codes == nil {
			codes = next.Codes
		}
		work <- next
	}
	close(work)
	group.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			return err
		}
	}
	return writeNew(filepath.Join(folder, fmt.Sprintf("claims-%d.csv", lines)), func() []byte { return claimLines(codes, lines) })
}

// writeRelease writes a release as CMS packs it: the main file as text and as
// workbook, and the transaction report.
func writeRelease(folder string, next *cmstest.Release) error {
	return writeNew(filepath.Join(folder, next.ID.Quarter.String(), cmstest.ZIPName(next.ID.Quarter)), func() []byte {
		return next.ZIP(cmstest.ZIPOptions{
			TXT:               cmstest.TXTOptions{Preamble: cmstest.Disclaimer(11)},
			XLSX:              &cmstest.XLSXOptions{},
			TransactionReport: &cmstest.TransactionReportOptions{},
		})
	})
}

// claimLines are lines as a claims system exports them: a code of the first
// release or, in one of 50, none of any; one of four with a modifier; dates of
// service over ten years; paid within 60 days.
func claimLines(codes []cmstest.Code, lines int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	var procedures, modifiers []string
	for i := range codes {
		if code := codes[i].Code; len(code) == 5 {
			procedures = append(procedures, code)
		} else {
			modifiers = append(modifiers, code)
		}
	}
	var out bytes.Buffer
	out.WriteString("line_id,hcpcs,modifier1,service_date,paid_date\n")
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for line := range lines {
		code, modifier := procedures[random.IntN(len(procedures))], ""
		if random.IntN(50) == 0 {
			code = fmt.Sprintf("I%04d", random.IntN(10_000))
		}
		if random.IntN(4) == 0 {
			modifier = modifiers[random.IntN(len(modifiers))]
		}
		served := start.AddDate(0, 0, random.IntN(3650))
		fmt.Fprintf(&out, "%d,%s,%s,%s,%s\n", line+1, code, modifier, served.Format(time.DateOnly), served.AddDate(0, 0, random.IntN(60)).Format(time.DateOnly))
	}
	return out.Bytes()
}

// writeNew writes a file that is not there yet, whole or not at all.
func writeNew(path string, content func() []byte) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path+".part", content(), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// lay makes a folder that holds the ZIPs of some releases and nothing else, as
// hard links.
func lay(folder string, releases []zipped) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, one := range releases {
		if err := link(one.archive, filepath.Join(folder, filepath.Base(one.archive))); err != nil {
			return err
		}
	}
	return nil
}

// link makes a hard link, or a copy where there can be none.
func link(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	return copyFile(from, to)
}

// realReleases are CMS's annual ZIPs of 2017 to 2020, in their order.
func realReleases(folder string) ([]zipped, error) {
	annual := []zipped{
		{"2017Q1/2017-Alpha-Numeric-HCPCS-File.zip", "HCPC17_CONTR_ANWEB.txt"},
		{"2018Q1/2018-Alpha-Numeric-HCPCS-File.zip", "HCPC2018_CONTR_ANWEB_disc.txt"},
		{"2019Q1/2019-Alpha-Numeric-HCPCS-File.zip", "HCPC2019_CONTR_ANWEB.txt"},
		{"2020Q1/2020-Alpha-Numeric-HCPCS-File.zip", "HCPC2020_ANWEB_w_disclaimer.txt"},
	}
	for i := range annual {
		annual[i].archive = filepath.Join(folder, filepath.FromSlash(annual[i].archive))
		if _, err := os.Stat(annual[i].archive); err != nil {
			return nil, err
		}
	}
	return annual, nil
}
