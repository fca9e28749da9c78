package selfproof_test

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/crypto/ocsp"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// pair is a list of certificates and the key of the first, in PEM.
type pair struct {
	certs, key []byte
	staple     []byte
}

// realLab makes what the servers serve, and collects the roots that vouch for it.
type realLab struct {
	dir   string
	roots []byte
}

// pair makes one with the named faults.
func (l *realLab) pair(faults ...string) *pair {
	GinkgoHelper()
	publications := http.NewServeMux()
	plain := httptest.NewServer(publications)
	DeferCleanup(plain.Close)
	m, err := pki.Make(pki.Site{Hosts: []string{realHost}, BaseURL: plain.URL}, faults...)
	Expect(err).NotTo(HaveOccurred())
	publications.Handle("/", m.HTTP)
	served, err := m.TLS.GetCertificate(&tls.ClientHelloInfo{ServerName: realHost, SupportedVersions: []uint16{tls.VersionTLS13}})
	Expect(err).NotTo(HaveOccurred())
	for _, root := range m.Roots {
		l.roots = append(l.roots, inPEM(root.Raw)...)
	}
	return &pair{certs: inPEM(served.Certificate...), key: keyInPEM(served.PrivateKey), staple: served.OCSPStaple}
}

func keyInPEM(key crypto.PrivateKey) []byte {
	GinkgoHelper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	Expect(err).NotTo(HaveOccurred())
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// rootsFile is the file of all roots.
func (l *realLab) rootsFile() string { return filepath.Join(l.dir, "roots.pem") }

// stapled is a healthy pair with an OCSP answer that says so.
func (l *realLab) stapled() *pair {
	GinkgoHelper()
	root := issue("Real Servers Root", nil, nil, authority)
	mid := issue("Real Servers Issuing CA", root, nil, authority)
	// The address is one that answers nothing: what counts is stapled.
	leaf := issue(realHost, mid, nil, forHost(realHost), func(c *x509.Certificate) { c.OCSPServer = []string{"http://127.0.0.1:1/"} })
	answer, err := ocsp.CreateResponse(mid.Certificate, mid.Certificate, ocsp.Response{
		Status: ocsp.Good, SerialNumber: leaf.SerialNumber, ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(24 * time.Hour),
	}, mid.key)
	Expect(err).NotTo(HaveOccurred())
	l.trust(root)
	p := serving(leaf, mid)
	p.staple = answer
	return p
}

// backendThat answers every connection in a way of its own.
func backendThat(does func(net.Conn)) (addr string) {
	GinkgoHelper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(l.Close)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go does(c)
		}
	}()
	return l.Addr().String()
}

// realCases are the ways to set a server up.
func realCases(lab *realLab, backend string) []realCase {
	GinkgoHelper()
	full, rsa := lab.pair(), lab.pair("weak-cipher") // whose key is RSA
	alone, rsaAlone := lab.pair("missing-intermediate"), lab.pair("missing-intermediate", "weak-cipher")
	const away = "127.0.0.1:1" // where nobody listens
	closing := backendThat(func(c net.Conn) { _, _ = c.Read(make([]byte, 1)); _ = c.Close() })
	silent := backendThat(func(c net.Conn) { _, _ = io.Copy(io.Discard, c); _ = c.Close() })

	one := func(p *pair) served { return served{pairs: []*pair{p}, backend: backend} }
	with := func(s served, edit func(*served)) served { edit(&s); return s }
	old := func(suite string) served { return with(one(rsa), func(s *served) { s.ciphers = suite }) }
	asking := func(how, version string) served {
		return with(one(full), func(s *served) { s.clientCert, s.version = how, version })
	}
	stapling := func(p *pair) served {
		responder := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/ocsp-response")
			_, _ = w.Write(p.staple)
		}))
		DeferCleanup(responder.Close)
		return with(one(p), func(s *served) { s.staple, s.responder = p.staple, responder.URL })
	}
	// beside is the site's certificate with another site's on the same address.
	beside := func(site *pair, strict bool) served {
		return with(one(site), func(s *served) { s.other, s.strict = lab.pair("wrong-name"), strict })
	}
	to := func(backend string) served { return with(one(full), func(s *served) { s.backend = backend }) }
	down := []string{"product.answers unknown server_error"}
	refused := map[string][]string{"nginx": {"network.allowlist unknown edge_refused"}, "HAProxy": {"network.allowlist unknown edge_refused"}}

	cases := []realCase{
		// These take ten seconds each, so they come first.
		{name: "backend away", served: to(away), want: down},
		{name: "backend closes", served: to(closing), want: down},
		{name: "backend silent", served: to(silent), want: down},
		{name: "503 of its own", served: with(one(full), func(s *served) { s.status = 503 }), want: down},
		{name: "full chain", served: one(full)},
		{name: "full chain, RSA", served: one(rsa)},
		{name: "leaf alone", served: one(alone), want: []string{"trust.chain fail missing_intermediate"}},
		{name: "wrong order", served: one(lab.pair("wrong-order")), want: []string{"trust.tidy fail wrong_order"}},
		{name: "wrong intermediate", served: one(lab.pair("wrong-intermediate")), want: []string{"trust.chain fail wrong_intermediate"}},
		{name: "root sent as well", served: one(lab.pair("contains-anchor")), want: []string{"trust.tidy fail contains_anchor"}},
		{name: "RSA and ECDSA", served: served{pairs: []*pair{rsa, full}, backend: backend}},
		{name: "RSA and ECDSA, RSA alone", served: served{pairs: []*pair{rsaAlone, full}, backend: backend}, want: []string{"trust.consistent fail inconsistent_chain"}},
		{name: "RSA and ECDSA, ECDSA alone", served: served{pairs: []*pair{rsa, alone}, backend: backend}, want: []string{"trust.chain fail missing_intermediate"},
			except: map[string][]string{"Apache": {"trust.consistent fail inconsistent_chain"}}},
		{name: "ECDHE with CBC and SHA-384", served: old("ECDHE-RSA-AES256-SHA384"), want: []string{"trust.handshake unknown not_observed", "trust.tidy fail weak_cipher"}},
		{name: "ECDHE with CBC and SHA-1", served: old("ECDHE-RSA-AES128-SHA"), want: []string{"trust.tidy fail weak_cipher"}},
		{name: "static RSA", served: old("AES128-GCM-SHA256"), want: []string{"trust.tidy fail weak_cipher"}},
		{name: "DHE", served: old("DHE-RSA-AES128-GCM-SHA256"), want: []string{"trust.handshake unknown not_observed", "trust.tidy fail weak_cipher"}},
		{name: "client certificate optional", served: asking("optional", "")},
		{name: "client certificate optional, 1.2", served: asking("optional", "1.2")},
		{name: "client certificate required", served: asking("required", ""), want: []string{"trust.handshake fail client_cert_required"}},
		{name: "client certificate required, 1.2", served: asking("required", "1.2"), want: []string{"trust.handshake fail client_cert_required"}},
		{name: "client certificate for /api", served: asking("path", ""), want: []string{"product.answers fail client_cert_required"}, except: refused},
		{name: "client certificate for /api, 1.2", served: asking("path", "1.2"), want: []string{"product.answers fail client_cert_required"}, except: refused},
		{name: "client certificate optional for /api", served: asking("optional path", ""), not: []string{"nginx", "HAProxy"}},
		{name: "client certificate optional for /api, 1.2", served: asking("optional path", "1.2"), not: []string{"nginx", "HAProxy"}},
		{name: "client certificate optional for /api, 1.3", served: asking("optional path", "1.3"), not: []string{"nginx", "HAProxy"}, want: []string{"product.answers unknown not_observed"}},
		{name: "client certificate for /api, 1.3", served: asking("path", "1.3"), not: []string{"nginx", "HAProxy"}, want: []string{"product.answers unknown not_observed"}},
		{name: "stapled, good", served: stapling(lab.stapled())},
		{name: "stapled, revoked", served: stapling(lab.pair("revoked-stapled")), want: []string{"trust.revocation fail revoked"}},
		{name: "another site by default", served: beside(full, false)},
		{name: "no site by default", served: beside(full, true)},
		{name: "another site for this name", served: one(lab.pair("wrong-name")), want: []string{"trust.name fail name_mismatch"}},
	}
	return append(cases, chainCases(lab, one)...)
}
