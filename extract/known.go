package extract

import (
	"context"
	"sync"
)

// knownZIPs tells of every ZIP in the archive, by the SHA-256 of its bytes, what
// a look into it told when it was archived. ZIPs that the archive made itself
// are not among them: no source offers them.
func (a *Archive) knownZIPs(ctx context.Context) (map[string]zipContents, error) {
	held, err := a.holdings(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]zipContents{}
	for _, one := range held.releases {
		if !one.PackedByHcpcs {
			known[one.SHA256] = zipContents{
				main: one.Main, second: one.Second, publishedAt: one.PublishedAt, publishedBasis: one.PublishedBasis,
				entries: one.Entries, notes: one.Notes,
			}
		}
	}
	for _, one := range held.companions {
		if one.Zipped {
			known[one.SHA256] = zipContents{entries: one.Entries, notes: one.Notes, companionsWorth: true}
		}
	}
	return known, nil
}

// texts keeps the bytes of main files in memory from the look into their ZIPs
// until they are loaded, by SHA-256. How many is bounded by limits.keptBytes. A
// nil one keeps nothing.
type texts struct {
	guard sync.Mutex
	kept  map[string][]byte
}

func (a *Archive) keep(sum string, text []byte) {
	if text == nil {
		return
	}
	a.texts.guard.Lock()
	defer a.texts.guard.Unlock()
	if a.texts.kept == nil {
		a.texts.kept = map[string][]byte{}
	}
	a.texts.kept[sum] = text
}

// take gives a text once, nil where it is not kept.
func (t *texts) take(sum string) []byte {
	if t == nil {
		return nil
	}
	t.guard.Lock()
	defer t.guard.Unlock()
	text := t.kept[sum]
	delete(t.kept, sum)
	return text
}
