// Package catalogue is the only list of requirements, in the order of a report. Everything else that lists them, such as
// CATALOGUE.md and `halocheck list`, is made from it.
package catalogue

import (
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
// Resource host first.
func All(g *guide.Guide) []probes.Check {
	here, there := trust.Resource, login.Authorisation
	checks := []probes.Check{
		here.Resolves, there.Resolves,
		here.Reachable, there.Reachable,
		login.Allowlist, login.AuthorisationAllowlist,
	}
	others := there.Checks()
	for i, c := range here.Checks() {
		checks = append(checks, c, others[i])
	}
	checks = append(checks,
		product.Answers, login.Version, login.Tenant,
		login.AuthURLSlash, login.AuthURL, login.SecretForm, login.Token, login.LoginType, login.Agent,
	)
	checks = append(checks, application.All(g)...)
	checks = append(checks, role.All(g)...)
	return append(checks, agent.All(g)...)
}
