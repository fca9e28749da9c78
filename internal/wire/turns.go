package wire

import (
	"context"
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
	began              time.Time // when its hello was about to be sent
	shown              bool      // the server has sent its certificates
	inRow, mayShowNone bool      // as its hello had it
}

// orderIsSure is how far apart hellos have to be sent for the server to see them in that order: a busy machine may hold one up.
const orderIsSure = 10 * time.Millisecond

// maxTurns bounds how many handshakes with one address are kept in mind.
const maxTurns = 256

// beginTurn notes that a handshake begins on conn, in the order in which hellos are sent, and waits until its hello may be: one
// of a row not right behind one that may show no chain, and such a one neither within a row nor right behind it. shown is to be
// called when the server has sent its certificates.
func (n *Net) beginTurn(ctx context.Context, e Endpoint, conn net.Conn, h Hello) (shown func()) {
	key := turnsOf{e, addrOf(conn)}
	var patience <-chan time.Time
	n.mu.Lock()
	defer n.mu.Unlock()
	for late := false; !late; {
		pause := n.untilTurn(key, h)
		if pause <= 0 {
			break
		}
		if patience == nil {
			patience = time.After(maxRowWait)
		}
		n.mu.Unlock()
		select {
		case <-time.After(pause):
		case <-patience:
			late = true
		case <-ctx.Done():
			late = true
		}
		n.mu.Lock()
	}
	n.passRow(h.Row, true)
	i := len(n.turns[key])
	if i == maxTurns {
		return func() {}
	}
	if n.turns == nil {
		n.turns = map[turnsOf][]turn{}
	}
	n.turns[key] = append(n.turns[key], turn{began: time.Now(), inRow: h.Row != nil, mayShowNone: h.MayShowNone})
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.turns[key][i].shown = true
	}
}

// untilTurn is how long a hello has to wait at least; 0 once it may be sent. The caller holds n.mu.
func (n *Net) untilTurn(key turnsOf, h Hello) (pause time.Duration) {
	if h.Row == nil && !h.MayShowNone {
		return 0
	}
	if h.MayShowNone && n.openRows[key] > 0 {
		return orderIsSure
	}
	for _, t := range n.turns[key] {
		if h.MayShowNone && t.inRow || h.Row != nil && t.mayShowNone {
			pause = max(pause, orderIsSure-time.Since(t.began))
		}
	}
	return pause
}

// Row is a number of handshakes with one address that are meant to follow each other: no hello that may show no chain is sent
// between them, however late a busy machine gets to either.
type Row struct {
	key  turnsOf
	left int  // handshakes to come
	open bool // the first one has begun
}

// maxRowWait is how long a hello waits for a row whose connections are slow to open.
const maxRowWait = time.Second

// NewRow is for size handshakes with an address. Each of them has it in its hello, or leaves it.
func (n *Net) NewRow(e Endpoint, addr netip.Addr, size int) *Row {
	return &Row{key: turnsOf{e, addr}, left: size}
}

// LeaveRow is for a handshake that does not begin. The row may be nil.
func (n *Net) LeaveRow(r *Row) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.passRow(r, false)
}

// passRow counts a handshake of a row. The row is open from the first one that begins to the last one. The caller holds n.mu.
func (n *Net) passRow(r *Row, begins bool) {
	if r == nil || r.left == 0 {
		return
	}
	if n.openRows == nil {
		n.openRows = map[turnsOf]int{}
	}
	if begins && !r.open {
		r.open = true
		n.openRows[r.key]++
	}
	if r.left--; r.left == 0 && r.open {
		n.openRows[r.key]--
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
