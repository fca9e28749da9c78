package application

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

const leastSays = "The application has no permission beyond those that the guide asks for."

// leastPrivilege is application.least-privilege.
func leastPrivilege(g *guide.Guide) probes.Check {
	row := *g.Application.LeastPrivilege
	return &probes.Requirement[Privileges]{
		ID: "application.least-privilege", Level: LevelOf(row, probes.Should), Profile: ProfileOf(row), Says: leastSays, Source: SourceOf(g, row),
		Remedy: probes.Remedy{Who: probes.HaloAdmin, Do: "Untick what the guide does not ask for and save.", Where: permissionsTab},
		Causes: []probes.Cause{probes.OverPrivileged, probes.RateLimited, probes.ServerError},
		Given:  ExtraScopes,
		Judge:  judgePrivileges,
	}
}

func judgePrivileges(p Privileges) probes.Verdict {
	names, all := p.extras()
	switch {
	case len(names) > 0:
		return probes.Fail(probes.OverPrivileged, "the application also has "+strings.Join(names, ", ")).
			With(probes.Remedy{Who: probes.HaloAdmin, Do: "Untick " + strings.Join(names, ", ") + " and save.", Where: permissionsTab})
	case all && p.Listed:
		return probes.Pass("the application's own list has nothing else (seen with the admin credentials)")
	case all:
		return probes.Pass("asked for every other read:, edit:, admin and all scope that is known, the token endpoint grants none")
	case p.Beyond.Page.Status == http.StatusTooManyRequests:
		return probes.CannotTell(probes.RateLimited, "the token endpoint answers 429 (too many requests); ask again later")
	case p.Beyond.Page.Transient():
		return probes.CannotTell(probes.ServerError, fmt.Sprintf("the token endpoint answers status %d; ask again later", p.Beyond.Page.Status))
	case p.narrow():
		return probes.CannotTell(probes.NotObserved, "none of all, all:standard and admin is granted; whether a narrower one is granted beyond the guide's is shown to an application with admin rights only (--admin-client-id)")
	}
	return probes.CannotTell(probes.NotObserved, "the token endpoint names the scope of no token, so more may be granted than is asked for; an application with admin rights could tell (--admin-client-id)")
}
