package fleet

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/halocheck/halocheck/internal/wire"
)

// keepAddresses is how long an answer of the resolver serves other instances on the same host.
const keepAddresses = time.Minute

// Resolver asks another resolver once for all instances that share a host. Its zero value lacks the one to ask.
type Resolver struct {
	From wire.Resolver

	asking singleflight.Group
	mu     sync.Mutex
	known  map[string]lookup
}

type lookup struct {
	addrs []netip.Addr
	at    time.Time
}

// LookupNetIP is an answer that is at most a minute old. A failure is not kept.
func (r *Resolver) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	key := network + " " + host
	r.mu.Lock()
	kept, ok := r.known[key]
	r.mu.Unlock()
	if ok && time.Since(kept.at) < keepAddresses {
		return kept.addrs, nil
	}
	// The question is nobody's alone, so it outlives whoever asked first.
	answer := r.asking.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepAddresses)
		defer cancel()
		addrs, err := r.From.LookupNetIP(ctx, network, host)
		if err == nil {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.known == nil {
				r.known = map[string]lookup{}
			}
			r.known[key] = lookup{addrs, time.Now()}
		}
		return addrs, err
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case a := <-answer:
		addrs, _ := a.Val.([]netip.Addr)
		return addrs, a.Err
	}
}
