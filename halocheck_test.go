package halocheck_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/suites/faketarget"
)

func secret(text string) halocheck.Secret {
	return func(context.Context) (string, error) { return text, nil }
}

// TestMistakes holds that what cannot be used is an error with a sentence, and no finding.
func TestMistakes(t *testing.T) {
	const url = "https://acme.halopsa.com"
	for name, c := range map[string]struct {
		target  halocheck.Target
		opts    []halocheck.Option
		setting string
		says    string
	}{
		"no target":          {halocheck.Target{}, nil, "url", "no URL was given"},
		"http":               {halocheck.Target{URL: "http://acme.halopsa.com"}, nil, "url", "not https"},
		"a password":         {halocheck.Target{URL: "https://me:pw@acme.halopsa.com"}, nil, "url", "holds a user name or a password"},
		"a glob":             {halocheck.Target{URL: url}, []halocheck.Option{halocheck.WithOnly("trust.[")}, "only", "is not a glob"},
		"a typo":             {halocheck.Target{URL: url}, []halocheck.Option{halocheck.WithSkip("trust.chian")}, "skip", "did you mean trust.chain"},
		"an id without":      {halocheck.Target{URL: url, ClientID: "x"}, nil, "client-id", "without a Client Secret"},
		"a secret without":   {halocheck.Target{URL: url, ClientSecret: secret("x")}, nil, "client-id", "without a Client ID"},
		"an unknown waiver":  {halocheck.Target{URL: url}, []halocheck.Option{halocheck.WithWaivers(halocheck.Waiver{ID: "x"})}, "waive", "no requirement"},
		"a profile":          {halocheck.Target{URL: url}, []halocheck.Option{halocheck.WithProfiles("bills")}, "profile", "one of billing, alerts"},
		"no reason":          {halocheck.Target{URL: url}, []halocheck.Option{halocheck.WithAttestation("network.allowlist", " ")}, "attest", "needs a reason"},
		"no time":            {halocheck.Target{URL: url}, []halocheck.Option{halocheck.WithTimeout(0)}, "timeout", "no time"},
		"a vantage":          {halocheck.Target{URL: url}, []halocheck.Option{halocheck.WithVantage("", "socks5://127.0.0.1:1")}, "via", "needs a name"},
		"an address":         {halocheck.Target{URL: url}, []halocheck.Option{halocheck.WithAddress("acme")}, "resolve", "HOST:PORT:ADDR"},
		"a version":          {halocheck.Target{URL: url}, []halocheck.Option{halocheck.WithStable("newest")}, "stable", "is no version"},
		"an authority":       {halocheck.Target{URL: url}, []halocheck.Option{halocheck.WithAuthURL("https://me:pw@h/auth/")}, "auth-url", "holds a user name"},
		"an unknown hosting": {halocheck.Target{URL: url}, []halocheck.Option{halocheck.WithHosting("mine")}, "hosting", "one of auto, hosted, on-premise"},
	} {
		r, err := halocheck.Run(t.Context(), c.target, c.opts...)
		var mistake *halocheck.SettingError
		if r != nil || !errors.As(err, &mistake) || mistake.Setting != c.setting || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := halocheck.Run(ended, halocheck.Target{URL: url}); r != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v, %v", r, err)
	}
	refused := errors.New("the vault is closed")
	failing := func(context.Context) (string, error) { return "", refused }
	if r, err := halocheck.Run(t.Context(), halocheck.Target{URL: url, ClientID: "x", ClientSecret: failing}); r != nil || !errors.Is(err, refused) {
		t.Errorf("a secret that cannot be read: %v, %v", r, err)
	}
}

// TestInterrupted holds that a check which is ended while it asks still gives what it found, and says so.
func TestInterrupted(t *testing.T) {
	server := fakehalo.Start()
	t.Cleanup(server.Close)
	target, opts, err := faketarget.Of(server)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, err := halocheck.Run(ctx, target, append(opts, halocheck.WithProgress(func(p halocheck.Progress) {
		if p.Done == 1 {
			cancel()
		}
	}))...)
	if r == nil || !errors.Is(err, context.Canceled) || r.Outcome != halocheck.Incomplete {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestSideBySide holds that checks share nothing but the cache that they are given.
func TestSideBySide(t *testing.T) {
	server := fakehalo.Start()
	t.Cleanup(server.Close)
	target, opts, err := faketarget.Of(server)
	if err != nil {
		t.Fatal(err)
	}
	var cache halocheck.Cache
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			r, err := halocheck.Run(t.Context(), target, slices.Concat(opts, []halocheck.Option{halocheck.WithCache(&cache)})...)
			if err != nil || r.Outcome != halocheck.Conformant || r.Counts["pass"] != 51 {
				t.Errorf("%+v, %v", r, err)
				return
			}
			var text bytes.Buffer
			if err := halocheck.Write(&text, r, "short"); err != nil || !strings.Contains(text.String(), "conformant") {
				t.Errorf("%s, %v", text.String(), err)
			}
		})
	}
	wait.Wait()
}
