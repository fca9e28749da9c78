package fleet

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/halocheck/halocheck/internal/wire"
)

// lookupTTL is how long a lookup is cached.
const lookupTTL = time.Minute

// Resolver caches the answers of another resolver and joins concurrent lookups of a host. From has to be set.
type Resolver struct {
	From wire.Resolver

	inFlight singleflight.Group
	mu       sync.Mutex
	cache    map[string]lookup
}

type lookup struct {
	addrs []netip.Addr
	at    time.Time
}

// LookupNetIP returns an answer that is at most a minute old. Failures are not cached.
func (r *Resolver) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	key := network + " " + host
	r.mu.Lock()
	kept, ok := r.cache[key]
	r.mu.Unlock()
	if ok && time.Since(kept.at) < lookupTTL {
		return kept.addrs, nil
	}
	// Several callers share the lookup, so it outlives the context of the first one.
	answer := r.inFlight.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupTTL)
		defer cancel()
		addrs, err := r.From.LookupNetIP(ctx, network, host)
		if err == nil {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.cache == nil {
				r.cache = map[string]lookup{}
			}
			r.cache[key] = lookup{addrs, time.Now()}
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
