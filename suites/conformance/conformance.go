// Package conformance runs halocheck's requirements as subtests of package testing, without Ginkgo.
package conformance

import (
	"fmt"
	"testing"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/probes"
)

// Run checks target and reports each finding as a subtest named after its requirement: a Must that fails, or that was not
// judged because halocheck broke, fails; what is unknown, blocked or skipped, and a should or may that does not hold, is
// skipped. With [Strict] a Must that was not judged fails, too.
func Run(t *testing.T, target halocheck.Target, opts ...halocheck.Option) {
	t.Helper()
	demanding := false
	for _, o := range opts {
		_, is := o.(strict)
		demanding = demanding || is
	}
	for f, err := range halocheck.Check(t.Context(), target, opts...) {
		if err != nil {
			t.Fatal(err)
		}
		name := f.ID
		if f.Host != "" {
			name += "/" + f.Host
		}
		t.Run(name, func(t *testing.T) {
			switch Verdict(f, demanding) {
			case "fail":
				t.Error(sentence(f))
			case "skip":
				t.Skip(sentence(f))
			}
		})
	}
}

// Verdict is what the subtest of a finding does: "pass", "fail" or "skip".
func Verdict(f halocheck.Finding, strict bool) string {
	unjudged := f.Status == probes.Unknown || f.Status == probes.Blocked
	switch {
	case f.Status == probes.Passed || f.Status == probes.NotApplicable || f.Waived != nil:
		return "pass"
	case f.Level != probes.Must:
		return "skip"
	case f.Status == probes.Failed || f.Status == probes.Broken || unjudged && strict:
		return "fail"
	}
	return "skip"
}

func sentence(f halocheck.Finding) string {
	text := fmt.Sprintf("%s (%s): %s", f.Status, f.Cause, f.Because)
	if f.Remedy != nil {
		text += fmt.Sprintf("; %s: %s", f.Remedy.Who, f.Remedy.Do)
	}
	return text
}

// strict changes nothing about the check itself.
type strict struct{ halocheck.Option }

// Strict makes [Run] fail where a Must was not judged.
func Strict() halocheck.Option { return strict{halocheck.WithOnly()} }
