package team_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/team"
)

// program is a client of the API, each of whose answers is held against the description.
type program struct {
	*site
	router routers.Router
	word   string
}

var tokenWord = regexp.MustCompile(`hcd_\w+`)

// newProgram makes a token on the site's page.
func newProgram(t *testing.T, s *site, scopes ...string) program {
	t.Helper()
	for _, media := range []string{"application/junit+xml", "application/xml", "text/xml", "text/markdown", "text/event-stream"} {
		openapi3filter.RegisterBodyDecoder(media, func(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
			text, err := io.ReadAll(body)
			return string(text), err
		})
	}
	doc, err := openapi3.NewLoader().LoadFromData([]byte(s.Get("/api/openapi.json")))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: s.URL}}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := s.Do(http.MethodPost, "/tokens", url.Values{"name": {"button"}, "days": {"7"}, "scope": scopes})
	return program{s, router, tokenWord.FindString(body)}
}

// call sends a request with headers as name, value.
func (p program) call(method, path, body string, headers ...string) (int, string, http.Header) {
	p.T.Helper()
	req, err := http.NewRequestWithContext(p.T.Context(), method, p.URL+path, strings.NewReader(body))
	if err != nil {
		p.T.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.word)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := p.Client.Do(req)
	if err != nil {
		p.T.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.T.Fatal(err)
	}
	p.Keep(string(text))
	route, params, err := p.router.FindRoute(req)
	if err != nil {
		p.T.Errorf("%s %s is not described: %v", method, path, err)
		return resp.StatusCode, string(text), resp.Header
	}
	if err := openapi3filter.ValidateResponse(p.T.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 resp.StatusCode, Header: resp.Header, Body: io.NopCloser(strings.NewReader(string(text))), Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}); err != nil {
		p.T.Errorf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, string(text), resp.Header
}

func settingsOf(fake *fakehalo.Server, guides ...string) string {
	text, err := json.Marshal(map[string]any{"settings": map[string]any{"guide": guides,
		"url": fake.URL, "auth-url": fake.Credentials.AuthURL, "tenant": fake.Credentials.Tenant, "client-id": fake.Credentials.ClientID, "client-secret": fake.Credentials.ClientSecret,
		"team": fake.Teams, "stable": fake.Stable, "aia": "private", "ca-file": string(fake.CAPEM),
	}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

var allScopes = []string{"runs:read", "runs:write", "customers:read", "guides:read", "agents:look"}

// TestAPI starts a check, follows it, reads its report in each format, finds its customer, and removes it; a webhook hears what changed.
func TestAPI(t *testing.T) {
	fake := fakehalo.Start()
	defer fake.Close()
	heard := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		text, _ := io.ReadAll(req.Body)
		heard <- string(text)
	}))
	defer hook.Close()
	s := newSiteWith(t, team.Targets{Private: true, Ports: []uint16{portOf(fake)}}, func(_ string, o *team.Options) { o.Notify = []string{"webhook=" + hook.URL} })
	p := newProgram(t, s, allScopes...)
	check := func() (id, events string) {
		status, body, header := p.call(http.MethodPost, "/api/runs", settingsOf(fake))
		id = strings.TrimPrefix(header.Get("Location"), "/api/runs/")
		if status != http.StatusAccepted || id == "" {
			t.Fatal(status, body)
		}
		if status, _, _ := p.call(http.MethodGet, "/api/runs/"+id, ""); status != http.StatusAccepted && status != http.StatusOK {
			t.Error("while it runs:", status)
		}
		_, events, _ = p.call(http.MethodGet, "/api/runs/"+id+"/events", "")
		return id, events
	}
	id, events := check()
	if !strings.Contains(events, "event: finding\n") || !strings.Contains(events, `"id":"login.token"`) || !strings.HasSuffix(events, "\n\n") || strings.Count(events, "event: end\n") != 1 || !strings.Contains(events, `"state":"done"`) {
		t.Error("what was followed:", events)
	}
	if _, rest, _ := p.call(http.MethodGet, "/api/runs/"+id+"/events", "", "Last-Event-ID", "20"); strings.Contains(rest, "id: 20\nevent: finding") || !strings.Contains(rest, "id: 21\n") {
		t.Error("who comes back hears", rest)
	}
	for accept, want := range map[string]string{"": `{"schema":"halocheck.report/v1"`, "*/*": `"findings"`, "application/junit+xml": "<testsuite", "text/xml;q=0.9, image/png": "<testsuite", "text/markdown": "# HaloPSA connection", "application/*": `"findings"`} {
		status, body, header := p.call(http.MethodGet, "/api/runs/"+id, "", "Accept", accept)
		if squeezed := strings.Join(strings.Fields(body), ""); status != http.StatusOK || !strings.Contains(body, want) && !strings.Contains(squeezed, want) {
			t.Errorf("%q: %d %.200s", accept, status, body)
		}
		if again, body, _ := p.call(http.MethodGet, "/api/runs/"+id, "", "Accept", accept, "If-None-Match", `"x", W/`+header.Get("ETag")); again != http.StatusNotModified || body != "" {
			t.Errorf("%q: the same is sent again: %d", accept, again)
		}
	}
	if status, _, _ := p.call(http.MethodGet, "/api/runs/"+id, "", "Accept", "image/png, application/json;q=0"); status != http.StatusNotAcceptable {
		t.Error("a picture:", status)
	}
	_, list, _ := p.call(http.MethodGet, "/api/customers?q=localhost", "")
	var customers struct{ Customers []struct{ ID, Run string } }
	if err := json.Unmarshal([]byte(list), &customers); err != nil || len(customers.Customers) != 1 || customers.Customers[0].Run != id {
		t.Fatal(list, err)
	}
	wrong, err := fakehalo.Named("old-version")
	if err != nil {
		t.Fatal(err)
	}
	fake.Set(wrong...)
	second, _ := check()
	select {
	case text := <-heard:
		if !strings.Contains(text, "product.version") || !strings.Contains(text, "halocheck.notice/v1") {
			t.Error("the webhook hears", text)
		}
	case <-time.After(20 * time.Second):
		t.Error("the webhook hears nothing")
	}
	customer := "/api/customers/" + customers.Customers[0].ID
	if _, body, _ := p.call(http.MethodGet, customer, ""); strings.Count(body, `"by":"token button"`) != 2 || !strings.Contains(body, `"outcome":"not-conformant"`) {
		t.Error("the customer:", body)
	}
	for _, want := range []int{http.StatusNoContent, http.StatusNotFound} {
		if status, body, _ := p.call(http.MethodDelete, "/api/runs/"+second, ""); status != want {
			t.Error("removing:", status, body)
		}
	}
	if _, body, _ := p.call(http.MethodGet, customer, ""); !strings.Contains(body, `"run":"`+id+`"`) || strings.Contains(body, "not-conformant") {
		t.Error("the one before is the latest again:", body)
	}
	if status, body, _ := p.call(http.MethodGet, "/api/guides", ""); status != http.StatusOK || !strings.Contains(body, `"id":"mspcentric"`) {
		t.Error("guides:", status, body)
	}
	text := databaseText(t, s.database)
	if strings.Contains(text, fake.Credentials.ClientSecret) || strings.Contains(text, p.word) || strings.Contains(s.Said(), fake.Credentials.ClientSecret) {
		t.Error("a secret or a token is kept, or was said")
	}
}

// TestAPIRefuses: what is wrong is told by its field; a token lets in to what it is for, until it ends.
func TestAPIRefuses(t *testing.T) {
	s := newSite(t, team.Targets{})
	p := newProgram(t, s, allScopes...)
	for body, want := range map[string]struct {
		status int
		text   string
	}{
		"":                {http.StatusBadRequest, "no JSON"},
		`{"setings":{}}`:  {http.StatusBadRequest, "no JSON"},
		`{"settings":{}}`: {http.StatusUnprocessableEntity, `"url":"Say which instance`},
		`{"settings":{"url":"http://a.example"}}`:                                 {http.StatusUnprocessableEntity, `"url":`},
		`{"settings":{"url":"https://a.example","moon":"x"}}`:                     {http.StatusUnprocessableEntity, `"moon":"There is no such setting."`},
		`{"settings":{"url":"https://a.example","via":"a=socks5://127.0.0.1:1"}}`: {http.StatusUnprocessableEntity, `"via":"There is no such setting."`},
		`{"settings":{"url":"https://a.example","client-secret-file":"/etc/x"}}`:  {http.StatusUnprocessableEntity, `"client-secret-file":"There is no such setting."`},
		`{"settings":{"url":"https://a.example","guide":"/etc/passwd"}}`:          {http.StatusUnprocessableEntity, `"guide":"There is no such guide;`},
		`{"settings":{"url":"https://a.example","guide":["hudu","api_test.go"]}}`: {http.StatusUnprocessableEntity, `"guide":"There is no such guide;`},
		`{"settings":{"url":"https://a.example","guide":"hudu,nobody"}}`:          {http.StatusUnprocessableEntity, `"guide":"There is no such guide;`},
		`{"settings":{"url":"https://a.example","team":7}}`:                       {http.StatusUnprocessableEntity, `"team":"It is a text`},
		`{"settings":{"url":"https://a.example","client-secret":"x"}}`:            {http.StatusUnprocessableEntity, `"client-id":`},
		`{"settings":{"url":"https://a.example","client-id":"x"}}`:                {http.StatusUnprocessableEntity, `"client-secret":`},
	} {
		if status, got, _ := p.call(http.MethodPost, "/api/runs", body); status != want.status || !strings.Contains(got, want.text) {
			t.Errorf("%s: %d %s", body, status, got)
		}
	}
	few := newProgram(t, s, "guides:read")
	for pattern, scope := range s.team.Operations() {
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.NewReplacer("{run}", "none", "{customer}", "none").Replace(path)
		for name, c := range map[string]struct {
			word string
			want func(status int) bool
		}{
			"none":    {"", func(got int) bool { return (got == http.StatusUnauthorized) == (scope != "") }},
			"a wrong": {"hcd_WRONG", func(got int) bool { return (got == http.StatusUnauthorized) == (scope != "") }},
			"few":     {few.word, func(got int) bool { return (got == http.StatusForbidden) == (scope != "" && scope != "guides:read") }},
			"all":     {p.word, func(got int) bool { return got != http.StatusForbidden && got != http.StatusUnauthorized }},
		} {
			as := p
			as.word = c.word
			if status, body, _ := as.call(method, path, ""); !c.want(status) {
				t.Errorf("%s with %s token: %d %s", pattern, name, status, body)
			}
		}
	}
	if status, _, _ := p.call(http.MethodGet, "/api/guides", "", "Origin", "https://evil.example"); status != http.StatusOK {
		t.Error("reading is no form:", status)
	}
	s.mu.Lock()
	s.now = s.now.AddDate(0, 0, 8)
	s.mu.Unlock()
	if status, _, _ := p.call(http.MethodGet, "/api/guides", ""); status != http.StatusUnauthorized {
		t.Error("a token that has expired:", status)
	}
	s.mu.Lock()
	s.now = s.now.AddDate(0, 0, -8)
	s.mu.Unlock()
	for _, id := range regexp.MustCompile(`/tokens/\w+/revoke`).FindAllString(s.Get("/tokens"), -1) {
		s.Post(id, nil)
	}
	if status, _, _ := p.call(http.MethodGet, "/api/guides", ""); status != http.StatusUnauthorized {
		t.Error("a token that was revoked:", status)
	}
	for name, form := range map[string]url.Values{
		"no scope": {"name": {"x"}, "days": {"7"}}, "another scope": {"name": {"x"}, "days": {"7"}, "scope": {"all"}}, "for ever": {"name": {"x"}, "days": {"9999"}, "scope": {"runs:read"}}, "no name": {"days": {"7"}, "scope": {"runs:read"}},
	} {
		if status, _, _ := s.Do(http.MethodPost, "/tokens", form); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, status)
		}
	}
}

// TestAPISeveralGuides: a check by several guides tells the outcome of each, whoever asks and in which form, and later, too.
func TestAPISeveralGuides(t *testing.T) {
	fake := fakehalo.New(t)
	s := newSite(t, team.Targets{Private: true, Ports: []uint16{portOf(fake)}})
	p := newProgram(t, s, allScopes...)
	status, body, header := p.call(http.MethodPost, "/api/runs", settingsOf(fake, "mspcentric", "hudu"))
	if status != http.StatusAccepted {
		t.Fatal(status, body)
	}
	at := header.Get("Location")
	_, events, _ := p.call(http.MethodGet, at+"/events", "")
	for _, want := range []string{`"name":"MSPCentric","outcome":"incomplete"`, `"name":"Hudu","outcome":"not-conformant","root_causes":["login.auth-url-slash"`, `"guides":["Hudu"]`} {
		if !strings.Contains(events, want) {
			t.Errorf("what was followed lacks %s: %s", want, events)
		}
	}
	another := newSiteWith(t, team.Targets{}, func(_ string, o *team.Options) { o.Store = reopened(t, s.database) })
	for when, p := range map[string]program{"from memory": p, "from the database": newProgram(t, another, allScopes...)} {
		var r halocheck.Report
		_, body, _ := p.call(http.MethodGet, at, "")
		if err := json.Unmarshal([]byte(body), &r); err != nil || len(r.Guides) != 2 || r.Guides[0].Outcome != halocheck.Incomplete || r.Guides[1].Outcome != halocheck.NotConformant || r.Outcome != halocheck.NotConformant {
			t.Errorf("%s: %v %+v", when, err, r.Guides)
		}
		for accept, want := range map[string]string{"text/markdown": "## Guide Hudu\n\nNot conformant", "application/xml": "Hudu"} {
			if _, body, _ := p.call(http.MethodGet, at, "", "Accept", accept); !strings.Contains(strings.ReplaceAll(body, "\\", ""), want) {
				t.Errorf("%s, %s lacks %q: %s", when, accept, want, body)
			}
		}
	}
	_, id, _ := strings.Cut(s.Get("/customers"), `href="/c/`)
	id, _, _ = strings.Cut(id, `"`)
	page := s.Get("/c/" + id)
	if text := "<span><bdi>MSPCentric</bdi>: incomplete</span> <span><bdi>Hudu</bdi>: not-conformant</span>"; !strings.Contains(page, text) {
		t.Errorf("the list of the customer's runs lacks %s: %s", text, page)
	}
	if _, body, _ := p.call(http.MethodGet, "/api/guides", ""); !strings.Contains(body, `"id":"hudu","name":"Hudu","edition":"as read on 2026-11-28","partial":true`) {
		t.Error("guides:", body)
	}
}
