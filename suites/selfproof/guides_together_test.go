package selfproof_test

import (
	"bytes"
	"context"
	"html"
	"maps"
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

// together are ten guides that were read whole and that one instance satisfies.
var together = []string{
	"mspcentric", "365sentri", "alternative-payments", "autoelevate", "barracuda", "cipp", "dnsfilter", "evo", "optimize365", "perimeters",
}

func guidesNamed(names ...string) (guides []*guide.Guide) {
	for _, name := range names {
		guides = append(guides, guide.ByName(name))
	}
	return guides
}

// reportBy is what a run by guides reports of an instance that is set up so.
func reportBy(set fakehalo.Setup, guides ...*guide.Guide) *halocheck.Report {
	GinkgoHelper()
	server, err := fakehalo.StartWith(fakehalo.Options{Faults: []fakehalo.Fault{fakehalo.With(set)}})
	Expect(err).NotTo(HaveOccurred())
	defer server.Close()
	target, opts, err := faketarget.Of(server)
	Expect(err).NotTo(HaveOccurred())
	r, err := halocheck.Run(context.Background(), target, append(opts, halocheck.WithGuides(guides...))...)
	Expect(err).NotTo(HaveOccurred())
	return r
}

// verdictsFor are what a report says for one of its guides, by requirement and host. Least privilege is left out: what one guide
// needs is too much by another's alone.
func verdictsFor(r *halocheck.Report, name string) map[string]string {
	found := map[string]string{}
	for _, f := range r.Findings {
		if f.IsFor(name) && f.ID != "application.least-privilege" && f.Status != probes.NotApplicable {
			found[f.ID+" "+f.Host[:strings.IndexByte(f.Host+":", ':')]] = string(f.Status) + " " + string(f.Cause)
		}
	}
	return found
}

var _ = Describe("several guides in one run", Label("guides"), func() {
	It("asks at most half as much again for ten as for one, and finds for each what it finds alone", func() {
		guides := guidesNamed(together...)
		healthy := faketarget.Satisfying(guides...)
		one, ten := reportBy(healthy, guides[0]), reportBy(healthy, guides...)
		AddReportEntry("requests", []int{one.Requests, ten.Requests}, ReportEntryVisibilityAlways)
		Expect(ten.Requests * 2).To(BeNumerically("<=", one.Requests*3))
		Expect(ten.Outcome).To(Equal(halocheck.Conformant))
		for _, g := range ten.Guides {
			Expect(g.Outcome).To(Equal(halocheck.Conformant), g.Name)
		}

		broken := healthy // for some of the guides
		broken.Administrator, broken.OrdinaryAgent, broken.DefaultTeam = false, true, "Projects"
		broken.Scopes = slices.DeleteFunc(slices.Clone(healthy.Scopes), func(name string) bool { return name == "edit:invoices" || name == "all:teams" })
		broken.Claims = maps.Clone(healthy.Claims)
		maps.Copy(broken.Claims, map[string]int{"Tx": 1, "Dx": 0, "l7": 0, "Ff": 0})
		ten = reportBy(broken, guides...)
		causes := map[string]string{}
		for i, g := range guides {
			Expect(verdictsFor(ten, g.Name)).To(Equal(verdictsFor(reportBy(broken, g), g.Name)), g.ID)
			causes[g.ID] = strings.Join(ten.Guides[i].RootCauses, " ")
		}
		Expect(causes).To(Equal(map[string]string{
			"mspcentric": "application.scope-edit-invoices role.tickets-level agent.api-only", "barracuda": "application.scope-edit-invoices role.tickets-level agent.api-only",
			"alternative-payments": "application.scope-edit-invoices", "dnsfilter": "application.scope-edit-invoices", "evo": "application.scope-edit-invoices",
			"perimeters": "application.scope-all-teams role.tickets-level role.reassign-tickets role.assets-level role.all-asset-fields",
			"365sentri":  "role.tickets-level role.reassign-tickets agent.api-only", "autoelevate": "", "cipp": "", "optimize365": "",
		}))
	})

	It("names both sentences of each contradiction, in every format for people", func() {
		guides := guidesNamed("hudu", "mspcentric", "thread", "bvoip", "dnsfilter", "rewst", "moovila", "watchguard", "saas-alerts")
		r := reportBy(faketarget.Satisfying(guides...), guides...)
		for _, format := range []string{"text", "markdown", "html"} {
			var b bytes.Buffer
			Expect(halocheck.Write(&b, r, format)).To(Succeed())
			page := strings.Join(strings.Fields(html.UnescapeString(strings.NewReplacer("\\", "", "│", "", "<code>", "", "</code>", "").Replace(b.String()))), " ")
			for _, pair := range [][2]string{
				{`Hudu: "Type the Authorisation Server without a slash at the end"`, `MSPCentric: "Type the Authorisation Server with a slash at the end"`},
				{`bvoip 1Stream: "Choose a Default Team of your own; it must not stay empty"`, `Thread: "Set Default Team to No Default Team (suggested)"`},
				{`MSPCentric for DNSFilter: "Leave the permission all unticked"`, `Rewst: "Tick all"`},
				{`Moovila: "Do not make the agent an administrator"`, `WatchGuard Cloud: "Make the agent an administrator"`},
				{`SaaS Alerts: "Set Work hours to 24 Hours (recommended)"`, `Thread: "Set Work hours to Default Working Hours (recommended)"`},
			} {
				Expect(page).To(And(ContainSubstring(pair[0]), ContainSubstring(pair[1])), format)
			}
		}
	})
})
