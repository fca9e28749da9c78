package pki_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// now is the moment of every test: the verdicts do not depend on the day they are reached.
var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// hang bounds every wait; nothing that passes comes near it.
const hang = 10 * time.Second

// site has no server behind its base URL: these certificates are read, not fetched.
func site() pki.Site {
	return pki.Site{
		Hosts: []string{"localhost"}, IPs: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		Now: now, BaseURL: "http://127.0.0.1:1",
	}
}

func made(t *testing.T, s pki.Site, faults ...string) *pki.Material {
	t.Helper()
	m, err := pki.Make(s, faults...)
	if err != nil {
		t.Fatalf("Make(%q): %v", faults, err)
	}
	return m
}

// host is the name by which a client addresses the material.
func host(m *pki.Material) string {
	if m.Host != "" {
		return m.Host
	}
	return "localhost"
}

// list is what a modern client is sent, byte for byte.
func list(t *testing.T, m *pki.Material) [][]byte {
	t.Helper()
	pair, err := m.TLS.GetCertificate(&tls.ClientHelloInfo{
		ServerName:        host(m),
		SupportedVersions: []uint16{tls.VersionTLS13},
		SignatureSchemes:  []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
	})
	if err != nil {
		t.Fatal(err)
	}
	return pair.Certificate
}

// parsed drops the entries that are no certificates.
func parsed(ders [][]byte) []*x509.Certificate {
	var certs []*x509.Certificate
	for _, der := range ders {
		if c, err := x509.ParseCertificate(der); err == nil {
			certs = append(certs, c)
		}
	}
	return certs
}

func names(certs []*x509.Certificate) []string {
	var list []string
	for _, c := range certs {
		list = append(list, c.Subject.CommonName)
	}
	return list
}

func pool(certs ...*x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range certs {
		p.AddCert(c)
	}
	return p
}

// serve listens on loopback until the test ends.
func serve(t *testing.T, m *pki.Material) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answer(m, conn)
		}
	}()
	return l.Addr().String()
}

// answer shakes hands and waits for the client to leave.
func answer(m *pki.Material, conn net.Conn) {
	if m.Raw != nil {
		m.Raw(conn)
		return
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(hang))
	server := tls.Server(conn, m.TLS)
	if server.Handshake() == nil {
		server.Read(make([]byte, 1))
	}
}

// shake completes a handshake without judging it, and reads once for an alert that comes after. It returns what was sent
// even when the handshake fails.
func shake(t *testing.T, addr string, config *tls.Config) ([]*x509.Certificate, tls.ConnectionState, error) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, hang)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(hang))
	if config == nil {
		config = &tls.Config{ServerName: "localhost"}
	}
	var sent []*x509.Certificate
	config.InsecureSkipVerify = true
	config.VerifyPeerCertificate = func(raw [][]byte, _ [][]*x509.Certificate) error {
		sent = parsed(raw)
		return nil
	}
	client := tls.Client(conn, config)
	err = client.Handshake()
	return sent, client.ConnectionState(), err
}
