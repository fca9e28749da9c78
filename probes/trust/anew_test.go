package trust

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
)

// TestSignedAnew asks about a proxy, an inspecting product or Halo's own hosting before a server is accused of a private root.
func TestSignedAnew(t *testing.T) {
	chain := func(own, authority string, change func(*Chain)) Chain {
		leaf := literal(own, &x509.Certificate{Subject: pkix.Name{CommonName: own}, Issuer: pkix.Name{CommonName: authority}})
		root := literal(authority, &x509.Certificate{Subject: pkix.Name{CommonName: authority}, Issuer: pkix.Name{CommonName: authority}})
		leaf.Issuer, root.Issuer = authority, authority
		c := Chain{Host: "halo.example.test", Cause: probes.UntrustedRoot, Complete: true, ErrorDepth: 1, Sent: []Cert{leaf, root}, Path: []Cert{leaf, root}}
		if change != nil {
			change(&c)
		}
		return c
	}
	hosted := func(c *Chain) { c.Hosted = true }
	proxy := func(c *Chain) { c.Proxy = "http://p" }
	both := func(c *Chain) { hosted(c); proxy(c) }
	const private, retired = `the chain ends in "Own root", which is not publicly trusted`, "GLOBALTRUST 2020"
	for _, c := range []struct {
		name   string
		seen   Chain
		status probes.Status
		says   string // all of it
		who    probes.Actor
		does   string // the beginning
	}{
		{"a private root", chain("Server", "Own root", nil), probes.Failed, private, probes.NetworkAdmin, "Serve a certificate from a public authority"},
		{"hosted", chain("Server", "Own root", hosted), probes.Unknown, private + "; Halo uses public certificates, so something on the way may have replaced it", probes.Operator, "Run the check again from a network without TLS inspection. If it sees the same certificate, ask Halo's support."},
		{"through a proxy", chain("Server", "Own root", proxy), probes.Unknown, private + "; the proxy http://p may have replaced the server's own certificate", probes.Operator, "Run the check again without the proxy. If it sees the same certificate, have the server serve one"},
		{"hosted, through a proxy", chain("Server", "Own root", both), probes.Unknown, private + "; Halo uses public certificates, so something on the way may have replaced it", probes.Operator, "Run the check again without the proxy. If it sees the same certificate, ask Halo's support."},
		{"a product's root", chain("Server", "Zscaler Root", nil), probes.Failed, `the chain ends in "Zscaler Root", which is not publicly trusted; Zscaler inspects TLS on the way and may have replaced the server's own certificate`, probes.Operator, "Run the check again from a network without TLS inspection. If it sees the same certificate, that product stands"},
		{"a server that is called like a product", chain("zscaler.example.test", "Own root", nil), probes.Failed, private, probes.NetworkAdmin, "Serve a certificate from a public authority"},
		{"a retired root, hosted", chain("Server", retired, hosted), probes.Failed, "the chain leads to a public root of e-commerce monitoring, which Mozilla and Chrome trust for no certificate issued after June 2024", probes.NetworkAdmin, "Have the certificate issued again by another public authority"},
		{"a retired root, through a proxy", chain("Server", retired, proxy), probes.Failed, "the chain leads to a public root of e-commerce monitoring, which Mozilla and Chrome trust for no certificate issued after June 2024", probes.NetworkAdmin, "Have the certificate issued again by another public authority"},
		{"another cause", chain("Server", "Own root", func(c *Chain) { both(c); c.Cause = probes.PathLength }), probes.Failed, `an issuer in the chain allows fewer issuers below it; the chain is "Server", issued by "Own root"`, probes.NetworkAdmin, "Have the certificate issued again by a public authority"},
	} {
		v := judgeChain(c.seen)
		if v.Status != c.status || v.Because != c.says || v.Remedy == nil || v.Remedy.Who != c.who || !strings.HasPrefix(v.Remedy.Do, c.does) {
			t.Errorf("%s: %s: %s; %+v", c.name, v.Status, v.Because, v.Remedy)
		}
	}
}

// TestRootOfOlderCertificates asks for another public certificate, and not for a public one in place of a private.
func TestRootOfOlderCertificates(t *testing.T) {
	root := good("Root")
	for name, c := range map[string]struct {
		anchor  *Cert
		private string
		want    string
	}{
		"a root for older certificates": {&root, "", "Have the certificate issued again by a public authority"},
		"a root of the user's":          {&root, "Root", "Serve a certificate from a public authority"},
		"a root that nobody knows":      {nil, "", "Serve a certificate from a public authority"},
	} {
		seen := Chain{Cause: probes.UntrustedRoot, Sent: []Cert{good("Server")}, TrustAnchor: c.anchor, PrivateRoot: c.private}
		if r := seen.remedy(); !strings.HasPrefix(r.Do, c.want) {
			t.Errorf("%s: %s", name, r.Do)
		}
	}
}

// TestOtherConnectionsInWords says how many connections got a chain only where others got a better one.
func TestOtherConnectionsInWords(t *testing.T) {
	const told = "seen; 3 of 4 connections got it so, the others a complete chain: one node or listener is set up differently"
	for _, c := range []struct {
		hold int
		v    probes.Verdict
		want string
	}{
		{1, probes.Fail(probes.NameMismatch, "seen"), told}, {0, probes.Fail(probes.NameMismatch, "seen"), "seen"}, {1, probes.Pass("seen", 1), "seen"},
	} {
		if v := (Chain{Others: 3, OthersHold: c.hold}).withNodes(c.v); v.Because != c.want {
			t.Errorf("%d hold, %s: %s", c.hold, c.v.Status, v.Because)
		}
	}
	root := forge(t, "Root", nil)
	whole := sending(trusting(root), forge(t, "Server", root, server))
	const path = `the chain is "Server", issued by "Root"`
	if v := judgeChain(whole); v.Because != path {
		t.Errorf("one certificate: %s", v.Because)
	}
	whole.BesideRSA = true
	if v := judgeChain(whole); v.Because == path || !strings.HasPrefix(v.Because, path+"; ") {
		t.Errorf("beside an RSA certificate that does not hold: %s", v.Because)
	}
}

// TestShown takes certificates of a handshake that ended for want of something that says nothing of them.
func TestShown(t *testing.T) {
	for name, c := range map[string]struct {
		seen Handshake
		want bool
	}{
		"a client certificate": {Handshake{Sent: many(1), Cause: probes.ClientCertRequired}, true}, "other suites": {Handshake{Sent: many(1), Cause: probes.NotObserved}, true},
		"nothing shown": {Handshake{Cause: probes.ClientCertRequired}, false}, "completed": {Handshake{Sent: many(1)}, false}, "an alert": {Handshake{Sent: many(1), Cause: probes.TLSAlert}, false},
	} {
		if got := c.seen.shown(); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestSuitesOfAKey are those of TLS 1.2 that only a certificate with such a key can serve.
func TestSuitesOfAKey(t *testing.T) {
	for key, other := range map[string]string{"RSA": "_ECDSA_", "ECDSA": "_RSA_"} {
		suites := suitesFor(key)
		for _, id := range suites {
			if name := tls.CipherSuiteName(id); strings.Contains(name, other) || !strings.Contains(name, "_WITH_") {
				t.Errorf("%s: %s", key, name)
			}
		}
		if len(suites) < 4 {
			t.Errorf("%s: %d suites", key, len(suites))
		}
	}
}
