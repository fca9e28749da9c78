package halo

import (
	"testing"

	"golang.org/x/oauth2"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
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
