package transform

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIsASCII(t *testing.T) {
	for size := range 20 {
		data := bytes.Repeat([]byte{0x7f}, size)
		require.True(t, isASCII(data), size)
		for i := range data {
			data[i] = 0x80
			require.False(t, isASCII(data), "%d of %d", i, size)
			data[i] = 0
		}
	}
}
