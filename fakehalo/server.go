package fakehalo

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// Credentials are what somebody types into an integration. Faults such as wrong-secret change these, not the server.
type Credentials struct {
	ClientID, ClientSecret string
	Tenant                 string
	AuthURL                string // with its closing slash; empty for the admin's
}

// Options say how to serve. The zero value is a healthy instance on a free loopback port.
type Options struct {
	Addr      string // host:port to listen on; empty: 127.0.0.1:0
	Faults    []Fault
	PlainHTTP bool             // no TLS, for clients that cannot be given a root
	Rate      int              // requests in Window that are answered; 0: no limit
	Window    time.Duration    // 0: five minutes
	Clock     func() time.Time // nil: time.Now
}

// Server is a running fake. Its exported fields are set by Start and not changed afterwards.
type Server struct {
	URL         string
	AuthURL     string // as authinfo names it
	AdminURL    string // journal, faults, clock and reset; not HaloPSA's protocol
	CAFile      string // PEM, removed by Close
	CAPool      *x509.CertPool
	Credentials Credentials
	Admin       Credentials       // an application with admin rights
	Vantages    map[string]string // guide address to socks5:// URL
	Teams       []string          // what a user would give as the teams that alerts go to
	Stable      string            // what a user would give as the current stable version
	Resolve     []string          // host:port:address for names that DNS does not know

	mu      sync.Mutex
	current atomic.Pointer[instance]
	started []Fault // what Reset goes back to
	extra   []Fault // set while it runs
	journal []Request
	hits    map[string]int
	tokens  map[string]token
	limiter limiter
	clock   func() time.Time
	options Options
	closers []func()
	wait    sync.WaitGroup
}

// Start serves an instance with faults until Close. It panics where it cannot listen on loopback.
func Start(faults ...Fault) *Server {
	s, err := StartWith(Options{Faults: faults})
	if err != nil {
		panic(err)
	}
	return s
}

// StartWith is Start with options. The error says what could not be listened on, or which faults do not go together.
func StartWith(o Options) (*Server, error) {
	s := &Server{options: o, started: slices.Clone(o.Faults), clock: o.Clock, Stable: stable}
	if s.clock == nil {
		s.clock = time.Now
	}
	s.limiter = limiter{most: o.Rate, window: o.Window}
	s.rebuild()
	if err := s.listen(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// rebuild makes the instance anew from the faults in force.
func (s *Server) rebuild() {
	i := healthy()
	for _, f := range slices.Concat(s.started, s.extra) {
		f.apply(i)
	}
	s.current.Store(i)
	s.hits, s.tokens = map[string]int{}, map[string]token{}
	if s.URL != "" {
		s.publish()
	}
}

// live is the instance as it is now.
func (s *Server) live() *instance { return s.current.Load() }

// Close stops serving and removes the CA file. It may be called more than once.
func (s *Server) Close() {
	for _, c := range slices.Backward(s.closers) {
		c()
	}
	s.closers = nil
	s.wait.Wait()
}

func (s *Server) onClose(f func()) { s.closers = append(s.closers, f) }

// listen opens every listener and fills in what a client has to know.
func (s *Server) listen() error {
	addr := s.options.Addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	i := s.live()
	main, err := s.site(addr, i.certs, false)
	if err != nil {
		return err
	}
	s.URL = main.url
	roots := main.roots
	if i.nowhere {
		s.URL = "https://acme.halopsa.invalid"
	}
	s.AuthURL = main.url
	if i.otherKin {
		other, err := s.site("127.0.0.1:0", i.authCert, true)
		if err != nil {
			return err
		}
		s.AuthURL = other.url
		roots = append(roots, other.roots...)
	}
	if err := s.writeRoots(roots); err != nil {
		return err
	}
	if err := s.openVantages(main.port); err != nil {
		return err
	}
	s.publish()
	return s.listenAdmin()
}

// publish fills in what a client is told, from the instance as it is now.
func (s *Server) publish() {
	i := s.live()
	base := strings.TrimSuffix(s.AuthURL, "/")
	base = strings.TrimSuffix(base, "/auth") + i.authBase
	s.AuthURL = base
	if i.dialect["auth-url-slash"] == "yes" {
		s.AuthURL += "/"
	}
	s.Credentials, s.Admin, s.Teams = i.typed, i.admin, i.wanted
	typed := i.typed.AuthURL
	switch {
	case typed == "":
		typed = base + "/"
	default:
		insecure := strings.HasPrefix(typed, "http:")
		bare := strings.HasSuffix(typed, noSlash)
		typed = strings.TrimSuffix(strings.TrimPrefix(typed, "http:"), noSlash)
		typed = strings.NewReplacer(authPlaceholder, base+"/", rootPlaceholder, s.URL+"/").Replace(typed)
		if insecure {
			typed = "http" + strings.TrimPrefix(typed, "https")
		}
		if bare {
			typed = strings.TrimSuffix(typed, "/")
		}
	}
	s.Credentials.AuthURL = typed
	s.Admin.Tenant = i.tenant
}

// address is a site that is being served.
type address struct {
	url   string
	port  string
	roots []*x509.Certificate
}

// site serves the instance, or its authorisation host, with these certificate faults.
func (s *Server) site(addr string, certs []string, auth bool) (address, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return address{}, err
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	if s.live().closed && !auth {
		_ = listener.Close()
		return address{url: "https://localhost:" + port, port: port}, nil
	}
	listeners := []net.Listener{listener}
	if host, _, _ := net.SplitHostPort(addr); host == "127.0.0.1" {
		// localhost is both on many machines; without IPv6 there is nothing to listen on, and nobody asks there.
		if six, err := net.Listen("tcp", "[::1]:"+port); err == nil {
			listeners = append(listeners, six)
		}
	}
	handler := s.handler(auth)
	if s.options.PlainHTTP {
		s.serve(&http.Server{Handler: handler, ReadHeaderTimeout: time.Minute, ErrorLog: quiet}, listeners, false)
		return address{url: "http://localhost:" + port, port: port}, nil
	}
	lists, base, err := s.publications()
	if err != nil {
		return address{}, err
	}
	site := pki.Site{Hosts: []string{"localhost"}, IPs: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, Now: s.clock(), BaseURL: base}
	material, err := pki.Make(site, certs...)
	if err != nil {
		for _, l := range listeners {
			_ = l.Close()
		}
		return address{}, err
	}
	lists.set(material.HTTP)
	host := "localhost"
	if material.Host != "" {
		host = material.Host
		if net.ParseIP(host) == nil && host != "localhost" {
			s.Resolve = append(s.Resolve, fmt.Sprintf("%s:%s:127.0.0.1", host, port))
		}
	}
	if material.Raw != nil {
		s.serveRaw(material.Raw, listeners)
	} else {
		s.serve(&http.Server{Handler: handler, TLSConfig: material.TLS, ReadHeaderTimeout: time.Minute, ErrorLog: quiet}, listeners, true)
	}
	return address{url: "https://" + net.JoinHostPort(strings.Trim(host, "[]"), port), port: port, roots: material.Roots}, nil
}

// quiet keeps the noise of broken handshakes, which are the point, off standard error.
var quiet = log.New(io.Discard, "", 0)

func (s *Server) serve(server *http.Server, listeners []net.Listener, secure bool) {
	for _, l := range listeners {
		s.wait.Go(func() {
			if secure {
				_ = server.ServeTLS(l, "", "")
			} else {
				_ = server.Serve(l)
			}
		})
	}
	s.onClose(func() {
		_ = server.Close()
		for _, l := range listeners {
			_ = l.Close()
		}
	})
}

// serveRaw hands every connection to something that is not TLS.
func (s *Server) serveRaw(raw func(net.Conn), listeners []net.Listener) {
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	for _, l := range listeners {
		s.wait.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				mu.Lock()
				open[c] = true
				mu.Unlock()
				s.wait.Go(func() {
					raw(c)
					_ = c.Close()
					mu.Lock()
					delete(open, c)
					mu.Unlock()
				})
			}
		})
	}
	s.onClose(func() {
		for _, l := range listeners {
			_ = l.Close()
		}
		mu.Lock()
		defer mu.Unlock()
		for c := range open {
			_ = c.Close()
		}
	})
}

// later is a handler that is known only once the certificates are made.
type later struct {
	mu sync.Mutex
	h  http.Handler
}

func (l *later) set(h http.Handler) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.h = h
}

func (l *later) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	h := l.h
	l.mu.Unlock()
	if h == nil {
		http.NotFound(w, r)
		return
	}
	h.ServeHTTP(w, r)
}

// publications is the plain listener for issuers' certificates, OCSP and revocation lists.
func (s *Server) publications() (*later, string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	h := &later{}
	s.serve(&http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: quiet}, []net.Listener{l}, false)
	return h, "http://" + l.Addr().String(), nil
}

// writeRoots puts the roots where a client can be pointed to.
func (s *Server) writeRoots(roots []*x509.Certificate) error {
	f, err := os.CreateTemp("", "fakehalo-ca-*.pem")
	if err != nil {
		return err
	}
	s.CAFile, s.CAPool = f.Name(), x509.NewCertPool()
	s.onClose(func() { _ = os.Remove(f.Name()) })
	for _, c := range roots {
		s.CAPool.AddCert(c)
		if err := pem.Encode(f, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}); err != nil {
			return err
		}
	}
	return f.Close()
}

// Client is an HTTP client that trusts the fake, for tests.
func (s *Server) Client() *http.Client {
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: s.CAPool, MinVersion: tls.VersionTLS12},
		DialContext: s.dial,
	}}
}

// dial knows the names that only the fake knows.
func (s *Server) dial(ctx context.Context, network, target string) (net.Conn, error) {
	for _, entry := range s.Resolve {
		if name, ok := strings.CutSuffix(entry, ":127.0.0.1"); ok && name == target {
			_, port, _ := net.SplitHostPort(target)
			target = "127.0.0.1:" + port
		}
	}
	return (&net.Dialer{}).DialContext(ctx, network, target)
}
