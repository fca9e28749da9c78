package wire

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestAConnectionThatIsResetIsSoForEverybody resets a connection of HTTP/2 under many requests, some answered late, some
// just being sent: none of them may take that for an answer, since a broken connection is worth another try and a
// malformed answer is not.
func TestAConnectionThatIsResetIsSoForEverybody(t *testing.T) {
	for i := range 40 {
		resetTogether(t, 16, 1+i%16)
	}
}

// resetTogether sends requests together over one connection and resets it once some of them have arrived.
func resetTogether(t *testing.T, together, some int) {
	t.Helper()
	accepted := make(chan *net.TCPConn, 1)
	var arrived atomic.Int64
	reset := sync.OnceFunc(func() {
		c := <-accepted
		_ = c.SetLinger(0)
		_ = c.Close()
	})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/first":
		case arrived.Add(1) >= int64(some):
			reset()
		default:
			<-r.Context().Done()
		}
	}))
	server.EnableHTTP2 = true
	server.Listener = listening{server.Listener, accepted}
	server.StartTLS()
	defer server.Close()
	roots, err := NewRoots(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := &Net{Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: roots, Now: time.Now}
	defer n.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if page, err := n.Once(ctx, Request{Method: http.MethodGet, URL: server.URL + "/first"}); err != nil || page.Status != http.StatusOK {
		t.Fatal(page.Status, err)
	}
	var wg sync.WaitGroup
	for range together {
		wg.Go(func() {
			_, err := n.Once(ctx, Request{Method: http.MethodGet, URL: server.URL + "/"})
			if cause := Cause(err); err != nil && cause != "connection_reset" && cause != "connection_closed" {
				t.Errorf("%q: %v", cause, err)
			}
		})
	}
	wg.Wait()
}

// listening hands out the first connection that comes in.
type listening struct {
	net.Listener
	accepted chan<- *net.TCPConn
}

func (l listening) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		select {
		case l.accepted <- tcp:
		default:
		}
	}
	return c, err
}
