package fakehalo

import "sync"

// Bounds of what a selection keeps of its pages.
const (
	maxPages     = 16
	maxPageBytes = 256 << 10
)

// pages are answers that were made of a selection, as they were sent. A write that changes the selection gives it new ones.
type pages struct {
	mu   sync.Mutex
	made map[string][]byte // by what the answer begins with; never changed
}

// get gives the answer of a name again, or makes it. The result must not be changed.
func (p *pages) get(name string, build func() []byte) []byte {
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
