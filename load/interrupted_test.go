package load

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// endingContext ends when it was asked a number of times.
type endingContext struct {
	context.Context
	left atomic.Int64
	stop context.CancelFunc
}

func endingAfter(asked int) *endingContext {
	ctx, stop := context.WithCancel(context.Background())
	e := &endingContext{Context: ctx, stop: stop}
	e.left.Store(int64(asked))
	return e
}

func (e *endingContext) ask() {
	if e.left.Add(-1) < 0 {
		e.stop()
	}
}

func (e *endingContext) Done() <-chan struct{} { e.ask(); return e.Context.Done() }

func (e *endingContext) Err() error { e.ask(); return e.Context.Err() }

// Wherever a publication is interrupted, nothing is left beside its place, nothing stays
// attached, and the next one succeeds.
func TestAPublicationThatIsInterrupted(t *testing.T) {
	history := smallHistory(3)
	interrupted := 0
	for asked := 0; ; asked += 5 {
		folder := t.TempDir()
		path := filepath.Join(folder, "hcpcs.duckdb")
		w := openTestWarehouse(t, inMemory)
		loadInto(t, w, &history.Releases[0])
		ctx := endingAfter(asked)
		err := w.Publish(ctx, path, nil)
		ctx.stop()
		if err == nil {
			require.NoError(t, w.Close())
			break
		}
		interrupted++
		require.Subset(t, []string{"hcpcs.duckdb"}, namesIn(t, folder), "%d: %v", asked, err)
		require.Equal(t, "0", textOf(t, w, `SELECT CAST(count(*) AS VARCHAR) FROM duckdb_databases() WHERE database_name = 'published'`), "%d: %v", asked, err)
		require.NoError(t, w.Publish(context.Background(), path, nil), asked)
		require.NoError(t, w.Close())
	}
	require.Greater(t, interrupted, 10)
}
