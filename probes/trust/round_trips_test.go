package trust_test

import (
	"context"
	"net"
	"sync"
	"testing"

	"github.com/halocheck/halocheck/probes/trust"
)

// turns counts the round trips of connections: one for each that is opened, and one whenever an answer is read after
// something was written.
type turns struct {
	mu    sync.Mutex
	count int
}

func (d *turns) add() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count++
}

func (d *turns) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err == nil && network == "tcp" {
		d.add()
	}
	return &turning{Conn: c, turns: d}, err
}

// turning is a connection whose round trips are counted.
type turning struct {
	net.Conn
	turns   *turns
	written bool
}

func (c *turning) Write(p []byte) (int, error) {
	c.written = true
	return c.Conn.Write(p)
}

func (c *turning) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && c.written {
		c.written = false
		c.turns.add()
	}
	return n, err
}

// TestBlockingRoundTrips is what a login waits for before trust lets it send a secret: a connection and a handshake of
// TLS 1.3, two round trips. BenchmarkTrustAway measures the same as time.
func TestBlockingRoundTrips(t *testing.T) {
	for range 20 {
		counted := &turns{}
		s := serve(t).session(t, "off")
		s.Net.Dialer = counted
		if err := trust.Resource.NeedVerified(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		counted.mu.Lock()
		if counted.count != 2 {
			t.Errorf("%d round trips, want 2", counted.count)
		}
		counted.mu.Unlock()
	}
}
