package load

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// benchmarkHistory is the size of CMS's own: 9,000 codes, about 150 changes a
// quarter.
func benchmarkHistory(quarters int) *cmstest.Generator {
	return cmstest.NewGenerator(cmstest.Options{Seed: 1, Quarters: quarters, Codes: 9000, ChangesPerQuarter: 150, Rates: withoutRevisions()})
}

// withoutRevisions makes a quarter one release, so that quarters can be counted.
func withoutRevisions() cmstest.Rates {
	rates := cmstest.RealisticRates()
	rates.Republish = 0
	return rates
}

// loadHistory loads all quarters but the last into a warehouse, and gives the
// last one.
func loadHistory(b *testing.B, path string, quarters int) *cmstest.Release {
	b.Helper()
	w := openTestWarehouse(b, path)
	generator := benchmarkHistory(quarters + 1)
	var last *cmstest.Release
	for {
		next, _, more := generator.Next()
		if !more {
			break
		}
		if last != nil {
			loadInto(b, w, last)
		}
		last = &next
	}
	require.Len(b, w.Releases(), quarters)
	require.NoError(b, w.Close())
	return last
}

// BenchmarkAddRelease opens a warehouse of some quarters, loads one more release
// and closes it. The cost must not grow with the quarters that are there.
func BenchmarkAddRelease(b *testing.B) {
	for _, quarters := range []int{10, 40, 100} {
		b.Run(fmt.Sprintf("to-%d-quarters", quarters), func(b *testing.B) {
			folder := b.TempDir()
			full := filepath.Join(folder, "full.duckdb")
			row, file := fileOf(b, loadHistory(b, full, quarters))
			b.ResetTimer()
			for n := range b.N {
				b.StopTimer()
				path := filepath.Join(folder, fmt.Sprintf("%d.duckdb", n))
				copyFile(b, full, path)
				b.StartTimer()
				w := openTestWarehouse(b, path)
				_, err := w.Load(context.Background(), row, file)
				require.NoError(b, err)
				require.NoError(b, w.Close())
			}
		})
	}
}

// BenchmarkPublish writes the analysts' file of some quarters.
func BenchmarkPublish(b *testing.B) {
	for _, quarters := range []int{10, 40, 100} {
		b.Run(fmt.Sprintf("%d-quarters", quarters), func(b *testing.B) {
			folder := b.TempDir()
			loadHistory(b, filepath.Join(folder, "full.duckdb"), quarters)
			w := openTestWarehouse(b, filepath.Join(folder, "full.duckdb"))
			path := filepath.Join(folder, "hcpcs.duckdb")
			for b.Loop() {
				require.NoError(b, w.Publish(context.Background(), path))
			}
			info, err := os.Stat(path)
			require.NoError(b, err)
			b.ReportMetric(float64(info.Size())/(1<<20), "MiB")
			require.NoError(b, w.Close())
		})
	}
}

func copyFile(b *testing.B, from, to string) {
	b.Helper()
	source, err := os.Open(from)
	require.NoError(b, err)
	target, err := os.Create(to)
	require.NoError(b, err)
	_, err = io.Copy(target, source)
	require.NoError(b, err)
	require.NoError(b, source.Close())
	require.NoError(b, target.Close())
}
