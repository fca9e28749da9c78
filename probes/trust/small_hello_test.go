package trust_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo/pki"
	"github.com/halocheck/halocheck/probes"
)

// TestLargeHelloIsReset looks through a box that resets every hello of more than 600 bytes: the handshake holds, with the
// smaller hello, and that is told.
func TestLargeHelloIsReset(t *testing.T) {
	m, err := pki.Make(pki.Site{Hosts: []string{labHost}})
	if err != nil {
		t.Fatal(err)
	}
	smallHellosAlone(m)
	found := look(t, open(t, m).session(t, "off"), plenty)
	if got := flaws(found); got != nil {
		t.Errorf("flaws: %q", got)
	}
	if f := found["trust.handshake"]; !strings.Contains(f.Because, "a smaller hello gets through") {
		t.Errorf("%s %s: %s", f.Status, f.Cause, f.Because)
	}
	if f := found["trust.consistent"]; strings.Contains(f.Because, "TLS 1.3") || !strings.Contains(f.Because, "(TLS 1.2, 127.0.0.1; ") {
		t.Errorf("later hellos are not small: %s", f.Because)
	}
}

// smallHellosAlone puts a box before a server that resets a connection whose hello has more than 600 bytes.
func smallHellosAlone(m *pki.Material) {
	config := m.TLS.Clone()
	m.TLS, m.Raw = nil, func(conn net.Conn) {
		defer conn.Close()
		head := make([]byte, 5)
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		if int(head[3])<<8|int(head[4]) > 600 {
			_ = conn.(*net.TCPConn).SetLinger(0)
			return
		}
		c := tls.Server(&resumed{conn, io.MultiReader(bytes.NewReader(head), conn)}, config)
		if c.Handshake() == nil {
			_, _ = io.Copy(io.Discard, c)
		}
	}
}

// TestClientCertificateByPage fails where the handshake completes and every request is turned down for the lack of a
// client certificate, as nginx does, and passes where a page is turned down for another reason.
func TestClientCertificateByPage(t *testing.T) {
	for page, want := range map[string]probes.Cause{
		"<title>400 No required SSL certificate was sent</title>": probes.ClientCertRequired,
		"<title>400 Bad Request</title>":                          probes.OK,
	} {
		m, err := pki.Make(pki.Site{Hosts: []string{labHost}})
		if err != nil {
			t.Fatal(err)
		}
		config := m.TLS.Clone()
		config.ClientAuth, config.NextProtos = tls.RequestClientCert, []string{"http/1.1"}
		l := listen(t)
		start(t, tls.NewListener(l, config), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, page)
		}))
		s := site{material: m, host: labHost}
		_, s.port, _ = net.SplitHostPort(l.Addr().String())
		if f := look(t, s.session(t, "off"), plenty)["trust.handshake"]; f.Cause != want {
			t.Errorf("%s: %s %s: %s", page, f.Status, f.Cause, f.Because)
		}
	}
}

// resumed is a connection some of which was read already.
type resumed struct {
	net.Conn
	all io.Reader
}

func (r *resumed) Read(b []byte) (int, error) { return r.all.Read(b) }

// TestWeakSuitesOnly names the cipher suite of a server that agrees on none that clients accept.
func TestWeakSuitesOnly(t *testing.T) {
	m, err := pki.Make(pki.Site{Hosts: []string{labHost}})
	if err != nil {
		t.Fatal(err)
	}
	m.TLS.MaxVersion, m.TLS.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA}
	f := look(t, open(t, m).session(t, "off"), plenty)["trust.handshake"]
	if f.Status != probes.Failed || f.Cause != probes.TLSError || !strings.Contains(f.Because, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA") {
		t.Errorf("%s %s: %s", f.Status, f.Cause, f.Because)
	}
}

// TestOptionalClientCertificate passes where the server asks for one and works without, and tells it.
func TestOptionalClientCertificate(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		m, err := pki.Make(pki.Site{Hosts: []string{labHost}})
		if err != nil {
			t.Fatal(err)
		}
		m.TLS.MaxVersion, m.TLS.ClientAuth = version, tls.RequestClientCert
		f := look(t, open(t, m).session(t, "off"), plenty)["trust.handshake"]
		if f.Status != probes.Passed || !strings.Contains(f.Because, "works without one") {
			t.Errorf("%s: %s %s: %s", tls.VersionName(version), f.Status, f.Cause, f.Because)
		}
	}
}

// TestForcedClientCertificate is told alike in both versions: under TLS 1.2 the handshake breaks, under 1.3 what follows it.
func TestForcedClientCertificate(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		m, err := pki.Make(pki.Site{Hosts: []string{labHost}})
		if err != nil {
			t.Fatal(err)
		}
		m.TLS.MaxVersion, m.TLS.ClientAuth = version, tls.RequireAnyClientCert
		f := look(t, open(t, m).session(t, "off"), plenty)["trust.handshake"]
		if f.Status != probes.Failed || f.Cause != probes.ClientCertRequired {
			t.Errorf("%s: %s %s: %s", tls.VersionName(version), f.Status, f.Cause, f.Because)
		}
	}
}

// TestPostQuantumAlone passes a server that shakes hands over the post-quantum key exchange alone: the further looks that
// leave it out are turned down with an alert, and made again with it.
func TestPostQuantumAlone(t *testing.T) {
	m, err := pki.Make(pki.Site{Hosts: []string{labHost}})
	if err != nil {
		t.Fatal(err)
	}
	m.TLS.MinVersion, m.TLS.CurvePreferences = tls.VersionTLS13, []tls.CurveID{tls.X25519MLKEM768}
	found := look(t, open(t, m).session(t, "off"), plenty)
	if got := flaws(found); got != nil {
		t.Errorf("flaws: %q", got)
	}
	if f := found["trust.consistent"]; !strings.HasPrefix(f.Because, "5 further connections") {
		t.Errorf("%s: %s", f.Status, f.Because)
	}
}

// TestHandshakeHints tells of a failed handshake what its cause alone does not, with a remedy of its own.
func TestHandshakeHints(t *testing.T) {
	say := func(text string) *pki.Material {
		return &pki.Material{Raw: func(conn net.Conn) {
			defer conn.Close()
			head := make([]byte, 5)
			if _, err := io.ReadFull(conn, head); err == nil {
				_, _ = io.CopyN(io.Discard, conn, int64(head[3])<<8|int64(head[4]))
			}
			_, _ = io.WriteString(conn, text)
		}}
	}
	for name, c := range map[string]struct {
		sent, says, do string
		cause          probes.Cause
	}{
		"a PROXY header":          {"PROXY TCP4 192.0.2.1 192.0.2.2 50000 443\r\n", "a header of the PROXY protocol; it is meant for a server", "PROXY protocol on or off", probes.NotTLS},
		"its second version":      {"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c", "a header of the PROXY protocol", "PROXY protocol on or off", probes.NotTLS},
		"no such name":            {"\x15\x03\x03\x00\x02\x02\x70", `"unrecognized name": it has no site of that name`, "a site with a certificate for this host name", probes.TLSAlert},
		"no such version":         {"\x15\x03\x03\x00\x02\x02\x46", "PROXY protocol", "Switch on TLS 1.2 and 1.3", probes.TLSAlert},
		"closed without a word":   {"", "waits for the PROXY protocol", "Bind a certificate to this port", probes.ConnectionClosed},
		"an alert without a hint": {"\x15\x03\x03\x00\x02\x02\x50", "internal error", "Serve TLS 1.2 or 1.3", probes.TLSAlert},
	} {
		f := look(t, open(t, say(c.sent)).session(t, "off"), plenty)["trust.handshake"]
		if f.Cause != c.cause || !strings.Contains(f.Because, c.says) || f.Remedy == nil || !strings.Contains(f.Remedy.Do, c.do) {
			t.Errorf("%s: %s: %s; %+v", name, f.Cause, f.Because, f.Remedy)
		}
	}
}
