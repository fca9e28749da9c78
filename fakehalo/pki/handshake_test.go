package pki_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// allSuites lets an old server find a suite that it knows.
func allSuites() []uint16 {
	var ids []uint16
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		ids = append(ids, s.ID)
	}
	return ids
}

func oldClient(maxVersion uint16) *tls.Config {
	return &tls.Config{ServerName: "localhost", MinVersion: tls.VersionTLS10, MaxVersion: maxVersion, CipherSuites: allSuites()}
}

func TestHealthyHandshake(t *testing.T) {
	addr := serve(t, made(t, site()))
	sent, state, err := shake(t, addr, nil)
	if err != nil || state.Version != tls.VersionTLS13 || len(sent) != 2 {
		t.Errorf("%d certificates, %s, %v", len(sent), tls.VersionName(state.Version), err)
	}
	if _, state, err = shake(t, addr, oldClient(tls.VersionTLS12)); err != nil || state.Version != tls.VersionTLS12 {
		t.Errorf("TLS 1.2: %s, %v", tls.VersionName(state.Version), err)
	}
	if _, _, err = shake(t, addr, oldClient(tls.VersionTLS11)); err == nil || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("TLS 1.1: %v, want a protocol version alert", err)
	}
}

func TestTLSTooOld(t *testing.T) {
	addr := serve(t, made(t, site(), "tls-too-old"))
	if _, _, err := shake(t, addr, nil); err == nil || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("a modern client: %v, want a protocol version alert", err)
	}
	if _, state, err := shake(t, addr, oldClient(0)); err != nil || state.Version != tls.VersionTLS11 {
		t.Errorf("an old client: %s, %v", tls.VersionName(state.Version), err)
	}
}

func TestLegacyTLS(t *testing.T) {
	addr := serve(t, made(t, site(), "legacy-tls"))
	if _, state, err := shake(t, addr, nil); err != nil || state.Version != tls.VersionTLS13 {
		t.Errorf("a modern client: %s, %v", tls.VersionName(state.Version), err)
	}
	if _, state, err := shake(t, addr, oldClient(tls.VersionTLS10)); err != nil || state.Version != tls.VersionTLS10 {
		t.Errorf("an old client: %s, %v", tls.VersionName(state.Version), err)
	}
}

func TestHandshakeFlaws(t *testing.T) {
	for fault, want := range map[string]string{
		"key-mismatch":    "invalid signature by the server certificate",
		"leaf-not-first":  "invalid signature by the server certificate",
		"bad-certificate": "failed to parse certificate from server",
		"chain-too-large": "exceeds maximum of 262144 bytes",
	} {
		_, _, err := shake(t, serve(t, made(t, site(), fault)), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", fault, err, want)
		}
	}
}

func TestClientCertRequired(t *testing.T) {
	addr := serve(t, made(t, site(), "client-cert-required"))
	asked := false
	client := oldClient(tls.VersionTLS12)
	client.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		return &tls.Certificate{}, nil
	}
	if _, _, err := shake(t, addr, client); err == nil || !asked {
		t.Errorf("asked for a certificate: %v, without one: %v", asked, err)
	}
	own := made(t, site())
	pair, err := own.TLS.GetCertificate(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	client.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return pair, nil }
	if _, _, err := shake(t, addr, client); err != nil {
		t.Errorf("with a certificate: %v", err)
	}
}

func TestRawServers(t *testing.T) {
	record := func(first string) func(error) bool {
		return func(err error) bool {
			var r tls.RecordHeaderError
			return errors.As(err, &r) && string(r.RecordHeader[:4]) == first
		}
	}
	says := func(text string) func(error) bool {
		return func(err error) bool { return err != nil && strings.Contains(err.Error(), text) }
	}
	for fault, expected := range map[string]func(error) bool{
		"not-tls":          record("HTTP"),
		"not-tls-ssh":      record("SSH-"),
		"not-tls-smtp":     record("220 "),
		"tls-garbage":      says("error decoding message"),
		"tls-huge-message": says("handshake message of length 16777215 bytes exceeds maximum"),
		"tls-alert":        says("remote error: tls: handshake failure"),
		"reset":            func(err error) bool { return errors.Is(err, syscall.ECONNRESET) },
		"close":            func(err error) bool { return errors.Is(err, io.EOF) },
	} {
		if _, _, err := shake(t, serve(t, made(t, site(), fault)), nil); !expected(err) {
			t.Errorf("%s: the client sees %v (%T)", fault, err, err)
		}
	}
}

// TestSilence: neither server ever gets a client anywhere, and both let go when the peer does.
func TestSilence(t *testing.T) {
	for _, fault := range []string{"silent", "drip"} {
		m := made(t, site(), fault)
		client, server := net.Pipe()
		gone := make(chan struct{})
		go func() { m.Raw(server); close(gone) }()
		client.SetDeadline(time.Now().Add(50 * time.Millisecond))
		var timeout net.Error
		if err := tls.Client(client, &tls.Config{ServerName: "localhost"}).Handshake(); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%s: the client sees %v, want a timeout", fault, err)
		}
		client.Close()
		select {
		case <-gone:
		case <-time.After(hang):
			t.Errorf("%s: the server keeps a connection that the client has left", fault)
		}
	}
}

func TestInconsistentChains(t *testing.T) {
	rsaSuites := oldClient(tls.VersionTLS12)
	rsaSuites.CipherSuites = []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
	for _, c := range []struct {
		fault string
		hello []*tls.Config
		want  [][]string
	}{
		{"inconsistent-chain", []*tls.Config{nil, nil, nil, nil}, [][]string{{leaf, mid}, {leaf}, {leaf, mid}, {leaf}}},
		{"inconsistent-chain-tls12", []*tls.Config{nil, oldClient(tls.VersionTLS12)}, [][]string{{leaf, mid}, {leaf}}},
		{"inconsistent-chain-rsa", []*tls.Config{nil, oldClient(tls.VersionTLS12), rsaSuites}, [][]string{{leaf, mid}, {leaf, mid}, {leaf}}},
	} {
		addr := serve(t, made(t, site(), c.fault))
		var got [][]string
		for _, config := range c.hello {
			sent, _, err := shake(t, addr, config)
			if err != nil {
				t.Errorf("%s: %v", c.fault, err)
			}
			got = append(got, names(sent))
			if config == rsaSuites && sent[0].PublicKeyAlgorithm != x509.RSA {
				t.Errorf("%s: an RSA client gets %s", c.fault, sent[0].PublicKeyAlgorithm)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.fault, diff)
		}
	}
}

// TestDefaultSite: what tells a default site from a site with a wrong certificate is the answer to a name nobody has.
func TestDefaultSite(t *testing.T) {
	for fault, want := range map[string][]string{
		"default-site-cert": {"default.example.net", "default.example.net", "default.example.net"},
		"wrong-name":        {"www.example.org", "www.example.org", "default.example.net"},
	} {
		addr := serve(t, made(t, site(), fault))
		var got []string
		for _, sni := range []string{"localhost", "", "nobody.example.com"} {
			sent, _, err := shake(t, addr, &tls.Config{ServerName: sni})
			if err != nil || len(sent) != 2 {
				t.Fatalf("%s, SNI %q: %d certificates, %v", fault, sni, len(sent), err)
			}
			got = append(got, sent[0].Subject.CommonName)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", fault, diff)
		}
	}
}

// TestOrderOfVariants: two faults choose by the hello, and which of them was named first must not matter. A connection that
// asks for an unknown name is not counted.
func TestOrderOfVariants(t *testing.T) {
	for _, faults := range [][]string{{"wrong-name", "inconsistent-chain"}, {"inconsistent-chain", "wrong-name"}} {
		addr := serve(t, made(t, site(), faults...))
		var got [][]string
		for _, sni := range []string{"localhost", "nobody.example.com", "localhost"} {
			sent, _, err := shake(t, addr, &tls.Config{ServerName: sni})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, names(sent))
		}
		want := [][]string{{"www.example.org", mid}, {"default.example.net", mid}, {"www.example.org"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", faults, diff)
		}
	}
}
