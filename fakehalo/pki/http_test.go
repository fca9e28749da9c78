package pki_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/crypto/ocsp"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// fetch asks the material's HTTP side for an address that a certificate names.
func fetch(t *testing.T, m *pki.Material, method, url string, body []byte) (int, []byte) {
	t.Helper()
	path, ok := strings.CutPrefix(url, "http://127.0.0.1:1/")
	if !ok {
		t.Fatalf("%q is not below the base URL", url)
	}
	w := httptest.NewRecorder()
	m.HTTP.ServeHTTP(w, httptest.NewRequest(method, "/"+path, bytes.NewReader(body)))
	return w.Code, w.Body.Bytes()
}

func TestAIAServesTheIssuers(t *testing.T) {
	m := made(t, site(), "missing-two-intermediates")
	for i, child := range m.Chain[:3] {
		code, body := fetch(t, m, http.MethodGet, child.IssuingCertificateURL[0], nil)
		issuer, err := x509.ParseCertificate(body)
		if code != http.StatusOK || err != nil {
			t.Fatalf("issuer of %s: %d, %v", child.Subject.CommonName, code, err)
		}
		if !issuer.Equal(m.Chain[i+1]) || child.CheckSignatureFrom(issuer) != nil {
			t.Errorf("issuer of %s: got %s", child.Subject.CommonName, issuer.Subject.CommonName)
		}
	}
}

func TestAIAEncodings(t *testing.T) {
	m := made(t, site(), "missing-intermediate-pem")
	_, body := fetch(t, m, http.MethodGet, m.Chain[0].IssuingCertificateURL[0], nil)
	block, rest := pem.Decode(body)
	if block == nil || len(rest) > 0 || !bytes.Equal(block.Bytes, m.Chain[1].Raw) {
		t.Errorf("the PEM file is not the intermediate: %q", body)
	}
	m = made(t, site(), "missing-intermediate-p7c")
	_, body = fetch(t, m, http.MethodGet, m.Chain[0].IssuingCertificateURL[0], nil)
	if body[0] != 0x30 || !bytes.Contains(body, m.Chain[1].Raw) {
		t.Errorf("the PKCS #7 file does not hold the intermediate: %x", body)
	}
	m = made(t, site(), "missing-intermediate-second-url")
	for i, want := range []int{http.StatusNotFound, http.StatusOK} {
		if code, _ := fetch(t, m, http.MethodGet, m.Chain[0].IssuingCertificateURL[i], nil); code != want {
			t.Errorf("address %d answers %d, want %d", i, code, want)
		}
	}
}

func TestHostileAIA(t *testing.T) {
	m := made(t, site(), "aia-html")
	if _, body := fetch(t, m, http.MethodGet, m.Chain[0].IssuingCertificateURL[0], nil); !bytes.HasPrefix(body, []byte("<!doctype html>")) {
		t.Errorf("the portal says %q", body)
	}
	m = made(t, site(), "aia-gone")
	if code, _ := fetch(t, m, http.MethodGet, m.Chain[0].IssuingCertificateURL[0], nil); code != http.StatusNotFound {
		t.Errorf("aia-gone answers %d", code)
	}
	m = made(t, site(), "aia-wrong")
	_, body := fetch(t, m, http.MethodGet, m.Chain[0].IssuingCertificateURL[0], nil)
	namesake, err := x509.ParseCertificate(body)
	if err != nil || namesake.Subject.CommonName != mid || m.Chain[0].CheckSignatureFrom(namesake) == nil {
		t.Errorf("aia-wrong serves no namesake: %v", err)
	}
}

// TestAIALoop walks the circle: after the two authorities the first one comes again.
func TestAIALoop(t *testing.T) {
	m := made(t, site(), "aia-loop")
	at, walked := m.Chain[0], []string(nil)
	for range 5 {
		_, body := fetch(t, m, http.MethodGet, at.IssuingCertificateURL[0], nil)
		issuer, err := x509.ParseCertificate(body)
		if err != nil {
			t.Fatal(err)
		}
		if err := at.CheckSignatureFrom(issuer); err != nil {
			t.Fatalf("%s by %s: %v", at.Subject.CommonName, issuer.Subject.CommonName, err)
		}
		at, walked = issuer, append(walked, issuer.Subject.CommonName)
	}
	const want = "Halo Fake Issuing CA A1, Halo Fake Intermediate CA B1, Halo Fake Intermediate CA B2, " +
		"Halo Fake Intermediate CA B1, Halo Fake Intermediate CA B2"
	if got := strings.Join(walked, ", "); got != want {
		t.Errorf("walked %s, want %s", got, want)
	}
}

func TestEndlessAIA(t *testing.T) {
	m := made(t, site(), "aia-endless")
	server := httptest.NewServer(m.HTTP)
	defer server.Close()
	response, err := http.Get(server.URL + "/aia/a1.cer")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if n, err := io.CopyN(io.Discard, response.Body, 8<<20); err != nil {
		t.Errorf("it ended after %d bytes: %v", n, err)
	}
}

func TestRenewedIntermediate(t *testing.T) {
	m := made(t, site(), "expired-intermediate")
	_, body := fetch(t, m, http.MethodGet, m.Chain[0].IssuingCertificateURL[0], nil)
	renewed, err := x509.ParseCertificate(body)
	if err != nil {
		t.Fatal(err)
	}
	options := x509.VerifyOptions{Roots: pool(m.Roots...), Intermediates: pool(renewed), CurrentTime: now}
	if _, err := m.Chain[0].Verify(options); err != nil {
		t.Errorf("the renewed edition does not mend the chain: %v", err)
	}
}

func TestRevokedByOCSP(t *testing.T) {
	m := made(t, site(), "revoked")
	request, err := ocsp.CreateRequest(m.Chain[0], m.Chain[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	responder := m.Chain[0].OCSPServer[0]
	for method, ask := range map[string]func() (int, []byte){
		"POST": func() (int, []byte) { return fetch(t, m, http.MethodPost, responder, request) },
		"GET": func() (int, []byte) {
			return fetch(t, m, http.MethodGet, responder+"/"+base64.StdEncoding.EncodeToString(request), nil)
		},
	} {
		code, body := ask()
		response, err := ocsp.ParseResponseForCert(body, m.Chain[0], m.Chain[1])
		if code != http.StatusOK || err != nil || response.Status != ocsp.Revoked {
			t.Errorf("%s: %d, %+v, %v", method, code, response, err)
		}
	}
	other, err := ocsp.CreateRequest(m.Chain[1], m.Chain[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	_, body := fetch(t, m, http.MethodPost, responder, other)
	if response, err := ocsp.ParseResponse(body, m.Chain[1]); err != nil || response.Status != ocsp.Unknown {
		t.Errorf("another certificate: %+v, %v, want unknown", response, err)
	}
	if _, body := fetch(t, m, http.MethodPost, responder, []byte("?")); !bytes.Equal(body, ocsp.MalformedRequestErrorResponse) {
		t.Errorf("nonsense gets %x, want the malformed answer", body)
	}
}

func TestRevokedByCRL(t *testing.T) {
	for _, fault := range []string{"revoked", "revoked-crl"} {
		m := made(t, site(), fault)
		_, body := fetch(t, m, http.MethodGet, m.Chain[0].CRLDistributionPoints[0], nil)
		crl, err := x509.ParseRevocationList(body)
		if err != nil {
			t.Fatalf("%s: %v", fault, err)
		}
		if err := crl.CheckSignatureFrom(m.Chain[1]); err != nil {
			t.Errorf("%s: %v", fault, err)
		}
		entries := crl.RevokedCertificateEntries
		if len(entries) != 1 || entries[0].SerialNumber.Cmp(m.Chain[0].SerialNumber) != 0 {
			t.Errorf("%s: the list holds %d entries, want the leaf alone", fault, len(entries))
		}
	}
	if m := made(t, site(), "revoked-crl"); len(m.Chain[0].OCSPServer) != 0 {
		t.Errorf("revoked-crl names an OCSP responder: %q", m.Chain[0].OCSPServer)
	}
}

func TestRevokedByStaple(t *testing.T) {
	m := made(t, site(), "revoked-stapled")
	_, state, err := shake(t, serve(t, m), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := ocsp.ParseResponseForCert(state.OCSPResponse, m.Chain[0], m.Chain[1])
	if err != nil || response.Status != ocsp.Revoked {
		t.Errorf("stapled: %+v, %v", response, err)
	}
	if _, state, _ := shake(t, serve(t, made(t, site(), "must-staple")), nil); state.OCSPResponse != nil {
		t.Error("must-staple: a response is stapled")
	}
}
