package load

import (
	"context"
	"errors"
	"fmt"
)

// DuckDBVersion gives the version of the DuckDB that is built in, such as v1.5.6.
func DuckDBVersion(ctx context.Context) (version string, err error) {
	db, err := openDatabase(ctx, Resources{})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	if err := db.conn.QueryRowContext(ctx, `SELECT version()`).Scan(&version); err != nil {
		return "", fmt.Errorf("asking DuckDB for its version: %w", err)
	}
	return version, nil
}
