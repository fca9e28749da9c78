package pki

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// A Site is what the certificates are made for.
type Site struct {
	Hosts []string  // DNS names of the leaf; the first one is its common name
	IPs   []net.IP  // addresses of the leaf
	Now   time.Time // the moment that "expired" and "not yet" refer to; zero means time.Now
	// BaseURL is where Material.HTTP will be mounted, without a trailing slash ("http://127.0.0.1:8080"). Empty leaves
	// every AIA, OCSP and CRL address out of the certificates, and refuses the faults that need one.
	BaseURL string
}

// name is the one that a client most likely uses: the first host, or else the first address, or else empty.
func (s Site) name() string {
	switch {
	case len(s.Hosts) > 0:
		return s.Hosts[0]
	case len(s.IPs) > 0:
		return s.IPs[0].String()
	}
	return ""
}

// Material is everything that serving a site, and talking to it, takes.
type Material struct {
	TLS *tls.Config // what to serve, NextProtos left to the caller; nil when Raw is set
	// Raw serves a connection that is not proper TLS. It owns the connection and returns once it has closed it, which for a
	// silent server is when the peer, or the caller, closes it first. Nil when TLS is set.
	Raw   func(net.Conn)
	Roots []*x509.Certificate // what a client is given as trusted
	Host  string              // when not empty, the name or address that a client must use; others show another flaw
	HTTP  http.Handler        // AIA, OCSP and CRL; nil when there is nothing to serve
	Chain []*x509.Certificate // the path as issued, leaf first, root last, whatever is sent of it
}

// Make issues a chain with the named faults, or a healthy one without any. It refuses an unknown name, two faults that
// decide the same thing, and a fault that needs what the site does not have.
func Make(site Site, faultNames ...string) (*Material, error) {
	if site.name() == "" {
		return nil, errors.New("a site needs a host or an address")
	}
	if site.Now.IsZero() {
		site.Now = time.Now()
	}
	site.Now = site.Now.UTC().Truncate(time.Second)

	chosen, err := selectFaults(faultNames)
	if err != nil {
		return nil, err
	}
	p := healthy(site)
	for _, f := range chosen {
		if f.needs != nil {
			if err := f.needs(site); err != nil {
				return nil, fmt.Errorf("fault %q: %w", f.Name, err)
			}
		}
		f.apply(p)
	}
	return p.material()
}
