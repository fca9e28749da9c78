package vantage

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/halocheck/halocheck/internal/netaddr"
	"github.com/halocheck/halocheck/internal/wire"
)

// look does what a job asks for, over connections of the family of the address that the server sees: over the other one,
// somebody else's address would be looked from.
func (a *Agent) look(ctx context.Context, j Job, e wire.Endpoint, seenAs netip.Addr) Evidence {
	ctx, cancel := context.WithTimeout(ctx, LookTime)
	defer cancel()
	out := Evidence{ID: j.ID, Verb: j.Verb, Host: j.Host, Port: j.Port}
	n := &wire.Net{
		Resolver: familyResolver{a.Resolver, seenAs.Is4()}, Dialer: a.dialer(), Roots: a.Roots, Now: time.Now, UserAgent: a.userAgent(),
	}
	defer n.Close()
	addrs, err := n.Lookup(ctx, e)
	switch {
	case err != nil:
		out.Fault = wire.Cut(fmt.Sprintf("it does not find the address of %s: %s", e.Host, wire.Describe(err)))
		return out
	case addrs[0].Is4() != seenAs.Is4():
		out.Fault = wire.Cut(fmt.Sprintf("%s is of the other family than the agent's own address", addrs[0]))
		return out
	}
	if j.Verb == Handshake {
		h, err := n.Handshake(ctx, e, wire.Hello{})
		if err == nil {
			err = h.Err
		}
		return failed(out, err)
	}
	page, err := n.Once(ctx, wire.Request{Method: http.MethodGet, URL: "https://" + e.Address() + "/api/authinfo"})
	if err != nil {
		return failed(out, err)
	}
	out.Page, out.Body, out.Header = page, page.Body[:min(len(page.Body), maxBody)], map[string][]string{}
	for _, name := range headers {
		for _, value := range page.Header.Values(name) {
			if len(out.Header[name]) < 8 && value != "" {
				out.Header[name] = append(out.Header[name], wire.Cut(value))
			}
		}
	}
	return out
}

// failed is evidence of what did not succeed. What lies with the agent's own machine is its fault.
func failed(out Evidence, err error) Evidence {
	switch {
	case err == nil:
	case errors.Is(err, netaddr.ErrPrivate) || errors.Is(err, netaddr.ErrReserved):
		out.Fault = wire.Cut("it is not allowed to connect there: " + wire.Describe(err))
	case slices.ContainsFunc([]error{syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT, context.Canceled}, func(own error) bool { return errors.Is(err, own) }):
		out.Fault = wire.Cut("it has no way there: " + wire.Describe(err))
	default:
		if out.Cause, out.Detail = wire.Cause(err), wire.Cut(wire.Describe(err)); !slices.Contains(causes, out.Cause) || out.Cause == "" {
			out.Cause = "not_observed"
		}
	}
	return out
}

func (a *Agent) dialer() *net.Dialer {
	d := &net.Dialer{Control: netaddr.Control(a.Private)}
	if a.Source.IsValid() {
		d.LocalAddr = &net.TCPAddr{IP: a.Source.AsSlice()}
	}
	return d
}

// familyResolver finds addresses of one family.
type familyResolver struct {
	from wire.Resolver
	v4   bool
}

func (r familyResolver) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	network := "ip6"
	if r.v4 {
		network = "ip4"
	}
	return r.from.LookupNetIP(ctx, network, host)
}
