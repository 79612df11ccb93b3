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
// when it is loaded: its bytes by the names of the entries.
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

// keptBytes counts what is kept in memory, over all ZIPs of a source.
type keptBytes struct{ texts, packed atomic.Int64 }

// bound drops what of a ZIP would be more than the limits.
func (k *keptBytes) bound(contents *zipContents, limits limits) {
	for name, content := range contents.unpacked {
		if k == nil {
			delete(contents.unpacked, name)
			continue
		}
		kept, limit := &k.packed, limits.keptPackedBytes
		if contents.main != nil && name == contents.main.Name {
			kept, limit = &k.texts, limits.keptBytes
		}
		if size := int64(len(content)); kept.Add(size) > limit {
			kept.Add(-size)
			delete(contents.unpacked, name)
		}
	}
}

// memory keeps what was unpacked from the look into the ZIPs until it is loaded, by
// their SHA-256. How much is bounded by limits.keptBytes and limits.keptPackedBytes. A
// nil one keeps nothing.
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
