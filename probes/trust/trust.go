// Package trust judges what the server sent in its TLS handshake as a strict client does that has its own roots and
// fetches nothing: these roots, what was sent, this name, now. Each flaw is judged apart, since the standard library's
// Verify stops at the first (tls.md §3.4). Nothing that is fetched to explain a broken chain changes a verdict.
package trust

import (
	"context"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/network"
)

// HostProbes is one of the two servers, with the questions and requirements about its certificate.
type HostProbes struct {
	*network.HostProbes

	handshakeProbe   *probes.Probe[Handshake]
	chainProbe       *probes.Probe[Chain]
	consistencyProbe *probes.Probe[Handshakes]
	hygieneProbe     *probes.Probe[Hygiene]
	revocationProbe  *probes.Probe[RevocationStatus]
	clockProbe       *probes.Probe[Clock]
	datesProbe       *probes.Probe[Chain] // chainProbe's answer with the clock's

	Handshake  *probes.Requirement[Handshake]
	Chain      *probes.Requirement[Chain]
	Name       *probes.Requirement[Chain]
	InDate     *probes.Requirement[Chain]
	Strength   *probes.Requirement[Chain]
	Revocation *probes.Requirement[RevocationStatus]
	Consistent *probes.Requirement[Handshakes]
	Tidy       *probes.Requirement[Hygiene]
	Renewal    *probes.Requirement[Chain]
}

// Resource is the Resource Server.
var Resource = ProbesFor(network.Resource)

// ProbesFor makes the trust requirements for a server.
func ProbesFor(n *network.HostProbes) *HostProbes {
	t := &HostProbes{HostProbes: n}
	t.handshakeProbe = t.newHandshakeProbe()
	t.Handshake = t.handshake()
	t.chainProbe = t.newChainProbe()
	t.clockProbe, t.datesProbe = t.newClockProbe(), t.newDatesProbe()
	t.Chain, t.Name, t.InDate, t.Strength = t.chain(), t.name(), t.inDate(), t.strength()
	t.revocationProbe = t.newRevocationProbe()
	t.Revocation = t.revocation()
	t.consistencyProbe = t.newConsistencyProbe()
	t.Consistent = t.consistent()
	t.hygieneProbe = t.newHygieneProbe()
	t.Tidy, t.Renewal = t.tidy(), t.renewal()
	return t
}

// behindPortal judges a chain and accuses no server of what a captive portal sent in its place.
func behindPortal(judge func(Chain) probes.Verdict) func(Chain) probes.Verdict {
	return func(c Chain) probes.Verdict { return network.BehindPortal(judge(c), c.Portal) }
}

// NeedVerified is nil where the server has proved its name: the first handshake holds, and no certificate is known to be
// revoked. A secret waits for the answer about revocation, within the bound of that question; where nobody answers, that is
// no obstacle. Otherwise it is the error of the first requirement that does not hold.
func (t *HostProbes) NeedVerified(ctx context.Context, s *probes.Session) error {
	if _, err := probes.Need(ctx, s, t.Handshake); err != nil {
		return err
	}
	for _, r := range []*probes.Requirement[Chain]{t.Chain, t.Name, t.InDate, t.Strength} {
		if c, err := probes.Look(ctx, s, t.chainProbe); r == t.InDate && err == nil && judgeDates(c).Status == probes.Passed {
			continue // the server's clock is waited for only where this machine's speaks against the dates
		}
		if _, err := probes.Need(ctx, s, r); err != nil {
			return err
		}
	}
	_, err := probes.Need(ctx, s, t.Revocation)
	return err
}

// NeedHandshake is nil where anonymous requests can be sent: a handshake completes, trusted or not. Otherwise it is the error of
// the requirement that has to hold first; for a list of certificates that no client can read, that is trust.chain.
func (t *HostProbes) NeedHandshake(ctx context.Context, s *probes.Session) error {
	h, err := probes.Need(ctx, s, t.Handshake)
	if err == nil && h.Cause != "" {
		return t.Chain.Unmet()
	}
	return err
}

// Checks are the requirements in catalogue order.
func (t *HostProbes) Checks() []probes.Check {
	return []probes.Check{
		t.Handshake, t.Chain, t.Name, t.InDate, t.Strength, t.Revocation, t.Consistent, t.Tidy, t.Renewal,
	}
}

// guideSource is where the guide asks for the certificate.
func guideSource() probes.Source {
	return probes.Source{Section: "Minimum requirements for on-premise environments", Item: "1"}
}

// impliedSource is the source of what the guide's sentence would be worth nothing without.
func impliedSource() probes.Source {
	return probes.Source{Section: "Minimum requirements for on-premise environments", Item: "1: a fully chained certificate is of use only with this"}
}
