package report_test

import (
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
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
