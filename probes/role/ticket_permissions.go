package role

import (
	"fmt"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/application"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// may is what each permission allows, for a sentence.
var may = map[string]string{
	"add-tickets":             "add new tickets",
	"edit-closed-tickets":     "edit closed tickets",
	"edit-others-tickets":     "edit tickets that are not assigned to it",
	"view-others-tickets":     "view tickets that are assigned to other agents",
	"edit-advanced-details":   "edit advanced ticket details",
	"view-unassigned-tickets": "view unassigned tickets",
	"reassign-tickets":        "re-assign tickets",
	"change-ticket-types":     "change a ticket's type",
	"remove-tickets":          "remove tickets",
}

func permissionSays(permission string) string { return "The role may " + may[permission] + "." }

// permission is the requirement of one yes/no permission, such as role.add-tickets.
func permission(g *guide.Guide, row guide.Permission) probes.Check {
	return &probes.Requirement[Permissions]{
		ID: "role." + row.ID, Level: application.LevelOf(row.Row, probes.Must), Profile: application.ProfileOf(row.Row),
		Says: permissionSays(row.Permission), Source: application.SourceOf(g, row.Row),
		Remedy: probes.Remedy{
			Who: probes.HaloAdmin, Do: fmt.Sprintf("Set %s to Yes under Ticket Permissions and save.", labelOf(row.Row, row.Permission)), Where: permissionsTab,
		},
		FindOut: lookAt(labelOf(row.Row, row.Permission), "Yes"),
		Causes:  []probes.Cause{probes.PermissionOff, probes.ClaimAbsent, probes.RateLimited, probes.ServerError},
		Given:   EffectivePermissions,
		Judge:   func(r Permissions) probes.Verdict { return judgePermission(r, row.Permission) },
	}
}

func judgePermission(r Permissions, permission string) probes.Verdict {
	grants, code := r.Agent.EffectiveClaims(), halo.Code(permission)
	if from, ok := grants.Administrator(); ok {
		return probes.Pass(from+" is an administrator, which overrides permissions", from)
	}
	value, from, ok := grants.Highest(code)
	switch {
	case !ok:
		return r.absent(code, "whether it may "+may[permission], probes.PermissionOff, "the agent may not "+may[permission])
	case value > 0:
		return probes.Pass(fmt.Sprintf("%s may %s", from, may[permission]), from)
	}
	return r.fail(code, probes.PermissionOff, fmt.Sprintf("%s may not %s, and nothing else grants it", from, may[permission]))
}
