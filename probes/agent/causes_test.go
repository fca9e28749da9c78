package agent

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// TestDeclaredCauses lists what each requirement may report: reports and their readers go by it.
func TestDeclaredCauses(t *testing.T) {
	got := map[string][]probes.Cause{}
	for _, c := range All(guide.BuiltIn()) {
		got[c.Meta().ID] = c.Meta().Causes
	}
	want := map[string][]probes.Cause{
		"agent.api-only":     {probes.NotAPIOnly},
		"agent.default-team": {probes.NameDiffers},
		"agent.enabled":      {probes.AgentDisabled},
		"agent.role":         {probes.NameDiffers},
		"agent.teams":        {probes.TeamNotVisible, probes.TeamNotFound, probes.RateLimited, probes.ServerError},
		"agent.username":     {probes.NameDiffers},
		"agent.work-hours":   {probes.HoursDiffer},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
