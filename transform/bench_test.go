package transform

import (
	"testing"

	"github.com/hcpcstrack/hcpcstrack/extract/cmstest"
)

// BenchmarkParseText reads a text file of 9,000 codes.
func BenchmarkParseText(b *testing.B) {
	release, _, _ := cmstest.NewGenerator(cmstest.SizeOfCMS(1)).Next()
	data := release.TXT(cmstest.TXTOptions{})
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := ParseText("release.txt", data); err != nil {
			b.Fatal(err)
		}
	}
}
