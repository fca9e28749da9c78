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
	dialect := ""
	run := func(ticked bool, admin bool, guides ...*guide.Guide) *halocheck.Report {
		GinkgoHelper()
		var faults []fakehalo.Fault
		if dialect != "" {
			named, err := fakehalo.Named(dialect)
			Expect(err).NotTo(HaveOccurred())
			faults = named
		}
		set := faketarget.Satisfying(guides...)
		set.Scopes = slices.DeleteFunc(slices.Clone(set.Scopes), func(name string) bool { return name == "all" })
		if ticked {
			set.Scopes = append(set.Scopes, "all")
		}
		server, err := fakehalo.StartWith(fakehalo.Options{Faults: append([]fakehalo.Fault{fakehalo.With(set)}, faults...)})
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

	It("is never taken for what it is not without admin rights, since a token for it may be issued for the asking", func() {
		defer func() { dialect = "" }()
		for i := range 6 { // however the server answers who asks for all
			ticked := i%2 == 1
			dialect = []string{"", "dialect:scope-all=literal", "dialect:scope-all-named=all"}[i/2]
			r := run(ticked, false, guidesNamed("mspcentric", "dnsfilter", "rewst")...)
			wants, forbids := saidOf(r, "application.scope-all", "Rewst"), saidOf(r, "application.without-all", "MSPCentric for DNSFilter")
			if ticked {
				Expect(wants).NotTo(HavePrefix("fail"), dialect)
				Expect(forbids).NotTo(HavePrefix("pass"), dialect)
			} else {
				Expect(wants).NotTo(HavePrefix("pass"), dialect)
				Expect(forbids).NotTo(HavePrefix("fail"), dialect)
			}
			Expect(saidOf(r, "application.least-privilege", "MSPCentric")).NotTo(HavePrefix("pass ok: the application's own list"))
		}
	})
})
