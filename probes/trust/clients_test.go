package trust_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// sServer serves the material with openssl s_server, which has what crypto/tls lacks.
func sServer(t *testing.T, m *pki.Material, args ...string) site {
	t.Helper()
	command, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: nothing here speaks what crypto/tls lacks")
	}
	pair, err := m.TLS.GetCertificate(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	var leaf, chain bytes.Buffer
	write(t, &leaf, pair.Certificate[0])
	if err := pem.Encode(&leaf, &pem.Block{Type: "PRIVATE KEY", Bytes: key}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := keep(t, dir, "leaf", leaf)
	args = append([]string{"s_server", "-accept", "127.0.0.1:0", "-cert", file, "-key", file, "-www"}, args...)
	for _, der := range pair.Certificate[1:] {
		write(t, &chain, der)
	}
	if chain.Len() > 0 {
		args = append(args, "-cert_chain", keep(t, dir, "chain", chain))
	}
	cmd := exec.CommandContext(t.Context(), command, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	ready := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if at, ok := strings.CutPrefix(lines.Text(), "ACCEPT "); ok {
				ready <- at
			}
		}
	}()
	select {
	case at := <-ready:
		_, port, _ := net.SplitHostPort(at)
		return site{material: m, host: labHost, port: port}
	case <-time.After(plenty):
		t.Fatal("openssl s_server does not say where it listens")
		return site{}
	}
}

// rsaSite is a site with an RSA key and further flaws.
func rsaSite(t *testing.T, faults ...string) *pki.Material {
	t.Helper()
	m, err := pki.Make(pki.Site{Hosts: []string{labHost}, BaseURL: "http://127.0.0.1:1"}, append(faults, "weak-cipher")...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestOldSuites passes servers of the suites that ordinary clients complete and says that the suite is old. Where only this
// program lacks them, as OpenSSL serves them, the handshake is unknown and the chain is judged.
func TestOldSuites(t *testing.T) {
	weak := []string{"trust.tidy fail weak_cipher"}
	foreign := append([]string{"trust.handshake unknown not_observed"}, weak...)
	for _, suite := range []string{"ECDHE-RSA-AES256-SHA384", "DHE-RSA-AES128-GCM-SHA256", "AES256-SHA256"} {
		s := sServer(t, rsaSite(t), "-tls1_2", "-cipher", suite)
		if diff := cmp.Diff(foreign, flaws(look(t, s.session(t, "off"), plenty))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", suite, diff)
		}
	}
	for _, suite := range []uint16{tls.TLS_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256} {
		m := rsaSite(t)
		m.TLS.CipherSuites = []uint16{suite}
		if diff := cmp.Diff(weak, flaws(look(t, open(t, m).session(t, "off"), plenty))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tls.CipherSuiteName(suite), diff)
		}
	}
	m := rsaSite(t)
	m.TLS.CipherSuites = []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}
	if diff := cmp.Diff([]string{"trust.handshake fail tls_error"}, flaws(look(t, open(t, m).session(t, "off"), plenty))); diff != "" {
		t.Errorf("3DES, which clients refuse: -want +got:\n%s", diff)
	}
}

// TestForeignSuiteShowsItsChain judges the chain of a server whose suites this program lacks.
func TestForeignSuiteShowsItsChain(t *testing.T) {
	for fault, want := range map[string]string{"missing-intermediate": "trust.chain fail unknown_issuer", "expired": "trust.in-date fail expired", "wrong-name": "trust.name fail name_mismatch"} {
		s := sServer(t, rsaSite(t, fault), "-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA384")
		found := look(t, s.session(t, "off"), plenty)
		if diff := cmp.Diff([]string{"trust.handshake unknown not_observed", want, "trust.tidy fail weak_cipher"}, flaws(found)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", fault, diff)
		}
		if f := found["trust.handshake"]; !strings.Contains(f.Because, "this program lacks") || f.Remedy == nil {
			t.Errorf("%s: %s", f.Because, f.Remedy)
		}
	}
}

// TestClientCertificateHidesNothing judges the chain of a server that demands a client certificate, whatever the version
// of TLS: crypto/tls's own and OpenSSL's.
func TestClientCertificateHidesNothing(t *testing.T) {
	for fault, want := range map[string]string{"missing-intermediate": "trust.chain fail unknown_issuer", "expired": "trust.in-date fail expired", "extra-certs": "trust.tidy fail extra_certs"} {
		both := []string{"trust.handshake fail client_cert_required", want}
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			m, err := pki.Make(pki.Site{Hosts: []string{labHost}, BaseURL: "http://127.0.0.1:1"}, fault, "client-cert-required")
			if err != nil {
				t.Fatal(err)
			}
			m.TLS.MaxVersion = version
			found := look(t, open(t, m).session(t, "off"), plenty)
			if diff := cmp.Diff(both, flaws(found)); diff != "" {
				t.Errorf("%s, %s: -want +got:\n%s", fault, tls.VersionName(version), diff)
			}
			option := map[uint16]string{tls.VersionTLS12: "-tls1_2", tls.VersionTLS13: "-tls1_3"}[version]
			if diff := cmp.Diff(both, flaws(look(t, sServer(t, m, option, "-Verify", "1", "-verify_return_error").session(t, "off"), plenty))); diff != "" {
				t.Errorf("%s, OpenSSL, %s: -want +got:\n%s", fault, tls.VersionName(version), diff)
			}
		}
	}
}
