package team_test

import (
	"database/sql"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/page/pagetest"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/team"
)

// newLoginSite is a site behind a log-in. The site's own client is logged in as nobody.
func newLoginSite(t *testing.T, targets team.Targets) (*site, *provider) {
	t.Helper()
	p := newProvider(t)
	s := newSiteWith(t, targets, func(url string, o *team.Options) {
		o.OIDC = &team.OIDC{Issuer: p.url, ClientID: "page", ClientSecret: secret.New(p.secret), URL: url, Viewers: []string{"desk"}, Engineers: []string{"support"}, Admins: []string{"it"}}
	})
	return s, p
}

// as is the site in a browser of its own, in which somebody logs in; the status is that of the log-in's end.
func (s *site) as(p *provider, who map[string]any) (browser *site, status int, at string) {
	s.T.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.T.Fatal(err)
	}
	browser = &site{Site: pagetest.New(s.T, s.URL), database: s.database, team: s.team}
	browser.Client.Jar = jar
	status, at = browser.logIn(p, who, "/login?to=/account")
	return browser, status, at
}

func (s *site) logIn(p *provider, who map[string]any, from string) (status int, at string) {
	s.T.Helper()
	p.mu.Lock()
	p.who = who
	p.mu.Unlock()
	at = s.URL + from
	for range 4 {
		resp, err := s.Client.Get(at)
		if err != nil {
			s.T.Fatal(err)
		}
		_ = resp.Body.Close()
		next, err := resp.Location()
		if err != nil {
			return resp.StatusCode, at
		}
		if at = next.String(); strings.HasPrefix(at, s.URL) && next.Path != "/login/callback" {
			return resp.StatusCode, at
		}
	}
	return 0, at
}

func member(name string, groups ...string) map[string]any {
	return map[string]any{"sub": "id-" + name, "email": name + "@desk.example", "groups": groups}
}

// access is who may have which page. A page that is not here fails TestEveryRoute.
var access = map[string]string{
	"/":                                      "anybody",
	"GET /assets/{name}":                     "anybody",
	"GET /l/{word}":                          "anybody",
	"GET /l/{word}/events":                   "anybody",
	"POST /l/{word}/again":                   "anybody",
	"GET /login":                             "anybody",
	"GET /login/callback":                    "anybody",
	"POST /logout":                           "anybody",
	"GET /account":                           "viewer",
	"GET /c/{customer}":                      "viewer",
	"GET /c/{customer}/changes":              "viewer",
	"GET /customers":                         "viewer",
	"GET /kept/{run}":                        "viewer",
	"GET /r/{id}":                            "viewer",
	"GET /r/{id}/bundle/{member...}":         "viewer",
	"GET /r/{id}/events":                     "viewer",
	"GET /r/{id}/hand-over":                  "viewer",
	"GET /r/{id}/letter":                     "viewer",
	"GET /r/{id}/report/{format}":            "viewer",
	"GET /saved":                             "viewer",
	"POST /r/{id}/bundle":                    "viewer",
	"POST /saved":                            "viewer",
	"POST /logout/everywhere":                "viewer",
	"GET /{$}":                               "engineer",
	"POST /c/{customer}/check":               "engineer",
	"POST /c/{customer}/forget":              "engineer",
	"POST /c/{customer}/links":               "engineer",
	"POST /c/{customer}/name":                "engineer",
	"POST /c/{customer}/revoke":              "engineer",
	"POST /c/{customer}/links/{link}/revoke": "engineer",
	"POST /fill":                             "engineer",
	"GET /show":                              "engineer",
	"POST /show":                             "engineer",
	"POST /r/{id}/mend":                      "engineer",
	"POST /guide":                            "engineer",
	"POST /r/{id}/again":                     "engineer",
	"POST /r/{id}/stop":                      "engineer",
	"POST /r/{id}/watch":                     "engineer",
	"POST /runs":                             "engineer",
	"GET /tokens":                            "admin",
	"POST /tokens":                           "admin",
	"POST /tokens/{token}/revoke":            "admin",
	"GET /audit":                             "admin",
	"POST /c/{customer}/delete":              "admin",
	"POST /logout/of":                        "admin",
}

// TestEveryRoute asks for every page as everybody: who may not have it is refused, and who may is not.
func TestEveryRoute(t *testing.T) {
	s, p := newLoginSite(t, team.Targets{})
	roles := []string{"anybody", "viewer", "engineer", "admin"}
	people := map[string]*site{}
	people["anybody"], _, _ = s.as(p, member("mallory", "others"))
	people["viewer"], _, _ = s.as(p, member("vi", "desk", "others"))
	people["engineer"], _, _ = s.as(p, member("kim", "support"))
	people["admin"], _, _ = s.as(p, member("ada", "desk", "it"))
	served := s.team.Access()
	for pattern := range access {
		if _, ok := served[pattern]; !ok {
			t.Errorf("%s is in the table and not served", pattern)
		}
	}
	patterns := slices.Sorted(maps.Keys(served))
	// What logs somebody out comes last.
	slices.SortStableFunc(patterns, func(a, b string) int {
		last := func(p string) int { return map[bool]int{true: 1}[strings.Contains(p, "/logout")] }
		return last(a) - last(b)
	})
	for _, pattern := range patterns {
		least, ok := access[pattern]
		if !ok {
			t.Errorf("%s: who may have it is not in the table", pattern)
			continue
		}
		method, path, found := strings.Cut(pattern, " ")
		if !found {
			method, path = http.MethodGet, "/none"
		}
		path = strings.NewReplacer("{$}", "", "{name}", "page.css", "{member...}", "x", "{format}", "json").Replace(path)
		for _, part := range []string{"{customer}", "{run}", "{id}", "{word}", "{token}", "{link}"} {
			path = strings.ReplaceAll(path, part, "none")
		}
		for i, role := range roles {
			if strings.HasPrefix(path, "/logout") && i > slices.Index(roles, least) {
				continue // once is enough: nobody is logged in then
			}
			status, body, header := people[role].Do(method, path, nil)
			allowed := i >= slices.Index(roles, least)
			refused := status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusSeeOther && (strings.HasPrefix(header.Get("Location"), "/login?to=") || pattern == "GET /{$}" && header.Get("Location") == "/customers")
			if allowed == refused {
				t.Errorf("%s as %s: %d %s%.300s", pattern, role, status, header.Get("Location"), body)
			}
		}
	}
}

// TestLogIn: who is let in as what, and that one is called so where something is kept.
func TestLogIn(t *testing.T) {
	fake := fakehalo.Start()
	defer fake.Close()
	s, p := newLoginSite(t, team.Targets{Private: true, Ports: []uint16{portOf(fake)}})
	for name, c := range map[string]struct {
		who      map[string]any
		userinfo bool
		wrong    func(map[string]any)
		want     int
	}{
		"a group":                {member("kim", "support"), false, nil, http.StatusSeeOther},
		"the user info":          {member("kim", "support"), true, nil, http.StatusSeeOther},
		"one group, no list":     {map[string]any{"sub": "x", "groups": "it"}, false, nil, http.StatusSeeOther},
		"no group":               {member("kim"), false, nil, http.StatusForbidden},
		"another group":          {member("kim", "supporters"), false, nil, http.StatusForbidden},
		"groups of another kind": {map[string]any{"sub": "x", "groups": map[string]any{"it": true}}, false, nil, http.StatusForbidden},
		"another audience":       {member("kim", "it"), false, func(c map[string]any) { c["aud"] = "other" }, http.StatusBadGateway},
		"another issuer":         {member("kim", "it"), false, func(c map[string]any) { c["iss"] = "https://evil.example" }, http.StatusBadGateway},
		"another nonce":          {member("kim", "it"), false, func(c map[string]any) { c["nonce"] = "other" }, http.StatusBadGateway},
		"expired":                {member("kim", "it"), false, func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() }, http.StatusBadGateway},
		"nobody":                 {map[string]any{"groups": []string{"it"}}, false, nil, http.StatusBadGateway},
	} {
		p.mu.Lock()
		p.userinfo, p.wrong = c.userinfo, c.wrong
		p.mu.Unlock()
		browser, status, at := s.as(p, c.who)
		if status != c.want || status == http.StatusSeeOther && at != s.URL+"/account" {
			t.Errorf("%s: %d at %s, want %d", name, status, at, c.want)
		}
		if got, _, _ := browser.Do(http.MethodGet, "/account", nil); (got == http.StatusOK) != (c.want == http.StatusSeeOther) {
			t.Errorf("%s: then the account is %d", name, got)
		}
	}
	p.mu.Lock()
	p.userinfo, p.wrong = false, nil
	p.mu.Unlock()
	kim, _, _ := s.as(p, member("kim", "support"))
	kim.check(fake)
	ada, _, _ := s.as(p, member("ada", "it"))
	customer := customerPath.FindString(ada.Get("/customers"))
	if body := ada.Get(customer); !strings.Contains(body, "kim@desk.example") {
		t.Error("who checked is not told:", body)
	}
	kim.Do(http.MethodPost, customer+"/links", url.Values{"audience": {"customer"}})
	log := ada.Get("/audit")
	for _, want := range []string{"kim@desk.example (id-kim)</bdi>: <bdi>logged in as engineer", "made a link for customer", "none of their groups"} {
		if !strings.Contains(log, want) {
			t.Errorf("%q is not in the audit log: %s", want, log)
		}
	}
	if text := databaseText(t, s.database); strings.Contains(text, p.secret) || strings.Contains(s.Said(), p.secret) || strings.Contains(text, fake.Credentials.ClientSecret) {
		t.Error("a secret is in the database or in a message")
	}
}

// TestSessions: a session is new at the log-in, ends where it is ended, everywhere where that was asked, and is no other site's.
func TestSessions(t *testing.T) {
	s, p := newLoginSite(t, team.Targets{})
	here, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	kim, _, _ := s.as(p, map[string]any{"sub": "nobody"})
	before := kim.Client.Jar.Cookies(here)
	kim.logIn(p, member("kim", "support"), "/login")
	after := kim.Client.Jar.Cookies(here)
	if len(before) != 1 || len(after) != 1 || before[0].Value == after[0].Value {
		t.Errorf("the session before the log-in goes on: %v, %v", before, after)
	}
	if strings.Contains(databaseText(t, s.database), after[0].Value) {
		t.Error("the database holds what is in the cookie")
	}
	fixed, _, _ := s.as(p, map[string]any{"sub": "nobody"})
	fixed.Client.Jar.SetCookies(here, before)
	if status, _, _ := fixed.Do(http.MethodGet, "/account", nil); status != http.StatusSeeOther {
		t.Error("who gave somebody a session is logged in with it:", status)
	}
	phone, _, _ := s.as(p, member("kim", "support"))
	other, _, _ := s.as(p, member("sam", "it"))
	again, _, _ := s.as(p, member("kim", "support"))
	if status, _, _ := again.Do(http.MethodPost, "/logout", nil); status != http.StatusOK {
		t.Error("log-out:", status)
	}
	loggedIn := func(b *site) bool {
		status, _, _ := b.Do(http.MethodGet, "/account", nil)
		return status == http.StatusOK
	}
	if loggedIn(again) || !loggedIn(phone) {
		t.Error("log-out in one browser ends that one alone")
	}
	kim.Post("/logout/everywhere", nil)
	if loggedIn(phone) || loggedIn(kim) || !loggedIn(other) {
		t.Error("log-out everywhere ends all of one's own, and no other")
	}
	s.mu.Lock()
	s.now = s.now.Add(time.Second)
	s.mu.Unlock()
	if _, status, _ := s.as(p, member("kim", "support")); status != http.StatusSeeOther {
		t.Error("who logged out everywhere cannot log in again:", status)
	}
	phone, _, _ = s.as(p, member("kim", "support"))
	other.Post("/logout/of", url.Values{"who": {"id-kim"}})
	if loggedIn(phone) || !loggedIn(other) {
		t.Error("an admin logs somebody out")
	}
	resp, err := http.Get(s.URL + "/login/callback?state=x&code=x")
	if err != nil {
		t.Fatal(err)
	}
	if resp.Body.Close(); resp.StatusCode != http.StatusBadRequest {
		t.Error("a log-in that nobody began:", resp.StatusCode)
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestWhereALogInLeads: to a page of this server, whatever was asked for.
func TestWhereALogInLeads(t *testing.T) {
	s, p := newLoginSite(t, team.Targets{})
	kim, _, _ := s.as(p, member("kim", "support"))
	for to, want := range map[string]string{
		"/c/abc?x=1": "/c/abc?x=1", "/": "/", "": "/customers", "https://evil.example/": "/customers", "//evil.example/": "/customers", "/\\evil.example": "/customers", "\\\\evil.example": "/customers",
		"/\t/evil.example": "/customers", "javascript:alert(1)": "/customers", "evil.example": "/customers", "/%2f/evil.example": "/customers", "/login?to=/login": "/customers", "///evil.example": "/customers",
		"/x\r\nSet-Cookie: a=b": "/customers", "http:/evil.example": "/customers", "@evil.example": "/customers",
	} {
		if status, at := kim.logIn(p, member("kim", "support"), "/login?"+url.Values{"to": {to}}.Encode()); status != http.StatusSeeOther || at != s.URL+want {
			t.Errorf("%q leads to %s, %d; want %s", to, at, status, want)
		}
	}
}

// TestBegunLogIns: what is kept for who is not logged in is small, and goes soon.
func TestBegunLogIns(t *testing.T) {
	s, p := newLoginSite(t, team.Targets{})
	db, err := sql.Open("sqlite", s.database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	longest := func() (ends time.Duration, size int) {
		var at int64
		if err := db.QueryRowContext(t.Context(), "SELECT max(expires), max(length(data)) FROM sessions").Scan(&at, &size); err != nil {
			t.Fatal(err)
		}
		return time.Until(time.UnixMilli(at)), size
	}
	s.Do(http.MethodGet, "/login?to=/"+strings.Repeat("x", 100_000), nil)
	if ends, size := longest(); ends > 16*time.Minute || ends < 5*time.Minute || size > 4096 {
		t.Errorf("a log-in that was begun is kept for %v, in %d bytes", ends, size)
	}
	kim, _, _ := s.as(p, member("kim", "support"))
	if ends, _ := longest(); ends < 11*time.Hour {
		t.Errorf("a log-in lasts %v", ends)
	}
	kim.Get("/account")
	kim.Do(http.MethodGet, "/login", nil) // another log-in that is begun does not end this one
	if ends, _ := longest(); ends < 11*time.Hour {
		t.Errorf("a log-in lasts %v when another one is begun", ends)
	}
}
