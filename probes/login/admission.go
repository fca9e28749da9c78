package login

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/network"
	"github.com/halocheck/halocheck/probes/product"
	"github.com/halocheck/halocheck/probes/trust"
)

// admission gathers who is let in at one host: from here, and from every vantage point.
func admission(t *trust.Site) *probes.Probe[network.Admission] {
	return &probes.Probe[network.Admission]{
		Name: "network.admission" + t.Suffix,
		Asks: "GET / and /api/authinfo and an empty POST to the token endpoint, the named one where a wrong one was typed, from here and from every vantage point",
		Look: func(ctx context.Context, s *probes.Session) (network.Admission, error) { return admit(ctx, s, t) },
	}
}

// Allowlists are network.allowlist for both hosts.
var (
	Allowlist              = network.Allowlist(admission(trust.Resource), trust.Resource.Where)
	AuthorisationAllowlist = network.Allowlist(admission(Authorisation), Authorisation.Where)
)

// admit looks at the doors of one host from here, where the other questions have opened them anyway, and then through
// every vantage point, all at once.
func admit(ctx context.Context, s *probes.Session, t *trust.Site) (network.Admission, error) {
	host, err := t.Endpoint(ctx, s)
	if err != nil {
		return network.Admission{}, err
	}
	if err := t.NeedHandshake(ctx, s); err != nil {
		return network.Admission{}, err
	}
	a := network.Admission{Host: host.String(), Hosted: s.Target.Host() == probes.Hosted}
	if s.Guide.Network != nil {
		a.Wanted = s.Guide.Network.Addresses
	}
	resource := t == trust.Resource
	var paths []wire.Request
	if resource {
		info, err := probes.Look(ctx, s, product.Info)
		if err != nil {
			return a, err
		}
		root, err := probes.Look(ctx, s, product.Root)
		if err != nil {
			return a, err
		}
		a.Here = append(a.Here, info.Door, root)
		for _, path := range []string{"/api/authinfo", "/"} {
			paths = append(paths, wire.Request{Method: http.MethodGet, URL: s.Target.Resource.JoinPath(path).String()})
		}
	}
	if place, err := probes.Look(ctx, s, Where); err == nil && (place.Same || !resource) {
		base, door, err := rightDoor(ctx, s, place)
		if err != nil {
			return a, err
		}
		tenant := ""
		if info, err := probes.Look(ctx, s, product.Info); err == nil {
			tenant = info.Tenant
		}
		if base != "" {
			a.Here = append(a.Here, door.Door)
			paths = append(paths, wire.Request{Method: http.MethodPost, URL: tokenURL(base, tenant)})
		}
	}
	a.Vantages = fromVantages(ctx, s, paths)
	return a, nil
}

// rightDoor is the token endpoint on the typed server's host: the one in use or, where a wrong address was typed, the one
// that the instance names, since what refuses a wrong address says nothing of a filter. The base is empty where the
// instance names one on another host.
func rightDoor(ctx context.Context, s *probes.Session, place probes.Server) (base string, door Door, err error) {
	door, err = probes.Look(ctx, s, tokenDoor)
	if err != nil || door.OAuth() || !s.Target.AuthTyped {
		return place.URL, door, err
	}
	info, err := probes.Look(ctx, s, product.Info)
	if err != nil || !differs(info.AuthURL, place.URL) {
		return place.URL, door, nil //nolint:nilerr // the instance names no other
	}
	named, err := probes.Look(ctx, s, namedDoor)
	if err != nil || !named.OAuth() {
		return place.URL, door, nil //nolint:nilerr // nor does the named one answer, so the typed one is as good
	}
	here, _ := place.Endpoint()
	if there, err := (probes.Server{URL: info.AuthURL}).Endpoint(); err != nil || there != here {
		return "", door, nil //nolint:nilerr // it is elsewhere
	}
	return info.AuthURL, named, nil
}

// vantageTime bounds one request from a vantage point.
const vantageTime = 10 * time.Second

// fromVantages asks the same of every vantage point.
func fromVantages(ctx context.Context, s *probes.Session, requests []wire.Request) []network.VantageLook {
	looks := make([]network.VantageLook, len(s.Vantages))
	var parts probes.Group
	for i, v := range s.Vantages {
		looks[i].Name = v.Name
		parts.Go(func() {
			dialer, err := s.Net.Via(v.URL)
			if err != nil {
				looks[i].Error = err.Error()
				return
			}
			defer dialer.Close()
			there := s.Net.Through(dialer)
			defer there.Close()
			there.Vantage = v.Name
			for _, r := range requests {
				door := fromThere(ctx, there, r)
				if dialer.Err() != nil {
					looks[i] = network.VantageLook{Name: v.Name, Error: dialer.Err().Error()}
					return
				}
				looks[i].Doors = append(looks[i].Doors, door)
			}
		})
	}
	parts.Wait()
	return looks
}

// fromThere makes one request from a vantage point. A connection that the far end refuses or lets die counts as cut off.
func fromThere(ctx context.Context, there *wire.Net, r wire.Request) network.Door {
	step, cancel := probes.Step(ctx, vantageTime)
	defer cancel()
	page, err := there.Once(step, r)
	door := network.Door{Path: strings.TrimPrefix(r.URL, "https://"), Page: page}
	if err != nil {
		if door.Cause = probes.Cause(wire.Cause(err)); door.Cause == "" {
			door.Cause = probes.NotObserved
		}
		door.Detail = wire.Describe(err)
	}
	door.Halo = page.IsJSON() && (page.Status == http.StatusOK || page.Status == http.StatusBadRequest || page.Status == http.StatusUnauthorized)
	return door
}
