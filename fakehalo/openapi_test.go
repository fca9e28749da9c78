package fakehalo_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/halocheck/halocheck/fakehalo"
)

// described is the fake's own description, checked, as a router.
func described(t *testing.T, s *fakehalo.Server) (*openapi3.T, routers.Router) {
	t.Helper()
	raw := do(t, s, http.MethodGet, s.URL+"/api/swagger/v2/swagger.json", "", nil)
	doc, err := openapi3.NewLoader().LoadFromData([]byte(raw.Body))
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
	return doc, router
}

// conforms sends a request and holds the answer against the description.
func conforms(t *testing.T, s *fakehalo.Server, router routers.Router, bearer, method, path, body string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := router.FindRoute(r)
	if err != nil {
		t.Fatalf("%s %s is not described: %v", method, path, err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+bearer)
	a := send(t, s.Client(), r)
	err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 a.Status, Header: a.Header, Body: io.NopCloser(bytes.NewReader([]byte(a.Body))),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		t.Errorf("%s %s: %v", method, path, err)
	}
	return a
}

// sound are the servers that nothing is wrong with, by host: whatever they answer, in any test, is held against the
// description.
var sound sync.Map

// holdToDescription adds a sound server until the test ends. Then another one may get its port.
func holdToDescription(t testing.TB, s *fakehalo.Server) {
	_, host, _ := strings.Cut(s.URL, "://")
	sound.Store(host, s)
	t.Cleanup(func() { sound.Delete(host) })
}

// everyRoute is the description as a router for any host.
var everyRoute = sync.OnceValues(func() (routers.Router, error) {
	openapi3filter.RegisterBodyDecoder("text/html", func(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
		page, err := io.ReadAll(body)
		return string(page), err
	})
	s := fakehalo.Start()
	defer s.Close()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/swagger/v2/swagger.json", nil))
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(doc)
})

// asDescribed fails the test where a sound server's answer is not as the description has it.
func asDescribed(t *testing.T, r *http.Request, a answer) {
	t.Helper()
	s, ok := sound.Load(r.URL.Host)
	if !ok || len(s.(*fakehalo.Server).Injected()) > 0 || r.Method == http.MethodHead {
		return
	}
	router, err := everyRoute()
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := router.FindRoute(r)
	if err != nil {
		return // another spelling of a path, or what is not served
	}
	err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 a.Status, Header: a.Header, Body: io.NopCloser(strings.NewReader(a.Body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		t.Errorf("%s %s is not answered as it is described: %v", r.Method, r.URL, err)
	}
}

// someID is a record that the small set has.
var someID = map[string]string{
	"Tickets": "2001", "Invoice": "301", "RecurringInvoice": "51", "ClientContract": "41", "Asset": "71", "Roles": "8c2f6a10-6f0e-4b4b-9a53-3d2a7c1b9e01",
	"Application": "4b7a1c20-6d0f-4e0b-9f55-0a4c1e7d2b31", "Agent": "me", "FieldInfo": "101", "Outcome": "7", "Timesheet": "0", "Attachment": "31", "Report": "7", "Appointment": "91",
	"Supplier": "5", "KBArticle": "81", "Projects": "4001", "Opportunities": "3001", "Quotation": "61", "Priority": "5eed0000-0000-4000-8000-000000000001", "Webhook": "5eed0000-0000-4000-8000-000000000001",
}

func TestEveryOperationAnswersAsItIsDescribed(t *testing.T) {
	dialects := []string{"healthy", "dialect:agent-list=enveloped", "dialect:default-team=null", "dialect:claims=long"}
	if testing.Short() {
		dialects = dialects[:1]
	}
	for _, dialect := range dialects {
		s := serve(t, dialect)
		_, router := described(t, s)
		bearer := loginAs(t, s, s.Admin, s.AuthURL, "all admin").field("access_token")
		writeWith(t, s, bearer, http.MethodPost, "Webhook", `[{"name":"x"}]`)
		for _, operation := range slices.Backward(fakehalo.Operations()) { // so that a DELETE comes after what reads
			method, path, _ := strings.Cut(operation, " ")
			resource := strings.Split(path, "/")[2]
			id := someID[resource]
			if id == "" {
				id = "1"
			}
			path = strings.NewReplacer("{id}", id, "{document}", "openid-configuration").Replace(path)
			body := ""
			want := 200
			switch {
			case method == http.MethodDelete:
				continue
			case path == "/auth/token":
				continue
			case method == http.MethodPost:
				body, want = `[{"ticket_id":2001,"outcome":"Note"}]`, 201
			}
			if a := conforms(t, s, router, bearer, method, path, body); a.Status != want {
				t.Errorf("%s %s: %d %s", method, path, a.Status, a.Body)
			}
			if resource != "authinfo" && resource != "InstanceInfo" && resource != "swagger" && resource != ".well-known" {
				if a := conforms(t, s, router, "nobody", method, path, body); a.Status != 401 {
					t.Errorf("%s %s without a token: %d", method, path, a.Status)
				}
			}
		}
		for _, operation := range fakehalo.Operations() {
			method, path, _ := strings.Cut(operation, " ")
			resource := strings.Split(path, "/")[2]
			if id := someID[resource]; method == http.MethodDelete {
				if id == "" {
					id = "1"
				}
				if a := conforms(t, s, router, bearer, method, strings.Replace(path, "{id}", id, 1), ""); a.Status != 200 {
					t.Errorf("%s: %d %s", operation, a.Status, a.Body)
				}
			}
		}
	}
}

func TestTheDescriptionNamesEveryOperationAndItsBasis(t *testing.T) {
	s := serve(t)
	doc, _ := described(t, s)
	var got []string
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			got = append(got, method+" "+path)
			if basis, _ := operation.Extensions["x-basis"].(string); !slices.Contains([]string{"recorded", "documented", "inferred"}, basis) {
				t.Errorf("%s %s rests on %q", method, path, basis)
			}
		}
	}
	want := fakehalo.Operations()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("described: %v\nserved: %v", got, want)
	}
}
