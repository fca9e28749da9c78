package main

import (
	"context"
	"crypto/x509"
	"net"
	"sync"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// sharedCache is what the runs of a fleet share, because reading it anew for each would cost more than the run: guides with
// their requirements, trusted roots, and addresses. A nil cache keeps nothing.
type sharedCache struct {
	mu       sync.Mutex
	guides   map[string]loadedGuide
	roots    map[string]*wire.Roots // by the further certificates, in DER
	resolver wire.Resolver
}

// loadedGuide is a guide with what it asks for.
type loadedGuide struct {
	guide  *guide.Guide
	checks []probes.Check
	ids    []string
	err    error
}

// newSharedCache is an empty cache whose addresses come from r.
func newSharedCache(r wire.Resolver) *sharedCache {
	return &sharedCache{guides: map[string]loadedGuide{}, roots: map[string]*wire.Roots{}, resolver: r}
}

// guide reads a guide, once.
func (s *sharedCache) guide(ctx context.Context, file string) (loadedGuide, error) {
	if s == nil {
		g := loadGuide(ctx, file)
		return g, g.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.guides[file]
	if !ok {
		g = loadGuide(ctx, file)
		s.guides[file] = g
	}
	return g, g.err
}

func loadGuide(ctx context.Context, file string) (g loadedGuide) {
	if g.guide, g.err = readGuide(ctx, file); g.err == nil {
		g.checks = catalogue.All(g.guide)
		g.ids = catalogue.IDs(g.checks)
	}
	return g
}

// network is the network with these further roots.
func (s *sharedCache) network(extra []*x509.Certificate, resolve []string) (*wire.Net, error) {
	if s == nil {
		roots, err := newRoots(extra)
		if err != nil {
			return nil, err
		}
		return newNetwork(net.DefaultResolver, roots, resolve)
	}
	var key []byte
	for _, c := range extra {
		key = append(key, c.Raw...)
	}
	s.mu.Lock()
	roots := s.roots[string(key)]
	if roots == nil {
		var err error
		if roots, err = newRoots(extra); err != nil {
			s.mu.Unlock()
			return nil, err
		}
		s.roots[string(key)] = roots
	}
	s.mu.Unlock()
	return newNetwork(s.resolver, roots, resolve)
}
