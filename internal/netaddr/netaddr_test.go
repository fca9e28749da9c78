package netaddr_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/halocheck/halocheck/internal/netaddr"
)

// addresses says of each address whether it may be contacted, by default and with private addresses allowed.
var addresses = func() map[string]struct{ public, private bool } {
	text, err := os.ReadFile("testdata/addresses.txt")
	if err != nil {
		panic(err)
	}
	list := map[string]struct{ public, private bool }{}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); words[0] != "#" {
			list[words[0]] = struct{ public, private bool }{words[1] == "true", words[2] == "true"}
		}
	}
	return list
}()

func TestCheck(t *testing.T) {
	if len(addresses) < 45 {
		t.Fatal(len(addresses))
	}
	for address, want := range addresses {
		a := netip.MustParseAddr(address)
		for allowPrivate, allowed := range map[bool]bool{false: want.public, true: want.private} {
			if err := netaddr.Check(a, allowPrivate); (err == nil) != allowed {
				t.Errorf("%s, private addresses allowed %t: %v", address, allowPrivate, err)
			}
		}
	}
	if netaddr.Check(netip.Addr{}, true) == nil {
		t.Error("no address is allowed")
	}
}

// errDialed ends a connection that was allowed, before it is made.
var errDialed = errors.New("it would have been connected to")

// A name is judged by the address that it resolves to at the moment of the connection.
func TestNamesAreJudgedByTheirAddress(t *testing.T) {
	resolver := startDNS(t)
	for address, want := range addresses {
		a := netip.MustParseAddr(address)
		if a.Zone() != "" || a.Is4In6() {
			continue // no name resolves to one
		}
		for allowPrivate, allowed := range map[bool]bool{false: want.public, true: want.private} {
			check := netaddr.Control(allowPrivate)
			dialer := net.Dialer{Timeout: 20 * time.Second, Resolver: resolver, Control: func(network, address string, c syscall.RawConn) error {
				if err := check(network, address, c); err != nil {
					return err
				}
				return errDialed
			}}
			conn, err := dialer.DialContext(t.Context(), "tcp", fmt.Sprintf("%x.example:80", a.AsSlice()))
			if conn != nil {
				_ = conn.Close()
			}
			if errors.Is(err, errDialed) != allowed || !allowed && !errors.Is(err, netaddr.ErrPrivate) && !errors.Is(err, netaddr.ErrReserved) {
				t.Errorf("a name of %s, private addresses allowed %t: %v", address, allowPrivate, err)
			}
		}
	}
}

// startDNS answers questions for HEX.example with the address that HEX spells.
func startDNS(t *testing.T) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		for buffer := make([]byte, 512); ; {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer, err := answerDNS(buffer[:n]); err == nil {
				_, _ = server.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func answerDNS(question []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil || len(m.Questions) != 1 {
		return nil, errors.New("no question")
	}
	q := m.Questions[0]
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	var spelt []byte
	if _, err := fmt.Sscanf(q.Name.String(), "%x", &spelt); err != nil {
		return nil, err
	}
	header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}
	switch {
	case q.Type == dnsmessage.TypeA && len(spelt) == 4:
		m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: [4]byte(spelt)}}}
	case q.Type == dnsmessage.TypeAAAA && len(spelt) == 16:
		m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AAAAResource{AAAA: [16]byte(spelt)}}}
	}
	return m.Pack()
}
