package selfproof_test

import (
	"context"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// othersMiss is what an instance that was set up for the built-in guide lacks for another vendor's.
var othersMiss = map[string]map[string]probes.Cause{
	"huntress.yaml": {"role.view-unassigned-tickets": probes.PermissionOff},
	"hudu.yaml": {
		"application.scope-read-assets": probes.ScopeNotGranted, "application.least-privilege": probes.OverPrivileged,
		"role.assets-level": probes.LevelTooLow,
	},
	"n8n.yaml": {"application.scope-all": probes.NoScopeInToken},
}

var _ = Describe("the guides of other vendors", Label("guides"), func() {
	It("all have a row", func() {
		files, err := filepath.Glob("../../fixtures/guides/*.yaml")
		Expect(err).NotTo(HaveOccurred())
		for i := range files {
			files[i] = filepath.Base(files[i])
		}
		Expect(othersMiss).To(HaveLen(len(files)))
		for _, f := range files {
			Expect(othersMiss).To(HaveKey(f))
		}
	})

	for file, missing := range othersMiss {
		It("judges by "+file, func() {
			g, err := guide.Load(context.Background(), "../../fixtures/guides/"+file)
			Expect(err).NotTo(HaveOccurred())
			s := session(start())
			s.Guide = g
			failed := map[string]probes.Cause{}
			for _, f := range check(s) {
				switch f.Status {
				case probes.Failed:
					failed[f.ID] = f.Cause
				case probes.Blocked:
					Expect(missing).To(HaveKey(f.BlockedBy), f.ID)
				default:
					Expect(f.Status).To(BeElementOf(probes.Passed, probes.NotApplicable), "%s: %s", f.ID, f.Because)
				}
			}
			Expect(failed).To(Equal(missing))
		})
	}
})
