package fakehalo_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

// understood are the statuses that Halo's clients know what to do with.
var understood = []int{200, 201, 400, 401, 403, 404, 405, 413}

// fuzzed serves one request without a socket: a panic is not caught by net/http and fails the test.
func fuzzed(t *testing.T, s *fakehalo.Server, bearer, method, path, query, body string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(body))
	r.Method, r.URL = method, &url.URL{Path: "/" + path, RawQuery: query}
	r.Header.Set("Authorization", "Bearer "+bearer)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	resp := w.Result()
	if !slices.Contains(understood, resp.StatusCode) {
		t.Errorf("%s %q ? %q with %q: %d", method, path, query, body, resp.StatusCode)
	}
	return resp
}

func asAdmin(f *testing.F) (*fakehalo.Server, string) {
	s := serveWith(f, fakehalo.Options{PlainHTTP: true})
	form := tokenForm(s)
	form.Set("scope", "all admin:webhooks")
	resp, err := http.PostForm(s.AuthURL+"/token", form)
	if err != nil {
		f.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		f.Fatal(err)
	}
	return s, answer{Body: string(raw)}.field("access_token")
}

// FuzzBodies posts anything to every resource: the answer is JSON, and what was kept can be listed.
func FuzzBodies(f *testing.F) {
	s, bearer := asAdmin(f)
	for _, body := range []string{
		`[{"summary":"x"}]`, `{"id":"2001","tags":[1]}`, `[{"id":1e400}]`, `[{"site_id":1.5}]`, `[{"site_id":"NaN"}]`, `[null]`, `[[[`, "\xff", `[{"id":-1}]`,
		`[{"dateoccurred":"9999999-01-01"}]`, `[{"ticket_id":2001,"outcome":"x","id":1048576}]`, `[{"lookupid":-5,"name":"x"}]`,
	} {
		for n := range 4 {
			f.Add(uint8(n*3), body)
		}
	}
	names := []string{"Client", "Site", "Users", "Tickets", "Actions", "Item", "Invoice", "ClientContract", "Asset", "Priority", "Lookup", "Webhook"}
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		path := "api/" + names[int(which)%len(names)]
		fuzzed(t, s, bearer, http.MethodPost, path, "", body)
		list := fuzzed(t, s, bearer, http.MethodGet, path, "pageinate=true&page_size=1000&includeinactive=true", "")
		if err := json.NewDecoder(list.Body).Decode(new(any)); err != nil {
			t.Errorf("%s after %q is no JSON: %v", path, body, err)
		}
	})
}

// FuzzPaths asks for anything in any way.
func FuzzPaths(f *testing.F) {
	s, bearer := asAdmin(f)
	for _, path := range []string{"api/Tickets/2001", "API/tickets//", "api/Lookup/1", "auth/token", "api/", "%2e%2e/", "api/Agent/me/x", "auth/.well-known/", "api/Actions/99999999999"} {
		f.Add("GET", path, "pageinate=true&page_no=-1&page_size=99999999999999999999&order=\xff")
		f.Add("DELETE", path, "lookupid=11&client_id=,,&orderdesc=true&search=%zz")
	}
	f.Fuzz(func(t *testing.T, method, path, query string) {
		if method == "" {
			method = "GET"
		}
		fuzzed(t, s, bearer, method, path, query, "")
	})
}

// FuzzScenario reads scenario files that anybody may have written: what is wrong is told with the file's name.
func FuzzScenario(f *testing.F) {
	for _, name := range []string{"healthy", "busy-desk", "flaky", "narrow-agent"} {
		data, err := os.ReadFile("../fixtures/scenarios/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, seed := range []string{"", "a: &a [*a, *a]", "data: {sizes: {Tickets: 99999999999}}", "\xff\xfe", "faults: [1]", "data:\n  records: {Tickets: [{id: x}]}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := fakehalo.ReadScenario("some.yaml", data); err != nil && !strings.HasPrefix(err.Error(), "some.yaml:") {
			t.Errorf("%q does not say where", err)
		}
	})
}
