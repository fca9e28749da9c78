package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"slices"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// FixedPEM is the chain that the server should send: its own certificate first, then each issuer once, the root left
// out. It is false where no such chain is known, or where serving it would not help: the issuer could not be found, the
// root is not a trusted one, an intermediate has ended and no later edition is known, or a certificate itself is at fault.
func (c Chain) FixedPEM() ([]byte, bool) {
	chain := c.fixedChain()
	if len(chain) == 0 {
		return nil, false
	}
	var out bytes.Buffer
	for _, x := range chain {
		_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: x.Raw}) // a buffer does not fail
	}
	return out.Bytes(), true
}

// fixedChain is the chain to serve, leaf first; empty where there is none that clients accept.
func (c Chain) fixedChain() []*x509.Certificate {
	leaf := c.leaf()
	if leaf == nil || !c.Complete || c.Cause == probes.AKIMismatch || c.Cause == probes.UntrustedRoot {
		return nil
	}
	lists := [][]Cert{c.Renewed, c.Path, c.Missing}
	if len(c.Missing) > 0 {
		lists = append(lists, c.Sent) // what was sent may go on where the missing ones end
	}
	var known []*x509.Certificate
	for _, list := range lists {
		for i := range list {
			x := list[i].x509()
			if x != nil && mayCertify(x) && !selfIssued(x) && !c.Now.After(x.NotAfter) {
				known = append(known, x)
			}
		}
	}
	chain := []*x509.Certificate{leaf}
	for next := chain; len(next) > 0 && len(chain) < maxPath; {
		if next, _, _ = issuersOf(chain[len(chain)-1], known, chain); len(next) > 0 {
			chain = append(chain, next[0])
		}
	}
	if !c.verifies(chain) {
		return nil
	}
	return chain
}

// verifies tells whether crypto/x509 takes the chain, now or, where the server's own certificate is not of today, at a
// moment when it is. What it stops at and judges apart, a weak signature, does not count; neither does a root that
// evidence of an older version lacks.
func (c Chain) verifies(chain []*x509.Certificate) bool {
	if c.TrustAnchor == nil || c.TrustAnchor.x509() == nil {
		return true
	}
	pool := x509.NewCertPool()
	pool.AddCert(wire.AsOthersRead(c.TrustAnchor.x509()))
	at := verificationTimes(c.Now, chain[:1])
	if !c.Now.Before(chain[0].NotBefore) && !c.Now.After(chain[0].NotAfter) {
		at = at[:1]
	}
	if slices.ContainsFunc(chain, weakSignature) {
		return true
	}
	for _, moment := range at {
		if _, err := wire.Verify(chain[0], chain[1:], x509.VerifyOptions{Roots: pool, CurrentTime: moment}); err == nil {
			return true
		}
	}
	return false
}

// completedPath is the path and what would complete it, as far as both are known, the root left out where it was not sent.
func (c Chain) completedPath() []Cert {
	whole := append([]Cert(nil), c.Path...)
	for len(c.Missing) > 0 && len(whole) > 0 && len(whole) < maxPath {
		next := c.issuerOfLast(whole)
		if next == nil {
			break
		}
		whole = append(whole, *next)
	}
	return whole
}

// issuerOfLast is the certificate, found or sent, that issued the last one of a path.
func (c Chain) issuerOfLast(path []Cert) *Cert {
	last := path[len(path)-1].x509()
	for _, list := range [][]Cert{c.Missing, c.Sent} {
		for i := range list {
			x := list[i].x509()
			if x != nil && last != nil && !containsDER(path, x.Raw) && bytes.Equal(x.RawSubject, last.RawIssuer) && signed(last, x) {
				return &list[i]
			}
		}
	}
	return nil
}
