package report_test

import (
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/login"
)

// TestTheCommandSaysHow holds that the command's own flags stand beside a remedy, and only where the reader has them.
func TestTheCommandSaysHow(t *testing.T) {
	more := probes.Remedy{Do: "Run halocheck again and give the run more time."}
	for want, f := range map[string]probes.Finding{
		"--attest network.allowlist=REASON": {ID: "network.allowlist", Status: probes.Unknown, Cause: probes.UnrestrictedHere, Remedy: &probes.Remedy{Do: "Ask."}},
		"--stable VERSION":                  {ID: "product.version", Status: probes.Unknown, Cause: probes.StableUnknown, Remedy: &probes.Remedy{Do: "Look it up."}},
		"--timeout 2m":                      {ID: "role.clients-level", Status: probes.Unknown, Cause: probes.Timeout, Remedy: &more},
	} {
		f.Area, _, _ = strings.Cut(f.ID, ".")
		f.Level = probes.Must
		r := &report.Report{Findings: []probes.Finding{f}}
		if text := written(t, "text", r, report.Options{Width: 200}); !strings.Contains(text, "\n      how    "+want) {
			t.Errorf("%s is not said:\n%s", want, text)
		}
		if text := written(t, "text", r, report.Options{Program: true, Width: 200}); strings.Contains(text, "--") {
			t.Errorf("a flag is named where there is none:\n%s", text)
		}
	}
}

// TestAProgramIsToldNoFlag holds for what needs credentials, in every format for people.
func TestAProgramIsToldNoFlag(t *testing.T) {
	f := probes.Finding{ID: "login.token", Area: "login", Level: probes.Must, Status: probes.Unknown, Cause: probes.NotObserved, Because: login.NoCredentials}
	r := &report.Report{Findings: []probes.Finding{f}}
	for _, format := range []string{"text", "short", "markdown"} {
		if text := written(t, format, r, report.Options{Width: 200}); !strings.Contains(text, "1 requirement needs credentials: --client-id") {
			t.Errorf("%s: the flags are not named:\n%s", format, text)
		}
		text := written(t, format, r, report.Options{Program: true, Width: 200})
		if !strings.Contains(text, "1 requirement needs credentials") || strings.Contains(text, "--") {
			t.Errorf("%s: a flag is named where there is none:\n%s", format, text)
		}
	}
}
