package login

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/network"
	"github.com/halocheck/halocheck/probes/product"
)

// TokenEndpoint is what answers where tokens are requested.
type TokenEndpoint struct {
	Typed         string         `json:"typed,omitempty"` // exactly as typed; empty: nobody typed one
	WasTyped      bool           `json:"was_typed"`
	Named         string         `json:"named,omitempty"`   // what the instance names; empty: not known
	Assumed       string         `json:"assumed,omitempty"` // where it usually is: in use where none was typed and none is named
	Insecure      bool           `json:"insecure,omitempty"`
	Malformed     bool           `json:"malformed,omitempty"`
	Response      TokenResponse  `json:"door"`                 // the empty POST to the one in use
	NamedResponse *TokenResponse `json:"named_door,omitempty"` // the same to the named one, asked only where the typed one is no good
}

// TokenResponse is the answer to an empty POST of the token form, which every OAuth server refuses in JSON (halo-api §2).
type TokenResponse struct {
	network.Response
	HTML        bool   `json:"html,omitempty"`
	Error       string `json:"error,omitempty"`
	Description string `json:"error_description,omitempty"`
	Tenant      string `json:"-"` // the tenant that this response was asked with
}

// OAuth tells whether an OAuth server answered: contract §10, 7.
func (r TokenResponse) OAuth() bool { return halo.IsOAuthError(r.Page.Status, r.Error) }

// Base is the URL in use.
func (e TokenEndpoint) Base() string {
	switch {
	case e.WasTyped:
		return e.Typed
	case e.Named != "":
		return e.Named
	}
	return e.Assumed
}

// AsNamed tells whether the URL in use is the one that the instance names, so that nothing else can be typed.
func (e TokenEndpoint) AsNamed() bool {
	return e.Named != "" && (!e.WasTyped || sameURL(e.Named, e.Typed))
}

// endpoint looks at the typed server if there is one, else at the named one. No credentials are sent.
var endpoint = &probes.Probe[TokenEndpoint]{
	Name: "login.endpoint",
	Asks: "what login.token-door asks (POST of an empty form to the token endpoint); where the typed one does not answer as an OAuth server, what login.named-door asks",
	Look: func(ctx context.Context, s *probes.Session) (TokenEndpoint, error) {
		e := TokenEndpoint{Typed: s.Target.AuthURL, WasTyped: s.Target.AuthTyped}
		if e.WasTyped {
			probes.Begin(ctx, s, tokenEndpoint) // beside what the instance is asked, not after it
		}
		identified, err := probes.Look(ctx, s, product.Identify)
		answers := err == nil && identified.Answered()
		if answers {
			if e.Named = identified.AuthURL(); e.Named == "" {
				e.Assumed = s.Base().JoinPath("auth").String()
			}
		} else if !e.WasTyped {
			_, err := probes.Need(ctx, s, product.Answers)
			return e, err
		}
		shape := form(e.Base())
		if e.Insecure, e.Malformed = shape == notSecure, shape == notURL; shape == wellFormed {
			if e.Response, err = probes.Look(ctx, s, tokenEndpoint); err != nil {
				return e, err
			}
		}
		// What refuses a wrong address says nothing of a filter: the one that the instance names comes first.
		if e.WasTyped && !e.Response.OAuth() && differs(e.Named, e.Typed) {
			if named, err := probes.Look(ctx, s, namedEndpoint); err == nil {
				e.NamedResponse = &named
			}
		}
		if e.NamedResponse != nil && e.NamedResponse.OAuth() || e.Response.OAuth() || shape != wellFormed {
			return e, nil
		}
		if network.FilterCause(e.Response.Response) != "" || !answers && samePage(ctx, s, e.Response.Response) != nil {
			return e, &probes.Unmet{ID: network.AllowlistID}
		}
		// Where the whole host does not answer as HaloPSA, that comes first; so it does where only the instance can name the tenant
		// without which a shared server refuses everybody.
		place, err := probes.Look(ctx, s, Where)
		if nameless := !s.Target.TenantTyped && e.Response.Page.Status >= http.StatusBadRequest; err == nil && !answers && (place.Same || nameless) {
			if _, err := probes.Need(ctx, s, product.Answers); err != nil {
				return e, err
			}
		}
		return e, nil
	},
}

// tokenEndpoint asks the server in use, once for all probes that want to know.
var tokenEndpoint = &probes.Probe[TokenResponse]{
	Name: "login.token-door",
	Asks: "POST of an empty form to the token endpoint, without credentials, with the tenant that will be used; where that is not answered as an OAuth server would, with the tenant that the instance names, with none, and once more",
	Look: func(ctx context.Context, s *probes.Session) (TokenResponse, error) {
		place, err := probes.Look(ctx, s, Where)
		if err != nil {
			return TokenResponse{}, err
		}
		at, err := site(ctx, s)
		if err != nil {
			return TokenResponse{}, err
		}
		if err := at.NeedHandshake(ctx, s); err != nil {
			return TokenResponse{}, err
		}
		return probeTokenEndpoint(ctx, s, place.URL)
	},
}

// probeTokenEndpoint asks a token endpoint with one tenant after another, since a shared server may know no other way to answer (halo-api
// §2, "wrong tenant"). The tenant that will be used comes first, and its answer counts where none is an OAuth server's.
func probeTokenEndpoint(ctx context.Context, s *probes.Session, base string) (TokenResponse, error) {
	typed := product.Typed(s)
	if !typed.WasTyped {
		typed.Named = namedTenant(ctx, s)
	}
	use := typed.Use()
	first, err := post(ctx, s, base, use, network.AnonymousOnce)
	if err == nil && first.Dropped() && first.Cause != probes.Timeout { // a lost connection is no answer to compare others with
		first, err = post(ctx, s, base, use, network.Anonymous)
	}
	if err != nil || first.OAuth() || first.Dropped() {
		return first, err
	}
	tried, named := []string{use}, namedTenant(ctx, s)
	for _, tenant := range []string{named, ""} {
		if slices.ContainsFunc(tried, func(known string) bool { return strings.EqualFold(known, tenant) }) {
			continue
		}
		tried = append(tried, tenant)
		r, err := post(ctx, s, base, tenant, network.AnonymousOnce)
		if err == nil && r.Dropped() && r.Cause != probes.Timeout { // one lost connection says nothing of the tenant
			r, err = post(ctx, s, base, tenant, network.Anonymous)
		}
		if err != nil || r.OAuth() {
			return r, err
		}
		if r.Cause == probes.Timeout {
			return first, nil
		}
		if r.Dropped() && tenant == named && !strings.EqualFold(use, named) {
			return r, nil // with the right tenant nobody answered, so what refuses another one is not told apart
		}
		if r.Dropped() {
			break
		}
	}
	if first.Page.Transient() {
		return post(ctx, s, base, use, network.Anonymous)
	}
	again, err := post(ctx, s, base, use, anotherNode)
	if err != nil || !again.OAuth() {
		return first, err
	}
	again.Page = again.Page.After(first.Page)
	return again, nil
}

// anotherNode asks once, over a new connection: of several nodes behind one address, one may be set up differently.
func anotherNode(ctx context.Context, s *probes.Session, r wire.Request) (network.Response, error) {
	r.Fresh = true
	return network.AnonymousOnce(ctx, s, r)
}

// namedTenant is the tenant that the instance names; empty where it names none.
func namedTenant(ctx context.Context, s *probes.Session) string {
	identified, err := probes.Look(ctx, s, product.Identify)
	if err != nil {
		return ""
	}
	return identified.Tenant()
}

// namedEndpoint asks the server that the instance names, where another one was typed and does not answer as an OAuth server.
var namedEndpoint = &probes.Probe[TokenResponse]{
	Name: "login.named-door",
	Asks: "POST of an empty form to the token endpoint that the instance names, without credentials, with the same tenants",
	Look: func(ctx context.Context, s *probes.Session) (TokenResponse, error) {
		identified, err := product.RequireHaloPSA(ctx, s)
		if err != nil {
			return TokenResponse{}, err
		}
		return probeTokenEndpoint(ctx, s, identified.AuthURL())
	},
}

// differs tells whether the instance names another server than the typed one, and one that can be asked.
func differs(named, typed string) bool { return form(named) == wellFormed && !sameURL(named, typed) }

// post sends the empty form.
func post(ctx context.Context, s *probes.Session, base, tenant string,
	send func(context.Context, *probes.Session, wire.Request) (network.Response, error),
) (TokenResponse, error) {
	response, err := send(ctx, s, wire.Request{Method: http.MethodPost, URL: tokenURL(base, tenant)})
	r := TokenResponse{Response: response, HTML: response.Page.IsHTML(), Tenant: tenant}
	var body map[string]any
	if json.Unmarshal(response.Page.Body, &body) == nil {
		code, _ := body["error"].(string)
		description, _ := body["error_description"].(string)
		r.Error, r.Description = wire.Cut(code), wire.Cut(description)
	}
	r.Halo = r.OAuth()
	return r, err
}

// sameURL compares two bases without case, the scheme's own port and closing slashes.
func sameURL(a, b string) bool { return canonical(a) == canonical(b) }

// canonical is the one way to write a base. What cannot be asked, such as a URL with a blank behind it, stays as it is.
func canonical(base string) string {
	if form(base) != wellFormed {
		return base
	}
	u, _ := url.Parse(base)
	e, _ := wire.ParseEndpoint(base)
	return strings.ToLower(e.Address() + strings.TrimRight(u.Path, "/"))
}
