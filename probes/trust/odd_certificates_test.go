package trust_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/halocheck/halocheck/fakehalo/pki"
	"github.com/halocheck/halocheck/probes"
)

// holder is a certificate with its key.
type holder struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// issue makes a certificate for a key, an authority's unless it is for labHost; a nil issuer makes it sign itself.
func issue(t *testing.T, name string, key *ecdsa.PrivateKey, by *holder, changes ...func(*x509.Certificate)) *holder {
	t.Helper()
	if key == nil {
		var err error
		if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0x7f01020304050607), Subject: pkix.Name{Organization: []string{"Odd  Trust"}, CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), BasicConstraintsValid: true,
	}
	if name == labHost {
		template.DNSNames, template.KeyUsage, template.ExtKeyUsage = []string{labHost}, x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	} else {
		template.IsCA, template.KeyUsage = true, x509.KeyUsageCertSign
	}
	for _, change := range changes {
		change(template)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.Certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	return &holder{parsed(t, der), key}
}

func parsed(t *testing.T, der []byte) *x509.Certificate {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// negative makes the serial number of a certificate a negative one, and signs it again.
func negative(t *testing.T, c, by *holder) *holder {
	t.Helper()
	old := c.SerialNumber.Bytes()
	changed := bytes.Clone(old)
	changed[0] |= 0x80
	odd := altered(t, c, by, old, changed)
	return &holder{parsed(t, odd.Raw), odd.key}
}

// altered changes bytes of a certificate where they stand last, and signs it again; crypto/x509 may not read it any more.
func altered(t *testing.T, c, by *holder, old, changed []byte) *holder {
	t.Helper()
	tbs := bytes.Clone(c.RawTBSCertificate)
	copy(tbs[bytes.LastIndex(tbs, old):], changed)
	digest := sha256.Sum256(tbs)
	signature, err := ecdsa.SignASN1(rand.Reader, by.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(tbs)
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier([]int{1, 2, 840, 10045, 4, 3, 2}) // ECDSA with SHA-256
		})
		b.AddASN1BitString(signature)
	})
	return &holder{&x509.Certificate{Raw: b.BytesOrPanic()}, c.key}
}

// opened serves the first certificate's key with the list, below the root.
func opened(t *testing.T, root *holder, list ...*holder) site {
	t.Helper()
	pair := tls.Certificate{PrivateKey: list[0].key}
	for _, c := range list {
		pair.Certificate = append(pair.Certificate, c.Raw)
	}
	return open(t, &pki.Material{TLS: &tls.Config{Certificates: []tls.Certificate{pair}}, Roots: []*x509.Certificate{root.Certificate}})
}

// TestNegativeSerial judges certificates with a negative serial number as ordinary clients do, which accept them.
func TestNegativeSerial(t *testing.T) {
	root := issue(t, "Odd Root", nil, nil)
	authority := issue(t, "Odd Authority", nil, root)
	leaf := issue(t, labHost, nil, authority)
	for name, s := range map[string]site{
		"the server's own":    opened(t, root, negative(t, leaf, authority), authority),
		"an intermediate's":   opened(t, root, leaf, negative(t, authority, root)),
		"the root's":          opened(t, negative(t, root, root), leaf, authority),
		"one that is missing": opened(t, root, negative(t, leaf, authority)),
	} {
		found := look(t, s.session(t, "off"), plenty)
		want := []string(nil)
		if name == "one that is missing" {
			want = []string{"trust.chain fail unknown_issuer"}
		}
		if got := flaws(found); strings.Join(got, ";") != strings.Join(want, ";") {
			t.Errorf("%s: %q, want %q: %s", name, got, want, found["trust.chain"].Because)
		}
	}
}

// directoryNames constrains an authority to, or away from, the directory names below an organisation.
func directoryNames(excluded bool, organisation string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		var b cryptobyte.Builder
		tag := asn1.Tag(0)
		if excluded {
			tag = 1
		}
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(tag.ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(asn1.Tag(4).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
						b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
							b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) {
								b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
									b.AddASN1ObjectIdentifier([]int{2, 5, 4, 10})
									b.AddASN1(asn1.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(organisation)) })
								})
							})
						})
					})
				})
			})
		})
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: []int{2, 5, 29, 30}, Critical: true, Value: b.BytesOrPanic()})
	}
}

// TestDirectoryNames judges critical constraints on directory names as OpenSSL does: what lies within passes, and a secret
// goes over such a connection; what lies outside fails.
func TestDirectoryNames(t *testing.T) {
	for _, c := range []struct {
		excluded     bool
		organisation string
		holds        bool
	}{{false, "odd trust", true}, {false, "Another", false}, {true, "Another", true}, {true, "Odd Trust", false}} {
		root := issue(t, "Odd Root", nil, nil)
		authority := issue(t, "Odd Authority", nil, root, directoryNames(c.excluded, c.organisation))
		leaf := issue(t, labHost, nil, authority)
		constrained := issue(t, "Odd Root", nil, nil, directoryNames(c.excluded, c.organisation))
		below := issue(t, "Odd Authority", nil, constrained)
		for _, s := range []site{opened(t, root, leaf, authority), opened(t, constrained, issue(t, labHost, nil, below), below)} {
			session := s.session(t, "off")
			found := look(t, session, plenty)
			got := strings.Join(flaws(found), ";")
			if want := map[bool]string{true: "", false: "trust.chain fail name_constraints"}[c.holds]; got != want {
				t.Errorf("excluded %t, %q: %q, want %q: %s", c.excluded, c.organisation, got, want, found["trust.chain"].Because)
			}
			resp, err := session.Net.Transport(true, false).RoundTrip(&http.Request{Method: http.MethodGet, URL: session.Target.Resource, Header: http.Header{}})
			if (err == nil) != c.holds {
				t.Errorf("excluded %t, %q: a secret would go: %v", c.excluded, c.organisation, err)
			}
			if err == nil {
				_ = resp.Body.Close()
			}
		}
	}
}

// TestCrossSignIsMissing names the cross-sign that a store with the old root alone needs, whether the new root is sent,
// fetched in a bundle with it, or not at all.
func TestCrossSignIsMissing(t *testing.T) {
	old := issue(t, "Odd Old Root", nil, nil)
	renewed := issue(t, "Odd New Root", nil, nil)
	cross := issue(t, "Odd New Root", renewed.key, old, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(77) })
	l := listen(t)
	address := "http://" + l.Addr().String() + "/bundle.cer"
	authority := issue(t, "Odd Authority", nil, renewed, func(c *x509.Certificate) { c.IssuingCertificateURL = []string{address} })
	leaf := issue(t, labHost, nil, authority)
	start(t, l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(append(bytes.Clone(renewed.Raw), cross.Raw...))
	}))
	for name, s := range map[string]site{
		"not sent": opened(t, old, leaf, authority), "the new root is sent": opened(t, old, leaf, authority, renewed),
	} {
		f := look(t, s.session(t, "private"), plenty)["trust.chain"]
		if f.Status != probes.Failed || f.Cause != probes.MissingIntermediate || !strings.Contains(f.Because, `missing at position 3: "Odd New Root" (`+address) {
			t.Errorf("%s: %s: %s", name, f.Cause, f.Because)
		}
	}
	if f := look(t, opened(t, old, leaf, authority, cross, renewed).session(t, "private"), plenty)["trust.chain"]; f.Status != probes.Passed {
		t.Errorf("the cross-sign is sent: %s: %s", f.Cause, f.Because)
	}
	if f := look(t, opened(t, old, leaf, authority, renewed, cross).session(t, "private"), plenty)["trust.chain"]; f.Status != probes.Failed || f.Cause != probes.WrongIntermediate {
		t.Errorf("the cross-sign is sent behind the new root: %s: %s", f.Cause, f.Because)
	}
}

// TestRetiredRoot tells a public root that stores gave up from a private one, sent or not, and names what to order instead.
func TestRetiredRoot(t *testing.T) {
	trusted := issue(t, "Odd Root", nil, nil)
	for name, instead := range map[string]string{
		"DigiCert Global Root CA": "by DigiCert under its present hierarchy (DigiCert Global Root G2 or G3)", "Entrust Root Certification Authority - G2": "any other public authority",
		"GLOBALTRUST 2020": "by another public authority",
	} {
		root := issue(t, name, nil, nil)
		authority := issue(t, "Odd Authority", nil, root)
		leaf := issue(t, labHost, nil, authority)
		for cause, s := range map[probes.Cause]site{probes.UnknownIssuer: opened(t, trusted, leaf, authority), probes.UntrustedRoot: opened(t, trusted, leaf, authority, root)} {
			f := look(t, s.session(t, "off"), plenty)["trust.chain"]
			if f.Status != probes.Failed || f.Cause != cause || !strings.Contains(f.Because, "a public root of ") || !strings.Contains(f.Remedy.Do, instead) || strings.Contains(f.Remedy.Do, "private") {
				t.Errorf("%s: %s: %s; %s", name, f.Cause, f.Because, f.Remedy.Do)
			}
		}
	}
}
