package fakehalo_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
)

// post sends JSON to the admin listener.
func post(t *testing.T, address, body string) (int, string) {
	t.Helper()
	return admin(t, http.MethodPost, address, body)
}

func admin(t *testing.T, method, address, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(raw))
}

func TestFaultsComeAndGoWhileItRuns(t *testing.T) {
	s := serve(t, "agent-renamed")
	bearer := login(t, s, guideScopes).field("access_token")
	name := func() string {
		t.Helper()
		return do(t, s, http.MethodGet, s.URL+"/api/Agent/me", bearer, nil).field("name")
	}
	if got := name(); got != "Integration" {
		t.Fatalf("from the start: %q", got)
	}
	if status, body := post(t, s.AdminURL+"/faults", `{"faults": ["no-agent", "wrong-secret"]}`); status != 200 || body != `["agent-renamed","no-agent","wrong-secret"]` {
		t.Errorf("added: %d %s", status, body)
	}
	if got := name(); got != "" {
		t.Errorf("with no-agent, and the token from before: %q", got)
	}
	if a := login(t, s, guideScopes); a.field("error") != "invalid_client" {
		t.Errorf("with the wrong secret: %s", a.Body)
	}
	if status, body := admin(t, http.MethodDelete, s.AdminURL+"/faults", ""); status != 200 || body != `["agent-renamed"]` {
		t.Errorf("cleared: %d %s", status, body)
	}
	if got := name(); got != "Integration" {
		t.Errorf("cleared: %q", got)
	}
	if a := login(t, s, guideScopes); a.Status != 200 {
		t.Errorf("cleared: %d", a.Status)
	}
	post(t, s.AdminURL+"/reset", "")
	if a := do(t, s, http.MethodGet, s.URL+"/api/Agent/me", bearer, nil); a.Status != 401 {
		t.Errorf("a token after the reset: %d", a.Status)
	}
	if journal := s.Requests(); len(journal) != 1 {
		t.Errorf("the journal after the reset: %v", journal)
	}
}

func TestTheAdminListenerSaysWhatItWants(t *testing.T) {
	s := serve(t)
	for _, row := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", "/faults", `{"faults": ["wrong-secrte"]}`, 400, `there is no fault "wrong-secrte" (did you mean`},
		{"POST", "/faults", `nonsense`, 400, `the body is {"faults": ["NAME"]}`},
		{"POST", "/faults", `{"faults": ["missing-intermediate"]}`, 400, `the fault missing-intermediate takes effect only at the start`},
		{"POST", "/faults", `{"faults": ["auth-on-other-host"]}`, 400, `the fault auth-on-other-host takes effect only at the start`},
		{"POST", "/faults", `{"faults": ["no-vantage"]}`, 400, `the fault no-vantage takes effect only at the start`},
		{"POST", "/faults", `{"faults": ["wrong-tenant", "tenant-missing"]}`, 400, `the faults wrong-tenant and tenant-missing both decide`},
		{"GET", "/", ``, 200, `The admin listener of a fake HaloPSA.`},
		{"DELETE", "/journal", ``, 200, `[]`},
		{"POST", "/clock", `{}`, 400, `the body is {"now": "2026-11-23T12:00:00Z"}`},
		{"POST", "/faults", `{"fault": ["wrong-secret"]}`, 400, `the body is {"faults": ["NAME"]}`},
		{"GET", "/nowhere", ``, 404, "there is no GET /nowhere here.\n\nThe admin listener"},
		{"PUT", "/faults", ``, 404, "there is no PUT /faults here."},
		{"GET", "/faults", ``, 200, `[]`},
		{"GET", "/journal", ``, 200, `[]`},
	} {
		if status, body := admin(t, row.method, s.AdminURL+row.path, row.body); status != row.status || !strings.HasPrefix(body, row.says) {
			t.Errorf("%s %s: %d %s", row.method, row.path, status, body)
		}
	}
	status, told := admin(t, "GET", s.AdminURL+"/instance", "")
	for _, value := range []string{s.URL, s.Credentials.AuthURL, s.Credentials.ClientSecret, s.Admin.ClientID, s.Admin.ClientSecret, s.CAFile, `"stable":"2.250.32"`, `"tenant":"acme"`} {
		if status != 200 || !strings.Contains(told, value) {
			t.Errorf("the instance is told without %s: %d %s", value, status, told)
		}
	}
	if _, help := admin(t, "GET", s.AdminURL+"/", ""); strings.Count(help, "\n") < 13 {
		t.Errorf("help: %s", help)
	}
	if a := do(t, s, http.MethodGet, s.URL+"/journal", "", nil); a.Kind != "html" {
		t.Errorf("the main listener knows a journal: %d %s", a.Status, a.Body)
	}
}

func TestTheClockGoesOnFromWhereItIsSet(t *testing.T) {
	s := serve(t)
	if status, body := post(t, s.AdminURL+"/clock", `{"now": "2031-05-06T07:00:00Z"}`); status != 200 || !strings.HasPrefix(body, `{"now":"2031-05-06T07:0`) {
		t.Errorf("%d %s", status, body)
	}
	do(t, s, http.MethodGet, s.URL+"/", "", nil)
	if at := s.Requests()[0].At; at.Before(time.Date(2031, 5, 6, 7, 0, 0, 0, time.UTC)) || at.Year() != 2031 {
		t.Errorf("the journal says %v", at)
	}
}

func TestFaultsMayChangeUnderLoad(t *testing.T) {
	s := serve(t)
	faults, err := fakehalo.Named("wrong-secret", "dialect:auth-url-slash=yes", "agent-no-team")
	if err != nil {
		t.Fatal(err)
	}
	var load sync.WaitGroup
	answered := make(chan int, 40)
	for range 4 {
		load.Go(func() {
			for range 10 {
				answered <- do(t, s, http.MethodGet, s.URL+"/api/authinfo", "", nil).Status
			}
		})
	}
	for range 20 {
		s.Set(faults...)
		s.Clear()
	}
	load.Wait()
	close(answered)
	for status := range answered {
		if status != 200 {
			t.Errorf("authinfo: %d", status)
		}
	}
	if got := len(s.Requests()); got != 40 {
		t.Errorf("%d of 40 requests in the journal", got)
	}
}

func TestAnUnknownNameIsNamedWithOnesLikeIt(t *testing.T) {
	for name, want := range map[string]string{
		"tickets-read-onyl":        `there is no fault "tickets-read-onyl" (did you mean tickets-read-only or `,
		"zzz":                      `there is no fault "zzz"`,
		"wrong-secret@auth":        `there is no fault "wrong-secret@auth" (did you mean wrong-secret`,
		"dialect:claims=short":     `the dialect claims is one of code, long, not "short"`,
		"dialect:weather=sunny":    `there is no dialect "weather"`,
		"missing-intermediat@auth": `there is no fault "missing-intermediat@auth" (did you mean missing-intermediate`,
	} {
		if _, err := fakehalo.Named("healthy", name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if faults, err := fakehalo.Named("healthy"); err != nil || len(faults) != 0 {
		t.Errorf("healthy: %v %v", faults, err)
	}
}

// TestAdminIsForThisMachine: what a page of another site can send is refused; it can set neither Host nor Sec-Fetch-Site.
func TestAdminIsForThisMachine(t *testing.T) {
	s := serve(t)
	for name, c := range map[string]struct {
		method, path, body, host, kind string
		header                         map[string]string
		want                           int
	}{
		"curl":                       {"POST", "/faults", `{"faults":["no-agent"]}`, "", "application/json", nil, 200},
		"with a charset":             {"POST", "/faults", `{"faults":["no-agent"]}`, "", "application/json; charset=utf-8", nil, 200},
		"reading":                    {"GET", "/journal", "", "", "", nil, 200},
		"localhost":                  {"GET", "/journal", "", "localhost:1", "", nil, 200},
		"LOCALHOST":                  {"GET", "/journal", "", "LOCALHOST", "", nil, 200},
		"[::1]":                      {"GET", "/journal", "", "[::1]:80", "", nil, 200},
		"127.0.0.2":                  {"GET", "/journal", "", "127.0.0.2", "", nil, 200},
		"a page of its own":          {"GET", "/journal", "", "", "", map[string]string{"Sec-Fetch-Site": "same-origin"}, 200},
		"typed into the browser":     {"GET", "/journal", "", "", "", map[string]string{"Sec-Fetch-Site": "none"}, 200},
		"rebinding":                  {"GET", "/journal", "", "evil.example", "", nil, 403},
		"rebinding, with a port":     {"POST", "/reset", "", "evil.example:8080", "", nil, 403},
		"like localhost":             {"GET", "/journal", "", "localhost.evil.example", "", nil, 403},
		"an address of another host": {"GET", "/journal", "", "192.0.2.1", "", nil, 403},
		"an empty name":              {"GET", "/journal", "", ":80", "", nil, 403},
		"cross-site reading":         {"GET", "/journal", "", "", "", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"same-site reading":          {"GET", "/instance", "", "", "", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		"cross-site reset":           {"POST", "/reset", "", "", "", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"an old browser's reset":     {"POST", "/reset", "", "", "", map[string]string{"Origin": "https://evil.example"}, 403},
		"a sandboxed page's reset":   {"POST", "/reset", "", "", "", map[string]string{"Origin": "null"}, 403},
		"cross-site deletion":        {"DELETE", "/journal", "", "", "", map[string]string{"Origin": "https://evil.example"}, 403},
		"a form":                     {"POST", "/faults", `{"faults":["no-agent"]}`, "", "text/plain", nil, 415},
		"no content type":            {"POST", "/faults", `{"faults":["no-agent"]}`, "", "", nil, 415},
		"url-encoded":                {"POST", "/clock", `{"now":"2031-05-06T07:00:00Z"}`, "", "application/x-www-form-urlencoded", nil, 415},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, s.AdminURL+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.host != "" {
			r.Host = c.host
		}
		if c.kind != "" {
			r.Header.Set("Content-Type", c.kind)
		}
		for key, value := range c.header {
			r.Header.Set(key, value)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", name, resp.StatusCode, c.want)
		}
	}
}
