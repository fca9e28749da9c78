package fakehalo_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/fakehalo/pki"
)

// sight is what a client meets on its way in: each as status and kind of body, or how there was no answer.
type sight struct {
	Info  string // GET /api/authinfo
	Empty string // POST of nothing to the token endpoint that authinfo would name
	Token string // the typed credentials at the typed server: status, then the error's keyword or the number of scopes
	Me    string // GET /api/Agent/me with that token; "" where there is none
}

var healthySight = sight{"200 json", "400 json", "200 9 scopes", "200 json"}

func see(t *testing.T, s *fakehalo.Server) sight {
	t.Helper()
	brief := func(a answer) string {
		if a.Status == 0 {
			return a.Kind
		}
		return strings.TrimSpace(strconv.Itoa(a.Status) + " " + a.Kind)
	}
	got := sight{
		Info:  brief(do(t, s, http.MethodGet, s.URL+"/api/authinfo", "", nil)),
		Empty: brief(do(t, s, http.MethodPost, strings.TrimSuffix(s.AuthURL, "/")+"/token", "", url.Values{})),
	}
	token := login(t, s, guideScopes)
	got.Token = brief(token)
	if code := token.field("error"); code != "" {
		got.Token = strconv.Itoa(token.Status) + " " + code
	}
	if bearer := token.field("access_token"); bearer != "" {
		got.Token = "200 " + strconv.Itoa(len(strings.Fields(token.field("scope")))) + " scopes"
		got.Me = brief(do(t, s, http.MethodGet, s.URL+"/api/Agent/me", bearer, nil))
	}
	return got
}

// wayIn says what each fault of the way in does to it. Those that leave it as it is are in oneAnswer.
var wayIn = map[string]sight{
	"connection-refused": {"refused", "refused", "refused", ""},
	"edge-403":           {"403 html", "403 html", "403 html", ""},
	"edge-401":           {"401 html", "401 html", "401 html", ""},
	"edge-404":           {"404 html", "404 html", "404 html", ""},
	"edge-page":          {"200 html", "200 html", "200 html", ""},
	"edge-block-page":    {"200 html", "200 html", "200 html", ""},
	"edge-challenge":     {"403 html", "403 html", "403 html", ""},
	"edge-sign-in":       {"cut", "cut", "cut", ""}, // the test's client follows the redirect
	"http-auth":          {"401 html", "401 html", "401 html", ""},
	"edge-drop":          {"cut", "cut", "cut", ""},
	"edge-auth-403":      {"200 json", "403 html", "403 html", ""},
	"listed-refused":     healthySight,
	"one-listed-refused": healthySight,
	"no-vantage":         healthySight,

	"not-halo":             {"404 json", "404 json", "404 json", ""},
	"html-instead-of-json": {"200 html", "400 json", "200 9 scopes", "200 html"},
	"wrong-tenant":         {"200 json", "400 json", "500 html", ""},
	"tenant-missing":       {"200 json", "500 html", "500 html", ""},
	"tenant-not-wanted":    {"200 json", "400 json", "500 html", ""},

	"auth-url-no-slash":        healthySight,
	"auth-without-prefix":      {"200 json", "400 json", "404 html", ""},
	"auth-on-other-host":       {"200 json", "400 json", "404 html", ""},
	"auth-url-doubled":         {"200 json", "400 json", "404 html", ""},
	"auth-url-api":             {"200 json", "400 json", "404", ""},
	"auth-url-portal":          {"200 json", "400 json", "200 html", ""},
	"auth-url-http":            {"200 json", "400 json", "400", ""}, // Go's answer to plain HTTP on a TLS port
	"token-404":                {"200 json", "404 text", "404 text", ""},
	"not-oauth":                {"200 json", "200 html", "200 html", ""},
	"token-404-json":           {"200 json", "404 json", "404 Not Found", ""},
	"token-moved":              {"200 json", "cut", "cut", ""}, // the same
	"http-auth-token":          {"200 json", "401 html", "401 html", ""},
	"refused-without-body":     {"200 json", "400 json", "401", ""},
	"access-denied":            {"200 json", "400 json", "400 access_denied", ""},
	"invalid-grant":            {"200 json", "400 json", "400 invalid_grant", ""},
	"https-required":           {"200 json", "400 json", "400 invalid_request", ""},
	"secret-with-blank":        {"200 json", "400 json", "401 invalid_client", ""},
	"id-not-guid":              healthySight,
	"wrong-client-id":          {"200 json", "400 json", "401 invalid_client", ""},
	"wrong-secret":             {"200 json", "400 json", "401 invalid_client", ""},
	"wrong-method":             {"200 json", "400 json", "400 unauthorized_client", ""},
	"application-inactive":     {"200 json", "400 json", "400 invalid_client", ""},
	"rate-limited":             {"200 json", "400 json", "429 text", ""},
	"rate-limited-retry-after": {"200 json", "400 json", "429 text", ""},
	"server-error":             {"200 json", "400 json", "500 html", ""},
	"flaky":                    {"503 html", "503 html", "503 html", ""},
	"login-type-client":        {"200 json", "400 json", "200 9 scopes", "403"},
	"no-agent":                 healthySight,

	"scopeless-token":         {"200 json", "400 json", "200 0 scopes", "403"},
	"unknown-scope":           {"200 json", "400 json", "400 invalid_scope", ""},
	"no-scope-read-customers": {"200 json", "400 json", "200 8 scopes", "200 json"},
	"no-scope-read-contracts": {"200 json", "400 json", "200 8 scopes", "200 json"},
	"no-scope-edit-contracts": {"200 json", "400 json", "200 8 scopes", "200 json"},
	"no-scope-read-items":     {"200 json", "400 json", "200 8 scopes", "200 json"},
	"no-scope-edit-items":     {"200 json", "400 json", "200 8 scopes", "200 json"},
	"no-scope-read-invoices":  {"200 json", "400 json", "200 8 scopes", "200 json"},
	"no-scope-edit-invoices":  {"200 json", "400 json", "200 8 scopes", "200 json"},
	"no-scope-read-tickets":   {"200 json", "400 json", "200 8 scopes", "200 json"},
	"no-scope-edit-tickets":   {"200 json", "400 json", "200 8 scopes", "200 json"},
}

func TestTheWayInUnderEachFault(t *testing.T) {
	if diff := cmp.Diff(healthySight, see(t, serve(t))); diff != "" {
		t.Fatalf("healthy (-want +got):\n%s", diff)
	}
	for name, want := range wayIn {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, see(t, serve(t, name))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// oneAnswer says in which answer a fault shows that leaves the way in as it is. Those of Application are read as admin.
var oneAnswer = []struct{ fault, path, healthy, faulty string }{
	{"old-version", "InstanceInfo", `"app_version":"2.250.32"`, `"app_version":"2.174.80"`},
	{"behind-stable", "InstanceInfo", `"app_version":"2.250.32"`, `"app_version":"2.212.7"`},
	{"version-hidden", "InstanceInfo", `"app_version":"2.250.32"`, `"app_name":"Halo PSA","auth_url":`},
	{"no-agent", "Agent/me", `"name":"MSPCentric"`, `{}`},
	{"application-renamed", "Application", `"displayName":"MSPCentric"`, `"displayName":"Gradient"`},
	{"over-privileged-all", "Application/4b7a1c20-6d0f-4e0b-9f55-0a4c1e7d2b31", `"id":9,"name":"edit:tickets"}]`, `"id":10,"name":"all"}]`},
	{"over-privileged-admin", "Application/4b7a1c20-6d0f-4e0b-9f55-0a4c1e7d2b31", `"id":9,"name":"edit:tickets"}]`, `"id":10,"name":"admin"}]`},
	{"over-privileged-extra", "Application/4b7a1c20-6d0f-4e0b-9f55-0a4c1e7d2b31", `"id":9,"name":"edit:tickets"}]`, `"id":10,"name":"edit:customers"}]`},
	{"clients-no-access", "Agent/me", `{"type":"Ux","value":"2"}`, `{"type":"Ux","value":"0"}`},
	{"clients-names-only", "Agent/me", `{"type":"Ux","value":"2"}`, `{"type":"Ux","value":"1"}`},
	{"items-read-only", "Agent/me", `{"type":"Ix","value":"3"}`, `{"type":"Ix","value":"2"}`},
	{"contracts-read-only", "Agent/me", `{"type":"Cx","value":"2"}`, `{"type":"Cx","value":"1"}`},
	{"invoices-read-only", "Agent/me", `{"type":"Xx","value":"2"}`, `{"type":"Xx","value":"1"}`},
	{"tickets-read-only", "Agent/me", `{"type":"Tx","value":"2"}`, `{"type":"Tx","value":"1"}`},
	{"no-add-tickets", "Agent/me", `{"type":"l6","value":"1"}`, `{"type":"l6","value":"0"}`},
	{"no-edit-closed-tickets", "Agent/me", `{"type":"lf","value":"1"}`, `{"type":"lf","value":"0"}`},
	{"no-edit-others-tickets", "Agent/me", `{"type":"le","value":"1"}`, `{"type":"le","value":"0"}`},
	{"no-view-others-tickets", "Agent/me", `{"type":"l8","value":"1"}`, `{"type":"l8","value":"0"}`},
	{"no-edit-advanced-details", "Agent/me", `{"type":"l1","value":"1"}`, `{"type":"l1","value":"0"}`},
	{"restricted-ticket-types", "Agent/me", `"tickettypes":[]`, `"tickettype_name":"Incident"`},
	{"restricted-clients", "Agent/me", `"clients":[]`, `"client_name":"Acme Ltd"`},
	{"claims-hidden", "Agent/me", `"claims":[`, `{"clients":[],"departments":[],"email"`},
	{"agent-disabled", "Agent/me", `"isdisabled":false`, `"isdisabled":true`},
	{"agent-not-api-only", "Agent/me", `"isapiagent":true`, `"isapiagent":false`},
	{"agent-renamed", "Agent/me", `"name":"MSPCentric","role_list"`, `"name":"Integration","role_list"`},
	{"agent-other-role", "Agent/me", `"role_list":"MSPCentric"`, `"role_list":"Technician"`},
	{"agent-default-team", "Agent/me", `"team":""`, `"team":"Service Desk"`},
	{"agent-other-hours", "Agent/me", `"workday_id":1,"workday_name":"Default Working Hours"`, `"workday_id":2,"workday_name":"Night Shift"`},
	{"agent-no-team", "Agent/me", `"team_name":"Service Desk"`, `"teams":[]`},
}

func TestTheAnswerThatEachFaultChanges(t *testing.T) {
	healthy := serve(t)
	for _, row := range oneAnswer {
		t.Run(row.fault, func(t *testing.T) {
			ask := func(s *fakehalo.Server) string {
				if strings.HasPrefix(row.path, "Application") {
					return getAsAdmin(t, s, row.path).Body
				}
				return get(t, s, guideScopes, row.path).Body
			}
			if body := ask(healthy); !strings.Contains(body, row.healthy) || strings.Contains(body, row.faulty) {
				t.Errorf("healthy: %s", body)
			}
			if body := ask(serve(t, row.fault)); strings.Contains(body, row.healthy) || !strings.Contains(body, row.faulty) {
				t.Errorf("faulty: %s", body)
			}
		})
	}
}

func TestEveryFaultIsShownOnTheWireAndDocumented(t *testing.T) {
	shown := map[string]bool{"team-missing": true, "dns-failure": true} // TestWhatTheUserGives
	for name := range wayIn {
		shown[name] = true
	}
	for _, row := range oneAnswer {
		shown[row.fault] = true
	}
	for _, f := range pki.Faults() {
		shown[f.Name] = true // in the tests of pki
	}
	name, sentence := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`), regexp.MustCompile(`^[A-Z].*\.$`)
	requirement := regexp.MustCompile(`^(network|trust|product|login|application|role|agent)\.[a-z-]+$`)
	seen := map[string]bool{}
	for _, f := range fakehalo.Faults() {
		if !shown[f.Name] {
			t.Errorf("no test shows what %s does", f.Name)
		}
		if seen[f.Name] || !name.MatchString(f.Name) || !sentence.MatchString(f.Says) {
			t.Errorf("%q: %q", f.Name, f.Says)
		}
		healthy := f.Requirement == "" && f.Status == "" && f.Cause == ""
		if !healthy && (!requirement.MatchString(f.Requirement) || f.Status != "fail" && f.Status != "unknown" || f.Cause == "") {
			t.Errorf("%s: %q %q %q", f.Name, f.Requirement, f.Status, f.Cause)
		}
		seen[f.Name] = true
	}
	for fault := range shown {
		if !seen[fault] {
			t.Errorf("%s is tested and does not exist", fault)
		}
	}
}

func TestWhatTheUserGives(t *testing.T) {
	// Names under .invalid resolve nowhere (RFC 6761); asking for it here would leave the machine.
	if got := serve(t, "dns-failure").URL; got != "https://acme.halopsa.invalid" {
		t.Errorf("dns-failure: %s", got)
	}
	if got := serve(t).Teams; !cmp.Equal(got, []string{"Service Desk"}) {
		t.Errorf("healthy: %q", got)
	}
	s := serve(t, "team-missing")
	if body := getAsAdmin(t, s, "Team").Body; !cmp.Equal(s.Teams, []string{"Night Desk"}) || strings.Contains(body, "Night Desk") {
		t.Errorf("%q in %s", s.Teams, body)
	}
}

func TestFaultsThatPassRecover(t *testing.T) {
	s := serve(t, "rate-limited-retry-after")
	for range 2 {
		if a := login(t, s, guideScopes); a.Status != 429 || a.Header.Get("Retry-After") != "1" {
			t.Fatalf("%d, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
		}
	}
	if a := login(t, s, guideScopes); a.Status != 200 {
		t.Errorf("the third time: %d %s", a.Status, a.Body)
	}
	s = serve(t, "flaky")
	see(t, s)
	if got := see(t, s); got.Info != "200 json" || got.Token != "200 9 scopes" {
		t.Errorf("the second time: %+v", got)
	}
}
