package independent_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
)

// tokenCases: what answers at the token endpoint, and who is told about it. Issue 13, points 3, 5, 18, 21.
func tokenCases() (list []namedCase) {
	noOAuth := map[string]answer{
		"404 Not Found as JSON": foreignFound, "403 Forbidden as JSON": foreignForbid, "401 blocked as JSON": wafBlocked, "405": plain(405, "application/json", `{"error":"Method Not Allowed"}`),
		"a number as error": plain(400, "application/json", `{"error":400,"message":"Bad Request"}`), "an exception": plain(400, "application/json", `{"ClassName":"System.Exception","Message":"x"}`),
		"400 with another word": plain(400, "application/json", `{"error":"Bad Request","error_description":"grant_type"}`), "200 with an error": plain(200, "application/json", `{"error":"invalid_request"}`),
	}
	for name, a := range noOAuth {
		list = append(list, namedCase{name: "no OAuth server/" + name, prepare: replying("token", a), fails: true, secret: true,
			want: map[string]string{"login.auth-url": "fail token_endpoint_missing|fail not_oauth|blocked", "network.allowlist": "unknown edge_refused|unknown unrestricted_here"}})
	}
	for _, missing := range []string{"404", "403", "500", "400"} {
		list = append(list, namedCase{name: "a shared host that needs the tenant/" + missing, hosted: true, whole: true, outcome: probes.Conformant, prepare: writing(func(f *form) {
			f.Auth, f.AuthPath, f.TenantMissing = "auth.haloservicedesk.com", "", missing
		})})
	}
	// The typed URL is the right one, and what runs there is broken.
	for name, a := range map[string]answer{"404": notFound, "a redirect": signIn, "HTML": page(200, "Halo")} {
		c := namedCase{name: "the right URL, a broken endpoint/" + name, prepare: replying("token", a), fails: true, secret: true,
			want:  map[string]string{"login.auth-url": "fail|blocked", "network.allowlist": "unknown"},
			never: map[string]string{"login.auth-url": `(?i)\[[a-z-]+: (Type|Use|Enter|Take) `}}
		if name == "a redirect" {
			c.holds = func(o outcome) string {
				if text := texts(o.findings); !strings.Contains(text, "login.microsoftonline.com") {
					return "nothing tells where the redirect leads: " + texts(o.of("login.auth-url")) + texts(o.of("network.allowlist"))
				}
				return ""
			}
		}
		list = append(list, c)
	}
	grant := func(status int, body string) func(*instance, *form) func(*server) {
		return onServer(func(s *server) {
			s.refused = func() *answer {
				a := plain(status, "application/json", body)
				return &a
			}
		})
	}
	const newSecret = `(?i)new (client )?secret`
	return append(list,
		namedCase{name: "a refused grant/401 with an empty body", prepare: grant(401, ""), fails: true, want: map[string]string{"login.token": "fail invalid_client"}},
		namedCase{name: "a refused grant/access_denied", prepare: grant(400, `{"error":"access_denied"}`), fails: true, want: map[string]string{"login.token": "fail access_denied"}, never: map[string]string{"login.token": newSecret}},
		namedCase{name: "a refused grant/invalid_grant", prepare: grant(400, `{"error":"invalid_grant"}`), fails: true, want: map[string]string{"login.token": "fail invalid_grant"}, never: map[string]string{"login.token": newSecret}},
		namedCase{name: "a refused grant/403", prepare: grant(403, ``), fails: true, want: map[string]string{"login.token": "fail|unknown"}, never: map[string]string{"login.token": newSecret}},
		namedCase{name: "a refused grant/500", prepare: grant(500, ``), want: map[string]string{"login.token": "unknown server_error"}, never: map[string]string{"login.token": newSecret}},
		namedCase{name: "a refused grant/429", prepare: grant(429, ``), want: map[string]string{"login.token": "unknown rate_limited"}, never: map[string]string{"login.token": newSecret}},
		namedCase{name: "a refused grant/a new secret has a price", fails: true, prepare: func(in *instance, _ *form) func(*server) {
			in.typedSecret = strings.Repeat("0", 8) + in.clientSecret[8:]
			return nil
		}, want: map[string]string{"login.token": "fail invalid_client"}, says: map[string]string{"login.token": `(?i)cuts? off|stop(s)? working|who(ever)? (still )?uses|uses the old|other(s)? (that )?use`}},
		namedCase{name: "both login requirements name one URL", fails: true, prepare: func(in *instance, _ *form) func(*server) { in.typedAuth = "{auth}/token"; return nil },
			want:  map[string]string{"login.auth-url": "fail auth_url_differs", "login.auth-url-slash": "fail no_trailing_slash"},
			says:  map[string]string{"login.auth-url": `https://psa\.contoso\.example/auth/(\s|$|,|;|\.( |$|\])|"| )`, "login.auth-url-slash": `https://psa\.contoso\.example/auth/(\s|$|,|;|\.( |$|\])|"| )`},
			never: map[string]string{"login.auth-url-slash": `/auth/token/`}},
	)
}

// placeCases: where the instance is, and what stands before it. Issue 13, points 2, 14, 17, 19, 20, 24, 27.
func placeCases() (list []namedCase) {
	for _, path := range []string{"/api/Tickets", "/login", "/portal", "/auth/", "/auth", "/api/authinfo", "/portal/tickets/1"} {
		list = append(list, namedCase{name: "a URL with a path/" + path, prepare: nothing, fails: true, session: func(s *probes.Session) { s.Target.Resource.Path = strings.TrimRight(path, "/") },
			want: map[string]string{"product.answers": "fail wrong_path", "login.token": "pass", "role.add-tickets": "pass", "network.allowlist": "unknown unrestricted_here"},
			says: map[string]string{"product.answers": `https://psa\.contoso\.example`}, never: map[string]string{"product.answers": `(?i)firewall|filter`}})
	}
	for _, scheme := range []string{"Negotiate", "NTLM", `Basic realm="psa"`, `Digest realm="psa", nonce="x"`} {
		name, _, _ := strings.Cut(scheme, " ")
		challenge := answer{status: http.StatusUnauthorized, header: map[string]string{"WWW-Authenticate": scheme}}
		list = append(list,
			namedCase{name: "a log-in before HaloPSA/" + name, prepare: replying("*", challenge), fails: true, secret: true,
				want: map[string]string{"product.answers": "fail http_auth_required"}, says: map[string]string{"product.answers": `Authentication`}, never: map[string]string{"product.answers": `(?i)firewall`}},
			namedCase{name: "a log-in before the token endpoint/" + name, prepare: replying("token", challenge), fails: true, secret: true,
				want: map[string]string{"login.auth-url": "fail http_auth_required"}, says: map[string]string{"login.auth-url": `Authentication`}})
	}
	for name, a := range map[string]answer{
		"403": iisDenied, "200": page(200, "Web Page Blocked"), "a sign-in": signIn, "a challenge": page(503, "Just a moment..."), "JSON": plain(403, "application/json", `{"message":"Forbidden"}`), "401": wafBlocked,
		"a redirect to itself": {status: 307, header: map[string]string{"Location": "https://psa.contoso.example/?__cf_chl_tk=abc"}},
	} {
		list = append(list, namedCase{name: "something before HaloPSA/" + name, prepare: replying("*", a), secret: true, want: map[string]string{"network.allowlist": "unknown edge_refused"},
			never: map[string]string{"*": `(?i)take (it|the URL) from the instance`}})
	}
	proxied := func(from string, a answer) func(*instance, *form) func(*server) {
		return func(in *instance, _ *form) func(*server) {
			in.vantages = true
			return func(s *server) {
				s.before(&rule{when: func(req *http.Request) bool { return strings.HasPrefix(req.RemoteAddr, from) }, times: -1, answer: s.reply(a)})
			}
		}
	}
	none := answer{status: 999}
	return append(list,
		namedCase{name: "vantages/both get through", prepare: proxied("none", none), want: map[string]string{"network.allowlist": "pass"}, whole: true, outcome: probes.Conformant},
		namedCase{name: "vantages/one is blocked by a WAF", fails: true, prepare: proxied("3.19.4.238", wafBlocked), want: map[string]string{"network.allowlist": "fail refused_from_listed"}, says: map[string]string{"network.allowlist": `3\.19\.4\.238`}},
		namedCase{name: "vantages/one gets a page", fails: true, prepare: proxied("3.19.3.152", iisDenied), want: map[string]string{"network.allowlist": "fail refused_from_listed"}},
		namedCase{name: "vantages/one gets 404 as JSON", fails: true, prepare: proxied("3.19.3.152", foreignFound), want: map[string]string{"network.allowlist": "fail refused_from_listed|unknown"}},
		namedCase{name: "vantages/this machine alone is refused", prepare: proxied("192.0.2.10", iisDenied), secret: true, want: map[string]string{"network.allowlist": "pass|unknown edge_refused"}},
		namedCase{name: "an internal name in authinfo", prepare: func(in *instance, f *form) func(*server) {
			in.typedAuth = ""
			return func(s *server) { s.named = "https://halo-srv01.contoso.local/auth" }
		}, fails: true, want: map[string]string{"network.resolves": "fail dns_failure|unknown", "login.auth-url": "fail|blocked|unknown"}, never: map[string]string{"*": `(?i)public DNS`}},
		namedCase{name: "an internal name in authinfo, the right one typed", whole: true, prepare: onServer(func(s *server) { s.named = "https://halo-srv01.contoso.local/auth" })},
		namedCase{name: "http in authinfo, https typed", whole: true, prepare: onServer(func(s *server) { s.named = "http://psa.contoso.example/auth" })},
		namedCase{name: "a hosted trial", hosted: true, whole: true, outcome: probes.Conformant, prepare: writing(func(f *form) { f.Resource, f.HostedGroup = "epsilon.trial.usehalo.com", false }),
			want: map[string]string{"network.allowlist": "not-applicable", "product.version": "not-applicable"}},
		namedCase{name: "hosted under the customer's own name", hosted: true, whole: true, outcome: probes.Conformant, prepare: writing(func(f *form) { f.Resource = "service.northwind.example" }),
			want: map[string]string{"network.allowlist": "not-applicable", "product.version": "not-applicable"}},
		namedCase{name: "on premises under a name that looks like Halo's", prepare: writing(func(f *form) { f.Resource = "psa.contoso.example" }), whole: true, want: map[string]string{"network.allowlist": "unknown unrestricted_here"}},
	)
}

// wordCases: what is said where. Issue 13, points 14, 15, 16, 22, 23, 28, 29.
func wordCases() []namedCase {
	return []namedCase{
		{name: "the current stable version", prepare: nothing, session: func(s *probes.Session) { s.Stable = "" }, want: map[string]string{"product.version": "pass"}},
		{name: "the stable train before it", fails: true, prepare: func(in *instance, _ *form) func(*server) { in.version = "2.236.133"; return nil }, session: func(s *probes.Session) { s.Stable = "" },
			want: map[string]string{"product.version": "fail not_latest_stable"}, says: map[string]string{"product.version": `2\.250.*(before|previous)|(before|previous).*2\.250`}},
		{name: "newer than what is known", prepare: func(in *instance, _ *form) func(*server) { in.version = "2.252.4"; return nil }, session: func(s *probes.Session) { s.Stable = "" },
			want: map[string]string{"product.version": "pass|unknown stable_unknown"}},
		{name: "one question is left on premises", prepare: nothing, session: func(s *probes.Session) { s.Stable = "" }, whole: true, outcome: probes.Incomplete,
			want: map[string]string{"network.allowlist": "unknown unrestricted_here"}, says: map[string]string{"network.allowlist": `\[operator: .*(?i)restrict`}},
		{name: "one scope is skipped", prepare: nothing, session: func(s *probes.Session) { s.Skip = []string{"application.scope-read-customers"} },
			want: map[string]string{"application.scope-edit-tickets": "pass", "role.clients-level": "pass", "application.scope-read-items": "pass"}},
		{name: "the login is skipped", prepare: nothing, session: func(s *probes.Session) { s.Skip = []string{"login.*", "product.*", "trust.*", "network.*"} },
			want: map[string]string{"application.scope-edit-tickets": "pass", "role.clients-level": "pass", "agent.enabled": "pass"}},
		{name: "everything is skipped", prepare: nothing, session: func(s *probes.Session) { s.Skip = []string{"*"} }, outcome: probes.Incomplete},
		{name: "only what is skipped", prepare: nothing, session: func(s *probes.Session) { s.Only, s.Skip = []string{"product.tenant"}, []string{"product.tenant"} }, outcome: probes.Incomplete},
		{name: "the allow-list is attested", prepare: nothing, session: func(s *probes.Session) {
			s.Attested = map[string]string{"network.allowlist": "the firewall team says so"}
		},
			want: map[string]string{"network.allowlist": "pass"}, whole: true, outcome: probes.Conformant},
		{name: "a hosted instance is down", hosted: true, prepare: replying("*", page(503, "Service Unavailable")), never: map[string]string{"*": `(?i)event log|\bIIS\b|your firewall`}},
		{name: "a hosted instance refuses", hosted: true, prepare: replying("*", iisDenied), never: map[string]string{"*": `(?i)event log|IIS IP|perimeter firewall`}},
		{name: "a hosted token endpoint is down", hosted: true, prepare: replying("token", page(502, "Bad Gateway")), never: map[string]string{"*": `(?i)event log|\bIIS\b`}},
		{name: "a certificate of 520 days under a private root", prepare: writing(func(f *form) { f.Authority = 3 }), never: map[string]string{"trust.tidy": "validity_too_long"}},
	}
}

// TestBrokenSchemesAreNoURL holds that a doubled or broken scheme is a mistake of typing. Issue 13, point 17.
func TestBrokenSchemesAreNoURL(t *testing.T) {
	for _, typed := range []string{"https://https://acme.halopsa.com", "https:/acme.halopsa.com", "https:acme.halopsa.com", "https//acme.halopsa.com", "http://https://acme.halopsa.com", "htps://acme.halopsa.com", "https://https//acme.halopsa.com"} {
		if u, err := probes.ParseTarget(typed); err == nil {
			t.Errorf("%s is taken for %s", typed, u)
		}
	}
}
