package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Bounds on what is read of any answer.
const (
	maxBody     = 8 << 20 // bytes; a full page of agents is well under one MiB
	maxHeader   = 64 << 10
	requestTime = 15 * time.Second // for one try
)

// Page is one HTTP answer, as evidence: what it says of itself, from an allow-list of headers. The body is never evidence.
type Page struct {
	Status     int    `json:"status"` // 0: no answer
	Type       string `json:"type,omitempty"`
	Server     string `json:"server,omitempty"`
	Challenge  string `json:"challenge,omitempty"`     // the scheme of WWW-Authenticate
	Location   string `json:"location,omitempty"`      // scheme and host of a redirect; the rest may hold data
	RetryAfter string `json:"retry_after,omitempty"`   // as sent
	Tries      int    `json:"tries,omitempty"`         // more than 1: it was retried
	Truncated  bool   `json:"truncated,omitempty"`     // the body was longer than 8 MiB
	Expired    bool   `json:"expired,omitempty"`       // the answer says that a token has expired
	BadToken   bool   `json:"bad_token,omitempty"`     // the challenge says error="invalid_token": RFC 6750 §3.1
	Earlier    int    `json:"earlier,omitempty"`       // the first status, where asking a refused request again gave another one
	ClockAhead int    `json:"clock_ahead_s,omitempty"` // seconds by which the server's Date is ahead of this machine; 0 within five minutes
	Date       string `json:"-"`                       // the server's clock, as sent
	Body       []byte `json:"-"`                       // UTF-8 without a byte order mark

	Header http.Header `json:"-"` // all of it, for whoever recognises the sender; never evidence
}

// IsHTML tells whether the body is a web page rather than data.
func (p Page) IsHTML() bool {
	start := strings.ToLower(strings.TrimSpace(string(p.Body[:min(len(p.Body), 256)])))
	return strings.Contains(strings.ToLower(p.Type), "html") || strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html")
}

// IsJSON tells whether the body looks like JSON, whatever its type says.
func (p Page) IsJSON() bool {
	start := strings.TrimSpace(strings.TrimPrefix(string(p.Body[:min(len(p.Body), 64)]), "\ufeff"))
	return strings.HasPrefix(start, "{") || strings.HasPrefix(start, "[")
}

// Transient tells whether the same question may be answered later: 429 and 5xx, contract §9, and what says of itself that it
// was too slow or too early.
func (p Page) Transient() bool {
	return p.Status == http.StatusTooManyRequests || p.Status == http.StatusRequestTimeout || p.Status == http.StatusTooEarly || p.Status >= 500
}

// RetryNote tells that an answer came only when it was asked for again; empty where it came at once.
func (p Page) RetryNote() string {
	if p.Tries < 2 {
		return ""
	}
	first := ""
	if p.Earlier != 0 {
		first = fmt.Sprintf("; it answered status %d first", p.Earlier)
	}
	return fmt.Sprintf("%s; it answered so only when it was asked the %d. time", first, p.Tries)
}

// After is the page as the answer to a request that got another one before.
func (p Page) After(first Page) Page {
	if p.Status != first.Status {
		p.Earlier = first.Status
	}
	p.Tries = max(1, p.Tries) + max(1, first.Tries)
	return p
}

// RedirectNote tells where a redirect leads, in words that go on from its status, and that what the request carried was not
// sent there; empty for any other answer.
func (p Page) RedirectNote(carried string) string {
	if p.Status < 300 || p.Status > 399 || p.Location == "" {
		return ""
	}
	return " and points to " + p.Location + "; a " + carried + " follows no redirect"
}

// Request is one HTTP request.
type Request struct {
	Method string // GET, HEAD, or POST of the token form; nothing else is ever sent
	URL    string
	Form   url.Values
	Bearer func(*http.Request) // sets the Authorization header; nil: an anonymous request
	Fresh  bool                // over a new connection, to another address of the host where it has several
}

// errMethod guards the promise that halocheck never writes.
var errMethod = errors.New("halocheck sends GET, HEAD and the token POST only")

// Attempt bounds one try of a request: at most requestTime, and at most six tenths of the time that ctx has left, so that
// a server that keeps silent is told from a run that was given too little time. Pauses between tries do not count.
func Attempt(ctx context.Context) (context.Context, context.CancelFunc) {
	most := requestTime
	if deadline, ok := ctx.Deadline(); ok {
		most = min(most, time.Until(deadline)*6/10)
	}
	return context.WithTimeout(ctx, most)
}

// Fetch sends a request and reads its answer, trying again what is transient within ctx's deadline. Redirects are
// answers, not followed. A request with a bearer goes only over verified connections. An error means that no answer came.
func (n *Net) Fetch(ctx context.Context, r Request) (Page, error) {
	return n.Retry(ctx, r.URL, func() (Page, error) { return n.once(ctx, r) })
}

// Once is Fetch without trying again.
func (n *Net) Once(ctx context.Context, r Request) (Page, error) { return n.once(ctx, r) }

func (n *Net) once(ctx context.Context, r Request) (Page, error) {
	// Waiting for a turn is no part of the time that the server has for its answer.
	if e, err := ParseEndpoint(r.URL); err == nil {
		if err := n.throttle(ctx, e); err != nil {
			return Page{}, err
		}
	}
	ctx, cancel := Attempt(ctx)
	defer cancel()
	e, _ := ParseEndpoint(r.URL) // send tells of a bad one
	n.noteAsking(e, 1)
	defer n.noteAsking(e, -1)
	page, err := n.send(ctx, r)
	if err == nil && page.AsksAfterHandshake() && !n.speaksTLS12(ctx, e) {
		return page, nil // over TLS 1.3 alone there is no other way to ask
	}
	if n.adapt(e, page, err) {
		return n.send(ctx, r)
	}
	return page, err
}

// send sends one request and reads its answer.
func (n *Net) send(ctx context.Context, r Request) (Page, error) {
	var body io.Reader
	if r.Method == http.MethodPost {
		body = strings.NewReader(r.Form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, body)
	if err != nil {
		return Page{}, err
	}
	if r.Method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", "application/json")
	if r.Bearer != nil {
		r.Bearer(req)
	}
	resp, err := transport{net: n, verified: r.Bearer != nil, waited: true, fresh: r.Fresh}.RoundTrip(req)
	if err != nil {
		return Page{}, err
	}
	page, err := ReadPage(resp)
	if e, bad := ParseEndpoint(r.URL); bad == nil {
		page.ClockAhead = int(n.noteDate(e, resp).Seconds())
	}
	return page, err
}

// ReadPage reads an answer within the bounds and closes it. The error means that its body broke off: what is missing
// might say anything, so it is no answer.
func ReadPage(resp *http.Response) (Page, error) {
	defer resp.Body.Close()
	p := Page{
		Status: resp.StatusCode, Type: Bound(resp.Header.Get("Content-Type")), Server: Bound(resp.Header.Get("Server")),
		RetryAfter: Bound(resp.Header.Get("Retry-After")), Date: Bound(resp.Header.Get("Date")), Tries: 1,
		Header: resp.Header,
	}
	challenge := resp.Header.Get("WWW-Authenticate")
	scheme, _, _ := strings.Cut(challenge, " ")
	p.Challenge = Bound(scheme)
	if u, err := resp.Location(); err == nil && p.Status/100 == 3 { // elsewhere it is no redirect: RFC 9110 §10.2.2
		p.Location = (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return Page{}, answerError(err)
	}
	p.Truncated = len(body) > maxBody
	p.Body = decodeText(body[:min(len(body), maxBody)], resp.Header.Get("Content-Type"))
	p.BadToken = strings.Contains(strings.ToLower(challenge), "invalid_token")
	if p.Status == http.StatusUnauthorized || p.Status == http.StatusBadRequest {
		p.Expired = saysExpired(challenge) || saysExpired(string(p.Body[:min(len(p.Body), 4<<10)]))
	}
	return p, nil
}

// saysExpired tells whether text is about a token that has expired: RFC 6750 §3.1 leaves the words to the server.
func saysExpired(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "expired") && strings.Contains(text, "token")
}

// Transport sends HTTP requests. It counts them and refuses methods that write. A verified transport refuses every
// connection that does not prove its name.
func (n *Net) Transport(verified, fresh bool) http.RoundTripper {
	return transport{net: n, verified: verified, fresh: fresh}
}

type transport struct {
	net      *Net
	verified bool
	waited   bool // it is the request's turn
	fresh    bool // over a new connection
}

// throttle waits until a request may be sent.
func (n *Net) throttle(ctx context.Context, e Endpoint) error {
	if n.Throttle == nil {
		return nil
	}
	if err := n.Throttle(ctx, e.String()); err != nil {
		return &ThrottledError{err}
	}
	return nil
}

func (d transport) RoundTrip(req *http.Request) (*http.Response, error) {
	isToken := req.Method == http.MethodPost && req.Header.Get("Authorization") == "" &&
		strings.HasPrefix(req.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	if req.Method != http.MethodGet && req.Method != http.MethodHead && !isToken {
		return nil, errMethod
	}
	if req.URL.Scheme != "https" {
		return nil, fmt.Errorf("%s://%s is not asked: only https is", req.URL.Scheme, req.URL.Host)
	}
	e, err := ParseEndpoint(req.URL.String())
	if err != nil {
		return nil, err
	}
	if !d.waited {
		if err := d.net.throttle(req.Context(), e); err != nil {
			return nil, err
		}
	}
	req.Header.Set("User-Agent", d.net.UserAgent)
	d.net.sends(req)
	send := d.net.pool(e, d.verified, d.fresh).RoundTrip
	if d.net.Log != nil {
		send = d.net.Log.wrap(d.net.Vantage, send)
	}
	resp, err := send(req)
	if err = d.net.clientCertError(e, answerError(err)); d.net.OnExchange != nil {
		d.net.tell(req, resp, err)
	}
	return resp, err
}

// pool is one connection pool for each endpoint. Where the first handshake verifies, anonymous requests share the
// verified pool, so that a healthy host costs one handshake.
func (n *Net) pool(e Endpoint, verified, fresh bool) *http.Transport {
	n.mu.Lock()
	if !verified {
		for _, c := range n.spareTLS[e] {
			verified = verified || n.verify(e, c.ConnectionState().PeerCertificates) == nil
		}
		verified = verified || n.transports[transportKey{e, true, false}] != nil
	}
	defer n.mu.Unlock()
	key := transportKey{e, verified, fresh}
	if t := n.transports[key]; t != nil {
		return t
	}
	t := &http.Transport{
		DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return n.dialTLS(context.WithValue(ctx, freshKey{}, fresh), e, verified)
		},
		DisableKeepAlives: fresh,
		// An HTTP/1.1 host is asked over a few connections at once, as a browser would.
		// A connection that is busy when the run ends stays for the idle time, with all that hangs on it.
		ForceAttemptHTTP2: true, MaxConnsPerHost: 6, MaxIdleConnsPerHost: 6,
		MaxResponseHeaderBytes: maxHeader, IdleConnTimeout: 10 * time.Second,
	}
	if n.transports == nil {
		n.transports = map[transportKey]*http.Transport{}
	}
	n.transports[key] = t
	return t
}

// freshKey marks a context under which no kept connection is used.
type freshKey struct{}

func isFresh(ctx context.Context) bool {
	fresh, _ := ctx.Value(freshKey{}).(bool)
	return fresh
}

// dialTLS takes a kept connection or opens one.
func (n *Net) dialTLS(ctx context.Context, e Endpoint, verified bool) (net.Conn, error) {
	for c := n.takeTLS(ctx, e); c != nil; c = n.takeTLS(ctx, e) {
		if !verified || n.verify(e, c.ConnectionState().PeerCertificates) == nil {
			return c, nil
		}
		_ = c.Close()
	}
	raw, err := n.connect(ctx, e)
	if err != nil {
		return nil, err
	}
	shown := n.beginTurn(ctx, e, raw, Hello{})
	var open atomic.Bool // the first handshake is over
	config := &tls.Config{
		ServerName: e.Host, MinVersion: tls.VersionTLS12, Time: n.Now,
		Renegotiation: tls.RenegotiateOnceAsClient, // as IIS asks for a client certificate
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			n.noteClientCert(e, open.Load())
			return &tls.Certificate{}, nil
		},
		InsecureSkipVerify: true, //nolint:gosec // replaced by VerifyConnection; an unverified transport carries no secret
		VerifyConnection: func(state tls.ConnectionState) error {
			shown()
			if n.noteChain(e, state.PeerCertificates); !verified {
				return nil
			}
			if err := n.verify(e, state.PeerCertificates); err != nil {
				return &UnprovenError{err}
			}
			return nil
		},
	}
	n.applyLimits(e, config)
	c := tls.Client(raw, config)
	if err := c.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	open.Store(true)
	return c, nil
}
