package selfproof_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
)

// talker is an instance that says foreign text in every place where a server can: in every name and address of its
// certificates, in headers and the line of the status, in every text of its answers, and on a connection after the answer.
type talker struct {
	*httptest.Server
	fake   *fakehalo.Server
	caFile string
	text   func() string
}

// talkerModes are how its answers go: as a healthy instance's, or with the token refused, or something before the instance.
var talkerModes = []string{"answers", "refuses", "blocks", "redirects", "challenges", "garbles", "breaks its chain"}

func newTalker(mode string, text func() string) *talker {
	GinkgoHelper()
	return newTalkerOf(start(), mode, text)
}

// newTalkerOf talks for a fake that is there already.
func newTalkerOf(fake *fakehalo.Server, mode string, text func() string) *talker {
	GinkgoHelper()
	t := &talker{fake: fake, text: text}
	t.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.answer(w, r, mode) }))
	t.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.TLS = &tls.Config{Certificates: []tls.Certificate{t.certificate(mode == "breaks its chain")}, NextProtos: []string{"http/1.1"}}
	DeferCleanup(func() { t.CloseClientConnections(); t.Close() })
	t.StartTLS()
	t.URL = strings.Replace(t.URL, "127.0.0.1", "localhost", 1)
	return t
}

// certificate is one whose names and addresses are foreign text, issued by another one that the server sends or leaves out,
// under a root that is trusted.
func (t *talker) certificate(broken bool) tls.Certificate {
	GinkgoHelper()
	issue := func(tmpl *x509.Certificate, parent *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		Expect(err).NotTo(HaveOccurred())
		if parent == nil {
			parent, by = tmpl, key
		}
		tmpl.SerialNumber, tmpl.RawSubject = big.NewInt(time.Now().UnixNano()), t.name()
		tmpl.NotBefore, tmpl.NotAfter, tmpl.BasicConstraintsValid = time.Now().Add(-time.Hour), time.Now().AddDate(0, 3, 0), true
		der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), by)
		Expect(err).NotTo(HaveOccurred())
		cert, err := x509.ParseCertificate(der)
		Expect(err).NotTo(HaveOccurred())
		return cert, key
	}
	authority := func() *x509.Certificate {
		return &x509.Certificate{IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	}
	root, rootKey := issue(authority(), nil, nil)
	middle, middleKey := issue(authority(), root, rootKey)
	leaf, leafKey := issue(&x509.Certificate{
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost", t.ascii()}, EmailAddresses: []string{t.ascii()},
		IssuingCertificateURL: []string{"http://127.0.0.1:9/" + t.ascii(), t.ascii()}, OCSPServer: []string{"http://localhost:9/" + t.ascii()},
		CRLDistributionPoints: []string{"http://127.0.0.1:9/" + t.ascii(), "ldap://" + t.ascii()},
	}, middle, middleKey)
	t.caFile = filepath.Join(GinkgoT().TempDir(), "ca.pem")
	Expect(os.WriteFile(t.caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}), 0o600)).To(Succeed())
	sent := tls.Certificate{PrivateKey: leafKey, Certificate: [][]byte{leaf.Raw, middle.Raw}}
	if broken {
		sent.Certificate = [][]byte{leaf.Raw, root.Raw}
	}
	return sent
}

// ascii is foreign text that the strings of addresses can hold.
func (t *talker) ascii() string {
	return strings.Map(func(r rune) rune {
		if r > 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(t.text(), ""))
}

// name is a subject with foreign text in strings of every kind.
func (t *talker) name() []byte {
	GinkgoHelper()
	var name pkix.RDNSequence
	for i, kind := range []int{asn1.TagUTF8String, asn1.TagIA5String, 20 /* T61 */, asn1.TagUTF8String, asn1.TagBMPString, asn1.TagUTF8String, asn1.TagPrintableString} {
		text := []byte(strings.ToValidUTF8(t.text(), ""))
		switch kind {
		case asn1.TagBMPString:
			wide := []byte{}
			for _, b := range text {
				wide = append(wide, 0, b)
			}
			text = wide
		case asn1.TagIA5String:
			text = []byte(t.ascii())
		case asn1.TagPrintableString:
			text = []byte("XX")
		}
		oid := asn1.ObjectIdentifier{2, 5, 4, []int{3, 10, 11, 7, 8, 5, 6}[i]} // CN, O, OU, L, ST, serial number, country
		name = append(name, pkix.RelativeDistinguishedNameSET{{Type: oid, Value: asn1.RawValue{Tag: kind, Bytes: text}}})
	}
	raw, err := asn1.Marshal(name)
	Expect(err).NotTo(HaveOccurred())
	return raw
}

// header is foreign text that can stand in a header. Control characters are left to one mode, since clients take an answer
// with one for broken.
func (t *talker) header(mode string) string {
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r < ' ' && mode != "garbles" {
			return -1
		}
		return r
	}, t.text())
}

// answer answers in raw bytes, since net/http would clean what it sends.
func (t *talker) answer(w http.ResponseWriter, r *http.Request, mode string) {
	status, kind, body := t.content(r, mode)
	var head strings.Builder
	fmt.Fprintf(&head, "HTTP/1.1 %d %s\r\nContent-Type: %s; charset=%s\r\nContent-Length: %d\r\n", status, t.header(mode), kind, t.header(mode), len(body))
	for _, name := range []string{"Server", "X-Powered-By", "Via", "Set-Cookie", "Retry-After", "X-Amzn-Waf-Action", "CF-Ray", "Date"} {
		fmt.Fprintf(&head, "%s: %s\r\n", name, t.header(mode))
	}
	switch mode {
	case "redirects":
		fmt.Fprintf(&head, "Location: https://%s.example/%s\r\n", t.header(mode), t.header(mode))
	case "challenges":
		fmt.Fprintf(&head, "WWW-Authenticate: %s realm=\"%s\"\r\nWWW-Authenticate: Basic realm=\"%s\"\r\n", t.header(mode), t.header(mode), t.header(mode))
	}
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = c.Write(append([]byte(head.String()+"\r\n"), body...))
	time.Sleep(10 * time.Millisecond) // until the client waits for nothing
	_, _ = io.WriteString(c, t.text()+"\r\n")
}

// content is what a healthy instance says, with foreign text behind each text of it, or what the mode has in its place.
func (t *talker) content(r *http.Request, mode string) (status int, kind string, body []byte) {
	form, _ := io.ReadAll(r.Body)
	raw := func(v any) []byte { out, _ := json.Marshal(v); return out }
	switch mode {
	case "blocks":
		return http.StatusForbidden, "text/html", []byte("<title>" + t.text() + "</title>" + t.text())
	case "redirects":
		return http.StatusFound, "text/html", []byte(t.text())
	case "challenges":
		return http.StatusUnauthorized, "text/html", []byte(t.text())
	case "refuses":
		if strings.HasSuffix(r.URL.Path, "/token") && bytes.Contains(form, []byte("client_secret=")) {
			return http.StatusBadRequest, "application/json", raw(map[string]any{"error": t.text(), "error_description": t.text(), "error_uri": t.text()})
		}
	}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, t.fake.URL+r.URL.RequestURI(), bytes.NewReader(form))
	if err != nil {
		return http.StatusBadGateway, "text/plain", nil
	}
	req.Header = r.Header.Clone()
	resp, err := t.fake.Client().Do(req)
	if err != nil {
		return http.StatusBadGateway, "text/plain", nil
	}
	defer resp.Body.Close()
	var v any
	if json.NewDecoder(resp.Body).Decode(&v) != nil {
		return resp.StatusCode, "text/plain", []byte(t.text())
	}
	return resp.StatusCode, "application/json", raw(t.extended("", v))
}

// extended is a value with foreign text behind each of its texts, but for those that the protocol needs as they are.
func (t *talker) extended(key string, v any) any {
	switch v := v.(type) {
	case string:
		switch key {
		case "access_token", "token_type", "error", "type", "value", "tenant_id":
			return v
		case "auth_url":
			return strings.ReplaceAll(v, t.fake.URL, t.URL)
		}
		return v + " " + t.text()
	case []any:
		for i := range v {
			v[i] = t.extended(key, v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = t.extended(name, v[name])
		}
		v[t.text()] = t.text()
	}
	return v
}
