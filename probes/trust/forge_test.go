package trust

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"sync/atomic"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
)

// forged is a certificate with its key, so that it can certify others.
type forged struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

var serials atomic.Int64

// forge makes an authority of that name, for a year before today and one after it, unless the changes say otherwise. It is
// certified by another one, or by itself where that is nil.
func forge(tb testing.TB, name string, by *forged, changes ...func(*x509.Certificate)) *forged {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serials.Add(1)), Subject: pkix.Name{CommonName: name},
		NotBefore: today.AddDate(-1, 0, 0), NotAfter: today.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	for _, change := range changes {
		change(template)
	}
	return certify(tb, template, key, by)
}

// certify makes a certificate for a key.
func certify(tb testing.TB, template *x509.Certificate, key *ecdsa.PrivateKey, by *forged) *forged {
	tb.Helper()
	parent, signer := template, key
	if by != nil {
		parent, signer = by.Certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		tb.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return &forged{c, key}
}

// ancient makes a certificate of version 1, which cannot say whether it is an authority's.
func ancient(tb testing.TB, name string, by *forged) *forged {
	tb.Helper()
	like := forge(tb, name, by)
	var outer struct {
		Signed    asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(like.Raw, &outer); err != nil {
		tb.Fatal(err)
	}
	tbs, err := asn1.Marshal(struct {
		Serial          *big.Int
		Algorithm       pkix.AlgorithmIdentifier
		Issuer          asn1.RawValue
		Validity        struct{ From, To time.Time }
		Subject, Public asn1.RawValue
	}{
		like.SerialNumber, outer.Algorithm, asn1.RawValue{FullBytes: like.RawIssuer}, struct{ From, To time.Time }{like.NotBefore, like.NotAfter},
		asn1.RawValue{FullBytes: like.RawSubject}, asn1.RawValue{FullBytes: like.RawSubjectPublicKeyInfo},
	})
	if err != nil {
		tb.Fatal(err)
	}
	sum := sha256.Sum256(tbs)
	signature, err := ecdsa.SignASN1(rand.Reader, by.key, sum[:])
	if err != nil {
		tb.Fatal(err)
	}
	outer.Signed, outer.Signature = asn1.RawValue{FullBytes: tbs}, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	der, err := asn1.Marshal(outer)
	if err != nil {
		tb.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return &forged{c, like.key}
}

// server makes a certificate one for a server.
func server(c *x509.Certificate) {
	c.IsCA, c.KeyUsage = false, x509.KeyUsageDigitalSignature
	c.DNSNames, c.ExtKeyUsage = []string{"halo.example.test"}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
}

// lasts moves both ends of a certificate, in days from today.
func lasts(from, to int) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = today.AddDate(0, 0, from), today.AddDate(0, 0, to)
	}
}

// trusting are roots that only these tests know.
func trusting(certs ...*forged) *wire.Roots {
	r := &wire.Roots{Pool: x509.NewCertPool()}
	for _, c := range certs {
		r.Certs = append(r.Certs, c.Certificate)
		r.Pool.AddCert(c.Certificate)
	}
	return r
}

// plain are the certificates without their keys.
func plain(certs ...*forged) []*x509.Certificate {
	var list []*x509.Certificate
	for _, c := range certs {
		list = append(list, c.Certificate)
	}
	return list
}

// sending is the answer of a server that sends those, examined as far as a path goes.
func sending(roots *wire.Roots, certs ...*forged) Chain {
	c := Chain{Host: "halo.example.test", Now: today}
	for _, x := range certs {
		c.Sent = append(c.Sent, parseCert(x.Raw))
		c.Bytes += len(x.Raw)
	}
	c.buildAndVerify(roots)
	return c
}
