package network

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// AllowlistID is the requirement that others name when something on the way turned the request down.
const AllowlistID = "network.allowlist"

// Admission is who was let in, seen from here and from every vantage point.
type Admission struct {
	Host     string        `json:"host"`
	Hosted   bool          `json:"hosted"`
	Wanted   []string      `json:"wanted"` // the guide's addresses
	Here     []Door        `json:"here"`
	Vantages []VantageLook `json:"vantages,omitempty"`
}

// VantageLook is what one vantage point saw.
type VantageLook struct {
	Name  string `json:"name"` // the address it was declared to have, or any name
	Doors []Door `json:"doors,omitempty"`
	Error string `json:"error,omitempty"` // why nothing could be seen from there
}

// TurnedAway is how the doors, all of one host, turned the asker away: refused, dropped, or empty for not at all.
// One refused door is enough: a filter can stand before /api alone or before /auth alone (halo-failures §4.2). Where IIS
// says that nothing is there, all doors have to say so. The front page is no door of an integration: a proxy may publish
// /api and /auth alone, so where those answer as HaloPSA it does not count.
func TurnedAway(doors ...Door) probes.Cause {
	if inside(doors) {
		return ""
	}
	switch {
	case slices.ContainsFunc(doors, Door.Refused), len(doors) > 1 && !slices.ContainsFunc(doors, func(d Door) bool { return !d.Hidden() }):
		return probes.EdgeRefused
	case slices.ContainsFunc(doors, Door.cutOff):
		return probes.EdgeDropped
	}
	return ""
}

// inside tells whether HaloPSA itself answered at every door but the front page, and at one at least.
func inside(doors []Door) bool {
	doors = slices.DeleteFunc(slices.Clone(doors), Door.front)
	return len(doors) > 0 && !slices.ContainsFunc(doors, func(d Door) bool { return !d.Halo })
}

// alike tells whether every door answered somebody else as it answered here, where nothing was turned away: then the way
// is open, and what stands at its end is not the network's matter.
func alike(there, here []Door) bool {
	return len(there) > 0 && TurnedAway(here...) == "" && slices.EqualFunc(there, here, func(a, b Door) bool {
		return (a.Halo && b.Halo) || (a.Page.Status == b.Page.Status && kind(a.Page) == kind(b.Page))
	})
}

// slow tells whether HaloPSA answered at one door and the others only took too long: a filter that drops addresses lets
// none of their requests through.
func slow(doors []Door) bool {
	return slices.ContainsFunc(doors, func(d Door) bool { return d.Halo }) &&
		!slices.ContainsFunc(doors, func(d Door) bool { return d.cutOff() && d.Cause != probes.Timeout })
}

// cutOff tells whether something on the way may have ended the request. A broken answer is an answer, a server that wants a
// client certificate is no filter, and on a connection that did not prove the server's name nothing was asked.
func (d Door) cutOff() bool {
	return d.Dropped() && d.Cause != probes.AnswerMalformed && d.Cause != probes.ServerUnproven && d.Cause != probes.ClientCertRequired
}

// Allowlist makes network.allowlist for one host. The question comes from further up, since it needs the handshake.
func Allowlist(given *probes.Probe[Admission], where *probes.Probe[probes.Server]) *probes.Requirement[Admission] {
	return &probes.Requirement[Admission]{
		ID:    AllowlistID,
		Level: probes.Must,
		Says:  "The vendor's addresses are let in.",
		Source: probes.Source{
			Section: "Minimum requirements for on-premise environments", Item: "3",
		},
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Let the vendor's addresses through, for /api and for /auth, on whatever filters before HaloPSA.",
			Where: "the perimeter firewall, the WAF or reverse proxy, or IIS > IP Address and Domain Restrictions",
		},
		Causes: []probes.Cause{probes.EdgeRefused, probes.EdgeDropped, probes.RefusedFromListed, probes.UnrestrictedHere, probes.NoVantage},
		Given:  given,
		Host:   where,
		Judge:  judgeAdmission,
	}
}

func judgeAdmission(a Admission) probes.Verdict {
	var through, refused, unusable []string
	for _, v := range a.Vantages {
		listed := slices.Contains(a.Wanted, v.Name)
		turned := TurnedAway(v.Doors...)
		switch {
		case v.Error != "":
			unusable = append(unusable, fmt.Sprintf("%s (%s)", v.Name, v.Error))
		case len(v.Doors) > 0 && !slices.ContainsFunc(v.Doors, func(d Door) bool { return !d.Page.Transient() }):
			unusable = append(unusable, fmt.Sprintf("%s (busy or broken: %s)", v.Name, allWords(v.Doors)))
		case turned == probes.EdgeDropped && slow(v.Doors):
			unusable = append(unusable, fmt.Sprintf("%s (too slow to tell: %s)", v.Name, allWords(v.Doors)))
		case listed && turned != "":
			refused = append(refused, fmt.Sprintf("%s (%s)", v.Name, doorWords(v.Doors)))
		case listed && (inside(v.Doors) || alike(v.Doors, a.Here)):
			through = append(through, v.Name)
		case listed && len(v.Doors) > 0:
			unusable = append(unusable, fmt.Sprintf("%s (no answer of HaloPSA's: %s)", v.Name, allWords(v.Doors)))
		}
	}
	missing := slices.DeleteFunc(slices.Clone(a.Wanted), func(w string) bool { return slices.Contains(through, w) })
	here := TurnedAway(a.Here...)
	settle := fmt.Sprintf("; a vantage point with each of %s would settle it (--via), or somebody who vouches for it (--attest)", list(missing))
	switch {
	case len(a.Wanted) == 0:
		return probes.DoesNotApply("the guide names no addresses")
	case len(refused) > 0:
		return probes.Fail(probes.RefusedFromListed, "turned away from "+strings.Join(refused, " and from ")).With(request(a))
	case len(missing) == 0:
		return probes.Pass(fmt.Sprintf("seen to get through from %s", list(through)), through)
	case here == probes.EdgeRefused:
		return probes.CannotTell(here, "something before HaloPSA refused this machine ("+doorWords(a.Here)+")"+settle).With(request(a))
	case here == probes.EdgeDropped:
		return probes.CannotTell(here, "something before HaloPSA cut this machine off ("+doorWords(a.Here)+")"+settle).With(request(a))
	case a.Hosted:
		return probes.DoesNotApply("Halo hosts this instance, and nothing was refused")
	case len(unusable) > 0:
		return probes.CannotTell(probes.NoVantage, "nothing could be seen from "+strings.Join(unusable, " and ")+settle).With(request(a))
	}
	return probes.CannotTell(probes.UnrestrictedHere, "this machine gets in, which says nothing of the vendor's addresses"+settle).With(request(a))
}

// allWords is what every door answered.
func allWords(doors []Door) string {
	var words []string
	for _, d := range doors {
		words = append(words, d.String())
	}
	return strings.Join(words, ", ")
}

// doorWords is what the doors answered that turned somebody away.
func doorWords(doors []Door) string {
	return allWords(slices.DeleteFunc(slices.Clone(doors), func(d Door) bool { return !d.Refused() && !d.Dropped() && !d.Hidden() }))
}

// request is a paste-ready letter to whoever runs the network.
func request(a Admission) probes.Remedy {
	return probes.Remedy{
		Who: probes.NetworkAdmin,
		Do: fmt.Sprintf("Allow inbound HTTPS (TCP 443, or the port of the URL) from %s to %s, for the paths /api and /auth, on every filter on the way: perimeter firewall, WAF or reverse proxy, IIS IP restrictions. Behind a proxy, IIS has to look at X-Forwarded-For (enableProxyMode).",
			list(a.Wanted), a.Host),
		Where: "the perimeter firewall, the WAF or reverse proxy, or IIS > IP Address and Domain Restrictions",
	}
}
