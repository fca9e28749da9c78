package fakehalo

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// anyPort is where everything listens that was not given an address.
const anyPort = "127.0.0.1:0"

func defaultAddr(addr string) string {
	if addr == "" {
		return anyPort
	}
	return addr
}

// address is a site that is being served.
type address struct {
	url   string
	port  string
	roots []*x509.Certificate
}

// site serves the instance, or its authorisation host, with these certificate faults.
func (s *Server) site(addr string, certs []string, auth bool) (address, error) {
	listeners, port, err := listenDualStack(addr)
	if err != nil {
		return address{}, err
	}
	name := s.name(addr)
	if i := s.live(); i.closed && !auth || i.authClosed && auth {
		return address{url: "https://" + net.JoinHostPort(name, port), port: port}, s.reservePorts(listeners)
	}
	handler := s.handler(auth)
	if s.options.PlainHTTP {
		s.serve(&http.Server{Handler: handler, ConnContext: rememberConn}, listeners, false)
		return address{url: "http://" + net.JoinHostPort(name, port), port: port}, nil
	}
	lists, base, err := s.startPKIServer()
	if err != nil {
		closeAll(listeners)
		return address{}, err
	}
	site := pki.Site{Hosts: []string{"localhost"}, IPs: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, Now: s.clock(), BaseURL: base}
	if ip := net.ParseIP(name); ip != nil {
		site.IPs = append(site.IPs, ip)
	} else if name != "localhost" {
		site.Hosts = []string{name, "localhost"}
	}
	material, err := pki.Make(site, certs...)
	if err != nil {
		closeAll(listeners)
		return address{}, err
	}
	lists.set(material.HTTP)
	host := name
	if material.Host != "" {
		host = material.Host
		if net.ParseIP(host) == nil && host != name {
			s.Resolve = append(s.Resolve, fmt.Sprintf("%s:%s:127.0.0.1", host, port))
		}
	}
	if material.Raw != nil {
		s.serveRaw(material.Raw, listeners)
	} else {
		if !auth && material.TLS.GetCertificate != nil {
			s.sendChain(material.TLS, material.Chain[0].Raw)
		}
		server := &http.Server{Handler: handler, TLSConfig: material.TLS, ConnContext: rememberConn}
		if s.live().tape.breaks() || material.TLS.CipherSuites != nil { // HTTP/2 forbids old suites: RFC 9113 §9.2.2
			server.Protocols = new(http.Protocols)
			server.Protocols.SetHTTP1(true)
		}
		s.serve(server, listeners, true)
	}
	return address{url: "https://" + net.JoinHostPort(strings.Trim(host, "[]"), port), port: port, roots: material.Roots}, nil
}

// name is what clients call a site that listens on addr: what was asked for, or an address that localhost is not, or
// localhost.
func (s *Server) name(addr string) string {
	host, _, _ := net.SplitHostPort(addr) // it is being listened on
	ip := net.ParseIP(host)
	switch {
	case s.options.Host != "":
		return s.options.Host
	case ip == nil || ip.IsUnspecified() || ip.Equal(net.IPv4(127, 0, 0, 1)) || ip.Equal(net.IPv6loopback):
		return "localhost"
	}
	return host
}

// listen says in words why an address cannot be listened on.
func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use by another process", addr)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("this machine has no address for %s", addr)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen on %s", addr)
	}
	return l, err
}

// listenDualStack listens on addr and, for 127.0.0.1, on the same port of ::1, since localhost is both on many machines. A free port
// whose other half is taken is given back for another one; a machine without IPv6 is served without it.
func listenDualStack(addr string) (listeners []net.Listener, port string, err error) {
	host, wanted, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, "", err
	}
	for range 20 {
		four, err := listen(addr)
		if err != nil {
			return nil, "", err
		}
		_, port, _ = net.SplitHostPort(four.Addr().String()) // made by the listener
		if host != "127.0.0.1" {
			return []net.Listener{four}, port, nil
		}
		six, err := net.Listen("tcp", "[::1]:"+port)
		if err == nil {
			return []net.Listener{four, six}, port, nil
		}
		if !portInUse(port) {
			return []net.Listener{four}, port, nil
		}
		_ = four.Close()
		if wanted != "0" {
			return nil, "", fmt.Errorf("[::1]:%s is in use by another process, which clients of localhost would reach", port)
		}
	}
	return nil, "", errors.New("no port is free on both 127.0.0.1 and ::1")
}

// portInUse tells whether another process answers on ::1, which clients of localhost would then reach.
func portInUse(port string) bool {
	c, err := net.DialTimeout("tcp", "[::1]:"+port, time.Second)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// reservePorts closes the listeners but keeps their ports reserved while the server runs: a connection
// that leaves from a port occupies it, and what arrives there is refused.
func (s *Server) reservePorts(listeners []net.Listener) error {
	for _, l := range listeners {
		home := anyPort
		if l.Addr().(*net.TCPAddr).IP.To4() == nil {
			home = "[::1]:0"
		}
		anchor, err := net.Listen("tcp", home)
		if err != nil {
			return err
		}
		s.onClose(func() { _ = anchor.Close() })
		_ = l.Close()
		c, err := (&net.Dialer{LocalAddr: l.Addr()}).Dial("tcp", anchor.Addr().String())
		if err != nil {
			return err
		}
		s.onClose(func() { _ = c.Close() })
	}
	return nil
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close()
	}
}

// discardLog drops the errors of handshakes, which fail on purpose.
var discardLog = log.New(io.Discard, "", 0)

// connKey is where a request's context holds its connection.
type connKey struct{}

// rememberConn lets a fault cut the connection off, whichever version of HTTP is spoken on it.
func rememberConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// serve answers on the listeners until Close.
func (s *Server) serve(server *http.Server, listeners []net.Listener, secure bool) {
	server.ReadHeaderTimeout, server.ErrorLog = time.Minute, discardLog
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
		closeAll(listeners)
	})
}

// serveRaw hands every connection to something that is not HTTP.
func (s *Server) serveRaw(raw func(net.Conn), listeners []net.Listener) {
	var mu sync.Mutex
	open, closed := map[net.Conn]bool{}, false
	handle := func(c net.Conn) {
		defer c.Close()
		mu.Lock()
		open[c] = true
		late := closed
		mu.Unlock()
		if !late {
			raw(c)
		}
		mu.Lock()
		delete(open, c)
		mu.Unlock()
	}
	for _, l := range listeners {
		s.wait.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				s.wait.Go(func() { handle(c) })
			}
		})
	}
	s.onClose(func() {
		closeAll(listeners)
		mu.Lock()
		defer mu.Unlock()
		closed = true
		for c := range open {
			_ = c.Close()
		}
	})
}

// deferredHandler is a handler that is known only once the certificates are made.
type deferredHandler struct {
	mu sync.Mutex
	h  http.Handler
}

func (l *deferredHandler) set(h http.Handler) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.h = h
}

func (l *deferredHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	h := l.h
	l.mu.Unlock()
	if h == nil {
		http.NotFound(w, r)
		return
	}
	h.ServeHTTP(w, r)
}

// startPKIServer is the plain listener for issuers' certificates, OCSP and revocation lists.
func (s *Server) startPKIServer() (*deferredHandler, string, error) {
	l, err := net.Listen("tcp", anyPort)
	if err != nil {
		return nil, "", err
	}
	h := &deferredHandler{}
	s.serve(&http.Server{Handler: h}, []net.Listener{l}, false)
	return h, "http://" + l.Addr().String(), nil
}
