package record

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/login"
)

// cleaner knows what an instance's names, addresses and ids become.
type cleaner struct {
	*names
	asked    []string // the guide's scopes
	clientID string   // the integration's, to find its application by
	base     string   // path that the instance is under, without a slash at the end
	resource wire.Endpoint
	auth     wire.Endpoint // zero: there is no second host
	now      time.Time
}

// newCleaner reads out of a session what the two servers are; named is the authorisation server that the instance names.
func newCleaner(s *probes.Session, named string) (*cleaner, error) {
	c := &cleaner{names: newNames(s.Guide), clientID: strings.TrimSpace(s.Credentials.ID.Reveal()), base: s.Target.Resource.Path, now: s.Now()}
	for _, scope := range s.Guide.Application.Scopes {
		c.asked = append(c.asked, scope.Name)
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

// Servers' origins in a recording. Nothing is ever asked of the last three.
const (
	resourceOrigin = "{resource}"
	authOrigin     = "{authorisation}"
	elsewhere      = "https://elsewhere.halopsa.invalid"
	insecure       = "http://insecure.halopsa.invalid"
	noURL          = "not a URL"
)

// url is a URL with its origin and its path replaced; one that cannot be asked stays one, and a slash at the end stays.
func (c *cleaner) url(text string) string {
	u, err := url.Parse(text)
	slash := strings.Repeat("/", map[bool]int{true: 1}[strings.HasSuffix(text, "/")])
	switch {
	case strings.TrimSpace(text) == "":
		return text
	case err == nil && u.Hostname() != "" && !strings.ContainsAny(text, " \t\r\n") && strings.EqualFold(u.Scheme, "http"):
		return insecure + c.path(u.Path)
	case !login.WellFormed(text):
		return noURL + slash
	}
	return c.origin(text) + c.path(u.Path)
}

// origin is which of the two servers a URL is on.
func (c *cleaner) origin(text string) string {
	e, err := wire.ParseEndpoint(text)
	switch {
	case err == nil && e == c.resource:
		return resourceOrigin
	case err == nil && e == c.auth:
		return authOrigin
	}
	return elsewhere
}

// path keeps the segments that everybody has and the ids of records as pseudonyms; what else is in it may be a name.
func (c *cleaner) path(path string) string {
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

// ask is a request as a recording names it.
func (c *cleaner) ask(e exchange) string {
	out := e.method + " " + c.path(e.path)
	query, _ := url.ParseQuery(e.query) // our own
	if tenant := query.Get("tenant"); tenant != "" {
		query.Set("tenant", c.of(tenantName, tenant))
	}
	if len(query) > 0 {
		out += "?" + query.Encode()
	}
	return out
}

// products are servers and proxies by the names that they go by; a Server header may also hold a machine's name.
var products = regexp.MustCompile(`^(?i:Microsoft-(IIS|HTTPAPI|Azure-Application-Gateway)|nginx|openresty|Apache|cloudflare|CloudFront|AkamaiGHost|awselb|BigIP|BIG-IP|Kestrel|Caddy|envoy|istio-envoy|Sucuri|Imperva|squid|Varnish|lighttpd|LiteSpeed|HAProxy|Traefik)(/v?[0-9.]{1,12})?$`)

// mediaTypes are those that a requirement tells apart, and the most common others.
var mediaTypes = []string{
	"application/json", "application/problem+json", "text/json", "text/html", "application/xhtml+xml", "text/plain", "text/xml",
	"application/xml", "application/x-www-form-urlencoded",
}

// headers are what is kept of an answer's headers, each in a form of our own.
func (c *cleaner) headers(from http.Header) map[string]string {
	out := map[string]string{}
	put := func(name, value string) {
		if value != "" {
			out[name] = value
		}
	}
	if kind := from.Get("Content-Type"); kind != "" {
		media, _, _ := mime.ParseMediaType(kind)
		put("Content-Type", word(media, "application/octet-stream", mediaTypes...))
	}
	if server := from.Get("Server"); products.MatchString(server) {
		put("Server", server)
	} else if strings.Contains(server, "IIS") {
		put("Server", "Microsoft-IIS")
	}
	scheme, _, _ := strings.Cut(from.Get("WWW-Authenticate"), " ")
	put("WWW-Authenticate", word(scheme, "Other", "Basic", "Bearer", "Digest", "Negotiate", "NTLM"))
	if location := from.Get("Location"); location != "" {
		put("Location", c.location(location))
	}
	put("Retry-After", c.retryAfter(from.Get("Retry-After")))
	return out
}

// location is where a redirect points: to which server, and no further.
func (c *cleaner) location(text string) string {
	switch u, err := url.Parse(text); {
	case err != nil:
		return "%zz" // as unreadable as it was
	case u.Host == "":
		return "/"
	case strings.EqualFold(u.Scheme, "http"):
		return insecure + "/"
	}
	return c.origin(text) + "/"
}

// retryAfter is a pause in seconds; a date becomes the time that was left until then.
func (c *cleaner) retryAfter(text string) string {
	after, ok := wire.RetryAfter(wire.Page{RetryAfter: text}, c.now)
	if !ok {
		return ""
	}
	return strconv.Itoa(int(after.Round(time.Second).Seconds()))
}

// sorted are a map's keys in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
