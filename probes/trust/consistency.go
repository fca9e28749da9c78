package trust

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// Handshakes are the further handshakes with a server, each in another variant or with another address.
type Handshakes struct {
	Attempts []Attempt `json:"looks"`
	Now      time.Time `json:"now"`
}

// Attempt is one of these handshakes and what became of its chain.
type Attempt struct {
	Variant string       `json:"how"` // "TLS 1.2, RSA, 192.0.2.1"
	Leaf    string       `json:"leaf,omitempty"`
	Sent    int          `json:"sent"`
	Builds  bool         `json:"builds"`
	Cause   probes.Cause `json:"cause,omitempty"`
	Detail  string       `json:"detail,omitempty"`  // why the handshake failed; empty where the chain alone is at fault
	Broke   probes.Cause `json:"broke,omitempty"`   // how the first try ended, where a second one was made
	Refused string       `json:"refused,omitempty"` // the server does not do it this way; that is no fault
	MS      float64      `json:"ms,omitempty"`
}

// ordinaryHandshakes is how many ordinary handshakes are made with each address, the first one included. Nodes behind one
// address take turns, often strictly (tls-clients.md §3): as many connections in a row as there are nodes meet each of
// them, as long as every connection in between reads its chain. The first one stands apart: see [turnPause].
const ordinaryHandshakes = 6

// suitesFor are the TLS 1.2 suites of one key type, "RSA" or "ECDSA".
func suitesFor(key string) []uint16 {
	return slices.DeleteFunc(wire.ClientSuites(), func(id uint16) bool { return !strings.Contains(tls.CipherSuiteName(id), "_"+key+"_WITH_") })
}

// newConsistencyProbe runs beside the other areas; no other requirement waits for it. It asks only addresses that accepted a
// connection before, and only where the first chain holds: otherwise it would find the same flaw again.
func (t *HostProbes) newConsistencyProbe() *probes.Probe[Handshakes] {
	return &probes.Probe[Handshakes]{
		Name: "trust.consistent" + t.Suffix,
		Asks: "further handshakes beside the rest: each address, TLS 1.2 and 1.3, RSA and ECDSA, several times",
		Look: func(ctx context.Context, s *probes.Session) (Handshakes, error) {
			first, err := probes.Need(ctx, s, t.Chain)
			if err != nil {
				return Handshakes{}, err
			}
			e, err := t.Endpoint(ctx, s)
			if err != nil {
				return Handshakes{}, err
			}
			hands, err := probes.Look(ctx, s, t.handshakeProbe)
			if err != nil {
				return Handshakes{}, err
			}
			if hands.Cause == probes.NotObserved {
				return Handshakes{}, t.Handshake.Unmet() // no further handshake would complete either
			}
			known, _, _ := net.SplitHostPort(hands.Address)
			connections, err := probes.Look(ctx, s, t.Connections)
			if err != nil {
				return Handshakes{}, err
			}
			step, cancel := probes.Step(ctx, handshakeTimeout)
			defer cancel()
			addrs, err := s.Net.Lookup(step, e)
			if err != nil {
				return Handshakes{}, err
			}
			addrs = slices.DeleteFunc(slices.Clone(addrs), func(a netip.Addr) bool {
				i := slices.Index(addrs, a)
				return i >= len(connections.Attempts) || !connections.Attempts[i].OK
			})
			if judgeDates(first).Status != probes.Passed { // other certificates may be out of date by this machine's clock alone
				if first, err = probes.Look(ctx, s, t.datesProbe); err != nil {
					return Handshakes{}, err
				}
			}
			c := comparison{net: s.Net, endpoint: e, first: first, clientCert: hands.Cause == probes.ClientCertRequired}
			var parts probes.Group
			slots := make(chan struct{}, 8) // one address at a time, about: a burst can trip a filter (halo-failures §4.2)
			for _, addr := range addrs {
				for _, v := range keyVariants() {
					parts.Go(func() { c.try(ctx, step, slots, addr, v) })
				}
			}
			wait(step, turnPause)
			for _, addr := range addrs {
				variants := ordinaryVariants()
				if addr.String() == known {
					variants = variants[1:]
				}
				c.row(ctx, step, slots, addr, variants, &parts)
			}
			parts.Wait()
			c.anotherRow(ctx, step, slots, addrs)
			c.addRequests()
			slices.SortStableFunc(c.found, func(a, b Attempt) int { return strings.Compare(a.Variant, b.Variant) })
			return Handshakes{Attempts: c.found, Now: s.Now()}, ctx.Err()
		},
	}
}

// turnPause is how long the connections that show a chain stay behind those that may show none, so that they follow each other
// and meet every node in turn. The latter take a round trip more, and go first.
const turnPause = 20 * time.Millisecond

// wait returns after d, or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// comparison compares further handshakes with the first one.
type comparison struct {
	net        *wire.Net
	endpoint   wire.Endpoint
	first      Chain
	clientCert bool // the server demands a client certificate, so that no handshake completes

	mu    sync.Mutex
	found []Attempt
}

// row makes handshakes with an address that follow each other.
func (c *comparison) row(ctx, step context.Context, slots chan struct{}, addr netip.Addr, variants []variant, parts *probes.Group) {
	row := c.net.NewRow(c.endpoint, addr, len(variants))
	for _, v := range variants {
		v.hello.Row = row
		parts.Go(func() { c.try(ctx, step, slots, addr, v) })
	}
}

// try makes one handshake.
func (c *comparison) try(ctx, step context.Context, slots chan struct{}, addr netip.Addr, v variant) {
	slots <- struct{}{}
	defer func() { <-slots }()
	seen, broke := c.handshake(ctx, step, addr, v)
	if seen == nil {
		return // whether it can be reached is network.reachable's matter
	}
	a := c.assess(seen, v.ordinary)
	a.Variant, a.MS, a.Broke = v.label(seen)+", "+peerName(addr), float64(seen.Took.Microseconds())/1000, broke
	c.mu.Lock()
	defer c.mu.Unlock()
	c.found = append(c.found, a)
}

// anotherRow makes further handshakes with addresses whose connections did not follow each other as they were meant to: on a
// busy machine, one that shows no chain can slip in between and take the turn of the one bad node. Rows in which nothing is
// wrong are not told, so that the same server gets the same words on any machine.
func (c *comparison) anotherRow(ctx, step context.Context, slots chan struct{}, addrs []netip.Addr) {
	told := len(c.found)
	for range 2 {
		var row probes.Group
		for _, addr := range addrs {
			if c.net.ChainsInARow(c.endpoint, addr) >= ordinaryHandshakes-1 || !c.allBuild() || step.Err() != nil {
				continue
			}
			c.row(ctx, step, slots, addr, ordinaryVariants()[1:], &row)
		}
		row.Wait()
	}
	if c.allBuild() {
		c.found = c.found[:told]
	}
}

// allBuild tells whether nothing is wrong so far.
func (c *comparison) allBuild() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !slices.ContainsFunc(c.found, func(a Attempt) bool { return a.Refused == "" && !a.Builds })
}

// peerName is an address as it is told; the zero one is whatever a proxy connects to.
func peerName(addr netip.Addr) string {
	if !addr.IsValid() {
		return "through the proxy"
	}
	return addr.String()
}

// addRequests adds the other chains that the connections of requests got. Those that got the first one are not counted.
func (c *comparison) addRequests() {
	for _, sent := range c.net.SeenChains(c.endpoint) {
		if a := c.assess(&wire.Handshake{Sent: sent}, true); !a.Builds {
			a.Variant = "a request's connection"
			c.found = append(c.found, a)
		}
	}
}

// variant is one kind of handshake.
type variant struct {
	how      string
	hello    wire.Hello
	ordinary bool // every client shakes hands like that, so a server may not refuse it
}

// label is how the handshake was made: of the ordinary ones, in which version it ended.
func (v variant) label(seen *wire.Handshake) string {
	if v.ordinary && seen.Err == nil {
		return tls.VersionName(seen.Version)
	}
	return v.how
}

// handshake shakes hands with one address within step; nil where it cannot be connected to. An ordinary handshake is tried
// again with the ordinary hello where the server refuses it or the connection breaks, and broke says how: a filter may have
// taken offence at the burst. Where no answer came within step there is a second one: this machine may have been busy.
func (c *comparison) handshake(ctx, step context.Context, addr netip.Addr, v variant) (seen *wire.Handshake, broke probes.Cause) {
	for tries := 1; ; tries++ {
		conn, err := c.net.Dial(step, c.endpoint, addr)
		if err != nil {
			c.net.LeaveRow(v.hello.Row)
			return seen, broke
		}
		seen = c.net.HandshakeOn(step, conn, c.endpoint, v.hello)
		if !v.ordinary || tries == 2 || ctx.Err() != nil || (c.clientCert && seen.ClientCert) {
			return seen, broke
		}
		cause := probes.Cause(wire.Cause(seen.Err))
		switch cause {
		case probes.ConnectionReset, probes.ConnectionClosed:
			select {
			case <-step.Done():
				return seen, broke
			case <-time.After(retryPause):
			}
		case probes.Timeout:
			var cancel context.CancelFunc
			step, cancel = probes.Step(ctx, handshakeTimeout)
			defer cancel()
		case probes.TLSAlert:
		default:
			return seen, broke
		}
		v.hello, broke = wire.Hello{}, cause
	}
}

// retryPause is how long a broken handshake waits before it is tried again.
const retryPause = 300 * time.Millisecond

// ordinaryVariants are the handshakes that no server may refuse, the first one's repetitions. They end in TLS 1.3 wherever
// the server speaks that. All but the first leave out the post-quantum key share, which is most of a handshake's work.
func ordinaryVariants() []variant {
	all := []variant{{how: "TLS 1.2 or 1.3", ordinary: true}}
	for range ordinaryHandshakes - 1 {
		all = append(all, variant{how: "TLS 1.2 or 1.3", ordinary: true, hello: wire.Hello{Curves: wire.ClassicCurves()}})
	}
	return all
}

// keyVariants are the handshakes with each key type. TLS 1.3 does not tie a cipher suite to a kind of key, so RSA and ECDSA
// are told apart with TLS 1.2. A server may refuse them and show no chain, so they come after the ordinary ones: between
// those they would take the turn of a node.
func keyVariants() []variant {
	return []variant{
		{how: "TLS 1.2, RSA", hello: wire.Hello{Max: tls.VersionTLS12, Suites: suitesFor("RSA"), MayShowNone: true}},
		{how: "TLS 1.2, ECDSA", hello: wire.Hello{Max: tls.VersionTLS12, Suites: suitesFor("ECDSA"), MayShowNone: true}},
	}
}

// assess tells whether a handshake completes with a chain that builds. Another certificate than the first handshake's has
// to be for the host, of today and strong as well; the first one's own are other requirements' matter. Where a client
// certificate is demanded, the list counts although the handshake breaks.
func (c *comparison) assess(seen *wire.Handshake, ordinary bool) Attempt {
	first := c.first
	complete := seen.Err == nil || (c.clientCert && seen.ClientCert && len(seen.Sent) > 0)
	if complete && first.Builds && sameChain(seen.Sent, first.Sent) {
		return Attempt{Leaf: first.Sent[0].SHA256, Sent: len(first.Sent), Builds: true} // it was examined already
	}
	sent := describeAll(seen.Sent)
	if !complete {
		cause, detail := classifyError(seen.Err, sent, first.Host)
		if !ordinary && len(sent) == 0 && cause != probes.BadCertificate && cause != probes.ChainTooLong {
			return Attempt{Refused: wire.Describe(seen.Err)}
		}
		return Attempt{Sent: len(sent), Cause: cause, Detail: detail}
	}
	if len(sent) == 0 {
		return Attempt{Cause: probes.BadCertificate}
	}
	a := Attempt{Leaf: sent[0].SHA256, Sent: len(sent)}
	a.Cause = first.another(sent).flaw(c.net.Roots, a.Leaf != first.Sent[0].SHA256)
	a.Builds = a.Cause == ""
	return a
}

// another is the chain of a further handshake with the same host.
func (c Chain) another(sent []Cert) *Chain {
	return &Chain{Host: c.Host, IP: c.IP, Now: c.Now, Sent: sent, clockAhead: c.clockAhead}
}

// flaw is why clients refuse the chain; empty where they do not. The leaf's own name, dates and strength count where whole
// is set.
func (c *Chain) flaw(roots *wire.Roots, whole bool) probes.Cause {
	if c.leaf() == nil {
		return probes.BadCertificate
	}
	c.buildAndVerify(roots)
	switch {
	case !c.Builds:
		return c.Cause
	case whole:
		return c.certificateFlaw()
	}
	return ""
}

// certificateFlaw is what is wrong with the host's name, the dates or the strength of a chain; empty: nothing.
func (c Chain) certificateFlaw() probes.Cause {
	for _, v := range []probes.Verdict{judgeStrength(c), judgeDates(c), judgeName(c)} {
		if v.Status == probes.Failed {
			return v.Cause
		}
	}
	return ""
}

// sameChain tells whether a handshake got the very certificates that were examined, in their order.
func sameChain(sent [][]byte, examined []Cert) bool {
	return slices.EqualFunc(sent, examined, func(der []byte, c Cert) bool { return bytes.Equal(der, c.DER) })
}
