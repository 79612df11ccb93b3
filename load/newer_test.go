package load

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A published file of a newer hcpcs is refused by whatever reads it, in the same
// words.
func TestPublishedByANewerProgram(t *testing.T) {
	ctx := context.Background()
	path := publishSample(t)
	db, err := openDatabase(ctx, Resources{})
	require.NoError(t, err)
	require.NoError(t, db.attach(ctx, path, "hcpcs", ""))
	_, err = db.conn.ExecContext(ctx, `UPDATE database_info SET schema_version = schema_version + 1`)
	require.NoError(t, errors.Join(err, db.close()))

	folder := t.TempDir()
	claims := filepath.Join(folder, "claims.csv")
	require.NoError(t, os.WriteFile(claims, []byte("code,dos\nE7011,2020-03-31\n"), 0o600))
	_, opening := OpenPublished(ctx, path, Resources{TemporaryFolder: folder})
	require.ErrorContains(t, opening, "it was made by a newer hcpcs; use that one")
	_, err = CheckClaims(ctx, path, CheckOptions{Input: claims, Output: filepath.Join(folder, "result.csv")})
	require.EqualError(t, err, opening.Error())
	_, err = Export(ctx, path, filepath.Join(folder, "tables"), "csv", Resources{TemporaryFolder: folder})
	require.ErrorContains(t, err, opening.Error())
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing but the claim lines")
}
