package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/secret"
)

func TestTextIsNeverPrinted(t *testing.T) {
	const canary = "canary-5f2e"
	text := secret.New(canary)
	wrapped := struct{ Secret secret.Text }{text}
	raw, err := json.Marshal(wrapped)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", text, "in", wrapped)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, out := range []string{fmt.Sprintf(verb, text), fmt.Sprintf(verb, &text), fmt.Sprintf(verb, wrapped)} {
			if strings.Contains(out, canary) || strings.Contains(out, fmt.Sprintf("%x", canary)) {
				t.Errorf("%s prints the secret: %s", verb, out)
			}
		}
	}
	if out := string(raw) + log.String(); strings.Contains(out, canary) {
		t.Errorf("the secret is in %s", out)
	}
	if text.Empty() || !secret.New("").Empty() || !(secret.Text{}).Empty() {
		t.Error("only an empty text is empty")
	}
	if got := text.Reveal(); got != canary {
		t.Errorf("Reveal() = %q", got)
	}
}

func TestScrub(t *testing.T) {
	const canary = `Canary&"55<x>+y/0123456789`
	inside := func(before, after string) string {
		return base64.StdEncoding.EncodeToString([]byte(before + canary + after))
	}
	for text, want := range map[string]string{
		"said " + canary + " twice " + canary:               "said [redacted] twice [redacted]",
		"secret=" + url.QueryEscape(canary) + "&x":          "secret=[redacted]&x",
		"secret=" + lower(url.QueryEscape(canary)):          "secret=[redacted]",
		"SECRET=" + strings.ToUpper(canary) + "!":           "SECRET=[redacted]!",
		"it ends in " + canary[len(canary)-16:] + ".":       "it ends in [redacted].",
		"<b>" + html.EscapeString(canary) + "</b>":          "[redacted]",
		hex.EncodeToString([]byte(canary)):                  "[redacted]",
		strings.ToUpper(hex.EncodeToString([]byte(canary))): "[redacted]",
		"cut off in " + canary[:20]:                         "cut off in [redacted]",
		`cut off in "` + canary[:12] + `"`:                  `cut off in "[redacted]"`,
		"too little of it: " + canary[:11]:                  "too little of it: " + canary[:11],
		"nothing":                                           "nothing",
	} {
		if got := secret.Redact(text, secret.New(canary)); got != want {
			t.Errorf("Scrub(%q) = %q, want %q", text, got, want)
		}
	}
	for _, before := range []string{"", "i", "id", "id:", "id:x"} {
		for _, after := range []string{"", "a", "ab"} {
			text := inside(before, after)
			if got := secret.Redact(text, secret.New(canary)); len(got) > len("[redacted]")+12 || !strings.Contains(got, "[redacted]") {
				t.Errorf("Scrub(%q) = %q", text, got)
			}
		}
	}
	address := "https://halo.acme.example/auth/"
	if got := secret.Redact("at https://halo.acme.example/api", secret.New(address)); got != "at https://halo.acme.example/api" {
		t.Errorf("an address in the secret's place blots out others: %q", got)
	}
}

// lower writes percent-encoded bytes in lower case.
func lower(text string) string {
	return regexp.MustCompile(`%[0-9A-F]{2}`).ReplaceAllStringFunc(text, strings.ToLower)
}
