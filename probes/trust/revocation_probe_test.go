package trust

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

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
		st := checkRevocation(t.Context(), &cert, r.authority, nil, true, today)
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
	if st := checkRevocation(t.Context(), &cert, r.authority, nil, true, today); strings.Count(st.Why, "ldap://") != 6 {
		t.Errorf("asked: %s", st.Why)
	}
}
