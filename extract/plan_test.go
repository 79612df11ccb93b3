package extract

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What is planned is what is then done, and planning writes nothing.
func TestPlanIsWhatIsDone(t *testing.T) {
	ctx := context.Background()
	inventory, err := ReadFolder(ctx, "../testdata/releases")
	require.NoError(t, err)
	defer func() { require.NoError(t, inventory.Close()) }()
	dir := filepath.Join(t.TempDir(), "archive")
	fetched := time.Date(2026, 1, 5, 11, 20, 0, 0, time.UTC)
	planned, err := PlanArchive(dir).Add(ctx, inventory.Offers, inventory.Companions, "here", fetched)
	require.NoError(t, err)
	require.NoDirExists(t, dir)

	archive, err := OpenArchive(dir)
	require.NoError(t, err)
	done, err := archive.Add(ctx, inventory.Offers, inventory.Companions, "here", fetched)
	require.NoError(t, err)
	require.Equal(t, done, planned)
	require.NotEmpty(t, done.Offers)

	// Nothing is new now; what a killed run left stays for the next one to clear.
	leftover := filepath.Join(dir, "2020Q1", "r9"+leftoverEnding)
	require.NoError(t, os.WriteFile(leftover, nil, 0o644))
	planned, err = PlanArchive(dir).Add(ctx, inventory.Offers, inventory.Companions, "here", fetched)
	require.NoError(t, err)
	for _, offer := range planned.Offers {
		require.Contains(t, []Outcome{OutcomeKnown, OutcomeRefused, OutcomeQuarterUnknown}, offer.Outcome)
	}
	require.FileExists(t, leftover)
}
