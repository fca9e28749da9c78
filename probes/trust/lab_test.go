package trust_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo/pki"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// labHost is the name that the sites of this file are asked for.
const labHost = "halo.example.test"

// site is a server of the chain lab on loopback, with the name, the port and the roots that reach it.
type site struct {
	material *pki.Material
	host     string
	port     string
}

// serve makes a site with the named flaws and serves it until the test ends.
func serve(t *testing.T, faults ...string) site {
	t.Helper()
	side := listen(t)
	m, err := pki.Make(pki.Site{Hosts: []string{labHost}, IPs: []net.IP{net.IPv4(127, 0, 0, 1)}, BaseURL: "http://" + side.Addr().String()}, faults...)
	if err != nil {
		t.Fatalf("the lab refuses %v: %v", faults, err)
	}
	if m.HTTP != nil {
		start(t, side, m.HTTP)
	}
	return open(t, m)
}

// open serves material on a port of its own.
func open(t *testing.T, m *pki.Material) site {
	t.Helper()
	return openOn(t, listen(t), m)
}

// openOn serves material on a listener.
func openOn(t *testing.T, l net.Listener, m *pki.Material) site {
	t.Helper()
	t.Cleanup(func() { _ = l.Close() })
	s := site{material: m, host: labHost}
	if m.Host != "" {
		s.host = m.Host
	}
	_, s.port, _ = net.SplitHostPort(l.Addr().String())
	if m.Raw != nil {
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				t.Cleanup(func() { _ = conn.Close() })
				go m.Raw(conn)
			}
		}()
		return s
	}
	config := m.TLS.Clone()
	config.NextProtos = []string{"http/1.1"}
	start(t, tls.NewListener(l, config), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Server", "Microsoft-IIS/10.0")
	}))
	return s
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func start(t *testing.T, l net.Listener, h http.Handler) {
	t.Helper()
	server := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
}

// session is a session that looks at the site, with the site's roots as --ca-file.
func (s site) session(t *testing.T, aia string) *probes.Session {
	t.Helper()
	roots, err := wire.NewRoots(s.material.Roots)
	if err != nil {
		t.Fatal(err)
	}
	target, err := probes.ParseTarget("https://" + net.JoinHostPort(s.host, s.port))
	if err != nil {
		t.Fatal(err)
	}
	session := &probes.Session{
		Target: probes.Target{Resource: target},
		Net: &wire.Net{
			Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: roots, Now: time.Now, UserAgent: "halocheck-test",
			Pinned: map[string][]netip.Addr{net.JoinHostPort(labHost, s.port): {netip.MustParseAddr("127.0.0.1")}},
		},
		OnPanic: func(where string, what any, stack []byte) { t.Errorf("%s panicked: %v\n%s", where, what, stack) },
	}
	if session.Net.Pinned[net.JoinHostPort(s.host, s.port)] == nil {
		session.Net.Pinned[net.JoinHostPort(s.host, s.port)] = []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	}
	probes.Local[trust.Options](session).AIA = aia
	t.Cleanup(session.Net.Close)
	return session
}

// look runs every trust requirement within a time for the whole run, and returns the findings by ID.
func look(t *testing.T, s *probes.Session, most time.Duration) map[string]probes.Finding {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	found := map[string]probes.Finding{}
	for f := range probes.Run(ctx, s, trust.Resource.Checks()) {
		found[f.ID] = f
	}
	return found
}

// flaws lists what does not pass and is not blocked, as "ID status cause", in catalogue order.
func flaws(found map[string]probes.Finding) []string {
	var out []string
	for _, c := range trust.Resource.Checks() {
		f := found[c.Meta().ID]
		if f.Status != probes.Passed && f.Status != probes.Blocked {
			out = append(out, fmt.Sprintf("%s %s %s", f.ID, f.Status, f.Cause))
		}
	}
	return out
}

// plenty is a time for a run that nothing should need.
const plenty = 30 * time.Second
