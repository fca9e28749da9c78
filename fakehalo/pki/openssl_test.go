package pki_test

import (
	"bytes"
	"encoding/pem"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// openSSLSays is the first error number of openssl verify for each flaw. What is not here is accepted: flaws of the list,
// of the handshake, of the status or of the future, which a path does not show, and where the two disagree:
//   - name-encoding: OpenSSL normalises names before it compares them, Go does not;
//   - cn-only: OpenSSL takes the common name when there is no other name;
//   - weak-signature: at its default level openssl verify takes SHA-1, Go never does;
//   - aki-mismatch, the other way round: OpenSSL refuses the issuer, Go does not look.
var openSSLSays = map[string]int{
	"bad-signature":  7,  // certificate signature failure
	"not-yet-valid":  9,  // certificate is not yet valid
	"expired":        10, // certificate has expired
	"self-signed":    18, // self-signed certificate
	"unknown-issuer": 20, // unable to get local issuer certificate
	"untrusted-root": 20,
	"tls-inspection": 20,
	"path-length":    25, // path length constraint exceeded
	"eku-missing":    26, // unsuitable certificate purpose

	"not-yet-valid-intermediate": 9,
	"expired-intermediate":       10,
	"expired-root":               10,
	"intermediate-eku":           26,
	"unknown-critical-extension": 34, // unhandled critical extension
	"name-constraints":           47, // permitted subtree violation
	"intermediate-not-ca":        79, // invalid CA certificate

	"missing-intermediate":            20,
	"missing-intermediate-no-aia":     20,
	"missing-two-intermediates":       20,
	"missing-upper-intermediate":      20,
	"missing-lower-intermediate":      20,
	"missing-intermediate-pem":        20,
	"missing-intermediate-p7c":        20,
	"missing-intermediate-second-url": 20,
	"wrong-intermediate":              20,
	"aki-mismatch":                    20,
	"aia-gone":                        20,
	"aia-ldap":                        20,
	"aia-html":                        20,
	"aia-wrong":                       20,
	"aia-endless":                     20,
	"aia-loop":                        20,

	"leaf-not-first":    62, // hostname mismatch: the certificate that comes first is not the site's
	"wrong-name":        62,
	"wildcard-mismatch": 62,
	"default-site-cert": 62,
	"ip-san-missing":    64, // IP address mismatch
}

// openssl finds the program or skips the test.
func openssl(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: the second opinion on the chains is left out")
	}
	return program
}

func pemFile(t *testing.T, name string, ders ...[]byte) string {
	t.Helper()
	var b bytes.Buffer
	for _, der := range ders {
		pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var errorNumber = regexp.MustCompile(`(?m)^error (\d+) at`)

// verdict runs openssl verify over what is sent, as a client of that host at that moment.
func verdict(t *testing.T, program string, m *pki.Material) (int, string) {
	t.Helper()
	var sent, roots [][]byte
	for _, c := range parsed(list(t, m)) {
		sent = append(sent, c.Raw)
	}
	for _, c := range m.Roots {
		roots = append(roots, c.Raw)
	}
	nameFlag := "-verify_hostname"
	if net.ParseIP(host(m)) != nil {
		nameFlag = "-verify_ip"
	}
	args := []string{
		"verify", "-no-CApath", "-no-CAstore", "-CAfile", pemFile(t, "roots.pem", roots...), "-purpose", "sslserver",
		"-attime", strconv.FormatInt(now.Unix(), 10), nameFlag, host(m),
	}
	if len(sent) > 1 {
		args = append(args, "-untrusted", pemFile(t, "rest.pem", sent[1:]...))
	}
	output, err := exec.Command(program, append(args, pemFile(t, "leaf.pem", sent[0]))...).CombinedOutput()
	if err == nil {
		return 0, string(output)
	}
	match := errorNumber.FindSubmatch(output)
	if match == nil {
		t.Fatalf("openssl verify: %v\n%s", err, output)
	}
	number, _ := strconv.Atoi(string(match[1]))
	return number, string(output)
}

// TestOpenSSLAgrees asks an implementation that shares no code with Go.
func TestOpenSSLAgrees(t *testing.T) {
	program := openssl(t)
	if got, output := verdict(t, program, made(t, site())); got != 0 {
		t.Errorf("the healthy chain: %s", output)
	}
	for _, v := range verdicts {
		if got, output := verdict(t, program, made(t, site(), v.fault)); got != openSSLSays[v.fault] {
			t.Errorf("%s: error %d, want %d\n%s", v.fault, got, openSSLSays[v.fault], output)
		}
	}
}

// TestOpenSSLReadsPKCS7 proves the hand-made envelope with a parser that is not ours.
func TestOpenSSLReadsPKCS7(t *testing.T) {
	program := openssl(t)
	m := made(t, site(), "missing-intermediate-p7c")
	_, body := fetch(t, m, http.MethodGet, m.Chain[0].IssuingCertificateURL[0], nil)
	command := exec.Command(program, "pkcs7", "-inform", "DER", "-print_certs")
	command.Stdin = bytes.NewReader(body)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	block, _ := pem.Decode(output[max(0, bytes.Index(output, []byte("-----BEGIN"))):])
	if block == nil || !bytes.Equal(block.Bytes, m.Chain[1].Raw) {
		t.Errorf("the envelope does not hold the intermediate:\n%s", output)
	}
}
