package load

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The book of records has what it was asked for, as the whole book has it; it
// does not answer for codes that were not read, and a reading that failed is none.
func TestRecordBookReadsWhatItIsAskedFor(t *testing.T) {
	ctx := context.Background()
	history := smallHistory(5)
	w := openTestWarehouse(t, inMemory)
	for i := range history.Releases {
		loadInto(t, w, &history.Releases[i])
	}
	path := filepath.Join(t.TempDir(), "hcpcs.duckdb")
	require.NoError(t, w.Publish(ctx, path))
	require.NoError(t, w.Close())
	open := func() *Published {
		published, err := OpenPublished(ctx, path, Resources{TemporaryFolder: t.TempDir()})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, published.Close()) })
		return published
	}
	published := open()
	whole := open().RecordBook()
	require.NoError(t, whole.ReadAll(ctx))
	require.False(t, whole.Known("Z9999"))

	latest := published.loaded()[len(published.loaded())-1].ID
	book := published.RecordBook()
	ended, stop := context.WithCancel(ctx)
	stop()
	require.ErrorIs(t, book.Read(ended, []string{"Z9999"}), context.Canceled)
	require.Panics(t, func() { book.Known("Z9999") }, "a reading that failed is none")
	require.ErrorIs(t, book.ReadAll(ended), context.Canceled)
	require.Panics(t, func() { book.Known("Z9999") })
	require.NoError(t, book.Read(ctx, []string{"Z9999"}))
	require.False(t, book.Known("Z9999"))

	codes := 0
	for code := range whole.spans {
		require.Panics(t, func() { book.In(code, latest) })
		require.NoError(t, book.Read(ctx, []string{code}))
		require.True(t, book.Known(code))
		record, last := whole.Last(code, latest)
		again, lastAgain := book.Last(code, latest)
		require.Equal(t, record, again)
		require.Equal(t, last, lastAgain)
		require.Equal(t, whole.In(code, latest), book.In(code, latest))
		require.Equal(t, whole.References([]string{code}), book.References([]string{code}))
		if codes++; codes == 20 {
			break
		}
	}
	require.Equal(t, 20, codes)
}
