package trust_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo/pki"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// stricter are the flaws that trust refuses and crypto/x509 does not, with the fact that says so.
var stricter = map[string]string{
	"aki-mismatch":    "tls.md §3.7: Go does not look at it, OpenSSL does",
	"chain-too-long":  "tls.md §4: Java reads ten certificates",
	"path-too-deep":   "tls.md §4: Java follows five intermediates",
	"chain-too-large": "tls.md §4: crypto/tls reads 256 KiB, OpenSSL 100",
	"bad-certificate": "tls.md §3.8: crypto/tls gives up on the list",
	"leaf-not-first":  "tls.md §1: the server's own comes first in every version of TLS",
	"weak-key":        "tls.md §3.7: Go takes RSA with 1024 bits",
}

// openssl are the flaws on which openssl verify differs from trust, with the reason.
var openssl = map[string]string{
	"chain-too-long":  "it has no such limit",
	"path-too-deep":   "its limit is 100",
	"chain-too-large": "the file is no TLS message",
	"bad-certificate": "the file holds what could be read",
	"leaf-not-first":  "it is told which one is the leaf",
	"cn-only":         "it still reads the common name where there are no other names",
	"weak-key":        "its default security level is the distribution's",
	"weak-signature":  "its default security level is the distribution's",
	"name-encoding":   "it normalises names before it compares them",
}

// judged is whether a certificate is good for a client: what Proven asks, the handshake and revocation apart.
func judged(c trust.Chain) bool {
	for _, r := range []*probes.Requirement[trust.Chain]{trust.Resource.Chain, trust.Resource.Name, trust.Resource.InDate, trust.Resource.Strength} {
		if r.Judge(c).Status != probes.Passed {
			return false
		}
	}
	return true
}

// each runs a check on what every flaw's site sends, where a handshake gets that far.
func each(t *testing.T, check func(t *testing.T, name string, s site, c trust.Chain)) {
	for _, f := range append(pki.Faults(), pki.Fault{Name: "healthy"}) {
		if f.Requirement == "trust.handshake" {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			faults := []string{f.Name}
			if f.Name == "healthy" {
				faults = nil
			}
			s := serve(t, faults...)
			check(t, f.Name, s, examined(t, s.session(t, "off")))
		})
	}
}

// TestAgreesWithTheStandardLibrary compares the verdict with crypto/x509's on the same list, name, roots and moment.
func TestAgreesWithTheStandardLibrary(t *testing.T) {
	each(t, func(t *testing.T, name string, s site, c trust.Chain) {
		roots, inter := x509.NewCertPool(), x509.NewCertPool()
		for _, r := range s.material.Roots {
			roots.AddCert(r)
		}
		var leaf *x509.Certificate
		for i, cert := range c.Sent {
			x, err := x509.ParseCertificate(cert.DER)
			switch {
			case err != nil:
			case i == c.LeafIndex:
				leaf = x
			default:
				inter.AddCert(x)
			}
		}
		_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: inter, DNSName: s.host, CurrentTime: c.Now})
		_, isStricter := stricter[name]
		switch accepted := err == nil; {
		case judged(c) && !accepted:
			t.Errorf("it holds, and crypto/x509 says: %v", err)
		case accepted && !judged(c) && !isStricter:
			t.Error("crypto/x509 accepts what does not hold, and no fact says why")
		case isStricter && !accepted:
			t.Errorf("listed as stricter, yet crypto/x509 refuses it too: %v", err)
		}
	})
}

// TestAgreesWithOpenSSL compares the verdict with openssl verify's, an implementation that shares nothing with ours.
func TestAgreesWithOpenSSL(t *testing.T) {
	command, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: nothing to compare with")
	}
	each(t, func(t *testing.T, name string, s site, c trust.Chain) {
		dir := t.TempDir()
		var leaf, rest, roots bytes.Buffer
		for i, cert := range c.Sent {
			to := &rest
			if i == c.LeafIndex {
				to = &leaf
			}
			if cert.Error == "" {
				write(t, to, cert.DER)
			}
		}
		for _, r := range s.material.Roots {
			write(t, &roots, r.Raw)
		}
		args := []string{"verify", "-purpose", "sslserver", "-no-CApath", "-no-CAstore", "-CAfile", keep(t, dir, "roots", roots), "-verify_hostname", s.host}
		if net.ParseIP(s.host) != nil {
			args[len(args)-2] = "-verify_ip"
		}
		if rest.Len() > 0 {
			args = append(args, "-untrusted", keep(t, dir, "rest", rest))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		out, err := exec.CommandContext(ctx, command, append(args, keep(t, dir, "leaf", leaf))...).CombinedOutput()
		if accepted := err == nil; accepted != judged(c) && openssl[name] == "" {
			t.Errorf("trust: %t, openssl: %t: %s", judged(c), accepted, out)
		}
	})
}

func write(t *testing.T, to *bytes.Buffer, der []byte) {
	t.Helper()
	if err := pem.Encode(to, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
		t.Fatal(err)
	}
}

// keep writes PEM into a file and returns its path.
func keep(t *testing.T, dir, name string, content bytes.Buffer) string {
	t.Helper()
	path := filepath.Join(dir, name+".pem")
	if err := os.WriteFile(path, content.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
