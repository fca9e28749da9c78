package fakehalo_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/fakehalo"
)

// form is a token request's; pairs are names and values.
func form(pairs ...string) url.Values {
	values := url.Values{}
	for n := 0; n < len(pairs); n += 2 {
		values.Set(pairs[n], pairs[n+1])
	}
	return values
}

// TestTheTokenEndpointsChecksInTheirOrder holds the order of halo-api §2: each request is wrong in that check and, where
// it can be, in a later one as well.
func TestTheTokenEndpointsChecksInTheirOrder(t *testing.T) {
	s := serve(t, "wrong-method")
	id, secret := s.Credentials.ClientID, s.Credentials.ClientSecret
	grant := "client_credentials"
	for _, row := range []struct {
		name, method, kind string
		basic              bool
		form               url.Values
		status             int
		code, says         string
	}{
		{"another method", "GET", "", false, nil, 400, "invalid_request", "The specified HTTP method is not valid."},
		{"no content type", "POST", "", false, nil, 400, "invalid_request", "The mandatory 'Content-Type' header must be specified."},
		{"JSON", "POST", "application/json", false, nil, 400, "invalid_request", "The specified 'Content-Type' header is not valid."},
		{"credentials twice", "POST", "form", true, form("client_id", id), 400, "invalid_request", "Multiple client credentials cannot be specified."},
		{"no grant", "POST", "form", false, form("scope", "read:users"), 400, "invalid_request", "The mandatory 'grant_type' parameter is missing."},
		{"another grant", "POST", "form", false, form("grant_type", "magic", "scope", "read:users"), 400, "unsupported_grant_type", "The specified 'grant_type' parameter is not supported."},
		{"offline access", "POST", "form", false, form("grant_type", grant, "scope", "offline_access read:users"), 400, "invalid_request", "The 'offline_access' scope is not valid for the specified 'grant_type' parameter."},
		{"unknown scope before the client", "POST", "form", false, form("grant_type", grant, "client_id", "nobody", "client_secret", "x", "scope", "read:users"), 400, "invalid_scope", "The specified 'scope' parameter is not valid."},
		{"no secret", "POST", "form", false, form("grant_type", grant, "client_id", "nobody"), 400, "invalid_request", "The 'client_id' and 'client_secret' parameters are required when using the client credentials grant."},
		{"no client", "POST", "form", false, form("grant_type", "refresh_token", "refresh_token", "x"), 400, "invalid_request", "The mandatory 'client_id' parameter is missing."},
		{"no refresh token", "POST", "form", false, form("grant_type", "refresh_token", "scope", "read:users"), 400, "invalid_request", "The mandatory 'refresh_token' parameter is missing."},
		{"unknown client renews", "POST", "form", false, form("grant_type", "refresh_token", "client_id", "nobody", "refresh_token", "x"), 401, "invalid_client", "The specified 'client_id' parameter is invalid."},
		{"a person's grant", "POST", "form", false, form("grant_type", "password", "client_id", id, "username", "x", "password", "y"), 400, "unauthorized_client", "This client application is not allowed to use the specified grant type."},
		{"unknown client", "POST", "form", false, form("grant_type", grant, "client_id", "nobody", "client_secret", "x"), 401, "invalid_client", "The specified 'client_id' parameter is invalid."},
		{"grant before the secret", "POST", "form", false, form("grant_type", grant, "client_id", id, "client_secret", "x"), 400, "unauthorized_client", "This client application is not allowed to use the specified grant type."},
		{"right secret, same refusal", "POST", "form", false, form("grant_type", grant, "client_id", id, "client_secret", secret), 400, "unauthorized_client", "This client application is not allowed to use the specified grant type."},
	} {
		t.Run(row.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), row.method, s.AuthURL+"/token", strings.NewReader(row.form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			switch row.kind {
			case "":
			case "form":
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			default:
				r.Header.Set("Content-Type", row.kind)
			}
			if row.basic {
				r.SetBasicAuth(id, secret)
			}
			a := send(t, s.Client(), r)
			got := []any{a.Status, a.field("error"), a.field("error_description")}
			if diff := cmp.Diff([]any{row.status, row.code, row.says}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if challenge := a.Header.Get("WWW-Authenticate"); (row.status == 401) != strings.HasPrefix(challenge, "Basic ") {
				t.Errorf("WWW-Authenticate: %q", challenge)
			}
		})
	}
}

func TestWaysToAskForAToken(t *testing.T) {
	s := serve(t)
	c := s.Credentials
	inForm := form("grant_type", "client_credentials", "client_id", c.ClientID, "client_secret", c.ClientSecret, "scope", "read:tickets")
	withTenant := form("grant_type", "client_credentials", "client_id", c.ClientID, "client_secret", c.ClientSecret, "scope", "read:tickets", "tenant", "ACME")
	for name, row := range map[string]struct {
		path  string
		basic bool
		form  url.Values
	}{
		"tenant absent":       {"/auth/token", false, inForm},
		"tenant in the query": {"/auth/token?tenant=acme", false, inForm},
		"tenant undefined":    {"/auth/token?tenant=undefined", false, inForm},
		"tenant in the form":  {"/auth/token", false, withTenant},
		"closing slash":       {"/auth/token/", false, inForm},
		"other case":          {"/AUTH/Token", false, inForm},
		"basic":               {"/auth/token", true, form("grant_type", "client_credentials", "scope", "read:tickets")},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+row.path, strings.NewReader(row.form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if row.basic {
				escape := func(credential string) string { return strings.ReplaceAll(credential, "-", "%2D") } // as RFC 6749 lets a client
				r.SetBasicAuth(escape(c.ClientID), escape(c.ClientSecret))
			}
			a := send(t, s.Client(), r)
			if a.Status != 200 || a.field("scope") != "read:tickets" || a.field("token_type") != "Bearer" || !strings.Contains(a.Body, `"expires_in":3600`) {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			if got := a.Header.Get("Cache-Control"); got != "no-cache" {
				t.Errorf("Cache-Control: %q", got)
			}
		})
	}
	if a := do(t, s, http.MethodPost, s.URL+"/auth/token?tenant=other", "", inForm); a.Status != 500 {
		t.Errorf("another tenant: %d %s", a.Status, a.Body)
	}
	onPremise := serve(t, "dialect:authinfo-tenant=absent")
	for _, query := range []string{"", "?tenant=", "?tenant=undefined"} {
		if a := do(t, onPremise, http.MethodPost, onPremise.URL+"/auth/token"+query, "", inForm); a.Status != 200 {
			t.Errorf("no tenants, %q: %d %s", query, a.Status, a.Body)
		}
	}
	old := login(t, s, guideScopes).field("refresh_token")
	renew := form("grant_type", "refresh_token", "client_id", c.ClientID, "refresh_token", old, "client_secret", "wrong")
	if a := do(t, s, http.MethodPost, s.URL+"/auth/token", "", renew); a.Status != 401 || a.field("error") != "invalid_client" {
		t.Errorf("renewed with a wrong secret: %d %s", a.Status, a.Body)
	}
}

func TestATokenIsWantedKnownAndFresh(t *testing.T) {
	s := serve(t)
	address := s.URL + "/api/Client"
	for _, bearer := range []string{"", "made-up"} {
		if a := do(t, s, http.MethodGet, address, bearer, nil); a.Status != 401 || a.Header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("with %q: %d %q", bearer, a.Status, a.Header.Get("WWW-Authenticate"))
		}
	}
	first := login(t, s, guideScopes).field("access_token")
	login(t, s, guideScopes)
	if a := do(t, s, http.MethodGet, address, first, nil); a.Status != 200 {
		t.Errorf("an earlier token: %d", a.Status)
	}
	post(t, s.AdminURL+"/clock", `{"now": "2040-01-01T00:00:00Z"}`)
	if a := do(t, s, http.MethodGet, address, first, nil); a.Status != 401 {
		t.Errorf("years later: %d", a.Status)
	}
}

func TestTheJournalHoldsNoSecret(t *testing.T) {
	s := serve(t)
	c := s.Credentials
	bearer := login(t, s, guideScopes).field("access_token")
	do(t, s, http.MethodGet, s.URL+"/api/Agent/me?nocache=undefined", bearer, nil)
	do(t, s, http.MethodPost, s.URL+"/auth/token?client_secret="+c.ClientSecret, "", form("password", "hush"))
	for _, r := range s.Requests() {
		all := strings.Join([]string{r.Path, r.Query, r.Form["client_secret"], r.Form["password"], r.Form["client_id"]}, "|")
		for _, secret := range []string{c.ClientSecret, bearer, "hush"} {
			if strings.Contains(all, secret) {
				t.Errorf("%s", all)
			}
		}
	}
	journal := s.Requests()
	if len(journal) != 3 {
		t.Fatalf("%d entries", len(journal))
	}
	got := []fakehalo.Request{journal[0], journal[1], journal[2]}
	for n := range got {
		got[n].At, got[n].Host, got[n].Form = journal[0].At, "", nil
	}
	at, peer := journal[0].At, journal[0].Peer
	want := []fakehalo.Request{
		{At: at, Peer: peer, Method: "POST", Path: "/auth/token", Query: "tenant=acme", Operation: "token", Status: 200, Secret: true},
		{At: at, Peer: peer, Method: "GET", Path: "/api/Agent/me", Query: "nocache=undefined", Operation: "api", Ignored: []string{"?nocache"}, Status: 200, Secret: true},
		{At: at, Peer: peer, Method: "POST", Path: "/auth/token", Query: "client_secret=%2A%2A%2A", Operation: "token-empty", Status: 400},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if peer != "127.0.0.1" && peer != "::1" {
		t.Errorf("peer %q", peer)
	}
}

// A refresh token does not rotate: halo-live §4.
func TestARefreshTokenDoesNotRotate(t *testing.T) {
	s := serve(t)
	first := login(t, s, guideScopes)
	refresh := first.field("refresh_token")
	for range 2 {
		again := do(t, s, http.MethodPost, s.AuthURL+"/token?tenant=acme", "", form("grant_type", "refresh_token", "client_id", s.Credentials.ClientID, "refresh_token", refresh))
		if again.Status != 200 || again.field("refresh_token") != refresh || again.field("access_token") == first.field("access_token") {
			t.Errorf("%d %s", again.Status, again.Body)
		}
	}
}

// A browser asks first, without a token, and is let in as cors_whitelist says: clients §3.
func TestAPreflightPassesWithoutAToken(t *testing.T) {
	o, err := fakehalo.ReadScenario("s.yaml", []byte("application: {cors_whitelist: ['https://addin.example']}\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := serveWith(t, o)
	for origin, allowed := range map[string]string{"https://addin.example": "https://addin.example", "https://other.example": ""} {
		for _, method := range []string{http.MethodOptions, http.MethodGet} {
			r, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/api/Tickets", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Origin", origin)
			want := 401
			if method == http.MethodOptions {
				r.Header.Set("Access-Control-Request-Method", "POST")
				r.Header.Set("Access-Control-Request-Headers", "authorization")
				want = 204
			}
			a := send(t, s.Client(), r)
			if a.Status != want || a.Header.Get("Access-Control-Allow-Origin") != allowed {
				t.Errorf("%s of %s: %d %v", method, origin, a.Status, a.Header)
			}
			if headers := a.Header.Get("Access-Control-Allow-Headers"); method == http.MethodOptions && (headers == "authorization") != (allowed != "") {
				t.Errorf("%s may send %q", origin, headers)
			}
		}
	}
}
