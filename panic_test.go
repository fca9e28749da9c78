package halocheck

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/login"
)

// TestPanicTellsNoSecret lets a check get its token first, and then breaks a judgement with a text that holds that and the
// secret, raw and encoded, as a library's panic may.
func TestPanicTellsNoSecret(t *testing.T) {
	server := fakehalo.Start()
	defer server.Close()
	pem, err := os.ReadFile(server.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots, err := wire.ParsePEM(pem)
	if err != nil {
		t.Fatal(err)
	}
	var token atomic.Value
	var said string
	target := Target{URL: server.URL, ClientID: server.Credentials.ClientID, ClientSecret: func(context.Context) (string, error) {
		return server.Credentials.ClientSecret, nil
	}}
	c, err := prepare(t.Context(), target, []Option{
		WithRoots(roots...), WithAuthURL(server.Credentials.AuthURL), WithTenant(server.Credentials.Tenant), WithAIA("off"),
		WithPanicHandler(func(where, what, stack string) { said += where + ": " + what + "\n" + stack }),
		WithSession(func(s *probes.Session) {
			s.Net.OnRequest = func(r *http.Request) {
				if _, sent, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
					token.Store(sent)
				}
			}
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	c.checks = []probes.Check{&probes.Requirement[int]{
		ID: "login.me", Level: probes.Must, Says: "It breaks.",
		Given: &probes.Probe[int]{Name: "login.broken", Look: func(ctx context.Context, s *probes.Session) (int, error) {
			_, err := probes.Need(ctx, s, login.LoginType)
			return 0, err
		}},
		Judge: func(int) probes.Verdict {
			text := token.Load().(string)
			panic("bad header Authorization: Bearer " + text + ", or " + url.QueryEscape(text) + ", or " + server.Credentials.ClientSecret)
		},
	}}
	for f := range c.findings(t.Context()) {
		if f.Status != probes.Broken {
			t.Errorf("%+v", f)
		}
	}
	if want := "login.me: bad header Authorization: Bearer [redacted], or [redacted], or [redacted]\n"; !strings.HasPrefix(said, want) {
		t.Errorf("the panic is not told: %s", said)
	}
	if secret.NewRedactor(secret.New(token.Load().(string)), secret.New(server.Credentials.ClientSecret)).Contains(said) {
		t.Errorf("it says the token or the secret: %q", said)
	}
}
