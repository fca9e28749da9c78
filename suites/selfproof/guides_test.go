package selfproof_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/suites/faketarget"
)

// failedBy are the requirements that fail where an instance that is set up so is judged by a guide.
func failedBy(g *guide.Guide, set fakehalo.Setup, faults ...string) []string {
	GinkgoHelper()
	named, err := fakehalo.Named(faults...)
	Expect(err).NotTo(HaveOccurred())
	server, err := fakehalo.StartWith(fakehalo.Options{Faults: append([]fakehalo.Fault{fakehalo.With(set)}, named...)})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(server.Close)
	s := session(server)
	s.Guide = g
	var failed []string
	for _, f := range check(s) {
		Expect(f.Status).NotTo(Equal(probes.Broken), f.ID)
		if f.Status == probes.Failed {
			failed = append(failed, f.ID)
		}
	}
	return slices.Compact(failed) // of two hosts
}

// breakage is a change of an instance that breaks one requirement of a guide.
type breakage struct {
	id    string
	make  func(*fakehalo.Setup)
	fault string       // of the fake's, beside it; empty: none
	by    *guide.Guide // who judges; nil: the guide itself
}

// faultFor are the fake's faults that break what no setup of an integration does.
var faultFor = map[string]string{
	"network.allowlist": "listed-refused", "trust.chain": "missing-intermediate", "product.tenant": "wrong-tenant",
	"login.token": "wrong-method", "login.login-type": "login-type-client", "login.agent": "no-agent",
	"application.name": "application-renamed", "application.least-privilege": "over-privileged-extra",
	"agent.enabled": "agent-disabled", "agent.username": "agent-renamed", "agent.role": "agent-other-role", "agent.teams": "agent-no-team",
}

// unreachable says of what rows ask for that nothing can break, or nobody sees.
func unreachable(d guide.Demand, g *guide.Guide) string {
	_, name, _ := strings.Cut(d.ID, ".")
	kind, permission := guide.PermissionNamed(name)
	switch {
	case d.Chapter == "By hand":
		return "done by hand"
	case d.ID == "login.resource-url", d.ID == "login.auth-url-slash" && g.Login.AuthURL.TrailingSlash == guide.SlashEither:
		return "told what to type"
	case d.ID == "login.secret-form":
		return "told to be kept" // a secret of another form is another requirement's as well
	case permission && halo.Code(kind.Name) == "":
		return "no source tells the claim"
	case d.Wants == guide.AnyValue && d.ID == "agent.work-hours":
		return "any will do"
	}
	return ""
}

// breakages are made from a guide's rows: one for each that the fake can break and halocheck can see.
func breakages(g *guide.Guide, healthy fakehalo.Setup) (out []breakage) {
	add := func(id string, change func(*fakehalo.Setup)) { out = append(out, breakage{id, change, "", nil}) }
	lower := func(id, name string) {
		code := halo.Code(name)
		if _, set := healthy.Claims[code]; set && code != "" {
			add(id, func(s *fakehalo.Setup) { s.Claims = maps.Clone(s.Claims); s.Claims[code] = 0 })
		}
	}
	for _, s := range g.Application.Scopes {
		add("application."+guide.ScopeID(s.Name), func(set *fakehalo.Setup) {
			set.Scopes = slices.DeleteFunc(slices.Clone(set.Scopes), func(name string) bool { return name == s.Name })
		})
	}
	for _, choice := range g.Application.AnyOf {
		add("application."+choice.ID, func(set *fakehalo.Setup) {
			set.Scopes = slices.DeleteFunc(slices.Clone(set.Scopes), func(name string) bool { return slices.Contains(choice.Scopes, name) })
		})
	}
	for _, s := range g.Application.Forbidden {
		add("application."+guide.WithoutID(s.Name), func(set *fakehalo.Setup) { set.Scopes = append(slices.Clone(set.Scopes), s.Name) })
	}
	if g.Agent.Departments != nil {
		add("agent.departments", func(s *fakehalo.Setup) { s.Department = false })
	}
	if t := g.Agent.Teams; t != nil && t.Value == guide.All {
		add("agent.teams", func(s *fakehalo.Setup) { s.AllTeams = false })
	}
	if a := g.Role.Administrator; a != nil {
		add("role.administrator", func(s *fakehalo.Setup) { s.Administrator = !s.Administrator })
	}
	if healthy.Administrator { // who is one has every level and permission, so that these rows are broken without that row
		ordinary := *g
		ordinary.Role.Administrator = nil
		for _, b := range breakages(&ordinary, faketarget.Satisfying(&ordinary)) {
			if strings.HasPrefix(b.id, "role.") {
				change := b.make
				b.by, b.make = &ordinary, func(s *fakehalo.Setup) { s.Administrator = false; change(s) }
				out = append(out, b)
			}
		}
	} else {
		for _, l := range g.Role.Levels {
			lower("role."+l.ID, l.Feature)
		}
		for _, p := range g.Role.Permissions {
			lower("role."+p.ID, p.Permission)
			if code := halo.Code(p.Permission); p.AtLeast == guide.All && code != "" && p.Permission != "view-appointments" {
				add("role."+p.ID, func(s *fakehalo.Setup) { s.Claims = maps.Clone(s.Claims); s.Claims[code] = 1 }) // its own alone
			}
		}
		for _, x := range g.Role.Restrictions {
			lower("role."+x.ID, map[bool]string{true: "all-clients", false: x.Restriction}[x.Restriction == "clients"])
		}
	}
	if a := g.Agent.APIOnly; a != nil {
		add("agent.api-only", func(s *fakehalo.Setup) { s.OrdinaryAgent = !s.OrdinaryAgent })
	}
	if t := g.Agent.DefaultTeam; t != nil {
		add("agent.default-team", func(s *fakehalo.Setup) { s.DefaultTeam = map[bool]string{true: "Projects"}[s.DefaultTeam == ""] })
	}
	if h := g.Agent.WorkHours; h != nil && !h.Any {
		add("agent.work-hours", func(s *fakehalo.Setup) { s.WorkHours = "Night Shift" })
	}
	if u := g.Login.AuthURL; u != nil && u.TrailingSlash != guide.SlashEither {
		add("login.auth-url-slash", func(s *fakehalo.Setup) { s.NoSlash = !s.NoSlash })
	}
	if g.Product.Version != nil {
		add("product.version", func(s *fakehalo.Setup) { s.Version = "2.90.1" }) // older than any guide wants
	}
	for _, d := range g.Demands() {
		fault := faultFor[d.ID]
		if d.ID == "agent.teams" && slices.Contains(healthy.Scopes, "all:teams") {
			fault = "team-missing" // with that scope an agent needs no team
		}
		if isReached := slices.ContainsFunc(out, func(b breakage) bool { return b.id == d.ID }); fault != "" && !isReached {
			out = append(out, breakage{d.ID, func(*fakehalo.Setup) {}, fault, nil})
		}
	}
	return out
}

// Every guide of the library is met by the instance that its own rows make, and each row that is broken there fails alone.
// All rows take half a minute, so that each requirement is broken once, in the first guide that has it;
// HALOCHECK_GUIDES=all breaks each in every guide.
var _ = Describe("the library of guides", Ordered, ContinueOnFailure, Label("guides"), func() {
	broken := map[string]bool{}
	left, faulted := map[string]int{}, 0                             // rows that nothing breaks, by the reason, and those that are broken
	rows, shown, all := 0, 0, os.Getenv("HALOCHECK_GUIDES") == "all" // a test's size
	for _, g := range guide.Library() {
		It("is met by an instance set up for it, and each row is missed: "+g.ID, func() {
			set := faketarget.Satisfying(g)
			Expect(failedBy(g, set)).To(BeEmpty())
			ways := breakages(g, set)
			for _, d := range g.Demands() {
				if slices.ContainsFunc(ways, func(b breakage) bool { return b.id == d.ID }) {
					faulted++
					continue
				}
				why := unreachable(d, g)
				left[why]++
				Expect(why).NotTo(BeEmpty(), "nothing breaks %s", d.ID)
			}
			for _, b := range ways {
				if rows++; broken[b.id] && !all {
					continue
				}
				broken[b.id] = true
				shown++
				changed, by := set, g
				if b.make(&changed); b.by != nil {
					by = b.by
				}
				var faults []string
				if b.fault != "" {
					faults = []string{b.fault}
				}
				Expect(failedBy(by, changed, faults...)).To(Equal([]string{b.id}), "%s: %s %s", g.ID, b.id, b.fault)
			}
		})
	}

	It("reaches every requirement of a row", func() {
		AddReportEntry("rows", fmt.Sprintf("%d rows of %d guides can be broken, in %d ways of which %d were gone, of %d requirements; not the others: %v",
			faulted, len(guide.Library()), rows, shown, len(broken), left), ReportEntryVisibilityAlways)
		Expect(len(broken)).To(BeNumerically(">", 80))
	})
})
