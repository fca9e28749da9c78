package selfproof_test

import (
	"fmt"
	"os"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes"
)

// others are every switch turned away from its default, one at a time: "claims=long".
func otherDialects() []string {
	var out []string
	for _, d := range fakehalo.Dialects() {
		for _, value := range d.Values[1:] {
			out = append(out, "dialect:"+d.Name+"="+value)
		}
	}
	return out
}

// instead is what a fault looks like under a switch that gives it another face.
var instead = map[string]map[string]expectation{
	"dialect:scope-refusal=refuse": {"scopeless-token": {"application.scope-read-customers", "fail", "scope_not_granted"}},
}

// clashes are pairs of a fault and a switch that decide the same thing, so that the fault is not there any more, or is
// another one; or of a fault that then breaks two hosts, each for itself.
var clashes = map[string][]string{
	"dialect:auth-path=root":         {"auth-without-prefix", "auth-on-other-host", "auth-url-doubled", "auth-url-api", "auth-url-portal", "edge-auth-403", "edge-404", "not-halo"},
	"dialect:auth-host=other":        {"auth-without-prefix", "auth-on-other-host", "edge-auth-403", "edge-404", "not-halo"},
	"dialect:authinfo-tenant=absent": {"wrong-tenant", "tenant-missing", "tenant-not-wanted"},
	"dialect:hosting=hosted":         {"old-version", "behind-stable", "version-hidden", "no-vantage", "tenant-not-wanted"}, // not applicable where Halo hosts, and there is a tenant
	"dialect:level-steps=three":      {"clients-no-access", "clients-names-only", "items-read-only"},
}

// ambiguous are switches under which HaloPSA's own answer can be read in two ways: then unknown is the right answer to
// requirements of the area, and a fail would be a guess.
var ambiguous = map[string][]string{
	"dialect:level-steps=three": {"role"},
	"dialect:claims=long":       {"role"},
}

var _ = Describe("dialects", Label("dialect"), func() {
	for d, dialect := range append([]string{"healthy"}, otherDialects()...) {
		It("a healthy instance is never accused: "+dialect, func() {
			s := session(start(dialect))
			withAdmin := check(s)
			for _, f := range withAdmin {
				Expect(f.Status).NotTo(Equal(probes.Failed), "%s %s: %s", f.ID, f.Cause, f.Because)
			}
			if ambiguous[dialect] == nil {
				Expect(probes.Summarise(withAdmin).Exit).To(Equal(probes.ExitConformant), "%s", problems(withAdmin))
			}
			without := session(start(dialect))
			without.Admin, without.Vantages = probes.Credentials{}, nil
			Expect(probes.Summarise(check(without)).Exit).To(BeElementOf(probes.ExitConformant, probes.ExitIncomplete))
		})

		It("every fault is told in it: "+dialect, Label("matrix"), func() {
			notUnderRace("the fault table goes the same ways")
			whole := os.Getenv("HALOCHECK_MATRIX") == "all" || dialect == "healthy"
			for n, fault := range fakehalo.Faults() {
				if !whole && (n+d)%3 != 0 {
					continue // each fault in a third of the dialects; make matrix goes through all
				}
				area, _, _ := strings.Cut(fault.Requirement, ".")
				if area == "trust" || slices.Contains(clashes[dialect], fault.Name) || slow[fault.Name] {
					continue
				}
				server := start(dialect, fault.Name)
				s := session(server)
				if slices.Contains(alone, fault.Name) {
					s.Admin = probes.Credentials{}
				}
				findings := slices.DeleteFunc(check(s), func(f probes.Finding) bool {
					return f.ID != fault.Requirement && f.Status == probes.Unknown && slices.Contains(ambiguous[dialect], f.Area)
				})
				By(fault.Name)
				want, ok := instead[dialect][fault.Name]
				if !ok {
					want = expectation{fault.Requirement, fault.Status, fault.Cause}
				}
				expectOnly(findings, fault.Name, want)
				server.Close()
			}
		})
	}
})

// slow are faults that make the checker wait; the fault table has them once.
var slow = map[string]bool{
	"rate-limited": true, "rate-limited-retry-after": true, "server-error": true, "flaky": true, "edge-drop": true,
}

// problems lists whatever is neither a pass nor not applicable.
func problems(findings []probes.Finding) string {
	var lines []string
	for _, f := range findings {
		if f.Status != probes.Passed && f.Status != probes.NotApplicable {
			lines = append(lines, fmt.Sprintf("%s %s %s: %s", f.ID, f.Status, f.Cause, f.Because))
		}
	}
	return strings.Join(lines, "\n")
}
