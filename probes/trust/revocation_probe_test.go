package trust

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"
)

// revoker is an authority with a certificate that it issued, and the answers that it signs about it.
type revoker struct {
	authority, cert *x509.Certificate
	key             *ecdsa.PrivateKey
}

// today is when these tests take place.
var today = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func newRevoker(tb testing.TB) revoker {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	issue := func(serial int64, name string, parent *x509.Certificate) *x509.Certificate {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, SubjectKeyId: []byte{byte(serial)},
			NotBefore: today.AddDate(0, -1, 0), NotAfter: today.AddDate(0, 1, 0),
			IsCA: parent == nil, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		}
		if parent == nil {
			parent = template
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), key)
		if err != nil {
			tb.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			tb.Fatal(err)
		}
		return c
	}
	authority := issue(1, "Authority", nil)
	return revoker{authority, issue(7, "Server", authority), key}
}

// answer is an OCSP answer; its next one is due after so many hours, which may be negative.
func (r revoker) answer(tb testing.TB, status int, hours int) []byte {
	tb.Helper()
	der, err := ocsp.CreateResponse(r.authority, r.authority, ocsp.Response{
		Status: status, SerialNumber: r.cert.SerialNumber, RevokedAt: today.Add(-time.Hour),
		ThisUpdate: today.AddDate(0, 0, -7), NextUpdate: today.Add(time.Duration(hours) * time.Hour),
	}, r.key)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

// list is a revocation list of those serial numbers.
func (r revoker) list(tb testing.TB, hours int, serials ...int64) []byte {
	tb.Helper()
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: today.AddDate(0, 0, -7), NextUpdate: today.Add(time.Duration(hours) * time.Hour)}
	for _, s := range serials {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: big.NewInt(s), RevocationTime: today.Add(-time.Hour)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, r.authority, r.key)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

// TestStatusIsRead takes only answers that the issuer signed, about this certificate, and that are of today.
func TestStatusIsRead(t *testing.T) {
	r, other := newRevoker(t), newRevoker(t)
	for name, c := range map[string]struct {
		answer, list []byte
		state        string
	}{
		"good":                    {answer: r.answer(t, ocsp.Good, 1), state: "good"},
		"good until now":          {answer: r.answer(t, ocsp.Good, 0), state: "good"},
		"revoked":                 {answer: r.answer(t, ocsp.Revoked, 1), state: "revoked"},
		"not known":               {answer: r.answer(t, ocsp.Unknown, 1)},
		"an old answer":           {answer: r.answer(t, ocsp.Revoked, -1)},
		"another's answer":        {answer: other.answer(t, ocsp.Revoked, 1)},
		"no answer":               {answer: nil},
		"a page":                  {answer: []byte("<html>")},
		"on the list":             {list: r.list(t, 1, 5, 7), state: "revoked"},
		"on the list until now":   {list: r.list(t, 0, 7), state: "revoked"},
		"others are on the list":  {list: r.list(t, 1, 5), state: "good"},
		"an old list":             {list: r.list(t, -1, 7)},
		"another authority's":     {list: other.list(t, 1, 7)},
		"a page in place of that": {list: []byte("<html>")},
	} {
		var st CertStatus
		read := false
		if c.list != nil {
			read = st.readCRL(c.list, r.cert, r.authority, "there", today)
		} else {
			read = st.readOCSP(c.answer, r.cert, r.authority, "there", today)
		}
		if st.State != c.state || read != (c.state != "") {
			t.Errorf("%s: %t %q, want %q", name, read, st.State, c.state)
		}
		if c.state == "revoked" && !st.At.Equal(today.Add(-time.Hour)) {
			t.Errorf("%s: revoked at %s", name, st.At)
		}
	}
}

// FuzzStatus reads any OCSP answer and any revocation list without a panic, and an answer is of use exactly where it gives
// a state.
func FuzzStatus(f *testing.F) {
	r := newRevoker(f)
	for _, body := range [][]byte{
		r.answer(f, ocsp.Good, 1), r.answer(f, ocsp.Revoked, 1), r.answer(f, ocsp.Unknown, 1), r.answer(f, ocsp.Good, -1),
		r.list(f, 1), r.list(f, 1, 5, 7), r.list(f, -1, 7),
	} {
		f.Add(body)
	}
	f.Add([]byte("\x30\x03\x0a\x01\x06")) // an OCSP answer that says unauthorized
	f.Fuzz(func(t *testing.T, body []byte) {
		var answered, listed CertStatus
		if answered.readOCSP(body, r.cert, r.authority, "there", today) != (answered.State != "") {
			t.Errorf("the answer is used, and says %q", answered.State)
		}
		if listed.readCRL(body, r.cert, r.authority, "there", today) != (listed.State != "") {
			t.Errorf("the list is used, and says %q", listed.State)
		}
	})
}

// TestResponders asks by GET alone where that is answered, and by POST where it is not.
func TestResponders(t *testing.T) {
	r := newRevoker(t)
	for takes, want := range map[string]string{"GET POST": "GET", "POST": "GET POST", "GET": "GET", "": "GET POST"} {
		var heard []string
		responder := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			heard = append(heard, req.Method)
			question, err := io.ReadAll(req.Body)
			if req.Method == http.MethodGet {
				question, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(req.URL.Path, "/ocsp/"))
			}
			asked, bad := ocsp.ParseRequest(question)
			if err != nil || bad != nil || !strings.Contains(takes, req.Method) || asked.SerialNumber.Cmp(r.cert.SerialNumber) != 0 {
				_, _ = w.Write(ocsp.MalformedRequestErrorResponse)
				return
			}
			_, _ = w.Write(r.answer(t, ocsp.Revoked, 1))
		}))
		cert := *r.cert
		cert.OCSPServer = []string{responder.URL + "/ocsp"}
		st := anywhere.checkRevocation(t.Context(), &cert, r.authority, nil, today)
		if got := strings.Join(heard, " "); got != want || (st.State == "revoked") != (takes != "") {
			t.Errorf("takes %q: asked by %s, want %s; %+v", takes, got, want, st)
		}
		responder.Close()
	}
}

// TestAskedAFew asks no more than a few of the responders and lists that a certificate names.
func TestAskedAFew(t *testing.T) {
	r := newRevoker(t)
	cert := *r.cert
	for i := range 1000 {
		cert.OCSPServer = append(cert.OCSPServer, fmt.Sprintf("ldap://%d", i))
		cert.CRLDistributionPoints = append(cert.CRLDistributionPoints, fmt.Sprintf("ldap://%d", i))
	}
	if st := anywhere.checkRevocation(t.Context(), &cert, r.authority, nil, today); strings.Count(st.Why, "ldap://") != 6 {
		t.Errorf("asked: %s", st.Why)
	}
}

// responderAnswer is an OCSP answer of the authority below a root, with certificates beside the signature.
func responderAnswer(t *testing.T, status int, signer *x509.Certificate, key *ecdsa.PrivateKey, about *x509.Certificate, issuer *x509.Certificate, beside ...*x509.Certificate) []byte {
	t.Helper()
	template := ocsp.Response{Status: status, SerialNumber: about.SerialNumber, RevokedAt: today.Add(-time.Hour), ThisUpdate: today.AddDate(0, 0, -1), NextUpdate: today.AddDate(0, 0, 7)}
	if len(beside) > 0 {
		template.Certificate = beside[0]
	}
	der, err := ocsp.CreateResponse(issuer, signer, template, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestIssuerInsideTheAnswer reads OCSP answers that hold the issuer's own certificate, which another authority signed: legal,
// and usual for OpenSSL's and EJBCA's responders. A responder of the issuer's own is one only if it was made for that.
func TestIssuerInsideTheAnswer(t *testing.T) {
	keyed := func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	serial := int64(0)
	issue := func(name string, key *ecdsa.PrivateKey, parent *x509.Certificate, parentKey *ecdsa.PrivateKey, usage ...x509.ExtKeyUsage) *x509.Certificate {
		serial++
		template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, NotBefore: today.AddDate(0, -1, 0), NotAfter: today.AddDate(0, 1, 0),
			IsCA: len(usage) == 0, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: usage}
		if parent == nil {
			parent, parentKey = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	rootKey, caKey, leafKey, ocspKey := keyed(), keyed(), keyed(), keyed()
	root := issue("Root", rootKey, nil, nil)
	authority := issue("Authority", caKey, root, rootKey)
	leaf := issue("Server", leafKey, authority, caKey, x509.ExtKeyUsageServerAuth)
	responder := issue("Responder", ocspKey, authority, caKey, x509.ExtKeyUsageOCSPSigning)
	foreign := issue("Responder of the root", ocspKey, root, rootKey, x509.ExtKeyUsageOCSPSigning)
	// more is an answer with something behind what is signed.
	more := func(answer []byte) []byte {
		var outer struct {
			Status   asn1.Enumerated
			Response struct {
				Type   asn1.ObjectIdentifier
				Answer []byte
			} `asn1:"explicit,tag:0"`
		}
		if _, err := asn1.Unmarshal(answer, &outer); err != nil {
			t.Fatal(err)
		}
		outer.Response.Answer = append(outer.Response.Answer, 5, 0)
		der, err := asn1.Marshal(outer)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	good := responderAnswer(t, ocsp.Good, responder, ocspKey, leaf, authority, responder)
	for name, c := range map[string]struct {
		answer []byte
		want   string
	}{
		"something behind the answer":   {append(bytes.Clone(good), 5, 0), ""},
		"something inside the answer":   {more(good), ""},
		"the issuer inside, revoked":    {responderAnswer(t, ocsp.Revoked, authority, caKey, leaf, authority, authority), "revoked"},
		"the issuer inside, good":       {responderAnswer(t, ocsp.Good, authority, caKey, leaf, authority, authority), "good"},
		"its responder":                 {responderAnswer(t, ocsp.Revoked, responder, ocspKey, leaf, authority, responder), "revoked"},
		"the server, as a responder":    {responderAnswer(t, ocsp.Good, leaf, leafKey, leaf, authority, leaf), ""},
		"the root's responder":          {responderAnswer(t, ocsp.Good, foreign, ocspKey, leaf, authority, foreign), ""},
		"the issuer, signed by another": {responderAnswer(t, ocsp.Good, authority, leafKey, leaf, authority, authority), ""},
	} {
		var st CertStatus
		if st.readOCSP(c.answer, leaf, authority, "there", today); st.State != c.want {
			t.Errorf("%s: %q, want %q", name, st.State, c.want)
		}
		if got := stapledState(c.answer, []Cert{describeCert(leaf), describeCert(authority)}, today); got != c.want {
			t.Errorf("%s, stapled: %q, want %q", name, got, c.want)
		}
	}
}

// TestLongLists reads revocation lists of up to 16 MiB from a real server without holding their entries.
func TestLongLists(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine reads them")
	}
	r := newRevoker(t)
	cert := *r.cert
	for _, c := range []struct {
		entries  int
		last     int64
		state    string
		why      string
		measured bool
	}{
		{entries: 80_000, last: 7, state: "revoked"},
		{entries: 430_000, last: 7, state: "revoked", measured: true},
		{entries: 80_000, last: 8, state: "good"},
		{entries: 500_000, last: 7, why: "it is longer than 16 MiB"},
	} {
		list := longList(t, r, c.entries, c.last)
		base, _ := serving(t, map[string][]byte{"/list.crl": list})
		cert.CRLDistributionPoints = []string{base + "/list.crl"}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		st := anywhere.checkRevocation(t.Context(), &cert, r.authority, nil, today)
		runtime.ReadMemStats(&after)
		if st.State != c.state || !strings.Contains(st.Why, c.why) {
			t.Errorf("%d bytes: %+v", len(list), st)
		}
		if took := after.TotalAlloc - before.TotalAlloc; c.measured && took > 80<<20 {
			t.Errorf("%d bytes took %d", len(list), took)
		}
	}
}

// longList is a revocation list with that many entries, the last of which is for the serial number.
func longList(t *testing.T, r revoker, entries int, last int64) []byte {
	t.Helper()
	var short x509.RevocationList
	parsed, err := x509.ParseRevocationList(r.list(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	short = *parsed
	var list cryptobyte.Builder
	entry := func(b *cryptobyte.Builder, serial *big.Int) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1BigInt(serial)
			b.AddASN1UTCTime(today.Add(-time.Hour))
		})
	}
	var signed cryptobyte.Builder
	signed.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		rest := cryptobyte.String(short.RawTBSRevocationList)
		var element cryptobyte.String
		var tag cbasn1.Tag
		rest.ReadASN1(&rest, cbasn1.SEQUENCE)
		for !rest.Empty() {
			rest.ReadAnyASN1Element(&element, &tag)
			if tag == cbasn1.Tag(0).ContextSpecific().Constructed() {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					serial := new(big.Int).Lsh(big.NewInt(1), 120)
					for i := range entries {
						entry(b, serial.Add(serial, big.NewInt(int64(i+1))))
					}
					entry(b, big.NewInt(last))
				})
			}
			b.AddBytes(element)
		}
	})
	tbs := signed.BytesOrPanic()
	digest := sha256.Sum256(tbs)
	signature, err := ecdsa.SignASN1(rand.Reader, r.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	list.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(tbs)
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier([]int{1, 2, 840, 10045, 4, 3, 2}) // ECDSA with SHA-256
		})
		b.AddASN1BitString(signature)
	})
	return list.BytesOrPanic()
}
