package record

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/login"
)

// sanitiser maps an instance's names, addresses and ids to their replacements.
type sanitiser struct {
	*pseudonyms
	guideScopes []string // the guide's scopes
	clientID    string   // the integration's, to find its application by
	base        string   // path that the instance is under, without a slash at the end
	resource    wire.Endpoint
	auth        wire.Endpoint // zero value: there is no second host
	now         time.Time
}

// newSanitiser reads out of a session what the two servers are; named is the authorisation server that the instance names.
func newSanitiser(s *probes.Session, named string) (*sanitiser, error) {
	c := &sanitiser{pseudonyms: newPseudonyms(s.Guide), clientID: strings.TrimSpace(s.Credentials.ID.Reveal()), base: s.Target.Resource.Path, now: s.Now()}
	for _, scope := range s.Guide.Application.Scopes {
		c.guideScopes = append(c.guideScopes, scope.Name)
	}
	var err error
	if c.resource, err = wire.ParseEndpoint(s.Target.Resource.String()); err != nil {
		return nil, err
	}
	for _, address := range []string{s.Target.AuthURL, named} {
		if e, err := wire.ParseEndpoint(strings.TrimSpace(address)); err == nil && login.WellFormed(address) && e != c.resource {
			c.auth = e
			break
		}
	}
	return c, nil
}

// Origins of servers in a recording. A replay sends no request to the last three.
const (
	resourceOrigin  = "{resource}"
	authOrigin      = "{authorisation}"
	otherOrigin     = "https://elsewhere.halopsa.invalid"
	plainHTTPOrigin = "http://insecure.halopsa.invalid"
	notAURL         = "not a URL"
)

// url replaces the origin and the path of a URL. An unusable URL stays unusable, and a trailing slash stays.
func (c *sanitiser) url(text string) string {
	u, err := url.Parse(text)
	slash := strings.Repeat("/", map[bool]int{true: 1}[strings.HasSuffix(text, "/")])
	switch {
	case strings.TrimSpace(text) == "":
		return text
	case err == nil && u.Hostname() != "" && !strings.ContainsAny(text, " \t\r\n") && strings.EqualFold(u.Scheme, "http"):
		return plainHTTPOrigin + c.path(u.Path)
	case !login.WellFormed(text):
		return notAURL + slash
	}
	return c.origin(text) + c.path(u.Path)
}

// origin is the placeholder of the server that a URL is on.
func (c *sanitiser) origin(text string) string {
	e, err := wire.ParseEndpoint(text)
	switch {
	case err == nil && e == c.resource:
		return resourceOrigin
	case err == nil && e == c.auth:
		return authOrigin
	}
	return otherOrigin
}

// path keeps HaloPSA's own segments. Ids and other segments, which may be names, become pseudonyms.
func (c *sanitiser) path(path string) string {
	segments := strings.Split(path, "/")
	below := slices.IndexFunc(segments, func(s string) bool { return strings.EqualFold(s, "api") })
	for i, segment := range segments {
		switch {
		case segment == "", below >= 0 && i == below+1:
		case below >= 0 && i > below+1 && !strings.EqualFold(segment, "me") && !strings.EqualFold(segments[below+1], "auth"):
			segments[i] = c.id(segment)
		case !strings.EqualFold(segment, "me"):
			if kept := c.of(pathName, segment); !strings.EqualFold(kept, segment) {
				segments[i] = kept
			}
		}
	}
	return strings.Join(segments, "/")
}

// question is the request as the recording identifies it.
func (c *sanitiser) question(e exchange) string {
	out := e.method + " " + c.path(e.path)
	query, _ := url.ParseQuery(e.query) // halocheck built the query
	if tenant := query.Get("tenant"); tenant != "" {
		query.Set("tenant", c.of(tenantName, tenant))
	}
	if len(query) > 0 {
		out += "?" + query.Encode()
	}
	return out
}

// serverProducts matches well-known values of the Server header; other values may hold a machine's name.
var serverProducts = lazyregexp.New(`^(?i:Microsoft-(IIS|HTTPAPI|Azure-Application-Gateway)|nginx|openresty|Apache|cloudflare|CloudFront|AkamaiGHost|awselb|BigIP|BIG-IP|Kestrel|Caddy|envoy|istio-envoy|Sucuri|Imperva|squid|Varnish|lighttpd|LiteSpeed|HAProxy|Traefik)(/v?[0-9.]{1,12})?$`)

// mediaTypes are those that requirements tell apart, and other common ones.
var mediaTypes = []string{
	"application/json", "application/problem+json", "text/json", "text/html", "application/xhtml+xml", "text/plain", "text/xml",
	"application/xml", "application/x-www-form-urlencoded",
}

// headers keeps some of an answer's headers, each reduced to known words.
func (c *sanitiser) headers(from http.Header) map[string]string {
	out := map[string]string{}
	put := func(name, value string) {
		if value != "" {
			out[name] = value
		}
	}
	if kind := from.Get("Content-Type"); kind != "" {
		media, _, _ := mime.ParseMediaType(kind)
		put("Content-Type", knownWord(media, "application/octet-stream", mediaTypes...))
	}
	if server := from.Get("Server"); serverProducts().MatchString(server) {
		put("Server", server)
	} else if strings.Contains(server, "IIS") {
		put("Server", "Microsoft-IIS")
	}
	scheme, _, _ := strings.Cut(from.Get("WWW-Authenticate"), " ")
	put("WWW-Authenticate", knownWord(scheme, "Other", "Basic", "Bearer", "Digest", "Negotiate", "NTLM"))
	if location := from.Get("Location"); location != "" {
		put("Location", c.location(location))
	}
	put("Retry-After", c.retryAfter(from.Get("Retry-After")))
	return out
}

// location keeps the server that a redirect points to, without its path.
func (c *sanitiser) location(text string) string {
	switch u, err := url.Parse(text); {
	case err != nil:
		return "%zz" // an unreadable URL stays unreadable
	case u.Host == "":
		return "/"
	case strings.EqualFold(u.Scheme, "http"):
		return plainHTTPOrigin + "/"
	}
	return c.origin(text) + "/"
}

// retryAfter returns the pause in seconds; a date becomes the time that was left until then.
func (c *sanitiser) retryAfter(text string) string {
	after, ok := wire.RetryAfter(wire.Page{RetryAfter: text}, c.now)
	if !ok {
		return ""
	}
	return strconv.Itoa(int(after.Round(time.Second).Seconds()))
}

// sorted are a map's keys in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
