package login

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/network"
	"github.com/halocheck/halocheck/probes/product"
)

// forGuide is a requirement with the level, the profile and the place of a guide's row; a guide without the row does not ask for
// it. The built-in guide's places are the requirement's own.
func forGuide[T any](r probes.Requirement[T], g *guide.Guide, row *guide.Row) *probes.Requirement[T] {
	if r.Unasked = row == nil; row == nil {
		return &r
	}
	r.Level, r.SetUp = probes.LevelOf(*row, r.Level), row.Phase == guide.Setup
	if row.Profile != "" {
		r.Profile = probes.ProfileOf(*row)
	}
	if g.Name != guide.BuiltIn().Name {
		label := r.Source.Label
		if r.Source = probes.SourceOf(g, *row); r.Source.Label == "" {
			r.Source.Label = label
		}
	}
	return &r
}

// AllowlistsOf are network.allowlist for both hosts, with a guide's addresses.
func AllowlistsOf(g *guide.Guide) []probes.Check {
	var checks []probes.Check
	for _, r := range []*probes.Requirement[network.Access]{Allowlist, AuthorisationAllowlist} {
		if n := g.Network; n != nil {
			judge := r.Judge
			r = forGuide(*r, g, &n.Row)
			r.Judge = func(a network.Access) probes.Verdict {
				a.Wanted = n.Addresses
				return judge(a)
			}
		} else {
			r = forGuide(*r, g, nil)
		}
		checks = append(checks, r)
	}
	return checks
}

// VersionOf is product.version as a guide asks for it.
func VersionOf(g *guide.Guide) probes.Check {
	row := g.Product.Version
	if row == nil {
		return forGuide(*Version, g, nil)
	}
	r := forGuide(*Version, g, &row.Row)
	if row.AtLeast != "" {
		product.AtLeast(r, row.AtLeast)
	}
	return r
}

// TenantOf is product.tenant with a guide's words for a field that names none.
func TenantOf(g *guide.Guide) probes.Check {
	row := g.Product.Tenant
	if row == nil {
		return Tenant
	}
	r := forGuide(*Tenant, g, &row.Row)
	r.Judge = func(t product.TenantSetting) probes.Verdict {
		t.NoneWords = product.NoneWords(row)
		return Tenant.Judge(t)
	}
	return r
}

// SlashOf is login.auth-url-slash as a guide asks for it: with a slash, without one, or not at all.
func SlashOf(g *guide.Guide) probes.Check {
	row := g.Login.AuthURL
	switch {
	case row == nil || row.TrailingSlash == guide.SlashEither:
		return forGuide(*AuthURLSlash, g, nil)
	case row.TrailingSlash == guide.SlashMust:
		r := forGuide(*AuthURLSlash, g, &row.Row)
		r.Judge = func(t Typed) probes.Verdict {
			t.Asked = true
			return AuthURLSlash.Judge(t)
		}
		return r
	}
	r := forGuide(*AuthURLSlash, g, &row.Row)
	r.Says = "The Authorisation Server's URL does not end in a slash."
	r.Remedy.Do = "Remove the slash from the end of the Authorisation Server's URL."
	r.Causes = []probes.Cause{probes.UnwantedSlash}
	r.Judge = judgeNoSlash
	return r
}

func judgeNoSlash(t Typed) probes.Verdict {
	switch {
	case !t.Given:
		return probes.DoesNotApply("no Authorisation Server was given to judge")
	case !strings.HasSuffix(strings.TrimSpace(t.URL), "/"):
		return probes.Pass(fmt.Sprintf("%q does not end in a slash", t.URL), t.URL)
	}
	return probes.Fail(probes.UnwantedSlash, fmt.Sprintf("%q ends in a slash", t.URL))
}

// LoginTypeOf is login.login-type as a guide asks for it. Where the guide takes other types beside Agent, a token that opens
// nothing may be one of those: halocheck sees through an agent alone.
func LoginTypeOf(g *guide.Guide) probes.Check {
	row := g.Login.LoginType
	if row == nil {
		return LoginType
	}
	var others []string
	for _, name := range row.Accepted() {
		if !strings.EqualFold(name, "Agent") && !slices.Contains(others, name) {
			others = append(others, name)
		}
	}
	if len(others) == 0 {
		return LoginType
	}
	r := forGuide(*LoginType, g, &row.Row)
	r.Says = "The application logs in as an agent, or as " + strings.Join(others, " or ") + "."
	r.FindOut = probes.Remedy{Who: probes.HaloAdmin, Do: "Check which Login Type the application has; with Agent, halocheck can judge the rest.", Where: detailsTab}
	r.Judge = func(m Me) probes.Verdict {
		v := judgeLoginType(m)
		if v.Status == probes.Failed {
			return probes.CannotTell(probes.NotObserved, v.Because+"; this guide also takes the Login Type "+strings.Join(others, " or ")+", as which halocheck sees nothing")
		}
		return v
	}
	return r
}

// triedGrant is the way to log in that halocheck itself uses.
const triedGrant = "client_credentials"

// GrantOf is login.grant-type: of a guide that logs in another way, which halocheck cannot try. It is nil for all others.
func GrantOf(g *guide.Guide) probes.Check {
	row := g.Login.Grant
	if row == nil || len(row.Accepted()) == 0 || slices.Contains(row.Accepted(), triedGrant) {
		return nil
	}
	names := strings.Join(row.Accepted(), " or ")
	return forGuide(probes.Requirement[string]{
		ID: "login.grant-type", Level: probes.Must, Given: probes.GuideName,
		Says:    "The integration logs in with the grant " + names + ".",
		Remedy:  probes.Remedy{Who: probes.Operator, Do: "Log in once in the vendor's own product.", Where: "the vendor's set-up page"},
		FindOut: probes.Remedy{Who: probes.Operator, Do: "Log in once in the vendor's own product: that alone shows it.", Where: "the vendor's set-up page"},
		Judge: func(string) probes.Verdict {
			return probes.CannotTell(probes.NotObserved, "this guide logs in with "+names+"; halocheck logs in with client_credentials alone")
		},
	}, g, &row.Row)
}
