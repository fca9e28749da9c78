package main

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// newNetwork is the network that a check uses: the machine's dialer, our own roots, what was pinned.
func newNetwork(resolver wire.Resolver, roots *wire.Roots, resolve []string) (*wire.Net, error) {
	pinned := map[string][]netip.Addr{}
	for _, entry := range resolve {
		if err := wire.Pin(pinned, entry); err != nil {
			return nil, usagef("--resolve %w", err)
		}
	}
	return &wire.Net{
		Resolver: resolver, Dialer: &net.Dialer{}, Roots: roots, Pinned: pinned, Now: time.Now,
		UserAgent: "halocheck/" + version.String(),
	}, nil
}

// newRoots are our own roots and the further ones.
func newRoots(extra []*x509.Certificate) (*wire.Roots, error) {
	roots, err := wire.NewRoots(extra)
	if err != nil {
		return nil, internalError{err}
	}
	return roots, nil
}

// maxRoots bounds a file of roots, in bytes: all public ones together have a quarter of a MiB.
const maxRoots = 4 << 20

// readRoots reads --ca-file; without one there are none.
func readRoots(ctx context.Context, file string) ([]*x509.Certificate, error) {
	if file == "" {
		return nil, nil
	}
	data, err := document.ReadFile(ctx, file, document.Limits{Bytes: maxRoots})
	if err != nil {
		return nil, usagef("--ca-file: %w", err)
	}
	certs, err := wire.ParsePEM(data)
	if err != nil {
		return nil, usagef("--ca-file %s: %w", file, err)
	}
	return certs, nil
}

// parseVia reads NAME=URL. A URL may hold a password, so complaints name the vantage point alone.
func parseVia(typed []string) ([]probes.Vantage, error) {
	var out []probes.Vantage
	for _, t := range typed {
		name, address, ok := strings.Cut(t, "=")
		if !ok || strings.TrimSpace(name) == "" || strings.Contains(name, "://") {
			return nil, usagef("--via needs a name for the vantage point, as in --via 3.19.3.152=socks5://127.0.0.1:1080")
		}
		if err := wire.CheckVia(address); err != nil {
			return nil, usagef("--via %s: %w", name, err)
		}
		out = append(out, probes.Vantage{Name: name, URL: address})
	}
	return out, nil
}
