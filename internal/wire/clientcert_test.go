package wire

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestPostHandshakeAuthentication asks over TLS 1.2 again where a path wants a client certificate after a TLS 1.3
// handshake, as Apache says it: ordinary clients get through there.
func TestPostHandshakeAuthentication(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if w.Header().Set("Content-Type", "text/html"); r.TLS.Version == tls.VersionTLS13 {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "<html><title>403 Forbidden</title><p>Reason: Cannot perform Post-Handshake Authentication.<br />")
			return
		}
		_, _ = io.WriteString(w, "{}")
	}))
	server.StartTLS()
	defer server.Close()
	n := loopback(t)
	defer n.Close()
	page, err := n.Once(t.Context(), Request{Method: http.MethodGet, URL: server.URL + "/api"})
	if err != nil || page.Status != http.StatusOK {
		t.Errorf("status %d, %v", page.Status, err)
	}

	modern := httptest.NewUnstartedServer(server.Config.Handler)
	var hellos atomic.Int64
	modern.TLS = &tls.Config{MinVersion: tls.VersionTLS13, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { hellos.Add(1); return nil, nil }}
	modern.StartTLS()
	defer modern.Close()
	for range 3 {
		page, err := n.Once(t.Context(), Request{Method: http.MethodGet, URL: modern.URL + "/api"})
		if err != nil || page.Status != http.StatusForbidden || !page.AsksAfterHandshake() {
			t.Errorf("over TLS 1.3 alone: status %d, %v", page.Status, err)
		}
	}
	if hellos.Load() != 2 {
		t.Errorf("over TLS 1.3 alone: %d handshakes, want the request's and one of TLS 1.2", hellos.Load())
	}
}

// TestClientCertificatePages knows the pages of servers that demand a client certificate, in their own words.
func TestClientCertificatePages(t *testing.T) {
	for body, want := range map[string]bool{
		"<html><title>400 No required SSL certificate was sent</title>": true,
		"<html><h2>403.7 - Forbidden: Zugriff verweigert.</h2>":         true,
		"<!DOCTYPE html><h3>The page you are attempting to access requires your browser to have a Secure Sockets Layer (SSL) client certificate that the Web server recognizes.</h3>": true,
		"<html>Die Seite erfordert ein SSL-Clientzertifikat": true,
		"<html><h2>403 - Forbidden: Access is denied.</h2>":  false,
		`{"error":"client certificate"}`:                     false,
	} {
		if got := (Page{Status: 403, Body: []byte(body)}).WantsClientCert(); got != want {
			t.Errorf("%s: %t", body, got)
		}
	}
	if (Page{Status: 200, Body: []byte("<html>client certificate")}).WantsClientCert() {
		t.Error("a page that was served demands nothing")
	}
}

// TestRenegotiation gets through a server that asks for a client certificate by renegotiation and does without one, and
// tells what it was where the server then ends the connection.
func TestRenegotiation(t *testing.T) {
	for _, answers := range []bool{true, false} {
		address, say, end := renegotiator(t)
		n := loopback(t)
		defer n.Close()
		e, err := ParseEndpoint("https://" + address)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for asked := false; !asked; time.Sleep(time.Millisecond) {
				n.mu.Lock()
				asked = n.clientCerts[e]
				n.mu.Unlock()
			}
			if answers {
				say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
			} else {
				end()
			}
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		page, err := n.Once(ctx, Request{Method: http.MethodGet, URL: "https://" + address + "/api"})
		cancel()
		switch {
		case answers && (err != nil || page.Status != http.StatusOK):
			t.Errorf("optional: status %d, %v", page.Status, err)
		case !answers && Cause(err) != "client_cert_required":
			t.Errorf("required: status %d, %v", page.Status, err)
		}
	}
}

// renegotiator is an openssl s_server that asks for a client certificate by renegotiation once a request has come.
func renegotiator(t *testing.T) (address string, say func(string), end func()) {
	t.Helper()
	command, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: nothing here renegotiates")
	}
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pair := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})...)
	file := filepath.Join(dir, "pair.pem")
	if err := os.WriteFile(file, pair, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), command, "s_server", "-accept", "127.0.0.1:0", "-tls1_2", "-cert", file, "-key", file)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end = func() { _ = cmd.Process.Kill() }
	t.Cleanup(func() { end(); _ = cmd.Wait() })
	ready := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if at, ok := strings.CutPrefix(lines.Text(), "ACCEPT "); ok {
				ready <- at
			}
			if strings.HasPrefix(lines.Text(), "GET ") {
				_, _ = io.WriteString(in, "R\n")
			}
		}
	}()
	select {
	case address = <-ready:
	case <-time.After(20 * time.Second):
		t.Fatal("openssl s_server does not say where it listens")
	}
	return address, func(text string) { _, _ = io.WriteString(in, text) }, end
}

// loopback is a way to this machine.
func loopback(t *testing.T) *Net {
	t.Helper()
	roots, err := NewRoots(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Net{Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: roots, Now: time.Now, UserAgent: "halocheck-test", Pinned: map[string][]netip.Addr{}}
}
