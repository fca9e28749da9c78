package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/probes"
)

// TestPanicIsTold breaks a probe with a text that clears the screen.
func TestPanicIsTold(t *testing.T) {
	var out bytes.Buffer
	env := environment{err: &out, getenv: func(string) string { return "" }}
	o := newOptions(env, settings.Check)
	if err := o.Set("fake", "healthy"); err != nil {
		t.Fatal(err)
	}
	p, err := prepare(t.Context(), env, o)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	r, err := p.run(t.Context(), env, true, halocheck.WithSession(func(s *probes.Session) {
		s.Net.OnRequest = func(*http.Request) { panic("\x1b[2Jit is broken") }
	}))
	if err != nil || r.Counts["broken"] == 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if said := out.String(); !strings.Contains(said, "halocheck: it broke in product.") || !strings.Contains(said, "which is its own fault: ") || strings.Contains(said, "\x1b") {
		t.Errorf("%q", said)
	}
}
