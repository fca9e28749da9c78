package wire

import (
	"net"
	"net/netip"
	"slices"
	"time"
)

// turnsOf is where connections take turns: the nodes behind one address of an endpoint.
type turnsOf struct {
	Endpoint
	addr netip.Addr
}

// turn is one handshake.
type turn struct {
	began time.Time // when its hello was about to be sent
	shown bool      // the server has sent its certificates
}

// orderIsSure is how far apart hellos have to be sent for the server to see them in that order: a busy machine may hold one up.
const orderIsSure = 10 * time.Millisecond

// maxTurns bounds how many handshakes with one address are kept in mind.
const maxTurns = 256

// beginTurn notes that a handshake begins on conn, in the order in which hellos are sent; shown is to be called when the server
// has sent its certificates.
func (n *Net) beginTurn(e Endpoint, conn net.Conn) (shown func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := turnsOf{e, addrOf(conn)}
	i := len(n.turns[key])
	if i == maxTurns {
		return func() {}
	}
	if n.turns == nil {
		n.turns = map[turnsOf][]turn{}
	}
	n.turns[key] = append(n.turns[key], turn{began: time.Now()})
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.turns[key][i].shown = true
	}
}

// ChainsInARow is how many handshakes with an address of the endpoint followed each other, at most, of which each showed the
// server's certificates. Nodes that take strict turns have all been met once there were as many as nodes; a handshake that
// shows none takes the turn of a node unseen. Those that it may have changed places with are not counted. The zero address is
// a proxy's, which connects wherever it likes.
func (n *Net) ChainsInARow(e Endpoint, addr netip.Addr) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	turns := n.turns[turnsOf{e, addr}]
	row, longest := 0, 0
	for _, t := range turns {
		sure := t.shown && !slices.ContainsFunc(turns, func(other turn) bool {
			return !other.shown && other.began.Sub(t.began).Abs() < orderIsSure
		})
		switch {
		case sure:
			row++
		case !t.shown:
			row = 0
		}
		longest = max(longest, row)
	}
	return longest
}

// addrOf is the address of conn's other end; the zero one where that is no IP address.
func addrOf(conn net.Conn) netip.Addr {
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
