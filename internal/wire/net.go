// Package wire opens connections: names, addresses, TCP, TLS and HTTP, with everything that reaches the world injected.
// It knows nothing of HaloPSA and judges nothing. What carries a secret goes only over connections that were verified
// against our own roots; what carries none may go over any, so that a broken server can still be described.
package wire

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Resolver looks up addresses.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Dialer opens TCP connections.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Net opens every connection of a run. The exported fields are set before use.
type Net struct {
	Resolver  Resolver
	Dialer    Dialer
	Roots     *Roots                  // trusted roots; never nil
	Pinned    map[string][]netip.Addr // host:port to addresses, as --resolve gives them; asked before the resolver
	Now       func() time.Time
	UserAgent string // User-Agent header
	// OnRequest hears of every HTTP request before it is sent, retries included, maybe of several at once. It may be nil.
	OnRequest func(*http.Request)
	// OnExchange hears of every HTTP request with its answer, maybe of several at once. It may be nil. An exchange holds
	// secrets as they went over the wire: whoever listens keeps nothing of it but what an allow-list names.
	OnExchange func(Exchange)
	Log        *Log   // keeps what may be kept of every exchange, with its times; nil: nothing is kept
	Vantage    string // the vantage point that it dials from; empty: this machine
	// Proxy is the proxy of connections to an endpoint; nil, and a nil URL, mean none. The proxy looks names up, and TLS is
	// verified end to end through it, so it sees no secret.
	Proxy func(Endpoint) *url.URL
	// UnusedProxy is the proxy that this machine's environment names and that Proxy does not use, to be told where a direct
	// connection fails. It may be nil.
	UnusedProxy func(Endpoint) *url.URL
	// Throttle returns once a request to a host and port may be sent; an error means that it may not in time. It may be nil.
	Throttle func(ctx context.Context, host string) error

	requests atomic.Int64
	proved   sync.Map // of proof: what verify accepted
	parent   *Net     // whose requests these are too

	mu           sync.Mutex
	names        map[string]*lookup
	spareTCP     map[Endpoint]net.Conn
	spareTLS     map[Endpoint][]*tls.Conn
	transports   map[transportKey]*http.Transport
	limits       map[Endpoint]Hello         // what later hellos offer at most: see UseSmallHello and adapt
	chains       map[Endpoint][][][]byte    // see noteChain
	turns        map[turnsOf][]turn         // see beginTurn
	openRows     map[turnsOf]int            // see passRow
	clientCerts  map[Endpoint]bool          // who asked for one; true: after the first handshake
	refusesTLS12 map[Endpoint]bool          // see speaksTLS12
	clocks       map[Endpoint]time.Duration // see noteDate
	asking       map[Endpoint]int           // requests under way
	portals      map[string]*portal         // by host: see CaptivePortal
	troubled     map[Endpoint]time.Time     // see troubledSince
	waiting      map[Endpoint]int           // see noteWaiting

	openMu sync.Mutex // apart from mu, under which connections are closed
	open   map[*conn]struct{}
	closed bool // no connection is opened any more
}

type transportKey struct {
	endpoint        Endpoint
	verified, fresh bool
}

type portal struct {
	once sync.Once
	seen string
}

type lookup struct {
	once  sync.Once
	addrs []netip.Addr
	err   error
}

// Requests is how many HTTP requests were sent so far, retries and those of every [Net.WithDialer] included.
func (n *Net) Requests() int { return int(n.requests.Load()) }

// sends counts a request and tells of it.
func (n *Net) sends(req *http.Request) {
	for at := n; at != nil; at = at.parent {
		at.requests.Add(1)
	}
	if n.OnRequest != nil {
		n.OnRequest(req)
	}
}

// Lookup finds the endpoint's addresses, once for each name: a later answer cannot move a secret to another address. Through
// a proxy it is the zero Addr alone: the proxy looks the name up.
func (n *Net) Lookup(ctx context.Context, e Endpoint) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(e.Host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	if pinned := n.Pinned[Endpoint{strings.TrimSuffix(e.Host, "."), e.Port}.Address()]; len(pinned) > 0 {
		return pinned, nil
	}
	if n.proxyURL(e) != nil {
		return []netip.Addr{{}}, nil
	}
	n.mu.Lock()
	if n.names == nil {
		n.names = map[string]*lookup{}
	}
	l := n.names[e.Host]
	if l == nil {
		l = &lookup{}
		n.names[e.Host] = l
	}
	n.mu.Unlock()
	l.once.Do(func() {
		addrs, err := n.Resolver.LookupNetIP(ctx, "ip", e.Host)
		seen := map[netip.Addr]bool{}
		for _, a := range addrs {
			if a = a.Unmap(); !seen[a] {
				seen[a] = true
				l.addrs = append(l.addrs, a)
			}
		}
		if l.err = err; err == nil && len(l.addrs) == 0 {
			l.err = &net.DNSError{Err: "no addresses", Name: e.Host, IsNotFound: true}
		}
	})
	return l.addrs, l.err
}

// Dial opens a TCP connection to one address of the endpoint; the zero Addr is the one that the proxy finds.
func (n *Net) Dial(ctx context.Context, e Endpoint, addr netip.Addr) (net.Conn, error) {
	host := e.Host
	if addr.IsValid() {
		host = addr.String()
	}
	c, err := n.dialHost(ctx, host, e.Port)
	if err != nil {
		return nil, err
	}
	return n.track(c)
}

// conn is an open connection that Close can end.
type conn struct {
	net.Conn
	net *Net
}

// Close closes the connection.
func (c *conn) Close() error {
	c.net.openMu.Lock()
	delete(c.net.open, c)
	c.net.openMu.Unlock()
	return c.Conn.Close()
}

// track keeps an open connection in mind, so that Close ends it even while it is in use.
func (n *Net) track(c net.Conn) (net.Conn, error) {
	n.openMu.Lock()
	defer n.openMu.Unlock()
	if n.closed {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	if n.open == nil {
		n.open = map[*conn]struct{}{}
	}
	tracked := &conn{c, n}
	n.open[tracked] = struct{}{}
	return tracked, nil
}

// KeepTCP hands over an open connection to the endpoint for the next handshake with it. A second one is closed.
func (n *Net) KeepTCP(e Endpoint, c net.Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.spareTCP == nil {
		n.spareTCP = map[Endpoint]net.Conn{}
	}
	if n.spareTCP[e] != nil {
		_ = c.Close()
		return
	}
	n.spareTCP[e] = c
}

// connect takes the kept connection or opens one to the first address that answers.
func (n *Net) connect(ctx context.Context, e Endpoint) (net.Conn, error) {
	if !isFresh(ctx) {
		n.mu.Lock()
		c := n.spareTCP[e]
		delete(n.spareTCP, e)
		n.mu.Unlock()
		if c != nil {
			return c, nil
		}
	}
	addrs, err := n.Lookup(ctx, e)
	if err != nil {
		return nil, err
	}
	if isFresh(ctx) {
		addrs = slices.Clone(addrs)
		slices.Reverse(addrs)
	}
	for _, a := range addrs {
		var c net.Conn
		if c, err = n.Dial(ctx, e, a); err == nil {
			return c, nil
		}
	}
	return nil, fmt.Errorf("connect to %s: %w", e, err)
}

// WithDialer returns a Net that dials with d. It shares names, roots and hooks with n, but no connection.
func (n *Net) WithDialer(d Dialer) *Net {
	return &Net{
		Resolver: n.Resolver, Dialer: d, Roots: n.Roots, Pinned: n.Pinned, Now: n.Now, UserAgent: n.UserAgent,
		OnRequest: n.OnRequest, OnExchange: n.OnExchange, Log: n.Log, Throttle: n.Throttle, parent: n,
	}
}

// Close ends every connection that was opened, those in use too, and opens none any more.
func (n *Net) Close() {
	n.openMu.Lock()
	open := n.open
	n.closed, n.open = true, nil
	n.openMu.Unlock()
	n.mu.Lock()
	pools := n.transports
	n.transports, n.spareTCP, n.spareTLS = nil, nil, nil
	n.mu.Unlock()
	for c := range open {
		_ = c.Conn.Close()
	}
	for _, t := range pools {
		t.CloseIdleConnections()
	}
}
