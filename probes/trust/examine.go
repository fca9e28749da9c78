package trust

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"time"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/wire"
)

// Options is how far the explanation of a broken chain may go. The zero value is the default.
type Options struct {
	AIA string // "on" (public addresses, also when empty), "off", or "private" (private and loopback addresses too)
}

// Chained is the examined chain: facts, each found apart from the others. Judging is picking among them.
type Chained struct {
	Host     string       `json:"host"`
	IP       bool         `json:"ip,omitempty"` // the host is an IP literal
	Now      time.Time    `json:"now"`
	Sent     []Cert       `json:"sent"`
	Bytes    int          `json:"bytes"` // of all certificates together
	Path     []Cert       `json:"path,omitempty"`
	Valid    bool         `json:"valid"`              // crypto/x509 accepts the path now
	Builds   bool         `json:"builds"`             // a path to a trusted root exists in what was sent, dates apart
	Cause    probes.Cause `json:"cause,omitempty"`    // why no path builds
	At       int          `json:"at,omitempty"`       // index in Path of the certificate whose issuer is the trouble
	By       *Cert        `json:"by,omitempty"`       // the sent certificate that has the issuer's name and is no good
	Missing  []Cert       `json:"missing,omitempty"`  // what completes the path, from AIA or from --ca-file, lowest first
	Private  string       `json:"private,omitempty"`  // the root that only --ca-file brought
	AIA      []string     `json:"aia,omitempty"`      // what was tried to complete the path, and what became of it
	Server   string       `json:"server,omitempty"`   // unused until an HTTP answer is known
	Broken   string       `json:"broken,omitempty"`   // the handshake's own words where a certificate could not be read
	Defaults bool         `json:"defaults,omitempty"` // with another name and with none the same certificate is served
}

// leaf is the first certificate; nil where none was sent or it does not parse.
func (c Chained) leaf() *x509.Certificate {
	if len(c.Sent) == 0 {
		return nil
	}
	return c.Sent[0].x509()
}

func (t *Site) examine() *probes.Probe[Chained] {
	return &probes.Probe[Chained]{
		Name: "trust.chain" + t.Suffix,
		Asks: "nothing more than trust.handshake; where the chain is incomplete, the addresses of the issuers that the certificates themselves name; where the name is wrong, two handshakes with other names",
		Look: func(ctx context.Context, s *probes.Session) (Chained, error) {
			h, err := probes.Need(ctx, s, t.Handshake)
			if err != nil {
				return Chained{}, err
			}
			e, err := t.Endpoint(ctx, s)
			if err != nil {
				return Chained{}, err
			}
			c := Chained{Host: h.Host, IP: e.IsIP(), Now: h.Now, Sent: h.Sent}
			if h.Cause == probes.BadCertificate {
				c.Broken = h.Detail
			}
			for _, cert := range c.Sent {
				c.Bytes += len(cert.DER)
			}
			if c.Broken == "" && c.leaf() != nil {
				c.build(s.Net.Roots)
			}
			if !c.Builds && c.Cause == probes.UnknownIssuer {
				c.complete(ctx, s)
			}
			if leaf := c.leaf(); leaf != nil && leaf.VerifyHostname(c.Host) != nil {
				c.Defaults = sameForAnyName(ctx, s, e, leaf)
			}
			return c, nil
		},
	}
}

// build finds the path, and why there is none.
func (c *Chained) build(roots *wire.Roots) {
	leaf := c.leaf()
	var sent []*x509.Certificate
	for i := range c.Sent[1:] {
		if x := c.Sent[i+1].x509(); x != nil {
			sent = append(sent, x)
		}
	}
	if path, err := verifyAt(leaf, sent, roots, c.Now, x509.ExtKeyUsageServerAuth); err == nil {
		c.Valid, c.Builds = true, true
		c.keep(path, roots)
		c.mismatchedKeyID(path)
		return
	}
	w := climb(leaf, sent, roots)
	c.keep(w.path, roots)
	if !w.anchor {
		c.Cause = w.cause
		for i, x := range w.path {
			if x == w.at {
				c.At = i
			}
		}
		if w.by != nil {
			by := newCert(w.by.Raw)
			c.By = &by
		}
		if i := firstLeaf(c, sent); i {
			c.Cause = probes.LeafNotFirst
		}
		return
	}
	c.Builds, c.Cause = reason(leaf, sent, roots, w.path, moments(c.Now, w.path))
	c.mismatchedKeyID(w.path)
}

// keep notes the path, and the root that only the user's file brought.
func (c *Chained) keep(path []*x509.Certificate, roots *wire.Roots) {
	c.Path = nil
	for _, x := range path {
		c.Path = append(c.Path, newCert(x.Raw))
	}
	if last := path[len(path)-1]; contains(roots.Extra, last) {
		c.Private = title(last.Subject.CommonName, last.Subject.String())
	}
}

// reason tells why crypto/x509 refuses a path that climbs to a trusted root: at the moments when all dates are right the
// refusal has another cause, if any. Weak signatures and dates are judged elsewhere and do not break the path.
func reason(leaf *x509.Certificate, sent []*x509.Certificate, roots *wire.Roots, path []*x509.Certificate, at []time.Time) (builds bool, cause probes.Cause) {
	var last error
	for _, moment := range at {
		_, err := verifyAt(leaf, sent, roots, moment, x509.ExtKeyUsageServerAuth)
		var invalid x509.CertificateInvalidError
		switch {
		case err == nil:
			return true, ""
		case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
			if last == nil {
				last = err
			}
		default:
			last = err
		}
	}
	for _, x := range path[:len(path)-1] {
		if weakSignature(x) {
			return true, ""
		}
	}
	var invalid x509.CertificateInvalidError
	var critical x509.UnhandledCriticalExtension
	switch {
	case errors.As(last, &critical):
		return false, probes.UnknownCriticalExtension
	case errors.As(last, &invalid):
		switch invalid.Reason {
		case x509.Expired:
			return true, "" // no moment suits all of them: a matter of dates alone
		case x509.CANotAuthorizedForThisName, x509.NameConstraintsWithoutSANs, x509.UnconstrainedName, x509.TooManyConstraints:
			return false, probes.NameConstraints
		case x509.TooManyIntermediates:
			return false, probes.PathLength
		case x509.NotAuthorizedToSign:
			return false, probes.IntermediateNotCA
		case x509.IncompatibleUsage, x509.CANotAuthorizedForExtKeyUsage:
			if !servesAuth(leaf) {
				return false, probes.EKUMissing
			}
			return false, probes.IntermediateEKU
		}
	}
	return false, probes.UnknownIssuer
}

// servesAuth tells whether a leaf may identify a server.
func servesAuth(c *x509.Certificate) bool {
	if len(c.ExtKeyUsage) == 0 && len(c.UnknownExtKeyUsage) == 0 {
		return true
	}
	for _, u := range c.ExtKeyUsage {
		if u == x509.ExtKeyUsageServerAuth || u == x509.ExtKeyUsageAny {
			return true
		}
	}
	return false
}

// mismatchedKeyID finds a certificate that names another key of its issuer than the one in the path. Go does not look at
// it, OpenSSL refuses it (tls.md §3.7).
func (c *Chained) mismatchedKeyID(path []*x509.Certificate) {
	for i, x := range path[:len(path)-1] {
		issuer := path[i+1]
		if len(x.AuthorityKeyId) > 0 && len(issuer.SubjectKeyId) > 0 && !bytes.Equal(x.AuthorityKeyId, issuer.SubjectKeyId) {
			by := newCert(issuer.Raw)
			c.Builds, c.Cause, c.At, c.By = false, probes.AKIMismatch, i, &by
			return
		}
	}
}

// firstLeaf tells whether the server's own certificate stands behind another one: the first is an authority's, and a
// later one is not and fits the name or is certified by the first.
func firstLeaf(c *Chained, sent []*x509.Certificate) bool {
	first := c.leaf()
	if !first.IsCA {
		return false
	}
	for _, x := range sent {
		if !x.IsCA && (x.VerifyHostname(c.Host) == nil || signed(x, first)) {
			return true
		}
	}
	return false
}

// sameForAnyName tells whether the server shows the same certificate whatever it is called: its default site.
func sameForAnyName(ctx context.Context, s *probes.Session, e wire.Endpoint, leaf *x509.Certificate) bool {
	step, cancel := probes.Step(ctx, handshakeTime)
	defer cancel()
	for _, hello := range []wire.Hello{{NoSNI: true}, {ServerName: "halocheck.invalid"}} {
		seen, err := s.Net.Shake(step, e, hello)
		if err != nil || len(seen.Sent) == 0 || !bytes.Equal(seen.Sent[0], leaf.Raw) {
			return false
		}
	}
	return true
}
