package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline"
)

// checkReleases prints what somebody has to look after, and ends with an error
// where there is something.
func (a *app) checkReleases(ctx context.Context) error {
	status, err := pipeline.ReadStatus(a.config)
	if err != nil {
		return err
	}
	var problems []pipeline.Problem
	var latest string
	err = a.withPublished(ctx, func(published *load.Published) error {
		releases := published.Releases()
		if len(releases) > 0 {
			latest = releases[len(releases)-1].ID.String()
		}
		problems = pipeline.Problems(releases, &status, a.config, time.Now())
		return nil
	})
	if err != nil {
		return err
	}
	t := &table{columns: columnsNamed("problem", "release", "detail", "advice")}
	for i := range problems {
		p := &problems[i]
		t.rows = append(t.rows, []any{problemNames[p.Kind], nullable(p.Release), p.Detail, p.Advice})
	}
	err = a.write(t, func(out io.Writer, width int) error {
		d := &document{}
		if len(problems) == 0 {
			d.paragraphf("All is well: the latest release is %s, none is held back, overdue or waits to be mailed.", latest)
		}
		items := make([]string, len(problems))
		for i := range problems {
			p := &problems[i]
			items[i] = problemWords(p.Release, p.Detail) + "; " + p.Advice
		}
		d.items(items)
		return d.writeText(out, width)
	})
	if err != nil || len(problems) == 0 {
		return err
	}
	// They come with the gravest first, which gives the exit code.
	if problems[0].Release == "" {
		return problems[0].Kind
	}
	return fmt.Errorf("%w: %s", problems[0].Kind, problems[0].Release)
}

func problemWords(release, detail string) string {
	if release == "" {
		return detail
	}
	return release + ": " + detail
}

// problemNames are a contract.
var problemNames = map[error]string{
	pipeline.ErrNothingLoaded: "nothing_loaded", pipeline.ErrHeld: "held", pipeline.ErrUndelivered: "undelivered", pipeline.ErrOverdue: "overdue",
}
