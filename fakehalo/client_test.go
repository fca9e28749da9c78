package fakehalo_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

// guideScopes are asked for as an integration would.
const guideScopes = "read:customers read:contracts edit:contracts read:items edit:items read:invoices edit:invoices read:tickets edit:tickets"

// serve starts a fake with the named faults until the test ends.
func serve(t *testing.T, names ...string) *fakehalo.Server {
	t.Helper()
	faults, err := fakehalo.Named(names...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := fakehalo.StartWith(fakehalo.Options{Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if len(faults) == 0 {
		holdToDescription(t, s)
	}
	return s
}

// answer is what a plain client sees.
type answer struct {
	Status int
	Kind   string // "json", "html", "text", or "" where there is no body; "cut", "refused" where there is no answer
	Body   string
	Header http.Header
}

// do sends one request and never follows a redirect.
func do(t *testing.T, s *fakehalo.Server, method, address, bearer string, form url.Values) answer {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	return send(t, s.Client(), r)
}

// send sends one request on a connection of its own.
func send(t *testing.T, client *http.Client, r *http.Request) answer {
	t.Helper()
	defer client.CloseIdleConnections()
	return sendKept(t, client, r)
}

// sendKept sends one request and leaves the connection open for the next.
func sendKept(t *testing.T, client *http.Client, r *http.Request) answer {
	t.Helper()
	resp, err := client.Do(r)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return answer{Kind: "refused"}
	case err != nil && errors.Is(err, context.DeadlineExceeded):
		t.Fatal(err)
	case err != nil:
		return answer{Kind: "cut", Body: err.Error()}
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{Status: resp.StatusCode, Body: string(raw), Header: resp.Header}
	switch kind := resp.Header.Get("Content-Type"); {
	case strings.HasPrefix(kind, "application/json"):
		a.Kind = "json"
	case strings.HasPrefix(kind, "text/html"):
		a.Kind = "html"
	case strings.HasPrefix(kind, "text/plain"):
		a.Kind = "text"
	}
	asDescribed(t, r, a)
	return a
}

// field is one string of a JSON object; "" where there is none.
func (a answer) field(name string) string {
	var body map[string]any
	_ = json.Unmarshal([]byte(a.Body), &body) // a page has no fields
	text, _ := body[name].(string)
	return text
}

// login asks for a token with what was typed into the integration.
func login(t *testing.T, s *fakehalo.Server, scope string) answer {
	t.Helper()
	return loginAs(t, s, s.Credentials, s.Credentials.AuthURL, scope)
}

func loginAs(t *testing.T, s *fakehalo.Server, c fakehalo.Credentials, base, scope string) answer {
	t.Helper()
	address := strings.TrimSuffix(base, "/") + "/token"
	if c.Tenant != "" && c.Tenant != "Not set" {
		address += "?tenant=" + url.QueryEscape(c.Tenant)
	}
	return do(t, s, http.MethodPost, address, "", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {c.ClientID}, "client_secret": {c.ClientSecret}, "scope": {scope},
	})
}

// get asks the API with a token of the integration's for scope.
func get(t *testing.T, s *fakehalo.Server, scope, path string) answer {
	t.Helper()
	token := login(t, s, scope).field("access_token")
	if token == "" {
		t.Fatalf("no token for %q", scope)
	}
	return do(t, s, http.MethodGet, s.URL+"/api/"+path, token, nil)
}

// getAsAdmin asks the API as the second application.
func getAsAdmin(t *testing.T, s *fakehalo.Server, path string) answer {
	t.Helper()
	token := loginAs(t, s, s.Admin, s.AuthURL, "all admin").field("access_token")
	if token == "" {
		t.Fatal("no token for the admin")
	}
	return do(t, s, http.MethodGet, s.URL+"/api/"+path, token, nil)
}

// write sends a JSON body as the integration, which may edit tickets.
func write(t *testing.T, s *fakehalo.Server, method, path, body string) answer {
	t.Helper()
	return writeWith(t, s, login(t, s, guideScopes).field("access_token"), method, path, body)
}

// writeAsAdmin sends a JSON body as the second application.
func writeAsAdmin(t *testing.T, s *fakehalo.Server, method, path, body string) answer {
	t.Helper()
	return writeWith(t, s, loginAs(t, s, s.Admin, s.AuthURL, "all admin").field("access_token"), method, path, body)
}

func writeWith(t *testing.T, s *fakehalo.Server, bearer, method, path, body string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/api/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+bearer)
	return send(t, s.Client(), r)
}

// serveWith starts a fake with options until the test ends.
func serveWith(t testing.TB, o fakehalo.Options) *fakehalo.Server {
	t.Helper()
	s, err := fakehalo.StartWith(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if len(o.Faults) == 0 {
		holdToDescription(t, s)
	}
	return s
}
