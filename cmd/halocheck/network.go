package main

import (
	"crypto/x509"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// newNetwork is the network that a check uses: the machine's dialer, our own roots, what was pinned.
func newNetwork(resolver wire.Resolver, roots *wire.Roots, resolve []string) (*wire.Net, error) {
	pinned, err := parseResolve(resolve)
	if err != nil {
		return nil, err
	}
	return &wire.Net{
		Resolver: resolver, Dialer: &net.Dialer{}, Roots: roots, Pinned: pinned, Now: time.Now,
		UserAgent: "halocheck/" + toolVersion(),
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

// readRoots reads --ca-file; without one there are none.
func readRoots(file string) ([]*x509.Certificate, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, usagef("--ca-file: %w", err)
	}
	certs, err := wire.ParsePEM(data)
	if err != nil {
		return nil, usagef("--ca-file %s: %w", file, err)
	}
	return certs, nil
}

// parseResolve reads HOST:PORT:ADDR[,ADDR…] as curl does, with IPv6 addresses in brackets or bare.
func parseResolve(typed []string) (map[string][]netip.Addr, error) {
	out := map[string][]netip.Addr{}
	for _, t := range typed {
		wrong := usagef("--resolve %q is not HOST:PORT:ADDR, such as acme.halopsa.com:443:203.0.113.7", t)
		host, rest, ok := cutHost(t)
		port, addrs, more := strings.Cut(rest, ":")
		if !ok || !more || host == "" || port == "" || wire.CheckPort(port) != nil {
			return nil, wrong
		}
		name, err := wire.ASCII(host)
		if err != nil {
			return nil, wrong
		}
		key := wire.Endpoint{Host: name, Port: port}.Address()
		for addr := range strings.SplitSeq(addrs, ",") {
			a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(addr, "["), "]"))
			if err != nil {
				return nil, wrong
			}
			out[key] = append(out[key], a.Unmap())
		}
	}
	return out, nil
}

// cutHost cuts the host off, which may be an IPv6 address in brackets.
func cutHost(typed string) (host, rest string, ok bool) {
	if strings.HasPrefix(typed, "[") {
		return strings.Cut(typed[1:], "]:")
	}
	return strings.Cut(typed, ":")
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
