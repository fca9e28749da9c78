package application

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

const leastSays = "The application has no permission beyond those that the guide asks for."

// leastPrivilege is application.least-privilege.
func leastPrivilege(g *guide.Guide) probes.Check {
	row := *g.Application.LeastPrivilege
	return &probes.Requirement[Privileges]{
		ID: "application.least-privilege", Level: probes.LevelOf(row, probes.Should), Profile: probes.ProfileOf(row), Says: leastSays, Source: probes.SourceOf(g, row),
		Remedy:  probes.Remedy{Who: probes.HaloAdmin, Do: "Untick each permission that the guide does not name; leave those of the guide ticked; save.", Where: permissionsTab},
		FindOut: probes.Remedy{Who: probes.HaloAdmin, Do: "Check whether more is ticked than the guide asks for, or run halocheck with an application that has admin rights.", Where: permissionsTab},
		Causes:  []probes.Cause{probes.OverPrivileged, probes.RateLimited, probes.ServerError},
		Given:   ExtraScopes,
		Judge:   func(p Privileges) probes.Verdict { return noteOthers(judgePrivileges(p), p, g) },
	}
}

// noteOthers names what the application has for another guide of the check alone: unticking it would break that one's integration, so
// that it is no finding, and the guides' contradiction is told by itself.
func noteOthers(v probes.Verdict, p Privileges, g *guide.Guide) probes.Verdict {
	own := g.ScopesToRequest()
	others := slices.DeleteFunc(slices.Clone(broad), func(name string) bool {
		yes, known := p.Grants(name)
		return name == allTeams || !yes || !known || !halo.HasScope(p.Wanted, name) || halo.HasScope(own, name)
	})
	if v.Status == probes.Passed && len(others) > 0 {
		v.Because += "; another guide of this check asks for " + permissionsNamed(others)
	}
	return v
}

func judgePrivileges(p Privileges) probes.Verdict {
	names, all := p.extras()
	switch {
	case len(names) > 0:
		return probes.Fail(probes.OverPrivileged, "the application also has "+permissionsNamed(names)).
			With(probes.Remedy{Who: probes.HaloAdmin, Do: "Untick " + permissionsNamed(names) + "; leave those of the guide ticked; save.", Where: permissionsTab})
	case p.allForAsking():
		return probes.CannotTell(probes.NotObserved, `the token endpoint grants "all", and HaloPSA may grant that to every application, limited to what is ticked; only an application with admin rights sees which permissions are ticked`)
	case all && p.Listed:
		return probes.Pass("the application's own list has nothing else"+shownBy(p.By), p.Listed)
	case all:
		return probes.Pass("asked for every other read:, edit:, admin and all scope that is known, the token endpoint grants none", p.Beyond.Scope)
	case p.Beyond.Page.Transient():
		return busy(p.Beyond)
	case p.narrow():
		return probes.CannotTell(probes.NotObserved, "the application has neither all, all:standard nor admin; only an application with admin rights sees the rest")
	}
	return probes.CannotTell(probes.NotObserved, "the token endpoint does not say which permissions it grants; only an application with admin rights sees them")
}

// busy is told of a token endpoint that answers 429 or with an error of the server.
func busy(r halo.TokenReply) probes.Verdict {
	if r.Page.Status == http.StatusTooManyRequests {
		return probes.CannotTell(probes.RateLimited, "the token endpoint answers 429 (too many requests)")
	}
	return probes.CannotTell(probes.ServerError, fmt.Sprintf("the token endpoint answers status %d", r.Page.Status))
}

// shownBy names the credentials that read the application's record, for the end of a finding: in older reports always the admin's.
func shownBy(by string) string { return " (" + cmp.Or(by, Record{SeenBy: halo.Admin}.By()) + ")" }

// permissionsNamed are permissions by their names: "all" without quotes would be read as every one of them.
func permissionsNamed(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	if len(names) == 1 {
		return "the permission named " + quoted[0]
	}
	return "the permissions named " + strings.Join(quoted, ", ")
}
