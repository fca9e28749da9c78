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

// Looks are further handshakes, each in another way or with another address.
type Looks struct {
	Looks []Sight   `json:"looks"`
	Now   time.Time `json:"now"`
}

// Sight is one handshake's chain.
type Sight struct {
	How     string       `json:"how"` // "TLS 1.2, RSA, 192.0.2.1"
	Leaf    string       `json:"leaf,omitempty"`
	Sent    int          `json:"sent"`
	Builds  bool         `json:"builds"`
	Cause   probes.Cause `json:"cause,omitempty"`
	Detail  string       `json:"detail,omitempty"`  // why the handshake failed; empty where the chain alone is at fault
	Refused string       `json:"refused,omitempty"` // the server does not do it this way; that is no fault
	MS      float64      `json:"ms,omitempty"`
}

// again is how often each address is shaken hands with in the usual way, the first handshake included: nodes behind one
// address take turns (tls.md §6).
const again = 4

// rsaOnly and ecdsaOnly are the TLS 1.2 suites of one key type.
var (
	rsaOnly   = []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256}
	ecdsaOnly = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256}
)

// lookDeeper runs beside the other areas and nobody waits for it. It looks only at addresses that accepted a connection
// before, and only where the first chain holds: otherwise it would find the same flaw again and again.
func (t *Site) lookDeeper() *probes.Probe[Looks] {
	return &probes.Probe[Looks]{
		Name: "trust.consistent" + t.Suffix,
		Asks: "further handshakes beside the rest: each address, TLS 1.2 and 1.3, RSA and ECDSA, several times",
		Look: func(ctx context.Context, s *probes.Session) (Looks, error) {
			first, err := probes.Need(ctx, s, t.Chain)
			if err != nil {
				return Looks{}, err
			}
			e, err := t.Endpoint(ctx, s)
			if err != nil {
				return Looks{}, err
			}
			hands, err := probes.Look(ctx, s, t.hands)
			if err != nil {
				return Looks{}, err
			}
			known, _, _ := net.SplitHostPort(hands.Address)
			connections, err := probes.Look(ctx, s, t.Connections)
			if err != nil {
				return Looks{}, err
			}
			step, cancel := probes.Step(ctx, handshakeTime)
			defer cancel()
			addrs, err := s.Net.Lookup(step, e)
			if err != nil {
				return Looks{}, err
			}
			out := Looks{Now: s.Now()}
			var mu sync.Mutex
			var parts probes.Group
			slots := make(chan struct{}, 8) // one address at a time, about: a burst can trip a filter (halo-failures §4.2)
			for i, addr := range addrs {
				if i >= len(connections.Attempts) || !connections.Attempts[i].OK {
					continue
				}
				for _, way := range ways(addr.String() == known) {
					parts.Go(func() {
						slots <- struct{}{}
						defer func() { <-slots }()
						seen := shakeWith(ctx, step, s, e, addr, way)
						if seen == nil {
							return // whether it can be reached is network.reachable's matter
						}
						sight := examineSight(seen, s.Net.Roots, first, way.usual)
						sight.How, sight.MS = way.called(seen)+", "+addr.String(), float64(seen.Took.Microseconds())/1000
						mu.Lock()
						defer mu.Unlock()
						out.Looks = append(out.Looks, sight)
					})
				}
			}
			parts.Wait()
			slices.SortStableFunc(out.Looks, func(a, b Sight) int { return strings.Compare(a.How, b.How) })
			return out, ctx.Err()
		},
	}
}

// way is one way of shaking hands.
type way struct {
	how   string
	hello wire.Hello
	usual bool // every client shakes hands like that, so a server may not refuse it
}

// called is how the handshake was made: of the usual ways, in which version it ended.
func (w way) called(seen *wire.Handshake) string {
	if w.usual && seen.Err == nil {
		return tls.VersionName(seen.Version)
	}
	return w.how
}

// shakeWith shakes hands with one address within step; nil where it cannot be connected to. The usual way is tried again,
// with the ordinary hello, where the server turns it down or the connection breaks: a filter may have taken offence at the
// burst. Where no answer came within step there is a second one: it may have been this machine that was busy.
func shakeWith(ctx, step context.Context, s *probes.Session, e wire.Endpoint, addr netip.Addr, w way) (seen *wire.Handshake) {
	for tries := 1; ; tries++ {
		conn, err := s.Net.Dial(step, e, addr)
		if err != nil {
			return seen
		}
		seen = s.Net.ShakeOn(step, conn, e, w.hello)
		if !w.usual || tries == 2 || ctx.Err() != nil {
			return seen
		}
		switch probes.Cause(wire.Cause(seen.Err)) {
		case probes.ConnectionReset, probes.ConnectionClosed:
			select {
			case <-step.Done():
				return seen
			case <-time.After(pause):
			}
		case probes.Timeout:
			var cancel context.CancelFunc
			step, cancel = probes.Step(ctx, handshakeTime)
			defer cancel()
		case probes.TLSAlert:
		default:
			return seen
		}
		w.hello = wire.Hello{}
	}
}

// pause is how long a broken handshake waits before it is tried again.
const pause = 300 * time.Millisecond

// ways are the handshakes made with an address, further ones where the first handshake was with it. TLS 1.3 does not tie a
// cipher suite to a kind of key, so RSA and ECDSA are told apart with TLS 1.2. The usual way ends in TLS 1.3 wherever the
// server speaks that. Its repetitions leave out the post-quantum key share, which is most of a handshake's work.
func ways(further bool) []way {
	all := []way{
		{how: "TLS 1.2, RSA", hello: wire.Hello{Max: tls.VersionTLS12, Suites: rsaOnly}},
		{how: "TLS 1.2, ECDSA", hello: wire.Hello{Max: tls.VersionTLS12, Suites: ecdsaOnly}},
	}
	if !further {
		all = append(all, way{how: "TLS 1.2 or 1.3", usual: true})
	}
	for range again - 1 {
		all = append(all, way{how: "TLS 1.2 or 1.3", usual: true, hello: wire.Hello{Curves: wire.ClassicCurves()}})
	}
	return all
}

// examineSight tells whether a handshake completes with a chain that builds. Another certificate than the first
// handshake's has to be for the host, of today and strong as well; the first one's own are other requirements' matter.
func examineSight(seen *wire.Handshake, roots *wire.Roots, first Chained, usual bool) Sight {
	if seen.Err == nil && first.Builds && first.Own == 0 && sameList(seen.Sent, first.Sent) {
		return Sight{Leaf: first.Sent[0].SHA256, Sent: len(first.Sent), Builds: true} // it was examined already
	}
	sent := describe(seen.Sent)
	if seen.Err != nil {
		cause, detail := blame(seen.Err, sent, first.Host)
		if !usual && len(sent) == 0 && cause != probes.BadCertificate && cause != probes.ChainTooLong {
			return Sight{Refused: wire.Describe(seen.Err)}
		}
		return Sight{Sent: len(sent), Cause: cause, Detail: detail}
	}
	c := Chained{Host: first.Host, IP: first.IP, Now: first.Now, Sent: sent}
	if len(sent) == 0 {
		return Sight{Cause: probes.BadCertificate}
	}
	sight := Sight{Leaf: sent[0].SHA256, Sent: len(sent)}
	if c.leaf() == nil {
		sight.Cause = probes.BadCertificate
		return sight
	}
	c.build(roots)
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

// sameList tells whether a handshake got the very certificates that were examined, in their order.
func sameList(sent [][]byte, examined []Cert) bool {
	return slices.EqualFunc(sent, examined, func(der []byte, c Cert) bool { return bytes.Equal(der, c.DER) })
}
