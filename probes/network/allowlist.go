package network

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// AllowlistID is the requirement that others name when something on the way turned the request down.
const AllowlistID = "network.allowlist"

// Access is who gets through the filters before a host, seen from here and from every vantage point.
type Access struct {
	Host     string          `json:"host"`
	Hosted   bool            `json:"hosted"`
	Wanted   []string        `json:"wanted"` // the guide's addresses
	Direct   []Response      `json:"here"`
	Vantages []VantageAccess `json:"vantages,omitempty"`
}

// VantageAccess is what one vantage point saw.
type VantageAccess struct {
	Name      string     `json:"name"` // the address it was declared to have, or any name
	Responses []Response `json:"doors,omitempty"`
	Error     string     `json:"error,omitempty"` // why nothing could be seen from there
	Agent     bool       `json:"agent,omitempty"` // a vantage agent looked, which asks for /api/authinfo alone
}

// FilterCause is how a filter before the host of these responses shows: refused, dropped, or empty for not at all.
// One refused path is enough: a filter can stand before /api alone or before /auth alone (halo-failures §4.2). Where IIS
// says that nothing is there, all paths have to say so; a page that cannot be told from another site's has to come for all.
// The front page is no path of an integration: a proxy may publish /api and /auth alone, so where those answer as HaloPSA it
// does not count.
func FilterCause(responses ...Response) probes.Cause {
	if answersAsHaloPSA(responses) {
		return ""
	}
	// Many a web site sends visitors of its front page to a sign-in page: that says nothing of /api. Nor does a front page that
	// is closed where HaloPSA answers beside it.
	open := slices.ContainsFunc(responses, func(d Response) bool { return d.Halo })
	responses = slices.DeleteFunc(slices.Clone(responses), func(d Response) bool { return d.front() && (open || d.Seen.Sign == halo.SignIn) })
	switch {
	case slices.ContainsFunc(responses, Response.Refused), IdenticalResponses(responses...), len(responses) > 1 && !slices.ContainsFunc(responses, func(d Response) bool { return !d.Hidden() }):
		return probes.EdgeRefused
	case slices.ContainsFunc(responses, Response.cutOff) && !overloaded(responses):
		return probes.EdgeDropped
	}
	return ""
}

// answersAsHaloPSA tells whether HaloPSA itself answered at every path but the front page, and at one at least.
func answersAsHaloPSA(responses []Response) bool {
	responses = slices.DeleteFunc(slices.Clone(responses), Response.front)
	return len(responses) > 0 && !slices.ContainsFunc(responses, func(d Response) bool { return !d.Halo })
}

// alike tells whether every path answered somebody else as it answered here, where nothing was turned away: then the way
// is open, and what stands at its end is not the network's matter.
func alike(there, here []Response) bool {
	return len(there) > 0 && FilterCause(here...) == "" && slices.EqualFunc(there, here, func(a, b Response) bool {
		return (a.Halo && b.Halo) || (a.Page.Status == b.Page.Status && kind(a.Page) == kind(b.Page))
	})
}

// slow tells whether HaloPSA answered at one path and the others only took too long: a filter that drops addresses lets
// none of their requests through.
func slow(responses []Response) bool {
	return slices.ContainsFunc(responses, func(d Response) bool { return d.Halo }) && onlyTimeouts(responses)
}

// overloaded tells whether the host answered 429 or 5xx at one path and the others only took too long. A gateway that tells
// of the server behind it (502, 504) may end a request without an answer, too: HAProxy does on a connection to that server
// which it has used before.
func overloaded(responses []Response) bool {
	gateway := func(d Response) bool {
		return d.Page.Status == http.StatusBadGateway || d.Page.Status == http.StatusGatewayTimeout
	}
	return slices.ContainsFunc(responses, gateway) || slices.ContainsFunc(responses, func(d Response) bool { return d.Page.Transient() }) && onlyTimeouts(responses)
}

// onlyTimeouts tells whether no path was cut off but by a time-out.
func onlyTimeouts(responses []Response) bool {
	return !slices.ContainsFunc(responses, func(d Response) bool { return d.cutOff() && d.Cause != probes.Timeout })
}

// silent tells whether a path gave this machine no answer in time, over a connection that stood: then that it gives nobody
// else one says nothing of a filter.
func silent(here []Response) bool {
	return slices.ContainsFunc(here, func(d Response) bool { return d.Cause == probes.Timeout })
}

// cutOff tells whether something on the way may have ended the request. A broken answer is an answer, a server that wants a
// client certificate is no filter, and on a connection that did not prove the server's name nothing was asked.
func (r Response) cutOff() bool {
	return r.Dropped() && !r.AsksAfterHandshake() && r.Cause != probes.AnswerMalformed && r.Cause != probes.ServerUnproven && r.Cause != probes.ClientCertRequired
}

// Allowlist makes network.allowlist for one host. The question comes from further up, since it needs the handshake.
func Allowlist(given *probes.Probe[Access], where *probes.Probe[probes.Server]) *probes.Requirement[Access] {
	return &probes.Requirement[Access]{
		ID:    AllowlistID,
		Level: probes.Must,
		Says:  "The firewall allows the vendor's addresses.",
		Source: probes.Source{
			Section: "Minimum requirements for on-premise environments", Item: "3",
		},
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Allow HTTPS from the vendor's addresses, for /api and /auth, on every filter before HaloPSA.",
			Where: "the perimeter firewall, the WAF or reverse proxy, or IIS > IP Address and Domain Restrictions",
		},
		FindOut: probes.Remedy{
			Who: probes.Operator,
			Do:  "Ask the customer whether HaloPSA can be reached from the vendor's addresses, or look from one of them.",
		},
		Causes: []probes.Cause{probes.EdgeRefused, probes.EdgeDropped, probes.RefusedFromListed, probes.UnrestrictedHere, probes.NoVantage},
		Given:  given,
		Host:   where,
		Judge:  judgeAccess,
	}
}

func judgeAccess(a Access) probes.Verdict {
	var through, refused, unusable []string
	limits := ""           // of what was seen
	var answers []Response // to the addresses that are refused
	for _, v := range a.Vantages {
		listed := slices.Contains(a.Wanted, v.Name)
		turned := FilterCause(v.Responses...)
		switch {
		case v.Error != "":
			unusable = append(unusable, fmt.Sprintf("%s (%s)", v.Name, v.Error))
		case len(v.Responses) > 0 && !slices.ContainsFunc(v.Responses, func(d Response) bool { return !d.Page.Transient() }):
			unusable = append(unusable, fmt.Sprintf("%s (busy or broken: %s)", v.Name, allWords(v.Responses)))
		case turned == probes.EdgeDropped && (slow(v.Responses) || silent(a.Direct)):
			unusable = append(unusable, fmt.Sprintf("%s (too slow to tell: %s)", v.Name, allWords(v.Responses)))
		case listed && turned != "":
			refused, answers = append(refused, v.Name), append(answers, turnedAway(v.Responses)...)
		case listed && (answersAsHaloPSA(v.Responses) || alike(v.Responses, a.Direct)):
			through = append(through, v.Name)
			if v.Agent {
				limits = "; agents ask for /api/authinfo alone, not for /auth"
			}
		case listed && len(v.Responses) > 0:
			unusable = append(unusable, fmt.Sprintf("%s (no answer of HaloPSA's: %s)", v.Name, allWords(v.Responses)))
		}
	}
	missing := slices.DeleteFunc(slices.Clone(a.Wanted), func(w string) bool { return slices.Contains(through, w) })
	here := FilterCause(a.Direct...)
	switch {
	case len(a.Wanted) == 0:
		return probes.DoesNotApply("the guide names no addresses")
	case len(refused) > 0:
		return probes.Fail(probes.RefusedFromListed, "something before HaloPSA turns "+list(refused)+" away: "+allWords(answers)).With(request(a))
	case len(missing) == 0:
		return probes.Pass(fmt.Sprintf("seen to get through from %s%s", list(through), limits), through)
	case here == probes.EdgeRefused:
		return refusedHere(a)
	case here == probes.EdgeDropped:
		return probes.CannotTell(here, "something before HaloPSA cut this machine off: "+allWords(turnedAway(a.Direct))).With(trace(a))
	case a.Hosted:
		return probes.DoesNotApply("Halo hosts this instance, and nothing was refused")
	case len(unusable) > 0:
		return probes.CannotTell(probes.NoVantage, "the check from "+strings.Join(unusable, " and from ")+" showed nothing").With(question(a, missing))
	}
	return probes.CannotTell(probes.UnrestrictedHere, "this machine gets in; nobody looked from "+list(missing)).With(question(a, missing))
}

// question is what to ask the customer where this machine gets in: most instances do not restrict by address, and nobody but
// the customer knows.
func question(a Access, missing []string) probes.Remedy {
	return probes.Remedy{
		Who: probes.Operator,
		Do: fmt.Sprintf("Ask the customer: \"Do you restrict by IP address who may reach %s?\" If not, vouch for it with that answer. If so, ask for HTTPS from %s to be allowed, for /api and /auth.",
			a.Host, list(missing)),
	}
}

// refusedHere is the verdict where this machine is turned away. A server that asked for a client certificate may refuse
// every request that shows none, and its page need not say so.
func refusedHere(a Access) probes.Verdict {
	v := probes.CannotTell(probes.EdgeRefused, "something before HaloPSA answers in its place: "+allWords(turnedAway(a.Direct)))
	if !slices.ContainsFunc(a.Direct, func(d Response) bool { return d.Refused() || d.Hidden() || d.Seen.RedirectsTo != "" }) {
		return v.With(readPage(a))
	}
	if !slices.ContainsFunc(a.Direct, func(d Response) bool { return d.ClientCertRequested }) {
		return v.With(trace(a))
	}
	v.Because += "; the server asks for a client certificate, which the integration does not have"
	return v.With(probes.Remedy{
		Who:   probes.NetworkAdmin,
		Do:    "Check whether the server refuses requests without a client certificate; if so, stop asking for one for /api and /auth. If not, " + lowerFirst(trace(a).Do),
		Where: "the client certificate setting (mutual TLS) of the server or load balancer; then " + trace(a).Where,
	})
}

// readPage is about one page on every path that refuses nobody: maintenance, a trial that has ended, a parked name and a filter
// all show so, and only the page itself tells them apart.
func readPage(a Access) probes.Remedy {
	return probes.Remedy{
		Who: probes.Operator,
		Do:  fmt.Sprintf("Open https://%s/api/authinfo in a browser and read the page: it may tell of maintenance, an ended trial, another site or a filter.", a.Host),
	}
}

// lowerFirst is a sentence within another one.
func lowerFirst(sentence string) string { return strings.ToLower(sentence[:1]) + sentence[1:] }

// trace is how to find out what turned this machine away.
func trace(a Access) probes.Remedy {
	return probes.Remedy{
		Who:   probes.NetworkAdmin,
		Do:    fmt.Sprintf("Check whether the filter before HaloPSA lets HTTPS from %s through to %s, for /api and /auth.", list(a.Wanted), a.Host),
		Where: "the log of the perimeter firewall, the WAF or reverse proxy, or IIS > IP Address and Domain Restrictions",
	}
}

// allWords is what the paths answered, each answer once with the paths that gave it.
func allWords(responses []Response) string {
	var whats []string
	paths := map[string][]string{}
	for _, r := range responses {
		what := r.What()
		_, path, _ := strings.Cut(r.Path, "/") // that of a vantage point begins with the host
		path, _, _ = strings.Cut("/"+path, "?")
		if paths[what] == nil {
			whats = append(whats, what)
		}
		if !slices.Contains(paths[what], path) {
			paths[what] = append(paths[what], path)
		}
	}
	for i, what := range whats {
		whats[i] = fmt.Sprintf("%s (%s)", what, strings.Join(paths[what], ", "))
	}
	return strings.Join(whats, "; ")
}

// turnedAway are the responses that show a filter.
func turnedAway(responses []Response) []Response {
	return slices.DeleteFunc(slices.Clone(responses), func(d Response) bool {
		return !d.Refused() && !d.Dropped() && !d.Hidden() && !IdenticalResponses(responses...)
	})
}

// request is a paste-ready letter to the person who runs the network.
func request(a Access) probes.Remedy {
	return probes.Remedy{
		Who:   probes.NetworkAdmin,
		Do:    fmt.Sprintf("Allow inbound HTTPS from %s to %s, for /api and /auth, on every filter on the way.", list(a.Wanted), a.Host),
		Where: "the perimeter firewall, the WAF or reverse proxy, and IIS > IP Address and Domain Restrictions (behind a proxy with enableProxyMode)",
	}
}
