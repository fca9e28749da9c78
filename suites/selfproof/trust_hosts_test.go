package selfproof_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/fakehalo/pki"
	"github.com/halocheck/halocheck/probes"
)

// Every flaw of the chain lab is put on the authorisation host alone. The fault table has them on the resource host.
var _ = Describe("trust of the authorisation host", Label("fault", "trust"), func() {
	for _, flaw := range pki.Faults() {
		if flaw.Requirement == "" {
			continue // a variation that breaks nothing
		}
		It(flaw.Name, func() {
			if flaw.Cause == "timeout" {
				Skip("it waits as long as it does on the resource host, where the fault table has it")
			}
			faults, err := fakehalo.Named(flaw.Name + "@auth")
			Expect(err).NotTo(HaveOccurred())
			server := start(faults[0].Name)
			findings := check(session(server))
			told := 0
			for _, f := range findings {
				if f.Area != "trust" || f.Status == probes.Passed {
					continue
				}
				Expect(f.Host).NotTo(Equal(resourceHost(server)), "%s %s %s: the resource host has no flaw", f.ID, f.Status, f.Cause)
				if f.Status == probes.Blocked {
					Expect(f.BlockedBy).To(Equal(flaw.Requirement), f.ID)
					continue
				}
				Expect([]string{f.ID, string(f.Status), string(f.Cause)}).To(Equal([]string{flaw.Requirement, faults[0].Status, flaw.Cause}), f.Because)
				told++
			}
			Expect(told).To(Equal(1), "the flaw is told once:\n%s", problems(findings))
			expectReads(server)
		})
	}
})

// resourceHost is what the findings about the resource host carry: they name the host with its port.
func resourceHost(server *fakehalo.Server) string {
	GinkgoHelper()
	target, err := probes.ParseTarget(server.URL)
	Expect(err).NotTo(HaveOccurred())
	return target.Host
}
