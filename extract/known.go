package extract

import (
	"context"
	"sync"
	"sync/atomic"
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

// unpacked is what of a ZIP was unpacked to tell what it is, and will be read again
// when it is loaded, the text of the main file aside: the bytes of workbooks by the
// names of the entries.
type unpacked map[string][]byte

// with adds an entry, unless it has no bytes.
func (u unpacked) with(name string, content []byte) unpacked {
	if content == nil {
		return u
	}
	if u == nil {
		u = unpacked{}
	}
	u[name] = content
	return u
}

// bound drops what would be more than the limit, over all ZIPs of a source.
func (u unpacked) bound(kept *atomic.Int64, limits limits) {
	for name, content := range u {
		size := int64(len(content))
		if kept != nil && kept.Add(size) <= limits.keptBytes {
			continue
		}
		if kept != nil {
			kept.Add(-size)
		}
		delete(u, name)
	}
}

// memory keeps what was unpacked from the look into the ZIPs until it is loaded, by
// their SHA-256. How much is bounded by limits.keptBytes. A nil one keeps nothing.
type memory struct {
	guard sync.Mutex
	kept  map[string]unpacked
}

func (m *memory) keep(sum string, content unpacked) {
	if content == nil {
		return
	}
	m.guard.Lock()
	defer m.guard.Unlock()
	if m.kept == nil {
		m.kept = map[string]unpacked{}
	}
	m.kept[sum] = content
}

// take gives an entry once, nil where it is not kept.
func (m *memory) take(sum, name string) []byte {
	if m == nil {
		return nil
	}
	m.guard.Lock()
	defer m.guard.Unlock()
	content := m.kept[sum][name]
	delete(m.kept[sum], name)
	return content
}
