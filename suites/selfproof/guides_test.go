package selfproof_test

import (
	"fmt"
	"maps"
	"os"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/suites/faketarget"
)

// failedBy are the requirements that fail where an instance that is set up so is judged by a guide.
func failedBy(g *guide.Guide, set fakehalo.Setup) []string {
	GinkgoHelper()
	server, err := fakehalo.StartWith(fakehalo.Options{Faults: []fakehalo.Fault{fakehalo.With(set)}})
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
	return failed
}

// breakage is a change of an instance that breaks one requirement of a guide.
type breakage struct {
	id   string
	make func(*fakehalo.Setup)
}

// breakages are made from a guide's rows: one for each that the fake can break and halocheck can see.
func breakages(g *guide.Guide, healthy fakehalo.Setup) (out []breakage) {
	add := func(id string, change func(*fakehalo.Setup)) { out = append(out, breakage{id, change}) }
	lower := func(id, name string) {
		code := halo.Code(name)
		if _, set := healthy.Claims[code]; set && code != "" {
			add(id, func(s *fakehalo.Setup) { s.Claims = maps.Clone(s.Claims); s.Claims[code] = 0 })
		}
	}
	for _, s := range g.Application.Scopes {
		if len(healthy.Scopes) > 1 { // without any, the further requirements wait
			add("application."+guide.ScopeID(s.Name), func(set *fakehalo.Setup) {
				set.Scopes = slices.DeleteFunc(slices.Clone(set.Scopes), func(name string) bool { return name == s.Name })
			})
		}
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
	if !healthy.Administrator {
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
	return out
}

// Every guide of the library is met by the instance that its own rows make, and each row that is broken there fails alone.
// All rows take half a minute, so that each requirement is broken once, in the first guide that has it;
// HALOCHECK_GUIDES=all breaks each in every guide.
var _ = Describe("the library of guides", Ordered, ContinueOnFailure, Label("guides"), func() {
	broken := map[string]bool{}
	rows, shown, all := 0, 0, os.Getenv("HALOCHECK_GUIDES") == "all" // a test's size
	for _, g := range guide.Library() {
		It("is met by an instance set up for it, and each row is missed: "+g.ID, func() {
			set := faketarget.Satisfying(g)
			Expect(failedBy(g, set)).To(BeEmpty())
			for _, b := range breakages(g, set) {
				if rows++; broken[b.id] && !all {
					continue
				}
				broken[b.id] = true
				shown++
				changed := set
				b.make(&changed)
				Expect(failedBy(g, changed)).To(Equal([]string{b.id}), "%s: %s", g.ID, b.id)
			}
		})
	}

	It("reaches every requirement of a row", func() {
		AddReportEntry("rows", fmt.Sprintf("%d rows can be broken, %d were, of %d requirements", rows, shown, len(broken)), ReportEntryVisibilityAlways)
		Expect(len(broken)).To(BeNumerically(">", 50))
	})
})
