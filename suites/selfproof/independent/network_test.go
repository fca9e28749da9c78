// Package independent_test holds a second HaloPSA, for tests alone. It is written from what is publicly known of real
// instances, and shares no code and no assumption with fakehalo: what the checker and one imagination of the server
// agree on by mistake, the other contradicts.
package independent_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// network is where servers listen and clients connect.
type network interface {
	name(host string, addrs []netip.Addr)
	listen(address string) net.Listener
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// memoryNetwork is a network inside this process. Connections carry real TLS and real HTTP, need no port, and block in a
// way that testing/synctest understands, so that pauses and time-outs cost no time.
type memoryNetwork struct {
	mu        sync.Mutex
	listeners map[string]*memoryListener // by ip:port
	names     map[string][]netip.Addr
	trip      time.Duration // a round trip to every server
}

func newMemoryNetwork() *memoryNetwork {
	return &memoryNetwork{listeners: map[string]*memoryListener{}, names: map[string][]netip.Addr{}}
}

func (n *memoryNetwork) name(host string, addrs []netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.names[host] = addrs
}

// listen opens a listener at an address.
func (n *memoryNetwork) listen(address string) net.Listener {
	l := &memoryListener{network: n, address: address, accepted: make(chan net.Conn, 64), closed: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listeners[address] = l
	return l
}

// LookupNetIP is the network's name server.
func (n *memoryNetwork) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if addrs := n.names[strings.TrimSuffix(host, ".")]; len(addrs) > 0 {
		return addrs, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, Server: "192.0.2.53:53", IsNotFound: true}
}

// DialContext connects from this machine's own address.
func (n *memoryNetwork) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return n.dialFrom(ctx, network, address, "192.0.2.10:40000")
}

// dialFrom connects from a chosen address.
func (n *memoryNetwork) dialFrom(ctx context.Context, network, address, from string) (net.Conn, error) {
	if host, port, err := net.SplitHostPort(address); err == nil {
		if _, err := netip.ParseAddr(host); err != nil {
			addrs, err := n.LookupNetIP(ctx, "ip", host)
			if err != nil {
				return nil, err
			}
			address = net.JoinHostPort(addrs[0].String(), port)
		}
	}
	n.mu.Lock()
	l := n.listeners[address]
	n.mu.Unlock()
	if l == nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	time.Sleep(n.trip)
	client, server := memoryPipe(from, address, n.trip/2)
	select {
	case l.accepted <- server:
		return client, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
	}
}

type memoryListener struct {
	network  *memoryNetwork
	address  string
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accepted:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	l.once.Do(func() {
		close(l.closed)
		for {
			select {
			case c := <-l.accepted:
				_ = c.Close()
			default:
				return
			}
		}
	})
	return nil
}

func (l *memoryListener) Addr() net.Addr { return tcpAddr(l.address) }

func tcpAddr(address string) net.Addr {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		panic(fmt.Sprintf("%q is no address", address))
	}
	return net.TCPAddrFromAddrPort(at)
}

// stream is one direction of a connection.
type stream struct {
	mu       sync.Mutex
	more     *sync.Cond
	data     []byte
	way      time.Duration // how long a byte is under way
	sent     []chunk       // what is under way
	ended    bool          // the writer closed it
	broken   bool          // the reader closed it
	deadline time.Time     // of the reader
	alarm    *time.Timer
}

type chunk struct {
	data []byte
	due  time.Time
}

func newStream(way time.Duration) *stream {
	s := &stream{way: way}
	s.more = sync.NewCond(&s.mu)
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		for len(s.sent) > 0 && !time.Now().Before(s.sent[0].due) {
			s.data, s.sent = append(s.data, s.sent[0].data...), s.sent[1:]
		}
		switch {
		case s.broken:
			return 0, net.ErrClosed
		case len(s.data) > 0:
			n := copy(p, s.data)
			s.data = s.data[n:]
			return n, nil
		case s.ended && len(s.sent) == 0:
			return 0, io.EOF
		case !s.deadline.IsZero() && !time.Now().Before(s.deadline):
			return 0, os.ErrDeadlineExceeded
		}
		s.more.Wait()
	}
}

func (s *stream) write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return 0, net.ErrClosed
	}
	if s.broken {
		return 0, &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.ECONNRESET)}
	}
	if s.way > 0 {
		s.sent = append(s.sent, chunk{bytes.Clone(p), time.Now().Add(s.way)})
		time.AfterFunc(s.way, s.more.Broadcast)
		return len(p), nil
	}
	s.data = append(s.data, p...)
	s.more.Broadcast()
	return len(p), nil
}

func (s *stream) end(mark func(*stream)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mark(s)
	if s.alarm != nil {
		s.alarm.Stop()
	}
	s.more.Broadcast()
}

func (s *stream) setDeadline(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline = t
	if s.alarm != nil {
		s.alarm.Stop()
		s.alarm = nil
	}
	if !t.IsZero() && !s.broken {
		s.alarm = time.AfterFunc(time.Until(t), s.more.Broadcast)
	}
	s.more.Broadcast()
}

// memoryConn is one end of a connection. Writes never wait, so they need no deadline.
type memoryConn struct {
	in, out       *stream
	local, remote net.Addr
}

func memoryPipe(client, server string, way time.Duration) (*memoryConn, *memoryConn) {
	up, down := newStream(way), newStream(way)
	return &memoryConn{in: down, out: up, local: tcpAddr(client), remote: tcpAddr(server)},
		&memoryConn{in: up, out: down, local: tcpAddr(server), remote: tcpAddr(client)}
}

func (c *memoryConn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *memoryConn) Write(p []byte) (int, error) { return c.out.write(p) }
func (c *memoryConn) Close() error {
	c.in.end(func(s *stream) { s.broken = true })
	c.out.end(func(s *stream) { s.ended = true })
	return nil
}
func (c *memoryConn) LocalAddr() net.Addr                { return c.local }
func (c *memoryConn) RemoteAddr() net.Addr               { return c.remote }
func (c *memoryConn) SetDeadline(t time.Time) error      { c.in.setDeadline(t); return nil }
func (c *memoryConn) SetReadDeadline(t time.Time) error  { c.in.setDeadline(t); return nil }
func (c *memoryConn) SetWriteDeadline(_ time.Time) error { return nil }
