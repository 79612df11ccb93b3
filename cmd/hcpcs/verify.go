package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline"
)

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Check the published file against itself, the warehouse and the archive",
		Long: `verify checks what must always hold: that history gives back every record of every
release, that the changes of a release applied to the one before give it, that
deriving all anew gives the same tables, that the published file and the
warehouse agree, that every file in the archive is as it was downloaded, and that
the archive has all that is in the tables.

It also lists where CMS's own files say different things: its transaction
reports against its main files, and the two formats of a release against each
other. Those are no failure. Nothing is changed. What does not hold ends with
exit code 1.`,
		Example: `  hcpcs verify
  hcpcs verify --verbose                 lists every difference
  hcpcs verify --format csv > verification.csv`,
		Args: noArguments,
		RunE: a.action(func(ctx context.Context, _ []string) error {
			verification, err := pipeline.Verify(ctx, a.config, a.aroundRun())
			if err != nil {
				return err
			}
			return errors.Join(a.printVerification(&verification), failedChecks(&verification))
		}),
	}
}

// failedChecks is the error of a verification in which something does not hold.
func failedChecks(v *pipeline.Verification) error {
	var names []string
	for i := range v.Checks {
		if v.Checks[i].Failed > 0 {
			names = append(names, fmt.Sprintf("%q (%s of %s)", v.Checks[i].Name, thousands(v.Checks[i].Failed), thousands(v.Checks[i].Checked)))
		}
	}
	if names == nil {
		return nil
	}
	return fmt.Errorf("%s of %s failed: %s; %s",
		plural(len(names), "check", "checks"), thousands(len(v.Checks)), list(names, "and"), v.Advice())
}

func (a *app) printVerification(v *pipeline.Verification) error {
	switch a.config.Format {
	case "json":
		return writeObject(a.out, verificationObject(v))
	case "csv":
		return verificationTable(v).writeCSV(a.out)
	case "markdown":
		return a.verificationDocument(v).writeMarkdown(a.out)
	}
	return a.verificationDocument(v).writeText(a.out, a.width())
}

// verificationTable has a row for each check, each example of what does not hold
// and each difference; its columns are a contract.
func verificationTable(v *pipeline.Verification) *table {
	t := &table{columns: columnsNamed("row", "name", "checked", "failed", "release", "file", "code", "text")}
	for i := range v.Checks {
		check := &v.Checks[i]
		t.rows = append(t.rows, []any{"check", check.Name, check.Checked, check.Failed, nil, nil, nil, check.Meaning})
		for _, example := range check.Examples {
			t.rows = append(t.rows, []any{"example", check.Name, nil, nil, nil, nil, nil, example})
		}
	}
	for _, d := range v.Differences {
		t.rows = append(t.rows, []any{"difference", nil, nil, nil, nullable(d.Release), nullable(d.File), nullable(d.Code), d.What})
	}
	return t
}

// shownPerFile bounds the differences shown for one file, where not all are asked
// for.
const shownPerFile = 3

func (a *app) verificationDocument(v *pipeline.Verification) *document {
	d := &document{}
	checks := &table{columns: []column{{title: "Check"}, {title: "Checked", right: true}, {title: "Failed", right: true}, {title: "What must hold"}}}
	for i := range v.Checks {
		check := &v.Checks[i]
		checks.rows = append(checks.rows, []any{check.Name, thousands(check.Checked), thousands(check.Failed), check.Meaning})
	}
	d.table(checks)
	for i := range v.Checks {
		if check := &v.Checks[i]; len(check.Examples) > 0 {
			d.paragraphf("What does not hold in %q, for example:", check.Name)
			d.items(check.Examples)
		}
	}
	if len(v.Differences) > 0 {
		d.paragraphf("CMS's own files differ in %s:", plural(len(v.Differences), "place", "places"))
		d.table(a.differencesForPeople(v.Differences))
	}
	if v.Failed() == 0 {
		d.paragraphf("Everything holds (%s).", duration(v.Took))
	}
	return d
}

// differencesForPeople shows the first differences of each file, or all.
func (a *app) differencesForPeople(differences []load.Difference) *table {
	t := &table{columns: []column{{title: "Release"}, {title: "File"}, {title: "Code"}, {title: "What"}}}
	for i := 0; i < len(differences); {
		end := i
		for end < len(differences) && differences[end].Release == differences[i].Release && differences[end].File == differences[i].File {
			end++
		}
		shown := end - i
		if !a.config.Verbose && shown > shownPerFile {
			shown = shownPerFile
		}
		for _, d := range differences[i : i+shown] {
			t.rows = append(t.rows, []any{d.Release, d.File, d.Code, d.What})
		}
		if more := end - i - shown; more > 0 {
			t.rows = append(t.rows, []any{differences[i].Release, differences[i].File, "", fmt.Sprintf("%s more (--verbose lists them)", thousands(more))})
		}
		i = end
	}
	return t
}

// The JSON of a verification; its keys are a contract.
type (
	verificationJSON struct {
		Holds       bool             `json:"holds"`
		Seconds     float64          `json:"seconds"`
		Checks      []checkJSON      `json:"checks"`
		Differences []differenceJSON `json:"differences"`
	}
	checkJSON struct {
		Name     string   `json:"name"`
		Meaning  string   `json:"meaning"`
		Checked  int      `json:"checked"`
		Failed   int      `json:"failed"`
		Examples []string `json:"examples"`
	}
	differenceJSON struct {
		Release string  `json:"release"`
		File    string  `json:"file"`
		Code    *string `json:"code"`
		What    string  `json:"what"`
	}
)

func verificationObject(v *pipeline.Verification) verificationJSON {
	object := verificationJSON{
		Holds: v.Failed() == 0, Seconds: v.Took.Seconds(), Checks: []checkJSON{}, Differences: []differenceJSON{},
	}
	for i := range v.Checks {
		check := &v.Checks[i]
		object.Checks = append(object.Checks, checkJSON{check.Name, check.Meaning, check.Checked, check.Failed, append([]string{}, check.Examples...)})
	}
	for _, d := range v.Differences {
		object.Differences = append(object.Differences, differenceJSON{d.Release, d.File, nilIfEmpty(d.Code), d.What})
	}
	return object
}
