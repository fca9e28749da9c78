package trust

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"
)

// TestAnswersThatProveNothing takes no OCSP answer that is signed well and says nothing of this certificate today, in the
// handshake and from a responder alike.
func TestAnswersThatProveNothing(t *testing.T) {
	r, other := newRevoker(t), newRevoker(t)
	renamed, rekeyed := *r.authority, *r.authority
	renamed.RawSubject = []byte("another name")
	rekeyed.RawSubjectPublicKeyInfo = other.authority.RawSubjectPublicKeyInfo
	elsewhere := *r.cert
	elsewhere.RawIssuer = renamed.RawSubject
	until := func(notAfter time.Time) *x509.Certificate {
		template := &x509.Certificate{SerialNumber: big.NewInt(9), Subject: pkix.Name{CommonName: "Responder"}, NotBefore: today.AddDate(0, -1, 0), NotAfter: notAfter, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}}
		der, err := x509.CreateCertificate(rand.Reader, template, r.authority, other.key.Public(), r.key)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for name, c := range map[string]struct {
		issuer, signer, cert *x509.Certificate
		change               func(*ocsp.Response)
		want                 string
		stale                bool
	}{
		"as it should be":              {want: "revoked"},
		"another serial":               {change: func(a *ocsp.Response) { a.SerialNumber = big.NewInt(8) }},
		"another issuer":               {issuer: other.authority},
		"an issuer of another name":    {issuer: &renamed},
		"the name that is written":     {issuer: &renamed, cert: &elsewhere, want: "revoked"},
		"an issuer of another key":     {issuer: &rekeyed},
		"hashed with SHA-256":          {change: func(a *ocsp.Response) { a.IssuerHash = crypto.SHA256 }, want: "revoked"},
		"from tomorrow on":             {change: func(a *ocsp.Response) { a.ThisUpdate = today.AddDate(0, 0, 1) }, stale: true},
		"from five minutes ahead on":   {change: func(a *ocsp.Response) { a.ThisUpdate = today.Add(5 * time.Minute) }, want: "revoked"},
		"from six minutes ahead on":    {change: func(a *ocsp.Response) { a.ThisUpdate = today.Add(6 * time.Minute) }, stale: true},
		"until yesterday":              {change: func(a *ocsp.Response) { a.NextUpdate = today.AddDate(0, 0, -1) }, stale: true},
		"without an end":               {change: func(a *ocsp.Response) { a.NextUpdate = time.Time{} }, want: "revoked"},
		"without a date of revocation": {change: func(a *ocsp.Response) { a.RevokedAt = time.Time{} }},
		"unknown":                      {change: func(a *ocsp.Response) { a.Status = ocsp.Unknown }},
		"a responder of today":         {signer: until(today.AddDate(0, 0, 1)), want: "revoked"},
		"a responder of yesterday":     {signer: until(today.AddDate(0, 0, -1)), stale: true},
	} {
		issuer, signer, key, cert := r.authority, r.authority, r.key, r.cert
		if c.issuer != nil {
			issuer = c.issuer
		}
		if c.cert != nil {
			cert = c.cert
		}
		template := ocsp.Response{Status: ocsp.Revoked, SerialNumber: r.cert.SerialNumber, RevokedAt: today.Add(-time.Hour), ThisUpdate: today.AddDate(0, 0, -1), NextUpdate: today.AddDate(0, 0, 1)}
		if c.signer != nil {
			signer, key, template.Certificate = c.signer, other.key, c.signer
		}
		if c.change != nil {
			c.change(&template)
		}
		answer, err := ocsp.CreateResponse(issuer, signer, template, key)
		if err != nil {
			t.Fatal(err)
		}
		var st CertStatus
		if st.readOCSP(answer, cert, r.authority, "there", today); st.State != c.want || st.stale != c.stale {
			t.Errorf("%s: %q, stale %t, want %q, %t", name, st.State, st.stale, c.want, c.stale)
		}
		if st := anywhere.checkRevocation(t.Context(), cert, r.authority, answer, today); st.State != c.want {
			t.Errorf("%s, stapled: %q, want %q", name, st.State, c.want)
		}
	}
	for _, refusal := range [][]byte{ocsp.UnauthorizedErrorResponse, ocsp.MalformedRequestErrorResponse, ocsp.InternalErrorErrorResponse, ocsp.TryLaterErrorResponse, ocsp.SigRequredErrorResponse} {
		if st := anywhere.checkRevocation(t.Context(), r.cert, r.authority, refusal, today); st.State != "" {
			t.Errorf("% x: %q", refusal, st.State)
		}
	}
}

// TestListsThatProveNothing takes no list that is not for this certificate, or that cannot be understood (RFC 5280 §5.2).
func TestListsThatProveNothing(t *testing.T) {
	r := newRevoker(t)
	renamed := *r.authority
	renamed.RawSubject = r.cert.RawSubject
	authority := *r.cert
	authority.IsCA = true
	pointed := *r.cert
	pointed.CRLDistributionPoints = []string{"http://crl.example/1.crl"}
	point := func(address string) []byte { // [0] { [0] { [6] address } }
		n := byte(len(address))
		return joined([]byte{0xa0, n + 4, 0xa0, n + 2, 0x86, n}, []byte(address))
	}
	scope := func(parts ...[]byte) pkix.Extension {
		inside := joined(parts...)
		return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: joined([]byte{0x30, byte(len(inside))}, inside)}
	}
	only := func(tag byte) []byte { return []byte{0x80 | tag, 1, 0xff} }
	for name, c := range map[string]struct {
		cert    *x509.Certificate
		issuer  *x509.Certificate
		more    []pkix.Extension
		entry   []pkix.Extension
		reason  int // RFC 5280 §5.3.1
		from    time.Time
		missing string // where the certificate is not on the list
		listed  string // where it is
		stale   bool
	}{
		"as it should be":               {missing: "good", listed: "revoked"},
		"from tomorrow on":              {from: today.AddDate(0, 0, 1), stale: true},
		"of another name":               {issuer: &renamed},
		"a delta":                       {more: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Value: []byte{2, 1, 1}}}},
		"a critical one":                {more: []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}},
		"an unknown one":                {more: []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Value: []byte{5, 0}}}, missing: "good", listed: "revoked"},
		"indirect":                      {more: []pkix.Extension{scope(only(4))}},
		"of some reasons":               {more: []pkix.Extension{scope([]byte{0x83, 2, 6, 0x40})}},
		"attributes":                    {more: []pkix.Extension{scope(only(5))}},
		"of attributes, false":          {more: []pkix.Extension{scope([]byte{0x85, 1, 0})}, missing: "good", listed: "revoked"},
		"of authorities alone":          {more: []pkix.Extension{scope(only(2))}},
		"of authorities, an authority":  {cert: &authority, more: []pkix.Extension{scope(only(2))}, missing: "good", listed: "revoked"},
		"of servers alone":              {more: []pkix.Extension{scope(only(1))}, missing: "good", listed: "revoked"},
		"of servers, an authority":      {cert: &authority, more: []pkix.Extension{scope(only(1))}},
		"its point":                     {cert: &pointed, more: []pkix.Extension{scope(point("http://crl.example/1.crl"))}, missing: "good", listed: "revoked"},
		"its point, and of servers":     {cert: &pointed, more: []pkix.Extension{scope(point("http://crl.example/1.crl"), only(1))}, missing: "good", listed: "revoked"},
		"another point":                 {cert: &pointed, more: []pkix.Extension{scope(point("http://crl.example/2.crl"))}, listed: "revoked"},
		"a point without an address":    {cert: &pointed, more: []pkix.Extension{scope(point("directory"))}, missing: "good", listed: "revoked"},
		"a scope that cannot be read":   {more: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Value: []byte{5, 0}}}},
		"a part that cannot be read":    {more: []pkix.Extension{scope([]byte{0x81, 9})}},
		"an entry with more":            {entry: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 24}, Value: []byte{5, 0}}}, missing: "good", listed: "revoked"},
		"an entry with a reason":        {reason: 1, missing: "good", listed: "revoked"},
		"an entry taken off again":      {reason: 8, missing: "good"},
		"an entry about another issuer": {entry: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Critical: true, Value: []byte{0x30, 0}}}, missing: "good"},
	} {
		cert, issuer, from := r.cert, r.authority, today.AddDate(0, 0, -7)
		if c.cert != nil {
			cert = c.cert
		}
		if c.issuer != nil {
			issuer = c.issuer
		}
		if !c.from.IsZero() {
			from = c.from
		}
		for serial, want := range map[int64]string{5: c.missing, 7: c.listed} {
			template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: from, NextUpdate: today.AddDate(0, 0, 7), ExtraExtensions: c.more}
			template.RevokedCertificateEntries = []x509.RevocationListEntry{{SerialNumber: big.NewInt(serial), RevocationTime: today.Add(-time.Hour), ReasonCode: c.reason, ExtraExtensions: c.entry}}
			der, err := x509.CreateRevocationList(rand.Reader, template, issuer, r.key)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var st CertStatus
			if read := st.readCRL(der, cert, r.authority, "there", today); st.State != want || read != (want != "") || st.stale != c.stale {
				t.Errorf("%s, serial %d: %q, stale %t, want %q, %t", name, serial, st.State, st.stale, want, c.stale)
			}
		}
	}
}

// joined joins parts of DER.
func joined(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
