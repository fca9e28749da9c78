// Package catalogue is the only list of requirements, in the order of a report. Everything else that lists them, such as
// CATALOGUE.md and `halocheck list`, is made from it.
package catalogue

import (
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/agent"
	"github.com/halocheck/halocheck/probes/application"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/login"
	"github.com/halocheck/halocheck/probes/product"
	"github.com/halocheck/halocheck/probes/role"
	"github.com/halocheck/halocheck/probes/trust"
)

// All is every requirement that a guide is judged by, in report order. What is asked of two hosts stands twice, the
// Resource host first. Of several guides, what some ask for stands once for each of these.
func All(guides ...*guide.Guide) []probes.Check {
	if len(guides) == 1 {
		return one(guides[0])
	}
	return together(guides)
}

func one(g *guide.Guide) []probes.Check {
	here, there := trust.Resource, login.Authorisation
	checks := []probes.Check{
		here.Resolves, there.Resolves,
		here.Reachable, there.Reachable,
	}
	checks = append(checks, login.AllowlistsOf(g)...)
	others := there.Checks()
	for i, c := range here.Checks() {
		checks = append(checks, c, others[i])
	}
	checks = append(checks,
		product.Answers, login.VersionOf(g), login.TenantOf(g),
		login.SlashOf(g), login.AuthURL, login.SecretForm, login.Token, login.LoginTypeOf(g), login.Agent,
	)
	if grant := login.GrantOf(g); grant != nil {
		checks = append(checks, grant)
	}
	demands := g.Demands()
	for _, area := range []struct {
		name   string
		judged []probes.Check
	}{{"application", application.All(g)}, {"role", role.All(g)}, {"agent", agent.All(g)}} {
		checks = append(checks, withUnjudged(g, demands, area.name, area.judged)...)
	}
	return checks
}

// withUnjudged are an area's checks and, for each row of the guide that none of them judges, one that says so.
func withUnjudged(g *guide.Guide, demands []guide.Demand, area string, checks []probes.Check) []probes.Check {
	for _, d := range demands {
		if !strings.HasPrefix(d.ID, area+".") {
			continue
		}
		switch at := slices.IndexFunc(checks, func(c probes.Check) bool { return c.Meta().ID == d.ID }); {
		case at < 0:
			checks = append(checks, probes.Unjudged(g, d))
		case checks[at].Meta().Unasked:
			checks[at] = probes.Unjudged(g, d)
		}
	}
	return checks
}
