package trust

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// Hygiene is what trust.tidy is judged by: the chain, the cipher suite, and old protocol versions.
type Hygiene struct {
	Chain         Chain  `json:"chain"`
	LegacyVersion string `json:"legacy,omitempty"` // "TLS 1.0" where the server accepts that or 1.1; empty: it does not
	Suite         string `json:"suite,omitempty"`  // the cipher suite of the first handshake; empty where none was agreed on
}

// newHygieneProbe is a probe of its own, so that only trust.tidy waits for it. Its handshake shows no chain, so it comes
// after those of trust.consistent: between them it would take the turn of a node.
func (t *HostProbes) newHygieneProbe() *probes.Probe[Hygiene] {
	return &probes.Probe[Hygiene]{
		Name: "trust.tidy" + t.Suffix,
		Asks: "one handshake that offers TLS 1.0 and 1.1 only",
		Look: func(ctx context.Context, s *probes.Session) (Hygiene, error) {
			c, err := probes.Look(ctx, s, t.chainProbe)
			if err != nil {
				return Hygiene{}, err
			}
			h, err := probes.Look(ctx, s, t.handshakeProbe)
			if err != nil {
				return Hygiene{}, err
			}
			e, err := t.Endpoint(ctx, s)
			if err != nil {
				return Hygiene{}, err
			}
			wait(ctx, 2*turnPause)
			step, cancel := probes.Step(ctx, handshakeTimeout)
			defer cancel()
			n := Hygiene{Chain: c, Suite: h.Suite}
			seen, err := s.Net.Handshake(step, e, wire.Hello{Min: tls.VersionTLS10, Max: tls.VersionTLS11, Suites: wire.AllSuites(), MayShowNone: true})
			if err == nil && seen.Err == nil {
				n.LegacyVersion = tls.VersionName(seen.Version)
			}
			return n, nil
		},
	}
}

// isWeakSuite tells whether a cipher suite, by its IANA name, is older than what every client of today offers: TLS 1.2
// without an ephemeral elliptic curve key, or without an authenticated cipher. TLS 1.3 has none of those.
func isWeakSuite(name string) bool {
	return strings.Contains(name, "_WITH_") && (!strings.HasPrefix(name, "TLS_ECDHE_") || strings.Contains(name, "_CBC_"))
}

// flaw is a cause and what was seen of it.
type flaw struct {
	cause probes.Cause
	seen  string
}

// verdictOf is the verdict on several flaws: the first one's cause, and all that was seen. Without any it passes on the given evidence.
func verdictOf(on any, flaws []flaw, because string) probes.Verdict {
	if len(flaws) == 0 {
		return probes.Pass(because, on)
	}
	var seen []string
	for _, f := range flaws {
		seen = append(seen, f.seen)
	}
	return probes.Fail(flaws[0].cause, strings.Join(seen, "; "))
}

// sentListFlaws compares what was sent with the path. What is too long or cannot be read is trust.chain's matter, and where
// no path is known, nobody can say that a certificate is not needed.
func sentListFlaws(c Chain) (flaws []flaw) {
	needed := map[string]int{}
	for i, cert := range c.completedPath() {
		needed[cert.SHA256] = i
	}
	seen := map[string]bool{}
	previous := -1
	for i := range c.Sent {
		cert := c.Sent[i]
		x := cert.x509()
		position, used := needed[cert.SHA256]
		f := flaw{}
		switch {
		case x == nil || i == c.LeafIndex:
		case seen[cert.SHA256]:
			f = flaw{probes.DuplicateCert, fmt.Sprintf("the server sends %q twice", cert.Subject)}
		case selfSigned(x):
			f = flaw{probes.ContainsAnchor, fmt.Sprintf("the server sends the root %q, which clients have already", cert.Subject)}
		case !used && c.RejectedIssuer != nil && c.RejectedIssuer.SHA256 == cert.SHA256: // the wrong issuer is trust.chain's matter
		case !used && c.Complete && c.Now.After(cert.NotAfter):
			f = flaw{probes.ExpiredExtra, fmt.Sprintf("%q, which nobody needs, ended on %s; old clients fail on it", cert.Subject, formatTime(cert.NotAfter))}
		case !used && c.Complete && !c.tooLong() && !c.isCrossSign(x):
			f = flaw{probes.ExtraCerts, fmt.Sprintf("the server sends %q, which nobody needs", cert.Subject)}
		case used && position < previous:
			f = flaw{probes.WrongOrder, fmt.Sprintf("the server sends %q behind its issuer", cert.Subject)}
		}
		if f.cause != "" && len(flaws) < 5 {
			flaws = append(flaws, f)
		}
		if seen[cert.SHA256] = true; used {
			previous = position
		}
	}
	return flaws
}

// isCrossSign tells whether x is a cross-sign of a certificate in the path: the same name and key, signed by another. Older
// clients, which lack the new root, need it: tls.md §5.
func (c Chain) isCrossSign(x *x509.Certificate) bool {
	for i := range c.Path {
		p := c.Path[i].x509()
		if p != nil && bytes.Equal(p.RawSubject, x.RawSubject) && bytes.Equal(p.RawSubjectPublicKeyInfo, x.RawSubjectPublicKeyInfo) {
			return true
		}
	}
	return false
}

// endsInPublicRoot tells whether the path reaches a root of the public stores, with what was found for it. Evidence of an
// older version lacks the anchor of a path that was sent whole.
func (c Chain) endsInPublicRoot() bool {
	return c.PrivateRoot == "" && (c.TrustAnchor != nil || c.Builds)
}

// mustStaple is the TLS feature extension: RFC 7633.
var mustStaple = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}

// leafFlaws looks at what public authorities no longer issue.
func leafFlaws(c Chain, leaf *x509.Certificate) (flaws []flaw) {
	lifetime := leaf.NotAfter.Sub(leaf.NotBefore)
	if most := maxValidity(leaf.NotBefore); lifetime > most && !selfIssued(leaf) && c.endsInPublicRoot() {
		flaws = append(flaws, flaw{probes.ValidityTooLong, fmt.Sprintf("the certificate is valid for %s; public ones issued then may have %s", formatDuration(lifetime), formatDuration(most))})
	}
	if leaf.IsCA && !selfIssued(leaf) {
		flaws = append(flaws, flaw{probes.LeafIsCA, "the server's own certificate may issue others"})
	}
	if leaf.KeyUsage != 0 && leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		flaws = append(flaws, flaw{probes.KeyUsage, "the certificate's key usage lacks digitalSignature, so Chrome and Java refuse it"})
	}
	for _, e := range leaf.Extensions {
		if e.Id.Equal(mustStaple) && c.Stapled == "" {
			flaws = append(flaws, flaw{probes.MustStaple, "the certificate demands a stapled OCSP answer, and the server sent no valid one"})
		}
	}
	return flaws
}

// maxValidity is the longest lifetime that a public certificate issued then may have: SC-081v3, tls.md §5.
func maxValidity(issued time.Time) time.Duration {
	const oneDay = 24 * time.Hour
	for _, step := range []struct {
		from time.Time
		days int
	}{
		{time.Date(2029, 3, 15, 0, 0, 0, 0, time.UTC), 47},
		{time.Date(2027, 3, 15, 0, 0, 0, 0, time.UTC), 100},
		{time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC), 200},
	} {
		if !issued.Before(step.from) {
			return time.Duration(step.days)*oneDay + time.Second
		}
	}
	return 398*oneDay + time.Second
}

// containsDER tells whether a certificate is among those sent.
func containsDER(sent []Cert, der []byte) bool {
	for _, c := range sent {
		if bytes.Equal(c.DER, der) {
			return true
		}
	}
	return false
}
