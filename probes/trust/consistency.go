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
	Refused string       `json:"refused,omitempty"` // the server does not do it this way; that is no fault
	MS      float64      `json:"ms,omitempty"`
}

// ordinaryHandshakes is how often each address is shaken hands with in the usual way, the first handshake included: nodes behind one
// address take turns (tls.md §6).
const ordinaryHandshakes = 4

// rsaOnly and ecdsaOnly are the TLS 1.2 suites of one key type.
var (
	rsaOnly   = []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256}
	ecdsaOnly = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256}
)

// newConsistencyProbe runs beside the other areas; no other requirement waits for it. It asks only addresses that accepted a
// connection before, and only where the first chain holds: otherwise it would find the same flaw again.
func (t *Site) newConsistencyProbe() *probes.Probe[Handshakes] {
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
			out := Handshakes{Now: s.Now()}
			var mu sync.Mutex
			var parts probes.Group
			slots := make(chan struct{}, 8) // one address at a time, about: a burst can trip a filter (halo-failures §4.2)
			for i, addr := range addrs {
				if i >= len(connections.Attempts) || !connections.Attempts[i].OK {
					continue
				}
				for _, way := range variants(addr.String() == known) {
					parts.Go(func() {
						slots <- struct{}{}
						defer func() { <-slots }()
						seen := handshakeWith(ctx, step, s, e, addr, way)
						if seen == nil {
							return // whether it can be reached is network.reachable's matter
						}
						sight := assess(seen, s.Net.Roots, first, way.ordinary)
						sight.Variant, sight.MS = way.label(seen)+", "+addr.String(), float64(seen.Took.Microseconds())/1000
						mu.Lock()
						defer mu.Unlock()
						out.Attempts = append(out.Attempts, sight)
					})
				}
			}
			parts.Wait()
			slices.SortStableFunc(out.Attempts, func(a, b Attempt) int { return strings.Compare(a.Variant, b.Variant) })
			return out, ctx.Err()
		},
	}
}

// variant is one kind of handshake.
type variant struct {
	how      string
	hello    wire.Hello
	ordinary bool // every client shakes hands like that, so a server may not refuse it
}

// label is how the handshake was made: of the usual ways, in which version it ended.
func (w variant) label(seen *wire.Handshake) string {
	if w.ordinary && seen.Err == nil {
		return tls.VersionName(seen.Version)
	}
	return w.how
}

// handshakeWith shakes hands with one address within step; nil where it cannot be connected to. The usual way is tried again,
// with the ordinary hello, where the server turns it down or the connection breaks: a filter may have taken offence at the
// burst. Where no answer came within step there is a second one: it may have been this machine that was busy.
func handshakeWith(ctx, step context.Context, s *probes.Session, e wire.Endpoint, addr netip.Addr, w variant) (seen *wire.Handshake) {
	for tries := 1; ; tries++ {
		conn, err := s.Net.Dial(step, e, addr)
		if err != nil {
			return seen
		}
		seen = s.Net.ShakeOn(step, conn, e, w.hello)
		if !w.ordinary || tries == 2 || ctx.Err() != nil {
			return seen
		}
		switch probes.Cause(wire.Cause(seen.Err)) {
		case probes.ConnectionReset, probes.ConnectionClosed:
			select {
			case <-step.Done():
				return seen
			case <-time.After(retryPause):
			}
		case probes.Timeout:
			var cancel context.CancelFunc
			step, cancel = probes.Step(ctx, handshakeTimeout)
			defer cancel()
		case probes.TLSAlert:
		default:
			return seen
		}
		w.hello = wire.Hello{}
	}
}

// retryPause is how long a broken handshake waits before it is tried again.
const retryPause = 300 * time.Millisecond

// variants are the handshakes made with an address, further ones where the first handshake was with it. TLS 1.3 does not tie a
// cipher suite to a kind of key, so RSA and ECDSA are told apart with TLS 1.2. The usual way ends in TLS 1.3 wherever the
// server speaks that. Its repetitions leave out the post-quantum key share, which is most of a handshake's work.
func variants(further bool) []variant {
	all := []variant{
		{how: "TLS 1.2, RSA", hello: wire.Hello{Max: tls.VersionTLS12, Suites: rsaOnly}},
		{how: "TLS 1.2, ECDSA", hello: wire.Hello{Max: tls.VersionTLS12, Suites: ecdsaOnly}},
	}
	if !further {
		all = append(all, variant{how: "TLS 1.2 or 1.3", ordinary: true})
	}
	for range ordinaryHandshakes - 1 {
		all = append(all, variant{how: "TLS 1.2 or 1.3", ordinary: true, hello: wire.Hello{Curves: wire.ClassicCurves()}})
	}
	return all
}

// assess tells whether a handshake completes with a chain that builds. Another certificate than the first
// handshake's has to be for the host, of today and strong as well; the first one's own are other requirements' matter.
func assess(seen *wire.Handshake, roots *wire.Roots, first Chain, usual bool) Attempt {
	if seen.Err == nil && first.Builds && first.LeafIndex == 0 && sameChain(seen.Sent, first.Sent) {
		return Attempt{Leaf: first.Sent[0].SHA256, Sent: len(first.Sent), Builds: true} // it was examined already
	}
	sent := describeAll(seen.Sent)
	if seen.Err != nil {
		cause, detail := classifyError(seen.Err, sent, first.Host)
		if !usual && len(sent) == 0 && cause != probes.BadCertificate && cause != probes.ChainTooLong {
			return Attempt{Refused: wire.Describe(seen.Err)}
		}
		return Attempt{Sent: len(sent), Cause: cause, Detail: detail}
	}
	c := Chain{Host: first.Host, IP: first.IP, Now: first.Now, Sent: sent}
	if len(sent) == 0 {
		return Attempt{Cause: probes.BadCertificate}
	}
	sight := Attempt{Leaf: sent[0].SHA256, Sent: len(sent)}
	if c.leaf() == nil {
		sight.Cause = probes.BadCertificate
		return sight
	}
	c.buildAndVerify(roots)
	sight.Builds, sight.Cause = c.Builds, c.Cause
	if sight.Builds && sight.Leaf != first.Sent[0].SHA256 {
		for _, v := range []probes.Verdict{judgeName(c), judgeDates(c), judgeStrength(c)} {
			if v.Status == probes.Failed {
				sight.Builds, sight.Cause = false, v.Cause
			}
		}
	}
	return sight
}

// sameChain tells whether a handshake got the very certificates that were examined, in their order.
func sameChain(sent [][]byte, examined []Cert) bool {
	return slices.EqualFunc(sent, examined, func(der []byte, c Cert) bool { return bytes.Equal(der, c.DER) })
}
