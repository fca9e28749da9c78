package main

import (
	"crypto/x509"
	"net"
	"sync"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// shelf is what the runs of a fleet share, because reading it anew for each would cost more than the run: guides with
// their requirements, trusted roots, and addresses. A nil shelf keeps nothing.
type shelf struct {
	mu       sync.Mutex
	guides   map[string]guideOnShelf
	roots    map[string]*wire.Roots // by the further certificates, in DER
	resolver wire.Resolver
}

// guideOnShelf is a guide with what it asks for.
type guideOnShelf struct {
	guide  *guide.Guide
	checks []probes.Check
	ids    []string
	err    error
}

// newShelf is an empty shelf whose addresses come from r.
func newShelf(r wire.Resolver) *shelf {
	return &shelf{guides: map[string]guideOnShelf{}, roots: map[string]*wire.Roots{}, resolver: r}
}

// guide reads a guide, once.
func (s *shelf) guide(file string) (guideOnShelf, error) {
	if s == nil {
		g := readOntoShelf(file)
		return g, g.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.guides[file]
	if !ok {
		g = readOntoShelf(file)
		s.guides[file] = g
	}
	return g, g.err
}

func readOntoShelf(file string) (g guideOnShelf) {
	if g.guide, g.err = readGuide(file); g.err == nil {
		g.checks = catalogue.All(g.guide)
		g.ids = idsOf(g.checks)
	}
	return g
}

// reach is the way to the world with these further roots.
func (s *shelf) reach(extra []*x509.Certificate, resolve []string) (*wire.Net, error) {
	if s == nil {
		roots, err := newRoots(extra)
		if err != nil {
			return nil, err
		}
		return reach(net.DefaultResolver, roots, resolve)
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
	return reach(s.resolver, roots, resolve)
}
