package wire

import (
	"context"
	"net"
	"net/netip"
	"sync"
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
		shown := n.beginTurn(context.Background(), e, conn, Hello{})
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

// TestRowsStayTogether begins handshakes that may show no chain before, within and behind a row, as a busy machine does.
func TestRowsStayTogether(t *testing.T) {
	const size = 5
	e, addr := Endpoint{Host: "halo.example.test", Port: "443"}, netip.MustParseAddr("127.0.0.2")
	conn := peer{addr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, 443))}
	n := &Net{}
	var others sync.WaitGroup
	other := func() { n.beginTurn(t.Context(), e, conn, Hello{MayShowNone: true}) }
	other()
	row := n.NewRow(e, addr, size+1)
	for i := range size {
		n.beginTurn(t.Context(), e, conn, Hello{Row: row})()
		if i == 2 {
			others.Go(other)
			time.Sleep(2 * orderIsSure)
		}
	}
	n.LeaveRow(row)
	others.Wait()
	if got := n.ChainsInARow(e, addr); got != size {
		t.Errorf("%d in a row, want %d: %v", got, size, n.turns)
	}
	if got := len(n.turns[turnsOf{e, addr}]); got != size+2 {
		t.Errorf("%d handshakes began, want %d", got, size+2)
	}
}

// TestRowsEnd does not hold up anybody for a row whose other handshakes never come.
func TestRowsEnd(t *testing.T) {
	e, addr := Endpoint{Host: "halo.example.test", Port: "443"}, netip.MustParseAddr("127.0.0.2")
	conn := peer{addr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, 443))}
	n := &Net{}
	row := n.NewRow(e, addr, 2)
	n.beginTurn(t.Context(), e, conn, Hello{Row: row})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n.beginTurn(ctx, e, conn, Hello{MayShowNone: true}) // a run that ends waits no longer
	begin := time.Now()
	n.beginTurn(t.Context(), e, conn, Hello{MayShowNone: true})
	if took := time.Since(begin); took < maxRowWait/2 || took > 2*maxRowWait {
		t.Errorf("it waited %s, want about %s", took, maxRowWait)
	}
}
