package trust

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
)

// selfMade is a small certificate.
func selfMade(tb testing.TB, name string) *x509.Certificate {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// bundle is a certs-only PKCS #7.
func bundle(tb testing.TB, certs []byte) []byte {
	tb.Helper()
	type signedData struct {
		Version int
		Digests []asn1.RawValue `asn1:"set"`
		Content struct{ Type asn1.ObjectIdentifier }
		Certs   asn1.RawValue
		Signers []asn1.RawValue `asn1:"set"`
	}
	inner := signedData{Version: 1, Certs: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certs}}
	inner.Content.Type = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	body, err := asn1.Marshal(inner)
	if err != nil {
		tb.Fatal(err)
	}
	der, err := asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}{oidSignedData, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: body}})
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

func TestCertificatesInABody(t *testing.T) {
	a, b := selfMade(t, "A"), selfMade(t, "B")
	both := append(bytes.Clone(a.Raw), b.Raw...)
	inPEM := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	encrypted, elsewhere := bundle(t, a.Raw), bundle(t, a.Raw)
	encrypted[bytes.Index(encrypted, []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02})+8] = 3 // envelopedData
	elsewhere[bytes.Index(elsewhere, a.Raw)-4] = 0xa1                                                     // where revocation lists stand
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"DER":                  {a.Raw, "A"},
		"PEM":                  {inPEM("CERTIFICATE", a.Raw), "A"},
		"PEM, two":             {append(inPEM("CERTIFICATE", a.Raw), inPEM("CERTIFICATE", b.Raw)...), "AB"},
		"PKCS7":                {bundle(t, both), "AB"},
		"PKCS7, PEM":           {inPEM("PKCS7", bundle(t, both)), "AB"},
		"PKCS7, encrypted":     {encrypted, ""},
		"PKCS7, another field": {elsewhere, ""},
		"PKCS7, none":          {bundle(t, nil), ""},
		"a page":               {[]byte("<html>Sign in to the guest network</html>"), ""},
		"nothing":              {nil, ""},
		"cut off":              {a.Raw[:len(a.Raw)-1], ""},
	} {
		got := ""
		for _, c := range certificatesIn(c.body) {
			got += c.Subject.CommonName
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

var anywhere, publicly = fetcher{aia: "private"}, fetcher{aia: "on"}

func TestOnlyHTTPIsFetched(t *testing.T) {
	for _, address := range []string{"file:///etc/passwd", "ldap:///CN=A?cACertificate", "ftp://example.com/a.cer", "gopher://x", "://"} {
		if body, err := anywhere.fetch(t.Context(), address); err == nil || body != nil {
			t.Errorf("%s: %q, %v", address, body, err)
		}
		if _, err := anywhere.client(address); err == nil {
			t.Errorf("%s: there is a client for it", address)
		}
	}
	for _, address := range []string{"http://example.com/a.cer", "https://example.com/a.cer", "HTTPS://example.com/a.cer"} {
		if _, err := anywhere.client(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestFetched takes a body of up to 1 MiB, asks for it plainly, and says what kept it away.
func TestFetched(t *testing.T) {
	base, _ := serving(t, map[string][]byte{"/most": make([]byte, 1<<20), "/more": make([]byte, 1<<20+1)})
	if body, err := anywhere.fetch(t.Context(), base+"/most"); err != nil || len(body) != 1<<20 {
		t.Errorf("1 MiB: %d bytes, %v", len(body), err)
	}
	for address, want := range map[string]string{
		base + "/more": "it is longer than 1 MiB", base + "/gone": "status 404", "http://127.0.0.1:1/": "refused",
	} {
		if _, err := anywhere.fetch(t.Context(), address); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
	if _, err := publicly.fetch(t.Context(), base+"/most"); !errors.Is(err, errPrivateAddress) {
		t.Errorf("on a private address: %v", err)
	}
	kinds := map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { kinds[r.Method] = r.Header.Get("Content-Type") }))
	defer server.Close()
	_, _ = anywhere.fetch(t.Context(), server.URL)
	_, _ = anywhere.fetchWith(t.Context(), http.MethodPost, server.URL, []byte{1})
	if kinds["GET"] != "" || kinds["POST"] != "application/ocsp-request" {
		t.Errorf("asked as %q", kinds)
	}
}

// FuzzCertificatesIn finds no panic in what an address may serve, and takes nothing for a certificate that is not there.
func FuzzCertificatesIn(f *testing.F) {
	c := selfMade(f, "A")
	f.Add(c.Raw)
	f.Add(bundle(f, c.Raw))
	f.Add(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, c := range certificatesIn(body) {
			if c == nil || len(c.Raw) == 0 || len(c.Raw) > len(body) {
				t.Fatalf("%d bytes of a certificate out of %d", len(c.Raw), len(body))
			}
		}
	})
}

// FuzzSentList examines any list of certificates without a panic, and always comes to a verdict.
func FuzzSentList(f *testing.F) {
	a, b := selfMade(f, "A"), selfMade(f, "B")
	f.Add(a.Raw, b.Raw)
	f.Add(a.Raw, []byte("not a certificate"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		roots := &wire.Roots{Pool: x509.NewCertPool()}
		c := Chain{Host: "halo.example.test", Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Sent: []Cert{parseCert(first), parseCert(second)}}
		c.LeafIndex = leafPosition(c.Sent, c.Host)
		if c.leaf() != nil {
			c.buildAndVerify(roots)
		}
		for name, v := range map[string]string{
			"chain": string(judgeChain(c).Status), "name": string(judgeName(c).Status), "in-date": string(judgeDates(c).Status),
			"strength": string(judgeStrength(c).Status), "tidy": string(judgeTidy(Hygiene{Chain: c}).Status),
		} {
			if v == "" {
				t.Errorf("%s comes to no verdict", name)
			}
		}
		if _, ok := c.FixedPEM(); ok && !c.Complete {
			t.Errorf("a chain is handed over: %t; one is known: %t", ok, c.Complete)
		}
	})
}
