package fakehalo

import (
	"crypto/rand"
	"encoding/base64"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// token is what the server remembers of one that it issued. Earlier ones stay valid: wire-contract §2.3.
type token struct {
	scopes  []string
	named   []string // what the answer says instead of the scopes; nil: the scopes
	admin   bool
	client  string // the application's id
	expires time.Time
}

// Lifetimes of an access token (halo-api §1) and, as the library has them, of a refresh token.
const (
	lifetime        = time.Hour
	refreshLifetime = 14 * 24 * time.Hour
)

// tokenReply answers the token endpoint. The order of the checks and their words are the library's: halo-api §2.
func (s *Server) tokenReply(r *http.Request) *reply {
	i := s.live()
	tenant := r.URL.Query().Get("tenant")
	if tenant == "" {
		tenant = r.PostForm.Get("tenant")
	}
	if r.Method != http.MethodPost {
		return oauthError(400, "invalid_request", "The specified HTTP method is not valid.")
	}
	if bad := i.wrongTenant(tenant); bad != nil {
		return bad
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Header.Get("Content-Type") == "":
		return oauthError(400, "invalid_request", "The mandatory 'Content-Type' header must be specified.")
	case err != nil || kind != "application/x-www-form-urlencoded":
		return oauthError(400, "invalid_request", "The specified 'Content-Type' header is not valid.")
	}
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if basicID, basicSecret, ok := r.BasicAuth(); ok {
		if id != "" || secret != "" {
			return oauthError(400, "invalid_request", "Multiple client credentials cannot be specified.")
		}
		id, secret = unescaped(basicID), unescaped(basicSecret)
	}
	grant := r.PostForm.Get("grant_type")
	asked := strings.Fields(r.PostForm.Get("scope"))
	switch {
	case grant == "":
		return oauthError(400, "invalid_request", "The mandatory 'grant_type' parameter is missing.")
	case !slices.Contains(grants, grant):
		return oauthError(400, "unsupported_grant_type", "The specified 'grant_type' parameter is not supported.")
	case grant == "refresh_token" && r.PostForm.Get("refresh_token") == "":
		return oauthError(400, "invalid_request", "The mandatory 'refresh_token' parameter is missing.")
	case grant == "client_credentials" && slices.Contains(asked, "offline_access"):
		return oauthError(400, "invalid_request", "The 'offline_access' scope is not valid for the specified 'grant_type' parameter.")
	case slices.ContainsFunc(asked, func(scope string) bool { return !slices.Contains(i.scopes, scope) }):
		return oauthError(400, "invalid_scope", "The specified 'scope' parameter is not valid.")
	case grant == "client_credentials" && (id == "" || secret == ""):
		return oauthError(400, "invalid_request", "The 'client_id' and 'client_secret' parameters are required when using the client credentials grant.")
	case id == "":
		return oauthError(400, "invalid_request", "The mandatory 'client_id' parameter is missing.")
	}
	app := i.app
	if id == adminID {
		app = application{id: adminID, secret: adminSecret, scopes: i.scopes, method: "client_credentials"}
	}
	granted, no := i.grant(app, grant, id, secret, asked)
	switch {
	case no != nil:
		return no
	case grant == "refresh_token":
		return s.renew(id, r.PostForm.Get("refresh_token"))
	}
	t := token{scopes: granted, admin: id == adminID, client: id}
	if i.dialect["scope-all-named"] == "all" && slices.Contains(asked, "all") {
		t.named = slices.DeleteFunc(slices.Clone(asked), func(scope string) bool { return scope != "all" && !slices.Contains(granted, scope) })
	}
	return s.issue(asked, t, opaque())
}

// unescaped is a credential of the Authorization header, which is written as in a form (RFC 6749, 2.3.1); one that cannot be
// read so is taken as it is.
func unescaped(credential string) string {
	if plain, err := url.QueryUnescape(credential); err == nil {
		return plain
	}
	return credential
}

// grants are those that HaloPSA knows (halo-api §1). Both applications are of the kind that uses the first, and may renew.
var grants = []string{"client_credentials", "refresh_token", "password", "authorization_code"}

// grant decides for an application: the scopes that it gets of those asked for, or why it gets nothing.
func (i *instance) grant(app application, grant, id, secret string, asked []string) ([]string, *reply) {
	granted, refused := i.granted(app, asked)
	renews := grant == "refresh_token"
	switch {
	case id != app.id:
		return nil, oauthError(401, "invalid_client", "The specified 'client_id' parameter is invalid.")
	case app.inactive:
		status := 400
		if i.dialect["inactive-app-status"] == "401" {
			status = 401
		}
		return nil, oauthError(status, "invalid_client", "The specified client application is not active.")
	case app.method != "client_credentials", grant != "client_credentials" && !renews:
		return nil, oauthError(400, "unauthorized_client", "This client application is not allowed to use the specified grant type.")
	case refused && i.dialect["scope-refusal"] == "refuse":
		return nil, oauthError(400, "invalid_request", "This client application is not allowed to use the specified scope.")
	case secret != app.secret && !(renews && secret == ""): // the one client that renews sends no secret: wire-contract §2.3
		return nil, oauthError(401, "invalid_client", "The specified client credentials are invalid.")
	}
	return granted, nil
}

// granted are the scopes that an application gets; refused tells whether it lacks one that was asked for. Whoever asks for
// all gets what the application has: 35 of 39 public clients ask so, of applications with less (clients §1).
func (i *instance) granted(app application, asked []string) (scopes []string, refused bool) {
	for _, scope := range asked {
		switch {
		case slices.Contains(app.scopes, scope), i.dialect["scope-under-all"] == "granted" && slices.Contains(app.scopes, "all") && underAll(scope):
			scopes = append(scopes, scope)
		case scope == "all" && i.dialect["scope-all"] == "limited":
			scopes = append(scopes, app.scopes...)
		default:
			refused = true
		}
	}
	return unique(scopes), refused
}

// underAll tells whether the permission all brings a scope along; it seems not to bring all:teams (halo-api §5), and what
// admin adds is not known.
func underAll(scope string) bool {
	area, _, _ := strings.Cut(scope, ":")
	return area == "read" || area == "edit" || scope == "all:standard"
}

// unique are the words without those that came before.
func unique(words []string) []string {
	var out []string
	for _, word := range words {
		if !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// wrongTenant is the answer to a tenant that is not this instance's; nil where it is. The tenant is looked up before the
// library sees the request, which is why a wrong one is no OAuth error: halo-api §2.
func (i *instance) wrongTenant(tenant string) *reply {
	if strings.EqualFold(tenant, "undefined") {
		tenant = "" // as n8n's users on premises send it: wire-contract §2.3
	}
	switch {
	case tenant == "" && !i.needsTenant, strings.EqualFold(tenant, i.tenant) && i.tenant != "":
		return nil
	case i.dialect["wrong-tenant-status"] == "400":
		return &reply{status: 400, kind: "text/plain", body: "Bad Request"}
	}
	return &reply{status: 500, kind: "text/html", body: "<html><body>An error occurred while processing your request.</body></html>"}
}

// renew answers the refresh grant of an application.
func (s *Server) renew(client, value string) *reply {
	s.mu.Lock()
	t, ok := s.refresh[value]
	now := s.clock()
	s.mu.Unlock()
	if !ok || t.client != client || !now.Before(t.expires) {
		return oauthError(400, "invalid_grant", "The specified refresh token is invalid.")
	}
	return s.issue(nil, t, value) // it does not rotate: halo-live §4
}

// issue makes a token and the answer that carries it, with the refresh token that renews it; expires of t is set here. Earlier
// tokens stay valid.
func (s *Server) issue(asked []string, t token, refresh string) *reply {
	value := opaque()
	i := s.live()
	s.mu.Lock()
	now := s.clock()
	t.expires = now.Add(lifetime)
	s.tokens[value] = t
	body := map[string]any{"token_type": "Bearer", "access_token": value, "expires_in": int(lifetime.Seconds())}
	if i.dialect["refresh-token"] == "given" {
		t.expires = now.Add(refreshLifetime)
		if _, known := s.refresh[refresh]; !known {
			s.refresh[refresh] = t
		}
		body["refresh_token"] = refresh
	}
	s.mu.Unlock()
	named := t.scopes
	if t.named != nil {
		named = t.named
	}
	if i.dialect["token-scope-field"] == "always" || !slices.Equal(asked, named) {
		body["scope"] = strings.Join(named, " ")
	}
	body["id_token"] = s.idToken(i, t.client, now)
	return &reply{status: 200, kind: "application/json;charset=UTF-8", body: encode(body), header: http.Header{
		"Cache-Control": {"no-cache"}, "Pragma": {"no-cache"}, "Expires": {"Thu, 01 Jan 1970 00:00:00 GMT"},
	}}
}

// opaque is a reference token: nothing can be read in it (halo-api §1).
func opaque() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails: crypto/rand
	return base64.RawURLEncoding.EncodeToString(raw)
}

// bearer is the token of a request.
func (s *Server) bearer(r *http.Request) (token, bool) {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens[value]
	return t, ok && strings.EqualFold(scheme, "Bearer") && s.clock().Before(t.expires)
}
