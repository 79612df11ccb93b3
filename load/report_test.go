package load

import (
	"context"
	"fmt"
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
	require.NoError(t, w.Publish(ctx, path, nil))
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
		if codes++; codes == 20 {
			break
		}
	}
	require.Equal(t, 20, codes)

	// Of more codes than one question asks for.
	var many []string
	for i := range codesAtOnce + 1 {
		many = append(many, fmt.Sprintf("Z%04d", i))
	}
	for code := range whole.spans {
		many = append(many, code)
	}
	require.NoError(t, book.Read(ctx, many))
	require.False(t, book.Known("Z0001"))
	for code := range whole.spans {
		require.Equal(t, whole.In(code, latest), book.In(code, latest))
	}

	published.ForgetRecords()
	require.Panics(t, func() { published.RecordBook().Known("Z9999") })
}

// Cross references are followed over all steps, from the codes asked for.
func TestRecordBookFollowsCrossReferences(t *testing.T) {
	ctx := context.Background()
	published, err := OpenPublished(ctx, publishSample(t), Resources{})
	require.NoError(t, err)
	defer func() { require.NoError(t, published.Close()) }()
	ended, stop := context.WithCancel(ctx)
	stop()
	reached := published.RecordBook()
	require.ErrorIs(t, reached.ReadReached(ended, []string{"E7011"}), context.Canceled)
	require.NoError(t, reached.ReadReached(ctx, nil))
	require.Panics(t, func() { reached.Known("E7011") })
	require.NoError(t, reached.ReadReached(ctx, []string{"E7011", "J7021"}))
	for _, code := range []string{"E7011", "E7012", "E7013", "E7014", "E7015", "A7023", "J7021"} {
		require.True(t, reached.Known(code), code)
	}
	require.False(t, reached.Known("CPT"), "what is named need not be a code")
	require.Panics(t, func() { reached.Known("E7291") }, "which only leads to them")
}
