package trust

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// rsaSigned is a chain whose leaf was signed with another digest than SHA-256: the last byte of the algorithm's number
// (RFC 4055, RFC 8017) is replaced, and sign makes the signature over the result.
func rsaSigned(t *testing.T, number byte, sign func(key *rsa.PrivateKey, tbs []byte) ([]byte, error)) (Chain, *wire.Roots) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	issue := func(template, parent *x509.Certificate) []byte {
		template.NotBefore, template.NotAfter, template.BasicConstraintsValid = today.AddDate(0, -1, 0), today.AddDate(0, 1, 0), true
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Authority"}, SubjectKeyId: []byte{1}, IsCA: true, KeyUsage: x509.KeyUsageCertSign}
	root, err := x509.ParseCertificate(issue(authority, authority))
	if err != nil {
		t.Fatal(err)
	}
	var signed struct {
		TBS asn1.RawValue
		Alg struct {
			ID         asn1.ObjectIdentifier
			Parameters asn1.RawValue
		}
		Signature asn1.BitString
	}
	leaf := issue(&x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Server"}, DNSNames: []string{"halo.example.test"}}, root)
	if _, err := asn1.Unmarshal(leaf, &signed); err != nil {
		t.Fatal(err)
	}
	was := "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"
	tbs := []byte(strings.Replace(string(signed.TBS.FullBytes), was, was[:8]+string(rune(number)), 1))
	signed.TBS, signed.Alg.ID[6] = asn1.RawValue{FullBytes: tbs}, int(number)
	if signed.Signature.Bytes, err = sign(key, tbs); err != nil {
		t.Fatal(err)
	}
	signed.Signature.BitLength = 8 * len(signed.Signature.Bytes)
	der, err := asn1.Marshal(signed)
	if err != nil {
		t.Fatal(err)
	}
	roots := &wire.Roots{Pool: x509.NewCertPool(), Certs: []*x509.Certificate{root}}
	roots.Pool.AddCert(root)
	return Chain{Host: "halo.example.test", Now: today, Sent: []Cert{parseCert(der)}}, roots
}

// TestSignaturesOfOtherKinds calls MD5 weak, and a digest that clients do not know by what it is: whose signature that is
// nobody can say.
func TestSignaturesOfOtherKinds(t *testing.T) {
	c, roots := rsaSigned(t, 4, func(key *rsa.PrivateKey, tbs []byte) ([]byte, error) {
		sum := md5.Sum(tbs)
		return rsa.SignPKCS1v15(rand.Reader, key, crypto.MD5, sum[:])
	})
	c.buildAndVerify(roots)
	if v := judgeChain(c); v.Status != probes.Passed {
		t.Errorf("MD5: the path: %s %s: %s", v.Status, v.Cause, v.Because)
	}
	if v := judgeStrength(c); v.Cause != probes.WeakSignature {
		t.Errorf("MD5: %s %s: %s", v.Status, v.Cause, v.Because)
	}
	if got := subjects(c.fixedChain()); got != "Server" {
		t.Errorf("MD5: the chain to serve is %q; how it is signed is another requirement's matter", got)
	}

	by224 := func(key *rsa.PrivateKey, tbs []byte) ([]byte, error) {
		sum := sha256.Sum224(tbs)
		return rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA224, sum[:])
	}
	c, roots = rsaSigned(t, 14, by224)
	c.buildAndVerify(roots)
	if v := judgeChain(c); v.Status != probes.Unknown || v.Cause != probes.NotObserved || !strings.Contains(v.Because, "with SHA-224 with RSA, which OpenSSL checks and this program cannot") || v.Remedy.Who != probes.Operator {
		t.Errorf("SHA-224: %s %s: %s: %+v", v.Status, v.Cause, v.Because, v.Remedy)
	}
	for number, want := range map[byte]probes.Cause{14: probes.UntrustedRoot, 99: probes.BadSignature} {
		c, roots = rsaSigned(t, number, by224)
		c.Sent = append(c.Sent, parseCert(roots.Certs[0].Raw)) // the issuer is sent, and its root is another
		roots.Certs = nil
		c.buildAndVerify(roots)
		v := judgeChain(c)
		if v.Status != probes.Failed || v.Cause != want {
			t.Errorf("%d: %s %s: %s", number, v.Status, v.Cause, v.Because)
		}
		if number == 99 && (!strings.Contains(v.Because, "in a way that clients cannot check") || !strings.Contains(v.Remedy.Do, "SHA-256")) {
			t.Errorf("an algorithm of nobody's: %s: %s", v.Because, v.Remedy.Do)
		}
	}
}

// TestSignedWeakly checks signatures with digests that nobody should use any more: whose they are is a question of its own.
func TestSignedWeakly(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tbs := []byte("what is signed")
	sum := sha1.Sum(tbs)
	byRSA, err := rsa.SignPKCS1v15(rand.Reader, rsaKey, crypto.SHA1, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	byEC, err := ecdsa.SignASN1(rand.Reader, ecKey, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		algorithm x509.SignatureAlgorithm
		key       any
		signature []byte
		want      bool
	}{
		{"RSA", x509.SHA1WithRSA, rsaKey.Public(), byRSA, true},
		{"RSA, as MD5", x509.MD5WithRSA, rsaKey.Public(), byRSA, false},
		{"RSA, another's", x509.SHA1WithRSA, rsaKey.Public(), byEC, false},
		{"ECDSA", x509.ECDSAWithSHA1, ecKey.Public(), byEC, true},
		{"ECDSA, another's", x509.ECDSAWithSHA1, ecKey.Public(), byRSA, false},
		{"MD5, a key of another kind", x509.MD5WithRSA, ecKey.Public(), byEC, false},
		{"a key of another kind", x509.SHA1WithRSA, ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)), byRSA, false},
	} {
		child := &x509.Certificate{SignatureAlgorithm: c.algorithm, RawTBSCertificate: tbs, Signature: c.signature}
		if got := signed(child, &x509.Certificate{PublicKey: c.key}); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

// TestBlame names the cause of a failed handshake where crypto/tls's words are all there is.
func TestBlame(t *testing.T) {
	for said, want := range map[string]probes.Cause{
		"tls: invalid signature by the server certificate: ECDSA verification failure":  probes.KeyMismatch,
		"tls: certificate used with invalid signature algorithm":                        probes.KeyMismatch,
		"tls: failed to parse certificate from server: x509: malformed certificate":     probes.BadCertificate,
		"tls: handshake message of length 300000 bytes exceeds maximum of 262144 bytes": probes.ChainTooLong,
		"tls: server sent certificate containing RSA key larger than 8192 bits":         probes.TLSError,
		"tls: server selected unsupported protocol version 302":                         probes.TLSError,
	} {
		cause, detail := classifyError(errors.New(said), nil, "halo.example.test")
		if cause != want || strings.Contains(detail, "tls: ") || strings.Contains(detail, "x509: ") {
			t.Errorf("%s: %s %q, want %s", said, cause, detail, want)
		}
	}
}

// TestCommonNameOnly knows a wildcard in the common name for what it is.
func TestCommonNameOnly(t *testing.T) {
	for common, want := range map[string]bool{
		"halo.example.test": true, "HALO.example.test": true, "*.example.test": true, "192.0.2.1": false,
		"*.test": false, "other.example.test": false, "": false,
	} {
		if got := commonNameMatches(common, "halo.example.test"); got != want {
			t.Errorf("%q: %t", common, got)
		}
	}
}
