package trust_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo/pki"
	"github.com/halocheck/halocheck/probes"
)

// inOrder dials 127.0.0.1 first, so that the first handshake is that node's.
type inOrder struct {
	once  sync.Once
	first chan struct{}
}

func (d *inOrder) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if strings.HasPrefix(address, "127.0.0.1:") {
		defer d.once.Do(func() { time.AfterFunc(50*time.Millisecond, func() { close(d.first) }) })
	} else {
		<-d.first
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

// TestSecondNode finds the flaw of a node behind another address of the name, and says which address and what. A node
// where nobody gets as far as a certificate is no better than one with a wrong certificate.
func TestSecondNode(t *testing.T) {
	for fault, says := range map[string]string{
		"small-hellos":         "127.0.0.2 (the connection was reset",
		"missing-intermediate": "127.0.0.2: 1 certificate sent, unknown issuer",
		"wrong-name":           "127.0.0.2: 2 certificates sent, name mismatch",
		"expired":              "127.0.0.2: 2 certificates sent, expired",
		"weak-key":             "127.0.0.2: 2 certificates sent, weak key",
		"key-mismatch":         "127.0.0.2: the server's key",
		"leaf-not-first":       "127.0.0.2: the first certificate is its issuer's",
		"bad-certificate":      "127.0.0.2: the server sent",
		"not-tls":              "127.0.0.2: what answers is not TLS but plain HTTP)",
		"tls-too-old":          "127.0.0.2: the server ended the handshake",
		"close":                "127.0.0.2: the other side closed",
		"reset":                "127.0.0.2 (the connection was reset",
	} {
		t.Run(fault, func(t *testing.T) {
			at := pki.Site{Hosts: []string{labHost}, BaseURL: "http://127.0.0.1:1"}
			good, err := pki.Make(at)
			if err != nil {
				t.Fatal(err)
			}
			faults := []string{fault}
			if fault == "small-hellos" {
				faults = nil
			}
			bad, err := pki.Make(at, faults...)
			if err != nil {
				t.Fatal(err)
			}
			if faults == nil {
				smallHellosAlone(bad)
			}
			one := open(t, good)
			l, err := net.Listen("tcp", "127.0.0.2:"+one.port)
			if err != nil {
				t.Skipf("this machine has no second loopback address: %v", err)
			}
			openOn(t, l, bad)
			one.material.Roots = append(one.material.Roots, bad.Roots...)
			s := one.session(t, "off")
			s.Net.Dialer = &inOrder{first: make(chan struct{})}
			s.Net.Pinned[net.JoinHostPort(one.host, one.port)] = []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")}
			found := look(t, s, plenty)
			if f := found["trust.chain"]; f.Status != probes.Passed {
				t.Errorf("the first node: %s: %s", f.Cause, f.Because)
			}
			f := found["trust.consistent"]
			status, cause := probes.Failed, probes.InconsistentChain
			if faults == nil || unknowns[fault] {
				status, cause = probes.Unknown, probes.ConnectionReset
			}
			if f.Status != status || f.Cause != cause || !strings.Contains(f.Because, says) {
				t.Errorf("%s %s: %s; want it to say %q", f.Status, f.Cause, f.Because, says)
			}
			if strings.Contains(f.Because, "127.0.0.1 (") {
				t.Errorf("it blames the good node: %s", f.Because)
			}
		})
	}
}

// TestBusyNode passes a node that lets the first look at it wait and answers the second: silence is counted against it only
// where it comes twice.
func TestBusyNode(t *testing.T) {
	for silent, want := range map[int64]probes.Status{6: probes.Passed, 1000: probes.Failed} {
		t.Run(fmt.Sprint(silent), func(t *testing.T) {
			t.Parallel()
			lookAtBusyNode(t, silent, want)
		})
	}
}

// lookAtBusyNode looks at a name with two addresses, of which the second is silent that often.
func lookAtBusyNode(t *testing.T, silent int64, want probes.Status) {
	t.Helper()
	m, err := pki.Make(pki.Site{Hosts: []string{labHost}})
	if err != nil {
		t.Fatal(err)
	}
	one := open(t, m)
	l, err := net.Listen("tcp", "127.0.0.2:"+one.port)
	if err != nil {
		t.Skipf("this machine has no second loopback address: %v", err)
	}
	config, seen := m.TLS.Clone(), atomic.Int64{}
	busy := pki.Material{Raw: func(conn net.Conn) {
		defer conn.Close()
		if seen.Add(1) > silent {
			_ = tls.Server(conn, config).Handshake()
		}
		_, _ = io.Copy(io.Discard, conn)
	}}
	openOn(t, l, &busy)
	s := one.session(t, "off")
	s.Net.Dialer = &inOrder{first: make(chan struct{})}
	s.Net.Pinned[net.JoinHostPort(one.host, one.port)] = []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")}
	if f := look(t, s, 6*time.Second)["trust.consistent"]; f.Status != want {
		t.Errorf("silent %d times: %s %s: %s", silent, f.Status, f.Cause, f.Because)
	}
}
