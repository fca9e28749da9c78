// Package network holds the requirements that everything else rests on: the name resolves, an address answers, and no filter
// turns the vendor's addresses down. They are judged for the Resource and for the Authorisation host.
package network

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// connectTime bounds one attempt to connect.
const connectTime = 10 * time.Second

// Site is one of the two servers, with the questions and requirements about it.
type Site struct {
	Where  *probes.Probe[probes.Server]
	Suffix string // "" for the Resource host, "@auth" for the other; ends every probe's name

	Addresses   *probes.Probe[Addresses]
	Connections *probes.Probe[Connections]
	Resolves    *probes.Requirement[Addresses]
	Reachable   *probes.Requirement[Connections]
}

// Resource is the Resource Server.
var Resource = At(probes.ResourceServer, "")

// At makes the requirements for the server that where names.
func At(where *probes.Probe[probes.Server], suffix string) *Site {
	site := &Site{Where: where, Suffix: suffix}
	site.Addresses = site.addresses()
	site.Resolves = site.resolves()
	site.Connections = site.connections()
	site.Reachable = site.reachable()
	return site
}

// Endpoint is where the site is. It is [probes.ErrSameHost] for an authorisation server that is the resource server.
func (site *Site) Endpoint(ctx context.Context, s *probes.Session) (wire.Endpoint, error) {
	place, err := probes.Look(ctx, s, site.Where)
	if err != nil {
		return wire.Endpoint{}, err
	}
	if place.Same {
		return wire.Endpoint{}, probes.ErrSameHost
	}
	return place.Endpoint()
}

// Addresses is what the name resolves to.
type Addresses struct {
	Host   string       `json:"host"`
	Found  []netip.Addr `json:"found"`
	Cause  probes.Cause `json:"cause,omitempty"`
	Detail string       `json:"detail,omitempty"`
}

func (site *Site) addresses() *probes.Probe[Addresses] {
	return &probes.Probe[Addresses]{
		Name: "network.addresses" + site.Suffix,
		Asks: "A and AAAA of the host, from the system's resolver",
		Look: func(ctx context.Context, s *probes.Session) (Addresses, error) {
			e, err := site.Endpoint(ctx, s)
			if err != nil {
				return Addresses{}, err
			}
			step, cancel := probes.Step(ctx, connectTime)
			defer cancel()
			a := Addresses{Host: e.Host}
			a.Found, err = s.Net.Lookup(step, e)
			if err != nil {
				a.Cause, a.Detail = probes.Cause(wire.Cause(err)), wire.Describe(err)
				if ctx.Err() != nil {
					return a, ctx.Err()
				}
			}
			return a, nil
		},
	}
}

// Connections is what every address of the host said to a TCP connection.
type Connections struct {
	Attempts []Attempt `json:"attempts"`
}

// Attempt is one TCP connection.
type Attempt struct {
	Addr   string       `json:"addr"` // address and port
	OK     bool         `json:"ok"`
	Cause  probes.Cause `json:"cause,omitempty"`
	Detail string       `json:"detail,omitempty"`
	MS     float64      `json:"ms"`
	// Here means that this machine itself has no way there, such as no IPv6: it says nothing of the server.
	Here bool `json:"here,omitempty"`
}

func (site *Site) connections() *probes.Probe[Connections] {
	return &probes.Probe[Connections]{
		Name: "network.connections" + site.Suffix,
		Asks: "a TCP connection to every address",
		Look: func(ctx context.Context, s *probes.Session) (Connections, error) {
			e, err := site.Endpoint(ctx, s)
			if err != nil {
				return Connections{}, err
			}
			addrs, err := probes.Need(ctx, s, site.Resolves)
			if err != nil {
				return Connections{}, err
			}
			step, cancel := probes.Step(ctx, connectTime)
			defer cancel()
			return connect(step, s, e, addrs.Found), ctx.Err()
		},
	}
}

// connect tries all addresses at once and returns when the first has answered and the others had a moment more, so
// that one dead address does not hold up the rest. The first connection is kept for the handshake.
func connect(ctx context.Context, s *probes.Session, e wire.Endpoint, addrs []netip.Addr) Connections {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := Connections{Attempts: make([]Attempt, len(addrs))}
	var mu sync.Mutex
	var parts probes.Group
	for i, addr := range addrs {
		out.Attempts[i] = Attempt{Addr: net.JoinHostPort(addr.String(), e.Port), Cause: probes.Timeout, Detail: "no answer came in time"}
		parts.Go(func() {
			start := time.Now()
			conn, err := s.Net.Dial(ctx, e, addr)
			took := float64(time.Since(start).Microseconds()) / 1000
			mu.Lock()
			defer mu.Unlock()
			a := &out.Attempts[i]
			a.MS = took
			if err == nil {
				a.OK, a.Cause, a.Detail = true, "", ""
				s.Net.KeepTCP(e, conn)
				time.AfterFunc(patience, cancel)
				return
			}
			if ctx.Err() == nil {
				a.Cause, a.Detail = probes.Cause(wire.Cause(err)), wire.Describe(err)
				a.Here = unroutable(err)
			}
		})
	}
	parts.Wait()
	return out
}

// patience is how long the other addresses may take once one has answered.
const patience = 300 * time.Millisecond

// unroutable tells whether this machine could not even try.
func unroutable(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" && isUnroutable(err)
}
