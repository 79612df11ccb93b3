package extract

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

// Whatever a file holds and whatever it is called, it is offered, a companion,
// or passed over with a reason; nothing panics.
func FuzzReadFolder(f *testing.F) {
	f.Add("2031Q1.txt", []byte(preamble+mainText("beans")))
	f.Add("x.xlsx", mainWorkbook(f, "beans", 3))
	f.Add("x.zip", releaseZIP(f, "HCPC2031_JAN.txt", "beans", time.Time{}))
	f.Add("x.zip", zipOf(f, zipEntry{name: "a.xlsx", content: string(mainWorkbook(f, "beans", 1))}))
	f.Add("x.xls", magicCompound)
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		QuarterFromName(name)
		VersionFromName(name)
		require.NotEmpty(t, safeFileName(name))
		for _, file := range []string{"2031Q1.zip", "2031Q1.txt", "2031Q1.xlsx"} {
			inventory, err := readFolder(context.Background(), fstest.MapFS{file: {Data: content}}, "root", "root", defaultLimits)
			require.NoError(t, err)
			require.NotZero(t, len(inventory.Offers)+len(inventory.Companions)+len(inventory.PassedOver))
			for _, offer := range inventory.Offers {
				main, err := offer.ReadMain(context.Background())
				require.NoError(t, err)
				require.Len(t, main, int(offer.Main.Size))
			}
		}
	})
}
