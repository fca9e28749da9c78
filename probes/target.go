package probes

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
)

// Target is the instance as it was typed.
type Target struct {
	Resource *url.URL // base of the Resource Server, https, without /api and without a trailing slash
	AuthURL  string   // exactly as typed into the integration; meaningful only if AuthTyped
	// AuthTyped, TenantTyped tell an empty field from one that nobody mentioned.
	AuthTyped   bool
	Tenant      string
	TenantTyped bool
	Hosting     Hosting // empty is Auto
}

// haloDomains are the domains under which Halo itself hosts instances. contract §9.
var haloDomains = []string{"halopsa.com", "haloitsm.com", "haloservicedesk.com", "usehalo.com"}

// haloCRM is halocrm under any top-level domain, such as .com or .co.uk.
var haloCRM = lazyregexp.New(`(^|\.)halocrm\.([a-z]+|com?\.[a-z]{2})$`)

// Host tells who runs the instance: the value that was typed, else what the host's domain tells. A host under a domain that
// Halo owns is hosted, any other is on-premise.
func (t Target) Host() Hosting {
	if t.Hosting == Hosted || t.Hosting == OnPremise {
		return t.Hosting
	}
	host := strings.ToLower(strings.TrimSuffix(t.Resource.Hostname(), "."))
	for _, domain := range haloDomains {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return Hosted
		}
	}
	if haloCRM().MatchString(host) {
		return Hosted
	}
	return OnPremise
}

// schemeLike is what a scheme, complete or mistyped, looks like at the start of a URL: https://, https:/, https//, https:.
var schemeLike = lazyregexp.New(`^(?i:[a-z][a-z+.-]*:[/\\]{2,}|(?:https?)(?::[/\\]*|[;/\\]+))`)

// cutScheme cuts off what looks like a scheme; start is empty where nothing does.
func cutScheme(text string) (start, rest string) {
	start = schemeLike().FindString(text)
	return start, text[len(start):]
}

// withoutSchemes is what is left of a URL behind its scheme once further schemes are cut off; found tells whether there were any.
func withoutSchemes(text string) (rest string, found bool) {
	if at := strings.LastIndex(text, "://"); at >= 0 {
		text, found = text[at+len("://"):], true
	}
	for {
		start, after := cutScheme(text)
		if start == "" {
			return text, found
		}
		text, found = after, true
	}
}

// bareWord is a name without a domain, as a customer is called in HaloPSA's own addresses.
var bareWord = lazyregexp.New(`^[A-Za-z0-9-]+$`)

// ParseTarget reads a Resource Server as a customer knows it: with or without scheme, /api or a trailing slash. A bare
// host means https. The error is one sentence that names what is wrong and the way out.
func ParseTarget(typed string) (*url.URL, error) {
	text := strings.TrimSpace(typed)
	if text == "" {
		return nil, fmt.Errorf("no URL was given; the Resource Server looks like https://acme.halopsa.com")
	}
	if secret.LooksLikeOne(text) {
		return nil, errors.New("the URL has the form of a Client ID or a Client Secret, so it is not repeated and not looked up; the Resource Server looks like https://acme.halopsa.com")
	}
	if strings.ContainsAny(text, " \t\r\n") {
		return nil, fmt.Errorf("the URL %q holds a blank; the Resource Server looks like https://acme.halopsa.com", typed)
	}
	if strings.Contains(text, "@") {
		return nil, fmt.Errorf("the URL holds a user name or a password; credentials go into the Client ID and the Client Secret")
	}
	if start, rest := cutScheme(text); start == "" && !strings.Contains(text, "://") {
		if bareWord().MatchString(text) && !strings.EqualFold(text, "localhost") {
			return nil, fmt.Errorf("%q is one word; did you mean https://%s.halopsa.com?", text, strings.ToLower(text))
		}
		text = "https://" + text
	} else if host, broken := withoutSchemes(rest); broken || !strings.HasSuffix(start, "://") || strings.HasSuffix(start, ":///") {
		return nil, fmt.Errorf("the URL %q does not start with one https:// alone; use https://%s", typed, host)
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%q is not a URL; the Resource Server looks like https://acme.halopsa.com", typed)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	switch {
	case u.Scheme == "http":
		return nil, fmt.Errorf("the URL %q is not https; a secret is never sent in the clear, so use https://%s", typed, u.Host)
	case u.Scheme != "https":
		return nil, fmt.Errorf("the URL %q has the scheme %q; only https is understood", typed, u.Scheme)
	case u.Hostname() == "":
		return nil, fmt.Errorf("the URL %q names no host; the Resource Server looks like https://acme.halopsa.com", typed)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("the URL %q has a query or a fragment; give the Resource Server alone, such as https://%s", typed, u.Host)
	}
	if err := wire.CheckPort(u.Port()); err != nil {
		return nil, fmt.Errorf("the URL %q: %w", typed, err)
	}
	name, err := wire.ASCII(u.Hostname())
	if err != nil {
		return nil, fmt.Errorf("the URL %q: %w", typed, err)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	if strings.HasSuffix(strings.ToLower(u.Path), "/api") {
		u.Path = strings.TrimRight(u.Path[:len(u.Path)-len("/api")], "/")
	}
	u.Host = strings.Replace(strings.ToLower(u.Host), strings.ToLower(u.Hostname()), name, 1)
	u.RawPath = ""
	return u, nil
}

// Side is which of the two servers of a connection is meant.
type Side string

// The two servers.
const (
	ResourceSide      Side = "resource"
	AuthorisationSide Side = "authorisation"
)

// Server is one of the two servers of a connection, and its base URL.
type Server struct {
	Side Side   `json:"side"`
	URL  string `json:"url"`
	Same bool   `json:"same,omitempty"` // the authorisation server is on the resource server's host and port
}

// Host is the server as a finding names it: the host, with its port unless that is 443.
func (p Server) Host() string {
	e, err := p.Endpoint()
	if err != nil {
		return ""
	}
	return e.String()
}

// Endpoint is the host and port to connect to.
func (p Server) Endpoint() (wire.Endpoint, error) { return wire.ParseEndpoint(p.URL) }

// ResourceServer is where the Resource Server is, as typed. It asks nothing.
var ResourceServer = &Probe[Server]{
	Name: "target.resource",
	Asks: "nothing",
	Look: func(_ context.Context, s *Session) (Server, error) {
		return Server{Side: ResourceSide, URL: s.Target.Resource.String()}, nil
	},
}
