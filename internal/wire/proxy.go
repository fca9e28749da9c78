package wire

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/proxy"
)

// ProxyVariables are the environment variables that name a proxy for https, in the order in which they are read.
var ProxyVariables = []string{"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}

// ProxyError is a connection that the configured proxy did not open. It says nothing of the server behind the proxy.
type ProxyError struct {
	Proxy string // without credentials
	Err   error
}

func (e *ProxyError) Error() string { return "the proxy " + e.Proxy + ": " + e.Err.Error() }

// Unwrap is what went wrong at the proxy.
func (e *ProxyError) Unwrap() error { return e.Err }

// ParseProxy reads the URL of a proxy: http:// or https:// (CONNECT), socks5:// or socks5h://; without a scheme it is http.
// The URL may hold a password, so the error does not repeat it.
func ParseProxy(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || CheckPort(u.Port()) != nil {
		return nil, errors.New("it names no host and port; a proxy looks like http://proxy.example:3128 or socks5://127.0.0.1:1080")
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return u, nil
	}
	return nil, fmt.Errorf("the scheme %q is none of http, https and socks5", u.Scheme)
}

// FixedProxy sends every connection through u.
func FixedProxy(u *url.URL) func(Endpoint) *url.URL { return func(Endpoint) *url.URL { return u } }

// EnvironmentProxy is the proxy that the environment names, but for the hosts of NO_PROXY. The result is nil where the
// environment names none. Unlike net/http it sends loopback addresses through the proxy too, as curl does.
func EnvironmentProxy(getenv func(string) string) (func(Endpoint) *url.URL, error) {
	name, value := firstSet(getenv, ProxyVariables...)
	if value == "" {
		return nil, nil //nolint:nilnil // documented: no proxy
	}
	u, err := ParseProxy(value)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	_, except := firstSet(getenv, "NO_PROXY", "no_proxy")
	return func(e Endpoint) *url.URL {
		if excepted(except, e) {
			return nil
		}
		return u
	}, nil
}

func firstSet(getenv func(string) string, names ...string) (name, value string) {
	for _, name := range names {
		if value := strings.TrimSpace(getenv(name)); value != "" {
			return name, value
		}
	}
	return "", ""
}

// excepted tells whether a NO_PROXY list names the endpoint: a name and the names below it, an address, a network in CIDR
// form, each with or without a port, or "*".
func excepted(list string, e Endpoint) bool {
	for entry := range strings.FieldsFuncSeq(strings.ToLower(list), func(r rune) bool { return r == ',' || r == ' ' }) {
		if host, port, err := net.SplitHostPort(entry); err == nil {
			if port != e.Port {
				continue
			}
			entry = host
		}
		addr, _ := netip.ParseAddr(e.Host) // a name is in no network
		if network, err := netip.ParsePrefix(entry); err == nil && network.Contains(addr) {
			return true
		}
		entry = strings.TrimPrefix(strings.TrimPrefix(entry, "*"), ".")
		if entry == "" || e.Host == entry || strings.HasSuffix(e.Host, "."+entry) {
			return true
		}
	}
	return false
}

// ProxyName is the proxy of connections to the endpoint, without credentials; empty for none.
func (n *Net) ProxyName(e Endpoint) string {
	if u := n.proxyURL(e); u != nil {
		return proxyName(u)
	}
	return ""
}

// UnusedProxyName is the proxy that the environment names for the endpoint, without credentials, where no proxy is used;
// else empty.
func (n *Net) UnusedProxyName(e Endpoint) string {
	if n.UnusedProxy == nil || n.proxyURL(e) != nil {
		return ""
	}
	if u := n.UnusedProxy(e); u != nil {
		return proxyName(u)
	}
	return ""
}

// publicAddresses belong to nobody (RFC 5737, RFC 3849) and are routed as any public address is.
var publicAddresses = map[string]string{"IPv4": "192.0.2.1:443", "IPv6": "[2001:db8::1]:443"}

// Families are the address families that this machine has a route to the internet for, of "IPv4" and "IPv6". Without any the
// machine is offline.
func (n *Net) Families(ctx context.Context) []string {
	var families []string
	for _, a := range n.SourceAddresses(ctx) {
		families = append(families, map[bool]string{true: "IPv4", false: "IPv6"}[a.Is4()])
	}
	return families
}

// SourceAddresses are the addresses that this machine sends to the internet from, one of each family. It only asks the operating
// system: connecting a UDP socket sends no packet. A dialer that does not tell gives the zero address of the family.
func (n *Net) SourceAddresses(ctx context.Context) []netip.Addr {
	var all []netip.Addr
	for _, family := range []string{"IPv4", "IPv6"} {
		c, err := n.Dialer.DialContext(ctx, "udp", publicAddresses[family])
		if err != nil {
			continue
		}
		address := map[string]netip.Addr{"IPv4": netip.IPv4Unspecified(), "IPv6": netip.IPv6Unspecified()}[family]
		if udp, ok := c.LocalAddr().(*net.UDPAddr); ok && udp.AddrPort().IsValid() {
			address = udp.AddrPort().Addr().Unmap()
		}
		all = append(all, address)
		_ = c.Close()
	}
	return all
}

func proxyName(u *url.URL) string { return u.Scheme + "://" + u.Host }

func (n *Net) proxyURL(e Endpoint) *url.URL {
	if n.Proxy == nil {
		return nil
	}
	return n.Proxy(e)
}

// dialHost opens a connection to a host, a name or an address, and a port: through the proxy where there is one.
func (n *Net) dialHost(ctx context.Context, host, port string) (net.Conn, error) {
	address := net.JoinHostPort(host, port)
	u := n.proxyURL(Endpoint{host, port})
	if u == nil {
		return n.Dialer.DialContext(ctx, "tcp", address)
	}
	dial, err := n.tunnel(u, n.Dialer)
	if err != nil {
		return nil, &ProxyError{proxyName(u), err}
	}
	c, err := dial(ctx, address)
	if err != nil {
		return nil, &ProxyError{proxyName(u), err}
	}
	return &tunnelConn{c, tunnelAddr(address + " through " + proxyName(u))}, nil
}

// tunnelConn is a connection through a proxy: its peer is the server, not the proxy.
type tunnelConn struct {
	net.Conn
	peer tunnelAddr
}

func (c *tunnelConn) RemoteAddr() net.Addr { return c.peer }

type tunnelAddr string

func (tunnelAddr) Network() string  { return "tcp" }
func (a tunnelAddr) String() string { return string(a) }

// tunnel opens connections through a proxy that base leads to. Faults of the proxy itself are marked with errVantage.
func (n *Net) tunnel(u *url.URL, base Dialer) (func(ctx context.Context, address string) (net.Conn, error), error) {
	if u.Scheme == "http" || u.Scheme == "https" {
		return func(ctx context.Context, address string) (net.Conn, error) {
			return n.connectVia(ctx, u, base, address)
		}, nil
	}
	var auth *proxy.Auth
	if u.User != nil {
		password, _ := u.User.Password()
		auth = &proxy.Auth{User: u.User.Username(), Password: password}
	}
	d, err := proxy.SOCKS5("tcp", hostPort(u, "1080"), auth, forward{base})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, address string) (net.Conn, error) {
		return d.(proxy.ContextDialer).DialContext(ctx, "tcp", address) //nolint:forcetypeassert // documented: SOCKS5 returns one
	}, nil
}

// connectVia speaks HTTP CONNECT.
func (n *Net) connectVia(ctx context.Context, u *url.URL, base Dialer, address string) (_ net.Conn, err error) {
	port := "3128"
	if u.Scheme == "https" {
		port = "443"
	}
	c, err := forward{base}.DialContext(ctx, "tcp", hostPort(u, port))
	if err != nil {
		return nil, err
	}
	raw := c
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Now()) })
	defer func() {
		if !stop() && err == nil {
			err = &errVantage{context.Cause(ctx)}
		}
		if err != nil {
			_ = raw.Close()
		}
	}()
	if u.Scheme == "https" {
		secured := tls.Client(c, n.proxyTLS(u))
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, &errVantage{err}
		}
		c = secured
	}
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address, Header: http.Header{}}
	if u.User != nil {
		password, _ := u.User.Password()
		req.SetBasicAuth(u.User.Username(), password)
		req.Header["Proxy-Authorization"] = req.Header["Authorization"]
		req.Header.Del("Authorization")
	}
	if err := req.Write(c); err != nil {
		return nil, &errVantage{err}
	}
	// The answer is read byte by byte, so that nothing of the tunnel is swallowed.
	resp, err := http.ReadResponse(bufio.NewReaderSize(io.LimitReader(byteReader{c}, maxHeader), 16), req)
	if err != nil {
		if Cause(err) == "" {
			err = errors.New("the proxy's answer to CONNECT is not HTTP: " + brokenRule(Message(err)))
		}
		return nil, &errVantage{err}
	}
	_ = resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
		return c, nil
	case http.StatusProxyAuthRequired:
		return nil, &errVantage{errors.New("the proxy wants a user name and a password (status 407)")}
	}
	return nil, &errVantage{fmt.Errorf("the proxy answered CONNECT with status %d", resp.StatusCode)}
}

// proxyTLS verifies an https proxy as other programs do, against the system's roots, or against the session's. What runs
// through the proxy is verified apart from it.
func (n *Net) proxyTLS(u *url.URL) *tls.Config {
	return &tls.Config{
		ServerName: u.Hostname(), MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // replaced by VerifyConnection
		VerifyConnection: func(state tls.ConnectionState) error {
			opts := x509.VerifyOptions{DNSName: u.Hostname(), Intermediates: x509.NewCertPool()}
			for _, c := range state.PeerCertificates[1:] {
				opts.Intermediates.AddCert(c)
			}
			_, err := state.PeerCertificates[0].Verify(opts)
			if err != nil && n.Roots != nil {
				opts.Roots = n.Roots.Pool
				_, err = state.PeerCertificates[0].Verify(opts)
			}
			return err
		},
	}
}

// byteReader reads a byte at a time.
type byteReader struct{ net.Conn }

func (o byteReader) Read(p []byte) (int, error) { return o.Conn.Read(p[:min(len(p), 1)]) }
