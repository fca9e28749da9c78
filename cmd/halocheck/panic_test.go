package main

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/login"
)

// TestPanicTellsNoSecret breaks a judgement with a text that holds the secret, as a library's panic may.
func TestPanicTellsNoSecret(t *testing.T) {
	const canary = "canary-0123456789-secret"
	var out bytes.Buffer
	s := &probes.Session{
		Guide: guide.BuiltIn(), Net: &wire.Net{},
		Credentials: probes.Credentials{ID: secret.New("id"), Secret: secret.New(canary)},
	}
	broken := &probes.Requirement[int]{
		ID: "login.token", Level: probes.Must, Says: "It breaks.",
		Given: &probes.Probe[int]{Name: "login.grant", Look: func(context.Context, *probes.Session) (int, error) { return 0, nil }},
		Judge: func(int) probes.Verdict {
			panic("cannot parse client_secret=" + canary + " of it")
		},
	}
	findings := runChecks(t.Context(), environment{err: &out, getenv: func(string) string { return "" }}, &preparedCheck{session: s, checks: []probes.Check{broken}}, true)
	if len(findings) != 1 || findings[0].Status != probes.Broken {
		t.Fatalf("%+v", findings)
	}
	said := out.String()
	if !strings.Contains(said, "it broke in login.token") || !strings.Contains(said, "cannot parse client_secret=[redacted]") {
		t.Errorf("the panic is not told: %s", said)
	}
	if secret.NewRedactor(secret.New(canary)).Contains(said) {
		t.Errorf("it says the secret: %s", said)
	}
}

// TestPanicTellsNoToken lets a run get its token first, and then breaks with a text that holds that and the secret, raw and
// encoded, and an escape sequence.
func TestPanicTellsNoToken(t *testing.T) {
	server := fakehalo.Start()
	defer server.Close()
	var out bytes.Buffer
	env := environment{err: &out, getenv: func(string) string { return "" }}
	o := newOptions(env, settings.Check)
	for name, value := range map[string]string{
		"url": server.URL, "auth-url": server.Credentials.AuthURL, "tenant": server.Credentials.Tenant, "client-id": server.Credentials.ClientID,
		"ca-file": server.CAFile, "client-secret-file": secretFile(t, server.Credentials.ClientSecret), "aia": "off",
	} {
		if err := o.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	p, err := prepare(t.Context(), env, o)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	var token atomic.Value
	p.session.Net.OnRequest = func(r *http.Request) {
		if _, sent, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
			token.Store(sent)
		}
	}
	me := &probes.Requirement[int]{
		ID: "login.me", Level: probes.Must, Says: "It breaks.",
		Given: &probes.Probe[int]{Name: "login.broken", Look: func(ctx context.Context, s *probes.Session) (int, error) {
			_, err := probes.Need(ctx, s, login.LoginType)
			return 0, err
		}},
		Judge: func(int) probes.Verdict {
			text := token.Load().(string)
			panic("\x1b[2Jbad header Authorization: Bearer " + text + ", or " + url.QueryEscape(text) + ", or " + server.Credentials.ClientSecret)
		},
	}
	p.checks = []probes.Check{me}
	findings := runChecks(t.Context(), env, p, true)
	if len(findings) != 1 || findings[0].Status != probes.Broken {
		t.Fatalf("%+v", findings)
	}
	said := out.String()
	if want := "bad header Authorization: Bearer [redacted], or [redacted], or [redacted]\n"; !strings.Contains(said, want) {
		t.Errorf("the panic is not told: %s", said)
	}
	if secret.NewRedactor(secret.New(token.Load().(string)), secret.New(server.Credentials.ClientSecret)).Contains(said) || strings.Contains(said, "\x1b") {
		t.Errorf("it says the token or the secret, or clears the screen: %q", said)
	}
}
