package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/secret"
	"github.com/halocheck/halocheck/probes/wire"
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
	findings := collect(t.Context(), world{err: &out, getenv: func(string) string { return "" }}, &plan{session: s, checks: []probes.Check{broken}}, true)
	if len(findings) != 1 || findings[0].Status != probes.Broken {
		t.Fatalf("%+v", findings)
	}
	said := out.String()
	if !strings.Contains(said, "it broke in login.token") || !strings.Contains(said, "cannot parse client_secret=[redacted]") {
		t.Errorf("the panic is not told: %s", said)
	}
	if secret.NewNeedle(secret.New(canary)).In(said) {
		t.Errorf("it says the secret: %s", said)
	}
}
