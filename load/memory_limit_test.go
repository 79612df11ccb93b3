package load

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// What passes for a memory limit is what DuckDB takes for one.
func TestIsMemoryLimit(t *testing.T) {
	ctx := context.Background()
	for text, is := range map[string]bool{
		"256MB": true, "1 GB": true, "1gb": true, "512M": true, "2g": true, "500 MiB": true, "1TiB": true, "600000KB": true, "600000 KiB": true, "500000000B": true,
		"5MIG": false, "5BBB": false, "1IB": false, "500MI": false, "much": false, "": false, "500": false, "MB": false, "1  GB": false, "1GB ": false, "-1GB": false, "0GB": false,
	} {
		require.Equal(t, is, IsMemoryLimit(text), text)
		if !is {
			continue
		}
		db, err := openDatabase(ctx, Resources{MemoryLimit: text})
		require.NoError(t, err, text)
		require.NoError(t, db.close())
	}
}
