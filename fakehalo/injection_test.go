package fakehalo_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/fakehalo"
)

// statuses asks for the clients several times and tells what came.
func statuses(t *testing.T, s *fakehalo.Server, times int) (out []int) {
	t.Helper()
	bearer := login(t, s, guideScopes).field("access_token")
	for range times {
		out = append(out, do(t, s, http.MethodGet, s.URL+"/api/client/", bearer, nil).Status)
	}
	return out
}

func TestWhichCallsAnInjectionTakes(t *testing.T) {
	for name, row := range map[string]struct {
		injection fakehalo.Injection
		want      []int
	}{
		"all":           {fakehalo.Injection{Operation: "GET /api/Client", Status: 503}, []int{503, 503, 503, 503, 503, 503}},
		"first 2":       {fakehalo.Injection{Operation: "GET /api/Client", Status: 503, First: 2}, []int{503, 503, 200, 200, 200, 200}},
		"every 3rd":     {fakehalo.Injection{Operation: "GET /api/Client", Status: 503, Every: 3}, []int{200, 200, 503, 200, 200, 503}},
		"first 3, 3rd":  {fakehalo.Injection{Operation: "GET /api/Client", Status: 503, First: 3, Every: 3}, []int{200, 200, 503, 200, 200, 200}},
		"half, seed 7":  {fakehalo.Injection{Operation: "GET /api/Client", Status: 503, Probability: 0.5, Seed: 7}, []int{503, 200, 200, 200, 200, 200}},
		"another one's": {fakehalo.Injection{Operation: "POST /api/Client", Status: 503}, []int{200, 200, 200, 200, 200, 200}},
	} {
		s := serve(t)
		if err := s.Inject(row.injection); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(row.want, statuses(t, s, 6)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		s.ClearInjected()
		if got := statuses(t, s, 1); got[0] != 200 {
			t.Errorf("%s, cleared: %v", name, got)
		}
	}
}

func TestWhatAnInjectionAnswers(t *testing.T) {
	for _, row := range []struct {
		injection fakehalo.Injection
		status    int
		body      string
	}{
		{fakehalo.Injection{Status: 401}, 401, ""},
		{fakehalo.Injection{Status: 429, Headers: map[string]string{"Retry-After": "7"}}, 429, "Rate Limit Reached - 700 Requests per rolling 5 minute window"},
		{fakehalo.Injection{Status: 500}, 500, ""},
		{fakehalo.Injection{Status: 400}, 400, `{"ClassName":"System.Exception","Message":"The injected answer Bad Request.","Data":null,"InnerException":null,"HelpURL":null,"StackTraceString":null,"RemoteStackTraceString":null,"RemoteStackIndex":0,"ExceptionMethod":null,"HResult":-2146233088,"Source":null,"WatsonBuckets":null}`},
		{fakehalo.Injection{Status: 502, Body: `"x"`}, 502, `"x"`},
		{fakehalo.Injection{Status: 503, Body: "<h1>Down</h1>", Headers: map[string]string{"content-type": "text/html"}}, 503, "<h1>Down</h1>"},
		{fakehalo.Injection{Break: "garbage"}, 200, "\x00\xff\xfe{]\x1b\x00"},
		{fakehalo.Injection{Break: "drip"}, 200, `{"record_count":0,"clients":[]}`},
	} {
		s := serve(t)
		row.injection.Operation = "*"
		bearer := login(t, s, guideScopes).field("access_token")
		if err := s.Inject(row.injection); err != nil {
			t.Fatal(err)
		}
		a := do(t, s, http.MethodGet, s.URL+"/api/Client?search=nobody", bearer, nil)
		if a.Status != row.status || a.Body != row.body || a.Header.Get("Retry-After") != row.injection.Headers["Retry-After"] {
			t.Errorf("%+v: %d %s", row.injection, a.Status, a.Body)
		}
		if row.injection.Headers["content-type"] != "" && a.Kind != "html" {
			t.Errorf("%+v: Content-Type %s", row.injection, a.Header.Get("Content-Type"))
		}
	}
}

func TestAnswersThatBreakOff(t *testing.T) {
	for _, way := range []string{"drop", "reset", "truncate"} {
		s := serve(t)
		bearer := login(t, s, guideScopes).field("access_token")
		if err := s.Inject(fakehalo.Injection{Operation: "GET /api/Client", Break: way}); err != nil {
			t.Fatal(err)
		}
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/Client", nil)
		r.Header.Set("Authorization", "Bearer "+bearer)
		resp, err := s.Client().Do(r)
		if way != "truncate" {
			if err == nil {
				t.Errorf("%s answers %d", way, resp.StatusCode)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err == nil || len(body) == 0 || !strings.HasPrefix(string(body), `{"record_count":3`) {
			t.Errorf("truncated: %d bytes, %v", len(body), err)
		}
	}
}

func TestLatencyDelaysAtLeastSoLong(t *testing.T) {
	for name, latency := range map[string]fakehalo.Latency{
		"fixed":   {Fixed: fakehalo.Duration(80 * time.Millisecond)},
		"uniform": {Min: fakehalo.Duration(80 * time.Millisecond), Max: fakehalo.Duration(90 * time.Millisecond)},
		"normal":  {Median: fakehalo.Duration(100 * time.Millisecond), Sigma: 0.01},
	} {
		s := serve(t)
		if err := s.Inject(fakehalo.Injection{Operation: "GET /api/authinfo", Latency: &latency}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if a := do(t, s, http.MethodGet, s.URL+"/api/authinfo", "", nil); a.Status != 200 || time.Since(start) < 80*time.Millisecond {
			t.Errorf("%s: %d after %v", name, a.Status, time.Since(start))
		}
	}
}

func TestInjectionsThroughTheAdminListener(t *testing.T) {
	s := serve(t)
	for body, want := range map[string]string{
		`{"operation":"GET /api/Tikets","status":500}`:                    `injection 1: there is no operation "GET /api/Tikets" (did you mean "GET /api/Tickets"?)`,
		`{"operation":"*","status":700}`:                                  `injection 1: status is 200 to 599, not 700`,
		`{"operation":"*","break":"explode"}`:                             `injection 1: break is one of drop, reset, truncate, drip, garbage, not "explode"`,
		`{"operation":"*"}`:                                               `injection 1: it says neither status nor latency nor break, so it does nothing`,
		`{"operation":"*","status":500,"probability":2}`:                  `injection 1: probability is above 0 up to 1, not 2`,
		`{"operation":"*","status":500,"first":-1}`:                       `injection 1: first and every count from 1`,
		`{"operation":"*","latency":{"min":"2s","max":"1s"}}`:             `injection 1: latency: max is below min`,
		`{"operation":"*","latency":{"fixed":"soon"}}`:                    `"soon" is not a duration such as 150ms`,
		`{"operation":"*","state":500}`:                                   `json: unknown field "state"`,
		`[{"operation":"*","status":500},{"operation":"x","status":500}]`: `injection 2: there is no operation "x" (did you mean "GET /api/SLA"?)`,
	} {
		if status, said := admin(t, "POST", s.AdminURL+"/injections", body); status != 400 || said != want {
			t.Errorf("%s: %d %s", body, status, said)
		}
	}
	if _, said := admin(t, "GET", s.AdminURL+"/injections", ""); said != "[]" {
		t.Errorf("what was refused is in force: %s", said)
	}
	status, said := admin(t, "POST", s.AdminURL+"/injections", `{"operation":"POST /auth/token","status":500,"first":1,"latency":{"fixed":"1ms"}}`)
	if want := `[{"operation":"POST /auth/token","status":500,"latency":{"fixed":"1ms"},"first":1}]`; status != 200 || said != want {
		t.Errorf("%d %s", status, said)
	}
	if a := login(t, s, guideScopes); a.Status != 500 {
		t.Errorf("the token: %d", a.Status)
	}
	write(t, s, http.MethodPost, "Tickets", `[{"summary":"x"}]`)
	if status, _ := admin(t, "POST", s.AdminURL+"/reset", ""); status != 200 || len(s.Injected()) != 0 || len(s.Requests()) != 0 {
		t.Errorf("reset: %d, %v", status, s.Injected())
	}
	if got := ids(getAsAdmin(t, s, "Tickets").Body); got != "2001 2002 2003 2004 2005" {
		t.Errorf("reset leaves the tickets %s", got)
	}
	var names []string
	_, said = admin(t, "GET", s.AdminURL+"/operations", "")
	if err := json.Unmarshal([]byte(said), &names); err != nil || len(names) != 141 {
		t.Errorf("%d operations, %v", len(names), err)
	}
}
