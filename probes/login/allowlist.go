package login

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/network"
	"github.com/halocheck/halocheck/probes/product"
	"github.com/halocheck/halocheck/probes/trust"
)

// accessProbe gathers who is let in at one host: from here, and from every vantage point.
func accessProbe(t *trust.HostProbes) *probes.Probe[network.Access] {
	return &probes.Probe[network.Access]{
		Name: "network.admission" + t.Suffix,
		Asks: "GET / and /api/authinfo and an empty POST to the token endpoint, the named one where a wrong one was typed, from here and from every vantage point",
		Look: func(ctx context.Context, s *probes.Session) (network.Access, error) { return readAccess(ctx, s, t) },
	}
}

// Allowlists are network.allowlist for both hosts.
var (
	Allowlist              = network.Allowlist(accessProbe(trust.Resource), trust.Resource.Where)
	AuthorisationAllowlist = network.Allowlist(accessProbe(Authorisation), Authorisation.Where)
)

// readAccess looks at the paths of one host from here, where the other questions have asked them anyway, and then through
// every vantage point, all at once.
func readAccess(ctx context.Context, s *probes.Session, t *trust.HostProbes) (network.Access, error) {
	host, err := t.Endpoint(ctx, s)
	if err != nil {
		return network.Access{}, err
	}
	if err := t.NeedHandshake(ctx, s); err != nil {
		return network.Access{}, err
	}
	a := network.Access{Host: host.String(), Hosted: product.HostingOf(ctx, s) == probes.Hosted}
	if s.Guide.Network != nil {
		a.Wanted = s.Guide.Network.Addresses
	}
	resource := t == trust.Resource
	var requests []wire.Request
	if resource {
		if a.Direct, requests, err = resourceResponses(ctx, s); err != nil {
			return a, err
		}
	}
	if place, err := probes.Look(ctx, s, Where); err == nil && (place.Same || !resource) {
		base, response, err := rightEndpoint(ctx, s, place)
		if err != nil {
			return a, err
		}
		if base != "" {
			a.Direct = append(a.Direct, response.Response)
			if !resource {
				a.Direct = append(a.Direct, samePage(ctx, s, response.Response)...)
			}
			requests = append(requests, wire.Request{Method: http.MethodPost, URL: tokenURL(base, response.Tenant)})
		}
	}
	a.Vantages = fromVantages(ctx, s, host, requests)
	return a, nil
}

// samePage are the Resource Server's responses where both hosts answer everything with one and the same page: what is before
// one host is then before the other. It is nil where they do not.
func samePage(ctx context.Context, s *probes.Session, r network.Response) []network.Response {
	outside, err := product.ResponsesBeforeHaloPSA(ctx, s)
	if err != nil || !network.IdenticalResponses(append(slices.Clone(outside), r)...) {
		return nil
	}
	return outside
}

// resourceResponses are the Resource Server's responses here, and the requests that ask for the same from elsewhere.
func resourceResponses(ctx context.Context, s *probes.Session) (here []network.Response, requests []wire.Request, err error) {
	get := func(path string) {
		requests = append(requests, wire.Request{Method: http.MethodGet, URL: s.Base().JoinPath(path).String()})
	}
	identified, err := probes.Look(ctx, s, product.Identify)
	if err != nil || !identified.Answered() {
		if here, err = product.ResponsesBeforeHaloPSA(ctx, s); err != nil {
			return nil, nil, err
		}
		get(authinfoPath)
		get("/")
		if !network.IdenticalResponses(here...) {
			here = here[:min(len(here), 2)] // the third tells nothing, and is not asked from elsewhere
		}
		return here, requests, nil
	}
	if identified.Info.Answered() {
		here = append(here, identified.Info.Response)
		get(authinfoPath)
	} else {
		here = append(here, identified.Instance.Response)
		get("/api/InstanceInfo")
	}
	if identified.WrongPath == "" {
		root, err := probes.Look(ctx, s, product.Root)
		if err != nil {
			return nil, nil, err
		}
		here = append(here, root)
		get("/")
	}
	return here, requests, nil
}

// rightEndpoint is the token endpoint on the typed server's host: the one in use or, where a wrong address was typed, the one
// that the instance names, since what refuses a wrong address says nothing of a filter. The base is empty where the
// instance names one on another host.
func rightEndpoint(ctx context.Context, s *probes.Session, place probes.Server) (base string, r TokenResponse, err error) {
	r, err = probes.Look(ctx, s, tokenEndpoint)
	if err != nil || r.OAuth() || !s.Target.AuthTyped {
		return place.URL, r, err
	}
	identified, err := probes.Look(ctx, s, product.Identify)
	if err != nil || !differs(identified.AuthURL(), place.URL) {
		return place.URL, r, nil //nolint:nilerr // the instance names no other
	}
	named, err := probes.Look(ctx, s, namedEndpoint)
	if err != nil || !named.OAuth() {
		return place.URL, r, nil //nolint:nilerr // nor does the named one answer, so the typed one is as good
	}
	here, _ := place.Endpoint()
	if there, err := (probes.Server{URL: identified.AuthURL()}).Endpoint(); err != nil || there != here {
		return "", r, nil //nolint:nilerr // it is elsewhere
	}
	return identified.AuthURL(), named, nil
}

// vantageTime bounds one request from a vantage point.
const vantageTime = 10 * time.Second

// fromVantages asks the same of every vantage point.
func fromVantages(ctx context.Context, s *probes.Session, host wire.Endpoint, requests []wire.Request) []network.VantageAccess {
	looks := make([]network.VantageAccess, len(s.Vantages))
	var parts probes.Group
	for i, v := range s.Vantages {
		looks[i].Name = v.Name
		parts.Go(func() {
			if v.Look != nil {
				looks[i] = fromAgent(ctx, s, v, host, requests)
				return
			}
			dialer, err := s.Net.Via(v.URL)
			if err != nil {
				looks[i].Error = err.Error()
				return
			}
			defer dialer.Close()
			there := s.Net.WithDialer(dialer)
			defer there.Close()
			there.Vantage = v.Name
			for _, r := range requests {
				response := fromThere(ctx, there, r)
				if dialer.Err() != nil {
					looks[i] = network.VantageAccess{Name: v.Name, Error: dialer.Err().Error()}
					return
				}
				looks[i].Responses = append(looks[i].Responses, response)
			}
		})
	}
	parts.Wait()
	return looks
}

// fromThere makes one request from a vantage point. A connection that the far end refuses or lets die counts as cut off.
func fromThere(ctx context.Context, there *wire.Net, r wire.Request) network.Response {
	step, cancel := probes.Step(ctx, vantageTime)
	defer cancel()
	page, err := there.Once(step, r)
	response := network.NewResponse(r.URL, page)
	response.Path = strings.TrimPrefix(r.URL, "https://")
	if err != nil {
		if response.Cause = probes.Cause(wire.Cause(err)); response.Cause == "" {
			response.Cause = probes.NotObserved
		}
		response.Detail = wire.Describe(err)
	}
	return response
}

// authinfoPath is what everybody may ask for, a vantage agent, too.
const authinfoPath = "/api/authinfo"

// fromAgent has a vantage agent look at the host. It asks for /api/authinfo where that is among the requests: elsewhere a
// refusal would say nothing of a filter, and an Authorisation Server on a host of its own need not have it.
func fromAgent(ctx context.Context, s *probes.Session, v probes.Vantage, host wire.Endpoint, requests []wire.Request) network.VantageAccess {
	seen := network.VantageAccess{Name: v.Name, Agent: true}
	address := "https://" + host.String() + authinfoPath
	authinfo := slices.ContainsFunc(requests, func(r wire.Request) bool {
		u, err := url.Parse(r.URL)
		return err == nil && u.Path == authinfoPath
	})
	if s.Net.Throttle != nil {
		if err := s.Net.Throttle(ctx, host.String()); err != nil {
			seen.Error = err.Error()
			return seen
		}
	}
	step, cancel := probes.Step(ctx, vantageTime)
	defer cancel()
	o, err := v.Look(step, host, authinfo)
	switch {
	case err != nil:
		seen.Error = err.Error()
		return seen
	case !authinfo && o.Cause == "":
		seen.Error = "a handshake succeeded; agents ask this host for nothing more"
		return seen
	case !authinfo:
		address = "https://" + host.String() + "/"
	}
	if o.From != "" {
		seen.Name = o.From
	}
	response := network.NewResponse(address, o.Page)
	response.Path = strings.TrimPrefix(address, "https://")
	if o.Cause != "" {
		response.Cause, response.Detail = probes.Cause(o.Cause), o.Detail
	}
	seen.Responses = []network.Response{response}
	return seen
}
