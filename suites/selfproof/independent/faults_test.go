package independent_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/probes"
)

// causes are what a fail may name; none: the requirement may only be unknown.
type causes []probes.Cause

// fault breaks one thing of an instance, whatever its form.
type fault struct {
	name string
	fits func(in *instance, f form) bool // nil: any
	// change is made before the server starts; it may return what is done to the server.
	change func(r *rand.Rand, in *instance, f *form) func(*server)
	broken map[string]causes // requirements that do not hold: never a pass
	also   map[string]causes // requirements that may fail with it
	anyOf  bool              // one of broken is not passed; which, is not settled
	none   bool              // nothing is broken in the end: nothing may fail
}

func setting(change func(in *instance)) func(*rand.Rand, *instance, *form) func(*server) {
	return func(_ *rand.Rand, in *instance, _ *form) func(*server) { change(in); return nil }
}

func serving(change func(s *server)) func(*rand.Rand, *instance, *form) func(*server) {
	return func(*rand.Rand, *instance, *form) func(*server) { return change }
}

func onPremise(in *instance, _ form) bool { return !in.hosted }

// isAPI tells a request to one of the API's paths; any where none is named.
func isAPI(paths ...string) func(*http.Request) bool {
	return func(req *http.Request) bool {
		path := strings.ToLower(strings.Trim(req.URL.Path, "/"))
		if len(paths) == 0 {
			return path == "api" || strings.HasPrefix(path, "api/")
		}
		return slices.Contains(paths, strings.TrimPrefix(path, "api/"))
	}
}

func isToken(req *http.Request) bool {
	return strings.HasSuffix(strings.Trim(strings.ToLower(req.URL.Path), "/"), "token")
}

// always answers matching requests with one of some answers.
func always(when func(*http.Request) bool, choices ...answer) func(*rand.Rand, *instance, *form) func(*server) {
	return func(r *rand.Rand, _ *instance, _ *form) func(*server) {
		a := choices[r.IntN(len(choices))]
		return func(s *server) { s.before(&rule{when: when, times: -1, answer: s.reply(a)}) }
	}
}

var (
	notFound      = answer{status: http.StatusNotFound}
	foreignFound  = plain(http.StatusNotFound, "application/json", `{"error":"Not Found"}`)
	foreignForbid = plain(http.StatusForbidden, "application/json", `{"error":"Forbidden"}`)
	wafBlocked    = plain(http.StatusUnauthorized, "application/json", `{"message":"blocked"}`)
	hello         = plain(http.StatusOK, "application/json", `{"message":"Hello from Express","version":"2.250.32"}`)
	defaultPage   = page(http.StatusOK, "Welcome to nginx!")
	signIn        = answer{status: http.StatusFound, header: map[string]string{"Location": "https://login.microsoftonline.com/common/oauth2/authorize?client_id=x"}}
	iisDenied     = page(http.StatusForbidden, "403 - Forbidden: Access is denied.")
	negotiate     = answer{status: http.StatusUnauthorized, header: map[string]string{"WWW-Authenticate": "Negotiate"}}
)

// faults are all of them.
func faults() []fault {
	list := slices.Concat(productFaults, loginFaults(), agentFaults, transientFaults())
	for _, scope := range guideScopes {
		list = append(list, scopeFault(scope))
	}
	for _, n := range needs {
		list = append(list, permissionFault(n))
	}
	return list
}

var productFaults = []fault{
	{name: "another server", change: always(isAPI(), notFound, foreignFound, hello, defaultPage), broken: map[string]causes{"product.answers": {"not_halo", "html_instead_of_json"}},
		also: map[string]causes{"network.allowlist": {"refused_from_listed"}}}, // where its front page is closed, from the guide's addresses too
	{name: "the web application answers for the API", change: always(isAPI(), page(http.StatusOK, "Halo")), broken: map[string]causes{"product.answers": {"not_halo", "html_instead_of_json"}}},
	{name: "below the security floor", fits: onPremise, broken: map[string]causes{"product.version": {"below_security_floor", "not_latest_stable"}},
		change: func(r *rand.Rand, in *instance, _ *form) func(*server) {
			in.version = pick(r, "2.174.93", "2.184.22", "2.186.1", "v2.143.60", "2.96.4", "2.176.5", "2.182.130")
			return nil
		}},
	{name: "not the latest stable", fits: onPremise, broken: map[string]causes{"product.version": {"not_latest_stable"}},
		change: func(r *rand.Rand, in *instance, _ *form) func(*server) {
			in.version = pick(r, "2.236.133", "v2.220.9", "2.208.1")
			return nil
		}},
	{name: "another tenant is typed", fits: func(in *instance, f form) bool { return in.hosted && f.AuthInfo != "no tenant" },
		change: setting(func(in *instance) { in.typedTenant = new("acne") }), broken: map[string]causes{"product.tenant": {"tenant_unknown"}}},
	{name: "another tenant is typed where none is named", fits: func(in *instance, f form) bool { return in.hosted && f.AuthInfo == "no tenant" },
		change: setting(func(in *instance) { in.typedTenant = new("acne") }), anyOf: true,
		broken: map[string]causes{"product.tenant": {"tenant_unknown"}, "login.auth-url": {"token_endpoint_missing", "not_oauth"}, "login.token": {"tenant_unknown"}}},
	{name: "no tenant is typed where one is needed", fits: func(in *instance, f form) bool { return in.hosted && f.TenantNeeded && f.AuthInfo != "no tenant" },
		change: setting(func(in *instance) { in.typedTenant = new("Not set") }), broken: map[string]causes{"product.tenant": {"tenant_missing", "tenant_unknown"}}},
	{name: "a tenant is typed where there is none", fits: func(in *instance, f form) bool { return !in.hosted && f.AuthInfo != "no auth url" },
		change: setting(func(in *instance) { in.typedTenant = new("acme") }), broken: map[string]causes{"product.tenant": {"tenant_not_wanted", "tenant_unknown"}}},
}

func loginFaults() []fault {
	badURL := map[string]causes{"login.auth-url": {"auth_url_differs", "token_endpoint_missing", "not_oauth"}}
	refused := map[string]causes{"login.token": {"invalid_client"}}
	turnedAway := map[string]causes{"network.allowlist": {"refused_from_listed"}} // where it is so from the guide's addresses too
	return []fault{
		{name: "no slash at the end", change: setting(func(in *instance) { in.typedAuth = "{auth}" }), broken: map[string]causes{"login.auth-url-slash": {"no_trailing_slash"}}},
		{name: "a wrong Authorisation Server is typed", fits: func(_ *instance, f form) bool { return f.AuthInfo != "no auth url" }, broken: badURL,
			change: func(r *rand.Rand, in *instance, f *form) func(*server) {
				in.typedAuth = pick(r, "{auth}/token/", "{resource}/api/", "{resource}/authorise/", "{auth}/connect/")
				return nil
			}},
		{name: "no token endpoint", change: always(isToken, notFound, foreignFound, page(http.StatusNotFound, "404 - File or directory not found.")), broken: badURL},
		{name: "no OAuth server", change: always(isToken, hello, defaultPage, foreignForbid, wafBlocked, page(http.StatusOK, "Halo")), broken: badURL, also: turnedAway},
		{name: "a sign-in page before the token endpoint", change: always(isToken, signIn), broken: badURL, also: turnedAway},
		{name: "Windows authentication before the token endpoint", change: always(isToken, negotiate), broken: map[string]causes{"login.auth-url": {"http_auth_required", "not_oauth"}}},
		{name: "the token endpoint is broken", change: always(isToken, answer{status: 500}, page(503, "Service Unavailable"), page(502, "502 Bad Gateway"), answer{status: 429}), broken: map[string]causes{"login.auth-url": nil}},
		{name: "the token endpoint keeps silent", change: serving(func(s *server) { s.hang(isToken) }), broken: map[string]causes{"login.auth-url": nil}},
		{name: "a wrong secret", change: setting(func(in *instance) { in.typedSecret = "0" + strings.Repeat("f", 7) + in.clientSecret[8:] }), broken: refused},
		{name: "a wrong Client ID", change: setting(func(in *instance) { in.typedID = "00000000-0000-4000-8000-000000000000" }), broken: refused},
		{name: "a blank after the secret", change: setting(func(in *instance) { in.typedSecret += " " }), broken: map[string]causes{"login.secret-form": {"secret_malformed"}}, also: map[string]causes{"login.token": {"invalid_client", "secret_malformed"}}},
		{name: "ID and secret swapped", change: setting(func(in *instance) { in.typedID, in.typedSecret = in.clientSecret, in.clientID }),
			broken: map[string]causes{"login.secret-form": {"id_malformed", "secret_malformed"}}, also: map[string]causes{"login.token": {"invalid_client", "id_malformed"}}},
		{name: "another authentication method", change: setting(func(in *instance) { in.serviceMethod = false }), broken: map[string]causes{"login.token": {"unauthorized_client"}}},
		{name: "the grant is refused", broken: map[string]causes{"login.token": {"access_denied", "invalid_grant"}},
			change: func(r *rand.Rand, _ *instance, _ *form) func(*server) {
				code := pick(r, "access_denied", "invalid_grant")
				return func(s *server) { s.refuseGrant(400, code) }
			}},
		{name: "TLS ends before the token endpoint", broken: map[string]causes{"login.token": {"https_required"}, "login.auth-url": {"https_required"}}, anyOf: true,
			change: serving(func(s *server) {
				s.before(&rule{when: isToken, times: -1, answer: func(w http.ResponseWriter, req *http.Request, _ func()) {
					s.send(w, req, s.oauthError(400, "invalid_request", "This server only accepts HTTPS requests."))
				}})
			})},
		{name: "the login type is not Agent", change: setting(func(in *instance) { in.loginType = "Client" }), broken: map[string]causes{"login.login-type": {"login_type_not_agent"}}},
		{name: "no agent is chosen", change: setting(func(in *instance) { in.agentID = 0 }), broken: map[string]causes{"login.agent": {"no_agent"}}},
		{name: "no permission is ticked", change: setting(func(in *instance) { in.scopes = nil }), broken: allScopes("scope_not_granted", "no_scope_in_token")},
		{name: "more permissions than asked for", broken: map[string]causes{"application.least-privilege": {"over_privileged"}},
			change: func(r *rand.Rand, in *instance, _ *form) func(*server) {
				in.scopes = append(in.scopes, pick(r, "all", "admin", "read:assets", "edit:customers", "all:standard"))
				return nil
			}},
		{name: "another name of the application", change: setting(func(in *instance) { in.appName = "Test App" }), broken: map[string]causes{"application.name": {"name_differs"}}},
	}
}

func allScopes(all ...probes.Cause) map[string]causes {
	m := map[string]causes{}
	for _, scope := range guideScopes {
		m["application.scope-"+strings.ReplaceAll(scope, ":", "-")] = all
	}
	return m
}

var agentFaults = []fault{
	{name: "the agent is disabled", change: setting(func(in *instance) { in.disabled = true }), broken: map[string]causes{"agent.enabled": {"agent_disabled"}}},
	{name: "the agent is no API-only one", change: setting(func(in *instance) { in.apiOnly = false }), broken: map[string]causes{"agent.api-only": {"not_api_only"}}},
	{name: "another name of the agent", change: setting(func(in *instance) { in.agentName = "Bob Smith" }), broken: map[string]causes{"agent.username": {"name_differs"}}},
	{name: "another role", change: setting(func(in *instance) {
		for i := range in.roles {
			in.roles[i].name = fmt.Sprintf("Technician %d", i)
		}
	}), broken: map[string]causes{"agent.role": {"name_differs"}}},
	{name: "a default team", change: setting(func(in *instance) { in.defaultTeam = "Service Desk" }), broken: map[string]causes{"agent.default-team": {"name_differs"}}},
	{name: "other work hours", change: setting(func(in *instance) { in.workday = "24 Hours" }), broken: map[string]causes{"agent.work-hours": {"hours_differ"}}},
	{name: "the agent is in no team", change: setting(func(in *instance) { in.loseTeams(); in.teamsWanted = nil }), broken: map[string]causes{"agent.teams": {"team_not_visible"}}},
	{name: "the agent is not in the team", change: setting(func(in *instance) {
		in.loseTeams()
		in.teams = append(in.teams, team{id: 77, name: "Alerts"})
		in.teamsWanted = []string{"alerts"}
	}), broken: map[string]causes{"agent.teams": {"team_not_visible"}}},
	{name: "there is no such team", change: setting(func(in *instance) { in.teamsWanted = []string{"Nowhere"} }), broken: map[string]causes{"agent.teams": {"team_not_found", "team_not_visible"}}},
}

func (in *instance) loseTeams() {
	in.member = nil
	in.scopes = slices.DeleteFunc(in.scopes, func(s string) bool { return s == "all:teams" })
}

func scopeFault(scope string) fault {
	return fault{
		name: scope + " is not ticked",
		change: setting(func(in *instance) {
			in.scopes = slices.DeleteFunc(in.scopes, func(s string) bool { return s == scope })
		}),
		broken: map[string]causes{"application.scope-" + strings.ReplaceAll(scope, ":", "-"): {"scope_not_granted"}},
	}
}

// permissionFault sets one permission below what the guide asks for, wherever it is set, or takes its claims away.
func permissionFault(n need) fault {
	return fault{
		name: n.id + " is too low", fits: func(in *instance, _ form) bool { return !in.administrator && !in.unclaimed }, broken: map[string]causes{n.id: {"level_too_low", "permission_off", "restricted_types", "restricted_clients"}},
		change: func(r *rand.Rand, in *instance, _ *form) func(*server) {
			low := r.IntN(in.least(n))
			gone := chance(r, 0.2)
			for _, c := range append([]claims{in.own}, roleClaims(in)...) {
				if _, ok := c[n.code]; ok {
					if c[n.code] = min(c[n.code], low); gone {
						delete(c, n.code)
					}
				}
			}
			return nil
		},
	}
}

func roleClaims(in *instance) (list []claims) {
	for _, r := range in.roles {
		list = append(list, r.claims)
	}
	return list
}

// refuseGrant makes the token endpoint refuse every request that carries credentials.
func (s *server) refuseGrant(status int, code string) {
	s.refused = func() *answer {
		a := s.oauthError(status, code, "")
		return &a
	}
}

// hang makes the server keep silent for longer than anybody waits.
func (s *server) hang(when func(*http.Request) bool) {
	s.before(&rule{when: when, times: -1, answer: func(_ http.ResponseWriter, req *http.Request, _ func()) {
		select {
		case <-req.Context().Done():
		case <-time.After(5 * time.Minute):
		}
	}})
}
