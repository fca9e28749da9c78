package fleet

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

// Bounds of a line that was read. A check has one certificate for each of two hosts.
const (
	maxCertificates = 16
	maxURL          = 4096 // bytes
)

// checkName refuses what no instance of an inventory is called: names become parts of files and metrics.
func checkName(name string) error {
	if len(name) > maxName || !instanceName().MatchString(name) || deviceName().MatchString(name) {
		return fmt.Errorf("%q is not the name of an instance", cutValue(name))
	}
	return nil
}

// cutValue is a refused value, short enough for a message.
func cutValue(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}

// validate refuses a run line that no fleet writes.
func (r *Run) validate() error {
	if !r.Shard.valid() {
		return fmt.Errorf("there is no shard %s", r.Shard)
	}
	for _, name := range r.Names {
		if err := checkName(name); err != nil {
			return err
		}
	}
	return nil
}

// validate refuses a result that no fleet writes, and sums it up anew: the outcome and the root causes of a file are not
// believed.
func (r *Result) validate() error {
	if err := checkName(r.Name); err != nil {
		return err
	}
	for key, value := range r.Labels {
		if !labelKey(key) || len(value) > maxLabel {
			return fmt.Errorf("%q is not a label of an instance", cutValue(key))
		}
	}
	switch {
	case r.Outcome != probes.Conformant && r.Outcome != probes.NotConformant && r.Outcome != probes.Incomplete:
		return fmt.Errorf("outcome is %q, which no result holds", cutValue(string(r.Outcome)))
	case r.Exit < probes.ExitConformant || r.Exit > probes.ExitBroken || r.TookMS < 0 || r.Requests < 0:
		return fmt.Errorf("exit, took_ms or requests is out of range")
	case len(r.Certificates) > maxCertificates || len(r.URL) > maxURL:
		return fmt.Errorf("it holds more than any result does")
	}
	findings := make([]probes.Finding, len(r.Findings))
	for i, f := range r.Findings {
		findings[i] = f.whole()
	}
	if err := report.ValidateFindings(findings); err != nil || len(findings) == 0 {
		r.RootCauses = nil
		return err
	}
	sum := probes.Summarise(findings)
	r.Outcome, r.Exit, r.RootCauses, r.Counts = sum.Outcome, sum.Exit, sum.RootCauses, sum.Counts
	return nil
}

// whole is the finding as a report has it.
func (f Finding) whole() probes.Finding {
	area, _, _ := strings.Cut(f.ID, ".")
	return probes.Finding{
		ID: f.ID, Area: area, Host: f.Host, Level: f.Level, Status: f.Status, Cause: f.Cause, Because: f.Because, BlockedBy: f.BlockedBy,
		Remedy: f.Remedy, Attested: f.Attested, Waived: f.Waived,
	}
}
