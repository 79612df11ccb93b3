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
// They stand in the warehouse, which an open reader would close to a run that
// begins, so it takes the lock while it looks: with ErrLocked a run is going on,
// and who may not write the lock cannot look.
func Runs(ctx context.Context, config Config, limit int, around Surroundings) (runs []load.Run, err error) {
	paths := config.Paths()
	if _, err := os.Stat(paths.Warehouse); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the runs: no run is known in %s: 'hcpcs run' does one, --data-dir names another folder", paths.Data)
	}
	unlock, err := lock(paths.Lock, fmt.Sprintf("process %d, 'hcpcs runs' since %s", os.Getpid(), around.Now().UTC().Format(time.RFC3339)))
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("listing the runs: %w, or ask as the user of 'hcpcs run'; 'hcpcs releases --check' needs no more than the right to read", err)
	}
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
