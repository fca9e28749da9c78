package independent_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"

	"github.com/halocheck/halocheck/probes"
)

// guideAddresses are those that the guide asks to let in. guide.txt
var guideAddresses = []string{"3.19.3.152", "3.19.4.238"}

// fromAddress connects from a chosen address, where the network can.
type fromAddress interface {
	dialFrom(ctx context.Context, network, address, from string) (net.Conn, error)
}

// openProxies opens a CONNECT proxy at each of the guide's addresses.
func (s *server) openProxies() (list []probes.Vantage) {
	for i, address := range guideAddresses {
		host := fmt.Sprintf("proxy%d.contoso.example", i+1)
		at := netip.MustParseAddr(fmt.Sprintf("198.51.100.%d", i+1))
		s.network.name(host, []netip.Addr{at})
		l := s.network.listen(netip.AddrPortFrom(at, 3128).String())
		s.proxies = append(s.proxies, l)
		s.done.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				s.done.Go(func() { s.tunnel(c, address) })
			}
		})
		list = append(list, probes.Vantage{Name: address, URL: "http://" + host + ":3128"})
	}
	return list
}

// tunnel serves one CONNECT request.
func (s *server) tunnel(c net.Conn, from string) {
	defer c.Close()
	reader := bufio.NewReader(c)
	req, err := http.ReadRequest(reader)
	if err != nil {
		return
	}
	there, err := s.network.(fromAddress).dialFrom(context.Background(), "tcp", req.Host, from+":50000")
	if err != nil {
		_, _ = io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
		return
	}
	defer there.Close()
	_, _ = io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n")
	s.done.Go(func() {
		_, _ = io.Copy(there, reader)
		_ = there.Close()
	})
	_, _ = io.Copy(c, there)
}
