package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"net"
	"slices"
	"time"
)

// Hello is how a handshake is opened. The zero value is an ordinary client's: TLS 1.2 and 1.3, the server's name, and the
// suites that ordinary clients offer.
type Hello struct {
	ServerName string // empty: the endpoint's host
	NoSNI      bool
	Min, Max   uint16   // tls.VersionTLS10 …; 0: 1.2 and 1.3
	Suites     []uint16 // nil: ClientSuites
	Curves     []tls.CurveID
	Protocols  []string // ALPN; nil: h2 and http/1.1
	Keep       bool     // leave the connection for the HTTP requests that follow

	Row         *Row // the row of handshakes that it belongs to
	MayShowNone bool // a server may well refuse it and show no certificates
}

// Handshake is everything that one handshake showed, also one that then failed.
type Handshake struct {
	Address    string // the peer's address and port
	Version    uint16 // 0 where the handshake failed
	Suite      uint16
	Protocol   string   // ALPN
	Sent       [][]byte // the certificates as sent, DER, in the order sent
	Staple     []byte   // stapled OCSP response
	ClientCert bool     // the server asked for a client certificate
	Took       time.Duration
	Err        error // why the handshake failed; nil where it completed
}

// protocols are what the HTTP client speaks.
var protocols = []string{"h2", "http/1.1"}

// Handshake makes one handshake with the endpoint and verifies nothing: what was sent is captured before anything can fail
// on it (tls.md §3.8). The error is set only where no connection was there to shake hands on.
func (n *Net) Handshake(ctx context.Context, e Endpoint, h Hello) (*Handshake, error) {
	conn, err := n.connect(ctx, e)
	if err != nil {
		return nil, err
	}
	return n.HandshakeOn(ctx, conn, e, h), nil
}

// HandshakeOn is Handshake on a connection that is open already. It closes the connection unless it is kept.
func (n *Net) HandshakeOn(ctx context.Context, conn net.Conn, e Endpoint, h Hello) *Handshake {
	seen := &Handshake{Address: conn.RemoteAddr().String()}
	config := &tls.Config{
		InsecureSkipVerify: true, //nolint:gosec // looking is not trusting: see verify, which judges before a secret is sent
		ServerName:         h.ServerName,
		MinVersion:         h.Min, MaxVersion: h.Max, CipherSuites: h.Suites, CurvePreferences: h.Curves,
		NextProtos: h.Protocols,
		Time:       n.Now,
		//nolint:gosec // there is no session cache, so no handshake is resumed
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			if seen.Took == 0 {
				seen.Sent = raw
			}
			return nil
		},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			after := seen.Took > 0
			seen.ClientCert = seen.ClientCert || !after
			n.noteClientCert(e, after)
			return &tls.Certificate{}, nil
		},
		Renegotiation: tls.RenegotiateOnceAsClient, // as IIS asks for a client certificate
	}
	if config.ServerName == "" && !h.NoSNI {
		config.ServerName = e.Host
	}
	n.applyLimits(e, config)
	if config.MinVersion == 0 {
		config.MinVersion = tls.VersionTLS12
	}
	shown := n.beginTurn(ctx, e, conn, h)
	start := time.Now()
	c := tls.Client(conn, config)
	seen.Err = c.HandshakeContext(ctx)
	seen.Took = time.Since(start)
	if len(seen.Sent) > 0 {
		shown()
	}
	if seen.Err != nil {
		_ = conn.Close()
		return seen
	}
	state := c.ConnectionState()
	seen.Version, seen.Suite, seen.Protocol, seen.Staple = state.Version, state.CipherSuite, state.NegotiatedProtocol, state.OCSPResponse
	if h.Keep {
		n.keepTLS(e, c)
	} else {
		_ = c.Close()
	}
	return seen
}

// UseSmallHello makes every later hello to the endpoint a small one: TLS 1.2 at most, classic curves. It is for a server that
// the usual hello of more than 1 KiB does not get through to.
func (n *Net) UseSmallHello(e Endpoint) {
	n.mu.Lock()
	defer n.mu.Unlock()
	limits := n.limits[e]
	limits.Max, limits.Curves = tls.VersionTLS12, ClassicCurves()
	n.limit(e, limits)
}

// UseSuites makes every later hello to the endpoint one of TLS 1.2 with these cipher suites, as far as it leaves the choice
// open. It is for a server with certificates of two key types, of which only one is any good.
func (n *Net) UseSuites(e Endpoint, suites []uint16) {
	n.mu.Lock()
	defer n.mu.Unlock()
	limits := n.limits[e]
	limits.Max, limits.Suites = tls.VersionTLS12, suites
	n.limit(e, limits)
}

// limit sets what later hellos to the endpoint offer at most. The caller holds n.mu.
func (n *Net) limit(e Endpoint, limits Hello) {
	if n.limits == nil {
		n.limits = map[Endpoint]Hello{}
	}
	n.limits[e] = limits
}

// applyLimits makes a hello as modest as the endpoint was found to need, as far as it leaves the choice open.
func (n *Net) applyLimits(e Endpoint, config *tls.Config) {
	n.mu.Lock()
	limits := n.limits[e]
	n.mu.Unlock()
	if config.CurvePreferences == nil {
		config.CurvePreferences = limits.Curves
	}
	if config.MaxVersion == 0 && config.MinVersion <= tls.VersionTLS12 {
		config.MaxVersion = limits.Max
	}
	if config.NextProtos == nil {
		config.NextProtos = limits.Protocols
	}
	if config.NextProtos == nil {
		config.NextProtos = protocols
	}
	if config.CipherSuites == nil {
		config.CipherSuites = limits.Suites
	}
	if config.CipherSuites == nil {
		config.CipherSuites = ClientSuites()
	}
}

// ClassicCurves are those whose keys fit into a small hello: no post-quantum ones.
func ClassicCurves() []tls.CurveID {
	return []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521}
}

func (n *Net) keepTLS(e Endpoint, c *tls.Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.spareTLS == nil {
		n.spareTLS = map[Endpoint][]*tls.Conn{}
	}
	n.spareTLS[e] = append(n.spareTLS[e], c)
}

func (n *Net) takeTLS(ctx context.Context, e Endpoint) *tls.Conn {
	if isFresh(ctx) {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.spareTLS[e]
	if len(list) == 0 {
		return nil
	}
	n.spareTLS[e] = list[1:]
	return list[0]
}

// maxChainsKept bounds the different lists of certificates that are kept of one endpoint; a healthy one has one or two.
const maxChainsKept = 8

// noteChain keeps the certificates that a request's connection got, so that every connection counts for whether the nodes
// behind an address agree.
func (n *Net) noteChain(e Endpoint, sent []*x509.Certificate) {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.chains[e]
	if len(list) == maxChainsKept || slices.ContainsFunc(list, func(other [][]byte) bool {
		return slices.EqualFunc(sent, other, func(c *x509.Certificate, der []byte) bool { return bytes.Equal(c.Raw, der) })
	}) {
		return
	}
	var ders [][]byte
	for _, c := range sent {
		ders = append(ders, c.Raw)
	}
	if n.chains == nil {
		n.chains = map[Endpoint][][][]byte{}
	}
	n.chains[e] = append(list, ders)
}

// SeenChains are the different lists of certificates that the connections of requests to the endpoint got so far.
func (n *Net) SeenChains(e Endpoint) [][][]byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.chains[e])
}

// verify is the strict client: our roots, only what was sent, this name, now. A connection that carries a secret must
// pass it, whatever the requirements said of an earlier one.
func (n *Net) verify(e Endpoint, sent []*x509.Certificate) error {
	if len(sent) == 0 {
		return x509.UnknownAuthorityError{}
	}
	list := proof{endpoint: e}
	digest := sha256.New()
	for _, c := range sent {
		_, _ = digest.Write(c.Raw) // DER says itself where it ends
	}
	digest.Sum(list.sent[:0])
	if _, ok := n.proved.Load(list); ok {
		return nil
	}
	_, err := Verify(sent[0], sent[1:], x509.VerifyOptions{DNSName: e.Host, Roots: n.Roots.Pool, CurrentTime: n.Now()})
	if err == nil {
		n.proved.Store(list, true)
	}
	return err
}

// proof is a list of certificates, by the digest of all, that has proved an endpoint's name. A run is too short for it to
// end in between.
type proof struct {
	endpoint Endpoint
	sent     [sha256.Size]byte
}
