package main

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// startProxies gives a transcript proxies: CONNECT, which also fetches plain addresses, SOCKS, one that refuses every
// connection, and one that inspects TLS.
func startProxies(e *testscript.Env) error {
	m, err := pki.Make(pki.Site{Hosts: []string{"localhost"}})
	if err != nil {
		return err
	}
	m.TLS.NextProtos = []string{"http/1.1"}
	inspecting := func(c net.Conn, address string) {
		seen := &peeked{c, bufio.NewReader(c)}
		there, err := net.Dial("tcp", address)
		if first, _ := seen.Peek(1); err == nil && len(first) > 0 && first[0] == 0x16 { // a record of a TLS handshake
			exchange(tls.Server(seen, m.TLS), tls.Client(there, &tls.Config{InsecureSkipVerify: true, NextProtos: m.TLS.NextProtos}))
			return
		}
		exchange(seen, there)
	}
	for name, handler := range map[string]http.Handler{
		"CONNECT": connectProxy(relay), "INSPECTING": connectProxy(inspecting),
		"REFUSING": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }),
	} {
		server := httptest.NewServer(handler)
		e.Defer(server.Close)
		e.Vars = append(e.Vars, name+"="+server.URL)
	}
	socks, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	e.Defer(func() { _ = socks.Close() })
	e.Vars = append(e.Vars, "SOCKS=socks5://"+socks.Addr().String())
	go func() {
		for {
			c, err := socks.Accept()
			if err != nil {
				return
			}
			go socksProxy(c)
		}
	}()
	return nil
}

// connectProxy answers CONNECT, and GET of a plain address.
func connectProxy(serve func(net.Conn, string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			there, err := net.Dial("tcp", r.Host)
			if err != nil {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			_ = there.Close()
			c, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			_, _ = fmt.Fprint(c, "HTTP/1.1 200 OK\r\n\r\n")
			serve(c, r.Host)
			return
		}
		r.RequestURI = ""
		resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	})
}

// relay carries a connection on to an address.
func relay(c net.Conn, address string) {
	there, err := net.Dial("tcp", address)
	if err != nil {
		_ = c.Close()
		return
	}
	exchange(c, there)
}

// exchange carries what both sides say to each other.
func exchange(here, there net.Conn) {
	go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
	_, _ = io.Copy(here, there)
	_ = here.Close()
}

// peeked is a connection whose first bytes were looked at.
type peeked struct {
	net.Conn
	*bufio.Reader
}

func (p *peeked) Read(b []byte) (int, error) { return p.Reader.Read(b) }

// socksProxy speaks as much of RFC 1928 as a client without a password needs.
func socksProxy(c net.Conn) {
	defer c.Close()
	read := func(n int) []byte {
		b := make([]byte, n)
		_, _ = io.ReadFull(c, b)
		return b
	}
	read(int(read(2)[1]))
	_, _ = c.Write([]byte{5, 0})
	var host string
	switch read(4)[3] {
	case 1:
		host = net.IP(read(net.IPv4len)).String()
	case 3:
		host = string(read(int(read(1)[0])))
	default:
		return
	}
	port := binary.BigEndian.Uint16(read(2))
	_, _ = c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	relay(c, net.JoinHostPort(host, strconv.Itoa(int(port))))
}
