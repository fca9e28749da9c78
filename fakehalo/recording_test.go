package fakehalo_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

// taped is a small recording, written by hand.
const taped = `faults: [near-expiry]
recording:
  format: 1
  auth_url: "{authorisation}/auth/"
  named: "{authorisation}/auth"
  login: true
  hosting: hosted
  teams: [Team 1]
  vantages: [{name: 3.19.3.152}, {name: vantage-1, unusable: true}]
  answers:
    - ask: GET /api/authinfo
      say:
        - {status: 503, headers: {Retry-After: "0"}}
        - {status: 200, headers: {Content-Type: application/json}, body: '{"auth_url":"{authorisation}/auth"}'}
    - {ask: POST /auth/token?tenant=acme, at: authorisation, as: integration, scope: read:tickets, say: [{status: 200, headers: {Content-Type: application/json}, body: '{"access_token":"{token}","token_type":"Bearer"}'}]}
    - {ask: GET /api/Team?showall=true, as: integration, say: [{status: 200, body: '[]'}]}
    - {ask: GET /, from: 3.19.3.152, say: [{status: 403}]}
`

func TestARecordingAnswersInPlaceOfTheInstance(t *testing.T) {
	o, err := fakehalo.ReadRecording("scenario.yaml", []byte(taped))
	if err != nil {
		t.Fatal(err)
	}
	s := serveWith(t, o)
	if s.Hosting != "hosted" || len(s.Untyped) != 1 || s.Untyped[0] != "tenant" || s.Admin.ClientID != "" || s.Teams[0] != "Team 1" || len(s.Vantages) != 2 || s.Stable != "" {
		t.Errorf("%+v", s)
	}
	if s.Credentials.AuthURL != s.AuthURL+"/" || !strings.HasPrefix(s.AuthURL, "https://localhost:") || strings.HasPrefix(s.AuthURL, s.URL) {
		t.Errorf("typed %q, named %q, at %q", s.Credentials.AuthURL, s.AuthURL, s.URL)
	}
	// One after the other, and the last one again.
	for n, want := range []int{503, 200, 200} {
		a := do(t, s, "GET", s.URL+"/API/authinfo/", "", nil)
		if a.Status != want {
			t.Errorf("authinfo, time %d: %d", n+1, a.Status)
		}
		if want == 200 && a.Body != `{"auth_url":"`+s.AuthURL+`"}` {
			t.Errorf("authinfo: %s", a.Body)
		}
		if a.Header.Get("Server") != "" {
			t.Errorf("a header that was not recorded: %v", a.Header)
		}
	}
	form := func(secret string) url.Values {
		return url.Values{"grant_type": {"client_credentials"}, "scope": {"read:tickets"}, "client_id": {s.Credentials.ClientID}, "client_secret": {secret}}
	}
	if a := do(t, s, "POST", s.AuthURL+"/token?tenant=acme", "", form("wrong")); a.Status != 401 || a.field("error") != "invalid_client" {
		t.Errorf("a wrong secret: %d %s", a.Status, a.Body)
	}
	granted := do(t, s, "POST", s.AuthURL+"/token?tenant=acme", "", form(s.Credentials.ClientSecret))
	token := granted.field("access_token")
	if len(token) < 20 {
		t.Fatalf("no token: %d %s", granted.Status, granted.Body)
	}
	for _, row := range []struct {
		address, token string
		status         int
	}{
		{"/api/Team?showall=true", token, 200},
		{"/api/team", token, 200}, // nothing fits better
		{"/api/Team", "", 501},    // nobody asked that without a token
		{"/api/Team", "stolen", 401},
		{"/api/Client", token, 501},
	} {
		if a := do(t, s, "GET", s.URL+row.address, row.token, nil); a.Status != row.status {
			t.Errorf("%s with %q: %d %s", row.address, row.token, a.Status, a.Body)
		}
	}
	if a := do(t, s, "POST", s.URL+"/auth/token?tenant=acme", "", form(s.Credentials.ClientSecret)); a.Status != 501 {
		t.Errorf("the token endpoint is on the other host: %d", a.Status)
	}
	if err := s.Reset(); err != nil {
		t.Fatal(err)
	}
	if a := do(t, s, "GET", s.URL+"/api/authinfo", "", nil); a.Status != 503 {
		t.Errorf("after a reset it starts again: %d", a.Status)
	}
}

func TestARecordingsMistakesAreTold(t *testing.T) {
	head := "recording:\n  format: 1\n  hosting: hosted\n"
	for text, want := range map[string]string{
		"version: 1.2.3\n":                                        `s.yaml: it has no recording in it, so it is a plain scenario`,
		"recording:\n  format: 2\n  hsoting: x\n":                 `s.yaml: it was recorded by a newer halocheck, in format 2; this one reads formats up to 1`,
		"recording:\n  hosting: hosted\n":                         `s.yaml:2: recording.format: a recording says its format, which counts from 1`,
		"recording:\n  format: 1\n  hosting: cloud\n":             `s.yaml:3: recording.hosting: hosting is hosted or on-premise, not "cloud"`,
		"recording:\n  format: 1\n  hsoting: x\n":                 `s.yaml:3: unknown field "hsoting"`,
		head + "  answers:\n  - {ask: PUT /x, say: [{}]}\n":       `s.yaml:5: recording.answers[0].ask: a question looks like GET /api/Team, not "PUT /x"`,
		head + "  answers:\n  - {ask: GET /x, at: home}\n":        `s.yaml:5: recording.answers[0].at: at is authorisation or left out, not "home"`,
		head + "  answers:\n  - {ask: GET /x, as: me}\n":          `s.yaml:5: recording.answers[0].as: as is integration, admin or left out, not "me"`,
		head + "  answers:\n  - {ask: GET /x}\n":                  `s.yaml:5: recording.answers[0]: it has a question without an answer`,
		head + "  answers:\n  - ask: GET /x\n    say: [{}]\n":     `s.yaml:6: recording.answers[0].say[0]: an answer has a status, or breaks off without one`,
		head + "  answers:\n  - {ask: GET /, say: [{status: 9}]}": `s.yaml:5: recording.answers[0].say[0]: status is 200 to 999, not 9`,
		head + "  answers:\n  - {ask: GET /, say: [{break: x}]}":  `s.yaml:5: recording.answers[0].say[0]: break is one of drop, reset, truncate, drip, garbage, silence, malformed, not "x"`,
	} {
		if _, err := fakehalo.ReadRecording("s.yaml", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q:\n%v", text, err)
		}
	}
}

func TestTheRecordingsFitTheSchema(t *testing.T) {
	files, err := filepath.Glob("../fixtures/recordings/*/scenario.yaml")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !fits(t, text) {
			t.Errorf("%s does not fit the schema", file)
		}
	}
	if !fits(t, []byte(taped)) || fits(t, []byte(strings.Replace(taped, "format: 1", "format: 2", 1))) {
		t.Error("the schema takes another format than the reader")
	}
}

func TestTheAuthorisationHostCanBeMissing(t *testing.T) {
	for fault, want := range map[string]string{"dns-failure@auth": "https://auth.acme.halopsa.invalid/auth/", "connection-refused@auth": "https://localhost:"} {
		s := serve(t, fault)
		if !strings.HasPrefix(s.Credentials.AuthURL, want) {
			t.Errorf("%s: %s", fault, s.Credentials.AuthURL)
		}
		if a := do(t, s, "GET", s.URL+"/api/authinfo", "", nil); a.Status != 200 || !strings.HasPrefix(a.Body, `{"auth_url":"`+strings.TrimSuffix(want, "/")) {
			t.Errorf("%s: %d %s", fault, a.Status, a.Body)
		}
	}
}
