package role

import (
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// administrator is role.administrator: some guides want an administrator, and one forbids it.
func administrator(g *guide.Guide, row guide.Row) probes.Check {
	r := &probes.Requirement[Permissions]{
		ID: "role.administrator", Level: probes.LevelOf(row, probes.Must), Profile: probes.ProfileOf(row), SetUp: row.Phase == guide.Setup,
		Says: "The agent is an administrator.", Source: probes.SourceOf(g, row),
		Remedy: probes.Remedy{Who: probes.HaloAdmin, Do: "Give the agent a role that is an administrator, and save.", Where: permissionsTab},
		Causes: []probes.Cause{probes.NotAdministrator, probes.RateLimited, probes.ServerError},
		Given:  EffectivePermissions,
		Judge:  func(r Permissions) probes.Verdict { return judgeAdministrator(r, true) },
	}
	if row.Forbids() {
		r.Says, r.Remedy.Do = "The agent is no administrator.", "Take the administrator's rights away from the agent and its roles, and save."
		r.Causes[0] = probes.IsAdministrator
		r.Judge = func(r Permissions) probes.Verdict { return judgeAdministrator(r, false) }
	}
	return r
}

// judgeAdministrator: one role is enough to make an administrator; that there is none shows only where every role was read.
func judgeAdministrator(r Permissions, wanted bool) probes.Verdict {
	from, is := r.Agent.EffectiveClaims().Administrator()
	switch {
	case is && wanted:
		return probes.Pass(from+" is an administrator", from)
	case is:
		return probes.Fail(probes.IsAdministrator, from+" is an administrator")
	case !r.Complete() || r.Agent.Admin != nil && *r.Agent.Admin: // a field that no claim bears out settles nothing
		return r.cannotTell("nothing that is shown makes the agent an administrator")
	case wanted:
		return probes.Fail(probes.NotAdministrator, "neither the agent nor one of its roles is an administrator")
	}
	return probes.Pass("neither the agent nor one of its roles is an administrator", r.Complete())
}
