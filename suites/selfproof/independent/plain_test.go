package independent_test

import (
	"fmt"
	"testing"

	"github.com/halocheck/halocheck/probes"
)

// plainInstance is an instance as the guide makes it: one role with everything, one application, no tenant.
func plainInstance() *instance {
	in := drawInstance(random(1))
	in.roles, in.own = []roleRecord{{id: "0d9c1f5e-4a35-4a53-8a2c-3f4e5d6c7b8a", number: 11, name: "MSPCentric", claims: claims{}}}, claims{}
	for _, n := range needs {
		in.roles[0].claims[n.code] = n.four
	}
	in.roles[0].claims["Fx"] = 3 // a level with a fourth step: the set is of the newer coding
	in.administrator, in.unclaimed, in.clientID, in.clientSecret = false, false, "0b6c2f0e-8d1f-4c55-9d7e-2f4f5b1a6c3d", "5a1e9c7b-0d2f-4e36-8a4b-6c8d0e2f4a61-b3c5d7e9-1f2a-4b3c-9d4e-5f6a7b8c9d0e"
	in.typedID, in.typedSecret = in.clientID, in.clientSecret
	in.threeSteps, in.adminGiven, in.rows, in.teamsWanted = false, false, 3, nil
	in.agentName, in.scopes = "MSPCentric", append([]string(nil), guideScopes...)
	in.teams, in.member = []team{{1, "Service Desk"}, {4, "Projects"}}, []int{1}
	in.typedAuth = "{auth}/"
	return in
}

// hostedForm is the plain form of an instance that Halo hosts.
func hostedForm(in *instance) form {
	f := plainForm
	f.Resource, f.HostedGroup, f.TenantNeeded = "acme.halopsa.com", true, true
	in.hosted, in.tenant = true, "acme"
	return f
}

// TestThePlainInstanceIsJudgedWhole holds that nothing stays open about an instance in the forms that were reported, but
// what cannot be seen from here.
func TestThePlainInstanceIsJudgedWhole(t *testing.T) {
	for _, hosted := range []bool{false, true} {
		t.Run(fmt.Sprintf("hosted=%t", hosted), func(t *testing.T) {
			inBubble(t, func() {
				in, f := plainInstance(), plainForm
				if hosted {
					f = hostedForm(in)
				}
				s := start(in, f, newMemoryNetwork())
				defer s.close()
				o := s.check()
				for _, w := range judgeHealthy(s, o) {
					t.Errorf("%s\n    because: %s", w.key, w.because)
				}
				for _, found := range o.findings {
					if found.Status == probes.Unknown && found.ID != "network.allowlist" && found.ID != "application.least-privilege" {
						t.Errorf("%s is unknown: %s", found.ID, found.Because)
					}
				}
				if len(o.requests) > 26 {
					t.Errorf("%d requests", len(o.requests))
				}
			})
		})
	}
}

// TestEachFaultInThePlainForm breaks one thing of the plain instance, in each of the ways that a fault has.
func TestEachFaultInThePlainForm(t *testing.T) {
	for _, b := range faults() {
		t.Run(b.name, func(t *testing.T) {
			seen := map[string]bool{}
			for seed := range uint64(max(1, min(instances()/100, 24))) {
				inBubble(t, func() {
					in, f := plainInstance(), plainForm
					if b.fits != nil && !b.fits(in, f) {
						f = hostedForm(in)
					}
					if b.fits != nil && !b.fits(in, f) {
						f.AuthInfo = "no tenant"
					}
					onServer := b.change(random(seed), in, &f)
					s := start(in, f, newMemoryNetwork())
					defer s.close()
					if onServer != nil {
						onServer(s)
					}
					o := s.check()
					for _, w := range judgeBroken(s, o, b) {
						if !seen[w.key] {
							t.Errorf("seed %d: %s\n    because: %s", seed, w.key, w.because)
						}
						seen[w.key] = true
					}
				})
			}
		})
	}
}
