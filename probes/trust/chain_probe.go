package trust

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// serverHeaderTimeout bounds the question for the server's software: it is only a help for the remedy.
const serverHeaderTimeout = 3 * time.Second

// Options is how far the explanation of a broken chain may go. The zero value is the default.
type Options struct {
	AIA string // "on" (public addresses, also when empty), "off", or "private" (private and loopback addresses too)
}

// Chain is what was found out about the chain: facts, each found independently of the others, for the judges to pick from.
type Chain struct {
	Host           string        `json:"host"`
	Port           string        `json:"port,omitempty"`
	IP             bool          `json:"ip,omitempty"`     // the host is an IP literal
	Hosted         bool          `json:"hosted,omitempty"` // Halo runs the instance
	Now            time.Time     `json:"now"`
	Sent           []Cert        `json:"sent"`
	LeafIndex      int           `json:"own,omitempty"` // index in Sent of the server's own certificate; only a broken list has it behind another
	Bytes          int           `json:"bytes"`         // of all certificates together
	Path           []Cert        `json:"path,omitempty"`
	Valid          bool          `json:"valid"`                 // crypto/x509 accepts the path now
	Builds         bool          `json:"builds"`                // a path to a trusted root exists in what was sent, dates apart
	Cause          probes.Cause  `json:"cause,omitempty"`       // why no path builds
	ErrorDepth     int           `json:"at,omitempty"`          // index in Path of the certificate whose issuer is the trouble
	RejectedIssuer *Cert         `json:"by,omitempty"`          // the sent certificate that has the issuer's name and is no good
	Missing        []Cert        `json:"missing,omitempty"`     // what completes the path, from AIA or from the further roots, lowest first
	Renewed        []Cert        `json:"renewed,omitempty"`     // later editions of intermediates in the path that have ended
	TrustAnchor    *Cert         `json:"anchor,omitempty"`      // the trusted root that the completed path reaches
	PrivateRoot    string        `json:"private,omitempty"`     // the root that only the further roots have
	AIALog         []string      `json:"aia,omitempty"`         // what was tried to complete the path, and what became of it
	Complete       bool          `json:"complete,omitempty"`    // Path and Missing together reach a trusted root
	Server         string        `json:"server,omitempty"`      // the Server header, asked for only where the chain has to be mended
	ListError      string        `json:"broken,omitempty"`      // why clients give up on the list itself, whatever the path; Cause says it in a word
	SameForAnyName bool          `json:"defaults,omitempty"`    // with another name and with none the same certificate is served
	Stapled        string        `json:"stapled,omitempty"`     // what the stapled OCSP answer says: "good", "revoked", or empty: there is none
	Others         int           `json:"others,omitempty"`      // further connections made because this chain does not hold
	OthersHold     int           `json:"others_hold,omitempty"` // how many of them got a chain that does
	clockAhead     time.Duration // how far the server's clock is ahead: see [Clock]
	Portal         string        `json:"portal,omitempty"`     // how a network answers that wants a sign-in first; asked only where the chain does not hold
	Proxy          string        `json:"proxy,omitempty"`      // what the connections ran through
	BesideRSA      bool          `json:"beside_rsa,omitempty"` // the chain of the server's ECDSA certificate, while that of its RSA one does not hold
}

// leaf is the server's own certificate; nil where none was sent or it does not parse.
func (c Chain) leaf() *x509.Certificate {
	if c.LeafIndex >= len(c.Sent) {
		return nil
	}
	return c.Sent[c.LeafIndex].x509()
}

// maxPathInput bounds the certificates that a path is looked for in: a list longer than half of that fails for its length
// already, and a hostile one must not cost a signature check for every pair.
const maxPathInput = 2 * maxCerts

// sentIssuers are the certificates beside the server's own, as far as they parse.
func (c Chain) sentIssuers() []*x509.Certificate {
	var list []*x509.Certificate
	for i := range c.Sent[:min(len(c.Sent), maxPathInput)] {
		if x := c.Sent[i].x509(); x != nil && i != c.LeafIndex {
			list = append(list, x)
		}
	}
	return list
}

// pathOrLeaf is the path; where there is none, the server's own certificate alone. It is empty only without any certificate.
func (c Chain) pathOrLeaf() []Cert {
	if len(c.Path) == 0 && c.LeafIndex < len(c.Sent) {
		return c.Sent[c.LeafIndex : c.LeafIndex+1]
	}
	return c.Path
}

// topIsRoot tells whether the path ends in a root, trusted or not.
func (c Chain) topIsRoot() bool {
	if c.Builds {
		return true
	}
	top := c.pathOrLeaf()[len(c.pathOrLeaf())-1].x509()
	return top != nil && selfIssued(top)
}

// hasExpiredIntermediate tells whether an intermediate of the path has.
func (c Chain) hasExpiredIntermediate() bool {
	for i := 1; i < len(c.Path)-1; i++ {
		if !c.Valid && c.Now.After(c.Path[i].NotAfter) {
			return true
		}
	}
	return false
}

// newChainProbe asks nothing more of a healthy server than the first handshake did. What costs time, the issuers' addresses
// and the Server header, is asked only once the chain is known not to hold.
func (t *HostProbes) newChainProbe() *probes.Probe[Chain] {
	return &probes.Probe[Chain]{
		Name: "trust.chain" + t.Suffix,
		Asks: "nothing more than trust.handshake; where the chain does not hold, three more handshakes, one for an ECDSA certificate in place of an RSA one, and GET / over plain HTTP, which tells of a network that wants a sign-in first; where no path builds or an intermediate has ended, HEAD / for the name of the server software, and where an issuer is missing or has ended, the addresses that the certificates name for it; where the name is wrong, two handshakes with other names",
		Look: func(ctx context.Context, s *probes.Session) (Chain, error) {
			h, err := t.shownCertificates(ctx, s)
			if err != nil {
				return Chain{}, err
			}
			e, err := t.Endpoint(ctx, s)
			if err != nil {
				return Chain{}, err
			}
			c := Chain{Host: h.Host, Port: e.Port, IP: e.IsIP(), Hosted: s.Target.Host() == probes.Hosted, Now: h.Now, Sent: h.Sent, Proxy: s.Net.ProxyName(e)}
			for _, cert := range c.Sent {
				c.Bytes += len(cert.DER) + cert.OmittedBytes
			}
			if h.Cause == probes.LeafNotFirst {
				c.LeafIndex = leafPosition(h.Sent, h.Host)
			}
			if leaf := c.leaf(); leaf != nil {
				c.buildAndVerify(s.Net.Roots)
				if h.Version != "" && c.leaf().PublicKeyAlgorithm == x509.RSA && (!c.Builds || c.certificateFlaw() != "") {
					c.preferECDSA(ctx, s, e)
				}
				var parts probes.Group
				var others, othersHold int // not the fields: the methods of Chain copy it meanwhile
				if h.Version != "" && (!c.Builds || c.certificateFlaw() != "") {
					first := c
					parts.Go(func() { others, othersHold = otherConnections(ctx, s, e, first) })
				}
				var portal string
				if !c.Builds || c.certificateFlaw() != "" {
					parts.Go(func() { portal = s.Net.CaptivePortal(ctx, e) })
				}
				if c.Cause == probes.UnknownIssuer || (c.Cause == probes.WrongIntermediate && !c.Complete) || (c.Cause == probes.UntrustedRoot && c.TrustAnchor == nil && len(c.Path) > 1) {
					c.completePath(ctx, s)
				}
				c.findRenewals(ctx, s)
				c.Stapled = stapledState(h.Staple, c.Path, c.Now)
				if leaf = c.leaf(); leaf.VerifyHostname(c.Host) != nil {
					c.SameForAnyName = servesSameCertForAnyName(ctx, s, e, leaf)
				}
				parts.Wait()
				c.Others, c.OthersHold, c.Portal = others, othersHold, portal
			}
			if c.mayBeSignedAnew() {
				s.AwaitHosting(ctx)
				c.Hosted = s.Hosting() == probes.Hosted
			}
			switch {
			case h.shown():
			case h.Cause != "":
				c.Builds, c.Cause, c.ListError = false, h.Cause, h.Detail
			case !c.Builds || c.hasExpiredIntermediate():
				c.Server = serverHeader(ctx, s, e)
			}
			return c, nil
		},
	}
}

// shown tells whether a handshake that did not complete showed certificates which can be judged all the same: one that
// ended for want of a client certificate, or over suites that only this program lacks.
func (h Handshake) shown() bool {
	return len(h.Sent) > 0 && (h.Cause == probes.ClientCertRequired || h.Cause == probes.NotObserved)
}

// shownCertificates is the first handshake, if it completed or showed certificates that can be judged all the same.
func (t *HostProbes) shownCertificates(ctx context.Context, s *probes.Session) (Handshake, error) {
	h, unmet := probes.Need(ctx, s, t.Handshake)
	if unmet == nil {
		return h, nil
	}
	if h, err := probes.Look(ctx, s, t.handshakeProbe); err == nil && h.shown() {
		return h, nil
	}
	return Handshake{}, unmet
}

// preferECDSA takes the chain of the server's ECDSA certificate in place of that of its RSA one, where it has both and only
// the former holds: OpenSSL, Java and Node ask for ECDSA first, crypto/tls for RSA. That the other chain does not hold is
// trust.consistent's matter. The requests that follow use the one that holds.
func (c *Chain) preferECDSA(ctx context.Context, s *probes.Session, e wire.Endpoint) {
	step, cancel := probes.Step(ctx, handshakeTimeout)
	defer cancel()
	suites := suitesFor("ECDSA")
	seen, err := s.Net.Handshake(step, e, wire.Hello{Max: tls.VersionTLS12, Suites: suites})
	if err != nil || seen.Err != nil {
		return
	}
	other := c.another(describeAll(seen.Sent))
	if other.flaw(s.Net.Roots, true) != "" {
		return
	}
	s.Net.UseSuites(e, suites)
	other.Port, other.Hosted, other.Proxy, other.BesideRSA = c.Port, c.Hosted, c.Proxy, true
	for _, cert := range other.Sent {
		other.Bytes += len(cert.DER) + cert.OmittedBytes
	}
	*c = *other
}

// otherConnections makes further ordinary handshakes where the first chain does not hold, and counts how many of them get
// one that does: then it is one node of several that is set up differently.
func otherConnections(ctx context.Context, s *probes.Session, e wire.Endpoint, first Chain) (made, hold int) {
	step, cancel := probes.Step(ctx, handshakeTimeout)
	defer cancel()
	var mu sync.Mutex
	var parts probes.Group
	for range otherHandshakes {
		parts.Go(func() {
			seen, err := s.Net.Handshake(step, e, wire.Hello{Curves: wire.ClassicCurves()})
			if err != nil || seen.Err != nil {
				return
			}
			same := sameChain(seen.Sent, first.Sent)
			holds := !same && first.another(describeAll(seen.Sent)).flaw(s.Net.Roots, true) == ""
			mu.Lock()
			defer mu.Unlock()
			if made++; holds {
				hold++
			}
		})
	}
	parts.Wait()
	return made, hold
}

// otherHandshakes is how many further handshakes are made where the first chain does not hold.
const otherHandshakes = 3

// withNodes adds what other connections got to a verdict that fails.
func (c Chain) withNodes(v probes.Verdict) probes.Verdict {
	if v.Status == probes.Failed {
		v.Because += c.nodes()
	}
	return v
}

// nodes tells that other connections got a chain that holds; empty where none did.
func (c Chain) nodes() string {
	if c.OthersHold == 0 {
		return ""
	}
	return fmt.Sprintf("; %d of %d connections got it so, the others a complete chain: one node or listener is set up differently", c.Others+1-c.OthersHold, c.Others+1)
}

// servesSameCertForAnyName tells whether the server shows the same certificate whatever it is called: its default site.
func servesSameCertForAnyName(ctx context.Context, s *probes.Session, e wire.Endpoint, leaf *x509.Certificate) bool {
	step, cancel := probes.Step(ctx, handshakeTimeout)
	defer cancel()
	for _, hello := range []wire.Hello{{NoSNI: true}, {ServerName: "halocheck.invalid"}} {
		seen, err := s.Net.Handshake(step, e, hello)
		if err != nil || !slices.ContainsFunc(seen.Sent, func(der []byte) bool { return bytes.Equal(der, leaf.Raw) }) {
			return false
		}
	}
	return true
}

// serverHeader asks what the server calls itself, so that the remedy can say where to click. Empty where it does not tell.
func serverHeader(ctx context.Context, s *probes.Session, e wire.Endpoint) string {
	step, cancel := probes.Step(ctx, serverHeaderTimeout)
	defer cancel()
	page, err := s.Net.Once(step, wire.Request{Method: http.MethodHead, URL: "https://" + e.Address() + "/"})
	if err != nil {
		return ""
	}
	return page.Server
}
