package halo

import (
	"encoding/json"
	"fmt"
	"testing"

	"golang.org/x/oauth2"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// TestRedactor finds what was typed and every token that was issued, those that came after it was first asked for included.
func TestRedactor(t *testing.T) {
	s := &probes.Session{
		Credentials: probes.Credentials{Secret: secret.New("client-secret-1")},
		Admin:       probes.Credentials{Secret: secret.New("admin-secret-2")},
		Vantages:    []probes.Vantage{{URL: "socks5://who:vantage-secret-3@proxy.example.test:1080"}},
	}
	cache := probes.Local[tokenCache](s)
	cache.issue(&oauth2.Token{AccessToken: "early-token-4"})
	for i, text := range []string{"client-secret-1", "admin-secret-2", "vantage-secret-3", "early-token-4"} {
		if !Redactor(s).Contains("it says " + text) {
			t.Errorf("secret %d is not found", i+1)
		}
	}
	if Redactor(s).Contains("late-token-5") || Redactor(s).Contains("it says nothing") {
		t.Error("it finds what nobody issued")
	}
	cache.issue(&oauth2.Token{AccessToken: "late-token-5", RefreshToken: "late-refresh-6"})
	if !Redactor(s).Contains("late-token-5") || !Redactor(s).Contains("late-refresh-6") || !Redactor(s).Contains("client-secret-1") {
		t.Error("what was issued later is not found")
	}
	if got := len(Secrets(s)); got != 6 {
		t.Errorf("%d secrets, want 6", got)
	}
}

// TestAClientIDThatIsNoneIsASecret: the two fields may have been exchanged.
func TestAClientIDThatIsNoneIsASecret(t *testing.T) {
	for id, want := range map[string]bool{
		"0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d": false, "0A1B2C3D-4E5F-4A6B-8C7D-9E0F1A2B3C4D": false,
		"0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d-0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d": true, "hunter2-hunter2": true, " 0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d": true,
	} {
		s := &probes.Session{Credentials: probes.Credentials{ID: secret.New(id)}}
		if got := Redactor(s).Contains("no application " + id); got != want {
			t.Errorf("%q is found: %v", id, got)
		}
	}
}

// TestAGuidesOwnWordIsNoSecret in whatever field it was typed: every report holds it.
func TestAGuidesOwnWordIsNoSecret(t *testing.T) {
	whole := &guide.Guide{Name: "MSPCentric guide", Application: guide.Application{Name: &guide.Row{Value: "MSPCentric app"}}, Agent: guide.Agent{Username: &guide.Setting{Values: []string{"mspcentric-api", "mspcentric_api"}}}}
	for _, c := range []struct {
		guide *guide.Guide
		id    string
		want  bool
	}{
		{nil, "MSPCentric guide", true}, {&guide.Guide{Name: "Other"}, "MSPCentric guide", true},
		{whole, "mspcentric GUIDE ", false}, {whole, "MSPCentric app", false}, {whole, "mspcentric_api", false}, {whole, "hunter2-hunter2", true},
	} {
		s := &probes.Session{Guide: c.guide, Credentials: probes.Credentials{ID: secret.New(c.id)}}
		if got := Redactor(s).Contains("it says " + c.id); got != c.want {
			t.Errorf("%q is found: %t", c.id, got)
		}
	}
}

// TestWithoutAnAdminToken it is said what the token endpoint answered, or that no credentials were given.
func TestWithoutAnAdminToken(t *testing.T) {
	admin := probes.Credentials{ID: secret.New("0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"), Secret: secret.New("x")}
	for _, c := range []struct {
		given       probes.Credentials
		reply, want string
	}{
		{probes.Credentials{}, `{"granted":true}`, "an application with admin rights could tell; none was given"},
		{admin, `{"error":"invalid_client","page":{"status":400}}`, "the admin credentials got no token: invalid_client"},
		{admin, `{"page":{"status":502}}`, "the admin credentials got no token: the token endpoint answered status 502"},
		{admin, `{"granted":true}`, "<nil>"},
	} {
		s := &probes.Session{Admin: c.given}
		s.Replay(map[string]json.RawMessage{"halo.admin-login": json.RawMessage(c.reply)})
		if _, err := AdminLogin(t.Context(), s); fmt.Sprint(err) != c.want {
			t.Errorf("%s: %v", c.reply, err)
		}
	}
}

// TestCarryOver takes the tokens along where it is told to, and they stay secret.
func TestCarryOver(t *testing.T) {
	for _, tokens := range []bool{false, true} {
		from, s := &probes.Session{}, &probes.Session{}
		SetTokenEndpoint(from, "https://h/auth/token")
		old, token := probes.Local[tokenCache](from), &oauth2.Token{AccessToken: "carried-token-7"}
		old.issue(token)
		old.keep(Integration, token, []string{"all"})
		old.works(token)
		CarryOver(s, from, func(string) bool { return true }, tokens)
		cache := probes.Local[tokenCache](s)
		to, err := cache.endpoint()
		if (err == nil) != tokens || (to == "https://h/auth/token") != tokens || (cache.token(Integration) == token) != tokens || cache.worked(token) != tokens {
			t.Errorf("%t: %q, %v, %v", tokens, to, err, cache.token(Integration))
		}
		if Redactor(s).Contains("it says carried-token-7") != tokens {
			t.Errorf("%t: the redactor", tokens)
		}
	}
}
