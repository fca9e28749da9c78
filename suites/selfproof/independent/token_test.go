package independent_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// oauthError is a refusal of RFC 6749 §5.2, in the words of the library that Halo's tables point to. halo-api §2
func (s *server) oauthError(status int, code, description string) answer {
	a := answer{status: status, label: s.form.TokenLabel, header: map[string]string{"Cache-Control": "no-store", "Pragma": "no-cache"}}
	o := object{{"error", code}}
	if description != "" {
		o = append(o, field{"error_description", description})
	}
	if status == http.StatusUnauthorized {
		a.header["WWW-Authenticate"] = `Basic realm="` + s.authURL() + `"`
	}
	a.body = s.form.encode(o)
	return a
}

// token is the token endpoint.
func (s *server) token(req *http.Request, form url.Values) answer {
	if req.Method != http.MethodPost {
		return s.oauthError(400, "invalid_request", "The specified HTTP method is not valid.")
	}
	if s.form.TenantNeeded {
		tenant := req.URL.Query().Get("tenant")
		if tenant == "" && !s.form.TenantQuery {
			tenant = form.Get("tenant")
		}
		if !strings.EqualFold(tenant, s.in.tenant) {
			return s.noTenant()
		}
	} else if tenant := req.URL.Query().Get("tenant"); tenant != "" && !strings.EqualFold(tenant, s.in.tenant) {
		return page(http.StatusInternalServerError, "500 - Internal server error.") // halo-api §2: a wrong tenant
	}
	id, secret := form.Get("client_id"), form.Get("client_secret")
	switch {
	case form.Get("grant_type") == "" && s.form.EmptyPost != "invalid_request" && len(form) == 0:
		return s.oauthError(map[string]int{"unsupported_grant_type": 400, "invalid_client": 401}[s.form.EmptyPost], s.form.EmptyPost, "")
	case form.Get("grant_type") == "":
		return s.oauthError(400, "invalid_request", "The mandatory 'grant_type' parameter is missing.")
	case form.Get("grant_type") != "client_credentials":
		return s.oauthError(400, "unsupported_grant_type", "The specified 'grant_type' parameter is not supported.")
	}
	asked := strings.Fields(form.Get("scope"))
	for _, scope := range asked {
		if !slices.ContainsFunc(knownScopes, func(k string) bool { return strings.EqualFold(k, scope) }) {
			return s.oauthError(400, "invalid_scope", "The specified 'scope' parameter is not valid.")
		}
	}
	if id == "" || secret == "" {
		return s.oauthError(400, "invalid_request", "The 'client_id' and 'client_secret' parameters are required when using the client credentials grant.")
	}
	if s.refused != nil {
		return *s.refused()
	}
	if id == adminID {
		return s.adminToken(secret, asked)
	}
	switch {
	case !strings.EqualFold(id, s.in.clientID):
		return s.oauthError(401, "invalid_client", "The specified 'client_id' parameter is invalid.")
	case !s.in.serviceMethod:
		return s.oauthError(400, "unauthorized_client", "This client application is not allowed to use the specified grant type.")
	case secret != s.in.clientSecret:
		return s.oauthError(401, "invalid_client", "The specified client credentials are invalid.")
	}
	var granted []string
	for _, scope := range asked {
		if s.ticked(scope) {
			granted = append(granted, scope)
		}
	}
	if len(granted) < len(asked) {
		switch s.form.Ungranted {
		case "invalid_request":
			return s.oauthError(400, "invalid_request", "This client application is not allowed to use the specified scope.")
		case "invalid_scope":
			return s.oauthError(400, "invalid_scope", "The specified 'scope' is invalid.")
		}
	}
	return s.grant(asked, granted, false)
}

// noTenant is what a host of many tenants says where none of its tenants was named.
func (s *server) noTenant() answer {
	switch s.form.TenantMissing {
	case "404":
		return answer{status: http.StatusNotFound}
	case "403":
		return answer{status: http.StatusForbidden}
	case "500":
		return page(http.StatusInternalServerError, "500 - Internal server error.")
	}
	return plain(http.StatusBadRequest, "text/plain", "Tenant not found")
}

// ticked tells whether the application has a permission: by its name, or by one that brings it along. halo-api §5
func (s *server) ticked(scope string) bool {
	has := func(name string) bool {
		return slices.ContainsFunc(s.in.scopes, func(t string) bool { return strings.EqualFold(t, name) })
	}
	if has(scope) {
		return true
	}
	kind, what, _ := strings.Cut(strings.ToLower(scope), ":")
	if has("all") || has("all:standard") {
		return kind == "read" || kind == "edit" || kind == "all" && what != "teams"
	}
	return false
}

const (
	adminID     = "0f0e0d0c-0b0a-4908-8706-050403020100"
	adminSecret = "11111111-2222-4333-8444-555555555555-66666666-7777-4888-8999-aaaaaaaaaaaa"
)

func (s *server) adminToken(secret string, asked []string) answer {
	if secret != adminSecret || s.in.adminRefused || !s.in.adminGiven {
		return s.oauthError(401, "invalid_client", "The specified client credentials are invalid.")
	}
	var granted []string
	for _, scope := range asked {
		if slices.Contains(s.in.adminScopes, scope) || slices.Contains(s.in.adminScopes, "all") && !strings.HasPrefix(scope, "admin") && scope != "all:teams" {
			granted = append(granted, scope)
		}
	}
	if len(granted) < len(asked) && s.form.Ungranted != "drop" {
		return s.oauthError(400, "invalid_scope", "The specified 'scope' is invalid.")
	}
	return s.grant(asked, granted, true)
}

// grant issues a token.
func (s *server) grant(asked, granted []string, admin bool) answer {
	s.mu.Lock()
	s.serial++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", s.in.clientID, s.serial))
	token := base64.RawURLEncoding.EncodeToString(sum[:]) // 43 characters: halo-live §4
	switch s.form.Token {
	case "jwt":
		token = "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"halo"}`)) + "." + token
	case "long":
		token = strings.Repeat(token, 50)
	}
	s.tokens[token] = grant{scopes: granted, admin: admin, expires: s.now().Add(time.Hour)}
	s.mu.Unlock()
	o := object{{"scope", s.scopeField(asked, granted)}, {"token_type", s.form.TokenType}, {"access_token", token}}
	switch s.form.ExpiresIn {
	case "number":
		o = append(o, field{"expires_in", raw("3600")})
	case "text":
		o = append(o, field{"expires_in", "3600"})
	case "float":
		o = append(o, field{"expires_in", raw("3599.0")})
	}
	o = append(o, field{"id_token", "eyJhbGciOiJSUzI1NiJ9.eyJuYW1lIjoiTVNQQ2VudHJpYyJ9.c2ln"}, field{"refresh_token", nil})
	return answer{status: http.StatusOK, label: s.form.TokenLabel, body: s.form.encode(o),
		header: map[string]string{"Cache-Control": "no-store", "Pragma": "no-cache", "Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}}
}

// scopeField is the granted scopes as the answer names them; nil: it does not. halo-api §1
func (s *server) scopeField(asked, granted []string) any {
	if s.form.ScopeField == "never" || s.form.ScopeField == "differs" && len(asked) == len(granted) {
		return nil
	}
	if granted = slices.Clone(granted); s.form.ScopeExtra {
		granted = append(granted, "openid", "offline_access")
	}
	switch s.form.ScopeShape {
	case "commas":
		return strings.Join(granted, ",")
	case "comma-blank":
		return strings.Join(granted, ", ")
	case "array":
		list := []any{}
		for _, scope := range granted {
			list = append(list, scope)
		}
		return list
	case "capitals": // as guides and the Permissions tab write them
		list := slices.Clone(granted)
		for i, scope := range list {
			kind, what, _ := strings.Cut(scope, ":")
			list[i] = strings.ToUpper(kind[:1]) + kind[1:]
			if what != "" {
				list[i] += ":" + strings.ToUpper(what[:1]) + what[1:]
			}
		}
		return strings.Join(list, " ")
	case "many-blanks":
		return " " + strings.Join(granted, "  ") + " "
	case "newlines":
		return strings.Join(granted, "\r\n")
	}
	return strings.Join(granted, " ")
}
