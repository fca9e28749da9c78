// Package login holds what the integration types to log in: the Authorisation Server's URL, the credentials, and the
// agent behind them. The secret leaves this machine only here, once trust holds for the very host it goes to.
package login

import (
	"context"
	"net/url"
	"strings"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/network"
	"github.com/halocheck/halocheck/probes/product"
	"github.com/halocheck/halocheck/probes/trust"
)

// authURLID is login.auth-url, which a place that cannot be read out of the URL has to wait for.
const authURLID = "login.auth-url"

// Where is the Authorisation Server: the one typed, else the one that the instance names.
var Where = &probes.Probe[probes.Server]{
	Name: "login.place",
	Asks: "nothing, or what product.face asks",
	Look: func(ctx context.Context, s *probes.Session) (probes.Server, error) {
		place := probes.Server{Side: probes.AuthorisationSide, URL: s.Target.AuthURL}
		if !s.Target.AuthTyped {
			identified, err := product.RequireHaloPSA(ctx, s)
			if err != nil {
				return place, err
			}
			place.URL = product.TokenBase(s, identified)
		}
		if form(place.URL) != wellFormed {
			return place, &probes.Unmet{ID: authURLID}
		}
		here, err := place.Endpoint()
		if err != nil {
			return place, &probes.Unmet{ID: authURLID}
		}
		there, err := probes.Server{URL: s.Target.Resource.String()}.Endpoint()
		place.Same = err == nil && here == there
		return place, nil
	},
}

// Authorisation is the Authorisation Server's host, where it is not the Resource Server's.
var Authorisation = trust.ProbesFor(authorisationHost())

func authorisationHost() *network.HostProbes {
	site := network.ProbesFor(Where, "@auth")
	site.Instead = func(ctx context.Context, s *probes.Session) string {
		identified, err := probes.Look(ctx, s, product.Identify)
		if err != nil || !s.Target.AuthTyped || !differs(identified.AuthURL(), s.Target.AuthURL) {
			return ""
		}
		return identified.AuthURL()
	}
	return site
}

// site is where the token endpoint stands.
func site(ctx context.Context, s *probes.Session) (*trust.HostProbes, error) {
	place, err := probes.Look(ctx, s, Where)
	if place.Same {
		return trust.Resource, err
	}
	return Authorisation, err
}

// urlForm is what a URL looks like before anything is asked.
type urlForm int

const (
	wellFormed urlForm = iota
	notURL             // no host in it, or blanks
	notSecure          // http://
)

// doubledScheme is a URL pasted behind the scheme that stood there already.
var doubledScheme = lazyregexp.New(`(?i)^https?:/+https?(:|/|$)`)

// form judges the shape of an Authorisation Server's URL.
func form(text string) urlForm {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || strings.ContainsAny(text, " \t\r\n"):
		return notURL
	case doubledScheme().MatchString(text):
		return notURL
	case strings.EqualFold(u.Scheme, "http"):
		return notSecure
	case !strings.EqualFold(u.Scheme, "https") || strings.ContainsAny(text, "?#") || u.User != nil:
		return notURL
	}
	if _, err := (probes.Server{URL: text}).Endpoint(); err != nil {
		return notURL
	}
	return wellFormed
}

// tokenURL is the token endpoint under a base, with the tenant where there is one: halo-api §1.
func tokenURL(base, tenant string) string {
	address := strings.TrimRight(strings.TrimSpace(base), "/") + "/token"
	if tenant != "" {
		address += "?tenant=" + url.QueryEscape(tenant)
	}
	return address
}

// WellFormed tells whether a URL can be an Authorisation Server's: https, a host, and neither query, password nor blanks.
func WellFormed(text string) bool { return form(text) == wellFormed }
