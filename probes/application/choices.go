package application

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// anyOf is the requirement of a choice of scopes, of which one is enough, such as application.webhooks.
func anyOf(g *guide.Guide, row guide.AnyOf) probes.Check {
	names, id := strings.Join(row.Scopes, " or "), "application."+row.ID
	given := GrantedScopes
	if len(g.Application.Scopes) > 0 {
		given = scopesFor(g, id)
	}
	return &probes.Requirement[Scopes]{
		ID: id, Level: probes.LevelOf(row.Row, probes.Must), Profile: probes.ProfileOf(row.Row), SetUp: row.Phase == guide.Setup,
		Says: scopeSays(names), Source: labelled(probes.SourceOf(g, row.Row), names),
		Remedy:  probes.Remedy{Who: probes.HaloAdmin, Do: fmt.Sprintf("Enable %s on the application and save; one is enough.", names), Where: permissionsTab},
		FindOut: probes.Remedy{Who: probes.HaloAdmin, Do: fmt.Sprintf("Check whether %s is ticked on the application.", names), Where: permissionsTab},
		Causes:  []probes.Cause{probes.ScopeNotGranted, probes.ScopeUnknownName, probes.NoScopeInToken, probes.RateLimited, probes.ServerError},
		Given:   given,
		Judge:   func(s Scopes) probes.Verdict { return judgeAnyOf(s, row.Scopes) },
	}
}

// judgeAnyOf takes the best verdict of the choice. That none is there shows only where each was judged.
func judgeAnyOf(s Scopes, names []string) probes.Verdict {
	var failed []string
	var unsure *probes.Verdict
	for _, name := range names {
		switch v := judgeScope(s, name); v.Status {
		case probes.Passed:
			return v
		case probes.Failed:
			failed = append(failed, v.Because)
		default:
			unsure = &v
		}
	}
	switch {
	case unsure != nil:
		return *unsure
	case s.Empty():
		return probes.Fail(probes.NoScopeInToken, failed[0])
	}
	return probes.Fail(probes.ScopeNotGranted, strings.Join(failed, "; "))
}
