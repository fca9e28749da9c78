package role

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// does is what a permission allows, for a sentence after "may".
func does(permission string) string {
	kind, _ := guide.PermissionNamed(permission)
	return kind.Does
}

func permissionSays(permission string) string { return "The role may " + does(permission) + "." }

// permission is the requirement of one permission, such as role.add-tickets.
func permission(g *guide.Guide, row guide.Permission) probes.Check {
	wants := "Yes"
	if row.AtLeast != "" {
		wants = strings.ToUpper(row.AtLeast[:1]) + row.AtLeast[1:]
	}
	do := fmt.Sprintf("Set %s to %s under Ticket Permissions and save.", labelOf(row.Row, row.Permission), wants)
	findOut := lookAt(labelOf(row.Row, row.Permission), wants)
	if row.Label == "" { // no source quotes one
		whose := guide.Whose(row.AtLeast)
		do = fmt.Sprintf("Let the role %s%s, and save.", does(row.Permission), whose)
		findOut.Do = fmt.Sprintf("Check whether the role may %s%s, or %s.", does(row.Permission), whose, withAdmin)
	}
	return &probes.Requirement[Permissions]{
		ID: "role." + row.ID, Level: probes.LevelOf(row.Row, probes.Must), Profile: probes.ProfileOf(row.Row), SetUp: row.Phase == guide.Setup,
		Says: permissionSays(row.Permission), Source: probes.SourceOf(g, row.Row),
		Remedy:  probes.Remedy{Who: probes.HaloAdmin, Do: do, Where: permissionsTab},
		FindOut: findOut,
		Causes:  []probes.Cause{probes.PermissionOff, probes.LevelTooLow, probes.ClaimAbsent, probes.RateLimited, probes.ServerError},
		Given:   EffectivePermissions,
		Judge:   func(r Permissions) probes.Verdict { return judgePermission(r, row.Permission, row.AtLeast) },
	}
}

// judgePermission: atLeast is the step that the guide asks for, of a permission that has steps; empty: any above none.
func judgePermission(r Permissions, permission, atLeast string) probes.Verdict {
	grants, code := r.Agent.EffectiveClaims(), halo.Code(permission)
	if from, ok := grants.Administrator(); ok {
		return probes.Pass(from+" is an administrator, which overrides permissions", from)
	}
	value, from, ok := grants.Highest(code)
	switch {
	case !ok:
		return r.absent(code, "whether it may "+does(permission), probes.PermissionOff, "the agent may not "+does(permission))
	case value > 0 && atLeast == guide.All && value < guide.AllValue(permission):
		if value > 1 {
			return probes.CannotTell(probes.ClaimAbsent, fmt.Sprintf("%s has %s = %d; no source tells what it allows", from, code, value))
		}
		return r.fail(code, probes.LevelTooLow, fmt.Sprintf("%s may %s of its own alone; the guide asks for those of everybody", from, does(permission)))
	case value > 0:
		return probes.Pass(fmt.Sprintf("%s may %s", from, does(permission)), from)
	}
	return r.fail(code, probes.PermissionOff, fmt.Sprintf("%s may not %s, and nothing else grants it", from, does(permission)))
}
