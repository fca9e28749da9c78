package pki_test

import (
	"crypto/rsa"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

const (
	leaf = "localhost"
	mid  = "Halo Fake Issuing CA A1"
	up   = "Halo Fake Intermediate CA B1"
	root = "Halo Fake Root X1"
)

// A cure changes one thing about the verification, or about the leaf, and so removes one flaw.
type cure func(*x509.VerifyOptions, *x509.Certificate, *pki.Material)

func in(days int) cure {
	return func(o *x509.VerifyOptions, _ *x509.Certificate, _ *pki.Material) {
		o.CurrentTime = now.AddDate(0, 0, days)
	}
}

func anyName(o *x509.VerifyOptions, _ *x509.Certificate, _ *pki.Material) { o.DNSName = "" }

func anyUse(o *x509.VerifyOptions, _ *x509.Certificate, _ *pki.Material) {
	o.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
}

func wholeChain(o *x509.VerifyOptions, _ *x509.Certificate, m *pki.Material) {
	o.Intermediates = pool(m.Chain...)
}

func ownRoot(o *x509.VerifyOptions, _ *x509.Certificate, m *pki.Material) {
	o.Roots = pool(m.Chain[len(m.Chain)-1])
}

func knownExtensions(_ *x509.VerifyOptions, c *x509.Certificate, _ *pki.Material) {
	c.UnhandledCriticalExtensions = nil
}

// Why a flaw has no cure here: the certificate itself would have to be another one.
var incurable cure

const unknown = "certificate signed by unknown authority"

// verdicts is what crypto/x509 says of each served chain, what makes it content, and the list that is sent. An empty
// verdict is a flaw that Go does not look at (tls §3.7), or that no certificate shows.
var verdicts = []struct {
	fault string
	says  string
	cure  cure
	sent  []string // nil: leaf and intermediate
}{
	{"unknown-issuer", unknown, ownRoot, nil},
	{"untrusted-root", unknown, ownRoot, nil},
	{"tls-inspection", unknown, ownRoot, []string{leaf, "Zscaler Intermediate Root CA"}},
	{"self-signed", unknown, ownRoot, []string{leaf}},
	{"name-constraints", "not permitted by any constraint", incurable, nil},
	{"name-encoding", unknown, incurable, nil},
	{"intermediate-not-ca", unknown, incurable, nil},
	{"intermediate-eku", "incompatible key usage", anyUse, nil},
	{"eku-missing", "incompatible key usage", anyUse, nil},
	{"path-length", "too many intermediates", incurable, []string{leaf, mid, up}},
	{"unknown-critical-extension", "unhandled critical extension", knownExtensions, nil},
	{"bad-signature", unknown, incurable, nil},
	{"aki-mismatch", "", nil, nil},
	{"chain-too-long", "", nil, []string{
		leaf, mid, "Halo Fake Intermediate CA C10", "Halo Fake Intermediate CA C9", "Halo Fake Intermediate CA C8",
		"Halo Fake Intermediate CA C7", "Halo Fake Intermediate CA C6", "Halo Fake Intermediate CA C5",
		"Halo Fake Intermediate CA C4", "Halo Fake Intermediate CA C3", "Halo Fake Intermediate CA C2",
		"Halo Fake Intermediate CA C1",
	}},
	{"path-too-deep", "", nil, []string{
		leaf, mid, "Halo Fake Intermediate CA C5", "Halo Fake Intermediate CA C4", "Halo Fake Intermediate CA C3",
		"Halo Fake Intermediate CA C2", "Halo Fake Intermediate CA C1",
	}},
	{"missing-intermediate", unknown, wholeChain, []string{leaf}},
	{"missing-intermediate-no-aia", unknown, wholeChain, []string{leaf}},
	{"missing-two-intermediates", unknown, wholeChain, []string{leaf}},
	{"missing-upper-intermediate", unknown, wholeChain, []string{leaf, mid}},
	{"missing-lower-intermediate", unknown, wholeChain, []string{leaf, up}},
	{"wrong-intermediate", unknown, wholeChain, []string{leaf, mid}},
	{"leaf-not-first", "valid for any names", wholeChain, []string{mid, leaf}},
	{"bad-certificate", "", nil, nil},
	{"chain-too-large", "", nil, []string{leaf, mid, "Halo Fake Archive CA"}},
	{"duplicate-cert", "", nil, []string{leaf, mid, mid}},
	{"contains-anchor", "", nil, []string{leaf, mid, root}},
	{"extra-certs", "", nil, []string{leaf, mid, "Halo Fake Issuing CA Z9"}},
	{"wrong-order", "", nil, []string{leaf, up, mid}},
	{"expired-extra", "", nil, []string{leaf, mid, root}},
	{"missing-intermediate-pem", unknown, wholeChain, []string{leaf}},
	{"missing-intermediate-p7c", unknown, wholeChain, []string{leaf}},
	{"missing-intermediate-second-url", unknown, wholeChain, []string{leaf}},
	{"aia-gone", unknown, wholeChain, []string{leaf}},
	{"aia-ldap", unknown, wholeChain, []string{leaf}},
	{"aia-html", unknown, wholeChain, []string{leaf}},
	{"aia-wrong", unknown, wholeChain, []string{leaf}},
	{"aia-endless", unknown, wholeChain, []string{leaf}},
	{"aia-loop", unknown, both(wholeChain, ownRoot), []string{leaf}},
	{"expired", "expired or is not yet valid: current time 2026-06-01T12:00:00Z is after 2026-05-30T12:00:00Z", in(-3), nil},
	{"expired-intermediate", "is after 2026-05-30T12:00:00Z", in(-3), nil},
	{"expired-root", "is after 2026-05-30T12:00:00Z", in(-3), nil},
	{"not-yet-valid", "is before 2026-06-03T12:00:00Z", in(3), nil},
	{"not-yet-valid-intermediate", "is before 2026-06-03T12:00:00Z", in(3), nil},
	{"near-expiry", "", nil, nil},
	{"near-expiry-intermediate", "", nil, nil},
	{"validity-too-long", "", nil, nil},
	{"wrong-name", "valid for www.example.org, not localhost", anyName, []string{"www.example.org", mid}},
	{"cn-only", "relies on legacy Common Name field", anyName, nil},
	{"wildcard-mismatch", "valid for *.halo.test, not acme.eu.halo.test", anyName, []string{"*.halo.test", mid}},
	{"ip-san-missing", "cannot validate certificate for 127.0.0.1", anyName, nil},
	{"default-site-cert", "valid for default.example.net, not localhost", anyName, []string{"default.example.net", mid}},
	{"weak-key", "", nil, nil},
	{"weak-signature", unknown, incurable, nil},
	{"leaf-is-ca", "", nil, nil},
	{"must-staple", "", nil, nil},
	{"key-usage", "", nil, nil},
	{"weak-cipher", "", nil, nil},
	{"revoked", "", nil, nil},
	{"revoked-crl", "", nil, nil},
	{"revoked-stapled", "", nil, nil},
	{"inconsistent-chain", "", nil, nil},
	{"inconsistent-chain-tls12", "", nil, nil},
	{"inconsistent-chain-rsa", "", nil, nil},
	{"tls-too-old", "", nil, nil},
	{"client-cert-required", "", nil, nil},
	{"key-mismatch", "", nil, nil},
	{"legacy-tls", "", nil, nil},
}

func both(first, second cure) cure {
	return func(o *x509.VerifyOptions, c *x509.Certificate, m *pki.Material) { first(o, c, m); second(o, c, m) }
}

// TestVerdicts proves that each chain has its flaw and, by removing that one thing, that it has no other.
func TestVerdicts(t *testing.T) {
	for _, v := range verdicts {
		t.Run(v.fault, func(t *testing.T) {
			m := made(t, site(), v.fault)
			sent := parsed(list(t, m))
			want := v.sent
			if want == nil {
				want = []string{leaf, mid}
			}
			if diff := cmp.Diff(want, names(sent)); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
			options := x509.VerifyOptions{
				DNSName: host(m), Roots: pool(m.Roots...), Intermediates: pool(sent[1:]...), CurrentTime: now,
			}
			_, err := sent[0].Verify(options)
			if v.says == "" {
				if err != nil {
					t.Errorf("Verify = %v, want no complaint", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), v.says) {
				t.Fatalf("Verify = %v, want %q", err, v.says)
			}
			if v.cure == nil {
				return
			}
			first := sent[0]
			if v.fault == "leaf-not-first" {
				first = sent[1]
			}
			v.cure(&options, first, m)
			if _, err := first.Verify(options); err != nil {
				t.Errorf("without the flaw: %v", err)
			}
		})
	}
}

// TestVerdictsAreComplete: every fault that serves a certificate is in the table.
func TestVerdictsAreComplete(t *testing.T) {
	judged := map[string]bool{}
	for _, v := range verdicts {
		judged[v.fault] = true
	}
	for _, f := range pki.Faults() {
		if served := made(t, site(), f.Name).TLS != nil; served != judged[f.Name] {
			t.Errorf("%s: serves a certificate: %v, judged: %v", f.Name, served, judged[f.Name])
		}
	}
}

// TestFlawsThatVerifyDoesNotSee reads from the leaf or the intermediate what Verify leaves alone.
func TestFlawsThatVerifyDoesNotSee(t *testing.T) {
	const day = 24 * time.Hour
	for fault, flawed := range map[string]func(leaf, mid *x509.Certificate) bool{
		"aki-mismatch":             func(l, m *x509.Certificate) bool { return string(l.AuthorityKeyId) == "another key's number" },
		"near-expiry":              func(l, _ *x509.Certificate) bool { return l.NotAfter.Equal(now.Add(5 * day)) },
		"near-expiry-intermediate": func(_, m *x509.Certificate) bool { return m.NotAfter.Equal(now.Add(5 * day)) },
		"validity-too-long":        func(l, _ *x509.Certificate) bool { return l.NotAfter.Sub(l.NotBefore) == 825*day },
		"weak-key": func(l, _ *x509.Certificate) bool {
			key, ok := l.PublicKey.(*rsa.PublicKey)
			return ok && key.N.BitLen() == 1024
		},
		"weak-signature": func(l, _ *x509.Certificate) bool { return l.SignatureAlgorithm == x509.ECDSAWithSHA1 },
		"key-usage":      func(l, _ *x509.Certificate) bool { return l.KeyUsage == x509.KeyUsageKeyEncipherment },
		"leaf-is-ca":     func(l, _ *x509.Certificate) bool { return l.IsCA },
		"must-staple": func(l, _ *x509.Certificate) bool {
			for _, e := range l.Extensions {
				if e.Id.String() == "1.3.6.1.5.5.7.1.24" && string(e.Value) == "\x30\x03\x02\x01\x05" {
					return true
				}
			}
			return false
		},
	} {
		if sent := parsed(list(t, made(t, site(), fault))); !flawed(sent[0], sent[1]) {
			t.Errorf("%s: the flaw is not there", fault)
		}
		if sent := parsed(list(t, made(t, site()))); flawed(sent[0], sent[1]) {
			t.Errorf("%s: the healthy chain has it too", fault)
		}
	}
}
