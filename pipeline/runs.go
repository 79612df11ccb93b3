package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/hcpcstrack/hcpcstrack/load"
)

// Runs gives the last runs, the latest one first; limit is how many at the most.
// They stand in the warehouse, so it takes the lock while it looks: with
// ErrLocked a run is going on.
func Runs(ctx context.Context, config Config, limit int, around Surroundings) (runs []load.Run, err error) {
	paths := config.Paths()
	if _, err := os.Stat(paths.Warehouse); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the runs: no run is known in %s: 'hcpcs run' does one, --data-dir names another folder", paths.Data)
	}
	unlock, err := lock(paths.Lock, fmt.Sprintf("process %d, 'hcpcs runs' since %s", os.Getpid(), around.Now().UTC().Format(time.RFC3339)))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	warehouse, err := load.OpenWarehouse(ctx, paths.Warehouse, config.Resources())
	if err != nil && !errors.Is(err, load.ErrRulesChanged) { // what is said of runs is by no rules
		return nil, err
	}
	defer func() { err = errors.Join(err, warehouse.Close()) }()
	return warehouse.Runs(ctx, limit)
}
