package pipeline

import (
	"context"
	"errors"

	"github.com/hcpcstrack/hcpcstrack/load"
)

// askAll asks a question in SQL of a published file, and gives the rows.
func askAll(ctx context.Context, published *load.Published, question string) (rows [][]any, err error) {
	answer, err := published.Ask(ctx, question)
	if err != nil {
		return nil, err
	}
	for {
		row, err := answer.Next()
		if row == nil {
			return rows, errors.Join(err, answer.Close())
		}
		rows = append(rows, row)
	}
}
