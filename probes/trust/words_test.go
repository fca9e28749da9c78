package trust

import (
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ocsp"

	"github.com/halocheck/halocheck/probes"
)

// TestWhy names what was seen of every path that does not build, so that it can be found in a store.
func TestWhy(t *testing.T) {
	leaf := literal("Server", &x509.Certificate{DNSNames: []string{"halo.example.test"}})
	leaf.Issuer, leaf.IssuerKey = "Authority", "aa"
	authority := literal("Authority", &x509.Certificate{})
	authority.KeyID, authority.Issuer = "bb", "Root"
	found := Cert{Subject: "Found", KeyID: "aa", SHA256: "cc", From: "http://a"}
	nameless := Cert{Subject: "Found", SHA256: "cc", From: "the further roots"}
	with := func(cause probes.Cause, change func(*Chain)) Chain {
		c := Chain{Host: "halo.example.test", Sent: []Cert{leaf}, Path: []Cert{leaf, authority}, Cause: cause, RejectedIssuer: &authority}
		if change != nil {
			change(&c)
		}
		return c
	}
	const sent = `the server sent only its own certificate, "Server"; `
	const path = `the chain is "Server", issued by "Authority"`
	const unknown = `the issuer of "Server", is not known: its certificate is missing, or it is a private authority`
	for _, c := range []struct {
		seen Chain
		want string
	}{
		{with(probes.MissingIntermediate, func(c *Chain) { c.Missing = []Cert{found, nameless} }), sent + `missing at position 2: "Found" (http://a); missing at position 3: "Found" (the further roots)`},
		{with(probes.UnknownIssuer, nil), sent + `"Authority", ` + unknown},
		{with(probes.UnknownIssuer, func(c *Chain) { c.ErrorDepth, c.AIALog = 1, []string{"b", "c"} }), sent + `"Root", ` + strings.ReplaceAll(unknown, "Server", "Authority") + "; b; c"},
		{with(probes.UnknownIssuer, func(c *Chain) { c.ErrorDepth = 9 }), sent + `"Root", ` + strings.ReplaceAll(unknown, "Server", "Authority")},
		{with(probes.UntrustedRoot, nil), `the chain ends in "Authority", which is not publicly trusted`},
		{with(probes.UntrustedRoot, func(c *Chain) { c.Missing = []Cert{nameless, found} }), `the chain ends in "Found", which is not publicly trusted`},
		{with(probes.SelfSigned, nil), `"Server" signed itself; no authority stands behind it`},
		{with(probes.WrongIntermediate, nil), `the server sends another certificate named "Authority" than the one that issued "Server"`},
		{with(probes.WrongIntermediate, func(c *Chain) { c.Missing = []Cert{found} }), `the server sends another certificate named "Authority" than the one that issued "Server"; the right one: http://a`},
		{with(probes.BadSignature, func(c *Chain) { c.RejectedIssuer = nil }), `"Server" names the issuer "", but that one did not sign it`},
		{with(probes.BadSignature, nil), `"Authority" signed "Server" in a way that clients cannot check`},
		{with(probes.IntermediateNotCA, nil), `"Authority" issued a certificate without being an authority`},
		{with(probes.IntermediateNotCA, func(c *Chain) { c.RejectedIssuer = nil }), `"Authority" issued a certificate without being an authority`},
		{with(probes.NameEncoding, nil), `"Server" spells its issuer's name in another encoding than the issuer itself, "Authority"`},
		{with(probes.AKIMismatch, nil), `"Server" names another key of its issuer than the one that "Authority" has; OpenSSL refuses that`},
		{with(probes.NameConstraints, nil), `an issuer in the chain may not issue for "halo.example.test"; ` + path},
		{with(probes.PathLength, nil), "an issuer in the chain allows fewer issuers below it; " + path},
		{with(probes.EKUMissing, nil), `the purposes of "Server" leave out servers (serverAuth)`},
		{with(probes.IntermediateEKU, nil), "an issuer in the chain may not issue certificates for servers; " + path},
		{with(probes.UnknownCriticalExtension, nil), "a certificate in the chain has a critical extension that clients do not know; " + path},
	} {
		if got := c.seen.explain(); got != c.want {
			t.Errorf("%s: %s", c.seen.Cause, got)
		}
	}
	if got := certificateCount(2); got != "2 certificates" {
		t.Error(got)
	}
}

// TestUncheckable tells a signature of an unknown kind from one that is wrong.
func TestUncheckable(t *testing.T) {
	root := forge(t, "Root", nil)
	known, odd := parseCert(forge(t, "Server", root, server).Raw), literal("Server", &x509.Certificate{})
	issuer, broken := parseCert(root.Raw), parseCert([]byte("no certificate"))
	for name, c := range map[string]struct {
		cert Cert
		by   *Cert
		want bool
	}{
		"a known kind": {known, &issuer, false}, "another": {odd, &issuer, true}, "nobody": {odd, nil, false},
		"by what cannot be read": {odd, &broken, false}, "what cannot be read": {broken, &issuer, false},
	} {
		if got := (Chain{Sent: []Cert{c.cert}, RejectedIssuer: c.by}).uncheckable(); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestRemedies says what to do about each cause, to which certificate, and how it is proved.
func TestRemedies(t *testing.T) {
	leaf := literal("Server", &x509.Certificate{})
	found := Cert{Subject: "Found", From: "http://a"}
	authority := parseCert(forge(t, "Authority", nil).Raw)
	for _, c := range []struct {
		cause   probes.Cause
		missing []Cert
		by      *Cert
		want    string
	}{
		{probes.MissingIntermediate, []Cert{found, found}, nil, `Add the certificate of "Found" (http://a) and of "Found" (http://a) to the chain, behind`},
		{probes.WrongIntermediate, []Cert{found}, nil, `Replace the intermediate by the certificate of "Found" (http://a).`},
		{probes.WrongIntermediate, nil, nil, "Replace the intermediate by the one that issued"},
		{probes.AKIMismatch, nil, nil, "Replace the intermediate by the one that issued"},
		{probes.BadSignature, nil, nil, "Replace the intermediate by the one that issued"},
		{probes.BadSignature, nil, &authority, "Have the certificate issued again, signed with SHA-256"},
		{probes.LeafNotFirst, nil, nil, "Put the server's own certificate first"},
		{probes.BadCertificate, nil, nil, "Export the certificates of the chain again"},
		{probes.UnknownIssuer, nil, nil, "Ask the authority that issued the certificate"},
		{probes.UntrustedRoot, nil, nil, "Serve a certificate from a public authority"},
		{probes.SelfSigned, nil, nil, "Serve a certificate from a public authority"},
		{probes.NameConstraints, nil, nil, "Have the certificate issued again by a public authority"},
	} {
		r := Chain{Host: "a", Sent: []Cert{leaf}, Cause: c.cause, Missing: c.missing, RejectedIssuer: c.by}.remedy()
		if !strings.HasPrefix(r.Do, c.want) || !strings.Contains(r.Do, ProofMark+"echo Q | openssl s_client") || strings.Contains(r.Do, "writes the chain") {
			t.Errorf("%s: %s", c.cause, r.Do)
		}
	}
	if r := (Chain{Sent: []Cert{leaf}, Renewed: []Cert{found}}).renewRemedy(); !strings.HasPrefix(r.Do, `Replace the expired intermediate by its later edition, "Found" (http://a)`) {
		t.Errorf("%s", r.Do)
	}
	for server, want := range map[string]string{"": anyTerminator, "Caddy": anyTerminator, "Microsoft-IIS/10.0": "Windows: certlm.msc (Local Computer) > Intermediate", "nginx/1.2": "nginx: the file"} {
		if got := (Chain{Server: server}).terminatorSetting(); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, proxies) {
			t.Errorf("%q: %s", server, got)
		}
	}
	for server, want := range map[string]string{"Microsoft-IIS/10.0": "Windows: certlm.msc (Local Computer) > Personal", "nginx/1.2": "nginx: the file"} {
		if got := (Chain{Server: server}).fixWithNewCertificate("x").Where; !strings.HasPrefix(got, want) {
			t.Errorf("a new certificate for %q: %s", server, got)
		}
	}
}

func TestProof(t *testing.T) {
	for _, c := range []struct {
		seen Chain
		want string
	}{
		{Chain{Host: "a.test"}, "echo Q | openssl s_client -connect a.test:443 -servername a.test -verify_hostname a.test -verify_return_error -showcerts"},
		{Chain{Host: "a.test", Port: "8443"}, "echo Q | openssl s_client -connect a.test:8443 -servername a.test -verify_hostname a.test -verify_return_error -showcerts"},
		{Chain{Host: "a.test", PrivateRoot: "Own"}, "echo Q | openssl s_client -connect a.test:443 -servername a.test -verify_hostname a.test -CAfile ROOTS.pem -verify_return_error -showcerts"},
		{Chain{Host: "192.0.2.1", IP: true}, "echo Q | openssl s_client -connect 192.0.2.1:443 -verify_ip 192.0.2.1 -verify_return_error -showcerts"},
		{Chain{Host: "2001:db8::1", IP: true}, "echo Q | openssl s_client -connect [2001:db8::1]:443 -verify_ip 2001:db8::1 -verify_return_error -showcerts"},
	} {
		if got := c.seen.proofCommand(); got != c.want {
			t.Errorf("%s", got)
		}
	}
}

// TestStandingInWords says who answered, each once, and what each says.
func TestStandingInWords(t *testing.T) {
	v := Resource.Revocation.Judge(RevocationStatus{Certs: []CertStatus{{Subject: "a", State: "revoked", From: "b", At: today}}})
	told(t, "revoked", v, probes.Failed, probes.Revoked, `"a" was revoked on 2026-11-23 00:00 UTC, says b`)
	if got := sources([]CertStatus{{From: "a"}, {}, {From: "b"}, {From: "a"}}); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%q", got)
	}
}

// TestMayAnswer takes an answer from the issuer, or from whom it made for that.
func TestMayAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		signer *x509.Certificate
		want   bool
	}{
		"nobody named, which is the issuer": {nil, true},
		"made for it":                       {&x509.Certificate{Raw: []byte("other"), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}}, true},
		"another server":                    {&x509.Certificate{Raw: []byte("other"), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, false},
	} {
		if got := isAuthorizedResponder(c.signer); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestStapled reads the answer in the handshake only where its issuer is known.
func TestStapled(t *testing.T) {
	r := newRevoker(t)
	answer := r.answer(t, ocsp.Revoked, 1)
	cert, issuer, broken := parseCert(r.cert.Raw), parseCert(r.authority.Raw), parseCert([]byte("no certificate"))
	for name, c := range map[string]struct {
		answer []byte
		path   []Cert
		want   string
	}{
		"revoked":                {answer, []Cert{cert, issuer}, "revoked"},
		"none":                   {nil, []Cert{cert, issuer}, ""},
		"nobody knows by whom":   {answer, []Cert{cert}, ""},
		"its own cannot be read": {answer, []Cert{broken, issuer}, ""},
		"nor can its issuer":     {answer, []Cert{cert, broken}, ""},
	} {
		if got := stapledState(c.answer, c.path, today); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestRedirectsEnd follows two redirects of an issuer's address and no third.
func TestRedirectsEnd(t *testing.T) {
	for most, want := range map[string]bool{"/2": true, "/3": false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !r.Close {
				t.Error("the connection is kept, and nobody would close it")
			}
			if next := map[string]string{"/3": "/2", "/2": "/1", "/1": "/0"}[r.URL.Path]; next != "" {
				http.Redirect(w, r, next, http.StatusFound)
			}
		}))
		if _, err := anywhere.fetch(t.Context(), server.URL+most); (err == nil) != want {
			t.Errorf("%s: %v", most, err)
		}
		server.Close()
	}
}
