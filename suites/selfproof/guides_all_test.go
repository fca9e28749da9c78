package selfproof_test

import (
	"context"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/suites/faketarget"
)

// saidOf is what a report says of a requirement for a guide: status, cause, and the reason.
func saidOf(r *halocheck.Report, id, name string) string {
	for _, f := range r.Findings {
		if f.ID == id && f.IsFor(name) {
			return string(f.Status) + " " + string(f.Cause) + ": " + f.Because
		}
	}
	return "nothing"
}

// Facts (guides.md §1): Rewst and n8n want the permission all, MSPCentric for DNSFilter forbids it, and what a guide does not name, it
// neither wants nor forbids.
var _ = Describe("the permission all", Label("guides"), func() {
	run := func(ticked bool, admin bool, guides ...*guide.Guide) *halocheck.Report {
		GinkgoHelper()
		set := setupFor(guides...)
		set.Scopes = slices.DeleteFunc(slices.Clone(set.Scopes), func(name string) bool { return name == "all" })
		if ticked {
			set.Scopes = append(set.Scopes, "all")
		}
		server, err := fakehalo.StartWith(fakehalo.Options{Faults: []fakehalo.Fault{fakehalo.With(set)}})
		Expect(err).NotTo(HaveOccurred())
		defer server.Close()
		target, opts, err := faketarget.Of(server)
		Expect(err).NotTo(HaveOccurred())
		opts = append(opts, halocheck.WithGuides(guides...))
		if !admin {
			opts = append(opts, halocheck.WithAdmin("", nil))
		}
		r, err := halocheck.Run(context.Background(), target, opts...)
		Expect(err).NotTo(HaveOccurred())
		return r
	}

	It("is nothing that a guide which names no scopes speaks of", func() {
		for _, name := range []string{"huntress", "scalepad"} {
			g := guide.ByName(name)
			Expect(g.Application.Scopes).To(BeEmpty())
			for _, ticked := range []bool{false, true} {
				r := run(ticked, true, g)
				Expect(r.Outcome).To(Equal(halocheck.Incomplete), "the guide was read in part")
				Expect(r.Counts[probes.Failed]).To(BeZero())
				Expect(saidOf(r, "application.least-privilege", g.Name)).To(HavePrefix("not-applicable "))
				for _, f := range r.Findings {
					Expect(f.Because).NotTo(MatchRegexp(`"all"|permission all\b|\ball is\b`), f.ID)
				}
			}
		}
	})

	It("is judged for each guide by itself where all guides are chosen", func() {
		for _, ticked := range []bool{false, true} {
			r := run(ticked, true, guide.Library()...)
			wants, forbids := map[bool]string{true: "pass ok", false: "fail scope_not_granted"}[ticked], map[bool]string{false: "pass ok", true: "fail scope_forbidden"}[ticked]
			for _, name := range []string{"Rewst", "n8n"} {
				Expect(saidOf(r, "application.scope-all", name)).To(HavePrefix(wants), name)
			}
			Expect(saidOf(r, "application.without-all", "MSPCentric for DNSFilter")).To(HavePrefix(forbids))
			Expect(saidOf(r, "application.scope-all", "MSPCentric")).To(Equal("nothing"))
			least := saidOf(r, "application.least-privilege", "MSPCentric")
			Expect(strings.Contains(least, `"all"`)).To(Equal(ticked), least)
			Expect(least).To(ContainSubstring("another guide of this check asks for"))
			sides := map[string][]string{}
			for _, c := range r.Contradictions {
				for _, s := range c.Sides {
					sides[c.ID] = append(sides[c.ID], s.Guide)
				}
			}
			Expect(sides["application.without-all"]).To(ContainElements("MSPCentric for DNSFilter", "Rewst", "n8n"))
			Expect(sides["application.least-privilege"]).To(ContainElements("MSPCentric", "Rewst", "n8n"))
		}
	})

	It("stays unknown without admin rights, since a token for it is issued for the asking", func() {
		for _, ticked := range []bool{false, true} {
			r := run(ticked, false, guidesNamed("mspcentric", "dnsfilter", "rewst")...)
			for id, name := range map[string]string{"application.scope-all": "Rewst", "application.without-all": "MSPCentric for DNSFilter", "application.least-privilege": "MSPCentric"} {
				Expect(saidOf(r, id, name)).NotTo(HavePrefix("pass"), id)
			}
		}
	})
})
