package role

import (
	"cmp"
	"slices"

	"github.com/halocheck/halocheck/probes/halo"
)

// mergeRecords fills in what an agent's short record leaves out from its fuller one. What both have stays as it was, so that
// what the token itself was shown is judged first.
func mergeRecords(a *halo.Agent, fuller halo.Agent) {
	a.Disabled = cmp.Or(a.Disabled, fuller.Disabled)
	a.APIOnly = cmp.Or(a.APIOnly, fuller.APIOnly)
	a.Admin = cmp.Or(a.Admin, fuller.Admin)
	a.Workday = cmp.Or(a.Workday, fuller.Workday)
	a.RoleList = cmp.Or(a.RoleList, fuller.RoleList)
	if !a.TeamSeen {
		a.Team, a.TeamSeen = fuller.Team, fuller.TeamSeen
	}
	if !a.Fields.Teams {
		a.Teams, a.Departments, a.Fields.Teams = fuller.Teams, fuller.Departments, fuller.Fields.Teams
	}
	if !a.Fields.Clients {
		a.Clients, a.Fields.Clients = fuller.Clients, fuller.Fields.Clients
	}
	if !a.Fields.TicketTypes {
		a.TicketTypes, a.Fields.TicketTypes = fuller.TicketTypes, fuller.Fields.TicketTypes
	}
	if len(a.Roles) == 0 {
		a.Roles, a.Fields.Roles = fuller.Roles, a.Fields.Roles || fuller.Fields.Roles
	}
	for i, role := range a.Roles {
		same := func(r halo.Role) bool { return r.ID == role.ID && r.ID != "" && r.ShowsClaims() }
		if at := slices.IndexFunc(fuller.Roles, same); at >= 0 && !role.ShowsClaims() {
			a.Roles[i] = fuller.Roles[at]
		}
	}
	if len(a.Claims) == 0 {
		a.Claims, a.Fields.Claims = fuller.Claims, a.Fields.Claims || fuller.Fields.Claims
	}
}
