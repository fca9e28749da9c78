package secret_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes/secret"
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
	if got := text.Reveal(); got != canary {
		t.Errorf("Reveal() = %q", got)
	}
}
