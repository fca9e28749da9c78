package selfproof_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
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
	issue := func(serial int64, name string, template x509.Certificate, by *x509.Certificate, byKey crypto.Signer) (*x509.Certificate, crypto.Signer) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		Expect(err).NotTo(HaveOccurred())
		template.SerialNumber, template.Subject = big.NewInt(serial), pkix.Name{CommonName: name}
		template.NotBefore, template.NotAfter, template.BasicConstraintsValid = time.Now().Add(-time.Hour), time.Now().Add(90*24*time.Hour), true
		if by == nil {
			by, byKey = &template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, &template, by, key.Public(), byKey)
		Expect(err).NotTo(HaveOccurred())
		cert, err := x509.ParseCertificate(der)
		Expect(err).NotTo(HaveOccurred())
		return cert, key
	}
	authority := x509.Certificate{IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature}
	root, rootKey := issue(1, "Real Servers Root", authority, nil, nil)
	mid, midKey := issue(2, "Real Servers Issuing CA", authority, root, rootKey)
	// The address is one that answers nothing: what counts is stapled.
	leaf, key := issue(3, realHost, x509.Certificate{
		DNSNames: []string{realHost}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		OCSPServer: []string{"http://127.0.0.1:1/"},
	}, mid, midKey)
	answer, err := ocsp.CreateResponse(mid, mid, ocsp.Response{
		Status: ocsp.Good, SerialNumber: leaf.SerialNumber, ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(24 * time.Hour),
	}, midKey)
	Expect(err).NotTo(HaveOccurred())
	l.roots = append(l.roots, inPEM(root.Raw)...)
	return &pair{certs: inPEM(leaf.Raw, mid.Raw), key: keyInPEM(key), staple: answer}
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
	stapled, revoked := lab.stapled(), lab.pair("revoked-stapled")
	away, err := freeAddress()
	Expect(err).NotTo(HaveOccurred())
	closing := backendThat(func(c net.Conn) { _, _ = c.Read(make([]byte, 1)); _ = c.Close() })
	silent := backendThat(func(c net.Conn) { _, _ = io.Copy(io.Discard, c); _ = c.Close() })

	one := func(p *pair) served { return served{pairs: []*pair{p}, backend: backend} }
	with := func(s served, edit func(*served)) served { edit(&s); return s }
	old := func(suite string) served { return with(one(rsa), func(s *served) { s.ciphers = suite }) }
	asking := func(how, version string) served {
		return with(one(full), func(s *served) { s.clientCert, s.version = how, version })
	}
	to := func(backend string) served { return with(one(full), func(s *served) { s.backend = backend }) }
	down := []string{"product.answers unknown server_error"}
	refused := map[string][]string{"nginx": {"network.allowlist unknown edge_refused"}, "HAProxy": {"network.allowlist unknown edge_refused"}}

	return []realCase{
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
		{name: "stapled, good", served: with(one(stapled), func(s *served) { s.staple = stapled.staple }), not: []string{"Apache"}},
		{name: "stapled, revoked", served: with(one(revoked), func(s *served) { s.staple = revoked.staple }), not: []string{"Apache"}, want: []string{"trust.revocation fail revoked"}},
	}
}
