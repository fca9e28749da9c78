package wire

import (
	"net"
	"net/netip"
	"testing"
	"time"
)

// handshakes begins handshakes with an address: S shows certificates, - does not, each orderIsSure and
// more after the one before, a dot leaves out that pause.
func handshakes(n *Net, e Endpoint, address, sequence string) {
	conn := peer{addr: net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address))}
	for _, r := range sequence {
		if r == '.' {
			turns := n.turns[turnsOf{e, addrOf(conn)}]
			for i := range turns {
				turns[i].began = turns[i].began.Add(2*orderIsSure - time.Millisecond)
			}
			continue
		}
		shown := n.beginTurn(e, conn)
		if r == 'S' {
			shown()
		}
		turns := n.turns[turnsOf{e, addrOf(conn)}]
		for i := range turns { // as if the next one began later
			turns[i].began = turns[i].began.Add(-2 * orderIsSure)
		}
	}
}

type peer struct {
	net.Conn
	addr net.Addr
}

func (p peer) RemoteAddr() net.Addr { return p.addr }

func TestChainsInARow(t *testing.T) {
	e := Endpoint{Host: "halo.example.test", Port: "443"}
	for sequence, want := range map[string]int{
		"":         0,
		"-":        0,
		"S":        1,
		"SSSSS":    5,
		"SS-SSS":   3,
		"SSSS-S-S": 4,
		"S-S-S-S":  1,
		"SSS.-":    2, // the last two may have changed places
		"SS-.SSS":  2,
		"S.S.S":    3, // whatever their order is
	} {
		n := &Net{}
		handshakes(n, e, "127.0.0.2:443", sequence)
		handshakes(n, e, "127.0.0.3:443", "SSSSSSSSS") // another address has nodes of its own
		if got := n.ChainsInARow(e, netip.MustParseAddr("127.0.0.2")); got != want {
			t.Errorf("%q: %d in a row, want %d", sequence, got, want)
		}
	}
}
