package fakehalo_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/fakehalo"
)

// ways are what each switch changes: with these faults in force, look sees the first value's sight, or the second's.
var ways = map[string]struct {
	faults string
	look   func(t *testing.T, s *fakehalo.Server) string
	want   [2]string
}{
	"scope-refusal": {"no-scope-edit-items", func(t *testing.T, s *fakehalo.Server) string {
		a := login(t, s, "read:items edit:items")
		return strconv.Itoa(a.Status) + " " + a.field("scope") + a.field("error_description")
	}, [2]string{"200 read:items", "400 This client application is not allowed to use the specified scope."}},
	"scope-all":            {"healthy", scopeOf("all"), [2]string{"200 " + guideScopes, "200 "}},
	"scope-all-named":      {"healthy", scopeOf("all"), [2]string{"200 " + guideScopes, "200 all"}},
	"scope-under-all":      {"over-privileged-all", scopeOf("read:assets admin"), [2]string{"200 read:assets", "200 "}},
	"missing-scope-status": {"healthy", statusOf("read:items", "Client"), [2]string{"403", "401"}},
	"claims":               {"healthy", has("Agent/me", `{"type":"Ux"`, `{"type":"Customers_Level"`), [2]string{"yes no", "no yes"}},
	"agent-me-claims":      {"healthy", has("Agent/me", `{"claims":[{"type":"A","value":"true"}],"clients"`, `"roles":[{"claims"`), [2]string{"no no", "yes yes"}},
	"no-access":            {"clients-no-access", statusOf("read:customers", "Client"), [2]string{"200", "403"}},
	"api-agents":           {"healthy", has("Agent", "MSPCentric"), [2]string{"no", "yes"}},
	"auth-path": {"healthy", func(_ *testing.T, s *fakehalo.Server) string {
		return pathOf(s.AuthURL) + " " + pathOf(s.Credentials.AuthURL)
	}, [2]string{"/auth /auth/", " /"}},
	"auth-host": {"healthy", func(_ *testing.T, s *fakehalo.Server) string {
		return strconv.FormatBool(strings.HasPrefix(s.AuthURL, s.URL)) + strconv.FormatBool(strings.HasPrefix(s.Credentials.AuthURL, s.AuthURL))
	}, [2]string{"truetrue", "falsetrue"}},
	"wrong-tenant-status": {"wrong-tenant", func(t *testing.T, s *fakehalo.Server) string { return strconv.Itoa(login(t, s, guideScopes).Status) }, [2]string{"500", "400"}},
	"token-scope-field": {"healthy", func(t *testing.T, s *fakehalo.Server) string {
		return login(t, s, "read:items").field("scope")
	}, [2]string{"read:items", ""}},
	"instanceinfo": {"healthy", func(t *testing.T, s *fakehalo.Server) string {
		return strconv.Itoa(do(t, s, http.MethodGet, s.URL+"/api/InstanceInfo", "", nil).Status)
	}, [2]string{"200", "401"}},
	"level-steps": {"healthy", has("Agent/me", `{"type":"Ix","value":"3"}`, `{"type":"Ix","value":"2"}`), [2]string{"yes no", "no yes"}},
	"unauthorised-body": {"healthy", func(t *testing.T, s *fakehalo.Server) string {
		return do(t, s, http.MethodGet, s.URL+"/api/Client", "", nil).Body
	}, [2]string{"", `{"Message":"Authorization has been denied for this request."}`}},
	"auth-url-slash": {"healthy", func(t *testing.T, s *fakehalo.Server) string {
		return pathOf(do(t, s, http.MethodGet, s.URL+"/api/authinfo", "", nil).field("auth_url"))
	}, [2]string{"/auth", "/auth/"}},
	"authinfo-tenant": {"healthy", func(t *testing.T, s *fakehalo.Server) string {
		return do(t, s, http.MethodGet, s.URL+"/api/authinfo", "", nil).field("tenant_id") + "|" + s.Credentials.Tenant
	}, [2]string{"acme|acme", "|Not set"}},
	"page-cap": {"healthy", func(t *testing.T, s *fakehalo.Server) string {
		body := "[" + strings.Repeat(`{"summary":"x"},`, 119) + `{"summary":"x"}]`
		if a := writeAsAdmin(t, s, http.MethodPost, "Tickets", body); a.Status != 201 {
			t.Fatal(a)
		}
		return strconv.Itoa(strings.Count(getAsAdmin(t, s, "Tickets?pageinate=true&page_size=120").Body, `"summary"`))
	}, [2]string{"120", "100"}},
	"retry-after": {"healthy", func(t *testing.T, s *fakehalo.Server) string {
		if err := s.Inject(fakehalo.Injection{Operation: "GET /api/Client", Status: 429}); err != nil {
			t.Fatal(err)
		}
		return get(t, s, guideScopes, "Client").Header.Get("Retry-After")
	}, [2]string{"", "1"}},
	"post-many":   {"healthy", posted(http.MethodPost, `[{"id":2001,"impact":1},{"id":2003,"impact":1}]`), [2]string{"201 {", "201 ["}},
	"post-object": {"healthy", posted(http.MethodPost, `{"id":2001,"impact":1}`), [2]string{"400 {", "201 {"}},
	"put":         {"healthy", posted(http.MethodPut, `[{"id":2001,"impact":1}]`), [2]string{"405 ", "201 {"}},
	"refresh-token": {"healthy", func(t *testing.T, s *fakehalo.Server) string {
		return strconv.FormatBool(login(t, s, guideScopes).field("refresh_token") != "")
	}, [2]string{"true", "false"}},
	"discovery": {"healthy", func(t *testing.T, s *fakehalo.Server) string {
		return strconv.Itoa(do(t, s, http.MethodGet, s.AuthURL+"/.well-known/openid-configuration", "", nil).Status)
	}, [2]string{"200", "404"}},
	"hosting": {"healthy", has("InstanceInfo", `"hosted_group":"US`), [2]string{"no", "yes"}},
	"agent-me-size": {"healthy", func(t *testing.T, s *fakehalo.Server) string {
		body := get(t, s, guideScopes, "Agent/me").Body
		return strconv.FormatBool(len(body) > 2_100_000) + " " + strconv.FormatBool(strings.Count(body[:strings.Index(body, `"clients"`)], `"type"`) == 108)
	}, [2]string{"false false", "true true"}},
	"inactive-app-status": {"application-inactive", func(t *testing.T, s *fakehalo.Server) string { return strconv.Itoa(login(t, s, guideScopes).Status) }, [2]string{"400", "401"}},
}

// pathOf is what follows the host.
func pathOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	at := strings.IndexByte(rest, '/')
	if at < 0 {
		return ""
	}
	return rest[at:]
}

func statusOf(scope, path string) func(*testing.T, *fakehalo.Server) string {
	return func(t *testing.T, s *fakehalo.Server) string { return strconv.Itoa(get(t, s, scope, path).Status) }
}

// scopeOf logs in for a scope and tells what the answer names.
func scopeOf(scope string) func(*testing.T, *fakehalo.Server) string {
	return func(t *testing.T, s *fakehalo.Server) string {
		a := login(t, s, scope)
		return strconv.Itoa(a.Status) + " " + a.field("scope")
	}
}

// has tells for each piece whether it is in the answer.
func has(path string, pieces ...string) func(*testing.T, *fakehalo.Server) string {
	return func(t *testing.T, s *fakehalo.Server) string {
		body := get(t, s, guideScopes, path).Body
		var said []string
		for _, piece := range pieces {
			said = append(said, map[bool]string{true: "yes", false: "no"}[strings.Contains(body, piece)])
		}
		return strings.Join(said, " ")
	}
}

// threeWays are the switches with more than two values, and the tests that show them.
var threeWays = map[string]string{
	"default-team": "TestHowNoDefaultTeamIsWritten", "agent-list": "TestShapesOfTheListOfAgents", "post-answer": "TestShapesOfAPostsAnswer",
}

// posted writes tickets as the integration and tells the status and how the answer begins.
func posted(method, body string) func(*testing.T, *fakehalo.Server) string {
	return func(t *testing.T, s *fakehalo.Server) string {
		a := write(t, s, method, "Tickets", body)
		return strconv.Itoa(a.Status) + " " + a.Body[:min(1, len(a.Body))]
	}
}

func TestShapesOfTheListOfAgents(t *testing.T) {
	for value, want := range map[string]string{"bare": `[{"id":1,`, "enveloped": `{"results":[{"id":1,`, "agents": `{"agents":[{"id":1,`} {
		if body := get(t, serve(t, "dialect:agent-list="+value), guideScopes, "Agent").Body; !strings.HasPrefix(body, want) {
			t.Errorf("%s: %s", value, body)
		}
	}
}

func TestShapesOfAPostsAnswer(t *testing.T) {
	for value, want := range map[string]string{"bare": `{"agent_id":`, "array": `[{"agent_id":`, "enveloped": `{"tickets":[{"agent_id":`} {
		a := write(t, serve(t, "dialect:post-answer="+value), http.MethodPost, "Tickets", `[{"id":2001,"impact":1}]`)
		if a.Status != 201 || !strings.HasPrefix(a.Body, want) {
			t.Errorf("%s: %d %s", value, a.Status, a.Body)
		}
	}
}

func TestEachSwitchChangesWhatItSays(t *testing.T) {
	for _, d := range fakehalo.Dialects() {
		t.Run(d.Name, func(t *testing.T) {
			if shown, ok := threeWays[d.Name]; ok {
				t.Skip("it has three values: " + shown)
			}
			if !regexp.MustCompile(`(halo-api|halo-live|wire-contract|clients)(,| §)`).MatchString(d.Open) {
				t.Errorf("why it is open is not told by a fact: %q", d.Open)
			}
			way, ok := ways[d.Name]
			if !ok || len(d.Values) != 2 {
				t.Fatalf("no test shows what %v do", d.Values)
			}
			got := [2]string{
				way.look(t, serve(t, way.faults)),
				way.look(t, serve(t, way.faults, "dialect:"+d.Name+"="+d.Values[1])),
			}
			if diff := cmp.Diff(way.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if again := way.look(t, serve(t, way.faults, "dialect:"+d.Name+"="+d.Values[0])); again != got[0] {
				t.Errorf("the first value is not the default: %q", again)
			}
		})
	}
}

func TestHowNoDefaultTeamIsWritten(t *testing.T) {
	for value, want := range map[string]string{"empty": "yes no", "null": "no yes", "absent": "no no"} {
		if got := has("Agent/me", `"team":""`, `"team":null`)(t, serve(t, "dialect:default-team="+value)); got != want {
			t.Errorf("%s: %s", value, got)
		}
	}
}

func TestEveryDialectIsHealthy(t *testing.T) {
	for _, d := range fakehalo.Dialects() {
		for _, value := range d.Values {
			s := serve(t, "dialect:"+d.Name+"="+value)
			got := see(t, s)
			if d.Name == "token-scope-field" && value != "always" {
				got.Token = strings.Replace(got.Token, " 0 ", " 9 ", 1) // all were granted, so none is named
			}
			if diff := cmp.Diff(healthySight, got); diff != "" {
				t.Errorf("%s=%s (-want +got):\n%s", d.Name, value, diff)
			}
		}
	}
}
