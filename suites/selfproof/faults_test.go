package selfproof_test

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// shared says which further requirements a fault breaks, by ID or area, and why: several symptoms of one fault.
var shared = map[string]map[string]string{
	"secret-with-blank": {"login.token": "the secret is sent as it was given, so it is wrong as well"},
	"id-not-guid":       {"login.token": "what has not the form of a Client ID is not sent"},
	"scopeless-token":   {"application": "a token without scope lacks every one of them"},
	"claims-hidden": {
		"role":        "no permission can be read where no claim is shown",
		"application": "this row is run without admin credentials, and the application's name is seen by nobody else",
	},
}

// alone are the faults that an admin credential sees through; they are run without one.
var alone = []string{"claims-hidden"}

// isShared tells whether the row says why this requirement deviates too.
func isShared(fault, id string) bool {
	area, _, _ := strings.Cut(id, ".")
	return shared[fault][id] != "" || shared[fault][area] != ""
}

// expectation is what a fault's finding has to be; the fake documents it, and the table below holds it to that.
type expectation struct{ requirement, status, cause string }

var _ = Describe("the fault table", func() {
	for i, fault := range fakehalo.Faults() {
		It(fault.Name, Label("fault"), func() {
			server := start(fault.Name)
			s := session(server)
			if slices.Contains(alone, fault.Name) {
				s.Admin = probes.Credentials{}
			}
			s.Net.Log = halo.NewLog()
			canary := watched(s)
			findings := check(s)
			expectNoSecret(s, findings)
			if !raceBuilt { // the same findings written and read again and again, by one goroutine
				expectNoCanary(s, canary, findings)
				expectAgreement(s, findings)
				expectLoop(s, findings, i%4 == 0) // hosts are hidden in some, since it takes as long again
			}
			expectReads(server)
			expectSentences(findings)
			expectOnly(findings, fault.Name, expectation{fault.Requirement, fault.Status, fault.Cause})
		})
	}
})

// expectOnly demands that exactly the expected requirement deviates with that cause, and that whatever is blocked is
// blocked by it. Without a requirement everything has to hold.
func expectOnly(findings []probes.Finding, fault string, want expectation) {
	GinkgoHelper()
	var wrong []string
	found := false
	for _, f := range findings {
		line := fmt.Sprintf("%s [%s]: %s %s (%s)", f.ID, f.Host, f.Status, f.Cause, f.Because)
		switch {
		case f.ID == want.requirement && string(f.Status) == want.status && string(f.Cause) == want.cause:
			found = true
		case f.Status == probes.Blocked && f.BlockedBy == want.requirement:
		case f.Status == probes.Passed, f.Status == probes.NotApplicable:
		case isShared(fault, f.ID):
		case f.Status == probes.Blocked && isShared(fault, f.BlockedBy):
		default:
			wrong = append(wrong, line)
		}
	}
	Expect(wrong).To(BeEmpty(), "nothing else may deviate:\n%s", strings.Join(wrong, "\n"))
	Expect(found || want.requirement == "").To(BeTrue(), "%s is not reported as %s %s:\n%s", want.requirement, want.status, want.cause, tell(findings, want.requirement))
}

// tell prints the findings of one requirement.
func tell(findings []probes.Finding, id string) string {
	var lines []string
	for _, f := range findings {
		if f.ID == id {
			lines = append(lines, fmt.Sprintf("%s %s: %s", f.Status, f.Cause, f.Because))
		}
	}
	return strings.Join(slices.Compact(lines), "\n")
}
