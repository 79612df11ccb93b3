package pipeline

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// Main files are served before companions, whoever came first; loading takes its
// core without waiting, and nobody else has one until it gives it back.
func TestCoresGoToMainFilesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cores := newCores(1)
		cores.seize()
		var served []string
		for _, who := range []string{"companion", "main file"} {
			go func() {
				cores.take(who == "main file")
				served = append(served, who)
			}()
			synctest.Wait()
		}
		require.Empty(t, served)
		cores.give()
		synctest.Wait()
		require.Equal(t, []string{"main file"}, served)
		cores.seize()
		cores.give()
		synctest.Wait()
		require.Equal(t, []string{"main file"}, served, "the core of the main file is not back")
		cores.give()
		synctest.Wait()
		require.Equal(t, []string{"main file", "companion"}, served)
	})
}

// Who waits for a file leaves the core to those who read.
func TestCoresAwaitAFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cores := newCores(1)
		cores.seize()
		files := make(chan parsed)
		go func() {
			cores.take(true)
			cores.give()
			files <- parsed{err: context.Canceled}
		}()
		file, err := cores.await(t.Context(), files)
		require.NoError(t, err)
		require.ErrorIs(t, file.err, context.Canceled)
		require.Zero(t, cores.free)

		ended, stop := context.WithCancel(t.Context())
		stop()
		_, err = cores.await(ended, files)
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, cores.free)
	})
}

// No more are at work than there are cores, and all get their turn.
func TestCoresAreNotSharedByMore(t *testing.T) {
	cores := newCores(2)
	var group sync.WaitGroup
	var mutex sync.Mutex
	working, most, done := 0, 0, 0
	count := func(by int) {
		mutex.Lock()
		defer mutex.Unlock()
		working += by
		most = max(most, working)
	}
	for i := range 200 {
		group.Go(func() {
			cores.take(i%3 == 0)
			count(1)
			count(-1)
			cores.give()
			mutex.Lock()
			done++
			mutex.Unlock()
		})
	}
	group.Wait()
	require.Equal(t, 200, done)
	require.LessOrEqual(t, most, 2)
	require.Equal(t, 2, cores.free)
}
