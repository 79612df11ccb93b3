package pipeline

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// BenchmarkRun is a first run over twelve quarters as CMS publishes them. Beside the
// figures, it is what the compiler is shown of the program at work ('make profile').
func BenchmarkRun(b *testing.B) {
	const quarters = 12
	source := b.TempDir()
	generator := cmstest.NewGenerator(cmstest.SizeOfCMS(quarters))
	for next, _, more := generator.Next(); more; next, _, more = generator.Next() {
		quarter := next.ID.Quarter
		writeFile(b, filepath.Join(source, quarter.String(), cmstest.ZIPName(quarter)), next.ZIP(cmstest.ZIPOptions{
			TXT: cmstest.TXTOptions{Preamble: cmstest.Disclaimer(11)}, XLSX: &cmstest.XLSXOptions{}, TransactionReport: &cmstest.TransactionReportOptions{},
		}))
	}
	for b.Loop() {
		config := DefaultConfig()
		config.Source, config.DataDir = source, b.TempDir()
		summary, err := Run(context.Background(), config, nil, quietly)
		require.NoError(b, err)
		require.Len(b, summary.Loaded, quarters)
	}
}
