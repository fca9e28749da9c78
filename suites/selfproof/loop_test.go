package selfproof_test

import (
	"bytes"
	"context"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/internal/bundle"
	reports "github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// expectLoop packs a finished run, reads the bundle back, judges it with nothing to ask, and demands the findings of the
// run. Also with hosts hidden, where nobody says where the instance is, the verdicts are the same.
func expectLoop(s *probes.Session, findings []probes.Finding, alsoHidden bool) {
	GinkgoHelper()
	r, err := reports.New(s, "test", findings, time.Now(), time.Second)
	Expect(err).NotTo(HaveOccurred())
	ways := []bool{false}
	if alsoHidden {
		ways = append(ways, true)
	}
	for _, hide := range ways {
		var packed bytes.Buffer
		Expect(bundle.Write(&packed, s, r, bundle.Options{HideHosts: hide})).To(Succeed())
		read, err := bundle.Read(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
		Expect(err).NotTo(HaveOccurred())
		again := judgedAgain(read)
		Expect(again.Findings).To(Equal(read.Findings), "the bundle says one thing and its answers another")
		Expect(again.Outcome).To(Equal(r.Outcome))
		Expect(again.RootCauses).To(Equal(r.RootCauses))
		Expect(verdicts(again.Findings, !hide)).To(Equal(verdicts(r.Findings, !hide)))
	}
}

// judgedAgain judges a saved report offline.
func judgedAgain(saved *reports.Report) *reports.Report {
	GinkgoHelper()
	g := guide.BuiltIn()
	s, err := reports.Session(saved, g)
	Expect(err).NotTo(HaveOccurred())
	today := slices.Collect(probes.Run(context.Background(), s, catalogue.All(g)))
	return reports.Judged(saved, saved.Tool.Version, s, today)
}

// verdicts are findings without the words that tell of somebody: those may have other names in a bundle.
func verdicts(findings []probes.Finding, hosts bool) []probes.Finding {
	out := slices.Clone(findings)
	for i := range out {
		out[i].Because, out[i].Remedy = "", nil
		if !hosts {
			out[i].Host = ""
		}
	}
	return out
}
