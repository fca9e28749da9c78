package fakehalo

import "sync"

// Bounds of a selection's cache.
const (
	maxPages     = 16
	maxPageBytes = 256 << 10
)

// responseCache holds the encoded answers made from a selection. A write that changes the selection replaces the cache.
type responseCache struct {
	mu   sync.Mutex
	made map[string][]byte // by the answer's envelope; the bytes are never changed
}

// get returns the cached answer, or builds it. The caller must not change the result.
func (p *responseCache) get(name string, build func() []byte) []byte {
	p.mu.Lock()
	known, ok := p.made[name]
	p.mu.Unlock()
	if ok {
		return known
	}
	fresh := build()
	if len(fresh) > maxPageBytes {
		return fresh
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.made == nil || len(p.made) >= maxPages {
		p.made = map[string][]byte{}
	}
	p.made[name] = fresh
	return fresh
}
