package fakehalo

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// vantagePeer is the loopback address from which the nth vantage point's connections reach the fake.
func vantagePeer(n int) string { return fmt.Sprintf("127.0.0.%d", 11+n) }

// from tells whether a peer is the nth vantage point, or has its address itself, as in a network namespace.
func (i *instance) from(n int, peer string) bool {
	return peer == vantagePeer(n) || n < len(i.lookFrom) && peer == i.lookFrom[n]
}

// openVantages starts a SOCKS5 proxy for each of the guide's addresses. Whatever is asked for, it connects to the same
// port on 127.0.0.1, from the vantage point's own address.
func (s *Server) openVantages() error {
	s.Vantages = map[string]string{}
	for n, address := range s.live().lookFrom {
		l, err := net.Listen("tcp", anyPort)
		if err != nil {
			return err
		}
		dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(vantagePeer(n))}, Timeout: 5 * time.Second}
		blind := s.live().lookBlind[address]
		s.serveRaw(func(c net.Conn) {
			if !blind {
				socks(c, dialer)
			}
		}, []net.Listener{l})
		s.Vantages[address] = "socks5://" + l.Addr().String()
	}
	return nil
}

// socks speaks as much of RFC 1928 as a client needs: no authentication, CONNECT.
func socks(c net.Conn, dialer *net.Dialer) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	head := make([]byte, 2)
	if _, err := io.ReadFull(c, head); err != nil || head[0] != 5 {
		return
	}
	if _, err := io.CopyN(io.Discard, c, int64(head[1])); err != nil {
		return
	}
	_, _ = c.Write([]byte{5, 0})
	request := make([]byte, 4)
	if _, err := io.ReadFull(c, request); err != nil || request[1] != 1 {
		return
	}
	length := map[byte]int64{1: 4, 4: 16}[request[3]]
	if request[3] == 3 {
		one := make([]byte, 1)
		if _, err := io.ReadFull(c, one); err != nil {
			return
		}
		length = int64(one[0])
	}
	if _, err := io.CopyN(io.Discard, c, length); err != nil {
		return
	}
	port := make([]byte, 2)
	if _, err := io.ReadFull(c, port); err != nil {
		return
	}
	to, err := dialer.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", binary.BigEndian.Uint16(port)))
	if err != nil {
		_, _ = c.Write([]byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0})
		return
	}
	defer to.Close()
	_, _ = c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(to, c)
		_ = to.Close()
	})
	_, _ = io.Copy(c, to)
	_ = c.Close()
	both.Wait()
}
