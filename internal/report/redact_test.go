package report

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
)

func TestScrubbedLeavesNoSecret(t *testing.T) {
	canary := `Canary&"55\<x>+y/0123456789`
	quoted, err := json.Marshal(map[string]string{"echo " + canary: "said " + canary})
	if err != nil {
		t.Fatal(err)
	}
	r := &Report{
		Findings: []probes.Finding{{ID: "login.token", Because: "it echoed " + canary}},
		Evidence: map[string]json.RawMessage{"login.token": quoted},
		Exit:     1,
	}
	got, err := redacted(r, secret.NewRedactor(secret.New(canary)))
	if err != nil {
		t.Fatal(err)
	}
	if got.Findings[0].Because != "it echoed [redacted]" || got.Exit != 1 {
		t.Errorf("%+v", got)
	}
	if text := string(got.Evidence["login.token"]); text != `{"echo [redacted]":"said [redacted]"}` || strings.Contains(text, "0123456789") {
		t.Error(text)
	}
}

func TestScrubbedChangesNothingElse(t *testing.T) {
	r := &Report{Evidence: map[string]json.RawMessage{"a": json.RawMessage(`{"z":12345678901234567890,"a":1.10}`)}}
	got, err := redacted(r, secret.NewRedactor(secret.New("something else")))
	if err != nil || got != r {
		t.Errorf("%+v, %v", got, err)
	}
}
