package halo

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

func TestID(t *testing.T) {
	for text, want := range map[string]ID{`7`: "7", `"7"`: "7", `"a-b"`: "a-b", `null`: "", `""`: ""} {
		id := ID("before")
		if err := json.Unmarshal([]byte(text), &id); err != nil || id != want {
			t.Errorf("%s: %q, want %q: %v", text, id, want, err)
		}
	}
}

func TestWhoIsInAnAnswer(t *testing.T) {
	for body, want := range map[string]string{
		`{"id":7,"name":"Ada"}`: "7 Ada", `{"agent":{"id":7,"name":"Ada"}}`: "7 Ada", `[{"id":7,"name":"Ada"}]`: "7 Ada",
		`[{"id":7,"name":"Ada"},{"id":8,"name":"Bob"}]`: "no JSON", `"OK"`: "no JSON", `7`: "no JSON", `["x"]`: "no JSON", `[]`: "nobody", `{"id":0}`: "nobody", `{"name":""}`: "nobody",
		`{"id":0,"name":"Ada"}`: "0 Ada", `{"name":"Ada"}`: " Ada", `{"id":7}`: "7 ", `null`: "nobody", `<html>`: "no JSON",
	} {
		got := "nobody"
		switch a, err := DecodeAgent([]byte(body)); {
		case err != nil:
			got = "no JSON"
		case a != nil:
			got = string(a.ID) + " " + a.Name
		}
		if got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
	for body, want := range map[string]bool{`{"id":7}`: true, `{"name":"API"}`: false, `{}`: false, `[]`: false, `<html>`: false} {
		if got := DecodeRole([]byte(body)) != nil; got != want {
			t.Errorf("%s: a role is %t, want %t", body, got, want)
		}
	}
}

func TestWhatAnAgentHas(t *testing.T) {
	yes, no, desk := true, false, "Desk"
	got, err := DecodeAgent([]byte(`{"id":7,"isdisabled":"false","isapiagent":true,"is_admin":"perhaps","team":"Desk",
		"clients":[{"client_id":12},{"role_name":"API"},3],"teams":[{"team_id":1,"team_name":"Desk"}],"tickettypes":null}`))
	want := &Agent{
		ID: "7", Disabled: &no, APIOnly: &yes, Team: &desk, TeamSeen: true, Claims: []Claim{}, Roles: []Role{}, Departments: []Member{}, TicketTypes: []RestrictionEntry{},
		Teams: []Member{{ID: "1", Name: "Desk"}}, Clients: []RestrictionEntry{{Name: "client 12"}, {Name: "client without an id, row 2", Role: "API"}, {Name: "client 3"}},
		Fields: Fields{Teams: true, Clients: true},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v: %s", err, diff)
	}
}

// Rows that are bare values are names or ids: a list of them is not an empty list.
func TestRowsThatAreBareValues(t *testing.T) {
	got, err := DecodeAgent([]byte(`{"id":7,"teams":["Desk",4,null],"roles":["API",{"id":9}],"claims":[{"type":"Tx","value":2},"l6"],"clients":["Contoso"],"tickettypes":["Incident",3]}`))
	want := &Agent{
		ID: "7", Claims: []Claim{{Type: "Tx", Value: "2"}}, Roles: []Role{bareRole("", "API"), bareRole("9", "")}, Departments: []Member{}, TicketTypes: []RestrictionEntry{{Name: "Incident"}, {Name: "3"}},
		Teams: []Member{{Name: "Desk"}, {ID: "4"}}, Clients: []RestrictionEntry{{Name: "client without an id, row 1"}},
		Fields: Fields{Teams: true, Clients: true, TicketTypes: true, Roles: true},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v: %s", err, diff)
	}
}

func bareRole(id ID, name string) Role {
	return Role{ID: id, Name: name, Claims: []Claim{}, Teams: []Member{}, Departments: []Member{}, Clients: []RestrictionEntry{}, TicketTypes: []RestrictionEntry{}}
}

func TestFindApplication(t *testing.T) {
	rows := []json.RawMessage{[]byte(`7`), []byte(`{"id":1,"clientId":"other"}`), []byte(`{"id":2,"clientId":"MINE"}`)}
	for id, want := range map[string]string{"mine": "2", "other": "1", "nobody": ""} {
		if app, ok := FindApplication(rows, id); string(app.ID) != want || ok != (want != "") {
			t.Errorf("%s: %q, %t", id, app.ID, ok)
		}
	}
	if _, ok := FindApplication(rows[:1], ""); ok {
		t.Error("a row that is no record is an application without an id")
	}
}

func TestRows(t *testing.T) {
	for body, want := range map[string]string{
		`[{"id":1}]`: `[{"id":1}]`, `[]`: "[]", `[null]`: "[null]", `[1,2]`: "none", `["Tenant not found"]`: "none", `[1,{"id":2}]`: `[1 {"id":2}]`,
		`{"a":[{"id":3}],"rows":[{"id":1}]}`: `[{"id":1}]`, `{"rows":[{"name":"x"}]}`: `[{"name":"x"}]`, `{"rows":[]}`: "[]", `{"rows":null}`: "[]", `{"record_count":7,"rows":null}`: "none",
		`{"a":1,"b":null,"c":[{"id":3}],"d":[{"id":4}]}`: `[{"id":3}]`, `{"columns":[{"name":"x"}],"c":[{"id":3}]}`: `[{"id":3}]`, `{"columns":[],"c":[{"id":3}]}`: `[{"id":3}]`,
		`{"Results":[]}`: "[]", `{"a":[]}`: "none", `{"record_count":0,"a":[]}`: "[]", `{"record_count":0}`: "[]", `{"a":[{"id":""}]}`: "none",
		`{"rows":7}`: "none", `{"results":[],"value":null}`: "[]", `{"data":[{"code":1}]}`: "none", `{"data":[],"value":[{"code":1}]}`: "[]",
		`{"message":"maintenance","errors":["x"]}`: "none", `{"errors":[]}`: "none", `{"title":"x","errors":[{"code":1}]}`: "none", `{"id":["The value is not valid."]}`: "none",
		`{}`: "none", `null`: "none", `7`: "none", `{"a":`: "none", ``: "none",
	} {
		got := "none"
		if rows := Rows([]byte(body), "rows"); rows != nil {
			got = fmt.Sprintf("%s", rows)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
}

func TestFamily(t *testing.T) {
	for code, want := range map[string]string{
		"Ux": "level", "lx": "level", "l6": "l", "lf": "l", "Fc": "F", "Fx": "level", "SA": "SA", "A": "A", "xx1": "xx1", "l66": "l66", "": "",
	} {
		if got := family(code); got != want {
			t.Errorf("%q: %q, want %q", code, got, want)
		}
	}
}

func TestStepsOfBoundaries(t *testing.T) {
	for name, c := range map[string]struct {
		claims []Claim
		value  int
		want   []int
	}{
		"a three that is not written": {nil, 3, []int{3}},
		"no claims":                   {nil, 2, []int{2, 3}},
		"a permission is no level":    {[]Claim{{"Customers_Level", "1"}, {"l6", "3"}}, 1, []int{2}},
		"no number says nothing":      {[]Claim{{"Customers_Level", "1"}, {"Ix", "much"}}, 1, []int{2}},
		"a long name's three":         {[]Claim{{"Customers_Level", "1"}, {"Assets_Level", "3"}}, 1, []int{1}},
		"two of a level with four":    {[]Claim{{"Ux", "1"}, {"Dx", "2"}}, 1, []int{1, 2}},
	} {
		if diff := cmp.Diff(c.want, of(c.claims).Steps("Ux", c.value)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestAbsenceMeansNoAmongSeveral(t *testing.T) {
	for name, c := range map[string]struct {
		claims []Claim
		want   bool
	}{
		"nothing at all":              {nil, false},
		"a relative, then a stranger": {[]Claim{{"l6", "1"}, {"Can_Edit_Others", "0"}}, false},
		"a stranger, then a relative": {[]Claim{{"Can_Edit_Others", "0"}, {"l6", "1"}}, false},
		"a relative, then another's":  {[]Claim{{"l6", "1"}, {"Ux", "1"}}, true},
		"only another family's":       {[]Claim{{"Ux", "1"}, {"Tx", "1"}}, false},
	} {
		if got := of(c.claims).AbsenceMeansNo("le"); got != c.want {
			t.Errorf("%s: silence means no is %t", name, got)
		}
	}
}

func TestReadReply(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":"invalid_client","error_description":"Wrong."}`: "invalid_client Wrong. - 0", `{"scope":"a b","expires_in":3600}`: "  a b 3600",
		`{"scope":"","expires_in":"3600"}`: "   3600", `<html>`: "  - 0", `{"scope":["a","b c"],"expires_in":"much"}`: "  a b c 0",
		`{"scope":null,"expires_in":-1}`: "  - 0", `{"scope":[],"expires_in":3600.5}`: "   3600", `{"scope":"a,b"}`: "  a,b 0", `[{"error":"x"}]`: "x  - 0",
		`{"error":"x","data":{"id":1,"error":"y"}}`: "x  - 0", `[{"error":"x","data":{"id":1,"error":"y"}}]`: "x  - 0", `{"data":{"id":1,"error":"y"}}`: "y  - 0",
		`{"access_token":"t","data":{"id":1,"scope":"a"}}`: "  - 0", `[{"access_token":"t","scope":"b","data":{"id":1,"scope":"a"}}]`: "  b 0",
		`[{"error":"x"},{"error":"y"}]`: "  - 0", `null`: "  - 0", `7`: "  - 0", `{"scope":["a",7]}`: "  - 0", `{"scope":7}`: "  - 0",
	} {
		r, scope := readReply(wire.Page{Body: []byte(body)}, secret.Redactor{}), "-"
		if r.Scope != nil {
			scope = *r.Scope
		}
		if got := fmt.Sprint(r.Error, " ", r.Description, " ", scope, " ", r.ExpiresIn); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
	for _, c := range []struct {
		reply TokenReply
		want  bool
	}{{TokenReply{}, false}, {TokenReply{Error: "x"}, true}, {TokenReply{Granted: true, Error: "x"}, false}, {TokenReply{Granted: true}, false}} {
		if got := c.reply.Refused(); got != c.want {
			t.Errorf("%+v: refused is %t", c.reply, got)
		}
	}
}

// TestWhatAReplyIsBesideItsFields: empty, or the demand for a Windows login that no OAuth server makes.
func TestWhatAReplyIsBesideItsFields(t *testing.T) {
	for _, c := range []struct {
		demands, body  string
		empty, windows bool
	}{
		{"", "", true, false}, {"", " \r\n", true, false}, {"", "{}", false, false},
		{"Negotiate", "", true, true}, {"ntlm", "<html>", false, true}, {"Basic realm=x", "", true, false}, {"Bearer", "{}", false, false},
	} {
		r := readReply(wire.Page{Status: 401, Header: http.Header{"Www-Authenticate": {c.demands}}, Body: []byte(c.body)}, secret.Redactor{})
		if r.Empty != c.empty || r.WindowsAuth != c.windows {
			t.Errorf("%q, %q: empty %t, Windows %t", c.demands, c.body, r.Empty, r.WindowsAuth)
		}
	}
}

// TestALongListIsTakenApart: a scope of more than 6000 bytes keeps 500 names that are no longer than 300 bytes each, and a list
// of roles nothing but its length.
func TestALongListIsTakenApart(t *testing.T) {
	fits, long, wide := strings.Repeat("a,", 3000), strings.Repeat("n", 300), strings.Repeat("n", 301)
	for scope, want := range map[string]string{
		fits:       fits,
		fits + "b": strings.TrimSuffix(strings.Repeat("a ", 500), " "),
		wide + " b,\tc," + long + " " + strings.Repeat(wide+" ", 20): "b c " + long,
	} {
		if got, ok := scopeText(scope); !ok || got != want {
			t.Errorf("%.20s of %d bytes: %d bytes, %t", scope, len(scope), len(got), ok)
		}
	}
	for roles, want := range map[string]string{fits: fits, fits + "b": "(a text of 6001 bytes)"} {
		if a, err := DecodeAgent([]byte(`{"id":7,"role_list":"` + roles + `"}`)); err != nil || a.RoleList != want {
			t.Errorf("%d bytes: %v", len(roles), err)
		}
	}
}

func TestTokenExpired(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	s := &probes.Session{Clock: func() time.Time { return now }}
	for name, c := range map[string]struct {
		page   wire.Page
		expiry time.Time
		want   bool
	}{
		"answered":              {wire.Page{Status: 200}, now.Add(-time.Hour), false},
		"not found":             {wire.Page{Status: 404, Expired: true}, now.Add(-time.Hour), false},
		"401, and it says so":   {wire.Page{Status: 401, Expired: true}, now.Add(time.Hour), true},
		"400, and it says so":   {wire.Page{Status: 400, Expired: true}, time.Time{}, true},
		"401, its time is over": {wire.Page{Status: 401}, now, true},
		"401, a second is left": {wire.Page{Status: 401}, now.Add(time.Second), false},
		"401, no time was told": {wire.Page{Status: 401}, time.Time{}, false},
		"401, a bad token":      {wire.Page{Status: 401, BadToken: true}, time.Time{}, true},
		"400, a bad token":      {wire.Page{Status: 400, BadToken: true}, time.Time{}, false},
		"400, its time is over": {wire.Page{Status: 400}, now.Add(-time.Second), true},
	} {
		if got := tokenExpired(s, &oauth2.Token{Expiry: c.expiry}, c.page); got != c.want {
			t.Errorf("%s: tokenExpired is %t", name, got)
		}
	}
}

// No token is asked for before its server has proved its name, and all that is secret is known as such.
func TestTokenCache(t *testing.T) {
	s := &probes.Session{Vantages: []probes.Vantage{{URL: "socks5://u:vantage-password@h"}, {URL: "socks5://h"}, {URL: "://"}}}
	cache := probes.Local[tokenCache](s)
	if _, err := cache.endpoint(); !errors.Is(err, errNotProved) {
		t.Errorf("%v", err)
	}
	SetTokenEndpoint(s, "https://h/auth/token")
	if to, err := cache.endpoint(); err != nil || to != "https://h/auth/token" {
		t.Errorf("%q: %v", to, err)
	}
	for _, who := range []Identity{Integration, Admin} {
		cache.keep(who, &oauth2.Token{AccessToken: string(who)}, nil)
	}
	if cache.token(Integration).AccessToken != "integration" || cache.token(Admin).AccessToken != "admin" {
		t.Error("one token takes the other's place")
	}
	cache.issue(&oauth2.Token{AccessToken: "access-token"})
	var hidden []string
	for _, text := range Secrets(s) {
		if text.Reveal() != "" {
			hidden = append(hidden, text.Reveal())
		}
	}
	if got := strings.Join(hidden, " "); got != "vantage-password access-token" || len(cache.issued) != 1 {
		t.Errorf("hidden are %q, %d tokens", got, len(cache.issued))
	}
}

func TestUnwrapURL(t *testing.T) {
	inner := errors.New("refused")
	for text, want := range map[string]bool{"https://h/": true, "h": false} {
		err := error(&url.Error{Op: "Post", URL: text, Err: inner})
		if got := unwrapURL(err); (got == inner) != want { //nolint:errorlint // the very error
			t.Errorf("%s: %v", text, got)
		}
	}
	if plain := errors.New("https://h/ is refused"); unwrapURL(plain) != plain { //nolint:errorlint // the very error
		t.Error("an error that wraps nothing is lost")
	}
}

func TestValidToken(t *testing.T) {
	for token, want := range map[string]bool{"": true, " ~": true, "a\x1fb": false, "a\x7f": false, "\u00e9": false} {
		if got := validToken(token); got != want {
			t.Errorf("%q: valid is %t", token, got)
		}
	}
}
