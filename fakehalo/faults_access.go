package fakehalo

import (
	"slices"
	"strings"
)

// without takes a scope from the application.
func without(scope string) Fault {
	id := strings.ReplaceAll(scope, ":", "-")
	return Fault{
		"no-scope-" + id, "The application lacks the permission " + scope + ".", "application.scope-" + id, "fail", "scope_not_granted",
		func(i *instance) {
			i.app.scopes = slices.DeleteFunc(i.app.scopes, func(s string) bool { return s == scope })
		},
	}
}

// grant gives the application more than the guide asks for.
func grant(scopes ...string) func(*instance) {
	return func(i *instance) { i.app.scopes = append(i.app.scopes, scopes...) }
}

func applicationFaults() []Fault {
	return append([]Fault{
		{"application-renamed", "The application has another name than the guide's.", "application.name", "fail", "name_differs", func(i *instance) { i.app.name = "Gradient" }},
		{"scopeless-token", "The application has no permission at all, so its token has no scope.", "application.scope-read-customers", "fail", "no_scope_in_token", func(i *instance) { i.app.scopes = nil }},
		{"unknown-scope", "This instance does not know the scope read:items.", "application.scope-read-items", "fail", "scope_unknown_name", func(i *instance) {
			i.scopes = slices.DeleteFunc(i.scopes, func(s string) bool { return s == "read:items" })
		}},
		{"over-privileged-all", "The application has the permission all.", "application.least-privilege", "fail", "over_privileged", grant("all")},
		{"over-privileged-admin", "The application has the permission admin.", "application.least-privilege", "fail", "over_privileged", grant("admin")},
		{"over-privileged-extra", "The application may edit customers, which the guide does not ask for.", "application.least-privilege", "fail", "over_privileged", grant("edit:customers")},
	}, scopeFaults()...)
}

func scopeFaults() []Fault {
	var out []Fault
	for _, scope := range guideScopes {
		out = append(out, without(scope))
	}
	return out
}

// level lowers one access level of the role.
func level(code string, step int) func(*instance) {
	return func(i *instance) { i.role.levels[code] = step }
}

// off switches one permission of the role off.
func off(code string) func(*instance) {
	return func(i *instance) { i.role.permissions[code] = false }
}

func roleFaults() []Fault {
	return []Fault{
		{"clients-no-access", "The role has no access to clients.", "role.clients-level", "fail", "level_too_low", level("Ux", 0)},
		{"clients-names-only", "The role sees only the names of clients.", "role.clients-level", "fail", "level_too_low", level("Ux", 1)},
		{"items-read-only", "The role may only read items.", "role.items-level", "fail", "level_too_low", level("Ix", 2)},
		{"contracts-read-only", "The role may only read client contracts.", "role.contracts-level", "fail", "level_too_low", level("Cx", 1)},
		{"invoices-read-only", "The role may only read invoices.", "role.invoices-level", "fail", "level_too_low", level("Xx", 1)},
		{"tickets-read-only", "The role may only read tickets.", "role.tickets-level", "fail", "level_too_low", level("Tx", 1)},
		{"no-add-tickets", "The role may not add tickets.", "role.add-tickets", "fail", "permission_off", off("l6")},
		{"no-edit-closed-tickets", "The role may not edit closed tickets.", "role.edit-closed-tickets", "fail", "permission_off", off("lf")},
		{"no-edit-others-tickets", "The role may not edit other agents' tickets.", "role.edit-others-tickets", "fail", "permission_off", off("le")},
		{"no-view-others-tickets", "The role may not view other agents' tickets.", "role.view-others-tickets", "fail", "permission_off", off("l8")},
		{"no-edit-advanced-details", "The role may not edit advanced ticket details.", "role.edit-advanced-details", "fail", "permission_off", off("l1")},
		{"restricted-ticket-types", "The role is restricted to some ticket types.", "role.all-ticket-types", "fail", "restricted_types", func(i *instance) {
			i.role.permissions["Ft"], i.role.types = false, []string{"Incident"}
		}},
		{"restricted-clients", "The role is restricted to some clients.", "role.all-clients", "fail", "restricted_clients", func(i *instance) {
			i.role.permissions["Fc"], i.role.clients = false, []string{"Acme Ltd"}
		}},
		{"claims-hidden", "The agent's record carries no claims.", "role.clients-level", "unknown", "claim_absent", func(i *instance) { i.agent.hideClaims = true }},
	}
}

func agentFaults() []Fault {
	return []Fault{
		{"agent-disabled", "The agent is disabled.", "agent.enabled", "fail", "agent_disabled", func(i *instance) { i.agent.disabled = true }},
		{"agent-not-api-only", "The agent is an ordinary one.", "agent.api-only", "fail", "not_api_only", func(i *instance) { i.agent.apiOnly = false }},
		{"agent-renamed", "The agent has another name than the guide's.", "agent.username", "fail", "name_differs", func(i *instance) { i.agent.name = "Integration" }},
		{"agent-other-role", "The agent has another role than the guide's.", "agent.role", "fail", "name_differs", func(i *instance) { i.role.name = "Technician" }},
		{"agent-default-team", "The agent has a default team.", "agent.default-team", "fail", "name_differs", func(i *instance) { i.agent.defaultTeam = "Service Desk" }},
		{"agent-other-hours", "The agent has other work hours than the guide's.", "agent.work-hours", "fail", "hours_differ", func(i *instance) { i.agent.workday = "Night Shift" }},
		{"agent-no-team", "The agent belongs to no team.", "agent.teams", "fail", "team_not_visible", func(i *instance) { i.agent.teams = nil }},
		{"team-missing", "The team that alerts go to does not exist.", "agent.teams", "fail", "team_not_found", func(i *instance) { i.wanted = []string{"Night Desk"} }},
	}
}
