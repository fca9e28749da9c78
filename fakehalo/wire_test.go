package fakehalo_test

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/fakehalo"
)

// Each test below names the point of the wire contract (what 17 public clients rely on) that it holds.

// 2.1 Routing.
func TestPoint21PathsWithoutCaseAndWhatIsIgnored(t *testing.T) {
	s := serve(t)
	for _, path := range []string{"client", "CLIENT/", "Client?nocache=undefined", "client?tenant=acme&showallobjects=True"} {
		if a := get(t, s, "read:customers", path); !strings.HasPrefix(a.Body, `{"record_count":3,"clients":[`) {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	if a := do(t, s, http.MethodGet, s.URL+"/api/AuthInfo/", "", nil); a.Status != 200 || a.field("tenant_id") != "acme" {
		t.Errorf("authinfo with a slash: %d %s", a.Status, a.Body)
	}
	if a := get(t, s, guideScopes, "Contract"); a.Status != 404 {
		t.Errorf("/Contract is not Halo's: %d", a.Status)
	}
	for _, kind := range []string{"application/json", "application/x-www-form-urlencoded"} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/Team", nil)
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", "Bearer "+login(t, s, guideScopes).field("access_token"))
		if a := send(t, s.Client(), r); a.Status != 200 {
			t.Errorf("GET with Content-Type %s: %d", kind, a.Status)
		}
	}
}

// 2.2 Discovery before any token.
func TestPoint22Discovery(t *testing.T) {
	s := serve(t)
	info := do(t, s, http.MethodGet, s.URL+"/api/authinfo", "", nil)
	a := do(t, s, http.MethodGet, info.field("auth_url")+"/.well-known/openid-configuration", "", nil)
	for name, want := range map[string]string{"issuer": s.URL + "/auth", "token_endpoint": s.URL + "/auth/token", "jwks_uri": s.URL + "/auth/.well-known/jwks"} {
		if a.field(name) != want {
			t.Errorf("%s is %q", name, a.field(name))
		}
	}
}

// 2.3 Token: what comes back, and an id_token that its own keys verify.
func TestPoint23TokenAndIdentity(t *testing.T) {
	s := serve(t)
	a := login(t, s, guideScopes)
	for _, name := range []string{"access_token", "refresh_token", "id_token"} {
		if a.field(name) == "" {
			t.Errorf("no %s: %s", name, a.Body)
		}
	}
	if a.field("scope") != guideScopes || a.field("token_type") != "Bearer" || !strings.Contains(a.Body, `"expires_in":3600`) {
		t.Error(a.Body)
	}
	var jwks struct {
		Keys []struct{ N, E, Kid, Alg string }
	}
	if err := json.Unmarshal([]byte(do(t, s, http.MethodGet, s.AuthURL+"/.well-known/jwks", "", nil).Body), &jwks); err != nil || len(jwks.Keys) != 1 {
		t.Fatal(jwks, err)
	}
	n, _ := base64.RawURLEncoding.DecodeString(jwks.Keys[0].N)
	e, _ := base64.RawURLEncoding.DecodeString(jwks.Keys[0].E)
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	parsed, err := jwt.Parse(a.field("id_token"), func(*jwt.Token) (any, error) { return key, nil }, jwt.WithValidMethods([]string{"RS256"}),
		jwt.WithIssuer(s.URL+"/auth"), jwt.WithAudience(s.Credentials.ClientID), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithSubject("12"))
	if err != nil {
		t.Fatal(err)
	}
	claims := parsed.Claims.(jwt.MapClaims)
	if claims["name"] != "MSPCentric" || claims["id"] != "12" || parsed.Header["kid"] != jwks.Keys[0].Kid {
		t.Errorf("%v %v", claims, parsed.Header)
	}
	later, now := serveWith(t, fakehalo.Options{PlainHTTP: true, Clock: func() time.Time { return time.Unix(1_800_000_000, 0) }}), int64(1_800_000_000)
	var times struct{ Iat, Exp int64 }
	raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(login(t, later, "read:items").field("id_token"), ".")[1])
	if err := json.Unmarshal(raw, &times); err != nil || times.Iat != now || times.Exp != now+1200 {
		t.Errorf("%+v %v", times, err)
	}
}

// 2.3 Token: the three places of the tenant, credentials in a header, refresh without a secret, earlier tokens stay valid.
func TestPoint23WaysToAsk(t *testing.T) {
	s := serve(t)
	c := s.Credentials
	ask := func(query string, basic bool, pairs ...string) answer {
		values := form(append([]string{"grant_type", "client_credentials", "scope", "read:items"}, pairs...)...)
		if !basic && values.Get("grant_type") == "client_credentials" {
			values.Set("client_id", c.ClientID)
			values.Set("client_secret", c.ClientSecret)
		}
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.AuthURL+"/token"+query, strings.NewReader(values.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if basic {
			r.SetBasicAuth(c.ClientID, c.ClientSecret)
		}
		return send(t, s.Client(), r)
	}
	first := ask("", false)
	for name, a := range map[string]answer{
		"absent": first, "query": ask("?tenant=acme", false), "form": ask("", false, "tenant", "ACME"), "undefined": ask("?tenant=undefined", false), "basic": ask("", true),
		"refresh":         ask("", true, "grant_type", "refresh_token", "refresh_token", first.field("refresh_token")),
		"refresh, public": do(t, s, "POST", s.AuthURL+"/token", "", url.Values{"grant_type": {"refresh_token"}, "client_id": {c.ClientID}, "refresh_token": {first.field("refresh_token")}}),
	} {
		if a.Status != 200 || a.field("scope") != "read:items" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if a := ask("", true, "grant_type", "refresh_token", "refresh_token", "stale"); a.Status != 400 || a.field("error") != "invalid_grant" {
		t.Errorf("a refresh token that nobody issued: %d %s", a.Status, a.Body)
	}
	if a := do(t, s, http.MethodGet, s.URL+"/api/Item", first.field("access_token"), nil); a.Status != 200 {
		t.Errorf("the first token: %d", a.Status)
	}
}

// 2.4 Authorisation.
func TestPoint24NoTokenAndLookup11(t *testing.T) {
	s := serve(t)
	for _, bearer := range []string{"", "unknown"} {
		if a := do(t, s, http.MethodGet, s.URL+"/api/Client", bearer, nil); a.Status != 401 || a.Body != "" {
			t.Errorf("%q: %d %s", bearer, a.Status, a.Kind)
		}
	}
	want := `[{"id":1,"lookupid":11,"name":"Customer","sequence":0,"value2":"","value3":""},{"id":2,"lookupid":11,"name":"Supplier","sequence":0,"value2":"","value3":""}]`
	if diff := cmp.Diff(want, get(t, s, guideScopes, "lookup?lookupid=11").Body); diff != "" {
		t.Error(diff)
	}
}

// 2.6 One object.
func TestPoint26OneObject(t *testing.T) {
	s := serve(t)
	a := get(t, s, guideScopes, "Tickets/2003?includedetails=true")
	if !strings.HasPrefix(a.Body, `{"agent_id":12,`) || !strings.Contains(a.Body, `"priority":{"id":3,"name":"Medium"}`) || a.field("summary") != "Backup failed" {
		t.Error(a.Body)
	}
	if strings.Contains(get(t, s, guideScopes, "Tickets").Body, `"priority":`) {
		t.Error("a list names the priority")
	}
	if a := get(t, s, guideScopes, "agent/me"); a.field("name") != "MSPCentric" {
		t.Error(a.Body)
	}
}

// 2.7 Create and update.
func TestPoint27CreateAndUpdate(t *testing.T) {
	s := serve(t)
	created := write(t, s, http.MethodPost, "Tickets", `[{"summary":"Café ☕","client_id":"2","agent_id":12,"userlookup":{"id":-1},"usertype":1,"_novalidate":true,"site_id":null,"details_html":"<p>x</p>"}]`)
	var got struct {
		ID, Client_ID int
		Client_Name   string
		Summary       string
		Site_ID       int
	}
	if err := json.Unmarshal([]byte(created.Body), &got); err != nil || created.Status != 201 {
		t.Fatal(created, err)
	}
	if got.ID != 2006 || got.Client_ID != 2 || got.Client_Name != "Globex" || got.Summary != "Café ☕" || got.Site_ID != 0 {
		t.Errorf("%+v", got)
	}
	updated := write(t, s, http.MethodPost, "tickets", `[{"id":"2006","status_id":9}]`) // n8n sends the id as a string
	if updated.Status != 201 || updated.field("summary") != "Café ☕" || !strings.Contains(updated.Body, `"hasbeenclosed":true`) {
		t.Errorf("other fields are kept: %s", updated.Body)
	}
	if got := ids(getAsAdmin(t, s, "Tickets?closed_only=true").Body); got != "2006" {
		t.Errorf("closed: %s", got)
	}
	many := write(t, s, http.MethodPost, "Tickets?returnall=true", `[{"summary":"a","agent_id":12},{"summary":"b","agent_id":12}]`)
	if ids(many.Body) != "2007 2008" || !strings.HasPrefix(many.Body, "[") {
		t.Error(many.Body)
	}
	note := write(t, s, http.MethodPost, "Actions", `[{"ticket_id":2006,"outcome_id":7,"note_html":"<b>x</b>","hiddenfromuser":true}]`)
	if note.Status != 201 || ids(note.Body) != "1" || note.field("who") != "MSPCentric" || strings.HasPrefix(note.field("datetime"), "1900") {
		t.Errorf("ids of actions restart in each ticket: %s", note.Body)
	}
	moved := writeAsAdmin(t, s, http.MethodPost, "Tickets", `[{"id":2006,"team_id":3,"user_id":2}]`)
	if moved.field("team") != "Finance" || moved.field("user_name") == "" {
		t.Errorf("names follow their ids: %s", moved.Body)
	}
	if a := get(t, s, guideScopes, "Tickets/2006"); a.Status != 404 {
		t.Errorf("a ticket of a team that the agent is not in: %d", a.Status)
	}
	if back := writeAsAdmin(t, s, http.MethodPost, "Tickets", `[{"id":2006,"team":"projects"}]`); back.field("team") != "Projects" || !strings.Contains(back.Body, `"team_id":2`) {
		t.Errorf("ids follow their names: %s", back.Body)
	}
	if a := write(t, s, http.MethodPost, "Actions", `[{"ticket_id":2006,"note":"x"}]`); a.Status != 400 || a.field("Message") != "An Outcome must be entered for this Action" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if got := ids(get(t, s, guideScopes, "Actions?ticket_id=2006").Body); got != "1" {
		t.Errorf("actions of one ticket: %s", got)
	}
	user := writeAsAdmin(t, s, http.MethodPost, "Users", `[{"name":"Homer","site_id":2}]`)
	if !strings.Contains(user.Body, `"site_id":2.0,"site_id_int":2,"site_name":"Main"`) {
		t.Errorf("site_id is a float: %s", user.Body)
	}
}

// 2.8 Delete.
func TestPoint28Delete(t *testing.T) {
	s := serve(t)
	bearer := loginAs(t, s, s.Admin, s.AuthURL, "all admin").field("access_token")
	if a := writeWith(t, s, bearer, http.MethodDelete, "Tickets/2001", ""); a.Status != 200 || ids(a.Body) != "2001" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		if a := writeWith(t, s, bearer, method, "Tickets/2001", ""); a.Status != 404 || a.Body != "" {
			t.Errorf("%s afterwards: %d %s", method, a.Status, a.Body)
		}
	}
	if a := writeWith(t, s, bearer, http.MethodPost, "Tickets", `[{"summary":"next"}]`); ids(a.Body) != "2006" {
		t.Errorf("ids are not given again: %s", a.Body)
	}
}

// 2.9 Errors.
func TestPoint29Errors(t *testing.T) {
	s := serve(t)
	deep := strings.Repeat("[", 20_000)
	for body, want := range map[string]string{
		`[{"id":"abc"}]`:                      `400 {"[0].id":["Could not convert string to integer: abc. Path '[0].id', line 1, position 12."]}`,
		`[{"summary":"x"},{"client_id":1.5}]`: `400 {"[1].client_id":["Input string '1.5' is not a valid integer. Path '[1].client_id', line 1, position 33."]}`,
		`[{"client_id":99999999999}]`:         `400 {"[0].client_id":["Input string '99999999999' is not a valid integer. Path '[0].client_id', line 1, position 25."]}`,
		`[{"summary":{"a":1}}]`:               `400 {"[0].summary":["Unexpected character encountered while parsing value: {. Path '[0].summary', line 1, position 19."]}`,
		`[{"dateoccurred":"soon"}]`:           `400 {"[0].dateoccurred":["Could not convert string to DateTime: soon. Path '[0].dateoccurred', line 1, position 23."]}`,
		`[{"tags":"x"}]`:                      `400 {"[0].tags":["Error converting value \"x\". Path '[0].tags', line 1, position 12."]}`,
		`[{"id":4711,"summary":"x"}]`:         `404 `,
		``:                                    `400 {"":["The body is not JSON."]}`,
		`{`:                                   `400 {"":["The body is not JSON."]}`,
		`[] []`:                               `400 {"":["The body is not JSON."]}`,
		`[]`:                                  `400 {"":["The array is empty."]}`,
		`[1]`:                                 `400 {"[0]":["This is not an object."]}`,
		deep:                                  `400 {"":["The body is not JSON."]}`,
		strings.Repeat(" ", 1<<20+1):          `413 {"ClassName":"System.Exception","Message":"The request is larger than this server accepts.","Data":null,"InnerException":null,"HelpURL":null,"StackTraceString":null,"RemoteStackTraceString":null,"RemoteStackIndex":0,"ExceptionMethod":null,"HResult":-2146233088,"Source":null,"WatsonBuckets":null}`,
		`{"id":"abc"}`:                        `400 {"":["Cannot deserialize the current JSON object (e.g. {\"name\":\"value\"}) into type 'System.Collections.Generic.List` + "`1' because the type requires a JSON array (e.g. [1,2,3]) to deserialize correctly.\"]}",
		`[{"impact":95.0}]`:                   `400 {"[0].impact":["Input string '95.0' is not a valid integer. Path '[0].impact', line 1, position 15."]}`,
		"[\n {\"outcome_id\":1},\n {\"id\":\"abc\"}]": `400 {"[1].id":["Could not convert string to integer: abc. Path '[1].id', line 3, position 12."]}`,
	} {
		a := write(t, s, http.MethodPost, "Tickets", body)
		if got := fmt.Sprintf("%d %s", a.Status, a.Body); got != want {
			t.Errorf("%.40q: %s", body, got)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/Tickets", strings.NewReader(`[{"summary":"x"}]`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+login(t, s, guideScopes).field("access_token"))
	if a := send(t, s.Client(), r); a.Status != 400 || !strings.Contains(a.Body, "Send it as application/json.") {
		t.Errorf("a form: %d %s", a.Status, a.Body)
	}
	for path, want := range map[string]string{
		"Tickets/abc": `400 {"id":["The value 'abc' is not valid."]}`, "Actions/99999999999": `400 {"id":["The value '99999999999' is not valid."]}`,
		"Team/1.5": `400 {"id":["The value '1.5' is not valid."]}`, "Agent/you": `400 {"id":["The value 'you' is not valid."]}`,
		"Tickets/4711": `404 `, "Tickets/-1": `404 `,
		"InstanceInfo/1": `404 `,
	} {
		a := getAsAdmin(t, s, path)
		if got := fmt.Sprintf("%d %s", a.Status, a.Body); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	if got := ids(getAsAdmin(t, s, "Tickets").Body); got != "2001 2002 2003 2004 2005" {
		t.Errorf("a refused array leaves %s", got)
	}
	if a := write(t, s, http.MethodPost, "Tickets", "[{\"summary\":\"\xff\",\"agent_id\":12}]"); a.Status != 201 || a.field("summary") != "\ufffd" {
		t.Errorf("invalid UTF-8: %d %s", a.Status, a.Body)
	}
}

// 2.10 Ids, and where they restart (halo-api §11).
func TestPoint210Ids(t *testing.T) {
	s := serveWith(t, fakehalo.Options{Seed: fakehalo.Seed{
		Sizes: map[string]int{"Webhook": 2, "Priority": 8}, Records: map[string][]map[string]any{"Priority": {{"name": "Someday"}}},
	}})
	const first = "5eed0000-0000-4000-8000-0000000003e9"
	if hook := getAsAdmin(t, s, "Webhook/"+strings.ToUpper(first)); hook.field("id") != first || hook.field("name") == "" {
		t.Errorf("a webhook's id is a GUID: %s", hook.Body)
	}
	made := writeAsAdmin(t, s, http.MethodPost, "Webhook", `[{"name":"x","url":"https://example.com"}]`)
	if id := made.field("id"); made.Status != 201 || len(id) != 36 || id == first {
		t.Errorf("%d %s", made.Status, made.Body)
	}
	changed := writeAsAdmin(t, s, http.MethodPost, "Webhook", `[{"id":"`+strings.ToUpper(made.field("id"))+`","enabled":true}]`)
	if changed.field("id") != made.field("id") || changed.field("url") != "https://example.com" || !strings.Contains(changed.Body, `"enabled":true`) {
		t.Errorf("%d %s", changed.Status, changed.Body)
	}
	if a := writeAsAdmin(t, s, http.MethodPost, "Webhook", `[{"id":"8c2f6a10-6f0e-4b4b-9a53-3d2a7c1b9e01"}]`); a.Status != 404 {
		t.Errorf("a webhook that nobody made: %d %s", a.Status, a.Body)
	}
	if a := writeAsAdmin(t, s, http.MethodDelete, "Webhook/"+made.field("id"), ""); a.Status != 200 || a.field("id") != made.field("id") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	for path, want := range map[string]string{"Priority/5eed0000-0000-4000-8000-000000000008": `"priorityid":8`, "Priority/5EED0000-0000-4000-8000-000000002329": `"name":"Someday"`, "priority?count=2": `"priorityid":2`} {
		if a := getAsAdmin(t, s, path); !strings.Contains(a.Body, want) || strings.Contains(a.Body, `"id":"3"`) {
			t.Errorf("%s: %s", path, a.Body)
		}
	}
	for _, lookup := range []string{"11", "17"} {
		if a := getAsAdmin(t, s, "Lookup?LookupID="+lookup); !strings.HasPrefix(a.Body, `[{"id":1,"lookupid":`+lookup) {
			t.Errorf("ids restart in lookup %s: %s", lookup, a.Body)
		}
	}
}

// 2.10 Dates.
func TestPoint210Dates(t *testing.T) {
	s := serve(t)
	for sent, kept := range map[string]string{
		"2026-05-13T18:01:50.3470000": "2026-05-13T18:01:50.347", "2026-05-13T20:01:50+02:00": "2026-05-13T18:01:50",
		"2026-05-13T18:01:50Z": "2026-05-13T18:01:50", "2026-05-13": "2026-05-13T00:00:00",
	} {
		if a := write(t, s, http.MethodPost, "Tickets", `[{"id":2003,"fixbydate":"`+sent+`"}]`); a.field("fixbydate") != kept || a.field("targetdate") != "1900-01-01T00:00:00" {
			t.Errorf("%s: %s", sent, a.Body)
		}
	}
}
