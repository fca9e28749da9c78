package selfproof_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/fakehalo/pki"
	"github.com/halocheck/halocheck/probes"
)

// thief is a second server that keeps whatever it is given.
type thief struct {
	*httptest.Server
	material  *pki.Material
	connected atomic.Int64 // TCP connections

	mu    sync.Mutex
	taken []string // requests as they came: method, address, headers, body
}

// newThief listens until the spec ends, with a certificate for a host that is flawed by faults, or without TLS where the
// host is empty. It answers with answer, or with an empty page where that is nil.
func newThief(host string, answer http.HandlerFunc, faults ...string) *thief {
	GinkgoHelper()
	t := &thief{}
	t.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		whole, _ := httputil.DumpRequest(r, true) // a body that breaks off is still a request
		t.mu.Lock()
		t.taken = append(t.taken, string(whole))
		t.mu.Unlock()
		if answer != nil {
			answer(w, r)
		}
	}))
	t.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			t.connected.Add(1)
		}
	}
	DeferCleanup(func() { t.CloseClientConnections(); t.Close() })
	if host == "" {
		t.Start()
		return t
	}
	site := pki.Site{Hosts: []string{host}}
	if ip := net.ParseIP(host); ip != nil {
		site = pki.Site{IPs: []net.IP{ip}}
	}
	var err error
	t.material, err = pki.Make(site, faults...)
	Expect(err).NotTo(HaveOccurred())
	t.TLS = t.material.TLS.Clone()
	// A client that asks for an address sends no name, and would be given httptest's own certificate.
	first, err := t.TLS.GetCertificate(&tls.ClientHelloInfo{SupportedVersions: []uint16{tls.VersionTLS13}})
	Expect(err).NotTo(HaveOccurred())
	t.TLS.Certificates = []tls.Certificate{*first}
	t.StartTLS()
	return t
}

// requests are what it was asked, decrypted.
func (t *thief) requests() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.taken)
}

// gotNothing demands that nobody even connected.
func (t *thief) gotNothing() {
	GinkgoHelper()
	Expect(t.requests()).To(BeEmpty())
	Expect(t.connected.Load()).To(BeZero(), "connections")
}

// gotNoSecret demands that whatever it was asked is anonymous.
func (t *thief) gotNoSecret(s *probes.Session) {
	GinkgoHelper()
	all := strings.Join(t.requests(), "\n")
	Expect(all).NotTo(ContainSubstring("client_secret"))
	Expect(all).NotTo(ContainSubstring("Authorization"))
	for _, secret := range []string{s.Credentials.Secret.Reveal(), s.Credentials.ID.Reveal(), s.Admin.Secret.Reveal()} {
		Expect(all).NotTo(ContainSubstring(secret))
	}
}

// honest is a healthy instance behind a proxy that closes every connection after one answer, so that each request has to
// find its server anew. answer may answer in its place, and says whether it did.
func honest(host string, answer func(http.ResponseWriter, *http.Request) bool) (*fakehalo.Server, *thief) {
	GinkgoHelper()
	fake := start()
	inside, err := url.Parse(fake.URL)
	Expect(err).NotTo(HaveOccurred())
	proxy := httputil.NewSingleHostReverseProxy(inside)
	proxy.Transport = fake.Client().Transport
	front := newThief(host, func(w http.ResponseWriter, r *http.Request) {
		if answer == nil || !answer(w, r) {
			proxy.ServeHTTP(w, r)
		}
	})
	front.Config.SetKeepAlivesEnabled(false)
	return fake, front
}

// sessionAt is a session for a front: typed is the Authorisation Server's URL, or empty where the instance has to name it.
func sessionAt(fake *fakehalo.Server, front *thief, host, typed string) *probes.Session {
	GinkgoHelper()
	s := session(fake)
	_, port, err := net.SplitHostPort(front.Listener.Addr().String())
	Expect(err).NotTo(HaveOccurred())
	s.Target.Resource = &url.URL{Scheme: "https", Host: net.JoinHostPort(host, port)}
	s.Target.AuthURL, s.Target.AuthTyped = typed, typed != ""
	s.Vantages = nil
	trusts(s, front)
	return s
}

// at is a front's own Authorisation Server.
func at(front *thief, host string) string {
	_, port, _ := net.SplitHostPort(front.Listener.Addr().String()) // made by the listener
	return "https://" + net.JoinHostPort(host, port) + "/auth/"
}

// trusts makes the session trust a server's roots.
func trusts(s *probes.Session, t *thief) {
	for _, root := range t.material.Roots {
		s.Net.Roots.Pool.AddCert(root)
		s.Net.Roots.Certs = append(s.Net.Roots.Certs, root)
	}
}

// swap sends every new connection to a thief from the moment that a request of the kind that it waits for is about to be
// sent: what stood at the address when it was judged is gone.
func swap(s *probes.Session, to *thief, when func(*http.Request) bool) {
	var gone atomic.Bool
	s.Net.OnRequest = func(r *http.Request) {
		if when(r) {
			gone.Store(true)
		}
	}
	s.Net.Dialer = dialer(func(network, address string) (net.Conn, error) {
		if gone.Load() {
			address = to.Listener.Addr().String()
		}
		return net.Dial(network, address)
	})
}

// carriesSecret tells the token request, and carriesToken a call with a token.
func carriesSecret(r *http.Request) bool { return r.Method == http.MethodPost && r.ContentLength > 0 }
func carriesToken(r *http.Request) bool  { return r.Header.Get("Authorization") != "" }

// connectProxy is a proxy that ends the TLS of whatever is tunnelled through it, with a certificate that it made itself.
func connectProxy() (proxyURL string, t *thief) {
	GinkgoHelper()
	t = newThief("localhost", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	proxy := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		inside, err := net.Dial("tcp", t.Listener.Addr().String())
		if err != nil {
			return
		}
		outside, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			_ = inside.Close()
			return
		}
		_, _ = io.WriteString(outside, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(inside, outside); _ = inside.Close() }()
		_, _ = io.Copy(outside, inside)
		_ = outside.Close()
	})}
	go func() { _ = proxy.Serve(listener) }()
	DeferCleanup(proxy.Close)
	return "http://" + listener.Addr().String(), t
}

// pemOf writes a server's roots for a command.
func pemOf(t *thief) string {
	GinkgoHelper()
	var text bytes.Buffer
	for _, root := range t.material.Roots {
		Expect(pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: root.Raw})).To(Succeed())
	}
	file := filepath.Join(GinkgoT().TempDir(), "ca.pem")
	Expect(os.WriteFile(file, text.Bytes(), 0o600)).To(Succeed())
	return file
}

// dialer is a function that dials.
type dialer func(network, address string) (net.Conn, error)

// DialContext makes it a [wire.Dialer].
func (d dialer) DialContext(_ context.Context, network, address string) (net.Conn, error) {
	return d(network, address)
}
