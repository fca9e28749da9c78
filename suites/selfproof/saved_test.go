package selfproof_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/internal/bundle"
	reports "github.com/halocheck/halocheck/internal/report"
)

// Reports that an earlier version wrote are kept in fixtures/reports under the version of their schema. They are never
// written anew: a version that judges one to another verdict changed the meaning of a requirement or of an answer.
var _ = Describe("a report of an earlier version", Label("saved"), func() {
	names, err := filepath.Glob("../../fixtures/reports/v1-*")
	if err != nil {
		panic(err) // the pattern is a literal
	}
	It("is there, of several kinds", func() { Expect(len(names)).To(BeNumerically(">=", 8)) })
	for _, name := range names {
		It("is judged to the same verdicts: "+filepath.Base(name), func() {
			data, err := os.ReadFile(name)
			Expect(err).NotTo(HaveOccurred())
			var saved *reports.Report
			if strings.HasSuffix(name, ".zip") {
				saved, err = bundle.Read(bytes.NewReader(data), int64(len(data)))
			} else {
				saved, err = reports.Read(data)
			}
			Expect(err).NotTo(HaveOccurred())
			again := judgedAgain(saved)
			Expect(again.Outcome).To(Equal(saved.Outcome))
			Expect(again.RootCauses).To(Equal(saved.RootCauses))
			Expect(inShort(again)).To(Equal(inShort(saved)))
		})
	}
})

// inShort is what of a report no later version may judge otherwise; its words may get better.
func inShort(r *reports.Report) []string {
	var lines []string
	for _, f := range r.Findings {
		accepted := ""
		if f.Waived != nil {
			accepted = "waived"
		}
		lines = append(lines, strings.Join([]string{f.ID, f.Host, string(f.Level), string(f.Status), string(f.Cause), f.BlockedBy, f.Attested, accepted}, " "))
	}
	return lines
}
