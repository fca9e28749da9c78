package login

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/product"
)

// kind is one server shaped by the facts, and what has to be told of it.
type kind struct {
	path    string                                              // behind the host in the URL that is given
	typed   string                                              // the Authorisation Server typed, %s for the server; empty: none
	tenant  *string                                             // as typed
	id      string                                              // the Client ID; empty: a right one
	answers map[string]func(http.ResponseWriter, *http.Request) // by path; anything else is 404 without a body
	want    map[string]string                                   // by requirement: status, cause, blocked by
	says    map[string]string                                   // by requirement: a part of what was seen or is to be done
	never   []string                                            // parts that no sentence may hold
	secret  bool                                                // the secret is sent
}

func say(status int, kind, body string, headers ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		if kind != "" {
			w.Header().Set("Content-Type", kind)
		}
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Add(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

const (
	jsonType = "application/json"
	htmlType = "text/html"
	goodID   = "6f1d2c3b-8a49-4e57-9b60-c71d2e3f4a5b"
)

// lostFirst loses the connection of the first request to a token endpoint.
func lostFirst(then func(http.ResponseWriter, *http.Request)) func(http.ResponseWriter, *http.Request) {
	var once sync.Once
	return func(w http.ResponseWriter, r *http.Request) {
		lost := false
		if once.Do(func() { lost = true }); lost {
			panic(http.ErrAbortHandler)
		}
		then(w, r)
	}
}

// tokens is a token endpoint; with a tenant it answers that one alone, and anybody else as missing says.
func tokens(tenant string, missing, refusal func(http.ResponseWriter, *http.Request)) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case tenant != "" && r.URL.Query().Get("tenant") != tenant:
			missing(w, r)
		case r.FormValue("client_secret") == "":
			say(400, jsonType, `{"error":"invalid_request"}`)(w, r)
		case refusal != nil:
			refusal(w, r)
		default:
			say(200, "text/plain", "\ufeff"+`{"access_token":"0123456789012345678901234567890123456789012","expires_in":3599.0}`)(w, r)
		}
	}
}

func TestInstances(t *testing.T) {
	authinfo := func(w http.ResponseWriter, r *http.Request) {
		say(200, jsonType, `{"auth_url":"https://`+r.Host+`/auth"}`)(w, r)
	}
	me := say(200, jsonType, `{"id":7,"name":"MSPCentric"}`)
	acme, none, notFound := "acme", "Not set", say(404, "", "")
	ofAcme := say(200, jsonType, `{"auth_url":"https://127.0.0.1/auth","tenant_id":"acme"}`)
	healthy := func(token func(http.ResponseWriter, *http.Request)) map[string]func(http.ResponseWriter, *http.Request) {
		return map[string]func(http.ResponseWriter, *http.Request){"/api/authinfo": authinfo, "/auth/token": token, "/api/Agent/me": me, "/": say(200, htmlType, "<title>Halo</title>")}
	}
	everywhere := func(answer func(http.ResponseWriter, *http.Request)) map[string]func(http.ResponseWriter, *http.Request) {
		return map[string]func(http.ResponseWriter, *http.Request){"*": answer}
	}
	plain := tokens("", nil, nil)
	refuses := func(answer func(http.ResponseWriter, *http.Request)) map[string]func(http.ResponseWriter, *http.Request) {
		return healthy(tokens("", nil, answer))
	}
	const edge = "unknown edge_refused "
	blocked := map[string]string{"network.allowlist": edge, "product.answers": "blocked  network.allowlist", "login.token": "blocked  network.allowlist"}
	for name, c := range map[string]kind{
		"healthy, with what clients read past": {answers: healthy(plain), secret: true, want: map[string]string{"product.answers": "pass ok ", "login.auth-url": "pass ok ", "login.token": "pass ok ", "login.agent": "pass ok "}},
		"a router's 404 is no OAuth server": {answers: healthy(say(404, jsonType, `{"error":"Not Found"}`)),
			want: map[string]string{"login.auth-url": "fail token_endpoint_missing ", "login.token": "blocked  login.auth-url"}, says: map[string]string{"login.auth-url": "so that https://"}, never: []string{"Type https"}},
		"a gateway's 403 is no OAuth server": {answers: healthy(say(403, jsonType, `{"error":"Forbidden"}`)), want: map[string]string{"network.allowlist": edge, "login.token": "blocked  network.allowlist"}},
		"a shared server that answers a tenant alone, 404": {tenant: &acme, answers: healthy(tokens("acme", notFound, nil)), secret: true,
			want: map[string]string{"login.auth-url": "pass ok ", "login.token": "pass ok ", "product.tenant": "pass ok "}},
		"a shared server that answers a tenant alone, 403": {tenant: &acme, answers: healthy(tokens("acme", say(403, "", ""), nil)), secret: true,
			want: map[string]string{"login.auth-url": "pass ok ", "login.token": "pass ok ", "product.tenant": "pass ok "}},
		"a shared server that answers a tenant alone, typed as none, after a lost connection": {tenant: &none, typed: "%s/auth/",
			answers: map[string]func(http.ResponseWriter, *http.Request){"/api/authinfo": ofAcme, "/auth/token": lostFirst(tokens("acme", notFound, nil)), "/": say(200, htmlType, "<title>Halo</title>")},
			want:    map[string]string{"login.auth-url": "pass ok "}},
		"a tenant that nobody knows": {tenant: &acme, answers: healthy(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("tenant") {
				say(500, htmlType, "<html>")(w, r)
				return
			}
			plain(w, r)
		}), want: map[string]string{"product.tenant": "fail tenant_not_wanted ", "login.token": "blocked  product.tenant"}},
		"authinfo without an address": {answers: map[string]func(http.ResponseWriter, *http.Request){
			"/api/authinfo": say(200, jsonType, "\ufeff"+`{"tenant_id":null}`), "/auth/token": plain, "/api/Agent/me": me,
		}, secret: true, want: map[string]string{"product.answers": "pass ok ", "login.auth-url": "pass ok ", "login.token": "pass ok "}},
		"InstanceInfo alone answers": {answers: map[string]func(http.ResponseWriter, *http.Request){
			"/api/InstanceInfo": say(200, jsonType, `{"app_version":"2.236.133","database_version":"2236","hosted_group":"US16-Stable8"}`), "/auth/token": plain, "/api/Agent/me": me,
		}, secret: true, want: map[string]string{"product.answers": "pass ok ", "product.version": "not-applicable  ", "network.allowlist": "not-applicable  ", "login.token": "pass ok "}},
		"a path under which nothing is": {path: "/api/Tickets", answers: healthy(plain), secret: true,
			want: map[string]string{"product.answers": "fail wrong_path ", "network.allowlist": "unknown unrestricted_here ", "login.auth-url": "pass ok ", "login.agent": "pass ok "}, says: map[string]string{"product.answers": "Use https://"}},
		"Windows authentication before the API":       {answers: everywhere(say(401, htmlType, "<html>", "WWW-Authenticate", "Negotiate", "WWW-Authenticate", "NTLM")), want: map[string]string{"product.answers": "fail http_auth_required "}, says: map[string]string{"product.answers": "Authentication"}, never: []string{"firewall"}},
		"Basic authentication before the token alone": {answers: healthy(say(401, "", "", "WWW-Authenticate", "Basic realm=x")), want: map[string]string{"product.answers": "pass ok ", "login.auth-url": "fail http_auth_required "}},
		"a block page with status 200":                {answers: everywhere(say(200, htmlType, "<html>Web Page Blocked</html>")), want: blocked, says: map[string]string{"network.allowlist": "a block page"}},
		"a challenge":                                 {answers: everywhere(say(403, htmlType, "<title>Just a moment...</title>", "Server", "cloudflare")), want: blocked, says: map[string]string{"network.allowlist": "a challenge for browsers of Cloudflare"}},
		"a sign-in redirect":                          {answers: everywhere(say(302, "", "", "Location", "https://login.microsoftonline.com/common/oauth2/authorize?x=y")), want: blocked, says: map[string]string{"network.allowlist": "https://login.microsoftonline.com/common/oauth2/authorize"}},
		"one page for everything":                     {answers: everywhere(say(200, htmlType, "<html>Accept the terms</html>")), want: blocked},
		"a server that is down":                       {answers: everywhere(say(503, htmlType, "<html>Service Unavailable</html>")), want: map[string]string{"product.answers": "unknown server_error "}},
		"another web site": {answers: map[string]func(http.ResponseWriter, *http.Request){"/": say(200, htmlType, "<html>Our shop</html>"), "*": say(404, htmlType, "<html>no such page</html>")},
			want: map[string]string{"product.answers": "fail not_halo "}},
		"a refusal without a body": {answers: refuses(say(401, "", "")), secret: true, want: map[string]string{"login.token": "fail invalid_client "}, says: map[string]string{"login.token": "cuts off everything"}},
		"access_denied":            {answers: refuses(say(400, jsonType, `{"error":"access_denied"}`)), secret: true, want: map[string]string{"login.token": "fail access_denied "}, never: []string{"generate a new"}},
		"invalid_grant":            {answers: refuses(say(400, jsonType, `{"error":"invalid_grant"}`)), secret: true, want: map[string]string{"login.token": "fail invalid_grant "}, never: []string{"generate a new"}},
		"403 to the credentials":   {answers: refuses(say(403, "", "")), secret: true, want: map[string]string{"login.token": "fail access_denied "}, never: []string{"generate a new"}},
		"unauthorized_client":      {answers: refuses(say(400, jsonType, `{"error":"unauthorized_client"}`)), secret: true, want: map[string]string{"login.token": "fail unauthorized_client "}, never: []string{"generate a new"}},
		"a Client ID that is none": {id: "mspcentric", answers: healthy(plain), want: map[string]string{"login.token": "fail id_malformed ", "login.secret-form": "fail id_malformed "}},
		"the endpoint typed with its name": {typed: "%s/auth/token", answers: healthy(plain),
			want: map[string]string{"login.auth-url": "fail auth_url_differs ", "login.auth-url-slash": "fail no_trailing_slash "},
			says: map[string]string{"login.auth-url": "/auth/ into the integration", "login.auth-url-slash": "/auth/ with the slash"}, never: []string{"/auth/token/ "}},
		"a doubled scheme typed": {typed: "https://%s/auth/", answers: healthy(plain), want: map[string]string{"login.auth-url": "fail auth_url_differs ", "login.token": "blocked  login.auth-url"}},
		"a blank typed behind it": {typed: "%s/auth/ ", answers: healthy(plain),
			want: map[string]string{"login.auth-url": "fail auth_url_differs ", "login.token": "blocked  login.auth-url"}, says: map[string]string{"login.auth-url": "/auth/ into the integration"}},
		"an endpoint that moved": {answers: healthy(say(301, "", "", "Location", "https://new.example.com/connect/token?x=y")),
			want: map[string]string{"login.auth-url": "fail not_oauth "}, says: map[string]string{"login.auth-url": "https://new.example.com/connect/token"}, never: []string{"x=y"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.check(t)
		})
	}
}

func (c kind) check(t *testing.T) {
	t.Helper()
	var mu sync.Mutex
	sent := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		mu.Lock()
		sent = sent || r.Form.Get("client_secret") != ""
		mu.Unlock()
		answer := c.answers[r.URL.Path]
		if answer == nil {
			answer = c.answers["*"]
		}
		if answer == nil {
			answer = say(404, "", "")
		}
		answer(w, r)
	}))
	defer server.Close()
	found := c.findings(t, server)
	for id, want := range c.want {
		f := found[id]
		if got := fmt.Sprintf("%s %s %s", f.Status, f.Cause, f.BlockedBy); got != want {
			t.Errorf("%s: got %q, want %q (%s)", id, got, want, f.Because)
		}
	}
	for id, f := range found {
		text := f.Because
		if f.Remedy != nil {
			text += " / " + f.Remedy.Do + " / " + f.Remedy.Where
		}
		if !strings.Contains(text, c.says[id]) {
			t.Errorf("%s says %q; want %q in it", id, text, c.says[id])
		}
		for _, word := range c.never {
			if strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
				t.Errorf("%s says %q: %s", id, word, text)
			}
		}
	}
	if sent != c.secret {
		t.Errorf("the secret was sent: %t", sent)
	}
}

func (c kind) findings(t *testing.T, server *httptest.Server) map[string]probes.Finding {
	t.Helper()
	trusted, err := wire.NewRoots([]*x509.Certificate{server.Certificate()})
	if err != nil {
		t.Fatal(err)
	}
	resource, err := probes.ParseTarget(server.URL + c.path)
	if err != nil {
		t.Fatal(err)
	}
	id := c.id
	if id == "" {
		id = goodID
	}
	s := &probes.Session{
		Target:      probes.Target{Resource: resource, AuthURL: strings.ReplaceAll(c.typed, "%s", server.URL), AuthTyped: c.typed != "", TenantTyped: c.tenant != nil},
		Guide:       guide.BuiltIn(),
		Credentials: probes.Credentials{ID: secret.New(id), Secret: secret.New("0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d-5e6f7a8b-9c0d-4e1f-a2b3-c4d5e6f7a8b9")},
		Net: &wire.Net{
			Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: trusted, Now: time.Now, UserAgent: "halocheck/test", Pinned: map[string][]netip.Addr{},
		},
	}
	if c.tenant != nil {
		s.Target.Tenant = *c.tenant
	}
	defer s.Net.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out := map[string]probes.Finding{}
	for f := range probes.Run(ctx, s, []probes.Check{Allowlist, product.Answers, Version, Tenant, AuthURLSlash, AuthURL, SecretForm, Token, LoginType, Agent}) {
		out[f.ID] = f
	}
	return out
}
