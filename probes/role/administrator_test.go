package role

import (
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

func TestJudgeAdministrator(t *testing.T) {
	is := halo.Agent{Claims: []halo.Claim{{Type: "SA", Value: "1"}}}
	yes := true
	for name, c := range map[string]struct {
		seen   Permissions
		wanted bool
		status probes.Status
		cause  probes.Cause
	}{
		"is, wanted":        {Permissions{Agent: is}, true, probes.Passed, probes.OK},
		"is, forbidden":     {Permissions{Agent: is}, false, probes.Failed, probes.IsAdministrator},
		"is not, wanted":    {Permissions{Agent: halo.Agent{}}, true, probes.Failed, probes.NotAdministrator},
		"is not, forbidden": {Permissions{Agent: halo.Agent{}}, false, probes.Passed, probes.OK},
		"a field alone":     {Permissions{Agent: halo.Agent{Admin: &yes}}, false, probes.Unknown, probes.ClaimAbsent},
		"a hidden role":     {Permissions{Agent: halo.Agent{}, Hidden: []string{"its roles"}}, false, probes.Unknown, probes.ClaimAbsent},
	} {
		if v := judgeAdministrator(c.seen, c.wanted); v.Status != c.status || v.Cause != c.cause {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
