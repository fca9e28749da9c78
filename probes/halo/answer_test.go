package halo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

func TestAnAnswerSaysWhatItShows(t *testing.T) {
	for name, c := range map[string]struct {
		page     wire.Page
		err      error
		readable bool
		want     Answer
		state    probes.State
		cause    probes.Cause
		because  string
		refused  bool
	}{
		"read":                  {wire.Page{Status: 200, Tries: 1}, nil, true, Answer{Path: "X", Status: 200}, probes.Shown, "", "", false},
		"read when asked again": {wire.Page{Status: 200, Tries: 3}, nil, true, Answer{Path: "X", Status: 200, Tries: 3}, probes.Shown, "", "", false},
		"no such thing":         {wire.Page{Status: 200, Tries: 1}, nil, false, Answer{Path: "X", Status: 200}, probes.NotRead, probes.AnswerMalformed, "GET /X answered status 200 and a body that cannot be read", false},
		"401":                   {wire.Page{Status: 401, Tries: 2}, nil, true, Answer{Path: "X", Status: 401, Tries: 2}, probes.Refused, probes.NotObserved, "GET /X answered status 401, 2 times", true},
		"403":                   {wire.Page{Status: 403}, nil, true, Answer{Path: "X", Status: 403}, probes.Refused, probes.NotObserved, "GET /X answered status 403", true},
		"404":                   {wire.Page{Status: 404}, nil, true, Answer{Path: "X", Status: 404}, probes.NotRead, probes.NotObserved, "GET /X answered status 404", false},
		"refused, then not":     {wire.Page{Status: 200, Earlier: 403, Tries: 2}, nil, true, Answer{Path: "X", Status: 200, Earlier: 403, Tries: 2}, probes.NotRead, probes.NotObserved, "GET /X answered status 403 and, asked again, status 200: the nodes behind this address answer differently", false},
		"refused otherwise":     {wire.Page{Status: 403, Earlier: 401}, nil, true, Answer{Path: "X", Status: 403, Earlier: 401}, probes.NotRead, probes.NotObserved, "GET /X answered status 401 and, asked again, status 403: the nodes behind this address answer differently", false},
		"silence":               {wire.Page{Status: 500}, os.ErrDeadlineExceeded, true, Answer{Path: "X", Cause: "timeout", Detail: wire.Describe(os.ErrDeadlineExceeded)}, probes.NotRead, probes.Timeout, "GET /X gave no answer: " + wire.Describe(os.ErrDeadlineExceeded), false},
		"an error of its own":   {wire.Page{}, errors.New("oh"), true, Answer{Path: "X", Detail: wire.Describe(errors.New("oh"))}, probes.NotRead, probes.NotObserved, "GET /X gave no answer: " + wire.Describe(errors.New("oh")), false},
	} {
		got := NewAnswer("X", c.page, c.err)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if r := got.Read(c.readable); r != (probes.Reading{State: c.state, Cause: c.cause, Because: c.because}) || got.Refused() != c.refused {
			t.Errorf("%s: %+v, refused %t", name, r, got.Refused())
		}
	}
}

// TestAnObjectInWhateverWrap takes one object out of an array or an envelope, and never one of several.
func TestAnObjectInWhateverWrap(t *testing.T) {
	for body, want := range map[string]string{
		`{"id":7}`: "map[id:7]", `{"name":"Ada"}`: "map[name:Ada]", `[{"id":7}]`: "map[id:7]", `{"agent":{"id":7}}`: "map[id:7]",
		`{"results":[{"name":"Ada"}]}`: "map[name:Ada]", `{"record_count":1,"agents":[{"id":7}]}`: "map[id:7]", `[{"data":{"id":7}}]`: "map[id:7]",
		`{"id":7,"agent":{"id":8}}`: "map[agent:map[id:8] id:7]", `{"name":"Ada","role":{"id":8}}`: "map[name:Ada role:map[id:8]]",
		`{"a":{"id":1},"b":{"id":2}}`: "map[a:map[id:1] b:map[id:2]]", `{"a":{"x":1}}`: "map[a:map[x:1]]", `{"a":[{"id":1},{"id":2}]}`: "map[a:[map[id:1] map[id:2]]]",
		`{"a":[]}`: "map[a:[]]", `[{"id":1},{"id":2}]`: "map[]", `[]`: "map[]", `7`: "map[]", `null`: "map[]", `<html>`: "map[]", ``: "map[]", `{}`: "map[]",
		`{"claims":[{"type":"Tx"}],"agent":{"id":7}}`: "map[id:7]", `{"a":[7]}`: "map[a:[7]]",
	} {
		if got := fmt.Sprint(Object([]byte(body))); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
}

func TestDecodeTeams(t *testing.T) {
	rows := Rows([]byte(`[{"id":1,"name":"Desk","department_name":"Support"},{"id":"2","name":null},7,null,{"id":3.0,"name":4}]`), "teams")
	want := []Team{{"1", "Desk", "Support"}, {"2", "", ""}, {"3", "4", ""}}
	if diff := cmp.Diff(want, DecodeTeams(rows)); diff != "" {
		t.Error(diff)
	}
	if got := DecodeTeams(nil); got == nil || len(got) != 0 {
		t.Errorf("no rows: %v", got)
	}
}

func TestDecodeApplication(t *testing.T) {
	yes := true
	for body, want := range map[string]Application{
		`{"id":1,"clientId":"a","displayName":"MSPCentric","inactive":"true","scopes":[{"name":"read:items"},{"id":2},"edit:items",null]}`: {"1", "a", "MSPCentric", &yes, []string{"read:items", "edit:items"}},
		`{"clientId":"a","scopes":[]}`:              {"", "a", "", nil, []string{}},
		`{"clientId":"a","scopes":null}`:            {"", "a", "", nil, nil},
		`{"application":{"id":"x","clientId":"b"}}`: {"x", "b", "", nil, nil},
		`<html>`: {},
	} {
		if diff := cmp.Diff(want, DecodeApplication([]byte(body))); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}

func TestScopeList(t *testing.T) {
	for text, want := range map[string]string{"": "", "a": "a", "a b": "a b", "a,b": "a b", "a, b": "a b", " a\nb\tc ": "a b c", ",": ""} {
		if got := strings.Join(ScopeList(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestARoleWithoutClaimsShowsThem(t *testing.T) {
	for body, want := range map[string]bool{`{"id":"1","claims":[]}`: true, `{"id":"1","claims":[{"type":"Tx","value":2}]}`: true, `{"id":"1","claims":null}`: false, `{"id":"1"}`: false} {
		if got := DecodeRole([]byte(body)).ShowsClaims(); got != want {
			t.Errorf("%s: %t", body, got)
		}
	}
	if !(Role{Claims: []Claim{{"Tx", "2"}}}).ShowsClaims() || (Role{}).ShowsClaims() {
		t.Error("claims as older reports keep them")
	}
}

// TestSeconds reads a lifetime that is a number, or one written as text.
func TestSeconds(t *testing.T) {
	for _, c := range []struct {
		value any
		want  int64
	}{{3600.0, 3600}, {"3600", 3600}, {" 3599.9 ", 3599}, {0.0, 0}, {-1.0, 0}, {2147483647.0, 2147483647}, {2147483648.0, 0}, {"soon", 0}, {"NaN", 0}, {"-Inf", 0}, {"Inf", 0}, {nil, 0}, {[]any{}, 0}} {
		if got := seconds(c.value); got != c.want {
			t.Errorf("%v: %d, want %d", c.value, got, c.want)
		}
	}
}

// answers is a transport that gives one answer.
type answers struct {
	label, body string
	err         error
}

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {a.label}}, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// TestATokenIsReadWhateverItsLabel: the library gets JSON with numbers as numbers, and anything else as it came.
func TestATokenIsReadWhateverItsLabel(t *testing.T) {
	for name, c := range map[string]struct{ label, body, token, type_ string }{
		"labelled as text":         {"text/plain", `{"access_token":"t","token_type":"bearer","expires_in":"3600"}`, "t", "Bearer"},
		"a number with a fraction": {"application/json", `{"access_token":"t","token_type":"Bearer","expires_in":3599.0}`, "t", "Bearer"},
		"a byte order mark":        {"application/json; charset=utf-8", "\ufeff" + `{"access_token":"t"}`, "t", "Bearer"},
		"a lifetime that is none":  {"application/json", `{"access_token":"t","expires_in":"soon"}`, "t", "Bearer"},
		"without a lifetime":       {"", `{"access_token":"t","scope":["a","b"]}`, "t", "Bearer"},
		"a form, as it came":       {"application/x-www-form-urlencoded", "access_token=t&token_type=bearer", "t", "Bearer"},
		"no token":                 {"application/json", `{}`, "", ""},
		"no JSON":                  {"application/json", `<html>`, "", ""},
	} {
		seen := &responseRecorder{next: answers{label: c.label, body: c.body}}
		config := oauth2.Config{Endpoint: oauth2.Endpoint{TokenURL: "https://h/token", AuthStyle: oauth2.AuthStyleInParams}}
		ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: seen})
		token, err := config.Exchange(ctx, "code")
		if got := token; (got == nil) != (c.token == "") || got != nil && (got.AccessToken != c.token || got.Type() != c.type_) {
			t.Errorf("%s: %+v, %v", name, token, err)
		}
	}
	seen := &responseRecorder{next: answers{err: errors.New("oh")}}
	if _, err := seen.RoundTrip((&http.Request{Header: http.Header{}}).WithContext(t.Context())); err == nil || seen.page.Status != 0 {
		t.Errorf("%v, %+v", err, seen.page)
	}
}

func TestATokenThatOpenedSomething(t *testing.T) {
	cache, a, b := &tokenCache{}, &oauth2.Token{}, &oauth2.Token{}
	if cache.worked(a) {
		t.Error("before any answer")
	}
	cache.works(a)
	cache.works(a)
	if !cache.worked(a) || cache.worked(b) {
		t.Errorf("a %t, b %t", cache.worked(a), cache.worked(b))
	}
}
