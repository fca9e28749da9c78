// Package network holds the requirements that everything else rests on: the name resolves, an address answers, and no filter
// turns the vendor's addresses down. They are judged for the Resource and for the Authorisation host.
package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// connectTime bounds one attempt to connect.
const connectTime = 10 * time.Second

// HostProbes is one of the two servers, with the questions and requirements about it.
type HostProbes struct {
	Where  *probes.Probe[probes.Server]
	Suffix string // "" for the Resource host, "@auth" for the other; ends every probe's name
	// Instead is the URL that the instance names where another one was typed for this host; empty where it names none. Nil: there is
	// no such other URL.
	Instead func(context.Context, *probes.Session) string

	Addresses   *probes.Probe[Addresses]
	Connections *probes.Probe[Connections]
	Resolves    *probes.Requirement[Addresses]
	Reachable   *probes.Requirement[Connections]
}

// Resource is the Resource Server.
var Resource = ProbesFor(probes.ResourceServer, "")

// ProbesFor makes the requirements for the server that where names.
func ProbesFor(where *probes.Probe[probes.Server], suffix string) *HostProbes {
	site := &HostProbes{Where: where, Suffix: suffix}
	site.Addresses = site.addresses()
	site.Resolves = site.resolves()
	site.Connections = site.connections()
	site.Reachable = site.reachable()
	return site
}

// Endpoint is where the site is. It is [probes.ErrSameHost] for an authorisation server that is the resource server.
func (site *HostProbes) Endpoint(ctx context.Context, s *probes.Session) (wire.Endpoint, error) {
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
	Path
}

// Path is what this machine itself is missing on the way to the host, and the proxies it has.
type Path struct {
	// Offline means that this machine has no route to the internet.
	Offline bool `json:"offline,omitempty"`
	// NoResolver means that no name server gave an answer, be it that the name does not exist.
	NoResolver bool `json:"no_resolver,omitempty"`
	// Proxy is the proxy that connections run through, which looks the name up itself.
	Proxy string `json:"proxy,omitempty"`
	// Portal is how a network answers that wants a sign-in first; asked only where no connection opened.
	Portal string `json:"portal,omitempty"`
	// Instead is the URL that the instance names where another one was typed; asked only where nothing opened.
	Instead string `json:"instead,omitempty"`
	// UnusedProxy is the proxy that this machine's environment names and that was not used.
	UnusedProxy string `json:"unused_proxy,omitempty"`
}

// pathOf says why nothing came over the wire, for reasons that lie with this machine.
func pathOf(ctx context.Context, s *probes.Session, e wire.Endpoint, err error) Path {
	p := Path{Proxy: s.Net.ProxyName(e), UnusedProxy: s.Net.UnusedProxyName(e)}
	if err == nil || p.Proxy != "" {
		return p
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		// A name server that said that there is no such name is named in the error; the C library names none.
		p.NoResolver = !dns.IsNotFound
		if dns.IsNotFound && dns.Server != "" {
			return p
		}
	}
	if addr, err := netip.ParseAddr(e.Host); err == nil && addr.IsLoopback() {
		return p
	}
	p.Offline = len(s.Net.Families(context.WithoutCancel(ctx))) == 0
	return p
}

func (site *HostProbes) addresses() *probes.Probe[Addresses] {
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
			if a.Path = pathOf(ctx, s, e, err); err == nil && a.Proxy != "" {
				err = tryProxy(step, s, e, a.Found)
			}
			if err != nil {
				a.Cause, a.Detail = probes.Cause(wire.Cause(err)), wire.Describe(err)
				if ctx.Err() != nil {
					return a, ctx.Err()
				}
				a.Instead = site.instead(ctx, s)
			}
			return a, nil
		},
	}
}

func (site *HostProbes) instead(ctx context.Context, s *probes.Session) string {
	if site.Instead == nil {
		return ""
	}
	return site.Instead(ctx, s)
}

// typeInstead is the verdict on a host that nobody would ask if the URL were the one that the instance names.
func (p Path) typeInstead(v probes.Verdict) probes.Verdict {
	if p.Instead == "" || v.Status != probes.Failed {
		return v
	}
	v.Because += "; this instance uses " + p.Instead
	return v.With(TypeAuthURL(p.Instead))
}

// TypeAuthURL is the remedy for another Authorisation Server than the one that the instance names.
func TypeAuthURL(named string) probes.Remedy {
	return probes.Remedy{
		Who:   probes.Operator,
		Do:    fmt.Sprintf("Type %s/ into the integration as the Authorization Server.", strings.TrimRight(named, "/")),
		Where: "the integration's Authorization Server field; Configuration > Integrations > HaloPSA API > API Details shows the value",
	}
}

// tryProxy has the proxy connect to the host, which shows that it finds an address. The connection is kept for the handshake.
func tryProxy(ctx context.Context, s *probes.Session, e wire.Endpoint, addrs []netip.Addr) error {
	conn, err := s.Net.Dial(ctx, e, addrs[0])
	if err == nil {
		s.Net.KeepTCP(e, conn)
	}
	return err
}

// Connections is what every address of the host said to a TCP connection.
type Connections struct {
	Attempts []Attempt `json:"attempts"`
	Path
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
	// Forbidden means that whoever runs this program forbids the connection: nothing was tried.
	Forbidden bool `json:"forbidden,omitempty"`
}

func (site *HostProbes) connections() *probes.Probe[Connections] {
	return &probes.Probe[Connections]{
		Name: "network.connections" + site.Suffix,
		Asks: "a TCP connection to every address; where none opens, GET / over plain HTTP, which tells of a network that wants a sign-in first",
		Look: func(ctx context.Context, s *probes.Session) (Connections, error) {
			e, err := site.Endpoint(ctx, s)
			if err != nil {
				return Connections{}, err
			}
			addrs, err := probes.Need(ctx, s, site.Resolves)
			if err != nil {
				return Connections{}, err
			}
			if addrs.Proxy != "" { // which has opened a connection
				return Connections{Attempts: []Attempt{{Addr: e.Address(), OK: true}}, Path: addrs.Path}, nil
			}
			step, cancel := probes.Step(ctx, connectTime)
			defer cancel()
			c := connect(step, s, e, addrs.Found)
			if len(addrs.Found) > 0 && !slices.ContainsFunc(c.Attempts, func(a Attempt) bool { return !a.Forbidden }) {
				return c, ctx.Err()
			}
			if c.Path = pathOf(ctx, s, e, nil); !slices.ContainsFunc(c.Attempts, func(a Attempt) bool { return a.OK || !a.Here }) {
				c.Path = pathOf(ctx, s, e, errNoRoute)
			}
			if !slices.ContainsFunc(c.Attempts, func(a Attempt) bool { return a.OK }) && !c.Offline {
				c.Portal = s.Net.CaptivePortal(ctx, e)
				c.Instead = site.instead(ctx, s)
			}
			return c, ctx.Err()
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
				a.Forbidden = errors.Is(err, wire.ErrForbidden)
				a.Here = a.Forbidden || unroutable(err)
			}
		})
	}
	parts.Wait()
	return out
}

// patience is how long the other addresses may take once one has answered.
const patience = 300 * time.Millisecond

// errNoRoute stands for addresses that this machine could not even try.
var errNoRoute = errors.New("no route")

// unroutable tells whether this machine could not even try.
func unroutable(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" && isUnroutable(err)
}
