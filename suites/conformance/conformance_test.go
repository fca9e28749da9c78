package conformance_test

import (
	"testing"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/suites/conformance"
	"github.com/halocheck/halocheck/suites/faketarget"
)

func TestHealthy(t *testing.T) {
	server := fakehalo.Start()
	t.Cleanup(server.Close)
	target, opts, err := faketarget.Of(server)
	if err != nil {
		t.Fatal(err)
	}
	conformance.Run(t, target, append(opts, conformance.Strict())...)
}

func TestFindingsBecomeSubtests(t *testing.T) {
	for _, c := range []struct {
		finding halocheck.Finding
		strict  bool
		want    string
	}{
		{halocheck.Finding{Level: "must", Status: "pass"}, true, "pass"},
		{halocheck.Finding{Level: "must", Status: "fail"}, false, "fail"},
		{halocheck.Finding{Level: "must", Status: "broken"}, false, "fail"},
		{halocheck.Finding{Level: "must", Status: "unknown"}, false, "skip"},
		{halocheck.Finding{Level: "must", Status: "unknown"}, true, "fail"},
		{halocheck.Finding{Level: "must", Status: "blocked"}, true, "fail"},
		{halocheck.Finding{Level: "must", Status: "skipped"}, true, "skip"},
		{halocheck.Finding{Level: "should", Status: "fail"}, true, "skip"},
		{halocheck.Finding{Level: "must", Status: "not-applicable"}, true, "pass"},
	} {
		if got := conformance.Verdict(c.finding, c.strict); got != c.want {
			t.Errorf("%+v strict=%v: %s, want %s", c.finding, c.strict, got, c.want)
		}
	}
}
